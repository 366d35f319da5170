"""A poster, a plate or a sticker as drawings: what is said, where, how large. Nothing leaves its box, for all is measured.

A format (`content/print.yaml`) gives the box; texts take the largest type that leaves the code its room. Lengths are points.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from nok.errors import ConfigError
from nok.print_formats import Format, LabelSheet, Saying
from nok.render.paper import BLACK, MM, Block, Book, Box, Code, Colour, Drawing, Fonts, Line
from nok.render.setting import NO_BREAK, Setter, SetText

INK: Colour = (0.086, 0.125, 0.18)
SOFT: Colour = (0.29, 0.345, 0.408)
BANDS: tuple[Colour, ...] = (
    *((0.843, 0.098, 0.11), (0.992, 0.682, 0.38), (1.0, 1.0, 0.749)),
    *((0.671, 0.851, 0.914), (0.173, 0.482, 0.714)),
)
"""The colours of the five bands, from the lowest; safe for colour-blind readers, and never without the word."""

LEAST_MODULE = 0.5 * MM
"""A finer module is not read from a worn sticker."""

_GAP = 2.2 * MM
"""Between the code and the texts beside, above and below it."""

_SECOND = frozenset(("call2", "how2", "why2"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """What one poster says. `names` are the full name and, where there is one, the short one: as a `name` they are tried in
    this order until one fits, and the last of them is cut rather than refused.

    `texts` are by the names that formats know (`nok.print_formats.SAYINGS`), names left out; `level` is the band of the
    score from 1, or 0; `runs` and `modules` are the code, `alt` what is heard instead of it.
    """

    names: tuple[str, ...]
    texts: Mapping[str, str]
    level: int
    modules: int
    runs: tuple[tuple[int, int, int], ...]
    alt: str
    second_language: str = ""


@dataclass(frozen=True, slots=True)
class _Set:
    """A saying with its text set in lines."""

    saying: Saying
    text: SetText

    @property
    def height(self) -> float:
        return self.saying.before * MM + len(self.text.lines) * self.text.size * self.saying.leading


class PosterLayout:
    """Lays posters of one format out."""

    def __init__(self, chosen: Format, fonts: Fonts, *, is_black: bool = False) -> None:
        """`is_black` leaves all colours and greys out, for printers that have none."""
        self._format, self._fonts, self._setter = chosen, fonts, Setter(fonts)
        self._ink, self._soft = (BLACK, BLACK) if is_black else (INK, SOFT)
        self._is_black = is_black
        self._width, self._height = chosen.width * MM, chosen.height * MM
        self._margin = chosen.margin * MM

    @property
    def _inner(self) -> tuple[float, float]:
        return self._width - 2 * self._margin, self._height - 2 * self._margin

    def draw(self, poster: Poster) -> list[Drawing]:
        """The drawings of one panel, its lower left at (0, 0), in the order in which they are read.

        Raises:
            ConfigError: the address is too long for this format: its code would be too fine, or its letters too small.
        """
        drawings = self._column(poster) if self._format.shape == "column" else self._side(poster)
        self._refuse_overflow(drawings)
        return drawings

    # -- a code between texts ----------------------------------------------------------------------------------------

    def _column(self, poster: Poster) -> list[Drawing]:
        width, height = self._inner
        most, least = self._format.code_most * MM, self._format.code_least * MM
        for step in range(self._steps):
            areas = {name: self._set(sayings, poster, width, step) for name, sayings in self._format.areas.items()}
            gaps = _GAP * sum(bool(area) for area in areas.values())
            side = min(most, width, height - gaps - sum(item.height for item in chain.from_iterable(areas.values())))
            if side >= least or step == self._steps - 1:
                break
        side = max(side, 1.0)
        above, below, foot = (areas.get(name, []) for name in ("above", "below", "foot"))
        pen = _Pen(self._fonts, self._width / 2, self._height - self._margin)
        drawings = list(self._write(pen, above, poster))
        foot_top = self._margin + sum(item.height for item in foot)
        # What is left over is shared out above and below the code and the texts that belong to it.
        used = side + _GAP * bool(below) + sum(item.height for item in below)
        pen.y -= max(0.0, (pen.y - foot_top - _GAP * bool(foot) - used) / 2)
        drawings.append(self._code(poster, (self._width - side) / 2, pen.y - side, side))
        pen.y -= side + _GAP * 0.4
        drawings += self._write(pen, below, poster)
        if foot:
            pen.y = foot_top
            drawings.append(Box(x=self._margin, y=foot_top + _GAP / 2, width=width, height=0))
            drawings += self._write(pen, foot, poster)
        return drawings

    # -- a code beside texts -----------------------------------------------------------------------------------------

    def _side(self, poster: Poster) -> list[Drawing]:
        width, height = self._inner
        side = min(self._format.code_most * MM, height)
        beside = self._format.areas["beside"]
        for step in range(self._steps):
            items = self._set(beside, poster, width - side - _GAP, step)
            used = sum(item.height for item in items)
            if used <= height:
                break
        code = self._code(poster, self._margin, self._margin + (height - side) / 2, side)
        pen = _Pen(self._fonts, self._margin + side + _GAP, self._height - self._margin - max(0.0, height - used) / 2)
        pen.is_centred = False
        written = list(self._write(pen, items, poster))
        # What the code is for is heard first, then the code, then the address for those who cannot scan it.
        first = sum(item.saying.say in ("call", "call2", "name", "place") for item in items)
        return [*written[:first], code, *written[first:]]

    # -- parts -------------------------------------------------------------------------------------------------------

    @property
    def _steps(self) -> int:
        """How often all texts together can be made smaller."""
        return max(len(saying.sizes) for sayings in self._format.areas.values() for saying in sayings)

    def _set(self, sayings: Sequence[Saying], poster: Poster, width: float, step: int) -> list[_Set]:
        """Every saying that has something to say, in type of at most its size number `step`."""
        found = []
        for saying in sayings:
            sizes = saying.sizes[min(step, len(saying.sizes) - 1) :]
            text = self._set_one(saying, poster, width - self._mark_room(saying, poster), sizes)
            if text is not None:
                found.append(_Set(saying, text))
        return found

    def _set_one(self, saying: Saying, poster: Poster, width: float, sizes: tuple[float, ...]) -> SetText | None:
        weight = "bold" if saying.is_bold else "regular"
        texts = self._texts(saying, poster, width / sizes[0], weight)
        is_address = saying.say == "typed"
        for text in texts:
            found = self._setter.fit(text, weight, sizes[: len(sizes) // 2], width, 1, True) if is_address else None
            found = found or self._setter.fit(text, weight, sizes, width, saying.lines, is_address)
            if found is not None:
                return found
        if is_address:
            raise ConfigError("poster-address-long", value=texts[0], format=self._format.id)
        if not texts or saying.say == "official":
            return None
        return self._setter.cut(texts[-1], weight, sizes[-1], width, saying.lines)

    def _texts(self, saying: Saying, poster: Poster, room: float, weight: str) -> tuple[str, ...]:
        """What may be said, the best first."""
        if saying.say == "name":
            return poster.names
        if saying.say == "title":
            return poster.names[-1:]
        if saying.say == "official":
            is_other = len(poster.names) > 1 or len(poster.names[0]) > _LONG_TITLE
            return poster.names[:1] if is_other else ()
        return tuple(filter(None, [self._said(saying, poster, room, weight)]))

    def _said(self, saying: Saying, poster: Poster, room: float, weight: str) -> str:
        """A text; one that ends with a colon is to be completed by hand, and gets a line to write on."""
        text = poster.texts.get(saying.say, "")
        if not text.endswith(":"):
            return text
        left = min(room, _LONGEST_BLANK) - self._fonts.width(f"{text} ", weight)
        return f"{text}{NO_BREAK}{'_' * max(6, int(left / self._fonts.width('_', weight)))}"

    def _mark_room(self, saying: Saying, poster: Poster) -> float:
        return saying.sizes[0] * 1.2 if saying.is_marked and self._has_mark(poster) else 0.0

    def _has_mark(self, poster: Poster) -> bool:
        return 1 <= poster.level <= len(BANDS) and not self._is_black

    def _write(self, pen: "_Pen", items: Sequence[_Set], poster: Poster) -> Iterator[Drawing]:
        for item in items:
            saying = item.saying
            is_marked = saying.is_marked and self._has_mark(poster)
            lines = pen.lines(item, indent=item.text.size * 1.1 if is_marked else 0.0)
            yield Block(
                tag="H1" if saying.say == "call" else "P",
                lines=lines,
                size=item.text.size,
                weight="bold" if saying.is_bold else "regular",
                colour=self._soft if saying.is_soft else self._ink,
                language=poster.second_language if saying.say in _SECOND else "",
            )
            if is_marked:
                side = item.text.size * 0.72
                first = lines[0]
                yield Box(
                    x=first.x - item.text.size * 1.1,
                    y=first.y,
                    width=side,
                    height=side,
                    fill=BANDS[poster.level - 1],
                )

    def _code(self, poster: Poster, x: float, y: float, side: float) -> Code:
        if side / poster.modules < LEAST_MODULE:
            raise ConfigError(
                "poster-code-small",
                typed=poster.texts.get("typed", ""),
                width=f"{side / poster.modules / MM:.2f}",
                format=self._format.id,
                least=f"{LEAST_MODULE / MM:g}",
            )
        return Code(x=x, y=y, side=side, modules=poster.modules, runs=poster.runs, alt=poster.alt)

    def _refuse_overflow(self, drawings: Sequence[Drawing]) -> None:
        """A format whose texts do not fit even in its smallest type is a fault of the format, told before anything is printed."""
        for drawing in drawings:
            left, bottom, right, top = extent(drawing, self._fonts)
            if left < -_HAIR or bottom < -_HAIR or right > self._width + _HAIR or top > self._height + _HAIR:
                raise ConfigError("poster-texts", format=self._format.id)


_HAIR = 0.05
_LONG_TITLE = 150
"""Characters of a full name that may have been cut above."""
_LONGEST_BLANK = 30.0
"""A line to write on, with the words before it, in sizes."""


class _Pen:
    """Writes lines from the top down; `y` is the upper edge of what comes next."""

    def __init__(self, fonts: Fonts, x: float, y: float) -> None:
        """`x` is the middle of the lines, or their left edge where they are not centred."""
        self._fonts, self._x, self.y = fonts, x, y
        self.is_centred = True

    def lines(self, item: _Set, indent: float) -> tuple[Line, ...]:
        """Places a text, whose lines are moved to the right by `indent` (all of it where they begin at the left)."""
        size, height = item.text.size, item.text.size * item.saying.leading
        self.y -= item.saying.before * MM
        lines = []
        for text, width in item.text.lines:
            middle = self.y - height / 2
            x = self._x + indent / 2 - width / 2 if self.is_centred else self._x + indent
            baseline = middle - (self._fonts.ascent - self._fonts.descent) / 2 * size
            lines.append(Line(x=x, y=baseline, width=width, text=text))
            self.y -= height
        return tuple(lines)


def extent(drawing: Drawing, fonts: Fonts) -> tuple[float, float, float, float]:
    """(left, bottom, right, top) of what a drawing takes, letters by the height of their font."""
    if isinstance(drawing, Block):
        return (
            min(line.x for line in drawing.lines),
            min(line.y for line in drawing.lines) - fonts.descent * drawing.size,
            max(line.x + line.width for line in drawing.lines),
            max(line.y for line in drawing.lines) + CAPITALS * drawing.size,
        )
    if isinstance(drawing, Code):
        return drawing.x, drawing.y, drawing.x + drawing.side, drawing.y + drawing.side
    return drawing.x, drawing.y, drawing.x + drawing.width, drawing.y + drawing.height


CAPITALS = 0.72
"""The height of capitals in sizes; above them only the marks of Ё and Й reach."""


# ---- on paper ------------------------------------------------------------------------------------------------------


class Press:
    """Puts posters on pages: each on its own, or many on a sheet of labels."""

    def __init__(
        self,
        book: Book,
        layout: PosterLayout,
        chosen: Format,
        sheet: LabelSheet | None,
        *,
        offset: tuple[float, float] = (0.0, 0.0),
        skip: int = 0,
        is_cut: bool = False,
    ) -> None:
        """`offset` moves everything on a sheet by so many millimetres to the right and down; `skip` labels stay empty."""
        self._book, self._layout, self._format, self._sheet = book, layout, chosen, sheet
        self._offset, self._next, self._is_cut = offset, skip, is_cut
        self._is_open = False

    def print(self, poster: Poster) -> tuple[int, int]:
        """Puts the next poster down; (page from 1, label on it from 0)."""
        drawings = self._layout.draw(poster)
        if self._sheet is None:
            self._book.begin(self._format.width * MM, self._format.whole_height * MM, is_cut=self._is_cut)
            self._put(drawings, 0.0, 0.0)
            self._book.end()
            return self._book.pages, 0
        return self._print_label(self._sheet, drawings)

    def _print_label(self, sheet: LabelSheet, drawings: Sequence[Drawing]) -> tuple[int, int]:
        if not self._is_open:
            self._book.begin(sheet.width * MM, sheet.height * MM)
            self._is_open = True
        label = self._next % sheet.labels
        left, top = sheet.corner(label)
        x, y = left + self._offset[0], sheet.height - top - self._offset[1] - self._format.whole_height
        self._put(drawings, x * MM, y * MM)
        self._next += 1
        page = self._book.pages + 1
        if self._next % sheet.labels == 0:
            self.close()
        return page, label

    def _put(self, drawings: Sequence[Drawing], x: float, y: float) -> None:
        """One thing with all its panels; the second of a tent stands on its head above the first, and is not read again."""
        self._book.put(drawings, x, y)
        if self._format.panels == 2:
            width, height = self._format.width * MM, self._format.height * MM
            self._book.put(drawings, x + width, y + 2 * height, turned=True, heard=False)
            tick = 4 * MM
            edges = [Box(x=at, y=height, width=tick, height=0, stroke=0.3) for at in (0.0, width - tick)]
            self._book.put(edges, x, y, heard=False)

    def close(self) -> None:
        """Ends the sheet that is not full."""
        if self._is_open:
            self._book.end()
            self._is_open = False


def calibration_page(
    book: Book, sheet: LabelSheet, fonts: Fonts, words: Sequence[str], offset: tuple[float, float] = (0.0, 0.0)
) -> None:
    """A sheet with the outline of every label, a cross in its middle, and rulers of 50 mm; `words` say what to do with it."""
    book.begin(sheet.width * MM, sheet.height * MM)
    width, height = sheet.format.width * MM, sheet.format.whole_height * MM
    boxes: list[Drawing] = []
    for label in range(sheet.labels):
        left, top = sheet.corner(label)
        x, y = (left + offset[0]) * MM, (sheet.height - top - offset[1]) * MM - height
        boxes.append(Box(x=x, y=y, width=width, height=height, stroke=0.25))
        middle_x, middle_y, arm = x + width / 2, y + height / 2, 2 * MM
        if label:  # in the first one stands what to do
            boxes.append(Box(x=middle_x - arm, y=middle_y, width=2 * arm, height=0, stroke=0.25))
            boxes.append(Box(x=middle_x, y=middle_y - arm, width=0, height=2 * arm, stroke=0.25))
    left, top = sheet.corner(0)
    corner = (left + offset[0]) * MM, (sheet.height - top - offset[1]) * MM
    book.put([*boxes, *_rulers(sheet.format, *corner)], heard=False)
    book.put(_paragraphs(sheet.format, fonts, words, *corner))
    book.end()


RULER = 50


def _rulers(chosen: Format, left: float, top: float) -> Iterator[Box]:
    """Two rulers in the first label: `RULER` millimetres across and down, or what it has room for."""
    x, y = left + 3 * MM, top - 3 * MM
    across, down = (min(RULER, int(length) - 6) for length in (chosen.width, chosen.whole_height))
    yield Box(x=x, y=y, width=across * MM, height=0, stroke=0.4)
    yield Box(x=x, y=y - down * MM, width=0, height=down * MM, stroke=0.4)
    for number in range(1, max(across, down) + 1):
        length = (2.0 if number % 10 == 0 else 1.2 if number % 5 == 0 else 0.7) * MM
        if number <= across:
            yield Box(x=x + number * MM, y=y - length, width=0, height=length, stroke=0.25)
        if number <= down:
            yield Box(x=x, y=y - number * MM, width=length, height=0, stroke=0.25)


def _paragraphs(chosen: Format, fonts: Fonts, words: Sequence[str], left: float, top: float) -> Iterator[Block]:
    """What to do with the sheet, in its first label below the ruler, as small as it must be."""
    setter = Setter(fonts)
    width, room = (chosen.width - 9) * MM, (chosen.whole_height - 8) * MM
    for size in (10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.5, 4.0):
        texts = [setter.cut(said, "regular", size, min(width, 150 * MM), _MOST_LINES) for said in words]
        if sum(len(text.lines) for text in texts) * size * 1.25 + len(texts) * 2 <= room:
            break
    y = top - 6 * MM
    for number, text in enumerate(texts):
        lines = []
        for line, wide in text.lines:
            y -= text.size * 1.25
            lines.append(Line(x=left + 7 * MM, y=y, width=wide, text=line))
        yield Block(tag="P" if number else "H1", lines=tuple(lines), size=text.size, weight="regular")
        y -= 2


_MOST_LINES = 12
