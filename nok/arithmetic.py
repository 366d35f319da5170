"""The formulas of assessment methods, each exactly once. Pure and exact: counts in, fractions of a point out.

All points are from 0 to 100 and unrounded; `round_points` is for showing only. Source of the formulas of НОК: order 344n
of the Ministry of Labour of Russia, 31.05.2018, table of indicators (its full text was not available to us: see the note
in content/methods/344n-2018.yaml). Which formula an indicator uses, and its numbers, is said in the method's file.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from nok.formula import WaitingRule

Exact = int | Decimal | Fraction
HUNDRED = Fraction(100)


def share_points(satisfied: int, answered: int) -> Fraction:
    """Per cent of those who answered: indicators 1.3, 2.2, 2.3, 3.3, 4.1–5.3. `answered` is above 0.

    >>> share_points(45, 50)
    Fraction(90, 1)
    """
    return Fraction(100 * satisfied, answered)


def norm_points(value: Exact, norm: Exact) -> Fraction:
    """Per cent of a norm, 100 at most: the halves of indicator 1.1. `norm` is above 0.

    >>> norm_points(48, 50)
    Fraction(96, 1)
    """
    return min(HUNDRED, Fraction(value) * 100 / Fraction(norm))


def item_points(count: Exact, step: Exact, applicable: Exact | None = None) -> Fraction:
    """`step` points for each item, 100 at most: indicators 1.2 (30), 2.1, 3.1, 3.2 (20).

    `applicable` is how many items of the list apply. What is not required is left out of the calculation: where fewer
    apply than 100 points take, each counts for more, and all of them give 100.

    >>> item_points(3, 30), item_points(4, 30)
    (Fraction(90, 1), Fraction(100, 1))
    >>> item_points(2, 20, applicable=4)
    Fraction(50, 1)
    """
    worth = Fraction(step) if applicable is None else max(Fraction(step), HUNDRED / Fraction(applicable))
    return min(HUNDRED, worth * Fraction(count))


def waiting_points(average: Exact, norm: Exact, rules: Sequence[WaitingRule]) -> Fraction:
    """Points of the first rule that the average waiting time keeps, 0 for none: the first half of 2.2 in health.

    `average` and `norm` are in the norm's unit. A fraction of a day is not rounded away: 12.5 days of 14 are less than
    the norm by one whole day, not by two.
    """
    time, limit = Fraction(average), Fraction(norm)
    return next((Fraction(rule.points) for rule in rules if time <= _longest(rule, limit)), Fraction(0))


def _longest(rule: WaitingRule, norm: Fraction) -> Fraction:
    if rule.share_of_norm is not None:
        return norm * Fraction(rule.share_of_norm)
    return norm - Fraction(rule.below_norm_by or 0)


def weighted_points(parts: Iterable[tuple[Exact, Fraction]]) -> Fraction:
    """Σ weight × points ÷ Σ weight of (weight, points): criteria, totals, and the halves of an indicator.

    With all parts there, the weights add up to 1 and it is the act's sum. Without those that do not apply, the rest
    share their place in proportion. At least one weight is above 0.

    >>> weighted_points([(Decimal("0.3"), Fraction(40)), (Decimal("0.4"), Fraction(60))])
    Fraction(360, 7)
    """
    # One fraction at the end: `Fraction` reduces after every sum, and that would be most of a country's time.
    above, below, weights, unit = 0, 1, 0, 1
    for weight, points in parts:
        share, whole = _weight(weight)
        numerator, denominator = share * points.numerator, whole * points.denominator
        above, below = above * denominator + numerator * below, below * denominator
        weights, unit = weights * whole + share * unit, unit * whole
    return Fraction(above * unit, below * weights)


@lru_cache(maxsize=256)
def _weight(weight: Exact) -> tuple[int, int]:
    """Numerator and denominator; a country has a few dozen different weights, each in every sum."""
    return weight.as_integer_ratio()


def round_points(points: Fraction, decimals: int) -> Decimal:
    """Points as they are shown: `decimals` decimals, a half upwards. `points` are not negative.

    >>> round_points(Fraction(92125, 1000), 2)
    Decimal('92.13')
    """
    scale = 10**decimals
    return Decimal((2 * points.numerator * scale + points.denominator) // (2 * points.denominator)).scaleb(-decimals)


def printed(points: Decimal) -> str:
    """Points as files and tables tell them: in digits, never with a power of ten.

    >>> printed(Decimal("83.50")), printed(Decimal("0.0000001"))
    ('83.50', '0.0000001')
    """
    text = str(points)
    return f"{points:f}" if "E" in text else text  # to format takes thrice as long


def exact_text(number: Exact) -> str:
    """A number in full: a plain decimal where it ends, else a reduced fraction.

    >>> exact_text(Fraction(185, 2)), exact_text(Fraction(360, 7)), exact_text(Decimal("0.30"))
    ('92.5', '360/7', '0.3')
    """
    return str(number) if isinstance(number, int) else _exact_text(*number.as_integer_ratio())


@lru_cache(maxsize=4096)
def _exact_text(numerator: int, denominator: int) -> str:
    """The same numbers stand in many traces: shares of small counts, weights, steps."""
    rest, places = denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        places = max(places, power)
    if rest != 1:
        return f"{numerator}/{denominator}"
    digits = str(numerator * 10**places // denominator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits
