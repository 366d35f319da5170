"""The exact reader: every fault of a table with its row and column, cell by cell.

It streams: memory holds the keys of the table and the faults, never the rows. Encoding is UTF-8 by decree, never
guessed; a byte that is none spoils its cell, not the reading, so that all other faults of the file are found in the
same run.
"""

import csv
import io
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from nok.errors import Place, Problem, Severity
from nok.packages.fields import Check, Fault, RowCheck, compile_field, has_spoilt_letters, similar
from nok.packages.keys import Keys, Reference, Spans
from nok.packages.profile import CONTROL
from nok.packages.read import DELIMITERS, MAXIMUM_FIELD_CHARACTERS, Package, Resource

TrustedRows = Mapping[Path, Spans]
"""By file: of which rows every cell is known to be right."""

MAXIMUM_PROBLEMS = 10_000
"""A table with more faults than this is wrong as a whole; the rest are not listed."""

MAXIMUM_WARNINGS = 1_000
"""So many warnings of a table are told one by one, and then how many more there are: they stop nothing."""

_WRITTEN_BY_CITIZENS = frozenset({"reviews", "replies"})
"""Tables where spoilt letters are told and published: one pasted sentence must not stop a country's publication."""

_MEMORY = 16_384
"""How many right values of a column are remembered, so that a repeated one is not checked again."""

# ---- a whole table -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Scan:
    """What a pass over a table found: how many rows, every fault, the references to look up later; and where it is.

    `references` are the values that must be keys of other tables, by table. `is_whole` is false where a file could not be read to its end.
    """

    rows: int = 0
    problems: list[Problem] = field(default_factory=list)
    late: list[Reference] = field(default_factory=list)
    references: dict[str, set[str]] = field(default_factory=dict)
    file: Place = field(default_factory=Place)
    row: int = 0
    line: int = 0
    has_foreign_bytes: bool = False
    is_whole: bool = True
    warnings: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.problems) - min(self.warnings, MAXIMUM_WARNINGS) >= MAXIMUM_PROBLEMS

    @property
    def is_clean(self) -> bool:
        """True where the table may be published: it was read to its end, and nothing but warnings was found."""
        return self.is_whole and not any(problem.severity is Severity.ERROR for problem in self.problems)

    def begin(self, file: Place) -> None:
        """What follows stands in `file`."""
        self.file, self.row, self.line, self.has_foreign_bytes = file, 0, 0, False

    def end(self) -> None:
        """Nothing more follows."""
        if self.warnings > MAXIMUM_WARNINGS:
            more = str(self.warnings - MAXIMUM_WARNINGS)
            self.problems.append(Problem(rule="more-warnings", value=more, where=self.file, severity=Severity.WARNING))

    def here(self, column: str = "") -> Place:
        return Place(package=self.file.package, file=self.file.file, row=self.row, line=self.line, column=column)

    def add(self, faults: Iterable[Fault]) -> None:
        """Faults of the present row. A file in another encoding has one in every cell: the first says it all."""
        for fault in faults:
            if fault.rule == "encoding":
                if self.has_foreign_bytes:
                    continue
                self.has_foreign_bytes = True
            if fault.severity is Severity.WARNING:
                self.warnings += 1
                if self.warnings > MAXIMUM_WARNINGS:
                    continue
            where, details = self.here(fault.column), dict(fault.details)
            self.problems.append(
                Problem(rule=fault.rule, value=fault.value, where=where, details=details, severity=fault.severity)
            )


