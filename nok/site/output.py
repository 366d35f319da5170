"""Where the site lands: slots that are filled beside the published one and switched to by a single rename.

`DIR/current` is a link to one of three slots. A build takes the slot that was published longest ago, brings it up to
date (a file is only ever replaced by `rename`, never written in place), and points `current` at it. A reader meets one
whole release or the next, a failed build leaves the published one untouched, and the cost follows the change.

What a slot holds is written in its manifest, which lies in the state folder beside the output. A slot that a crash left
half done is known by a mark and is repaired (its files are read and hashed again) before it is used.
"""

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from nok.errors import BusyError, StorageError, UsageError
from nok.warehouse_load import storage_errors

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


@dataclass(frozen=True, slots=True)
class Written:
    """One file of a slot: path below the root, SHA-256 in hex, size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a build did to its slot, in files."""

    written: int
    kept: int
    removed: int


# ---- the folder ----------------------------------------------------------------------------------------------------


class Output:
    """The output folder of one publication, held by one process at a time."""

    def __init__(self, folder: Path, state: Path) -> None:
        """Takes over `folder` (made if it is not there).

        Raises:
            UsageError: the folder is a system folder, or holds files that are not ours.
        """
        self.folder, self.state = folder, state
        _refuse_foreign(folder)
        folder.mkdir(parents=True, exist_ok=True)
        state.mkdir(parents=True, exist_ok=True)
        if not (folder / _RECORD).exists():
            self._record([])  # the mark by which the folder is known as ours, even after a first build that was killed

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the folder for one build.

        Raises:
            BusyError: another build holds it. A killed build leaves no lock: the system lets go of it.
        """
        with (self.state / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BusyError(f"Another build is writing to {self.folder}. Wait for it. Nothing was done.") from error
            yield

    def releases(self) -> list[Release]:
        """What was published, oldest first; only releases whose slot still holds them."""
        try:
            found = json.loads((self.folder / _RECORD).read_text("utf-8"))
        except FileNotFoundError:
            return []
        return [Release(**release) for release in found["releases"]]

    def current(self) -> Release | None:
        """The release that `current` points at."""
        with suppress(OSError):
            slot = Path(os.readlink(self.folder / "current")).name
            return next((release for release in self.releases() if release.slot == slot), None)
        return None

    def next_slot(self) -> "Slot":
        """A slot that is not published, made or repaired, ready to be brought up to date."""
        published = self.current()
        held = {release.slot: release.sequence for release in self.releases()}
        free = [name for name in SLOTS if published is None or name != published.slot]
        name = min(free, key=lambda slot: (held.get(slot, 0), slot))
        slot = Slot(name, self.folder / "slots" / name, self.state)
        slot.prepare(Slot(published.slot, self.folder / "slots" / published.slot, self.state) if published else None)
        return slot

    def publish(self, slot: "Slot", build_id: str, inputs: str, files: int, day: str) -> Release:
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
        slot.finish()
        self._record([*kept, release])
        self._switch(slot.name)
        return release

    def _record(self, releases: list[Release]) -> None:
        text = json.dumps({"format": FORMAT, "releases": [asdict(release) for release in releases]}, indent=2) + "\n"
        replace_file(self.folder / _RECORD, text.encode(), durable=True)

    def _switch(self, name: str) -> None:
        beside = self.folder / ".current.new"
        beside.unlink(missing_ok=True)
        beside.symlink_to(Path("slots") / name)
        beside.replace(self.folder / "current")
        sync_folder(self.folder)


def _refuse_foreign(folder: Path) -> None:
    place = folder.resolve()
    if place in (Path("/"), Path.home(), Path.cwd()) or place in Path.cwd().parents:
        raise UsageError(f"{folder} cannot be the output folder. Name a folder of its own. Nothing was removed.")
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is not a folder. Name a folder of its own for the output. Nothing was removed.")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not _is_ours(folder / _RECORD):
        foreign = min(entry.name for entry in folder.iterdir())
        raise UsageError(
            f"{folder} holds '{foreign}', which no build made. Name an empty or a new folder. Nothing was removed."
        )


def _is_ours(record: Path) -> bool:
    """True where `record` is the list of releases that every output folder of ours has."""
    try:
        return bool(json.loads(record.read_text("utf-8"))["format"] == FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return False


# ---- a slot --------------------------------------------------------------------------------------------------------


class Slot:
    """One copy of the whole site and its manifest."""

    def __init__(self, name: str, folder: Path, state: Path) -> None:
        self.name, self.folder = name, folder
        self.manifest = state / f"manifest-{name}.sqlite"
        self._mark = state / f"unfinished-{name}"

    def prepare(self, published: "Slot | None") -> None:
        """Makes the slot whole and its manifest true: new ones by hard links, unfinished ones by reading them."""
        with storage_errors(self.manifest):
            self._prepare(published)

    def _prepare(self, published: "Slot | None") -> None:
        if self._mark.exists() or (self.folder.exists() and not self.manifest.exists()):
            self._mark.touch()
            self._read_again()
            return
        self._mark.touch()
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            if published is not None:
                _link_tree(published.folder, self.folder)
                with closing(sqlite3.connect(published.manifest)) as source, closing(self._open()) as target:
                    source.backup(target)
                return
            with closing(self._open()) as base:
                _make_manifest(base)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.manifest, isolation_level=None)

    def _read_again(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.manifest.unlink(missing_ok=True)
        with closing(self._open()) as base:
            _make_manifest(base)
            base.execute("BEGIN")
            for path in _files_below(self.folder):
                if path.name.endswith(".new"):
                    path.unlink()
                    continue
                content = path.read_bytes()
                name = path.relative_to(self.folder).as_posix()
                base.execute(
                    "INSERT INTO files VALUES (?, ?, ?, 0)", (name, hashlib.sha256(content).hexdigest(), len(content))
                )
            base.execute("COMMIT")

    @contextmanager
    def update(self) -> Iterator["Manifest"]:
        """The manifest while files are being written; files that no one accounted for are removed at the end."""
        shutil.copyfile(self.manifest, self.snapshot)
        with storage_errors(self.manifest), closing(self._open()) as base:
            base.execute("PRAGMA synchronous=OFF")
            base.execute("PRAGMA journal_mode=OFF")
            base.execute("BEGIN")
            base.execute("UPDATE files SET seen = 0")
            manifest = Manifest(self.folder, base)
            yield manifest
            base.execute("COMMIT")
        self.snapshot.unlink()

    @property
    def snapshot(self) -> Path:
        """The manifest as it was before this build, for workers to read while the manifest itself is written."""
        return self.manifest.with_suffix(".before")

    def finish(self) -> None:
        """The slot is whole: what the mark warned of is over."""
        self._mark.unlink(missing_ok=True)


class Manifest:
    """What stands in a slot, while a build accounts for each of its files."""

    def __init__(self, folder: Path, base: sqlite3.Connection) -> None:
        self._folder, self._base = folder, base
        self._written = self._kept = 0

    def account(self, files: Iterable[Written], written: int) -> None:
        """Notes files that are now right in the slot; `written` of them had to be written.

        Raises:
            ValueError: two pages claim one path (compared without case, for such hosts).
        """
        rows = [(file.path, file.sha256, file.size) for file in files]
        for path, _, _ in rows:
            if self._base.execute("SELECT 1 FROM files WHERE path = ? AND seen = 1", (path,)).fetchone():
                raise ValueError(f"two pages claim the path {path}")
        self._base.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, 1)", rows)
        self._written += written
        self._kept += len(rows) - written

    def paths(self, ending: str) -> Iterator[str]:
        """Accounted paths with an ending, in order."""
        rows = self._base.execute(
            "SELECT path FROM files WHERE seen = 1 AND path LIKE ? ORDER BY path", (f"%{ending}",)
        )
        for (path,) in rows:
            yield path

    def remove_unaccounted(self) -> Change:
        """Removes what no page stands for any more, empty folders included; the counts of the whole build."""
        gone = [path for (path,) in self._base.execute("SELECT path FROM files WHERE seen = 0")]
        for path in gone:
            (self._folder / path).unlink(missing_ok=True)
        for folder in sorted({Path(path).parent for path in gone}, key=lambda path: -len(path.parts)):
            _remove_empty(self._folder, folder)
        self._base.execute("DELETE FROM files WHERE seen = 0")
        return Change(written=self._written, kept=self._kept, removed=len(gone))

    def totals(self) -> tuple[int, int]:
        """(files, bytes)."""
        files, size = self._base.execute("SELECT count(*), coalesce(sum(size), 0) FROM files").fetchone()
        return int(files), int(size)

    def missing(self) -> list[str]:
        """Accounted files that are not in the slot with their size: must be none before a switch."""
        rows = self._base.execute("SELECT path, size FROM files ORDER BY path")
        return [path for path, size in rows if _size(self._folder / path) != size]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _make_manifest(base: sqlite3.Connection) -> None:
    base.execute("CREATE TABLE files (path TEXT PRIMARY KEY COLLATE NOCASE, sha256 TEXT, size INTEGER, seen INTEGER)")


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
        to.mkdir(exist_ok=True)
        for name in names:
            os.link(os.path.join(place, name), to / name)


# ---- files ---------------------------------------------------------------------------------------------------------


class FileWriter:
    """Writes files of one slot; one that is already right is left alone. Use `take` to hand over what was done."""

    def __init__(self, folder: Path, snapshot: Path) -> None:
        """`snapshot` is the manifest of the slot as it was before this build."""
        self._folder = os.fspath(folder)
        self._base = sqlite3.connect(f"file:{snapshot}?mode=ro&immutable=1", uri=True)
        self._is_fresh = self._base.execute("SELECT 1 FROM files LIMIT 1").fetchone() is None
        self._made: set[str] = set()
        self._files: list[Written] = []
        self._written = 0

    def close(self) -> None:
        self._base.close()

    def take(self) -> tuple[list[Written], int]:
        """(files accounted for since the last call, how many of them had to be written)."""
        files, written = self._files, self._written
        self._files, self._written = [], 0
        return files, written

    def _known(self, path: str) -> str | None:
        if self._is_fresh:
            return None
        row = self._base.execute("SELECT sha256 FROM files WHERE path = ?", (path,)).fetchone()
        return row[0] if row else None

    def link(self, path: str, source: Path, sha256: str) -> None:
        """Puts a hard link to `source`, whose hash is `sha256`, at `path`."""
        self._files.append(Written(path, sha256, source.stat().st_size))
        if self._known(path) == sha256:
            return
        self._written += 1
        full = self._make_room(path)
        with suppress(FileNotFoundError):
            os.unlink(f"{full}.new")
        os.link(source, f"{full}.new")
        os.replace(f"{full}.new", full)

    def _make_room(self, path: str) -> str:
        full = f"{self._folder}/{path}"
        folder = os.path.dirname(full)
        if folder not in self._made:
            os.makedirs(folder, exist_ok=True)
            self._made.add(folder)
        return full

    def write(self, path: str, content: bytes) -> None:
        """Puts `content` at `path` below the slot.

        Raises:
            StorageError: the disk is full or refuses.
        """
        digest = hashlib.sha256(content).hexdigest()
        self._files.append(Written(path, digest, len(content)))
        known = self._known(path)
        if known == digest:
            return
        self._written += 1
        try:
            full = self._make_room(path)
            if self._is_fresh or (known is None and not os.path.lexists(full)):
                _write_new(full, content)
            else:
                _write_new(f"{full}.new", content)
                os.replace(f"{full}.new", full)
        except OSError as error:
            raise StorageError(
                f"{path}: could not be written: {error.strerror}. The published site is as it was."
            ) from error


def _write_new(path: str, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
    finally:
        os.close(handle)


def replace_file(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Puts `content` at `path` at once; `durable` waits until it is on disk."""
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    beside.replace(path)
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
