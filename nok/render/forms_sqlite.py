"""SQLite: the whole release in one file that opens in Datasette, with keys, indexes and full-text search; its metadata.

The same rows give the same bytes with one version of SQLite: rows go in as they stand, and nothing is ever taken out.
"""

import csv
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from nok.packages.read import MAXIMUM_FIELD_CHARACTERS
from nok.render.forms_tables import ReleasedTables, Table, refers_within

_TYPES: Mapping[str, str] = {"integer": "INTEGER", "year": "INTEGER", "boolean": "INTEGER", "number": "NUMERIC"}
"""All else is text. NUMERIC keeps every number whose digits are fewer than sixteen to the last of them."""

SEARCHED: Mapping[str, tuple[str, ...]] = {
    "organizations": ("name", "short_name", "municipality", "address"),
    "reviews": ("text",),
    "replies": ("text",),
    "recommendations": ("text",),
    "plan_measures": ("shortcoming", "action"),
}
"""What the full-text index of a table holds; `<table>_fts` is its name, which Datasette finds by itself."""

INDEXED: Mapping[str, tuple[str, ...]] = {
    "organizations": ("region_code", "sphere", "inn"),
    "reviews": ("received_on",),
}
"""Columns that are asked for besides keys and references, which always have an index."""

Reference = tuple[tuple[str, ...], Table, tuple[str, ...]]
"""Columns, the table that they point to, its columns."""

_CACHE_KIB = 65_536
"""Indexes are sorted in as much again. With twice as much the file of 100,000 organisations was made no sooner."""
_ROWS_AT_ONCE = 20_000


def write_sqlite(release: ReleasedTables, target: Path) -> int:
    """Writes all tables of `release` to the new file `target`; how many rows there are."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(target, isolation_level=None)) as store:
        for setting in ("page_size = 4096", "journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
            store.execute(f"PRAGMA {setting}")
        store.execute("BEGIN")
        rows = 0
        for table in release.tables:
            store.execute(_create(table, [key for key in _references(table, release) if refers_within(table, *key)]))
            rows += _fill(store, table)
        for table in release.tables:
            _index(store, table)
            _make_searchable(store, table)
        store.execute("COMMIT")
    return rows


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(_quoted, names))


def _create(table: Table, references: Sequence[Reference]) -> str:
    lines = [
        f"{_quoted(field['name'])} {_TYPES.get(field.get('type', ''), 'TEXT')}"
        + (" NOT NULL" if field.get("constraints", {}).get("required") else "")
        for field in table.fields
    ]
    if table.schema.get("primaryKey"):
        lines.append(f"PRIMARY KEY ({_listed(table.schema['primaryKey'])})")
    lines += [
        f"FOREIGN KEY ({_listed(own)}) REFERENCES {_quoted(other.name)} ({_listed(theirs)})"
        for own, other, theirs in references
    ]
    is_its_key = table.schema.get("primaryKey") and not _searched(table)  # a full-text index needs numbered rows
    return (
        f"CREATE TABLE {_quoted(table.name)} (\n  " + ",\n  ".join(lines) + "\n)" + " WITHOUT ROWID" * bool(is_its_key)
    )


def _fill(store: sqlite3.Connection, table: Table) -> int:
    places = ", ".join(_place(field) for field in table.fields)
    insert = f"INSERT INTO {_quoted(table.name)} VALUES ({places})"
    rows = 0
    csv.field_size_limit(MAXIMUM_FIELD_CHARACTERS)
    with table.file.open(encoding="utf-8", newline="") as stream:
        cells = csv.reader(stream)
        next(cells)
        while batch := list(islice(cells, _ROWS_AT_ONCE)):
            store.executemany(insert, batch)
            rows += len(batch)
    return rows


def _place(field: Mapping[str, Any]) -> str:
    """An empty cell is NULL; a truth is 1 or 0."""
    return "CASE ? WHEN 'true' THEN 1 WHEN 'false' THEN 0 END" if field.get("type") == "boolean" else "nullif(?, '')"


def _index(store: sqlite3.Connection, table: Table) -> None:
    """An index for each reference and for what is asked for, unless the key begins with it."""
    first = (table.schema.get("primaryKey") or [""])[0]
    referring = [key["fields"][0] for key in table.schema.get("foreignKeys", []) if len(key["fields"]) == 1]
    wanted = dict.fromkeys([*referring, *INDEXED.get(table.name, ())])
    for column in wanted:
        if column in table.columns and column != first:
            store.execute(
                f"CREATE INDEX {_quoted(f'{table.name}_{column}')} ON {_quoted(table.name)} ({_quoted(column)})"
            )


def _searched(table: Table) -> list[str]:
    return [name for name in SEARCHED.get(table.name, ()) if name in table.columns]


def _make_searchable(store: sqlite3.Connection, table: Table) -> None:
    """A full-text index that holds words only: the texts stay in the table."""
    columns = _searched(table)
    if not columns:
        return
    name = f"{table.name}_fts"
    store.execute(
        f"CREATE VIRTUAL TABLE {_quoted(name)} USING fts5({_listed(columns)}, content={_quoted(table.name)}, "
        "tokenize='unicode61 remove_diacritics 0')"
    )
    store.execute(f"INSERT INTO {_quoted(name)} ({_quoted(name)}) VALUES ('rebuild')")


def _references(table: Table, release: ReleasedTables) -> Iterator[Reference]:
    """The references to keys of tables of this very release.

    References hold over all packages of a publication; one of which a row points into another package would make the file
    look broken, and is not declared (`refers_within`).
    """
    for key in table.schema.get("foreignKeys", []):
        other = release.table(key["reference"].get("resource") or table.name)
        own, theirs = tuple(key["fields"]), tuple(key["reference"]["fields"])
        if other is not None and tuple(other.schema.get("primaryKey") or ()) == theirs and {*own} <= {*table.columns}:
            yield own, other, theirs


# ---- what Datasette says of it --------------------------------------------------------------------------------------


def datasette_metadata(release: ReleasedTables, columns: Mapping[str, Mapping[str, str]]) -> str:
    """`metadata.json` of Datasette: titles, licence, what each column says (table to column to description)."""
    licence, address = release.licence
    about = {"title": str(release.descriptor["title"]), "license": licence, "license_url": address}
    tables = {table.name: {"title": table.title, "columns": dict(columns[table.name])} for table in release.tables}
    said = str(release.descriptor.get("description") or "")
    found = {**about, "description": said, "databases": {release.name: {**about, "tables": tables}}}
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
