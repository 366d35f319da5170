"""A package that comes as a ZIP: looked at before it is unpacked, so that nothing lands outside and nothing explodes."""

import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from nok.errors import Place, Problem, is_refusal
from nok.packages.read import DESCRIPTOR, Package, read_package

MAXIMUM_FILES = 10_000
MAXIMUM_BYTES = 8 * 1024**3
MAXIMUM_RATIO = 100
"""Unpacked to packed; honest CSV packs to a tenth."""

_CHUNK = 1024 * 1024


def unpack(archive: Path, folder: Path) -> tuple[Path | None, list[Problem]]:
    """Unpacks `archive` into `folder`; the folder of the package inside, or the reason why there is none.

    Raises:
        OSError: the disk is full or refuses.
    """
    where = Place(package=archive.name)
    try:
        with zipfile.ZipFile(archive) as opened:
            problem = _refusal(opened.infolist(), archive.stat().st_size, where)
            if problem is None:
                for entry in opened.infolist():
                    _extract(opened, entry, folder)
    except _DAMAGED as error:
        if is_refusal(error):
            raise  # a full disk says nothing of the archive
        problem = Problem(rule="archive-damaged", where=where, details={"reason": str(error) or type(error).__name__})
    if problem is not None:
        return None, [problem]
    inside = sorted(folder.rglob(DESCRIPTOR), key=lambda path: (len(path.parts), path))
    return (inside[0].parent if inside else folder), []


_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What a broken or an invented archive makes the standard library raise."""


def _refusal(entries: list[zipfile.ZipInfo], archive_bytes: int, where: Place) -> Problem | None:
    """Why the archive is not unpacked. Sizes are held against the archive itself, for entries may share their bytes."""
    if len(entries) > MAXIMUM_FILES:
        return Problem(
            rule="archive-files", where=where, value=str(len(entries)), details={"maximum": str(MAXIMUM_FILES)}
        )
    size = sum(entry.file_size for entry in entries)
    if size > MAXIMUM_BYTES or size > MAXIMUM_RATIO * max(archive_bytes, 1000):
        return Problem(rule="archive-bomb", where=where, value=str(size), details={"packed": str(archive_bytes)})
    names: set[str] = set()
    for entry in entries:
        rule = _entry_rule(entry, names)
        if rule:
            return Problem(rule=rule, where=where, value=entry.filename)
        names.add(entry.filename.casefold())
    return None


def _entry_rule(entry: zipfile.ZipInfo, before: set[str]) -> str:
    """The rule that an entry breaks, empty where it breaks none; `before` are names in small letters, for there are disks
    on which two cases of a name are one file."""
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.orig_filename or ":" in entry.filename:
        return "archive-name"
    if not entry.filename or not entry.filename.isprintable():
        return "archive-name"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "archive-link"
    if entry.flag_bits & 1:
        return "archive-locked"
    return "archive-repeated" if entry.filename.casefold() in before else ""


def _extract(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    if entry.is_dir():
        return
    target = folder / entry.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with opened.open(entry) as source, target.open("wb") as sink:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > entry.file_size:
                raise zipfile.BadZipFile(f"{entry.filename!r} is larger than it says")
            sink.write(chunk)


def open_packages(paths: Iterable[Path], scratch: Path) -> tuple[list[Package], list[Problem]]:
    """Packages at `paths`, each a folder or a ZIP; a ZIP is unpacked below `scratch`. Only what cannot be read is told."""
    packages: list[Package] = []
    problems: list[Problem] = []
    for number, path in enumerate(paths):
        folder: Path | None = path
        if path.is_file():
            folder, found = unpack(path, scratch / str(number) / path.stem)
            problems += found
        if folder is None:
            continue
        package, found = read_package(folder)
        problems += found
        if package is not None:
            packages.append(package)
    return packages, problems
