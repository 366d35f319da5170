"""Where the site lands: slots that are filled beside the published one and switched to by a single rename.

`DIR/current` is a link to one of three slots. A build takes the slot that was published longest ago, brings it up to
date (a file is only ever replaced by `rename`, never written in place), and points `current` at it. A reader meets one
whole release or the next, a failed build leaves the published one untouched, and the cost follows the change.

What a slot holds is written in its manifest, which lies in the state folder beside the output. A slot that a crash left
half done is known by a mark and is repaired before it is used.
"""

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from nok.errors import BusyError, ConfigError, NokError, Said, StorageError, UsageError
from nok.site.files import remove_files, replace_by_pieces, replace_file, sync_folder
from nok.site.manifest import Manifest, Unit
from nok.storage import storage_errors

SLOTS = ("a", "b", "c")
FORMAT = "nok-output-1"
_RECORD = "releases.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One build that was published. `inputs` is the hash of all it was made from; `sequence` counts from 1."""

    build_id: str
    slot: str
    sequence: int
    inputs: str
    files: int
    day: str


# ---- the folder ----------------------------------------------------------------------------------------------------


class Output:
    """The output folder of one publication, held by one process at a time."""

    def __init__(self, folder: Path, state: Path) -> None:
        """Takes over `folder` (made if it is not there).

        Raises:
            UsageError: the folder is a system folder, or holds files that are not ours.
        """
        self.folder, self.state = folder, state
        self._unsettled = state / "unsettled"
        self.scratch = state / "scratch"
        """For files that are of no use after the build; there, empty, while the lock is held."""
        _refuse_foreign(folder)
        folder.mkdir(parents=True, exist_ok=True)
        state.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the folder and its state for one build, and clears away what a killed one left.

        Raises:
            BusyError: another build holds one of them. A killed build leaves no lock: the system lets go of it.
        """
        slots = self.folder / "slots"
        with self._hold(self.state / "lock", os.O_WRONLY | os.O_CREAT):
            if not (self.folder / _RECORD).exists():
                self._record([])  # the mark by which the folder is known as ours, even if this first build is killed
            slots.mkdir(exist_ok=True)
            with self._hold(slots, os.O_RDONLY):  # of two builds with states of their own, too, only one may write
                yield from self._use()

    def _use(self) -> Iterator[None]:
        self._tidy()
        self.scratch.mkdir()
        try:
            yield
        finally:
            shutil.rmtree(self.scratch, ignore_errors=True)

    @contextmanager
    def _hold(self, place: Path, flags: int) -> Iterator[None]:
        handle = os.open(place, flags, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BusyError("build-running", place=self.folder) from error
            yield
        finally:
            os.close(handle)

    def _tidy(self) -> None:
        """Removes what was being made when a build was killed; what is whole has another name."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        for name in SLOTS:
            shutil.rmtree(self.folder / "slots" / f".{name}.new", ignore_errors=True)
        for begun in (
            self.folder / f".{_RECORD}.new",
            self.folder / ".current.new",
            *self.state.glob(".unfinished-*.new"),
            *self.state.glob(".unsettled.new"),
        ):
            begun.unlink(missing_ok=True)

    def releases(self) -> list[Release]:
        """What was published, oldest first; only releases whose slot still holds them whole."""
        found = [Release(**release) for release in self._read().get("releases", ())]
        return [release for release in found if self.slot(release.slot).is_whole]

    def _read(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.folder / _RECORD).read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return found

    def current(self) -> Release | None:
        """The release that `current` points at."""
        slot = self._linked()
        return next((release for release in self.releases() if release.slot == slot), None)

    def _linked(self) -> str:
        """The name of the slot that `current` points at, whatever is known of it; empty where there is none."""
        with suppress(OSError):
            return Path(os.readlink(self.folder / "current")).name
        return ""

    def slot(self, name: str) -> "Slot":
        return Slot(name, self.folder / "slots" / name, self.state)

    def next_slot(self) -> "Slot":
        """The slot to be brought up to date: not the published one, and the one that was published longest ago."""
        held = {release.slot: release.sequence for release in self.releases()}
        free = [name for name in SLOTS if name != self._linked()]
        return self.slot(min(free, key=lambda slot: (held.get(slot, 0), slot)))

    def other_slots(self, published: "Slot") -> list["Slot"]:
        """Slots besides the published one that hold something: an earlier release, or what a crash left."""
        others = [self.slot(name) for name in SLOTS if name != published.name]
        return [slot for slot in others if slot.folder.exists()]

    def keep_addresses(self, address_shards: int) -> None:
        """Sees that addresses are formed as when the site was published first: they are printed on stands.

        Raises:
            ConfigError: `address_shards` has been changed since.
        """
        first = self._read().get("address_shards", address_shards)
        if first != address_shards:
            raise ConfigError("shards-changed", given=address_shards, place=self.folder, first=first)

    def publish(
        self, slot: "Slot", *, build_id: str, inputs: str, files: int, day: str, address_shards: int
    ) -> Release:
        """Records the release and switches `current` to its slot by one rename, everything being on disk before."""
        releases = self.releases()
        release = Release(
            build_id=build_id,
            slot=slot.name,
            sequence=max((old.sequence for old in releases), default=0) + 1,
            inputs=inputs,
            files=files,
            day=day,
        )
        kept = [old for old in releases if old.slot != slot.name]
        os.sync()
        # While the mark is there the slot counts as unfinished: the record never says of a slot what it does not hold.
        self._record([*kept, release], address_shards)
        slot.finish()
        replace_file(self._unsettled, b"", durable=True)
        self._switch(slot.name)
        return release

    @property
    def is_settled(self) -> bool:
        """Whether what was withdrawn with the published release has been taken out of what is kept besides it."""
        return not self._unsettled.exists()

    @contextmanager
    def settling(self) -> Iterator[None]:
        """The work on what is kept, after a release was published; if it is cut off, the next build does it again.

        Raises:
            StorageError: it failed; the sentence says that the new release is published.
            KeyboardInterrupt: it was stopped; likewise.
        """
        try:
            yield
        except (OSError, sqlite3.Error, MemoryError, NokError) as error:
            raise StorageError(
                "unsettled", cause=Said("memory") if isinstance(error, MemoryError) else error
            ) from error
        except KeyboardInterrupt as error:
            raise type(error)(Said("stopped-unsettled")) from error
        self._unsettled.unlink()

    def roll_back(self, build_id: str | None) -> Release:
        """Switches `current` to another release that a slot still holds: the one named, or the one before the present.

        Raises:
            UsageError: no slot holds such a release.
        """
        published, releases = self.current(), self.releases()
        others = [release for release in releases if published is None or release.slot != published.slot]
        if build_id is not None:
            found = [release for release in others if release.build_id == build_id]
        else:
            found = [release for release in others if published is None or release.sequence < published.sequence]
        if not found:
            kept = tuple(release.build_id for release in others)
            if build_id:
                raise UsageError("release-unknown", place=self.folder, wanted=build_id, kept=kept)
            raise UsageError("release-earlier", place=self.folder, kept=kept)
        self._switch(found[-1].slot)
        return found[-1]

    def _record(self, releases: list[Release], address_shards: int | None = None) -> None:
        found: dict[str, Any] = {"format": FORMAT, "releases": [asdict(release) for release in releases]}
        if address_shards is not None:
            found["address_shards"] = address_shards
        replace_file(self.folder / _RECORD, (json.dumps(found, indent=2) + "\n").encode(), durable=True)

    def _switch(self, name: str) -> None:
        beside = self.folder / ".current.new"
        beside.unlink(missing_ok=True)
        beside.symlink_to(Path("slots") / name)
        beside.replace(self.folder / "current")
        sync_folder(self.folder)


