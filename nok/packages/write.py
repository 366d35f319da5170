"""Reproducible writing of data packages: the same rows give the same bytes, on any machine and on any day.

Used by everything that makes a package: the demonstration, imports, the widget's export. Nothing half-written is ever
seen: all files are written beside their places first and renamed when the last of them is on the disk, the descriptor
at the end. Rows pass through a file, never through memory: which columns are filled is known only after the last row.
"""

import csv
import filecmp
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TextIO

from nok.errors import StorageError
from nok.packages.profile import PACKAGE_SCHEMA, RESOURCE_SCHEMA, profile_schema

DESCRIPTOR = "datapackage.json"
_BESIDE = ".new"
ROWS_PER_PART = 200_000
"""Above this a table is written in several files, so that an editor or a spreadsheet still opens each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One resource to write.

    `rows` map column to text; an absent or empty cell is a missing value. `extra_fields` are Table Schema fields beside
    the profile's; they travel into the downloads. `segment_of` gives the segment that a row belongs to: the table is then
    a file for each segment (`reviews-2026-02.csv`), all with the same `columns` (all of the schema where none are named),
    so that one row changes one file.
    """

    name: str
    rows: Iterable[Mapping[str, str]]
    extra_fields: tuple[Mapping[str, Any], ...] = ()
    rows_per_part: int = ROWS_PER_PART
    segment_of: Callable[[Mapping[str, str]], str] | None = None
    columns: tuple[str, ...] = ()


PICTURES = "photos"
"""The folder of a package that its pictures are written to."""


def write_package(
    folder: Path,
    descriptor: Mapping[str, Any],
    tables: Iterable[Table],
    pictures: Mapping[str, bytes | None] | Mapping[str, bytes | Path] | None = None,
) -> None:
    """Writes a data package of `tables` into `folder`, replacing the package that this function wrote there before.

    `descriptor` gives `name`, `title`, `version`, `licenses` and what else the package says of itself; `resources` are
    made here. Columns that are empty in every row are left out, save the required ones. `pictures` are files below
    `PICTURES` by their paths, as bytes, as what is to be copied, or `None` for one that stands there already; what else
    lies in that folder is removed. No `pictures` leave the folder alone.

    Raises:
        StorageError: the folder holds something that is not a data package, or the disk refuses. What was there is
            untouched, unless a rename fails: then the old descriptor's checksums show that the tables are not its own.
        ValueError: a row has a column that its table has not.
    """
    with _staging(folder) as staged:
        before = _files_of(folder)
        folder.mkdir(parents=True, exist_ok=True)
        resources = [_stage_table(folder, table, staged) for table in tables]
        for picture, content in (pictures or {}).items():
            if content is not None:
                _stage_picture(folder / picture, content, staged)
        _stage_descriptor(folder, {"$schema": PACKAGE_SCHEMA, **descriptor, "resources": resources}, staged)
    _remove(folder, before.difference(*map(_paths, resources)))
    if pictures is not None and (folder / PICTURES).is_dir():
        _clear_pictures(folder, set(pictures))


def replace_table(folder: Path, table: Table) -> None:
    """Writes one table of the package in `folder` anew (or adds it); the other tables and all else that the descriptor says
    stay as they are.

    Raises:
        StorageError, ValueError: as `write_package`.
    """
    with _staging(folder) as staged:
        before = _files_of(folder)
        descriptor = json.loads((folder / DESCRIPTOR).read_text("utf-8"))
        resources = descriptor["resources"]
        place = next((at for at, one in enumerate(resources) if one.get("name") == table.name), len(resources))
        former = {path for one in resources[place : place + 1] for path in _paths(one)} & before
        resources[place : place + 1] = [_stage_table(folder, table, staged)]
        _stage_descriptor(folder, descriptor, staged)
    _remove(folder, former.difference(_paths(resources[place])))


