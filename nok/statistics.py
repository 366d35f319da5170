"""Means, medians and intervals with the rules for small numbers. Pure: numbers in, numbers out; no binary floats shown.

A mean of citizens' ratings is shown only from a least number of them on (publication option `minimum_ratings`), always
with the number and with an interval.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

from nok.records import RatingSummary

_Z_95 = Decimal("1.959964")


def round_half_up(number: Decimal, decimals: int) -> Decimal:
    """`number` with `decimals` decimals, a half upwards: the one rounding of the project.

    >>> round_half_up(Decimal("92.125"), 2)
    Decimal('92.13')
    """
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


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
    counts = tuple(distribution)
    one, two, three, four, five = counts
    number = sum(counts)
    empty = RatingSummary(count=number, distribution=(one, two, three, four, five), mean=None, low=None, high=None)
    if number < max(minimum, 1):
        return empty
    with localcontext() as context:
        context.prec = 28
        mean = Decimal(sum(value * count for value, count in enumerate(counts, 1))) / number
        half = _Z_95 * (_smoothed_variance(counts) / number).sqrt()
        low, high = max(mean - half, Decimal(1)), min(mean + half, Decimal(5))
    return RatingSummary(
        count=number,
        distribution=empty.distribution,
        mean=round_half_up(mean, 1),
        low=round_half_up(low, 1),
        high=round_half_up(high, 1),
    )


def _smoothed_variance(counts: Sequence[int]) -> Decimal:
    smoothed = [count + 1 for count in counts]
    number = sum(smoothed)
    mean = Decimal(sum(value * count for value, count in enumerate(smoothed, 1))) / number
    return sum((count * (value - mean) ** 2 for value, count in enumerate(smoothed, 1)), Decimal(0)) / number