def _refuse_foreign(folder: Path) -> None:
    place = folder.resolve()
    if place in (Path("/"), Path.home(), Path.cwd()) or place in Path.cwd().parents:
        raise UsageError("output-not-own", place=folder)
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError("output-no-folder", place=folder)
    if not folder.exists() or not any(folder.iterdir()):
        return
    foreign = min((entry.name for entry in folder.iterdir() if not _is_beginning(entry)), default="")
    if foreign and not _is_ours(folder / _RECORD):
        raise UsageError("output-foreign", place=folder, foreign=foreign)


def _is_beginning(entry: Path) -> bool:
    """True for what a first build makes before it has put its mark there."""
    return entry.name == f".{_RECORD}.new"


def _is_ours(record: Path) -> bool:
    """True where `record` is the list of releases that every output folder of ours has."""
    try:
        return bool(json.loads(record.read_text("utf-8"))["format"] == FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return False


# ---- a slot --------------------------------------------------------------------------------------------------------

_EVERYTHING = "*"
_END = "end"


class Slot:
    """One copy of the whole site and its manifest.

    Before a build touches a slot it writes a mark that names the units it will touch; the mark goes when the slot is
    whole and on disk. A mark that is still there tells the next build what a crash may have left half done.
    """

    def __init__(self, name: str, folder: Path, state: Path) -> None:
        self.name, self.folder = name, folder
        self.manifest = state / f"units-{name}.sqlite"
        self._mark = state / f"unfinished-{name}"
        self.needs_sweeping = False
        """Whether files may lie here that the manifest does not know."""

    @property
    def is_unfinished(self) -> bool:
        return self._mark.exists()

    @property
    def is_whole(self) -> bool:
        return self.folder.is_dir() and not self.is_unfinished

    def open(self) -> Manifest | None:
        """The manifest of a slot that is whole; `None` where it is not, or where its manifest is lost."""
        if self.is_unfinished or not self.manifest.exists():
            return None
        return Manifest(self.manifest)

    def prepare(self, published: "Slot | None") -> Manifest:
        """Makes the slot ready to be brought up to date: new ones by hard links, unfinished ones repaired.

        Raises:
            StorageError: the disk is full or refuses.
        """
        with storage_errors(self.manifest):
            try:
                return self._prepare(published)
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorname not in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
                    raise
            self._forget()
            return self._prepare(published)

    def _prepare(self, published: "Slot | None") -> Manifest:
        suspects = self._suspects()
        if not self.folder.exists():
            self._forget()
            if published is not None and (source := published.open()) is not None:
                self._copy(published, source)
                return Manifest(self.manifest)
            self.folder.mkdir(parents=True)
            return Manifest(self.manifest)
        if suspects is None and not self.manifest.exists():
            suspects = [_EVERYTHING]  # what the program remembered is lost: what lies here is anybody's guess
        manifest = Manifest(self.manifest)
        if suspects is not None:
            self.needs_sweeping = True
            manifest.drop(self._spoilt(manifest) if _EVERYTHING in suspects else suspects)
            manifest.commit()
        return manifest

    def _forget(self) -> None:
        """Removes the manifest, and its journal, which would be played back into the next one."""
        for file in (self.manifest, self.manifest.with_name(f"{self.manifest.name}-journal")):
            file.unlink(missing_ok=True)

    def _suspects(self) -> list[str] | None:
        """The units that a crash may have left half done; `None` where there was none."""
        if not self._mark.exists():
            return None
        lines = self._mark.read_text("utf-8").split("\n")
        return lines[:-1] if lines[-1] == _END else [_EVERYTHING]

    def _spoilt(self, manifest: Manifest) -> list[str]:
        """Units one of whose files is not what the manifest says; every file is read."""
        return [
            unit.name
            for unit in manifest.all_units()
            if any(_hash(self.folder / file.path) != file.sha256 for file in unit.files)
        ]

    def _copy(self, published: "Slot", source: Manifest) -> None:
        """Fills the new slot with hard links to the published one."""
        source.close()
        beside = self.folder.with_name(f".{self.folder.name}.new")
        _link_tree(published.folder, beside)
        shutil.copyfile(published.manifest, self.manifest)
        beside.rename(self.folder)

    def begin(self, names: Iterable[str]) -> None:
        """Marks the slot: `names` are the units that will be touched from now on."""
        lines = (f"{name}\n".encode() for name in names)  # of a country nearly a million
        replace_by_pieces(self._mark, chain(lines, (_END.encode(),)), durable=True)

    def check(self, units: Iterable[Unit]) -> None:
        """Sees that the files of units are here with the sizes that they should have.

        Raises:
            StorageError: a file is missing or cut; the disk lost it, or somebody else changes the slot.
        """
        for unit in units:
            for file in unit.files:
                if _size(f"{self.folder}/{file.path}") != file.size:
                    raise StorageError("file-lost", place=f"{self.folder}/{file.path}")

    def remove(self, files: Iterable[str]) -> int:
        """Removes files of ours that no unit holds any more, empty folders included; how many."""
        gone = list(files)
        remove_files(f"{self.folder}/{path}" for path in gone)
        for folder in sorted({Path(path).parent for path in gone}, key=lambda path: -len(path.parts)):
            _remove_empty(self.folder, folder)
        return len(gone)

    def sweep(self, manifest: Manifest) -> int:
        """After a crash, removes every file that the manifest does not know; how many."""
        if not self.needs_sweeping:
            return 0
        known = set(manifest.paths())
        strays = [
            name
            for path in _files_below(self.folder)
            if (name := path.relative_to(self.folder).as_posix()) not in known
        ]
        return self.remove(strays)

    def discard(self) -> None:
        """Removes the slot and all that it holds; the mark stays, for the case that this is cut short."""
        self.begin([_EVERYTHING])
        shutil.rmtree(self.folder)
        self.manifest.unlink(missing_ok=True)

    def settle(self) -> None:
        """Waits until everything is on disk; then the slot is whole."""
        os.sync()
        self.finish()

    def finish(self) -> None:
        """The slot is whole and on disk: what the mark warned of is over."""
        self._mark.unlink(missing_ok=True)
        sync_folder(self._mark.parent)  # or a power cut could bring the mark back and put the published slot in doubt
        self.needs_sweeping = False


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return -1


def _hash(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def _remove_empty(root: Path, folder: Path) -> None:
    while folder != Path("."):
        try:
            (root / folder).rmdir()
        except OSError:
            return
        folder = folder.parent


def _files_below(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        for name in names:
            yield Path(place, name)


def _link_tree(source: Path, target: Path) -> None:
    for place, _, names in os.walk(source):
        to = target / Path(place).relative_to(source)
        to.mkdir(parents=True, exist_ok=True)
        for name in names:
            os.link(os.path.join(place, name), to / name)
