"""Questionnaires as data: questions, branches, what each answer counts as, and what a filled form may hold. Pure.

A questionnaire is a file of `content/questionnaires/` (`nok.questionnaire_file` reads it). One description serves the
form in a browser, the sheet of paper, the table of answers and the form for survey programs, so that all of them ask
the same and refuse the same.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from nok.errors import Place, Problem
from nok.vocabulary import Texts

LONGEST_TEXT = 1000
"""Characters of a free answer, as in a review."""

LONGEST_GIVEN = 200
"""So much of a wrong answer is repeated in what is said about it."""

TEXT_PATTERN = "[^\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\ud800-\\udfff]*"
"""A free answer: no controls but the line break, no halves of characters."""

_TEXT = re.compile("[^\u0000-\u0009\u000b-\u001f\u007f-\u009f\ud800-\udfff]*")
_LINE_END = re.compile("\r\n|\r")
_NUMBER = re.compile("[0-9]{1,4}")


class Format(StrEnum):
    """How a question is answered: one code, several codes, a whole number, words."""

    ONE = "one"
    MANY = "many"
    NUMBER = "number"
    TEXT = "text"


class Counts(StrEnum):
    """What an answer counts as in the share of the satisfied; `LEFT_OUT` is in neither part of the fraction."""

    SATISFIED = "satisfied"
    NOT = "not"
    LEFT_OUT = "left_out"


class Role(StrEnum):
    """What a question gives to the thing it feeds.

    `SHARE`: the share of the satisfied among those who answered. `BASE`: it chooses who is asked on, and so stands
    behind the number of those who answered. `MARK`: a mark of 1 to 5, of which the mean is taken.
    """

    SHARE = "share"
    BASE = "base"
    MARK = "mark"


class Standing(StrEnum):
    """`DRAFT` is shown nowhere, `PUBLISHED` is shown and may be filled in, `REFERENCE` is only shown."""

    DRAFT = "draft"
    PUBLISHED = "published"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the given answers. `upto` is the top of a group where the answer is a number, else `None`."""

    code: str
    text: Texts
    counts: Counts
    upto: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a question feeds: a measure of the method, or a criterion of citizens' ratings, never both in one form.

    `parameter` is the code in the federal cabinet's editor of forms (`5.1.1`); empty where no source names it.
    """

    target: str
    role: Role
    parameter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The question `question` was answered by one of `answers`."""

    question: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; it is asked where all of `when` hold.

    `number` is what people see. `lowest` and `highest` bound a number, else they are `None`. `is_own` is true for what
    a regional form adds to its base.
    """

    id: str
    number: int
    text: Texts
    hint: Texts
    format: Format
    choices: tuple[Choice, ...]
    is_required: bool
    when: tuple[Condition, ...]
    feeds: tuple[Feed, ...]
    lowest: int | None = None
    highest: int | None = None
    is_own: bool = False

    def choice(self, code: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.code == code), None)


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """A form as its file says it. `method` is empty where it feeds citizens' ratings; `base` where it extends nothing.

    `spheres` and `regions` say where it is asked; no regions means everywhere. `period` is a year, `None` for any.
    """

    id: str
    title: Texts
    intro: Texts
    source: Texts
    note: Texts
    version: str
    standing: Standing
    published_on: date | None
    valid_from: date | None
    valid_to: date | None
    period: int | None
    method: str
    spheres: tuple[str, ...]
    regions: tuple[str, ...]
    base: str
    questions: tuple[Question, ...]

    @cached_property
    def by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    @cached_property
    def digest(self) -> str:
        """12 hex digits of all that is asked: a form that extends this one names them, and so notices a new wording."""
        return digest_of(self.questions)

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The questions that hang on each other, in the order of the form: a question with its branches is one group."""
        root = {question.id: question.id for question in self.questions}
        for question in self.questions:
            for condition in question.when:
                old, new = root[question.id], root[condition.question]
                root = {name: new if top == old else top for name, top in root.items()}
        found: dict[str, list[str]] = {}
        for name, top in root.items():
            found.setdefault(top, []).append(name)
        return tuple(tuple(group) for group in found.values())

    @cached_property
    def requirements(self) -> dict[str, dict[str, frozenset[str]]]:
        """What must have been answered so that a question is asked: question to (question before, answers left for it).

        The conditions of the questions that it hangs on hold too. Where a question that takes one answer is left
        without any, nobody ever comes here; one that takes several keeps all that were named, for each can be given.
        """
        found: dict[str, dict[str, frozenset[str]]] = {}
        for question in self.questions:
            own = found[question.id] = {}
            for condition in question.when:
                for name, answers in (*found[condition.question].items(), (condition.question, {*condition.answers})):
                    known = own.get(name, frozenset(answers))
                    is_one = self.by_id[name].format is Format.ONE
                    own[name] = known & answers if is_one else known | answers
        return found

    def is_reachable(self, question: Question) -> bool:
        """Whether some way of answering leads to `question`."""
        return all(self.requirements[question.id].values())

    def is_valid_on(self, day: date) -> bool:
        """Whether the form may be filled in on `day`, by its dates and its year."""
        is_late = self.valid_to is not None and day > self.valid_to
        is_early = self.valid_from is not None and day < self.valid_from
        return not is_late and not is_early and self.period in (None, day.year)


