"""Do published points agree with each other, and with what is computed? Floor 1, pure.

A published number is never mended: what does not agree is flagged, told and published as it is.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from nok.arithmetic import HUNDRED, round_points, weighted_points
from nok.formula import Formula, Mean, WeightedSum
from nok.method import Measure, Method, Role
from nok.scoring import Result


class Verdict(StrEnum):
    """`EXACT`: the same digits. `CONSISTENT`: the rounding of the printed numbers explains it. `FLAG`: it does not."""

    EXACT = "exact"
    CONSISTENT = "consistent"
    FLAG = "flag"


def consistency(
    parts: Sequence[Decimal | None], whole: Decimal | None, weights: Sequence[Decimal] | None = None
) -> Verdict | None:
    """Whether a published whole is the mean (or the weighted sum) of its published parts.

    Decimals count as printed: 100 has none, 85.52 has two. With p the decimals of a number, and those of the parts the
    most that any of them has, the whole may differ from the mean by ½·10^-p(parts) + ½·10^-p(whole). `None`: not
    checkable, because the whole or a part is missing; but a whole that no value of the missing parts could give is a
    flag. Missing parts are never left out of the mean.

    >>> consistency([Decimal(text) for text in "89.6 93.5 65.0 90.2 89.3".split()], Decimal("85.52"))
    <Verdict.EXACT: 'exact'>
    """
    if whole is None or not parts:
        return None
    shares = [Decimal(1)] * len(parts) if weights is None else list(weights)
    low = weighted_points((w, _or(part, Fraction(0))) for w, part in zip(shares, parts, strict=True))
    high = weighted_points((w, _or(part, HUNDRED)) for w, part in zip(shares, parts, strict=True))
    decimals = max((_decimals(part) for part in parts if part is not None), default=0)
    slack = _half(decimals) + _half(_decimals(whole))
    if not low - slack <= Fraction(whole) <= high + slack:
        return Verdict.FLAG
    if any(part is None for part in parts):
        return None
    return Verdict.EXACT if round_points(low, _decimals(whole)) == whole else Verdict.CONSISTENT


def compare_computed(published: Decimal, computed: Fraction, roundings: int = 1) -> Verdict:
    """Whether published points are the computed ones.

    `roundings` is how many times in turn a number was rounded on its way from the counts to the page: 1 for an
    indicator, 2 for a criterion, 3 for a total. Each may move it by ½ of its last printed decimal.

    >>> compare_computed(Decimal("92.1"), Fraction(9212, 100)), compare_computed(Decimal("92.2"), Fraction(9212, 100))
    (<Verdict.EXACT: 'exact'>, <Verdict.FLAG: 'flag'>)
    """
    if round_points(computed, _decimals(published)) == published:
        return Verdict.EXACT
    is_near = abs(computed - Fraction(published)) <= roundings * _half(_decimals(published))
    return Verdict.CONSISTENT if is_near else Verdict.FLAG


def judge(
    method: Method,
    sphere: str,
    kind: str,
    published: Mapping[str, Decimal],
    computed: Mapping[str, Result],
    exempt: Collection[str] = (),
) -> dict[str, Verdict | None]:
    """The verdict on every measure of the method; `None` where nothing is published or nothing can be checked.

    A sum or a mean is judged by its published parts; where they are not all published, and for indicators, by what was
    computed from the evidence. So a difference shows on the lowest published number where it arises. `published` holds
    the measures that have points; `exempt` those that the package says do not apply to this organisation.
    """
    variant = method.variant(sphere, kind)
    formulas = variant.formulas if variant else {}
    return {
        measure.id: _judge_one(method, measure, formulas.get(measure.id), published, computed, exempt)
        for measure in method.measures
    }


def _judge_one(
    method: Method,
    measure: Measure,
    formula: Formula | None,
    published: Mapping[str, Decimal],
    computed: Mapping[str, Result],
    exempt: Collection[str],
) -> Verdict | None:
    whole = published.get(measure.id)
    if whole is None or formula is None:
        return None
    weights = _weights(method, measure.id, formula, published, exempt)
    by_parts = consistency([published.get(part) for part in weights], whole, list(weights.values()))
    result = computed.get(measure.id)
    if by_parts is not None or result is None or result.points is None:
        return by_parts
    return compare_computed(whole, result.points, _ROUNDINGS[measure.role])


_ROUNDINGS = {Role.INDICATOR: 1, Role.CRITERION: 2, Role.TOTAL: 3}


def _weights(
    method: Method, name: str, formula: Formula, published: Mapping[str, Decimal], exempt: Collection[str]
) -> dict[str, Decimal]:
    """Parts to their weights: those that apply, or, where more are published, all that the method prints below it."""
    if isinstance(formula, WeightedSum):
        weights = dict(formula.of)
    elif isinstance(formula, Mean):
        weights = dict.fromkeys(formula.of, Decimal(1))
    else:
        return {}
    below = [measure for measure in method.measures if measure.parent == name]
    if any(measure.id in published and measure.id not in weights for measure in below):
        is_mean = isinstance(formula, Mean)
        weights = {measure.id: Decimal(1) if is_mean else measure.weight or Decimal(0) for measure in below}
    return {part: weight for part, weight in weights.items() if part not in exempt}


def _or(part: Decimal | None, otherwise: Fraction) -> Fraction:
    return otherwise if part is None else Fraction(part)


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _half(decimals: int) -> Fraction:
    return Fraction(1, 2 * 10**decimals)
