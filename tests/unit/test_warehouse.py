"""Directed histories: one change between two builds, and what of the site it must and must not reach."""

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from nok import urls, warehouse_rows
from nok.packages import segments
from nok.site import fill, pelican_site
from nok.site.crew import run_all
from nok.site.tasks import RegionPlan
from tests.pace import within
from tests.property.small_publication import (
    FIRST_DAY,
    HISTORIES,
    ROOT,
    Publication,
    current,
    holders,
    manifest,
    pages,
    small_publication,
    stamps,
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


# ---- what the program remembers is lost or cut -----------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_notes_of_rows_that_are_lost_or_cut_are_made_anew(damage: str, publication: Publication, output: Path) -> None:
    build(publication, output)
    for notes in (output.with_name("output.state") / "rows").rglob("*.arrow"):
        content = notes.read_bytes()
        notes.unlink()
        if damage == "cut":
            notes.write_bytes(content[: len(content) // 2])
    for rating in ("1", "5"):
        publication.tables["reviews"][("r-1-1",)][1]["rating"] = rating
        build(publication, output)
        assert_as_clean(publication, output)


@pytest.mark.parametrize(
    ("part", "damage"),
    [
        ("assets", "gone"),
        ("checked", "cut"),
        ("warehouse.sqlite", "gone"),
        ("warehouse.sqlite", "cut"),
        pytest.param("assets", "cut", marks=pytest.mark.scale),
        pytest.param("checked", "gone", marks=pytest.mark.scale),
    ],
)
def test_a_build_goes_on_without_what_is_lost_or_cut(
    part: str, damage: str, publication: Publication, output: Path
) -> None:
    build(publication, output)
    place = output.with_name("output.state") / part
    for file in [place] if place.is_file() else sorted(place.iterdir()):
        content = file.read_bytes()
        file.unlink()
        if damage == "cut":
            file.write_bytes(content[: len(content) // 2])
    for rating in ("1", "5"):
        publication.tables["reviews"][("r-1-1",)][1]["rating"] = rating
        build(publication, output)
        assert_as_clean(publication, output)


# ---- withdrawn reviews -----------------------------------------------------------------------------------------------

SECRET = "Слово, которое взяли назад."


def _withdraw(made: Publication) -> None:
    made.drop("reviews", review_id="r-2-0")


def _restrict(made: Publication) -> None:
    made.tables["reviews"][("r-2-0",)][1].update(state="restricted", reason_code="personal_data")


def _move_and_withdraw(made: Publication) -> None:
    """The organisation stands at another address when its review goes."""
    _withdraw(made)
    made.tables["organizations"][("clinic-2",)][1].update(region_code="77", latitude="", longitude="")


def _remove_the_organisation(made: Publication) -> None:
    made.drop("organizations", organization_id="clinic-2")


def _withhold_and_withdraw(made: Publication) -> None:
    _withdraw(made)
    made.tables["organizations"][("clinic-2",)][1]["status"] = "withheld"


def _withhold(made: Publication) -> None:
    """Its package goes on saying what people wrote."""
    made.tables["organizations"][("clinic-2",)][1]["status"] = "withheld"


def _move_to_another_package_first(made: Publication, output: Path) -> None:
    made.move("reviews", ("r-2-0",), ("two", 0))
    build(made, output)
    _withdraw(made)


GOING = [_withdraw, _restrict, _move_and_withdraw, _remove_the_organisation, _withhold_and_withdraw, _withhold]


def fill_all_slots(publication: Publication, output: Path) -> None:
    """Three releases of the site and two of the data, all of which say the secret."""
    publication.tables["reviews"][("r-2-0",)][1]["text"] = SECRET
    for turn in range(3):
        publication.tables["organizations"][("clinic-3",)][1]["short_name"] = f"Третья {turn}"
        build(publication, output, *(["--release"] if turn == 1 else []))
    texts = holders(output, SECRET)
    assert {path.split("/")[1] for path in texts if path.startswith("slots/")} == {"a", "b", "c"}
    assert {"data/one/1.0.0/reviews.csv", "data/one/1.0.1/reviews.csv"} <= set(texts)


def assert_releases_hold(output: Path) -> None:
    """Checksums and descriptors of all versions are those of their files, and each says what was taken out of it."""
    sums = sorted((output / "data/one").glob("[0-9]*/SHA256SUMS"))
    assert len(sums) == 2
    for file in sums:
        named = dict(line.split("  ")[::-1] for line in file.read_text("utf-8").splitlines())
        files = (each for each in file.parent.rglob("*") if each.is_file())
        assert set(named) == {each.relative_to(file.parent).as_posix() for each in files} - {"SHA256SUMS"}
        for name, sha256 in named.items():
            assert hashlib.sha256((file.parent / name).read_bytes()).hexdigest() == sha256
        for resource in json.loads((file.parent / "datapackage.json").read_text("utf-8"))["resources"]:
            assert resource["hash"] == f"sha256:{named[resource['path']]}"
            assert resource["bytes"] == (file.parent / resource["path"]).stat().st_size
        said = (file.parent / "CHANGES.txt").read_text("utf-8").splitlines()
        assert len(said) == 1
        assert said[0].startswith("2026-02-07: ")
        assert re.search(r"reviews: \d rows", said[0])


@pytest.mark.parametrize(
    ("change", "is_remembered"),
    [
        *((change, True) for change in GOING),
        *((change, False) for change in GOING[:1]),
        *(pytest.param(change, False, marks=pytest.mark.scale) for change in GOING[1:]),
    ],
)
def test_what_is_withdrawn_is_nowhere_after_the_next_build(
    change: Change, is_remembered: bool, publication: Publication, output: Path
) -> None:
    fill_all_slots(publication, output)
    change(publication)
    if not is_remembered:
        shutil.rmtree(output.with_name("output.state"))
    build(publication, output)
    assert holders(output, SECRET) == []
    if change is not _withhold:  # there the package says it still, and what is remembered of the package
        assert holders(output.with_name("output.state"), SECRET) == []
    if change is not _remove_the_organisation:
        assert_releases_hold(output)
    assert_as_clean(publication, output)


def test_a_reply_that_was_taken_back_is_nowhere_though_nothing_is_remembered(
    publication: Publication, output: Path
) -> None:
    publication.drop("replies", review_id="r-2-0")
    publication.reply("r-2-0", SECRET)
    publication.reply("r-1-1", "Ответ, который стоит.")
    build(publication, output)
    publication.drop("replies", review_id="r-2-0")
    shutil.rmtree(output.with_name("output.state"))
    build(publication, output)
    assert holders(output, SECRET) == []
    assert "data/one/1.0.0/replies.csv" in holders(output, "Ответ, который стоит.")
    said = (output / "data/one/1.0.0/CHANGES.txt").read_text("utf-8")
    assert "replies: 1 row" in said
    assert "reviews" not in said


def test_kept_slots_stay_as_they_are_while_a_package_is_away(publication: Publication, output: Path) -> None:
    """Nobody knows whether its reviews are withdrawn before it comes back."""
    publication.review("r-away", "clinic-3", "two", text="Слово из пакета, которого сейчас нет.")
    build(publication, output)
    publication.absent.add("two")
    build(publication, output)
    slots = sorted((output / "slots").iterdir())
    before = [tree(slot) for slot in slots]
    publication.tables["organizations"][("clinic-3",)][1]["short_name"] = "Другая"
    build(publication, output)
    assert len(slots) == 2
    assert [tree(slot) for slot in slots] == before


def test_a_purged_slot_gets_a_sitemap_of_the_pages_that_are_left(publication: Publication, output: Path) -> None:
    publication.config["reviews_per_page"] = 2
    fill_all_slots(publication, output)
    _withdraw(publication)
    for name in ("Первая", "Вторая", "Третья"):
        publication.drop("reviews", review_id="r-2-1")
        publication.tables["organizations"][("clinic-3",)][1]["short_name"] = name
        build(publication, output)
        assert_as_clean(publication, output)


def test_kept_data_that_tell_nothing_of_a_picture_stay_when_it_is_taken_back(
    publication: Publication, output: Path
) -> None:
    """A rollback gives the data of its day, not those of the day on which a picture went."""
    publication.photograph(1, "clinic-1", "health-2025", "one")
    for points in ("50", "51", "52"):
        publication.rows("scores")[0]["points"] = points
        build(publication, output)
    kept = sorted(slot for slot in (output / "slots").iterdir() if slot.name != "a")
    before = [tree(slot) for slot in kept]
    assert all("data/one/changes/scores.csv" in files for files in before)
    publication.drop("observation_photos")
    build(publication, output)
    for slot, files in zip(kept, before, strict=True):
        now = tree(slot)
        changed = {path for path in {*files, *now} if files.get(path) != now.get(path)}
        assert {path.partition("/")[0] for path in changed} == {"o", "observed"}
        assert not [path for path in now if path.startswith("observed/")]


def test_a_review_is_withdrawn_from_the_package_that_once_held_it(publication: Publication, output: Path) -> None:
    fill_all_slots(publication, output)
    _move_to_another_package_first(publication, output)
    build(publication, output)
    assert holders(output, SECRET) == []
    assert_releases_hold(output)


def test_a_purge_that_was_cut_short_is_finished_by_the_next_build(
    publication: Publication, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_all_slots(publication, output)
    _withdraw(publication)
    publication.write()
    with monkeypatch.context() as patch:
        patch.setattr("nok.site.fill.purge", _stop)
        assert publication.build(output) == 130
    assert holders(output, SECRET)
    build(publication, output)
    assert holders(output, SECRET) == []
    assert_releases_hold(output)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_crash_between_two_versions_of_a_release_is_mended(publication: Publication, output: Path) -> None:
    fill_all_slots(publication, output)
    release = output / "data/one/1.0.0"
    shutil.copytree(release, release.with_name(".1.0.0.new"))
    release.rename(release.with_name(".1.0.0.old"))
    _withdraw(publication)
    build(publication, output)
    assert holders(output, SECRET) == []
    assert_releases_hold(output)
    assert sorted(path.name for path in (output / "data/one").glob("[.0-9]*")) == ["1.0.0", "1.0.1"]


def test_what_was_withdrawn_from_an_absent_package_is_gone_when_it_comes_back(
    publication: Publication, output: Path
) -> None:
    publication.review("r-12-9", "clinic-12", "two", text=SECRET)
    build(publication, output)
    publication.absent = {"two"}
    build(publication, output)
    publication.drop("reviews", review_id="r-12-9")
    publication.absent = set()
    build(publication, output)
    assert holders(output, SECRET) == []


# ---- texts of editors ------------------------------------------------------------------------------------------------


def test_texts_of_editors_are_read_again_only_where_something_about_them_has_changed(
    publication: Publication, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, times = pelican_site.read_editorial, list[str]()

    def noted(*given: Any, **named: Any) -> Any:
        times.append(named["title"])
        return read(*given, **named)

    monkeypatch.setattr(pelican_site, "read_editorial", noted)
    kept = output.with_name("output.state") / "texts.json"
    publication.text("news/ru/third.md", "Новость", "Date: 2026-02-03\n")
    second = ("pages/ru/second.md", "Второй текст")
    changes: list[Callable[[], object]] = [
        lambda: None,
        lambda: publication.text(*second),
        lambda: publication.text(second[0], "Иной второй"),
        (publication.folder / "content" / second[0]).unlink,
        lambda: publication.config.update(title="Иначе названо"),
        lambda: kept.write_bytes(kept.read_bytes()[:-20]),
        kept.unlink,
    ]
    for number, change in enumerate(changes, 1):
        change()
        for turn in range(2):
            publication.rows("scores")[0]["points"] = str(40 + 2 * number + turn)  # so that there is something to build
            build(publication, output)
            assert len(times) == number
    build(publication, output, "--no-cache")
    assert len(times) == len(changes) + 1
    assert "Новость" in (output / "current/news/index.html").read_text("utf-8")
    assert_as_clean(publication, output)


# ---- releases of data ------------------------------------------------------------------------------------------------


def test_a_version_that_was_released_is_never_cut_again(publication: Publication, output: Path) -> None:
    """Neither by a descriptor that goes back, nor by one that comes to a number which `--release` has used."""
    build(publication, output)
    seen = {}
    for turn, version in enumerate(["2.0.0", "1.0.0", "2.1.0", "1.0.0"]):
        publication.versions["one"] = version
        publication.tables["organizations"][("clinic-3",)][1]["short_name"] = f"Третья {turn}"
        build(publication, output)
        now = {file.name: tree(file) for file in (output / "data/one").glob("[0-9]*")}
        assert {name: now[name] for name in seen} == seen
        assert len(now) == turn + 2
        seen = now
        newest = (output / "current/data/one/latest/organizations.csv").read_text("utf-8")
        assert f"Третья {turn}" in newest
    assert sorted(seen) == ["1.0.0", "2.0.0", "2.0.1", "2.1.0", "2.1.1"]


def test_a_text_that_goes_to_another_language_goes_there_on_the_site(publication: Publication, output: Path) -> None:
    publication.config["languages"] = ["ru", "en"]
    publication.text("news/en/zebra.md", "Zebra", "Date: 2026-02-02\n")
    (publication.folder / "content/news/ru/first.md").unlink()
    build(publication, output)
    text = (publication.folder / "content/news/en/zebra.md").read_text("utf-8").replace("Lang: en\n", "")
    for language in ("en", "ru"):
        (publication.folder / f"content/news/{language}/zebra.md").unlink(missing_ok=True)
        (publication.folder / f"content/news/{language}/zebra.md").write_text(text, "utf-8")
        build(publication, output)
        assert_as_clean(publication, output)
        (publication.folder / f"content/news/{language}/zebra.md").unlink()


# ---- the cost of a change --------------------------------------------------------------------------------------------


def changed_files(output: Path) -> set[str]:
    """Paths whose bytes differ between the two newest releases, without what tells of builds and releases."""
    releases = json.loads((output / "releases.json").read_text("utf-8"))["releases"]
    before, now = (tree(output / "slots" / release["slot"]) for release in releases[-2:])
    changed = (path for path in {*before, *now} if before.get(path) != now.get(path))
    return {path for path in changed if not path.startswith(HISTORIES)}


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the table files that the warehouse reads: all of them come through one function."""
    found: list[str] = []
    scan = segments.batches

    def noted(part: segments.Part) -> object:
        found.append(part.file.name)
        return scan(part)

    monkeypatch.setattr(segments, "batches", noted)
    # Checks between tables come through it too: theirs are not readings of the warehouse.
    monkeypatch.setattr("nok.packages.course.frames", scan)
    monkeypatch.setattr("nok.packages.visits.frames", scan)
    return found


def test_a_new_review_is_read_alone_and_reaches_only_what_shows_it(
    publication: Publication, output: Path, scanned: list[str]
) -> None:
    publication.organization("clinic-77", region_code="77", sphere="education")
    build(publication, output)
    assert "reviews.csv" in scanned
    scanned.clear()
    publication.review("r-new", "clinic-1", part=1)
    build(publication, output)
    assert set(scanned) == {"reviews-0001.csv"}
    changed = changed_files(output)
    assert {path.split("/")[1] for path in changed if path.startswith(("search/", "near/"))} <= {"r", "n"}, "its record"
    assert {path for path in changed if not path.startswith(("search/", "near/"))} == {
        *("o/70/clinic-1.html", "o/70/clinic-1.json", "o/70/clinic-1.card.html", "o/70/clinic-1.atom"),
        *("regions/70/index.html", "spheres/health/70.html"),
        *(f"api/v1/regions/70/{table}-1.json" for table in ("organizations", "reviews")),
        *("index.html", "regions/index.html", "map/index.html", "spheres/health/index.html"),
        *(f"reports/{place}/2026/{name}" for place in ("70", "all") for name in ("index.html", "report.csv")),
    }


def test_a_new_review_draws_no_picture_anew(
    publication: Publication, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures take longer than all the rest of a page: only another picture is a reason to draw one."""
    import nok.pictures

    drawn: list[bytes] = []
    draw = nok.pictures.published_copy
    monkeypatch.setattr(
        nok.pictures, "published_copy", lambda content, *more: (drawn.append(content), draw(content, *more))[1]
    )
    publication.photograph(1, "clinic-1", "health-2025", "one")
    build(publication, output)
    assert len(drawn) == 1
    before = stamps(current(output))
    publication.review("r-new", "clinic-1", part=1)
    build(publication, output)
    publication.config["minimum_ratings"] = 6
    build(publication, output)
    assert len(drawn) == 1
    publication.photograph(2, "clinic-1", "health-2025", "one")
    build(publication, output)
    assert len(drawn) == 3
    publication.drop("observation_photos", organization_id="clinic-1")
    build(publication, output)
    assert not [path for path in stamps(current(output)) if path.startswith("observed/") or ".observed." in path]
    assert [path for path in before if path.startswith("observed/")]


def test_appeals_reach_their_organisation_and_its_region_alone(publication: Publication, output: Path) -> None:
    of = {"organization_id": "clinic-1", "period": 2024, "received": 2, "answered": 2, "overdue": 0}
    publication.put("appeal_statistics", ("one", 0), **of)
    build(publication, output)
    publication.put("appeal_statistics", ("one", 0), **(of | {"received": 3}))
    build(publication, output)
    assert changed_files(output) == {
        *("o/70/clinic-1.html", "o/70/clinic-1.json"),
        *("regions/70/index.html", "regions/70/appeals.csv", "regions/70/appeals.json"),
    }


@pytest.mark.parametrize(("first", "then"), [("clinic-2", "clinic-1"), ("clinic-1", "clinic-2")])
def test_a_picture_that_another_organisation_gets_stays(
    publication: Publication, output: Path, first: str, then: str
) -> None:
    publication.photograph(1, first, "health-2025", "one")
    publication.photograph(2, first, "health-2025", "one")
    build(publication, output)
    publication.photograph(1, then, "health-2025", "one")
    build(publication, output)
    assert_as_clean(publication, output)
    publication.photograph(2, then, "health-2025", "one")  # the first one has none left: its unit goes
    build(publication, output)
    assert_as_clean(publication, output)


@pytest.mark.parametrize("pattern", warehouse_rows._SHAPING)
def test_the_program_that_shapes_the_store_is_found(pattern: str) -> None:
    """What is missing here would go on to be believed when it has changed."""
    assert list(Path(warehouse_rows.__file__).parent.glob(pattern))


def test_workers_plan_the_regions_of_a_large_country_to_the_same_site(
    publication: Publication, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[str] = []
    results = fill._results

    def begun_at_once(waiting: deque[Future[RegionPlan]]) -> object:
        planned.append("at once")
        return results(waiting)

    def run(crew: object, function: object, *more: object) -> object:
        if getattr(function, "func", None) is fill.plan_region:
            planned.append("by workers" if crew else "by one process")
        return run_all(crew, function, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(fill, "FEW_ORGANIZATIONS", 0)
    monkeypatch.setattr(fill, "run_all", run)
    monkeypatch.setattr(fill, "_results", begun_at_once)
    publication.organization("clinic-77", region_code="77", sphere="education")
    build(publication, output, "--jobs", "2")
    assert_as_clean(publication, output)
    publication.review("r-new", "clinic-1", part=1)
    build(publication, output, "--jobs", "2")
    assert_as_clean(publication, output)
    assert planned == ["by workers", "by one process", "at once", "by one process"]  # clean builds come between


REACHES = [
    pytest.param(
        _edit("organizations", "clinic-12", short_name="Новое имя"),
        {"o/77/clinic-12.html", "regions/77/index.html", "spheres/health/77.html"},
        id="a name",
    ),
]


@pytest.mark.parametrize(("change", "expected"), REACHES)
def test_a_change_reaches_what_shows_it(
    change: Change, expected: set[str], publication: Publication, output: Path
) -> None:
    build(publication, output)
    change(publication)
    build(publication, output)
    assert {path for path in changed_files(output) if path.endswith(".html") and path.count(".") == 1} == expected


def test_a_whole_loading_leaves_what_has_not_changed(
    publication: Publication, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new name of a region is a reason to load everything anew, but not to make the pages of another region anew."""
    build(publication, output)
    publication.review("r-new", "clinic-1", part=1)
    build(publication, output)
    publication.put("regions", ("two", 0), region_code="77", name="Столица", name_en="Capital")
    assert "it was left as it was" in explained(publication, output, "o/70/clinic-2.html", capsys)
    assert changed_files(output) >= {"o/77/clinic-12.html", "regions/77/index.html"}
    assert not [path for path in changed_files(output) if path.startswith("o/70/")]


# ---- explain, releases, rollback -------------------------------------------------------------------------------------


def explained(publication: Publication, output: Path, path: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The line that `build --explain` says of a page."""
    capsys.readouterr()
    build(publication, output, "--explain", path, "--lang", "en")
    return capsys.readouterr().out.splitlines()[0]


EXPLAINED = [
    pytest.param(lambda made: None, "o/70/clinic-1.html", "nothing that it is made of has changed", id="unchanged"),
    pytest.param(
        lambda made: made.scores("clinic-1", "health-2025", 99), "o/70/clinic-1.html", "its scores", id="scores"
    ),
    pytest.param(
        lambda made: made.scores("clinic-1", "health-2025", 99),
        "o/70/clinic-2.html",
        "the medians of its peers",
        id="medians",
    ),
    pytest.param(
        lambda made: made.review("r-new", "clinic-1"),
        "/o/70/clinic-1.json",
        "its reviews, their photographs or replies",
        id="a review",
    ),
    pytest.param(
        lambda made: made.review("r-new", "clinic-1"),
        "o/70/clinic-2.html",
        "it was left as it was",
        id="another's review",
    ),
    pytest.param(
        _edit("organizations", "clinic-2", short_name="Яя"),
        "regions/70/points.svg",
        "it was left as it was",
        id="another order of the same places",
    ),
    pytest.param(
        lambda made: setattr(made, "day", FIRST_DAY + timedelta(days=30)), "o/70/clinic-1.html", "the day", id="day"
    ),
    pytest.param(
        lambda made: (made.folder / "theme/static/site.css").write_text("a { color: red }"),
        "regions/70/",
        "program, theme or configuration",
        id="theme",
    ),
    pytest.param(
        lambda made: made.drop("organizations", organization_id="clinic-1"),
        "o/70/clinic-1.html",
        "it is not in the data any more",
        id="gone",
    ),
    pytest.param(
        lambda made: made.organization("clinic-new"), "o/70/clinic-new.html", "it was not there before", id="new"
    ),
    pytest.param(lambda made: made.organization("clinic-new"), "o/70/nobody.html", "no page stands there", id="never"),
    pytest.param(lambda made: made.organization("clinic-new"), "/", "it stands once", id="home"),
]


@pytest.mark.parametrize(("change", "path", "words"), EXPLAINED)
def test_a_build_explains_why_a_page_was_made_anew(
    change: Change,
    path: str,
    words: str,
    publication: Publication,
    output: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    build(publication, output)
    change(publication)
    assert words in explained(publication, output, path, capsys)


def test_releases_are_listed_and_one_of_them_is_published_again(
    publication: Publication, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    builds, seen = [], {}
    for turn in range(4):
        publication.tables["organizations"][("clinic-3",)][1]["short_name"] = f"Третья {turn}"
        build(publication, output)
        builds.append(json.loads((output / "current/build.json").read_text("utf-8"))["build_id"])
        seen[builds[-1]] = tree(current(output))
    capsys.readouterr()
    assert publication.run("releases", "--output", str(output)) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == builds[1:]
    assert [line[-1] for line in lines] == ["хранится", "хранится", "опубликован"]
    for arguments, expected in (([], builds[2]), ([], builds[1]), ([builds[3]], builds[3])):
        assert publication.run("rollback", "--output", str(output), *arguments) == 0
        assert tree(current(output)) == seen[expected]
    capsys.readouterr()
    assert publication.run("rollback", "--output", str(output), builds[0], "--lang", "en") == 64
    assert f"no slot holds '{builds[0]}'" in capsys.readouterr().err
    assert tree(current(output)) == seen[builds[3]]
    other = next(slot for slot in (output / "slots").iterdir() if slot != current(output))
    (output.with_name("output.state") / f"unfinished-{other.name}").touch()
    unfinished = json.loads((other / "build.json").read_text("utf-8"))["build_id"]
    assert publication.run("rollback", "--output", str(output), unfinished) == 64


def test_a_build_after_a_rollback_publishes_the_newest_data_again(publication: Publication, output: Path) -> None:
    for name in ("Первая", "Вторая"):
        publication.tables["organizations"][("clinic-3",)][1]["short_name"] = name
        build(publication, output)
    assert publication.run("rollback", "--output", str(output)) == 0
    assert "Первая" in (output / "current/o/70/clinic-3.html").read_text("utf-8")
    build(publication, output)
    assert_as_clean(publication, output)


def test_addresses_cannot_be_changed_after_the_first_build(
    publication: Publication, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build(publication, output)
    before = tree(output)
    publication.config["address_shards"] = 2
    publication.write()
    assert publication.build(output) == 1
    said = capsys.readouterr().err
    assert "address_shards — 2" in said
    assert "впервые опубликован с 0" in said
    assert tree(output) == before


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("nok.site.fill.ENTRIES_PER_FOLDER", 40, ["o/70/", "address_shards: 2"]),
        ("nok.site.files.LONGEST_PATH_BYTES", 20, ["принимают 20", "имя короче"]),
    ],
)
def test_what_hosts_cannot_hold_is_refused_before_it_is_published(
    limit: str,
    value: int,
    words: list[str],
    publication: Publication,
    output: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    publication.write()
    monkeypatch.setattr(limit, value)
    assert publication.build(output) == 1
    said = capsys.readouterr().err
    assert [word for word in words if word not in said] == []
    assert not (output / "current").exists()
    monkeypatch.undo()
    build(publication, output)
    assert_as_clean(publication, output)


def test_a_crowded_folder_is_told_before_a_release_is_cut(
    publication: Publication, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication.write()
    monkeypatch.setattr("nok.site.fill.ENTRIES_PER_FOLDER", 40)
    assert publication.build(output) == 1
    assert [file.name for file in output.rglob("*") if file.is_file()] == ["releases.json"]


def test_a_large_sitemap_has_files_of_regions_and_only_those_that_changed_are_written(
    publication: Publication, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nok.site.pages.ADDRESSES_PER_SITEMAP", 20)
    monkeypatch.setattr("nok.render.catalogue.ADDRESSES_PER_SITEMAP", 10)
    publication.config["reviews_per_page"] = 1
    publication.tables["organizations"][("clinic-3",)][1]["region_code"] = "54"
    fill_all_slots(publication, output)
    before = {file.name: file.stat().st_mtime_ns for file in (output / "current").glob("sitemap.*")}
    slot = (output / "current").resolve()
    publication.drop("reviews", review_id="r-2-1")
    for name in ("Первая", "Вторая", "Третья"):
        publication.tables["organizations"][("clinic-3",)][1]["short_name"] = name
        build(publication, output)
        assert_as_clean(publication, output)
        assert_names_every_page(output / "current")
    assert (output / "current").resolve() == slot
    after = {file.name: file.stat().st_mtime_ns for file in (output / "current").glob("sitemap.*")}
    assert {"sitemap.xml", "sitemap._.xml", "sitemap._.2.xml", "sitemap.54.xml", "sitemap.70.xml"} <= after.keys()
    assert before["sitemap.54.xml"] == after["sitemap.54.xml"]  # none of its pages came or went
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed and all(name.startswith("sitemap.70.") for name in changed)


def assert_names_every_page(site: Path) -> None:
    """The index names every file, and they name every page of the site once."""
    whole = (site / "sitemap.xml").read_text("utf-8")
    parts = [place.rpartition("/")[2] for place in re.findall("<loc>(.*?)</loc>", whole)]
    assert sorted(parts) == sorted(file.name for file in site.glob("sitemap.*.xml"))
    places = [place for part in parts for place in re.findall("<loc>(.*?)</loc>", (site / part).read_text("utf-8"))]
    pages = {file.relative_to(site).as_posix() for file in site.rglob("*.html")}
    listed = {page for page in pages if not page.endswith((".poster.html", ".card.html", "404.html"))}
    listed = {page for page in listed if not page.startswith("opendata/")}  # made for machines of one register
    assert len(places) == len(set(places))
    assert {urls.absolute("https://ocenka.example", page) for page in listed} == set(places)


@pytest.mark.scale
def test_a_new_review_of_a_big_publication_touches_eleven_files_of_ten_thousand(
    publication: Publication, output: Path, tmp_path: Path, scanned: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    package = tmp_path / "country"
    options = ["--organizations", "2000", "--out", str(package)]
    subprocess.run([sys.executable, "-m", "benchmarks.country", *options], check=True, cwd=ROOT)
    publication.day = date(2026, 7, 1)  # what is invented lies before
    publication.write()
    for _ in range(3):
        assert publication.build(output, "--full", "--packages", str(package)) == 0
    whole = len(stamps(current(output)))
    with (package / "reviews.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    with (package / "reviews-new.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow({**row, "review_id": "r-new", "text": "Новый отзыв."})
    descriptor = json.loads((package / "datapackage.json").read_text("utf-8"))
    reviews = next(each for each in descriptor["resources"] if each["name"] == "reviews")
    reviews["path"] = ["reviews.csv", "reviews-new.csv"]
    (package / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    scanned.clear()
    assert publication.build(output, "--packages", str(package)) == 0
    assert set(scanned) == {"reviews-new.csv"}
    changed = changed_files(output)
    assert len(changed) <= 11 < whole / 900, sorted(changed)  # its page and data, its lists, pages about the whole
    assert f"{len(changed) + 1} written" in capsys.readouterr().out


def test_the_demonstration_is_rolled_back_in_seconds(output: Path, publication: Publication) -> None:
    package = ("--packages", str(ROOT / "data_packages/demo"))
    publication.write()
    for day in (0, 1):
        publication.day = FIRST_DAY + timedelta(days=day)
        assert publication.build(output, *package) == 0
    with within(5, time.monotonic):
        assert publication.run("rollback", "--output", str(output)) == 0
    assert json.loads((output / "current/build.json").read_text("utf-8"))["day"] == FIRST_DAY.isoformat()
