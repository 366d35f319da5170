"""What the tests of validation share: ways to spoil a package, and the report of `validate --json` as a value."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import publish
from nok import messages
from tests.pace import within

Factory = Callable[..., Path]
Found = tuple[str, str, int | None, str, str]
"""Rule, file, row, column, value of a problem."""

Change = Callable[[Path], None]

ORGANIZATIONS, SCORES, REVIEWS = "organizations.csv", "scores.csv", "reviews.csv"
DESCRIPTOR = "datapackage.json"
ID = "organization_id"
SECONDS = 4.0
"""Processor time of a good machine that one bad package may cost."""


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
    with patch.object(messages._Gaps, "__missing__", _unfilled):
        code = publish.main(["validate", *map(str, packages), *options, "--json", str(out)])
    report = json.loads(out.read_text("utf-8"))
    errors = [problem for problem in report["problems"] if problem["severity"] == "error"]
    assert report["valid"] is (code == 0) is (not errors)
    return Report(code, report["problems"])


def _unfilled(_: object, gap: str) -> str:
    """A sentence with a gap that nobody fills is shown all the same; here it is a fault. A name that is similar may be none."""
    assert gap in ("similar", "expected"), f"nothing fills the gap '{gap}'"
    return ""


Check = Callable[..., Report]


def checker(tmp_path: Path) -> Check:
    """`check(package, …, options=()) -> Report`, through the public door."""
    return lambda *packages, options=(): validate(*packages, options=options, out=tmp_path / "report.json")


def package_to_spoil(package_factory: Factory) -> Path:
    """A valid package; nothing points to its fourth organisation, so that its id can be spoilt alone."""
    made = package_factory(organizations=3, reviews=2)
    with (made / ORGANIZATIONS).open("a", encoding="utf-8") as file:
        file.write("clinic-4,Четвёртая,,health,clinic,70,,,,,,,,,published\n")
    return made


def assert_refused(check: Check, folder: Path, change: Change, expected: list[Found]) -> None:
    """Exactly the `expected` problems, exit code 2, within the time."""
    change(folder)
    with within(SECONDS):
        report = check(folder)
    assert report.found == expected
    assert report.code == 2


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
