"""What frictionless is asked about small tables: how it is told where they lie, and what becomes of its answer."""

import csv
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from nok.packages import check
from nok.packages.read import Package, Resource, read_package
from tests.conftest import write_package


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """A package that is named from the folder above it, as a person does."""
    write_package(tmp_path / "demo")
    monkeypatch.chdir(tmp_path)
    found, problems = read_package(Path("demo"))
    assert found is not None and problems == []
    return found


def _resource(package: Package, name: str = "organizations") -> Resource:
    found = package.resource(name)
    assert found is not None
    return found


def test_a_helper_in_another_folder_reads_the_same_table(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    tables = [(package, resource) for resource in package.resources]
    portable = [check._portable(*table) for table in tables]
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert check._second_opinions(portable, "utf-8") == [[] for _ in tables]


def test_what_the_helper_said_is_not_asked_again(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = _resource(package)
    with ThreadPoolExecutor(1) as helper:
        reader = check._SecondReader(helper, "utf-8", [(package, resource)])
        assert reader._said is not None and reader._said.result() == [[]]
        monkeypatch.setattr(check, "_second_opinion", None)
        assert reader.read(package, resource) == []


def test_a_table_that_frictionless_falls_over_is_left_to_whoever_asks(package: Package) -> None:
    resource = _resource(package)
    resource.files[0].write_bytes(b"")
    assert check._second_opinions([check._portable(package, resource)], "utf-8") == [None]


def test_what_frictionless_refuses_is_told_at_its_place(package: Package) -> None:
    resource = _resource(package, "reviews")
    with resource.files[0].open(encoding="utf-8", newline="") as stream:
        header, first, *others = csv.reader(stream)
    first[header.index("rating")] = "nine"
    with resource.files[0].open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, first, *others])
    (problem,) = check._second_opinion(package, resource, "utf-8")
    where = (problem.where.package, problem.where.file, problem.where.row, problem.where.column)
    assert (problem.rule, problem.value, where) == ("frictionless", "type-error", ("demo", "reviews.csv", 2, "rating"))
    assert "integer" in problem.details["reason"]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_frictionless_is_told_what_the_file_holds(package: Package, delimiter: str) -> None:
    resource = replace(_resource(package), delimiter=delimiter)
    file = resource.files[0]
    file.write_text(file.read_text("utf-8").replace(",", delimiter), "utf-8")
    described = check._plain(package, resource, "cp1251")
    expected = {"name": "organizations", "path": "organizations.csv", "type": "table", "format": "csv"}
    assert {name: described[name] for name in expected} == expected
    assert described["encoding"] == "cp1251"
    assert described.get("dialect") == ({"csv": {"delimiter": ";"}} if delimiter == ";" else None)
    header = file.read_text("utf-8").split("\n")[0].split(delimiter)
    assert [field["name"] for field in described["schema"]["fields"]] == header
    assert described["schema"]["primaryKey"] == resource.schema["primaryKey"]
    assert described["schema"]["missingValues"] == [""]
