"""Every form of a release says the same rows: each is read back by a reader that is not ours, and compared cell by cell."""

import asyncio
import csv
import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow.parquet as parquet
import pytest
from datasette.app import Datasette

import publish
from nok.packages.profile import profile_schema
from tests.conftest import valid_tables

FORMULAS = ("=1+1", "+7 (3822) 00-00-00", "-5 баллов", "@here", "\tтабуляция")
ODD = 'Ёлочка «№ 1»;\r\n"кавычки", <b>&amp; _x0041_ \u2028 😀'


def nasty_tables() -> dict[str, list[dict[str, object]]]:
    """Three organisations in two regions and spheres, with every kind of cell that a form could spoil."""
    tables = valid_tables(3, 6)
    first, second, third = tables["organizations"]
    own = {"x_area": "", "x_open": "", "x_code": "", "opened_on": ""}
    first.update(own | {"x_area": "0012.50".lstrip("0"), "x_open": "true", "x_code": "007", "opened_on": "1899-12-31"})
    second.update(own | {"x_area": "-0.0000000001", "x_open": "false", "latitude": "", "longitude": ""})
    third.update(own | {"x_area": "123456789012.1234567891", "opened_on": "2026-01-31", "region_code": "54"})
    third.update({"latitude": "55.00001", "longitude": "82.9", "sphere": "education", "kind": "school"})
    for row, text in zip(tables["reviews"], (*FORMULAS, ODD, "NULL", "  пробелы  "), strict=False):
        row["text"], row["language"] = text, "ru"
    for row in tables["reviews"]:
        row["reason_code"] = ""
    tables["reviews"][10].update(state="restricted", reason_code="insult", text="скрытое слово")
    tables["scores"][0]["points"] = "67.50"
    tables["scores"][7].update(points="", state="not_assessed")
    return tables