def _stage_picture(path: Path, content: bytes | Path, staged: list[Path]) -> None:
    """A picture beside its place, on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}{_BESIDE}")
    staged.append(beside)
    with beside.open("wb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            with content.open("rb") as source:
                shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())


def _clear_pictures(folder: Path, kept: set[str]) -> None:
    """Removes pictures that no table names any more: nobody may find in a package what it does not tell of."""
    for file in sorted((folder / PICTURES).rglob("*"), reverse=True):
        if file.is_dir():
            with suppress(OSError):
                file.rmdir()
        elif file.relative_to(folder).as_posix() not in kept:
            file.unlink()


def _files_of(folder: Path) -> set[str]:
    """The tables that the descriptor in `folder` names; only these may be removed."""
    if not folder.exists() or not any(folder.iterdir()):
        return set()
    try:
        old = json.loads((folder / DESCRIPTOR).read_text("utf-8"))
        paths = {path for resource in old["resources"] for path in _paths(resource)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError("folder-foreign", place=folder) from error
    return {path for path in paths if "/" not in path and path.endswith(".csv")}


def _paths(resource: Mapping[str, Any]) -> list[str]:
    path = resource["path"]
    return [path] if isinstance(path, str) else [str(part) for part in path]


# ---- tables --------------------------------------------------------------------------------------------------------


def _stage_table(folder: Path, table: Table, staged: list[Path]) -> dict[str, Any]:
    schema = profile_schema(table.name)
    known = {field["name"]: dict(field) for field in chain(schema["fields"], table.extra_fields)}
    stage = _stage_segments if table.segment_of else _stage_parts
    paths, columns = stage(folder, table, known, staged)
    own = {**schema, "fields": [known[column] for column in columns]}
    own["foreignKeys"] = [key for key in schema.get("foreignKeys", ()) if set(key["fields"]) <= set(columns)]
    if not own["foreignKeys"]:
        del own["foreignKeys"]
    return {
        "$schema": RESOURCE_SCHEMA,
        "name": table.name,
        "type": "table",
        "path": paths[0] if len(paths) == 1 else paths,
        "title": schema["title"],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": own,
    } | (_proof(staged[-1]) if len(paths) == 1 else {})


def _stage_parts(
    folder: Path, table: Table, known: Mapping[str, Mapping[str, Any]], staged: list[Path]
) -> tuple[list[str], list[str]]:
    """(files, columns) of a table in parts of so many rows each."""
    with TemporaryFile("w+", encoding="utf-8", dir=folder) as spool:
        count, filled = _spool(table, list(known), spool)
        required = {name for name, field in known.items() if field.get("constraints", {}).get("required")}
        columns = [name for name in known if name in filled | required]
        indexes = [list(known).index(name) for name in columns]
        spool.seek(0)
        rows = ([row[index] for index in indexes] for row in map(json.loads, spool))
        paths = []
        for suffix in _suffixes(count, table.rows_per_part):
            paths.append(f"{table.name}{suffix}.csv")
            with _staged(folder / paths[-1], staged) as file:
                _write_rows(file, columns, islice(rows, table.rows_per_part))
    return paths, columns


def _stage_segments(
    folder: Path, table: Table, known: Mapping[str, Mapping[str, Any]], staged: list[Path]
) -> tuple[list[str], list[str]]:
    """(files, columns) of a table in segments; an empty column is kept, or the first cell in it would touch every file."""
    columns = [name for name in known if not table.columns or name in table.columns]
    files: dict[str, RowWriter] = {}
    with ExitStack() as stack:
        for row in table.rows:
            if not row.keys() <= set(columns):
                raise ValueError(f"{table.name} has no column {sorted(row.keys() - set(columns))}")
            segment = table.segment_of(row) if table.segment_of else ""
            if segment not in files:
                file = stack.enter_context(_staged(folder / f"{table.name}-{segment}.csv", staged))
                files[segment] = RowWriter(file)
                files[segment].write(columns)
            files[segment].write([row.get(column, "") for column in columns])
    if not files:
        with _staged(folder / f"{table.name}.csv", staged) as file:
            _write_rows(file, columns, ())
    return [f"{table.name}-{segment}.csv" for segment in sorted(files)] or [f"{table.name}.csv"], columns


def _spool(table: Table, names: Sequence[str], spool: TextIO) -> tuple[int, set[str]]:
    """Writes every row to `spool` as a line with a cell for each of `names`; how many rows, and the filled columns."""
    count, filled, known = 0, set[str](), frozenset(names)
    for row in table.rows:
        count += 1
        if not row.keys() <= filled:
            filled.update(name for name, value in row.items() if value)
            if not filled <= known:
                raise ValueError(f"{table.name} has no column {sorted(filled - known)}")
        spool.write(json.dumps([row.get(name, "") for name in names]) + "\n")
    return count, filled


class RowWriter:
    """Exact CSV (RFC 4180, comma, LF), a row at a time."""

    def __init__(self, file: TextIO) -> None:
        self._plain = csv.writer(file, lineterminator="\n")
        self._quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def write(self, cells: Sequence[str]) -> None:
        # With "\n" at the ends of rows csv leaves a carriage return unquoted, and readers take it for a row's end.
        (self._quoted if any("\r" in cell for cell in cells) else self._plain).writerow(cells)


def exact_csv(rows: Sequence[Sequence[str]]) -> str:
    """The rows as `RowWriter` writes them, at once."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    text = buffer.getvalue()
    if "\r" in text:
        buffer.seek(0)
        buffer.truncate()
        writer = RowWriter(buffer)
        for row in rows:
            writer.write(row)
        return buffer.getvalue()
    return text


