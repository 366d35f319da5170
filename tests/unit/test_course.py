"""The course of a round by the front door: what is checked, what passports, reports and pages of changes say, and that
only independent rounds enter ratings."""

import csv
import json
import re
import sqlite3
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import publish
from nok.statistics import median_of_counts
from nok.warehouse import Warehouse
from nok.warehouse_course import TABLES, change_course, derive_course, store_course
from nok.warehouse_pack import SCALE
from tests.property.small_publication import FIRST_DAY, ROOT, Publication, current, quick_builds, small_publication

Said = tuple[str, str, str, int | None, str]
"""Severity, rule, file, row, column."""


def course(folder: Path) -> Publication:
    """Four clinics in a round that has come to plans: every stage told, one decision, proposals with their answers."""
    made = Publication(folder)
    made.assessment("h-2025", stage="plan")
    made.assessment("h-2024", period=2024)
    for number in range(1, 5):
        made.organization(f"clinic-{number}", municipality="Город" if number < 4 else "Село")
        made.scores(f"clinic-{number}", "h-2025", number)
    days = ("03-03", "06-02", "06-23", "07-14", "08-04", "09-01")
    stages = ("collection", "analysis", "rating", "discussion", "recommendations", "plan")
    for stage, day, last in zip(stages, days, (*days[1:], ""), strict=True):
        made.stage("h-2025", stage, f"2025-{day}", finished_on=last and f"2025-{last}")
    made.decision("d-1", "h-2025", decided_on="2025-08-01", document="Протокол", document_number="4")
    made.recommendation("p-1", "clinic-1", "h-2025")
    made.plan_measure("m-1", "clinic-1", "h-2025", recommendation_id="p-1", status="done", done_on="2026-01-20")
    made.recommendation("p-2", "clinic-2", "h-2025", no_measure_reason="Здание закрывают")
    made.recommendation("p-3", "clinic-3", "h-2025", indicator="2.1")
    made.plan_measure(
        "m-3", "clinic-3", "h-2025", indicator="2.1", recommendation_id="p-3", due_on=FIRST_DAY - timedelta(days=3)
    )
    return made


def told(made: Publication, tmp_path: Path, lang: str = "en") -> tuple[list[Said], str]:
    """What `validate` finds in the package `one`, and its messages."""
    made.write()
    out = tmp_path / "report.json"
    package = made.folder / "packages/one"
    publish.main(["validate", str(package), "--json", str(out), "--lang", lang])
    problems = json.loads(out.read_text("utf-8"))["problems"]
    found = [(one["severity"], one["rule"], one["file"], one["row"], one["column"]) for one in problems]
    return found, " ".join(f"{one['message']} {one['advice']}" for one in problems)


def row_of(made: Publication, table: str, *key: str) -> dict[str, str]:
    return made.tables[table][key][1]


STAGES, DECISIONS = "assessment_stages.csv", "decisions.csv"
PROPOSALS, MEASURES = "recommendations.csv", "plan_measures.csv"

Fault = tuple[Callable[[Publication], object], Said, str, str]

