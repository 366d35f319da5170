"""A share of the fuzzing with every run of the tests: the same inputs each time, no fuzzer needed; and the harness itself is
shown to find what it looks for. All of it: `make fuzz`.
"""

import socket
import time
from pathlib import Path

import pytest

from tests.fuzz.run import fuzz, replay
from tests.fuzz.targets import TARGETS, Target, mutants
from tests.fuzz.watch import Finding, Judge, keep

SEED = 20260207
COSTLY = {"table": 25, "descriptor": 30, "archive": 15, "questionnaire": 25, "settings": 30, "verify": 8}
"""How many inputs those get that take milliseconds for one."""


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_inputs_near_the_known_ones_are_answered_in_words(target: Target, tmp_path: Path) -> None:
    judge = Judge(target, tmp_path)
    found = [judge.judge(data) for data in mutants(target, COSTLY.get(target.name, 150), SEED)]
    assert [one for one in found if one is not None] == []


def _failing(data: bytes, folder: Path) -> list[str]:
    """A reader with every fault that a run looks for."""
    if data == b"raises":
        raise KeyError(data)
    if data == b"connects":
        with socket.socket() as connection:
            connection.connect_ex(("127.0.0.1", 9))
    if data == b"reads":
        Path("/etc/hostname").read_bytes()
    if data == b"dawdles":
        end = time.process_time() + 0.6
        while time.process_time() < end:
            pass
    if data == b"hoards":
        return [str(len(bytes(10**6) * 700))]
    return {b"silent": [""], b"drives": ["a\x1b[2J"], b"halves": ["\ud800"]}.get(data, ["fine"])


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"raises", "KeyError test_fuzz.py:_failing"),
        (b"connects", "touched socket.connect"),
        (b"reads", "touched open"),
        (b"dawdles", "slow"),
        (b"hoards", "memory"),
        (b"silent", "sentence"),
        (b"drives", "sentence"),
        (b"halves", "sentence"),
        (b"other", ""),
    ],
)
def test_each_kind_of_fault_is_found(data: bytes, kind: str, tmp_path: Path) -> None:
    if data == b"hoards":  # another test of this process may have held more than any input may cost
        assert bytes(10**6) * 800
    judge = Judge(Target(name="failing", run=_failing, seeds=list), tmp_path, seconds=0.05 if data == b"dawdles" else 5)
    found = judge.judge(data)
    assert (found.kind if found else "") == kind
    assert judge.judge(b"other") is None


def test_the_shortest_input_of_a_kind_is_kept(tmp_path: Path) -> None:
    for data in (b"longer", b"short", b"longest"):
        file = keep(tmp_path, Finding(kind="KeyError x", text="told"), data)
    assert file.read_bytes() == b"short"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_kept_input_is_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = Target(name="failing", run=_failing, seeds=lambda: [b"other"])
    monkeypatch.setattr("tests.fuzz.targets.TARGETS", (failing,))
    file = tmp_path / "kept.input"
    for data, code in ((b"other", 0), (b"raises", 1)):
        file.write_bytes(data)
        assert replay("failing", file) == code
    assert capsys.readouterr().out.startswith("KeyError test_fuzz.py:_failing")


@pytest.mark.scale
def test_the_fuzzer_runs_a_target(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="the fuzzer is not installed: pip install -e '.[fuzz]'")
    done = fuzz("signature", tmp_path, seconds=0, runs=300, seed=SEED)
    assert (done.executions, done.findings) == (300, ())
