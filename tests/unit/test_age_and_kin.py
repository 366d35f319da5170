"""How old an assessment is, and who came before and after an organisation: seen on the pages of a build."""

import html
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.property.small_publication import Publication, current, holders, quick_builds, tree


@pytest.fixture(autouse=True, scope="module")
def quickly() -> Iterator[None]:
    with quick_builds():
        yield


def publication(folder: Path) -> Publication:
    """Clinics that were assessed in different years, and a chain of mergers."""
    made = Publication(folder)
    for year in (2019, 2022, 2023, 2025):
        made.assessment(f"h-{year}", period=year)
        made.organization(f"of-{year}")
        made.scores(f"of-{year}", f"h-{year}", year % 10)
    made.organization("closed", closed_on="2020-01-31")
    made.scores("closed", "h-2019", 3)
    for name, points in {"poor": (10, 4, 0, 12, 9), "fine": (94, 98, 90, 99, 91)}.items():
        made.organization(name, region_code="77")
        for measure, value in zip(("K1", "K2", "K3", "K4", "K5", "total"), (*points, sum(points) / 5), strict=True):
            of = {"organization_id": name, "assessment_id": "h-2025", "state": "scored", "respondents": 100}
            made.put("scores", ("one", 0), **of, measure=measure, points=value)
    made.organization("spared")
    made.scores("spared", "h-2023", 5)
    of = {"organization_id": "spared", "assessment_id": "h-2025"}
    made.put("scores", ("one", 0), **of, measure="total", state="exempt")
    for number, (indicator, status) in enumerate((("2.1", "planned"), ("2.3", "done"), ("1.1", "planned"))):
        done = {"done_on": "2026-01-31"} if status == "done" else {}
        made.plan_measure(
            f"m-{number}", "of-2025", "h-2025", indicator=indicator, status=status, due_on="2028-01-01", **done
        )
    return made


def merged(folder: Path) -> Publication:
    """`first` and then `second` went on as others, until `heir`, which `other` came to as well."""
    made = Publication(folder)
    made.config["languages"] = ["ru", "en"]
    made.assessment("h-2023", period=2023)
    made.assessment("h-2025")
    made.organization("heir", name="Поликлиника-наследница")
    made.organization("first", closed_on="2023-12-31", successor_organization_id="second")
    made.organization("second", "two", region_code="77", closed_on="2024-08-31", successor_organization_id="heir")
    made.organization("other", closed_on="2024-09-01", successor_organization_id="heir", name="Б <b>& «Д»")
    made.scores("heir", "h-2025", 1)
    for number, one in enumerate(("first", "second", "other"), start=2):
        made.scores(one, "h-2023", number, "two" if one == "second" else "one")
    for number in range(12):
        made.review(f"r-{number}", "other", rating=2)
    return made


def build(made: Publication, folder: Path) -> Path:
    made.write()
    assert made.build(folder) == 0
    return current(folder)


def text_of(page: Path) -> str:
    """What a page says, without its tags."""
    told = re.sub(r"<[^>]+>", " ", page.read_text("utf-8"))
    return re.sub(r"\s+", " ", html.unescape(told).replace("\N{NO-BREAK SPACE}", " "))


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Publication, Path]:
    folder = tmp_path_factory.mktemp("aged")
    made = publication(folder / "site")
    build(made, folder / "output")
    return made, folder / "output"


@pytest.mark.parametrize(
    ("organization_id", "said", "is_overdue"),
    [
        ("of-2025", "Оценивалась 1 год назад.", False),
        ("of-2023", "Оценивалась 3 года назад.", False),
        ("of-2022", "Оценивалась 4 года назад. Оценка просрочена: её проводят не реже раза в 3 года.", True),
        ("of-2019", "Оценивалась 7 лет назад.", True),
        ("closed", "Оценивалась 7 лет назад.", False),
        ("spared", "Последний балл — за 2023 год, 3 года назад.", False),
    ],
)
def test_a_page_says_how_old_its_assessment_is(
    aged: tuple[Publication, Path], organization_id: str, said: str, is_overdue: bool
) -> None:
    page = text_of(current(aged[1]) / f"o/70/{organization_id}.html")
    assert said in page
    assert ("Оценка просрочена" in page) == is_overdue


def test_lists_say_it_too(aged: tuple[Publication, Path]) -> None:
    for name in ("regions/70/index.html", "spheres/health/70.html"):
        page = text_of(current(aged[1]) / name)
        assert "4 года назад, просрочена" in page
        assert "3 года назад, просрочена" not in page
        assert page.count("просрочена") == 2
        assert "Закрыта 31 января 2020" in page


def test_a_page_names_both_sides_before_the_one_number(aged: tuple[Publication, Path]) -> None:
    page = text_of(current(aged[1]) / "o/70/of-2025.html")
    sides = "Сильная сторона — доступность (94,00), слабое место — комфортность (57,00)."
    assert page.index(sides) < page.index("78,00", page.index("Сравнить"))
    assert page.count("Самый сильный критерий.") == page.count("Самый слабый критерий.") == 1
    assert "О чём он: удобно ли получать услугу" in page
    assert "В плане улучшений для него 2 меры, выполнено: 1." in page


