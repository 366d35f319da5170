"""Ways to do a thing, run in turns: whole processes, outputs put aside between runs and never on measured time."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.attic import Attic
from benchmarks.inputs import PYTHON, Inputs
from benchmarks.measure import Limits, Run, run
from benchmarks.ours import EPOCH
from benchmarks.peers import ROOT
from benchmarks.table import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to do a thing: the measured command, and what is put aside before it."""

    name: str
    command: Sequence[str]
    folder: Path = ROOT
    output: Path | None = None
    """Put aside before each run, with the state beside it."""
    work: int = 0
    pages: int = 0
    """So many HTML pages must stand in the output, or the run was not whole."""
    base: bool = False
    note: str = ""
    exit_code: int = 0
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What the command line asked for, and where things lie."""

    options: argparse.Namespace
    inputs: Inputs

    def output(self, medium: str) -> Path:
        """The folder for outputs on `tmpfs` or `disk`."""
        folder: Path = getattr(self.options, medium) / "nok-bench-output"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def turns(self, subject: str, organizations: int, medium: str, ways: Sequence[Way]) -> list[Row]:
        """Runs all ways in turns."""
        runs: dict[str, list[Run]] = {way.name: [] for way in ways}
        for turn in range(self.options.times):
            for way in ways:
                done = runs[way.name]
                if turn and (done[0].failure or done[0].seconds > self.options.long):
                    continue
                done.append(self.once(way))
                self.tell(
                    f"{subject}, {organizations}, {medium}: {way.name} {done[-1].seconds:.2f} s {done[-1].failure}"
                )
        for way in ways:
            self.put_aside(way.output)
        return [row_of(subject, organizations, medium, way, runs[way.name]) for way in ways]

    def once(self, way: Way) -> Run:
        """One run of a way, its output put aside before."""
        self.put_aside(way.output)
        self.attic.rest()
        limits = Limits(seconds=self.options.limit_seconds, memory_mb=self.options.limit_mb)
        environment = {"SOURCE_DATE_EPOCH": EPOCH, **way.environment}
        log = self.output("disk") / "last.log"
        found = run(way.command, way.folder, environment, limits, log)
        if way.output and not found.failure:
            found = replace(found, failure=_lack_of_pages(way.output, way.pages))
        as_expected = way.exit_code and found.failure.startswith(f"ended with {way.exit_code}:")
        return replace(found, failure="") if as_expected else found

    def has_room(self, medium: str, size: int) -> str:
        """Empty where an output of `size` bytes fits, else why it is not tried."""
        if medium == "disk" and shutil.disk_usage(self.output(medium)).free < size * 1.2:
            self.attic.clear()
        free = shutil.disk_usage(self.output(medium)).free
        if free > size * 1.2:
            return ""
        return f"not run: needs {size / 1e9:.0f} GB on {medium}, {free / 1e9:.0f} GB are free"

    @property
    def attic(self) -> Attic:
        """Where outputs lie that are not needed any more."""
        return Attic(folder=self.options.disk / "nok-bench-attic", tell=self.tell)

    def put_aside(self, output: Path | None) -> None:
        """Takes an output out of the way of the next run."""
        if output is not None:
            self.attic.put(output)

    def tell(self, text: str) -> None:
        """Says to the person who waits what is done."""
        print(text, file=sys.stderr, flush=True)


def _lack_of_pages(output: Path, expected: int) -> str:
    """Empty where all pages are there; a generator that finds nothing to do ends without complaint, and quickly."""
    there = sum(1 for _ in output.rglob("*.html")) if expected else 0
    return "" if there >= expected else f"wrote {there} pages of {expected}"


def row_of(subject: str, organizations: int, medium: str, way: Way, runs: Sequence[Run]) -> Row:
    """The row of a way."""
    return Row(
        subject=subject,
        way=way.name,
        organizations=organizations,
        medium=medium,
        runs=tuple(runs),
        work=way.work,
        base=way.base,
        note=way.note,
    )


def publish(*arguments: str | Path) -> list[str]:
    """A command of our own program."""
    return [PYTHON, "publish.py", *map(str, arguments)]