FAULTS: dict[str, Fault] = {
    "stages out of order": (
        lambda made: row_of(made, "assessment_stages", "h-2025", "rating").update(started_on="2025-05-01"),
        ("error", "stage-order", STAGES, 4, "started_on"),
        "the stage rating began on 2025-05-01, before the stage analysis (2025-06-02)",
        "этап rating начат 2025-05-01 — раньше, чем этап analysis (2025-06-02)",
    ),
    "a stage within another": (
        lambda made: row_of(made, "assessment_stages", "h-2025", "collection").update(finished_on="2025-06-10"),
        ("warning", "stage-overlap", STAGES, 3, "started_on"),
        "the stage analysis began on 2025-06-02, but the stage collection ended only on 2025-06-10",
        "этап analysis начат 2025-06-02, а этап collection окончен только 2025-06-10",
    ),
    "a stage that ends before it begins": (
        lambda made: row_of(made, "assessment_stages", "h-2025", "analysis").update(finished_on="2025-05-10"),
        ("error", "period-order", STAGES, 3, "finished_on"),
        "the end 2025-05-10 is before the beginning 2025-06-02",
        "окончание 2025-05-10 раньше начала 2025-06-02",
    ),
    "a stage that the round has left": (
        lambda made: row_of(made, "assessments", "h-2025").update(stage="done"),
        ("error", "stage-current", "assessments.csv", 2, "stage"),
        "the round says that its stage is done, but the last one that began is plan (2025-09-01)",
        "у оценки указан этап done, а по таблице этапов последним начат plan (2025-09-01)",
    ),
    "a decision before its stage": (
        lambda made: row_of(made, "decisions", "d-1").update(decided_on="2025-07-01"),
        ("error", "decision-early", DECISIONS, 2, "decided_on"),
        "the decision d-1 was taken on 2025-07-01, before its stage discussion began (2025-07-14)",
        "решение d-1 принято 2025-07-01 — раньше, чем начался этап discussion (2025-07-14)",
    ),
    "a decision of a stage to come": (
        lambda made: row_of(made, "decisions", "d-1").update(stage="done"),
        ("error", "decision-stage", DECISIONS, 2, "stage"),
        "the decision d-1 is of the stage done, but the round h-2025 has come only to plan",
        "решение d-1 принято на этапе done, а оценка h-2025 дошла только до этапа plan",
    ),
    "a measure of an unknown indicator": (
        lambda made: row_of(made, "plan_measures", "m-3").update(indicator="3.9"),
        ("error", "measure-unknown", MEASURES, 3, "indicator"),
        "the method 344n-2018 has no measure '3.9'",
        "в методике 344n-2018 нет показателя «3.9»",
    ),
    "a proposal about the total": (
        lambda made: row_of(made, "recommendations", "p-2").update(indicator="total"),
        ("error", "measure-unknown", PROPOSALS, 3, "indicator"),
        "the method 344n-2018 has no measure 'total'",
        "в методике 344n-2018 нет показателя «total»",
    ),
    "a measure done before the round": (
        lambda made: row_of(made, "plan_measures", "m-1").update(done_on="2025-03-02"),
        ("error", "measure-early", MEASURES, 2, "done_on"),
        "the measure m-1 was done on 2025-03-02, before the round h-2025 began (2025-03-03)",
        "мера m-1 выполнена 2025-03-02 — раньше, чем началась оценка h-2025 (2025-03-03)",
    ),
    "an answer to another organisation's proposal": (
        lambda made: row_of(made, "plan_measures", "m-1").update(recommendation_id="p-2"),
        ("error", "recommendation-foreign", MEASURES, 2, "recommendation_id"),
        "the measure of clinic-1 in h-2025 answers the proposal p-2, which is of clinic-2, h-2025",
        "мера clinic-1 в оценке h-2025 отвечает на предложение p-2, а оно — clinic-2, h-2025",
    ),
    "an answer to another round's proposal": (
        lambda made: row_of(made, "plan_measures", "m-1").update(assessment_id="h-2024"),
        ("error", "recommendation-foreign", MEASURES, 2, "recommendation_id"),
        "the measure of clinic-1 in h-2024 answers the proposal p-1, which is of clinic-1, h-2025",
        "мера clinic-1 в оценке h-2024 отвечает на предложение p-1, а оно — clinic-1, h-2025",
    ),
    "a proposal that nobody answers": (
        lambda made: made.recommendation("p-4", "clinic-3", "h-2025", indicator="1.1"),
        ("warning", "recommendation-unanswered", PROPOSALS, 5, "recommendation_id"),
        "clinic-3, h-2025: the proposal p-4 has neither a measure nor a reason why there is none",
        "clinic-3, h-2025: у предложения p-4 нет ни меры, ни причины, почему её нет",
    ),
    "an organisation without any measure": (
        lambda made: (
            made.recommendation("p-4", "clinic-4", "h-2025"),
            made.recommendation("p-5", "clinic-4", "h-2025"),
        ),
        ("warning", "plan-missing", PROPOSALS, 5, "recommendation_id"),
        "clinic-4: the round h-2025 has come to plans, 2 proposals wait, and there is no measure",
        "clinic-4: оценка h-2025 дошла до планов, предложений без ответа — 2, а мер нет ни одной",
    ),
}


def test_a_right_course_has_no_fault(tmp_path: Path) -> None:
    assert told(course(tmp_path / "site"), tmp_path)[0] == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_row_and_in_words(tmp_path: Path, name: str) -> None:
    spoil, expected, english, russian = FAULTS[name]
    made = course(tmp_path / "site")
    spoil(made)
    found, messages = told(made, tmp_path)
    assert expected in found
    assert {one[1] for one in found} == {expected[1]} or name.startswith("an answer")
    assert english in messages
    assert russian in told(made, tmp_path, "ru")[1].replace("\u00a0", " ")


