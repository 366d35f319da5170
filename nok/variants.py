"""Variants of a method by sphere and kind of organisation: which measures apply, by which formula, with which weights.

Floor 1, pure. A file says only what differs; what comes out is whole: every measure that applies, in an order in which
each can be computed from those before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

from nok.documents import Spot, nearest
from nok.errors import ConfigError
from nok.formula import Formula, Mean, Terms, WeightedSum, as_decimal, parse_formula, spot_of, weights_of
from nok.vocabulary import InRussianAtLeast, Spheres, Texts, as_list, as_text, as_texts


class Computed(Protocol):
    """What a variant must know of a measure."""

    @property
    def id(self) -> str: ...
    @property
    def parent(self) -> str: ...
    @property
    def weight(self) -> Decimal | None: ...
    @property
    def formula(self) -> Formula | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A sum or mean of other measures: its parts with their weights, and all weights together."""

    parts: tuple[tuple[str, Decimal], ...]
    whole: Decimal


@dataclass(frozen=True, kw_only=True)
class Variant:
    """How one group of organisations is scored.

    `formulas` holds every measure that applies, parts before what is made from them; sums and means name their parts.
    `exempt` are the measures of the method that do not apply here. Without `spheres` and `kinds` it fits everyone.
    """

    id: str
    title: Texts
    note: Texts
    spheres: tuple[str, ...]
    kinds: tuple[str, ...]
    formulas: Mapping[str, Formula]
    exempt: tuple[str, ...]

    @cached_property
    def sums(self) -> Mapping[str, Sum]:
        """The measures that are made from others, each as a sum."""
        weights = {name: weights_of(formula) for name, formula in self.formulas.items()}
        return {
            name: Sum(parts=parts, whole=sum((weight for _, weight in parts), Decimal(0)))
            for name, parts in weights.items()
            if parts
        }


