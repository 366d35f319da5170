"""Changes the program a little, hundreds of times, and asks the fast tests of the part whether they notice.

    python -m tests.mutants formula scoring --sample 150

(`make mutants MODULE=formula`). Each part is changed by mutmut (extra `mutants`) in a copy of the tree below `--out`; the
tests that cover the changed function run until one turns red. What no test noticed is shown, for a person to look at.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
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

KILLED, SURVIVED, UNSEEN = "killed", "survived", "no test"
_MEANING = {
    **dict.fromkeys((1, 3, 24, -24, 36, 152), KILLED),
    **dict.fromkeys((5, 33), UNSEEN),
    0: SURVIVED,
    34: "skipped",
    None: "not tried",
}
"""What mutmut's exit codes say; a test that never ends has noticed. Whatever else ended a process proves nothing."""

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


def try_part(part: str, out: Path, *, sample: int, seed: int) -> dict[str, dict[str, str]]:
    """File to each mutant of a sample of it, and whether a test noticed it; `sample` 0 takes all."""
    files, tests = PARTS[part]
    tree = _copy(out / part, files, tests)
    _run(tree, "-c", _MAKE)
    (tree / "mutants" / "node_modules").symlink_to(ROOT / "node_modules")  # a test that builds needs scripts and fonts
    dice = random.Random(seed)
    chosen: list[str] = []
    for file in files:
        names = sorted(_verdicts(tree, file))
        chosen += dice.sample(names, sample) if 0 < sample < len(names) else names
    (tree / "log").write_text(_run(tree, "-m", "mutmut", "run", "--max-children", "1", *chosen), "utf-8")
    found: dict[str, dict[str, str]] = {}
    for file in files:
        verdicts = _verdicts(tree, file)
        tried = [name for name in chosen if name in verdicts]
        found[file] = {name: _meaning(verdicts[name]) for name in tried}
    return found


def _meaning(code: int | None) -> str:
    return _MEANING.get(code, f"ended with {code}")


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
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-p", "no:randomly", "-k", "not postgresql"],
        "pytest_add_cli_args_test_selection": [test for test in tests if (tree / test.partition("::")[0]).exists()],
    }
    lines = [f"{key} =\n" + "".join(f"    {value}\n" for value in values) for key, values in settings.items()]
    plain = "timeout_multiplier = 3\ntimeout_constant = 120\nprocess_isolation = forkserver\n"
    (tree / "setup.cfg").write_text(
        "[mutmut]\n" + "".join(lines) + plain + "use_git_change_detection = false\n", "utf-8"
    )
    return tree


def _run(tree: Path, *command: str) -> str:
    """Runs Python in the copy, whose modules come before installed ones; what it said.

    Raises:
        RuntimeError: it failed, for example because a test fails without any change.
    """
    threads = {"POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    few = {
        "NOK_COMPARED_PACKAGES": "50"
    }  # packages that two readers compare: most of what they would notice at a tenth of the time
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tree,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | threads | few,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} in {tree}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def _verdicts(tree: Path, file: str) -> dict[str, int | None]:
    found: dict[str, int | None] = json.loads((tree / "mutants" / f"{file}.meta").read_text("utf-8"))[
        "exit_code_by_key"
    ]
    return found


def main(arguments: list[str] | None = None) -> int:
    """Tries the parts that are named, or all; 1 if fewer than `--least` of a hundred were noticed anywhere."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []])
    parser.add_argument("--sample", type=int, default=SAMPLE, help="mutants of each file; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--least", type=float, default=85.0)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "mutants")
    chosen = parser.parse_args(arguments)
    is_low = False
    for part in chosen.parts or PARTS:
        found = try_part(part, chosen.out.resolve(), sample=chosen.sample, seed=chosen.seed)
        for file, said in found.items():
            counts = Counter(said.values())
            share = 100 * counts[KILLED] / max(1, len(said) - counts["skipped"])
            is_low |= share < chosen.least
            print(f"{file}: {len(said)} mutants, {share:.1f} % noticed, {dict(counts)}", flush=True)
            for name in sorted(name for name, what in said.items() if what != KILLED):
                print(f"  {said[name]:9} {name}", flush=True)
    return 1 if is_low else 0


if __name__ == "__main__":
    sys.exit(main())
