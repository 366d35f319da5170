"""What has been withdrawn goes from everything that is kept, not only from what is published.

Older slots are kept for a rollback. A review that its author took back, or whose text a moderator hid, must not come
back with one of them: the organisation's files are replaced there by those of the published release. Where that has
none (the organisation is gone, or stands in another region), they are removed; a slot whose manifest is lost goes whole.
So it is with a picture of an observer or of a review that is not released any more, with all that names it.
"""

import csv
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from nok import urls
from nok.packages.delta import CHANGES, REMOVED
from nok.packages.read import MAXIMUM_FIELD_CHARACTERS
from nok.site.files import FileWriter, replace_file
from nok.site.manifest import Manifest, Unit
from nok.site.output import Output, Slot

_REVIEWS = 3
"""The place of the digest of reviews and replies among the inputs of an organisation."""


class PurgedOf:
    """Remembers of which organisations that are published no more everything kept has been cleaned, so that it is looked
    through once. Whoever loses the file has it looked through again."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> set[str]:
        try:
            return set(json.loads(self._file.read_text("utf-8")))
        except (FileNotFoundError, ValueError):
            return set()

    def write(self, organizations: Collection[str]) -> None:
        if self.read() != set(organizations):
            replace_file(self._file, json.dumps(sorted(organizations)).encode())


def purge(
    output: Output, published: Slot, manifest: Manifest, withdrawn: Collection[str], withheld: Collection[str]
) -> int:
    """Brings kept slots in line with `published` where they hold what has been withdrawn; how many organisations.

    `withdrawn` are the reviews that are known to be withdrawn or hidden, `withheld` the organisations that are published
    no more since the last time.
    """
    going = _Going(withdrawn=withdrawn, withheld=withheld)
    return sum(_purge_slot(slot, published, manifest, going) for slot in output.other_slots(published))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Going:
    """Reviews, and organisations of which all reviews go."""

    withdrawn: Collection[str]
    withheld: Collection[str]


def _purge_slot(slot: Slot, published: Slot, manifest: Manifest, going: _Going) -> int:
    kept = slot.open()
    if kept is None:
        return _purge_unknown(slot, published)
    try:
        units = [unit for unit in _suspects(kept, manifest) if _holds_withdrawn(unit, slot.folder, published.folder)]
        gone = [unit.name for unit in _gone(kept, manifest, going) if _says(unit, slot.folder, going)]
        stale_data = _data_says_withdrawn(slot, published, kept, manifest)
        names = {unit.name for unit in units} | ({"data"} if stale_data else set())
        for name in (*_beside_lost_pictures(kept, manifest), *_told_of_regions(kept, [*names, *gone])):
            if manifest.unit(name) is not None:
                names.add(name)
            elif name not in gone:
                gone.append(name)
        if not names and not gone:
            return 0
        slot.begin([*names, *gone])
        for name in sorted(names):
            _take_over(name, slot, published, kept, manifest)
        for name in gone:
            _take_out(name, slot, kept)
        _outdate_sitemap(kept)
        kept.commit()
    finally:
        kept.close()
    slot.settle()
    return len(names) + len(gone)


def _purge_unknown(slot: Slot, published: Slot) -> int:
    """A slot of which nothing is known (its manifest is lost, or a crash left it half done) goes whole if it says what
    the published one does not; otherwise it is looked through before it is used."""
    for file in slot.folder.glob("o/**/*.json"):
        now = published.folder / file.relative_to(slot.folder)
        if _texts(file) - (_texts(now) if now.is_file() else set()):
            slot.discard()
            return 1
    for pictures in ("observed/*/*", "photos/*/*/*"):
        for picture in slot.folder.glob(pictures):
            if not (published.folder / picture.relative_to(slot.folder)).is_file():
                slot.discard()
                return 1
    return 0


def loses_pictures(before: Manifest, now: Manifest) -> bool:
    """True where a picture that stood in one release does not stand in the next."""
    return any(True for _ in _lost_pictures(before, now))


def _lost_pictures(before: Manifest, now: Manifest) -> Iterator[str]:
    """The name of every unit of pictures that has lost one."""
    for kind in _SHOWN_BY:
        for name, _ in before.inputs(f"{kind}/"):
            old, new = before.unit(name), now.unit(name)
            if old is not None and old.known.keys() - (new.known.keys() if new else set()):
                yield name


_SHOWN_BY = {"f": "feo", "z": "zo"}
"""Kind of a unit of pictures to those that show, name or link to them: itself, pages beside it, the organisation."""


def _beside_lost_pictures(kept: Manifest, manifest: Manifest) -> list[str]:
    """The units that show, name or link to a picture that is published no more, as far as the kept slot has them."""
    found: dict[str, None] = {}
    for name in list(_lost_pictures(kept, manifest)):
        own, _, place = name.partition("/")
        found.update(dict.fromkeys(f"{kind}/{place}" for kind in _SHOWN_BY[own]))
    return [name for name in found if kept.unit(name) is not None]


def _told_of_regions(kept: Manifest, organizations: Collection[str]) -> list[str]:
    """The units that repeat the reviews of a region, if one of its organisations goes or says less: feed and API."""
    regions = {name.split("/")[1] for name in organizations if name.startswith("o/")}
    feeds = [f"k/{region_code}" for region_code in sorted(regions)]
    lists = [name for region_code in sorted(regions) for name, _ in kept.inputs(f"v/{region_code}/reviews/")]
    return [name for name in (*feeds, *lists) if kept.unit(name) is not None]


def _outdate_sitemap(kept: Manifest) -> None:
    """Pages may have gone with what they said: the next build of this slot names those that are left."""
    unit = kept.unit("sitemap")
    if unit is not None:
        kept.put([replace(unit, inputs="-")])


def _gone(kept: Manifest, manifest: Manifest, going: _Going) -> Iterator[Unit]:
    """Organisations that do not stand at their place any more; looked for only where something was withdrawn."""
    for name, _ in kept.inputs("o/") if going.withdrawn or going.withheld else ():
        unit = kept.unit(name) if manifest.unit(name) is None else None
        if unit is not None:
            yield unit


def _says(unit: Unit, folder: Path, going: _Going) -> bool:
    """True where the data of an organisation have one of the reviews, or any where all of it go."""
    path = next(path for path in unit.known if path.endswith(".json"))
    is_withheld = unit.name.rpartition("/")[2] in going.withheld
    return any(is_withheld or review_id in going.withdrawn for _, review_id, _ in _texts(folder / path))


def _take_out(name: str, slot: Slot, kept: Manifest) -> None:
    """Removes a unit of the kept slot."""
    unit = kept.unit(name)
    if unit is not None:
        slot.remove(sorted(unit.known))
        kept.drop([name])


def _suspects(kept: Manifest, manifest: Manifest) -> Iterator[Unit]:
    """Organisations whose reviews are not those of the published release."""
    for name, inputs in kept.inputs("o/"):
        now = manifest.unit(name)
        if now is not None and now.inputs.split(" ")[_REVIEWS] != inputs.split(" ")[_REVIEWS]:
            unit = kept.unit(name)
            if unit is not None:
                yield unit


def _holds_withdrawn(unit: Unit, kept: Path, published: Path) -> bool:
    """True where the kept data of an organisation has a text of a review or reply that the published data lacks."""
    path = next(path for path in unit.known if path.endswith(".json"))
    return bool(_texts(kept / path) - _texts(published / path))


def _texts(file: Path) -> set[tuple[str, str, str]]:
    """(table, review, text or photograph) of all that people said of an organisation; a review without a text counts too."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except ValueError:
        return {("", "", "cut")}  # half a file: what it says cannot be told
    tables = ("reviews", "replies", "review_photos")  # the last is missing from what an earlier program wrote
    return {
        (table, row["review_id"], row.get("text", row.get("published_copy", "")))
        for table in tables
        for row in found.get(table, ())
    }


