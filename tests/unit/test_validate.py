"""Nothing wrong is published silently: bad packages are refused with their place, good ones pass, all in one run."""

import csv
import hashlib
import json
import os
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

import publish

Factory = Callable[..., Path]
Found = tuple[str, str, int | None, str, str]
"""Rule, file, row, column, value of a problem."""

Change = Callable[[Path], None]

ORGANIZATIONS, SCORES, REVIEWS = "organizations.csv", "scores.csv", "reviews.csv"
DESCRIPTOR = "datapackage.json"
SECONDS = 2.0


class Report:
    """What `validate --json` said."""

    def __init__(self, code: int, problems: list[dict[str, Any]]) -> None:
        self.code, self.problems = code, problems

    @property
    def found(self) -> list[Found]:
        return [(p["rule"], p["file"], p["row"], p["column"], p["value"]) for p in self.problems]

    @property
    def rules(self) -> list[str]:
        return [problem["rule"] for problem in self.problems]


def validate(*packages: Path | str, options: tuple[str, ...] = (), out: Path) -> Report:
    code = publish.main(["validate", *map(str, packages), *options, "--json", str(out)])
    report = json.loads(out.read_text("utf-8"))
    errors = [problem for problem in report["problems"] if problem["severity"] == "error"]
    assert report["valid"] is (code == 0) is (not errors)
    return Report(code, report["problems"])


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., Report]:
    """`check(package, …, options=()) -> Report`, through the public door."""
    return lambda *packages, options=(): validate(*packages, options=options, out=tmp_path / "report.json")


@pytest.fixture
def folder(package_factory: Factory) -> Path:
    """A valid package; nothing points to its fourth organisation, so that its id can be spoilt alone."""
    made = package_factory(organizations=3, reviews=2)
    with (made / ORGANIZATIONS).open("a", encoding="utf-8") as file:
        file.write("clinic-4,Четвёртая,,health,clinic,70,,,,,,,,,published\n")
    return made


# ---- how a package is spoilt ---------------------------------------------------------------------------------------


def cell(file: str, row: int, column: str, value: str) -> Change:
    """Writes `value` into a cell; the header is row 1."""

    def change(folder: Path) -> None:
        with (folder / file).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        if column not in rows[0]:
            rows = [[*cells, "" if number else column] for number, cells in enumerate(rows)]
        rows[row - 1][rows[0].index(column)] = value
        with (folder / file).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)

    return change


def text(file: str, old: str, new: str) -> Change:
    """Replaces the first `old` of a file, byte by byte."""

    def change(folder: Path) -> None:
        before = (folder / file).read_bytes()
        assert old.encode() in before
        (folder / file).write_bytes(before.replace(old.encode(), new.encode(), 1))

    return change


def raw(file: str, make: Callable[[bytes], bytes]) -> Change:
    def change(folder: Path) -> None:
        (folder / file).write_bytes(make((folder / file).read_bytes()))

    return change


def recoded(file: str, encoding: str) -> Change:
    return raw(file, lambda content: content.decode().encode(encoding, "replace"))


def package(**properties: Any) -> Change:
    """Replaces properties of the descriptor; `None` removes one."""

    def change(folder: Path) -> None:
        described = json.loads((folder / DESCRIPTOR).read_text("utf-8")) | properties
        kept = {key: value for key, value in described.items() if value is not None}
        (folder / DESCRIPTOR).write_text(json.dumps(kept), "utf-8")

    return change


def resource(table: str, /, **properties: Any) -> Change:
    """Replaces properties of a resource in the descriptor."""

    def change(folder: Path) -> None:
        described = json.loads((folder / DESCRIPTOR).read_text("utf-8"))
        (entry,) = [entry for entry in described["resources"] if entry["name"] == table]
        entry.update(properties)
        (folder / DESCRIPTOR).write_text(json.dumps(described), "utf-8")

    return change


