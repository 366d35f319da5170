"""SHA-256 of files, remembered from run to run, so that gigabytes that nobody touched are not read again.

A remembered hash is found by path, size, times, inode and device. The time of change (ctime) cannot be set back by
hand, so a file whose mtime was restored after a change is noticed; and as git does for "racy" files, nothing is
remembered of a file that changed less than two seconds before it was hashed: within the grain of the clock it might
change once more and look the same.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

RACY_NS = 2_000_000_000
KEPT_RUNS = 20
"""A file that so many runs did not ask for is forgotten."""

_THREADS = 2
_FILE = "hashes.json"


class FileHashes:
    """Hashes of files; with a `memory` folder those of former runs are known."""

    def __init__(self, memory: Path | None = None) -> None:
        """A memory that cannot be read is empty."""
        self._memory = memory
        self._known: dict[str, list[Any]] = {}
        self._asked: set[str] = set()
        self._begun: dict[str, Future[str]] = {}
        if memory is not None:
            self._known = read_sealed(memory / _FILE) or {}

    def of(self, file: Path) -> str:
        """SHA-256 of the bytes of `file`, 64 hex digits.

        Raises:
            OSError: the file cannot be read.
        """
        path = os.path.realpath(file)
        begun = self._begun.pop(path, None)
        return begun.result() if begun is not None else self._of(path)

    def begin(self, files: Iterable[Path]) -> None:
        """Starts to hash `files`, two at a time, beside whatever else is done; `of` waits for its file."""
        threads = ThreadPoolExecutor(_THREADS)
        for path in map(os.path.realpath, files):
            self._begun[path] = threads.submit(self._of, path)
        threads.shutdown(wait=False)

    def stop(self) -> None:
        """Leaves the files that nobody waits for any more: a program that was stopped would go on reading them."""
        for begun in self._begun.values():
            begun.cancel()
        self._begun.clear()

    def _of(self, path: str) -> str:
        state = _state(path)
        self._asked.add(path)
        known = self._known.get(path)
        if known is not None and known[1] == state:
            return str(known[2])
        began = time.time_ns()
        with Path(path).open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if state == _state(path) and state[2] <= began - RACY_NS:
            self._known[path] = [0, state, found]
        return found

    def save(self) -> None:
        """Writes what is known for the next run; nothing without a memory folder."""
        if self._memory is None:
            return
        kept = {
            path: [0 if path in self._asked else entry[0] + 1, *entry[1:]]
            for path, entry in self._known.items()
            if path in self._asked or entry[0] < KEPT_RUNS
        }
        write_sealed(self._memory / _FILE, kept)


def read_sealed(file: Path) -> Any:
    """The JSON that `write_sealed` wrote; `None` where there is none or a single bit of it is not as it was."""
    with suppress(OSError, ValueError):
        seal, _, text = file.read_text("utf-8").partition("\n")
        if seal == hashlib.sha256(text.encode()).hexdigest():
            return json.loads(text)
    return None


def write_sealed(file: Path, content: Any) -> None:
    """Writes JSON with its checksum in one step, so that another run reads the old text or the new, never a half."""
    text = json.dumps(content, ensure_ascii=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    for begun in file.parent.glob("*.new"):
        if not _is_alive(begun.suffixes[-2][1:]):
            begun.unlink(missing_ok=True)  # a run was killed while it wrote
    put_beside(file, [f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}".encode()])


def put_beside(file: Path, pieces: Iterable[bytes]) -> None:
    """Writes a file of the memory, piece by piece, beside its place and puts it there at once."""
    write_beside(file, pieces).replace(file)


def write_beside(file: Path, pieces: Iterable[bytes]) -> Path:
    """The same without the last step; where it was written. Nobody else removes it while this process lives."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    with ExitStack() as failed:
        failed.callback(fresh.unlink, missing_ok=True)
        with fresh.open("wb") as stream:
            stream.writelines(pieces)
        failed.pop_all()
    return fresh


def _is_alive(process: str) -> bool:
    """True where a run with this number may still be writing."""
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _state(path: str) -> list[int]:
    """What changes whenever the bytes may have changed."""
    found = Path(path).stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev]
