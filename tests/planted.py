"""Plants faults into a copy of the program, one at a time, and shows the test that turns red: `python -m tests.planted`.

A suite that stays green over one of these would prove nothing of the promise behind it. `--write` puts the table into
docs/testing.md.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "testing.md"
MARKS = ("<!-- planted faults: written by python -m tests.planted --write -->", "<!-- end of planted faults -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`old` stands once in `file` and becomes `new`; `test` is what must turn red."""

    title: str
    file: str
    old: str
    new: str
    test: str


FAULTS = (
    Fault(
        title="a commit does not wait for the disk (`synchronous=NORMAL`)",
        file="widget/engines.py",
        old='for pragma in ("journal_mode=WAL", "synchronous=FULL"',
        new='for pragma in ("journal_mode=WAL", "synchronous=NORMAL"',
        test="tests/unit/test_widget_store.py::test_the_engine_is_set_for_durability",
    ),
    Fault(
        title="a transaction that writes begins as one that reads (`BEGIN DEFERRED`)",
        file="widget/engines.py",
        old='return _file_engine(place, "rwc", "BEGIN IMMEDIATE", size=1)',
        new='return _file_engine(place, "rwc", "BEGIN DEFERRED", size=1)',
        test="tests/unit/test_widget_store.py::test_a_writer_holds_the_store_before_it_has_written",
    ),
    Fault(
        title="a rating is acknowledged before it is committed",
        file="widget/store.py",
        old="""            with self._writing.begin() as connection:
                ledger = Ledger(connection, seal_of(self.key))
                results = [work(ledger) for work in works]
                ledger.close()
""",
        new="""            connection = self._writing.connect()
            connection.begin()
            ledger = Ledger(connection, seal_of(self.key))
            results = [work(ledger) for work in works]
            ledger.close()
            __import__("threading").Timer(0.3, connection.commit).start()
""",
        test="tests/unit/test_widget_store.py::test_whoever_has_an_answer_is_in_the_store_for_all_to_read",
    ),
    Fault(
        title="a published file is written in place",
        file="nok/site/files.py",
        old="        os.replace(beside, full)\n",
        new='        open(full, "wb").write(open(beside, "rb").read()) and os.unlink(beside)\n',
        test="tests/unit/test_files.py::test_replaced_and_removed_files_are_let_go_of",
    ),
    Fault(
        title="a template does not escape",
        file="nok/template_code.py",
        old='_call("escape_text", _name("value"))',
        new='_name("value")',
        test="tests/unit/test_theme.py::test_text_of_a_stranger_stays_text",
    ),
    Fault(
        title="a row may point to a row that is not there",
        file="nok/packages/check.py",
        old="            if self._keys[one.resource].lacks(one.value)\n",
        new="            if False\n",
        test="tests/unit/test_validate.py",
    ),
    Fault(
        title="a table takes a number above its maximum",
        file="nok/packages/fields.py",
        old='None if Decimal(value) <= most else ("maximum"',
        new='None if Decimal(value) <= most + 1 else ("maximum"',
        test="tests/unit/test_validate.py",
    ),
    Fault(
        title="a half is rounded down",
        file="nok/arithmetic.py",
        old="(2 * points.numerator * scale + points.denominator)",
        new="(2 * points.numerator * scale + points.denominator - 1)",
        test="tests/unit/test_scoring.py::test_what_is_shown_is_rounded_once_half_up_and_never_used_again",
    ),
    Fault(
        title="a text that no moderator has read leaves the store",
        file="widget/export.py",
        old="is_told = not reason and review.text_standing is TextStanding.PUBLISHED",
        new="is_told = not reason",
        test="tests/unit/test_export.py::test_only_what_was_decided_leaves_the_store",
    ),
    Fault(
        title="an invitation to one organisation opens another",
        file="widget/invitations.py",
        old='f"invitation:{organization_id}:".encode()',
        new='b"invitation:"',
        test="tests/unit/test_widget_invitations.py::test_what_is_not_that_token_lets_nobody_in",
    ),
)


def plant(fault: Fault, tree: Path) -> str:
    """The first test that a fault in `tree` turns red, empty where none does; the tree is as before afterwards."""
    file = tree / fault.file
    sound = file.read_text("utf-8")
    file.write_text(sound.replace(fault.old, fault.new), "utf-8")
    try:
        return red(fault.test, tree)
    finally:
        file.write_text(sound, "utf-8")


def red(test: str, tree: Path) -> str:
    """The first test of `test` that fails in `tree`, empty where none does."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "", test],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    found = re.search(r"^(?:FAILED|ERROR) (\S+?)(?:\[| - |$)", done.stdout, re.MULTILINE)
    if done.returncode == 1 and found:
        return found.group(1)
    if done.returncode:
        raise RuntimeError(f"{test} did not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return ""


def copied(place: Path) -> Path:
    """A copy of the tree without what was built or installed."""
    left_out = shutil.ignore_patterns(".*", "__pycache__", "build", "output*", "node_modules", "*.egg-info", "var")
    tree = Path(shutil.copytree(ROOT, place / "tree", ignore=left_out))
    (tree / "node_modules").symlink_to((ROOT / "node_modules").resolve())
    return tree


def main(arguments: list[str] | None = None) -> int:
    """Plants all faults, or those whose title has a word that is named; 1 if one of them is noticed by nobody."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*")
    parser.add_argument("--write", action="store_true", help="write the table into docs/testing.md")
    chosen = parser.parse_args(arguments)
    faults = [fault for fault in FAULTS if not chosen.words or any(word in fault.title for word in chosen.words)]
    rows = ["| fault | planted in | the test that turns red |", "|---|---|---|"]
    unseen = 0
    with tempfile.TemporaryDirectory() as place:
        tree = copied(Path(place))
        for fault in faults:
            before, seen = red(fault.test, tree), plant(fault, tree)
            is_seen = bool(seen) and not before
            unseen += not is_seen
            rows.append(f"| {fault.title} | `{fault.file}` | {f'`{seen}`' if is_seen else '**none**'} |")
            print(rows[-1], flush=True)
    if chosen.write:
        start, end = (re.escape(mark) for mark in MARKS)
        table = f"{MARKS[0]}\n\n" + "\n".join(rows) + f"\n\n{MARKS[1]}"
        DOCUMENT.write_text(
            re.sub(f"{start}.*{end}", lambda _: table, DOCUMENT.read_text("utf-8"), flags=re.DOTALL), "utf-8"
        )
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())