def own_field(field: Any, name: str = "organizations") -> Change:
    """Gives a table a schema of its own with one field."""
    return resource(name, schema={"fields": [field]})


def both(*changes: Change) -> Change:
    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


def special(make: Callable[[Path], None], file: str = ORGANIZATIONS) -> Change:
    """Puts something that is no plain file in the place of a table."""

    def change(folder: Path) -> None:
        (folder / file).unlink()
        make(folder / file)

    return change


def added(file: str, row: str) -> Change:
    return raw(file, lambda content: content + row.encode())


def in_descriptor(rule: str, column: str = "", value: str = "") -> list[Found]:
    return [(rule, DESCRIPTOR, None, column, value)]


def org(rule: str, column: str, value: str, row: int | None = 2) -> list[Found]:
    return [(rule, ORGANIZATIONS, row, column, value)]


FIRST = "resources/0"
SCHEMA = "resources/0/schema"
HEADER = (
    "organization_id,name,short_name,sphere,kind,region_code,municipality,address,latitude,longitude,inn,kpp,ogrn,"
    "website,status"
)
ID = "organization_id"

BAD_PACKAGES = {
    "path upwards": (resource("organizations", path="../x.csv"), in_descriptor("resource-path", FIRST, "../x.csv")),
    "absolute path": (
        resource("organizations", path="/etc/passwd"),
        in_descriptor("resource-path", FIRST, "/etc/passwd"),
    ),
    "file address": (
        resource("organizations", path="file:///etc/passwd"),
        in_descriptor("resource-path", FIRST, "file:///etc/passwd"),
    ),
    "web address": (
        resource("organizations", path="http://127.0.0.1:9/x.csv"),
        in_descriptor("resource-path", FIRST, "http://127.0.0.1:9/x.csv"),
    ),
    "bucket": (resource("organizations", path="s3://b/x.csv"), in_descriptor("resource-path", FIRST, "s3://b/x.csv")),
    "share": (
        resource("organizations", path="\\\\host\\x.csv"),
        in_descriptor("resource-path", FIRST, "\\\\host\\x.csv"),
    ),
    "backslash": (resource("organizations", path="..\\x.csv"), in_descriptor("resource-path", FIRST, "..\\x.csv")),
    "percent": (resource("organizations", path="a/%2e%2e/x"), in_descriptor("resource-path", FIRST, "a/%2e%2e/x")),
    "dot in the middle": (
        resource("organizations", path="./organizations.csv"),
        in_descriptor("resource-path", FIRST, "./organizations.csv"),
    ),
    "hidden file": (resource("organizations", path=".x.csv"), in_descriptor("resource-path", FIRST, ".x.csv")),
    "NUL in a path": (resource("organizations", path="a\0b"), in_descriptor("text-control", "", "a\0b")),
    "half a character": (resource("organizations", path="\ud800"), in_descriptor("text-control", "", "\\ud800")),
    "path of 5,000": (resource("organizations", path="a" * 5000), in_descriptor("resource-path", FIRST, "a" * 5000)),
    "no path": (resource("organizations", path=None), in_descriptor("resource-path", FIRST)),
    "empty list of parts": (resource("organizations", path=[]), in_descriptor("resource-path", FIRST, "[]")),
    "one part twice": (
        resource("organizations", path=[ORGANIZATIONS, ORGANIZATIONS]),
        in_descriptor("resource-path", FIRST, ORGANIZATIONS),
    ),
    "file that is not there": (
        resource("organizations", path="absent.csv"),
        in_descriptor("file-missing", FIRST, "absent.csv"),
    ),
    "FIFO": (special(os.mkfifo), in_descriptor("file-missing", FIRST, ORGANIZATIONS)),
    "folder": (special(Path.mkdir), in_descriptor("file-missing", FIRST, ORGANIZATIONS)),
    "link to a device": (
        special(lambda path: path.symlink_to("/dev/zero")),
        in_descriptor("resource-path", FIRST, ORGANIZATIONS),
    ),
    "link to itself": (
        special(lambda path: path.symlink_to(path)),
        in_descriptor("resource-path", FIRST, ORGANIZATIONS),
    ),
    "two tables of a name": (
        resource("replies", name="organizations"),
        in_descriptor("resource-repeated", "resources/4", "organizations"),
    ),
    "table without a name": (resource("replies", name=""), in_descriptor("resource-name", "resources/4", ANY)),
    "table with a path for a name": (
        resource("replies", name="../x"),
        in_descriptor("resource-name", "resources/4", ANY),
    ),
    "unknown table": (
        resource("replies", name="answers"),
        in_descriptor("resource-unknown", "resources/4/schema", "answers"),
    ),
    "scheme": (resource("replies", scheme="stream"), in_descriptor("resource-property", "resources/4", "stream")),
    "format": (resource("replies", format="sql"), in_descriptor("resource-property", "resources/4", "sql")),
    "compression": (resource("replies", compression="no"), in_descriptor("resource-property", "resources/4", "no")),
    "data inline": (resource("replies", data=[]), in_descriptor("resource-property", "resources/4", "[]")),
    "encoding declared": (
        resource("replies", encoding="windows-1251"),
        in_descriptor("resource-encoding", "resources/4", "windows-1251"),
    ),
    "schema address": (
        resource("replies", schema="http://127.0.0.1:9/s.json"),
        in_descriptor("descriptor-address", "resources/4", "http://127.0.0.1:9/s.json"),
    ),
    "schema path": (
        resource("replies", schema="schema.json"),
        in_descriptor("descriptor-address", "resources/4", "schema.json"),
    ),
    "dialect address": (
        resource("replies", dialect="http://127.0.0.1:9/d.json"),
        in_descriptor("descriptor-address", "resources/4", "http://127.0.0.1:9/d.json"),
    ),
    "profile address of a table": (
        resource("replies", profile="http://127.0.0.1:9/p.json"),
        in_descriptor("descriptor-address", "resources/4", "http://127.0.0.1:9/p.json"),
    ),
    "profile address": (
        package(profile="http://127.0.0.1:9/p.json"),
        in_descriptor("descriptor-address", "profile", "http://127.0.0.1:9/p.json"),
    ),
    "odd dialect": (
        resource("replies", dialect={"delimiter": "|"}),
        in_descriptor("resource-dialect", "resources/4", '{"delimiter": "|"}'),
    ),
    "wrong size": (resource("replies", bytes=1), [("file-size", "replies.csv", None, "", ANY)]),
    "wrong checksum": (
        resource("replies", hash="sha256:00"),
        [
            (
                "file-hash",
                "replies.csv",
                None,
                "",
                ANY,
            )
        ],
    ),
    "unknown checksum": (resource("replies", hash="crc:1"), [("file-hash", "replies.csv", None, "", "")]),
    "fewer rows than declared": (
        resource("replies", stats={"rows": 2}),
        [("row-count", "replies.csv", None, "", "1")],
    ),
    "not JSON": (raw(DESCRIPTOR, lambda content: content[:-3]), in_descriptor("descriptor-json")),
    "a list": (raw(DESCRIPTOR, lambda _: b"[]"), in_descriptor("descriptor-object", "", "[]")),
    "nested 100,000": (
        raw(DESCRIPTOR, lambda _: b"[" * 100_000 + b"]" * 100_000),
        in_descriptor("descriptor-depth"),
    ),
    "nested 100": (package(x=json.loads("[" * 100 + "]" * 100)), in_descriptor("descriptor-depth")),
    "repeated key": (
        text(DESCRIPTOR, '"name": "demo"', '"name": "demo", "name": "demo"'),
        in_descriptor("descriptor-repeated", "", "name"),
    ),
    "NaN": (
        text(DESCRIPTOR, '"name": "demo"', '"x": NaN, "name": "demo"'),
        in_descriptor("descriptor-number", "", "NaN"),
    ),
    "1e400": (
        text(DESCRIPTOR, '"name": "demo"', '"x": 1e400, "name": "demo"'),
        in_descriptor("descriptor-number", "", "1e400"),
    ),
    "descriptor in cp1251": (recoded(DESCRIPTOR, "cp1251"), in_descriptor("encoding", "", "0xCF")),
    "no name": (package(name=None), in_descriptor("descriptor-name", "name")),
    "name with a slash": (package(name="../x"), in_descriptor("descriptor-name", "name", "../x")),
    "no version": (package(version=None), in_descriptor("descriptor-version", "version")),
    "version of Arabic digits": (package(version="١.0.0"), in_descriptor("descriptor-version", "version", "١.0.0")),
    "no licence": (package(licenses=None), in_descriptor("descriptor-property", "licenses")),
    "licence of another kind": (package(licenses=["CC0"]), in_descriptor("descriptor-profile", "", "package-error")),
    "no title": (package(title=" "), in_descriptor("descriptor-property", "title", " ")),
    "no resources": (package(resources={}), in_descriptor("descriptor-property", "resources", "{}")),
    "demonstration in quotes": (
        package(demonstration="true"),
        in_descriptor("descriptor-flag", "demonstration", "true"),
    ),
    "escape in the title": (package(title="a\x1b[2J"), in_descriptor("text-control", "", "a\x1b[2J")),
    "schema of another type": (
        own_field({"name": "latitude", "type": "string"}),
        in_descriptor("schema-looser", SCHEMA, "latitude"),
    ),
    "schema with another pattern": (
        own_field({"name": ID, "constraints": {"pattern": ".*"}}),
        in_descriptor("schema-looser", SCHEMA, ID),
    ),
    "schema with a larger maximum": (
        own_field({"name": "latitude", "type": "number", "constraints": {"maximum": 91}}),
        in_descriptor("schema-looser", SCHEMA, "latitude"),
    ),
    "schema with more values": (
        own_field({"name": "status", "constraints": {"enum": ["published", "secret"]}}),
        in_descriptor("schema-looser", SCHEMA, "status"),
    ),
    "schema that asks for less": (
        own_field({"name": "name", "constraints": {"required": False}}),
        in_descriptor("schema-looser", SCHEMA, "name"),
    ),
    "schema with another decimal sign": (
        own_field({"name": "latitude", "type": "number", "decimalChar": ","}),
        in_descriptor("schema-property", SCHEMA, "latitude"),
    ),
    "schema with other missing values": (
        resource("organizations", schema={"fields": [{"name": "beds"}], "missingValues": ["-"]}),
        in_descriptor("schema-property", SCHEMA, "organizations"),
    ),
    "pattern that runs away": (
        own_field({"name": "code", "constraints": {"pattern": "(a+)+$"}}),
        in_descriptor("schema-pattern", SCHEMA, "code"),
    ),
    "pattern that is none": (
        own_field({"name": "code", "constraints": {"pattern": "("}}),
        in_descriptor("schema-pattern", SCHEMA, "code"),
    ),
    "constraint of another kind": (
        own_field({"name": "beds", "type": "integer", "constraints": {"minimum": "many"}}),
        in_descriptor("schema-property", SCHEMA, "beds"),
    ),
    "constraints in a list": (
        own_field({"name": "beds", "constraints": ["required"]}),
        in_descriptor("schema-property", SCHEMA, "beds"),
    ),
    "unknown type": (own_field({"name": "beds", "type": "money"}), in_descriptor("schema-type", SCHEMA, "beds")),
    "field without a name": (own_field({"type": "string"}), in_descriptor("schema-name", SCHEMA, "{'type': 'string'}")),
    "field that is none": (own_field(None), in_descriptor("schema-name", SCHEMA, "None")),
    "schema without fields": (resource("organizations", schema={}), in_descriptor("resource-schema", SCHEMA, "{}")),
    "key of a column that is not there": (
        resource("replies", name="beds", schema={"fields": [{"name": "a"}], "primaryKey": ["b"]}),
        in_descriptor("schema-key", "resources/4/schema", "['b']"),
    ),
}

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
        "2024-1-5": "type-date",
        "20250101": "type-date",
        "2025-01-01T00:00:00": "type-date",
        "2026-02-08": "future-date",
    }.items()
}


BAD = {**BAD_PACKAGES, **BAD_TEXTS, **BAD_VALUES}


@pytest.mark.parametrize(("change", "expected"), BAD.values(), ids=BAD.keys())
def test_a_bad_package_is_refused_at_its_place(
    folder: Path,
    check: Callable[..., Report],
    capsys: pytest.CaptureFixture[str],
    change: Change,
    expected: list[Found],
) -> None:
    change(folder)
    start = time.process_time()
    report = check(folder)
    assert time.process_time() - start < SECONDS
    assert report.found == expected
    assert report.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_package_that_is_spoilt_was_good(folder: Path, check: Callable[..., Report]) -> None:
    report = check(folder)
    assert (report.code, report.problems) == (0, [])


# ---- many at once --------------------------------------------------------------------------------------------------


def test_all_faults_of_all_files_are_told_in_one_run(folder: Path, check: Callable[..., Report]) -> None:
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


def test_a_wholly_wrong_table_is_not_listed_without_end(folder: Path, check: Callable[..., Report]) -> None:
    (folder / "replies.csv").write_bytes(b"review_id,text,replied_on\n" + b"\n" * 200_000)
    start = time.process_time()
    report = check(folder)
    assert time.process_time() - start < SECONDS
    assert (len(report.problems), report.problems[-1]["rule"]) == (10_001, "too-many")


