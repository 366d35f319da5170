"""Nobody stuffs: the published rules as arithmetic, and attacks and school evenings played through the real door."""

import json
import math
import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import publish
from nok.errors import ConfigError
from nok.stuffing import StuffingRules, Tally, find_excess, log_chance_of_more, parse_stuffing_rules, rule_words
from tests.unit.postgres_support import database
from tests.unit.stuffing_support import CHEAP, MIXED, SCHOOL_CODE, School, published, school
from tests.unit.widget_support import ROOT, all_reviews, rating, running
from widget.audit_check import verify
from widget.engines import store_place

RULES = StuffingRules()
TODAY = date(2026, 6, 1)
MONTH = 30
Attack = Callable[[School, int], None]


# ---- the numbers ---------------------------------------------------------------------------------------------------


def test_the_published_numbers_are_those_of_the_program() -> None:
    assert parse_stuffing_rules((ROOT / "content" / "guard.yaml").read_text("utf-8"), "guard.yaml") == RULES


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_page_names_every_limit(language: str) -> None:
    page = (ROOT / "content" / "pages" / language / "fair-ratings.md").read_text("utf-8")
    hidden = {"guard.work_cost", "guard.work_least", "guard.work_most"}
    assert {name for name in rule_words(RULES) if f"{{{name}}}" in page} == set(rule_words(RULES)) - hidden


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one_adress: 3", "Did you mean 'one_address'?"),
        ("one_address: 0", "guard.yaml, line 1: 'one_address' is '0', expected a whole number above zero"),
        ("one_address: true", "expected a whole number above zero"),
        ("windows: [1, -7]", "or a list of them"),
        ("work_least: 500", "'work_least' is 500, which is above 'work_most', 240"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("?", r"\?")):
        parse_stuffing_rules(text, "guard.yaml")


# ---- the comparison ------------------------------------------------------------------------------------------------


@given(total=st.integers(1, 60), like=st.integers(1, 50), unlike=st.integers(1, 50))
def test_the_chances_of_all_counts_add_up_to_one(total: int, like: int, unlike: int) -> None:
    tails = [math.exp(log_chance_of_more(seen, total, like, unlike)) for seen in range(total + 1)]
    assert tails[0] == 1
    assert all(first >= second * (1 - 1e-9) for first, second in pairwise(tails))
    assert math.isclose(sum(tails[1:]), total * like / (like + unlike), rel_tol=1e-6)  # the mean of the distribution


def test_a_tail_far_beyond_what_a_float_holds_is_still_told_apart() -> None:
    assert log_chance_of_more(5000, 5000, 10, 500) < log_chance_of_more(4000, 5000, 10, 500) < -600


def _year(weights: tuple[int, ...], a_day: int = 1, seed: int = 1) -> list[Tally]:
    dice = random.Random(seed)
    return [_tally(day, Counter(dice.choices(range(1, 6), weights, k=a_day))) for day in range(400, 0, -1)]


def _tally(days_ago: int, counted: Counter[int], aside: Counter[int] | None = None) -> Tally:
    return Tally(day=TODAY - timedelta(days=days_ago), counted=counted, aside=aside or Counter(), decided={})


def test_as_many_stay_as_the_others_lead_to_expect() -> None:
    days = [*_year(MIXED), _tally(0, Counter({5: 500, 4: 10, 3: 10}))]
    (one, *rest) = find_excess(days, TODAY, RULES)
    assert (one.since, one.side) == (TODAY, {5})
    assert 475 <= one.number <= 490
    assert sum(other.number for other in rest) < 20


def test_what_is_set_aside_already_is_not_asked_for_again() -> None:
    days = [*_year(MIXED), _tally(0, Counter({5: 500, 4: 10, 3: 10}))]
    found = find_excess(days, TODAY, RULES)
    moved = sum(one.number for one in found if one.side == {5})
    days[-1] = _tally(0, Counter({5: 500 - moved, 4: 10, 3: 10}), Counter({5: moved}))
    assert sum(one.number for one in find_excess(days, TODAY, RULES)) < 20


