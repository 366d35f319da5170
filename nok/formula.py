"""Formulas as data: what a method may name, with which arguments. The arithmetic itself is in `nok.scoring`.

Floor 1, pure: parts of a method file in, frozen records out. Every formula gives points from 0 to 100 or none at all.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import pairwise
from typing import Any, ClassVar

from nok.documents import Spot, nearest
from nok.errors import ConfigError
from nok.vocabulary import Texts, as_list, as_text, as_texts


class ZeroPolicy(StrEnum):
    """What a share is whose question nobody answered: 0 ÷ 0.

    `ZERO`: no points. `RENORMALISE`: left out, the other weights of the criterion share its place. `NULL`: not known,
    and so are its criterion and the total. The act gives no rule that we know of, so a method says its own.
    """

    ZERO = "zero"
    RENORMALISE = "renormalise"
    NULL = "null"


class ParameterKind(StrEnum):
    """How an observed parameter is given: so many of a norm; so many; so long."""

    PART_OF_NORM = "part_of_norm"
    COUNT = "count"
    DURATION = "duration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """Something observed. `most` is the length of the checklist, `None` where each ministry has its own.

    `norm` stands in for a norm that the observation does not give; `unit` is what durations are counted in.
    """

    id: str
    kind: ParameterKind
    title: Texts
    most: int | None
    norm: Decimal | None
    unit: Texts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOfNorms:
    """Mean of value ÷ norm of each parameter, in per cent: ½·(stand ÷ its norm + site ÷ its norm)·100."""

    name: ClassVar[str] = "share_of_norms"
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsTimesStep:
    """`step` points for each item that is there, 100 at most."""

    name: ClassVar[str] = "items_times_step"
    parameters: tuple[str, ...]
    step: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOfAnswers:
    """Satisfied ÷ those who answered this question, in per cent.

    `branch` is the question before it: only who said yes there is asked, so there cannot be more answers here.
    """

    name: ClassVar[str] = "share_of_answers"
    question: str
    branch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanOfShares:
    """Mean of several shares of answers, each with its own denominator."""

    name: ClassVar[str] = "mean_of_shares"
    shares: tuple[ShareOfAnswers, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRule:
    """Points for waiting at most `share_of_norm` × norm, or at most norm − `below_norm_by`; one of them is given."""

    points: Decimal
    share_of_norm: Decimal | None
    below_norm_by: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingBands:
    """Points of the first rule that the average waiting time keeps; 0 where it keeps none."""

    name: ClassVar[str] = "waiting_bands"
    parameter: str
    rules: tuple[WaitingRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingAndTimely:
    """Mean of a waiting band and of the share of those who were served in time."""

    name: ClassVar[str] = "waiting_and_timely"
    waiting: WaitingBands
    timely: ShareOfAnswers


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedSum:
    """Σ weight × points of other measures; the weights add up to 1. In a file without `of`: the measures below it."""

    name: ClassVar[str] = "weighted_sum"
    of: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """Arithmetic mean of other measures. In a file without `of`: of the measures below it."""

    name: ClassVar[str] = "mean"
    of: tuple[str, ...] = ()


Observed = ShareOfNorms | ItemsTimesStep | WaitingBands
Derived = WeightedSum | Mean
Formula = Observed | ShareOfAnswers | MeanOfShares | WaitingAndTimely | Derived


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What formulas of one method may speak of: its parameters, and the ids of its questions."""

    parameters: Mapping[str, Parameter]
    questions: tuple[str, ...]


def weights_of(formula: Formula) -> tuple[tuple[str, Decimal], ...]:
    """The parts of a sum or mean with their weights; none for what is computed from evidence alone."""
    if isinstance(formula, WeightedSum):
        return formula.of
    return tuple((part, Decimal(1)) for part in formula.of) if isinstance(formula, Mean) else ()


def questions_of(formula: Formula) -> tuple[ShareOfAnswers, ...]:
    """The shares of answers that a formula is made from."""
    match formula:
        case ShareOfAnswers():
            return (formula,)
        case MeanOfShares():
            return formula.shares
        case WaitingAndTimely():
            return (formula.timely,)
        case _:
            return ()


def parameters_of(formula: Formula) -> tuple[str, ...]:
    """The observed parameters that a formula is made from."""
    match formula:
        case ShareOfNorms() | ItemsTimesStep():
            return formula.parameters
        case WaitingBands():
            return (formula.parameter,)
        case WaitingAndTimely():
            return (formula.waiting.parameter,)
        case _:
            return ()


