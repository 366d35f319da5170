"""Means of many organisations, their places and what a survey leaves open, through the front door and by themselves."""

import csv
import json
from collections.abc import Iterator
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nok.method import parse_method
from nok.ranking import dense_standings, place_ranges
from nok.sampling import Survey, needed_sample, survey_of, total_error
from tests.property.small_publication import ROOT, Publication, current, pages, quick_builds

ERZIN = ("87.72", "87.52", "86.46", "86.10", "84.42", "78.44", "76.38")
"""Schools and kindergartens of Эрзинский кожуун, Тыва, 2022; the published mean of the district is 83,86."""
KOKSA = ("93.1", "90.2", "88.08", "88.04", "85.38")
"""Schools of Усть-Коксинский район, 2023. Its published mean is 88,9: cut, not rounded."""

Row = dict[str, str]


def _score(made: Publication, one: str, assessment: str, points: str, state: str = "scored", **cells: object) -> None:
    given = {"measure": "total", "points": points, "state": state} | cells
    made.put("scores", ("one", 0), organization_id=one, assessment_id=assessment, **given)


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """Two districts as they were published, a third with every state, a real zero and points of the former method."""
    made = Publication(tmp_path_factory.mktemp("means") / "site")
    made.assessment("h-2025")
    made.assessment("h-2016", period=2016, method_id="1547-2014")
    for district, published in (("Эрзин", ERZIN), ("Кокса", KOKSA)):
        for number, points in enumerate(published):
            one = f"{'e' if district == 'Эрзин' else 'k'}-{number}"
            made.organization(one, municipality=district, kind="clinic" if number else "hospital")
            _score(made, one, "h-2025", points)
    for number, state in enumerate(("not_assessed", "exempt", "too_few", "no_data", "zero", "former", "absent")):
        one = f"s-{number}"
        made.organization(one, municipality="Третий", kind="hospital")
        if state == "zero":
            _score(made, one, "h-2025", "0")
        elif state == "former":
            _score(made, one, "h-2016", "140")
        elif state != "absent":
            _score(made, one, "h-2025", "", state)
    return made


@pytest.fixture(scope="module")
def site(publication: Publication) -> Iterator[Path]:
    with quick_builds():
        publication.write()
        assert publication.build(publication.folder.parent / "output") == 0
        yield current(publication.folder.parent / "output")


def _table(file: Path) -> list[Row]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_means_of_districts_are_those_of_their_organisations(site: Path) -> None:
    found = {(row["scope"], row["name"]): row for row in _table(site / "regions/70/aggregates.csv")}
    assert (found["municipality", "Эрзин"]["mean"], found["municipality", "Эрзин"]["assessed"]) == ("83.86", "7")
    assert found["municipality", "Кокса"]["mean"] == "88.96"
    everybody = [Decimal(points) for points in (*ERZIN, *KOKSA, "0")]
    assert found["sphere", ""]["mean"] == str((sum(everybody) / len(everybody)).quantize(Decimal("0.01")))
    assert found["kind", "hospital"]["mean"] == "60.27"
    assert found["sphere", ""]["method_id"] == "344n-2018"


def test_every_state_is_counted_apart_and_a_zero_is_a_score(site: Path) -> None:
    rows = json.loads((site / "regions/70/aggregates.json").read_text("utf-8"))["aggregates"]
    third = next(row for row in rows if row["name"] == "Третий")
    assert (third["organizations"], third["assessed"], third["zeros"], third["mean"]) == (7, 1, 1, "0.00")
    states = ("not_assessed", "exempt", "too_few", "no_data", "other_method")
    assert {state: third[state] for state in states} == {
        "not_assessed": 2, "exempt": 1, "too_few": 1, "no_data": 1, "other_method": 1,
    }  # fmt: skip
    for row in rows:
        assert row["assessed"] + sum(row[state] for state in states) == row["organizations"]


def test_the_same_numbers_stand_on_pages_and_in_both_files(site: Path) -> None:
    region = [{name: value or "" for name, value in row.items()} for row in _table(site / "regions/70/aggregates.csv")]
    for path in ("regions/70/aggregates.json", "spheres/health/aggregates.json"):
        rows = json.loads((site / path).read_text("utf-8"))["aggregates"]
        assert [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows] == region
    for path in ("spheres/health/70.html", "regions/70/index.html", "spheres/health/index.html"):
        text = (site / path).read_text("utf-8").replace("\u00a0", " ")
        assert "исключение 1" in text
        assert "с баллом 0: 1" in text
        assert "другая методика 1" in text
    text = (site / "spheres/health/70.html").read_text("utf-8")
    assert "83,86" in text
    assert "88,96" in text


def test_points_of_another_method_stand_after_all_others_and_have_no_place_among_them(site: Path) -> None:
    text = (site / "spheres/health/70.html").read_text("utf-8") + (site / "spheres/health/70-2.html").read_text("utf-8")
    assert text.index("o/70/s-4.html") < text.index("o/70/s-5.html") < text.index("o/70/s-0.html")
    assert "другая методика" in text[text.index("o/70/s-5.html") : text.index("o/70/s-0.html")]
    places = json.loads((site / "o/70/s-5.json").read_text("utf-8"))["places"]
    assert [(place["rank"], place["peers"]) for place in places] == [(1, 1)]


