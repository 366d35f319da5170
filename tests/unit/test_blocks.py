"""The bytes of a table are cut after records, and every byte of a block is accounted for."""

import csv
import io
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nok.packages.blocks import Doubt, Marks, blocks
from nok.packages.segments import Part, batches

CELLS = st.text(alphabet='aЯ",\n\r; ', max_size=6)


def written(rows: list[list[str]], end: str) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=end).writerows(rows)
    return stream.getvalue().encode()


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_cells_and_what_stands_around_them_are_the_whole_block(rows: list[list[str]], end: str) -> None:
    rows = [[cell.replace("\r", "\r\n") for cell in row] for row in rows]
    block, in_cells = written(rows, end), sum(len(cell.encode()) for row in rows for cell in row)
    for given_block in (block, block.removesuffix(end.encode())):
        marks = Marks(given_block, ord(","))
        assert marks.rows() == len(rows)
        assert marks.are_all(len(rows), 3, in_cells)
        assert not marks.are_all(len(rows), 3, in_cells - 1)


@pytest.mark.parametrize("lines", ["a,b,\n1,2,3,4\n", "a,,\n,,,\n", '"a,",b,\n1,2,3,4\n', "a,b,c\n1,2,3,4\n"])
def test_a_row_that_lacks_cells_is_missed_in_the_sum(lines: str) -> None:
    marks = Marks(lines.encode(), ord(","))
    in_cells = sum(len(cell) for row in csv.reader(io.StringIO(lines)) for cell in row)
    assert marks.rows() == 2
    assert not marks.are_all(2, 4, in_cells)


@pytest.mark.parametrize("text", ['a"b,c\n', '"a" ,b\n', '"a,b\n', "a,b\rc,d\n"])
def test_what_no_plain_table_has_is_doubtful(text: str) -> None:
    with pytest.raises(Doubt):
        Marks(text.encode(), ord(","))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=40), st.integers(1, 30))
def test_blocks_end_between_records(rows: list[list[str]], size: int) -> None:
    whole = written(rows, "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nok.packages.blocks.BLOCK_BYTES", size)
        parts = list(blocks(io.BytesIO(whole)))
    assert b"".join(parts) == whole
    assert all(before.endswith(b"\n") and before.count(b'"') % 2 == 0 for before, _ in pairwise(parts))


@pytest.mark.parametrize("plain", [True, False])
def test_the_taken_columns_of_a_file_come_in_the_order_in_which_they_are_wanted(tmp_path: Path, plain: bool) -> None:
    file = tmp_path / "rows.csv"
    odd = "" if plain else '"x"y,,,\n'  # a quote where no plain table has one
    file.write_text(f'a,b,c,d\n1,"б, ""в""",,4\n5,6,"7\n8",\n{odd}', "utf-8")
    part = Part(file=file, delimiter=",", columns=("d", "nowhere", "b"), owner="d", identity="b")
    rows = [row for batch in batches(part) for row in batch.iter_rows()]
    assert rows[:2] == [("4", "", 'б, "в"'), ("", "", "6")]
    assert len(rows) == 2 + (not plain)
