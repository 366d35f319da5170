"""Official appeals in numbers: what is refused, what is shown beside reviews and never with them, what is added up."""

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import pytest

import publish
from nok.packages.check import Terms, check_packages
from tests.unit.validation_support import Check, Factory, checker

CLINIC = {"organization_id": "clinic-1", "period": 2025, "received": 10, "answered": 8, "median_days": 12, "overdue": 3}


@pytest.fixture
def told(package_factory: Factory) -> Callable[..., Path]:
    """A package whose first clinic tells of its appeals; the cells given are not those of `CLINIC`."""

    def write(*rows: dict[str, object]) -> Path:
        tables = {"appeal_statistics": [CLINIC | row for row in rows]}
        return package_factory(organizations=3, reviews=1, tables=tables)

    return write


@pytest.fixture
def check_package(tmp_path: Path) -> Check:
    return checker(tmp_path)


@pytest.mark.parametrize(
    ("cells", "column", "rule", "message"),
    [
        ({"answered": 11}, "answered", "appeals-answered", "отвечено на 11, а поступило 10"),
        ({"overdue": 11}, "overdue", "appeals-overdue", "просрочено 11, а поступило 10"),
        ({"period": 2027}, "period", "future-year", "год 2027 ещё не наступил: сейчас 2026"),
        (
            {"answered": 0},
            "median_days",
            "appeals-median",
            "указан срок ответа, 12, а отвеченных обращений нет",
        ),
    ],
)
def test_numbers_that_cannot_be_are_named(
    told: Callable[..., Path], check_package: Check, cells: dict[str, object], column: str, rule: str, message: str
) -> None:
    report = check_package(told(cells))
    assert report.code == 2
    (problem,) = report.problems
    assert (problem["file"], problem["row"], problem["column"]) == ("appeal_statistics.csv", 2, column)
    assert (problem["rule"], problem["message"]) == (rule, message)


def test_nothing_received_and_nothing_told_are_right(told: Callable[..., Path], check_package: Check) -> None:
    empty = {"received": 0, "answered": 0, "median_days": "", "overdue": ""}
    report = check_package(told({"period": 2026}, empty | {"period": 2024}))
    assert (report.code, report.problems) == (0, [])


def test_both_readers_agree_about_appeals(
    told: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader of columns never takes for clean what the exact one refuses, nor the other way; 60 random tables."""
    random, terms = Random(1), Terms(methods={}, regions=(), today=date(2026, 2, 7))
    seen: set[bool] = set()
    for turn in range(60):
        rows = [
            {
                "period": period,
                "received": (received := random.randint(0, 9)),
                "answered": random.randint(0, max(received, 0)) + (random.randint(0, 40) == 0),
                "median_days": random.choice(("", "", "3", "12.5")),
                "overdue": random.choice(("", "0", "2")),
            }
            for period in range(2026, 2023 - random.randint(0, 2), -1)
        ]
        folder = told(*rows)
        found = []
        for least in (0, 1 << 40):
            monkeypatch.setattr("nok.packages.table.LEAST_BYTES_FOR_COLUMNS", least)
            problems = check_packages([folder], terms, tmp_path / f"{turn}-{least}").problems
            found.append([one for one in problems if one.where.file == "appeal_statistics.csv"])
        assert found[0] == found[1]
        seen.add(bool(found[0]))
    assert seen == {True, False}


# ---- pages and files -------------------------------------------------------------------------------------------------


@pytest.fixture
def site(package_factory: Factory, tmp_path: Path) -> Path:
    """Three clinics: two tell of appeals, one of them does not say what was overdue; one has a channel."""
    rows = [
        CLINIC,
        CLINIC | {"period": 2024, "received": 4, "answered": 4, "median_days": 7.5, "overdue": 0},
        CLINIC | {"organization_id": "clinic-2", "received": 1, "answered": 0, "median_days": "", "overdue": ""},
    ]
    folder = package_factory(organizations=3, reviews=1, tables={"appeal_statistics": rows})
    file = folder / "organizations.csv"
    lines = file.read_text("utf-8").splitlines()
    channels = ["appeals_url", "https://clinic-1.example/obrashcheniya", "", "javascript:alert(1)"]
    file.write_text("".join(f"{line},{channel}\n" for line, channel in zip(lines, channels, strict=True)), "utf-8")
    output = tmp_path / "output"
    assert publish.main(["build", "--packages", str(folder), "--output", str(output)]) == 0
    return output / "current"


def page_of(site: Path, name: str) -> str:
    return (site / f"o/70/{name}.html").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")


def test_a_page_tells_of_appeals_apart_from_reviews(site: Path) -> None:
    page = page_of(site, "clinic-1")
    block = page[page.index('id="appeals"') : page.index("</section>", page.index('id="appeals"'))]
    assert "<dt>2025</dt><dd>поступило 10, отвечено 8, просрочено 3, медиана ответа 12 дн.</dd>" in block
    assert "<dt>2024</dt><dd>поступило 4, отвечено 4, просрочено 0, медиана ответа 7,5 дн.</dd>" in block
    assert block.index("2025") < block.index("2024")
    assert "Обращение — не отзыв" in block
    assert '<a href="https://clinic-1.example/obrashcheniya">Куда обратиться</a>' in block
    assert "<dt>2025</dt><dd>поступило 1, отвечено 0</dd>" in page_of(site, "clinic-2")


def test_a_channel_that_no_link_may_open_is_not_one(site: Path) -> None:
    page = page_of(site, "clinic-3")
    assert "javascript:" not in page and 'id="appeals"' not in page


def test_appeals_stand_in_the_json_and_count_in_no_rating(site: Path) -> None:
    found = json.loads((site / "o/70/clinic-1.json").read_text("utf-8"))
    assert [row["received"] for row in found["appeal_statistics"]] == ["4", "10"]
    assert found["ratings"]["count"] == 1
    assert found["organization"]["appeals_url"] == "https://clinic-1.example/obrashcheniya"


def test_a_region_adds_appeals_up_by_sphere_and_year(site: Path) -> None:
    rows = list(csv.DictReader((site / "regions/70/appeals.csv").read_text("utf-8").splitlines()))
    said = [[row[name] for name in ("sphere", "period", "organizations", "received", "answered")] for row in rows]
    assert said == [["health", "2024", "1", "4", "4"], ["health", "2025", "2", "11", "8"]]
    assert [(row["overdue"], row["overdue_told"]) for row in rows] == [("0", "1"), ("3", "1")]
    assert json.loads((site / "regions/70/appeals.json").read_text("utf-8"))["appeals"][1]["received"] == 11
    page = (site / "regions/70/index.html").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert "3, по данным 1" in page and 'href="../../regions/70/appeals.csv"' in page
