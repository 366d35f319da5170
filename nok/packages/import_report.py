"""What an import did, as a record and in words for the person who started it.

Every row of the source is accounted for: `rows_read` = `rows_fitted` + all of `rows_left_out`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from nok.errors import ExitCode, Problem
from nok.messages import advice, message, visible

SHOWN_ROWS = 20
"""How many row numbers stand in one line of the report; the rest are counted."""

SHOWN_LINES = 50
"""How many different faults, and how many mended rows, are shown unless all are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """How many rows were left out and why; `is_misfit` for those that did not fit, listed among the problems."""

    rows: int
    because: Mapping[str, str]
    is_misfit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """An import that ran to its end; `rows_written` is empty and `is_written` false where it refused."""

    source: str
    package: Path
    rows_read: int
    rows_blank: int
    rows_fitted: int
    rows_left_out: tuple[LeftOut, ...]
    rows_written: Mapping[str, int]
    is_written: bool
    mended: tuple[Problem, ...]
    problems: tuple[Problem, ...]

    @property
    def exit_code(self) -> ExitCode:
        """`DATA` where nothing was written because rows did not fit."""
        return ExitCode.DONE if self.is_written else ExitCode.DATA


MISFIT_WORDS = {"ru": "не подошли, перечислены ниже", "en": "do not fit, listed below"}

_WORDS = {
    "ru": {
        "read": "{source}: прочитано строк — {rows}",
        "blank": " (пустых — {rows}, они не считаются)",
        "fitted": "Подошли: {rows}. Оставлены в стороне: {out}.",
        "because": "  {rows} — {because}",
        "misfits": "Не подошло:",
        "mended": "Исправлено при чтении: {rows}",
        "written": "Записан пакет {package}: {tables}.",
        "refused": "Ничего не записано: исправьте строки или соответствие. Чтобы записать остальные строки без этих, "
        "напишите в соответствии on_misfit: leave_out.",
        "row": "строка {rows}",
        "rows": "строки {rows}",
        "column": "столбец {column}",
        "more_rows": " и ещё {rows}",
        "more": "  … и ещё {rows}",
        "made": " (стало «{made}»)",
    },
    "en": {
        "read": "{source}: {rows} rows read",
        "blank": " ({rows} blank ones not counted)",
        "fitted": "Fitted: {rows}. Left out: {out}.",
        "because": "  {rows}: {because}",
        "misfits": "Does not fit:",
        "mended": "Mended while reading: {rows}",
        "written": "The package {package} is written: {tables}.",
        "refused": "Nothing was written: mend the rows or the mapping. To write the other rows without these, say "
        "`on_misfit: leave_out` in the mapping.",
        "row": "row {rows}",
        "rows": "rows {rows}",
        "column": "column {column}",
        "more_rows": " and {rows} more",
        "more": "  … and {rows} more",
        "made": " (made into '{made}')",
    },
}


def describe(report: ImportReport, language: str = "ru", is_whole: bool = False) -> str:
    """The report in lines for a person.

    Equal faults are one line with the numbers of their rows; beyond `SHOWN_LINES` lines and `SHOWN_ROWS` rows in a line
    the rest is counted, unless `is_whole`.
    """
    language = "ru" if language == "ru" else "en"
    return "\n".join(_lines(report, language, is_whole))


def _lines(report: ImportReport, language: str, is_whole: bool) -> Iterator[str]:
    words = _WORDS[language]
    blank = words["blank"].format(rows=report.rows_blank) if report.rows_blank else ""
    yield words["read"].format(source=report.source, rows=report.rows_read) + blank + "."
    left_out = sum(part.rows for part in report.rows_left_out)
    yield words["fitted"].format(rows=report.rows_fitted, out=left_out)
    for part in report.rows_left_out:
        yield words["because"].format(rows=part.rows, because=part.because[language])
    if report.mended:
        yield words["mended"].format(rows=len(report.mended)) + ":"
        yield from _cut(describe_problems(report.mended, language, is_whole), language, is_whole)
    if report.problems:
        yield words["misfits"]
        yield from _cut(describe_problems(report.problems, language, is_whole), language, is_whole)
    if report.is_written:
        tables = ", ".join(f"{name} — {rows}" for name, rows in report.rows_written.items())
        yield words["written"].format(package=report.package, tables=tables)
    else:
        yield words["refused"]


def _cut(lines: Sequence[str], language: str, is_whole: bool) -> Iterator[str]:
    shown = lines if is_whole else lines[:SHOWN_LINES]
    yield from shown
    if len(shown) < len(lines):
        yield _WORDS[language]["more"].format(rows=len(lines) - len(shown))


def describe_problems(problems: Iterable[Problem], language: str, is_whole: bool = False) -> list[str]:
    """One line for each fault; the same fault of several rows is one line. The advice follows the last of its kind."""
    lines = []
    for _, of_kind in groupby(sorted(problems, key=_kind), key=_kind):
        same = [list(rows) for _, rows in groupby(sorted(of_kind, key=_fault), key=_fault)]
        same.sort(key=lambda rows: rows[0].where.row or 0)
        told = [_fault_line(rows, language, is_whole) for rows in same]
        told[-1] += f" {_say(same[-1][0], language, is_advice=True)}"
        lines += told
    return lines


def _kind(problem: Problem) -> tuple[str, str, str]:
    return problem.where.file, problem.where.column, problem.rule


def _fault(problem: Problem) -> tuple[str, tuple[tuple[str, str], ...]]:
    return problem.value, tuple(sorted(problem.details.items()))


def _fault_line(same: Sequence[Problem], language: str, is_whole: bool) -> str:
    words, problem = _WORDS[language], same[0]
    rows = sorted({p.where.row: _row(p, language) for p in same if p.where.row is not None}.items())
    shown = rows if is_whole else rows[:SHOWN_ROWS]
    numbers = ", ".join(text for _, text in shown)
    if len(shown) < len(rows):
        numbers += words["more_rows"].format(rows=len(rows) - len(shown))
    column = words["column"].format(column=problem.where.column) if problem.where.column else ""
    target = problem.details.get("target", "")
    parts = [
        problem.where.file,
        words["rows" if len(rows) > 1 else "row"].format(rows=numbers) if rows else "",
        f"{column} → {target}" if column and target else column or target,
    ]
    said = _say(problem, language, is_advice=False)
    return f"  {', '.join(part for part in parts if part)}: {said}."


def _row(problem: Problem, language: str) -> str:
    where = problem.where
    if where.line in (None, where.row):
        return str(where.row)
    return f"{where.row} (в файле {where.line})" if language == "ru" else f"{where.row} (line {where.line})"


def _say(problem: Problem, language: str, *, is_advice: bool) -> str:
    """The words of `nok.messages`; a cell that was changed before it broke the rule is shown as found and as made."""
    if is_advice:
        return advice(problem, language)
    made = problem.details.get("made")
    return message(problem, language) + (_WORDS[language]["made"].format(made=visible(made)) if made else "")
