"""The profile `nok` 1.0: which tables a package may hold, the published Table Schema of each, what a package may add.

The schemas are the JSON files beside this module; they are what a data reuser downloads, so code reads them and never
repeats them. A schema of a package's own may add fields and tighten constraints; what would loosen the profile, or what
our reader would not obey, is refused rather than passed over.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

RESOURCES = (
    "regions",
    "authorities",
    "officials",
    "operators",
    "councils",
    "contracts",
    "contract_items",
    "campaigns",
    "organizations",
    "assessments",
    "assessment_stages",
    "decisions",
    "rosters",
    "roster_organizations",
    "scores",
    "observations",
    "observation_photos",
    "answers",
    "reviews",
    "replies",
    "review_photos",
    "withdrawn_reviews",
    "rating_splits",
    "recommendations",
    "plan_measures",
    "appeal_statistics",
    "placements",
)
"""The tables of the profile; a table stands after those that its foreign keys point to."""

PACKAGE_SCHEMA = "https://datapackage.org/profiles/2.0/datapackage.json"
RESOURCE_SCHEMA = "https://datapackage.org/profiles/2.0/dataresource.json"

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
"""Characters that no text of a package may hold: controls break feeds and terminals, the rest are no characters."""

TYPES = ("string", "integer", "number", "boolean", "date", "year", "any")
"""The field types of Table Schema that are read here."""

LONGEST_PATTERNED = 300
"""A value longer than this fits no pattern: a pattern is for identifiers, and its cost grows with the value."""

MOST_WAYS = 200_000
"""In so many ways at most may a pattern try to fit a value, so that no package can make a check last for years."""

MAXIMUM_PATTERN = 200


class SchemaFault(ValueError):
    """A schema that cannot hold: the rule it breaks, the field (or other thing) at fault, details for the sentence."""

    def __init__(self, rule: str, value: str, **details: str) -> None:
        super().__init__(rule)
        self.rule, self.value, self.details = rule, value, details


@cache
def profile_schema(resource: str) -> Mapping[str, Any]:
    """The published Table Schema of a resource.

    Raises:
        KeyError: the profile has no such resource.
    """
    if resource not in RESOURCES:
        raise KeyError(resource)
    text = files("nok.packages").joinpath("schemas", f"{resource}.json").read_text("utf-8")
    return MappingProxyType(json.loads(text))


def field_names(resource: str) -> tuple[str, ...]:
    """The columns of a resource in the order of the profile."""
    return tuple(field["name"] for field in profile_schema(resource)["fields"])


# ---- schemas of a package's own ------------------------------------------------------------------------------------


def effective_schema(resource: str, own: Any) -> Mapping[str, Any]:
    """The schema that holds for a table: the profile's, with the package's own fields and tighter constraints.

    `own` is what the descriptor says, `None` where it says nothing. A table that the profile does not know has its own
    schema alone.

    Raises:
        SchemaFault: `own` is no schema, loosens the profile, or asks for something that is not read here.
    """
    if own is None and resource in RESOURCES:
        return profile_schema(resource)
    if own is None:
        raise SchemaFault("resource-unknown", resource, known=", ".join(RESOURCES))
    if not isinstance(own, dict) or not isinstance(own.get("fields"), list) or not own["fields"]:
        raise SchemaFault("resource-schema", _shown(own))
    for name, usual in (("fieldsMatch", "exact"), ("missingValues", [""])):
        if own.get(name, usual) != usual:
            raise SchemaFault("schema-property", resource, property=name)
    profile = profile_schema(resource) if resource in RESOURCES else {"fields": [], "primaryKey": own.get("primaryKey")}
    fields = {field["name"]: field for field in profile["fields"]}
    named = [_named(field) for field in own["fields"]]
    for number, name in enumerate(named):
        if name in named[:number]:
            raise SchemaFault("schema-repeated", name)
        fields[name] = _own_field(own["fields"][number], fields.get(name))
    schema = {**own, **profile, "fields": list(fields.values()), "primaryKey": _key(profile["primaryKey"], fields)}
    return {**schema, "own": named} if resource in RESOURCES else schema


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:200]


def _named(field: Any) -> str:
    name = field.get("name") if isinstance(field, dict) else None
    if not isinstance(name, str) or not 0 < len(name.strip()) == len(name) <= 100 or not name.isprintable():
        raise SchemaFault("schema-name", _shown(field))
    return name


def _key(key: Any, fields: Mapping[str, Any]) -> list[str]:
    names = [key] if isinstance(key, str) else key or []
    if not isinstance(names, list) or not all(isinstance(name, str) and name in fields for name in names):
        raise SchemaFault("schema-key", _shown(key))
    return names


def _own_field(own: Mapping[str, Any], profile: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The field as it holds; where the profile has it too, no constraint may let through what the profile refuses."""
    name, kind = own["name"], own.get("type", profile["type"] if profile else "string")
    if kind not in TYPES:
        raise SchemaFault("schema-type", name, found=str(kind), expected=", ".join(TYPES))
    if profile and kind != profile["type"]:
        raise SchemaFault("schema-looser", name, property="type", found=kind, expected=profile["type"])
    for property_name, usual in _READING.items():
        if own.get(property_name, usual) != usual:
            raise SchemaFault("schema-property", name, property=property_name)
    ours, theirs = profile.get("constraints", {}) if profile else {}, own.get("constraints", {})
    if not isinstance(theirs, dict):
        raise SchemaFault("schema-property", name, property="constraints")
    for constraint, value in theirs.items():
        _check_constraint(name, kind, constraint, value, ours.get(constraint))
    constraints = {**ours, **theirs}
    field = {**own, **(profile or {}), "type": kind}
    return {**field, "constraints": constraints} if constraints else field