def test_a_round_that_has_no_plan_yet_asks_for_no_measure(tmp_path: Path) -> None:
    made = course(tmp_path / "site")
    made.recommendation("p-9", "clinic-4", "h-2025")
    row_of(made, "assessments", "h-2025").update(stage="recommendations")
    made.drop("assessment_stages", assessment_id="h-2025", stage="plan")
    assert told(made, tmp_path)[0] == []


def test_many_unanswered_proposals_are_counted_not_listed(tmp_path: Path) -> None:
    made = course(tmp_path / "site")
    for number in range(130):
        made.recommendation(f"q-{number:03d}", "clinic-3", "h-2025", indicator="1.1")
    found, messages = told(made, tmp_path)
    assert [one[1] for one in found].count("recommendation-unanswered") == 100
    assert "30 more proposals have neither a measure nor a reason" in messages


def test_tables_in_two_packages_and_another_encoding_are_held_together(tmp_path: Path) -> None:
    made = course(tmp_path / "site")
    made.plan_measure("m-9", "clinic-2", "h-2025", package="two", recommendation_id="p-1")
    made.organization("clinic-9", package="two")
    made.write()
    for file in (made.folder / "packages").rglob("*.csv"):
        file.write_bytes(file.read_text("utf-8").encode("cp1251"))
    out = tmp_path / "report.json"
    packages = [str(made.folder / "packages" / name) for name in ("one", "two")]
    assert publish.main(["validate", *packages, "--encoding", "cp1251", "--json", str(out)]) == 2
    (problem,) = json.loads(out.read_text("utf-8"))["problems"]
    assert (problem["rule"], problem["package"], problem["row"]) == ("recommendation-foreign", "two", 2)
    assert (
        publish.main(["validate", packages[1], "--with", packages[0], "--encoding", "cp1251", "--json", str(out)]) == 2
    )
    assert publish.main(["validate", packages[0], "--with", packages[1], "--encoding", "cp1251"]) == 0


# ---- what is published ---------------------------------------------------------------------------------------------


def text(page: Path) -> str:
    """The words of a page, with plain spaces and without marks."""
    found = re.sub(r"<[^>]+>", " ", page.read_text("utf-8").replace("\u00a0", " "))
    return re.sub(r"\s+", " ", found)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = course(tmp_path_factory.mktemp("course") / "site")
    made.config["languages"] = ["ru", "en"]
    for number, days in enumerate((1, 3, 8)):
        made.review(f"r-{number}", "clinic-1", received_on="2026-01-10")
        made.put("replies", ("one", 0), review_id=f"r-{number}", text="Спасибо.", replied_on=f"2026-01-{10 + days}")
    made.review("r-9", "clinic-4", received_on="2025-05-05")
    with quick_builds():
        made.write()
        assert made.build(made.folder.parent / "output") == 0
        yield current(made.folder.parent / "output")


def test_a_passport_tells_stages_decisions_results_and_plans(site: Path) -> None:
    said = text(site / "assessments/h-2025/index.html")
    assert "Сейчас: планы улучшений. Это этап 6 из 7." in said
    assert "сбор сведений 3 марта 2025 – 2 июня 2025" in said
    assert "планы улучшений с 1 сентября 2025 · идёт сейчас" in said
    assert "завершена впереди" in said
    assert "Решение d-1 1 августа 2025 общественный совет обсуждение Протокол № 4" in said
    assert "План улучшений: выполнено 1 из 2 мер. Просрочено на 7 февраля 2026: 1." in said
    assert "предложения 3" in said
    assert 'aria-current="step"' in (site / "assessments/h-2025/index.html").read_text("utf-8")
    assert "Now: improvement plans" in text(site / "en/assessments/h-2025/index.html")


def test_an_organisation_shows_proposals_beside_measures_and_the_stages(site: Path) -> None:
    said = text(site / "o/70/clinic-1.html")
    assert "Разметить место Нет стоянки Предложение совета: Предложение p-1" in said
    assert "планы улучшений: 1 сентября 2025" in said
    assert "Почему меры нет: Здание закрывают" in text(site / "o/70/clinic-2.html")
    assert "Почему меры нет" not in text(site / "o/70/clinic-3.html")
    told_of = json.loads((site / "o/70/clinic-2.json").read_text("utf-8"))["recommendations"]
    assert [row["recommendation_id"] for row in told_of] == ["p-2"]


