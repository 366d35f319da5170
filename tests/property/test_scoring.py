"""Whatever is counted: points stay on the scale, satisfied people never hurt, order is nothing, both paths agree."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from nok.arithmetic import exact_text, round_points
from nok.method import Method, parse_method
from nok.records import ScoreState
from nok.scoring import Result, compute
from nok.scoring_fast import EXEMPT, NO_DATA, compile_scores
from nok.scoring_inputs import Answered, Answers, Observation, Observations, check_inputs, count_answers
from nok.scoring_verdicts import Verdict, consistency, judge
from nok.statistics import round_half_up
from tests.unit.scoring_support import order

GROUPS = [("education", "school"), ("culture", "theatre"), ("health", "clinic"), ("social", ""), ("mse", "")]
POLICIES = ["zero", "renormalise", "null"]
BRANCHES = {"q2": "q1", "q4": "q3", "q8": "q7", "q12": "q11"}
COUNTS = {"remote_channels": 7, "comfort_conditions": 7, "access_equipment": 5, "access_conditions": 6}

OWN = parse_method(
    """
id: own
title: Своя
source: Приказ
decimals: 1
zero_denominator: renormalise
questions: [q1, q2, q3]
parameters:
  - {id: ramp, kind: count, most: 1, title: Пандус}
  - {id: lift, kind: count, most: 2, title: Лифт}
  - {id: rooms, kind: count, title: Комнаты}
  - {id: waiting, kind: duration, norm: 3, title: Ожидание}
measures:
  - {id: total, role: total, title: Итог, maximum: 100, formula: {name: weighted_sum, of: {K1: 0.125, "1.1": 0.875}}}
  - {id: K1, role: criterion, title: Критерий, maximum: 100, formula: weighted_sum}
  - {id: "1.1", role: indicator, parent: K1, weight: 0.35, title: Перечень, maximum: 100,
     formula: {name: items_times_step, parameters: [ramp, lift, rooms], step: 12.5}}
  - {id: "1.2", role: indicator, parent: K1, weight: 0.65, title: Ожидание, maximum: 100,
     formula: {name: waiting_bands, parameter: waiting, rules: [{points: 99.5, share_of_norm: 0.75}, {points: 7, below_norm_by: 0.5}]}}
