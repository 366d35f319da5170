"""Rating lists: who stands in them, in which order, with which words, and the same as a table; seen in a build."""

import csv
import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.property.small_publication import Publication, current, quick_builds, units

STATES = {"exempt": "исключение", "too_few": "мало ответов", "no_data": "нет данных", "not_assessed": "не оценивалась"}


@pytest.fixture(autouse=True, scope="module")
def quickly() -> Iterator[None]:
    with quick_builds():
        yield


def publication(folder: Path) -> Publication:
    """Two rounds of clinics: fourteen with points, two of them alike, and one in each state; a hospital alone."""
    made = Publication(folder)
    made.config |= {"languages": ["ru", "en"], "organizations_per_page": 10}
    for year in (2024, 2025):
        made.assessment(f"h-{year}", period=year, title=f"Оценка {year} <года>")
    for number in range(1, 15):
        made.organization(f"c-{number}", short_name=f"Клиника № {number}")
        made.scores(f"c-{number}", "h-2025", number % 13)
    made.scores("c-1", "h-2024", 3)
    for state in STATES:
        one = state.replace("_", "-")
        made.organization(one)
        made.put("scores", ("one", 0), organization_id=one, assessment_id="h-2025", measure="total", state=state)
    made.organization("hospital", kind="hospital", short_name="=1+1")
    made.scores("hospital", "h-2025", 4)
    made.organization("later")
    return made


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Publication, Path]:
    folder = tmp_path_factory.mktemp("ratings")
    made = publication(folder / "site")
    made.write()
    assert made.build(folder / "output") == 0
    return made, folder / "output"


@pytest.fixture
def lists(built: tuple[Publication, Path]) -> Path:
    return current(built[1]) / "ratings/70"


def table(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in csv.reader(text)]


def shown(page: Path) -> list[list[str]]:
    """The cells of the table of a page, its headings first."""
    whole = page.read_text("utf-8").partition("</caption>")[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", whole, re.DOTALL)
    return [
        [
            html.unescape(re.sub(r"<[^>]+>", "", cell))
            .replace("\N{NO-BREAK SPACE}", " ")
            .replace("\N{SOFT HYPHEN}", "")
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
        ]
        for row in rows
    ]


@pytest.mark.parametrize("name", ["h-2025/clinic", "h-2025/clinic.2", "h-2024/clinic", "h-2025/hospital"])
@pytest.mark.parametrize("language", ["", "en/"])
def test_the_file_has_exactly_the_rows_and_columns_of_the_page(lists: Path, name: str, language: str) -> None:
    page = lists.parents[1] / f"{language}ratings/70/{name}.html"
    assert table(page.with_name(page.name.replace(".html", ".csv"))) == shown(page)
    assert len(shown(page)) > 1


def test_places_are_dense_and_equals_stand_by_name(lists: Path) -> None:
    rows = [*table(lists / "h-2025/clinic.csv")[1:], *table(lists / "h-2025/clinic.2.csv")[1:]]
    points = [row[3] for row in rows if row[3]]
    places = [int(row[2].split()[0]) for row in rows if row[2]]
    assert points == sorted(points, reverse=True)
    assert places == [sorted(set(points), reverse=True).index(one) + 1 for one in points]
    assert [row[0] for row in rows if row[3] == next(row[3] for row in rows if row[0] == "Клиника № 1")] == [
        "Клиника № 1",
        "Клиника № 14",
    ]


def test_states_stand_last_with_their_words_and_are_no_zeros(lists: Path) -> None:
    rows = table(lists / "h-2025/clinic.2.csv")[-4:]
    assert sorted(row[4] for row in rows) == sorted(STATES.values())
    assert {text for row in rows for text in (*row[2:4], *row[5:])} == {""}


def test_a_list_leads_to_other_years_and_kinds_and_says_who_was_left_out(lists: Path) -> None:
    page = (lists / "h-2025/clinic.html").read_text("utf-8")
    assert '<b aria-current="page">2025</b>' in page
    assert 'href="../../../ratings/70/h-2024/clinic.html"' in page
    assert 'href="../../../ratings/70/h-2025/hospital.html"' in page
    assert "Ещё 1 организация этого вида в эту оценку не попала." in page
    assert "Оценка 2025 &lt;года&gt;" in page
    assert '"../../ratings/70/h-2025/clinic.html"' in (lists.parents[1] / "o/70/c-3.html").read_text("utf-8")


def test_every_list_can_be_reached_from_the_foot_of_any_page(lists: Path) -> None:
    site = lists.parents[1]
    for at, href in (
        ("about/about.html", "../ratings/"),
        ("ratings/index.html", "../ratings/70/"),
        ("ratings/70/index.html", "../../ratings/70/h-2024/clinic.html"),
        ("spheres/health/70.html", "../../ratings/70/"),
        ("regions/70/index.html", "../../ratings/70/"),
    ):
        assert f'href="{href}"' in (site / at).read_text("utf-8"), at
    for name in ("near", "compare", "favourites"):
        assert f'href="../{name}/"' in (site / "about/about.html").read_text("utf-8")


def test_another_name_makes_no_list_anew_that_it_does_not_stand_in(built: tuple[Publication, Path]) -> None:
    made, output = built
    state = output.with_name("output.state")
    before = units(state, current(output))
    made.rows("organizations")[2]["short_name"] = "Клиника № 33"
    made.write()
    assert made.build(output) == 0
    after = units(state, current(output))
    anew = {name for name, (inputs, _) in after.items() if name[0] == "j" and before[name][0] != inputs}
    assert anew in ({"j/70/h-2025/clinic/1"}, {"j/70/h-2025/clinic/2"})


PENALTIES = """id: penalties
title: Штрафы
source: Правила
measures:
  - {id: total, role: total, title: Штраф, maximum: 100, better: lower}
"""


def test_a_list_of_penalties_begins_with_the_fewest(tmp_path: Path) -> None:
    made = Publication(tmp_path / "site")
    (tmp_path / "site/content/methods/penalties.yaml").write_text(PENALTIES, "utf-8")
    made.assessment("f-2025", method_id="penalties")
    for number, points in enumerate((20, 0, 10)):
        made.organization(f"c-{number}", kind="")
        cells = {"measure": "total", "points": points, "state": "scored"}
        made.put("scores", ("one", 0), organization_id=f"c-{number}", assessment_id="f-2025", **cells)
    made.write()
    assert made.build(tmp_path / "output") == 0
    rows = table(current(tmp_path / "output") / "ratings/70/f-2025/_.csv")
    assert [row[2:4] for row in rows[1:]] == [["1", "0,00"], ["2", "10,00"], ["3", "20,00"]]
