"""Methods of assessment as data: what is measured, on what scale, in which direction, and which word stands for it.

A method is a YAML file of `content/methods/`; nothing about a year, an act or a maximum is written in code. Pure: text
in, `Method` out. The arithmetic that a method names is another module's affair; here points are read as published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Any

from nok.documents import as_date, did_you_mean, parse_yaml, refuse_unknown
from nok.errors import ConfigError
from nok.vocabulary import Texts, as_list, as_text, as_texts, refuse_repeated


class Role(StrEnum):
    """What a measure is in its method: the one total, a criterion under it, or an indicator under a criterion."""

    TOTAL = "total"
    CRITERION = "criterion"
    INDICATOR = "indicator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A stretch of a scale that has a word: points above the band before it, up to and with `upto`.

    `level` is 1 (worst) to 5 (best) and chooses the colour; several bands may share one. Where lower is better, the
    levels fall while the limits rise.
    """

    upto: Decimal
    level: int
    word: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing that has points.

    `maximum` is the top of the scale, which begins at 0. `higher_is_better` is false for penalties. `weight` is the
    share in the parent as the act prints it; `None` where the method does not say.
    """

    id: str
    role: Role
    title: Texts
    short: Texts
    maximum: Decimal
    higher_is_better: bool
    parent: str
    weight: Decimal | None
    bands: tuple[Band, ...]

    def band(self, points: Decimal) -> Band | None:
        """The band that `points` fall in; `None` where the measure has no words."""
        return next((band for band in self.bands if points <= band.upto), None)


@dataclass(frozen=True, kw_only=True)
class Method:
    """A method as its file says it."""

    id: str
    title: Texts
    source: Texts
    note: Texts
    valid_from: date | None
    valid_to: date | None
    decimals: int
    """How many decimals are shown."""
    measures: tuple[Measure, ...]

    @cached_property
    def by_id(self) -> dict[str, Measure]:
        return {measure.id: measure for measure in self.measures}

    @cached_property
    def total(self) -> Measure:
        return next(measure for measure in self.measures if measure.role is Role.TOTAL)

    @cached_property
    def criteria(self) -> tuple[Measure, ...]:
        return tuple(measure for measure in self.measures if measure.role is Role.CRITERION)

    def indicators(self, criterion: str) -> tuple[Measure, ...]:
        return tuple(measure for measure in self.measures if measure.parent == criterion)


_METHOD_KEYS = ("id", "title", "source", "note", "valid_from", "valid_to", "decimals", "bands", "measures")
_MEASURE_KEYS = ("id", "role", "title", "short", "maximum", "better", "parent", "weight", "bands")


def parse_method(text: str, source: str) -> Method:
    """The method written in `text`.

    Raises:
        ConfigError: an unknown key, a missing or repeated measure, no total or two, a parent or a set of bands that
            is not there, bands that do not rise or do not reach the maximum, weights whose sum is not 1.
    """
    found = parse_yaml(text, source)
    refuse_unknown(found, _METHOD_KEYS, source)
    bands = _all_bands(found.get("bands", {}), f"{source}: bands")
    measures = tuple(_measure(row, bands, source) for row in as_list(found.get("measures"), f"{source}: measures"))
    _check_measures(measures, source)
    return Method(
        id=as_text(found.get("id"), f"{source}: id"),
        title=as_texts(found.get("title"), f"{source}: title"),
        source=as_texts(found.get("source"), f"{source}: source"),
        note=as_texts(found["note"], f"{source}: note") if "note" in found else {"ru": "", "en": ""},
        valid_from=as_date(found.get("valid_from"), source, "valid_from"),
        valid_to=as_date(found.get("valid_to"), source, "valid_to"),
        decimals=_whole(found.get("decimals", 2), 0, 4, f"{source}: decimals"),
        measures=measures,
    )


def _measure(row: Any, bands: Mapping[str, tuple[Band, ...]], source: str) -> Measure:
    if not isinstance(row, dict):
        raise ConfigError(f"{source}: a measure is '{row}', expected `id: …, role: …, title: …, maximum: …`.")
    what = f"{source}: measure '{row.get('id', '?')}'"
    refuse_unknown(row, _MEASURE_KEYS, what)
    title = as_texts(row.get("title"), f"{what}: title")
    measure = Measure(
        id=as_text(row.get("id"), f"{what}: id"),
        role=_role(row.get("role"), what),
        title=title,
        short=as_texts(row["short"], f"{what}: short") if "short" in row else title,
        maximum=_decimal(row.get("maximum"), f"{what}: maximum"),
        higher_is_better=_is_better_higher(row.get("better", "higher"), what),
        parent=as_text(row["parent"], f"{what}: parent") if "parent" in row else "",
        weight=_decimal(row["weight"], f"{what}: weight") if "weight" in row else None,
        bands=_named_bands(row.get("bands"), bands, what),
    )
    if measure.maximum <= 0:
        raise ConfigError(f"{what}: the maximum is {measure.maximum}, expected more than 0. Nothing was done.")
    if measure.bands and measure.bands[-1].upto < measure.maximum:
        raise ConfigError(f"{what}: its bands end at {measure.bands[-1].upto}, below the maximum {measure.maximum}.")
    return measure


def _check_measures(measures: tuple[Measure, ...], source: str) -> None:
    refuse_repeated([measure.id for measure in measures], f"{source}: the measure")
    totals = [measure.id for measure in measures if measure.role is Role.TOTAL]
    if len(totals) != 1:
        raise ConfigError(f"{source}: {len(totals)} measures have the role total, expected one. Nothing was done.")
    criteria = [measure.id for measure in measures if measure.role is Role.CRITERION]
    parents = {Role.TOTAL: [], Role.CRITERION: totals, Role.INDICATOR: criteria}
    for measure in measures:
        _check_parent(measure, parents[measure.role], source)
    for parent in [*totals, *criteria]:
        _check_weights([measure for measure in measures if measure.parent == parent], f"{source}: measure '{parent}'")


def _check_parent(measure: Measure, parents: list[str], source: str) -> None:
    """A criterion may name the total, an indicator must name its criterion, the total stands alone."""
    needed = measure.role is Role.INDICATOR
    if measure.parent in parents or not (measure.parent or needed):
        return
    raise ConfigError(
        f"{source}: measure '{measure.id}' ({measure.role}) has the parent '{measure.parent}', expected "
        f"{' or '.join(parents) or 'none'}.{did_you_mean(measure.parent, parents)} Nothing was done."
    )


def _check_weights(children: list[Measure], what: str) -> None:
    """Weights are shares of the whole: one that was mistyped shows in the sum."""
    weights = [child.weight for child in children if child.weight is not None]
    if weights and (len(weights) < len(children) or sum(weights) != 1):
        given = ", ".join(f"{child.id}: {child.weight}" for child in children)
        raise ConfigError(f"{what}: the weights of its parts are {given}; expected a sum of 1. Nothing was done.")


def _all_bands(value: Any, what: str) -> dict[str, tuple[Band, ...]]:
    if not isinstance(value, dict):
        raise ConfigError(f"{what} is '{value}', expected names of scales, each with a list. Nothing was done.")
    return {name: _bands(rows, f"{what} '{name}'") for name, rows in value.items()}


def _named_bands(name: Any, bands: Mapping[str, tuple[Band, ...]], what: str) -> tuple[Band, ...]:
    if name is None:
        return ()
    if as_text(name, f"{what}: bands") not in bands:
        raise ConfigError(f"{what}: there are no bands '{name}'.{did_you_mean(name, bands)} Nothing was done.")
    return bands[name]


def _bands(rows: Any, what: str) -> tuple[Band, ...]:
    bands = tuple(_band(row, what) for row in as_list(rows, what))
    if any(low.upto >= high.upto for low, high in pairwise(bands)):
        raise ConfigError(f"{what}: the limits must rise: {', '.join(str(band.upto) for band in bands)}.")
    return bands


def _band(row: Any, what: str) -> Band:
    if not isinstance(row, dict):
        raise ConfigError(f"{what}: a band is '{row}', expected `upto: …, level: …, word: …`.")
    refuse_unknown(row, ("upto", "level", "word"), what)
    return Band(
        upto=_decimal(row.get("upto"), f"{what}: upto"),
        level=_whole(row.get("level"), 1, 5, f"{what}: level"),
        word=as_texts(row.get("word"), f"{what}: word"),
    )


def _role(value: Any, what: str) -> Role:
    try:
        return Role(value)
    except ValueError as error:
        raise ConfigError(f"{what}: role is '{value}', expected {', '.join(Role)}.") from error


def _is_better_higher(value: Any, what: str) -> bool:
    if value not in ("higher", "lower"):
        raise ConfigError(f"{what}: better is '{value}', expected higher or lower. Nothing was done.")
    return bool(value == "higher")


def _whole(value: Any, least: int, most: int, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigError(f"{what} is '{value}', expected a whole number from {least} to {most}. Nothing was done.")
    return value


def _decimal(value: Any, what: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ConfigError(f"{what} is '{value}', expected a number. Nothing was done.")
    return number
