"""What is told of released data, read by others: CSV on the Web, DCAT-AP, schema.org, the Russian passport, dictionary."""

import csv
import hashlib
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyshacl
import pytest
import rdflib

import publish
from tests.conftest import valid_tables

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
[] a sh:NodeShape ; sh:targetClass dcat:Catalog ;
   sh:property [ sh:path dct:title ; sh:minCount 1 ; sh:datatype rdf:langString ] ;
   sh:property [ sh:path dct:description ; sh:minCount 1 ] ;
   sh:property [ sh:path dct:publisher ; sh:minCount 1 ; sh:maxCount 1 ; sh:class foaf:Agent ] ;
   sh:property [ sh:path dcat:dataset ; sh:minCount 1 ; sh:class dcat:Dataset ] .
[] a sh:NodeShape ; sh:targetClass foaf:Agent ; sh:property [ sh:path foaf:name ; sh:minCount 1 ] .
[] a sh:NodeShape ; sh:targetClass dcat:Dataset ;
   sh:property [ sh:path dct:title ; sh:minCount 1 ] ;
   sh:property [ sh:path dct:description ; sh:minCount 1 ] ;
   sh:property [ sh:path dct:publisher ; sh:maxCount 1 ; sh:class foaf:Agent ] ;
   sh:property [ sh:path dcat:version ; sh:maxCount 1 ; sh:pattern "^[0-9]+[.][0-9]+[.][0-9]+$" ] ;
   sh:property [ sh:path dct:issued ; sh:maxCount 1 ; sh:datatype xsd:date ] ;
   sh:property [ sh:path dcat:distribution ; sh:minCount 5 ; sh:class dcat:Distribution ] .
