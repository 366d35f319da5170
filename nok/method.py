"""Methods of assessment as data: what is measured, on what scale, in which direction, and which word stands for it.

A method is a YAML file of `content/methods/`; nothing about a year, an act or a maximum is written in code. Pure: text
in, `Method` out. The arithmetic that a method names is another module's affair; here points are read as published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from nok.documents import as_date, did_you_mean, parse_yaml, refuse_unknown
from nok.errors import ConfigError

Words = Mapping[str, str]
"""A text in several languages: language to text; `ru` is always there."""


class Role(StrEnum):
    """What a measure is in its method: the one total, a criterion under it, or an indicator under a criterion."""

    TOTAL = "total"
    CRITERION = "criterion"
    INDICATOR = "indicator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A stretch of a scale that has a word: points above the band before it, up to and with `upto`.

    `level` is 1 (worst) to 5 (best) and chooses the colour; several bands may share one.
    """

    upto: Decimal
    level: int
    word: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing that has points.

    `maximum` is the top of the scale, which begins at 0. `higher_is_better` is false for penalties. `weight` is the
    share in the parent as the act prints it; `None` where the method does not say.
    """

    id: str
    role: Role
    title: Words
    short: Words
    maximum: Decimal
    higher_is_better: bool
    parent: str
    weight: Decimal | None
    bands: tuple[Band, ...]

    def band(self, points: Decimal) -> Band | None:
        """The band that `points` fall in; `None` where the measure has no words."""
        return next((band for band in self.bands if points <= band.upto), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method as its file says it."""

    id: str
    title: Words
    source: Words
    note: Words
    valid_from: date | None
    valid_to: date | None
    decimals: int
    """How many decimals are shown."""
    measures: tuple[Measure, ...]

    @property
    def by_id(self) -> dict[str, Measure]:
        return {measure.id: measure for measure in self.measures}

    @property
    def total(self) -> Measure:
        return next(measure for measure in self.measures if measure.role is Role.TOTAL)

    @property
    def criteria(self) -> tuple[Measure, ...]:
        return tuple(measure for measure in self.measures if measure.role is Role.CRITERION)

    def indicators(self, criterion: str) -> tuple[Measure, ...]:
        return tuple(measure for measure in self.measures if measure.parent == criterion)


_METHOD_KEYS = ("id", "title", "source", "note", "valid_from", "valid_to", "decimals", "bands", "measures")
_MEASURE_KEYS = ("id", "role", "title", "short", "maximum", "better", "parent", "weight", "bands")


def parse_method(text: str, source: str) -> Method:
    """The method written in `text`.

    Raises:
        ConfigError: an unknown key, a missing or repeated measure, no total, a parent or a set of bands that is not
            there, bands that do not rise or do not reach the maximum.
    """
    found = parse_yaml(text, source)
    refuse_unknown(found, _METHOD_KEYS, source)
    bands = {name: _bands(rows, f"{source}: bands '{name}'") for name, rows in (found.get("bands") or {}).items()}
    measures = tuple(_measure(row, bands, source) for row in _list(found.get("measures"), f"{source}: measures"))
    _check_measures(measures, source)
    return Method(
        id=_text(found.get("id"), f"{source}: id"),
        title=_words(found.get("title"), f"{source}: title"),
        source=_words(found.get("source"), f"{source}: source"),
        note=_words(found["note"], f"{source}: note") if "note" in found else {"ru": "", "en": ""},
        valid_from=as_date(found.get("valid_from"), source, "valid_from"),
        valid_to=as_date(found.get("valid_to"), source, "valid_to"),
        decimals=_whole(found.get("decimals", 2), f"{source}: decimals"),
        measures=measures,
    )


