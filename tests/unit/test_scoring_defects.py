"""Defects that were seen in an operator's calculator: each was published as somebody's result once. None of them here."""

import json
from decimal import Decimal

import pytest

from nok.records import ScoreState
from nok.scoring import compute, trace
from nok.scoring_inputs import Answered, ImpossibleInputsError, Observation, count_answers
from tests.unit.scoring_support import ANSWERED, OBSERVED, order, score, shown


@pytest.mark.parametrize("days", [8, 9, 10, 11])
def test_sixty_points_for_waiting_can_be_reached(days: int) -> None:
    """A condition that was never true gave 100 instead."""
    found = score("health", waiting=Observation(days, 14), q5=Answered(100, 100))
    assert found["2.2"].points == 80


def test_question_without_a_yes_is_zero_and_does_not_drop_the_question_for_others() -> None:
    """A whole column was dropped where one organisation had nothing in it."""
    nobody, somebody = score(q15=Answered(0, 200)), score()
    assert (shown(nobody)["5.3"], shown(somebody)["5.3"]) == ("0.00", "91.00")


def test_checklist_and_survey_meet_by_organisation_not_by_their_order() -> None:
    """Rows were joined by their position after sorting; organisations were swapped in silence."""
    rows = [("q15", "yes", 182), ("q15", "no", 18), ("q13", "yes", 180), ("q13", "no", 20)]
    forward, backward = count_answers(rows), count_answers(reversed(rows))
    assert forward == backward
    turned = compute(order(), "education", "", dict(reversed(OBSERVED.items())), dict(reversed(ANSWERED.items())))
    assert shown(turned) == shown(score())


def test_total_is_a_mean_of_criteria_and_not_weighted_by_row_numbers() -> None:
    found = score()
    points = [found[name].points for name in ("K1", "K2", "K3", "K4", "K5")]
    assert found["total"].points == sum(one for one in points if one is not None) / 5


def test_division_by_zero_is_a_policy_and_never_not_a_number() -> None:
    silent = dict.fromkeys(ANSWERED, Answered(0, 0))
    for policy in ("zero", "renormalise", "null"):
        found = score(method=order(policy), **silent)
        assert json.dumps([trace(order(policy), result) for result in found.values()], allow_nan=False)
        assert found["4.1"].state is (ScoreState.SCORED if policy == "zero" else ScoreState.NO_DATA)


def test_indicators_are_numbers() -> None:
    """They were kept as text inside documents."""
    assert all(result.shown is None or isinstance(result.shown, Decimal) for result in score().values())


@pytest.mark.parametrize("answer", ["Да", "да", "Yes", " yes", ""])
def test_answer_in_other_letters_is_refused_and_not_counted_as_no(answer: str) -> None:
    with pytest.raises(ImpossibleInputsError, match="answer-unknown") as caught:
        count_answers([("q6", "yes", 3), ("q6", answer, 2)])
    (fault,) = caught.value.faults
    assert (fault.subject, fault.column, fault.value) == ("q6", "answer", answer)


def test_denominator_is_who_answered_the_question_and_not_every_questionnaire() -> None:
    """Of 200 questionnaires 50 were about the stand, and 45 of those were satisfied: 90 per cent, not 22.5."""
    found = trace(order(), score()["1.3"])
    assert found is not None
    assert found["parts"][0]["points"] == "90"


def test_half_a_hundredth_is_rounded_up_and_not_to_the_even_digit() -> None:
    assert shown(score(q6=Answered(8425, 10000), comfort_conditions=Observation(5)))["K2"] == "92.13"


def test_nothing_is_rounded_on_the_way() -> None:
    """Rounding indicator, criterion and total in turn moves the total by a hundredth."""
    thirds = {f"q{number}": Answered(1, 3) for number in (9, 10, 13, 14, 15)}
    found = score(**thirds)
    exact = sum(
        result.points for name, result in found.items() if name in ("K1", "K2", "K3", "K4", "K5") and result.points
    )
    assert found["total"].points == exact / 5
