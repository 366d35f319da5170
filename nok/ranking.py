"""Places in order. Pure: numbers in, places out.

Organisations that share points share a place and the next one follows without a gap (dense ranks), as regional
rankings of НОК print it: 99,53 → 2 and 2, 99,37 → 3 (Липецкая область, 2018).
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A place among peers.

    `rank` counts from 1; `sharing` is how many others have the same points; `peers` how many have points at all;
    `better` how many have better points. `first` and `last` are the places that the survey's sampling error leaves
    open (`place_ranges`), `None` where nobody knows how many answered.
    """

    rank: int
    sharing: int
    better: int
    peers: int
    first: int | None = None
    last: int | None = None


def dense_standings(points: Sequence[int], *, higher_is_better: bool = True) -> list[Standing]:
    """The standing of each of `points`, in the order given.

    >>> [standing.rank for standing in dense_standings([9984, 9953, 9953, 9937])]
    [1, 2, 2, 3]
    """
    counts = Counter(points)
    standings: dict[int, Standing] = {}
    better = 0
    for rank, value in enumerate(sorted(counts, reverse=higher_is_better), start=1):
        standings[value] = Standing(rank=rank, sharing=counts[value] - 1, better=better, peers=len(points))
        better += counts[value]
    return [standings[value] for value in points]


def place_ranges(
    points: Sequence[int], errors: Sequence[int | None], *, higher_is_better: bool = True
) -> list[tuple[int, int] | None]:
    """(best, worst) place that each of `points` may have: the places of all whose 95 % intervals overlap its own.

    `errors` are half-widths of the intervals in the unit of `points`. Where one is not known the points are taken as they
    are, and there is no range for them. Costs n · log n.

    >>> place_ranges([90, 88, 70], [3, 3, 3])
    [(1, 2), (1, 2), (3, 3)]
    """
    ranks = {value: rank for rank, value in enumerate(sorted(set(points), reverse=higher_is_better), start=1)}
    widths = [error or 0 for error in errors]
    # Whoever has the most points of all whose interval begins below mine ends overlaps it, since mine does too.
    low = sorted(zip([value - width for value, width in zip(points, widths, strict=True)], points, strict=True))
    high = sorted(zip([value + width for value, width in zip(points, widths, strict=True)], points, strict=True))
    starts, ends = [start for start, _ in low], [end for end, _ in high]
    most = list(accumulate((value for _, value in low), max))
    least = list(accumulate((value for _, value in reversed(high)), min))[::-1]
    found: list[tuple[int, int] | None] = []
    for value, error in zip(points, errors, strict=True):
        if error is None:
            found.append(None)
            continue
        top = ranks[most[bisect_right(starts, value + error) - 1]]
        bottom = ranks[least[bisect_left(ends, value - error)]]
        found.append((min(top, bottom), max(top, bottom)))
    return found