""",
    "own.yaml",
)


@st.composite
def observed(draw: st.DrawFn) -> dict[str, Observation]:
    found = {}
    for name in ("stand_items", "site_items"):
        norm = draw(st.integers(1, 30))
        found[name] = Observation(draw(st.integers(0, norm)), norm, draw(st.booleans() | st.just(True)))
    for name, most in COUNTS.items():
        norm = draw(st.none() | st.integers(1, most))
        value = draw(st.none() | st.integers(0, norm or min(most, 5)))
        found[name] = Observation(value, norm, draw(st.booleans() | st.just(True)))
    time = draw(st.decimals(0, 40, places=2))
    found["waiting"] = Observation(
        time, draw(st.none() | st.sampled_from([3, 14, 24])), draw(st.booleans() | st.just(True))
    )
    gone = draw(st.sets(st.sampled_from(sorted(found)), max_size=2))
    return {name: seen for name, seen in found.items() if name not in gone}


@st.composite
def answered(draw: st.DrawFn) -> dict[str, Answered]:
    """Children of a branch are answered by no more than said yes; some questions are not there, some nobody answered."""
    everybody = draw(st.integers(0, 700))
    found: dict[str, Answered] = {}
    for number in range(1, 16):
        question = f"q{number}"
        asked = found[BRANCHES[question]].satisfied if question in BRANCHES else everybody
        answers = draw(st.integers(0, asked) | st.just(asked))
        found[question] = Answered(draw(st.integers(0, answers) | st.just(answers)), answers)
    gone = draw(st.sets(st.sampled_from(sorted(found)), max_size=2))
    return {question: counts for question, counts in found.items() if question not in gone}


def same(fast: int, result: Result, decimals: int) -> bool:
    if result.state is not ScoreState.SCORED:
        return fast == (EXEMPT if result.state is ScoreState.EXEMPT else NO_DATA)
    return Decimal(fast).scaleb(-decimals) == result.shown


def assert_same(method: Method, sphere: str, kind: str, observations: Observations, answers: Answers) -> None:
    fast = compile_scores(method, sphere, kind)
    assert fast is not None
    results = compute(method, sphere, kind, observations, answers)
    points = dict(zip(fast.measures, fast.points(observations, answers), strict=True))
    assert {
        name: points[name] for name, result in results.items() if not same(points[name], result, fast.decimals)
    } == {}
    assert list(points) == list(results)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(GROUPS), st.sampled_from(POLICIES), observed(), answered())
def test_fast_path_gives_the_same_points(
    group: tuple[str, str], policy: str, observations: Observations, answers: Answers
) -> None:
    assert check_inputs(order(policy), *group, observations, answers) == ()
    assert_same(order(policy), *group, observations, answers)


ITEM = st.booleans() | st.just(True)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([0, 1, None]), ITEM, st.integers(0, 2), ITEM, st.integers(0, 9), st.none() | st.integers(9, 12), ITEM,
    st.none() | st.decimals(0, 6, places=2),
)  # fmt: skip
def test_fast_path_gives_the_same_points_by_odd_steps_and_weights(
    ramp: int | None, with_ramp: bool, lift: int, with_lift: bool, rooms: int, size: int | None, with_rooms: bool, time: Decimal | None
) -> None:  # fmt: skip
    observations = {
        "ramp": Observation(ramp, None, with_ramp),
        "lift": Observation(lift, None, with_lift),
        "rooms": Observation(rooms, size, with_rooms),
        "waiting": Observation(time),
    }
    assert_same(OWN, "any", "", observations, {})


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(GROUPS), st.sampled_from(POLICIES), observed(), answered())
def test_points_stay_on_the_scale(
    group: tuple[str, str], policy: str, observations: Observations, answers: Answers
) -> None:
    for result in compute(order(policy), *group, observations, answers).values():
        assert (result.points is None) == (result.state is not ScoreState.SCORED)
        assert result.points is None or (0 <= result.points <= 100 and 0 <= (result.shown or 0) <= 100)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(GROUPS), st.sampled_from(POLICIES), observed(), answered(), st.data())
def test_one_more_satisfied_answer_never_lowers_a_score(
    group: tuple[str, str], policy: str, observations: Observations, answers: dict[str, Answered], data: st.DataObject
) -> None:
    """One who answered no says yes instead; nobody else changes."""
    asking = set(BRANCHES.values())
    able = sorted(name for name, counts in answers.items() if counts.satisfied < counts.answered and name not in asking)
    if not able:
        return
    question = data.draw(st.sampled_from(able))
    counts = answers[question]
    more = answers | {question: counts._replace(satisfied=counts.satisfied + 1)}
    before, after = (compute(order(policy), *group, observations, given) for given in (answers, more))
    for name, result in before.items():
        assert (after[name].points is None) == (result.points is None)
        assert result.points is None or (after[name].points or 0) >= result.points


@settings(max_examples=60, deadline=None)
@given(observed(), answered(), st.sampled_from(sorted(COUNTS)))
def test_one_more_item_never_lowers_a_score(observations: dict[str, Observation], answers: Answers, name: str) -> None:
    seen = observations.get(name)
    if seen is None or seen.value is None or seen.value >= (seen.norm or COUNTS[name]):
        return
    more = observations | {name: seen._replace(value=seen.value + 1)}
    before, after = (compute(order(), "health", "", given, answers) for given in (observations, more))
    assert all(result.points is None or (after[key].points or 0) >= result.points for key, result in before.items())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([3, 14, 24, 30]))
def test_longer_waiting_never_raises_a_score(halves: int, longer: int, norm: int) -> None:
    def points(time: int) -> Fraction | None:
        seen = {"waiting": Observation(Decimal(time) / 2, norm)}
        return compute(order(), "health", "", seen, {"q5": Answered(1, 1)})["2.2"].points

    short, long = points(halves), points(halves + longer)
    assert short is not None and long is not None and long <= short


@settings(max_examples=60, deadline=None)
@given(observed(), answered(), st.randoms(use_true_random=False))
def test_order_of_rows_never_matters(observations: Observations, answers: Answers, random: Random) -> None:
    rows = [
        (question, answer, count)
        for question, counts in answers.items()
        for answer, whole in (("yes", counts.satisfied), ("no", counts.answered - counts.satisfied))
        for count in (whole // 2, whole - whole // 2)
    ]
    mixed, seen = list(rows), list(observations.items())
    random.shuffle(mixed)
    random.shuffle(seen)
    turned = compute(order(), "health", "", dict(seen), count_answers(mixed))
    straight = compute(order(), "health", "", observations, answers)
    assert {name: replace(one, parts=()) for name, one in turned.items()} == {
        name: replace(one, parts=()) for name, one in straight.items()
    }


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(GROUPS), observed(), answered())
def test_what_is_published_as_computed_is_never_flagged(
    group: tuple[str, str], observations: Observations, answers: Answers
) -> None:
    results = compute(order(), *group, observations, answers)
    shown = {name: result.shown for name, result in results.items() if result.shown is not None}
    silent = {name for name, result in results.items() if result.shown is None}
    verdicts = judge(order(), *group, shown, results, exempt=silent)
    # A criterion that shares the weight of what nobody answered is judged by its evidence, so nothing is out of place.
    assert {name for name, verdict in verdicts.items() if verdict is Verdict.FLAG} == set()
    assert all(verdicts[name] is not None for name in shown)


@given(st.decimals(0, 100, places=4), st.integers(0, 4))
def test_there_is_one_rounding(points: Decimal, decimals: int) -> None:
    assert round_points(Fraction(points), decimals) == round_half_up(points, decimals)


@given(st.fractions(0, 100))
def test_exact_text_is_exact(points: Fraction) -> None:
    assert Fraction(exact_text(points)) == points


@given(st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=7), st.integers(0, 3))
def test_mean_of_published_parts_is_never_flagged(parts: list[Decimal], decimals: int) -> None:
    mean = sum((Fraction(part) for part in parts), Fraction(0)) / len(parts)
    assert consistency(parts, round_points(mean, decimals)) is Verdict.EXACT
