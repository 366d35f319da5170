"""Packages that are unusual and right must pass, and what is only odd is told without stopping anybody."""

import csv
import hashlib
import json
from pathlib import Path

import pytest

import publish
from tests.unit.validation_support import (
    DESCRIPTOR,
    ID,
    ORGANIZATIONS,
    REVIEWS,
    SCORES,
    Change,
    Check,
    Factory,
    both,
    cell,
    checker,
    own_field,
    package,
    package_to_spoil,
    raw,
    recoded,
    resource,
)
from widget.directory import read_directory


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return checker(tmp_path)


@pytest.fixture
def folder(package_factory: Factory) -> Path:
    return package_to_spoil(package_factory)


def test_the_package_that_the_others_change_is_good(folder: Path, check: Check) -> None:
    report = check(folder)
    assert (report.code, report.problems) == (0, [])


# ---- good packages -------------------------------------------------------------------------------------------------


def reordered(folder: Path) -> None:
    with (folder / REVIEWS).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    with (folder / REVIEWS).open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(row[::-1] for row in rows)


def in_parts(folder: Path) -> None:
    head, *rows = (folder / REVIEWS).read_bytes().splitlines(keepends=True)
    for number, row in enumerate(rows, 1):
        (folder / f"reviews-{number:04d}.csv").write_bytes(head + row)
    (folder / REVIEWS).unlink()
    resource("reviews", path=[f"reviews-{number:04d}.csv" for number in range(1, len(rows) + 1)])(folder)


def in_a_folder(folder: Path) -> None:
    (folder / "tables").mkdir()
    (folder / REVIEWS).rename(folder / "tables" / REVIEWS)
    resource("reviews", path=f"tables/{REVIEWS}")(folder)


def own_table(folder: Path) -> None:
    (folder / "beds.csv").write_text("ward,beds\nsurgery,12\n", "utf-8")
    described = json.loads((folder / DESCRIPTOR).read_text("utf-8"))
    schema = {"fields": [{"name": "ward"}, {"name": "beds", "type": "integer"}], "primaryKey": "ward"}
    described["resources"].append({"name": "beds", "path": "beds.csv", "schema": schema})
    (folder / DESCRIPTOR).write_text(json.dumps(described), "utf-8")


def linked_inside(folder: Path) -> None:
    (folder / REVIEWS).rename(folder / "kept.csv")
    (folder / REVIEWS).symlink_to("kept.csv")


def proven(folder: Path) -> None:
    content = (folder / REVIEWS).read_bytes()
    resource("reviews", bytes=len(content), hash=hashlib.md5(content).hexdigest(), stats={"rows": 6})(folder)


