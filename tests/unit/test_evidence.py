"""Observations and answers from a package to the page: what is refused, what is computed, what a reader can recompute."""

import csv
import json
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import publish
from nok import warehouse_flags
from nok.packages import table as tables_module
from nok.packages.archive import open_packages
from nok.packages.hashes import FileHashes
from nok.site.publication import read_publication
from nok.warehouse import Warehouse
from tests.conftest import valid_tables
from tests.unit.validation_support import Check, Factory, Found, checker

ONE, ROUND = "clinic-1", "health-2025"
OBSERVATIONS, ANSWERS = "observations.csv", "answers.csv"
Row = dict[str, Any]

SEEN: Mapping[str, tuple[object, object]] = {
    "stand_items": (9, 10),
    "site_items": (48, 50),
    "remote_channels": (3, ""),
    "comfort_conditions": (4, ""),
    "access_equipment": (2, ""),
    "access_conditions": (3, ""),
}
"""The example of education whose total is 83.56."""

ASKED: Mapping[str, tuple[int, int]] = {
    "q1": (50, 150),
    "q2": (45, 5),
    "q3": (80, 120),
    "q4": (76, 4),
    "q6": (170, 30),
    "q7": (20, 180),
    "q8": (15, 5),
    "q9": (190, 10),
    "q10": (184, 16),
    "q11": (60, 140),
    "q12": (57, 3),
    "q13": (180, 20),
    "q14": (186, 14),
    "q15": (182, 18),
}
"""Question to how many said yes and no."""


def seen(parameter: str, value: object, norm: object = "", **cells: object) -> Row:
    found = {"organization_id": ONE, "assessment_id": ROUND, "parameter": parameter, "value": value, "norm": norm}
    return found | {"applicable": "", "comment": "", "observed_at": "2025-05-20"} | cells


def said(question: str, answer: str, count: object, form: str = "675n-2018", mode: str = "paper") -> Row:
    found = {"organization_id": ONE, "assessment_id": ROUND, "questionnaire_id": form, "question": question}
    return found | {"answer": answer, "mode": mode, "count": count}


