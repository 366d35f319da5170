"""Changes since a release: small, signed, and with the release they are the tables of today."""

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import publish
from nok.packages.delta import DeltaFault, apply_delta
from nok.packages.profile import profile_schema
from tests.conftest import valid_tables, write_small_package
from tests.property.small_publication import quick_builds

Factory = Callable[..., Path]
Tables = dict[str, list[dict[str, object]]]


@pytest.fixture(autouse=True)
def quickly() -> Iterator[None]:
    """Builds do without what is not the matter here."""
    with quick_builds():
        yield


class Site:
    """A publication of one package that is built again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tables = folder, valid_tables(6, 4)
        for review in self.tables["reviews"]:
            review["reason_code"] = ""
        for organization in self.tables["organizations"]:
            organization.setdefault("closed_on", "")
        self.descriptor: dict[str, Any] = {}

    def build(self, *more: str) -> int:
        package = write_small_package(self.folder / "small", self.tables, descriptor=self.descriptor)
        given = ["--packages", str(package), "--output", str(self.folder / "out"), "--jobs", "1"]
        return publish.main(["build", *given, *more])

    @property
    def data(self) -> Path:
        return self.folder / "out/current/data/demo"

    def changes(self) -> dict[str, list[dict[str, str]]]:
        """Table to the rows of its changes."""
        return {file.stem: read(file) for file in sorted((self.data / "changes").glob("*.csv"))}

    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "changes/changes.json").read_text("utf-8"))
        return found

    def applied(self) -> dict[str, list[dict[str, str]]]:
        place = self.folder / "applied"
        shutil.rmtree(place, ignore_errors=True)
        apply_delta(self.data / "latest", self.data / "changes", place)
        return {file.stem: read(file) for file in sorted(place.glob("*.csv"))}


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_build_that_cuts_no_release_says_what_has_changed_since(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert site.build() == 0
    assert site.changes() == {}
    assert site.record()["since"] == "1.0.0"
    tables = site.tables
    gone = tables["reviews"].pop(1)
    tables["reviews"].append({**tables["reviews"][0], "review_id": "r-new", "text": "Новый отзыв."})
    tables["organizations"][2]["name"] = "Другое имя"
    tables["scores"][0]["points"] = "11.11"
    site.descriptor = {"title": "Другой заголовок"}
    assert site.build() == 0
    found = site.changes()
    assert [(row["change"], row["review_id"]) for row in found["reviews"]] == [
        ("added", "r-new"),
        ("removed", gone["review_id"]),
    ]
    assert [(row["change"], row["name"]) for row in found["organizations"]] == [("changed", "Другое имя")]
    assert [(row["change"], row["points"]) for row in found["scores"]] == [("changed", "11.11")]
    record = site.record()
    assert record["withdrawn"] == [{"organization_id": gone["organization_id"], "review_id": gone["review_id"]}]
    assert record["descriptor"]["title"] == "Другой заголовок"
    assert {one["name"]: (one["added"], one["changed"], one["removed"]) for one in record["resources"]} == {
        "organizations": (0, 1, 0),
        "scores": (0, 1, 0),
        "reviews": (1, 0, 1),
    }
    applied = site.applied()
    assert [row["name"] for row in applied["organizations"]].count("Другое имя") == 1
    assert {row["review_id"] for row in applied["reviews"]} == {str(row["review_id"]) for row in tables["reviews"]}
    assert publish.main(["verify", str(tmp_path / "out"), "--jobs", "1"]) == 0
    assert site.build("--release") == 0
    assert site.changes() == {}
    assert site.applied()["scores"] == applied["scores"]


def test_a_release_says_what_it_brought_and_raises_the_number_that_fits(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert site.build() == 0
    tables = site.tables
    tables["organizations"][0]["name"] = "Новое имя"
    tables["scores"][0]["points"] = "11.11"
    assert site.build("--release") == 0
    tables["reviews"].append({**tables["reviews"][0], "review_id": "r-new"})
    tables["organizations"][1]["closed_on"] = "2026-01-31"
    assert site.build("--release") == 0
    for row in tables["reviews"]:
        row["own_mark"] = "да"
    schema = {"fields": [*profile_schema("reviews")["fields"], {"name": "own_mark", "type": "string"}]}
    resources = [{"name": name, "path": f"{name}.csv"} for name in tables if name != "reviews"]
    site.descriptor = {"resources": [*resources, {"name": "reviews", "path": "reviews.csv", "schema": schema}]}
    assert site.build("--release") == 0
    versions = json.loads((site.data / "versions.json").read_text("utf-8"))
    assert [one["version"] for one in versions["versions"]] == ["2.0.0", "1.1.0", "1.0.1", "1.0.0"]
    assert versions["latest"] == "2.0.0"
    releases = json.loads((site.data / "changelog.json").read_text("utf-8"))["releases"]
    major, minor, patch, first = releases
    assert (first["since"], patch["since"], minor["since"], major["since"]) == (None, "1.0.0", "1.0.1", "1.1.0")
    assert [one["name"] for one in patch["organizations"]["renamed"]["first"]] == ["Новое имя"]
    (corrected,) = patch["scores"]["corrected"]["first"]
    assert (corrected["now"], corrected["why"], corrected["name"]) == ("11.11", "correction", "Новое имя")
    assert minor["reviews"]["published"] == 1
    assert minor["organizations"]["closed"]["count"] == 1
    page = (site.data / "changelog.html").read_text("utf-8")
    for shown in ("2.0.0", "Новое имя</a>", "11,11", "исправлен балл", "<del>", "31 января 2026"):
        assert shown in page.replace("\u00a0", " "), shown


def test_what_was_changed_back_is_no_change(tmp_path: Path) -> None:
    site = Site(tmp_path)
    name = site.tables["organizations"][0]["name"]
    assert site.build() == 0
    for now, expected in (("Иное", {"organizations"}), (name, set())):
        site.tables["organizations"][0]["name"] = now
        assert site.build() == 0
        assert site.changes().keys() == expected


def test_an_organisation_that_is_kept_back_goes_with_all_its_rows(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert site.build() == 0
    hidden = site.tables["organizations"][0]
    hidden["status"] = "withheld"
    assert site.build() == 0
    applied = site.applied()
    for table, rows in applied.items():
        if table != "replies":
            assert not [row for row in rows if row.get("organization_id") == hidden["organization_id"]], table
    assert applied["replies"] == []
    hidden["status"] = "published"
    assert site.build() == 0
    assert site.changes() == {}


def test_a_hidden_text_is_in_no_change(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert site.build() == 0
    first = site.tables["reviews"][0]
    site.tables["reviews"].append(
        {**first, "review_id": "r-hidden", "text": "СКРЫТОЕ", "state": "restricted", "reason_code": "personal_data"}
    )
    assert site.build() == 0
    assert "СКРЫТОЕ" not in (site.data / "changes/reviews.csv").read_text("utf-8")
    assert [row["state"] for row in site.changes()["reviews"]] == ["restricted"]
    first.update(state="restricted", reason_code="personal_data")
    assert site.build() == 0
    assert site.applied()["replies"] == []
    assert str(first["text"]) not in "".join(file.read_text("utf-8") for file in (site.data / "changes").iterdir())


def test_the_slow_way_says_the_same_as_the_quick_one(tmp_path: Path) -> None:
    """Where what was known of the release is lost, tables are compared as wholes."""
    site = Site(tmp_path)
    assert site.build() == 0
    site.tables["scores"][0]["points"] = "11.11"
    site.tables["replies"][0]["text"] = "Иначе."
    site.tables["reviews"].append({**site.tables["reviews"][0], "review_id": "r-new"})
    assert site.build() == 0
    quick = {name: sorted(rows, key=str) for name, rows in site.changes().items()}
    shutil.rmtree(tmp_path / "out.state/released")
    site.tables["organizations"][5]["name"] = "Иное имя"
    assert site.build() == 0
    slow = {name: sorted(rows, key=str) for name, rows in site.changes().items()}
    assert slow.pop("organizations")[0]["change"] == "changed"
    assert slow == quick
    assert quick.keys() == {"scores", "replies", "reviews"}


def test_a_new_column_and_a_lost_table_are_told(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert site.build() == 0
    del site.tables["replies"]
    for row in site.tables["reviews"]:
        row["language"] = ""
    assert site.build() == 0
    assert site.record()["dropped"] == ["replies"]
    assert "replies" not in site.applied()


def test_changes_of_another_release_are_not_applied(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert site.build() == 0
    shutil.copytree(site.data / "latest", tmp_path / "other")
    (tmp_path / "other/SHA256SUMS").write_text("")
    with pytest.raises(DeltaFault, match="another release"):
        apply_delta(tmp_path / "other", site.data / "changes", tmp_path / "now")
    copied = Path(shutil.copytree(tmp_path / "out/current", tmp_path / "copied"))
    (copied / "data/demo/changes/changes.json").write_text("{}")
    assert publish.main(["verify", str(copied), "--jobs", "1"]) == 2
