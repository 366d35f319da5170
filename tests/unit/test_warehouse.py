"""Directed histories: one change between two builds, and what of the site it must and must not reach."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.property.small_publication import (
    Publication,
    current,
    manifest,
    pages,
    small_publication,
    tree,
)


@pytest.fixture
def publication(tmp_path: Path) -> Publication:
    return small_publication(tmp_path / "site")


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


def build(publication: Publication, output: Path, *more: str) -> None:
    publication.write()
    assert publication.build(output, *more) == 0


def assert_as_clean(publication: Publication, output: Path) -> None:
    """The published site is what a build into a fresh folder makes."""
    clean = output.with_name("clean")
    shutil.rmtree(clean, ignore_errors=True)
    shutil.rmtree(clean.with_name("clean.state"), ignore_errors=True)
    assert publication.build(clean) == 0
    kept, fresh = pages(current(output)), pages(current(clean))
    assert sorted(path for path in {*kept, *fresh} if kept.get(path) != fresh.get(path)) == []
    found = {path: sha for path, (sha, _) in tree(current(output)).items()}
    assert found == manifest(output.with_name(f"{output.name}.state"), current(output))


# ---- incremental equals full -----------------------------------------------------------------------------------------

Change = Callable[[Publication], object]


def _move_review(made: Publication) -> None:
    made.tables["reviews"][("r-1-0",)][1]["organization_id"] = "clinic-2"


def _edit(table: str, key: str, **cells: str) -> Change:
    return lambda made: made.tables[table][(key,)][1].update(cells)


def _flip_demonstration(made: Publication) -> None:
    """Its region has invented organisations of another package before and after."""
    made.demonstrations ^= {"one"}


CHANGES = [
    pytest.param(lambda made: made.config.update(public_url="https://other.example"), id="address of the site"),
    pytest.param(_move_review, id="a review with a reply goes to another organisation"),
    pytest.param(_edit("assessments", "health-2025", title="Другая"), id="title of a round"),
    pytest.param(_edit("assessments", "health-2025", period="2026"), id="year of a round"),
    pytest.param(_edit("assessments", "health-2025", status="draft"), id="a round is hidden"),
    pytest.param(_edit("organizations", "clinic-1", region_code="77"), id="another region without a point"),
    pytest.param(_flip_demonstration, id="a package is invented no more"),
    pytest.param(lambda made: made.move("organizations", ("clinic-1",), ("two", 0)), id="into another package"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_build_after_a_change_is_what_a_clean_build_makes(
    change: Change, publication: Publication, output: Path
) -> None:
    publication.organization("clinic-demo", "two")
    publication.demonstrations = {"one", "two"}
    build(publication, output)
    change(publication)
    if publication.tables["organizations"][("clinic-1",)][1]["region_code"] == "77":
        publication.tables["organizations"][("clinic-1",)][1].update(latitude="", longitude="")
    build(publication, output)
    assert_as_clean(publication, output)