def choose_variant(variants: Sequence[Variant], sphere: str, kind: str) -> Variant | None:
    """The variant that names the organisation's kind, else the one that names its sphere alone; `None` if neither."""
    fitting = [variant for variant in variants if not variant.spheres or sphere in variant.spheres]
    for variant in fitting:
        if kind and kind in variant.kinds:
            return variant
    return next((variant for variant in fitting if not variant.kinds), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What all variants of a method start from: its measures, where each stands in the file, and the known names."""

    measures: Sequence[Computed]
    spots: Mapping[str, Spot]
    terms: Terms
    spheres: Spheres | None


def parse_variants(rows: Any, method: Spot, base: Base) -> tuple[Variant, ...]:
    """The variants under `variants:`; one for everybody where there is none; none where no measure has a formula.

    Raises:
        ConfigError: an unknown sphere, kind or measure; two variants for the same organisations; a measure without a
            formula; weights whose sum is not 1; a measure that is made from itself.
    """
    if rows is None:
        everybody = Spot(method.file, {}, "everybody")
        has_formulas = any(measure.formula for measure in base.measures)
        return (_variant(everybody, base),) if has_formulas else ()
    variants = []
    for row in as_list(rows, method.at("variants")):
        spot = spot_of(row, method.file, "variant")
        spot.refuse_unknown(("id", "title", "note", "spheres", "kinds", "without", "weights", "formulas"))
        _check_names(spot, base.spheres)
        variants.append(_variant(spot, base))
        _refuse_rivals(spot, variants)
    return tuple(variants)


def _variant(spot: Spot, base: Base) -> Variant:
    row = spot.part
    exempt = _exempt(spot, base.measures)
    applicable = [measure for measure in base.measures if measure.id not in exempt]
    own = _section(spot, "formulas", applicable)
    weights = _weights(spot, applicable)
    whole: dict[str, Formula] = {}
    places: dict[str, str] = {}
    for measure in applicable:
        is_own = measure.id in own.part
        places[measure.id] = own.at(measure.id) if is_own else base.spots[measure.id].at("formula")
        formula = _formula(spot, own, measure, base.terms)
        whole[measure.id] = _resolve(spot, measure.id, formula, applicable, weights, places[measure.id])
    return Variant(
        id=as_text(row["id"], spot.at("id")) if row else "",
        title=as_texts(row.get("title"), spot.at("title")) if row else InRussianAtLeast(ru="", en=""),
        note=as_texts(row["note"], spot.at("note")) if "note" in row else InRussianAtLeast(ru="", en=""),
        spheres=_names(spot, "spheres"),
        kinds=_names(spot, "kinds"),
        formulas=_in_order(whole, places),
        exempt=exempt,
    )


def _names(spot: Spot, key: str) -> tuple[str, ...]:
    if key not in spot.part:
        return ()
    return tuple(as_text(name, spot.at(key)) for name in as_list(spot.part[key], spot.at(key)))


def _check_names(spot: Spot, spheres: Spheres | None) -> None:
    """Spheres and kinds are those of content/spheres.yaml: a mistyped one would fit nobody, in silence."""
    if "spheres" not in spot.part:
        raise ConfigError("variant-nobody", place=spot)
    if spheres is None:
        return
    for key, known in (("spheres", spheres.spheres), ("kinds", spheres.kinds)):
        for name in _names(spot, key):
            if name not in known:
                raise ConfigError("variant-sphere", place=spot.at(key), name=name, similar=nearest(name, known))
    for name in _names(spot, "kinds"):
        if spheres.kinds[name].sphere not in _names(spot, "spheres"):
            raise ConfigError("variant-kind", place=spot.at("kinds"), name=name, sphere=spheres.kinds[name].sphere)


def _refuse_rivals(spot: Spot, variants: Sequence[Variant]) -> None:
    """No organisation may fit two variants equally well."""
    *others, new = variants
    for other in others:
        shared = set(new.spheres) & set(other.spheres)
        both = set(new.kinds) & set(other.kinds) if new.kinds or other.kinds else shared
        if other.id == new.id or (shared and both):
            what = ", ".join(sorted(both)) or new.id
            raise ConfigError("variant-rivals", place=spot, variant=other.id, what=what)


def _exempt(spot: Spot, measures: Sequence[Computed]) -> tuple[str, ...]:
    """Measures named under `without:`, and those below them."""
    named = set(_known(spot, "without", _names(spot, "without"), measures))
    return tuple(measure.id for measure in measures if measure.id in named or measure.parent in named)


def _known(spot: Spot, key: str, names: Sequence[str], measures: Sequence[Computed]) -> Sequence[str]:
    ids = [measure.id for measure in measures]
    for name in names:
        if name not in ids:
            raise ConfigError("measure-unknown", place=spot.at(key), name=name, similar=nearest(name, ids))
    return names


def _section(spot: Spot, key: str, measures: Sequence[Computed]) -> Spot:
    """What a variant says anew for some measures: formulas or weights."""
    part = spot.part.get(key, {})
    if not isinstance(part, dict):
        raise ConfigError("measure-lines", place=spot.at(key), part=part)
    inner = Spot(spot.file, part, f"{spot.name}: {key}")
    for name in part:
        _known(inner, name, [str(name)], measures)
    return inner


def _formula(spot: Spot, own: Spot, measure: Computed, terms: Terms) -> Formula:
    if measure.id in own.part:
        return parse_formula(own, measure.id, f"{spot.name}: measure '{measure.id}'", terms)
    if measure.formula is None:
        raise ConfigError("measure-formula", place=spot, measure=measure.id)
    return measure.formula


def _weights(spot: Spot, applicable: Sequence[Computed]) -> dict[str, Decimal | None]:
    own = _section(spot, "weights", applicable)
    given = {str(name): as_decimal(weight, own.at(name)) for name, weight in own.part.items()}
    return {measure.id: given.get(measure.id, measure.weight) for measure in applicable}


def _resolve(
    spot: Spot,
    name: str,
    formula: Formula,
    applicable: Sequence[Computed],
    weights: Mapping[str, Decimal | None],
    place: str,
) -> Formula:
    """A sum or a mean with its parts named; any other formula as it is."""
    below = [measure.id for measure in applicable if measure.parent == name]
    if isinstance(formula, WeightedSum):
        parts = formula.of or tuple((part, weights[part] or Decimal(0)) for part in below)
        formula = WeightedSum(of=parts)
        _check_parts(spot, formula, applicable, place)
        _check_sum(spot, name, parts)
    elif isinstance(formula, Mean):
        formula = Mean(of=formula.of or tuple(below))
        _check_parts(spot, formula, applicable, place)
    return formula


def _check_parts(spot: Spot, formula: Formula, applicable: Sequence[Computed], place: str) -> None:
    parts, ids = parts_of(formula), [measure.id for measure in applicable]
    if not parts:
        raise ConfigError("measure-no-parts", place=place, name=spot.name)
    for part in parts:
        if part not in ids:
            raise ConfigError("measure-no-part", place=place, name=spot.name, part=part, similar=nearest(part, ids))


def _check_sum(spot: Spot, name: str, parts: Sequence[tuple[str, Decimal]]) -> None:
    if sum(weight for _, weight in parts) != 1 or any(weight <= 0 for _, weight in parts):
        given = ", ".join(f"{part}: {weight}" for part, weight in parts)
        key = "weights" if "weights" in spot.part else "without" if "without" in spot.part else "id"
        place = spot.at(key) if spot.part else str(spot)
        raise ConfigError("parts-weights", place=place, name=name, given=given)


def _in_order(formulas: Mapping[str, Formula], places: Mapping[str, str]) -> dict[str, Formula]:
    """Parts before what is made from them."""
    ordered: dict[str, Formula] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            circle = " → ".join([*above[above.index(name) :], name])
            raise ConfigError("measure-circle", place=places[name], circle=circle)
        if name in ordered:
            return
        for part in parts_of(formulas[name]):
            visit(part, (*above, name))
        ordered[name] = formulas[name]

    for name in formulas:
        visit(name, ())
    return ordered


def parts_of(formula: Formula) -> tuple[str, ...]:
    """The measures that a sum or a mean is made from; none for other formulas."""
    if isinstance(formula, WeightedSum):
        return tuple(part for part, _ in formula.of)
    return formula.of if isinstance(formula, Mean) else ()