class TableReader:
    """Reads one resource of one package row by row and holds it against its schema."""

    def __init__(
        self,
        package: Package,
        resource: Resource,
        today: date,
        keys: Mapping[str, Keys],
        encoding: str = "utf-8",
        trusted: TrustedRows | None = None,
        tally: Callable[[Mapping[str, str]], None] | None = None,
    ) -> None:
        """`tally` is shown every row whose cells are right. `keys` holds the tables read so far, this one's among them; foreign keys to them are looked up at once.

        The cells of `trusted` rows are known to be right and are not looked at again; only keys and references are.
        """
        self._package, self._resource, self._keys = package, resource, keys
        self._encoding, self._trusted, self._tally = encoding, trusted or {}, tally
        self._known: set[tuple[str, str]] = set()
        self._fields = {described["name"]: described for described in resource.schema["fields"]}
        self._checks = {name: compile_field(described, today) for name, described in self._fields.items()}
        self._primary = names_of(resource.schema.get("primaryKey"))
        self._required = [
            name
            for name, described in self._fields.items()
            if name in self._primary or described.get("constraints", {}).get("required")
        ]
        self._foreign = foreign_keys(resource)
        self._spoilt = Severity.WARNING if resource.name in _WRITTEN_BY_CITIZENS else Severity.ERROR

    def scan(self, row_check: RowCheck | None = None) -> Scan:
        """Reads all files of the resource; `row_check` adds what the profile knows beyond single cells."""
        scan, keys = Scan(), self._keys[self._resource.name]
        csv.field_size_limit(MAXIMUM_FIELD_CHARACTERS)  # frictionless sets its own for the whole process
        for file in self._resource.files:
            self.begin(file, scan)
            scan.is_whole &= self._scan_file(file, scan, row_check)
            keys.is_whole &= scan.is_whole
            if scan.is_full:
                scan.problems.append(Problem(rule="too-many", value=str(MAXIMUM_PROBLEMS), where=scan.file))
                break
        scan.end()
        return scan

    def begin(self, file: Path, scan: Scan) -> None:
        """What follows stands in `file`."""
        scan.begin(Place(package=self._package.name, file=file.relative_to(self._package.folder).as_posix()))
        self._keys[self._resource.name].begin(scan.file)

    def stretches(self, row_check: RowCheck | None = None) -> "Stretches":
        """For a reading of some rows only, whoever knows the others to be right."""
        return Stretches(self, row_check)

    def _scan_file(self, file: Path, scan: Scan, row_check: RowCheck | None) -> bool:
        """Adds to `scan` what `file` holds; false where it was not read to its end."""
        encoding = "utf-8-sig" if self._encoding == "utf-8" else self._encoding
        with file.open(encoding=encoding, newline="", errors="surrogateescape") as stream:
            try:
                if not self._scan_rows(stream, scan, row_check, _spans(self._trusted.get(file, ()))):
                    return False
            except csv.Error as error:
                scan.problems.append(_csv_problem(replace(scan.file, row=scan.row + 1), error))
                return False
            except UnicodeDecodeError as error:
                details = {"expected": self._encoding}
                byte = f"0x{error.object[error.start]:02X}"
                scan.problems.append(Problem(rule="encoding", value=byte, where=scan.file, details=details))
                return False
            ends = stream.newlines or ()
            if "\r" in ([ends] if isinstance(ends, str) else ends):
                scan.problems.append(_line_end_problem(file, encoding, scan.file))
        return True

    def _scan_rows(
        self, stream: TextIO, scan: Scan, row_check: RowCheck | None, spans: Iterator[tuple[bool, float]]
    ) -> bool:
        reader = csv.reader(stream, delimiter=self._resource.delimiter, strict=True)
        header = next(reader, [])
        scan.row, scan.line, next_line = 1, 1, reader.line_num + 1
        faults = list(self.header_faults(header))
        scan.add(faults)
        if faults:
            return False
        columns = self.columns_of(header)
        is_trusted, end = next(spans)
        for row in reader:
            scan.rows += 1
            scan.row += 1
            scan.line, next_line = next_line, reader.line_num + 1
            while scan.row >= end:
                is_trusted, end = next(spans)
            if is_trusted:
                faults = self._trusted_row(dict(zip(header, row, strict=True)), scan)
            else:
                faults = self._row(row, header, columns, scan, row_check)
            if faults:
                scan.add(faults)
                if scan.is_full:
                    return False
        return True

    def columns_of(self, header: Sequence[str]) -> "list[_Column]":
        """The checks of the columns of a file, which remember what they found right."""
        return [_Column(name, self._checks[name], name in self._primary, set()) for name in header]

    def read_stretch(
        self, stream: TextIO, header: list[str], columns: "list[_Column]", scan: Scan, row_check: RowCheck | None
    ) -> None:
        """Adds to `scan` what is wrong with the records of `stream`; the first is the row after that of `scan`, in its line.

        Raises:
            csv.Error: the records are broken.
        """
        line, reader = (
            scan.line,
            csv.reader(stream, delimiter=self._resource.delimiter, strict=True),
        )
        next_line = line
        for row in reader:
            scan.rows += 1
            scan.row += 1
            scan.line, next_line = next_line, line + reader.line_num
            faults = self._row(row, header, columns, scan, row_check)
            if faults:
                scan.add(faults)

    # -- header ------------------------------------------------------------------------------------------------------

    def header_faults(self, header: list[str]) -> Iterator[Fault]:
        """What is wrong with the first record of a file; where anything is, its rows cannot be read."""
        line = self._resource.delimiter.join(header)
        if not line.strip():
            yield Fault(column="", rule="header-empty")
            return
        found = CONTROL.search(line)
        if found is not None:
            yield _invisible("", line, found[0], self._encoding)
            return
        other = _other_delimiter(line, self._resource.delimiter, self._fields)
        if other:
            details = {"found": other, "expected": self._resource.delimiter}
            yield Fault(column="", rule="delimiter", value=line[:200], details=details)
            return
        for name in dict.fromkeys(header):
            if header.count(name) > 1:
                yield Fault(column=name, rule="header-repeated", value=name)
            if name not in self._fields:
                guess = similar(name.strip().lower(), self._fields) or self._by_title(name)
                yield Fault(column=name, rule="header-unknown", value=name, details={"similar": guess})
        for name in self._required:
            if name not in header:
                yield Fault(column=name, rule="header-missing", value=name)

    def _by_title(self, name: str) -> str:
        """The column whose title somebody wrote in place of its name: people head a table in their own words."""
        titles = {str(field.get("title", "")).casefold(): field["name"] for field in self._resource.schema["fields"]}
        first = {title.partition(",")[0]: column for title, column in titles.items()} | titles
        return str(first.get(similar(name.strip().casefold(), filter(None, first)), ""))

    # -- rows --------------------------------------------------------------------------------------------------------

    def _row(
        self,
        row: list[str],
        header: list[str],
        columns: "list[_Column]",
        scan: Scan,
        row_check: RowCheck | None,
    ) -> list[Fault]:
        if len(row) != len(header):
            rule = "row-length" if any(row) else "row-blank"
            return [Fault(column="", rule=rule, value=str(len(row)), details={"expected": str(len(header))})]
        faults = list(self._cell_faults(row, columns))
        cells = dict(zip(header, row, strict=True))
        wrong = {fault.column for fault in faults if fault.severity is Severity.ERROR}
        if wrong.isdisjoint(self._primary):
            faults += self._key_faults(cells, scan)
        faults += self._reference_faults(cells, scan, wrong)
        if not wrong and row_check is not None:
            faults += row_check(cells)
        if not faults and self._tally is not None:
            self._tally(cells)
        return faults

    def _trusted_row(self, cells: Mapping[str, str], scan: Scan) -> list[Fault]:
        if self._tally is not None:
            self._tally(cells)
        faults = self._key_faults(cells, scan)
        if not all(pair in self._known for pair in [(name, cells.get(name, "")) for name, _ in self._foreign]):
            found = self._reference_faults(cells, scan, ())
            faults += found
            if not found:
                self._known.update(
                    (name, cells.get(name, "")) for name, resource in self._foreign if resource != self._resource.name
                )
        return faults

    def _cell_faults(self, row: list[str], columns: "list[_Column]") -> Iterator[Fault]:
        for value, column in zip(row, columns, strict=True):
            if value in column.right:
                continue
            found = CONTROL.search(value)
            if found is not None:
                yield _invisible(column.name, value, found[0], self._encoding)
                continue
            fault = column.check(value) or (("required", {}) if column.is_key and value == "" else None)
            if fault is not None:
                yield Fault(column=column.name, rule=fault[0], value=value, details=fault[1])
            elif not value.isascii() and has_spoilt_letters(value):
                yield Fault(column=column.name, rule="mojibake", value=value, severity=self._spoilt)
            else:
                if len(column.right) >= _MEMORY:  # what stood far above hardly comes again; neighbours are often alike
                    column.right.clear()
                column.right.add(value)

    def _key_faults(self, cells: Mapping[str, str], scan: Scan) -> list[Fault]:
        if not self._primary:
            return []
        key = "\x1f".join([cells[name] for name in self._primary])
        first = self._keys[self._resource.name].add(key, scan.row)
        if first is None:
            return []
        shown, details, rule = (
            " + ".join(cells[name] for name in self._primary),
            {"first": str(first.row)},
            "key-repeated",
        )
        if replace(first, row=None) != scan.file:
            details["file"], rule = f"{first.package}/{first.file}", "key-elsewhere"
        return [Fault(column=self._primary[0], rule=rule, value=shown, details=details)]

    def _reference_faults(self, cells: Mapping[str, str], scan: Scan, wrong: Collection[str]) -> list[Fault]:
        """Foreign keys: to another table now; to this very table later, when it has been read to the end."""
        faults = []
        for column, resource in self._foreign:
            value = cells.get(column, "")
            if value == "" or column in wrong:
                continue
            scan.references.setdefault(resource, set()).add(value)
            if resource == self._resource.name:
                scan.late.append(Reference(resource, value, scan.here(column)))
            elif self._keys[resource].lacks(value):
                faults.append(Fault(column=column, rule="foreign-key", value=value, details={"resource": resource}))
        return faults