def test_a_report_adds_up_what_the_tables_say(site: Path) -> None:
    said = text(site / "reports/70/2025/index.html")
    assert "Балл есть у 4 из 4 организаций" in said
    assert "Планы: выполнено 1 из 2 мер, одна просрочена" in said
    assert "Просрочено — по состоянию на 7 февраля 2026." in said
    assert "Пришла 1 оценка граждан" in said
    assert "Город 3 из 3 1 из 2 1 0 0 —" in said
    assert "Село 1 из 1 — — 1 0 —" in said
    later = text(site / "reports/70/2026/index.html")
    assert "Пришло 3 оценки граждан, на отзывы отвечают за 3 дн." in later
    assert "Баллов за этот год нет" in later
    assert "Томская область 4 из 4 1 из 2 1 1 0 —" in text(site / "reports/all/2025/index.html")
    assert (site / "en/reports/70/2025/index.html").is_file()
    assert not (site / "reports/70/2024").exists()


def test_the_numbers_of_a_report_stand_beside_it_as_a_table(site: Path) -> None:
    with (site / "reports/70/2025/report.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["scope"], row["name"], row["assessment_id"]) for row in rows] == [
        ("sphere", "", "h-2025"),
        ("municipality", "Город", "h-2025"),
        ("municipality", "Село", "h-2025"),
        ("sphere", "", ""),
        ("municipality", "Село", ""),
    ]
    whole = rows[0]
    assert (whole["assessed"], whole["measures"], whole["measures_done"], whole["measures_overdue"]) == (
        "4",
        "2",
        "1",
        "1",
    )
    totals = [score["points"] for score in scores(site) if score["measure"] == "total"]
    mean = sum(map(Decimal, totals)) / len(totals)
    assert Decimal(whole["mean"]) == mean.quantize(Decimal("0.01"), ROUND_HALF_UP)
    with (site / "reports/all/2026/report.csv").open(encoding="utf-8", newline="") as stream:
        assert [(row["ratings"], row["median_days"]) for row in csv.DictReader(stream)] == [("3", "3")]