def test_no_rating_of_citizens_has_a_place(site: Path) -> None:
    assert json.loads((site / "o/70/s-6.json").read_text("utf-8"))["places"] == []


def test_a_change_reaches_the_means_it_is_in(publication: Publication, site: Path) -> None:
    assert "Четвёртый" not in (site / "regions/70/aggregates.csv").read_text("utf-8")
    publication.tables["organizations"][("k-1",)][1]["municipality"] = "Четвёртый"
    publication.tables["scores"][("s-5", "h-2016", "total")][1].update(points="", state="exempt")
    publication.write()
    output = publication.folder.parent / "output"
    assert publication.build(output) == 0
    assert publication.build(output.with_name("clean")) == 0
    kept, clean = pages(current(output)), pages(current(output.with_name("clean")))
    assert {path for path in {*kept, *clean} if kept.get(path) != clean.get(path)} == set()
    found = {row["name"]: row for row in _table(current(output) / "regions/70/aggregates.csv") if row["name"]}
    assert (found["Четвёртый"]["mean"], found["Кокса"]["assessed"], found["Третий"]["other_method"]) == (
        "90.20",
        "4",
        "0",
    )


# ---- places and the survey -----------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(0, 12)), min_size=1, max_size=40), st.booleans())
def test_a_range_of_places_is_that_of_all_whose_intervals_overlap(
    pairs: list[tuple[int, int | None]], up: bool
) -> None:
    points, errors = [one for one, _ in pairs], [error for _, error in pairs]
    ranks = [standing.rank for standing in dense_standings(points, higher_is_better=up)]
    for number, found in enumerate(place_ranges(points, errors, higher_is_better=up)):
        error = errors[number]
        if error is None:
            assert found is None
            continue
        near = [
            ranks[other]
            for other, value in enumerate(points)
            if abs(value - points[number]) <= error + (errors[other] or 0)
        ]
        assert found == (min(near), max(near))
        assert found[0] <= ranks[number] <= found[1]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), min_size=1, max_size=30), st.randoms())
def test_places_and_ranges_do_not_follow_the_order_of_rows(pairs: list[tuple[int, int]], order: object) -> None:
    places = dict(zip(pairs, place_ranges(*zip(*pairs, strict=True)), strict=True))
    order.shuffle(pairs)  # type: ignore[attr-defined]
    assert dict(zip(pairs, place_ranges(*zip(*pairs, strict=True)), strict=True)) == places


@pytest.mark.parametrize(
    ("recipients", "needed"), [(0, 0), (1, 1), (5, 2), (6, 3), (600, 240), (1499, 600), (1500, 600), (90_000, 600)]
)
def test_how_many_must_be_asked(recipients: int, needed: int) -> None:
    assert needed_sample(recipients) == needed


@pytest.fixture(scope="module")
def survey() -> Survey:
    file = ROOT / "content/methods/344n-2018.yaml"
    found = survey_of(parse_method(file.read_text("utf-8"), file.name))
    assert found is not None
    return found


def _exact_error(answered: list[tuple[str, int, int | None]], survey: Survey) -> Decimal:
    """Half the interval in points, by the formula written out with fractions."""
    parents = {name: survey.parents[name] for name, _, _ in answered}
    variance = Fraction(0)
    for name, points, number in answered:
        if not number:
            continue
        inside = sum(survey.weights[other] for other, parent in parents.items() if parent == parents[name])
        whole = sum(survey.weights[criterion] for criterion in set(parents.values()))
        weight = Fraction(survey.weights[name], inside) * Fraction(survey.weights[parents[name]], whole)
        share = (Fraction(points, 10_000) * number + 2) / (number + 4)
        variance += weight**2 * share * (1 - share) / (number + 4) * 10_000
    with localcontext() as context:
        context.prec = 40
        return Decimal("1.959964") * (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()


_measures = st.sampled_from("1.1 1.2 1.3 2.1 2.2 2.3 3.1 3.2 3.3 4.1 4.2 4.3 5.1 5.2 5.3".split())


@given(st.dictionaries(_measures, st.tuples(st.integers(0, 10_000), st.none() | st.integers(0, 600)), min_size=1))
def test_the_error_of_a_total_is_that_of_its_weighted_shares(
    survey: Survey, found: dict[str, tuple[int, int | None]]
) -> None:
    answered = [(name, points, number) for name, (points, number) in found.items()]
    error = total_error(answered, survey, 100)
    if not any(number for _, _, number in answered):
        assert error is None
    else:
        assert error is not None
        assert abs(error - 100 * _exact_error(answered, survey)) <= 2


def test_more_answers_leave_fewer_places_open(survey: Survey) -> None:
    few, many = (total_error([("5.3", 8000, number)], survey, 100) for number in (20, 500))
    assert few is not None
    assert many is not None
    assert few > 2 * many


def test_a_method_without_weights_has_no_error() -> None:
    file = ROOT / "content/methods/fhrs.yaml"
    assert survey_of(parse_method(file.read_text("utf-8"), file.name)) is None
