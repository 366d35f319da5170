"""Foreign tables (CSV, XLSX, JSON) to rows of text: the only openpyxl import.

Nothing is guessed: encoding, delimiter, sheet and place of the records are said by the mapping. What cannot be read as
a row is listed, what was mended is listed, blank rows are counted; so every row of the file is accounted for.
"""

import csv
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from nok.documents import nearest
from nok.errors import ConfigError, Place, Problem, Severity, StorageError

FORMATS = ("csv", "xlsx", "json")
MAXIMUM_RECORD_LINES = 50
"""How many lines one record may span in a file that is read leniently; beyond it a quote was left open."""

_FORMULA_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How a foreign table is written down.

    `format` empty: by the end of the file's name. `header` empty: the names stand in row `header_row` of the file.
    `sheet` empty: the first. `records` is the dotted path to the list inside a JSON document, empty for the whole.
    """

    file: str = ""
    format: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    is_lenient: bool = False
    header: tuple[str, ...] = ()
    header_row: int = 1
    sheet: str = ""
    records: str = ""


class ForeignRow(NamedTuple):
    """One row: its number (the header is row 1), the line of the file where it begins, its cells in header order."""

    number: int
    line: int
    cells: list[str]


class _Record(NamedTuple):
    """A row before the header is known: its cells, or the rule it broke; `before` is the text that was mended."""

    line: int
    cells: list[str]
    rule: str = ""
    reason: str = ""
    before: str = ""


@dataclass(slots=True)
class ForeignTable:
    """A foreign table in reading: iterate it once; `problems`, `mended` and the counts are whole afterwards."""

    name: str
    columns: tuple[str, ...]
    records: Iterator[_Record]
    problems: list[Problem] = field(default_factory=list)
    mended: list[Problem] = field(default_factory=list)
    rows_read: int = 0
    rows_blank: int = 0

    def __iter__(self) -> Iterator[ForeignRow]:
        width = len(self.columns)
        for number, record in enumerate(self.records, start=2):
            if not record.rule and not any(cell.strip() for cell in record.cells):
                self.rows_blank += 1
                continue
            self.rows_read += 1
            cells = _fitted(record.cells, width)
            problem = self._fault(record, number, cells)
            if problem is not None:
                self.problems.append(problem)
                continue
            if record.before:
                self.mended.append(self._mended(record, number))
            yield ForeignRow(number, record.line, cells)

    def _place(self, record: _Record, number: int) -> Place:
        return Place(file=self.name, row=number, line=record.line)

    def _fault(self, record: _Record, number: int, cells: list[str]) -> Problem | None:
        where = self._place(record, number)
        if record.rule:
            return Problem(rule=record.rule, where=where, details={"reason": record.reason})
        if len(cells) != len(self.columns):
            details = {"expected": str(len(self.columns))}
            return Problem(rule="row-length", where=where, value=str(len(cells)), details=details)
        if not _FORMULA_ERRORS.isdisjoint(cells):
            column, cell = next((c, v) for c, v in zip(self.columns, cells, strict=True) if v in _FORMULA_ERRORS)
            where = Place(file=self.name, row=number, line=record.line, column=column)
            return Problem(rule="cell-error", where=where, value=cell)
        return None

    def _mended(self, record: _Record, number: int) -> Problem:
        changed = [cell for cell in record.cells if '"' in cell]
        return Problem(
            rule="quotes-mended",
            where=self._place(record, number),
            value=record.before,
            details={"after": " | ".join(changed)},
            severity=Severity.WARNING,
        )


def _fitted(cells: list[str], width: int) -> list[str]:
    """Empty cells beyond the header are the delimiter that some programs put at the end of each line."""
    while len(cells) > width and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def open_table(path: Path, source: Source) -> ForeignTable:
    """The table in `path`, its header read.

    Raises:
        StorageError: the file is not there or is refused.
        ConfigError: the file is not as the mapping says: encoding, sheet, place of the records, header.
    """
    kind = source.format or path.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        raise ConfigError("source-format", name=path.name)
    if not path.is_file():
        raise StorageError("source-absent", place=path)
    if kind == "json":
        columns, records = _json_records(path, source)
        return ForeignTable(path.name, columns, records)
    records = _csv_records(path, source) if kind == "csv" else _xlsx_records(path, source)
    columns = _header(records, source, path.name)
    if kind == "csv" and len(columns) == 1 and any(sign in columns[0] for sign in ",;\t|"):
        raise ConfigError("source-delimiter", name=path.name, delimiter=source.delimiter, header=columns[0][:200])
    return ForeignTable(path.name, columns, records)


def _header(records: Iterator[_Record], source: Source, name: str) -> tuple[str, ...]:
    """The names of the columns; without names in the file, those of the mapping."""
    if source.header:
        return source.header
    found: list[str] = []
    for _ in range(source.header_row):
        record = next(records, None)
        if record is None or record.rule:
            raise ConfigError("source-header", name=name, header_row=source.header_row)
        found = [cell.strip() for cell in record.cells]
    while found and not found[-1]:
        found.pop()
    wrong = next((n for n in found if not n or found.count(n) > 1), None)
    if not found or wrong is not None:
        place = f"{name}, row {source.header_row}"
        if wrong:
            raise ConfigError("source-column-twice", place=place, column=wrong)
        raise ConfigError("source-column-nameless", place=place)
    return tuple(found)


# ---- CSV -----------------------------------------------------------------------------------------------------------


def _csv_records(path: Path, source: Source) -> Iterator[_Record]:
    encoding = "utf-8-sig" if source.encoding == "utf-8" else source.encoding
    try:
        with path.open(encoding=encoding, newline="") as stream:
            if source.is_lenient:
                yield from _lenient_records(stream.readlines(), source)
            else:
                yield from _strict_records(stream, source.delimiter)
    except UnicodeDecodeError as error:
        raise ConfigError(
            "source-encoding",
            place=f"{path.name}{_bad_line(path, encoding)}",
            byte=f"{error.object[error.start]:02X}",
            encoding=source.encoding,
        ) from error


def _bad_line(path: Path, encoding: str) -> str:
    """`, line 17`: where the first byte stands that does not fit; nothing where lines cannot be told."""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return f", line {number}" if not encoding.startswith(("utf-16", "utf-32")) else ""
    return ""


def _strict_records(lines: Iterator[str], delimiter: str) -> Iterator[_Record]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield _Record(line, next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            yield _Record(line, [], "csv-quote", str(error))


def _lenient_records(lines: list[str], source: Source) -> Iterator[_Record]:
    """Records whose inner quotes may be broken.

    A line that follows the rules is read by them; else its quotes are mended, if that gives as many cells as the
    header has; else it is taken together with the lines below it; else it is a fault.
    """
    width, index, number = len(source.header), 0, 0
    while index < len(lines):
        count, record = _lenient_record(lines, index, source.delimiter, width)
        index, number = index + count, number + 1
        if number == source.header_row and not source.header:
            width = len(_fitted(record.cells, 0))
        yield record


def _lenient_record(lines: list[str], index: int, delimiter: str, width: int) -> tuple[int, _Record]:
    reason = ""
    for count in range(1, min(MAXIMUM_RECORD_LINES, len(lines) - index) + 1):
        text = "".join(lines[index : index + count])
        try:
            rows = list(csv.reader(lines[index : index + count], delimiter=delimiter, strict=True))
        except csv.Error as error:
            reason = reason or str(error)
            mended = mend_quotes(text.rstrip("\r\n"), delimiter, width)
            if mended is not None:
                return count, _Record(index + 1, mended, before=text.rstrip("\r\n"))
        else:
            return count, _Record(index + 1, rows[0] if rows else [])
    return 1, _Record(index + 1, [], "csv-quote", reason)


def mend_quotes(text: str, delimiter: str, width: int) -> list[str] | None:
    """The cells of a record whose inner quotes are not doubled; `None` where no reading gives `width` cells.

    A quote closes a cell only before a delimiter or the end; if that is still not enough, only before a delimiter that
    is followed by a quote, another delimiter or the end.

    >>> mend_quotes('"1","гимназия "Эллада"","Москва"', ",", 3)
    ['1', 'гимназия "Эллада"', 'Москва']
    >>> mend_quotes('"школа "Эллада", Москва","1"', ",", 2)
    ['школа "Эллада", Москва', '1']
    """
    for is_tight in (False, True):
        cells = _split(text, delimiter, is_tight)
        if cells is not None and len(cells) == width:
            return cells
    return None


def _split(text: str, delimiter: str, is_tight: bool) -> list[str] | None:
    cells, start = [], 0
    while True:
        if text.startswith('"', start):
            end = _closing_quote(text, start + 1, delimiter, is_tight)
            if end is None:
                return None
            cells.append(_undoubled(text[start + 1 : end]))
            end += 1
        else:
            end = text.find(delimiter, start)
            end = len(text) if end < 0 else end
            cells.append(text[start:end])
        if end >= len(text):
            return cells
        start = end + 1


def _closing_quote(text: str, start: int, delimiter: str, is_tight: bool) -> int | None:
    end = text.find('"', start)
    while end >= 0:
        after = text[end + 1 : end + 3]
        if after == "" or (after[0] == delimiter and (not is_tight or after[1:] in ("", '"', delimiter))):
            return end
        end = text.find('"', end + 1)
    return None


def _undoubled(text: str) -> str:
    return text.replace('""', '"') if '"' not in text.replace('""', "") else text


# ---- XLSX ----------------------------------------------------------------------------------------------------------


def _xlsx_records(path: Path, source: Source) -> Iterator[_Record]:
    with warnings.catch_warnings():
        # Styles and drop-down lists that openpyxl does not keep are no matter here: only values are read.
        warnings.simplefilter("ignore", UserWarning)
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        except (InvalidFileException, BadZipFile, KeyError, ValueError) as error:
            raise ConfigError("source-workbook", name=path.name) from error
    with closing(book):
        if source.sheet and source.sheet not in book.sheetnames:
            raise ConfigError(
                "source-sheet",
                name=path.name,
                sheet=source.sheet,
                similar=nearest(source.sheet, book.sheetnames),
                known=", ".join(book.sheetnames),
            )
        sheet = book[source.sheet or book.sheetnames[0]]
        sheet.reset_dimensions()
        yield from _sheet_records(sheet.iter_rows(values_only=True), source)


def _sheet_records(rows: Iterator[tuple[Any, ...]], source: Source) -> Iterator[_Record]:
    """A sheet leaves out the empty cells at the end of a row: they are put back up to the header's width."""
    width = len(source.header)
    for line, row in enumerate(rows, start=1):
        cells = [_sheet_cell(value) for value in row]
        if line == source.header_row and not source.header:
            width = len(cells)
        yield _Record(line, cells + [""] * (width - len(cells)))


