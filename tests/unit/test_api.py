"""The static API: every request that its page shows is made against what is served, and its answer has the form told."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate
from starlette.testclient import TestClient

import publish
from nok import urls
from nok.warehouse import Warehouse
from tests.conftest import valid_tables, write_small_package
from tests.property.small_publication import quick_builds
from tests.unit.widget_support import running

ORGANIZATIONS = 103
"""More than stand on a page of the API."""


class Site:
    def __init__(self, folder: Path, organizations: int = ORGANIZATIONS) -> None:
        self.folder, self.tables = folder, valid_tables(organizations, 1)
        (folder / "site/content").mkdir(parents=True)
        (folder / "site/content/publication.yaml").write_text("languages: [ru]\nupdate_days: 7\n")

    def build(self) -> None:
        write_small_package(self.folder / "small", self.tables)
        given = [
            "--config",
            str(self.folder / "site/content/publication.yaml"),
            "--packages",
            str(self.folder / "small"),
        ]
        assert publish.main(["build", *given, "--output", str(self.folder / "out"), "--jobs", "1"]) == 0

    @property
    def root(self) -> Path:
        return self.folder / "out/current"

    def read(self, path: str) -> Any:
        return json.loads((self.root / path).read_text("utf-8"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("api"))
    with quick_builds():
        made.build()
    return made


@pytest.fixture(scope="module")
def client(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running(tmp_path_factory.mktemp("served"), site=site.root) as found:
        yield found


def test_the_description_is_valid_and_every_example_has_the_form_told(site: Site, client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    validate(described)
    page = client.get("/api/").text
    commands = [html.unescape(found) for found in re.findall(r"<code>curl --compressed (https://[^<]+)</code>", page)]
    assert len(commands) == len(described["paths"]) >= 10
    for address in commands:
        path = address.removeprefix("https://ocenka.example")
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["etag"]
        (pattern,) = [one for one in described["paths"] if fits(one, path)]
        operation = described["paths"][pattern]["get"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json(), {**schema, "components": described["components"]})
        assert client.get(path, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def fits(pattern: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(pattern)), path) is not None


def test_pages_and_posters_may_not_be_read_by_other_sites(client: TestClient) -> None:
    for path in ("/api/", "/index.html", "/o/70/clinic-1.html"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "access-control-allow-origin" not in answer.headers


def test_lists_of_a_region_hold_everything_once(site: Site) -> None:
    (region,) = site.read("api/v1/regions.json")["regions"]
    assert (region["organizations"], region["pages"]) == (ORGANIZATIONS, 2)
    found: dict[str, list[dict[str, Any]]] = {"organizations": [], "scores": [], "reviews": []}
    for name, rows in found.items():
        path = region["lists"][name]
        while path:
            page = site.read(path)
            rows.extend(page[name])
            path = page["next"]
    for name, key in (("organizations", ["organization_id"]), ("reviews", ["review_id"])):
        assert sorted(str(row[key[0]]) for row in found[name]) == sorted(str(row[key[0]]) for row in site.tables[name])
    assert len(found["scores"]) == len(site.tables["scores"])
    first = found["organizations"][0]
    record = site.read(first["json"])
    assert record["organization"]["organization_id"] == first["organization_id"]
    assert (site.root / first["page"]).is_file()
    totals = {row["organization_id"]: row["points"] for row in found["scores"] if row["measure"] == "total"}
    assert {row["organization_id"]: row["total"] for row in found["organizations"]} == totals


def test_scores_and_reviews_are_told_to_the_letter(tmp_path: Path) -> None:
    """Points as they were printed, however small; newest rounds first; a review whose text may not be shown without text
    and reply."""
    site = Site(tmp_path, organizations=1)
    (round_of_2025,) = site.tables["assessments"]
    older = {**round_of_2025, "assessment_id": "a-2023", "period": 2023, "started_on": "2023-03-01"}
    inner = {**round_of_2025, "assessment_id": "z-2026", "period": 2026, "kind": "departmental"}
    hidden = {**round_of_2025, "assessment_id": "b-2024", "period": 2024, "status": "draft"}
    site.tables["assessments"] += [older, inner, hidden]
    small = [
        {
            "organization_id": "clinic-1",
            "assessment_id": name,
            "measure": "K1",
            "points": points,
            "state": "scored",
        }
        for name, points in (("a-2023", "0.0000001"), ("z-2026", "50.10"), ("b-2024", "7"))
    ]
    small.append({**small[0], "measure": "total", "points": "0.0000002"})
    none = {"organization_id": "clinic-1", "assessment_id": "a-2023", "measure": "K2", "state": "no_data"}
    site.tables["scores"] += [*small, none]
    (said,) = site.tables["reviews"]
    said["reason_code"] = ""
    silent = {**said, "review_id": "r-silent", "text": "", "state": "restricted", "reason_code": "personal_data"}
    site.tables["reviews"].append(silent)
    site.tables["replies"].append({**site.tables["replies"][0], "review_id": "r-silent"})
    site.build()
    scores = site.read("api/v1/regions/70/scores-1.json")["scores"]
    assert [row["assessment_id"] for row in scores] == ["health-2025"] * 6 + ["a-2023"] * 3 + ["z-2026"]
    told = {(row["assessment_id"], row["measure"]): row for row in scores}
    given = [row for row in site.tables["scores"] if row["assessment_id"] != "b-2024"]
    for row in given:
        one = told[str(row["assessment_id"]), str(row["measure"])]
        people = row.get("respondents")
        assert (one["points"], one["state"]) == (row.get("points"), row["state"])
        assert one["respondents"] == (None if people is None else int(str(people)))
    own = site.read("o/70/clinic-1.json")
    printed = {row["points"] for row in own["scores"]}
    assert {"0.0000001", "0.0000002"} <= printed
    table = (site.root / urls.rating_table("70", "a-2023", "clinic", 1, "")).read_text("utf-8-sig")
    page = (site.root / urls.rating_list("70", "a-2023", "clinic", 1, "")).read_text("utf-8")
    assert all(text in page for text in ("0.0000001", "0.0000002")) and "E-7" not in page + table
    reviews = {row["review_id"]: row for row in site.read("api/v1/regions/70/reviews-1.json")["reviews"]}
    reply = {"text": "Спасибо, исправим.", "replied_on": str(site.tables["replies"][0]["replied_on"])}
    assert [reviews[name]["reply"] for name in (said["review_id"], "r-silent")] == [reply, None]
    assert (reviews["r-silent"]["text"], reviews["r-silent"]["state"]) == (None, "restricted")
    assert {name: (row["received_on"], row["rating"]) for name, row in reviews.items()} == {
        row["review_id"]: (str(row["received_on"]), int(str(row["rating"]))) for row in site.tables["reviews"]
    }


def test_the_page_of_a_municipality_is_made_without_a_look_at_all_of_the_region(site: Site) -> None:
    asked: list[str] = []
    with Warehouse(site.folder / "out.state" / "warehouse.sqlite") as store:
        store._base.set_trace_callback(asked.append)
        found = store.in_municipality("70", "Томск")
        store._base.set_trace_callback(None)
        (plan,) = [str(store._base.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()) for query in asked[:1]]
    assert len(found) == ORGANIZATIONS
    assert "by_municipality (region_code=? AND municipality=?" in plan and "TEMP B-TREE" not in plan


def test_an_organisation_is_found_by_the_beginning_of_its_number(site: Site) -> None:
    for row in site.tables["organizations"]:
        inn = str(row["inn"])
        rows = site.read(f"api/v1/inn/{inn[:4]}.json")["organizations"]
        assert [one["organization_id"] for one in rows if one["inn"] == inn] == [row["organization_id"]]


def test_a_file_of_numbers_is_made_without_a_look_at_all_organisations(site: Site) -> None:
    """There are thousands of tax offices, and a file for each."""
    asked: list[str] = []
    with Warehouse(site.folder / "out.state" / "warehouse.sqlite") as store:
        store._base.set_trace_callback(asked.append)
        whole = list(store.inn_rows())
        some = list(store.inn_rows(whole[0][0][:4]))
        store._base.set_trace_callback(None)
        plans = [str(store._base.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()) for query in asked]
    assert some == [row for row in whole if row[0][:4] == whole[0][0][:4]]
    assert len(plans) == 2 and all("SEARCH organizations USING INDEX by_inn" in plan for plan in plans)


def test_the_index_says_when_the_next_build_comes(site: Site) -> None:
    found = site.read("api/v1/index.json")
    assert (found["day"], found["next_update"]) == ("2026-02-07", "2026-02-14")
    assert found["packages"] == {"demo": "1.0.0"}
    assert "{region_code}" in found["files"]["organizations"]


def test_a_method_tells_its_weights_and_formulas(site: Site) -> None:
    found = site.read("api/v1/methods/344n-2018.json")
    formulas = found["variants"][0]["formulas"]
    assert formulas["K1"] == {"formula": "weighted_sum", "of": {"1.1": "0.3", "1.2": "0.3", "1.3": "0.4"}}
    assert {row["method_id"] for row in site.read("api/v1/methods.json")["methods"]} >= {"344n-2018"}


def test_one_changed_organisation_rewrites_few_files_and_is_told_of(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with quick_builds():
        site.build()
        before = {file: file.stat().st_ino for file in (site.root.resolve() / "api").rglob("*.json")}
        site.build()  # fills the other slots
        site.tables["reviews"].append({**site.tables["reviews"][0], "review_id": "r-new", "text": "Новый."})
        site.build()
    assert before
    now = {
        file.relative_to(site.root.resolve()).as_posix(): file.stat().st_ino
        for file in (site.root.resolve() / "api").rglob("*.json")
    }
    old = set(before.values())
    written = sorted(path for path, inode in now.items() if inode not in old)
    name = str(site.tables["reviews"][0]["organization_id"])
    page = next(
        number
        for number in (1, 2)
        if name in (site.root / f"api/v1/regions/70/organizations-{number}.json").read_text("utf-8")
    )
    assert written == [
        "api/v1/changes.json",
        "api/v1/index.json",
        f"api/v1/regions/70/organizations-{page}.json",
        f"api/v1/regions/70/reviews-{page}.json",
    ]
    (build,) = site.read("api/v1/changes.json")["builds"]
    assert build["build_id"] == site.read("build.json")["build_id"]
    assert build["organizations"] == [{"organization_id": name, "tables": ["reviews"]}]


def test_a_new_review_makes_no_list_anew_that_does_not_show_it(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with quick_builds():
        site.build()
        pages = {
            name: site.root / f"api/v1/regions/70/{name}-1.json" for name in ("organizations", "scores", "reviews")
        }
        before = {name: (page.stat().st_ino, page.read_bytes()) for name, page in pages.items()}
        review = dict(site.tables["reviews"][0], review_id="r-new", rating="2")
        site.tables["reviews"].append(review)
        site.build()
    after = {name: (page.stat().st_ino, page.read_bytes()) for name, page in pages.items()}
    assert after["scores"] == before["scores"] and b"r-new" in after["reviews"][1]
    told = [json.loads(content)["organizations"] for _, content in (before["organizations"], after["organizations"])]
    ratings = [{row["organization_id"]: row["ratings"] for row in rows} for rows in told]
    changed = {name for name in ratings[0] if ratings[0][name] != ratings[1][name]}
    assert changed == {review["organization_id"]}
