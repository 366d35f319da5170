"""Published points that do not agree: warnings with the file and row where each stands."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from nok.errors import Place, Problem, Severity
from nok.packages.segments import has_others, numbered_rows
from nok.warehouse import Flag, Warehouse
from nok.warehouse_load import fill_warehouse
from nok.warehouse_pack import digest
from nok.warehouse_rows import Sources, frame_of

MOST_TOLD = 100
"""So many numbers are told one by one, and then how many more there are."""

JUDGED = ("scores", "observations", "answers")
"""The tables that say something about points."""


def judge_packages(path: Path, sources: Sources, memory: Path | None = None) -> list[Problem]:
    """The warnings of packages that are not published now; a store with their points alone is made at `path`.

    `memory` is a folder where it is noted that nothing disagrees, so that the same packages need not be judged again.
    """
    if not _can_differ(sources):
        return []
    noted = memory / f"agree-{_name_of(sources)}" if memory else None
    if noted is not None and noted.exists():
        return []
    fill_warehouse(path, sources.narrowed(JUDGED))
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


def _can_differ(sources: Sources) -> bool:
    """False where the packages hold totals alone: there is nothing that these could disagree with."""
    if not any(True for _ in sources.resources("scores")):
        return False
    if any(True for _ in sources.resources("observations", "answers")):
        return True
    totals = {method.total.id for method in sources.methods.values()}
    return any(
        has_others(file, resource.delimiter, "measure", totals)
        for _, resource in sources.resources("scores")
        for file in resource.files
    )


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
