"""Places in order. Pure: numbers in, places out.

Organisations that share points share a place and the next one follows without a gap (dense ranks), as regional
rankings of НОК print it: 99,53 → 2 and 2, 99,37 → 3 (Липецкая область, 2018).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A place among peers.

    `rank` counts from 1; `sharing` is how many others have the same points; `peers` how many have points at all;
    `better` how many have better points.
    """

    rank: int
    sharing: int
    better: int
    peers: int


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
