"""What stands behind the points of one organisation in one round, put together: what was seen, answered, published.

Floor 1, pure. Here rows of `observations` and `answers` become what `nok.scoring` computes from, and what it computes is
set beside what was published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from nok.arithmetic import exact_text, printed
from nok.formula import Formula, ItemsTimesStep, parameters_of, questions_of
from nok.method import Method
from nok.questionnaire import Counts, Questionnaire
from nok.records import Evidence, Score, ScoreState
from nok.scoring import Result, compute, trace
from nok.scoring_fast import EXEMPT, compile_scores
from nok.scoring_inputs import Answered, ImpossibleInputsError, Observation, count_answers
from nok.scoring_verdicts import Verdict, judge
from nok.variants import Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """The question `child` is asked of those who answered `parent` by one of `answers`."""

    parent: str
    answers: frozenset[str]
    child: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A questionnaire as the table of answers must know it.

    `questions` is question to the codes of its answers, and what each counts as: satisfied, not satisfied, or (`None`)
    in neither part of a share. Questions that are answered in words are not among them.
    """

    id: str
    questions: Mapping[str, Mapping[str, bool | None]]
    branches: tuple[Branch, ...]

    @property
    def said(self) -> tuple[object, ...]:
        """All of it, in an order that does not change from run to run."""
        branches = [(branch.parent, sorted(branch.answers), branch.child) for branch in self.branches]
        return self.id, [(question, list(codes.items())) for question, codes in self.questions.items()], branches


Forms = Mapping[str, Form]

_COUNTED: Mapping[Counts, bool | None] = {Counts.SATISFIED: True, Counts.NOT: False, Counts.LEFT_OUT: None}


def form_of(questionnaire: Questionnaire) -> Form:
    """What the table of answers must know of a questionnaire."""
    asked = [question for question in questionnaire.questions if question.choices]
    return Form(
        id=questionnaire.id,
        questions={
            question.id: {choice.code: _COUNTED[choice.counts] for choice in question.choices} for question in asked
        },
        branches=tuple(
            Branch(parent=condition.question, answers=frozenset(condition.answers), child=question.id)
            for question in asked
            for condition in question.when
        ),
    )


# ---- inputs --------------------------------------------------------------------------------------------------------


def observations_of(evidence: Evidence) -> dict[str, Observation]:
    """What was seen, as it is computed from."""
    return {seen.parameter: Observation(seen.value, seen.norm, seen.is_applicable) for seen in evidence.observations}


def answers_of(evidence: Evidence, method: Method, forms: Forms) -> dict[str, Answered]:
    """How many answered each question of the method, all ways of asking and all its questionnaires together.

    Raises:
        ImpossibleInputsError: an answer that its questionnaire does not know.
    """
    rows: list[tuple[str, str, int]] = []
    codes: dict[str, dict[str, bool | None]] = {}
    for survey in evidence.surveys:
        form = forms.get(survey.questionnaire_id)
        if form is None or survey.questionnaire_id not in method.questionnaires:
            continue
        for question, counts in survey.counts.items():
            if question in method.questions:
                codes.setdefault(question, {}).update(form.questions.get(question, {}))
                rows += [(question, answer, count) for answer, count in counts.items()]
    return count_answers(rows, codes)


def respondents_of(evidence: Evidence) -> int | None:
    """How many people were asked: the most that answered one question, way by way; `None` where nobody was."""
    most = [max((sum(counts.values()) for counts in survey.counts.values()), default=0) for survey in evidence.surveys]
    return sum(most) if most else None


# ---- published beside computed -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One measure: what was computed (`None` without evidence), and what that says of the published points.

    `verdict` is `None` where nothing can be said.
    """

    result: Result | None
    verdict: Verdict | None

    @property
    def points(self) -> Decimal | None:
        """The computed points as shown; `None` where there are none."""
        return self.result.shown if self.result is not None else None


def check_round(
    method: Method, sphere: str, kind: str, published: Mapping[str, Score], evidence: Evidence, forms: Forms
) -> dict[str, Checked]:
    """Every measure that was computed or can be judged, in the order of the method.

    Where the evidence cannot be true as a whole (parts of it lie in several packages, each of them right), nothing is
    computed from it.
    """
    if not method.variants:
        return {}
    if not evidence.observations and not evidence.surveys:
        texts = {name: printed(score.points) for name, score in published.items() if score.points is not None}
        quick = quick_verdicts(method, sphere, kind, texts)
        if quick is not None:
            return {name: Checked(result=None, verdict=verdict) for name, verdict in quick.items()}
    results = computed_of(method, sphere, kind, evidence, forms)
    points = {name: score.points for name, score in published.items() if score.points is not None}
    exempt = [name for name, score in published.items() if score.state is ScoreState.EXEMPT]
    verdicts = judge(method, sphere, kind, points, results, exempt)
    found = {
        measure.id: Checked(result=results.get(measure.id), verdict=verdicts.get(measure.id))
        for measure in method.measures
    }
    return {name: one for name, one in found.items() if one.result is not None or one.verdict is not None}


def quick_verdicts(method: Method, sphere: str, kind: str, published: Mapping[str, str]) -> dict[str, Verdict] | None:
    """What `judge` says of a round without evidence, quickly, for a country has a million of these.

    `published` are points as text. `None` where some parts of a whole are published and others are not, or more than
    applies: then `judge` must look.
    """
    variant = method.variant(sphere, kind)
    if variant is None:
        return {}
    if not variant.formulas.keys() >= published.keys():
        return None
    found = {}
    for name, made in variant.sums.items():
        if name in published:
            given = [part for part, _ in made.parts if part in published]
            if given:
                if len(given) < len(made.parts):
                    return None
                found[name] = _verdict_on(published, name, made)
    return found


def _verdict_on(published: Mapping[str, str], name: str, made: Sum) -> Verdict:
    """The same as `nok.scoring_verdicts.consistency` of a whole whose parts are all published."""
    whole, finest, (points, decimals) = made.whole, 0, _number(published[name])
    error = -whole * points
    for part, weight in made.parts:
        number, places = _number(published[part])
        error += weight * number
        finest = max(finest, places)
    half = whole * _half(decimals)
    if -half <= error < half:
        return Verdict.EXACT
    slack = half + whole * _half(finest)
    return Verdict.CONSISTENT if abs(error) <= slack else Verdict.FLAG


@lru_cache(maxsize=65_536)  # nearly all points of a country are between 0.00 and 100.00
def _number(text: str) -> tuple[Decimal, int]:
    """Points and how many decimals they are printed with."""
    return Decimal(text), len(text) - text.index(".") - 1 if "." in text else 0


@cache
def _half(decimals: int) -> Decimal:
    return Decimal(5).scaleb(-decimals - 1)


def computed_of(method: Method, sphere: str, kind: str, evidence: Evidence, forms: Forms) -> dict[str, Result]:
    """Every measure of the method as computed; empty without evidence, or where that cannot be true."""
    if not evidence.observations and not evidence.surveys:
        return {}
    try:
        answers = answers_of(evidence, method, forms)
        return compute(method, sphere, kind, observations_of(evidence), answers)
    except ImpossibleInputsError:
        return {}


def counts_of(result: Result) -> list[tuple[str, str]]:
    """What an indicator was counted from: (how many, of how many or "") of each thing; none for sums of other measures.

    Both are empty for what nobody answered, what is not required and what is missing.
    """
    pairs = [
        (("satisfied", "answered") if part.kind == "question" else ("value", "norm"), part) for part in result.parts
    ]
    return [
        ("", "") if part.absence else (part.facts.get(above, ""), part.facts.get(below, ""))
        for (above, below), part in pairs
        if part.kind != "measure"
    ]


def trace_of(method: Method, checked: Checked) -> dict[str, Any] | None:
    """How the computed number came about; `None` where there is none."""
    return trace(method, checked.result) if checked.result is not None else None


# ---- a whole country -----------------------------------------------------------------------------------------------

Told = tuple[str, str, list[tuple[str, str]]]
"""Points as shown or empty, state, and what they were counted from (`counts_of`)."""


class QuickRounds:
    """Rounds of organisations of one sphere and kind, computed in a tenth of the time, where all is well.

    It explains nothing and judges nothing: where a published number is not the computed one to the last digit, or counts
    cannot be true, it says so and `check_round` must look.
    """

    def __init__(self, method: Method, sphere: str, kind: str, forms: Forms) -> None:
        self._method, self._sphere, self._kind, self._forms = method, sphere, kind, forms
        self._fast = compile_scores(method, sphere, kind)
        variant = method.variant(sphere, kind)
        self._formulas = dict(variant.formulas) if variant else {}
        self._sums = variant.sums if variant else {}
        shares = [share for formula in self._formulas.values() for share in questions_of(formula)]
        self._branches = [(share.question, share.branch) for share in shares if share.branch]
        self._counted = {name: _counted(formula, method) for name, formula in self._formulas.items()}

    def compute(self, published: Mapping[str, str], evidence: Evidence) -> dict[str, Told] | None:
        """Every measure of the method; `None` where `check_round` must look. `published` are points as text."""
        if self._fast is None or not self._formulas.keys() >= published.keys():
            return None
        observations, answers = observations_of(evidence), self._answers(evidence)
        if answers is None or any(self._is_impossible(answers, *branch) for branch in self._branches):
            return None
        shown = dict(zip(self._fast.measures, self._fast.points(observations, answers), strict=True))
        told = {name: self._tell(name, number, observations, answers) for name, number in shown.items()}
        return told if self._agrees(published, told) else None

    @staticmethod
    def _is_impossible(answers: Mapping[str, Answered], question: str, branch: str) -> bool:
        here, before = answers.get(question), answers.get(branch)
        return here is not None and before is not None and here.answered > before.satisfied

    def _answers(self, evidence: Evidence) -> dict[str, Answered] | None:
        sums: dict[str, tuple[int, int]] = {}
        for survey in evidence.surveys:
            form = self._forms.get(survey.questionnaire_id)
            if form is None or survey.questionnaire_id not in self._method.questionnaires:
                continue
            for question, counts in survey.counts.items():
                if question in self._method.questions:
                    codes = form.questions.get(question)
                    if codes is None or not codes.keys() >= counts.keys():
                        return None
                    satisfied, answered = sums.get(question, (0, 0))
                    for answer, count in counts.items():
                        satisfied += count if codes[answer] else 0
                        answered += count if codes[answer] is not None else 0
                    sums[question] = satisfied, answered
        return {question: Answered(*pair) for question, pair in sums.items()}

    def _tell(
        self, name: str, number: int, observations: Mapping[str, Observation], answers: Mapping[str, Answered]
    ) -> Told:
        counts = [_pair_of(what, observations, answers) for what in self._counted.get(name, ())]
        if number < 0:
            return "", str(ScoreState.EXEMPT if number == EXEMPT else ScoreState.NO_DATA), counts
        decimals = self._method.decimals
        text = f"{number // 10**decimals}.{number % 10**decimals:0{decimals}d}" if decimals else str(number)
        return text, str(ScoreState.SCORED), counts

    def _agrees(self, published: Mapping[str, str], told: Mapping[str, Told]) -> bool:
        """True where no published number disagrees with its published parts, and one without parts is the computed one."""
        for name, text in published.items():
            made = self._sums.get(name)
            if made is not None and all(part in published for part, _ in made.parts):
                if _verdict_on(published, name, made) is Verdict.FLAG:
                    return False
            elif text != told[name][0]:
                return False
        return True


_Counted = tuple[str, str, Decimal | None]
"""Kind (`question` or `parameter`), name, and the norm where an observation gives none."""


def _counted(formula: Formula, method: Method) -> list[_Counted]:
    """What a formula counts, in the order of its parts."""
    parameters = [method.parameters[name] for name in parameters_of(formula)]
    is_list = isinstance(formula, ItemsTimesStep)
    norms = [
        (one.id, Decimal(one.most) if is_list and one.most else None if is_list else one.norm) for one in parameters
    ]
    return [
        *(("parameter", name, norm) for name, norm in norms),
        *(("question", share.question, None) for share in questions_of(formula)),
    ]


def _pair_of(
    what: _Counted, observations: Mapping[str, Observation], answers: Mapping[str, Answered]
) -> tuple[str, str]:
    kind, name, norm = what
    if kind == "question":
        counts = answers.get(name)
        return (str(counts.satisfied), str(counts.answered)) if counts is not None and counts.answered else ("", "")
    seen = observations.get(name)
    if seen is None or not seen.applicable or seen.value is None:
        return "", ""
    limit = norm if seen.norm is None else seen.norm
    return exact_text(seen.value), "" if limit is None else exact_text(limit)
