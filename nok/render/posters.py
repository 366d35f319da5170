"""The A4 sheet for an information stand as a vector PDF: the only place that knows reportlab.

Fonts are embedded as subsets; Golos Text lacks a few letters of the languages of Russia, so PT Sans stands behind it,
letter by letter. The same record gives the same bytes on any day.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from nok.errors import ConfigError
from nok.model import PosterPage

INK, SOFT, LINE = HexColor("#000000"), HexColor("#333333"), HexColor("#000000")
MARGIN = 18 * mm
QR_SIDE = 122 * mm
"""Quiet zone included; a version 3 code then has modules of 3.3 mm."""

_FONTS = {
    "regular": (
        "@expo-google-fonts/golos-text/400Regular/GolosText_400Regular.ttf",
        "@expo-google-fonts/pt-sans/400Regular/PTSans_400Regular.ttf",
    ),
    "bold": (
        "@expo-google-fonts/golos-text/700Bold/GolosText_700Bold.ttf",
        "@expo-google-fonts/pt-sans/700Bold/PTSans_700Bold.ttf",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One poster: what stands on it and its code.

    `runs` are (column, row, length) of dark modules from the upper left, in a square of `page.qr_size` modules;
    `second_line` is the call in the second language.
    """

    page: PosterPage
    runs: tuple[tuple[int, int, int], ...]
    call: str
    second_line: str
    how: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of text: pieces in one font each, and its width in points."""

    pieces: tuple[tuple[str, str], ...]
    width: float


class Fonts:
    """The fonts of posters, registered once."""

    def __init__(self, node_modules: Path) -> None:
        """Raises `ConfigError` where a font is not installed."""
        self._names: dict[str, list[str]] = {}
        for weight, files in _FONTS.items():
            for number, file in enumerate(files):
                name = f"nok-{weight}-{number}"
                if name not in pdfmetrics.getRegisteredFontNames():
                    try:
                        pdfmetrics.registerFont(TTFont(name, str(node_modules / file)))
                    except (TTFError, OSError) as error:
                        raise ConfigError(
                            f"{node_modules / file}: the font of posters is missing. Run `make install`, which "
                            "installs it. No poster was made."
                        ) from error
                self._names.setdefault(weight, []).append(name)
        self.first = self._names["regular"][0]

    def line(self, text: str, weight: str, size: float) -> _Line:
        """`text` cut into pieces by the font that has its letters; a letter that no font has is left out."""
        fonts = ((self._font(char, weight), char) for char in text)
        pieces = tuple(
            (font, "".join(char for _, char in group))
            for font, group in groupby((pair for pair in fonts if pair[0]), key=lambda pair: pair[0])
        )
        return _Line(pieces, sum(pdfmetrics.stringWidth(part, font, size) for font, part in pieces))

    def _font(self, char: str, weight: str) -> str:
        for name in self._names[weight]:
            font: Any = pdfmetrics.getFont(name)
            if ord(char) in font.face.charToGlyph:
                return name
        return ""

    def wrap(self, text: str, weight: str, size: float, width: float) -> list[_Line]:
        """`text` in lines not wider than `width`; a word that is wider by itself is cut."""
        lines: list[str] = []
        for word in text.split(" "):
            for part in self._cut(word, weight, size, width):
                joined = f"{lines[-1]} {part}" if lines else part
                if lines and self.line(joined, weight, size).width <= width:
                    lines[-1] = joined
                else:
                    lines.append(part)
        return [self.line(line, weight, size) for line in lines]

    def _cut(self, word: str, weight: str, size: float, width: float) -> Iterator[str]:
        while self.line(word, weight, size).width > width and len(word) > 1:
            fits = max(1, int(len(word) * width / self.line(word, weight, size).width))
            yield word[:fits]
            word = word[fits:]
        yield word

    def fit(self, text: str, weight: str, sizes: Iterable[float], width: float, most: int) -> tuple[float, list[_Line]]:
        """The largest of `sizes` (largest first) at which `text` takes at most `most` lines; the last one cuts it."""
        size, lines = 0.0, list[_Line]()
        for size in sizes:
            lines = self.wrap(text, weight, size, width)
            if len(lines) <= most:
                return size, self._balanced(text, weight, size, width, len(lines))
        return size, lines[:most]

    def _balanced(self, text: str, weight: str, size: float, width: float, number: int) -> list[_Line]:
        """The narrowest setting in `number` lines, so that no short last line hangs below a long one."""
        narrow, wide = width / number * 0.8, width
        while number > 1 and wide - narrow > 1:
            middle = (narrow + wide) / 2
            if len(self.wrap(text, weight, size, middle)) <= number:
                wide = middle
            else:
                narrow = middle
        return self.wrap(text, weight, size, wide)


def posters_pdf(sheets: Iterable[Sheet], fonts: Fonts, title: str) -> bytes:
    """All sheets, one a page."""
    buffer = io.BytesIO()
    # The stubs take the name of the font for a size.
    first: Any = fonts.first
    canvas = Canvas(buffer, pagesize=A4, invariant=1, lang="ru", initialFontName=first, pageCompression=1)
    canvas.setTitle(title)
    for sheet in sheets:
        _draw(canvas, sheet, fonts)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw(canvas: Canvas, sheet: Sheet, fonts: Fonts) -> None:
    """From the top down: call, name, code, address in letters, what it is for; at the foot what was assessed."""
    page, width = sheet.page, A4[0] - 2 * MARGIN
    pen = _Pen(canvas, fonts, A4[1] - 16 * mm)
    pen.text(sheet.call, "bold", (48, 40, 32), width, 2, leading=1.1)
    pen.text(sheet.second_line, "regular", (24, 20), width, 1, colour=SOFT)
    pen.gap(2.5 * mm)
    pen.text(page.name, "bold", (20, 18, 16, 14, 12, 10.5), width, 4, leading=1.2)
    pen.text(page.place_line, "regular", (14, 12, 10.5), width, 2, leading=1.25)
    pen.gap(3 * mm)
    foot = _foot_height(page)
    side = min(QR_SIDE, pen.y - foot - 52 * mm)
    _draw_code(canvas, sheet, (A4[0] - side) / 2, pen.y - side, side)
    pen.y -= side + 1 * mm
    pen.text(sheet.how, "regular", (15, 13), width, 1)
    pen.gap(1.5 * mm)
    pen.text(page.typed_address, "bold", (24, 20, 17, 14, 12), width, 1)
    pen.gap(2 * mm)
    for line in sheet.why:
        pen.text(line, "regular", (14, 12), width, 1, leading=1.35)
    _draw_foot(canvas, page, fonts, width)


def _foot_height(page: PosterPage) -> float:
    return 14 * mm + 7 * mm * (bool(page.score_line) + bool(page.plan_line)) + 9 * mm


def _draw_foot(canvas: Canvas, page: PosterPage, fonts: Fonts, width: float) -> None:
    pen = _Pen(canvas, fonts, _foot_height(page))
    lines = [line for line in (page.score_line, page.plan_line) if line]
    if lines:
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.6)
        canvas.line(MARGIN, pen.y + 2 * mm, A4[0] - MARGIN, pen.y + 2 * mm)
    for line in lines:
        pen.text(line, "regular", (14, 12, 10.5), width, 1, leading=1.4)
    pen.gap(1 * mm)
    pen.text(page.technical_line, "regular", (9, 8), width, 2, colour=SOFT, leading=1.3)


def _draw_code(canvas: Canvas, sheet: Sheet, left: float, bottom: float, side: float) -> None:
    """Dark modules as filled rectangles, one a horizontal run, in one path."""
    module = side / sheet.page.qr_size
    path = canvas.beginPath()
    for column, row, length in sheet.runs:
        path.rect(left + column * module, bottom + side - (row + 1) * module, length * module, module)
    canvas.setFillColor(INK)
    canvas.drawPath(path, stroke=0, fill=1)


class _Pen:
    """Writes centred lines from the top down; `y` is the upper edge of what comes next, in points from the bottom."""

    def __init__(self, canvas: Canvas, fonts: Fonts, y: float) -> None:
        self._canvas, self._fonts, self.y = canvas, fonts, y

    def gap(self, height: float) -> None:
        self.y -= height

    def text(
        self,
        text: str,
        weight: str,
        sizes: tuple[float, ...],
        width: float,
        most: int,
        *,
        leading: float = 1.3,
        colour: Color = INK,
    ) -> None:
        if not text:
            return
        size, lines = self._fonts.fit(text, weight, sizes, width, most)
        self._canvas.setFillColor(colour)
        for line in lines:
            self.y -= size * leading
            left = (A4[0] - line.width) / 2
            for font, part in line.pieces:
                self._canvas.setFont(font, size)
                self._canvas.drawString(left, self.y + size * (leading - 1), part)
                left += pdfmetrics.stringWidth(part, font, size)
