"""What a check remembers: clean tables by their content, and nothing that cannot be trusted."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from nok.packages import check, table
from nok.packages.check import Checked, Terms, check_packages
from nok.packages.hashes import FileHashes
from nok.packages.keys import TextsWantedError
from nok.packages.read import read_package
from nok.site.publication import read_publication
from tests.conftest import valid_tables
from tests.unit.record_support import record_tables

TODAY = date(2026, 2, 7)
Factory = Callable[..., Path]
Validate = Callable[..., Checked]


class Opened:
    """The tables that this process opens, as the interpreter itself reports it."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.is_listening = True
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.is_listening and event == "open" and str(arguments[0]).endswith(".csv"):
            self.names.append("/".join(Path(str(arguments[0])).parts[-2:]))

    def take(self) -> list[str]:
        """What was opened since the last time, each once."""
        found, self.names = sorted(set(self.names)), []
        return found


@pytest.fixture(scope="module")
def hook() -> Iterator[Opened]:
    opened = Opened()
    yield opened
    opened.is_listening = False


@pytest.fixture
def opened(hook: Opened) -> Opened:
    hook.take()
    return hook


@pytest.fixture(autouse=True)
def _small_tables_are_remembered_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "LEAST_BYTES_TO_REMEMBER", 0)


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "state" / "checked"


@pytest.fixture
def validate(tmp_path: Path, memory: Path) -> Validate:
    """`validate(folder, …, today=, parents=) -> Checked`, with one memory for all calls of a test."""
    publication = read_publication(None)

    def run(*folders: Path, today: date = TODAY, parents: tuple[Path, ...] = ()) -> Checked:
        terms = Terms(methods=publication.methods, regions=publication.regions, forms=publication.forms, today=today)
        return check_packages(folders, terms, tmp_path / "scratch", parents=parents, memory=memory)

    return run


@pytest.fixture(params=["exact reader", "reader of columns"])
def _both_readers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "reader of columns":
        monkeypatch.setattr(table, "LEAST_BYTES_FOR_COLUMNS", 0)


def rules(checked: Checked) -> list[str]:
    return [problem.rule for problem in checked.problems]


