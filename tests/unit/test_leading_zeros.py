"""An identifier is a text: what begins with a zero, or looks like a number, is the same text in every file that goes out.

Each file is read back by a reader that is not ours, and held against the table that went in.
"""

import csv
import io
import json
import re
import sqlite3
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as parquet
import pytest

import publish
from nok.identifiers import check_symbol, is_inn, is_ogrn
from nok.packages.profile import profile_schema
from tests.conftest import valid_tables, write_small_package
from tests.property.small_publication import quick_builds
from tests.unit.record_support import AUTHORITY, CONTRACT, COUNCIL, ITEM, OPERATOR

REGION, AUTHORITY_ID, OPERATOR_ID, COUNCIL_ID, CONTRACT_ID = "01", "007", "0042", "0001", "00.1"
OWN = {
    "x_postcode": ("038500", "000000"),
    "x_short": ("007", "0"),
    "x_odd": ("0e12", "1_0"),
    "x_more": ("+7", "01-02"),
    "x_word": ("0x10", "1E5"),
    "x_time": ("00:30", "0.50"),
}
"""Columns of the package's own: what a program that guesses would take for a number, a date or a time."""

Row = Mapping[str, Any]
Rows = list[Row]
Tables = dict[str, list[dict[str, object]]]


def checked(body: str, is_right: Callable[[str], bool]) -> str:
    """`body` with the last digit that makes a right number of it."""
    return next(body + digit for digit in "0123456789" if is_right(body + digit))


def zeros() -> Tables:
    """Two organisations and all who stand behind their assessment, every identifier beginning with a zero."""
    tables: Tables = valid_tables(2, 2)
    codes = [body + check_symbol(body) for body in ("000000001", "0123E4567")]
    for number, (row, new) in enumerate(zip(tables["organizations"], ("007", "0335"), strict=True)):
        row |= {"organization_id": new, "region_code": REGION, "oktmo": f"0100000{number}", "kpp": "010501001"}
        row |= {"inn": checked(f"01050000{number}", is_inn), "ogrn": checked(f"01050000000{number}", is_ogrn)}
        row |= {"latitude": "44.60", "longitude": "40.10", "phone": "08001000001", "bus_agency_id": "000042"}
        row |= {"bus_rate_id": "0007", **{name: cells[number] for name, cells in OWN.items()}}
    renamed = {"clinic-1": "007", "clinic-2": "0335", "health-2025": "0125", "70": REGION}
    for name in ("assessments", "scores", "reviews", "replies"):
        tables[name] = [{key: renamed.get(str(cell), cell) for key, cell in row.items()} for row in tables[name]]
    for number, row in enumerate(tables["reviews"]):
        row |= {"review_id": f"000{number}", "placement_code": codes[number % 2]}
    tables["replies"][0]["review_id"] = "0000"
    tables["assessments"][0] |= {"authority_id": AUTHORITY_ID, "operator_id": OPERATOR_ID}
    tables["assessments"][0] |= {"council_id": COUNCIL_ID, "contract_id": CONTRACT_ID}
    tables["placements"] = [
        {"placement_code": code, "organization_id": owner, "batch": "0003", "state": "active"}
        for code, owner in zip(codes, ("007", "0335"), strict=True)
    ]
    return tables | _behind(str(tables["organizations"][0]["inn"]))


def _behind(inn: str) -> Tables:
    by = {"authority_id": AUTHORITY_ID}
    numbers = {"region_code": REGION, "oktmo": "01000000"}
    operator = {"inn": inn, "okfs": "01", "okopf": "01234", "postcode": "038500", "country_code": "008"}
    contract = {"contract_id": CONTRACT_ID, "number": "0012", "registry_number": "017620000012500000"}
    council = {"council_id": COUNCIL_ID, "council_code": "020100000001", "act_number": "077"}
    return {
        "authorities": [AUTHORITY | by | numbers | {"inn": inn, "kpp": "010501001"}],
        "operators": [OPERATOR | numbers | operator | {"operator_id": OPERATOR_ID}],
        "councils": [COUNCIL | by | numbers | council],
        "contracts": [CONTRACT | by | contract | {"operator_id": OPERATOR_ID}],
        "contract_items": [ITEM | {"contract_id": CONTRACT_ID, "code": "01.020"}],
    }