@given(seed=st.integers(0, 10_000), weights=st.sampled_from([MIXED, (1, 1, 3, 15, 80), (30, 20, 20, 15, 15)]))
def test_a_year_of_people_and_an_evening_like_it_are_left_alone(seed: int, weights: tuple[int, ...]) -> None:
    evening = _tally(0, Counter(random.Random(seed).choices(range(1, 6), weights, k=200)))
    assert find_excess([*_year(weights, seed=seed), evening], TODAY, RULES) == []


def test_a_place_without_history_is_suspected_only_where_nearly_all_say_the_same() -> None:
    assert find_excess([_tally(0, Counter({5: 180, 4: 20}))], TODAY, RULES) == []
    assert [one.number for one in find_excess([_tally(0, Counter({5: 198, 4: 2}))], TODAY, RULES)] == [196]
    assert find_excess([_tally(0, Counter({5: 29}))], TODAY, RULES) == []


def test_what_a_person_put_back_is_usual_and_not_suspected() -> None:
    told = Tally(day=TODAY, counted={}, aside={}, decided={1: 500})
    assert find_excess([*_year(MIXED), told], TODAY, RULES) == []


def genuine_months(organizations: int) -> tuple[int, int]:
    """(organisation-months, how many of them had anything set aside), forty genuine ratings in each, looked at daily."""
    flagged = 0
    for seed in range(organizations):
        dice = random.Random(seed)
        weights = dice.choice([MIXED, (1, 1, 3, 15, 80), (30, 20, 20, 15, 15), (1, 1, 5, 13, 80), (5, 10, 40, 40, 5)])
        days: list[Tally] = []
        months = set()
        for number in range(12 * MONTH):
            day = TODAY + timedelta(days=number)
            people = sum(dice.random() < 40 / MONTH / 8 for _ in range(8))
            counted = Counter(dice.choices(range(1, 6), weights, k=people))
            days.append(Tally(day=day, counted=counted, aside={}, decided={}))
            if find_excess(days, day, RULES):
                months.add(number // MONTH)
        flagged += len(months)
    return organizations * 12, flagged


def test_forty_genuine_ratings_a_month_are_left_alone() -> None:
    months, flagged = genuine_months(4)
    assert flagged <= months // 100


@pytest.mark.scale
def test_forty_genuine_ratings_a_month_are_left_alone_in_six_thousand_months() -> None:
    months, flagged = genuine_months(500)
    print(f"{flagged} of {months} organisation-months flagged")
    assert flagged <= months // 100


# ---- through the door ----------------------------------------------------------------------------------------------


def _judge(place: School, *, least: float = 0.95, lost: float = 0.05) -> None:
    stuffed, genuine = place.set_aside(stuffed=True), place.set_aside(stuffed=False)
    true, shown, raw = place.means()
    print(f"stuffed set aside {stuffed:.1%}, genuine {genuine:.1%}; mean {true:.2f}, shown {shown:.2f}, raw {raw:.2f}")
    assert stuffed >= least
    assert genuine <= lost
    assert abs(shown - true) <= 0.1
    assert verify(store_place(place.folder / "var" / "store.sqlite")).faults == ()


def one_address(place: School, number: int) -> None:
    """Fives from one address, a few in a minute, by a program that proves nothing."""
    for _ in range(number):
        place.send(5, "203.0.113.9", is_stuffed=True)
        place.clock.now += 15


def many_addresses(place: School, number: int) -> None:
    """Fives by real browsers from all over the world within two hours."""
    for _ in range(number):
        place.visit(5, place.somewhere(), is_stuffed=True)


def one_stand(place: School, number: int) -> None:
    """A photographed code: ones and twos by phones of one neighbourhood."""
    for _ in range(number):
        place.visit(
            place.dice.choice((1, 1, 2)), f"203.0.113.{place.dice.randrange(254)}", code=SCHOOL_CODE, is_stuffed=True
        )


@pytest.mark.parametrize("attack", [one_address, many_addresses, one_stand])
def test_a_heap_is_set_aside_and_the_mean_stays(tmp_path: Path, attack: Attack) -> None:
    with school(tmp_path) as place:
        place.ordinary_days(60)
        attack(place, 120)
        place.ordinary_days(3)
        _judge(place)


def test_sixty_ones_in_five_days_are_set_aside(tmp_path: Path) -> None:
    with school(tmp_path, seed=2) as place:
        place.ordinary_days(60)
        for _ in range(5):
            for _ in range(12):
                place.send(1, place.somewhere(), is_stuffed=True)
            place.ordinary_day()
        _judge(place)


def test_a_slow_drip_is_set_aside_from_its_beginning(tmp_path: Path) -> None:
    with school(tmp_path, seed=3) as place:
        place.ordinary_days(75)
        for _ in range(30):
            for _ in range(3):
                place.send(1, place.somewhere(), is_stuffed=True)
            place.ordinary_day()
        _judge(place, lost=0.06)


def test_a_slow_drip_of_fives_by_the_link_leaves_texts_and_codes_alone(tmp_path: Path) -> None:
    with school(tmp_path, seed=8) as place:
        place.ordinary_days(60, a_month=80, with_criteria=0.5)
        for _ in range(25):
            for _ in range(3):
                place.send(5, place.somewhere(), is_stuffed=True)
            place.ordinary_day(a_month=80, with_criteria=0.5)
        _judge(place, lost=0.2)
        stored = all_reviews(tmp_path / "var" / "store.sqlite")
        assert {review.standing for review in stored if review.criteria} == {"accepted"}


def test_a_school_evening_passes(tmp_path: Path) -> None:
    with school(tmp_path, seed=4) as place:
        place.ordinary_days(45)
        statuses = Counter(place.visit(place.mark(), "198.51.100.7", code=SCHOOL_CODE) for _ in range(200))
        place.ordinary_day()
        assert statuses == {303: 200}
        assert place.set_aside(stuffed=False) <= 0.01


def test_without_proof_an_evening_behind_one_address_is_kept_but_mostly_set_aside(tmp_path: Path) -> None:
    with school(tmp_path, seed=5) as place:
        for _ in range(60):
            assert place.send(place.mark(), "198.51.100.7") == 201
            place.clock.now += 10
        stored = all_reviews(tmp_path / "var" / "store.sqlite")
        assert [review.standing for review in stored] == ["accepted"] * 20 + ["set_aside"] * 40
        assert {review.reason_code for review in stored} == {"", "no-proof"}
        assert len(published(tmp_path)) == 20


def test_what_was_accepted_before_the_burst_showed_is_set_aside_afterwards_and_told(tmp_path: Path) -> None:
    with school(tmp_path, seed=6) as place:
        place.ordinary_days(60)
        answers = [
            place.client.post(
                "/rate/primersk-school-12",
                json={"rating": 5, "idempotency_key": f"burst-{number:020d}"},
                headers={"x-forwarded-for": place.somewhere()},
            )
            for number in range(40)
        ]
        codes = [answer.json()["receipt"] for answer in answers]
        ask = {"accept": "application/json"}
        assert {place.client.get(f"/receipt/{code}", headers=ask).json()["state"] for code in codes} == {"accepted"}
        place.look_back()
        states = Counter(place.client.get(f"/receipt/{code}", headers=ask).json()["state"] for code in codes)
        assert states["set_aside"] >= 38
        assert place.client.get("/health").json()["guard_counts"]["excess"] == states["set_aside"]


def test_two_widgets_before_one_database_set_aside_each_rating_once(tmp_path: Path, postgres: str) -> None:
    with database(postgres) as address:
        place = store_place(address, tmp_path / "store.key")
        rules = StuffingRules(new_place_least=10)
        with running(tmp_path, store=place, rules=rules) as one, running(tmp_path, store=place, rules=rules) as other:
            for number in range(14):
                assert (one, other)[number % 2].post("/rate/primersk-school-12", json=rating(5)).status_code == 201
            for client in (one, other, one):
                assert client.portal is not None
                client.portal.call(client.app.intake.watch.sweep)  # type: ignore[attr-defined]
        assert {(review.standing, review.reason_code) for review in all_reviews(place)} == {("set_aside", "excess")}
        assert verify(place).faults == ()


def test_the_same_text_over_and_over_is_set_aside(tmp_path: Path) -> None:
    text = "Ужасная школа, никому не советую сюда идти."
    with school(tmp_path) as place:
        for number, said in enumerate([text, text.upper(), text.replace(",", " -"), "Хорошо", "Хорошо", "Хорошо"]):
            body = {"rating": 2, "idempotency_key": f"same-text-{number:012d}", "text": said}
            place.client.post("/rate/primersk-school-12", json=body, headers={"x-forwarded-for": place.somewhere()})
        stored = all_reviews(tmp_path / "var" / "store.sqlite")
        assert [review.reason_code for review in stored] == ["", "", "same-text", "", "", ""]


@pytest.mark.scale
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("attack", [one_address, many_addresses, one_stand])
def test_whole_attacks_of_five_hundred(tmp_path: Path, attack: Attack, seed: int) -> None:
    with school(tmp_path, seed=seed) as place:
        place.ordinary_days(360)
        attack(place, 500)
        place.ordinary_days(7)
        _judge(place, lost=0.03)


@pytest.mark.scale
@pytest.mark.parametrize("seed", range(3))
def test_whole_drips_of_sixty_days(tmp_path: Path, seed: int) -> None:
    with school(tmp_path, seed=seed) as place:
        place.ordinary_days(360)
        for _ in range(60):
            for _ in range(3):
                place.send(1, place.somewhere(), is_stuffed=True)
            place.ordinary_day()
        _judge(place, lost=0.03)


@pytest.mark.scale
@pytest.mark.parametrize("seed", range(5))
def test_whole_school_evenings(tmp_path: Path, seed: int) -> None:
    with school(tmp_path, seed=seed) as place:
        place.ordinary_days(360)
        assert Counter(place.visit(place.mark(), "198.51.100.7", code=SCHOOL_CODE) for _ in range(200)) == {303: 200}
        place.ordinary_days(7)
        assert place.set_aside(stuffed=False) <= 0.01


def test_the_rules_of_the_tests_differ_in_the_work_alone() -> None:
    assert StuffingRules(work_cost=1, work_least=1, work_most=3) == CHEAP


# ---- on the page ---------------------------------------------------------------------------------------------------


def test_a_page_tells_how_many_are_set_aside_and_a_heap_of_them_pushes_no_review_away(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    resources = [{"name": name, "path": f"{name}.csv"} for name in ("organizations", "reviews")]
    licences = [{"name": "CC0-1.0"}]
    said = {"name": "heap", "title": "Куча", "version": "1.0.0", "licenses": licences, "resources": resources}
    (package / "datapackage.json").write_text(json.dumps(said), "utf-8")
    (package / "organizations.csv").write_text(
        "organization_id,name,sphere,region_code,status\nschool,Школа № 1,education,70,published\n", "utf-8"
    )
    rows = ["review_id,organization_id,received_on,rating,text,channel,state,reason_code"]
    rows += [f"aside-{number},school,2026-02-01,5,,web,restricted,set_aside" for number in range(31)]
    rows += [f"real-{number},school,2026-01-01,3,Холодно.,web,published," for number in range(12)]
    (package / "reviews.csv").write_text("\n".join([*rows, ""]), "utf-8")
    output = tmp_path / "output"
    assert publish.main(["build", "--packages", str(package), "--output", str(output), "--jobs", "1"]) == 0
    for language, told in (("", "31\xa0оценка отложена"), ("en/", "31\xa0ratings were set aside")):
        page = (output / "current" / f"{language}o/70/school.html").read_text("utf-8")
        assert told in page
        assert page.count("fair-ratings.html") == 1
        assert 'class="gone"' not in page
        assert page.count("Холодно.") >= 10
    rules = (output / "current" / "about" / "fair-ratings.html").read_text("utf-8")
    assert "за сутки: 300" in rules.replace("\xa0", " ")
    assert "{guard." not in rules