_READING: Mapping[str, Any] = {
    "format": "default",
    "decimalChar": ".",
    "groupChar": "",
    "bareNumber": True,
    "trueValues": ["true"],
    "falseValues": ["false"],
    "missingValues": [""],
}
"""Properties that change how a cell is read, with the only value that our reader follows."""


def _is_length(kind: str, value: Any) -> bool:
    return kind in ("string", "any") and type(value) is int and 0 <= value < 10**9


def _is_bound(kind: str, value: Any) -> bool:
    if kind == "date":
        return isinstance(value, str) and _is_iso(value)
    wholes = kind in ("integer", "year") and type(value) is int
    return (wholes or (kind == "number" and type(value) in (int, float))) and abs(value) < 10**18


def _is_iso(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_CONSTRAINTS: Mapping[str, Callable[[str, Any], bool]] = {
    "required": lambda _, value: type(value) is bool,
    "enum": lambda _, value: (
        isinstance(value, list) and bool(value) and all(isinstance(one, str | int | float) for one in value)
    ),
    "pattern": lambda _, value: isinstance(value, str),
    "minLength": _is_length,
    "maxLength": _is_length,
    "minimum": _is_bound,
    "maximum": _is_bound,
}
"""Constraints that are obeyed: whether a value can be meant for a field of a type."""

_LOOSER: Mapping[str, Callable[[Any, Any], bool]] = {
    "required": lambda ours, theirs: ours and not theirs,
    "enum": lambda ours, theirs: not {str(one) for one in theirs} <= {str(one) for one in ours},
    "pattern": lambda ours, theirs: theirs != ours,
    "minLength": lambda ours, theirs: theirs < ours,
    "maxLength": lambda ours, theirs: theirs > ours,
    "minimum": lambda ours, theirs: Decimal(str(theirs)) < Decimal(str(ours)),
    "maximum": lambda ours, theirs: Decimal(str(theirs)) > Decimal(str(ours)),
}


def _check_constraint(name: str, kind: str, constraint: str, value: Any, ours: Any) -> None:
    is_meant = _CONSTRAINTS.get(constraint)
    if is_meant is None or not is_meant(kind, value):
        raise SchemaFault("schema-property", name, property=constraint)
    if ours is not None and _LOOSER[constraint](ours, value):
        raise SchemaFault("schema-looser", name, property=constraint, found=str(value)[:100], expected=str(ours))
    if constraint == "pattern" and value != ours and not is_quick(value):
        raise SchemaFault("schema-pattern", name, found=value)


# ---- patterns ------------------------------------------------------------------------------------------------------


def is_quick(pattern: str) -> bool:
    """True for a pattern that Python reads and whose matching cannot run away.

    Python's matcher tries every way in which a pattern can fit. The ways multiply along a sequence, add up over
    alternatives and grow as powers where a part that itself has several ways is repeated: `(a+)+` has 2^n. Only plain
    pieces are known: characters, classes, groups, `|` and repetitions.

    >>> is_quick("[A-Z]{2}-[0-9]{1,3}"), is_quick("(a+)+"), is_quick("a*a*a*b")
    (True, False, False)
    """
    if len(pattern) > MAXIMUM_PATTERN or any(pair in pattern for pair in _SET_SIGNS):
        return False
    try:
        if _Ways(pattern).count() > MOST_WAYS:
            return False
        re.compile(pattern)
    except (re.error, OverflowError, ValueError):
        return False
    return True


_SET_SIGNS = ("--", "&&", "||", "~~")
"""Python keeps these for sets of characters to come and warns of them."""


class _Ways:
    """Reads a pattern piece by piece and counts the ways in which it can be tried on a value.

    Raises (every method):
        ValueError: a piece that is not plain.
    """

    _ATOM = re.compile(r"\[\^?\]?(?:\\.|[^\]\\\[])*\]|\\[dDsSwW]|\\[^A-Za-z0-9]|[^\\*+?{}()|\[\]]", re.DOTALL)
    _REPEAT = re.compile(r"([*+?])|\{([0-9]*)(?:(,)([0-9]*))?\}")

    def __init__(self, pattern: str) -> None:
        self._text, self._at = pattern, 0

    def count(self) -> int:
        ways = self._alternatives()
        if self._at < len(self._text):
            raise ValueError(self._text[self._at :])
        return ways

    def _alternatives(self) -> int:
        ways = self._sequence()
        while self._text.startswith("|", self._at):
            self._at += 1
            ways += self._sequence()
        return ways

    def _sequence(self) -> int:
        ways = 1
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            is_group = self._text[self._at] == "("
            ways = min(ways * self._repeated(self._piece(), is_group=is_group), MOST_WAYS + 1)
        return ways

    def _piece(self) -> int:
        if not self._text.startswith("(", self._at):
            found = self._ATOM.match(self._text, self._at)
            if found is None:
                raise ValueError(self._text[self._at :])
            self._at = found.end()
            return 1
        self._at += 3 if self._text.startswith("(?:", self._at) else 1
        ways = self._alternatives()
        if not self._text.startswith(")", self._at):
            raise ValueError(self._text)
        self._at += 1
        return ways

    def _repeated(self, ways: int, *, is_group: bool) -> int:
        """The ways of a piece with its `*`, `+`, `?` or `{2,5}`, if one stands here."""
        found = self._REPEAT.match(self._text, self._at)
        if found is None:
            return ways
        self._at = found.end()
        sign, low, comma, high = found.groups()
        if sign:
            least, most = int(sign == "+"), 1 if sign == "?" else LONGEST_PATTERNED
        else:
            least, most = int(low or 0), int(high or LONGEST_PATTERNED) if comma else int(low)
        if ways > 1:
            return _powers(ways, least, most)
        # A group may be empty, so that the value does not end its repetitions: each of them counts.
        return max(most, 1) if is_group else min(most, LONGEST_PATTERNED) - min(least, LONGEST_PATTERNED) + 1


def _powers(ways: int, least: int, most: int) -> int:
    """ways^least + … + ways^most, not counted on beyond `MOST_WAYS`."""
    total = 0
    for times in range(least, most + 1):
        if total > MOST_WAYS or times > MOST_WAYS.bit_length():
            return MOST_WAYS + 1
        total += int(ways**times)
    return total