def parse_formula(holder: Spot, key: str, measure: str, terms: Terms) -> Formula:
    """The formula of a measure under `key`: a name, or `{name: …, and its arguments}`.

    Raises:
        ConfigError: an unknown name, a wrong or missing argument, a parameter or a question the method does not have.
    """
    value = holder.part[key]
    part = value if isinstance(value, dict) else {"name": value}
    name = str(part.get("name"))
    if name not in _READERS:
        raise ConfigError(
            "formula-unknown",
            place=holder.at(key),
            name=name,
            similar=nearest(name, _READERS),
            known=", ".join(_READERS),
        )
    keys, read = _READERS[name]
    spot = Spot(holder.file, part, f"{measure}: {name}")
    spot.refuse_unknown(("name", *keys))
    return read(spot, terms)


def parse_parameters(rows: Any, file: str) -> dict[str, Parameter]:
    """The observed parameters by their ids. Raises `ConfigError` for one that stands twice or says nothing."""
    found: dict[str, Parameter] = {}
    for row in as_list(rows, f"{file}: parameters"):
        spot = spot_of(row, file, "parameter")
        spot.refuse_unknown(("id", "kind", "title", "most", "norm", "unit"))
        parameter = _parameter(spot)
        if parameter.id in found:
            raise ConfigError("part-twice", place=spot)
        found[parameter.id] = parameter
    return found


def spot_of(row: Any, file: str, word: str) -> Spot:
    """The spot of a row with an `id`. Raises `ConfigError` where it is no mapping."""
    if not isinstance(row, dict):
        raise ConfigError("row-id", place=file, word=word, row=row)
    return Spot(file, row, f"{word} '{row.get('id', '?')}'")


def as_decimal(value: Any, what: str) -> Decimal:
    """A finite number, exact. Raises `ConfigError` for anything else."""
    try:
        number = Decimal("NaN") if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ConfigError("number-expected", place=what, value=value)
    return number


# ---- arguments -----------------------------------------------------------------------------------------------------


def _parameter(spot: Spot) -> Parameter:
    row = spot.part
    kind = row.get("kind")
    if kind not in set(ParameterKind):
        kinds = ", ".join(ParameterKind)
        raise ConfigError(
            "parameter-kind-unknown",
            place=spot.at("kind"),
            kind=kind,
            known=kinds,
            similar=nearest(str(kind), ParameterKind),
        )
    return Parameter(
        id=as_text(row.get("id"), spot.at("id")),
        kind=ParameterKind(kind),
        title=as_texts(row.get("title"), spot.at("title")),
        most=int(_positive(spot, "most", whole=True)) if "most" in row else None,
        norm=_positive(spot, "norm") if "norm" in row else None,
        unit=as_texts(row["unit"], spot.at("unit")) if "unit" in row else None,
    )


def _positive(spot: Spot, key: str, *, whole: bool = False) -> Decimal:
    number = as_decimal(spot.part.get(key), spot.at(key))
    if number <= 0 or (whole and number != int(number)):
        if whole:
            raise ConfigError("whole-above-zero", place=spot.at(key), value=number)
        raise ConfigError("above-zero", place=spot.at(key), value=number)
    return number


def _known_parameter(value: Any, what: str, terms: Terms, kind: ParameterKind) -> str:
    parameter = terms.parameters.get(value) if isinstance(value, str) else None
    if parameter is None:
        known = [known.id for known in terms.parameters.values() if known.kind is kind]
        raise ConfigError(
            "parameter-unknown",
            place=what,
            value=value,
            similar=nearest(str(value), known),
            kind=kind,
            known=", ".join(known),
        )
    if parameter.kind is not kind:
        raise ConfigError("parameter-kind", place=what, value=value, kind=parameter.kind, expected=kind)
    return parameter.id


def _known_parameters(spot: Spot, terms: Terms, kind: ParameterKind) -> tuple[str, ...]:
    what = spot.at("parameters")
    names = tuple(_known_parameter(name, what, terms, kind) for name in as_list(spot.part.get("parameters"), what))
    _refuse_twice(names, what)
    return names


def _refuse_twice(names: Collection[str], what: str) -> None:
    if len(set(names)) < len(names):
        raise ConfigError("counted-twice", place=what, names=", ".join(names))


def _question(spot: Spot, key: str, terms: Terms) -> str:
    value = spot.part.get(key)
    if value not in terms.questions:
        raise ConfigError(
            "question-unknown",
            place=spot.at(key),
            value=value,
            similar=nearest(str(value), terms.questions),
            known=tuple(terms.questions),
        )
    return str(value)


