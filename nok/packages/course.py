"""What the tables about the course of a round say together: stages in their order, decisions in their stages, proposals
and the measures that answer them.

Rounds, stages and decisions are few and are read row by row; proposals and measures may be a million, so that Polars puts
them side by side. Nothing is asked of tables that have faults of their own.
"""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from nok.errors import Place, Problem, Severity
from nok.method import Method, Role
from nok.packages.fields import similar
from nok.packages.read import MAXIMUM_FIELD_CHARACTERS, Package, Resource
from nok.packages.segments import Part, frames
from nok.records import PLANNED_STAGES, STAGES

MOST_WARNINGS = 100
"""So many proposals without a measure are told one by one, and then how many more there are."""

MOST_ERRORS = 1_000

TABLES = ("assessments", "assessment_stages", "decisions", "recommendations", "plan_measures")

_ROUND = ("assessment_id", "method_id", "stage", "started_on")
_STAGE = ("assessment_id", "stage", "started_on", "finished_on")
_DECISION = ("decision_id", "assessment_id", "stage", "decided_on")
_PROPOSAL = (
    *("recommendation_id", "organization_id", "assessment_id", "indicator", "shortcoming", "no_measure_reason"),
)
_MEASURE = ("plan_measure_id", "organization_id", "assessment_id", "recommendation_id", "indicator", "done_on")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with the place it stands at."""

    where: Place
    cells: tuple[str, ...]
    is_ours: bool


@dataclass(slots=True, kw_only=True)
class _Rounds:
    """What is known of rounds: method, stage, first day, and when each stage began."""

    methods: dict[str, str] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)
    starts: dict[str, str] = field(default_factory=dict)
    begun: dict[str, dict[str, str]] = field(default_factory=dict)


def course_problems(
    packages: Sequence[Package], lenders: Sequence[Package], methods: Mapping[str, Method], encoding: str
) -> list[Problem]:
    """The faults of these tables in `packages`; rows of `lenders` count, but their faults are not told."""
    reader = _Reader(packages, lenders, encoding)
    if not any(reader.has(table) for table in TABLES[1:]):
        return []
    rounds, problems = _Rounds(), list[Problem]()
    own_rounds = reader.rows("assessments", _ROUND)
    for row in own_rounds:
        name, rounds.methods[name], rounds.stages[name], started_on = row.cells[0], *row.cells[1:]
        if started_on:
            rounds.starts[name] = started_on
    problems += _stage_problems(reader.rows("assessment_stages", _STAGE), rounds)
    problems += _current_problems(own_rounds, rounds)
    problems += _decision_problems(reader.rows("decisions", _DECISION), rounds)
    proposals, measures = reader.frame("recommendations", _PROPOSAL), reader.frame("plan_measures", _MEASURE)
    for frame in (proposals, measures):
        problems += _indicator_problems(frame, rounds, methods, reader)
    problems += _early_problems(measures, rounds, reader)
    problems += _foreign_problems(measures, proposals, reader)
    problems += _unanswered_problems(measures, proposals, rounds, reader)
    return problems


# ---- rounds, stages, decisions -------------------------------------------------------------------------------------


def _stage_problems(rows: Iterable[_Row], rounds: _Rounds) -> Iterator[Problem]:
    by_round: dict[str, dict[str, _Row]] = {}
    for row in rows:
        by_round.setdefault(row.cells[0], {})[row.cells[1]] = row
    for assessment, found in by_round.items():
        ordered = [found[stage] for stage in STAGES if stage in found]
        rounds.begun[assessment] = {row.cells[1]: row.cells[2] for row in ordered}
        rounds.starts.setdefault(assessment, ordered[0].cells[2])
        for number, row in enumerate(ordered):
            if row.is_ours:
                yield from _order_problems(row, ordered[:number])


def _order_problems(row: _Row, before: Sequence[_Row]) -> Iterator[Problem]:
    """A stage that ends before it begins, or begins before one that it follows has begun or ended."""
    _, stage, started_on, finished_on = row.cells
    if finished_on and finished_on < started_on:
        details = {"expected": started_on}
        yield _problem("period-order", row, "finished_on", finished_on, details)
    late = max(before, key=lambda one: one.cells[2], default=None)
    if late is not None and late.cells[2] > started_on:
        details = {"stage": stage, "other": late.cells[1], "expected": late.cells[2]}
        yield _problem("stage-order", row, "started_on", started_on, details)
        return
    open_one = max(before, key=lambda one: one.cells[3], default=None)
    if open_one is not None and open_one.cells[3] > started_on:
        details = {"stage": stage, "other": open_one.cells[1], "expected": open_one.cells[3]}
        yield _problem("stage-overlap", row, "started_on", started_on, details, Severity.WARNING)


def _current_problems(rows: Iterable[_Row], rounds: _Rounds) -> Iterator[Problem]:
    """A round whose stage is not the last one that has begun."""
    for row in rows:
        begun = rounds.begun.get(row.cells[0])
        if begun and row.is_ours and row.cells[2] != (last := list(begun)[-1]):
            yield _problem("stage-current", row, "stage", row.cells[2], {"expected": last, "started": begun[last]})


def _decision_problems(rows: Iterable[_Row], rounds: _Rounds) -> Iterator[Problem]:
    for row in rows:
        name, assessment, stage, decided_on = row.cells
        begun = rounds.begun.get(assessment, {})
        started_on = begun.get(stage) or rounds.starts.get(assessment, "")
        if not row.is_ours:
            continue
        if begun and stage not in begun and STAGES.index(stage) > STAGES.index(list(begun)[-1]):
            details = {"decision": name, "assessment": assessment, "last": list(begun)[-1]}
            yield _problem("decision-stage", row, "stage", stage, details)
        elif started_on and decided_on < started_on:
            details = {"decision": name, "stage": stage, "expected": started_on}
            yield _problem("decision-early", row, "decided_on", decided_on, details)


def _problem(
    rule: str,
    row: _Row,
    column: str,
    value: str,
    details: Mapping[str, str],
    severity: Severity = Severity.ERROR,
) -> Problem:
    where = Place(package=row.where.package, file=row.where.file, row=row.where.row, column=column)
    return Problem(rule=rule, where=where, value=value, details=dict(details), severity=severity)


# ---- proposals and measures ----------------------------------------------------------------------------------------


def _indicator_problems(
    frame: pl.DataFrame, rounds: _Rounds, methods: Mapping[str, Method], reader: "_Reader"
) -> Iterator[Problem]:
    """Indicators that the round's method does not have; the total is nobody's shortcoming."""
    pairs = frame.filter(pl.col("indicator") != "").select("assessment_id", "indicator").unique()
    bad = [(name, asked) for name, asked in pairs.iter_rows() if asked not in _measures(name, rounds, methods)]
    if not bad:
        return
    wrong = pl.DataFrame(bad, schema=["assessment_id", "indicator"], orient="row")
    found = frame.join(wrong, on=["assessment_id", "indicator"], how="semi", maintain_order="left")
    for place, assessment, indicator in reader.told(found, "indicator", "assessment_id", "indicator"):
        known = _measures(assessment, rounds, methods)
        details = {
            "method": rounds.methods[assessment],
            "known": ", ".join(known),
            "similar": similar(indicator, known),
        }
        yield Problem(rule="measure-unknown", where=place, value=indicator, details=details)


def _measures(assessment: str, rounds: _Rounds, methods: Mapping[str, Method]) -> Collection[str]:
    method = methods.get(rounds.methods.get(assessment, ""))
    return [measure.id for measure in method.measures if measure.role is not Role.TOTAL] if method else ()


def _early_problems(measures: pl.DataFrame, rounds: _Rounds, reader: "_Reader") -> Iterator[Problem]:
    """Measures that were done before the round began."""
    starts = pl.DataFrame(
        list(rounds.starts.items()), schema={"assessment_id": pl.String, "began": pl.String}, orient="row"
    )
    done = measures.filter(pl.col("done_on") != "").join(starts, on="assessment_id", maintain_order="left")
    found = done.filter(pl.col("done_on") < pl.col("began"))
    told = reader.told(found, "done_on", "done_on", "assessment_id", "began", "plan_measure_id")
    for place, done_on, assessment, began, name in told:
        details = {"measure": name, "assessment": assessment, "expected": began}
        yield Problem(rule="measure-early", where=place, value=done_on, details=details)


def _foreign_problems(measures: pl.DataFrame, proposals: pl.DataFrame, reader: "_Reader") -> Iterator[Problem]:
    """Measures that answer a proposal to another organisation, or of another round."""
    asked = proposals.select("recommendation_id", theirs="organization_id", other="assessment_id")
    named = measures.filter(pl.col("recommendation_id") != "")
    both = named.join(asked, on="recommendation_id", maintain_order="left")
    is_foreign = (pl.col("theirs") != pl.col("organization_id")) | (pl.col("other") != pl.col("assessment_id"))
    columns = ("recommendation_id", "organization_id", "assessment_id", "theirs", "other")
    for place, name, own, assessment, theirs, other in reader.told(
        both.filter(is_foreign), "recommendation_id", *columns
    ):
        details = {"organization": own, "assessment": assessment, "other": theirs, "expected": other}
        yield Problem(rule="recommendation-foreign", where=place, value=name, details=details)


def _unanswered_problems(
    measures: pl.DataFrame, proposals: pl.DataFrame, rounds: _Rounds, reader: "_Reader"
) -> Iterator[Problem]:
    """Proposals of rounds that have plans, without a measure and without a reason: an organisation without any measure is
    told once."""
    planned = [name for name, stage in rounds.stages.items() if stage in PLANNED_STAGES]
    place = ["organization_id", "assessment_id"]
    answered = measures.filter(pl.col("recommendation_id") != "")
    about = measures.filter(pl.col("recommendation_id") == "").select(*place, "indicator").unique()
    left = (
        proposals.filter(pl.col("assessment_id").is_in(planned) & (pl.col("no_measure_reason") == ""))
        .join(answered, on="recommendation_id", how="anti", maintain_order="left")
        .join(about, on=[*place, "indicator"], how="anti", maintain_order="left")
    )
    bare = left.join(measures, on=place, how="anti", maintain_order="left")
    once = bare.group_by(place, maintain_order=True).agg(pl.all().first(), number=pl.len())
    yield from reader.told_few(once, "plan-missing", "organization_id", "assessment_id", "number")
    rest = left.join(measures, on=place, how="semi", maintain_order="left")
    yield from reader.told_few(
        rest, "recommendation-unanswered", "recommendation_id", "assessment_id", "organization_id"
    )


# ---- reading -------------------------------------------------------------------------------------------------------


class _Reader:
    """The tables of all packages; a row of a frame knows its file by number."""

    def __init__(self, packages: Sequence[Package], lenders: Sequence[Package], encoding: str) -> None:
        self._packages = [(package, True) for package in packages] + [(package, False) for package in lenders]
        self._encoding = encoding
        self._places: list[Place] = []
        self._ours: list[bool] = []

    def has(self, table: str) -> bool:
        return any(package.resource(table) is not None for package, _ in self._packages)

    def rows(self, table: str, columns: Sequence[str]) -> list[_Row]:
        """Every row of a small table."""
        return [
            _Row(Place(package=where.package, file=where.file, row=number), cells, is_ours)
            for where, is_ours, resource, file in self._files(table)
            for number, cells in enumerate(_cells(file, resource, columns, self._encoding), 2)
        ]

    def frame(self, table: str, columns: Sequence[str]) -> pl.DataFrame:
        """A table as columns, with the number of its file and of its row."""
        schema = dict.fromkeys(columns, pl.String) | {"file": pl.Int64, "row": pl.Int64}
        found = [pl.DataFrame(schema=schema)]
        for where, is_ours, resource, file in self._files(table):
            own, start = pl.lit(len(self._places), pl.Int64).alias("file"), 2
            self._places.append(where)
            self._ours.append(is_ours)
            for batch in self._batches(file, resource, columns):
                row = pl.int_range(start, start + batch.height, dtype=pl.Int64).alias("row")
                found.append(batch.with_columns(own, row))
                start += batch.height
        return pl.concat(found)

    def _batches(self, file: Path, resource: Resource, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        if self._encoding == "utf-8":
            part = Part(
                file=file, delimiter=resource.delimiter, columns=tuple(columns), owner=columns[0], identity=columns[0]
            )
            yield from frames(part)
        else:
            rows = list(_cells(file, resource, columns, self._encoding))
            yield pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")

    def _files(self, table: str) -> Iterator[tuple[Place, bool, Resource, Path]]:
        for package, is_ours in self._packages:
            resource = package.resource(table)
            if resource is None:
                continue
            for file in resource.files:
                where = Place(package=package.name, file=file.relative_to(package.folder).as_posix())
                yield where, is_ours, resource, file

    def told(self, found: pl.DataFrame, column: str, *wanted: str) -> Iterator[tuple[Any, ...]]:
        """(place, cells) of our rows, a thousand at most."""
        for number, row, *cells in self._own(found).head(MOST_ERRORS).select("file", "row", *wanted).iter_rows():
            yield self._place(number, row, column), *cells

    def told_few(self, found: pl.DataFrame, rule: str, *wanted: str) -> Iterator[Problem]:
        """A warning for each of our rows, a hundred at most, and then how many more there are; the value is the first of
        `wanted`, the others are details by their names without `_id`."""
        own = self._own(found)
        column = "recommendation_id"
        for number, row, value, *cells in own.head(MOST_WARNINGS).select("file", "row", *wanted).iter_rows():
            details = {name.removesuffix("_id"): str(cell) for name, cell in zip(wanted[1:], cells, strict=True)}
            where = self._place(number, row, column)
            yield Problem(rule=rule, where=where, value=value, details=details, severity=Severity.WARNING)
        if own.height > MOST_WARNINGS:
            where = self._place(own["file"][0], None, column)
            more = str(own.height - MOST_WARNINGS)
            yield Problem(rule=f"{rule}-more", where=where, value=more, severity=Severity.WARNING)

    def _own(self, found: pl.DataFrame) -> pl.DataFrame:
        ours = [number for number, is_ours in enumerate(self._ours) if is_ours]
        return found.filter(pl.col("file").is_in(ours)).sort("file", "row")

    def _place(self, number: int, row: int | None, column: str) -> Place:
        where = self._places[number]
        return Place(package=where.package, file=where.file, row=row, column=column)


def _cells(file: Path, resource: Resource, columns: Sequence[str], encoding: str) -> Iterator[tuple[str, ...]]:
    """The wanted cells of each row; a column that is not there reads as empty."""
    csv.field_size_limit(MAXIMUM_FIELD_CHARACTERS)  # frictionless sets its own for the whole process
    with file.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=resource.delimiter)
        header = next(reader, [])
        places = [header.index(name) if name in header else None for name in columns]
        for row in reader:
            yield tuple("" if place is None else row[place] for place in places)
