"""What a check has found as one page that can be sent: to those who prepared the data and have not this program.

Nothing stands beside the file, and nothing in it runs: the style is inside, named by its checksum in the policy.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path

from nok.errors import Problem, Severity
from nok.messages import advice, message, place
from nok.templating import Theme, Words, format_date, make_site, trusted_html

FIRST_SHOWN = 20
"""So many problems of a file stand open; the others wait behind one line."""

MOST_SHOWN = 1000
"""More of one file are only counted: nobody mends a thousand rows by hand, and the JSON report has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A problem in words; `place` names row and column, and is empty where the file as a whole is meant."""

    place: str
    message: str
    advice: str
    rule: str
    is_error: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReport:
    """The problems of one file: the first ones, those behind `more`, and how many are only counted (`untold`)."""

    name: str
    counts: str
    first: Sequence[Told]
    rest: Sequence[Told]
    more: str
    untold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """All that the template knows."""

    title: str
    subtitle: str
    verdict: str
    counts: str
    is_valid: bool
    files: Sequence[TableReport]
    words: Mapping[str, str]
    style: str
    style_hash: str


def render_check_report(
    problems: Sequence[Problem], rows: int, packages: Sequence[str], words: Words, day: date, theme: Path
) -> str:
    """The whole HTML document, in the language of `words`; `rows` is how many records were checked."""
    style = (theme / "templates" / "check" / "report.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    verdict = "check.invalid" if errors else "check.valid_warnings" if problems else "check.valid"
    record = CheckReport(
        title=words("check.title", packages=", ".join(packages)),
        subtitle=words("check.subtitle", day=format_date(day, words.language)),
        verdict=words(verdict),
        counts=words("check.counts", rows=words.count("check.rows", rows), found=_counts(problems, words)),
        is_valid=not errors,
        files=[_file(name, found, words) for name, found in _by_file(problems).items()],
        words={name: words(f"check.{name}") for name in ("error", "warning", "rule")},
        style=trusted_html(style),
        style_hash=f"sha256-{digest}",
    )
    site = make_site(
        title="",
        language=words.language,
        languages=[words.language],
        words=words,
        root="",
        public_url="",
        widget_url="",
        contact_email="",
        assets={},
    )
    return Theme(theme).bind("check/report.html", site)(record)


def _by_file(problems: Sequence[Problem]) -> dict[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        name = "/".join(part for part in (problem.where.package, problem.where.file) if part)
        found.setdefault(name, []).append(problem)
    return found


def _file(name: str, problems: Sequence[Problem], words: Words) -> TableReport:
    told = [_told(problem, words.language) for problem in islice(problems, MOST_SHOWN)]
    untold = len(problems) - len(told)
    return TableReport(
        name=name or words("check.whole"),
        counts=_counts(problems, words),
        first=told[:FIRST_SHOWN],
        rest=told[FIRST_SHOWN:],
        more=words("check.more", count=len(told) - FIRST_SHOWN),
        untold=words("check.untold", count=untold) if untold else "",
    )


def _counts(problems: Sequence[Problem], words: Words) -> str:
    """`2 errors, 1 warning`; warnings are not spoken of where there are none."""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    said = [words.count("check.errors", errors)]
    if errors < len(problems):
        said.append(words.count("check.warnings", len(problems) - errors))
    return ", ".join(said)


def _told(problem: Problem, language: str) -> Told:
    clause = message(problem, language)
    return Told(
        place=place(replace(problem, where=replace(problem.where, package="", file="")), language),
        message=clause[:1].upper() + clause[1:],
        advice=advice(problem, language),
        rule=problem.rule,
        is_error=problem.severity is Severity.ERROR,
    )
