"""Pages of who stands behind an assessment, as a build publishes them; what is not published stands in no file."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import publish
from nok.render.cabinet import ROSTER_COLUMNS, SECTIONS
from tests.unit.record_support import (
    AUTHORITY,
    CAMPAIGN,
    CONTRACT,
    COUNCIL,
    ITEM,
    OFFICIAL,
    OPERATOR,
    ROSTER,
    listed,
    record_tables,
)

Factory = Callable[..., Path]
SECRET = "канарейка"


def build(output: Path, *packages: Path) -> int:
    arguments = [argument for package in packages for argument in ("--packages", str(package))]
    return publish.main(["build", *arguments, "--output", str(output), "--jobs", "1"])


def text_of(file: Path) -> str:
    """What a reader sees of a page, without tags and no-break spaces."""
    page = file.read_text("utf-8").partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page))).replace("\u00a0", " ")


def lines_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8"), newline="")))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package with everybody published beside twins that are not."""
    from tests import conftest

    folder = tmp_path_factory.mktemp("parties")
    secret: dict[str, Any] = {"name": SECRET, "status": "draft"}
    tables = record_tables(
        authorities=[AUTHORITY, AUTHORITY | secret | {"authority_id": "a-draft"}],
        officials=[
            OFFICIAL,
            OFFICIAL | {"official_id": "o-2", "post": SECRET, "status": "withheld"},
            OFFICIAL | {"official_id": "o-3", "post": SECRET, "authority_id": "a-draft"},
        ],
        operators=[OPERATOR, OPERATOR | secret | {"operator_id": "op-draft", "short_name": SECRET}],
        councils=[COUNCIL, COUNCIL | secret | {"council_id": "c-draft", "council_code": "026900000009"}],
        contracts=[
            CONTRACT,
            CONTRACT | {"contract_id": "k-draft", "number": SECRET, "status": "draft"},
            CONTRACT | {"contract_id": "k-of-draft", "number": SECRET, "operator_id": "op-draft"},
        ],
        contract_items=[ITEM, ITEM | {"contract_id": "k-draft", "name": SECRET}],
        campaigns=[CAMPAIGN, CAMPAIGN | secret | {"campaign_id": "camp-draft", "name_en": SECRET}],
        rosters=[ROSTER, ROSTER | {"roster_id": "r-draft", "period": "2024", "act": SECRET, "status": "draft"}],
        roster_organizations=[
            listed("clinic-1"),
            listed("clinic-2", is_unpublished="true", reason=SECRET),
            listed("clinic-3", "not_assessed", reason="Оценена в 2024 году"),
            listed("clinic-1", "not_assessed", reason=SECRET, roster_id="r-draft"),
        ],
    )
    every = {**conftest.valid_tables(3, 1), **tables}
    conftest._write_tables(folder / "package", every)
    conftest._write_descriptor(folder / "package", "demo", list(every), {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1770422400")
        assert build(folder / "output", folder / "package") == 0
    return folder / "output" / "current"


def test_an_authority_shows_what_it_ordered_and_who_answers(site: Path) -> None:
    text = text_of(site / "authorities/tomsk-health/index.html")
    for said in (
        "Департамент здравоохранения Томской области",
        "региональный",
        "Томская область",
        "Оценка поликлиник, 2025",
        "№ 12/2025",
        "ООО «Медведь»",
        "150 000,00",
        "Начальник отдела качества",
        "Общественный совет по независимой оценке",
        "2025 год",
    ):
        assert said in text.replace("\u202f", " "), said


def test_an_operator_shows_its_contracts_line_by_line(site: Path) -> None:
    page = (site / "operators/medved/index.html").read_text("utf-8")
    text = text_of(site / "operators/medved/index.html").replace("\u202f", " ")
    assert "Что куплено по контракту № 12/2025" in text
    assert "Сбор сведений 50 000,00 3 150 000,00" in text
    assert "Всего 150 000,00 ₽" in text
    assert 'href="../../assessments/health-2025/"' in page
    assert 'href="https://medved.example/"' in page


def test_a_council_shows_declared_and_computed_shares(site: Path) -> None:
    text = text_of(site / "councils/os-tomsk/index.html")
    assert "Приказ № 77 от 1 марта 2024" in text
    assert "026900000001" in text
    assert "2025 год Здравоохранение 3 2 1 66,7 % 66,7 %" in text


def test_a_list_shows_who_is_assessed_and_how_many_are_kept_back(site: Path) -> None:
    text = text_of(site / "rosters/r-2025/index.html")
    assert "Поликлиника № 1" in text and "Поликлиника № 3" in text
    assert "Поликлиника № 2" not in text
    assert "Из них не подлежат публикации 1" in text
    assert "не оценивается Оценена в 2024 году" in text
    rows = lines_of(site / "rosters/r-2025/organizations.csv")
    assert list(rows[0]) == list(ROSTER_COLUMNS)
    assert [(row["Идентификатор"], row["Оценка проводится"]) for row in rows] == [
        ("clinic-1", "true"),
        ("clinic-3", "false"),
    ]


def test_a_share_that_does_not_agree_is_said_in_words(package_factory: Factory, tmp_path: Path) -> None:
    tables = record_tables(rosters=[ROSTER | {"declared_share": "70"}])
    assert build(tmp_path / "output", package_factory(reviews=0, tables=tables)) == 0
    for page in ("councils/os-tomsk/index.html", "rosters/r-2025/index.html"):
        text = text_of(tmp_path / "output/current" / page)
        assert "70 %" in text and "66,7 %" in text
        assert "Не сходится с объявленной" in text


def test_sections_of_the_cabinet_hold_the_same_facts(site: Path) -> None:
    folder = site / "authorities/tomsk-health/cabinet"
    assert {file.stem for file in folder.iterdir()} == set(SECTIONS)
    (operator,) = lines_of(folder / "operators.csv")
    assert (operator["Сокращённое наименование"], operator["ОКФС"]) == ("ООО «Медведь»", "16")
    (contract,) = lines_of(folder / "contracts.csv")
    assert contract["ИНН оператора"] == OPERATOR["inn"]
    assert contract["Цена контракта, руб."] == "150000.00"
    (item,) = lines_of(folder / "contract-items.csv")
    assert (item["Номер контракта"], item["Сумма"]) == ("12/2025", "150000.00")
    (roster,) = lines_of(folder / "rosters.csv")
    assert roster["Удельный вес, %"] == "66.7"
    assert roster["Количество организаций, включённых в перечень"] == "2"


def test_what_is_not_published_stands_in_no_file(site: Path) -> None:
    names = [file for file in site.rglob("*") if file.is_file()]
    assert not [file for file in names if SECRET.encode() in file.read_bytes()]
    assert not [file for file in names if "draft" in str(file.relative_to(site)) and file.parent.name != "static"]
    published = "Начальник отдела качества".encode()
    assert [file for file in names if published in file.read_bytes()]


def test_pages_are_in_both_languages(site: Path) -> None:
    assert "Operators" in text_of(site / "en/operators/index.html")
    assert "The pilot of the region" in text_of(site / "en/campaigns/pilot/index.html")
    assert "Declared" not in text_of(site / "councils/os-tomsk/index.html")


# ---- campaigns -----------------------------------------------------------------------------------------------------


def test_a_running_campaign_is_named_where_it_runs(site: Path) -> None:
    for page in ("o/70/clinic-1.html", "regions/70/index.html"):
        text = text_of(site / page)
        assert "Пилот области, до 31 декабря 2026" in text
    text = text_of(site / "campaigns/pilot/index.html")
    assert "идёт" in text and "Клиники" in text and "Томская область" in text
    assert "Это критерии кампании, а не К1–К5" in text
    assert "Вежливость и доброжелательность сотрудников" in text


def test_tomsk_takes_no_part_in_the_pilot_of_2026(site: Path) -> None:
    page = (site / "o/70/clinic-1.html").read_text("utf-8")
    assert "campaigns/pilot-2026/" not in page
    assert "campaigns/pilot-2026/" not in (site / "regions/70/index.html").read_text("utf-8")
    text = text_of(site / "campaigns/pilot-2026/index.html")
    assert "30 регионов" in text and "Томская" not in text
    assert "Свердловская область" in text


@pytest.mark.parametrize(
    ("day", "kind", "region", "is_named"),
    [
        (date(2026, 12, 31), "clinic", "66", True),
        (date(2027, 1, 1), "clinic", "66", False),
        (date(2025, 6, 14), "clinic", "66", False),
        (date(2026, 2, 7), "museum", "66", False),
        (date(2026, 2, 7), "clinic", "70", False),
    ],
    ids=["last day", "over", "before", "another kind", "another region"],
)
def test_the_pilot_is_named_by_day_kind_and_region(
    day: date, kind: str, region: str, is_named: bool, package_factory: Factory, tmp_path: Path, monkeypatch: Any
) -> None:
    from tests.conftest import valid_tables

    (row,) = valid_tables(1, 0)["organizations"]
    row |= {"kind": kind, "region_code": region, "latitude": "", "longitude": ""}
    folder = package_factory(
        tables={"organizations": [row], "assessments": None, "scores": None, "reviews": None, "replies": None}
    )
    seconds = (day - date(1970, 1, 1)).days * 86_400
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(seconds))
    assert build(tmp_path / "output", folder) == 0
    page = (tmp_path / f"output/current/o/{region}/clinic-1.html").read_text("utf-8")
    assert ("campaigns/pilot-2026/" in page) is is_named


def test_a_package_may_take_a_campaign_of_the_publication_back(package_factory: Factory, tmp_path: Path) -> None:
    withheld = CAMPAIGN | {"campaign_id": "pilot-2026", "status": "withheld"}
    folder = package_factory(reviews=0, tables=record_tables(campaigns=[withheld]))
    assert build(tmp_path / "output", folder) == 0
    assert not (tmp_path / "output/current/campaigns/pilot-2026").exists()


def test_lists_of_parties_stand_even_where_nobody_is_named(package_factory: Factory, tmp_path: Path) -> None:
    assert build(tmp_path / "output", package_factory(reviews=0)) == 0
    text = text_of(tmp_path / "output/current/authorities/index.html")
    assert "В опубликованных пакетах их пока нет" in text


def test_a_campaign_of_the_publication_that_cannot_be_right_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (content / "publication.yaml").write_text("title: Проба\n", "utf-8")
    head = "campaign_id,name,starts_on,ends_on,status\n"
    (content / "campaigns.csv").write_text(f"{head}one,Кампания,2026-02-01,2026-01-01,published\n", "utf-8")
    assert publish.main(["build", "--config", str(content / "publication.yaml")]) == 1
    said = capsys.readouterr().err
    assert "content/campaigns.csv, строка 2, столбец ends_on: окончание 2026-01-01 раньше начала" in said
