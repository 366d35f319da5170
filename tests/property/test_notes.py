"""Notes of tables: which rows stood in them and do not stand today."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nok.packages.segments import Part, note_rows, vanished

TABLES = st.lists(st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["1", "2", "3"])), max_size=3)
"""Tables of one time: identity to what its row says."""


def note(folder: Path, name: str, table: dict[str, str]) -> Path:
    file = folder / f"{name}.csv"
    lines = ["review_id,organization_id,text", *(f"{identity},one,{text}" for identity, text in table.items())]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    columns = ("review_id", "organization_id", "text")
    part = Part(file=file, delimiter=",", columns=columns, owner="organization_id", identity="review_id")
    note_rows(part, folder / name)
    return folder / name


def gone(before: Sequence[dict[str, str]], after: Sequence[dict[str, str]]) -> set[str]:
    """What `vanished` must find, row by row."""
    present = {row for table in after for row in table.items()}
    return {identity for table in before for identity, text in table.items() if (identity, text) not in present}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=TABLES, after=TABLES)
def test_rows_that_are_gone_or_another_are_found(
    tmp_path: Path, before: list[dict[str, str]], after: list[dict[str, str]]
) -> None:
    then = [note(tmp_path, f"then-{number}", table) for number, table in enumerate(before)]
    today = [note(tmp_path, f"today-{number}", table) for number, table in enumerate(after)]
    assert vanished(then, today) == gone(before, after)


def test_notes_that_stand_today_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a country that did not change they are gigabytes."""
    same = note(tmp_path, "same", {"a": "1", "b": "2"})
    monkeypatch.setattr("polars.read_ipc", None)
    monkeypatch.setattr("polars.scan_ipc", None)
    assert vanished([same], [same]) == set()
