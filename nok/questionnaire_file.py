"""Files of `content/questionnaires/` to questionnaires: what may stand in one, and which mistakes are refused. Pure.

A regional form `extends` a base. It lists the questions of the base by their ids, in their order, and its own between
them: the law lets a region add questions, but not leave out, move or reword those of the base.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeVar

from nok.documents import as_date, nearest, parse_yaml, place_of, refuse_unknown
from nok.errors import ConfigError, Said
from nok.method import Method
from nok.method import Role as MeasureRole
from nok.questionnaire import (
    Choice,
    Condition,
    Counts,
    Feed,
    Format,
    Question,
    Questionnaire,
    Role,
    Standing,
)
from nok.records import REVIEW_CRITERIA
from nok.vocabulary import InRussianAtLeast, Texts, as_list, as_text, as_texts

RATING_CRITERIA = ("rating", *REVIEW_CRITERIA)
"""What a form without a method feeds: the columns of citizens' ratings."""

KEYS = (
    *("id", "extends", "title", "intro", "source", "note", "version", "status", "published_on", "valid_from"),
    *("valid_to", "period", "method", "spheres", "regions", "answers", "questions"),
)
QUESTION_KEYS = (
    *("id", "number", "text", "hint", "format", "answers", "required", "when", "feeds", "lowest", "highest"),
)
ANSWER_KEYS = ("code", "text", "counts", "upto")
FEED_KEYS = ("target", "as", "parameter")
EXTENDS_KEYS = ("id", "digest")

