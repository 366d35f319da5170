"""From counts to points: worked examples to the last digit, states that are not zeros, traces that can be recomputed."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from nok.arithmetic import waiting_points
from nok.formula import WaitingAndTimely, ZeroPolicy
from nok.method import parse_method
from nok.records import ScoreState
from nok.scoring import compute, trace
from nok.scoring_inputs import Answered, Observation
from tests.unit.scoring_support import ANSWERED, CONTENT, OBSERVED, order, score, shown

SCHOOL = """
total 83.56
K1 91.90  1.1 93.00  1.2 90.00  1.3 92.50
K2 82.50  2.1 80.00  2.2 None   2.3 85.00
K3 58.50  3.1 40.00  3.2 60.00  3.3 75.00
K4 93.80  4.1 95.00  4.2 92.00  4.3 95.00
K5 91.10  5.1 90.00  5.2 93.00  5.3 91.00
"""

HEALTH = {
    "comfort_conditions": Observation(5),
    "waiting": Observation(12, 14),
    "q5": Answered(160, 200),
    "q6": Answered(180, 200),
}


def test_the_school_of_the_worked_example() -> None:
    words = SCHOOL.split()
    found = {name: str(points) for name, points in shown(score()).items()}
    assert found == dict(zip(words[::2], words[1::2], strict=True))


def test_waiting_in_health_is_half_a_band_and_half_a_share() -> None:
    found = shown(score("health", **HEALTH))
    assert (found["2.1"], found["2.2"], found["2.3"], found["K2"]) == ("100.00", "60.00", "90.00", "81.00")


@pytest.mark.parametrize("sphere", ["social", "mse"])
def test_waiting_in_social_services_is_only_the_share_of_those_served_in_time(sphere: str) -> None:
    found = shown(score(sphere, q5=Answered(150, 200)))
    assert (found["2.2"], found["K2"]) == ("75.00", "79.50")  # 0.3·80 + 0.4·75 + 0.3·85


def test_culture_has_no_waiting_like_education() -> None:
    assert shown(score("culture", "library")) == shown(score("education", "school"))


def test_theatre_has_openness_and_accessibility_and_their_mean() -> None:
    found = score("culture", "theatre")
    assert (shown(found)["K1"], shown(found)["K3"], shown(found)["total"]) == ("91.90", "58.50", "75.20")
    others = {name for name in found if name.removeprefix("K")[0] in "245"}
    assert len(others) == 12
    assert {found[name].state for name in others} == {ScoreState.EXEMPT}


@pytest.mark.parametrize(("sphere", "kind"), [("sport", "pool"), ("food", "pub"), ("", "")])
def test_sphere_that_no_variant_names_is_not_computed(sphere: str, kind: str) -> None:
    assert compute(order(), sphere, kind, OBSERVED, ANSWERED) == {}


@pytest.mark.parametrize("name", ["1547-2014", "fhrs", "cms-stars"])
def test_method_without_formulas_is_published_only(name: str) -> None:
    method = parse_method((CONTENT / "methods" / f"{name}.yaml").read_text("utf-8"), name)
    assert (method.variants, method.zero_policy) == ((), None)
    assert compute(method, "education", "school", {}, {}) == {}


# ---- waiting -------------------------------------------------------------------------------------------------------

WAITING = [
    *((14, time, points) for time, points in (("14", 10), ("13", 20), ("12", 40), ("11", 60), ("8", 60), ("7", 100))),
    *((14, time, points) for time, points in (("0", 100), ("14.01", 0), ("15", 0), ("13.99", 10), ("13.01", 10))),
    *((14, time, points) for time, points in (("12.5", 20), ("11.5", 40), ("10.99", 60), ("7.01", 60), ("6.99", 100))),
    *((24, time, points) for time, points in (("24", 10), ("23", 20), ("22", 40), ("21", 60), ("13", 60), ("12", 100))),
    *((24, time, points) for time, points in (("24.5", 0), ("23.5", 10), ("21.5", 40), ("12.5", 60), ("11.5", 100))),
    *((3, time, points) for time, points in (("3", 10), ("2", 20), ("1", 100), ("0", 100), ("4", 0), ("3.2", 0))),
    *((3, time, points) for time, points in (("2.5", 10), ("1.9", 20), ("1.5", 100), ("1.51", 20))),
]


@pytest.mark.parametrize(("norm", "time", "points"), WAITING)
def test_band_of_the_waiting_time(norm: int, time: str, points: int) -> None:
    found = score("health", **HEALTH | {"waiting": Observation(Decimal(time), norm), "q5": Answered(200, 200)})
    assert found["2.2"].points == Fraction(points + 100, 2)


def test_half_of_a_short_norm_goes_before_the_days_below_it() -> None:
    """One day of three fits two lines: 40 points for two days less, 100 for at most half. The better one counts."""
    variant = order().variant("health")
    assert variant is not None
    formula = variant.formulas["2.2"]
    assert isinstance(formula, WaitingAndTimely)
    assert waiting_points(1, 3, formula.waiting.rules) == 100


def test_waiting_without_a_norm_of_its_own_is_held_to_that_of_the_method() -> None:
    with_norm, without = (
        score("health", **HEALTH | {"waiting": seen}) for seen in (Observation(12, 14), Observation(12))
    )
    assert shown(with_norm) == shown(without)


# ---- what is not there ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "criterion", "indicator", "total"),
    [("zero", "36.00", "0.00", "79.06"), ("renormalise", "51.43", None, "82.15"), ("null", None, None, None)],
)
def test_nobody_with_a_disability(policy: str, criterion: str, indicator: str, total: str) -> None:
    found = score(method=order(policy), q7=Answered(0, 200), q8=None)
    assert (shown(found)["K3"], shown(found)["3.3"], shown(found)["total"]) == (criterion, indicator, total)
    for name in ("3.3", "K3", "total"):
        assert (found[name].zero_denominators, found[name].policy) == (("q8",), ZeroPolicy(policy))
    assert (found["K1"].zero_denominators, found["K1"].policy) == ((), None)


@pytest.mark.parametrize(("policy", "points"), [("zero", "47.50"), ("renormalise", "95.00"), ("null", None)])
def test_half_of_an_indicator_that_nobody_answered_follows_the_policy_too(policy: str, points: str) -> None:
    assert shown(score(method=order(policy), q1=Answered(0, 200), q2=Answered(0, 0)))["1.3"] == points


def test_criterion_that_nobody_answered_for_leaves_the_total_unknown() -> None:
    silent = dict.fromkeys(("q9", "q10", "q12"), Answered(0, 0))
    found = score(**silent)
    assert (found["K4"].state, found["total"].state) == (ScoreState.NO_DATA, ScoreState.NO_DATA)
    assert found["total"].zero_denominators == ("q9", "q10", "q12")


@pytest.mark.parametrize(
    ("gone", "measures"),
    [
        ("site_items", {"1.1", "K1", "total"}),
        ("remote_channels", {"1.2", "K1", "total"}),
        ("q15", {"5.3", "K5", "total"}),
        ("q2", set()),  # q1 was asked, so nobody answered q2: left out by the policy
    ],
)
def test_what_was_not_counted_is_unknown_and_never_zero(gone: str, measures: set[str]) -> None:
    found = score(**{gone: None})
    assert {name for name, result in found.items() if result.state is ScoreState.NO_DATA} == measures
    assert all(found[name].missing == (gone,) and found[name].points is None for name in measures)


def test_without_any_evidence_everything_is_unknown_or_exempt() -> None:
    found = compute(order(), "education", "school", {}, {})
    assert {result.state for result in found.values()} == {ScoreState.NO_DATA, ScoreState.EXEMPT}
    assert found["2.2"].state is ScoreState.EXEMPT


def test_empty_value_is_missing() -> None:
    assert score(stand_items=Observation(None, 10))["1.1"].missing == ("stand_items",)


def test_stand_that_is_not_required_leaves_the_site() -> None:
    assert shown(score(stand_items=Observation(None, applicable=False)))["1.1"] == "96.00"


def test_checklist_that_does_not_apply_leaves_the_others_of_its_criterion() -> None:
    found = score(access_equipment=Observation(None, applicable=False))
    assert found["3.1"].state is ScoreState.EXEMPT
    assert shown(found)["K3"] == "66.43"  # (0.4·60 + 0.3·75) ÷ 0.7


def test_items_that_do_not_apply_are_left_out_of_the_list() -> None:
    assert shown(score(access_equipment=Observation(2, 4)))["3.1"] == "50.00"
    assert shown(score(access_equipment=Observation(2, 5)))["3.1"] == "40.00"
    assert shown(score(access_conditions=Observation(4, 5)))["3.2"] == "80.00"


ITEMS = """
id: items
title: Перечень
source: Приказ
zero_denominator: zero
parameters:
  - {id: ramp, kind: count, most: 1, title: Пандус}
  - {id: lift, kind: count, most: 1, title: Лифт}
  - {id: toilet, kind: count, most: 1, title: Туалет}
