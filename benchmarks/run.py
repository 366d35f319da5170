"""The table of figures: `python -m benchmarks.run [--organizations 1000 10000] [--only pages …]`.

Whole processes, one way after another in turns (A B C A B C), medians. Outputs are put aside between runs and removed at
the end, for a disk that has just lost many files is slow; it is synced before each run. A way whose first run took
longer than `--long` is run once.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import table
from benchmarks.bench import Bench
from benchmarks.inputs import Inputs
from benchmarks.peers import PEERS, ROOT
from benchmarks.subjects import SUBJECTS, measure


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints the tables and writes the JSON; what was found is written even when it is stopped half-way."""
    options = _parser().parse_args(arguments)
    options.jobs, options.disk, options.tmpfs = str(options.jobs), options.disk.resolve(), options.tmpfs.resolve()
    work: Path = options.disk / "nok-bench-inputs"
    bench = Bench(options=options, inputs=Inputs(folder=work, seed=1, tell=lambda text: print(text, file=sys.stderr)))
    facts, rows = table.machine(), []
    try:
        for row in measure(bench):
            rows.append(row)
            table.write_json(options.json, rows, facts)
    finally:
        shutil.rmtree(bench.output("tmpfs"), ignore_errors=True)
        bench.attic.clear()
        for folder in (bench.output("disk"), *([] if options.keep else [work])):
            bench.attic.remove(folder)
        print("\n".join(f"{name}: {value}" for name, value in facts.items()))
        print(table.markdown(rows))
    return 1 if any(run.failure for row in rows for run in row.runs) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("--organizations", type=int, nargs="+", default=[1000, 10_000], help="sizes of the country")
    add("--only", nargs="+", choices=SUBJECTS, default=list(SUBJECTS), help="what is measured")
    add("--peers", nargs="*", choices=list(PEERS), default=list(PEERS), help="with which others pages are compared")
    add("--peers-up-to", type=int, default=100_000, help="largest country that peers are given")
    add("--only-base", action="store_true", help="no comparison, one language: how our own time grows")
    add("--validation-organizations", type=int, default=86_700)
    add("--times", type=int, default=3, help="runs of each way")
    add("--long", type=float, default=300.0, help="a way that takes longer (seconds) is run once")
    add("--limit-seconds", type=float, default=3600.0, help="a run is given up after so long")
    add("--limit-mb", type=float, default=18_000.0, help="a run is given up when its processes hold so much")
    add("--jobs", type=int, default=2, help="processes of ours")
    add("--tmpfs", type=Path, default=Path("/dev/shm"), help="folder in memory")  # noqa: S108  (the usual place of it)
    add("--disk", type=Path, default=ROOT / "build", help="folder on the disk, also for inputs")
    add("--json", type=Path, default=ROOT / "build" / "benchmarks.json", help="all runs, for programs")
    add("--keep", action="store_true", help="keep the inputs for the next time (not after the program has changed)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