class Stretches:
    """An exact reading of single stretches of a table's rows.

    `scan` counts these rows alone. The keys of the table that the reader was given take only theirs.
    """

    def __init__(self, reader: TableReader, row_check: RowCheck | None) -> None:
        self.scan, self._reader, self._row_check = Scan(), reader, row_check
        self._header: list[str] = []
        self._columns: list[_Column] = []

    def begin(self, file: Path, header: list[str]) -> None:
        """What follows stands in `file`, whose header is right."""
        csv.field_size_limit(MAXIMUM_FIELD_CHARACTERS)
        self._reader.begin(file, self.scan)
        self._header, self._columns = header, self._reader.columns_of(header)

    def read(self, row: int, line: int, records: bytes) -> None:
        """Reads records, the first of which is `row` and begins at `line`.

        Raises:
            csv.Error: the records are broken.
        """
        self.scan.row, self.scan.line = row - 1, line
        stream = io.TextIOWrapper(io.BytesIO(records), encoding="utf-8", errors="surrogateescape", newline="")
        self._reader.read_stretch(stream, self._header, self._columns, self.scan, self._row_check)


def _spans(ranges: Spans) -> Iterator[tuple[bool, float]]:
    """(whether rows are trusted, up to which row): the stretches of a file one after another, to its end."""
    for start, end in ranges:
        yield False, start
        yield True, end
    yield False, math.inf