def answers(asked: Mapping[str, tuple[int, int]], form: str = "675n-2018-education") -> list[Row]:
    """Rows of `asked`, half of them on paper and half by telephone; nobody is no row."""
    rows = []
    for question, counts in asked.items():
        for odd, answer, count in zip((0, 1), ("yes", "no"), counts, strict=True):
            halves = (("paper", (count + odd) // 2), ("phone", (count + 1 - odd) // 2))
            rows += [said(question, answer, half, form, mode) for mode, half in halves if half]
    return rows


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return checker(tmp_path)


# ---- what is refused -----------------------------------------------------------------------------------------------

BAD: dict[str, tuple[str, list[Row], Found]] = {
    "a parameter that nobody knows": (
        "observations",
        [seen("stand_item", 9, 10)],
        ("parameter-unknown", OBSERVATIONS, 2, "parameter", "stand_item"),
    ),
    "more found than required": (
        "observations",
        [seen("site_items", 3, 50), seen("stand_items", 11, 10)],
        ("value-above-norm", OBSERVATIONS, 3, "value", "11"),
    ),
    "more than the list has": (
        "observations",
        [seen("access_equipment", 6)],
        ("value-above-list", OBSERVATIONS, 2, "value", "6"),
    ),
    "a norm of nothing": (
        "observations",
        [seen("stand_items", 0, 0)],
        ("norm-positive", OBSERVATIONS, 2, "norm", "0"),
    ),
    "no norm": ("observations", [seen("stand_items", 9)], ("norm-missing", OBSERVATIONS, 2, "norm", "9")),
    "half a thing": (
        "observations",
        [seen("remote_channels", "2.5")],
        ("count-whole", OBSERVATIONS, 2, "value", "2.5"),
    ),
    "fewer than none": ("observations", [seen("remote_channels", -1)], ("minimum", OBSERVATIONS, 2, "value", "-1")),
    "nothing noted": (
        "observations",
        [seen("remote_channels", "")],
        ("observation-missing", OBSERVATIONS, 2, "value", ""),
    ),
    "noted though it is not applicable": (
        "observations",
        [seen("remote_channels", 2, applicable="false", comment="нет телефона")],
        ("observation-unexpected", OBSERVATIONS, 2, "value", "2"),
    ),
    "seen tomorrow": (
        "observations",
        [seen("remote_channels", 2, observed_at="2026-02-08T10:00")],
        ("future-date", OBSERVATIONS, 2, "observed_at", "2026-02-08T10:00"),
    ),
    "seen on no day": (
        "observations",
        [seen("remote_channels", 2, observed_at="2025-02-30")],
        ("type-date", OBSERVATIONS, 2, "observed_at", "2025-02-30"),
    ),
    "a form that nobody knows": (
        "answers",
        [said("q6", "yes", 3, form="675n")],
        ("questionnaire-unknown", ANSWERS, 2, "questionnaire_id", "675n"),
    ),
    "a question that is not in the form": (
        "answers",
        [said("q5", "yes", 3, form="675n-2018-education")],
        ("question-unlisted", ANSWERS, 2, "question", "q5"),
    ),
    "an answer that is not in the question": (
        "answers",
        [said("q6", "да", 3)],
        ("pattern", ANSWERS, 2, "answer", "да"),
    ),
    "another answer that is not in the question": (
        "answers",
        [said("q6", "Yes", 3)],
        ("answer-unlisted", ANSWERS, 2, "answer", "Yes"),
    ),
    "half a person": ("answers", [said("q6", "yes", "2.5")], ("type-integer", ANSWERS, 2, "count", "2.5")),
    "fewer people than none": ("answers", [said("q6", "yes", -2)], ("minimum", ANSWERS, 2, "count", "-2")),
    "answers after no": (
        "answers",
        [said("q8", "yes", 2), said("q7", "yes", 3), said("q7", "no", 90), said("q8", "no", 2)],
        ("answers-after-no", ANSWERS, 2, "count", "4"),
    ),
    "an answer counted twice": (
        "answers",
        [said("q6", "yes", 2), said("q6", "no", 1), said("q6", "yes", 2)],
        ("key-repeated", ANSWERS, 4, "organization_id", f"{ONE} + {ROUND} + 675n-2018 + q6 + yes + paper"),
    ),
}


@pytest.mark.parametrize("is_large", [False, True], ids=["row by row", "by columns"])
@pytest.mark.parametrize(("name", "rows", "expected"), BAD.values(), ids=BAD.keys())
def test_impossible_counts_are_refused_at_their_place(
    package_factory: Factory,
    check: Check,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    rows: list[Row],
    expected: Found,
    is_large: bool,
) -> None:
    if is_large:
        monkeypatch.setattr(tables_module, "LEAST_BYTES_FOR_COLUMNS", 0)
    report = check(package_factory(organizations=1, reviews=1, tables={name: rows}))
    assert report.found == [expected]
    assert report.code == 2


def test_what_is_wrong_with_counts_is_said_in_sentences(package_factory: Factory, check: Check) -> None:
    rows = {"observations": [seen("stand_items", 11, 10)], "answers": BAD["answers after no"][1]}
    problems = check(package_factory(organizations=1, tables=rows), options=("--lang", "en")).problems
    assert [(problem["message"], problem["advice"]) for problem in problems] == [
        ("stand_items: 11 were counted of 10", "There cannot be more than the norm: check both numbers."),
        (
            "q8 was answered by 4, but only 3 said yes to q7",
            "Only those who said yes to the question before are asked: check the counts of both.",
        ),
    ]


@pytest.mark.parametrize("is_large", [False, True], ids=["row by row", "by columns"])
def test_right_counts_are_taken(
    package_factory: Factory, check: Check, monkeypatch: pytest.MonkeyPatch, is_large: bool
) -> None:
    """Each way of asking is held against itself; where the leading question was not counted, nothing can be said."""
    if is_large:
        monkeypatch.setattr(tables_module, "LEAST_BYTES_FOR_COLUMNS", 0)
    observations = [
        seen("waiting", "15.5", 14),
        seen("remote_channels", "", applicable="false", comment="не требуется"),
        seen("stand_items", 0, 10, observed_at="2025-05-20T10:30"),
    ]
    rows = [
        said("q7", "yes", 3),
        said("q8", "yes", 3),
        said("q8", "no", 7, mode="phone"),
        said("q17", "male", 0),
    ]
    package = package_factory(organizations=1, tables={"observations": observations, "answers": rows})
    assert check(package).found == []


# ---- what is computed ----------------------------------------------------------------------------------------------


def school(package_factory: Factory, **tables: list[Row]) -> Path:
    """A package with one school of Tomsk, whose round is of education."""
    row = {"organization_id": ONE, "name": "Школа № 1", "sphere": "education", "kind": "school", "region_code": "70"}
    held = {"assessment_id": ROUND, "title": "Оценка школ, 2025", "period": 2025, "sphere": "education"}
    held |= {"method_id": "344n-2018", "kind": "independent", "stage": "done", "status": "published"}
    whole: dict[str, Any] = {"organizations": [row | {"status": "published"}], "assessments": [held]}
    whole |= {"scores": None, "reviews": None, "replies": None}
    return package_factory(tables=whole | tables)


def points(measure: str, value: str, state: str = "scored") -> Row:
    return {"organization_id": ONE, "assessment_id": ROUND, "measure": measure, "points": value, "state": state}


def observations(**changes: tuple[object, object]) -> list[Row]:
    return [seen(name, value, norm) for name, (value, norm) in {**SEEN, **changes}.items()]


Publish = Callable[..., Path]


@pytest.fixture
def published(package_factory: Factory, tmp_path: Path) -> Publish:
    """Builds a package of one school and gives the published site."""

    def build(**tables: list[Row]) -> Path:
        output = tmp_path / "output"
        package = school(package_factory, **tables)
        assert publish.main(["build", "--packages", str(package), "--output", str(output), "--jobs", "1"]) == 0
        return output / "current"

    return build


def scores_of(site: Path) -> dict[str, Row]:
    rows = json.loads((site / "o/70" / f"{ONE}.json").read_text("utf-8"))["scores"]
    assert len({row["measure"] for row in rows}) == len(rows)
    return {row["measure"]: row for row in rows}


def test_nobody_has_to_publish_points_that_can_be_computed(published: Publish) -> None:
    """The example of education, to the last digit: points stay empty in the data, the page shows what was computed."""
    site = published(observations=observations(), answers=answers(ASKED))
    scores = scores_of(site)
    assert {name: row["computed_points"] for name, row in scores.items() if row["computed_points"]} == dict(
        zip(
            "1.1 1.2 1.3 2.1 2.3 3.1 3.2 3.3 4.1 4.2 4.3 5.1 5.2 5.3 K1 K2 K3 K4 K5 total".split(),
            "93.00 90.00 92.50 80.00 85.00 40.00 60.00 75.00 95.00 92.00 95.00 90.00 93.00 91.00 "
            "91.90 82.50 58.50 93.80 91.10 83.56".split(),
            strict=True,
        )
    )
    assert {row["points"] for row in scores.values()} == {None}
    assert (scores["2.2"]["state"], scores["2.2"]["trace"]) == ("exempt", None)
    page = (site / "o/70" / f"{ONE}.html").read_text("utf-8")
    assert "83,56" in page
    assert "источник не" in page
    assert "(91,9 + 82,5 + 58,5 + 93,8 + 91,1) ÷ 5 = 83,56" in page


def test_a_reader_gets_every_number_again_from_its_trace(published: Publish) -> None:
    asked = ASKED | {"q2": (44, 3), "q6": (167, 31), "q13": (181, 18)}
    scores = scores_of(published(observations=observations(stand_items=(8, 11)), answers=answers(asked)))
    for name, row in scores.items():
        if row["trace"] is not None:
            assert recomputed(row["trace"], scores) == Decimal(row["computed_points"]), name
    assert sum(row["trace"] is not None for row in scores.values()) == 20


def recomputed(trace: Row, scores: Mapping[str, Row]) -> Decimal:
    """The points of a trace as somebody else would compute them who has only the file."""
    exact = _points(trace, scores)
    scaled = Decimal(exact.numerator) / Decimal(exact.denominator)
    return scaled.quantize(Decimal(1).scaleb(-trace["decimals"]), rounding=ROUND_HALF_UP)


def _points(trace: Row, scores: Mapping[str, Row]) -> Fraction:
    if trace["formula"] == "items_times_step":
        (part,) = trace["parts"]
        return min(Fraction(100), Fraction(trace["arguments"]["step"]) * Fraction(part["value"]))
    parts = [part for part in trace["parts"] if "left_out" not in part]
    whole = sum(Fraction(part["weight"]) for part in parts)
    return sum((Fraction(part["weight"]) * _part(part, scores) for part in parts), Fraction(0)) / whole


def _part(part: Row, scores: Mapping[str, Row]) -> Fraction:
    if "measure" in part:
        return _points(scores[part["measure"]]["trace"], scores)
    above, below = ("satisfied", "answered") if "question" in part else ("value", "norm")
    return Fraction(100 * int(part[above]), int(part[below]))


def test_nobody_with_a_disability_is_neither_a_zero_nor_a_gap(published: Publish) -> None:
    """Of 0 of 0 people nothing can be said; 3.1 and 3.2 share its weight: (0.3 × 40 + 0.4 × 60) ÷ 0.7."""
    asked = {**ASKED, "q7": (0, 200)}
    del asked["q8"]
    site = published(observations=observations(), answers=answers(asked))
    scores = scores_of(site)
    assert (scores["3.3"]["state"], scores["3.3"]["computed_points"]) == ("no_data", None)
    assert scores["3.3"]["trace"]["nobody_answered"] == ["q8"]
    assert (scores["K3"]["computed_points"], scores["K3"]["trace"]["weights_used"]) == ("51.43", "0.7")
    page = (site / "o/70" / f"{ONE}.html").read_text("utf-8").replace("\xa0", " ")
    assert "никто не ответил" in page
    assert "(0,3 × 40 + 0,4 × 60) ÷ 0,7" in page


def test_what_is_not_required_is_left_out_and_nothing_found_is_zero(published: Publish) -> None:
    rows = [row for row in observations(access_equipment=(0, "")) if row["parameter"] != "remote_channels"]
    rows.append(seen("remote_channels", "", applicable="false", comment="не требуется"))
    scores = scores_of(published(observations=rows, answers=answers(ASKED)))
    assert (scores["3.1"]["state"], scores["3.1"]["computed_points"]) == ("scored", "0.00")
    assert (scores["1.2"]["state"], scores["1.2"]["computed_points"]) == ("exempt", None)
    assert scores["K1"]["computed_points"] == "92.71"  # (0.3 × 93 + 0.4 × 92.5) ÷ 0.7


def test_nothing_is_computed_while_answers_come_in(published: Publish) -> None:
    """A round that is being collected must not stand in the place of the last result."""
    held = {"assessment_id": ROUND, "title": "Оценка школ, 2026", "period": 2026, "sphere": "education"}
    held |= {"method_id": "344n-2018", "kind": "independent", "stage": "collection", "status": "published"}
    site = published(assessments=[held], observations=observations(), answers=answers(ASKED))
    assert scores_of(site) == {}
    assert "не оценивалась" in (site / "o/70" / f"{ONE}.html").read_text("utf-8").replace("\xa0", " ")


def test_what_is_missing_is_not_a_zero(published: Publish) -> None:
    rows = [row for row in observations() if row["parameter"] != "comfort_conditions"]
    scores = scores_of(published(observations=rows, answers=answers(ASKED)))
    assert [(scores[name]["state"], scores[name]["computed_points"]) for name in ("2.1", "K2", "total")] == [
        ("no_data", None)
    ] * 3
    assert scores["total"]["trace"]["missing"] == ["comfort_conditions"]
    assert scores["K1"]["computed_points"] == "91.90"


CRITERIA = {"K1": "91.90", "K2": "82.50", "K3": "58.50", "K4": "93.80", "K5": "91.10"}


@pytest.mark.parametrize(
    ("total", "criteria", "verdict"),
    [
        ("83.56", CRITERIA, "exact"),
        ("83.56", {"K1": "92", "K2": "83", "K3": "59", "K4": "94", "K5": "91"}, "consistent"),
        ("83.68", CRITERIA, "flag"),
        ("83.56", {}, "exact"),
        ("83.59", {}, "flag"),
    ],
)
def test_published_points_are_kept_and_judged(
    published: Publish, capsys: pytest.CaptureFixture[str], total: str, criteria: dict[str, str], verdict: str
) -> None:
    rows = [points(name, value) for name, value in (criteria | {"total": total}).items()]
    site = published(scores=rows, observations=observations(), answers=answers(ASKED))
    found = scores_of(site)["total"]
    assert (found["points"], found["computed_points"], found["verdict"]) == (total, "83.56", verdict)
    page = (site / "o/70" / f"{ONE}.html").read_text("utf-8")
    shown = f"Итог: опубликовано {total.replace('.', ',')}, по остальным числам выходит 83,56."
    assert (shown in page.replace("\xa0", " ")) is (verdict == "flag")
    assert ("сходится не всё" in page.replace("\xa0", " ")) is (verdict == "flag")
    row = len(rows) + 1
    told = f"scores.csv, строка {row}"
    assert (told in capsys.readouterr().err) is (verdict == "flag")


def test_a_difference_is_a_warning_of_the_check_with_its_row(package_factory: Factory, check: Check) -> None:
    """Without any evidence the total is held against the mean of its criteria."""
    rows = [points(name, value) for name, value in (CRITERIA | {"total": "83.68"}).items()]
    report = check(school(package_factory, scores=rows))
    assert report.code == 0
    assert report.found == [("score-apart", "scores.csv", 7, "points", "83.68")]
    assert [problem["severity"] for problem in report.problems] == ["warning"]


def test_packages_that_agree_are_not_judged_twice(
    package_factory: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judged(total: str) -> list[str]:
        rows = [points(name, value) for name, value in (CRITERIA | {"total": total}).items()]
        return judge(school(package_factory, scores=rows), tmp_path)

    looks: list[int] = []
    look = warehouse_flags.doubtful_organizations
    monkeypatch.setattr(warehouse_flags, "doubtful_organizations", lambda *some: (looks.append(1), look(*some))[1])
    assert [judged("83.56"), judged("83.56"), len(looks)] == [[], [], 1]
    assert [judged("83.68"), judged("83.68"), len(looks)] == [["83.68"], ["83.68"], 3]


def test_those_in_doubt_are_judged_as_if_all_were(
    package_factory: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is hidden, or belongs to what is hidden, is not told of."""
    totals = {"clinic-1": "83.68", "clinic-2": "83.56", "clinic-3": "83.68", "clinic-4": "83.68", "clinic-5": "83.56"}
    tables = valid_tables(5, 1)
    heads = {"clinic-3": ("draft", ""), "clinic-4": ("published", "clinic-3")}
    for row in tables["organizations"]:
        row["status"], row["parent_organization_id"] = heads.get(str(row["organization_id"]), ("published", ""))
    tables["scores"] = [
        points(name, value) | {"organization_id": one}
        for one, total in totals.items()
        for name, value in (CRITERIA | {"total": total}).items()
    ]
    package = package_factory(organizations=5, reviews=1, tables=tables)
    few = judge(package, tmp_path / "few")
    monkeypatch.setattr(warehouse_flags, "_doubtful", lambda _: set(totals))
    assert few == judge(package, tmp_path / "all") == ["83.68"]


def judge(package: Path, folder: Path) -> list[str]:
    """The published numbers of a package that are told not to agree."""
    (opened,), _ = open_packages([package], folder / "scratch")
    sources = read_publication(Path("content/publication.yaml")).sources([opened], FileHashes().of)
    (folder / "points.sqlite").unlink(missing_ok=True)
    found = warehouse_flags.judge_packages(folder / "points.sqlite", sources, folder / "memory")
    return [problem.value for problem in found]


# ---- lists of indicators -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demonstration(demonstration_output: Path) -> Path:
    return demonstration_output / "current"


def test_an_indicator_lists_all_of_a_kind_best_first(demonstration: Path) -> None:
    folder = demonstration / "indicators/344n-2018/4.1/00"
    pages = [folder / "education.school.html", folder / "education.school.2.html"]
    rows = [row for page in pages for row in page.read_text("utf-8").split('<tr><th scope="row"')[1:]]
    shown = [Decimal(row.split("<b>")[1].split("</b>")[0].replace(",", ".")) for row in rows]
    assert shown == sorted(shown, reverse=True)
    assert len(shown) == 80
    (own,) = [row for row in rows if "primersk-school-12.html" in row]
    assert "190 из 200" in own.replace("\xa0", " ")


def test_of_each_organisation_lists_of_indicators_read_what_they_show(demonstration_output: Path) -> None:
    """A region has thousands of a kind, and what their rounds say of all measures is ten times as much."""
    with Warehouse(demonstration_output.with_name("output.state") / "warehouse.sqlite") as store:
        (group,) = [one for one in store.indicator_groups("344n-2018", "4.1") if one.kind == "school"]
        found = store.measured(group, {"4.1", "4.2"})
    assert group.organizations == 80 <= len(found)
    assert {name for one in found.values() for name in (*one.rows, *one.computed)} == {"4.1", "4.2"}


def test_lists_of_indicators_are_in_the_sitemap_and_linked(demonstration: Path) -> None:
    sitemap = (demonstration / "sitemap.xml").read_text("utf-8")
    assert "/indicators/344n-2018/4.1/00/education.school.html" in sitemap
    page = (demonstration / "o/00/primersk-school-12.html").read_text("utf-8")
    assert 'href="../../indicators/344n-2018/4.1/00/education.school.html"' in page
    method = (demonstration / "methods/344n-2018/index.html").read_text("utf-8")
    assert 'href="../../indicators/344n-2018/4.1/"' in method
    assert "0,4 × 4.1 + 0,4 × 4.2 + 0,2 × 4.3" in method


def test_the_demonstration_shows_every_verdict(demonstration: Path) -> None:
    verdicts = {"exact": 0, "consistent": 0, "flag": 0}
    flagged = []
    for file in sorted((demonstration / "o/00").glob("*.json")):
        for row in json.loads(file.read_text("utf-8"))["scores"]:
            if row["verdict"]:
                verdicts[row["verdict"]] += 1
                flagged += [(file.stem, row["measure"])] if row["verdict"] == "flag" else []
    assert flagged == [("lekalsk-library-1", "total")]
    assert 1 <= verdicts["consistent"] < 0.05 * verdicts["exact"]


# ---- downloads -----------------------------------------------------------------------------------------------------


def test_evidence_is_published_as_it_came(published: Publish) -> None:
    rows = answers(ASKED)
    site = published(observations=observations(), answers=rows)
    with (site / "data/demo/1.0.0/answers.csv").open(encoding="utf-8", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert written == [{name: str(value) for name, value in row.items()} for row in rows]
    assert (site / "data/demo/1.0.0/observations.jsonl").read_text("utf-8").count("\n") == len(SEEN)