def _norms(spot: Spot, terms: Terms) -> ShareOfNorms:
    return ShareOfNorms(parameters=_known_parameters(spot, terms, ParameterKind.PART_OF_NORM))


def _items(spot: Spot, terms: Terms) -> ItemsTimesStep:
    step = _positive(spot, "step")
    if step > 100:
        raise ConfigError("step-above", place=spot.at("step"), step=step)
    return ItemsTimesStep(parameters=_known_parameters(spot, terms, ParameterKind.COUNT), step=step)


def _share(spot: Spot, terms: Terms) -> ShareOfAnswers:
    branch = _question(spot, "branch", terms) if "branch" in spot.part else ""
    share = ShareOfAnswers(question=_question(spot, "question", terms), branch=branch)
    if share.question == branch:
        raise ConfigError("question-before-itself", place=spot.at("branch"), branch=branch)
    return share


def _shares(spot: Spot, terms: Terms) -> MeanOfShares:
    shares = []
    for row in as_list(spot.part.get("shares"), spot.at("shares")):
        if not isinstance(row, dict):
            raise ConfigError("share-row", place=spot.at("shares"), row=row)
        one = Spot(spot.file, row, f"{spot.name}: shares")
        one.refuse_unknown(("question", "branch"))
        shares.append(_share(one, terms))
    _refuse_twice([share.question for share in shares], spot.at("shares"))
    return MeanOfShares(shares=tuple(shares))


def _waiting(spot: Spot, terms: Terms) -> WaitingBands:
    parameter = _known_parameter(spot.part.get("parameter"), spot.at("parameter"), terms, ParameterKind.DURATION)
    rules = tuple(_rule(row, spot) for row in as_list(spot.part.get("rules"), spot.at("rules")))
    if any(first.points <= second.points for first, second in pairwise(rules)):
        given = ", ".join(str(rule.points) for rule in rules)
        raise ConfigError("rules-fall", place=spot.at("rules"), given=given)
    return WaitingBands(parameter=parameter, rules=rules)


def _rule(row: Any, of: Spot) -> WaitingRule:
    spot = Spot(of.file, row, f"{of.name}: rules")
    if not isinstance(row, dict) or len({"share_of_norm", "below_norm_by"} & set(row)) != 1:
        raise ConfigError("rule-row", place=spot, row=row)
    spot.refuse_unknown(("points", "share_of_norm", "below_norm_by"))
    numbers = {key: as_decimal(row.get(key, 0), spot.at(key)) for key in ("points", *row)}
    for key, most in (("points", 100), ("share_of_norm", 1)):
        if not 0 <= numbers.get(key, Decimal(0)) <= most:
            raise ConfigError("up-to", place=spot.at(key), value=numbers[key], most=most)
    return WaitingRule(
        points=numbers["points"],
        share_of_norm=numbers.get("share_of_norm"),
        below_norm_by=numbers.get("below_norm_by"),
    )


def _waiting_and_timely(spot: Spot, terms: Terms) -> WaitingAndTimely:
    return WaitingAndTimely(waiting=_waiting(spot, terms), timely=_share(spot, terms))


def _weighted_sum(spot: Spot, _: Terms) -> WeightedSum:
    if "of" not in spot.part:
        return WeightedSum()
    weights = spot.part["of"]
    if not isinstance(weights, dict) or not weights:
        raise ConfigError("weights-lines", place=spot.at("of"), weights=weights)
    of = Spot(spot.file, weights, f"{spot.name}: of")
    return WeightedSum(of=tuple((str(name), as_decimal(weight, of.at(name))) for name, weight in weights.items()))


def _mean(spot: Spot, _: Terms) -> Mean:
    if "of" not in spot.part:
        return Mean()
    names = tuple(as_text(name, spot.at("of")) for name in as_list(spot.part["of"], spot.at("of")))
    _refuse_twice(names, spot.at("of"))
    return Mean(of=names)


_READERS: Mapping[str, tuple[tuple[str, ...], Callable[[Spot, Terms], Formula]]] = {
    ShareOfNorms.name: (("parameters",), _norms),
    ItemsTimesStep.name: (("parameters", "step"), _items),
    ShareOfAnswers.name: (("question", "branch"), _share),
    MeanOfShares.name: (("shares",), _shares),
    WaitingBands.name: (("parameter", "rules"), _waiting),
    WaitingAndTimely.name: (("parameter", "rules", "question", "branch"), _waiting_and_timely),
    WeightedSum.name: (("of",), _weighted_sum),
    Mean.name: (("of",), _mean),
}
"""Name of a formula to its arguments and to what reads them."""
