"""Nothing wrong in a table is published silently: file, row, column and value of every fault, in one run."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nok.identifiers import default_placement_code
from nok.packages import guesses, rules
from tests.pace import within
from tests.unit.validation_support import (
    DESCRIPTOR,
    ID,
    ORGANIZATIONS,
    REVIEWS,
    SCORES,
    SECONDS,
    Change,
    Check,
    Factory,
    Found,
    added,
    assert_refused,
    both,
    cell,
    checker,
    org,
    package_to_spoil,
    raw,
    recoded,
    text,
)


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return checker(tmp_path)


@pytest.fixture
def folder(package_factory: Factory) -> Path:
    return package_to_spoil(package_factory)


BAD_TEXTS = {
    "cp1251": (recoded(ORGANIZATIONS, "cp1251"), org("encoding", "name", "0xCE")),
    "KOI8-R": (recoded(ORGANIZATIONS, "koi8-r"), org("encoding", "name", "0xEF")),
    "UTF-16": (recoded(ORGANIZATIONS, "utf-16"), org("encoding", "", "0xFF", row=1)),
    "one byte of another encoding": (
        raw(ORGANIZATIONS, lambda content: content.replace("Поликлиника № 3".encode(), b"\xcf 3")),
        org("encoding", "name", "0xCF", row=4),
    ),
    "cut within a letter": (
        raw(ORGANIZATIONS, lambda content: content.rstrip()[: -len(",published")] + ",х".encode()[:-1]),
        org("encoding", "status", "0xD1", row=5),
    ),
    "mojibake": (cell(ORGANIZATIONS, 2, "name", "РЁРєРѕР»Р° в„– 1"), org("mojibake", "name", "РЁРєРѕР»Р° в„– 1")),
    "mojibake of the West": (cell(ORGANIZATIONS, 2, "name", "Ð¨ÐºÐ¾Ð»Ð°"), org("mojibake", "name", "Ð¨ÐºÐ¾Ð»Ð°")),
    "lost letters": (cell(ORGANIZATIONS, 2, "name", "Шк\ufffdла"), org("mojibake", "name", "Шк\ufffdла")),
    "semicolons": (
        raw("replies.csv", lambda content: content.replace(b",", b";")),
        [("delimiter", "replies.csv", 1, "", "review_id;text;replied_on")],
    ),
    "tabs": (
        raw("replies.csv", lambda content: content.replace(b",", b"\t")),
        [("delimiter", "replies.csv", 1, "", "review_id\ttext\treplied_on")],
    ),
    "another delimiter in one row": (
        added("replies.csv", "review-2;Да;2026-01-01\n"),
        [("row-length", "replies.csv", 3, "", "1")],
    ),
    "CR alone": (
        raw("replies.csv", lambda content: content.replace(b"\n", b"\r")),
        [("line-end", "replies.csv", None, "", "")],
    ),
    "CR among LF": (
        raw("replies.csv", lambda content: content.replace(b"\n", b"\r", 1)),
        [("line-end", "replies.csv", None, "", "")],
    ),
    "unclosed quote": (
        text(ORGANIZATIONS, "Поликлиника № 2,", '"Поликлиника № 2,'),
        org("csv-quote", "", "", row=3),
    ),
    "unclosed quote to the end": (
        added("replies.csv", 'review-2,"Да,2026-01-01\nreview-3,Нет,2026-01-02\n'),
        [("csv-unclosed", "replies.csv", 3, "", "")],
    ),
    "quote in the middle": (
        added("replies.csv", 'review-2,"да" и нет,2026-01-01\n'),
        [("csv-quote", "replies.csv", 3, "", "")],
    ),
    "field of 20 MB": (cell("replies.csv", 2, "text", "я" * 20_000_000), [("csv-field", "replies.csv", 2, "", "")]),
    "text too long": (
        cell("replies.csv", 2, "text", "я" * 5001),
        [("max-length", "replies.csv", 2, "text", "я" * 5001)],
    ),
    "repeated column": (
        text(ORGANIZATIONS, "short_name", "name"),
        org("header-repeated", "name", "name", row=1),
    ),
    "unknown column": (text(ORGANIZATIONS, "kind", "sort"), org("header-unknown", "sort", "sort", row=1)),
    "column in another case": (
        text(ORGANIZATIONS, "kind", "Kind"),
        org("header-unknown", "Kind", "Kind", row=1),
    ),
    "column with spaces": (text(ORGANIZATIONS, "kind", " kind"), org("header-unknown", " kind", " kind", row=1)),
    "column missing": (
        text("replies.csv", ",replied_on", ",repliedon"),
        [
            ("header-unknown", "replies.csv", 1, "repliedon", "repliedon"),
            ("header-missing", "replies.csv", 1, "replied_on", "replied_on"),
        ],
    ),
    "no header": (raw("replies.csv", lambda _: b""), [("header-empty", "replies.csv", 1, "", "")]),
    "blank header": (raw("replies.csv", lambda _: b"\n"), [("header-empty", "replies.csv", 1, "", "")]),
    "short row": (added("replies.csv", "review-2,Да\n"), [("row-length", "replies.csv", 3, "", "2")]),
    "long row": (added("replies.csv", "review-2,Да,2026-01-01,\n"), [("row-length", "replies.csv", 3, "", "4")]),
    "blank line": (added("replies.csv", "\n"), [("row-blank", "replies.csv", 3, "", "0")]),
    "row cut in the middle": (added("replies.csv", "review-2,Да"), [("row-length", "replies.csv", 3, "", "2")]),
    "no organisations": (
        both(
            raw(ORGANIZATIONS, lambda content: content.split(b"\n")[0] + b"\n"),
            raw(SCORES, lambda content: content.split(b"\n")[0] + b"\n"),
            raw(REVIEWS, lambda content: content.split(b"\n")[0] + b"\n"),
            raw("replies.csv", lambda content: content.split(b"\n")[0] + b"\n"),
        ),
        org("table-empty", "", "", row=1),
    ),
}

BAD_VALUES = {
    "ESC in a name": (cell(ORGANIZATIONS, 2, "name", "a\x1b[2J"), org("text-control", "name", "a\x1b[2J")),
    "BEL in a name": (cell(ORGANIZATIONS, 2, "name", "a\x07"), org("text-control", "name", "a\x07")),
    "vertical tab": (cell(ORGANIZATIONS, 2, "name", "a\x0bb"), org("text-control", "name", "a\x0bb")),
    "NUL in a name": (cell(ORGANIZATIONS, 2, "name", "a\0b"), org("text-control", "name", "a\0b")),
    "U+FFFE in a name": (cell(ORGANIZATIONS, 2, "name", "a\ufffe"), org("text-control", "name", "a\ufffe")),
    "no name": (cell(ORGANIZATIONS, 2, "name", ""), org("required", "name", "")),
    "INN with a wrong check digit": (cell(ORGANIZATIONS, 2, "inn", "7017000012"), org("inn", "inn", "7017000012")),
    "INN without its zero": (cell(ORGANIZATIONS, 2, "inn", "274062111"), org("pattern", "inn", "274062111")),
    "OGRN with a wrong check digit": (
        cell(ORGANIZATIONS, 2, "ogrn", "1027000000010"),
        org("ogrn", "ogrn", "1027000000010"),
    ),
    "OGRN from a spreadsheet": (
        cell(ORGANIZATIONS, 2, "ogrn", "1,0202E+12"),
        org("spreadsheet-number", "ogrn", "1,0202E+12"),
    ),
    "unknown state": (cell(ORGANIZATIONS, 2, "status", "Published"), org("enum", "status", "Published")),
    "one coordinate": (cell(ORGANIZATIONS, 2, "longitude", ""), org("coordinates-pair", "latitude", "56.4801")),
    "0, 0": (
        both(cell(ORGANIZATIONS, 2, "latitude", "0"), cell(ORGANIZATIONS, 2, "longitude", "0")),
        org("region-box", "latitude", "0, 0"),
    ),
    "latitude and longitude swapped": (
        both(cell(ORGANIZATIONS, 2, "latitude", "84.9501"), cell(ORGANIZATIONS, 2, "longitude", "56.4801")),
        org("region-box", "latitude", "84.9501, 56.4801"),
    ),
    "latitude 91": (cell(ORGANIZATIONS, 2, "latitude", "91"), org("maximum", "latitude", "91")),
    "latitude NaN": (cell(ORGANIZATIONS, 2, "latitude", "NaN"), org("type-number", "latitude", "NaN")),
    "latitude in degrees": (cell(ORGANIZATIONS, 2, "latitude", "56°29′"), org("type-number", "latitude", "56°29′")),
    "closed before it opened": (
        both(cell(ORGANIZATIONS, 2, "opened_on", "2020-01-02"), cell(ORGANIZATIONS, 2, "closed_on", "2020-01-01")),
        org("period-order", "closed_on", "2020-01-01"),
    ),
    "its own parent": (
        cell(ORGANIZATIONS, 3, "parent_organization_id", "clinic-2"),
        org("parent-cycle", "parent_organization_id", "clinic-2", row=3),
    ),
    "its own successor": (
        cell(ORGANIZATIONS, 3, "successor_organization_id", "clinic-2"),
        org("successor-cycle", "successor_organization_id", "clinic-2", row=3),
    ),
    "circle of successors": (
        both(
            cell(ORGANIZATIONS, 2, "successor_organization_id", "clinic-2"),
            cell(ORGANIZATIONS, 3, "successor_organization_id", "clinic-1"),
        ),
        org("successor-cycle", "successor_organization_id", "clinic-1"),
    ),
    "circle of parents": (
        both(
            cell(ORGANIZATIONS, 2, "parent_organization_id", "clinic-2"),
            cell(ORGANIZATIONS, 3, "parent_organization_id", "clinic-1"),
        ),
        org("parent-cycle", "parent_organization_id", "clinic-1"),
    ),
    "parent that is not there": (
        cell(ORGANIZATIONS, 2, "parent_organization_id", "clinic-9"),
        org("foreign-key", "parent_organization_id", "clinic-9"),
    ),
    "score of a missing organisation": (
        cell(SCORES, 2, ID, "clinic-9"),
        [("foreign-key", SCORES, 2, ID, "clinic-9")],
    ),
    "review of a missing organisation": (
        cell(REVIEWS, 3, ID, "clinic-9"),
        [("foreign-key", REVIEWS, 3, ID, "clinic-9")],
    ),
    "reply to a missing review": (
        cell("replies.csv", 2, "review_id", "review-99"),
        [("foreign-key", "replies.csv", 2, "review_id", "review-99")],
    ),
    "unknown method": (
        cell("assessments.csv", 2, "method_id", "344n"),
        [("method-unknown", "assessments.csv", 2, "method_id", "344n")],
    ),
    "unknown measure": (cell(SCORES, 2, "measure", "K9"), [("measure-unknown", SCORES, 2, "measure", "K9")]),
    "finished before it began": (
        cell("assessments.csv", 2, "finished_on", "2025-02-28"),
        [("period-order", "assessments.csv", 2, "finished_on", "2025-02-28")],
    ),
    "scored without points": (cell(SCORES, 2, "points", ""), [("points-missing", SCORES, 2, "points", "")]),
    "points without a score": (
        cell(SCORES, 2, "state", "no_data"),
        [("points-unexpected", SCORES, 2, "points", "95.0")],
    ),
    "points above the scale": (
        cell(SCORES, 2, "points", "100.0001"),
        [("points-scale", SCORES, 2, "points", "100.0001")],
    ),
    "score twice": (
        cell(SCORES, 3, "measure", "K1"),
        [("key-repeated", SCORES, 3, ID, "clinic-1 + health-2025 + K1")],
    ),
    "rating 6": (cell(REVIEWS, 2, "rating", "6"), [("maximum", REVIEWS, 2, "rating", "6")]),
    "rating 0": (cell(REVIEWS, 2, "rating", "0"), [("minimum", REVIEWS, 2, "rating", "0")]),
    "rating with decimals": (cell(REVIEWS, 2, "rating", "5.0"), [("type-integer", REVIEWS, 2, "rating", "5.0")]),
}
BAD_VALUES |= {
    f"id {value!r}": (cell(ORGANIZATIONS, 5, ID, value), org(rule, ID, value, row=5))
    for value, rule in {
        "..": "pattern",
        "a/b": "pattern",
        "-rf": "pattern",
        "%00": "pattern",
        "Clinic-4": "pattern",
        "clinic-4 ": "pattern",
        "сlinic-4": "pattern",
        "a" * 300: "pattern",
        "con": "organization-id",
        "index": "organization-id",
        "api": "organization-id",
    }.items()
}
BAD_VALUES |= {
    f"points {value!r}": (cell(SCORES, 2, "points", value), [(rule, SCORES, 2, "points", value)])
    for value, rule in {
        "-0": "type-number",
        "-1": "minimum",
        "5,5": "type-number",
        "1_0": "type-number",
        "٣": "type-number",
        "５": "type-number",
        " 5": "type-number",
        "5\n": "type-number",
        "+5": "type-number",
        "05": "type-number",
        ".5": "type-number",
        "1e2": "type-number",
        "Infinity": "type-number",
        "0x10": "type-number",
        "1 000": "type-number",
    }.items()
}
BAD_VALUES |= {
    f"date {value}": (cell(REVIEWS, 2, "received_on", value), [(rule, REVIEWS, 2, "received_on", value)])
    for value, rule in {
        "2025-02-29": "type-date",
        "29.02.2025": "type-date",
        "2026-13-01": "type-date",
        "0001-01-01": "type-date",
        "1066-10-14": "type-date",
        "2024-1-5": "type-date",
        "20250101": "type-date",
        "2025-01-01T00:00:00": "type-date",
        "2026-02-08": "future-date",
    }.items()
}

BAD = {**BAD_TEXTS, **BAD_VALUES}


@pytest.mark.parametrize(("change", "expected"), BAD.values(), ids=BAD.keys())
def test_a_bad_table_is_refused_at_its_place(
    folder: Path, check: Check, capsys: pytest.CaptureFixture[str], change: Change, expected: list[Found]
) -> None:
    assert_refused(check, folder, change, expected)
    assert "Traceback" not in capsys.readouterr().err


# ---- many at once --------------------------------------------------------------------------------------------------


def test_all_faults_of_all_files_are_told_in_one_run(folder: Path, check: Check) -> None:
    for number in range(2, 20):
        cell(SCORES, number, "points", "5,5")(folder)
    for number in range(2, 8):
        both(cell(REVIEWS, number, "rating", "6"), cell(REVIEWS, number, "received_on", "вчера"))(folder)
    cell(ORGANIZATIONS, 2, "inn", "7017000012")(folder)
    (folder / "replies.csv").write_bytes(b"review_id,text,replied_on\n" + b"review-1\n" * 80)
    report = check(folder)
    assert {rule: report.rules.count(rule) for rule in report.rules} == {
        "inn": 1,
        "type-number": 18,
        "maximum": 6,
        "type-date": 6,
        "row-length": 80,
    }


def test_a_wholly_wrong_table_is_not_listed_without_end(folder: Path, check: Check) -> None:
    (folder / "replies.csv").write_bytes(b"review_id,text,replied_on\n" + b"\n" * 200_000)
    with within(SECONDS):
        report = check(folder)
    assert (len(report.problems), report.problems[-1]["rule"]) == (10_001, "too-many")


def test_faults_of_one_row_do_not_hide_its_repeated_key(folder: Path, check: Check) -> None:
    both(cell(SCORES, 3, "measure", "K1"), cell(SCORES, 3, "points", "x"))(folder)
    assert check(folder).rules == ["type-number", "key-repeated"]


def test_an_unreadable_table_blames_no_reference_to_it(folder: Path, check: Check) -> None:
    text(ORGANIZATIONS, "organization_id", "id")(folder)
    assert check(folder).rules == ["header-unknown", "header-missing"]


def test_a_repeated_key_names_both_rows(folder: Path, check: Check) -> None:
    cell(SCORES, 3, "measure", "K1")(folder)
    (problem,) = check(folder, options=("--lang", "en")).problems
    assert problem["row"] == 3 and "in row 2" in problem["message"]


def test_did_you_mean(folder: Path, check: Check) -> None:
    text(ORGANIZATIONS, "kind", "Kind")(folder)
    (problem,) = check(folder).problems
    assert "возможно, «kind»" in problem["message"]


@pytest.mark.parametrize("header", ["Вид организации", "ВИД ОРГАНИЗАЦИИ", "kınd"])
def test_a_header_in_people_s_own_words_is_told_with_the_column_that_was_meant(
    header: str, folder: Path, check: Check
) -> None:
    text(ORGANIZATIONS, "kind", header)(folder)
    (problem,) = check(folder).problems
    assert "возможно, «kind»" in problem["message"]


def test_a_header_like_nothing_gets_no_guess(folder: Path, check: Check) -> None:
    """Columns of a table of one's own have no titles: nothing is meant by an empty one."""
    text("replies.csv", "review_id", "none")(folder)
    first, *_ = check(folder).problems
    assert first["rule"] == "header-unknown" and "возможно" not in first["message"]


