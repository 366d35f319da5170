"""The table of planted faults does not rot: each fault can still be planted, and its test is still there."""

from pathlib import Path

import pytest

from tests.planted import FAULTS, MARKS, Fault, plant, red

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.title for fault in FAULTS])
def test_each_fault_can_be_planted(fault: Fault) -> None:
    text = (ROOT / fault.file).read_text("utf-8")
    assert text.count(fault.old) == 1
    compile(text.replace(fault.old, fault.new), fault.file, "exec")
    file, _, name = fault.test.partition("::")
    assert (ROOT / file).is_file()
    assert not name or f"def {name.partition('[')[0]}(" in (ROOT / file).read_text("utf-8")


def test_the_document_has_a_test_for_each_of_them() -> None:
    document = (ROOT / "docs" / "testing.md").read_text("utf-8")
    table = document.split(MARKS[0])[1].split(MARKS[1])[0]
    for fault in FAULTS:
        (row,) = [row for row in table.splitlines() if row.startswith(f"| {fault.title} |")]
        assert fault.test.partition("[")[0] in row


def test_a_fault_is_seen_and_taken_out_again(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("ANSWER = 42\n")
    (tmp_path / "test_code.py").write_text("import code_of as c\n\ndef test_answer():\n    assert c.ANSWER == 42\n")
    (tmp_path / "code.py").rename(tmp_path / "code_of.py")
    fault = Fault(title="", file="code_of.py", old="42", new="41", test="test_code.py")
    assert red("test_code.py", tmp_path) == ""
    assert plant(fault, tmp_path) == "test_code.py::test_answer"
    assert red("test_code.py", tmp_path) == ""
