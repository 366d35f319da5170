"""Writing the files of a slot: a file is only ever replaced by `rename`, and one that is already right is left alone."""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore
from typing import NamedTuple

from nok.errors import ConfigError, StorageError
from nok.render.twins import compressed, twins_of

LONGEST_PATH_BYTES = 180
"""Hosts and archives have limits; the longest address that our own rules allow is well below this one."""


class Written(NamedTuple):
    """One file of a slot: path below the root, SHA-256 in hex, size in bytes."""

    path: str
    sha256: str
    size: int


class FileWriter:
    """Writes the files of one slot, unit by unit: `begin` a unit, write its files, `end` it."""

    def __init__(self, folder: Path, *, is_fresh: bool, precompressed: Sequence[str] = ()) -> None:
        """`is_fresh` says that the slot holds nothing yet, so that nothing need be replaced; `precompressed` names the
        kinds of compressed twins (`gz`, `br`) that are written beside each text."""
        self._folder, self._precompressed = os.fspath(folder), precompressed
        self._is_fresh = is_fresh
        self._made: set[str] = set()
        self._known: Mapping[str, str] = {}
        self._files: list[Written] = []
        self._written = 0
        self.seconds = 0.0
        """How long writing has taken so far."""

    def begin(self, known: Mapping[str, str]) -> None:
        """Begins a unit; `known` are its files as they stand in the slot: path to SHA-256."""
        self._known, self._files, self._written = known, [], 0

    def end(self) -> tuple[tuple[Written, ...], int]:
        """(files of the unit, how many of them had to be written)."""
        return tuple(self._files), self._written

    def write(self, path: str, content: bytes) -> None:
        """Puts `content` at `path` below the slot.

        Raises:
            ConfigError: the address is too long for hosts.
            StorageError: the disk is full or refuses.
        """
        started = time.perf_counter()
        digest = hashlib.sha256(content).hexdigest()
        self._note(path, digest, len(content))
        if self._known.get(path) != digest:
            self._put(path, content)
        if self._precompressed:
            for twin in twins_of(path, len(content), self._precompressed):
                self._write_twin(twin, path, digest, content)
        self.seconds += time.perf_counter() - started

    def _write_twin(self, twin: str, path: str, digest: str, content: bytes) -> None:
        """The twin of a file that has not changed is left alone: compressing takes longer than all the rest."""
        known, full = self.known_hash(twin, path, digest), f"{self._folder}/{twin}"
        if known is not None and os.path.exists(full):
            self._note(twin, known, os.stat(full).st_size)
            return
        body = b"".join(compressed(twin, [content]))
        self._note(twin, hashlib.sha256(body).hexdigest(), len(body))
        self._put(twin, body)

    def known_hash(self, twin: str, path: str, sha256: str) -> str | None:
        """The hash of the twin that stands beside `path`; `None` where none does, or beside another content."""
        return self._known.get(twin) if self._known.get(path) == sha256 else None

    def _put(self, path: str, content: bytes) -> None:
        self._written += 1
        with tell_of_disk(path):
            full = self._make_room(path)
            if self._is_fresh:
                _write_new(full, content)
            else:
                _write_new(f"{full}.new", content)
                _replace(f"{full}.new", full)

    def link(self, path: str, source: Path, sha256: str) -> None:
        """Puts a hard link to `source`, whose hash is `sha256`, at `path`.

        Raises: as `write`.
        """
        with tell_of_disk(path):
            self._note(path, sha256, source.stat().st_size)
            if self._known.get(path) == sha256:
                return
            self._written += 1
            link_file(source, self._make_room(path))

    def keep(self, files: Iterable[Written]) -> None:
        """Says that these files of the unit are right as they stand."""
        self._files += files

    def _note(self, path: str, sha256: str, size: int) -> None:
        length = len(path) if path.isascii() else len(path.encode())
        if length > LONGEST_PATH_BYTES:
            raise ConfigError("address-long", path=path[:60], size=length, most=LONGEST_PATH_BYTES)
        self._files.append(Written(path, sha256, size))

    def _make_room(self, path: str) -> str:
        full = f"{self._folder}/{path}"
        folder = path.rpartition("/")[0]
        if folder not in self._made:
            os.makedirs(os.path.dirname(full), exist_ok=True)
            self._made.add(folder)
        return full


class tell_of_disk:  # noqa: N801 - reads as a word of the sentence it stands in
    """Turns what the system says of a file into the sentence of a `StorageError`; cheaper than a generator."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, OSError):
            raise StorageError("page-unwritten", place=self._path, reason=error.strerror) from error


def _write_new(path: str, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        written = os.write(handle, content)
        while written < len(content):  # the system may take less than it was given
            written += os.write(handle, memoryview(content)[written:])
    finally:
        os.close(handle)


def link_file(source: Path | str, full: str) -> None:
    """Puts a hard link to `source` at `full`, replacing what stands there at once."""
    with suppress(FileNotFoundError):
        os.unlink(f"{full}.new")
    os.link(source, f"{full}.new")
    _replace(f"{full}.new", full)
    with suppress(FileNotFoundError):
        os.unlink(f"{full}.new")  # `rename` does nothing where both names are one file already


def _replace(beside: str, full: str) -> None:
    """Puts `beside` at `full` at once; who waits for the end of the file that stood there is not we."""
    with _held(full):
        os.replace(beside, full)


def remove_files(paths: Iterable[str]) -> None:
    """Removes files; what is not there is no matter."""
    for path in paths:
        with _held(path), suppress(FileNotFoundError):
            os.unlink(path)


@contextmanager
def _held(path: str) -> Iterator[None]:
    """Holds the file at `path` open while its name goes, so that other threads can let go of it."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        yield
        return
    try:
        yield
    finally:
        _departing.take(handle)


class _Departing:
    """Files that have lost their last name. Where the disk is told of every block that becomes free (`discard`), letting
    go of one takes a millisecond, all of it waiting: several threads wait at the same time."""

    _THREADS = 8
    _AT_ONCE = 64

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(self._THREADS)  # they begin with the first file
        self._room = BoundedSemaphore(self._AT_ONCE)

    def take(self, handle: int) -> None:
        """Closes an open file, now or soon."""
        if os.fstat(handle).st_nlink:
            os.close(handle)
            return
        self._room.acquire()
        self._threads.submit(self._let_go, handle)

    def _let_go(self, handle: int) -> None:
        try:
            os.close(handle)
        finally:
            self._room.release()


_departing = _Departing()


def replace_file(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Puts `content` at `path` at once; `durable` waits until it is on disk."""
    replace_by_pieces(path, (content,), durable=durable)


def replace_by_pieces(path: Path, pieces: Iterable[bytes], *, durable: bool = False) -> None:
    """The same of a content that need not be in memory as a whole."""
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.writelines(pieces)
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
