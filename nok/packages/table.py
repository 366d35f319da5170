"""Whether a table follows its Table Schema, over millions of rows: the only place that knows how.

Two readers that must agree: one decides for whole columns whether a table is clean; where it is not, or where it cannot
tell, the exact one reads it cell by cell and finds the place of every fault. What was found clean before is not read.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from nok.errors import Place, Problem, Severity
from nok.packages.evidence import BranchTally
from nok.packages.exact import Scan, Stretches, TableReader
from nok.packages.keys import HASHED, KeyColumn, Keys, TextList
from nok.packages.read import Package, Resource
from nok.packages.rules import Rules
from nok.packages.verdicts import FreshVerdict, Verdict, Verdicts, Warned

if TYPE_CHECKING:
    from nok.packages.columns import CleanTable

LEAST_BYTES_FOR_COLUMNS = 2 * 1024 * 1024
"""Where less is to be read, the exact reader is done before the engine of the other has started."""

HELD_AGAINST_METHODS = frozenset({"scores", "observations"})
"""Tables whose rules look at the methods of the assessments that they name."""

FEW_KEYS = 20_000
"""So many new keys are looked up one by one among those of former runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the tables of one check are read; `by_columns` lets the quick reader go first, `verdicts` are former ones."""

    today: date
    encoding: str = "utf-8"
    by_columns: bool = True
    verdicts: Verdicts | None = None
    advance: Callable[[int], None] = lambda _: None
    """Hears of so many more bytes that were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableScan:
    """A table of one package: what the readers found.

    `verdict` names the verdict that is remembered of it or will be; empty where there is none. `own_references` must
    be keys of this very table, which is not sure yet.
    """

    scan: Scan
    own_references: KeyColumn | None = None
    verdict: str = ""


def is_worth_columns(resources: Iterable[Resource], verdicts: Verdicts | None, rules: Rules) -> bool:
    """True where so much of a table is to be read that reading whole columns pays."""
    unknown = [one for one in resources if verdicts is None or not verdicts.knows(verdicts.name_of(one, rules))]
    return sum(one.size_bytes for one in unknown) >= LEAST_BYTES_FOR_COLUMNS


def read_table(
    package: Package, resource: Resource, reading: Reading, keys: Mapping[str, Keys], rules: Rules
) -> TableScan:
    """Reads one table, or recalls it; `keys` holds those of the tables read so far and takes this one's.

    After the last package the caller asks `put_together`: repeated keys and references of a table to itself can only be
    told then. If it is not consistent, all is read again without `verdicts`, with keys that know which ones are repeated,
    and without `by_columns` where a reference leads nowhere.
    """
    rules.parties.begin(package.name, resource.name)
    table = _Table(package, resource, reading, keys, rules)
    return table.recalled() or table.read()


_MOST_SUMS_OF_WRONG_TABLE = 200_000