def own_schema() -> dict[str, Any]:
    fields = [
        {"name": "x_area", "type": "number", "title": "Площадь"},
        {"name": "x_open", "type": "boolean"},
        {"name": "x_code", "type": "string", "description": "Свой код"},
    ]
    return {"fields": [*profile_schema("organizations")["fields"], *fields]}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The released files of a small package with nasty cells."""
    from tests.conftest import _write_descriptor, _write_tables

    place = tmp_path_factory.mktemp("forms")
    tables = nasty_tables()
    _write_tables(place / "demo", tables)
    resources = [{"name": name, "path": f"{name}.csv"} for name in tables]
    resources[0]["schema"] = own_schema()  # type: ignore[assignment]
    _write_descriptor(place / "demo", "demo", list(tables), {"resources": resources})
    assert publish.main(["build", "--output", str(place / "o"), "--packages", str(place / "demo")]) == 0
    return place / "o/current/data/demo/1.0.0"


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def schemas(release: Path) -> dict[str, dict[str, dict[str, Any]]]:
    descriptor = json.loads((release / "datapackage.json").read_text("utf-8"))
    return {
        resource["name"]: {field["name"]: field for field in resource["schema"]["fields"]}
        for resource in descriptor["resources"]
    }


def expected(release: Path, table: str, truth: dict[str, object], degrees: type = float) -> list[list[object]]:
    """The cells of the exact CSV as values."""
    fields = schemas(release)[table]

    def value(name: str, text: str) -> object:
        kind = fields[name]["type"]
        if text == "":
            return None
        if kind == "integer":
            return int(text)
        if kind == "number":
            return degrees(text) if name in ("latitude", "longitude") else Decimal(text)
        if kind == "date":
            return date.fromisoformat(text)
        return truth[text] if kind == "boolean" else text

    return [[value(name, text) for name, text in row.items()] for row in rows_of(release / f"{table}.csv")]


TABLES = ("organizations", "assessments", "scores", "reviews", "replies")
TRUTH: dict[str, object] = {"true": True, "false": False}


@pytest.mark.parametrize("table", TABLES)
def test_parquet_holds_the_rows_of_the_csv(release: Path, table: str) -> None:
    found = parquet.read_table(release / f"{table}.parquet")
    assert [list(row.values()) for row in found.to_pylist()] == expected(release, table, TRUTH)


@pytest.mark.parametrize("table", TABLES)
def test_duckdb_reads_parquet_as_it_reads_the_csv(release: Path, table: str) -> None:
    with duckdb.connect() as db:
        whole = db.sql(f"SELECT * FROM '{release}/{table}.parquet'").fetchall()
    assert [list(row) for row in whole] == expected(release, table, TRUTH)


def test_parquet_has_types_and_statistics(release: Path) -> None:
    file = parquet.ParquetFile(release / "scores.parquet")
    kinds = {field.name: str(field.type) for field in file.schema_arrow}
    assert kinds["points"] == "decimal128(22, 10)"
    assert kinds["organization_id"] == "large_string"
    assert kinds["respondents"] == "int64"
    group = file.metadata.row_group(0)
    assert all(group.column(number).statistics is not None for number in range(group.num_columns))
    assert str(parquet.read_schema(release / "reviews.parquet").field("received_on").type) == "date32[day]"


def test_geoparquet_has_points_where_there_are_places(release: Path) -> None:
    found = parquet.read_table(release / "organizations.geo.parquet")
    about = json.loads(parquet.read_metadata(release / "organizations.geo.parquet").metadata[b"geo"])
    assert about == {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {"encoding": "WKB", "geometry_types": ["Point"], "bbox": [82.9, 55.00001, 84.9501, 56.4801]}
        },
    }
    points = found.column("geometry").to_pylist()
    rows = rows_of(release / "organizations.csv")
    assert points[1] is None
    for row, point in zip(rows, points, strict=True):
        if point is not None:
            assert point[:5] == b"\x01\x01\x00\x00\x00"
            assert wkb_place(point) == (float(row["longitude"]), float(row["latitude"]))


def wkb_place(point: bytes) -> tuple[float, float]:
    import struct

    longitude, latitude = struct.unpack("<dd", point[5:])
    return longitude, latitude


def test_geojson_keeps_to_the_standard(release: Path) -> None:
    found = json.loads((release / "organizations.geojson").read_text("utf-8"), parse_constant=pytest.fail)
    assert found["type"] == "FeatureCollection"
    assert "crs" not in found  # RFC 7946 takes it out: places are WGS 84, longitude first
    rows = rows_of(release / "organizations.csv")
    assert [feature["id"] for feature in found["features"]] == [row["organization_id"] for row in rows]
    for feature, row in zip(found["features"], rows, strict=True):
        assert set(feature) == {"type", "id", "geometry", "properties"}
        assert feature["type"] == "Feature"
        if row["latitude"]:
            assert feature["geometry"] == {
                "type": "Point",
                "coordinates": [float(row["longitude"]), float(row["latitude"])],
            }
            assert -180 <= feature["geometry"]["coordinates"][0] <= 180
        else:
            assert feature["geometry"] is None
        assert feature["properties"]["name"] == row["name"]
        assert feature["properties"]["x_area"] == (row["x_area"] or None)
        assert feature["properties"]["inn"] == row["inn"]


# ---- SQLite --------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(release: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{release}/demo.sqlite?mode=ro", uri=True)
    yield connection
    connection.close()


@pytest.mark.parametrize("table", TABLES)
def test_sqlite_holds_the_rows_of_the_csv(release: Path, store: sqlite3.Connection, table: str) -> None:
    fields = schemas(release)[table]
    names = ", ".join(f'"{name}"' for name in fields)
    key = ", ".join(json.loads(json.dumps(profile_schema(table)["primaryKey"])))
    found = [list(row) for row in store.execute(f"SELECT {names} FROM {table} ORDER BY {key}")]
    for row in found:
        for at, (name, field) in enumerate(fields.items()):
            if row[at] is None:
                continue
            if field["type"] == "date":
                row[at] = date.fromisoformat(row[at])
            elif field["type"] == "number" and name not in ("latitude", "longitude"):
                row[at] = Decimal(str(row[at]))
    places = [list(fields).index(name) for name in profile_schema(table)["primaryKey"]]
    wanted = sorted(expected(release, table, {"true": 1, "false": 0}), key=lambda row: [row[at] for at in places])
    exact = [[_rounded(cell) for cell in row] for row in wanted]
    assert [[_rounded(cell) for cell in row] for row in found] == exact


def _rounded(cell: object) -> object:
    """SQLite has no decimals: it keeps fifteen digits of a number."""
    return f"{float(cell):.15g}" if isinstance(cell, Decimal) else cell


def test_sqlite_is_whole_and_its_references_hold(store: sqlite3.Connection) -> None:
    assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert store.execute("PRAGMA foreign_key_check").fetchall() == []
    declared = {row[2] for row in store.execute("PRAGMA foreign_key_list(scores)")}
    assert declared == {"organizations", "assessments"}
    plan = " ".join(
        row[3] for row in store.execute("EXPLAIN QUERY PLAN SELECT * FROM reviews WHERE organization_id = 'x'")
    )
    assert "USING INDEX" in plan


def test_sqlite_finds_words_of_names_and_reviews(store: sqlite3.Connection) -> None:
    found = store.execute(
        "SELECT o.organization_id FROM organizations_fts JOIN organizations o ON o.rowid = organizations_fts.rowid "
        "WHERE organizations_fts MATCH 'поликлиника'"
    )
    assert len(found.fetchall()) == 3
    assert store.execute("SELECT count(*) FROM reviews_fts WHERE reviews_fts MATCH 'ёлочка'").fetchone() == (1,)
    assert store.execute("SELECT count(*) FROM reviews_fts WHERE reviews_fts MATCH 'скрытое'").fetchone() == (0,)


def test_datasette_serves_the_file_with_our_words(release: Path) -> None:
    metadata = json.loads((release / "metadata.json").read_text("utf-8"))

    async def ask() -> tuple[Any, Any, str]:
        served = Datasette([str(release / "demo.sqlite")], metadata=metadata, settings={"num_sql_threads": 0})
        rows = await served.client.get("/demo/organizations.json?_shape=objects&_search=поликлиника")
        scores = await served.client.get("/demo/scores.json?_facet=state&organization_id=clinic-1")
        page = await served.client.get("/demo/organizations")
        return rows.json(), scores.json(), page.text

    rows, scores, page = asyncio.run(ask())
    assert [row["inn"] for row in rows["rows"]] == [row["inn"] for row in rows_of(release / "organizations.csv")]
    assert scores["filtered_table_rows_count"] == 6
    assert "Организации" in page
    assert "ИНН, с ведущими нулями" in page.replace("\xa0", " ")
    assert "CC-BY-4.0" in page


def test_a_reference_into_another_package_is_not_declared(tmp_path: Path, package_factory: Callable[..., Path]) -> None:
    first = package_factory("first", organizations=1, reviews=1)
    rows = [{**valid_tables(1, 2)["reviews"][1], "review_id": "other-1"}]
    tables = dict.fromkeys(valid_tables(1, 1)) | {"reviews": rows}
    second = package_factory("second", tables=tables)
    named = ["--packages", str(first), "--packages", str(second)]
    assert publish.main(["build", "--output", str(tmp_path / "o"), *named]) == 0
    folder = tmp_path / "o/current/data/second/latest"
    connection = sqlite3.connect(folder / "second.sqlite")
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("SELECT review_id FROM reviews").fetchall() == [("other-1",)]
    connection.close()
    assert [row["review_id"] for row in rows_of(folder / "regions/70/reviews.csv")] == ["other-1"]


# ---- Excel ---------------------------------------------------------------------------------------------------------


def test_workbooks_of_regions_hold_their_rows(release: Path) -> None:
    seen: dict[str, list[list[object]]] = {"organizations": [], "scores": [], "reviews": []}
    for region in ("54", "70"):
        book = openpyxl.load_workbook(release / f"regions/{region}/demo-{region}.xlsx")
        assert book.sheetnames == ["О файле", "Организации", "Баллы", "Отзывы и оценки граждан"]
        for table, sheet in zip(seen, book.worksheets[1:], strict=True):
            titles = [field.get("title") or name for name, field in schemas(release)[table].items()]
            assert [cell.value for cell in sheet[1]] == titles
            for row in sheet.iter_rows(min_row=2):
                assert "f" not in {cell.data_type for cell in row}
                seen[table].append([_plain(cell.value) for cell in row])
        book.close()
    for table, found in seen.items():
        wanted = [[_as_excel(cell) for cell in row] for row in expected(release, table, TRUTH)]
        assert sorted(map(repr, found)) == sorted(map(repr, wanted)), table


def _plain(cell: object) -> object:
    """What was read, with the one escape undone that the reader leaves: Excel takes `_x0041_` for a letter."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, str):
        return cell.replace("_x005F_", "_")
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def _as_excel(cell: object) -> object:
    if isinstance(cell, date):
        return cell if cell >= date(1900, 3, 1) else cell.isoformat()
    return float(cell) if isinstance(cell, (int, Decimal)) and not isinstance(cell, bool) else cell


