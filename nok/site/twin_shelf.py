"""Compressed twins of released data: made once, whatever the number of slots and places that a release stands at."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from nok.render.twins import compressed, twins_of
from nok.site.files import FileWriter, tell_of_disk

_PIECE_BYTES = 1 << 20


class TwinShelf:
    """Twins under the hashes of the files that they were made from, on the disk of the slots: they are linked there."""

    def __init__(self, folder: Path, kinds: Sequence[str]) -> None:
        """`kinds` are those asked for: `gz`, `br`."""
        self._folder, self._kinds = folder, kinds
        self._used: set[str] = set()

    def link(self, writer: FileWriter, path: str, source: Path, sha256: str) -> None:
        """Puts hard links to `source` and its twins at `path` and beside it.

        Raises:
            StorageError: the disk is full or refuses.
        """
        writer.link(path, source, sha256)
        for twin in twins_of(path, source.stat().st_size, self._kinds):
            name = f"{sha256}.{twin.rpartition('.')[2]}"
            self._used.add(name)
            file = self._folder / name
            if not file.exists():
                with tell_of_disk(twin):
                    self._make(file, twin, source)
            writer.link(twin, file, writer.known_hash(twin, path, sha256) or _hash(file))

    def clear(self) -> None:
        """Removes what was not linked since the shelf was opened: twins of releases that are gone or were rewritten."""
        if self._folder.is_dir():
            for file in self._folder.iterdir():
                if file.name not in self._used:
                    file.unlink()
            if not self._used:
                self._folder.rmdir()

    def _make(self, file: Path, twin: str, source: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f"{file.name}.new")
        with beside.open("wb") as target:
            target.writelines(compressed(twin, _pieces(source)))
        beside.replace(file)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE_BYTES):
            yield piece


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
