"""The release that is deployed: one slot of the output, read so that two releases can never be mixed.

A build that runs meanwhile never writes into the slot that is published, but two builds later it may be this one's turn.
So the link is followed once, and every file is known by its hash and by the file that stood there when it was read.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from nok.errors import BusyError, UsageError
from nok.site.deploy_plan import Content

_PIECE = 1 << 20


class SourceMoved(Exception):
    """A build has written into the slot while it was read: the deploy begins again with what is published now."""


class Stamp(NamedTuple):
    """Which file stands at a path: a build replaces files by rename, so another file has another inode or time."""

    inode: int
    modified_ns: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One published release: its slot, and path to content of every file below it."""

    folder: Path
    files: Mapping[str, Content]
    stamps: Mapping[str, Stamp]

    def pieces(self, path: str) -> Iterator[bytes]:
        """The bytes of a file, a megabyte at a time.

        Raises:
            SourceMoved: after the last piece, if they are not the bytes that this release had.
        """
        digest = hashlib.sha256()
        try:
            with (self.folder / path).open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    yield piece
        except FileNotFoundError as error:
            raise SourceMoved(path) from error
        if digest.hexdigest() != self.files[path].sha256:
            raise SourceMoved(path)

    def read(self, path: str) -> bytes:
        """The whole file. Raises `SourceMoved` like `pieces`."""
        return b"".join(self.pieces(path))

    def check(self, paths: Iterable[str]) -> None:
        """Raises `SourceMoved` where another file stands at one of `paths` than the one that was hashed."""
        for path in paths:
            try:
                stamp = _stamp((self.folder / path).lstat())
            except FileNotFoundError as error:
                raise SourceMoved(path) from error
            if stamp != self.stamps[path]:
                raise SourceMoved(path)


def read_release(output: Path) -> Release:
    """The release that `output/current` points at, every file hashed.

    Raises:
        UsageError: nothing is published there.
        SourceMoved: builds have overtaken the reading.
    """
    folder = published_slot(output)
    try:
        stamps = dict(_stamps(folder))
        files = {path: Content(_sha256(folder / path), stamp.size) for path, stamp in stamps.items()}
        is_still = dict(_stamps(folder)) == stamps
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceMoved(str(error.filename)) from error
    # While the slot is published nobody writes to it; so if it still is, and holds the same files, this is one release.
    if not is_still or published_slot(output) != folder:
        raise SourceMoved(str(folder))
    return Release(folder=folder, files=files, stamps=stamps)


def published_slot(output: Path) -> Path:
    """The folder that `output/current` stands for. Raises `UsageError` where nothing is published."""
    try:
        return (output / "current").resolve(strict=True)
    except OSError as error:
        raise UsageError("deploy-nothing", output=output) from error


@contextmanager
def only_deploy(output: Path) -> Iterator[int]:
    """Holds the output for one deploy; the descriptor that holds it, for programs that work for us to hold it too.

    Raises:
        BusyError: another deploy from this output is running, or a program that it started has not ended yet.
    """
    published_slot(output)
    handle = os.open(output, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise BusyError("deploy-running", place=output) from error
    try:
        yield handle
    finally:
        os.close(handle)


def _stamps(root: Path, below: str = "") -> Iterator[tuple[str, Stamp]]:
    """(path below `root`, stamp) of every file below the folder `below`, which is empty or ends with a slash."""
    with os.scandir(root / below) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False):
                yield from _stamps(root, f"{below}{entry.name}/")
            else:
                yield below + entry.name, _stamp(entry.stat(follow_symlinks=False))


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp(found.st_ino, found.st_mtime_ns, found.st_size)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
