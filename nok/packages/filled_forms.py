"""A table of filled questionnaires, one form a row: every fault with its row and column.

The table is what somebody typed from sheets of paper, or what a survey program exports; it is no part of a data
package, for a package holds counts and never single forms.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from nok.errors import Place, Problem, StorageError
from nok.packages.fields import similar
from nok.questionnaire import MODES, Questionnaire, read_answers, split_cell

ORGANIZATION = "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?"
FRAME = ("organization_id", "mode")
"""The columns that say where a form was filled in and how."""


def check_filled_forms(file: Path, form: Questionnaire) -> tuple[int, list[Problem]]:
    """(number of filled forms, all that is wrong) of a CSV with the columns of the form's schema; a column of a question
    that nobody was asked may be left out.

    Raises:
        StorageError: the file cannot be read as a table in UTF-8.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream, strict=True)
            columns = next(rows, [])
            problems = list(_header(columns, form, file.name))
            if problems:
                return 0, problems
            count = 0
            for count, cells in enumerate(rows, 1):
                problems += _row(columns, cells, form, file.name, count + 1)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StorageError("table-unreadable", place=file, reason=error) from error
    return count, problems


def _header(columns: Sequence[str], form: Questionnaire, file: str) -> Iterator[Problem]:
    known = [*FRAME, *form.by_id]
    if not columns:
        yield Problem(rule="header-empty", where=Place(file=file))
        return
    for place, name in enumerate(columns):
        where = Place(file=file, row=1, column=name)
        if name in columns[:place]:
            yield Problem(rule="header-repeated", where=where, value=name)
        elif name not in known:
            yield Problem(rule="header-unknown", where=where, value=name, details={"similar": similar(name, known)})
    for name in FRAME:
        if name not in columns:
            yield Problem(rule="header-missing", where=Place(file=file, row=1, column=name), value=name)


def _row(
    columns: Sequence[str], cells: Sequence[str], form: Questionnaire, file: str, number: int
) -> Iterator[Problem]:
    if len(cells) != len(columns):
        rule = "row-length" if any(cells) else "row-blank"
        details = {"expected": str(len(columns))}
        yield Problem(rule=rule, where=Place(file=file, row=number), value=str(len(cells)), details=details)
        return
    row = dict(zip(columns, cells, strict=True))
    yield from _frame(row, file, number)
    given = {name: split_cell(form.by_id[name], cell) for name, cell in row.items() if name in form.by_id and cell}
    reading = read_answers(form, given)
    for problem in reading.problems:
        where = Place(file=file, row=number, column=problem.where.column)
        yield Problem(rule=problem.rule, where=where, value=problem.value, details=problem.details)
    for name in reading.cleared:
        parents = ", ".join(condition.question for condition in form.by_id[name].when)
        where = Place(file=file, row=number, column=name)
        yield Problem(rule="answer-branch", where=where, value=row[name], details={"parents": parents})


def _frame(row: dict[str, str], file: str, number: int) -> Iterator[Problem]:
    expected = {"organization_id": ("pattern", ORGANIZATION), "mode": ("enum", ", ".join(MODES))}
    for name, (rule, said) in expected.items():
        where, value = Place(file=file, row=number, column=name), row[name]
        fits = value in MODES if rule == "enum" else re.fullmatch(ORGANIZATION, value) is not None
        if not value:
            yield Problem(rule="required", where=where)
        elif not fits:
            details = {"expected": said, "similar": similar(value, MODES) if rule == "enum" else ""}
            yield Problem(rule=rule, where=where, value=value, details=details)
