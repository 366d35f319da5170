"""From observations and answers to indicators, criteria and total, with a trace of every number.

Floor 1, pure: no files, clock or chance. The formulas are those of `nok.arithmetic`, chosen by the method's variant for
the organisation's sphere and kind; rounding happens only in what is shown.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from nok.arithmetic import (
    Exact,
    exact_text,
    item_points,
    norm_points,
    round_points,
    share_points,
    waiting_points,
    weighted_points,
)
from nok.formula import (
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
from nok.records import ScoreState
from nok.scoring_inputs import Answers, ImpossibleInputsError, Observation, Observations, check_inputs, norm_of


class Absence(StrEnum):
    """Why a part has no points. Only `NOT_APPLICABLE` parts are always left out of what they belong to."""

    NOT_APPLICABLE = "not_applicable"
    NOBODY_ANSWERED = "nobody_answered"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that a number is made from: an observation, an answered question, or another measure.

    `kind` is `parameter`, `question` or `measure`. `weight` is its share before anything is left out; `None` for items
    of a list, which are added up. `points` are 0–100, unrounded; `None` for such items, and where `absence` leaves the
    part out (nobody answered, under the policy `zero`, counts as 0 points and says so by both). `facts` are what was
    counted, as text: value, norm, satisfied, answered, the question before it (branch).
    """

    kind: str
    name: str
    weight: Exact | None
    points: Fraction | None
    absence: Absence | None
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One measure of one organisation.

    `points` are 0–100, unrounded; `shown` the same with the method's decimals, half up; both `None` unless `state` is
    `SCORED`. `zero_denominators` are the questions below it that nobody answered, `policy` what was done about them
    (`None` where there are none). `missing` are the inputs that are not there. `parts` is what it was made from.
    """

    measure: str
    state: ScoreState
    points: Fraction | None
    shown: Decimal | None
    policy: ZeroPolicy | None
    zero_denominators: tuple[str, ...]
    missing: tuple[str, ...]
    formula: Formula | None
    parts: tuple[Part, ...]


def compute(method: Method, sphere: str, kind: str, observations: Observations, answers: Answers) -> dict[str, Result]:
    """Every measure of the method, in the order of its file; empty where the method is not computed for the sphere.

    A criterion without anything left is not known and makes the total unknown; one that does not apply is left out.

    Raises:
        ImpossibleInputsError: what `check_inputs` finds.
    """
    variant = method.variant(sphere, kind)
    if variant is None:
        return {}
    faults = check_inputs(method, sphere, kind, observations, answers)
    if faults:
        raise ImpossibleInputsError(faults)
    work = _Work(method, observations, answers)
    for measure, formula in variant.formulas.items():
        work.done[measure] = work.evaluate(formula)
    return {
        measure.id: _result(method, measure.id, variant.formulas.get(measure.id), work.done.get(measure.id))
        for measure in method.measures
    }


def trace(method: Method, result: Result) -> dict[str, Any] | None:
    """How a number came about, of plain JSON values; `None` for a measure that does not apply.

    `formula`, `arguments`; `parts`, each with its `weight` and `points` or `absence`; `weights_used` where the weights
    of the parts that count do not add up to 1 and were divided by that sum; `nobody_answered` with `zero_denominator`,
    the policy; `missing`; `exact` (a decimal, or a fraction n/d), `rounding`, `decimals` and `points`, or only the state.
    """
    if result.formula is None:
        return None
    found: dict[str, Any] = {
        "measure": result.measure,
        "state": result.state.value,
        "formula": result.formula.name,
        "arguments": _arguments(result.formula),
        "parts": [_part_trace(part) for part in result.parts],
    }
    counted = [Fraction(part.weight) for part in result.parts if part.weight is not None and part.points is not None]
    if result.points is not None and counted and sum(counted) != 1:
        found["weights_used"] = exact_text(sum(counted))
    if result.policy:
        found |= {"zero_denominator": result.policy.value, "nobody_answered": list(result.zero_denominators)}
    if result.missing:
        found["missing"] = list(result.missing)
    if result.points is not None:
        found |= {"exact": exact_text(result.points), "rounding": "half_up", "decimals": method.decimals}
        found["points"] = str(result.shown)
    return found


def _part_trace(part: Part) -> dict[str, str]:
    found = {part.kind: part.name, **part.facts}
    if part.weight is not None:
        found["weight"] = exact_text(part.weight)
    if part.points is not None:
        found["points"] = exact_text(part.points)
    if part.absence is not None:
        found["absence"] = part.absence.value
    return found


def _arguments(formula: Formula) -> dict[str, Any]:
    match formula:
        case ItemsTimesStep():
            return {"step": exact_text(formula.step)}
        case WaitingBands():
            return {"rules": [_rule(rule) for rule in formula.rules]}
        case WaitingAndTimely():
            return _arguments(formula.waiting)
        case _:
            return {}


def _rule(rule: Any) -> dict[str, str]:
    named = {"points": rule.points, "share_of_norm": rule.share_of_norm, "below_norm_by": rule.below_norm_by}
    return {name: exact_text(number) for name, number in named.items() if number is not None}


def _result(method: Method, measure: str, formula: Formula | None, outcome: "_Outcome | None") -> Result:
    if outcome is None:
        outcome = _Outcome(None, Absence.NOT_APPLICABLE)
    return Result(
        measure=measure,
        state=_STATES[outcome.absence],
        points=outcome.points,
        shown=None if outcome.points is None else round_points(outcome.points, method.decimals),
        policy=method.zero_policy if outcome.zeros else None,
        zero_denominators=outcome.zeros,
        missing=outcome.missing,
        formula=formula,
        parts=outcome.parts,
    )


_STATES = {
    None: ScoreState.SCORED,
    Absence.NOT_APPLICABLE: ScoreState.EXEMPT,
    Absence.NOBODY_ANSWERED: ScoreState.NO_DATA,
    Absence.MISSING: ScoreState.NO_DATA,
}


@dataclass(frozen=True, slots=True)
class _Outcome:
    points: Fraction | None
    absence: Absence | None = None
    zeros: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(slots=True)
class _Work:
    """One organisation while it is being computed; `done` holds the measures so far."""

    method: Method
    observations: Observations
    answers: Answers
    done: dict[str, _Outcome] = field(default_factory=dict)

    def evaluate(self, formula: Formula) -> _Outcome:
        match formula:
            case ShareOfNorms():
                return self._combine([self._norm(name, len(formula.parameters)) for name in formula.parameters])
            case ItemsTimesStep():
                return self._items(formula)
            case ShareOfAnswers():
                return self._combine([self._share(formula, 1)])
            case MeanOfShares():
                return self._combine([self._share(share, len(formula.shares)) for share in formula.shares])
            case WaitingBands():
                return self._combine([self._waiting(formula, 1)])
            case WaitingAndTimely():
                return self._combine([self._waiting(formula.waiting, 2), self._share(formula.timely, 2)])
            case WeightedSum():
                return self._combine([self._measure(name, weight) for name, weight in formula.of])
            case Mean():
                return self._combine([self._measure(name, Fraction(1, len(formula.of))) for name in formula.of])

    # ---- parts ------------------------------------------------------------------------------------------------------

    def _norm(self, name: str, count: int) -> Part:
        seen = self.observations.get(name, _UNSEEN)
        norm = norm_of(self.method.parameters[name], seen)
        points = None if seen.value is None or norm is None else norm_points(seen.value, norm)
        return _observed(name, Fraction(1, count), seen, norm, points)

    def _waiting(self, formula: WaitingBands, count: int) -> Part:
        seen = self.observations.get(formula.parameter, _UNSEEN)
        norm = norm_of(self.method.parameters[formula.parameter], seen)
        points = None if seen.value is None or norm is None else waiting_points(seen.value, norm, formula.rules)
        return _observed(formula.parameter, Fraction(1, count), seen, norm, points)

    def _share(self, share: ShareOfAnswers, count: int) -> Part:
        """Nobody answering is not the same as nobody being asked: the question or the one before it must be there."""
        given, before = self.answers.get(share.question), self.answers.get(share.branch)
        facts = {"branch": share.branch} if share.branch else {}
        if given:
            facts |= {"satisfied": str(given.satisfied), "answered": str(given.answered)}
        points: Fraction | None = None
        absence: Absence | None = Absence.MISSING
        if given and given.answered:
            points, absence = share_points(given.satisfied, given.answered), None
        elif given or before:
            absence = Absence.NOBODY_ANSWERED
            points = Fraction(0) if self.method.zero_policy is ZeroPolicy.ZERO else None
        return Part(
            kind="question",
            name=share.question,
            weight=Fraction(1, count),
            points=points,
            absence=absence,
            facts=facts,
        )

    def _measure(self, name: str, weight: Exact) -> Part:
        """Another measure. A criterion of which nothing is known is missing: no total may do without it."""
        outcome, absence = self.done[name], self.done[name].absence
        if absence is Absence.NOBODY_ANSWERED and self.method.by_id[name].role is Role.CRITERION:
            absence = Absence.MISSING
        return Part(kind="measure", name=name, weight=weight, points=outcome.points, absence=absence, facts={})

    # ---- putting them together --------------------------------------------------------------------------------------

    def _combine(self, parts: Sequence[Part]) -> _Outcome:
        """The weighted mean of the parts that count, or why there is none."""
        absences = {part.absence for part in parts if part.points is None}
        absence = self._stopping(absences)
        counted = [(part.weight or 0, part.points) for part in parts if part.points is not None]
        if absence is None and not counted:
            is_nobody = Absence.NOBODY_ANSWERED in absences
            absence = Absence.NOBODY_ANSWERED if is_nobody else Absence.NOT_APPLICABLE
        points = weighted_points(counted) if absence is None else None
        zeros, missing = self._gaps(parts)
        return _Outcome(points, absence, zeros, missing, tuple(parts))

    def _stopping(self, absences: Collection[Absence | None]) -> Absence | None:
        """The absence that leaves the whole unknown."""
        if Absence.MISSING in absences:
            return Absence.MISSING
        if Absence.NOBODY_ANSWERED in absences and self.method.zero_policy is ZeroPolicy.NULL:
            return Absence.NOBODY_ANSWERED
        return None

    def _items(self, formula: ItemsTimesStep) -> _Outcome:
        """So many items of a list, of those that apply."""
        seen = {name: self.observations.get(name, _UNSEEN) for name in formula.parameters}
        sizes = {name: one.norm or self.method.parameters[name].most for name, one in seen.items() if one.applicable}
        parts = tuple(_observed(name, None, one, sizes.get(name), None) for name, one in seen.items())
        missing = tuple(part.name for part in parts if part.absence is Absence.MISSING)
        if missing or not sizes:
            return _Outcome(None, Absence.MISSING if missing else Absence.NOT_APPLICABLE, (), missing, parts)
        values = [one.value for one in seen.values() if one.applicable and one.value is not None]
        known = [size for size in sizes.values() if size is not None]
        applicable = sum(known) if len(known) == len(sizes) else None
        return _Outcome(item_points(sum(values), formula.step, applicable), None, (), (), parts)

    def _gaps(self, parts: Iterable[Part]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Questions that nobody answered, and inputs that are missing, here and below."""
        zeros: dict[str, None] = {}
        missing: dict[str, None] = {}
        for part in parts:
            if part.kind == "measure":
                zeros |= dict.fromkeys(self.done[part.name].zeros)
                missing |= dict.fromkeys(self.done[part.name].missing)
            elif part.absence is Absence.NOBODY_ANSWERED:
                zeros[part.name] = None
            elif part.absence is Absence.MISSING:
                missing[part.name] = None
        return tuple(zeros), tuple(missing)


_UNSEEN = Observation(None)


def _observed(
    name: str, weight: Fraction | None, seen: Observation, norm: Exact | None, points: Fraction | None
) -> Part:
    facts = {key: exact_text(number) for key, number in (("value", seen.value), ("norm", norm)) if number is not None}
    absence = None
    if not seen.applicable:
        absence, points = Absence.NOT_APPLICABLE, None
    elif seen.value is None:
        absence = Absence.MISSING
    return Part(kind="parameter", name=name, weight=weight, points=points, absence=absence, facts=facts)