def test_faults_of_one_row_do_not_hide_its_repeated_key(folder: Path, check: Callable[..., Report]) -> None:
    both(cell(SCORES, 3, "measure", "K1"), cell(SCORES, 3, "points", "x"))(folder)
    assert check(folder).rules == ["type-number", "key-repeated"]


def test_an_unreadable_table_blames_no_reference_to_it(folder: Path, check: Callable[..., Report]) -> None:
    text(ORGANIZATIONS, "organization_id", "id")(folder)
    assert check(folder).rules == ["header-unknown", "header-missing"]


def test_a_repeated_key_names_both_rows(folder: Path, check: Callable[..., Report]) -> None:
    cell(SCORES, 3, "measure", "K1")(folder)
    (problem,) = check(folder, options=("--lang", "en")).problems
    assert problem["row"] == 3 and "in row 2" in problem["message"]


def test_did_you_mean(folder: Path, check: Callable[..., Report]) -> None:
    text(ORGANIZATIONS, "kind", "Kind")(folder)
    (problem,) = check(folder).problems
    assert "может быть, «kind»?" in problem["message"]


def test_a_quoted_line_break_moves_the_line_and_not_the_row(folder: Path, check: Callable[..., Report]) -> None:
    both(cell(REVIEWS, 2, "text", "Раз\nдва\r\nтри"), cell(REVIEWS, 3, "rating", "6"))(folder)
    report = check(folder)
    assert report.found == [("maximum", REVIEWS, 3, "rating", "6")]


