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

from nok.documents import as_date, did_you_mean, parse_yaml, place_of, refuse_unknown
from nok.errors import ConfigError
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
            raise _refused(source, document, "id", f"the questionnaire '{form.id}' stands in two files. Rename one.")
        found[form.id] = form
    return dict(sorted(found.items()))


def _refused(source: str, found: object, key: object, sentence: str) -> ConfigError:
    return ConfigError(f"{place_of(source, found, key)}: {sentence} Nothing was done.")


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
            id=self._id(document, "questionnaire", _ID),
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
            raise self._error(self._document, "extends", f"extends is '{said}', expected `id: …` and `digest: …`.")
        refuse_unknown(said, EXTENDS_KEYS, f"{self._at(said)}: extends")
        name = as_text(said.get("id"), f"{self._at(said, 'id')}: id")
        base = others.get(name)
        if base is None or base.base:
            bases = [form.id for form in others.values() if not form.base]
            raise self._error(said, "id", f"it extends '{name}', which is no base form.{did_you_mean(name, bases)}")
        digest = as_text(said.get("digest"), f"{self._at(said, 'digest')}: digest")
        if digest != base.digest:
            raise self._error(
                said,
                "digest",
                f"the base '{name}' is not what this form was made from: its digest is '{base.digest}', here stands "
                f"'{digest}'. See what has changed in the base, then write the new digest.",
            )
        return base

    def _method(self) -> str:
        if "method" not in self._document:
            return ""
        name = as_text(self._document["method"], f"{self._at(self._document, 'method')}: method")
        if name not in self._known.methods:
            hint = did_you_mean(name, self._known.methods)
            raise self._error(self._document, "method", f"there is no method '{name}'.{hint}")
        return name

    def _spheres(self) -> tuple[str, ...]:
        names = self._names("spheres")
        for name in names:
            if name not in self._known.spheres:
                hint = did_you_mean(name, self._known.spheres)
                raise self._error(self._document, "spheres", f"there is no sphere '{name}'.{hint}")
        return names

    def _names(self, key: str) -> tuple[str, ...]:
        found = self._document.get(key, [])
        if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
            raise self._error(self._document, key, f"{key} is '{found}', expected a list of texts in quotes.")
        return tuple(found)

    def _answer_sets(self) -> dict[str, tuple[Choice, ...]]:
        found = self._document.get("answers", {})
        if not isinstance(found, dict):
            raise self._error(self._document, "answers", "answers are expected as names, each with a list.")
        return {name: self._choices(rows, self._at(found, name)) for name, rows in found.items()}

    # -- questions ---------------------------------------------------------------------------------------------------

    def _questions(self, rows: Sequence[Any]) -> tuple[Question, ...]:
        questions: list[Question] = []
        for row in rows:
            if not isinstance(row, dict):
                raise self._error(self._document, "questions", f"a question is '{row}', expected `id: …, text: …`.")
            number = questions[-1].number + 1 if questions else 1
            questions.append(self._question(row, number))
            if questions[-1].id in [question.id for question in questions[:-1]]:
                raise self._error(row, "id", f"the question '{row['id']}' stands twice. Remove or rename one of them.")
        if self._base:
            self._check_base(self._base, questions)
        self._check_branches(questions)
        return tuple(questions)

    def _question(self, row: Mapping[str, Any], number: int) -> Question:
        name = self._id(row, "question", _QUESTION)
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
            raise self._error(row, "answers", f"the question '{row['id']}' takes words, so it has no list of answers.")
        if isinstance(said, str):
            if said not in self._answers:
                hint = did_you_mean(said, self._answers)
                raise self._error(row, "answers", f"there is no list of answers '{said}'.{hint}")
            return self._answers[said]
        return self._choices(said, what)

    def _choices(self, rows: Any, what: str) -> tuple[Choice, ...]:
        choices = tuple(self._choice(row, what) for row in as_list(rows, f"{what}: answers"))
        codes = [choice.code for choice in choices]
        for place, code in enumerate(codes):
            if code in codes[:place]:
                raise self._error(
                    rows[place], "code", f"the answer '{code}' stands twice. Remove or rename one of them."
                )
        return choices

    def _choice(self, row: Any, what: str) -> Choice:
        if not isinstance(row, dict):
            raise ConfigError(f"{what}: an answer is '{row}', expected `code: …, text: …`. Nothing was done.")
        unknown = next((key for key in row if key not in ANSWER_KEYS), None)
        refuse_unknown(row, ANSWER_KEYS, f"{self._at(row, unknown)}: answer '{row.get('code', '?')}'")
        return Choice(
            code=self._id(row, "answer", _CODE, "code"),
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
                raise self._error(
                    row, "format", f"question '{question.id}': 'upto', 'lowest' and 'highest' are for numbers."
                )
            return
        whole = [*bounds[:1], *tops]
        rises = all(low < high for low, high in pairwise(whole))
        if len(bounds) < 2 or len(tops) < len(question.choices) or not rises or tops[-1] != question.highest:
            raise self._error(
                row,
                "format",
                f"question '{question.id}' takes a number: expected `lowest`, `highest`, and groups of answers whose "
                "`upto` rises above the lowest up to the highest.",
            )

    def _conditions(self, row: Mapping[str, Any]) -> Iterable[Condition]:
        said = row.get("when", {})
        if not isinstance(said, dict) or ("when" in row and not said):
            raise self._error(row, "when", f"when is '{said}', expected `when: {{q1: \"yes\"}}`.")
        for parent, answers in said.items():
            codes = [answers] if isinstance(answers, str) else answers
            if not isinstance(codes, list) or not codes or not all(isinstance(code, str) for code in codes):
                raise self._error(
                    row,
                    "when",
                    f"when '{parent}' is '{answers}', expected codes of answers in quotes: \"yes\", \"no\".",
                )
            yield Condition(question=str(parent), answers=tuple(codes))

    # -- what a question feeds ---------------------------------------------------------------------------------------

    def _feeds(self, row: Mapping[str, Any], name: str, kind: Format) -> Iterable[Feed]:
        for said in row.get("feeds", []):
            if not isinstance(said, dict):
                raise self._error(row, "feeds", f"question '{name}' feeds '{said}', expected `target: …` and `as: …`.")
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
            of = f"the method '{method.id}'" if method else "citizens' ratings"
            raise self._error(
                said,
                "target",
                f"question '{name}' feeds '{feed.target}', which {of} does not have."
                f"{did_you_mean(feed.target, targets)} Known: {', '.join(targets)}.",
            )
        if feed.parameter and not feed.parameter.startswith(f"{feed.target}."):
            raise self._error(
                said,
                "parameter",
                f"question '{name}' feeds the parameter '{feed.parameter}', which is not one of the measure "
                f"'{feed.target}': its parameters begin with '{feed.target}.'.",
            )
        if (feed.role is Role.MARK) is (method is not None) or kind in (Format.TEXT, Format.NUMBER):
            roles = "share or base" if method else "mark"
            raise self._error(
                said,
                "as",
                f"question '{name}' (format {kind}) feeds '{feed.target}' as '{feed.role}'; a form "
                f"{'of a method' if method else 'without a method'} feeds as {roles}, by answers from a list.",
            )

    # -- the whole ---------------------------------------------------------------------------------------------------

    def _check_base(self, base: Questionnaire, questions: Sequence[Question]) -> None:
        """Questions of the base stand in its order with its words, and none is missing."""
        kept = [question for question in questions if question.id in base.by_id]
        for question in kept:
            if replace(question, number=0) != replace(base.by_id[question.id], number=0):
                raise self._error(
                    self._rows[question.id],
                    None,
                    f"the question '{question.id}' of the base '{base.id}' is worded or answered otherwise here. Write "
                    f"`- id: {question.id}` alone: a regional form takes the base's questions as they are.",
                )
        missing = [question.id for question in base.questions if question.id not in {each.id for each in kept}]
        if missing:
            raise self._error(
                self._document,
                "questions",
                f"the question '{missing[0]}' of the base '{base.id}' is missing. A regional form may add questions, "
                "never leave any out.",
            )
        for here, there in zip(kept, base.questions, strict=True):
            if here.id != there.id:
                raise self._error(
                    self._rows[here.id],
                    None,
                    f"the question '{here.id}' stands where the base '{base.id}' has '{there.id}'. A regional form "
                    "keeps the base's order.",
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
                        f"the question '{question.id}' hangs on '{condition.question}', which comes later, so that "
                        "nobody could be asked it. Put it after that question.",
                    )
            seen.add(question.id)

    def _check_condition(self, question: Question, condition: Condition, by_id: Mapping[str, Question]) -> None:
        row = self._rows[question.id]
        parent = by_id.get(condition.question)
        if parent is None:
            hint = did_you_mean(condition.question, by_id)
            raise self._error(
                row, "when", f"the question '{question.id}' hangs on '{condition.question}', which is not there.{hint}"
            )
        if parent.format not in (Format.ONE, Format.MANY):
            raise self._error(
                row,
                "when",
                f"the question '{question.id}' hangs on '{parent.id}', which is answered by "
                f"{'words' if parent.format is Format.TEXT else 'a number'}; a branch needs answers from a list.",
            )
        codes = [choice.code for choice in parent.choices]
        for code in condition.answers:
            if code not in codes:
                raise self._error(
                    row,
                    "when",
                    f"the question '{question.id}' waits for the answer '{code}' to '{parent.id}', whose answers are "
                    f"{', '.join(codes)}.{did_you_mean(code, codes)}",
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
                    raise self._error(
                        self._rows[question.id], "when", f"the branches run in a circle: {circle}. Cut it somewhere."
                    )
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
                    f"nobody is ever asked the question '{question.id}': its branches ask for different answers to "
                    f"'{parent}' at once.",
                )

    # -- values ------------------------------------------------------------------------------------------------------

    def _at(self, found: object, key: object = None) -> str:
        return place_of(self._source, found, key)

    def _error(self, found: object, key: object, sentence: str) -> ConfigError:
        return _refused(self._source, found, key, sentence)

    def _texts(self, found: Mapping[str, Any], key: str) -> Texts:
        return as_texts(found.get(key), f"{self._at(found, key)}: {key}")

    def _id(self, found: Mapping[str, Any], what: str, pattern: re.Pattern[str], key: str = "id") -> str:
        value = found.get(key)
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            raise self._error(
                found,
                key,
                f"the {key} of {'an' if what[0] in 'aeiou' else 'a'} {what} is '{value}', expected small Latin letters, "
                'digits and "_" in quotes, such as "yes".',
            )
        return value

    def _word(self, found: Mapping[str, Any], key: str, words: type[Word]) -> Word:
        try:
            return words(str(found.get(key)))
        except ValueError as error:
            raise self._error(found, key, f"{key} is '{found.get(key)}', expected {', '.join(words)}.") from error

    def _required(self, row: Mapping[str, Any]) -> bool:
        value = row.get("required", False)
        if not isinstance(value, bool):
            raise self._error(row, "required", f"required is '{value}', expected yes or no.")
        return value

    def _whole(self, found: Mapping[str, Any], key: str, least: int, most: int) -> int | None:
        value = found.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._error(found, key, f"{key} is '{value}', expected a whole number from {least} to {most}.")
        return value

    def _date(self, key: str) -> Any:
        return as_date(self._document.get(key), self._at(self._document, key), key)
