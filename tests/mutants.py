"""Changes the program a little, hundreds of times, and asks the fast tests of the part whether they notice.

    python -m tests.mutants formula scoring --sample 150

(`make mutants MODULE=formula`). Each part is changed by mutmut (extra `mutants`) in a copy of the tree below `--out`. Every
mutant gets a process of its own, where the tests of its part run until one turns red: mutmut's own children are forked
from a process whose table engine has threads already, and such a child waits for them for ever. What no test noticed is
shown, for a person to look at.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = 150
COPIED = ("nok", "widget", "tests", "content", "theme", "docs", "publish.py", "pyproject.toml", "data_packages")
PARTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "formula": (
        ("nok/formula.py",),
        ("tests/unit/test_method_formulas.py", "tests/unit/test_method.py", "tests/unit/test_scoring.py"),
    ),
    "scoring": (
        ("nok/scoring.py", "nok/arithmetic.py"),
        ("tests/unit/test_scoring.py", "tests/unit/test_scoring_defects.py", "tests/unit/test_scoring_inputs.py"),
    ),
    "tokens": (
        ("widget/keys.py", "widget/invitations.py", "nok/placements.py", "nok/identifiers.py"),
        ("tests/unit/test_widget_rules.py", "tests/unit/test_pure_rules.py", "tests/unit/test_tokens.py"),
    ),
    "cells": (("nok/packages/cells.py",), ("tests/unit/test_cells.py", "tests/unit/test_mapping.py")),
    "validation": (
        tuple(f"nok/packages/{name}.py" for name in ("exact", "columns", "table", "check")),
        (
            *(f"tests/unit/test_{name}.py" for name in ("validate", "blocks", "check_memory", "packages_good")),
            "tests/unit/test_sure_columns.py",
            "tests/unit/test_parties_checks.py",
            "tests/unit/test_second_opinion.py",
            "tests/unit/test_evidence.py::test_impossible_counts_are_refused_at_their_place",
            "tests/unit/test_evidence.py::test_right_counts_are_taken",
            *(f"tests/property/test_{name}.py" for name in ("two_readers", "agreement", "evidence")),
            "tests/unit/test_appeals.py",
        ),
    ),
    "export": (
        ("widget/export.py",),
        tuple(f"tests/unit/test_{name}.py" for name in ("export", "widget_photos", "widget_questionnaire")),
    ),
}
"""Part to (the files that are changed, the tests that are to notice)."""

KILLED, SURVIVED, LATE = "killed", "survived", "no end"
_GREEN, _RED = 0, (1, 2, 3, 4)
"""pytest's exit codes: the clean run was green, so whoever cannot even be collected has noticed. Others prove nothing."""

_MAKE = """
import pathlib
from mutmut import __main__ as tool
pathlib.Path("mutants").mkdir(exist_ok=True)
tool.set_mutant_under_test("mutant_generation")
tool.copy_src_dir()
tool.copy_also_copy_files()
tool.setup_source_paths()
tool.create_mutants(1)
"""


def try_part(part: str, out: Path, *, sample: int, seed: int, jobs: int = 1) -> dict[str, dict[str, str]]:
    """File to each mutant of a sample of it, and whether a test noticed it; `sample` 0 takes all.

    Raises:
        RuntimeError: the tests fail without any change, or a mutant could not be made.
    """
    files, tests = PARTS[part]
    tree = _copy(out / part, files, tests)
    made = _python(tree, "-c", _MAKE)
    if made.returncode:
        raise RuntimeError(f"no mutants were made in {tree}: {made.stdout[-3000:]}{made.stderr[-3000:]}")
    mutated = tree / "mutants"
    (mutated / "node_modules").symlink_to(ROOT / "node_modules")  # a test that builds needs scripts and fonts
    dice = random.Random(seed)
    chosen: dict[str, list[str]] = {}
    for file in files:
        names = sorted(json.loads((mutated / f"{file}.meta").read_text("utf-8"))["exit_code_by_key"])
        chosen[file] = dice.sample(names, sample) if 0 < sample < len(names) else names
    patience_s = _time_of_clean_tests(mutated, tests) * 3 * jobs + 60
    found: dict[str, dict[str, str]] = {file: {} for file in files}
    with ThreadPoolExecutor(jobs) as pool:
        asked = [
            (file, name, pool.submit(_try, mutated, tests, name, patience_s))
            for file, names in chosen.items()
            for name in names
        ]
        for file, name, answer in asked:
            found[file][name] = answer.result()
            print(f"  {found[file][name]:9} {name}", file=sys.stderr, flush=True)
    return found


