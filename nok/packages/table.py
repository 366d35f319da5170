"""Whether a table follows its Table Schema, cell by cell, with the exact place of every fault.

The reader is generated from the schema: for each column a chain of small checks, with our own lexical patterns, because
engine casts are lenient (` 4`, `1_0`, `٣`, `2024-1-5`, NaN pass elsewhere). It streams: memory holds the keys of the
table and the faults, never the rows. Encoding is UTF-8 by decree, never guessed.
"""

import csv
import difflib
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from nok.errors import Place, Problem, Severity
from nok.packages.read import MAXIMUM_FIELD_CHARACTERS, Resource

MAXIMUM_PROBLEMS = 10_000
"""A table with more faults than this is wrong as a whole; the rest are not listed."""

NOT_BOUND_BY_TODAY = frozenset({"due_on"})
"""Dates that may lie ahead."""

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_NUMBER = re.compile(r"(?!-0(?:\.0*)?$)-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,10})?")
_DATE = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_YEAR = re.compile(r"[12][0-9]{3}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
_MEMORY = 4096
"""How many right values of a column are remembered, so that a repeated one is not checked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault inside one row; the scanner adds the place. An empty `column` is the row as a whole."""

    column: str
    rule: str
    value: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    severity: Severity = Severity.ERROR


Check = Callable[[str], tuple[str, dict[str, str]] | None]
"""A cell in; `None` where it is right, else the rule it breaks and the details."""

RowCheck = Callable[[Mapping[str, str]], Iterable[Fault]]
"""A whole row (column to text) in; what the profile knows beyond single cells out."""


# ---- checks of one cell --------------------------------------------------------------------------------------------


def compile_field(described: Mapping[str, Any], today: date) -> Check:
    """The check of one column, generated from its Table Schema field."""
    constraints = described.get("constraints", {})
    checks = [*_type_checks(described, today), *_constraint_checks(described, constraints)]
    required = constraints.get("required") is True

    def check(value: str) -> tuple[str, dict[str, str]] | None:
        if value == "":
            return ("required", {}) if required else None
        for one in checks:
            fault = one(value)
            if fault is not None:
                return fault
        return None

    return check


def _type_checks(described: Mapping[str, Any], today: date) -> list[Check]:
    kind = described.get("type", "string")
    if kind == "date":
        return [_date_check(today if described["name"] not in NOT_BOUND_BY_TODAY else None)]
    patterns = {"integer": _INTEGER, "number": _NUMBER, "boolean": re.compile("true|false"), "year": _YEAR}
    if kind not in patterns:
        return []
    pattern, rule = patterns[kind], f"type-{'integer' if kind == 'year' else kind}"
    return [lambda value: None if pattern.fullmatch(value) else (rule, {})]


def _date_check(latest: date | None) -> Check:
    def check(value: str) -> tuple[str, dict[str, str]] | None:
        try:
            day = date.fromisoformat(value) if _DATE.fullmatch(value) else None
        except ValueError:
            day = None
        if day is None:
            return "type-date", {}
        if latest is not None and day > latest:
            return "future-date", {"today": latest.isoformat()}
        return None

    return check


def _constraint_checks(described: Mapping[str, Any], constraints: Mapping[str, Any]) -> Iterator[Check]:
    if "enum" in constraints:
        yield _enum_check([str(value) for value in constraints["enum"]])
    if "pattern" in constraints:
        pattern = constraints["pattern"]
        matches = re.compile(pattern).fullmatch
        yield lambda value: None if matches(value) else ("pattern", {"expected": pattern})
    if described.get("type") in ("integer", "number"):
        yield from _range_checks(constraints)
    if "maxLength" in constraints:
        longest = int(constraints["maxLength"])
        yield lambda value: None if len(value) <= longest else ("max-length", {"expected": str(longest)})
    if "minLength" in constraints:
        shortest = int(constraints["minLength"])
        yield lambda value: None if len(value) >= shortest else ("min-length", {"expected": str(shortest)})


def _enum_check(allowed: list[str]) -> Check:
    known = frozenset(allowed)

    def check(value: str) -> tuple[str, dict[str, str]] | None:
        if value in known:
            return None
        return "enum", {"expected": ", ".join(allowed), "similar": similar(value, allowed)}

    return check


def _range_checks(constraints: Mapping[str, Any]) -> Iterator[Check]:
    if "minimum" in constraints:
        least = Decimal(str(constraints["minimum"]))
        yield lambda value: None if Decimal(value) >= least else ("minimum", {"expected": str(least)})
    if "maximum" in constraints:
        most = Decimal(str(constraints["maximum"]))
        yield lambda value: None if Decimal(value) <= most else ("maximum", {"expected": str(most)})


def similar(word: str, known: Iterable[str]) -> str:
    """The known word that is meant, probably; empty where none is close."""
    return next(iter(difflib.get_close_matches(word[:100], list(known), n=1)), "")


# ---- keys ----------------------------------------------------------------------------------------------------------


class Keys:
    """The primary keys of one table over all packages: which are there, and where each was met first."""

    def __init__(self) -> None:
        self._place: dict[str, int] = {}
        self._rows = array("L")

    def add(self, key: str, row: int) -> int | None:
        """Remembers `key`; the row where it was met before, or `None` where it is new."""
        index = self._place.setdefault(key, len(self._rows))
        if index < len(self._rows):
            return self._rows[index]
        self._rows.append(row)
        return None

    def __contains__(self, key: str) -> bool:
        return key in self._place

    def __len__(self) -> int:
        return len(self._rows)


@dataclass(slots=True)
class Reference:
    """A cell that must name a row of another table; looked up when all tables are read."""

    resource: str
    value: str
    where: Place


# ---- a whole table -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Scan:
    """What a pass over a table found: how many rows, every fault, the references to look up later."""

    rows: int = 0
    problems: list[Problem] = field(default_factory=list)
    late: list[Reference] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.problems) >= MAXIMUM_PROBLEMS