measures:
  - {id: total, role: total, title: Итог, maximum: 100, formula: {name: items_times_step, parameters: [ramp, lift, toilet], step: 30}}
"""


@pytest.mark.parametrize(
    ("ramp", "lift", "points"),
    [
        (Observation(1), Observation(1), "66.67"),
        (Observation(1), Observation(None, applicable=False), "50.00"),
        (Observation(None, applicable=False), Observation(None, applicable=False), "0.00"),
        (Observation(1), Observation(None), "None"),
    ],
)
def test_checklist_may_be_observed_item_by_item(ramp: Observation, lift: Observation, points: str) -> None:
    """Two of three items at 30 would give 60, but three cannot give 100: each counts for a third."""
    seen = {"ramp": ramp, "lift": lift, "toilet": Observation(0)}
    assert str(compute(parse_method(ITEMS, "items.yaml"), "any", "", seen, {})["total"].shown) == points


def test_what_is_shown_is_rounded_once_half_up_and_never_used_again() -> None:
    """92.125 is 92.13; and thirds stay whole inside, or the criterion would be 33.33."""
    assert shown(score(q6=Answered(8425, 10000), comfort_conditions=Observation(5)))["K2"] == "92.13"
    thirds = score(q13=Answered(1, 3), q14=Answered(1, 3), q15=Answered(1, 3))
    assert (thirds["K5"].points, shown(thirds)["K5"]) == (Fraction(100, 3), "33.33")


# ---- traces --------------------------------------------------------------------------------------------------------


def number(text: str) -> Fraction:
    return Fraction(text)


def recompute(found: dict[str, Any]) -> Fraction:
    """A measure from its trace alone, as a reader of the published file would do it."""
    parts = found["parts"]
    if found["formula"] == "items_times_step":
        applicable = [number(part["norm"]) for part in parts if "norm" in part]
        step = max([number(found["arguments"]["step"]), *([100 / sum(applicable)] if applicable else [])])
        return min(Fraction(100), step * sum(number(part["value"]) for part in parts))
    weights = sum(number(part["weight"]) for part in parts if "points" in part)
    assert number(found.get("weights_used", "1")) == weights
    for part in parts:
        if "answered" in part and "points" in part and part["answered"] != "0":
            assert number(part["points"]) == 100 * number(part["satisfied"]) / number(part["answered"])
        if "norm" in part and found["formula"] == "share_of_norms":
            assert number(part["points"]) == 100 * number(part["value"]) / number(part["norm"])
    return sum(number(part["weight"]) * number(part["points"]) for part in parts if "points" in part) / weights


@pytest.mark.parametrize(
    ("sphere", "kind", "changes"),
    [
        ("education", "school", {}),
        ("culture", "theatre", {}),
        ("health", "", HEALTH),
        ("social", "", {"q5": Answered(3, 7)}),
        ("education", "", {"q7": Answered(0, 200), "q8": None}),
        ("education", "", {"access_equipment": Observation(2, 4), "stand_items": Observation(None, applicable=False)}),
        ("education", "", {"q13": Answered(1, 3), "q14": Answered(2, 7)}),
    ],
)
@pytest.mark.parametrize("policy", ["zero", "renormalise"])
def test_every_number_can_be_recomputed_from_its_trace(sphere: str, kind: str, changes: Any, policy: str) -> None:
    method = order(policy)
    found = score(sphere, kind, method, **changes)
    traces = {name: json.loads(json.dumps(trace(method, result))) for name, result in found.items()}
    for name, result in found.items():
        if result.points is None:
            assert traces[name] is None or "points" not in traces[name]
            continue
        assert recompute(traces[name]) == number(traces[name]["exact"]) == result.points
        assert traces[name]["points"] == str(result.shown)
        for part in traces[name]["parts"]:
            if "measure" in part and "points" in part:
                assert part["points"] == traces[part["measure"]]["exact"]


def test_trace_says_what_was_counted_and_left_out() -> None:
    found = score(q7=Answered(0, 200), q8=None)
    assert trace(order(), found["K3"]) == {
        "measure": "K3",
        "state": "scored",
        "formula": "weighted_sum",
        "arguments": {},
        "parts": [
            {"measure": "3.1", "weight": "0.3", "points": "40"},
            {"measure": "3.2", "weight": "0.4", "points": "60"},
            {"measure": "3.3", "weight": "0.3", "absence": "nobody_answered"},
        ],
        "weights_used": "0.7",
        "zero_denominator": "renormalise",
        "nobody_answered": ["q8"],
        "exact": "360/7",
        "rounding": "half_up",
        "decimals": 2,
        "points": "51.43",
    }


def test_trace_of_waiting_holds_the_rules() -> None:
    found = trace(order(), score("health", **HEALTH)["2.2"])
    assert found is not None
    assert found["arguments"]["rules"][0] == {"points": "100", "share_of_norm": "0.5"}
    assert found["parts"] == [
        {"parameter": "waiting", "value": "12", "norm": "14", "weight": "0.5", "points": "40"},
        {"question": "q5", "satisfied": "160", "answered": "200", "weight": "0.5", "points": "80"},
    ]


def test_a_waiting_time_that_nobody_saw_leaves_its_indicator_without_points() -> None:
    unseen = {name: seen for name, seen in HEALTH.items() if name != "waiting"}
    found = trace(order(), score("health", **unseen)["2.2"])
    assert found is not None
    assert (found["state"], found["missing"]) == ("no_data", ["waiting"])


def test_trace_of_a_share_of_norms_names_the_norms() -> None:
    found = trace(order(), score()["1.1"])
    assert found is not None
    assert [(part["parameter"], part["value"], part["norm"]) for part in found["parts"]] == [
        ("stand_items", "9", "10"),
        ("site_items", "48", "50"),
    ]


def test_an_indicator_of_which_nothing_applies_is_exempt_and_not_unanswered() -> None:
    nothing = {name: Observation(None, applicable=False) for name in ("stand_items", "site_items")}
    assert score(**nothing)["1.1"].state is ScoreState.EXEMPT


def test_trace_of_what_is_unknown_names_the_gap_and_what_does_not_apply_has_none() -> None:
    found = trace(order(), score(site_items=None)["1.1"])
    assert found is not None
    assert (found["state"], found["missing"], "points" in found) == ("no_data", ["site_items"], False)
    assert trace(order(), score()["2.2"]) is None


def test_exact_numbers_in_a_trace_keep_every_digit() -> None:
    odd = {f"q{number}": Answered(2**20 + number, 2**21 + 2 * number) for number in (9, 10, 13, 14, 15)}
    found = score(**odd)
    assert found["total"].points is not None
    told = trace(order(), found["total"])
    assert told is not None and Fraction(told["exact"]) == found["total"].points
