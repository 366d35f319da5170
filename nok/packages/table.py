"""Whether a table follows its Table Schema, over millions of rows: the only place that knows how.

Two readers that must agree: one decides for whole columns whether a table is clean; where it is not, or where it cannot
tell, the exact one reads it cell by cell and finds the place of every fault. What was found clean before is not read.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from nok.errors import Place, Problem, Severity
from nok.packages.evidence import BranchTally
from nok.packages.exact import Scan, TableReader
from nok.packages.keys import HASHED, KeyColumn, Keys, TextList
from nok.packages.read import Package, Resource
from nok.packages.rules import Rules
from nok.packages.verdicts import FreshVerdict, Verdict, Verdicts, Warned

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
    verdicts = reading.verdicts
    name = verdicts.name_of(resource, rules) if verdicts else ""
    verdict = verdicts.recall(name, reading.today, rules) if verdicts and name else None
    if verdicts and verdict and _holds(resource, verdict, verdicts, keys):
        return _recalled(package, resource, verdict, keys, rules)
    own = keys[resource.name]
    found, trusted, suspects = None, dict[Path, list[tuple[int, int]]](), set[str]()
    is_quick = reading.by_columns and reading.encoding == "utf-8"
    if is_quick:
        found = _read_columns(package, resource, reading, keys, rules, trusted, suspects)
    if isinstance(found, TableScan):
        return found
    if found is None:
        before = own.count()
        tally = _tally_of(resource, rules, is_quick, suspects)
        reader = TableReader(
            package, resource, reading.today, keys, reading.encoding, trusted, tally.add if tally else None
        )
        scan = reader.scan(rules.of(resource.name))
        scan.problems += _branch_problems(tally, own) if tally else ()
        if not scan.is_clean:
            return TableScan(scan=scan)
        references = {table: TextList(sorted(values)) for table, values in scan.references.items()}
        found = _Clean(rows=scan.rows, keys=own.since(before), references=references, scan=scan)
    if verdicts and name:
        verdicts.keep(_fresh(name, package, resource, found, reading, rules))
    return TableScan(scan=found.scan, own_references=found.own_references, verdict=name)


_MOST_SUMS_OF_WRONG_TABLE = 200_000


def _tally_of(resource: Resource, rules: Rules, is_quick: bool, suspects: Collection[str]) -> BranchTally | None:
    """Who keeps the sums of branches while the exact reader reads; `suspects` are those that the quick one found."""
    if resource.name != "answers":
        return None
    if is_quick and suspects:
        return BranchTally(rules.forms, suspects)
    return BranchTally(rules.forms, most=_MOST_SUMS_OF_WRONG_TABLE if is_quick else math.inf)


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


def _read_columns(
    package: Package,
    resource: Resource,
    reading: Reading,
    keys: Mapping[str, Keys],
    rules: Rules,
    trusted: dict[Path, list[tuple[int, int]]],
    suspects: set[str],
) -> _Clean | TableScan | None:
    """What a clean table says, or the faults of one of which single rows are wrong; `None` where the exact reader must go
    through all of it. `trusted` takes the rows that are surely clean, `suspects` the surveys whose branches have more
    answers than can be, where nothing else is wrong."""
    from nok.packages.columns import are_known, joined, read_clean, those_among

    own, apart = keys[resource.name], Keys()
    stretches = None
    if (
        not own.repeated and resource.name != "answers"
    ):  # where rows are to be counted or compared with others, all count
        reader = TableReader(package, resource, reading.today, {**keys, resource.name: apart})
        stretches = reader.stretches(rules.of(resource.name))
    clean = read_clean(
        package,
        resource,
        reading.today,
        rules,
        trusted,
        are_keys_hashed=own.is_hashed,
        stretches=stretches,
        advance=reading.advance,
    )
    if clean is None or not (clean.is_whole or (stretches and _is_told_row_by_row(stretches.scan))):
        return None
    suspects |= clean.suspects
    if suspects:
        return None
    others = {table: values for table, values in clean.references.items() if table != resource.name}
    if not all(are_known(values, keys[table]) for table, values in others.items()):
        return None
    given = [column for _, column, _ in clean.keys]
    if own.repeated and not own.admit(those_among(given, own.repeated)):
        return None
    for file, column, rows in clean.keys:
        own.add_column(file, column, rows)
    own_references = clean.references.get(resource.name)
    if stretches and not clean.is_whole:
        return TableScan(scan=_joined_scan(clean.rows, stretches.scan, apart, own), own_references=own_references)
    return _Clean(
        scan=Scan(rows=clean.rows),
        rows=clean.rows,
        keys=joined(given),
        references=clean.references,
        own_references=own_references,
    )


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
    columns, singles = keys.parts()
    names = [scan.verdict for scan in scans if scan.verdict in keys.remembered]
    if len(set(names)) < len(names):  # the same bytes in two packages
        return Together(are_references_known=False)
    is_proven = not names or (verdicts is not None and verdicts.is_proven({name: set(names)}, {name: set(names)}))
    owned = [scan.own_references for scan in scans if scan.own_references and not (is_proven and scan.verdict in names)]
    if name in HASHED and (keys.is_hashed or keys.remembered):
        return _hashed_together(keys, is_proven=is_proven)
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