class TableReader:
    """Reads one resource of one package row by row and holds it against its schema."""

    def __init__(
        self, package: str, resource: Resource, today: date, keys: Mapping[str, Keys], encoding: str = "utf-8"
    ) -> None:
        """`keys` holds the tables read so far, this one's among them; foreign keys to them are looked up at once."""
        self._package, self._resource, self._keys = package, resource, keys
        self._encoding = "utf-8-sig" if encoding == "utf-8" else encoding
        self._fields = {described["name"]: described for described in resource.schema["fields"]}
        self._checks = {name: compile_field(described, today) for name, described in self._fields.items()}
        self._primary = [str(name) for name in _names(resource.schema.get("primaryKey"))]
        self._foreign = _foreign_keys(resource)

    def scan(self, row_check: RowCheck | None = None) -> Scan:
        """Reads all files of the resource; `row_check` adds what the profile knows beyond single cells."""
        scan = Scan()
        for file in self._resource.files:
            try:
                self._scan_file(file, scan, row_check)
            except UnicodeDecodeError:
                scan.problems.append(self._encoding_problem(file))
        return scan

    def _scan_file(self, file: Path, scan: Scan, row_check: RowCheck | None) -> None:
        with file.open(encoding=self._encoding, newline="") as stream:
            reader = csv.reader(stream, delimiter=self._resource.delimiter, strict=True)
            row_number, header = 1, None
            try:
                header = next(reader, None)
                columns = self._header(header, file, scan)
                if header is None or columns is None:
                    return
                for row in reader:
                    row_number += 1
                    scan.rows += 1
                    self._row(
                        row,
                        header,
                        columns,
                        Place(package=self._package, file=file.name, row=row_number, line=reader.line_num),
                        scan,
                        row_check,
                    )
                    if scan.is_full:
                        return
            except csv.Error as error:
                scan.problems.append(self._csv_problem(file, row_number + (header is not None), error))

    # -- header ------------------------------------------------------------------------------------------------------

    def _header(self, header: list[str] | None, file: Path, scan: Scan) -> "list[_Column] | None":
        place = Place(package=self._package, file=file.name, row=1)
        if not header or header == [""]:
            scan.problems.append(Problem(rule="header-empty", where=place))
            return None
        faults = list(self._header_faults(header))
        scan.problems += [
            Problem(rule=rule, value=value, where=place, details=details) for rule, value, details in faults
        ]
        if faults:
            return None
        return [_Column(name, self._checks[name], set()) for name in header]

    def _header_faults(self, header: list[str]) -> Iterator[tuple[str, str, dict[str, str]]]:
        for name in dict.fromkeys(header):
            if header.count(name) > 1:
                yield "header-repeated", name, {}
            if name not in self._fields:
                yield "header-unknown", name, {"similar": similar(name.strip().lower(), self._fields)}
        for name, described in self._fields.items():
            if described.get("constraints", {}).get("required") and name not in header:
                yield "header-missing", name, {}

    # -- rows --------------------------------------------------------------------------------------------------------

    def _row(
        self,
        row: list[str],
        header: list[str],
        columns: "list[_Column]",
        where: Place,
        scan: Scan,
        row_check: RowCheck | None,
    ) -> None:
        if len(row) != len(header):
            rule = "row-blank" if not any(row) else "row-length"
            details = {"expected": str(len(header))}
            scan.problems.append(Problem(rule=rule, value=str(len(row)), where=where, details=details))
            return
        faults = list(_cell_faults(row, columns))
        cells = dict(zip(header, row, strict=True))
        if not faults:
            faults += self._key_faults(cells, where)
            self._look_up(cells, where, scan, faults)
            if row_check is not None:
                faults += row_check(cells)
        scan.problems += [_located(fault, where) for fault in faults]

    def _key_faults(self, cells: Mapping[str, str], where: Place) -> list[Fault]:
        if not self._primary:
            return []
        key = "\x1f".join(cells[name] for name in self._primary)
        first = self._keys[self._resource.name].add(key, where.row or 0)
        if first is None:
            return []
        shown = " + ".join(cells[name] for name in self._primary)
        details = {"first": str(first)}
        return [Fault(column=self._primary[0], rule="key-repeated", value=shown, details=details)]

    def _look_up(self, cells: Mapping[str, str], where: Place, scan: Scan, faults: list[Fault]) -> None:
        """Foreign keys: to another table now, to this very table when it has been read to the end."""
        for column, resource in self._foreign:
            value = cells.get(column, "")
            if value == "":
                continue
            if resource == self._resource.name:
                place = Place(package=where.package, file=where.file, row=where.row, line=where.line, column=column)
                scan.late.append(Reference(resource, value, place))
            elif value not in self._keys[resource]:
                faults.append(Fault(column=column, rule="foreign-key", value=value, details={"resource": resource}))

    # -- faults of the file ------------------------------------------------------------------------------------------

    def _csv_problem(self, file: Path, row: int, error: csv.Error) -> Problem:
        where = Place(package=self._package, file=file.name, row=row)
        if "field larger" in str(error):
            return Problem(rule="csv-field", where=where, details={"maximum": str(MAXIMUM_FIELD_CHARACTERS)})
        return Problem(rule="csv-quote", where=where, details={"reason": str(error)})

    def _encoding_problem(self, file: Path) -> Problem:
        line, byte = _first_bad_byte(file, self._encoding)
        where = Place(package=self._package, file=file.name, row=line)
        return Problem(rule="encoding", where=where, value=f"0x{byte:02X}", details={"line": str(line)})


