"""Counts that cannot be true are named one by one, each with the cell that is wrong and with words for a person."""

from decimal import Decimal

import pytest

from nok.errors import Place, Problem
from nok.messages import RULES, message
from nok.scoring import compute
from nok.scoring_inputs import Answered, ImpossibleInputsError, Observation, check_inputs, count_answers
from tests.unit.scoring_support import ANSWERED, OBSERVED, order

WRONG = [
    ("stand_items", Observation(9, 0), "norm-positive", "norm", "0"),
    ("stand_items", Observation(9), "norm-missing", "norm", "9"),
    ("stand_items", Observation(11, 10), "value-above-norm", "value", "11"),
    ("stand_items", Observation(-1, 10), "count-whole", "value", "-1"),
    ("stand_items", Observation(Decimal("9.5"), 10), "count-whole", "value", "9.5"),
    ("remote_channels", Observation(3, 2), "value-above-norm", "value", "3"),
    ("remote_channels", Observation(3, 0), "norm-positive", "norm", "0"),
    ("access_equipment", Observation(6), "value-above-list", "value", "6"),
    ("access_equipment", Observation(5, 6), "value-above-list", "norm", "6"),
    ("waiting", Observation(-1, 14), "duration-negative", "value", "-1"),
    ("waiting", Observation(3, -14), "duration-negative", "norm", "-14"),
    ("waiting", Observation(3, 0), "norm-positive", "norm", "0"),
    ("stand_itmes", Observation(9, 10), "parameter-unknown", "parameter", "stand_itmes"),
    ("q6", Answered(201, 200), "count-impossible", "count", "201"),
    ("q6", Answered(-1, 200), "count-whole", "count", "-1"),
    ("q8", Answered(15, 21), "answers-after-no", "count", "21"),
    ("q2", Answered(1, 51), "answers-after-no", "count", "51"),
    ("q66", Answered(1, 2), "question-unknown", "question", "q66"),
]


@pytest.mark.parametrize(("name", "given", "rule", "column", "value"), WRONG)
def test_what_cannot_be_true(name: str, given: Observation | Answered, rule: str, column: str, value: str) -> None:
    observations = OBSERVED | {name: given} if isinstance(given, Observation) else OBSERVED
    answers = ANSWERED | {name: given} if isinstance(given, Answered) else ANSWERED
    (fault,) = check_inputs(order(), "education", "school", observations, answers)
    assert (fault.rule, fault.subject, fault.column, fault.value) == (rule, name, column, value)
    for language in ("ru", "en"):
        said = message(Problem(rule=rule, where=Place(), value=fault.value, details=dict(fault.details)), language)
        assert fault.value in said and "{" not in said
    with pytest.raises(ImpossibleInputsError, match=rule):
        compute(order(), "education", "school", observations, answers)


def test_every_rule_of_the_inputs_has_been_seen_and_has_words() -> None:
    rules = {rule for _, _, rule, _, _ in WRONG} | {"answer-unknown"}
    assert len(rules) == 11 and rules <= set(RULES)


def test_similar_name_is_offered() -> None:
    (fault,) = check_inputs(order(), "education", "", {"stand_itmes": Observation(9, 10)}, {})
    assert (fault.details["similar"], fault.details["method"]) == ("stand_items", "344n-2018")


def test_all_faults_are_told_at_once() -> None:
    found = check_inputs(
        order(), "health", "", {"stand_items": Observation(9, 0)}, {"q6": Answered(3, 2), "x": Answered(1, 1)}
    )
    assert [fault.rule for fault in found] == ["norm-positive", "count-impossible", "question-unknown"]


@pytest.mark.parametrize(
    "seen",
    [
        Observation(None, 0),
        Observation(None),
        Observation(99, 0, applicable=False),
        Observation(Decimal(9), Decimal(10)),
    ],
)
def test_nothing_is_asked_of_what_was_not_counted(seen: Observation) -> None:
    assert check_inputs(order(), "education", "", {"stand_items": seen}, {}) == ()


def test_waiting_may_be_longer_than_its_norm_and_have_a_fraction() -> None:
    assert check_inputs(order(), "health", "", {"waiting": Observation(Decimal("20.5"), 14)}, {}) == ()


def test_as_many_answers_as_said_yes_before_is_right() -> None:
    assert check_inputs(order(), "education", "", {}, {"q7": Answered(20, 200), "q8": Answered(0, 20)}) == ()


def test_worked_example_has_no_fault() -> None:
    assert check_inputs(order(), "education", "school", OBSERVED, ANSWERED) == ()


# ---- rows of answers -----------------------------------------------------------------------------------------------


def test_answers_of_all_modes_add_up() -> None:
    rows = [("q6", "yes", 100), ("q6", "no", 20), ("q6", "yes", 70), ("q6", "no", 10), ("q7", "no", 5)]
    assert count_answers(rows) == {"q6": Answered(170, 200), "q7": Answered(0, 5)}


def test_answer_that_counts_as_nothing_is_in_no_denominator() -> None:
    codes = {"q5": {"earlier": True, "in_time": True, "late": False, "hard_to_say": None}}
    rows = [("q5", "earlier", 3), ("q5", "in_time", 4), ("q5", "late", 2), ("q5", "hard_to_say", 50), ("q6", "yes", 1)]
    assert count_answers(rows, codes) == {"q5": Answered(7, 9), "q6": Answered(1, 1)}


def test_question_with_zero_counts_was_asked() -> None:
    assert count_answers([("q8", "yes", 0), ("q8", "no", 0)]) == {"q8": Answered(0, 0)}


@pytest.mark.parametrize("count", [-1, Decimal("1.5"), 1.0])
def test_count_of_answers_is_a_whole_number(count: int) -> None:
    with pytest.raises(ImpossibleInputsError, match="count-whole"):
        count_answers([("q6", "yes", count)])