def _try(mutated: Path, tests: Sequence[str], mutant: str, patience_s: float) -> str:
    try:
        done = _pytest(mutated, tests, mutant, patience_s)
    except subprocess.TimeoutExpired:
        return LATE
    verdicts = {_GREEN: SURVIVED, **dict.fromkeys(_RED, KILLED)}
    return verdicts.get(done.returncode, f"ended with {done.returncode}")


def _time_of_clean_tests(mutated: Path, tests: Sequence[str]) -> float:
    """Seconds that the tests take without a change; they have to be green."""
    began = time.monotonic()
    done = _pytest(mutated, tests, "", None)
    if done.returncode:
        raise RuntimeError(f"a test fails without any change: {done.stdout[-3000:]}{done.stderr[-3000:]}")
    return time.monotonic() - began


def _pytest(
    mutated: Path, tests: Sequence[str], mutant: str, patience_s: float | None
) -> subprocess.CompletedProcess[str]:
    there = [test for test in tests if (mutated / test.partition("::")[0]).exists()]
    plain = ("-p", "no:cacheprovider", "-x", "-q", "-k", "not postgresql")
    return _python(mutated, "-m", "pytest", *plain, *there, mutant=mutant, patience_s=patience_s)


def _copy(tree: Path, files: Sequence[str], tests: Sequence[str]) -> Path:
    """A fresh copy of what the tests need, with the settings of mutmut for one part."""
    shutil.rmtree(tree, ignore_errors=True)
    for name in COPIED:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, tree / name, ignore=shutil.ignore_patterns("__pycache__", "mutants.py"))
        else:
            shutil.copy(place, tree / name)
    settings = {
        "source_paths": ["nok", "widget", "publish.py"],
        "only_mutate": files,
        "also_copy": [name for name in COPIED if name not in ("nok", "widget", "publish.py")],
        "pytest_add_cli_args_test_selection": tests,
    }
    lines = [f"{key} =\n" + "".join(f"    {value}\n" for value in values) for key, values in settings.items()]
    (tree / "setup.cfg").write_text("[mutmut]\n" + "".join(lines) + "use_git_change_detection = false\n", "utf-8")
    return tree


def _python(
    tree: Path, *command: str, mutant: str = "", patience_s: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs Python in the copy, whose modules come before installed ones.

    Raises:
        subprocess.TimeoutExpired: it did not end in time, and was ended.
    """
    more = {
        "MUTANT_UNDER_TEST": mutant,
        "NOK_QUICK": "1",  # what fails is not made smaller
        "NOK_COMPARED_PACKAGES": "50",  # most of what two readers would notice at a tenth of the time
        "PYTHONPATH": str(tree),  # what a test starts is changed too
        "POLARS_MAX_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=tree,
        env=os.environ | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        said, told = process.communicate(timeout=patience_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # with all that its tests have started
        process.communicate()
        raise
    return subprocess.CompletedProcess(command, process.returncode, said, told)


def main(arguments: list[str] | None = None) -> int:
    """Tries the parts that are named, or all; 1 if fewer than `--least` of a hundred were noticed anywhere."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []])
    parser.add_argument("--sample", type=int, default=SAMPLE, help="mutants of each file; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="mutants that are tried at the same time")
    parser.add_argument("--least", type=float, default=85.0)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "mutants")
    chosen = parser.parse_args(arguments)
    is_low = False
    for part in chosen.parts or PARTS:
        found = try_part(part, chosen.out.resolve(), sample=chosen.sample, seed=chosen.seed, jobs=chosen.jobs)
        for file, said in found.items():
            counts = Counter(said.values())
            share = 100 * (counts[KILLED] + counts[LATE]) / max(1, len(said))  # a test that never ends has noticed
            is_low |= share < chosen.least
            print(f"{file}: {len(said)} mutants, {share:.1f} % noticed, {dict(counts)}", flush=True)
            for name in sorted(name for name, what in said.items() if what not in (KILLED, LATE)):
                print(f"  {said[name]:9} {name}", flush=True)
    return 1 if is_low else 0


if __name__ == "__main__":
    sys.exit(main())