def test_the_physical_line_is_told_where_it_differs(
    folder: Path, check: Callable[..., Report], capsys: pytest.CaptureFixture[str]
) -> None:
    both(cell(REVIEWS, 2, "text", "Раз\nдва"), cell(REVIEWS, 3, "rating", "6"))(folder)
    check(folder)
    assert "demo/reviews.csv, строка 3 (в файле это строка 4), столбец rating: 6 больше" in capsys.readouterr().err


def test_a_problem_has_the_published_shape(folder: Path, check: Callable[..., Report]) -> None:
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
            "message": "6 is too great: up to 5",
            "advice": "Check the value.",
        }
    ]


# ---- several packages ----------------------------------------------------------------------------------------------


def test_references_hold_across_packages(package_factory: Factory, check: Callable[..., Report]) -> None:
    roster = package_factory("roster", tables={"reviews": None, "replies": None, "scores": None, "assessments": None})
    rest = package_factory("rest", tables={"organizations": None})
    assert check(rest, roster).code == 0
    assert check(rest, options=("--with", str(roster))).code == 0
    assert set(check(rest).rules) == {"foreign-key"}


def test_a_parent_may_stand_in_a_later_package(package_factory: Factory, check: Callable[..., Report]) -> None:
    branches, heads = package_factory("branches"), package_factory("heads", prefix="h-")
    cell(ORGANIZATIONS, 2, "parent_organization_id", "h-clinic-1")(branches)
    assert check(branches, heads).code == 0
    assert check(branches).rules == ["foreign-key"]


