"""The same points as `nok.scoring`, for a whole country: whole numbers over common denominators, nothing explained.

Floor 1, pure. A method's variant is made into functions once; each organisation is then some hundred multiplications. A
test holds it to `compute` on random counts. It checks nothing: the inputs are those that `check_inputs` has let pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

from nok.formula import (
    Derived,
    Formula,
    ItemsTimesStep,
    Mean,
    MeanOfShares,
    ShareOfAnswers,
    ShareOfNorms,
    WaitingAndTimely,
    WaitingBands,
    WeightedSum,
    ZeroPolicy,
)
from nok.method import Method, Role
from nok.scoring_inputs import Answers, Observations

NO_DATA, EXEMPT = -1, -2
"""What stands in the place of points that are not known, or do not apply."""

Ratio = tuple[int, int]
"""Points as numerator and denominator; a denominator of 0 means that there are none, and the numerator says why."""

_MISSING, _EXEMPT, _NOBODY, _ZERO = (NO_DATA, 0), (EXEMPT, 0), (-3, 0), (0, 1)

Leaf = Callable[[Observations, Answers], Ratio]
Branch = Callable[[Sequence[Ratio]], Ratio]


@dataclass(frozen=True, slots=True)
class FastScores:
    """A method as one group of organisations is scored by it.

    `measures` are all measures of the method, in the order of its file; `decimals` those that are shown.
    """

    measures: tuple[str, ...]
    decimals: int
    leaves: tuple[tuple[int, Leaf], ...]
    branches: tuple[tuple[int, Branch], ...]

    def points(self, observations: Observations, answers: Answers) -> list[int]:
        """Points of every measure as shown, in units of the last decimal (9213 is 92.13), or `NO_DATA`, `EXEMPT`."""
        found: list[Ratio] = [_EXEMPT] * len(self.measures)
        for place, leaf in self.leaves:
            found[place] = leaf(observations, answers)
        for place, branch in self.branches:
            found[place] = branch(found)
        double = 2 * 10**self.decimals
        return [
            (double * above + below) // (2 * below) if below else (EXEMPT if above == EXEMPT else NO_DATA)
            for above, below in found
        ]


def compile_scores(method: Method, sphere: str, kind: str) -> FastScores | None:
    """The functions for organisations of a sphere and kind; `None` where the method is not computed for them."""
    variant = method.variant(sphere, kind)
    if variant is None:
        return None
    places = {measure.id: place for place, measure in enumerate(method.measures)}
    leaves, branches = [], []
    for name, formula in variant.formulas.items():  # parts before what is made from them
        if isinstance(formula, WeightedSum | Mean):
            branches.append((places[name], _branch(formula, method, places)))
        else:
            leaves.append((places[name], _leaf(formula, method)))
    return FastScores(tuple(places), method.decimals, tuple(leaves), tuple(branches))


def _branch(formula: Derived, method: Method, places: dict[str, int]) -> Branch:
    of = formula.of if isinstance(formula, WeightedSum) else [(name, Decimal(1)) for name in formula.of]
    scale = lcm(*(Fraction(weight).denominator for _, weight in of))
    parts = tuple((places[name], int(weight * scale), method.by_id[name].role is Role.CRITERION) for name, weight in of)
    is_null = method.zero_policy is ZeroPolicy.NULL

    def points(found: Sequence[Ratio]) -> Ratio:
        given = []
        for place, weight, is_criterion in parts:
            ratio = found[place]
            given.append((weight, _MISSING if is_criterion and ratio is _NOBODY else ratio))
        return _combine(given, is_null)

    return points


def _leaf(formula: Formula, method: Method) -> Leaf:
    match formula:
        case ShareOfAnswers():
            return _share(formula, method)
        case MeanOfShares():
            return _mean_of([_share(share, method) for share in formula.shares], method)
        case ShareOfNorms():
            return _mean_of([_norm(name, method) for name in formula.parameters], method)
        case ItemsTimesStep():
            return _items(formula, method)
        case WaitingBands():
            return _waiting(formula, method)
        case WaitingAndTimely():
            return _mean_of([_waiting(formula.waiting, method), _share(formula.timely, method)], method)
        case _:
            raise TypeError(f"{formula.name} is made from measures, not from counts")


def _share(share: ShareOfAnswers, method: Method) -> Leaf:
    question, branch = share.question, share.branch
    nobody = _ZERO if method.zero_policy is ZeroPolicy.ZERO else _NOBODY

    def points(_: Observations, answers: Answers) -> Ratio:
        given = answers.get(question)
        if given is None:
            return nobody if branch in answers else _MISSING
        satisfied, answered = given
        return (100 * satisfied, answered) if answered else nobody

    return points


def _norm(name: str, method: Method) -> Leaf:
    default = method.parameters[name].norm

    def points(observations: Observations, _: Answers) -> Ratio:
        seen = observations.get(name)
        if seen is None or (seen.value is None and seen.applicable):
            return _MISSING
        norm = default if seen.norm is None else seen.norm
        if not seen.applicable or seen.value is None or norm is None:
            return _EXEMPT
        return 100 * int(seen.value), int(norm)

    return points


def _items(formula: ItemsTimesStep, method: Method) -> Leaf:
    step = Fraction(formula.step)
    lists = [(name, method.parameters[name].most) for name in formula.parameters]

    def points(observations: Observations, _: Answers) -> Ratio:
        count, applicable, is_known, is_any = 0, 0, True, False
        for name, most in lists:
            seen = observations.get(name)
            if seen is None or (seen.value is None and seen.applicable):
                return _MISSING
            if not seen.applicable:
                continue
            size = most if seen.norm is None else seen.norm
            count, is_any = count + int(seen.value or 0), True
            applicable, is_known = applicable + int(size or 0), is_known and size is not None
        if not is_any:
            return _EXEMPT
        if is_known and applicable * step < 100:
            return 100 * min(count, applicable), applicable
        return min(count * step.numerator, 100 * step.denominator), step.denominator

    return points


def _waiting(formula: WaitingBands, method: Method) -> Leaf:
    name, default = formula.parameter, method.parameters[formula.parameter].norm
    rules = [
        (rule.share_of_norm, rule.below_norm_by or Decimal(0), Fraction(rule.points).as_integer_ratio())
        for rule in formula.rules
    ]

    def points(observations: Observations, _: Answers) -> Ratio:
        seen = observations.get(name)
        if seen is None or (seen.value is None and seen.applicable):
            return _MISSING
        norm = default if seen.norm is None else seen.norm
        if not seen.applicable or seen.value is None or norm is None:
            return _EXEMPT
        time, limit = Fraction(seen.value), Fraction(norm)
        for share, less, worth in rules:
            if time <= (limit - Fraction(less) if share is None else limit * Fraction(share)):
                return worth
        return _ZERO

    return points


def _mean_of(leaves: Sequence[Leaf], method: Method) -> Leaf:
    is_null = method.zero_policy is ZeroPolicy.NULL

    def points(observations: Observations, answers: Answers) -> Ratio:
        return _combine([(1, leaf(observations, answers)) for leaf in leaves], is_null)

    return points


def _combine(parts: Sequence[tuple[int, Ratio]], is_null: bool) -> Ratio:
    """The weighted mean of the parts that are there, as one ratio; or why there is none."""
    above, below, weights, is_nobody = 0, 1, 0, False
    for weight, (numerator, denominator) in parts:
        if denominator:
            above = above * denominator + weight * numerator * below
            below *= denominator
            weights += weight
        elif numerator == NO_DATA:
            return _MISSING
        elif numerator != EXEMPT:
            is_nobody = True
    if (is_nobody and is_null) or not weights:
        return _NOBODY if is_nobody else _EXEMPT
    return above, below * weights
