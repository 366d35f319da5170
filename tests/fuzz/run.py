"""Fuzzes the readers of what others write: `python -m tests.fuzz.run --seconds 3600` (or `make fuzz SECONDS=3600`).

Each target runs in a process of its own, under a fuzzer that is led by what it has reached (atheris, extra `fuzz`). A
fault does not end the run: it is kept below `--out`, one input of a kind, and told at the end after it has been tried once
more by a process without the fuzzer. The inputs that reached something new are kept beside and begin the next run.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_INPUT = 64 * 1024
HANG_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a target's run came to."""

    target: str
    executions: int
    seconds: float
    findings: tuple[str, ...]


def fuzz(target: str, out: Path, *, seconds: int, runs: int, seed: int) -> Outcome:
    """Runs one target for `seconds`, or `runs` inputs (0: no bound), in a process of its own."""
    began = time.monotonic()
    found = out / target / "findings"
    found.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}"] * bool(seconds) + [f"-runs={runs}"] * bool(runs)
    said = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", "--child", target, "--out", str(out), "--", f"-seed={seed}", *options],
        cwd=ROOT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    (out / target / "log").write_text(said.stderr, "utf-8")
    counted = re.search(r"number_of_executed_units:\s*(\d+)", said.stderr)
    lines = [line for line in map(again(target), sorted(found.glob("*"))) if line]
    if said.returncode and not lines:
        lines.append(f"the process ended with {said.returncode}; see {out / target / 'log'}")
    return Outcome(
        target=target,
        executions=int(counted.group(1)) if counted else 0,
        seconds=time.monotonic() - began,
        findings=tuple(lines),
    )


def again(target: str) -> Callable[[Path], str]:
    """Tries an input that was kept in a fresh process, without the fuzzer; what is wrong with it, empty: nothing any more."""

    def tried(file: Path) -> str:
        if file.suffix == ".txt":
            return ""
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.run", "--replay", str(file), target],
            cwd=ROOT,
            env=os.environ | {"POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=10 * HANG_SECONDS,
            check=False,
        )
        return f"{file}: {done.stdout.strip() or done.stderr[-2000:]}" if done.returncode else ""

    return tried


def replay(target: str, file: Path) -> int:
    """Says what is wrong with one input; 0 if nothing is."""
    from tests.fuzz.targets import TARGETS, quiet_place
    from tests.fuzz.watch import Judge

    (chosen,) = [one for one in TARGETS if one.name == target]
    with tempfile.TemporaryDirectory(dir=quiet_place()) as folder:
        judge = Judge(chosen, Path(folder))
        judge.judge(chosen.seeds()[0])  # what is imported and read once is not the input's fault
        found = judge.judge(file.read_bytes())
    if found is None:
        return 0
    print(f"{found.kind}\n{found.text}")
    return 1


def be_fuzzed(target: str, out: Path, options: list[str]) -> None:
    """Never returns: the fuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["nok", "widget"]):
        from tests.fuzz.targets import TARGETS, quiet_place
    from tests.fuzz.watch import Judge, keep

    (chosen,) = [one for one in TARGETS if one.name == target]
    judge = Judge(chosen, Path(tempfile.mkdtemp(prefix=f"fuzz-{target}-", dir=quiet_place())))
    corpus = out / target / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(chosen.seeds()):
        (corpus / f"seed-{number:04}").write_bytes(data)
    judge.judge(chosen.seeds()[0])

    def test_one_input(data: bytes) -> None:
        found = judge.judge(data or b"\0")
        if found is not None:
            keep(out / target / "findings", found, data)

    words = out / target / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in chosen.words or ("\0",)), "ascii")
    fixed = [f"-timeout={HANG_SECONDS}", f"-max_len={LONGEST_INPUT}", "-rss_limit_mb=3000", "-print_final_stats=1"]
    folders = [f"-artifact_prefix={out / target / 'findings'}/", f"-dict={words}", str(corpus)]
    atheris.Setup([sys.argv[0], *fixed, *options, *folders], test_one_input)
    atheris.Fuzz()


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02X}" for byte in word.encode())


def main(arguments: list[str] | None = None) -> int:
    """Fuzzes the targets that are named, or all; 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=0, help="for all targets together")
    parser.add_argument("--runs", type=int, default=0, help="inputs for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "fuzz")
    parser.add_argument("--child", metavar="TARGET", help=argparse.SUPPRESS)
    parser.add_argument("--replay", type=Path, metavar="FILE", help="try one input of the named target again")
    chosen, options = parser.parse_known_args(arguments)
    if chosen.child:
        be_fuzzed(chosen.child, chosen.out.resolve(), [option for option in options + chosen.targets if option != "--"])
    if chosen.replay:
        return replay(chosen.targets[0], chosen.replay)
    return _fuzz_all(chosen)


def _fuzz_all(chosen: argparse.Namespace) -> int:
    from tests.fuzz.targets import TARGETS

    names = chosen.targets or [target.name for target in TARGETS]
    share = max(1, chosen.seconds // len(names)) if chosen.seconds else 0
    print(f"{'target':14} {'inputs':>10} {'seconds':>8} {'a second':>9} {'faults':>7}", flush=True)
    faults: list[str] = []
    for name in names:
        done = fuzz(name, chosen.out.resolve(), seconds=share, runs=chosen.runs, seed=chosen.seed)
        rate = done.executions / done.seconds
        print(f"{name:14} {done.executions:10} {done.seconds:8.0f} {rate:9.0f} {len(done.findings):7}", flush=True)
        faults += [f"{name}: {line}" for line in done.findings]
    print("\n\n".join(faults) if faults else "Nothing was found.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
