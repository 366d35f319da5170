"""What has changed in the tables of a package since a release, as a small folder of files; and the tables with it applied.

A folder of changes holds `changes.json` and, for each table with changes, a CSV whose first column `change` is `added`,
`changed` or `removed`; a removed row has its key and its organisation alone, the others are whole. Rows are told apart by the primary key of
the table. Applied to the release the changes give the present tables: rows that stay keep their order, new ones follow.
"""

import csv
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from nok.packages.read import MAXIMUM_FIELD_CHARACTERS
from nok.packages.segments import Part, differing_rows
from nok.packages.write import RowWriter

CHANGES = "changes"
"""The folder of changes, beside those of the versions."""

RECORD = "changes.json"
ADDED, CHANGED, REMOVED = "added", "changed", "removed"
_SUMS = "SHA256SUMS"

Row = Mapping[str, str]


class DeltaFault(ValueError):
    """Changes that cannot be applied; the message is a clause without a final stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChanges:
    """Changes of one table: (change, row) in the order of the rows. `schema` is given where the release has another."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    rows: tuple[tuple[str, Row], ...]
    schema: Mapping[str, Any] | None = None

    def count(self, change: str) -> int:
        return sum(kind == change for kind, _ in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All changes of a package since the release `since`, whose list of checksums has the hash `since_sums`.

    `descriptor` are the package's own words where they are others now; `dropped` are tables that are no more;
    `withdrawn` are reviews that were published once and are withdrawn.
    """

    package: str
    since: str
    since_sums: str
    day: str
    tables: tuple[TableChanges, ...]
    dropped: tuple[str, ...] = ()
    withdrawn: tuple[Row, ...] = ()
    descriptor: Mapping[str, Any] | None = None


def key_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that tell rows of a table apart; all of them where the schema names none."""
    named = schema.get("primaryKey") or [field["name"] for field in schema["fields"]]
    return tuple([named] if isinstance(named, str) else named)


def changes_comment(package: str, since: str, folder: Path) -> str:
    """What is signed with the checksums of changes: the day keeps old ones from being shown as today's."""
    day = ""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        day = date.fromisoformat(json.loads((folder / RECORD).read_bytes())["day"]).isoformat()
    return f"nok package:{package} changes since:{since} day:{day}"


# ---- finding -------------------------------------------------------------------------------------------------------


def row_changes(
    old: Iterable[Row], new: Iterable[Row], key: Sequence[str], columns: Sequence[str]
) -> Iterator[tuple[str, Row]]:
    """(change, row) of what leads from `old` to `new`, which are in memory: the rows of one country never are."""
    before = {tuple(row.get(name, "") for name in key): row for row in old}
    for row in new:
        was = before.pop(tuple(row.get(name, "") for name in key), None)
        if was is None:
            yield ADDED, row
        elif any(was.get(name, "") != row.get(name, "") for name in columns):
            yield CHANGED, row
    for row in before.values():
        told = (*key, "organization_id") if "organization_id" in columns else key
        yield REMOVED, {name: row.get(name, "") for name in told}


def file_changes(
    old: Path | None, new: Path | None, key: Sequence[str], columns: Sequence[str]
) -> list[tuple[str, Row]]:
    """The same between two files, comma, which may be as large as they are; `None` is a table that is not there."""
    parts = [_part(file, key, columns) if file is not None else None for file in (old, new)]
    was, now = differing_rows(parts[0], parts[1], key)
    pairs = [[dict(zip(columns, row, strict=True)) for row in rows] for rows in (was, now)]
    return list(row_changes(pairs[0], pairs[1], key, columns))


def _part(file: Path, key: Sequence[str], columns: Sequence[str]) -> Part:
    return Part(file=file, delimiter=",", columns=tuple(columns), owner=key[0], identity=key[-1])


# ---- writing -------------------------------------------------------------------------------------------------------


def write_changes(folder: Path, changes: Changes, put: Callable[[Path, bytes], None]) -> list[str]:
    """Writes the files of `changes` into `folder` by `put`, which may leave alone what is there; their names."""
    contents = {f"{table.name}.csv": _csv(table) for table in changes.tables}
    contents[RECORD] = (json.dumps(_record(changes), ensure_ascii=False, indent=1) + "\n").encode()
    sums = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(contents.items()))
    contents[_SUMS] = "".join(sums).encode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        put(folder / name, content)
    return list(contents)


def _csv(table: TableChanges) -> bytes:
    import io

    buffer = io.StringIO(newline="")
    writer = RowWriter(buffer)
    writer.write(("change", *table.columns))
    for change, row in table.rows:
        writer.write([change, *(row.get(name, "") for name in table.columns)])
    return buffer.getvalue().encode()


def _record(changes: Changes) -> dict[str, Any]:
    tables = [
        {"name": table.name, "path": f"{table.name}.csv", "key": table.key, "columns": table.columns}
        | {change: table.count(change) for change in (ADDED, CHANGED, REMOVED)}
        | ({"schema": table.schema} if table.schema is not None else {})
        for table in changes.tables
    ]
    return {
        "package": changes.package,
        "since": changes.since,
        "since_sums": changes.since_sums,
        "day": changes.day,
        "resources": tables,
        "dropped": changes.dropped,
        "withdrawn": changes.withdrawn,
    } | ({"descriptor": changes.descriptor} if changes.descriptor is not None else {})


