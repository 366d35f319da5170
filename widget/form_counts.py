"""Filled questionnaires as counters: how many people gave which answer, and nothing that ties two answers together.

A questionnaire asks about disability and age; a row for each person would tell who said what about everything. So there
is no such row: each answer adds one to a counter and is forgotten. And a counter is published in steps only: answers
**wait** until at least `STEP` people have answered the question, then they are counted together, so that neither one
publication nor the difference of two tells what one person said. A question moves together with its branches, for a
branch that ran ahead of its question would make the counts impossible.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from widget.tables import form_counts, form_keys, form_texts

STEP = 10
"""So many people at least, or nobody, stand behind every change of what is published about a question."""

PEOPLE = ""
"""In place of an answer: how many people answered the question at all."""

SET_ASIDE = "set_aside"
"""In place of an answer, of no question: forms that the guard set aside."""

_WHERE = ("organization_id", "assessment_id", "questionnaire_id", "mode")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormArrival:
    """A filled form on its way to the counters.

    `counts` are (question, code) of what is counted, `texts` (question, words) of free answers; `groups` are the
    questions that move together. A form that is set aside is counted as such and in nothing else.
    """

    organization_id: str
    assessment_id: str
    questionnaire_id: str
    mode: str
    counts: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, ...], ...]
    idempotency_key: str
    is_set_aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCount:
    """A row of the published table `answers`; `count` is of people."""

    organization_id: str
    assessment_id: str
    questionnaire_id: str
    question: str
    answer: str
    mode: str
    count: int


def add_form(connection: sa.Connection, idempotency_hash: str, arrival: FormArrival) -> bool:
    """Counts a form once, however often it is sent; false where it was counted before."""
    key = _insert(connection, form_keys).values(idempotency_hash=idempotency_hash).on_conflict_do_nothing()
    if connection.execute(key).rowcount == 0:
        return False
    where = {name: getattr(arrival, name) for name in _WHERE}
    if arrival.is_set_aside:
        _add(connection, where, [("", SET_ASIDE)])
        return True
    answered = dict.fromkeys(question for question, _ in arrival.counts)
    _add(connection, where, [*arrival.counts, *((question, PEOPLE) for question in answered)])
    for question, text in arrival.texts:
        row = {"text_id": secrets.token_hex(10), **where, "question": question, "text": text}
        connection.execute(form_texts.insert(), row)
    for group in arrival.groups:
        if answered.keys() & set(group):
            _count_group(connection, where, group)
    return True


def _insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """Both engines know `ON CONFLICT`; the library spells it for each."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def _add(connection: sa.Connection, where: Mapping[str, str], counts: Iterable[tuple[str, str]]) -> None:
    rows = [
        {**where, "question": question, "answer": answer, "counted": 0, "waiting": 1} for question, answer in counts
    ]
    if rows:
        raised = _insert(connection, form_counts).on_conflict_do_update(
            index_elements=list(form_counts.primary_key), set_={"waiting": form_counts.c.waiting + 1}
        )
        connection.execute(raised, rows)


def _count_group(connection: sa.Connection, where: Mapping[str, str], group: Sequence[str]) -> None:
    """Counts what waits of a group where every question of it was answered by enough people, or by nobody."""
    mine = sa.and_(*(form_counts.c[name] == value for name, value in where.items()), form_counts.c.question.in_(group))
    waiting = sa.select(form_counts.c.waiting).where(mine, form_counts.c.answer == PEOPLE)
    people = list(connection.execute(waiting).scalars())
    if any(people) and all(number == 0 or number >= STEP for number in people):
        moved = {"counted": form_counts.c.counted + form_counts.c.waiting, "waiting": 0}
        connection.execute(form_counts.update().where(mine).values(moved))


def iterate_counts(connection: sa.Connection) -> Iterator[AnswerCount]:
    """What may be published, in a fixed order."""
    said = form_counts.c.answer != PEOPLE
    found = (
        form_counts.select()
        .where(form_counts.c.counted > 0, form_counts.c.question != "", said)
        .order_by(*form_counts.primary_key)
    )
    for row in connection.execute(found):
        yield AnswerCount(
            organization_id=row.organization_id,
            assessment_id=row.assessment_id,
            questionnaire_id=row.questionnaire_id,
            question=row.question,
            answer=row.answer,
            mode=row.mode,
            count=row.counted,
        )
