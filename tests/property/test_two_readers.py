"""The reader of whole columns against the exact one, on thousands of packages: one verdict, the same problems and rows."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from nok.packages import check, columns, table
from nok.packages.check import Checked, Terms
from nok.packages.read import Package, Resource, read_package
from nok.packages.rules import Rules
from nok.site.publication import read_publication
from tests.property.planted_faults import make_package

TODAY = date(2026, 2, 7)

PACKAGES = 300

TOLD_TOGETHER = frozenset({"key-repeated", "key-elsewhere", "foreign-key", "parent-cycle", "placement-collision"})
"""Rules that a table alone cannot break: the reader of columns leaves them to what follows."""


class Readers:
    """Both readers over one package, and what the reader of columns said of each table."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        publication = read_publication(None)
        self.terms = Terms(methods=publication.methods, regions=publication.regions, today=TODAY)
        self.said: list[tuple[str, bool]] = []
        self.counts: Counter[str] = Counter()
        ask = columns.read_clean

        def listen(package: Package, resource: Resource, today: date, rules: Rules) -> columns.CleanTable | None:
            clean = ask(package, resource, today, rules)
            self.said.append((resource.name, clean is not None))
            return clean

        patch.setattr(columns, "read_clean", listen)
        patch.setattr(table, "LEAST_BYTES_FOR_COLUMNS", 0)
        patch.setattr(columns, "BLOCK_BYTES", 400)
        patch.setattr(columns, "_FEW", 1)

    def read(self, package: Package, *, by_columns: bool) -> Checked:
        run = check._Run(self.terms, None, are_all_open=True, by_columns=by_columns)
        run.check([], [package])
        return Checked(packages=(package,), problems=run.problems, rows=run.rows)

    def compare(self, folder: Path) -> None:
        package, refusals = read_package(folder)
        if package is None or refusals:
            self.counts["refused by its descriptor"] += 1
            return
        self.said.clear()
        exact, quick = self.read(package, by_columns=False), self.read(package, by_columns=True)
        assert quick.problems == exact.problems and quick.rows == exact.rows
        for name, is_clean in self.said:
            found = [problem for problem in exact.problems if problem.where.file == f"{name}.csv"]
            alone = [problem for problem in found if problem.rule not in TOLD_TOGETHER]
            assert not alone if is_clean else found, (name, found)
            self.counts["clean table" if is_clean else "table with a fault"] += 1
        self.counts["faulty package" if exact.problems else "clean package"] += 1


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> Readers:
    return Readers(monkeypatch)


def test_the_reader_of_columns_agrees_with_the_exact_one(readers: Readers, tmp_path: Path) -> None:
    for seed in range(PACKAGES):
        readers.compare(make_package(seed, tmp_path / str(seed)))
    assert min(readers.counts[kind] for kind in ("clean package", "faulty package")) > PACKAGES / 4
