"""Published rows against their own arithmetic: real ones with their verdicts, and every way of not being checkable."""

from decimal import Decimal
from fractions import Fraction

import pytest

from nok.method import parse_method
from nok.ranking import dense_standings
from nok.scoring_verdicts import Verdict, compare_computed, consistency, judge
from tests.unit.scoring_support import CONTENT, decimals, order, score

EXACT, CONSISTENT, FLAG = Verdict.EXACT, Verdict.CONSISTENT, Verdict.FLAG


def row(text: str) -> list[Decimal | None]:
    """Published numbers; a dash for one that is not shown."""
    return [None if number == "—" else Decimal(number.replace(",", ".")) for number in text.split()]


PUBLISHED = [
    pytest.param("89,6 93,5 65,0 90,2 89,3", "85,52", EXACT, id="kindergarten, Dedurovka"),
    pytest.param("100 100 80,5 100 100", "96,1", EXACT, id="family centre, Bogorodsk"),
    pytest.param("100 99 82 99 98", "95,36", CONSISTENT, id="kindergarten, Beryozovsky 2022, whole numbers printed"),
    pytest.param("99,7 97,0 98,5 99,5 99,9", "98,8", FLAG, id="library, Polyarnye Zori 2022"),
    pytest.param("96,85 99,30 56,57 — 99,84", "90,43", None, id="culture centre, Mikhaylovka 2021, K4 not shown"),
    pytest.param("95,94 93,33 79,31 98 94,66", "—", None, id="culture centre 2020, no total"),
    pytest.param("100 98 52 — —", "90", None, id="kindergartens, Uzlovaya 2022, K4 and K5 cut"),
    pytest.param("97,2 85,5 40 91,6 —", "—", None, id="kindergarten, Izhevsk 2023, cut"),
    pytest.param("87,72 87,52 86,46 86,10 84,42 78,44 76,38", "83,86", EXACT, id="district of seven, Erzin 2022"),
    pytest.param("93,1 90,2 88,08 88,04 85,38", "88,9", FLAG, id="district of five, Ust-Koksa 2023, cut off"),
]


@pytest.mark.parametrize(("parts", "whole", "verdict"), PUBLISHED)
def test_published_row(parts: str, whole: str, verdict: Verdict | None) -> None:
    assert consistency(row(parts), row(whole)[0]) == verdict


def test_criteria_without_a_published_total_have_their_mean() -> None:
    assert consistency(row("95,94 93,33 79,31 98 94,66"), Decimal("92.25")) is EXACT


def test_criterion_that_is_not_shown_is_not_one_that_does_not_apply() -> None:
    """The mean of the four that are shown is 88.14; the total says that the fifth has about 99.59."""
    four = row("96,85 99,30 56,57 99,84")
    assert consistency(four, Decimal("88.14")) is EXACT
    assert consistency(four, Decimal("90.43")) is FLAG
    assert consistency([*four, Decimal("99.59")], Decimal("90.43")) is EXACT


@pytest.mark.parametrize(("whole", "verdict"), [("90", None), ("91", None), ("92", FLAG), ("48", FLAG), ("50", None)])
def test_total_that_no_missing_criterion_could_give_is_flagged(whole: str, verdict: Verdict | None) -> None:
    """100 + 98 + 52 of five: 50 to 90, whatever the two that were cut off have; printing forgives 1."""
    assert consistency(row("100 98 52 — —"), Decimal(whole)) == verdict


@pytest.mark.parametrize("total", "98,73 96,14 95,5 96,95 99,56 99,7 100 87,39".split())
def test_total_alone_cannot_be_checked(total: str) -> None:
    assert consistency([], row(total)[0]) is None
    assert consistency([None] * 5, row(total)[0]) is None


@pytest.mark.parametrize(
    ("whole", "verdict"),
    [("95.60", EXACT), ("95.6", EXACT), ("96", EXACT), ("95.61", CONSISTENT), ("96.105", FLAG), ("95.09", FLAG)],
)
def test_rounding_of_the_printed_digits_is_all_that_is_forgiven(whole: str, verdict: Verdict) -> None:
    """The mean is 95.6; whole numbers printed forgive 0.5, and the total's own last digit half of itself."""
    assert consistency(row("100 99 82 99 98"), Decimal(whole)) is verdict


def test_edge_of_the_tolerance_is_forgiven() -> None:
    assert consistency(row("100 99 82 99 98"), Decimal("96.1")) is CONSISTENT
    assert consistency(row("1,0 2,0"), Decimal("1.45")) is CONSISTENT
    assert consistency(row("1,0 2,0"), Decimal("1.44")) is FLAG


def test_weighted_sum_is_held_to_its_weights() -> None:
    weights = decimals("0.3 0.4 0.3")
    assert consistency(row("40 60 75"), Decimal("58.5"), weights) is EXACT
    assert consistency(row("40 60 75"), Decimal("58.33"), weights) is CONSISTENT  # whole numbers printed
    assert consistency(row("40.00 60.00 75.00"), Decimal("58.33"), weights) is FLAG


