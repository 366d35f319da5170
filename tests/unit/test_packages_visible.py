"""Drafts, withheld rows and the words of restricted reviews never leave the border."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from nok.packages.read import Package, read_package
from nok.packages.visible import find_hidden, visible_rows
from tests.unit.validation_support import (
    DESCRIPTOR,
    ORGANIZATIONS,
    REVIEWS,
    Change,
    Factory,
    both,
    cell,
    own_field,
)

SECRET = "канарейка"


def opened(folder: Path) -> Package:
    package, problems = read_package(folder)
    assert package is not None and not problems
    return package


def shown(*folders: Path) -> dict[str, list[dict[str, str]]]:
    """Table to the rows of it that may be shown, over all packages."""
    packages = [opened(folder) for folder in folders]
    hidden = find_hidden(packages)
    found: dict[str, list[dict[str, str]]] = {}
    for package in packages:
        for resource in package.resources:
            found.setdefault(resource.name, []).extend(visible_rows(resource, hidden))
    return found


def ids(rows: list[dict[str, str]]) -> list[str]:
    return [row["organization_id"] for row in rows]


@pytest.fixture
def folder(package_factory: Factory) -> Path:
    return package_factory(organizations=3, reviews=2)


def test_all_rows_of_a_published_package_are_shown(folder: Path) -> None:
    assert {name: len(rows) for name, rows in shown(folder).items()} == {
        "organizations": 3,
        "assessments": 1,
        "scores": 18,
        "reviews": 6,
        "replies": 1,
    }


@pytest.mark.parametrize("status", ["draft", "withheld"])
def test_an_organisation_that_is_not_published_takes_its_rows_along(folder: Path, status: str) -> None:
    cell(ORGANIZATIONS, 2, "status", status)(folder)
    found = shown(folder)
    assert ids(found["organizations"]) == ["clinic-2", "clinic-3"]
    assert set(ids(found["scores"])) == set(ids(found["reviews"])) == {"clinic-2", "clinic-3"}
    assert found["replies"] == []


@pytest.mark.parametrize("column", ["parent_organization_id", "successor_organization_id"])
def test_a_chain_of_branches_of_a_draft_is_not_shown(folder: Path, column: str) -> None:
    both(
        cell(ORGANIZATIONS, 4, "status", "draft"),
        cell(ORGANIZATIONS, 3, column, "clinic-3"),
        cell(ORGANIZATIONS, 2, column, "clinic-2"),
    )(folder)
    found = shown(folder)
    assert (found["organizations"], found["scores"], found["reviews"], found["replies"]) == ([], [], [], [])


def test_the_head_of_a_draft_branch_is_shown(folder: Path) -> None:
    both(cell(ORGANIZATIONS, 2, "status", "draft"), cell(ORGANIZATIONS, 2, "parent_organization_id", "clinic-2"))(
        folder
    )
    assert ids(shown(folder)["organizations"]) == ["clinic-2", "clinic-3"]


def test_a_draft_of_one_package_hides_rows_of_another(package_factory: Factory) -> None:
    heads, branches = package_factory("heads", prefix="h-"), package_factory("branches")
    cell(ORGANIZATIONS, 2, "status", "draft")(heads)
    cell(ORGANIZATIONS, 2, "parent_organization_id", "h-clinic-1")(branches)
    assert "clinic-1" not in ids(shown(branches, heads)["organizations"])


@pytest.mark.parametrize("status", ["draft", "withheld"])
def test_scores_of_an_unpublished_assessment_are_not_shown(folder: Path, status: str) -> None:
    cell("assessments.csv", 2, "status", status)(folder)
    found = shown(folder)
    assert (found["assessments"], found["scores"], len(found["reviews"])) == ([], [], 6)


def restricted(folder: Path) -> None:
    both(cell(REVIEWS, 2, "state", "restricted"), cell(REVIEWS, 2, "text", SECRET))(folder)


def test_a_restricted_review_keeps_its_rating_and_loses_its_words(folder: Path) -> None:
    restricted(folder)
    found = shown(folder)
    assert (found["reviews"][0]["text"], found["reviews"][0]["rating"], len(found["reviews"])) == ("", "1", 6)
    assert found["replies"] == []


def in_own_column(folder: Path) -> None:
    both(own_field({"name": "original_text"}, "reviews"), cell(REVIEWS, 2, "original_text", SECRET))(folder)


def in_own_table(folder: Path) -> None:
    (folder / "translations.csv").write_text(f"review_id,translation\nreview-1,{SECRET}\n", "utf-8")
    described = json.loads((folder / DESCRIPTOR).read_text("utf-8"))
    schema = {"fields": [{"name": "review_id"}, {"name": "translation"}]}
    described["resources"].append({"name": "translations", "path": "translations.csv", "schema": schema})
    (folder / DESCRIPTOR).write_text(json.dumps(described), "utf-8")


@pytest.mark.parametrize("put", [lambda folder: None, in_own_column, in_own_table], ids=["text", "column", "table"])
@pytest.mark.parametrize(
    "hide", [restricted, cell(ORGANIZATIONS, 2, "status", "withheld")], ids=["restricted", "withheld organisation"]
)
def test_no_word_of_a_hidden_review_passes(folder: Path, put: Change, hide: Callable[[Path], None]) -> None:
    cell(REVIEWS, 2, "text", SECRET)(folder)
    cell("replies.csv", 2, "text", SECRET)(folder)
    put(folder)
    assert SECRET in str(shown(folder))
    hide(folder)
    assert SECRET not in str(shown(folder))
