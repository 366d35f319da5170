"""Means, medians, shares and intervals with the rules for small numbers. Pure: numbers in, numbers out; no binary floats.

A mean of citizens' ratings is shown only from a least number of them on (publication option `minimum_ratings`), always
with the number and with an interval. The window is the twelve months that end with the day of the build.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from math import isqrt

from nok.records import RatingSummary, ShareInterval

WINDOW_MONTHS = 12
"""How far back the second of the two counts of citizens' ratings reaches."""


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


def median_of_counts(counts: Mapping[int, int]) -> Decimal | None:
    """The median of numbers given as how often each occurs; `None` of none.

    >>> median_of_counts({1: 2, 5: 1}), median_of_counts({1: 1, 4: 1})
    (Decimal('1'), Decimal('2.5'))
    """
    number = sum(counts.values())
    if not number:
        return None
    middle = [_nth(counts, (number - 1) // 2), _nth(counts, number // 2)]
    return median(middle)


def _nth(counts: Mapping[int, int], place: int) -> int:
    """The number at `place`, from 0, when all stand in order."""
    for value in sorted(counts):
        place -= counts[value]
        if place < 0:
            return value
    raise ValueError("there are fewer numbers than that")


def summarize_ratings(distribution: Sequence[int], minimum: int) -> RatingSummary:
    """Count, mean and 95 % interval of ratings 1–5 given as five counts; `None` below `minimum` ratings.

    The interval is Student's for a mean (Student, "The probable error of a mean", Biometrika, 1908), its variance taken
    with one rating of each value added, so that ten equal ratings do not pretend to certainty (as Agresti and Coull add
    two successes and two failures to a share: The American Statistician, 1998), and kept inside 1–5.

    >>> summary = summarize_ratings((3, 3, 8, 20, 52), 10)
    >>> summary.count, summary.mean, summary.low, summary.high
    (86, Decimal('4.3'), Decimal('4.1'), Decimal('4.6'))
    """
    one, two, three, four, five = distribution
    counts = (one, two, three, four, five)
    number = one + two + three + four + five
    if number < max(minimum, 2):
        return RatingSummary(count=number, distribution=counts, mean=None, low=None, high=None, positive=None)
    whole = one + 2 * two + 3 * three + 4 * four + 5 * five
    # With one more rating of each value: the sum grows by 15, the sum of squares by 55.
    added, added_whole = number + 5, whole + 15
    added_squares = one + 4 * two + 9 * three + 16 * four + 25 * five + 55
    variance = added * added_squares - added_whole * added_whole  # times added²
    mean = whole * _UNIT // number
    quantile = student_95(number - 1)
    half = isqrt(quantile * quantile * variance * (_UNIT // _Z_UNIT) ** 2 // (added * added * number))
    return RatingSummary(
        count=number,
        distribution=counts,
        mean=_TENTHS[(20 * whole + number) // (2 * number)],
        low=_tenth(max(mean - half, _UNIT)),
        high=_tenth(min(mean + half, 5 * _UNIT)),
        positive=share_interval(four + five, number),
    )


@lru_cache(maxsize=10_000)
def student_95(freedom: int) -> int:
    """Student's two-sided 95 % quantile in millionths for `freedom` ≥ 1 degrees: 2.262157 for 9.

    Below nine degrees the printed table; from there on the expansion in powers of 1/freedom (Abramowitz and Stegun,
    Handbook of Mathematical Functions, 1964, formula 26.7.5), within 0.0001 of the table.
    """
    if freedom <= len(_SMALL_STUDENT):
        return _SMALL_STUDENT[freedom - 1]
    z, n = Fraction(_Z_95, _Z_UNIT), freedom
    terms = (
        z,
        (z**3 + z) / (4 * n),
        (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2),
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3),
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * n**4),
    )
    return round(sum(terms) * _Z_UNIT)


_SMALL_STUDENT = (12_706_205, 4_302_653, 3_182_446, 2_776_445, 2_570_582, 2_446_912, 2_364_624, 2_306_004)


def share_interval(part: int, whole: int) -> ShareInterval:
    """A share with its 95 % interval in per cent with one decimal; `whole` ≥ 1.

    The score interval of Wilson ("Probable inference", Journal of the American Statistical Association, 1927): it stays
    within 0–100 and does not shrink to nothing where everybody agrees.

    >>> share = share_interval(9, 10)
    >>> share.percent, share.low, share.high
    (Decimal('90.0'), Decimal('59.6'), Decimal('98.2'))
    """
    z, unit = _Z_95, _Z_UNIT
    # All three are multiplied by 2·(whole + z²)·unit², to stay among whole numbers.
    middle = 2 * part * unit * unit + z * z
    half = isqrt(z * z * (z * z + 4 * part * (whole - part) * unit * unit // whole))
    scale = 2 * (whole * unit * unit + z * z)
    return ShareInterval(
        percent=round_half_up(Decimal(100 * part) / whole, 1),
        low=_percent_tenths(max(middle - half, 0), scale),
        high=_percent_tenths(min(middle + half, scale), scale),
    )


def _percent_tenths(part: int, whole: int) -> Decimal:
    return Decimal((2000 * part + whole) // (2 * whole)).scaleb(-1)


def exact_mean(whole: int, number: int, scale: int, decimals: int) -> Decimal:
    """The arithmetic mean `whole` / `number` of numbers kept as multiples of 1/`scale`, a half upwards; `number` ≥ 1.

    >>> exact_mean(92125 + 92126, 2, 1000, 2)
    Decimal('92.13')
    """
    tens = 10**decimals
    return Decimal((2 * tens * whole + number * scale) // (2 * number * scale)).scaleb(-decimals)


def window_start(today: date) -> date:
    """The day a year before `today`: the window holds what came after it. 29 February begins on 28.

    >>> window_start(date(2024, 2, 29))
    datetime.date(2023, 2, 28)
    """
    if (today.month, today.day) == (2, 29):
        return date(today.year - 1, 2, 28)
    return today.replace(year=today.year - 1)


_Z_95, _Z_UNIT = 1_959_964, 10**6
_UNIT = 10**24
"""One rating, in the whole numbers that stand for fractions here."""
_TENTHS = tuple(Decimal(tenths).scaleb(-1) for tenths in range(51))


def _tenth(value: int) -> Decimal:
    """The nearest tenth, a half upwards."""
    return _TENTHS[(20 * value + _UNIT) // (2 * _UNIT)]
