"""A slot while it is filled: what is stale is linked or handed out to be made, what was made is noted, what went is removed."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from nok.site.files import FileWriter
from nok.site.manifest import INDICATOR_LISTS_PER_GROUP, Manifest, Unit, Wanted, listing_of
from nok.site.output import Slot
from nok.site.pages import is_listed
from nok.site.progress import Profile, Progress
from nok.site.worker import Task

_UNITS_PER_TASK = (
    {"i": INDICATOR_LISTS_PER_GROUP, "x": 500, "w": 100}
    | dict.fromkeys("oaqbej", 50)
    | dict.fromkeys("nlg", 20)
    | dict.fromkeys("rsfzt", 10)
    | dict.fromkeys("kv", 5)
    | dict.fromkeys("mpc", 1)
)

SINGLES = tuple(Wanted(name=name, inputs="-") for name in ("static", "data", "pages", "aggregates", "sitemap", "build"))
"""Units that every build makes: they are few, or cheap to compare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The published site beside the slot: the folder that it lies in and its manifest."""

    folder: Path
    manifest: Manifest


class Filling:
    """The slot, its manifest, and how much was written and removed."""

    def __init__(
        self, slot: Slot, manifest: Manifest, published: Published | None, profile: Profile, *, is_fresh: bool
    ) -> None:
        """`is_fresh` says that the slot holds nothing yet."""
        self.slot, self.manifest, self.published, self.is_fresh = slot, manifest, published, is_fresh
        self._profile = profile
        self.written = self.removed = 0
        self.regions_of_other_pages: set[str] = set()
        """Regions of which a page that the sitemap names came or went."""
        self._taken: set[str] = set()
        self._left: set[str] = set()
        """Paths of pictures that organisations have now, and that organisations had: one may have gone to another."""

    def begin(self) -> None:
        """Marks the slot with all that was found stale so far."""
        self.slot.begin(chain(self.manifest.stale_names(), self.manifest.gone(), (unit.name for unit in SINGLES)))

    def tasks(self, progress: Progress, *, may_link: bool) -> Generator[Task]:
        """The stale units in tasks; those that the published site has as they are to be are linked on the way."""
        linking = FileWriter(self.slot.folder, is_fresh=False)
        published = self.published if may_link else None
        for group in self.manifest.stale_groups():
            units = []
            for wanted in group:
                twin = published.manifest.unit(wanted.name) if published else None
                if published and twin and twin.inputs == wanted.inputs:
                    self._link(linking, published.folder, twin)
                    progress.advance(1)
                else:
                    units.append(wanted)
            size = _UNITS_PER_TASK[group[0].kind]
            for first in range(0, len(units), size):
                piece = units[first : first + size]
                known = {} if self.is_fresh else {unit.name: unit.known for unit in self.manifest.units(piece)}
                yield Task(units=tuple(piece), known=known)

    def _link(self, writer: FileWriter, source: Path, twin: Unit) -> None:
        """Takes a unit over from the published site."""
        with self._profile.part("link"):
            before = self.manifest.unit(twin.name)
            writer.begin(before.known if before else {})
            for file in twin.files:
                writer.link(file.path, source / file.path, file.sha256)
            self.written += writer.end()[1]
            self.note([twin])

    def note(self, units: Sequence[Unit]) -> None:
        """Notes units that are now right; what they do not hold any more is removed."""
        for unit in units:
            before = None if self.is_fresh else self.manifest.unit(unit.name)
            old = before.known.keys() if before else set[str]()
            new = {file.path for file in unit.files}
            if unit.region_code not in self.regions_of_other_pages and any(map(is_listed, old ^ new)):
                self.regions_of_other_pages.add(unit.region_code)
            if unit.name.startswith("f/"):
                self._taken |= new
                self._left |= old - new
            elif gone := old - new:
                self.removed += self.slot.remove(sorted(gone))
        self.manifest.put(units)
        with self._profile.part("verify"):
            self.slot.check(units)

    def write_single(self, name: str, inputs: str, write: Callable[[], object], writer: FileWriter) -> None:
        """Has `write` make a unit that stands once."""
        with self._profile.part(name):
            before = self.manifest.unit(name)
            writer.begin(before.known if before else {})
            write()
            files, written = writer.end()
            self.written += written
            self.note([Unit(name=name, inputs=inputs, listing=listing_of(files))])

    def remove_gone(self) -> None:
        """Removes units that nothing stands for any more; a path that another unit has taken over stays."""
        gone = self.manifest.gone()
        units = [unit for name in gone if (unit := self.manifest.unit(name))]
        self.regions_of_other_pages |= {unit.region_code for unit in units if any(map(is_listed, unit.known))}
        paths = {path for unit in units for path in unit.known}
        self.manifest.drop(gone)
        self.removed += self.slot.remove(sorted((paths | self._left) - self._taken))

    def sweep(self) -> None:
        """After a crash, removes what nobody knows."""
        with self._profile.part("verify"):
            self.removed += self.slot.sweep(self.manifest)
