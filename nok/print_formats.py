"""What hangs on a wall and on which sheets it is printed, as `content/print.yaml` describes it. Pure: text in, records out.

Lengths are millimetres, type sizes points.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nok.documents import nearest, parse_yaml, refuse_unknown
from nok.errors import ConfigError, UsageError
from nok.vocabulary import Texts, as_list, as_text, as_texts

SAYINGS = (
    *("call", "how", "why", "then", "call2", "how2", "why2"),
    *("name", "title", "official", "place", "typed", "score", "plan", "stand", "responsible"),
)
"""What a format may say; a 2 means the second language."""

SHAPES = {"column": ("above", "below", "foot"), "side": ("beside",)}
"""Where a code stands, and the areas of text that such a format has."""

STICKER = "sticker"
LEAST_TYPE, MOST_TYPE = 4.0, 400.0
MOST_LENGTH = 2000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One text of a format. `sizes` fall; `leading` is the height of a line in sizes; `before` the gap above.

    `is_marked` puts the colour of the band beside it.
    """

    say: str
    sizes: tuple[float, ...]
    lines: int
    is_bold: bool = False
    is_soft: bool = False
    is_marked: bool = False
    leading: float = 1.3
    before: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One thing to hang up: `width` × `height` of a panel; of two panels the second is the first, turned about its foot.

    `code_most` and `code_least` bound the side of the code, quiet zone included.
    """

    id: str
    title: Texts
    width: float
    height: float
    panels: int
    margin: float
    shape: str
    code_most: float
    code_least: float
    areas: Mapping[str, tuple[Saying, ...]]

    @property
    def whole_height(self) -> float:
        """The height of all its panels together."""
        return self.height * self.panels

    def says(self, name: str) -> bool:
        return any(saying.say == name for sayings in self.areas.values() for saying in sayings)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSheet:
    """A sheet that holds `columns` × `rows` of one format; `left` and `top` are where the first one begins."""

    id: str
    title: Texts
    format: Format
    width: float
    height: float
    columns: int
    rows: int
    left: float
    top: float
    step_x: float
    step_y: float

    @property
    def labels(self) -> int:
        return self.columns * self.rows

    def corner(self, number: int) -> tuple[float, float]:
        """(from the left edge, from the upper edge) of the upper left corner of a label; they are counted row by row."""
        row, column = divmod(number, self.columns)
        return self.left + column * self.step_x, self.top + row * self.step_y


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintFormats:
    """All formats and sheets by their names; `sticker` is the sheet that is meant where none is named."""

    formats: Mapping[str, Format]
    sheets: Mapping[str, LabelSheet]
    sticker: str

    def choose(self, format_name: str, sheet_name: str) -> tuple[Format, LabelSheet | None]:
        """What a command asks for; `sticker` takes the format of its sheet, and the usual sheet where none is named.

        Raises:
            UsageError: a name that is not there, or a sheet of another format.
        """
        if sheet_name and sheet_name not in self.sheets:
            raise UsageError(
                "print-unknown-sheet",
                name=sheet_name,
                similar=nearest(sheet_name, self.sheets),
                known=tuple(self.sheets),
            )
        if format_name == STICKER:
            sheet = self.sheets[sheet_name or self.sticker]
            return sheet.format, sheet
        if format_name not in self.formats:
            known = (*self.formats, STICKER)
            raise UsageError("print-unknown-format", name=format_name, similar=nearest(format_name, known), known=known)
        chosen = self.formats[format_name]
        if not sheet_name:
            return chosen, None
        sheet = self.sheets[sheet_name]
        if sheet.format is not chosen:
            fitting = [name for name, one in self.sheets.items() if one.format is chosen]
            raise UsageError(
                "sheet-of-another-format",
                sheet_name=sheet_name,
                format=sheet.format.id,
                format_name=format_name,
                known=tuple(fitting),
            )
        return chosen, sheet


def parse_print_formats(text: str, source: str) -> PrintFormats:
    """The formats and sheets written in `text`.

    Raises:
        ConfigError: an unknown key, a length that no paper has, a format or a sheet that cannot be drawn.
    """
    found = parse_yaml(text, source)
    refuse_unknown(found, ("formats", "sheets", "sticker"), source)
    formats = {
        name: _format(name, row, f"{source}: format '{name}'")
        for name, row in _mapping(found.get("formats"), f"{source}: formats").items()
    }
    if STICKER in formats:
        raise ConfigError("print-format-reserved", place=source, sticker=STICKER)
    sheets = {
        name: _sheet(name, row, formats, f"{source}: sheet '{name}'")
        for name, row in _mapping(found.get("sheets"), f"{source}: sheets").items()
    }
    sticker = as_text(found.get("sticker"), f"{source}: sticker")
    if sticker not in sheets:
        raise ConfigError("print-sticker", place=source, sticker=sticker)
    return PrintFormats(formats=formats, sheets=sheets, sticker=sticker)


_NOTHING = "Nothing was done."
_FORMAT_KEYS = ("title", "size", "panels", "margin", "shape", "code")
_SHEET_KEYS = ("title", "format", "paper", "grid", "corner", "step")
_SAYING_KEYS = ("say", "sizes", "lines", "bold", "tone", "mark", "leading", "before")


def _format(name: str, row: Any, what: str) -> Format:
    shape = as_text(_mapping(row, what).get("shape"), f"{what}: shape")
    if shape not in SHAPES:
        raise ConfigError("print-shape", place=what, shape=shape, known=", ".join(SHAPES))
    refuse_unknown(row, (*_FORMAT_KEYS, *SHAPES[shape]), what)
    width, height = _pair(row.get("size"), f"{what}: size", least=10)
    code = _mapping(row.get("code"), f"{what}: code")
    refuse_unknown(code, ("most", "least"), f"{what}: code")
    most = _number(code.get("most"), f"{what}: code: most", least=10)
    margin = _number(row.get("margin"), f"{what}: margin")
    made = Format(
        id=name,
        title=as_texts(row.get("title"), f"{what}: title"),
        width=width,
        height=height,
        panels=int(_number(row.get("panels", 1), f"{what}: panels", least=1, most=2)),
        margin=margin,
        shape=shape,
        code_most=most,
        code_least=_number(code.get("least"), f"{what}: code: least", least=10, most=most),
        areas={area: _sayings(row.get(area, []), f"{what}: {area}") for area in SHAPES[shape]},
    )
    if most > min(width, height) - 2 * margin:
        raise ConfigError("print-code-size", place=what, most=f"{most:g}")
    if not made.says("typed"):
        raise ConfigError("print-typed", place=what)
    return made


def _sayings(rows: Any, what: str) -> tuple[Saying, ...]:
    if not isinstance(rows, list):
        raise ConfigError("print-texts", place=what)
    return tuple(_saying(row, f"{what}, text {number}") for number, row in enumerate(rows, start=1))


def _saying(row: Any, what: str) -> Saying:
    refuse_unknown(_mapping(row, what), _SAYING_KEYS, what)
    say, tone = as_text(row.get("say"), f"{what}: say"), row.get("tone", "ink")
    if say not in SAYINGS:
        raise ConfigError("print-say", place=what, say=say, similar=nearest(say, SAYINGS), known=", ".join(SAYINGS))
    if tone not in ("ink", "soft"):
        raise ConfigError("print-tone", place=what, tone=tone)
    sizes = [
        _number(size, f"{what}: sizes", LEAST_TYPE, MOST_TYPE) for size in as_list(row.get("sizes"), f"{what}: sizes")
    ]
    if sizes != sorted(set(sizes), reverse=True):
        raise ConfigError("print-sizes", place=what, sizes=sizes)
    return Saying(
        say=say,
        sizes=tuple(sizes),
        lines=int(_number(row.get("lines"), f"{what}: lines", least=1, most=20)),
        is_bold=_yes(row.get("bold", False), f"{what}: bold"),
        is_soft=tone == "soft",
        is_marked=_yes(row.get("mark", False), f"{what}: mark"),
        leading=_number(row.get("leading", 1.3), f"{what}: leading", least=1, most=3),
        before=_number(row.get("before", 0), f"{what}: before"),
    )


def _sheet(name: str, row: Any, formats: Mapping[str, Format], what: str) -> LabelSheet:
    refuse_unknown(_mapping(row, what), _SHEET_KEYS, what)
    format_name = as_text(row.get("format"), f"{what}: format")
    if format_name not in formats:
        raise ConfigError("print-format", place=what, format_name=format_name, similar=nearest(format_name, formats))
    width, height = _pair(row.get("paper"), f"{what}: paper", least=10)
    columns, rows = _pair(row.get("grid"), f"{what}: grid", least=1, most=100)
    left, top = _pair(row.get("corner"), f"{what}: corner")
    step_x, step_y = _pair(row.get("step"), f"{what}: step")
    made = LabelSheet(
        id=name,
        title=as_texts(row.get("title"), f"{what}: title"),
        format=formats[format_name],
        width=width,
        height=height,
        columns=int(columns),
        rows=int(rows),
        left=left,
        top=top,
        step_x=step_x,
        step_y=step_y,
    )
    _check_sheet(made, what)
    return made


_HAIR = 0.01
"""Millimetres by which a sum of tenths may be off."""


def _check_sheet(sheet: LabelSheet, what: str) -> None:
    """Labels that overlap, or hang over the edge of the paper, would be found out on the printer."""
    last_x, last_y = sheet.corner(sheet.labels - 1)
    right, bottom = last_x + sheet.format.width, last_y + sheet.format.whole_height
    if right > sheet.width + _HAIR or bottom > sheet.height + _HAIR:
        raise ConfigError(
            "print-beyond-paper",
            place=what,
            right=f"{right:g}",
            bottom=f"{bottom:g}",
            width=f"{sheet.width:g}",
            height=f"{sheet.height:g}",
        )
    for step, size, number in (
        (sheet.step_x, sheet.format.width, sheet.columns),
        (sheet.step_y, sheet.format.whole_height, sheet.rows),
    ):
        if number > 1 and step < size - _HAIR:
            raise ConfigError("print-overlap", place=what, size=f"{size:g}", step=f"{step:g}")


# ---- values --------------------------------------------------------------------------------------------------------


def _number(value: Any, what: str, least: float = 0.0, most: float = MOST_LENGTH) -> float:
    """A whole number, or one with a point, which comes as text."""
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or not least <= number <= most:
        raise ConfigError("number-range", place=what, value=value, least=f"{least:g}", most=f"{most:g}")
    return number


def _pair(value: Any, what: str, least: float = 0.0, most: float = MOST_LENGTH) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise ConfigError("print-pair", place=what, value=value)
    return _number(value[0], what, least, most), _number(value[1], what, least, most)


def _yes(value: Any, what: str) -> bool:
    if not isinstance(value, bool):
        raise ConfigError("true-or-false", place=what, value=value)
    return value


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ConfigError("lines-expected", place=what)
    return value
