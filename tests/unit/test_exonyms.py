"""Towns by their customary English names: on English pages, in what is typed, and in the table that says them."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import publish
from tests.conftest import valid_tables


def build(package: Path, folder: Path, places: str | None = None) -> int:
    config = folder / "content" / "publication.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("languages: [ru, en]\n", "utf-8")
    if places is not None:
        (config.parent / "places.csv").write_text(places, "utf-8")
    return publish.main(
        ["build", "--config", str(config), "--packages", str(package), "--output", str(folder / "output")]
    )


def test_a_town_is_told_in_english_and_a_village_of_its_name_is_not(
    package_factory: Callable[..., Path], tmp_path: Path
) -> None:
    tables = valid_tables(4, 0)
    rows = tables["organizations"]
    rows[0] |= {"municipality": "городской округ город Томск", "address": "ул. Мира, 1"}
    rows[1] |= {"municipality": "Омский район", "address": "д. Москва, 2"}
    assert build(package_factory(tables=tables), tmp_path) == 0
    current = tmp_path / "output" / "current"
    region = (current / "en/regions/70/index.html").read_text("utf-8")
    assert ">Tomsk</a>" in region and 'lang="ru">Омский район</a>' in region
    assert "Moscow" not in region
    assert "Tomsk" not in (current / "regions/70/index.html").read_text("utf-8")
    rows = [row for file in (current / "near/l").iterdir() for row in json.loads(file.read_text("utf-8"))]
    english = {row[0]: row[6] for row in rows if len(row) > 6}
    assert english.get("городской округ город Томск") == ["Tomsk"]
    assert all("Москва" not in name for name in english)


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ("region_code,name\n70,Томск\n", "строка 1: «region_code,name» не подходит"),
        ("region_code,name,name_en,also\n70,Томск,,\n", "строка 2: «70,Томск,,» не подходит"),
        (
            "region_code,name,name_en,also\n70,Томск,Tomsk,\n70,томск,Tomsk,\n",
            "строка 3: «томск» региона 70 уже есть выше",
        ),
    ],
)
def test_a_wrong_table_of_names_is_refused_at_its_row(
    places: str, said: str, package_factory: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(package_factory(), tmp_path, places) == 1
    assert f"content/places.csv, {said}" in capsys.readouterr().err
    assert not (tmp_path / "output").exists()


def test_the_table_names_regions_that_are_there(project_root: Path) -> None:
    with (project_root / "content/regions.csv").open(encoding="utf-8") as file:
        regions = {row["region_code"] for row in csv.DictReader(file)}
    with (project_root / "content/places.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["region_code"] for row in rows} <= regions
    assert len(rows) > 100
    assert not [row for row in rows if not row["name_en"].isascii()]
    names = {row["name"]: row["name_en"] for row in rows}
    assert (names["Москва"], names["Санкт-Петербург"]) == ("Moscow", "Saint Petersburg")
