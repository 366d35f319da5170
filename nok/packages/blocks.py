"""The bytes of a table, cut into blocks that end between two records, so that memory does not grow with the file.

Cutting needs no parser: a record ends at a line feed before which all quotes are closed. Where quotes stand as no plain
table has them, nobody can cut for sure, and whoever reads falls back to the exact reader.
"""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np

BLOCK_BYTES = 8 * 1024 * 1024
LONGEST_RECORD_BYTES = 4 * BLOCK_BYTES
"""Where no record ends for so long, a quote is open; the exact reader says which."""

LOOKED_AT_BYTES = 64 * 1024
"""So much of a block's end is looked at for where its last line ends."""

BOM = b"\xef\xbb\xbf"
QUOTE, LF, CR, TAB, FIRST_PRINTED = b'"\n\r\t '
Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Places = np.ndarray[Any, np.dtype[np.intp]]

SLICE_BYTES = 256 * 1024
"""What a processor keeps at hand while several passes go over it."""


class Doubt(Exception):
    """It cannot be told here where records end, or what they hold."""


def blocks(stream: BinaryIO) -> Iterator[bytes]:
    """What follows in `stream`, cut after records: at a line feed before which all quotes are closed.

    Raises:
        Doubt: no record ends for `LONGEST_RECORD_BYTES`.
    """
    start = stream.tell()
    while block := _block_at(stream, start):
        yield block
        start += len(block)


def _block_at(stream: BinaryIO, start: int) -> bytes:
    """The whole records from byte `start` on; empty at the end. They are nowhere copied, as they would be if what was left
    of a block stood before the next one."""
    for most in (BLOCK_BYTES, LONGEST_RECORD_BYTES):
        size = _size_of_lines(stream, start, most)
        stream.seek(start)
        block = stream.read(-1 if size is None else size)
        end = len(block) if size is None else _last_end(block)
        if end or not block:
            return block if end == len(block) else block[:end]
    raise Doubt


def _size_of_lines(stream: BinaryIO, start: int, most: int) -> int | None:
    """How many bytes the lines have that end within `most` bytes from `start`; `most` where that cannot be told at once,
    and `None` where the stream ends sooner."""
    looked_at = min(most, LOOKED_AT_BYTES)
    stream.seek(start + most - looked_at)
    last = stream.read(looked_at)
    if len(last) < looked_at:
        return None
    return most - looked_at + last.rfind(b"\n") + 1 if b"\n" in last else most


def _last_end(text: bytes) -> int:
    """After which byte the last whole record of a text that begins with one ends; 0 where none does."""
    end = text.rfind(b"\n") + 1
    open_quotes = _quotes_in(np.frombuffer(text, np.uint8, end)) if end else 0
    while end and open_quotes % 2:
        before = text.rfind(b"\n", 0, end - 1) + 1
        open_quotes -= text.count(b'"', before, end)
        end = before
    return end


def _quotes_in(codes: Bytes) -> int:
    parts = (codes[start : start + SLICE_BYTES] for start in range(0, len(codes), SLICE_BYTES))
    return sum(int(np.count_nonzero(part == QUOTE)) for part in parts)


class Marks:
    """The bytes of a block that are not in a cell: quotes, line ends, separators; and control characters."""

    def __init__(self, block: bytes, separator: int) -> None:
        """Finds them.

        Raises:
            Doubt: quotes or line ends stand where a plain table has none.
        """
        self._codes = np.frombuffer(block, np.uint8)
        places = _places_of_marks(self._codes)
        kinds = self._codes[places]
        self._quotes, self._ends, self._returns = (places[kinds == mark] for mark in (QUOTE, LF, CR))
        known = len(self._quotes) + len(self._ends) + len(self._returns) + np.count_nonzero(kinds == TAB)
        self.has_controls = bool(len(places) > known)
        """Whether there are others than tabs and line ends."""
        _check_quotes(self._codes, self._quotes, separator)
        if len(self._returns) and len(np.setdiff1d(self._returns + 1, self._ends, assume_unique=True)):
            raise Doubt

    def rows(self) -> int:
        """How many records the block holds."""
        return _outside(self._ends, self._quotes) + self._lacks_end

    def lines(self) -> int:
        """How many lines the block has, those within cells among them."""
        return len(self._ends) + self._lacks_end

    def records(self, wanted: Sequence[int]) -> Iterator[tuple[int, slice]]:
        """Of the records with these numbers, from 0 and in order: how many lines stand before it, and where it stands."""
        ends = self._ends[np.searchsorted(self._quotes, self._ends) % 2 == 0] + 1
        if self._lacks_end:
            ends = np.append(ends, len(self._codes))
        starts = np.concatenate(([0], ends[:-1]))
        before = np.searchsorted(self._ends, starts[list(wanted)]).tolist()
        for number, line in zip(wanted, before, strict=True):
            yield line, slice(int(starts[number]), int(ends[number]))

    def are_all(self, rows: int, columns: int, bytes_in_cells: int) -> bool:
        """True where so many even rows, with so much in their cells, are just what the block holds, byte for byte."""
        twins = np.count_nonzero(self._quotes[2::2] == self._quotes[1:-1:2] + 1)  # two quotes that stand for one
        ends = rows - self._lacks_end + _outside(self._returns, self._quotes)
        return bool(bytes_in_cells + len(self._quotes) - twins + ends + rows * (columns - 1) == len(self._codes))

    @property
    def _lacks_end(self) -> int:
        return int(self._codes[-1] != LF)


def _places_of_marks(codes: Bytes) -> Places:
    """Where quotes and control characters stand."""
    found = [np.empty(0, np.intp)]
    for start in range(0, len(codes), SLICE_BYTES):
        part = codes[start : start + SLICE_BYTES]
        found.append(np.flatnonzero((part < FIRST_PRINTED) | (part == QUOTE)) + start)
    return np.concatenate(found)


def _check_quotes(codes: Bytes, quotes: Places, separator: int) -> None:
    """A quote opens after a separator, a line end or the quote that it doubles, and closes before one of these."""
    if len(quotes) % 2:
        raise Doubt
    opened, closed = quotes[::2], quotes[1::2]
    before = codes[opened[opened > 0] - 1]
    after = codes[closed[closed < len(codes) - 1] + 1]
    if not np.isin(before, (separator, LF, QUOTE)).all() or not np.isin(after, (separator, LF, CR, QUOTE)).all():
        raise Doubt


def _outside(places: Places, quotes: Places) -> int:
    """How many of these places stand outside quotes."""
    if not len(quotes):
        return len(places)
    passed = np.searchsorted(places, quotes)
    return int(len(places) - (passed[1::2] - passed[::2]).sum())