def _sheet_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, datetime):
        moment = value.isoformat(timespec="seconds")
        return moment.removesuffix("T00:00:00")
    return value.isoformat() if isinstance(value, date) else str(value)


# ---- JSON ----------------------------------------------------------------------------------------------------------


def _json_records(path: Path, source: Source) -> tuple[tuple[str, ...], Iterator[_Record]]:
    """Objects as rows; what lies deeper gets a dotted name (`address.city`, `owners.0.inn`)."""
    rows = [_flat(entry) for entry in _json_objects(path, source)]
    columns = source.header or tuple(dict.fromkeys(name for row in rows for name in row))
    cells = ([row.get(name, "") for name in columns] for row in rows)
    return columns, (_Record(number, row) for number, row in enumerate(cells, start=2))


def _json_objects(path: Path, source: Source) -> list[dict[str, Any]]:
    """The list of objects that the mapping says the records are."""
    found = _json(path, source)
    for step in filter(None, source.records.split(".")):
        if not isinstance(found, dict) or step not in found:
            known = list(found) if isinstance(found, dict) else []
            raise ConfigError(
                "source-records", name=path.name, records=source.records, step=step, similar=nearest(step, known)
            )
        found = found[step]
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise ConfigError("source-objects", name=path.name)
    return found


def _json(path: Path, source: Source) -> Any:
    """All that the file says, numbers as they are written."""
    try:
        text = path.read_bytes().decode("utf-8-sig" if source.encoding == "utf-8" else source.encoding)
        return json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise ConfigError("source-json", name=path.name, error=error) from error


def _flat(value: Any, name: str = "") -> dict[str, str]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else zip_longest(map(str, range(len(value))), value)
        return {key: text for step, part in pairs for key, text in _flat(part, f"{name}.{step}".lstrip(".")).items()}
    return {name: _json_text(value)}


def _json_text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_lookup(table: ForeignTable, keys: tuple[str, ...]) -> Mapping[tuple[str, ...], list[str]]:
    """The rows of a table by the cells of `keys`; a repeated key is a problem of `table` and its first row holds."""
    positions = [table.columns.index(key) for key in keys]
    rows: dict[tuple[str, ...], list[str]] = {}
    first: dict[tuple[str, ...], int] = {}
    for row in table:
        key = tuple(row.cells[position].strip() for position in positions)
        if key in rows:
            where = Place(file=table.name, row=row.number, line=row.line, column=keys[0])
            details = {"first": str(first[key])}
            table.problems.append(Problem(rule="key-repeated", where=where, value=" + ".join(key), details=details))
        else:
            rows[key], first[key] = row.cells, row.number
    return rows
