"""What a citizen sent, as a record or as problems. Pure: text in, record out; the day of today is an argument.

Two ways in: a form, where everything is text, and JSON, where a number must be a number. Both are read by one table of
fields, and a field that is not in the table is refused by its name, so that nothing unasked is ever stored.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from nok.errors import Place, Problem
from nok.identifiers import parse_placement_code
from nok.records import REVIEW_CRITERIA

MAXIMUM_BODY_BYTES = 64 * 1024
MAXIMUM_TEXT_GRAPHEMES = 1000
"""Counted as a person counts: a letter with its accents, a family of emoji is one."""
MAXIMUM_TEXT_CODE_POINTS = 5000
"""What the published schema of reviews allows."""
MAXIMUM_MARKS = 30
"""Code points in one grapheme; more is not writing (the bound of Unicode's stream-safe text, UAX #15)."""

HONEYPOT = "leave_empty"
"""A field that people do not see; whoever fills it in is a machine."""

INVITATION = "invitation"
"""A field with the token of somebody who was invited."""

EARLIEST_VISIT = date(2000, 1, 1)
_KEY = re.compile(r"[A-Za-z0-9-]{16,64}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")
_FILLERS = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
"""Letters and marks by their class that show nothing."""
_LONGEST_INTEGER = 18
_as_json = json.JSONEncoder(ensure_ascii=False).encode
_LONGEST_VALUE = 200

Fields = Mapping[str, Any]
"""Name of a field to what was sent in it: text from a form, any JSON value from JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One rating as sent. `text` is empty where nothing was written; `criteria` holds (name, 1–5) of those rated."""

    rating: int
    idempotency_key: str
    criteria: tuple[tuple[str, int], ...] = ()
    text: str = ""
    visited_on: date | None = None
    placement_code: str = ""
    language: str = ""

    def body(self) -> str:
        """Everything but the key, in one form: two submissions say the same where and only where these are equal."""
        day = self.visited_on.isoformat() if self.visited_on else ""
        said = [self.rating, self.criteria, self.text, day, self.placement_code, self.language]
        return _as_json(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is added to a rating that is already stored.

    A criterion with `None` is taken back; one that is not named stays. `text` is `None` where it was not sent, empty
    where it is taken back.
    """

    criteria: tuple[tuple[str, int | None], ...] = ()
    text: str | None = None


class MalformedError(Exception):
    """The body cannot be read at all; `rule` names why."""

    def __init__(self, rule: str, detail: str = "") -> None:
        super().__init__(rule)
        self.problem = Problem(rule=rule, where=Place(), value=shown(detail))


class _FieldError(Exception):
    """One field is wrong; carries what the sentence needs."""

    def __init__(self, rule: str, **details: str) -> None:
        super().__init__(rule)
        self.rule, self.details = rule, details


# ---- from bytes to fields ------------------------------------------------------------------------------------------


def parse_json(body: bytes) -> dict[str, Any]:
    """The object that `body` holds.

    Raises:
        MalformedError: not UTF-8, not JSON, not an object, nested too deeply, or a name stands twice in one object.
    """
    try:
        found = _JSON.decode(body.decode("utf-8-sig"))
    except RecursionError as error:
        raise MalformedError("json-malformed", "nested too deeply") from error
    except ValueError as error:
        raise MalformedError("json-malformed", str(error)) from error
    if not isinstance(found, dict):
        raise MalformedError("json-malformed", "the body is not an object")
    return found


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _integer(digits: str) -> int | float:
    """An integer too long to be meant becomes a float, which no field takes: Python refuses 5,000 digits outright."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float("inf")


_JSON = json.JSONDecoder(object_pairs_hook=_no_repeats, parse_int=_integer)


def parse_form(pairs: Iterable[tuple[str, Any]], several: Collection[str] = ()) -> dict[str, Any]:
    """The fields of a form; those named in `several` may be sent more than once and come as lists.

    Raises:
        MalformedError: a field was sent twice, so that it is not known which one is meant.
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in several:
            found.setdefault(name, []).append(value)
            continue
        if name in found:
            raise MalformedError("field-repeated", name)
        found[name] = value
    return found


# ---- from fields to records ----------------------------------------------------------------------------------------


def parse_submission(fields: Fields, *, is_form: bool, today: date) -> tuple[Submission | None, list[Problem]]:
    """The rating that `fields` say, or all that is wrong with them, in the order of the fields sent."""
    read = _readers(is_form=is_form, today=today)
    found, problems = _read(fields, read)
    for name in ("rating", "idempotency_key"):
        if name not in fields:
            problems.append(Problem(rule="field-missing", where=Place(column=name)))
    if problems:
        return None, problems
    criteria = tuple((name, found.pop(name)) for name in REVIEW_CRITERIA if name in found)
    given = {name: value for name, value in found.items() if value is not None}
    return Submission(criteria=tuple((name, mark) for name, mark in criteria if mark is not None), **given), []


def parse_details(fields: Fields, *, is_form: bool) -> tuple[Details | None, list[Problem]]:
    """What `fields` add to a stored rating, or all that is wrong with them."""
    every = _readers(is_form=is_form, today=EARLIEST_VISIT)
    found, problems = _read(fields, {name: every[name] for name in (*REVIEW_CRITERIA, "text")})
    if problems:
        return None, problems
    criteria = tuple((name, found[name]) for name in REVIEW_CRITERIA if name in found)
    text = (found["text"] or "") if "text" in found else None
    return Details(criteria=criteria, text=text), []


def parse_appeal(fields: Fields, *, is_form: bool) -> tuple[str, list[Problem]]:
    """What an author says against a decision (the field `text`), or all that is wrong with it."""
    found, problems = _read(fields, {"text": _readers(is_form=is_form, today=EARLIEST_VISIT)["text"]})
    if not problems and not found.get("text"):
        problems = [Problem(rule="appeal-empty", where=Place(column="text"))]
    return found.get("text") or "", problems


def is_key(text: str) -> bool:
    """True for what may be a key of a retry."""
    return _KEY.fullmatch(text) is not None


def parse_frame(fields: Fields, *, is_form: bool) -> tuple[dict[str, str], dict[str, Any], list[Problem]]:
    """(key of a retry and placement code, the other fields, what is wrong with the frame) of a filled questionnaire."""
    every = _readers(is_form=is_form, today=EARLIEST_VISIT)
    names = ("idempotency_key", "placement_code", "language")
    frame = {name: fields[name] for name in names if name in fields}
    found, problems = _read({"idempotency_key": "", **frame}, {name: every[name] for name in names})
    rest = {name: value for name, value in fields.items() if name not in names}
    kept = {name: found.get(name) or "" for name in ("idempotency_key", "placement_code")}
    return kept, rest, problems


class _Readers:
    """One method for each kind of field: what was sent in, the value or `None` for "nothing said" out."""

    def __init__(self, *, is_form: bool, today: date) -> None:
        self._is_form, self._today = is_form, today

    def mark(self, value: object) -> int | None:
        if value is None or value == "":
            return None
        return self.rating(value, "criterion-range")

    def rating(self, value: object, rule: str = "rating-range") -> int:
        if self._is_form:
            value = int(value) if isinstance(value, str) and value in ("1", "2", "3", "4", "5") else None
        # bool is an int in Python, and 5.0 == 5: both would slip through a comparison.
        if type(value) is not int or not 1 <= value <= 5:
            raise _FieldError(rule)
        return value

    def key(self, value: object) -> str:
        if not isinstance(value, str) or _KEY.fullmatch(value) is None:
            raise _FieldError("key-format")
        return value

    def text(self, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise _FieldError("text-expected")
        return check_text(value) or None

    def visit(self, value: object) -> date | None:
        if value is None or value == "":
            return None
        try:
            if not isinstance(value, str) or _DATE.fullmatch(value) is None:
                raise ValueError
            day = date.fromisoformat(value)
        except ValueError as error:
            raise _FieldError("date-format") from error
        if not EARLIEST_VISIT <= day <= self._today:
            raise _FieldError("date-range", earliest=EARLIEST_VISIT.isoformat(), latest=self._today.isoformat())
        return day

    def placement(self, value: object) -> str | None:
        if value is None or value == "":
            return None
        code = parse_placement_code(value) if isinstance(value, str) and len(value) <= _LONGEST_VALUE else None
        if code is None:
            raise _FieldError("placement-format")
        return code

    def language(self, value: object) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str) or _LANGUAGE.fullmatch(value) is None:
            raise _FieldError("language-format")
        return value


@lru_cache(maxsize=8)
def _readers(*, is_form: bool, today: date) -> Mapping[str, Any]:
    """By the name of the field; the same for all who send on a day."""
    kinds = _Readers(is_form=is_form, today=today)
    return {
        "rating": kinds.rating,
        "idempotency_key": kinds.key,
        **dict.fromkeys(REVIEW_CRITERIA, kinds.mark),
        "text": kinds.text,
        "visited_on": kinds.visit,
        "placement_code": kinds.placement,
        "language": kinds.language,
    }


def _read(fields: Fields, readers: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in fields.items():
        if name not in readers:
            where, known = Place(column=shown(name)), ", ".join(readers)
            problems.append(Problem(rule="field-unknown", where=where, details={"known": known}))
            continue
        try:
            found[name] = readers[name](value)
        except _FieldError as error:
            where = Place(column=shown(name))
            problems.append(Problem(rule=error.rule, where=where, value=shown(value), details=error.details))
    return found, problems


# ---- text ----------------------------------------------------------------------------------------------------------


def check_text(written: str) -> str:
    """`written` as it is stored: line ends are one character, nothing invisible stands at its ends.

    Text of nothing but spaces and zero-width characters is no text. Nothing else is changed.
    """
    text = _LINE_END.sub("\n", written)
    for character in text:
        if _is_forbidden(character):
            raise _FieldError("text-control", character=f"U+{ord(character):04X}")
    text = text.strip(_blanks(text))
    if len(text) > MAXIMUM_TEXT_CODE_POINTS:
        raise _FieldError("text-length", maximum=str(MAXIMUM_TEXT_GRAPHEMES))
    graphemes, longest = measure_graphemes(text)
    if graphemes > MAXIMUM_TEXT_GRAPHEMES:
        raise _FieldError("text-length", maximum=str(MAXIMUM_TEXT_GRAPHEMES))
    if longest > MAXIMUM_MARKS:
        raise _FieldError("text-marks", maximum=str(MAXIMUM_MARKS))
    return text


def _is_forbidden(character: str) -> bool:
    """Controls but the line break, halves of a pair, and code points that are no characters or a decoder's failure."""
    number = ord(character)
    if unicodedata.category(character) in ("Cc", "Cs"):
        return character != "\n"
    return number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF or number == 0xFFFD


def _blanks(text: str) -> str:
    """Characters of `text` that show nothing by themselves; those inside a word (a joiner) stay."""
    formats = {c for c in text if unicodedata.category(c) == "Cf" and not _is_tag(c)}
    return "".join(formats | {c for c in text if c.isspace()} | _FILLERS)


def _is_tag(character: str) -> bool:
    """A letter of an emoji flag, which is invisible by itself but ends the flag."""
    return 0xE0020 <= ord(character) <= 0xE007F


def measure_graphemes(text: str) -> tuple[int, int]:
    """How many graphemes `text` has, and the code points of its longest one.

    A grapheme is a base with its marks, joined emoji, a pair of regional letters or a Hangul syllable of parts: the
    rules of UAX #29 that matter for counting.

    >>> measure_graphemes("e\u0301"), measure_graphemes("\U0001f468\u200d\U0001f469\u200d\U0001f467")[0]
    ((1, 2), 1)
    """
    count, longest, length, flags = 0, 0, 0, 0
    previous = ""
    for character in text:
        is_flag = 0x1F1E6 <= ord(character) <= 0x1F1FF
        flags = flags + 1 if is_flag else 0
        joins = previous != "" and previous != "\n" and _extends(previous, character)
        if joins or (is_flag and flags % 2 == 0):
            length += 1
        else:
            count, length = count + 1, 1
        longest, previous = max(longest, length), character
    return count, longest


def _extends(previous: str, character: str) -> bool:
    number = ord(character)
    if unicodedata.category(character) in ("Mn", "Me", "Mc") or number in (0x200C, 0x200D):
        return True
    if 0x1F3FB <= number <= 0x1F3FF or _is_tag(character) or 0xFF9E <= number <= 0xFF9F:
        return True
    if previous == "\u200d" and unicodedata.category(character) == "So":
        return True
    return 0x1160 <= number <= 0x11FF and 0x1100 <= ord(previous) <= 0xD7FF


def shown(value: object) -> str:
    """What was sent, as it may stand in an answer: short, and without characters that no answer could carry."""
    text = value if isinstance(value, str) else _written(value)
    short = text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"
    return short.encode("utf-8", "backslashreplace").decode("utf-8")


def _written(value: object) -> str:
    """JSON's own spelling of a value that is not text."""
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    return json.dumps(value, default=lambda other: type(other).__name__)