def test_nothing_is_called_strong_or_weak_where_all_is_alike(aged: tuple[Publication, Path]) -> None:
    for name, said in {
        "poor": "Выше всего доброжелательность (12,00), ниже всего доступность (0,00).",
        "fine": "Выше всего доброжелательность (99,00), ниже всего доступность (90,00).",
    }.items():
        page = text_of(current(aged[1]) / f"o/77/{name}.html")
        assert said in page
        assert "Сильная сторона" not in page


def test_history_has_the_rounds_that_gave_no_points(aged: tuple[Publication, Path]) -> None:
    page = (current(aged[1]) / "o/70/spared.html").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
    table = page.split('id="history"', 1)[1].split("<tbody>", 1)[1].split("</table>", 1)[0]
    rows = [re.sub(r"(<[^>]+>|\s*\n)+", "|", row).strip("|") for row in table.split("<tr>")[1:]]
    assert [row.split("|")[0] for row in rows] == ["2025", "2023"]
    assert [row.split("|")[1] for row in rows] == ["исключение", "78,00"]


def test_a_method_whose_act_names_no_gap_has_nothing_overdue(tmp_path: Path) -> None:
    made = publication(tmp_path / "site")
    file = tmp_path / "site/content/methods/344n-2018.yaml"
    file.write_text(file.read_text("utf-8").replace("longest_gap_years: 3\n", ""), "utf-8")
    page = build(made, tmp_path / "output") / "o/70/of-2019.html"
    assert "Оценивалась 7 лет назад." in text_of(page)
    assert "просрочена" not in text_of(page)


def test_pages_grow_older_when_a_year_begins_and_on_no_other_day(aged: tuple[Publication, Path]) -> None:
    made, output = aged
    before = tree(current(output) / "o")
    made.day = date(2026, 12, 31)
    assert made.build(output) == 0
    assert tree(current(output) / "o") == before
    made.day = date(2027, 1, 1)
    assert made.build(output) == 0
    assert "Оценивалась 4 года назад. Оценка просрочена" in text_of(current(output) / "o/70/of-2023.html")


# ---- predecessors and successors -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chain")
    return build(merged(folder / "site"), folder / "output")


def test_a_closed_organisation_keeps_its_page_and_names_who_goes_on(chain: Path) -> None:
    first, second = (text_of(chain / f"o/{place}.html") for place in ("70/first", "77/second"))
    assert "Организация закрыта 31 декабря 2023." in first
    order = "Её работу продолжали, по порядку: Поликлиника «second» Закрыта 31 августа 2024 Поликлиника-наследница"
    assert order in first
    assert "Её работу продолжает: Поликлиника-наследница" in second
    assert 'href="../../o/77/second.html"' in (chain / "o/70/first.html").read_text("utf-8")
    assert "Оценить" not in (chain / "o/70/first.html").read_text("utf-8")


def test_what_is_inherited_stands_apart_from_what_is_its_own(chain: Path) -> None:
    page = text_of(chain / "o/70/heir.html")
    own, inherited = page.split("Вместо 3 прежних организаций", 1)[0], page.rsplit("Вместо 3 прежних организаций", 1)[1]
    rows = inherited.split("не входят.", 1)[1]
    assert [rows.index(name) for name in ("Б <b>& «Д»", "«second»", "«first»")] == sorted(
        rows.index(name) for name in ("Б <b>& «Д»", "«second»", "«first»")
    )
    points = re.findall(r"\d\d,\d\d", rows)
    assert len(points) == 3
    assert not [one for one in points if one in own]
    assert "2,0 · 12 оценок" in rows
    assert '"ratings":{"count":0' in (chain / "o/70/heir.json").read_text("utf-8").replace(" ", "")
    assert "In place of 3 former organisations" in text_of(chain / "en/o/70/heir.html")


def test_another_score_of_a_predecessor_makes_the_page_of_its_successor_anew(tmp_path: Path) -> None:
    made = merged(tmp_path / "site")
    build(made, tmp_path / "output")
    for row in made.rows("scores"):
        if (row["organization_id"], row["measure"]) == ("first", "total"):
            row["points"] = "12.34"
    shown = build(made, tmp_path / "output")
    assert "12,34" in text_of(shown / "o/70/heir.html")
    made.drop("organizations", organization_id="first")
    assert "Вместо 2 прежних организаций" in text_of(build(made, tmp_path / "output") / "o/70/heir.html")


def test_a_draft_successor_keeps_back_who_points_to_it_and_is_named_nowhere(tmp_path: Path) -> None:
    made = merged(tmp_path / "site")
    made.rows("organizations")[0]["status"] = "draft"
    made.organization("stays")
    shown = build(made, tmp_path / "output")
    assert holders(shown, "наследница") == []
    assert not list(shown.glob("o/*/first*"))
    assert (shown / "o/70/stays.html").exists()


def test_search_knows_that_an_organisation_is_closed(chain: Path) -> None:
    records = "".join(file.read_text("utf-8") for file in chain.glob("search/r/*.json"))
    assert records.count('"2024-09-01"') == 1
    facts = (chain / "search/index.html").read_text("utf-8")
    assert '"year":2026' in facts
    assert '"gap":3' in facts