def _data_says_withdrawn(slot: Slot, published: Slot, kept: Manifest, manifest: Manifest) -> bool:
    """True where a release of the kept slot has been rewritten since, or the changes of a package that is published tell
    there what people said and those of the published slot do not."""
    old, now = kept.unit("data"), manifest.unit("data")
    if old is None or now is None:
        return False
    differing = [path for path, sha256 in old.known.items() if now.known.get(path, sha256) != sha256]
    if any(_RELEASE_FILE.fullmatch(path) for path in differing):
        return True
    packages = {found[1] for path in now.known if (found := _RELEASE_FILE.fullmatch(path))}
    told = (urls.data_file(name, CHANGES, table) for name in sorted(packages) for table in _SAID_IN_CHANGES)
    return any(path in old.known and _told(slot, path) - _told(published, path) for path in told)


_RELEASE_FILE = re.compile(rf"data/([^/]+)/(?!latest/|{CHANGES}/)[^/]+/.+")
"""A file of a release: it stays as it is but for what is withdrawn."""

_SAID_IN_CHANGES = ("reviews.csv", "replies.csv", "review_photos.csv", "observation_photos.csv")


def _told(slot: Slot, path: str) -> set[tuple[str, ...]]:
    """The rows of a table of changes that tell what somebody said or sent; of what is removed only the key stands there."""
    csv.field_size_limit(MAXIMUM_FIELD_CHARACTERS)
    try:
        with (slot.folder / path).open(encoding="utf-8", errors="replace", newline="") as stream:
            return {tuple(row) for row in csv.reader(stream) if row[:1] != [REMOVED]}
    except FileNotFoundError:
        return set()


def _take_over(name: str, slot: Slot, published: Slot, kept: Manifest, manifest: Manifest) -> None:
    """Replaces a unit of the kept slot by that of the published one."""
    old, now = kept.unit(name), manifest.unit(name)
    if old is None or now is None:
        return
    writer = FileWriter(slot.folder, is_fresh=False)
    writer.begin(old.known)
    for file in now.files:
        writer.link(file.path, published.folder / file.path, file.sha256)
    slot.remove(sorted(old.known.keys() - now.known.keys()))
    kept.put([now])
