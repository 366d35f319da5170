"""Three readers on generated packages: the one of whole columns, the exact one, and frictionless, which is the contract.

Between the first two no difference is allowed at all. What frictionless refuses is refused; where we refuse more, the
reason has a name in `STRICTER`. How many packages `make test` compares stands in `PACKAGES` and `SECOND_OPINIONS`;
`-m scale` goes through sixty-six times as many; with `NOK_COMPARED_PACKAGES` a hurried caller compares fewer.
"""

import csv
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import Any

import frictionless
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, example, given, settings

from nok.errors import Problem
from nok.packages import blocks, check, columns, table
from nok.packages.check import Checked, Terms
from nok.packages.read import Package, Resource, read_package
from nok.site.publication import read_publication
from tests.bad.corpus import CORPUS, Bad
from tests.conftest import write_package
from tests.property.planted_faults import BYTES, CELLS, make_package
from tests.property.test_validation import STRICTER as LEXICAL
from tests.unit.validation_support import package_to_spoil

TODAY = date(2026, 2, 7)
PACKAGES = int(os.environ.get("NOK_COMPARED_PACKAGES", "300"))
SECOND_OPINIONS = PACKAGES // 5
SCALE = 66

TOLD_TOGETHER = frozenset({"key-repeated", "key-elsewhere", "foreign-key", "parent-cycle", "successor-cycle"}) | {
    "placement-collision"
}
"""Rules that a table alone cannot break: the reader of columns leaves them to what follows."""