def test_a_circle_through_two_packages_is_found(package_factory: Factory, check: Callable[..., Report]) -> None:
    one, two = package_factory("one"), package_factory("two", prefix="h-")
    cell(ORGANIZATIONS, 2, "parent_organization_id", "h-clinic-1")(one)
    cell(ORGANIZATIONS, 2, "parent_organization_id", "clinic-1")(two)
    assert check(one, two).rules == ["parent-cycle"]


def test_a_key_of_another_package_names_its_file(package_factory: Factory, check: Callable[..., Report]) -> None:
    tables = {"scores": None, "assessments": None, "reviews": None, "replies": None}
    one, two = (package_factory(name, organizations=1, tables=tables) for name in ("one", "two"))
    (problem,) = check(one, two, options=("--lang", "en")).problems
    assert (problem["rule"], problem["package"], problem["row"]) == ("key-elsewhere", "two", 2)
    assert "one/organizations.csv, row 2" in problem["message"]


def test_two_packages_of_one_name_are_refused(
    package_factory: Factory, check: Callable[..., Report], tmp_path: Path
) -> None:
    one, two = package_factory("demo"), package_factory("demo", prefix="h-", folder=tmp_path / "other")
    assert check(one, two).rules == ["package-repeated"]


def test_a_parent_package_that_cannot_be_read_is_told(package_factory: Factory, check: Callable[..., Report]) -> None:
    rest, broken = package_factory("rest", tables={"organizations": None}), package_factory("broken")
    (broken / DESCRIPTOR).write_text("{", "utf-8")
    assert check(rest, options=("--with", str(broken))).rules == ["descriptor-json"]


def test_a_package_among_its_parents_is_read_once(folder: Path, check: Callable[..., Report]) -> None:
    assert check(folder, options=("--with", str(folder))).code == 0


def test_a_build_needs_organisations_somewhere(package_factory: Factory, check: Callable[..., Report]) -> None:
    tables = dict.fromkeys(("organizations", "scores", "reviews", "replies"))
    assert check(package_factory(tables=tables)).rules == ["organizations-missing"]


def test_packages_of_one_build_may_not_hide_behind_a_broken_one(
    package_factory: Factory, check: Callable[..., Report]
) -> None:
    rest, broken = package_factory("rest", tables={"organizations": None}), package_factory("broken")
    (broken / DESCRIPTOR).unlink()
    assert check(rest, broken).found == [("package-missing", DESCRIPTOR, None, "", str(broken))]


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
def test_a_good_package_passes(folder: Path, check: Callable[..., Report], change: Change) -> None:
    change(folder)
    report = check(folder)
    assert (report.problems, report.code) == ([], 0)


