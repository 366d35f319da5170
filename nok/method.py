"""Methods of assessment as data: what is measured, on what scale, in which direction, and which word stands for it.

A method is a YAML file of `content/methods/`; nothing about a year, an act or a maximum is written in code. Pure: text
in, `Method` out. A method whose measures name formulas can be computed (`nok.scoring`); the points of any other are read
as published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Any

from nok.documents import Spot, as_date, nearest, parse_yaml, place_of, refuse_unknown
from nok.errors import ConfigError
from nok.formula import Formula, Parameter, Terms, ZeroPolicy, as_decimal, parse_formula, parse_parameters, spot_of
from nok.variants import Base, Variant, choose_variant, parse_variants
from nok.vocabulary import InRussianAtLeast, Spheres, Texts, as_list, as_text, as_texts, refuse_repeated


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
    share in the parent as the act prints it; `None` where the method does not say. `plain` is what it means and how it
    is counted, in plain words; empty where nobody wrote it. `formula` is `None` where points are only published, and
    where each variant gives its own.
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
    plain: Texts
    formula: Formula | None

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
    longest_gap_years: int | None
    """How many years may pass between two rounds of one organisation; `None` where the act does not say."""
    measures: tuple[Measure, ...]
    parameters: Mapping[str, Parameter]
    """What is observed, by its id."""
    questionnaires: tuple[str, ...]
    """Ids of the questionnaires whose answers it counts."""
    questions: tuple[str, ...]
    """Ids of the questions that its formulas may speak of."""
    zero_policy: ZeroPolicy | None
    """What a share is whose question nobody answered; `None` where nothing is computed."""
    variants: tuple[Variant, ...]
    """How it is computed, by sphere and kind; empty where its points are only published."""

    def variant(self, sphere: str, kind: str = "") -> Variant | None:
        """How an organisation is computed; `None` where it is not: published points only, or a sphere not named."""
        return choose_variant(self.variants, sphere, kind)

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


_METHOD_KEYS = (
    *("id", "title", "source", "note", "valid_from", "valid_to", "decimals", "longest_gap_years", "bands", "measures"),
    *("parameters", "questionnaires", "questions", "zero_denominator", "variants"),
)
_MEASURE_KEYS = ("id", "role", "title", "short", "plain", "maximum", "better", "parent", "weight", "bands", "formula")
_NO_TEXTS: Texts = InRussianAtLeast(ru="", en="")


def parse_method(text: str, source: str, spheres: Spheres | None = None) -> Method:
    """The method written in `text`; with `spheres`, variants may name only those and their kinds.

    Raises:
        ConfigError: an unknown key, a missing or repeated measure, no total or two, a parent or a set of bands that
            is not there, bands that do not rise or do not reach the maximum, weights whose sum is not 1; formulas and
            variants that cannot be followed. The message names the line.
    """
    found = parse_yaml(text, source)
    for key in found:
        refuse_unknown({key: None}, _METHOD_KEYS, place_of(source, found, key))
    bands = _all_bands(found.get("bands", {}), f"{source}: bands")
    terms = _terms(found, source)
    rows = as_list(found.get("measures"), f"{source}: measures")
    measures = tuple(_measure(spot_of(row, source, "measure"), bands, terms) for row in rows)
    spots = {measure.id: spot_of(row, source, "measure") for measure, row in zip(measures, rows, strict=True)}
    _check_measures(measures, spots, source)
    base = Base(measures=measures, spots=spots, terms=terms, spheres=spheres)
    variants = parse_variants(found.get("variants"), Spot(source, found, "variants"), base)
    return Method(
        id=as_text(found.get("id"), f"{source}: id"),
        title=as_texts(found.get("title"), f"{source}: title"),
        source=as_texts(found.get("source"), f"{source}: source"),
        note=as_texts(found["note"], f"{source}: note") if "note" in found else InRussianAtLeast(ru="", en=""),
        valid_from=as_date(found.get("valid_from"), source, "valid_from"),
        valid_to=as_date(found.get("valid_to"), source, "valid_to"),
        decimals=_whole(found.get("decimals", 2), 0, 4, f"{source}: decimals"),
        longest_gap_years=_gap(found, source),
        measures=measures,
        parameters=terms.parameters,
        questionnaires=_words(found, "questionnaires", source),
        questions=terms.questions,
        zero_policy=_zero_policy(found, source) if variants else None,
        variants=variants,
    )


def _gap(found: Mapping[str, Any], source: str) -> int | None:
    if "longest_gap_years" not in found:
        return None
    return _whole(
        found["longest_gap_years"], 1, 50, f"{place_of(source, found, 'longest_gap_years')}: longest_gap_years"
    )


def _terms(found: Mapping[str, Any], source: str) -> Terms:
    parameters = parse_parameters(found["parameters"], source) if "parameters" in found else {}
    return Terms(parameters=parameters, questions=_words(found, "questions", source))


def _words(found: Mapping[str, Any], key: str, source: str) -> tuple[str, ...]:
    if key not in found:
        return ()
    what = f"{place_of(source, found, key)}: {key}"
    words = [as_text(word, what) for word in as_list(found[key], what)]
    refuse_repeated(words, what)
    return tuple(words)


def _zero_policy(found: Mapping[str, Any], source: str) -> ZeroPolicy:
    """What is computed needs one: which, the acts leave open, so nobody may forget to say it."""
    value = found.get("zero_denominator", "nothing")
    try:
        return ZeroPolicy("null" if value is None else value)  # YAML reads the bare word as nothing
    except ValueError as error:
        raise ConfigError(
            "zero-policy", place=place_of(source, found, "zero_denominator"), value=value, known=", ".join(ZeroPolicy)
        ) from error


def _measure(spot: Spot, bands: Mapping[str, tuple[Band, ...]], terms: Terms) -> Measure:
    row = spot.part
    spot.refuse_unknown(_MEASURE_KEYS)
    title = as_texts(row.get("title"), spot.at("title"))
    measure = Measure(
        id=as_text(row.get("id"), spot.at("id")),
        role=_role(row.get("role"), spot.at("role")),
        title=title,
        short=as_texts(row["short"], spot.at("short")) if "short" in row else title,
        maximum=as_decimal(row.get("maximum"), spot.at("maximum")),
        higher_is_better=_is_better_higher(row.get("better", "higher"), spot.at("better")),
        parent=as_text(row["parent"], spot.at("parent")) if "parent" in row else "",
        weight=as_decimal(row["weight"], spot.at("weight")) if "weight" in row else None,
        bands=_named_bands(row.get("bands"), bands, spot.at("bands")),
        plain=as_texts(row["plain"], spot.at("plain")) if "plain" in row else _NO_TEXTS,
        formula=parse_formula(spot, "formula", spot.name, terms) if "formula" in row else None,
    )
    _check_scale(measure, spot)
    return measure


def _check_scale(measure: Measure, spot: Spot) -> None:
    limit = measure.maximum
    if limit <= 0:
        raise ConfigError("maximum-zero", place=spot.at("maximum"), limit=limit)
    if measure.bands and measure.bands[-1].upto < limit:
        raise ConfigError("bands-short", place=spot.at("bands"), upto=measure.bands[-1].upto, limit=limit)
    if measure.formula and (limit != 100 or not measure.higher_is_better):
        raise ConfigError("maximum-formula", place=spot.at("maximum"), limit=limit)


def _check_measures(measures: tuple[Measure, ...], spots: Mapping[str, Spot], source: str) -> None:
    refuse_repeated([measure.id for measure in measures], f"{source}: the measure")
    totals = [measure.id for measure in measures if measure.role is Role.TOTAL]
    if len(totals) != 1:
        raise ConfigError("totals", place=source, number=len(totals))
    criteria = [measure.id for measure in measures if measure.role is Role.CRITERION]
    parents = {Role.TOTAL: [], Role.CRITERION: totals, Role.INDICATOR: criteria}
    for measure in measures:
        _check_parent(measure, parents[measure.role], spots[measure.id])
    for parent in [*totals, *criteria]:
        _check_weights([measure for measure in measures if measure.parent == parent], spots[parent])


def _check_parent(measure: Measure, parents: list[str], spot: Spot) -> None:
    """A criterion may name the total, an indicator must name its criterion, the total stands alone."""
    needed = measure.role is Role.INDICATOR
    if measure.parent in parents or not (measure.parent or needed):
        return
    raise ConfigError(
        "parent-expected",
        place=spot,
        role=measure.role,
        parent=measure.parent,
        known=tuple(parents),
        similar=nearest(measure.parent, parents),
    )


def _check_weights(children: list[Measure], spot: Spot) -> None:
    """Weights are shares of the whole: one that was mistyped shows in the sum."""
    weights = [child.weight for child in children if child.weight is not None]
    if weights and (len(weights) < len(children) or sum(weights) != 1):
        given = ", ".join(f"{child.id}: {child.weight}" for child in children)
        raise ConfigError("weights-sum", place=spot, given=given)


def _all_bands(value: Any, what: str) -> dict[str, tuple[Band, ...]]:
    if not isinstance(value, dict):
        raise ConfigError("scales-expected", place=what, value=value)
    return {name: _bands(rows, f"{what} '{name}'") for name, rows in value.items()}


def _named_bands(name: Any, bands: Mapping[str, tuple[Band, ...]], what: str) -> tuple[Band, ...]:
    if name is None:
        return ()
    if as_text(name, what) not in bands:
        raise ConfigError("bands-unknown", place=what, name=name, similar=nearest(name, bands))
    return bands[name]


def _bands(rows: Any, what: str) -> tuple[Band, ...]:
    bands = tuple(_band(row, what) for row in as_list(rows, what))
    if any(low.upto >= high.upto for low, high in pairwise(bands)):
        raise ConfigError("bands-rise", place=what, limits=", ".join(str(band.upto) for band in bands))
    return bands


def _band(row: Any, what: str) -> Band:
    if not isinstance(row, dict):
        raise ConfigError("band-row", place=what, row=row)
    refuse_unknown(row, ("upto", "level", "word"), what)
    return Band(
        upto=as_decimal(row.get("upto"), f"{what}: upto"),
        level=_whole(row.get("level"), 1, 5, f"{what}: level"),
        word=as_texts(row.get("word"), f"{what}: word"),
    )


def _role(value: Any, what: str) -> Role:
    try:
        return Role(value)
    except ValueError as error:
        raise ConfigError("one-of", place=what, value=value, known=", ".join(Role)) from error


def _is_better_higher(value: Any, what: str) -> bool:
    if value not in ("higher", "lower"):
        raise ConfigError("higher-or-lower", place=what, value=value)
    return bool(value == "higher")


def _whole(value: Any, least: int, most: int, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigError("whole-range", place=what, value=value, least=least, most=most)
    return value