class Readers:
    """Both of our readers over one package, and what the reader of columns said of each table."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        publication = read_publication(None)
        self.terms = Terms(
            methods=publication.methods, regions=publication.regions, forms=publication.forms, today=TODAY
        )
        self.said: list[tuple[tuple[str, str], bool]] = []
        self.counts: Counter[str] = Counter()
        self.patch = patch
        ask = columns.read_clean

        def listen(package: Package, resource: Resource, *others: Any, **named: Any) -> columns.CleanTable | None:
            clean = ask(package, resource, *others, **named)
            self.said.append(((package.name, f"{resource.name}.csv"), clean is not None and clean.is_whole))
            self.counts["read in part"] += clean is not None and not clean.is_whole
            return clean

        patch.setattr(columns, "read_clean", listen)
        patch.setattr(table, "LEAST_BYTES_FOR_COLUMNS", 0)

    def cut(self, random: Random) -> None:
        """Blocks and steps of the reader of columns: as they are, or so small that a few rows go through all of them."""
        size, few = random.choice([(8 * 1024 * 1024, 64), (8 * 1024 * 1024, 64), (random.randint(1, 600), 1)])
        for module in (columns, blocks):
            self.patch.setattr(module, "BLOCK_BYTES", size)
            self.patch.setattr(module, "LONGEST_RECORD_BYTES", 1024 * 1024)
        self.patch.setattr(columns, "_FEW", few)

    def read(self, packages: Sequence[Package], *, by_columns: bool) -> Checked:
        gauge = check._Gauge(packages, lambda done, total: None)
        run = check._Run(self.terms, None, gauge, are_all_open=True, by_columns=by_columns)
        run.check([], packages)
        return Checked(packages=tuple(packages), problems=run.problems, rows=run.rows)

    def compare(self, *folders: Path, seed: int = 0) -> Checked | None:
        """What the exact reader found; `None` where a descriptor is refused and no table is read."""
        opened = [read_package(folder) for folder in folders]
        packages = [package for package, refusals in opened if package is not None and not refusals]
        if len(packages) < len(folders):
            self.counts["refused by its descriptor"] += 1
            return None
        self.said.clear()
        self.cut(Random(seed))
        exact, quick = self.read(packages, by_columns=False), self.read(packages, by_columns=True)
        assert quick.problems == exact.problems and quick.rows == exact.rows
        for place, is_clean in self.said:
            found = [problem for problem in exact.problems if (problem.where.package, problem.where.file) == place]
            alone = [problem for problem in found if problem.rule not in TOLD_TOGETHER]
            is_doubt = self.has_repeats(exact) or self.has_bare_quote(folders, place)
            assert not alone if is_clean else found or is_doubt, (place, found)
            self.counts["clean table" if is_clean else "table with a fault"] += 1
        self.counts["faulty" if exact.problems else "clean"] += 1
        self.counts.update({problem.rule for problem in exact.problems})
        return exact

    @staticmethod
    def has_bare_quote(folders: Sequence[Path], place: tuple[str, str]) -> bool:
        """A quote in a cell without quotes is read as it stands; only the exact reader can tell it from a slip."""
        (file,) = [folder / place[1] for folder in folders if folder.name == place[0]]
        return re.search(rb'(?:^|[,;\t\n])[^",;\t\r\n]+"', file.read_bytes()) is not None

    @staticmethod
    def has_repeats(exact: Checked) -> bool:
        """Then tables are read twice, and the second time one that repeats keys is left to the exact reader."""
        return any(problem.rule in ("key-repeated", "key-elsewhere") for problem in exact.problems)


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with pytest.MonkeyPatch.context() as patch:
        yield Readers(patch)


# ---- columns against cells -----------------------------------------------------------------------------------------


def compare_many(readers: Readers, tmp_path: Path, seeds: range) -> None:
    readers.counts.clear()
    for seed in seeds:
        folders = [make_package(seed, tmp_path / f"p{seed}")]
        if seed % 5 == 0:
            folders.append(make_package(-seed, tmp_path / f"segment{seed}", is_segment=True))
        readers.compare(*folders, seed=seed)
    read = len(seeds) - readers.counts["refused by its descriptor"]
    assert readers.counts["clean"] + readers.counts["faulty"] == read > len(seeds) * 0.95
    assert min(readers.counts["clean"], readers.counts["faulty"]) > len(seeds) / 4
    assert readers.counts["read in part"] > len(seeds) / 10
    print(f"{len(seeds)} packages: {dict(readers.counts.most_common())}")


def test_the_reader_of_columns_agrees_with_the_exact_one(readers: Readers, tmp_path: Path) -> None:
    compare_many(readers, tmp_path, range(PACKAGES))


@pytest.mark.scale
def test_the_readers_agree_on_ten_times_as_many(readers: Readers, tmp_path: Path) -> None:
    compare_many(readers, tmp_path, range(PACKAGES, PACKAGES * (SCALE + 1)))


HUGE = ("field of 20 MB", "row with a million commas")
REFUSED = [
    case for case in CORPUS if case.group in ("values", "rows and columns", "identifiers") and case.title not in HUGE
]


def refuse_alike(readers: Readers, tmp_path: Path, cases: Sequence[Bad]) -> None:
    """Rows of the corpus of bad inputs through both readers."""
    readers.counts.clear()
    for number, case in enumerate(cases):
        folder = package_to_spoil(partial(write_package, tmp_path / str(number) / "demo"))
        case.change(folder)
        package, refusals = read_package(folder)
        if package is not None and not refusals:
            readers.cut(Random(number))
            exact, quick = (readers.read([package], by_columns=by_columns) for by_columns in (False, True))
            assert quick.problems == exact.problems and quick.rows == exact.rows, case.title
            readers.counts["faulty" if exact.problems else "clean"] += 1
        rmtree(folder)
    assert readers.counts["faulty"] > len(cases) * 0.75
    print(f"{len(cases)} rows of the corpus: {dict(readers.counts.most_common())}")


def test_the_reader_of_columns_refuses_what_the_exact_one_does(readers: Readers, tmp_path: Path) -> None:
    refuse_alike(readers, tmp_path, REFUSED[::4])


def test_keys_that_look_alike_are_told_once_by_either_reader(readers: Readers, tmp_path: Path) -> None:
    refuse_alike(readers, tmp_path, [case for case in REFUSED if case.title.endswith("id with a twin by case")])


@pytest.mark.scale
def test_the_readers_agree_on_the_whole_corpus(readers: Readers, tmp_path: Path) -> None:
    refuse_alike(readers, tmp_path, REFUSED)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(CELLS)
CONTENT = st.lists(st.lists(TEXT, min_size=2, max_size=2), max_size=4)
NOISE = st.sampled_from(BYTES) | st.binary(max_size=4)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(rows=[["a", "b"]], noise=b"\r", place=1.0, ends="\n", seed=0)
@given(rows=CONTENT, noise=NOISE, place=st.floats(0, 1), ends=st.sampled_from(["\n", "\r\n"]), seed=st.integers(0, 99))
def test_any_bytes_in_any_place_are_read_alike(
    readers: Readers,
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    noise: bytes,
    place: float,
    ends: str,
    seed: int,
) -> None:
    folder = make_package(0, tmp_path_factory.mktemp("bytes") / "p0")
    file = folder / "replies.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator=ends).writerows(
            [["review_id", "text", "replied_on"], *[[*row, ""] for row in rows]]
        )
    content = file.read_bytes()
    at = int(place * len(content))
    file.write_bytes(content[:at] + noise + content[at:])
    readers.compare(folder, seed=seed)


# ---- frictionless --------------------------------------------------------------------------------------------------

WHOLE_FILE = frozenset(
    "csv-unclosed csv-quote csv-field encoding line-end row-length row-blank delimiter header-missing header-unknown "
    "header-repeated header-empty text-control".split()
)
"""After these the two may count rows differently: the table is refused, and that is enough."""

OF_THE_PROFILE = frozenset(
    "inn ogrn region-box coordinates-pair organization-id period-order points-missing points-unexpected points-scale "
    "measure-unknown method-unknown done-unexpected placement-code placement-collision parent-cycle successor-cycle "
    "link-form link-scheme link-misspelt".split()
)

STRICTER: Mapping[str, Callable[[Problem, Collection[str]], bool]] = {
    "what the profile knows beyond Table Schema": lambda problem, _: problem.rule in OF_THE_PROFILE,
    "letters spoilt by a wrong encoding": lambda problem, _: problem.rule == "mojibake",
    "characters that no text may hold": lambda problem, _: problem.rule == "text-control",
    "a day that has not come": lambda problem, _: problem.rule == "future-date",
    "a line that ends with CR alone": lambda problem, _: problem.rule == "line-end",
    "quotes that are set wrongly": lambda problem, _: problem.rule in ("csv-quote", "csv-unclosed"),
    "a whole number of more than 18 digits": lambda problem, _: (
        problem.rule == "type-integer" and len(problem.value.lstrip("-")) > 18
    ),
    "spaces around a name in the header, which then is missing": lambda problem, _: (
        problem.rule == "header-missing"
        or (problem.rule == "header-unknown" and problem.value != problem.value.strip())
    ),
    "a reference to a table that is not here or is at fault itself": lambda problem, clean: (
        problem.rule == "foreign-key" and problem.details["resource"] not in clean
    ),
    "a pattern on a value of more than 300 characters": lambda problem, _: (
        problem.rule == "pattern" and len(problem.value) > 300
    ),
}


def theirs(package: Package, resource: Resource, clean: Collection[str]) -> list[tuple[int | None, str]]:
    """(row, kind) of all that frictionless refuses in one table, references to `clean` tables of the package among it."""
    parents = [one for one in package.resources if one.name in parents_of(resource) & set(clean) - {resource.name}]
    whole = {"resources": [described_for_frictionless(one, clean) for one in (resource, *parents)]}
    report = frictionless.Package.from_descriptor(whole, basepath=str(package.folder)).validate()
    (task,) = [task for task in report.tasks if task.name == resource.name]
    return [(row, kind) for row, kind in task.flatten(["rowNumber", "type"])]


def parents_of(resource: Resource) -> set[str]:
    return {key["reference"].get("resource") or resource.name for key in resource.schema.get("foreignKeys", ())}


def described_for_frictionless(resource: Resource, clean: Collection[str]) -> dict[str, Any]:
    """The resource with the columns that stand in its header, in their order, as design allows."""
    fields = {field["name"]: field for field in resource.schema["fields"]}
    text = resource.files[0].read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    header = next(csv.reader(text.splitlines()[:1], delimiter=resource.delimiter), [])
    keys = [
        {"fields": key["fields"], "reference": {"resource": "", **key["reference"]}}
        for key in resource.schema.get("foreignKeys", ())
        if key["reference"].get("resource", resource.name) in clean and key["fields"][0] in header
    ]
    primary = [name for name in resource.schema["primaryKey"] if name in header]
    required = [name for name in fields if name not in header and fields[name].get("constraints", {}).get("required")]
    names = [*dict.fromkeys(name for name in header if name in fields), *required]
    return {
        "name": resource.name,
        "path": resource.files[0].name,
        "type": "table",
        "format": "csv",
        "encoding": "utf-8",
        "dialect": {"csv": {"delimiter": resource.delimiter}},
        "schema": {
            "fields": [fields[name] for name in names] or [{"name": "none"}],
            "primaryKey": primary,
            "foreignKeys": keys,
            "missingValues": [""],
        },
    }


def hold_against_frictionless(package: Package, exact: Checked, counts: Counter[str]) -> None:
    spoilt = {problem.where.file.removesuffix(".csv") for problem in exact.problems}
    clean = {one.name for one in package.resources} - spoilt
    for resource in package.resources:
        ours = [problem for problem in exact.problems if problem.where.file == f"{resource.name}.csv"]
        refused = theirs(package, resource, clean | {resource.name})
        counts[
            "refused by both" if refused and ours else "allowed by both" if not refused and not ours else "stricter"
        ] += 1
        assert ours or not refused, (resource.name, refused)
        if any(problem.rule in WHOLE_FILE for problem in ours):
            if not refused:
                assert all(has_name(problem, resource, clean) for problem in ours), ours
            continue
        rows = {problem.where.row for problem in ours}
        assert all(row in rows for row, _ in refused if row is not None), (refused, ours)
        told = {row for row, _ in refused}
        for problem in ours:
            assert problem.where.row in told or has_name(problem, resource, clean), problem


def has_name(problem: Problem, resource: Resource, clean: Collection[str]) -> bool:
    kinds = {field["name"]: field.get("type", "string") for field in resource.schema["fields"]}
    kind = kinds.get(problem.where.column, "string")
    if any(is_reason(problem, clean) for is_reason in STRICTER.values()):
        return True
    return problem.rule.startswith("type-") and any(is_reason(kind, problem.value) for is_reason in LEXICAL.values())


def hold_many(readers: Readers, tmp_path: Path, seeds: range) -> None:
    counts: Counter[str] = Counter()
    for seed in seeds:
        folder = make_package(seed, tmp_path / f"p{seed}")
        exact = readers.compare(folder, seed=seed)
        if exact is not None:
            hold_against_frictionless(exact.packages[0], exact, counts)
    assert min(counts[kind] for kind in ("refused by both", "allowed by both", "stricter")) > len(seeds) / 20
    print(f"{len(seeds)} packages: {dict(counts)}")


def test_frictionless_refuses_nothing_that_we_let_pass(readers: Readers, tmp_path: Path) -> None:
    hold_many(readers, tmp_path, range(SECOND_OPINIONS))


@pytest.mark.scale
def test_frictionless_agrees_on_ten_times_as_many(readers: Readers, tmp_path: Path) -> None:
    hold_many(readers, tmp_path, range(SECOND_OPINIONS, SECOND_OPINIONS * (SCALE + 1)))