[] a sh:NodeShape ; sh:targetClass dcat:Distribution ;
   sh:property [ sh:path dcat:accessURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ;
   sh:property [ sh:path dcat:downloadURL ; sh:nodeKind sh:IRI ] ;
   sh:property [ sh:path dcat:mediaType ; sh:minCount 1 ; sh:maxCount 1 ; sh:class dct:MediaType ] ;
   sh:property [ sh:path dcat:byteSize ; sh:maxCount 1 ; sh:datatype xsd:nonNegativeInteger ] ;
   sh:property [ sh:path dct:license ; sh:maxCount 1 ; sh:class dct:LicenseDocument ] ;
   sh:property [ sh:path spdx:checksum ; sh:minCount 1 ; sh:maxCount 1 ; sh:class spdx:Checksum ] .
[] a sh:NodeShape ; sh:targetClass spdx:Checksum ;
   sh:property [ sh:path spdx:checksumValue ; sh:minCount 1 ; sh:datatype xsd:hexBinary ] .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""
"""What DCAT-AP 3 asks of a catalogue, a data set, a distribution and a checksum, in words of our own."""

LICENCE = {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
INN = "7017000001"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.conftest import _write_descriptor, _write_tables

    place = tmp_path_factory.mktemp("told")
    tables = valid_tables(3, 4)
    _write_tables(place / "demo", tables)
    _write_descriptor(place / "demo", "demo", list(tables), {"licenses": [LICENCE]})
    (place / "content").mkdir()
    (place / "content/publication.yaml").write_text(
        f'publisher: Департамент качества\npublisher_inn: "{INN}"\npublisher_phone: "+7 (3822) 00-00-00"\n'
        "contact_email: data@example.org\n",
        "utf-8",
    )
    command = ["build", "--config", str(place / "content/publication.yaml"), "--output", str(place / "o")]
    assert publish.main([*command, "--packages", str(place / "demo")]) == 0
    return (place / "o/current").resolve()


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


# ---- CSV on the Web --------------------------------------------------------------------------------------------------


def test_csv_on_the_web_reads_every_table_with_its_types(site: Path) -> None:
    from csvw.metadata import CSVW

    release = site / "data/demo/latest"
    group = CSVW(str(release / "csv-metadata.json"), validate=True)
    assert group.is_valid, group.warnings
    names = sorted(table.local_name for table in group.tables)
    assert names == ["assessments.csv", "organizations.csv", "replies.csv", "reviews.csv", "scores.csv"]
    for table in group.tables:
        found, wanted = list(table), rows_of(release / str(table.local_name))
        assert len(found) == len(wanted)
        for row, text in zip(found, wanted, strict=True):
            assert list(row) == list(text)
            assert [name for name, cell in row.items() if cell is None] == [
                name for name, cell in text.items() if not cell
            ]
    organizations = next(table for table in group.tables if table.local_name == "organizations.csv")
    one = next(iter(organizations))
    assert isinstance(one["inn"], str)
    reviews = next(table for table in group.tables if table.local_name == "reviews.csv")
    assert isinstance(next(iter(reviews))["received_on"], date)


# ---- DCAT, schema.org ------------------------------------------------------------------------------------------------


# The reader of RDF uses what it has itself declared old.
@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib", "ignore::DeprecationWarning:pyshacl")
def test_the_catalogue_keeps_to_dcat(site: Path) -> None:
    graph = rdflib.Graph().parse(site / "data/catalogue.jsonld", format="json-ld")
    shapes = rdflib.Graph().parse(data=_ordered(SHAPES), format="turtle")
    conforms, _, said = pyshacl.validate(graph, shacl_graph=shapes)
    assert conforms, said
    dcat = rdflib.Namespace("http://www.w3.org/ns/dcat#")
    addresses = {str(found) for found in graph.objects(predicate=dcat.downloadURL)}
    for address in addresses:
        assert (site / address.removeprefix("https://ocenka.example/")).is_file(), address
    assert len(addresses) > 20


def _ordered(shapes: str) -> str:
    """Prefixes stand before what uses them."""
    lines = shapes.strip().splitlines()
    return "\n".join(sorted(lines, key=lambda line: not line.startswith("@prefix")))


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib", "ignore::DeprecationWarning:pyshacl")
def test_a_catalogue_without_a_licence_or_title_would_be_seen(site: Path) -> None:
    found = json.loads((site / "data/catalogue.jsonld").read_text("utf-8"))
    del found["dcat:dataset"][0]["dct:title"]
    found["dcat:dataset"][0]["dcat:distribution"][0]["dcat:byteSize"] = "many"
    graph = rdflib.Graph().parse(data=json.dumps(found), format="json-ld")
    shapes = rdflib.Graph().parse(data=_ordered(SHAPES), format="turtle")
    conforms, results, _ = pyshacl.validate(graph, shacl_graph=shapes)
    assert not conforms
    shacl = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    assert len(list(results.subjects(rdflib.RDF.type, shacl.ValidationResult))) == 2


def markup(page: Path) -> Any:
    [found] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)
    return json.loads(found)


@pytest.mark.parametrize("page", ["data/index.html", "en/data/index.html"])
def test_the_page_of_data_tells_search_engines_of_each_set(site: Path, page: str) -> None:
    found = markup(site / page)
    assert found["@type"] == "DataCatalog"
    [data_set] = found["dataset"]
    assert data_set["@type"] == "Dataset"
    assert data_set["license"] == LICENCE["path"]
    assert 50 <= len(data_set["description"]) <= 5000
    assert data_set["temporalCoverage"] == "2025/2025"
    assert data_set["spatialCoverage"] == [{"@type": "Place", "name": "Томская область"}]
    for file in data_set["distribution"]:
        content = (site / file["contentUrl"].removeprefix("https://ocenka.example/")).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert str(len(content)) == file["contentSize"]


# ---- the passport ----------------------------------------------------------------------------------------------------

META = (
    *("standardversion", "identifier", "title", "description", "creator", "created", "modified", "subject", "format"),
    *("provenance", "valid", "publishername", "publisherphone", "publishermbox"),
)


def test_the_register_leads_to_passports_data_and_structure(site: Path) -> None:
    listed = rows_of(site / "opendata/list.csv")
    assert list(listed[0]) == ["property", "title", "value", "format"]
    assert listed[0]["property"] == "standardversion"
    assert listed[0]["value"] == "http://opendata.gosmonitor.ru/standard/3.0"
    assert len(listed) == 6
    for each in listed[1:]:
        assert each["property"].startswith(f"{INN}-demo-")
        meta = rows_of(site / each["value"].removeprefix("https://ocenka.example/"))
        assert tuple(row["property"] for row in meta[:14]) == META
        said = {row["property"]: row["value"] for row in meta}
        assert said["identifier"] == each["property"]
        assert said["created"] == said["modified"] == "20260207"
        assert said["valid"] == "20270207"
        assert said["publishername"] == "Департамент качества"
        data, structure = (row["property"] for row in meta[14:])
        assert re.fullmatch(r"data-\d{8}T\d{4}-structure-\d{8}T\d{4}\.csv", data)
        assert data.endswith(structure)
        folder = site / "opendata" / each["property"]
        table = each["property"].removeprefix(f"{INN}-demo-")
        assert (folder / data).read_bytes() == (site / f"data/demo/latest/{table}.csv").read_bytes()
        told = rows_of(folder / structure)
        assert list(told[0]) == ["field name", "english description", "russian description", "format"]
        assert [row["field name"] for row in told] == list(rows_of(folder / data)[0])
        assert all(row["english description"] and row["russian description"] for row in told)


@pytest.mark.parametrize("lang", ["", "en/"])
def test_a_passport_page_has_its_seventeen_rows(site: Path, lang: str) -> None:
    text = (site / f"{lang}opendata/{INN}-demo-scores/index.html").read_text("utf-8")
    assert re.findall(r'<td data-l="№">(\d+)</td>', text) == [str(number) for number in range(1, 18)]
    assert 'property="dc:identifier"' in text
    assert "http://opendata.gosmonitor.ru/standard/3.0" in text
    register = (site / f"{lang}opendata/index.html").read_text("utf-8")
    assert f'opendata/{INN}-demo-scores/"' in register


def test_a_withdrawn_review_goes_from_the_passport_too(tmp_path: Path, package_factory: Callable[..., Path]) -> None:
    tables = valid_tables(1, 4)
    tables["reviews"][0]["text"] = "Приметнейшее слово"
    command = ["build", "--output", str(tmp_path / "o"), "--packages"]
    assert publish.main([*command, str(package_factory(tables=tables))]) == 0
    tables["reviews"].pop(0)
    tables["replies"] = []
    for _ in range(2):
        assert publish.main([*command, str(package_factory(tables=tables))]) == 0
    for file in (tmp_path / "o").rglob("opendata/*/*.csv"):
        assert "Приметнейшее" not in file.read_text("utf-8"), file


def test_a_release_has_the_texts_of_its_licences_and_others_have_none(
    tmp_path: Path, package_factory: Callable[..., Path], project_root: Path
) -> None:
    licences = [{"name": "CC-BY-4.0"}, {"name": "OGL-UK-3.0"}, {"name": "own", "title": "Своя"}, {"name": "../index"}]
    licences.append({"name": "CC-BY-4.0"})
    package = package_factory(descriptor={"licenses": licences})
    assert publish.main(["build", "--output", str(tmp_path / "o"), "--packages", str(package)]) == 0
    release = tmp_path / "o/current/data/demo/1.0.0"
    texts = {file.name: file.read_text("utf-8") for file in release.glob("LICENSE*")}
    assert sorted(texts) == ["LICENSE-CC-BY-4.0.txt", "LICENSE-OGL-UK-3.0.txt"]
    assert "Section 2 – Scope" in texts["LICENSE-CC-BY-4.0.txt"] and len(texts["LICENSE-CC-BY-4.0.txt"]) > 15_000
    sums = (release / "SHA256SUMS").read_text("utf-8")
    assert [sums.count(f"  {name}\n") for name in sorted(texts)] == [1, 1]
    page = (tmp_path / "o/current/data/index.html").read_text("utf-8")
    assert "Creative Commons Attribution 4.0 International" in page and 'LICENSE-CC-BY-4.0.txt"' in page


def test_a_strange_inn_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/publication.yaml").write_text('publisher_inn: "12"\n', "utf-8")
    command = ["build", "--config", str(tmp_path / "content/publication.yaml"), "--output", str(tmp_path / "o")]
    assert publish.main(command) == 1
    assert "десять или двенадцать цифр" in capsys.readouterr().err


# ---- the dictionary --------------------------------------------------------------------------------------------------


def test_the_dictionary_has_every_column_once_with_words(site: Path) -> None:
    release = site / "data/demo/latest"
    rows = rows_of(release / "dictionary.csv")
    descriptor = json.loads((release / "datapackage.json").read_text("utf-8"))
    assert [(row["table"], row["column"]) for row in rows] == [
        (table["name"], field["name"]) for table in descriptor["resources"] for field in table["schema"]["fields"]
    ]
    assert all(row["title_ru"] and row["description_ru"] and row["description_en"] for row in rows)


def test_every_column_of_the_profile_has_words() -> None:
    from nok.packages.profile import RESOURCES, profile_schema
    from nok.render.dictionary import described
    from nok.site.publication import read_publication

    words = read_publication(None).field_words
    lacking = [
        f"{table}.{field['name']} ({language})"
        for table in RESOURCES
        for field in profile_schema(table)["fields"]
        for language in ("ru", "en")
        if field["name"] not in _NEVER_RELEASED and not described(table, field, language, words)
    ]
    assert not lacking


_NEVER_RELEASED = frozenset("openness comfort accessibility courtesy speed cleanliness professionalism path".split())
"""Columns that are not published row by row."""


@pytest.mark.parametrize(("lang", "word"), [("", "ИНН, с ведущими нулями"), ("en/", "taxpayer number")])
def test_the_page_of_the_dictionary_tells_of_each_column(site: Path, lang: str, word: str) -> None:
    text = (site / f"{lang}data/dictionary/index.html").read_text("utf-8").replace("\xa0", " ")
    assert word in text
    assert text.count("<code>organization_id</code>") == 3
    assert 'data/dictionary/"' in (site / f"{lang}data/index.html").read_text("utf-8")


# ---- recipes ---------------------------------------------------------------------------------------------------------


def recipes(project_root: Path) -> dict[str, str]:
    text = (project_root / "docs/recipes.md").read_text("utf-8")
    return dict(re.findall(r"## ([^\n]+)\n\n```\w+\n(.*?)\n```", text, re.DOTALL))


def run_recipe(code: str, release: Path) -> Any:
    told: dict[str, Any] = {}
    exec(compile(code.replace("https://ocenka.example/data/demo/latest", str(release)), "recipe", "exec"), told)
    return told["result"]


def test_recipes_of_three_tools_agree(site: Path, project_root: Path) -> None:
    release, every = site / "data/demo/latest", recipes(project_root)
    by_duckdb = [tuple(row) for row in run_recipe(every["DuckDB"], release)]
    by_polars = run_recipe(every["Polars"], release).rows()
    by_pandas = [tuple(row) for row in run_recipe(every["pandas"], release).itertuples()]
    assert by_duckdb == [("health", 3, pytest.approx(82.0))]
    assert by_polars == by_duckdb
    assert by_pandas == by_duckdb


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_the_page_about_data_has_the_recipes_of_the_documents(project_root: Path, lang: str) -> None:
    [page] = (project_root / "content/pages" / lang).glob("*data*.md")
    text = page.read_text("utf-8")
    every = recipes(project_root)
    assert list(every) == ["pandas", "Polars", "DuckDB", "R", "Excel, Power Query"]
    for name, code in every.items():
        shown = "\n".join(f"    {line}" if line else "" for line in code.split("\n"))
        assert f"### {name}\n\n{shown}\n" in text
        assert len(code.splitlines()) <= 12