GOOD: dict[str, Change] = {
    "byte order mark": raw(ORGANIZATIONS, lambda content: b"\xef\xbb\xbf" + content),
    "byte order mark of the descriptor": raw(DESCRIPTOR, lambda content: b"\xef\xbb\xbf" + content),
    "columns in another order": reordered,
    "CR LF": raw(ORGANIZATIONS, lambda content: content.replace(b"\n", b"\r\n")),
    "no line end at the end": raw(ORGANIZATIONS, lambda content: content.rstrip(b"\n")),
    "line breaks in a text": cell(REVIEWS, 2, "text", 'Раз\n"два"\r\nтри;\tчетыре, пять'),
    "line breaks that only Unicode knows": cell(REVIEWS, 2, "text", "Раз\u2028два\u0085три"),
    "parts": in_parts,
    "table in a folder": in_a_folder,
    "link to a file inside": linked_inside,
    "semicolons by a dialect": both(
        raw("replies.csv", lambda content: content.replace(b",", b";")),
        resource("replies", dialect={"delimiter": ";"}),
    ),
    "size, checksum and number of rows": proven,
    "profile by its name": package(profile="tabular-data-package"),
    "more licences and words": package(contributors=[{"title": "Я"}], keywords=["a"], description="Об организациях"),
    "field of its own": both(
        own_field({"name": "beds", "type": "integer", "constraints": {"minimum": 1, "maximum": 900}}),
        cell(ORGANIZATIONS, 2, "beds", "12"),
    ),
    "field with a pattern": both(
        own_field({"name": "code", "constraints": {"pattern": "[A-Z]{2}-[0-9]{1,3}"}}),
        cell(ORGANIZATIONS, 2, "code", "AB-12"),
    ),
    "tighter constraint": own_field({"name": "latitude", "type": "number", "constraints": {"maximum": 89}}),
    "table of its own": own_table,
    "empty table": raw("replies.csv", lambda content: content.split(b"\n")[0] + b"\n"),
    "founded in 1755": cell(ORGANIZATIONS, 2, "opened_on", "1755-01-25"),
    "leap day": cell(REVIEWS, 2, "received_on", "2024-02-29"),
    "today": cell(REVIEWS, 2, "received_on", "2026-02-07"),
    "ids that JavaScript keeps": cell(ORGANIZATIONS, 5, ID, "constructor"),
    "name of 400 characters": cell(ORGANIZATIONS, 2, "name", "«Школа\u00ad»" * 40),
    "Cyrillic that looks like mojibake": cell(ORGANIZATIONS, 2, "name", "СЁРФ-КЛУБ «РЁВ», СПб № 1 — Р°"),
    "points 100": cell(SCORES, 2, "points", "100"),
    "points 0.00": cell(SCORES, 2, "points", "0.00"),
}


@pytest.mark.parametrize("change", GOOD.values(), ids=GOOD.keys())
def test_a_good_package_passes(folder: Path, check: Check, change: Change) -> None:
    change(folder)
    report = check(folder)
    told = [problem for problem in report.problems if problem["rule"] != "score-apart"]  # its total is now another
    assert (told, report.code) == ([], 0)


def test_another_encoding_is_read_where_it_is_named(package_factory: Factory, check: Check) -> None:
    folder = package_factory()
    for file in folder.glob("*.csv"):
        recoded(file.name, "cp1251")(folder)
    assert set(check(folder).rules) == {"encoding"}
    assert check(folder, options=("--encoding", "cp1251")).code == 0


def test_a_file_read_in_a_wrong_encoding_shows(folder: Path, check: Check) -> None:
    assert set(check(folder, options=("--encoding", "cp1251")).rules) == {"mojibake"}


@pytest.mark.parametrize("name", ["rot13", "nothing-such", "undefined"])
def test_an_encoding_that_is_none_is_a_usage_error(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish.main(["validate", str(folder), "--encoding", name]) == 64
    assert name in capsys.readouterr().err


def test_an_empty_list_passes_where_it_is_allowed(package_factory: Factory, check: Check) -> None:
    folder = package_factory(tables={name: [] for name in ("organizations", "scores", "reviews", "replies")})
    assert check(folder).rules == ["table-empty"]
    assert check(folder, options=("--allow-empty",)).code == 0


def test_today_is_what_the_environment_says(folder: Path, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    cell(REVIEWS, 2, "received_on", "2026-02-08")(folder)
    assert check(folder).rules == ["future-date"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1770508800")  # 8 February 2026
    assert check(folder).code == 0


def test_spoilt_letters_of_citizens_are_told_and_published(folder: Path, check: Check) -> None:
    cell(REVIEWS, 2, "text", "РЎРїР°СЃРёР±Рѕ")(folder)
    report = check(folder)
    assert (report.code, report.rules, report.problems[0]["severity"]) == (0, ["mojibake"], "warning")


def test_a_table_that_nobody_named_is_told(folder: Path, check: Check) -> None:
    (folder / "placements.csv").write_text("placement_code\n", "utf-8")
    report = check(folder)
    assert (report.code, report.found) == (
        0,
        [("file-unlisted", DESCRIPTOR, None, "resources", "placements.csv")],
    )


def test_a_table_that_nobody_named_does_not_stop_the_widget(folder: Path) -> None:
    (folder / "placements.csv").write_text("placement_code\n", "utf-8")
    assert len(read_directory([folder]).organizations) == 4
