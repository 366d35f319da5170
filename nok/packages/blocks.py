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

BOM = b"\xef\xbb\xbf"
QUOTE, LF, CR = b'"\n\r'
Bytes = np.ndarray[Any, np.dtype[np.uint8]]


class Doubt(Exception):
    """It cannot be told here where records end, or what they hold."""


def blocks(stream: BinaryIO) -> Iterator[bytes]:
    """What follows in `stream`, cut after records: at a line feed before which all quotes are closed."""
    rest = b""
    while more := stream.read(BLOCK_BYTES):
        end = _last_end(more, rest.count(b'"') % 2)
        if end == 0 and len(rest) + len(more) > LONGEST_RECORD_BYTES:
            raise Doubt
        if end:
            yield b"".join((rest, memoryview(more)[:end]))
            rest = more[end:]
        else:
            rest += more
    if rest:
        yield rest


def _last_end(text: bytes, open_quotes: int) -> int:
    """After which byte the last whole record ends, if `open_quotes` are open before the text; 0 where none does."""
    end = text.rfind(b"\n") + 1
    open_quotes += int(np.count_nonzero(np.frombuffer(text, np.uint8, end) == QUOTE)) if end else 0
    while end and open_quotes % 2:
        before = text.rfind(b"\n", 0, end - 1) + 1
        open_quotes -= text.count(b'"', before, end)
        end = before
    return end


class Marks:
    """The bytes of a block that are not in a cell: quotes, line ends, separators."""

    def __init__(self, block: bytes, separator: int) -> None:
        """Finds them.

        Raises:
            Doubt: quotes, line ends or control characters stand where a plain table has none.
        """
        self._codes = np.frombuffer(block, np.uint8)
        self._quotes = np.flatnonzero(self._codes == QUOTE)
        _check_quotes(self._codes, self._quotes, separator)
        self._has_returns = CR in block
        if self._has_returns and block.count(b"\r") != block.count(b"\r\n"):
            raise Doubt

    def rows(self) -> int:
        """How many records the block holds."""
        return int(_outside(self._codes == LF, self._quotes)) + self._lacks_end

    def records(self, wanted: Sequence[int]) -> Iterator[tuple[int, slice]]:
        """Of the records with these numbers, from 0 and in order: how many lines stand before it, and where it stands."""
        places = np.flatnonzero(self._codes == LF)
        ends = places[np.searchsorted(self._quotes, places) % 2 == 0] + 1
        if self._lacks_end:
            ends = np.append(ends, len(self._codes))
        starts = np.concatenate(([0], ends[:-1]))
        for number, line in zip(wanted, np.searchsorted(places, starts[list(wanted)]).tolist(), strict=True):
            yield line, slice(int(starts[number]), int(ends[number]))

    def are_all(self, rows: int, columns: int, bytes_in_cells: int) -> bool:
        """True where so many even rows, with so much in their cells, are just what the block holds, byte for byte."""
        twins = np.count_nonzero(self._quotes[2::2] == self._quotes[1:-1:2] + 1)  # two quotes that stand for one
        ends = rows - self._lacks_end + (_outside(self._codes == CR, self._quotes) if self._has_returns else 0)
        return bool(bytes_in_cells + len(self._quotes) - twins + ends + rows * (columns - 1) == len(self._codes))

    @property
    def _lacks_end(self) -> int:
        return int(self._codes[-1] != LF)


def _check_quotes(codes: Bytes, quotes: np.ndarray[Any, Any], separator: int) -> None:
    """A quote opens after a separator, a line end or the quote that it doubles, and closes before one of these."""
    if len(quotes) % 2:
        raise Doubt
    opened, closed = quotes[::2], quotes[1::2]
    before = codes[opened[opened > 0] - 1]
    after = codes[closed[closed < len(codes) - 1] + 1]
    if not np.isin(before, (separator, LF, QUOTE)).all() or not np.isin(after, (separator, LF, CR, QUOTE)).all():
        raise Doubt


def _outside(marks: np.ndarray[Any, np.dtype[np.bool_]], quotes: np.ndarray[Any, Any]) -> int:
    """How many marks stand outside quotes."""
    if not len(quotes):
        return int(np.count_nonzero(marks))
    places = np.flatnonzero(marks)
    passed = np.searchsorted(places, quotes)
    return int(len(places) - (passed[1::2] - passed[::2]).sum())