def test_a_workbook_has_no_date_of_its_making(release: Path) -> None:
    with zipfile.ZipFile(release / "regions/70/demo-70.xlsx") as book:
        assert {info.date_time for info in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert book.testzip() is None


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nok.render import forms_excel
    from nok.render.forms_tables import Table

    monkeypatch.setattr(forms_excel, "ROWS_PER_SHEET", 3)
    (tmp_path / "t.csv").write_text("a\n" + "".join(f"{number}\n" for number in range(7)), "utf-8")
    table = Table(
        name="t", title="Баллы", file=tmp_path / "t.csv", schema={"fields": [{"name": "a", "type": "integer"}]}
    )
    assert forms_excel.write_workbook([table], [("a", "b")], tmp_path / "t.xlsx") == 7
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["О файле", "Баллы", "Баллы (2)", "Баллы (3)"]
    assert [[cell.value for (cell,) in sheet.iter_rows(min_row=2)] for sheet in book.worksheets[1:]] == [
        [0, 1, 2],
        [3, 4, 5],
        [6],
    ]
    book.close()


def test_the_csv_for_excel_runs_no_formula_and_the_exact_one_is_untouched(release: Path) -> None:
    exact = [row["text"] for row in rows_of(release / "reviews.csv")]
    content = (release / "reviews.excel.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    found = list(csv.DictReader(content.decode("utf-8-sig").splitlines(keepends=True), delimiter=";"))
    assert exact[:5] == list(FORMULAS)
    assert [row["text"] for row in found[:5]] == [f"'{text}" for text in FORMULAS]
    assert [row["text"] for row in found[5:]] == exact[5:]
    with (release / "organizations.excel.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    assert [row["x_area"] for row in rows] == ["12,50", "-0,0000000001", "123456789012,1234567891"]
    assert [row["latitude"] for row in rows] == ["56,4801", "", "55,00001"]


# ---- shards, proof -------------------------------------------------------------------------------------------------


def json_rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n")[:-1]]


@pytest.mark.parametrize(("cut", "names"), [("regions", ["54", "70"]), ("spheres", ["education", "health"])])
@pytest.mark.parametrize("table", ["organizations", "scores", "reviews"])
def test_shards_are_the_whole_table_cut_up(release: Path, cut: str, names: list[str], table: str) -> None:
    assert sorted(folder.name for folder in (release / cut).iterdir()) == names
    pieces = [row for name in names for row in rows_of(release / cut / name / f"{table}.csv")]
    whole = rows_of(release / f"{table}.csv")
    assert sorted(map(repr, pieces)) == sorted(map(repr, whole))
    read = [row for name in names for row in json_rows(release / cut / name / f"{table}.jsonl")]
    assert sorted(map(repr, read)) == sorted(map(repr, json_rows(release / f"{table}.jsonl")))


def test_checksums_name_every_file_of_every_form(release: Path) -> None:
    sums = dict(line.split("  ")[::-1] for line in (release / "SHA256SUMS").read_text("utf-8").splitlines())
    files = {file.relative_to(release).as_posix() for file in release.rglob("*") if file.is_file()}
    assert set(sums) == files - {"SHA256SUMS"}
    assert len(files) > 50
    for name, digest in sums.items():
        assert hashlib.sha256((release / name).read_bytes()).hexdigest() == digest


def test_a_whole_country_may_choose_its_forms(tmp_path: Path, package_factory: Callable[..., Path]) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/publication.yaml").write_text("forms: [xlsx]\n", "utf-8")
    command = ["build", "--config", str(tmp_path / "content/publication.yaml"), "--output", str(tmp_path / "o")]
    assert publish.main([*command, "--packages", str(package_factory())]) == 0
    folder = tmp_path / "o/current/data/demo/latest"
    found = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert "regions/70/demo-70.xlsx" in found
    assert not [name for name in found if name.endswith((".parquet", ".sqlite", ".geojson", ".excel.csv"))]
    assert "regions/70/scores.csv" not in found


def test_an_unknown_form_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/publication.yaml").write_text("forms: [exel]\n", "utf-8")
    command = ["build", "--config", str(tmp_path / "content/publication.yaml"), "--output", str(tmp_path / "o")]
    assert publish.main([*command, "--lang", "en"]) == 1
    assert "option 'forms' is ['exel']" in capsys.readouterr().err


def test_a_withdrawn_review_goes_from_every_form(tmp_path: Path, package_factory: Callable[..., Path]) -> None:
    tables = valid_tables(2, 4)
    tables["reviews"][0]["text"] = "Слово-приметаzzz в отзыве"
    command = ["build", "--output", str(tmp_path / "o"), "--packages"]
    assert publish.main([*command, str(package_factory(tables=tables))]) == 0
    folder = tmp_path / "o/current/data/demo/1.0.0"
    assert "regions/70/reviews.csv" in holding(folder, "приметаzzz")
    tables["reviews"].pop(0)
    tables["replies"] = []
    assert publish.main([*command, str(package_factory(tables=tables))]) == 0
    assert holding(folder, "приметаzzz") == []
    found = parquet.read_table(folder / "reviews.parquet").num_rows
    assert found == len(rows_of(folder / "reviews.csv")) == 7
    assert (folder / "CHANGES.txt").is_file()
    sums = (folder / "SHA256SUMS").read_text("utf-8")
    for file in folder.rglob("*"):
        if file.is_file() and file.name != "SHA256SUMS":
            assert hashlib.sha256(file.read_bytes()).hexdigest() in sums, file


def holding(folder: Path, word: str) -> list[str]:
    """The files that hold a word, packed ones opened."""
    found = []
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        content = file.read_bytes()
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as book:
                content = b"".join(map(book.read, book.namelist()))
        elif file.suffix == ".parquet":
            content = repr(parquet.read_table(file).to_pylist()).encode()
        if word.encode() in content:
            found.append(file.relative_to(folder).as_posix())
    return found
