"""A package that comes as a ZIP: looked at before it is unpacked, so that nothing lands outside and nothing explodes."""

import stat
import zipfile
from pathlib import Path, PurePosixPath

from nok.errors import Place, Problem
from nok.packages.read import DESCRIPTOR

MAXIMUM_FILES = 10_000
MAXIMUM_BYTES = 8 * 1024**3
MAXIMUM_RATIO = 100
"""Unpacked to packed; honest CSV packs to a tenth."""

_CHUNK = 1024 * 1024


def unpack(archive: Path, folder: Path) -> tuple[Path | None, list[Problem]]:
    """Unpacks `archive` into `folder`; the folder of the package inside, or the reason why there is none."""
    try:
        with zipfile.ZipFile(archive) as opened:
            reason = _refusal(opened.infolist())
            if reason is None:
                for entry in opened.infolist():
                    _extract(opened, entry, folder)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, _TooLarge) as error:
        reason = str(error) or type(error).__name__
    if reason is not None:
        return None, [Problem(rule="package-archive", where=Place(package=archive.name), details={"reason": reason})]
    inside = sorted(folder.rglob(DESCRIPTOR), key=lambda path: len(path.parts))
    return (inside[0].parent if inside else folder), []


class _TooLarge(Exception):
    """An entry holds more than it declared."""


def _refusal(entries: list[zipfile.ZipInfo]) -> str | None:
    if len(entries) > MAXIMUM_FILES:
        return f"{len(entries)} entries, at most {MAXIMUM_FILES} are read"
    size, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if size > MAXIMUM_BYTES or size > MAXIMUM_RATIO * max(packed, 1000):
        return f"{packed} bytes would become {size}"
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
            return f"the name {entry.filename!r} leads outside"
        if stat.S_ISLNK(entry.external_attr >> 16):
            return f"{entry.filename!r} is a link"
        if entry.flag_bits & 1:
            return f"{entry.filename!r} is locked with a password"
    return None


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
                raise _TooLarge(f"{entry.filename!r} is larger than it says")
            sink.write(chunk)