def _measure(row: Any, bands: Mapping[str, tuple[Band, ...]], source: str) -> Measure:
    if not isinstance(row, dict):
        raise ConfigError(f"{source}: a measure is '{row}', expected `id: …, role: …, title: …, maximum: …`.")
    what = f"{source}: measure '{row.get('id', '?')}'"
    refuse_unknown(row, _MEASURE_KEYS, what)
    title = _words(row.get("title"), f"{what}: title")
    better = row.get("better", "higher")
    if better not in ("higher", "lower"):
        raise ConfigError(f"{what}: better is '{better}', expected higher or lower.")
    name = row.get("bands")
    if name is not None and name not in bands:
        raise ConfigError(f"{what}: there are no bands '{name}'.{did_you_mean(str(name), bands)}")
    measure = Measure(
        id=_text(row.get("id"), f"{what}: id"),
        role=_role(row.get("role"), what),
        title=title,
        short=_words(row["short"], f"{what}: short") if "short" in row else title,
        maximum=_decimal(row.get("maximum"), f"{what}: maximum"),
        higher_is_better=better == "higher",
        parent=str(row.get("parent") or ""),
        weight=_decimal(row["weight"], f"{what}: weight") if "weight" in row else None,
        bands=bands[name] if name is not None else (),
    )
    if measure.bands and measure.bands[-1].upto < measure.maximum:
        raise ConfigError(f"{what}: its bands end at {measure.bands[-1].upto}, below the maximum {measure.maximum}.")
    return measure


def _check_measures(measures: tuple[Measure, ...], source: str) -> None:
    ids = [measure.id for measure in measures]
    repeated = sorted({id for id in ids if ids.count(id) > 1})
    if repeated:
        raise ConfigError(f"{source}: the measure '{repeated[0]}' stands twice.")
    if sum(measure.role is Role.TOTAL for measure in measures) != 1:
        raise ConfigError(f"{source}: exactly one measure must have the role total.")
    for measure in measures:
        if measure.role is Role.INDICATOR and measure.parent not in ids:
            raise ConfigError(
                f"{source}: measure '{measure.id}' belongs to '{measure.parent}', which is not a measure."
                f"{did_you_mean(measure.parent, ids)}"
            )


def _bands(rows: Any, what: str) -> tuple[Band, ...]:
    bands = tuple(_band(row, what) for row in _list(rows, what))
    if any(low.upto >= high.upto for low, high in zip(bands, bands[1:], strict=False)):
        raise ConfigError(f"{what}: the limits must rise: {', '.join(str(band.upto) for band in bands)}.")
    return bands


def _band(row: Any, what: str) -> Band:
    if not isinstance(row, dict):
        raise ConfigError(f"{what}: a band is '{row}', expected `upto: …, level: …, word: …`.")
    refuse_unknown(row, ("upto", "level", "word"), what)
    level = _whole(row.get("level"), f"{what}: level")
    if not 1 <= level <= 5:
        raise ConfigError(f"{what}: level is {level}, expected 1 (worst) to 5 (best).")
    return Band(upto=_decimal(row.get("upto"), f"{what}: upto"), level=level, word=_words(row.get("word"), what))


def _role(value: Any, what: str) -> Role:
    try:
        return Role(value)
    except ValueError as error:
        raise ConfigError(f"{what}: role is '{value}', expected {', '.join(Role)}.") from error


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ConfigError(f"{what}: expected a list with at least one item.")
    return value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{what} is '{value}', expected a text (write a number in quotes).")
    return value


def _whole(value: Any, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ConfigError(f"{what} is '{value}', expected a whole number.")
    return value


def _decimal(value: Any, what: str) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise ConfigError(f"{what} is '{value}', expected a number.") from error


def _words(value: Any, what: str) -> Words:
    """`{ru: …, en: …}`; a plain text serves every language."""
    if isinstance(value, str) and value:
        return {"ru": value, "en": value}
    if isinstance(value, dict) and isinstance(value.get("ru"), str):
        return {"ru": value["ru"], "en": value.get("en", value["ru"])}
    raise ConfigError(f"{what}: expected a text, or texts in `ru:` and `en:`.")