@pytest.fixture(scope="module")
def given() -> Tables:
    return zeros()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, given: Tables) -> Path:
    """The whole publication, in one language; beside it the package and the sheets of the posters."""
    place = tmp_path_factory.mktemp("zeros")
    schema = {"fields": [*profile_schema("organizations")["fields"], *({"name": n, "type": "string"} for n in OWN)]}
    resources = [{"name": name, "path": f"{name}.csv"} for name in given]
    resources[0]["schema"] = schema  # type: ignore[assignment]
    write_small_package(place / "demo", given, descriptor={"resources": resources})
    (place / "site/content").mkdir(parents=True)
    (place / "site/content/publication.yaml").write_text(f"languages: [ru]\npublisher_inn: '{INN}'\n", "utf-8")
    settings = ["--config", str(place / "site/content/publication.yaml"), "--packages", str(place / "demo")]
    with quick_builds():
        assert publish.main(["build", *settings, "--output", str(place / "out"), "--jobs", "1"]) == 0
    posters = ["posters", *settings, "--output", str(place / "out"), "--all", "--format", "a6"]
    assert publish.main([*posters, "--out", str(place / "posters.zip")]) == 0
    return place / "out/current"


INN = checked("010500007", is_inn)


@pytest.fixture(scope="module")
def release(site: Path) -> Path:
    return site / "data/demo/1.0.0"


# ---- readers of others -----------------------------------------------------------------------------------------------


def from_csv(file: Path, delimiter: str = ",") -> Rows:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def from_json_lines(file: Path) -> Rows:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n")[:-1]]


def from_parquet(file: Path) -> Rows:
    return parquet.read_table(file).to_pylist()


def from_geojson(file: Path) -> Rows:
    found = json.loads(file.read_text("utf-8"))["features"]
    assert [one["id"] for one in found] == [one["properties"]["organization_id"] for one in found]
    return [one["properties"] for one in found]


def from_sqlite(file: Path, table: str) -> Rows:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    found = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
    connection.close()
    return found


def from_workbook(file: Path, table: str) -> Rows:
    """The sheet whose columns have the titles of a table."""
    titles = {str(field.get("title", field["name"])): field["name"] for field in profile_schema(table)["fields"]}
    book = openpyxl.load_workbook(file, data_only=True)
    for sheet in book.worksheets:
        head, *rows = sheet.iter_rows(values_only=True)
        names = [titles.get(str(title), str(title)) for title in head]
        if {*profile_schema(table)["primaryKey"]} <= {*names}:
            return [dict(zip(names, row, strict=True)) for row in rows]
    raise AssertionError(f"{file.name} has no sheet of {table}")


def texts(table: str) -> list[str]:
    """The columns of a table that are texts."""
    return [field["name"] for field in profile_schema(table)["fields"] if field["type"] == "string"]


def assert_same(found: Iterable[Row], given: Rows, table: str, *, mark: str = "") -> None:
    """Every text of `given` that `found` has a column for is the same text; `mark` may stand before a sign of formulas."""
    found = list(found)
    columns = [name for name in [*texts(table), *OWN] if name in given[0] and any(name in row for row in found)]
    assert {*profile_schema(table)["primaryKey"]} & {*columns}

    def cells(rows: Iterable[Row], mark: str) -> list[list[Any]]:
        return sorted([_plain(row.get(name), mark) for name in columns] for row in rows)

    assert cells(found, "") == cells(given, mark)


def _plain(cell: Any, mark: str) -> Any:
    return "" if cell is None else mark + cell if mark and cell.startswith(("+", "=", "-", "@")) else cell


# ---- the files of a release ------------------------------------------------------------------------------------------

TABLES = sorted(zeros())


@pytest.mark.parametrize("table", TABLES)
def test_every_table_keeps_its_identifiers_in_every_form(site: Path, release: Path, given: Tables, table: str) -> None:
    rows: Rows = [*given[table]]
    assert_same(from_csv(release / f"{table}.csv"), rows, table)
    assert_same(from_json_lines(release / f"{table}.jsonl"), rows, table)
    assert_same(from_parquet(release / f"{table}.parquet"), rows, table)
    assert_same(from_sqlite(release / "demo.sqlite", table), rows, table)
    assert_same(from_csv(release / f"{table}.excel.csv", ";"), rows, table, mark="'")
    (passport,) = site.glob(f"opendata/{INN}-demo-{table.replace('_', '-')}/data-*.csv")
    assert_same(from_csv(passport), rows, table)


