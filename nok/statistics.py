"""Means, medians and intervals with the rules for small numbers. Pure: numbers in, numbers out; no binary floats shown.

A mean of citizens' ratings is shown only from a least number of them on (publication option `minimum_ratings`), always
with the number and with an interval.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import isqrt

from nok.records import RatingSummary


def round_half_up(number: Decimal, decimals: int) -> Decimal:
    """`number` with `decimals` decimals, a half upwards: the one rounding of the project.

    >>> round_half_up(Decimal("92.125"), 2)
    Decimal('92.13')
    """
    return number.quantize(_step(decimals), ROUND_HALF_UP)


@lru_cache(maxsize=32)
def _step(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)


def median(ordered: Sequence[int]) -> Decimal:
    """The median of numbers that are already in order; between two middle ones their mean.

    >>> median([1, 2, 10]), median([1, 2])
    (Decimal('2'), Decimal('1.5'))
    """
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return Decimal(ordered[middle])
    return (Decimal(ordered[middle - 1]) + Decimal(ordered[middle])) / 2


def summarize_ratings(distribution: Sequence[int], minimum: int) -> RatingSummary:
    """Count, mean and 95 % interval of ratings 1–5 given as five counts.

    The interval is the normal one for a mean, with one rating of each value added to the variance (so that ten equal
    ratings do not pretend to certainty), and kept inside 1–5. `None` below `minimum` ratings.

    Source of the added ratings: the "plus four" adjustment of Agresti and Coull (The American Statistician, 1998),
    here with one pseudo-rating for each of five values.

    >>> summary = summarize_ratings((3, 3, 8, 20, 52), 5)
    >>> summary.count, summary.mean, summary.low, summary.high
    (86, Decimal('4.3'), Decimal('4.1'), Decimal('4.6'))
    """
    one, two, three, four, five = distribution
    counts = (one, two, three, four, five)
    number = one + two + three + four + five
    if number < max(minimum, 1):
        return RatingSummary(count=number, distribution=counts, mean=None, low=None, high=None)
    whole = one + 2 * two + 3 * three + 4 * four + 5 * five
    # With one more rating of each value: the sum grows by 15, the sum of squares by 55.
    added, added_whole = number + 5, whole + 15
    added_squares = one + 4 * two + 9 * three + 16 * four + 25 * five + 55
    variance = added * added_squares - added_whole * added_whole  # times added²
    mean = whole * _UNIT // number
    half = isqrt(_Z_95 * _Z_95 * variance * (_UNIT // _Z_UNIT) ** 2 // (added * added * number))
    return RatingSummary(
        count=number,
        distribution=counts,
        mean=_TENTHS[(20 * whole + number) // (2 * number)],
        low=_tenth(max(mean - half, _UNIT)),
        high=_tenth(min(mean + half, 5 * _UNIT)),
    )


_Z_95, _Z_UNIT = 1_959_964, 10**6
_UNIT = 10**24
"""One rating, in the whole numbers that stand for fractions here."""
_TENTHS = tuple(Decimal(tenths).scaleb(-1) for tenths in range(51))


def _tenth(value: int) -> Decimal:
    """The nearest tenth, a half upwards."""
    return _TENTHS[(20 * value + _UNIT) // (2 * _UNIT)]
