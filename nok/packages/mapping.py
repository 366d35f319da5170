"""A foreign table to a data package by a mapping: `publish.py import`.

Each source row is read, joined, filtered and turned into rows of tables; it fits as a whole or not at all. What does
not fit is listed and, as the mapping says, stops the import before anything is written or is left out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from nok.errors import ConfigError, Place, Problem, Said, Severity, StorageError
from nok.identifiers import RESERVED_IDS
from nok.packages.cells import Cell, CellRule, Numbers, Unfit, compile_cell, position
from nok.packages.fields import Check, compile_field
from nok.packages.foreign import ForeignRow, ForeignTable, open_table, read_lookup
from nok.packages.import_report import MISFIT_WORDS, ImportReport, LeftOut, describe
from nok.packages.mapping_file import Box, ImportMapping, Join, RowRule, TableRule, parse_mapping
from nok.packages.profile import profile_schema
from nok.packages.write import Table, write_package

__all__ = ["ImportReport", "describe", "import_table", "read_mapping"]

Row = tuple[str, ...]


def import_table(mapping_file: Path, source: Path, out: Path) -> ImportReport:
    """Writes the package that `mapping_file` makes of `source` (a file, or a folder that holds the mapping's files).

    Rows that do not fit are all in the report. Unless the mapping says `on_misfit: leave_out`, one of them is enough
    for nothing to be written (`report.is_written`). The same source gives the same bytes.

    Raises:
        ConfigError: the mapping cannot be followed, or the source is not as the mapping says.
        StorageError: a file is missing or refused, or `out` holds something that is not a data package.
    """
    mapping = read_mapping(mapping_file)
    path = _source_file(mapping, source)
    table = open_table(path, mapping.source)
    joined = [_Joined.read(join, path.parent, table.columns, mapping.name) for join in mapping.joins]
    run = _Import(mapping, table.name, table.columns, joined)
    for row in table:
        run.add(row)
    problems = [*run.problems, *table.problems, *(p for part in joined for p in part.table.problems)]
    is_written = mapping.leaves_misfits_out or not problems
    if is_written:
        write_package(out, mapping.descriptor, [target.table() for target in run.targets])
    mended = [*table.mended, *(p for part in joined for p in part.table.mended), *run.mended]
    return _report(run, table, out, is_written, problems, mended)


def read_mapping(mapping_file: Path) -> ImportMapping:
    """The mapping in a file.

    Raises:
        StorageError: there is no such file.
        ConfigError: it is not UTF-8 or cannot be followed.
    """
    try:
        return parse_mapping(mapping_file.read_bytes().decode("utf-8-sig"), mapping_file.name)
    except OSError as error:
        raise StorageError("mapping-unreadable", place=mapping_file, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise ConfigError("mapping-encoding", place=mapping_file) from error


def _source_file(mapping: ImportMapping, source: Path) -> Path:
    if not source.is_dir():
        return source
    if not mapping.source.file:
        raise ConfigError("mapping-folder", place=source, name=mapping.name)
    return source / mapping.source.file


def _report(
    run: "_Import", table: ForeignTable, out: Path, is_written: bool, problems: list[Problem], mended: list[Problem]
) -> ImportReport:
    severity = Severity.WARNING if is_written else Severity.ERROR
    misfits = table.rows_read - run.rows_fitted - run.left_out.total()
    filters = [
        LeftOut(rows=run.left_out[n], because=rule.because) for n, rule in enumerate(run.filters) if run.left_out[n]
    ]
    return ImportReport(
        source=table.name,
        package=out,
        rows_read=table.rows_read,
        rows_blank=table.rows_blank,
        rows_fitted=run.rows_fitted,
        rows_left_out=(*filters, *([LeftOut(rows=misfits, because=MISFIT_WORDS, is_misfit=True)] if misfits else [])),
        rows_written={target.resource: len(target.rows) for target in run.targets} if is_written else {},
        is_written=is_written,
        mended=tuple(mended),
        problems=tuple(replace(problem, severity=severity) for problem in problems),
    )


# ---- joined files --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joined:
    """Another file read whole: its columns (with the prefix) go beside the source's."""

    table: ForeignTable
    columns: tuple[str, ...]
    rows: Mapping[tuple[str, ...], list[str]]
    positions: tuple[int, ...]
    is_unmatched_misfit: bool

    @classmethod
    def read(cls, join: Join, folder: Path, columns: Sequence[str], name: str) -> "_Joined":
        table = open_table(folder / join.source.file, join.source)
        here, there = zip(*join.on, strict=True)
        for column in there:
            position(column, table.columns, f"{name}: join: {table.name}")
        return cls(
            table=table,
            columns=tuple(f"{join.prefix}{column}" for column in table.columns),
            rows=read_lookup(table, there),
            positions=tuple(position(column, columns, f"{name}: join: on") for column in here),
            is_unmatched_misfit=join.is_unmatched_misfit,
        )

    def cells(self, row: Sequence[str]) -> list[str]:
        """The cells that belong to a source row; empty ones where there are none.

        Raises:
            Unfit: `join-missing`, where the mapping asks for a match.
        """
        key = tuple(row[index].strip() for index in self.positions)
        found = self.rows.get(key)
        if found is None and self.is_unmatched_misfit:
            raise Unfit("join-missing", " + ".join(key), {"file": self.table.name})
        return found or [""] * len(self.columns)


# ---- target tables -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _RowMaker:
    """Makes one row of a table out of a source row: a cell for each field of the table, in order."""

    cells: tuple[Cell, ...]
    labels: tuple[str, ...]
    """For each field the source column it is made of; empty where it is made of several or of none."""
    only_if: int | None


class _Target:
    """A table in making: its fields, its rows, its keys."""

    def __init__(self, rule: TableRule, columns: Sequence[str], numbers: Numbers, name: str) -> None:
        self.resource, self.rule = rule.resource, rule
        schema = profile_schema(rule.resource)
        described = {field["name"]: field for field in (*schema["fields"], *rule.extra_fields)}
        used = {name for row in rule.rows for name in row.fields} | {name for row in rule.constants for name in row}
        self.fields = tuple(name for name in described if name in used or _is_required(described[name]))
        self._key = tuple(self.fields.index(name) for name in schema["primaryKey"])
        self._seen: dict[tuple[str, ...], tuple[int, int]] = {}
        self.rows: list[Row] = []
        checks = {name: _check(described[name]) for name in self.fields}
        what = f"{name}: tables: {rule.resource}"
        if rule.box is not None and not {"latitude", "longitude"} <= used:
            raise ConfigError("mapping-box", place=what)
        self.makers = [_maker(row, self.fields, described, checks, columns, numbers, what) for row in rule.rows]
        for constants in rule.constants:
            self._add_constants(constants, checks, what)

    def _add_constants(self, constants: Mapping[str, str], checks: Mapping[str, Check], what: str) -> None:
        row = tuple(
            compile_cell(CellRule(constant=constants.get(name, "")), (), checks[name], f"{what}: {name}")(())
            for name in self.fields
        )
        if self.taken(row) is not None:
            raise ConfigError("mapping-key-twice", place=what, key=self.key(row))
        self.add(row, 0)

    def key(self, row: Row) -> str:
        return " + ".join(row[index] for index in self._key)

    def is_same(self, row: Row, other: Row) -> bool:
        return all(row[index] == other[index] for index in self._key)

    def taken(self, row: Row) -> tuple[int, Row] | None:
        """The source row with the same key and what it gave; source row 0 is the mapping itself."""
        found = self._seen.get(tuple(row[index] for index in self._key))
        return (found[0], self.rows[found[1]]) if found else None

    def add(self, row: Row, number: int) -> None:
        self._seen[tuple(row[index] for index in self._key)] = (number, len(self.rows))
        self.rows.append(row)

    def table(self) -> Table:
        return Table(name=self.resource, rows=self._named(), extra_fields=self.rule.extra_fields)

    def _named(self) -> Iterator[dict[str, str]]:
        for row in self.rows:
            yield {name: cell for name, cell in zip(self.fields, row, strict=True) if cell}


def _is_required(described: Mapping[str, object]) -> bool:
    constraints = described.get("constraints")
    return isinstance(constraints, dict) and constraints.get("required") is True


def _check(described: Mapping[str, object]) -> Check:
    """The check of the schema. Whether a date is still to come is left to the check of the package: no clock here."""
    check = compile_field(described, date.max)
    if described["name"] != "organization_id":
        return check

    def check_id(text: str) -> tuple[str, dict[str, str]] | None:
        if text in RESERVED_IDS:
            return "organization-id", {}
        fault = check(text)
        return ("id-unfit", {}) if fault is not None and fault[0] == "pattern" else fault

    return check_id


def _maker(
    rule: RowRule,
    fields: Sequence[str],
    described: Mapping[str, Mapping[str, object]],
    checks: Mapping[str, Check],
    columns: Sequence[str],
    numbers: Numbers,
    what: str,
) -> _RowMaker:
    cells, labels = [], []
    for name in fields:
        cell_rule = rule.fields.get(name, CellRule(constant=""))
        if described[name].get("type") in ("integer", "number") and cell_rule.numbers is None:
            cell_rule = replace(cell_rule, numbers=numbers)
        is_given = name in rule.fields
        if not is_given and _is_required(described[name]):
            raise ConfigError("mapping-required", place=what, name=name)
        cells.append(compile_cell(cell_rule, columns, checks[name] if is_given else None, f"{what}: {name}"))
        labels.append(cell_rule.column)
    only_if = position(rule.only_if, columns, f"{what}: only_if") if rule.only_if else None
    return _RowMaker(cells=tuple(cells), labels=tuple(labels), only_if=only_if)


# ---- the import ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Made:
    """What one source row gave so far: rows for targets, faults, mended cells."""

    rows: list[tuple[_Target, Row]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    mended: list[Problem] = field(default_factory=list)


class _Import:
    """Takes source rows one by one; a row fits as a whole or not at all."""

    def __init__(self, mapping: ImportMapping, file: str, columns: Sequence[str], joined: Sequence[_Joined]) -> None:
        names = [*columns, *(name for part in joined for name in part.columns)]
        _refuse_repeated(names, f"{mapping.name}: join", Said("give-a-prefix"))
        self.filters = mapping.filters
        self._tests = [
            (position(rule.column, names, f"{mapping.name}: leave_out"), rule.test) for rule in mapping.filters
        ]
        self._computed: list[tuple[str, Cell]] = []
        for name, rule in mapping.columns.items():
            self._computed.append((name, compile_cell(rule, names, None, f"{mapping.name}: columns: {name}")))
            names = [*names, name]
        _refuse_repeated(names, f"{mapping.name}: columns", Said("another-name"))
        self.targets = [_Target(rule, names, mapping.numbers, mapping.name) for rule in mapping.tables]
        self._labels = {name: rule.column for name, rule in mapping.columns.items()}
        self._file, self._joined = file, joined
        self.left_out: Counter[int] = Counter()
        self.rows_fitted = 0
        self.problems: list[Problem] = []
        self.mended: list[Problem] = []

    def add(self, row: ForeignRow) -> None:
        made = _Made()
        cells = self._whole_row(row, made)
        for number, (index, test) in enumerate(self._tests):
            if test(cells[index].strip()):
                self.left_out[number] += 1
                return
        if not made.problems:
            self._compute(cells, row, made)
        if not made.problems:
            self._make(cells, row, made)
        if made.problems:
            self.problems += made.problems
            return
        self.rows_fitted += 1
        self.mended += made.mended
        for target, cells_made in made.rows:
            target.add(cells_made, row.number)

    def _whole_row(self, row: ForeignRow, made: _Made) -> list[str]:
        """The cells of the source and of the joined files."""
        cells = row.cells
        for part in self._joined:
            try:
                cells = cells + part.cells(row.cells)
            except Unfit as unfit:
                made.problems.append(self._problem(unfit, row, "", ""))
                cells = cells + [""] * len(part.columns)
        return cells

    def _compute(self, cells: list[str], row: ForeignRow, made: _Made) -> None:
        for name, cell in self._computed:
            try:
                cells.append(cell(cells))
            except Unfit as unfit:
                made.problems.append(self._problem(unfit, row, self._labels[name], name))
                cells.append("")

    def _make(self, cells: list[str], row: ForeignRow, made: _Made) -> None:
        for target in self.targets:
            for maker in target.makers:
                if maker.only_if is not None and not cells[maker.only_if].strip():
                    continue
                try:
                    cells_made = tuple([cell(cells) for cell in maker.cells])
                except Unfit:
                    made.problems += self._faults(target, maker, cells, row)
                    continue
                if target.rule.box is not None:
                    cells_made = self._boxed(target, target.rule.box, cells_made, row, made)
                self._take(target, cells_made, row, made)

    def _faults(self, target: _Target, maker: _RowMaker, cells: list[str], row: ForeignRow) -> Iterator[Problem]:
        """Every fault of a row that has one; the quick path stops at the first."""
        for name, cell, label in zip(target.fields, maker.cells, maker.labels, strict=True):
            try:
                cell(cells)
            except Unfit as unfit:
                yield self._problem(unfit, row, self._labels.get(label, label), f"{target.resource}.{name}")

    def _take(self, target: _Target, cells: Row, row: ForeignRow, made: _Made) -> None:
        """Puts a row beside those that the source row gave, unless its key is taken."""
        taken = target.taken(cells) or next(
            ((row.number, other) for before, other in made.rows if before is target and target.is_same(cells, other)),
            None,
        )
        if taken is None:
            made.rows.append((target, cells))
            return
        first, there = taken
        key, label = target.key(cells), f"{target.resource}.{{}}"
        if not target.rule.is_distinct:
            unfit = Unfit("key-repeated", key, {"first": str(first)})
            made.problems.append(self._problem(unfit, row, "", label.format(target.fields[0])))
            return
        for name, mine, other in zip(target.fields, cells, there, strict=True):
            if mine != other:
                unfit = Unfit("row-differs", mine, {"first": str(first), "other": other, "key": key})
                made.problems.append(self._problem(unfit, row, "", label.format(name)))

    def _boxed(self, target: _Target, box: Box, cells: Row, row: ForeignRow, made: _Made) -> Row:
        """The row with its point looked at: outside the box it is a fault, or loses its coordinates."""
        latitude, longitude = target.fields.index("latitude"), target.fields.index("longitude")
        north, east = cells[latitude], cells[longitude]
        if (north == "") != (east == ""):
            made.problems.append(self._problem(Unfit("coordinates-pair"), row, "", f"{target.resource}.latitude"))
        if north == "" or east == "" or _is_inside(box, Decimal(north), Decimal(east)):
            return cells
        expected = f"{box.lat_min}…{box.lat_max}, {box.lon_min}…{box.lon_max}"
        unfit = Unfit(
            "point-emptied" if box.is_emptied else "point-outside", f"{north}, {east}", {"expected": expected}
        )
        problem = self._problem(unfit, row, "", f"{target.resource}.latitude")
        (made.mended if box.is_emptied else made.problems).append(replace(problem, severity=Severity.WARNING))
        return tuple("" if index in (latitude, longitude) else cell for index, cell in enumerate(cells))

    def _problem(self, unfit: Unfit, row: ForeignRow, column: str, target: str) -> Problem:
        where = Place(file=self._file, row=row.number, line=row.line, column=column)
        details = unfit.details | ({"target": target} if target and target != column else {})
        return Problem(rule=unfit.rule, where=where, value=unfit.value, details=details)


def _is_inside(box: Box, latitude: Decimal, longitude: Decimal) -> bool:
    if not box.lat_min <= latitude <= box.lat_max:
        return False
    if box.lon_min > box.lon_max:  # crosses the antimeridian
        return longitude >= box.lon_min or longitude <= box.lon_max
    return box.lon_min <= longitude <= box.lon_max


def _refuse_repeated(names: Sequence[str], what: str, advice: Said) -> None:
    repeated = next((name for name, times in Counter(names).items() if times > 1), None)
    if repeated is not None:
        raise ConfigError("mapping-column-twice", place=what, column=repeated, advice=advice)