@pytest.mark.parametrize("organizations", [4, guesses.FEW + 5])
@pytest.mark.parametrize(("wrong", "meant"), [("clinci-2", "clinic-2"), ("clinic2", "clinic-2"), ("school-77", "")])
def test_a_reference_that_leads_nowhere_is_told_with_the_key_that_was_meant(
    wrong: str, meant: str, organizations: int, package_factory: Factory, check: Check
) -> None:
    folder = package_factory(organizations=organizations, reviews=1)
    cell(ORGANIZATIONS, 5, "parent_organization_id", wrong)(folder)
    cell(REVIEWS, 2, ID, wrong)(folder)
    said = [problem["message"] for problem in check(folder).problems]
    assert said == [f"«{wrong}» нет в таблице organizations" + (f" — возможно, «{meant}»" if meant else "")] * 2


def test_only_the_faults_that_are_shown_are_told_what_was_meant(package_factory: Factory, check: Check) -> None:
    folder = package_factory(organizations=guesses.GUESSED + 5, reviews=1)
    raw(REVIEWS, lambda content: content.replace(b",clinic-", b",clinik-"))(folder)
    told = ["возможно, «clinic-" in problem["message"] for problem in check(folder).problems]
    assert told == [True] * guesses.GUESSED + [False] * 5