# ---- applying ------------------------------------------------------------------------------------------------------


def apply_delta(release: Path, delta: Path, out: Path) -> None:
    """Makes `out` the package of today: the `release` with the changes in the folder `delta`.

    Raises:
        DeltaFault: the changes are of another release, or are not as they are written here.
    """
    record = read_record(delta)
    if record["since_sums"] != _sums_of(release):
        raise DeltaFault("the changes are since another release than the one that is there")
    descriptor = _read_descriptor(release)
    tables = {table["name"]: table for table in record["resources"]}
    out.mkdir(parents=True)
    kept = [one for one in descriptor["resources"] if one["name"] not in record["dropped"]]
    known = {one["name"] for one in kept}
    new = [_new_resource(table) for name, table in tables.items() if name not in known]
    for resource in (*kept, *new):
        name = resource["name"]
        if name not in tables:
            _take(release / f"{name}.csv", out / f"{name}.csv")
            continue
        _apply_table(release / f"{name}.csv", delta, tables[name], out / f"{name}.csv")
        resource.update({"schema": tables[name].get("schema", resource["schema"])})
        resource.pop("hash", None), resource.pop("bytes", None)
    own = record.get("descriptor") or {key: value for key, value in descriptor.items() if key != "resources"}
    whole = own | {"resources": [*kept, *new]}
    (out / "datapackage.json").write_text(json.dumps(whole, ensure_ascii=False, indent=2) + "\n", "utf-8")


def read_record(delta: Path) -> dict[str, Any]:
    """`changes.json`.

    Raises:
        DeltaFault: it is not as it is written here.
    """
    fault = f"{RECORD} is not as a build writes it"
    try:
        record = json.loads((delta / RECORD).read_bytes())
        is_right = all(_is_table(one) and _are_texts(one["key"], one["columns"]) for one in record["resources"])
        is_right = is_right and all(set(one["key"]) <= {*one["columns"]} for one in record["resources"])
        is_right = is_right and _are_texts(record["dropped"]) and isinstance(record["withdrawn"], list)
        is_right = is_right and isinstance(record.get("descriptor", {}), dict) and isinstance(record["since_sums"], str)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DeltaFault(fault) from error
    if not is_right:
        raise DeltaFault(fault)
    return dict(record)


_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9._-]*")


def _is_table(one: Mapping[str, Any]) -> bool:
    """True for what may name a file: strangers write these, and a name must lead nowhere else."""
    name, schema = one["name"], one.get("schema", {})
    return (
        isinstance(name, str)
        and _NAME.fullmatch(name) is not None
        and one["path"] == f"{name}.csv"
        and isinstance(schema, dict)
    )


def _are_texts(*lists: object) -> bool:
    return all(isinstance(one, list) and all(isinstance(text, str) for text in one) for one in lists)


def _sums_of(release: Path) -> str:
    try:
        return hashlib.sha256((release / _SUMS).read_bytes()).hexdigest()
    except OSError as error:
        raise DeltaFault(f"the release has no {_SUMS}") from error


def _read_descriptor(release: Path) -> dict[str, Any]:
    fault = "datapackage.json of the release is not as a build writes it"
    try:
        found = json.loads((release / "datapackage.json").read_bytes())
        is_right = all(_is_table(one) and "schema" in one for one in found["resources"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DeltaFault(fault) from error
    if not is_right:
        raise DeltaFault(fault)
    return dict(found)


def _new_resource(table: Mapping[str, Any]) -> dict[str, Any]:
    if "schema" not in table:
        raise DeltaFault(f"{RECORD} gives no schema of {table['name']}, which the release does not have")
    return {name: table[name] for name in ("name", "path", "schema")}


def _take(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        if not source.is_file():
            raise DeltaFault(f"{source.name} of the release is not there") from None
        shutil.copyfile(source, target)


def _apply_table(released: Path, delta: Path, table: Mapping[str, Any], target: Path) -> None:
    key, columns = table["key"], table["columns"]
    there: dict[tuple[str, ...], Row] = {}
    removed: set[tuple[str, ...]] = set()
    for row in _rows(delta / table["path"], ("change", *columns)):
        place = tuple(row[name] for name in key)
        if row["change"] == REMOVED:
            removed.add(place)
        else:
            there[place] = row
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = RowWriter(stream)
        writer.write(columns)
        for row in _rows(released) if released.is_file() else ():
            place = tuple(row.get(name, "") for name in key)
            if place not in removed:
                now: Row = there.pop(place, row)
                writer.write([now.get(name, "") for name in columns])
        for come in there.values():
            writer.write([come[name] for name in columns])


def _rows(file: Path, header: Sequence[str] = ()) -> Iterator[dict[str, str]]:
    """The rows of a table, whose columns are those of `header` where one is given."""
    csv.field_size_limit(MAXIMUM_FIELD_CHARACTERS)
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            if header and reader.fieldnames != [*header]:
                raise DeltaFault(f"{file.name} has other columns than {RECORD} says")
            for row in reader:
                if None in row or None in row.values():
                    raise DeltaFault(f"{file.name} has a row that is too long or too short")
                yield row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DeltaFault(f"{file.name} cannot be read") from error