class _Table:
    """One table of a package, and whoever can tell what is wrong with it: memory, the quick reader, the exact one."""

    def __init__(
        self, package: Package, resource: Resource, reading: Reading, keys: Mapping[str, Keys], rules: Rules
    ) -> None:
        self._package, self._resource, self._reading, self._keys, self._rules = package, resource, reading, keys, rules
        self._own = keys[resource.name]
        self._verdict = reading.verdicts.name_of(resource, rules) if reading.verdicts else ""
        self._is_quick = reading.by_columns and reading.encoding == "utf-8"
        self._trusted: dict[Path, list[tuple[int, int]]] = {}
        """Rows that are surely clean, as the quick reader found them."""
        self._suspects: set[str] = set()
        """Surveys whose branches have more answers than can be, where nothing else is wrong."""

    def recalled(self) -> TableScan | None:
        """What a former run found, where it still holds."""
        verdicts = self._reading.verdicts
        if verdicts is None or not self._verdict:
            return None
        verdict = verdicts.recall(self._verdict, self._reading.today, self._rules)
        if verdict is None or not _holds(self._resource, verdict, verdicts, self._keys):
            return None
        return _recalled(self._package, self._resource, verdict, self._keys, self._rules)

    def read(self) -> TableScan:
        """What the table itself says."""
        found = (self._in_columns() if self._is_quick else None) or self._one_by_one()
        if isinstance(found, TableScan):
            return found
        if self._reading.verdicts and self._verdict:
            fresh = _fresh(self._verdict, self._package, self._resource, found, self._reading, self._rules)
            self._reading.verdicts.keep(fresh)
        return TableScan(scan=found.scan, own_references=found.own_references, verdict=self._verdict)

    def _one_by_one(self) -> "_Clean | TableScan":
        """Cell by cell, by the exact reader; of rows that are trusted, only keys and references."""
        before, tally = self._own.count(), self._tally()
        reader = TableReader(
            self._package,
            self._resource,
            self._reading.today,
            self._keys,
            self._reading.encoding,
            self._trusted,
            tally.add if tally else None,
        )
        scan = reader.scan(self._rules.of(self._resource.name))
        scan.problems += _branch_problems(tally, self._own) if tally else ()
        if not scan.is_clean:
            return TableScan(scan=scan)
        references = {table: TextList(sorted(values)) for table, values in scan.references.items()}
        return _Clean(rows=scan.rows, keys=self._own.since(before), references=references, scan=scan)

    def _tally(self) -> BranchTally | None:
        """Who keeps the sums of branches while the exact reader reads."""
        if self._resource.name != "answers":
            return None
        if self._suspects:
            return BranchTally(self._rules.forms, self._suspects)
        return BranchTally(self._rules.forms, most=_MOST_SUMS_OF_WRONG_TABLE if self._is_quick else math.inf)

    def _in_columns(self) -> "_Clean | TableScan | None":
        """What a clean table says, or the faults of one of which single rows are wrong; `None` where the exact reader must
        go through all of it."""
        from nok.packages.columns import joined, read_clean

        apart = Keys()
        stretches = self._stretches(apart)
        clean = read_clean(
            self._package,
            self._resource,
            self._reading.today,
            self._rules,
            self._trusted,
            are_keys_hashed=self._own.is_hashed,
            stretches=stretches,
            advance=self._reading.advance,
        )
        if clean is None or not (clean.is_whole or (stretches and _is_told_row_by_row(stretches.scan))):
            return None
        self._suspects |= clean.suspects
        if self._suspects or not self._are_references_known(clean) or not self._take_keys(clean):
            return None
        own_references = clean.references.get(self._resource.name)
        if stretches and not clean.is_whole:
            scan = _joined_scan(clean.rows, stretches.scan, apart, self._own)
            return TableScan(scan=scan, own_references=own_references)
        return _Clean(
            scan=Scan(rows=clean.rows),
            rows=clean.rows,
            keys=joined([column for _, column, _ in clean.keys]),
            references=clean.references,
            own_references=own_references,
        )

    def _stretches(self, apart: Keys) -> Stretches | None:
        """Who reads single wrong rows exactly, their keys going `apart`; nobody where rows are to be counted or compared
        with others, for then all count."""
        if self._own.repeated or self._resource.name == "answers":
            return None
        keys = {**self._keys, self._resource.name: apart}
        reader = TableReader(self._package, self._resource, self._reading.today, keys)
        return reader.stretches(self._rules.of(self._resource.name))

    def _are_references_known(self, clean: "CleanTable") -> bool:
        """True where all values that must be keys of tables read before are."""
        from nok.packages.columns import are_known

        others = {table: values for table, values in clean.references.items() if table != self._resource.name}
        return all(are_known(values, self._keys[table]) for table, values in others.items())

    def _take_keys(self, clean: "CleanTable") -> bool:
        """Takes the keys of clean rows; false where one of those that are known to repeat is not the first of its kind."""
        from nok.packages.columns import those_among

        repeated = self._own.repeated
        if repeated and not self._own.admit(those_among((column for _, column, _ in clean.keys), repeated)):
            return False
        for file, column, rows in clean.keys:
            self._own.add_column(file, column, rows)
        return True


def _branch_problems(tally: BranchTally, keys: Keys) -> Iterator[Problem]:
    for key, fault in tally.faults():
        where = replace(keys.place(key), column=fault.column)
        yield Problem(rule=fault.rule, value=fault.value, where=where, details=dict(fault.details))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clean:
    """What either reader says of a clean table."""

    scan: Scan
    rows: int
    keys: KeyColumn
    references: Mapping[str, KeyColumn]
    own_references: KeyColumn | None = None


_TOLD_BY_ALL_ROWS = frozenset({"key-repeated", "key-elsewhere"})


def _is_told_row_by_row(scan: Scan) -> bool:
    """Whether the rows that were read apart tell all that is wrong; where there are only warnings, the table counts as
    clean and is remembered as a whole."""
    return not scan.is_clean and not any(problem.rule in _TOLD_BY_ALL_ROWS for problem in scan.problems)


def _joined_scan(clean_rows: int, scan: Scan, apart: Keys, own: Keys) -> Scan:
    """The scan of the whole table; the keys of the rows that were read apart go to its own."""
    from nok.packages.columns import hashed

    for file, column, rows in apart.by_file():
        own.add_column(file, hashed(column) if own.is_hashed else column, rows)
    scan.rows += clean_rows
    scan.end()
    return scan


# ---- former runs ---------------------------------------------------------------------------------------------------


