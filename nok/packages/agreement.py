"""Which organisations' published points can disagree, found over whole columns: the few that must be judged one by one.

Exact: points are whole numbers of 10⁻⁶ and weights whole numbers, so that nothing is rounded. What is not plainly in
order (a part is missing, a measure does not apply, a number is longer than these numbers hold) is told as a doubt, never
cleared. Polars does the work.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import NamedTuple

import polars as pl

from nok.method import Method
from nok.packages.segments import Part, batches
from nok.packages.threads import in_threads
from nok.variants import Variant

DIGITS = 6
"""Points with more decimals, or more digits before the point, are doubted."""

_PLAIN = rf"^[0-9]{{1,{DIGITS}}}(\.[0-9]{{1,{DIGITS}}})?$"
_LARGEST_WEIGHT = 10**5
_ROUNDS = 1 << 20
"""More rounds than there can be: an organisation's number times this, and a round's, tell the two apart in one number."""

_ORGANIZATIONS_AT_ONCE = 25_000

_THREADS = 2
"""So many batches are judged at the same time: the engine does most of that with one processor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    """A measure that is made from others: its parts with whole weights, whose sum is `whole`."""

    measure: str
    parts: tuple[tuple[str, int], ...]
    whole: int


def doubtful_organizations(
    organizations: Sequence[Part], scores: Sequence[Part], rounds: Mapping[str, Method]
) -> set[str]:
    """Ids of organisations with a round that `nok.evidence.quick_verdicts` does not clear, in tables without a fault: no
    organisation has a measure of a round twice.

    The columns of `organizations` are id, sphere and kind, those of `scores` id, assessment, measure and points; `rounds`
    is assessment to method. Others are as they should be: |Σ wᵢ·xᵢ − x·Σ wᵢ| ≤ Σ wᵢ·(½·10^-p(xᵢ) + ½·10^-p(x)) for each
    published sum or mean, p being the decimals as printed.
    """
    if not _has_others(scores, _tops_of(rounds.values())):
        return set()
    owners = pl.concat([batch for part in organizations for batch in batches(part)])
    owners.columns = ["owner", "sphere", "kind"]
    owners = owners.with_row_index("number")
    places = owners.select("sphere", "kind").unique(maintain_order=True).with_row_index("place")
    owners = owners.join(places, on=["sphere", "kind"]).select("owner", "number", "place")
    shapes = _Shapes(rounds, list(places.select("sphere", "kind").iter_rows()))
    doubted: list[pl.Series] = []
    left = _Left()
    for part in scores:
        for sorted_out in in_threads(partial(_sort_out, shapes, owners), batches(part), _THREADS):
            doubted.append(sorted_out.doubted)
            left.add(sorted_out.left)
    doubted += _apart(left, shapes)
    numbers = pl.concat([*doubted, pl.Series(dtype=pl.UInt32)]).unique()
    return set(owners.filter(pl.col("number").is_in(numbers.implode()))["owner"])


def _has_others(scores: Sequence[Part], measures: Collection[str]) -> bool:
    """True where points of other measures are published; who publishes them does so in the first lines already."""
    wanted = pl.Series(list(measures), dtype=pl.String).implode()
    alone = [replace(part, columns=("measure",), owner="measure", identity="measure") for part in scores]
    return any(not batch["measure"].is_in(wanted).all() for part in alone for batch in batches(part))


def _tops_of(methods: Iterable[Method]) -> set[str]:
    """Measures that apply to everybody and are part of nothing: alone they can disagree with nothing."""
    distinct = {method.id: method for method in methods}
    variants = [variant for method in distinct.values() for variant in method.variants]
    parts = {part for variant in variants for made in variant.sums.values() for part, _ in made.parts}
    return set.intersection(*(set(variant.formulas) for variant in variants)) - parts


def owners_in(part: Part) -> set[str]:
    """Every owner of a row of a file."""
    return {owner for batch in batches(part) for owner in batch[part.owner].unique()}


