"""The first pages of a print run: which sheet goes to which address. Lengths are points."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nok.render.paper import MM, Block, Book, Fonts, Line
from nok.render.setting import Setter

_WIDTH, _HEIGHT, _MARGIN = 297 * MM, 210 * MM, 14 * MM
_COLUMNS = (14 * MM, 44 * MM, 152 * MM, 256 * MM, 285 * MM)
"""Where the columns begin, and where the last one ends."""
_SIZE, _ROW, _HEAD = 9.0, 13.5, 56.0
ROWS_PER_PAGE = int((_HEIGHT - 2 * _MARGIN - _HEAD) // _ROW)


class ContentsRow(NamedTuple):
    """One poster: on which sheet it is, to which address it goes, whose it is, its code."""

    sheet: str
    address: str
    name: str
    code: str


def contents_length(rows: int) -> int:
    """How many pages so many rows take."""
    return -(-rows // ROWS_PER_PAGE)


def contents_pages(book: Book, fonts: Fonts, heading: Sequence[str], rows: Sequence[ContentsRow]) -> None:
    """Adds the pages; `heading` is a title and what is said below it."""
    setter = Setter(fonts)
    for first in range(0, len(rows), ROWS_PER_PAGE):
        book.begin(_WIDTH, _HEIGHT)
        book.put([*_heading(setter, heading), *_rows(setter, rows[first : first + ROWS_PER_PAGE])])
        book.end()


def _heading(setter: Setter, heading: Sequence[str]) -> Iterator[Block]:
    y = _HEIGHT - _MARGIN
    for number, said in enumerate(heading):
        size, weight = (10.0, "regular") if number else (16.0, "bold")
        text = setter.cut(said, weight, size, _WIDTH - 2 * _MARGIN, 1)
        y -= size * 1.4
        line, width = text.lines[0]
        placed = Line(x=_MARGIN, y=y, width=width, text=line)
        yield Block(tag="P" if number else "H1", lines=(placed,), size=size, weight=weight)


def _rows(setter: Setter, rows: Sequence[ContentsRow]) -> Iterator[Block]:
    y = _HEIGHT - _MARGIN - _HEAD
    for row in rows:
        lines = []
        for number, cell in enumerate(row):
            if not cell:
                continue
            room = _COLUMNS[number + 1] - _COLUMNS[number] - 2 * MM
            text, width = setter.cut(cell, "regular", _SIZE, room, 1).lines[0]
            lines.append(Line(x=_COLUMNS[number], y=y, width=width, text=text))
        yield Block(tag="P", lines=tuple(lines), size=_SIZE, weight="regular")
        y -= _ROW