@pytest.mark.parametrize("table", ["organizations", "scores", "reviews"])
def test_tables_of_regions_and_spheres_keep_them_too(release: Path, given: Tables, table: str) -> None:
    rows: Rows = [*given[table]]
    for folder in (release / "regions" / REGION, release / "spheres" / "health"):
        assert_same(from_csv(folder / f"{table}.csv"), rows, table)
        assert_same(from_json_lines(folder / f"{table}.jsonl"), rows, table)
    assert_same(from_workbook(release / "regions" / REGION / f"demo-{REGION}.xlsx", table), rows, table)


def test_maps_keep_them(release: Path, given: Tables) -> None:
    rows: Rows = [*given["organizations"]]
    assert_same(from_geojson(release / "organizations.geojson"), rows, "organizations")
    assert_same(from_geojson(release / "regions" / REGION / "organizations.geojson"), rows, "organizations")
    assert_same(from_parquet(release / "organizations.geo.parquet"), rows, "organizations")


# ---- what stands beside it -------------------------------------------------------------------------------------------


def test_the_api_keeps_them(site: Path, given: Tables) -> None:
    lists = site / "api/v1/regions" / REGION
    for table in ("organizations", "scores", "reviews"):
        page = json.loads((lists / f"{table}-1.json").read_text("utf-8"))
        assert page["region_code"] == REGION
        assert_same(page[table], [*given[table]], table)
    (numbers,) = (site / "api/v1/inn").iterdir()
    assert numbers.name == "0105.json"
    found = json.loads(numbers.read_text("utf-8"))["organizations"]
    assert_same(found, [*given["organizations"]], "organizations")
    regions = json.loads((site / "api/v1/regions.json").read_text("utf-8"))["regions"]
    assert [one["region_code"] for one in regions] == [REGION]


def test_the_record_of_an_organisation_keeps_them(site: Path, given: Tables) -> None:
    for row in given["organizations"]:
        record = json.loads((site / "o" / REGION / f"{row['organization_id']}.json").read_text("utf-8"))
        assert_same([record["organization"] | record["organization"]["extra"]], [row], "organizations")
        assert {one["assessment_id"] for one in record["scores"]} == {"0125"}
        own = [one for one in given["reviews"] if one["organization_id"] == row["organization_id"]]
        assert_same([one | {"organization_id": row["organization_id"]} for one in record["reviews"]], own, "reviews")


def test_search_and_what_is_near_lead_to_them(site: Path) -> None:
    for folder in ("search/r", "near/n"):
        (cell,) = (site / folder).iterdir()
        found = re.findall(r'\["(\d+/\d+)","(\d+)"', cell.read_text("utf-8"))
        assert sorted(found) == [("01/007", "01"), ("01/0335", "01")], folder


def test_feeds_pages_and_the_map_of_the_site_lead_to_them(site: Path, given: Tables) -> None:
    known = "".join(file.read_text("utf-8") for file in site.glob("sitemap*.xml"))
    for row in given["organizations"]:
        address = f"https://ocenka.example/o/01/{row['organization_id']}.html"
        feed = ET.parse(site / "o" / REGION / f"{row['organization_id']}.atom").getroot()
        links = [link.attrib for link in feed.iter("{http://www.w3.org/2005/Atom}link")]
        assert {link["href"] for link in links if link["rel"] == "alternate"} == {address}
        page = (site / "o" / REGION / f"{row['organization_id']}.html").read_text("utf-8")
        for name in ("inn", "ogrn", "oktmo", "phone"):
            assert str(row[name]) in page, name
        assert f"<loc>{address}</loc>" in known
    pages = {"authorities": AUTHORITY_ID, "operators": OPERATOR_ID, "councils": COUNCIL_ID, "assessments": "0125"}
    assert [folder for folder, name in pages.items() if not (site / folder / name / "index.html").is_file()] == []


def test_the_table_of_printed_sheets_keeps_them(site: Path) -> None:
    with zipfile.ZipFile(site.parents[1] / "posters.zip") as archive:
        assert [name for name in archive.namelist() if name.endswith(".pdf")] == ["01.pdf"]
        rows = list(csv.DictReader(io.StringIO(archive.read("contents.csv").decode("utf-8-sig"))))
    assert {row["organization_id"] for row in rows} == {"007", "0335"}
    assert {row["organization_id"]: row["placement_code"] for row in rows}["0335"] == "05QZ1YMQ7Z"