def digest_of(questions: Iterable[Question]) -> str:
    """12 hex digits of everything that `questions` ask."""
    said = [_plain(question) for question in questions]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:12]


def _plain(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "text": question.text,
        "hint": question.hint,
        "format": question.format,
        "choices": [[choice.code, choice.text, choice.counts, choice.upto] for choice in question.choices],
        "required": question.is_required,
        "when": [[condition.question, condition.answers] for condition in question.when],
        "feeds": [[feed.target, feed.role, feed.parameter] for feed in question.feeds],
        "bounds": [question.lowest, question.highest],
    }


def find_questionnaire(
    questionnaires: Iterable[Questionnaire], *, sphere: str, region_code: str, day: date
) -> Questionnaire | None:
    """The form that assesses a sphere in a region on a day: a regional one before its base, the newest of several.

    `None` where there is none. Forms that feed citizens' ratings are never meant.
    """
    fitting = [
        form
        for form in questionnaires
        if form.standing is Standing.PUBLISHED
        and form.method
        and sphere in form.spheres
        and (not form.regions or region_code in form.regions)
        and form.is_valid_on(day)
    ]
    return max(fitting, key=lambda form: (bool(form.regions), form.valid_from or date.min, form.id), default=None)


# ---- branches ------------------------------------------------------------------------------------------------------


