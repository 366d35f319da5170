"""The tables of a release as its other forms read them: exact CSV in, columns with the types of their Table Schema out.

A form is made from the released files alone, so that it says what they say, and can be made again from them when a
withdrawn review is taken out. An empty cell is a missing value in every form (`NULL`, `null`, no cell).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from nok.packages.segments import Part, frames

DEGREES = ("latitude", "longitude")
"""Numbers that are places: every form has them as binary floating point numbers, as maps do."""

DECIMALS = 10
"""The most decimals that a number of a package may have (`nok.packages.fields`)."""

_DECIMAL = pl.Decimal(22, DECIMALS)
"""Twelve digits before the point and ten behind: every number that a package may hold, exactly; the same type in every
release, so that a program that read one reads the next."""

_ENGINE_TYPES: Mapping[str, Any] = {
    "integer": pl.Int64(),
    "number": _DECIMAL,
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "year": pl.Int64(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A released table: its name, its exact CSV file, its fields as the Table Schema has them."""

    name: str
    title: str
    file: Path
    schema: Mapping[str, Any]
    delimiter: str = ","

    @property
    def fields(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.schema["fields"]
        return found

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(field["name"] for field in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedTables:
    """A release as its descriptor tells of it; `descriptor` has name, title, version, licences."""

    folder: Path
    descriptor: Mapping[str, Any]
    tables: tuple[Table, ...]

    @property
    def name(self) -> str:
        return str(self.descriptor["name"])

    @property
    def version(self) -> str:
        return str(self.descriptor["version"])

    @property
    def licence(self) -> tuple[str, str]:
        """(name, address) of the first licence; either may be empty."""
        found = self.descriptor.get("licenses") or [{}]
        first = found[0] if isinstance(found[0], dict) else {}
        return str(first.get("title") or first.get("name") or ""), str(first.get("path") or "")

    def table(self, name: str) -> Table | None:
        return next((table for table in self.tables if table.name == name), None)


def read_released(folder: Path) -> ReleasedTables:
    """The release whose `datapackage.json` and CSV files stand in `folder`."""
    descriptor = json.loads((folder / "datapackage.json").read_text("utf-8"))
    tables = tuple(
        Table(
            name=resource["name"],
            title=str(resource.get("title") or resource["name"]),
            file=folder / resource["path"],
            schema=resource["schema"],
        )
        for resource in descriptor["resources"]
    )
    return ReleasedTables(folder=folder, descriptor=descriptor, tables=tables)


def texts(table: Table, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
    """The cells as texts, some megabytes at a time; an empty text is a missing value."""
    taken = tuple(columns or table.columns)
    return frames(Part(file=table.file, delimiter=table.delimiter, columns=taken, owner=taken[0], identity=taken[0]))


def refers_within(table: Table, columns: Sequence[str], other: Table, keys: Sequence[str]) -> bool:
    """True where every filled reference of `table` is a key of `other`.

    Prints of 64 bits are compared instead of texts, which would keep in memory all that was read of the file. Of two million
    references to ten million keys one that leads nowhere is taken for one of them once in a million releases.
    """
    unknown = pl.concat([_NO_PRINTS, *_prints(table, columns)]).unique()
    for known in _many_at_once(_prints(other, keys)):
        unknown = unknown.filter(~unknown.is_in(known.implode()))
        if unknown.is_empty():
            break
    return unknown.is_empty()


_NO_PRINTS = pl.Series("print", dtype=pl.UInt64)
_PRINTS_AT_ONCE = 500_000


def _prints(table: Table, columns: Sequence[str]) -> Iterator[pl.Series]:
    """A number for each of the texts in `columns` that stand there, some megabytes at a time."""
    for batch in texts(table, columns):
        filled = batch.select(columns).filter(pl.all_horizontal(pl.all() != ""))
        yield filled.hash_rows().alias("print").unique()


def _many_at_once(batches: Iterator[pl.Series]) -> Iterator[pl.Series]:
    """Batches put together: to look for many at once is quicker."""
    group, rows = [_NO_PRINTS], 0
    for batch in batches:
        group.append(batch)
        rows += len(batch)
        if rows >= _PRINTS_AT_ONCE:
            yield pl.concat(group)
            group, rows = [_NO_PRINTS], 0
    yield pl.concat(group)


def typed(frame: pl.DataFrame, fields: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """The cells as values: identifiers stay texts, numbers are exact decimals, places floats."""
    return frame.select(_value(field, _engine_type(field)) for field in fields)


def as_json_has_it(frame: pl.DataFrame, fields: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """The cells as JSON Lines have them: points and marks stay the text that was published (`json_lines`)."""
    kept = ("number", "date", "year")
    return frame.select(
        _value(field, pl.String() if _is_text_in_json(field, kept) else _engine_type(field)) for field in fields
    )


def _is_text_in_json(field: Mapping[str, Any], kept: Sequence[str]) -> bool:
    return field.get("type") in kept and field["name"] not in DEGREES


def _engine_type(field: Mapping[str, Any]) -> Any:
    if field["name"] in DEGREES and field.get("type") == "number":
        return pl.Float64()
    return _ENGINE_TYPES.get(field.get("type", "string"), pl.String())


def engine_schema(fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Column to type, as `typed` gives them."""
    return {field["name"]: _engine_type(field) for field in fields}


def _value(field: Mapping[str, Any], kind: Any) -> pl.Expr:
    """A cell as a value of `kind`; the tables were checked, so that a cast that fails is our own fault and raises."""
    text = pl.col(field["name"])
    filled = pl.when(text != "").then(text)
    if kind == pl.String():
        return filled
    if kind == pl.Boolean():
        return filled == "true"
    return (filled.str.to_date("%Y-%m-%d") if kind == pl.Date() else filled.cast(kind)).alias(field["name"])
