"""Our reader against frictionless on generated tables: never more lenient, and stricter only for reasons that have names.

frictionless is the contract; where it lets pass what no reader of the downloads should meet, we are stricter, and each
such reason stands in `STRICTER`.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import frictionless
import hypothesis.strategies as st
from hypothesis import example, given, settings

from nok.packages.exact import Scan, TableReader
from nok.packages.keys import Keys
from nok.packages.profile import is_quick
from nok.packages.read import Package, Resource, iterate_rows, read_package
from nok.packages.write import Table, write_package
from tests.pace import within

TODAY = date(2026, 2, 7)
FIELDS: Sequence[Mapping[str, Any]] = (
    {
        "name": "key",
        "type": "string",
        "constraints": {"required": True, "pattern": "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?"},
    },
    {"name": "text", "type": "string", "constraints": {"maxLength": 40}},
    {"name": "state", "type": "string", "constraints": {"enum": ["scored", "exempt"]}},
    {"name": "count", "type": "integer", "constraints": {"minimum": 0, "maximum": 5}},
    {"name": "points", "type": "number", "constraints": {"minimum": -90, "maximum": 100}},
    {"name": "day", "type": "date"},
    {"name": "flag", "type": "boolean"},
    {"name": "year", "type": "year"},
)
SCHEMA = {"fields": [dict(field) for field in FIELDS], "primaryKey": ["key"], "missingValues": [""]}

NASTY = st.sampled_from(
    [
        "", " ", "0", "-0", "+1", "1_0", "٣", "５", " 4", "4 ", "1e2", "1E400", "NaN", "inf", "-Infinity", "05", ".5", "5.",
        "5,5", "1 000", "0x10", "1.0000000000001", "100.0001", "-90", "1" * 30, "true", "True", "TRUE", "1", "2024-02-29",
        "2025-02-29", "2024-1-5", "20240105", "2024-01-05T00:00:00", "29.02.2024", "0001-01-01", "9999-12-31", "1755-01-25",
        "2026-02-08", "-2024", "02024", "999", "scored", "Scored", "scored ", "exempt\n", "a", "a-b", "-a", "A", "é", "a\n",
        "con", "x" * 41, "a\x1bb", "a\x00", "a\u2028b", "a\x85b", "a\rb", "a\r\nb", '"', 'a"b', "РЁРєРѕР»Р°", "\ufffd", "=1+1", "\ufeff",
    ]
)  # fmt: skip
CELLS = {
    "key": NASTY | st.from_regex(r"[a-z0-9]{1,3}", fullmatch=True),
    "text": NASTY | st.text(st.characters(exclude_categories=["Cs"]), max_size=45),
    "state": NASTY | st.sampled_from(["scored", "exempt"]),
    "count": NASTY | st.integers(-2, 7).map(str),
    "points": NASTY | st.decimals(-100, 110, allow_nan=False).map(str) | st.floats().map(str),
    "day": NASTY | st.dates(date(1400, 1, 1), date(2100, 1, 1)).map(str),
    "flag": NASTY | st.sampled_from(["true", "false"]),
    "year": NASTY | st.integers(0, 12000).map(str),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=5)

STRICTER: Mapping[str, Callable[[str, str], bool]] = {
    "spaces at the ends": lambda _, value: value != value.strip(),
    "groups of digits": lambda _, value: "_" in value,
    "digits of another script": lambda _, value: any(char.isdigit() and not char.isascii() for char in value),
    "date without zeros": lambda kind, value: (
        kind == "date" and re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", value) is not None
    ),
    "day that has not come": lambda kind, value: kind == "date" and value > TODAY.isoformat(),
    "day before 1500": lambda kind, value: kind == "date" and value < "1500",
    "year that no one means": lambda kind, value: kind == "year" and not "1000" <= value <= "2999",
    "exponent": lambda kind, value: kind in ("integer", "number") and "e" in value.lower(),
    "sign": lambda _, value: value.startswith(("+", "-0")),
    "no number": lambda _, value: value.lower().lstrip("+-") in ("nan", "inf", "infinity"),
    "zero in front": lambda kind, value: kind in ("integer", "number") and value.lstrip("-").startswith("0"),
    "bare point": lambda _, value: value.startswith(".") or value.endswith("."),
    "more digits than are kept": lambda kind, value: kind == "number" and (len(value) > 12),
    "boolean in other words": lambda kind, value: (
        kind == "boolean" and value in ("True", "TRUE", "1", "False", "FALSE", "0")
    ),
    "character that is none": lambda _, value: (
        re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]", value) is not None
    ),
    "spoilt letters": lambda _, value: "РЁРєРѕР»Р°" in value or "\ufffd" in value,
}


@contextmanager
def table(rows: Sequence[Mapping[str, str]]) -> Iterator[tuple[Package, Resource]]:
    """The rows as a file of a package; csv quotes what needs it, so that only cells can be at fault."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "table.csv")
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(
                stream, [field["name"] for field in FIELDS], lineterminator="\n", quoting=csv.QUOTE_ALL
            )
            writer.writeheader()
            writer.writerows(rows)
        resource = Resource(name="table", files=(file,), schema=SCHEMA, is_profiled=False)
        yield Package(name="demo", folder=Path(folder), descriptor={}, resources=(resource,)), resource