ALWAYS_READ = ["demo/assessments.csv"]
"""Small, and other tables learn from it."""


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled at once, so that no test has to wait for two seconds."""
    monkeypatch.setattr("nok.packages.hashes.RACY_NS", -10_000_000_000)


@pytest.mark.usefixtures("_both_readers", "settled")
def test_what_was_clean_is_not_opened_again(package_factory: Factory, validate: Validate, opened: Opened) -> None:
    folder = package_factory()
    first = validate(folder)
    assert len(opened.take()) == 5
    second = validate(folder)
    assert opened.take() == ALWAYS_READ
    assert (second.rows, second.problems) == (first.rows, []) and first.problems == []


@pytest.mark.usefixtures("_both_readers", "settled")
def test_of_a_new_segment_only_the_new_file_is_opened(
    package_factory: Factory, validate: Validate, opened: Opened
) -> None:
    old, new = package_factory(), segment(package_factory)
    validate(old)
    opened.take()
    checked = validate(old, new)
    assert opened.take() == [*ALWAYS_READ, "segment/reviews.csv"]
    assert checked.problems == [] and checked.rows["segment", "reviews"] == 2
    validate(old, new)
    assert opened.take() == ALWAYS_READ


@pytest.mark.usefixtures("_both_readers", "settled")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"organization_id": "nobody"}, [("foreign-key", "segment/reviews.csv", 2)]),
        ({"review_id": "review-1"}, [("key-elsewhere", "segment/reviews.csv", 2)]),
        ({"rating": "6"}, [("maximum", "segment/reviews.csv", 2)]),
    ],
    ids=["reference", "key", "cell"],
)
def test_a_fault_of_a_new_segment_is_found_beside_what_is_remembered(
    package_factory: Factory, validate: Validate, changes: dict[str, str], expected: list[tuple[str, str, int]]
) -> None:
    old = package_factory()
    validate(old)
    checked = validate(old, segment(package_factory, **changes))
    found = [(one.rule, f"{one.where.package}/{one.where.file}", one.where.row) for one in checked.problems]
    assert found == expected
    if "review_id" in changes:
        assert checked.problems[0].details == {"first": "2", "file": "demo/reviews.csv"}


@pytest.mark.usefixtures("_both_readers", "settled")
def test_a_remembered_table_falls_with_the_table_that_it_points_to(
    package_factory: Factory, validate: Validate
) -> None:
    old = package_factory(tables={"scores": None})
    validate(old)
    lines = (old / "organizations.csv").read_text("utf-8").splitlines(keepends=True)
    (old / "organizations.csv").write_text("".join(lines[:-1]), "utf-8")
    checked = validate(old)
    assert set(rules(checked)) == {"foreign-key"} and len(checked.problems) == 6


@pytest.mark.usefixtures("_both_readers", "settled")
def test_a_remembered_score_falls_with_the_method_of_its_assessment(
    package_factory: Factory, validate: Validate
) -> None:
    folder = package_factory()
    validate(folder)
    file = folder / "assessments.csv"
    file.write_text(file.read_text("utf-8").replace("344n-2018", "cms-stars"), "utf-8")
    assert {"measure-unknown"} <= set(rules(validate(folder))) <= {"measure-unknown", "points-scale"}


@pytest.mark.usefixtures("settled")
def test_the_same_bytes_under_a_new_time_are_the_same_table(
    package_factory: Factory, validate: Validate, opened: Opened
) -> None:
    folder = package_factory()
    validate(folder)
    os.utime(folder / "reviews.csv", ns=(1, 1))
    opened.take()
    assert validate(folder).problems == []
    assert opened.take() == [*ALWAYS_READ, "demo/reviews.csv"]
    assert validate(folder).problems == []
    assert opened.take() == ALWAYS_READ


@pytest.mark.usefixtures("settled")
def test_other_bytes_under_the_old_time_are_noticed(package_factory: Factory, validate: Validate) -> None:
    folder = package_factory()
    validate(folder)
    file, before = folder / "reviews.csv", (folder / "reviews.csv").stat()
    content = file.read_bytes()
    with file.open("r+b") as stream:
        stream.write(content.replace(b",qr,", b",xr,", 1))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_mtime_ns == before.st_mtime_ns and file.stat().st_size == before.st_size
    assert rules(validate(folder)) == ["enum"]


def test_a_file_that_has_just_changed_is_hashed_again(tmp_path: Path) -> None:
    file, folder = tmp_path / "a.csv", tmp_path / "memory"
    file.write_bytes(b"one")
    hashes = FileHashes(folder)
    first = hashes.of(file)
    hashes.save()
    assert "a.csv" not in (folder / "hashes.json").read_text("utf-8")
    assert FileHashes(folder).of(file) == first


@pytest.mark.usefixtures("settled")
def test_a_fingerprint_with_remembered_hashes_is_the_same(package_factory: Factory, tmp_path: Path) -> None:
    package, _ = read_package(package_factory())
    assert package is not None
    hashes = FileHashes(tmp_path / "memory")
    assert package.fingerprint(hashes) == package.fingerprint()
    hashes.save()
    assert package.fingerprint(FileHashes(tmp_path / "memory")) == package.fingerprint()


@pytest.mark.usefixtures("settled")
def test_a_verdict_holds_for_later_days_but_not_for_earlier_ones(package_factory: Factory, validate: Validate) -> None:
    folder = package_factory()
    newest = max(line.split(",")[2] for line in (folder / "reviews.csv").read_text("utf-8").splitlines()[1:])
    validate(folder)
    assert validate(folder, today=TODAY + timedelta(days=400)).problems == []
    earlier = validate(folder, today=date.fromisoformat(newest) - timedelta(days=1))
    assert "future-date" in rules(earlier)
    assert validate(folder).problems == []


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("number", range(40))
def test_a_damaged_memory_is_never_trusted(
    package_factory: Factory, validate: Validate, memory: Path, number: int
) -> None:
    """One file of the memory is cut, changed by one bit, or gone; a new segment needs all that it holds."""
    old, new = package_factory(), segment(package_factory, review_id="review-2")
    validate(old)
    files = sorted(file for file in memory.iterdir() if file.stat().st_size)
    file = files[number // 4 % len(files)]
    content = bytearray(file.read_bytes())
    if number % 4 == 0:
        file.unlink()
    elif number % 4 == 1:
        file.write_bytes(content[: len(content) // 2])
    else:
        content[len(content) * (number % 4) // 4] ^= 1
        file.write_bytes(content)
    assert rules(validate(old, new)) == ["key-elsewhere"]
    assert validate(old).problems == []


@pytest.mark.usefixtures("settled")
def test_a_memory_that_cannot_be_written_changes_no_verdict(
    package_factory: Factory, validate: Validate, memory: Path
) -> None:
    memory.parent.mkdir(parents=True)
    memory.write_text("in the way", "utf-8")
    assert validate(package_factory()).problems == []


@pytest.mark.usefixtures("_both_readers", "settled")
def test_keys_of_a_check_that_is_still_running_are_left_alone_by_another(
    package_factory: Factory, validate: Validate, opened: Opened, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check writes keys as it reads, and removes what no verdict names; those of the other one have none yet."""
    folder, other = package_factory(), segment(package_factory)
    validate(folder, other)
    shutil.rmtree(memory)
    save = check._Run.save

    def save_late(run: check._Run, **named: Any) -> None:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(check._Run, "save", save)
            meanwhile.setattr(os, "getpid", os.getppid)  # it is another process, which lives
            validate(other, parents=(folder,))
        save(run, **named)

    with monkeypatch.context() as slow:
        slow.setattr(check._Run, "save", save_late)
        first = validate(folder)
    opened.take()
    second = validate(folder)
    assert opened.take() == ALWAYS_READ
    assert (second.rows, second.problems) == (first.rows, []) and not list(memory.glob("*.new"))