def _fresh(
    name: str, package: Package, resource: Resource, clean: _Clean, reading: Reading, rules: Rules
) -> FreshVerdict:
    """The verdict as it is kept; nothing points to a table of a package's own, so its keys need not be."""
    named = clean.references.get("assessments") if resource.name in HELD_AGAINST_METHODS else None
    column = clean.keys if resource.is_profiled else TextList(())
    if resource.name in HASHED:
        from nok.packages.columns import hashed

        column = hashed(column)
    return FreshVerdict(
        name=name,
        table=resource.name if resource.is_profiled else "",
        day=reading.today.isoformat(),
        rows=clean.rows,
        keys=column,
        references=clean.references,
        learnt=rules.learnt(resource.name, clean.keys) if resource.is_profiled else TextList(()),
        warnings=[_stored(problem, resource, package) for problem in clean.scan.problems],
        methods={assessment: rules.method_of(assessment) for assessment in (named.texts() if named else ())},
    )


def _holds(resource: Resource, verdict: Verdict, verdicts: Verdicts, keys: Mapping[str, Keys]) -> bool:
    """True where what a remembered table refers to in other tables is still there."""
    for table, values in verdict.references.items():
        if table == resource.name or verdicts.is_proven(
            {resource.name: {verdict.name}}, {table: set(keys[table].remembered)}
        ):
            continue
        if not _are_known(values, keys[table]):
            return False
    return True


def _are_known(values: KeyColumn, keys: Keys) -> bool:
    if not keys.is_whole:
        return True
    missing = set(values.texts())
    columns, singles = keys.parts()
    missing.difference_update(singles)
    for column in (*columns, *keys.remembered.values()):
        if missing:
            missing.difference_update(column.texts())
    return not missing


def _stored(problem: Problem, resource: Resource, package: Package) -> Warned:
    """A warning as it is kept: the same bytes may lie in another package, so the file is told by its number."""
    where = problem.where
    files = [file.relative_to(package.folder).as_posix() for file in resource.files]
    place = (files.index(where.file), where.row, where.line, where.column)
    return Warned(place=place, rule=problem.rule, value=problem.value, details=dict(problem.details))


def _warnings(verdict: Verdict, package: Package, resource: Resource) -> Iterator[Problem]:
    files = [file.relative_to(package.folder).as_posix() for file in resource.files]
    for warned in verdict.warnings:
        number, row, line, column = warned.place
        where = Place(package=package.name, file=files[number], row=row, line=line, column=column)
        yield Problem(
            rule=warned.rule, value=warned.value, where=where, details=dict(warned.details), severity=Severity.WARNING
        )


def _recalled(
    package: Package, resource: Resource, verdict: Verdict, keys: Mapping[str, Keys], rules: Rules
) -> TableScan:
    if resource.is_profiled:
        keys[resource.name].remembered[verdict.name] = verdict.keys
        rules.recall(resource.name, verdict.keys, verdict.learnt)
    return TableScan(
        scan=Scan(rows=verdict.rows, problems=list(_warnings(verdict, package, resource))),
        own_references=verdict.references.get(resource.name),
        verdict=verdict.name,
    )


# ---- all packages together -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What the tables of one name say together: keys that stand twice, and whether references to the table hold.

    `may_repeat` says that two keys have one number (`HASHED`), so that their texts must be looked at.
    """

    repeated: Collection[str] = ()
    are_references_known: bool = True
    may_repeat: bool = False

    @property
    def is_consistent(self) -> bool:
        return not self.repeated and self.are_references_known and not self.may_repeat


def put_together(name: str, scans: Sequence[TableScan], keys: Keys, verdicts: Verdicts | None) -> Together:
    """What can only be told when a table was read in every package.

    The exact reader has told its own faults; this is about what was read in columns or not at all.
    """
    names = [scan.verdict for scan in scans if scan.verdict in keys.remembered]
    if len(set(names)) < len(names):  # the same bytes in two packages
        return Together(are_references_known=False)
    is_proven = not names or (verdicts is not None and verdicts.is_proven({name: set(names)}, {name: set(names)}))
    if name in HASHED and (keys.is_hashed or keys.remembered):
        return _hashed_together(keys, is_proven=is_proven)
    owned = [scan.own_references for scan in scans if scan.own_references and not (is_proven and scan.verdict in names)]
    columns, singles = keys.parts()
    if not columns and is_proven and len(singles) <= FEW_KEYS:
        repeated = {key for key in singles for column in keys.remembered.values() if key in column} | keys.repeated
        return Together(repeated=repeated, are_references_known=all(_are_known(values, keys) for values in owned))
    from nok.packages.columns import are_known, repeated_keys

    return Together(repeated=repeated_keys(keys), are_references_known=all(are_known(values, keys) for values in owned))


def _hashed_together(keys: Keys, *, is_proven: bool) -> Together:
    """The same of a table whose keys are numbers, at least those that are remembered; nothing points to its rows."""
    columns, singles = keys.parts()
    new = sum(map(len, columns)) + len(singles)
    if not new and is_proven:
        return Together()
    from nok.packages.columns import are_any_among, has_repeated

    is_quick = is_proven and new <= FEW_KEYS
    return Together(may_repeat=are_any_among(keys) if is_quick else has_repeated(keys))