_ID = re.compile("[a-z0-9][a-z0-9_-]{0,62}")
_QUESTION = re.compile("[a-z][a-z0-9_]{0,31}")
_CODE = re.compile("[a-z0-9][a-z0-9_]{0,31}")
_NO_TEXT: Texts = InRussianAtLeast(ru="", en="")

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What questionnaires may name: methods by their ids, spheres."""

    methods: Mapping[str, Method]
    spheres: Collection[str]


def parse_questionnaires(files: Sequence[tuple[str, str]], known: Known) -> dict[str, Questionnaire]:
    """The questionnaires written in `files`, each a (name for errors, text), in the order of the names.

    Raises:
        ConfigError: with file and line: an unknown key, word, method, sphere or measure; an id that stands twice;
            a branch that leads in a circle, backwards or nowhere; a question that nobody is ever asked; a question of
            the base that is missing, moved or worded otherwise.
    """
    documents = [(source, parse_yaml(text, source)) for source, text in files]
    found: dict[str, Questionnaire] = {}
    for source, document in sorted(documents, key=lambda each: "extends" in each[1]):
        form = _Reader(source, document, known, found).read()
        if form.id in found:
            raise _refused(source, document, "id", "form-twice", name=form.id)
        found[form.id] = form
    return dict(sorted(found.items()))


def _refused(source: str, found: object, key: object, rule: str, /, **gaps: object) -> ConfigError:
    return ConfigError(rule, place=place_of(source, found, key), **gaps)


class _Reader:
    """One file on its way to a questionnaire; `others` are those that it may extend."""

    def __init__(
        self, source: str, document: dict[str, Any], known: Known, others: Mapping[str, Questionnaire]
    ) -> None:
        self._source, self._document, self._known = source, document, known
        self._base = self._read_base(others) if "extends" in document else None

    def read(self) -> Questionnaire:
        document = self._document
        refuse_unknown(document, KEYS, self._at(document, next((key for key in document if key not in KEYS), None)))
        self._answers = self._answer_sets()
        form = Questionnaire(
            id=self._id(document, Said("a-questionnaire"), _ID),
            title=self._texts(document, "title"),
            intro=self._texts(document, "intro"),
            source=self._texts(document, "source"),
            note=self._texts(document, "note") if "note" in document else _NO_TEXT,
            version=as_text(document.get("version"), f"{self._at(document, 'version')}: version"),
            standing=self._word(document, "status", Standing),
            published_on=self._date("published_on"),
            valid_from=self._date("valid_from"),
            valid_to=self._date("valid_to"),
            period=self._whole(document, "period", 2000, 2100),
            method=self._method(),
            spheres=self._spheres(),
            regions=self._names("regions"),
            base=self._base.id if self._base else "",
            questions=(),
        )
        rows = as_list(document.get("questions"), f"{self._at(document, 'questions')}: questions")
        self._rows = {row["id"]: row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)}
        form = replace(form, questions=self._questions(rows))
        self._check_reachable(form)
        return form

    # -- the head ----------------------------------------------------------------------------------------------------

    def _read_base(self, others: Mapping[str, Questionnaire]) -> Questionnaire:
        said = self._document["extends"]
        if not isinstance(said, dict):
            raise self._error(self._document, "extends", "form-extends", said=said)
        refuse_unknown(said, EXTENDS_KEYS, f"{self._at(said)}: extends")
        name = as_text(said.get("id"), f"{self._at(said, 'id')}: id")
        base = others.get(name)
        if base is None or base.base:
            bases = [form.id for form in others.values() if not form.base]
            raise self._error(said, "id", "form-base", name=name, similar=nearest(name, bases))
        digest = as_text(said.get("digest"), f"{self._at(said, 'digest')}: digest")
        if digest != base.digest:
            raise self._error(
                said,
                "digest",
                "form-digest",
                name=name,
                expected=base.digest,
                digest=digest,
            )
        return base

    def _method(self) -> str:
        if "method" not in self._document:
            return ""
        name = as_text(self._document["method"], f"{self._at(self._document, 'method')}: method")
        if name not in self._known.methods:
            similar = nearest(name, self._known.methods)
            raise self._error(self._document, "method", "form-method", name=name, similar=similar)
        return name

    def _spheres(self) -> tuple[str, ...]:
        names = self._names("spheres")
        for name in names:
            if name not in self._known.spheres:
                similar = nearest(name, self._known.spheres)
                raise self._error(self._document, "spheres", "form-sphere", name=name, similar=similar)
        return names

    def _names(self, key: str) -> tuple[str, ...]:
        found = self._document.get(key, [])
        if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
            raise self._error(self._document, key, "form-texts", key=key, found=found)
        return tuple(found)

    def _answer_sets(self) -> dict[str, tuple[Choice, ...]]:
        found = self._document.get("answers", {})
        if not isinstance(found, dict):
            raise self._error(self._document, "answers", "form-answers")
        return {name: self._choices(rows, self._at(found, name)) for name, rows in found.items()}

    # -- questions ---------------------------------------------------------------------------------------------------

    def _questions(self, rows: Sequence[Any]) -> tuple[Question, ...]:
        questions: list[Question] = []
        for row in rows:
            if not isinstance(row, dict):
                raise self._error(self._document, "questions", "form-question-row", row=row)
            number = questions[-1].number + 1 if questions else 1
            questions.append(self._question(row, number))
            if questions[-1].id in [question.id for question in questions[:-1]]:
                raise self._error(row, "id", "form-question-twice", question=row["id"])
        if self._base:
            self._check_base(self._base, questions)
        self._check_branches(questions)
        return tuple(questions)

    def _question(self, row: Mapping[str, Any], number: int) -> Question:
        name = self._id(row, Said("a-question"), _QUESTION)
        what = f"{self._at(row)}: question '{name}'"
        inherited = self._base.by_id.get(name) if self._base else None
        if inherited and set(row) == {"id"}:
            return replace(inherited, number=number)
        refuse_unknown(
            row,
            QUESTION_KEYS,
            f"{self._at(row, next((k for k in row if k not in QUESTION_KEYS), None))}: question '{name}'",
        )
        kind = self._word(row, "format", Format)
        question = Question(
            id=name,
            number=self._whole(row, "number", number, 999) or number,
            text=as_texts(row.get("text"), f"{what}: text"),
            hint=as_texts(row["hint"], f"{what}: hint") if "hint" in row else _NO_TEXT,
            format=kind,
            choices=self._question_choices(row, kind, what),
            is_required=self._required(row),
            when=tuple(self._conditions(row)),
            feeds=tuple(self._feeds(row, name, kind)),
            lowest=self._whole(row, "lowest", 0, 9999),
            highest=self._whole(row, "highest", 0, 9999),
            is_own=self._base is not None and inherited is None,
        )
        self._check_number(question, row)
        return question

    def _question_choices(self, row: Mapping[str, Any], kind: Format, what: str) -> tuple[Choice, ...]:
        said = row.get("answers")
        if kind is Format.TEXT and said is None:
            return ()
        if kind is Format.TEXT:
            raise self._error(row, "answers", "form-words", question=row["id"])
        if isinstance(said, str):
            if said not in self._answers:
                similar = nearest(said, self._answers)
                raise self._error(row, "answers", "form-no-answers", said=said, similar=similar)
            return self._answers[said]
        return self._choices(said, what)

    def _choices(self, rows: Any, what: str) -> tuple[Choice, ...]:
        choices = tuple(self._choice(row, what) for row in as_list(rows, f"{what}: answers"))
        codes = [choice.code for choice in choices]
        for place, code in enumerate(codes):
            if code in codes[:place]:
                raise self._error(rows[place], "code", "form-answer-twice", code=code)
        return choices

    def _choice(self, row: Any, what: str) -> Choice:
        if not isinstance(row, dict):
            raise ConfigError("form-answer-row", place=what, row=row)
        unknown = next((key for key in row if key not in ANSWER_KEYS), None)
        refuse_unknown(row, ANSWER_KEYS, f"{self._at(row, unknown)}: answer '{row.get('code', '?')}'")
        return Choice(
            code=self._id(row, Said("an-answer"), _CODE, "code"),
            text=self._texts(row, "text"),
            counts=self._word(row, "counts", Counts) if "counts" in row else Counts.LEFT_OUT,
            upto=self._whole(row, "upto", 0, 9999),
        )

    def _check_number(self, question: Question, row: Mapping[str, Any]) -> None:
        """A number has its bounds, and groups that rise up to the highest; nothing else has either."""
        tops = [choice.upto for choice in question.choices if choice.upto is not None]
        bounds = [bound for bound in (question.lowest, question.highest) if bound is not None]
        if question.format is not Format.NUMBER:
            if tops or bounds:
                raise self._error(row, "format", "form-bounds", question=question.id)
            return
        whole = [*bounds[:1], *tops]
        rises = all(low < high for low, high in pairwise(whole))
        if len(bounds) < 2 or len(tops) < len(question.choices) or not rises or tops[-1] != question.highest:
            raise self._error(
                row,
                "format",
                "form-number",
                question=question.id,
            )

    def _conditions(self, row: Mapping[str, Any]) -> Iterable[Condition]:
        said = row.get("when", {})
        if not isinstance(said, dict) or ("when" in row and not said):
            raise self._error(row, "when", "form-when", said=said)
        for parent, answers in said.items():
            codes = [answers] if isinstance(answers, str) else answers
            if not isinstance(codes, list) or not codes or not all(isinstance(code, str) for code in codes):
                raise self._error(
                    row,
                    "when",
                    "form-when-codes",
                    parent=parent,
                    answers=answers,
                )
            yield Condition(question=str(parent), answers=tuple(codes))

    # -- what a question feeds ---------------------------------------------------------------------------------------

    def _feeds(self, row: Mapping[str, Any], name: str, kind: Format) -> Iterable[Feed]:
        for said in row.get("feeds", []):
            if not isinstance(said, dict):
                raise self._error(row, "feeds", "form-feeds", name=name, said=said)
            unknown = next((key for key in said if key not in FEED_KEYS), None)
            refuse_unknown(said, FEED_KEYS, f"{self._at(said, unknown)}: question '{name}': feeds")
            feed = Feed(
                target=as_text(said.get("target"), f"{self._at(said, 'target')}: target"),
                role=self._word(said, "as", Role),
                parameter=as_text(said["parameter"], f"{self._at(said)}: parameter") if "parameter" in said else "",
            )
            self._check_feed(feed, said, name, kind)
            yield feed

    def _check_feed(self, feed: Feed, said: Mapping[str, Any], name: str, kind: Format) -> None:
        """Marks go to citizens' ratings and shares to the measures of a method; one form never does both."""
        method = self._known.methods.get(str(self._document.get("method", "")))
        targets = (
            [measure.id for measure in method.measures if measure.role is MeasureRole.INDICATOR]
            if method
            else list(RATING_CRITERIA)
        )
        if feed.target not in targets:
            of = Said("of-method", method=method.id) if method else Said("of-ratings")
            raise self._error(
                said,
                "target",
                "form-target",
                name=name,
                target=feed.target,
                of=of,
                similar=nearest(feed.target, targets),
                known=", ".join(targets),
            )
        if feed.parameter and not feed.parameter.startswith(f"{feed.target}."):
            raise self._error(
                said,
                "parameter",
                "form-parameter",
                name=name,
                parameter=feed.parameter,
                target=feed.target,
            )
        if (feed.role is Role.MARK) is (method is not None) or kind in (Format.TEXT, Format.NUMBER):
            common = {"name": name, "kind": kind, "target": feed.target, "role": feed.role}
            if method:
                raise self._error(said, "as", "form-role-method", **common)
            raise self._error(said, "as", "form-role", **common)

    # -- the whole ---------------------------------------------------------------------------------------------------

    def _check_base(self, base: Questionnaire, questions: Sequence[Question]) -> None:
        """Questions of the base stand in its order with its words, and none is missing."""
        kept = [question for question in questions if question.id in base.by_id]
        for question in kept:
            if replace(question, number=0) != replace(base.by_id[question.id], number=0):
                raise self._error(
                    self._rows[question.id],
                    None,
                    "form-base-changed",
                    question=question.id,
                    base=base.id,
                )
        missing = [question.id for question in base.questions if question.id not in {each.id for each in kept}]
        if missing:
            raise self._error(
                self._document,
                "questions",
                "form-base-missing",
                question=missing[0],
                base=base.id,
            )
        for here, there in zip(kept, base.questions, strict=True):
            if here.id != there.id:
                raise self._error(
                    self._rows[here.id],
                    None,
                    "form-base-order",
                    question=here.id,
                    base=base.id,
                    expected=there.id,
                )

    def _check_branches(self, questions: Sequence[Question]) -> None:
        by_id = {question.id: question for question in questions}
        for question in questions:
            for condition in question.when:
                self._check_condition(question, condition, by_id)
        for question in questions:
            self._check_circle(question, by_id)
        seen: set[str] = set()
        for question in questions:
            for condition in question.when:
                if condition.question not in seen:
                    raise self._error(
                        self._rows[question.id],
                        "when",
                        "form-later",
                        question=question.id,
                        parent=condition.question,
                    )
            seen.add(question.id)

    def _check_condition(self, question: Question, condition: Condition, by_id: Mapping[str, Question]) -> None:
        row = self._rows[question.id]
        parent = by_id.get(condition.question)
        if parent is None:
            similar = nearest(condition.question, by_id)
            raise self._error(
                row, "when", "form-parent", question=question.id, parent=condition.question, similar=similar
            )
        if parent.format not in (Format.ONE, Format.MANY):
            raise self._error(row, "when", "form-parent-list", question=question.id, parent=parent.id)
        codes = [choice.code for choice in parent.choices]
        for code in condition.answers:
            if code not in codes:
                raise self._error(
                    row,
                    "when",
                    "form-waits",
                    question=question.id,
                    code=code,
                    parent=parent.id,
                    known=", ".join(codes),
                    similar=nearest(code, codes),
                )

    def _check_circle(self, question: Question, by_id: Mapping[str, Question]) -> None:
        """Follows the branches upwards; coming back to where one began is a circle."""
        ways = [[question.id]]
        seen: set[str] = set()
        while ways:
            way = ways.pop()
            for condition in by_id[way[-1]].when:
                if condition.question == question.id:
                    circle = " → ".join([*way, question.id])
                    raise self._error(self._rows[question.id], "when", "form-circle", circle=circle)
                if condition.question not in seen:
                    seen.add(condition.question)
                    ways.append([*way, condition.question])

    def _check_reachable(self, form: Questionnaire) -> None:
        for question in form.questions:
            if not form.is_reachable(question):
                needed = form.requirements[question.id]
                parent = next(name for name, answers in needed.items() if not answers)
                raise self._error(
                    self._rows[question.id],
                    "when",
                    "form-never",
                    question=question.id,
                    parent=parent,
                )

    # -- values ------------------------------------------------------------------------------------------------------

    def _at(self, found: object, key: object = None) -> str:
        return place_of(self._source, found, key)

    def _error(self, found: object, key: object, rule: str, /, **gaps: object) -> ConfigError:
        return _refused(self._source, found, key, rule, **gaps)

    def _texts(self, found: Mapping[str, Any], key: str) -> Texts:
        return as_texts(found.get(key), f"{self._at(found, key)}: {key}")

    def _id(self, found: Mapping[str, Any], what: Said, pattern: re.Pattern[str], key: str = "id") -> str:
        value = found.get(key)
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            raise self._error(
                found,
                key,
                "form-id",
                key=key,
                what=what,
                value=value,
            )
        return value

    def _word(self, found: Mapping[str, Any], key: str, words: type[Word]) -> Word:
        try:
            return words(str(found.get(key)))
        except ValueError as error:
            raise self._error(found, key, "form-word", key=key, value=found.get(key), known=", ".join(words)) from error

    def _required(self, row: Mapping[str, Any]) -> bool:
        value = row.get("required", False)
        if not isinstance(value, bool):
            raise self._error(row, "required", "form-required", value=value)
        return value

    def _whole(self, found: Mapping[str, Any], key: str, least: int, most: int) -> int | None:
        value = found.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._error(found, key, "form-whole", key=key, value=value, least=least, most=most)
        return value

    def _date(self, key: str) -> Any:
        return as_date(self._document.get(key), self._at(self._document, key), key)