def ours(package: Package, resource: Resource) -> Scan:
    return TableReader(package, resource, TODAY, {"table": Keys()}).scan()


def theirs(package: Package) -> list[tuple[int | None, str]]:
    """(row, column) of what frictionless refuses; a fault of the whole row has no column."""
    described = {"name": "table", "path": "table.csv", "format": "csv", "encoding": "utf-8", "schema": SCHEMA}
    report = frictionless.Resource.from_descriptor(described, basepath=str(package.folder)).validate()
    return [(row, column or "") for row, column in report.flatten(["rowNumber", "fieldName"])]


@settings(max_examples=150)
@example([{**dict.fromkeys(CELLS, ""), "key": "a"}, {**dict.fromkeys(CELLS, ""), "key": "a"}])
@given(ROWS)
def test_we_refuse_all_that_frictionless_refuses(rows: list[dict[str, str]]) -> None:
    with table(rows) as (package, resource):
        refused = ours(package, resource).problems
        at = {(problem.where.row, problem.where.column) for problem in refused}
        rows_at = {row for row, _ in at}
        for row, column in theirs(package):
            assert (row, column) in at if column else row in rows_at


@settings(max_examples=150)
@given(ROWS)
def test_we_are_stricter_only_for_reasons_that_have_names(rows: list[dict[str, str]]) -> None:
    kinds = {field["name"]: field["type"] for field in FIELDS}
    with table(rows) as (package, resource):
        allowed = theirs(package)
        for problem in ours(package, resource).problems:
            place = (problem.where.row, problem.where.column)
            if problem.rule == "line-end" or place in allowed or (problem.where.row, "") in allowed:
                continue
            kind, value = kinds[problem.where.column], problem.value
            assert any(is_reason(kind, value) for is_reason in STRICTER.values()), (problem.rule, value)


# ---- written and read again ----------------------------------------------------------------------------------------

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["\r", "\r\n", '"', ",", "\n", "\0"]
)
COLUMNS = ("organization_id", "name", "short_name", "address", "beds")
WRITTEN = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, ANY_TEXT)), max_size=12)
DESCRIPTION = {"name": "demo", "title": "Пакет", "version": "1.0.0", "licenses": [{"name": "CC0-1.0"}]}


@settings(max_examples=150)
@given(WRITTEN, st.integers(1, 5))
def test_what_is_written_is_read_again(rows: list[dict[str, str]], rows_per_part: int) -> None:
    beds = {"name": "beds", "type": "string"}
    written = Table(name="organizations", rows=iter(rows), extra_fields=(beds,), rows_per_part=rows_per_part)
    with TemporaryDirectory() as folder:
        write_package(Path(folder), DESCRIPTION, [written])
        package, problems = read_package(Path(folder))
        assert package is not None and not problems
        (resource,) = package.resources
        read = list(iterate_rows(resource))
        assert len(resource.files) == max(1, -(-len(rows) // rows_per_part))
    assert [{name: row.get(name, "") for name in COLUMNS} for row in read] == [
        {name: row.get(name, "") for name in COLUMNS} for row in rows
    ]


# ---- patterns ------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["a", "b", "[ab]", ".", r"\d", "(", "(?:", ")", "|", "*", "+", "?", "{2}", "{1,3}", "{,9}", "{20}"]
)


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=12).map("".join), st.sampled_from(["a" * 299 + "!", "ab" * 150, "a" * 300, "1" * 300]))
def test_a_pattern_that_is_let_in_comes_to_an_end(pattern: str, value: str) -> None:
    if is_quick(pattern):
        with within(1):
            re.compile(pattern).fullmatch(value)
