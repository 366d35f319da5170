"""How long things take and how much memory they need: `make bench`. Figures to read, never a test.

Whole processes, one after another in turns, medians; memory is the proportional share (PSS) of the process and all it
started, sampled. The demonstration package, and London (71,659 establishments) where real data is at hand.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("NOK_SHARED_DATA", ROOT.parent / "shared" / "data"))
SAMPLE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Run:
    seconds: float
    peak_mb: float


def measure(*arguments: str) -> Run:
    """Runs `publish.py` with `arguments` to its end."""
    started, peak = time.perf_counter(), 0
    process = subprocess.Popen(
        [sys.executable, "publish.py", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None:
        peak = max(peak, sum(map(_share_kb, _family(process.pid))))
        time.sleep(SAMPLE_SECONDS)
    if process.returncode:
        sys.exit(f"publish.py {' '.join(arguments)} ended with {process.returncode}")
    return Run(time.perf_counter() - started, peak / 1024)


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in _family(int(child)))]


def _share_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def show(name: str, runs: Sequence[Run]) -> None:
    seconds = [run.seconds for run in runs]
    print(
        f"{name:<44} {statistics.median(seconds):8.1f} s  ({min(seconds):.1f}–{max(seconds):.1f}, {len(runs)} runs)"
        f"  peak {max(run.peak_mb for run in runs):6.0f} MB",
        flush=True,
    )


def bench_demonstration(folder: Path, times: int = 5) -> None:
    first, again, full = [], [], []
    for number in range(times):
        output = folder / f"demo-{number}"
        command = ("build", "--packages", "data_packages/demo", "--output", str(output))
        first.append(measure(*command))
        again.append(measure(*command))
        full.append(measure(*command, "--full"))
    show("demonstration, first build", first)
    show("demonstration, nothing changed", again)
    show("demonstration, every page rendered again", full)


def bench_london(folder: Path) -> None:
    package = folder / "london"
    mapping = "content/mappings/uk-fhrs-london-2022.yaml"
    source = str(SHARED / "uk-fhrs-london-2022")
    show("London, import", [measure("import", "--mapping", mapping, "--source", source, "--out", str(package))])
    show("London, validate", [measure("validate", str(package))])
    for jobs in ("2", "1"):
        output = folder / f"london-{jobs}"
        command = ("build", "--packages", str(package), "--output", str(output), "--jobs", jobs)
        show(f"London, first build, {jobs} processes", [measure(*command)])
        show("London, nothing changed", [measure(*command)])
        shutil.rmtree(output)


def main() -> None:
    os.environ.setdefault("SOURCE_DATE_EPOCH", "1770422400")
    with tempfile.TemporaryDirectory(prefix="nok-bench-") as scratch:
        bench_demonstration(Path(scratch))
        if (SHARED / "uk-fhrs-london-2022").is_dir():
            bench_london(Path(scratch))
        else:
            print(f"Real data is not at {SHARED}; name its folder in NOK_SHARED_DATA to measure London.")


if __name__ == "__main__":
    main()