def _write_rows(file: TextIO, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    writer = RowWriter(file)
    for row in chain([columns], rows):
        writer.write(row)


def _suffixes(rows: int, rows_per_part: int) -> list[str]:
    if rows <= rows_per_part:
        return [""]
    return [f"-{number:04d}" for number in range(1, -(-rows // rows_per_part) + 1)]


def _proof(file: Path) -> dict[str, Any]:
    """Size and checksum, where the table is one file (Data Package v2 has none for several)."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"bytes": file.stat().st_size, "hash": f"sha256:{digest}"}


# ---- files ---------------------------------------------------------------------------------------------------------


@contextmanager
def _staged(path: Path, staged: list[Path]) -> Iterator[TextIO]:
    """A text file beside `path`, on the disk when the block ends; it takes its place by `_put`."""
    beside = path.with_name(f".{path.name}{_BESIDE}")
    staged.append(beside)
    with beside.open("w", encoding="utf-8", newline="") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _stage_descriptor(folder: Path, descriptor: Mapping[str, Any], staged: list[Path]) -> None:
    with _staged(folder / DESCRIPTOR, staged) as file:
        file.write(json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n")


@contextmanager
def _staging(folder: Path) -> Iterator[list[Path]]:
    """What is staged within takes its place together at the end, or none of it does."""
    staged: list[Path] = []
    try:
        yield staged
        while staged:
            _put(staged[0])
            staged.pop(0)
    except OSError as error:
        raise StorageError("package-unwritten", place=folder, reason=error.strerror or error) from error
    finally:
        for path in staged:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _remove(folder: Path, names: Iterable[str]) -> None:
    """Tables that the package no longer has."""
    try:
        for name in sorted(names):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError("table-unremoved", place=folder / name, reason=error.strerror or error) from error


def _put(beside: Path) -> None:
    """Puts a staged file in its place: a reader or a crash meets the old file or the new one, never a part.

    A file that would not change is left alone with its time, so that a copy or a build sees nothing new in it.
    """
    path = beside.with_name(beside.name.removeprefix(".").removesuffix(_BESIDE))
    if path.is_file() and filecmp.cmp(path, beside, shallow=False):
        beside.unlink()
    else:
        beside.replace(path)
