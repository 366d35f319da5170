"""Copies that differ in a few known places: a package with faults, and London with some ratings changed."""

import re
import shutil
from pathlib import Path

_FAULTS = {
    "organizations": (1000, re.compile(r",published\n$"), ",publishd\n"),
    "scores": (1000, re.compile(r",(\d+\.\d+),scored,"), ",1\\1,scored,"),
    "reviews": (5000, re.compile(r",published,\n$"), ",publishd,\n"),
}
"""Table: every so many fitting lines are spoilt, what is replaced, by what. Points become larger than their scale."""

_RATED_FIVE = re.compile(r",5,(\d{4}-)")


def spoil(package: Path, folder: Path) -> int:
    """Copies a synthetic country to `folder` with a fault in one of a thousand rows or fewer; returns how many."""
    shutil.copytree(package, folder)
    faults = 0
    for table, (every, pattern, instead) in _FAULTS.items():
        for file in sorted(package.glob(f"{table}*.csv")):
            faults += _change(file, folder / file.name, pattern, instead, every=every, most=1_000_000)
    return faults


def change_london(source: Path, folder: Path, rows: int) -> int:
    """Copies the source of London to `folder` with `rows` ratings of 5 made 4; returns how many were."""
    folder.mkdir()
    return _change(
        source / "establishments.csv", folder / "establishments.csv", _RATED_FIVE, ",4,\\1", every=300, most=rows
    )


def _change(source: Path, target: Path, pattern: re.Pattern[str], instead: str, *, every: int, most: int) -> int:
    fitting = changed = 0
    with (
        source.open(encoding="utf-8", newline="") as lines,
        target.open("w", encoding="utf-8", newline="") as stream,
    ):
        for line in lines:
            fits = pattern.search(line) is not None
            fitting += fits
            if fits and fitting % every == 0 and changed < most:
                changed += 1
                stream.write(pattern.sub(instead, line, count=1))
            else:
                stream.write(line)
    return changed
