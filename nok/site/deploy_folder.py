"""Deploying to a folder: another disk, a network folder, the document root of a web server on this machine."""

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from nok.site.deploy_plan import Content
from nok.site.deploy_source import Release

_BESIDE = "nokput"
"""What ends the name of a file that is being written; six characters, as rsync ends its own."""


class FolderTarget:
    """A folder in which a file is only ever replaced by rename, so that a reader meets it whole."""

    form = "files-1"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def select(self, files: Mapping[str, Content]) -> Mapping[str, Content]:
        """What of a release belongs here: all of it, compressed twins for the web server included."""
        return files

    def is_transformed(self, path: str) -> bool:
        """Files lie here as they were built."""
        return False

    def found(self) -> dict[str, int]:
        """Path to size in bytes of every file, ours or not; a link counts as a file and is not followed."""
        sizes = {}
        for place, folders, names in os.walk(self._folder, onerror=_raise):
            here = Path(place)
            links = [name for name in folders if (here / name).is_symlink()]
            below = here.relative_to(self._folder)
            for name in (*names, *links):
                sizes[(below / name).as_posix()] = (here / name).lstat().st_size
        return sizes

    def read(self, name: str) -> bytes:
        """The content of a small file of ours."""
        return (self._folder / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """Puts a small file of ours, everything before it being on disk."""
        os.sync()
        self._replace(name, [content])

    def put(self, release: Release, paths: Sequence[str]) -> Iterator[int]:
        """Puts the files of `paths`; yields how many are there so far."""
        for number, path in enumerate(paths, 1):
            self._replace(path, release.pieces(path))
            yield number

    def already(self, release: Release, paths: Collection[str]) -> set[str]:
        """Those of `paths` that hold the content of the release."""
        return {path for path in paths if _sha256(self._folder / path) == release.files[path].sha256}

    def remove(self, paths: Sequence[str]) -> None:
        """Removes files that may be gone already, and folders that are empty then."""
        for path in paths:
            (self._folder / path).unlink(missing_ok=True)
        for folder in sorted({PurePosixPath(path).parent for path in paths}, reverse=True):
            self._remove_empty(folder)

    def _replace(self, path: str, pieces: Iterator[bytes] | list[bytes]) -> None:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{_BESIDE}")
        with beside.open("wb") as file:
            file.writelines(pieces)
        beside.replace(target)

    def _remove_empty(self, folder: PurePosixPath) -> None:
        while folder.name:
            try:
                (self._folder / folder).rmdir()
            except OSError:
                return  # somebody's file is in it, or it is gone
            folder = folder.parent


def _raise(error: OSError) -> None:
    """`os.walk` would go past a folder that it may not read, and we should take its files for missing."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