class _Shapes:
    """What each measure is in the sums of each shape; a shape is what a method's variant is for one sphere and kind."""

    def __init__(self, rounds: Mapping[str, Method], places: Sequence[tuple[str, str]]) -> None:
        """`places` are spheres and kinds; their order gives their numbers."""
        methods = {method.id: method for method in rounds.values()}
        numbers = {name: number for number, name in enumerate(methods)}
        shapes: list[tuple[int, int, int]] = []
        self._codes: list[tuple[int, str, int]] = []
        self._roles: list[tuple[int, int, int]] = []
        self._sums: list[tuple[int, int, int]] = []
        for name, method in methods.items():
            for place, (sphere, kind) in enumerate(places):
                variant = method.variant(sphere, kind)
                if variant is not None:  # of others nothing can be said, so nothing disagrees
                    shapes.append((numbers[name], place, len(shapes)))
                    self._add(len(shapes) - 1, variant)
        named = [(name, number, numbers[method.id]) for number, (name, method) in enumerate(rounds.items())]
        self._rounds = _frame(named, assessment=pl.String, round=pl.Int64, method=pl.UInt32)
        self._places = _frame(shapes, method=pl.UInt32, place=pl.UInt32, shape=pl.Int64)
        self._measures = _frame(self._codes, shape=pl.Int64, measure=pl.String, code=pl.Int32)
        self.roles = _frame(self._roles, code=pl.Int32, sum=pl.Int32, weight=pl.Int64)
        """What a measure adds to a sum: with its weight as a part, with less than nothing as the whole."""
        self.sums = _frame(self._sums, sum=pl.Int32, length=pl.Int64, whole=pl.Int64)

    def _add(self, shape: int, variant: Variant) -> None:
        """The measures of one shape; none where its weights are longer than whole numbers here hold."""
        made = _sums_of(variant)
        if made is None:
            return
        code_of = {name: code for code, name in enumerate(variant.formulas, start=len(self._codes))}
        self._codes += [(shape, name, code) for name, code in code_of.items()]
        for each in made:
            self._roles.append((code_of[each.measure], len(self._sums), -each.whole))
            self._roles += [(code_of[name], len(self._sums), weight) for name, weight in each.parts]
            self._sums.append((len(self._sums), len(each.parts), each.whole))

    def recognise(self, batch: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
        """Points that something can be said of, with `code`, which is missing where the variant has no such measure."""
        return (
            batch.filter(pl.col("points") != "")
            .join(self._rounds, on="assessment")
            .join(owners, on="owner")
            .join(self._places, on=["method", "place"])
            .join(self._measures, on=["shape", "measure"], how="left")
        )


class _SortedOut(NamedTuple):
    """Of a batch: numbers of organisations with points of which nothing sure can be said, and what must be held against
    other batches, as `_added` or as `_as_integers` has it."""

    doubted: pl.Series
    left: pl.DataFrame


def _sort_out(shapes: _Shapes, owners: pl.DataFrame, batch: pl.DataFrame) -> _SortedOut:
    """In a file where the points of an organisation stand together nearly all sums are whole and in order here, and little
    is left; where measure stands by measure none is, and points take less memory than what they add to sums."""
    batch.columns = ["owner", "assessment", "measure", "points"]
    found = shapes.recognise(batch, owners)
    is_plain = pl.col("code").is_not_null() & pl.col("points").str.contains(_PLAIN)
    doubted, points = found.filter(~is_plain)["number"], _as_integers(found.filter(is_plain))
    sums = _summed(_added(points, shapes))
    left = sums.join(shapes.sums, on="sum").filter(~_IS_IN_ORDER).select(sums.columns)
    return _SortedOut(doubted, left if left.estimated_size() < points.estimated_size() else points)


@dataclass(slots=True)
class _Left:
    """What all batches have left: sums that are open, and points that have not been added to any."""

    sums: list[pl.DataFrame] = field(default_factory=list)
    points: list[pl.DataFrame] = field(default_factory=list)

    def add(self, left: pl.DataFrame) -> None:
        (self.points if "code" in left.columns else self.sums).append(left)


def _frame(rows: Sequence[tuple[object, ...]], **schema: type[pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def _as_integers(found: pl.DataFrame) -> pl.DataFrame:
    """Whose points they are, of which round and measure, the points in 10⁻⁶, and so their last printed decimal."""
    points = pl.col("points")
    decimals = points.str.len_bytes() - 1 - points.str.find(".", literal=True)
    return found.select(
        group=pl.col("number").cast(pl.Int64) * _ROUNDS + pl.col("round"),
        code=pl.col("code"),
        value=points.cast(pl.Decimal(2 * DIGITS, DIGITS)).to_physical().cast(pl.Int64),
        unit=decimals.fill_null(0).replace_strict(_UNITS, return_dtype=pl.Int32),
    )


_UNITS = {decimals: 10 ** (DIGITS - decimals) for decimals in range(DIGITS + 1)}


def _added(points: pl.DataFrame, shapes: _Shapes) -> pl.DataFrame:
    """What each number adds to each sum that it is in: to its error, to its wholes or its parts and their last decimals."""
    is_whole = pl.col("weight") < 0
    return points.join(shapes.roles, on="code").select(
        "group",
        "sum",
        error=pl.col("value") * pl.col("weight"),
        wholes=is_whole.cast(pl.Int32),
        parts=(~is_whole).cast(pl.Int32),
        of_whole=pl.when(is_whole).then("unit").otherwise(0),
        of_parts=pl.when(~is_whole).then("unit"),
    )


def _summed(added: pl.DataFrame) -> pl.DataFrame:
    """What was added to each sum of each round, together; sums of sums are the same again."""
    return added.group_by("group", "sum").agg(
        pl.col("error", "wholes", "parts", "of_whole").sum(), pl.col("of_parts").min()
    )


_IS_THERE = (pl.col("wholes") > 0) & (pl.col("parts") > 0)
"""A sum without its whole, or without any part, can be held against nothing."""

_SLACK = pl.col("whole") * (pl.col("of_whole") + pl.col("of_parts"))
_IS_IN_ORDER = _IS_THERE & (pl.col("parts") == pl.col("length")) & (2 * pl.col("error").abs() <= _SLACK)


def _apart(left: _Left, shapes: _Shapes) -> Iterator[pl.Series]:
    """Numbers of organisations with a sum that is not whole, or not what its parts give."""
    whole = [pl.concat(frames) for frames in (left.sums, left.points) if frames]
    last = max((int(frame["group"].to_numpy().max(initial=-1)) for frame in whole), default=-1)
    at_once = _ORGANIZATIONS_AT_ONCE * _ROUNDS
    for low in range(0, last + 1, at_once):
        pieces = [frame.filter(pl.col("group").is_between(low, low + at_once, closed="left")) for frame in whole]
        added = [_summed(_added(piece, shapes)) if "code" in piece.columns else piece for piece in pieces]
        wrong = _summed(pl.concat(added)).join(shapes.sums, on="sum").filter(_IS_THERE & ~_IS_IN_ORDER)
        yield wrong.select((pl.col("group") // _ROUNDS).cast(pl.UInt32))["group"]


def _sums_of(variant: Variant) -> Iterable[_Sum] | None:
    """The sums and means of a variant; `None` where a weight is longer than whole numbers here hold."""
    found = []
    for name, made in variant.sums.items():
        longest = max(-int(weight.as_tuple().exponent) for _, weight in made.parts)
        scaled = [(part, int(weight * Decimal(10) ** max(longest, 0))) for part, weight in made.parts]
        whole = sum(weight for _, weight in scaled)
        if whole > _LARGEST_WEIGHT or any(weight <= 0 for _, weight in scaled):
            return None
        found.append(_Sum(measure=name, parts=tuple(scaled), whole=whole))
    return found