@dataclass(slots=True)
class _Column:
    name: str
    check: Check
    right: set[str]


def _cell_faults(row: list[str], columns: "list[_Column]") -> Iterator[Fault]:
    for value, column in zip(row, columns, strict=True):
        if value in column.right:
            continue
        if _CONTROL.search(value):
            yield Fault(column=column.name, rule="text-control", value=value)
            continue
        fault = column.check(value)
        if fault is not None:
            yield Fault(column=column.name, rule=fault[0], value=value, details=fault[1])
        elif len(column.right) < _MEMORY:
            column.right.add(value)


def _located(fault: Fault, where: Place) -> Problem:
    place = Place(package=where.package, file=where.file, row=where.row, line=where.line, column=fault.column)
    return Problem(
        rule=fault.rule, value=fault.value, where=place, details=dict(fault.details), severity=fault.severity
    )


def _names(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _foreign_keys(resource: Resource) -> list[tuple[str, str]]:
    """(column, table it points to) of each foreign key; the profile has keys of one column only."""
    return [
        (_names(key["fields"])[0], key["reference"].get("resource") or resource.name)
        for key in resource.schema.get("foreignKeys", ())
        if resource.is_profiled
    ]


def _first_bad_byte(file: Path, encoding: str) -> tuple[int, int]:
    """The line (from 1) and the value of the first byte that `encoding` does not know."""
    with file.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError as error:
                return number, line[error.start]
    return 1, 0
