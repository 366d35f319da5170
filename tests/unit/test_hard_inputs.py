"""What registers really hold, through a build: endless names, names from right to left, many at one point."""

import json
import re
from pathlib import Path

import html5lib
import pytest

from tests.property.small_publication import Publication, current, quick_builds

LONG = "Муниципальное бюджетное учреждение " + "«Дом» " * 60
UNBROKEN = "Ъ" * 300
FROM_THE_RIGHT = "\u202eمدرسة 12\u202c \u05d0\u05d1 Школа"
AT_ONE_POINT = 40


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("hard"), AT_ONE_POINT)


def build(folder: Path, at_one_point: int) -> Path:
    made = Publication(folder / "site")
    made.config["organizations_per_page"] = 200
    made.assessment("h-2025")
    made.assessment("s-2025", sphere="sport")
    for name, title in (("long", LONG[:400]), ("unbroken", UNBROKEN), ("right", FROM_THE_RIGHT)):
        made.organization(name, name=title, closed_on="2025-01-31" if name == "right" else "")
        made.scores(name, "h-2025", len(name))
        made.review(f"r-{name}", name, text=title)
    made.organization("nowhere", latitude="", longitude="", municipality="", short_name="Нигде")
    made.organization("alone", sphere="sport", kind="sport_school", successor_organization_id="long")
    made.scores("alone", "s-2025", 1)
    made.organization("unscored", "two", region_code="77")
    for number in range(at_one_point):
        made.organization(f"p-{number}", "three", region_code="zz", latitude="60.5", longitude="60.5")
    made.write()
    with quick_builds():
        assert made.build(folder / "output") == 0
    return current(folder / "output")


def test_every_page_of_hard_names_is_a_whole_document(site: Path) -> None:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    pages = [f"o/70/{name}.html" for name in ("long", "unbroken", "right", "nowhere", "alone")]
    pages += ["ratings/70/h-2025/clinic.html", "ratings/70/s-2025/sport_school.html", "ratings/70/index.html"]
    pages += ["regions/70/index.html", "spheres/sport/70.html", "regions/77/index.html", "ratings/77/index.html"]
    for page in pages:
        parser.parse((site / page).read_text("utf-8"))


def test_hard_names_stand_whole_where_they_belong(site: Path) -> None:
    assert FROM_THE_RIGHT in (site / "o/70/right.html").read_text("utf-8")
    assert UNBROKEN in (site / "ratings/70/h-2025/clinic.csv").read_text("utf-8")
    for name in ("long", "unbroken", "right"):
        assert len((site / f"o/70/{name}.atom").read_bytes()) <= 6000


def check_one_point(site: Path, number: int) -> None:
    """All of them are on the map of their region and in the files of "near me"."""
    points = json.loads((site / "regions/zz/points.json").read_text("utf-8"))
    assert number in {len(column) for column in points.values() if isinstance(column, list)}
    rows = [row for file in (site / "near/n").glob("*.json") for row in json.loads(file.read_text("utf-8"))]
    assert sum(row[1] == "zz" for row in rows) == number


def test_all_at_one_point_are_on_the_map_and_near(site: Path) -> None:
    check_one_point(site, AT_ONE_POINT)


@pytest.mark.scale
def test_a_thousand_at_one_point_are_on_the_map_and_near(tmp_path: Path) -> None:
    check_one_point(build(tmp_path, 1000), 1000)


def test_who_has_no_place_is_in_lists_and_not_on_the_map(site: Path) -> None:
    assert "Нигде" in (site / "regions/70/index.html").read_text("utf-8")
    assert "nowhere" not in (site / "regions/70/points.json").read_text("utf-8")


def test_a_region_without_scores_says_so(site: Path) -> None:
    page = (site / "ratings/77/index.html").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert "Рейтингов пока нет" in page
    assert not list((site / "ratings/77").glob("*/*"))
    assert "не оценивалась" in (site / "o/77/unscored.html").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")


def test_one_organisation_of_a_sphere_has_the_first_place_and_nobody_beside_it(site: Path) -> None:
    page = (site / "ratings/70/s-2025/sport_school.html").read_text("utf-8")
    assert len(re.findall("<tr>", page)) == 2
    assert "Других оценённых" in (site / "o/70/alone.html").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert "В списке 1" in page.replace("\N{NO-BREAK SPACE}", " ")