@dataclass(slots=True)
class _Column:
    name: str
    check: Check
    is_key: bool
    right: set[str]


def _invisible(column: str, value: str, character: str, encoding: str) -> Fault:
    """A cell with a byte that is not of the encoding, or with a character that no text may hold."""
    if "\udc80" <= character <= "\udcff":
        byte = f"0x{ord(character) - 0xDC00:02X}"
        return Fault(column=column, rule="encoding", value=byte, details={"expected": encoding})
    return Fault(column=column, rule="text-control", value=value, details={"character": f"U+{ord(character):04X}"})


def _other_delimiter(line: str, delimiter: str, known: Collection[str]) -> str:
    """The sign that parts the header into more known columns than `delimiter` does; empty where none does."""
    columns = {sign: len(set(line.split(sign)).intersection(known)) for sign in DELIMITERS}
    best = max(columns, key=lambda sign: columns[sign])
    return best if columns[best] > max(1, columns[delimiter]) else ""


def names_of(value: Any) -> list[str]:
    """The columns that a key of Table Schema names: one as text, several as a list."""
    return [value] if isinstance(value, str) else list(value or ())


def foreign_keys(resource: Resource) -> list[tuple[str, str]]:
    """(column, table it points to) of each foreign key; the profile has keys of one column only."""
    return [
        (names_of(key["fields"])[0], key["reference"].get("resource") or resource.name)
        for key in resource.schema.get("foreignKeys", ())
        if resource.is_profiled
    ]


# ---- faults of a file ----------------------------------------------------------------------------------------------


def _csv_problem(where: Place, error: csv.Error) -> Problem:
    reason = str(error)
    if "field larger" in reason:
        return Problem(rule="csv-field", where=where, details={"maximum": str(MAXIMUM_FIELD_CHARACTERS)})
    if "unexpected end" in reason:
        return Problem(rule="csv-unclosed", where=where)
    return Problem(rule="csv-quote", where=where, details={"reason": reason})


def _line_end_problem(file: Path, encoding: str, place: Place) -> Problem:
    """Names the first line that ends with a carriage return alone, which programs read in two ways."""
    with file.open(encoding=encoding, newline="", errors="surrogateescape") as stream:
        line = next(number for number, text in enumerate(stream, 1) if text.endswith("\r"))
    return Problem(rule="line-end", where=place, details={"line": str(line)})
