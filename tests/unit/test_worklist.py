"""Whom an operator must visit: those that the council listed, with what is done and what is not; as a table and as a map."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import publish
from tests.conftest import ASSESSMENT_ID, valid_tables
from tests.unit.validation_support import Factory

COUNCIL = {
    "council_id": "council-70",
    "name": "Общественный совет",
    "level": "regional",
    "region_code": "70",
    "status": "published",
}


def roster(name: str, **cells: object) -> dict[str, object]:
    usual = {"roster_id": name, "council_id": "council-70", "period": 2025, "sphere": "health", "status": "published"}
    return usual | cells


def entry(name: str, number: int, how: str = "assessed", **cells: object) -> dict[str, object]:
    return {"roster_id": name, "organization_id": f"clinic-{number}", "entry": how, "is_unpublished": ""} | cells


def seen(number: int, parameter: str, day: str) -> dict[str, object]:
    of = {"organization_id": f"clinic-{number}", "assessment_id": ASSESSMENT_ID, "parameter": parameter}
    return of | {"value": 2, "observed_at": day}


def work(folder: Path, out: Path, *options: str) -> list[dict[str, str]]:
    command = ["worklist", "--packages", str(folder), "--assessment", ASSESSMENT_ID, "--out", str(out), *options]
    assert publish.main(command) == 0
    text = (out / f"{ASSESSMENT_ID}.worklist.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def ids(rows: list[dict[str, str]]) -> list[str]:
    return [row["organization_id"] for row in rows]


def packed(package_factory: Factory, **tables: Any) -> Path:
    assessments = [row | {"council_id": "council-70"} for row in valid_tables(1, 0)["assessments"]]
    observations = [
        seen(2, "access_equipment", "2025-06-02"),
        seen(2, "access_conditions", "2025-06-04T10:30"),
    ]
    every = {
        "assessments": assessments,
        "councils": [COUNCIL],
        "observations": observations,
        "reviews": [],
        "replies": None,
    }
    return package_factory(organizations=4, reviews=0, tables=every | tables)


def test_without_a_list_all_of_the_sphere_are_to_be_visited(package_factory: Factory, tmp_path: Path) -> None:
    rows = work(packed(package_factory), tmp_path)
    assert ids(rows) == ["clinic-1", "clinic-2", "clinic-3", "clinic-4"]
    assert [row["state"] for row in rows] == ["to_visit", "observed", "to_visit", "to_visit"]
    assert (rows[1]["observed"], rows[1]["observed_on"]) == ("2", "2025-06-04")
    assert (rows[0]["name"], rows[0]["municipality"]) == ("Поликлиника № 1", "Томск")


def test_the_lists_of_its_council_and_year_say_who(package_factory: Factory, tmp_path: Path) -> None:
    folder = packed(
        package_factory,
        councils=[COUNCIL, COUNCIL | {"council_id": "council-71"}],
        rosters=[roster("now"), roster("before", period=2024), roster("others", council_id="council-71")],
        roster_organizations=[
            entry("now", 2),
            entry("now", 3, "not_assessed"),
            entry("now", 4, is_unpublished="true"),
            entry("before", 1),
            entry("others", 3),
        ],
    )
    assert ids(work(folder, tmp_path)) == ["clinic-2"]
    assert ids(work(folder, tmp_path, "--roster", "before")) == ["clinic-1"]


def test_what_may_not_be_shown_is_in_no_list(package_factory: Factory, tmp_path: Path) -> None:
    organizations = valid_tables(4, 0)["organizations"]
    organizations[2]["status"] = "draft"
    assert "clinic-3" not in ids(work(packed(package_factory, organizations=organizations), tmp_path))


def test_the_map_has_a_place_for_those_that_have_one(package_factory: Factory, tmp_path: Path) -> None:
    organizations = valid_tables(4, 0)["organizations"]
    organizations[0] |= {"latitude": "", "longitude": ""}
    work(packed(package_factory, organizations=organizations), tmp_path)
    found = json.loads((tmp_path / f"{ASSESSMENT_ID}.worklist.geojson").read_text("utf-8"))
    first, second = found["features"][:2]
    assert found["type"] == "FeatureCollection"
    assert first["geometry"] is None
    assert second["geometry"] == {"type": "Point", "coordinates": [84.9502, 56.4802]}
    assert second["properties"]["state"] == "observed"


def test_a_name_is_no_formula_and_a_telephone_stays_one(package_factory: Factory, tmp_path: Path) -> None:
    organizations = valid_tables(4, 0)["organizations"]
    organizations = [row | {"short_name": "=1+1", "phone": "+7 (000) 000-00-12"} for row in organizations]
    row = work(packed(package_factory, organizations=organizations), tmp_path)[0]
    assert (row["name"], row["phone"]) == ("'=1+1", "+7 (000) 000-00-12")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--assessment", "health-2052"], "There is no assessment 'health-2052' that may be shown. Did you mean"),
        (["--assessment", ASSESSMENT_ID, "--roster", "none"], "There is no roster 'none'"),
    ],
)
def test_an_unknown_round_or_list_is_named(
    package_factory: Factory, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    folder = packed(package_factory)
    assert (
        publish.main(["worklist", "--packages", str(folder), *options, "--out", str(tmp_path / "out"), "--lang", "en"])
        == 64
    )
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