def test_places_of_a_region_are_dense() -> None:
    points = "99,84 99,53 99,53 99,37 99,27 99,17 99,12 99,00 98,54 98,50 98,40"
    hundredths = [int(number * 100) for number in decimals(points)]
    assert [standing.rank for standing in dense_standings(hundredths)] == [1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize(
    ("published", "roundings", "verdict"),
    [
        ("92.13", 1, EXACT),
        ("92.12", 1, CONSISTENT),  # half to even
        ("92.1", 1, EXACT),
        ("92", 1, EXACT),
        ("92.11", 1, FLAG),
        ("92.11", 3, CONSISTENT),
        ("92.10", 3, FLAG),
        ("93", 1, FLAG),
    ],
)
def test_published_against_computed(published: str, roundings: int, verdict: Verdict) -> None:
    assert compare_computed(Decimal(published), Fraction(92125, 1000), roundings) is verdict


# ---- a whole row ---------------------------------------------------------------------------------------------------


def published(**changes: str) -> dict[str, Decimal]:
    """The worked example as it is published, with some cells changed; a dash takes one away."""
    cells = {name: str(result.shown) for name, result in score().items() if result.shown is not None}
    cells |= {name.replace("_", "."): text for name, text in changes.items()}
    return {name.removeprefix("i"): Decimal(text) for name, text in cells.items() if text != "—"}


def judged(cells: dict[str, Decimal], sphere: str = "education", kind: str = "") -> dict[str, Verdict | None]:
    return judge(order(), sphere, kind, cells, score(sphere, kind))


def test_what_was_computed_is_exact_in_every_measure() -> None:
    found = judged(published())
    assert {name for name, verdict in found.items() if verdict is not EXACT} == {"2.2"}
    assert found["2.2"] is None


def test_wrong_indicator_shows_where_it_arises() -> None:
    found = judged(published() | {"3.3": Decimal("80.00"), "K3": Decimal("60.00"), "total": Decimal("83.86")})
    assert {name for name, verdict in found.items() if verdict is FLAG} == {"3.3"}


def test_wrong_total_is_flagged_by_the_mean_of_its_criteria() -> None:
    found = judged(published(total="84.56"))
    assert {name for name, verdict in found.items() if verdict is FLAG} == {"total"}


def test_criterion_without_published_indicators_is_held_to_the_evidence() -> None:
    cells = {name: points for name, points in published(K3="66.00").items() if "." not in name}
    found = judged(cells)
    assert (found["K1"], found["K3"], found["total"]) == (EXACT, FLAG, FLAG)


def test_without_evidence_and_parts_nothing_can_be_checked() -> None:
    found = judge(order(), "education", "", {"total": Decimal("83.56"), "1.1": Decimal(93)}, {})
    assert set(found.values()) == {None}


def test_theatre_is_held_to_two_criteria_or_to_all_that_are_published() -> None:
    two = {"K1": Decimal("91.90"), "K3": Decimal("58.50"), "total": Decimal("75.20")}
    assert judged(two, "culture", "theatre")["total"] is EXACT
    imputed = two | dict.fromkeys(("K2", "K4", "K5"), Decimal("75.20"))
    assert judged(imputed, "culture", "theatre")["total"] is EXACT
    five = two | dict(zip(("K2", "K4", "K5", "total"), decimals("82.50 93.80 91.10 83.56"), strict=True))
    assert judged(five, "culture", "theatre")["total"] is EXACT
    assert judged(five | {"total": Decimal("75.20")}, "culture", "theatre")["total"] is FLAG


def test_school_with_an_imputed_waiting_time_is_held_to_the_printed_weights() -> None:
    """Where 2.2 is published as the mean of 2.1 and 2.3, 0.3 + 0.4 + 0.3 gives the same criterion."""
    assert judged(published() | {"2.2": Decimal("82.50")})["K2"] is EXACT


def test_criterion_that_the_package_calls_exempt_is_left_out_of_the_mean() -> None:
    cells = {
        name: Decimal(text) for name, text in (("K1", "90"), ("K2", "80"), ("K4", "70"), ("K5", "60"), ("total", "75"))
    }
    assert judge(order(), "education", "", cells, {})["total"] is None
    assert judge(order(), "education", "", cells, {}, exempt=("K3",))["total"] is EXACT


@pytest.mark.parametrize("name", ["1547-2014", "fhrs", "cms-stars"])
def test_rows_of_methods_without_formulas_are_not_judged(name: str) -> None:
    """88,3 / 80 / 77,1 / 76,9 of a former order are no criteria of this one: their sum is not held to be a mean."""
    method = parse_method((CONTENT / "methods" / f"{name}.yaml").read_text("utf-8"), name)
    cells = {measure.id: Decimal(1) for measure in method.measures}
    assert set(judge(method, "culture", "", cells, {}).values()) == {None}
