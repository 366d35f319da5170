"""Figures as a Markdown table for people and as JSON for programs."""

import json
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from benchmarks.measure import Run
from benchmarks.peers import ELEVENTY, HUGO


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """All runs of one way to do one thing. `work` is how many things (pages, rows) a run does, 0 where none are counted.

    `base` marks the row that others of the same subject, size and medium are compared with. `note` says what is to be
    known about it, or why there are no runs.
    """

    subject: str
    way: str
    organizations: int
    medium: str
    runs: tuple[Run, ...]
    work: int = 0
    base: bool = False
    note: str = ""

    @property
    def failure(self) -> str:
        """Why there are no whole runs, empty where there are."""
        return next((run.failure for run in self.runs if run.failure), "" if self.runs else self.note or "not run")

    @property
    def seconds(self) -> float:
        """Median wall time."""
        return statistics.median(run.seconds for run in self.runs)


HEAD = (
    "| way | wall, s | runs | CPU, s | memory together, MB | largest process, MB | a second | to ours |\n"
    + "|---" * 8
    + "|"
)


def markdown(rows: Iterable[Row]) -> str:
    """A table for each subject, number of organisations and medium."""
    parts = []
    for key, found in groupby(rows, lambda row: (row.subject, row.organizations, row.medium)):
        group = list(found)
        base = next((row for row in group if row.base and not row.failure), None)
        size = f", {key[1]:,} organisations" if key[1] else ""
        parts += [f"\n### {key[0]}{size}, {key[2]}\n", HEAD, *(_line(row, base) for row in group)]
    return "\n".join(parts) + "\n"


def _line(row: Row, base: Row | None) -> str:
    if row.failure:
        return f"| {row.way} | – | {len(row.runs)} | – | – | – | – | {row.failure} |"
    times = [run.seconds for run in row.runs]
    spread = f" ({min(times):.2f}–{max(times):.2f})" if len(times) > 1 else ""
    cpu = statistics.median(run.cpu_seconds for run in row.runs)
    together, largest = (_peak([getattr(run, name) for run in row.runs]) for name in ("peak_mb", "largest_mb"))
    rate = f"{row.work / row.seconds:,.0f}" if row.work else ""
    ratio = f"{row.seconds / base.seconds:.2f}× time, {_memory_ratio(row, base)}× memory" if base else ""
    way = f"{row.way} ({row.note})" if row.note else row.way
    return (
        f"| {way} | {row.seconds:.2f}{spread} | {len(times)} | {cpu:.2f} | {together} | {largest} | {rate} | "
        f"{'base' if row is base else ratio} |"
    )


def _peak(megabytes: Sequence[float]) -> str:
    """The largest of some peaks; a run that was over before it was looked at has none."""
    return f"{max(megabytes):.0f}" if max(megabytes) else "–"


def _memory_ratio(row: Row, base: Row) -> str:
    own, other = (max(run.peak_mb for run in each.runs) for each in (base, row))
    return f"{other / own:.2f}" if own and other else "–"


def machine() -> dict[str, str]:
    """What the figures were taken on, and the versions of what was measured."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in _text("/proc/cpuinfo").splitlines()
            if line.startswith("model name")
        ),
        "?",
    )
    memory = next((line.split()[1] for line in _text("/proc/meminfo").splitlines() if line.startswith("MemTotal")), "0")
    python = {name: version(name) for name in ("pelican", "jinja2", "frictionless")}
    return {
        "cpu": f"{os.cpu_count()} × {cpu}",
        "memory_mb": str(int(memory) // 1024),
        "load_before": _text("/proc/loadavg").strip(),
        "python": platform.python_version(),
        **python,
        "hugo": HUGO,
        "eleventy": ELEVENTY,
    }


def _text(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except OSError:
        return ""


def write_json(path: Path, rows: Sequence[Row], facts: dict[str, str]) -> None:
    """All runs of all rows, and the machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {"machine": facts, "rows": [{**asdict(row), "failure": row.failure} for row in rows]}
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=2) + "\n", "utf-8")