def scores(site: Path) -> list[dict[str, str]]:
    with (site / "data/one/latest/scores.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_what_has_changed_names_the_indicator_that_should_move(site: Path) -> None:
    page = site / "reports/70/changed/index.html"
    assert "выполнена 1 мера из планов улучшений" in text(page)
    assert re.search(r"Разметить место Нет стоянки Поликлиника «clinic-1» .* 3\.1 .* 20 января 2026", text(page))
    assert 'href="../../../o/70/clinic-1.html#plan"' in page.read_text("utf-8")
    assert "Томская область 1 мера" in text(site / "reports/changed/index.html")


# ---- three kinds of assessment -------------------------------------------------------------------------------------


def build(made: Publication, folder: Path) -> Path:
    made.write()
    assert made.build(folder) == 0
    return current(folder)


def test_only_independent_rounds_enter_ratings(tmp_path: Path) -> None:
    """Departmental and supervisory rounds change nothing but their own pages and those of the organisations in them."""
    with quick_builds():
        made = small_publication(tmp_path / "site")
        without = build(made, tmp_path / "without")
        for kind, seed in (("departmental", 50), ("supervisory", 70)):
            made.assessment(f"other-{kind}", kind=kind, period=2026, title=f"Проверка {kind}")
            for number in range(1, 9):
                made.scores(f"clinic-{number}", f"other-{kind}", seed + number)
        having = build(made, tmp_path / "with")
    for path in (
        *("regions/70/index.html", "regions/70/points.json", "regions/70/aggregates.csv", "spheres/health/70.html"),
        *("spheres/health/index.html", "index.html", "o/70/clinic-1.badge.svg", "o/70/clinic-1.poster.html"),
        *("reports/70/2025/index.html", "reports/all/2025/index.html", "indicators/344n-2018/1.1/index.html"),
    ):
        assert (without / path).exists() == (having / path).exists(), path
        if (without / path).exists():
            assert (without / path).read_bytes() == (having / path).read_bytes(), path
    assert not (having / "reports/70/2026").exists() or "Балл есть" not in text(having / "reports/70/2026/index.html")


def test_rounds_that_are_not_independent_are_shown_by_their_names(tmp_path: Path) -> None:
    with quick_builds():
        made = small_publication(tmp_path / "site")
        made.assessment("other", kind="departmental", period=2026)
        made.scores("clinic-4", "other", 9)
        having = build(made, tmp_path / "output")
    page = text(having / "o/70/clinic-4.html")
    assert "Ведомственная оценка 2026 : " in page
    assert "Их проводит учредитель или надзор; в рейтинг они не входят." in page
    assert "не оценивалась" in page or "Независимая оценка 2024" in page
    passport = text(having / "assessments/other/index.html")
    assert "Это ведомственная оценка" in passport
    assert "ведомственная" in passport
    found = json.loads((having / "o/70/clinic-4.json").read_text("utf-8"))
    assert {item["kind"] for item in found["assessments"]} >= {"departmental"}
    assert all(place["assessment_id"] != "other" for place in found["places"])
    with (having / "regions/70/aggregates.csv").open(encoding="utf-8", newline="") as stream:
        assert {row["assessment_id"] for row in csv.DictReader(stream)} == {"health-2025"}


def test_a_round_that_turns_departmental_leaves_the_ratings(tmp_path: Path) -> None:
    with quick_builds():
        made = small_publication(tmp_path / "site")
        before = text(build(made, tmp_path / "output") / "o/70/clinic-1.html")
        row_of(made, "assessments", "health-2025").update(kind="supervisory")
        after = text(build(made, tmp_path / "output") / "o/70/clinic-1.html")
    assert "Независимая оценка 2025" in before
    assert "Независимая оценка 2025" not in after
    assert "Независимая оценка 2024" in after
    assert "Оценка надзора 2025" in after


# ---- what is made anew ---------------------------------------------------------------------------------------------


def units(output: Path) -> dict[str, str]:
    """Unit to what it was made from, in what is published now."""
    with closing(sqlite3.connect(output.with_name("output.state") / f"units-{current(output).name}.sqlite")) as base:
        return dict(base.execute("SELECT name, inputs FROM units"))


CHANGES: dict[str, tuple[Callable[[Publication], object], set[str]]] = {
    "a decision": (
        lambda made: row_of(made, "decisions", "d-1").update(subject="Утвердить и опубликовать"),
        {"a/h-2025"},
    ),
    "the day of a stage": (
        lambda made: row_of(made, "assessment_stages", "h-2025", "plan").update(started_on="2025-09-03"),
        {"a/h-2025", *(f"o/70/clinic-{number}" for number in range(1, 5))},
    ),
    "the text of a proposal": (
        lambda made: row_of(made, "recommendations", "p-1").update(text="Другое"),
        {"o/70/clinic-1"},
    ),
    "a measure that is done": (
        lambda made: row_of(made, "plan_measures", "m-3").update(status="done", done_on="2026-02-06"),
        {"o/70/clinic-3", "a/h-2025", "t/70/2025", "c/70", "r/70/1"},
    ),
    "a review of this year": (
        lambda made: made.review("r-new", "clinic-2", received_on="2026-02-01"),
        {"o/70/clinic-2", "t/70/2026", "r/70/1", "s/health/70/1", "g/70/29ac06d8"},
    ),
    "a day, on which something is overdue": (
        lambda made: setattr(made, "day", FIRST_DAY + timedelta(days=1)),
        {"o/70/clinic-3", "a/h-2025", "t/70/2025"},
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_makes_anew_what_shows_it_and_nothing_else(tmp_path: Path, name: str) -> None:
    change, expected = CHANGES[name]
    output = tmp_path / "output"
    with quick_builds():
        made = course(tmp_path / "site")
        made.review("r-1", "clinic-1", received_on="2026-01-10")
        build(made, output)
        before = units(output)
        change(made)
        build(made, output)
    after = units(output)
    found = {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
    found -= {
        name for name in found if name.startswith(("x/", "v/", "k/"))
    }  # search, API and feeds have tests of their own
    assert found - {"static", "data", "pages", "sitemap", "build"} == expected


# ---- sums ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 40), max_size=30))
def test_a_median_of_counts_is_that_of_the_numbers(numbers: list[int]) -> None:
    middle = median_of_counts(Counter(numbers))
    assert middle == (Decimal(str(statistics.median(numbers))) if numbers else None)


def test_reports_of_municipalities_add_up_to_their_region(demonstration_output: Path) -> None:
    """Of the demonstration region, whose organisations all have a municipality; and both to what the tables say."""
    output = demonstration_output
    with Warehouse(output.with_name("output.state") / "warehouse.sqlite") as store:
        whole, parts = store.course_rounds(region_code="00"), store.course_rounds(scope="municipality")
        years, year_parts = store.course_years(), store.course_years(scope="municipality")
    for numbers in ("organizations", "assessed", "total", "recommendations", "done", "standing"):
        sums = [Counter[str](), Counter[str]()]
        for place, rows in zip(sums, (whole, parts), strict=True):
            for row in rows:
                place[row.assessment_id] += getattr(row, numbers)
        assert sums[0] == sums[1], numbers
    assert sum(sum(row.days.values()) for row in years) == sum(row.replies for row in year_parts)
    hidden = {row["organization_id"] for row in table("organizations") if row["status"] != "published"}
    shown = [row for row in table("plan_measures") if row["organization_id"] not in hidden]
    assert sum(row.done for row in whole) == sum(row["status"] == "done" for row in shown)
    assert sum(row.standing for row in whole) == sum(row["status"] != "cancelled" for row in shown)
    reviews = [row for row in table("reviews") if row["organization_id"] not in hidden]
    assert sum(row.ratings for row in years) == sum(row["reason_code"] != "set_aside" for row in reviews)


def table(name: str) -> list[dict[str, str]]:
    with (ROOT / f"data_packages/demo/{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


ROUNDS = st.fixed_dictionaries(
    {},
    optional={
        name: st.tuples(
            st.integers(0, 1),
            st.sampled_from([None, 0, 40 * SCALE, 100 * SCALE]),
            st.integers(0, 2),
            st.integers(0, 1),
            st.integers(0, 2),
            st.dictionaries(st.sampled_from(["2026-01-01", "2026-03-01"]), st.integers(1, 2), max_size=2),
        )
        for name in ("h-2024", "h-2025")
    },
)
YEARS = st.dictionaries(
    st.sampled_from(["2024", "2025"]),
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.dictionaries(st.sampled_from("19"), st.just(1), max_size=1)),
    max_size=2,
)
TOLD = st.tuples(
    st.sampled_from(["", "Томск", "Северск"]),
    st.fixed_dictionaries(
        {"rounds": ROUNDS, "years": YEARS, "done": st.dictionaries(st.just("2025-05-05"), st.just(1), max_size=1)}
    ).map(json.dumps),
)
LIMITS = {"h-2025": (20 * SCALE, 60 * SCALE, 100 * SCALE)}


def course_of(tallies: Iterable[tuple[str, str]]) -> sqlite3.Connection:
    """A store that holds these organisations of one sphere of a region, and what they add up to."""
    base = sqlite3.connect(":memory:")
    base.executescript(TABLES)
    base.execute("CREATE TABLE organizations (key INTEGER PRIMARY KEY, region_code, sphere, municipality, hidden)")
    for key, (municipality, tally) in enumerate(tallies):
        base.execute("INSERT INTO organizations VALUES (?, '70', 'health', ?, 0)", (key, municipality))
        base.execute("INSERT INTO courses VALUES (?, ?)", (key, tally))
    store_course(base, derive_course(base, "70", "health", LIMITS))
    return base


@settings(max_examples=400)
@given(st.lists(TOLD, max_size=4), st.lists(TOLD, max_size=2), st.lists(TOLD, max_size=2))
def test_what_is_added_and_taken_gives_what_is_added_up_anew(
    stay: list[tuple[str, str]], go: list[tuple[str, str]], come: list[tuple[str, str]]
) -> None:
    with closing(course_of([*stay, *go])) as before, closing(course_of([*stay, *come])) as after:
        found = change_course(before, "70", "health", LIMITS, go, come)
        assert found in (None, derive_course(after, "70", "health", LIMITS))


def test_a_sphere_is_followed_unless_somebody_was_the_last_of_a_row() -> None:
    one = ("Томск", json.dumps({"rounds": {"h-2025": [1, 40 * SCALE, 0, 0, 0, {}]}, "years": {}, "done": {}}))
    two = ("Томск", json.dumps({"rounds": {"h-2025": [1, 80 * SCALE, 0, 0, 0, {}]}, "years": {}, "done": {}}))
    with closing(course_of([one, one])) as base:
        assert change_course(base, "70", "health", LIMITS, [one], [two]) is not None
        assert change_course(base, "70", "health", LIMITS, [one, one], []) is None
        assert change_course(base, "77", "health", LIMITS, [], [two]) is None, "nothing is stored of it"