def test_numbers_of_keys_that_nothing_points_to_are_let_go(
    package_factory: Factory, validate: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A country has tens of millions of them."""
    monkeypatch.setattr(table, "LEAST_BYTES_FOR_COLUMNS", 0)
    runs = list[check._Run]()
    save = check._Run.save
    monkeypatch.setattr(check._Run, "save", lambda run, **named: (runs.append(run), save(run, **named))[1])
    assert validate(package_factory()).problems == []
    held = {
        name: sum(map(len, runs[0].keys[name].parts()[0])) for name in ("organizations", "reviews", "scores", "replies")
    }
    assert held.pop("organizations") and held.pop("reviews") and not any(held.values())
    with pytest.raises(TextsWantedError):
        runs[0].keys["scores"].lacks("one")


@pytest.mark.usefixtures("settled")
def test_a_faulty_table_is_not_remembered(package_factory: Factory, validate: Validate) -> None:
    folder = package_factory()
    file = folder / "reviews.csv"
    file.write_text(file.read_text("utf-8").replace(",qr,", ",xr,", 1), "utf-8")
    assert rules(validate(folder)) == rules(validate(folder)) == ["enum"]


@pytest.mark.usefixtures("_both_readers", "settled")
def test_equal_tables_of_two_packages_are_told(package_factory: Factory, validate: Validate, tmp_path: Path) -> None:
    old = package_factory()
    validate(old)
    twin = tmp_path / "twin"
    shutil.copytree(old, twin)
    descriptor = twin / "datapackage.json"
    descriptor.write_text(descriptor.read_text("utf-8").replace('"name": "demo"', '"name": "twin"'), "utf-8")
    assert set(rules(validate(old, twin))) == {"key-elsewhere"}
    assert set(rules(validate(old, twin))) == {"key-elsewhere"}


@pytest.mark.usefixtures("_both_readers", "settled")
@pytest.mark.parametrize("known", [(), ("demo",), ("more",), ("demo", "more")], ids=" and ".join)
def test_a_score_of_two_packages_is_found_whichever_of_them_is_remembered(
    package_factory: Factory, validate: Validate, known: tuple[str, ...]
) -> None:
    """Of scores only numbers made of their keys are remembered; the place of the second one is told all the same."""
    tables = valid_tables(3, 0)
    folders = {"demo": package_factory(), "more": package_factory("more", tables={**tables, **dict.fromkeys(OTHERS)})}
    heads = package_factory("heads", tables=dict.fromkeys(("scores", "reviews", "replies")))
    for name in known:
        assert rules(validate(folders[name], parents=(heads,) if name == "more" else ())) == []
    problems = validate(folders["demo"], folders["more"]).problems
    assert {problem.rule for problem in problems} == {"key-elsewhere"}
    assert [(problem.where.file, problem.where.row) for problem in problems] == [
        ("scores.csv", row) for row in range(2, 2 + len(tables["scores"]))
    ]


OTHERS = ("organizations", "assessments", "reviews", "replies")


@pytest.mark.usefixtures("_both_readers", "settled")
def test_keys_that_only_have_one_number_are_not_called_repeated(
    package_factory: Factory, validate: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nok.packages.columns._numbers", lambda texts: np.zeros(len(texts), np.uint64))
    monkeypatch.setattr("polars.Series.hash", lambda texts: pl.zeros(len(texts), pl.UInt64, eager=True))
    folder = package_factory()
    assert rules(validate(folder)) == rules(validate(folder)) == []
    scores = valid_tables(3, 6)["scores"]
    folder = package_factory(tables={"scores": [*scores, scores[4]]})
    assert [(problem.rule, problem.where.row) for problem in validate(folder).problems] == [
        ("key-repeated", len(scores) + 2)
    ]


@pytest.mark.usefixtures("_both_readers", "settled")
def test_a_circle_of_parents_through_a_remembered_table_is_found(package_factory: Factory, validate: Validate) -> None:
    first = package_factory("first", tables={"scores": None, "reviews": None, "replies": None})
    with_parent(first, "clinic-1", "b-clinic-1")
    second = package_factory("second", prefix="b-", tables={"scores": None, "reviews": None, "replies": None})
    assert validate(first, second).problems == []
    with_parent(second, "b-clinic-1", "clinic-1")
    assert rules(validate(first, second)) == ["parent-cycle"]


@pytest.mark.usefixtures("_both_readers", "settled")
def test_a_circle_of_successors_through_a_remembered_table_is_found(
    package_factory: Factory, validate: Validate
) -> None:
    tables = {"scores": None, "reviews": None, "replies": None}
    first, second = package_factory("first", tables=tables), package_factory("second", prefix="b-", tables=tables)
    with_parent(first, "clinic-1", "b-clinic-1", "successor_organization_id")
    assert validate(first, second).problems == []
    with_parent(second, "b-clinic-1", "clinic-1", "successor_organization_id")
    assert rules(validate(first, second)) == ["successor-cycle"]


@pytest.mark.usefixtures("_both_readers", "settled")
def test_a_remembered_parent_falls_with_the_package_that_holds_it(package_factory: Factory, validate: Validate) -> None:
    tables = {"scores": None, "reviews": None, "replies": None}
    first, second = package_factory("first", tables=tables), package_factory("second", prefix="b-", tables=tables)
    with_parent(first, "clinic-1", "b-clinic-1")
    assert validate(first, second).problems == []
    (missing,) = validate(first).problems
    assert (missing.rule, missing.where.column, missing.value) == (
        "foreign-key",
        "parent_organization_id",
        "b-clinic-1",
    )
    assert validate(first, second).problems == []


@pytest.mark.usefixtures("settled")
def test_verdicts_that_nobody_asks_for_are_removed(
    package_factory: Factory, validate: Validate, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nok.packages.verdicts.KEPT_RUNS", 2)
    old, new = package_factory("old"), package_factory("new", prefix="new-")
    validate(old)
    former = set(memory.glob("*.texts"))
    for _ in range(4):
        validate(new)
    assert former and not former & set(memory.iterdir())


@pytest.mark.usefixtures("settled")
def test_another_program_reads_everything_again(
    package_factory: Factory, validate: Validate, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = package_factory()
    validate(folder)
    monkeypatch.setattr("nok.packages.verdicts._program", lambda: "another")
    opened.take()
    assert validate(folder).problems == []
    assert len(opened.take()) == 5


def segment(package_factory: Factory, **changes: str) -> Path:
    row = {
        "review_id": "late-1",
        "organization_id": "clinic-1",
        "received_on": "2026-01-01",
        "rating": "5",
        "channel": "qr",
        "state": "published",
    }
    reviews = [row | changes, row | {"review_id": "late-2"}]
    nothing = dict.fromkeys(("organizations", "assessments", "scores", "replies"))
    return package_factory("segment", tables={**nothing, "reviews": reviews})


def with_parent(folder: Path, organization_id: str, parent: str, column: str = "parent_organization_id") -> None:
    file = folder / "organizations.csv"
    header, *rows = file.read_text("utf-8").splitlines()
    lines = [f"{header},{column}"]
    lines += [f"{row},{parent if row.startswith(f'{organization_id},') else ''}" for row in rows]
    file.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.usefixtures("_both_readers", "settled")
def test_warnings_of_a_remembered_table_are_told_again(
    package_factory: Factory, validate: Validate, opened: Opened
) -> None:
    folder = package_factory()
    text = (folder / "organizations.csv").read_text("utf-8")
    (folder / "organizations.csv").write_text(text.replace("https://clinic-2", "clinic-2"), "utf-8")
    first = validate(folder)
    opened.take()
    second = validate(folder)
    assert opened.take() == ALWAYS_READ
    assert [(one.rule, one.where.row, one.severity) for one in first.problems] == [("link-scheme", 3, "warning")]
    assert second.problems == first.problems


@pytest.mark.usefixtures("_both_readers", "settled")
def test_the_share_of_a_remembered_list_is_still_held_against_its_rows(
    package_factory: Factory, validate: Validate, opened: Opened
) -> None:
    folder = package_factory(reviews=0, tables=record_tables())
    assert validate(folder).problems == []
    opened.take()
    rosters = (folder / "rosters.csv").read_text("utf-8")
    (folder / "rosters.csv").write_text(rosters.replace("66.7", "66.6"), "utf-8")
    checked = validate(folder)
    assert "demo/roster_organizations.csv" not in opened.take()
    assert [(one.rule, one.details["expected"]) for one in checked.problems] == [("roster-share", "66.7")]


@pytest.mark.usefixtures("settled")
def test_frictionless_is_asked_of_each_content_once(
    package_factory: Factory, validate: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of the tables that are always read: to load the library takes as long as a small build."""
    asked: list[str] = []
    ask = check._second_opinion

    def listen(package: Any, resource: Any, encoding: str) -> Any:
        asked.append(resource.name)
        return ask(package, resource, encoding)

    monkeypatch.setattr(check, "_second_opinion", listen)
    folder = package_factory()
    validate(folder)
    assert sorted(asked) == ["assessments", "organizations", "replies", "reviews", "scores"]
    asked.clear()
    file = folder / "organizations.csv"
    text = file.read_text("utf-8")
    file.write_text(text.replace("ул. Садовая", "ул. Цветочная"), "utf-8")
    assert file.read_text("utf-8") != text
    assert validate(folder).problems == []
    assert asked == ["organizations"]
