"""Reproducible writing of data packages: the same rows give the same bytes, on any machine and on any day.

Used by everything that makes a package: the demonstration, imports, the widget's export. Nothing half-written is ever
seen: each file is written beside its place and renamed, the descriptor last.
"""

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from nok.errors import StorageError
from nok.packages.profile import PACKAGE_SCHEMA, RESOURCE_SCHEMA, field_names, profile_schema

ROWS_PER_PART = 200_000
"""Above this a table is written in several files, so that an editor or a spreadsheet still opens each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One resource to write.

    `rows` map column to text; an absent or empty cell is a missing value. `extra_fields` are Table Schema fields beside
    the profile's; they travel into the downloads.
    """

    name: str
    rows: Iterable[Mapping[str, str]]
    extra_fields: tuple[Mapping[str, Any], ...] = ()
    rows_per_part: int = ROWS_PER_PART


def write_package(folder: Path, descriptor: Mapping[str, Any], tables: Sequence[Table]) -> None:
    """Writes a data package of `tables` into `folder`, replacing the package that this function wrote there before.

    `descriptor` gives `name`, `title`, `version`, `licenses` and what else the package says of itself; `resources` are
    made here. Columns that are empty in every row are left out, save the required ones.

    Raises:
        StorageError: the folder holds something that is not a data package, or the disk refuses.
    """
    try:
        before = _files_of(folder)
        folder.mkdir(parents=True, exist_ok=True)
        resources = [_write_table(folder, table) for table in tables]
        whole = {"$schema": PACKAGE_SCHEMA, **descriptor, "resources": resources}
        _replace(folder / "datapackage.json", (json.dumps(whole, ensure_ascii=False, indent=2) + "\n").encode())
        written = {path for resource in resources for path in _paths(resource)}
        for name in sorted(before - written):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{folder}: the package could not be written: {error.strerror or error}.") from error


def _files_of(folder: Path) -> set[str]:
    """The tables that the descriptor in `folder` names; only these may be removed."""
    if not folder.exists() or not any(folder.iterdir()):
        return set()
    try:
        old = json.loads((folder / "datapackage.json").read_text("utf-8"))
        paths = {path for resource in old["resources"] for path in _paths(resource)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"{folder}: this folder holds something that is not a data package. "
            "Name an empty or a new folder. Nothing was written."
        ) from error
    return {path for path in paths if "/" not in path and path.endswith(".csv")}


def _paths(resource: Mapping[str, Any]) -> list[str]:
    path = resource["path"]
    return [path] if isinstance(path, str) else list(path)


def _write_table(folder: Path, table: Table) -> dict[str, Any]:
    schema = profile_schema(table.name)
    extra = [dict(field) for field in table.extra_fields]
    rows = [dict(row) for row in table.rows]
    columns = _columns(table.name, [field["name"] for field in extra], rows)
    paths = [
        _write_part(folder, f"{table.name}{suffix}.csv", columns, part)
        for suffix, part in _parts(rows, table.rows_per_part)
    ]
    known = {field["name"]: field for field in chain(schema["fields"], extra)}
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
    } | _proof(folder, paths)


def _proof(folder: Path, paths: Sequence[str]) -> dict[str, Any]:
    """Size and checksum, where the table is one file (Data Package v2 has none for several)."""
    if len(paths) != 1:
        return {}
    content = (folder / paths[0]).read_bytes()
    return {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}


def _columns(resource: str, extra: Sequence[str], rows: Sequence[Mapping[str, str]]) -> list[str]:
    required = {f["name"] for f in profile_schema(resource)["fields"] if f.get("constraints", {}).get("required")}
    filled = required.union(*({name for name, value in row.items() if value} for row in rows))
    unknown = filled - set(field_names(resource)) - set(extra)
    if unknown:
        raise ValueError(f"{resource} has no column {sorted(unknown)}")
    return [name for name in (*field_names(resource), *extra) if name in filled]


def _parts(rows: Sequence[Mapping[str, str]], size: int) -> Iterator[tuple[str, Iterable[Mapping[str, str]]]]:
    if len(rows) <= size:
        yield "", rows
        return
    iterator = iter(rows)
    for number in range(1, -(-len(rows) // size) + 1):
        yield f"-{number:04d}", islice(iterator, size)


def _write_part(folder: Path, name: str, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    _replace(folder / name, buffer.getvalue().encode())
    return name


def _replace(path: Path, content: bytes) -> None:
    """Puts `content` at `path` so that a reader or a crash meets the old file or the new one, never a part."""
    if path.exists() and path.read_bytes() == content:
        return
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