def is_asked(question: Question, answers: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether `question` is asked of somebody who answered the ones before by `answers`."""
    return all(set(answers.get(condition.question, ())) & set(condition.answers) for condition in question.when)


def following(questionnaire: Questionnaire, question: Question, code: str) -> Question | None:
    """The next question for somebody who answers `question` by `code`; `None` at the end of the form.

    Only what hangs on this answer is passed over; for the sheet of paper, where the way is told in words.
    """
    place = questionnaire.questions.index(question)
    for later in questionnaire.questions[place + 1 :]:
        needed = questionnaire.requirements[later.id].get(question.id)
        if needed is None or code in needed:
            return later
    return None


# ---- a filled form -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A filled form as understood: question to its answers, in the order of the form; unanswered ones are absent.

    `cleared` are questions that were answered although they are not asked on this way. With `problems`, one for each
    wrong field (`where.column` is the question), the form cannot be taken.
    """

    answers: Mapping[str, tuple[str, ...]]
    cleared: tuple[str, ...]
    problems: tuple[Problem, ...]


class _AnswerError(Exception):
    """One answer is wrong; carries the rule and what its sentence needs."""

    def __init__(self, rule: str, value: str, **details: str) -> None:
        super().__init__(rule)
        self.rule, self.value, self.details = rule, value, details


def read_answers(questionnaire: Questionnaire, given: Mapping[str, Sequence[str]]) -> Reading:
    """What a filled form says. `given` is question to what was ticked or written; nothing but blanks is no answer."""
    answers: dict[str, tuple[str, ...]] = {}
    cleared, problems = [], []
    for question in questionnaire.questions:
        said = [text for text in given.get(question.id, ()) if text.strip()]
        if not is_asked(question, answers):
            cleared += [question.id] if said else []
            continue
        try:
            if found := _read_answer(question, said):
                answers[question.id] = found
        except _AnswerError as error:
            problems.append(_problem(error.rule, question.id, error.value, str(question.number), **error.details))
    unknown = [name for name in given if name not in questionnaire.by_id]
    problems += [_problem("question-unknown", name, name, known=", ".join(questionnaire.by_id)) for name in unknown]
    return Reading(answers=answers, cleared=tuple(cleared), problems=tuple(problems))


def _problem(rule: str, column: str, value: str, number: str = "", **details: str) -> Problem:
    shown = column[:LONGEST_GIVEN]
    return Problem(
        rule=rule, where=Place(column=shown), value=value[:LONGEST_GIVEN], details={"number": number, **details}
    )


def _read_answer(question: Question, said: Sequence[str]) -> tuple[str, ...]:
    if not said:
        if question.is_required:
            raise _AnswerError("answer-required", "")
        return ()
    if question.format is not Format.MANY and len(said) > 1:
        raise _AnswerError("answer-several", ", ".join(said))
    readers = {Format.NUMBER: _read_number, Format.TEXT: _read_text}
    return readers.get(question.format, _read_codes)(question, said)


def _read_codes(question: Question, said: Sequence[str]) -> tuple[str, ...]:
    for code in said:
        if question.choice(code) is None:
            raise _AnswerError("answer-unknown", code, known=", ".join(choice.code for choice in question.choices))
    return tuple(choice.code for choice in question.choices if choice.code in said)


def _read_number(question: Question, said: Sequence[str]) -> tuple[str, ...]:
    lowest, highest = question.lowest or 0, question.highest or 0
    if _NUMBER.fullmatch(said[0]) is None or not lowest <= int(said[0]) <= highest:
        raise _AnswerError("answer-number", said[0], lowest=str(lowest), highest=str(highest))
    return (str(int(said[0])),)


def _read_text(_: Question, said: Sequence[str]) -> tuple[str, ...]:
    text = _LINE_END.sub("\n", said[0])
    if _TEXT.fullmatch(text) is None or len(text) > LONGEST_TEXT:
        raise _AnswerError("answer-text", text, maximum=str(LONGEST_TEXT))
    return (text,)


def tally(questionnaire: Questionnaire, answers: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """(question, code) of every answer of one filled form that is counted; a number counts in its group, words never."""
    for name, said in answers.items():
        question = questionnaire.by_id[name]
        if question.format is Format.NUMBER:
            group = next((choice for choice in question.choices if int(said[0]) <= (choice.upto or 0)), None)
            yield from [(name, group.code)] if group else []
        elif question.format is not Format.TEXT:
            yield from ((name, code) for code in said)


# ---- the table of answers ------------------------------------------------------------------------------------------

MODES = ("paper", "interview", "phone", "web", "qr", "app")
"""How a form was filled in, as in the published table `answers`."""

TABLE_SCHEMA = "https://datapackage.org/profiles/2.0/tableschema.json"


def answers_schema(questionnaire: Questionnaire, language: str) -> dict[str, Any]:
    """The Table Schema of filled forms, one a row: where, how, and a column for each question.

    Several answers stand in one cell, parted by spaces, as survey programs write them. A branch is told by
    `relevantWhen` (a property of ours): where it does not hold, the cell is empty.
    """
    where = {"name": "organization_id", "type": "string"}
    pattern = "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?"
    return {
        "$schema": TABLE_SCHEMA,
        "title": questionnaire.title[language],
        "questionnaire": questionnaire.id,
        "version": questionnaire.version,
        "fields": [
            {**where, "constraints": {"required": True, "pattern": pattern}},
            {"name": "mode", "type": "string", "constraints": {"required": True, "enum": list(MODES)}},
            *(_field(question, language) for question in questionnaire.questions),
        ],
        "missingValues": [""],
    }


def _field(question: Question, language: str) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": question.id,
        "type": "integer" if question.format is Format.NUMBER else "string",
        "title": question.text[language],
        "constraints": _constraints(question),
    }
    if question.format in (Format.ONE, Format.MANY):
        field["answers"] = {choice.code: choice.text[language] for choice in question.choices}
    if question.when:
        field["relevantWhen"] = {condition.question: list(condition.answers) for condition in question.when}
    return field


def _constraints(question: Question) -> dict[str, Any]:
    found: dict[str, Any] = {"required": True} if question.is_required and not question.when else {}
    codes = [choice.code for choice in question.choices]
    if question.format is Format.ONE:
        found["enum"] = codes
    elif question.format is Format.MANY:
        code = "|".join(codes)
        found["pattern"] = f"({code})( ({code}))*"
    elif question.format is Format.NUMBER:
        found |= {"minimum": question.lowest, "maximum": question.highest}
    else:
        found |= {"maxLength": LONGEST_TEXT, "pattern": TEXT_PATTERN}
    return found


def split_cell(question: Question, cell: str) -> list[str]:
    """The answers in a cell of that table."""
    return cell.split(" ") if question.format is Format.MANY else [cell]
