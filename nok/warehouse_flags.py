"""Published points that do not agree: warnings with the file and row where each stands."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from nok.errors import Place, Problem, Severity
from nok.packages.agreement import doubtful_organizations, owners_in
from nok.packages.segments import numbered_rows
from nok.warehouse import Warehouse
from nok.warehouse_facts import Flag
from nok.warehouse_load import fill_warehouse
from nok.warehouse_pack import SCORE_COLUMNS, digest
from nok.warehouse_rows import Sources, frame_of, published_rounds

MOST_TOLD = 100
"""So many numbers are told one by one, and then how many more there are."""

JUDGED = ("scores", "observations", "answers")
"""The tables that say something about points."""


def judge_packages(path: Path, sources: Sources, memory: Path | None = None) -> list[Problem]:
    """The warnings of packages that are not published now; a store with their points alone is made at `path`.

    `memory` is a folder where it is noted that nothing disagrees, so that the same packages need not be judged again.
    """
    noted = memory / f"agree-{_name_of(sources)}" if memory else None
    if noted is not None and noted.exists():
        return []
    narrowed = sources.narrowed(JUDGED)
    doubtful = _doubtful(narrowed)
    found = []
    if doubtful:
        fill_warehouse(path, narrowed.only(doubtful))
        found = score_warnings(path, sources)
    if noted is not None and not found:
        noted.parent.mkdir(parents=True, exist_ok=True)
        noted.touch()
    return found


def _name_of(sources: Sources) -> str:
    """Of all that a judgement depends on: program, methods, and the bytes of each table."""
    files = [file for _, resource in sources.resources("assessments") for file in resource.files]
    hashes = [segment.sha256 for segment, _ in sources.narrowed(JUDGED).segments().values()]
    return digest(frame_of(sources), *sorted(hashes + [sources.hash_of(file) for file in files]))


def _doubtful(sources: Sources) -> set[str]:
    """Organisations whose points must be looked at one by one: a country has a million rounds, nearly all in order."""
    parts = sources.parts()
    evidence = [part for name in ("observations", "answers") for part in parts.get(name, ())]
    found = {owner for part in evidence for owner in owners_in(part)}
    rounds = published_rounds(sources)
    # Without organisations (only their parents were lent) nobody knows by which variant of a method to judge.
    if {"scores", "organizations"} <= parts.keys() and rounds:
        organizations = [
            replace(part, columns=("organization_id", "sphere", "kind")) for part in parts["organizations"]
        ]
        points = [replace(part, columns=SCORE_COLUMNS[:4]) for part in parts["scores"]]
        found |= doubtful_organizations(organizations, points, rounds)
    return found


def score_warnings(path: Path, sources: Sources) -> list[Problem]:
    """A warning for each published number that does not agree with the others or with what was counted."""
    with Warehouse(path) as store:
        number, flags = store.flags(MOST_TOLD)
    rows = _rows_of(flags, sources)
    problems = [_problem(flag, rows.get((flag.organization_id, flag.assessment_id, flag.measure))) for flag in flags]
    if number > len(flags):
        where = Place(package=flags[0].package, file=flags[0].file, column="points")
        more = str(number - len(flags))
        problems.append(Problem(rule="score-differs-more", value=more, where=where, severity=Severity.WARNING))
    return problems


def _problem(flag: Flag, row: int | None) -> Problem:
    details = {"organization": flag.organization_id, "assessment": flag.assessment_id, "measure": flag.measure}
    return Problem(
        rule="score-differs" if flag.computed else "score-apart",
        value=flag.published,
        where=Place(package=flag.package, file=flag.file, row=row, column="points"),
        details=details | {"expected": flag.computed},
        severity=Severity.WARNING,
    )


def _rows_of(flags: Sequence[Flag], sources: Sources) -> dict[tuple[str, str, str], int]:
    """(organisation, assessment, measure) to the row of its file."""
    files = {(flag.package, "scores", flag.file) for flag in flags}
    owners = {flag.organization_id for flag in flags}
    return dict(_numbered(files, owners, sources))


def _numbered(
    files: set[tuple[str, str, str]], owners: set[str], sources: Sources
) -> Iterator[tuple[tuple[str, str, str], int]]:
    segments = sources.segments() if files else {}
    for place in sorted(files & segments.keys()):
        for number, row in numbered_rows(segments[place][1], owners):
            yield (row[0], row[1], row[2]), number