def test_another_encoding_is_read_where_it_is_named(package_factory: Factory, check: Callable[..., Report]) -> None:
    folder = package_factory()
    for file in folder.glob("*.csv"):
        recoded(file.name, "cp1251")(folder)
    assert set(check(folder).rules) == {"encoding"}
    assert check(folder, options=("--encoding", "cp1251")).code == 0


def test_a_file_read_in_a_wrong_encoding_shows(folder: Path, check: Callable[..., Report]) -> None:
    assert set(check(folder, options=("--encoding", "cp1251")).rules) == {"mojibake"}


@pytest.mark.parametrize("name", ["rot13", "nothing-such", "undefined"])
def test_an_encoding_that_is_none_is_a_usage_error(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish.main(["validate", str(folder), "--encoding", name]) == 64
    assert name in capsys.readouterr().err


def test_an_empty_list_passes_where_it_is_allowed(package_factory: Factory, check: Callable[..., Report]) -> None:
    folder = package_factory(tables={name: [] for name in ("organizations", "scores", "reviews", "replies")})
    assert check(folder).rules == ["table-empty"]
    assert check(folder, options=("--allow-empty",)).code == 0


def test_today_is_what_the_environment_says(
    folder: Path, check: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    cell(REVIEWS, 2, "received_on", "2026-02-08")(folder)
    assert check(folder).rules == ["future-date"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1770508800")  # 8 February 2026
    assert check(folder).code == 0


def test_spoilt_letters_of_citizens_are_told_and_published(folder: Path, check: Callable[..., Report]) -> None:
    cell(REVIEWS, 2, "text", "РЎРїР°СЃРёР±Рѕ")(folder)
    report = check(folder)
    assert (report.code, report.rules, report.problems[0]["severity"]) == (0, ["mojibake"], "warning")


def test_a_table_that_nobody_named_is_told(folder: Path, check: Callable[..., Report]) -> None:
    (folder / "placements.csv").write_text("placement_code\n", "utf-8")
    report = check(folder)
    assert (report.code, report.found) == (
        0,
        [("file-unlisted", DESCRIPTOR, None, "resources", "placements.csv")],
    )


# ---- archives ------------------------------------------------------------------------------------------------------


def zipped(folder: Path, archive: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted(folder.iterdir()):
            made.write(file, f"{inside}{file.name}")
    return archive


def with_entry(name: str, content: str = "x", attributes: int = 0) -> Callable[[Path], None]:
    def change(archive: Path) -> None:
        with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as made:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = attributes << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, content)

    return change


def locked(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)


def garbled(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[60:200] = bytes(140)
    archive.write_bytes(content)


BAD_ARCHIVES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "upwards": (with_entry("../../x"), "archive-name", "../../x"),
    "absolute": (with_entry("/x"), "archive-name", "/x"),
    "drive": (with_entry("C:/x"), "archive-name", "C:/x"),
    "backslash": (with_entry("..\\x"), "archive-name", "..\\x"),
    "link": (with_entry("x", "/etc/passwd", stat.S_IFLNK | 0o777), "archive-link", "x"),
    "bomb": (with_entry("x", "0" * 100_000_000), "archive-bomb", ANY),
    "locked": (locked, "archive-locked", DESCRIPTOR),
    "garbled": (garbled, "archive-damaged", ""),
    "cut": (lambda archive: archive.write_bytes(archive.read_bytes()[:-100]) and None, "archive-damaged", ""),
    "empty": (lambda archive: archive.write_bytes(b"") and None, "archive-damaged", ""),
    "text": (lambda archive: archive.write_text("organization_id\n") and None, "archive-damaged", ""),
}


@pytest.mark.parametrize(("change", "rule", "value"), BAD_ARCHIVES.values(), ids=BAD_ARCHIVES.keys())
def test_a_bad_archive_is_refused_before_it_is_unpacked(
    folder: Path, tmp_path: Path, check: Callable[..., Report], change: Callable[[Path], None], rule: str, value: str
) -> None:
    archive = zipped(folder, tmp_path / "demo.zip")
    change(archive)
    report = check(archive)
    assert report.found == [(rule, "", None, "", value)]
    assert report.problems[0]["package"] == "demo.zip"
    assert not (tmp_path.parent / "x").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_a_name_twice_is_refused(folder: Path, tmp_path: Path, check: Callable[..., Report]) -> None:
    archive = zipped(folder, tmp_path / "demo.zip")
    with_entry(ORGANIZATIONS)(archive)
    assert check(archive).found == [("archive-repeated", "", None, "", ORGANIZATIONS)]


@pytest.mark.parametrize("inside", ["", "demo/"])
def test_an_archive_of_a_good_package_passes(
    folder: Path, tmp_path: Path, check: Callable[..., Report], inside: str
) -> None:
    assert check(zipped(folder, tmp_path / "demo.zip", inside)).code == 0


def test_a_fault_inside_an_archive_has_the_name_of_the_package(
    folder: Path, tmp_path: Path, check: Callable[..., Report]
) -> None:
    cell(REVIEWS, 2, "rating", "6")(folder)
    report = check(zipped(folder, tmp_path / "x.zip"))
    assert (report.problems[0]["package"], report.found) == ("demo", [("maximum", REVIEWS, 2, "rating", "6")])


# ---- nothing outside -----------------------------------------------------------------------------------------------

WATCH = """
import sys
opened = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"):
        opened.append(f"{event} {arguments}")
    if event == "open" and "canary" in str(arguments[0]):
        opened.append(f"open {arguments}")
sys.addaudithook(watch)
import publish
codes = [publish.main(["validate", folder]) for folder in sys.argv[1:]]
print(codes, opened)
"""


def test_validation_opens_no_socket_and_nothing_outside(
    package_factory: Factory, tmp_path: Path, project_root: Path
) -> None:
    canary = tmp_path / "canary.csv"
    canary.write_text(HEADER + "\n", "utf-8")
    outside = {
        "link": special(lambda path: path.symlink_to(canary)),
        "folder": lambda folder: (
            (folder / "data").symlink_to(tmp_path),
            resource("organizations", path="data/canary.csv")(folder),
        ),
        "path": resource("organizations", path="../../canary.csv"),
        "absolute": resource("organizations", path=str(canary)),
        "address": resource("organizations", path="http://127.0.0.1:9/canary.csv"),
        "schema": resource("organizations", schema="http://127.0.0.1:9/s.json"),
        "schema-path": resource("organizations", schema="../../canary.csv"),
        "dialect": resource("organizations", dialect="http://127.0.0.1:9/d.json"),
        "profile": package(profile="http://127.0.0.1:9/p.json"),
        "table-profile": resource("organizations", profile="http://127.0.0.1:9/p.json"),
        "names": package(**{"$schema": "http://127.0.0.1:9/p.json", "image": "http://127.0.0.1:9/i.png"}),
    }
    folders = []
    for name, change in outside.items():
        folders.append(str(package_factory(name)))
        change(Path(folders[-1]))
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *folders],
        cwd=project_root,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == f"{[2] * 10 + [0]} []"


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir], ids=["FIFO", "folder"])
def test_a_descriptor_that_is_no_file_is_not_waited_for(
    folder: Path, check: Callable[..., Report], make: Callable[[Path], None]
) -> None:
    special(make, DESCRIPTOR)(folder)
    assert check(folder).rules == ["package-missing"]


def test_a_descriptor_of_5_MB_is_not_read(folder: Path, check: Callable[..., Report]) -> None:
    package(description="x" * 5_000_000)(folder)
    assert check(folder).rules == ["descriptor-size"]


def test_a_package_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    assert publish.main(["validate", str(tmp_path / "nowhere")]) == 64
    assert publish.main(["validate", "http://127.0.0.1:9/x.zip"]) == 64
