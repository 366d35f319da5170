"""What one cell may hold: the checks generated from a Table Schema field, and what a fault in a row is.

Our own lexical patterns, because engine casts are lenient (` 4`, `1_0`, `٣`, `2024-1-5`, NaN pass elsewhere).
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from nok.errors import Severity
from nok.packages.profile import LONGEST_PATTERNED

NOT_BOUND_BY_TODAY = frozenset({"due_on", "starts_on", "ends_on"})
"""Dates that may lie ahead: what is due, and what contracts and campaigns are to last."""

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_NUMBER = re.compile(r"(?!-0(?:\.0*)?$)-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,10})?")
_DATE = re.compile(r"(?:1[5-9]|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_YEAR = re.compile(r"[12][0-9]{3}")
_SPREADSHEET_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eEеЕ]\+?[0-9]+")
"""A long number as a spreadsheet shows it: its last digits are lost."""


def _read_wrongly(codec: str) -> str:
    """A pattern of three Cyrillic letters of UTF-8 that somebody read as `codec`: `Ш` has become `РЁ`, `Ð¨`."""
    first, then = (re.escape(bytes(codes).decode(codec, "ignore")) for codes in (b"\xd0\xd1", range(0x80, 0xC0)))
    return f"(?:[{first}][{then}]){{3}}"


LEAST_WESTERN = 5
"""So many letters of the West with marks, one after another, stand in no language; they are Russian read as Latin-1."""

_WESTERN = re.compile(f"[À-ÿ]{{{LEAST_WESTERN}}}")
MOJIBAKE = re.compile(f"{_read_wrongly('cp1251')}|{_read_wrongly('cp1252')}|\ufffd|{_WESTERN.pattern}")
"""Letters that were spoilt by reading them in a wrong encoding."""


def has_spoilt_letters(text: str) -> bool:
    """True where `MOJIBAKE` matches; most texts lack the letters that it begins with, which is quickly seen."""
    may_be = text.count("Р") + text.count("С") > 2 or "Ð" in text or "Ñ" in text or "\ufffd" in text
    may_be = may_be or _WESTERN.search(text) is not None
    return may_be and MOJIBAKE.search(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault inside one row; the scanner adds the place. An empty `column` is the row as a whole."""

    column: str
    rule: str
    value: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    severity: Severity = Severity.ERROR


Check = Callable[[str], tuple[str, dict[str, str]] | None]
"""A cell in; `None` where it is right, else the rule it breaks and the details."""

RowCheck = Callable[[Mapping[str, str]], Iterable[Fault]]
"""A whole row (column to text) in; what the profile knows beyond single cells out."""


def compile_field(described: Mapping[str, Any], today: date) -> Check:
    """The check of one column, generated from its Table Schema field."""
    constraints = described.get("constraints", {})
    checks = [*_type_checks(described, today), *_constraint_checks(described, constraints)]
    required = constraints.get("required") is True
    is_text = required and "pattern" not in constraints and described.get("type", "string") == "string"

    def check(value: str) -> tuple[str, dict[str, str]] | None:
        if value == "" or (is_text and value.isspace()):
            return ("required", {}) if required else None
        for one in checks:
            fault = one(value)
            if fault is not None:
                return fault
        return None

    return check


def _type_checks(described: Mapping[str, Any], today: date) -> list[Check]:
    kind = described.get("type", "string")
    if kind == "date":
        return [_date_check(today if described["name"] not in NOT_BOUND_BY_TODAY else None)]
    patterns = {"integer": _INTEGER, "number": _NUMBER, "boolean": re.compile("true|false"), "year": _YEAR}
    if kind not in patterns:
        return []
    pattern, rule = patterns[kind], f"type-{kind}"
    return [lambda value: None if pattern.fullmatch(value) else (rule, {})]


def _date_check(latest: date | None) -> Check:
    def check(value: str) -> tuple[str, dict[str, str]] | None:
        try:
            day = date.fromisoformat(value) if _DATE.fullmatch(value) else None
        except ValueError:
            day = None
        if day is None:
            return "type-date", {}
        if latest is not None and day > latest:
            return "future-date", {"today": latest.isoformat()}
        return None

    return check


def _constraint_checks(described: Mapping[str, Any], constraints: Mapping[str, Any]) -> Iterator[Check]:
    if "enum" in constraints:
        yield _enum_check([str(value) for value in constraints["enum"]])
    if "pattern" in constraints:
        yield _pattern_check(constraints["pattern"])
    if described.get("type") in ("integer", "number", "year"):
        yield from _range_checks(constraints)
    if described.get("type") == "date":
        yield from _period_checks(constraints)
    if "maxLength" in constraints:
        longest = int(constraints["maxLength"])
        yield lambda value: None if len(value) <= longest else ("max-length", {"expected": str(longest)})
    if "minLength" in constraints:
        shortest = int(constraints["minLength"])
        yield lambda value: None if len(value) >= shortest else ("min-length", {"expected": str(shortest)})


def _pattern_check(pattern: str) -> Check:
    matches = re.compile(pattern).fullmatch

    def check(value: str) -> tuple[str, dict[str, str]] | None:
        if len(value) <= LONGEST_PATTERNED and matches(value):
            return None
        rule = "spreadsheet-number" if _SPREADSHEET_NUMBER.fullmatch(value) else "pattern"
        return rule, {"expected": pattern}

    return check


def _enum_check(allowed: list[str]) -> Check:
    known = frozenset(allowed)

    def check(value: str) -> tuple[str, dict[str, str]] | None:
        if value in known:
            return None
        return "enum", {"expected": ", ".join(allowed), "similar": similar(value, allowed)}

    return check


def _range_checks(constraints: Mapping[str, Any]) -> Iterator[Check]:
    if "minimum" in constraints:
        least = Decimal(str(constraints["minimum"]))
        yield lambda value: None if Decimal(value) >= least else ("minimum", {"expected": str(least)})
    if "maximum" in constraints:
        most = Decimal(str(constraints["maximum"]))
        yield lambda value: None if Decimal(value) <= most else ("maximum", {"expected": str(most)})


def _period_checks(constraints: Mapping[str, Any]) -> Iterator[Check]:
    """ISO dates compare as text."""
    if "minimum" in constraints:
        first = str(constraints["minimum"])
        yield lambda value: None if value >= first else ("minimum", {"expected": first})
    if "maximum" in constraints:
        last = str(constraints["maximum"])
        yield lambda value: None if value <= last else ("maximum", {"expected": last})


def similar(word: str, known: Iterable[str]) -> str:
    """The known word that is meant, probably; empty where none is close."""
    return next(iter(difflib.get_close_matches(word[:100], list(known), n=1)), "")