def test_a_quoted_line_break_moves_the_line_and_not_the_row(folder: Path, check: Check) -> None:
    both(cell(REVIEWS, 2, "text", "Раз\nдва\r\nтри"), cell(REVIEWS, 3, "rating", "6"))(folder)
    report = check(folder)
    assert report.found == [("maximum", REVIEWS, 3, "rating", "6")]


def test_the_physical_line_is_told_where_it_differs(
    folder: Path, check: Check, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row stands where it begins, so the row with the line break itself has one number."""
    both(cell(REVIEWS, 2, "text", "Раз\nдва"), cell(REVIEWS, 2, "rating", "6"), cell(REVIEWS, 3, "rating", "6"))(folder)
    check(folder)
    said = capsys.readouterr().err
    assert "demo/reviews.csv, строка 2, столбец rating: 6 — слишком много" in said
    assert "demo/reviews.csv, строка 3 (в файле это строка 4), столбец rating: 6 — слишком много" in said


def test_a_problem_has_the_published_shape(folder: Path, check: Check) -> None:
    cell(REVIEWS, 2, "rating", "6")(folder)
    assert check(folder, options=("--lang", "en")).problems == [
        {
            "severity": "error",
            "package": "demo",
            "file": REVIEWS,
            "row": 2,
            "column": "rating",
            "rule": "maximum",
            "value": "6",
            "message": "6 is too great: allowed up to 5",
            "advice": "Check the value.",
        }
    ]


# ---- several packages ----------------------------------------------------------------------------------------------


def test_references_hold_across_packages(package_factory: Factory, check: Check) -> None:
    roster = package_factory("roster", tables={"reviews": None, "replies": None, "scores": None, "assessments": None})
    rest = package_factory("rest", tables={"organizations": None})
    assert check(rest, roster).code == 0
    assert check(rest, options=("--with", str(roster))).code == 0
    assert set(check(rest).rules) == {"foreign-key"}


def test_a_parent_may_stand_in_a_later_package(package_factory: Factory, check: Check) -> None:
    branches, heads = package_factory("branches"), package_factory("heads", prefix="h-")
    cell(ORGANIZATIONS, 2, "parent_organization_id", "h-clinic-1")(branches)
    assert check(branches, heads).code == 0
    assert check(branches).rules == ["foreign-key"]


def test_a_circle_through_two_packages_is_found(package_factory: Factory, check: Check) -> None:
    one, two = package_factory("one"), package_factory("two", prefix="h-")
    cell(ORGANIZATIONS, 2, "parent_organization_id", "h-clinic-1")(one)
    cell(ORGANIZATIONS, 2, "parent_organization_id", "clinic-1")(two)
    assert check(one, two).rules == ["parent-cycle"]


def test_a_branch_of_its_own_successor_is_no_circle(package_factory: Factory, check: Check) -> None:
    package = package_factory("one")
    cell(ORGANIZATIONS, 2, "parent_organization_id", "clinic-2")(package)
    cell(ORGANIZATIONS, 3, "successor_organization_id", "clinic-1")(package)
    assert check(package).code == 0


def test_a_key_of_another_package_names_its_file(package_factory: Factory, check: Check) -> None:
    tables = {"scores": None, "assessments": None, "reviews": None, "replies": None}
    one, two = (package_factory(name, organizations=1, tables=tables) for name in ("one", "two"))
    (problem,) = check(one, two, options=("--lang", "en")).problems
    assert (problem["rule"], problem["package"], problem["row"]) == ("key-elsewhere", "two", 2)
    assert "one/organizations.csv, row 2" in problem["message"]


def test_two_packages_of_one_name_are_refused(package_factory: Factory, check: Check, tmp_path: Path) -> None:
    one, two = package_factory("demo"), package_factory("demo", prefix="h-", folder=tmp_path / "other")
    assert check(one, two).rules == ["package-repeated"]


def test_a_parent_package_that_cannot_be_read_is_told(package_factory: Factory, check: Check) -> None:
    rest, broken = package_factory("rest", tables={"organizations": None}), package_factory("broken")
    (broken / DESCRIPTOR).write_text("{", "utf-8")
    assert check(rest, options=("--with", str(broken))).rules == ["descriptor-json"]


def test_a_package_among_its_parents_is_read_once(folder: Path, check: Check) -> None:
    assert check(folder, options=("--with", str(folder))).code == 0


def test_a_build_needs_organisations_somewhere(package_factory: Factory, check: Check) -> None:
    tables = dict.fromkeys(("organizations", "scores", "reviews", "replies"))
    assert check(package_factory(tables=tables)).rules == ["organizations-missing"]


def test_packages_of_one_build_may_not_hide_behind_a_broken_one(package_factory: Factory, check: Check) -> None:
    rest, broken = package_factory("rest", tables={"organizations": None}), package_factory("broken")
    (broken / DESCRIPTOR).unlink()
    assert check(rest, broken).found == [("package-missing", DESCRIPTOR, None, "", str(broken))]


# ---- tables that most packages have not ----------------------------------------------------------------------------

REGION = {"region_code": "70", "name": "Томская область", "lat_min": 10, "lat_max": 20, "lon_min": 170, "lon_max": -170}
PLACEMENT = {"placement_code": "RWEAEKND22", "organization_id": "clinic-1", "state": "active"}
MEASURE = {
    "plan_measure_id": "m1",
    "organization_id": "clinic-1",
    "assessment_id": "health-2025",
    "indicator": "1.1",
    "shortcoming": "Нет стенда",
    "action": "Повесить стенд",
    "due_on": "2027-01-01",
    "status": "planned",
    "done_on": "",
}
TABLES: dict[str, tuple[str, list[dict[str, Any]], list[Found]]] = {
    "plan ahead of today": ("plan_measures", [MEASURE], []),
    "plan done before it is done": (
        "plan_measures",
        [MEASURE | {"done_on": "2026-01-01"}],
        [("done-unexpected", "plan_measures.csv", 2, "done_on", "2026-01-01")],
    ),
    "placement": ("placements", [PLACEMENT], []),
    "placement with a wrong check symbol": (
        "placements",
        [PLACEMENT | {"placement_code": "RWEAEKND23"}],
        [("placement-code", "placements.csv", 2, "placement_code", "RWEAEKND23")],
    ),
    "placement that is another's default": (
        "placements",
        [PLACEMENT | {"placement_code": default_placement_code("clinic-2")}],
        [("placement-collision", "placements.csv", 2, "placement_code", "clinic-1")],
    ),
    "placement replaced by nothing": (
        "placements",
        [PLACEMENT | {"replaced_by": "VHMAAF3D71"}],
        [("foreign-key", "placements.csv", 2, "replaced_by", "VHMAAF3D71")],
    ),
    "placement replaced by a later row": (
        "placements",
        [PLACEMENT | {"replaced_by": "VHMAAF3D71"}, PLACEMENT | {"placement_code": "VHMAAF3D71", "replaced_by": ""}],
        [],
    ),
    "region upside down": (
        "regions",
        [REGION | {"region_code": "71", "lat_min": 30}],
        [("minimum", "regions.csv", 2, "lat_max", "20")],
    ),
    "region without a box": ("regions", [REGION | {"lat_min": ""}], []),
    "region of the package's own": (
        "regions",
        [REGION],
        [("region-box", ORGANIZATIONS, row, "latitude", f"56.480{row - 1}, 84.950{row - 1}") for row in (2, 3, 4)],
    ),
}


@pytest.mark.parametrize(("table", "rows", "expected"), TABLES.values(), ids=TABLES.keys())
def test_rules_of_further_tables(
    package_factory: Factory, check: Check, table: str, rows: list[dict[str, Any]], expected: list[Found]
) -> None:
    assert check(package_factory(tables={table: rows})).found == expected


def test_a_box_may_cross_the_antimeridian(package_factory: Factory, check: Check) -> None:
    tables = {"regions": [REGION], "scores": None, "reviews": None, "replies": None}
    folder = package_factory(organizations=3, tables=tables)
    for row, longitude in ((2, "179.5"), (3, "-179.5"), (4, "0")):
        both(cell(ORGANIZATIONS, row, "latitude", "15"), cell(ORGANIZATIONS, row, "longitude", longitude))(folder)
    assert check(folder).found == [("region-box", ORGANIZATIONS, 4, "latitude", "15, 0")]


def test_organisations_with_one_default_code_are_told_apart_by_a_placement(
    package_factory: Factory, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    def same(ids: Sequence[str]) -> list[int]:
        return [0] * len(ids)

    monkeypatch.setattr(rules, "default_placement_numbers", same)
    assert check(package_factory(organizations=2)).found == [
        ("placement-collision", ORGANIZATIONS, 3, "organization_id", "clinic-2")
    ]
    assert (
        check(
            package_factory(organizations=2, tables={"placements": [PLACEMENT | {"organization_id": "clinic-2"}]})
        ).code
        == 0
    )


def test_of_two_twins_the_later_one_is_shown_and_the_earlier_one_named(folder: Path, check: Check) -> None:
    (folder / "wards.csv").write_text("code\nB7\nA1\nC3\na1\n", "utf-8")
    schema = {"fields": [{"name": "code", "type": "string"}], "primaryKey": ["code"]}
    descriptor = json.loads((folder / DESCRIPTOR).read_text("utf-8"))
    descriptor["resources"].append({"name": "wards", "path": "wards.csv", "schema": schema})
    (folder / DESCRIPTOR).write_text(json.dumps(descriptor), "utf-8")
    (problem,) = check(folder, options=("--lang", "en")).problems
    assert (problem["rule"], problem["file"], problem["row"], problem["value"]) == (
        "key-lookalike",
        "wards.csv",
        5,
        "a1",
    )
    assert "A1" in problem["message"] and "row 3" in problem["message"]


def test_a_package_that_only_lends_its_rows_is_not_judged(
    package_factory: Factory, check: Check, tmp_path: Path
) -> None:
    tables = {"scores": None, "assessments": None, "reviews": None, "replies": None}
    one, lender = package_factory("one", tables=tables), package_factory("two", prefix="h-", tables=tables)
    cell(ORGANIZATIONS, 2, "parent_organization_id", "h-clinic-2")(one)
    cell(ORGANIZATIONS, 3, "inn", "7017000012")(lender)
    assert check(one).rules == ["foreign-key"]
    report = check(one, options=("--with", str(lender)))
    assert (report.code, report.problems) == (0, [])
    assert check(one, lender).rules == ["inn"]


@pytest.mark.parametrize(("difference", "rules"), [(-1, ["row-count"]), (0, []), (1, ["row-count"])])
def test_a_table_has_the_rows_that_its_descriptor_counts(
    folder: Path, check: Check, difference: int, rules: list[str]
) -> None:
    rows = len((folder / SCORES).read_text("utf-8").splitlines()) - 1
    descriptor = json.loads((folder / DESCRIPTOR).read_text("utf-8"))
    (scores,) = (one for one in descriptor["resources"] if one["name"] == "scores")
    scores["stats"] = {"rows": rows + difference}
    (folder / DESCRIPTOR).write_text(json.dumps(descriptor), "utf-8")
    report = check(folder)
    assert report.rules == rules
    assert all(f"{rows + difference}" in problem["message"] for problem in report.problems)
