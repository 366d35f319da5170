"""Vector PDFs of texts and codes, tagged so that a screen reader reads them: the only place that knows reportlab.

Fonts are embedded as subsets; Golos Text lacks a few letters of the languages of Russia, so PT Sans stands behind it,
letter by letter. The same drawings give the same bytes on any day. All lengths are points, from the lower left upwards.

The library writes no tags. Few are needed here (a heading, paragraphs, a figure), so the tree is written as the standard says
(ISO 32000-1, 14.7 and 14.8; ISO 14289-1, PDF/UA-1): marked pieces on the page, an element for each of them in the tree, and
the way back from page to element.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from reportlab import rl_config
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from nok.errors import ConfigError

rl_config.useA85 = 0  # page streams as they are, not written out in letters: a fifth smaller, and quicker

MM = 72 / 25.4
"""Points in a millimetre."""

Colour = tuple[float, float, float]
"""Red, green, blue, each from 0 to 1."""

BLACK: Colour = (0.0, 0.0, 0.0)

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


# ---- what can be drawn ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a text; `y` is its baseline, `width` what it takes."""

    x: float
    y: float
    width: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading (`H1`) or a paragraph (`P`) in one size and colour; `language` where it is not the document's."""

    tag: str
    lines: tuple[Line, ...]
    size: float
    weight: str
    colour: Colour = BLACK
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A square of `modules` on a side; `runs` are (column, row, length) of the dark ones from the upper left.

    `alt` is what a screen reader says instead.
    """

    x: float
    y: float
    side: float
    modules: int
    runs: tuple[tuple[int, int, int], ...]
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A filled square with an outline, or a line where `width` or `height` is zero. Nobody need hear of it."""

    x: float
    y: float
    width: float
    height: float
    fill: Colour | None = None
    stroke: float = 0.6


Drawing = Block | Code | Box


# ---- fonts ---------------------------------------------------------------------------------------------------------


class Fonts:
    """The fonts of everything printed, registered once; they measure texts before anything is drawn."""

    def __init__(self, node_modules: Path) -> None:
        """Raises `ConfigError` where a font is not installed."""
        self._fonts: dict[str, list[Any]] = {}
        for weight, files in _FONTS.items():
            self._fonts[weight] = [
                _registered(f"nok-{weight}-{number}", node_modules / file) for number, file in enumerate(files)
            ]
        self._chars = {weight: _Chars(fonts) for weight, fonts in self._fonts.items()}
        face = self._fonts["regular"][0].face
        self.first: str = self._fonts["regular"][0].fontName
        self.ascent, self.descent = face.ascent / 1000, -face.descent / 1000
        """How far letters reach above and below the baseline, in sizes."""

    def width(self, text: str, weight: str) -> float:
        """The width of `text` at size 1; a letter that no font has takes no room and is not drawn."""
        chars = self._chars[weight]
        return sum([chars[char][1] for char in text])

    def pieces(self, text: str, weight: str) -> list[tuple[Any, str]]:
        """`text` cut by the font that has its letters."""
        chars, fonts = self._chars[weight], self._fonts[weight]
        return [
            (fonts[number], "".join(group))
            for number, group in groupby(text, key=lambda char: chars[char][0])
            if number >= 0
        ]


class _Chars(dict[str, tuple[int, float]]):
    """Letter to (number of the first font that has it, width at size 1); (-1, 0) where none has."""

    def __init__(self, fonts: Sequence[Any]) -> None:
        super().__init__()
        self._fonts = fonts

    def __missing__(self, char: str) -> tuple[int, float]:
        code = 32 if char == "\u00a0" else ord(char)
        found = (
            (number, font.face.charWidths[code] / 1000)
            for number, font in enumerate(self._fonts)
            if code in font.face.charToGlyph
        )
        self[char] = next(found, (-1, 0.0))
        return self[char]


def _registered(name: str, file: Path) -> Any:
    if name not in pdfmetrics.getRegisteredFontNames():
        try:
            pdfmetrics.registerFont(TTFont(name, str(file), asciiReadable=False))
        except (TTFError, OSError) as error:
            raise ConfigError("font-missing", place=file) from error
    return pdfmetrics.getFont(name)


# ---- the file ------------------------------------------------------------------------------------------------------

BLEED = 3 * MM
BORDER = 10 * MM
"""What stands around a page that is cut after printing: the bleed, and the crop marks beyond it."""


class Book:
    """A PDF that grows page by page: `begin`, `put` as often as needed, `end`; `content` at last."""

    def __init__(self, fonts: Fonts, title: str, language: str) -> None:
        self._fonts, self._title, self._language = fonts, title, language
        self._buffer = io.BytesIO()
        self._canvas = _canvas(self._buffer, fonts, language)
        self._tree = _Tree(self._canvas._doc, language)
        self._border = 0.0
        self.pages = 0

    def begin(self, width: float, height: float, *, is_cut: bool = False) -> None:
        """A page of `width` × `height`; `is_cut` puts bleed and crop marks around it, for a print shop."""
        self._border = BORDER if is_cut else 0.0
        self._size = width, height
        self._canvas.setPageSize((width + 2 * self._border, height + 2 * self._border))

    def put(
        self, drawings: Iterable[Drawing], x: float = 0.0, y: float = 0.0, *, turned: bool = False, heard: bool = True
    ) -> None:
        """Draws with the lower left at (x, y), or `turned` by a half with the upper right there.

        What is not `heard` is decoration: the same again on the back of a tent, the outlines of labels.
        """
        turn = "-1 0 0 -1" if turned else "1 0 0 1"
        code = [f"q {turn} {x + self._border:.3f} {y + self._border:.3f} cm"]
        if heard:
            self._tree.open_part()
        for drawing in drawings:
            is_told = heard and not isinstance(drawing, Box)
            code.append(self._tree.open(drawing) if is_told and not isinstance(drawing, Box) else "/Artifact BMC")
            code += self._drawn(drawing)
            code.append("EMC")
        code.append("Q")
        self._canvas._code += code

    def end(self) -> None:
        """Closes the page."""
        width, height = self._size
        if self._border:
            self._mark_corners(width, height)
        self._canvas.showPage()
        document = self._canvas._doc
        page = document.Pages.pages[-1]
        page.Trans = page.Rotate = None  # which say nothing here
        if self._border:
            page.TrimBox = pdfdoc.PDFArray(_box(self._border, width, height))
            page.BleedBox = pdfdoc.PDFArray(_box(self._border, width, height, BLEED))
        self._tree.close_page(page)
        self.pages += 1

    def bring_forward(self, first: int) -> None:
        """The pages from number `first` (from 0) on become the first ones; each of them must hold one part."""
        document = self._canvas._doc
        pages = document.Pages.pages
        number = len(pages) - first
        pages[:] = pages[first:] + pages[:first]
        self._tree.bring_forward(number)

    def _mark_corners(self, width: float, height: float) -> None:
        """Marks beyond the bleed, where the sheet is to be cut."""
        left, bottom, right, top = _box(self._border, width, height)
        near, far = BLEED + 1 * MM, self._border - 1 * MM
        code = ["q 0.3 w 0 G /Artifact BMC"]
        code += [
            f"{x + away * near:.3f} {y:.3f} m {x + away * far:.3f} {y:.3f} l S"
            for x, away in ((left, -1), (right, 1))
            for y in (bottom, top)
        ]
        code += [
            f"{x:.3f} {y + away * near:.3f} m {x:.3f} {y + away * far:.3f} l S"
            for y, away in ((bottom, -1), (top, 1))
            for x in (left, right)
        ]
        self._canvas._code += [*code, "EMC Q"]

    def content(self) -> bytes:
        """The whole file; nothing can be added any more."""
        document = self._canvas._doc
        self._canvas.setTitle(self._title)
        self._canvas.setCreator("nok")
        self._canvas.setAuthor("")
        self._canvas.setSubject("")
        self._tree.close()
        catalog = document.Catalog
        catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": pdfdoc.PDFtrue})
        catalog.ViewerPreferences = pdfdoc.PDFDictionary({"DisplayDocTitle": pdfdoc.PDFtrue})
        catalog.Metadata = pdfdoc.XMP(creator=lambda _: _xmp(self._title, self._language).encode())
        self._canvas.save()
        return self._buffer.getvalue()

    # -- pieces ------------------------------------------------------------------------------------------------------

    def _drawn(self, drawing: Drawing) -> list[str]:
        if isinstance(drawing, Block):
            return self._block(drawing)
        return self._code(drawing) if isinstance(drawing, Code) else self._box(drawing)

    def _block(self, block: Block) -> list[str]:
        code = [f"BT {_colour(block.colour)} rg"]
        for line in block.lines:
            code.append(f"1 0 0 1 {line.x:.3f} {line.y:.3f} Tm")
            for font, text in self._fonts.pieces(line.text, block.weight):
                for subset, chunk in font.splitString(text, self._canvas._doc):
                    name = font.getSubsetInternalName(subset, self._canvas._doc)
                    code.append(f"{name} {block.size:g} Tf ({self._canvas._escape(chunk)}) Tj")
        code.append("ET")
        return code

    def _code(self, code: Code) -> list[str]:
        """Dark modules as rectangles, one a horizontal run, in a grid whose unit is a module."""
        module = code.side / code.modules
        return [
            f"q {module:.5f} 0 0 {-module:.5f} {code.x:.3f} {code.y + code.side:.3f} cm 0 g",
            " ".join([f"{column} {row} {length} 1 re" for column, row, length in code.runs]),
            "f Q",
        ]

    def _box(self, box: Box) -> list[str]:
        frame = f"q {box.stroke:g} w 0 G {box.x:.3f} {box.y:.3f}"
        if not (box.width and box.height):
            return [f"{frame} m {box.x + box.width:.3f} {box.y + box.height:.3f} l S Q"]
        fill = f"{_colour(box.fill)} rg" if box.fill else ""
        return [f"{fill} {frame} {box.width:.3f} {box.height:.3f} re {'B' if fill else 'S'} Q".strip()]


def _canvas(buffer: io.BytesIO, fonts: Fonts, language: str) -> Any:
    """The library's file; of any type, since what its pages are made of is behind its public face."""
    first: Any = fonts.first  # the stubs take the name of the font for a size
    return Canvas(buffer, invariant=1, lang=language, initialFontName=first, pageCompression=1, pdfVersion=(1, 7))


def _box(border: float, width: float, height: float, more: float = 0.0) -> list[float]:
    """(left, bottom, right, top) of the page inside its border, wider by `more`."""
    return [
        round(number, 3) for number in (border - more, border - more, border + width + more, border + height + more)
    ]


def _colour(colour: Colour) -> str:
    return " ".join(f"{part:.3g}" for part in colour)


def _xmp(title: str, language: str) -> str:
    """The metadata by which a checker knows what the file claims to be: PDF/UA-1, and a title."""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">\n<pdfuaid:part>1</pdfuaid:part>\n'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>\n'
        f"<dc:language><rdf:Bag><rdf:li>{escape(language)}</rdf:li></rdf:Bag></dc:language>\n"
        '</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>'
    )


# ---- the tree of tags ----------------------------------------------------------------------------------------------


class _Element(pdfdoc.PDFObject):
    """An element of the tree: an object of its own in the file, whose text is made when all it names has a number."""

    __RefOnly__ = 1

    def __init__(self, document: Any, text: str = "") -> None:
        self.text = text
        document.Reference(self)
        self.reference = _reference(document, self)

    def format(self, document: Any) -> bytes:  # noqa: ARG002  the library's signature
        return self.text.encode("latin-1")


def _reference(document: Any, item: Any) -> str:
    return f"{document.idToObjectNumberAndVersion[item.__InternalName__][0]} 0 R"


class _Tree:
    """Root, document, a part for each poster, an element for each of its texts and its code."""

    def __init__(self, document: Any, language: str) -> None:
        self._document, self._language = document, language
        self._root = _Element(document)
        self._whole = _Element(document)
        self._parts: list[str] = []
        self._open: list[list[tuple[str, str]]] = []
        """The parts of the page that is being drawn: (type, what else an element says) of each of their pieces."""
        self._pages: list[str] = []
        """The elements of each closed page, as a list in the file's language."""

    def open_part(self) -> None:
        self._open.append([])

    def open(self, drawing: Block | Code) -> str:
        """The mark that opens a piece on the page."""
        number = sum(map(len, self._open))
        tag = "Figure" if isinstance(drawing, Code) else drawing.tag
        self._open[-1].append((tag, self._said_of(drawing)))
        return f"/{tag} <</MCID {number}>> BDC"

    def _said_of(self, drawing: Block | Code) -> str:
        if isinstance(drawing, Code):
            box = [drawing.x, drawing.y, drawing.x + drawing.side, drawing.y + drawing.side]
            corners = " ".join(f"{number:.1f}" for number in box)
            return f"/Alt {_text(drawing.alt)} /A <</O /Layout /Placement /Block /BBox [{corners}]>>"
        foreign = drawing.language and drawing.language != self._language
        return f"/Lang {_text(drawing.language)}" if foreign else ""

    def close_page(self, page: Any) -> None:
        """Makes the elements of a page and the way back from it to them."""
        place = _reference(self._document, page)
        elements: list[str] = []
        for pieces in self._open:
            part = _Element(self._document)
            kids = []
            for tag, said in pieces:
                text = f"<</Type /StructElem /S /{tag} /P {part.reference} /Pg {place} /K {len(elements)} {said}>>"
                kids.append(_Element(self._document, text).reference)
                elements.append(kids[-1])
            part.text = f"<</Type /StructElem /S /Sect /P {self._whole.reference} /K [{' '.join(kids)}]>>"
            self._parts.append(part.reference)
        page.__Defaults__ = {**page.__Defaults__, "StructParents": len(self._pages), "Tabs": pdfdoc.PDFName("S")}
        self._pages.append(f"[{' '.join(elements)}]")
        self._open = []

    def bring_forward(self, number: int) -> None:
        """The last so many parts are read first."""
        self._parts[:] = self._parts[-number:] + self._parts[:-number]

    def close(self) -> None:
        """Writes what names all pages."""
        ways = " ".join(f"{number} {elements}" for number, elements in enumerate(self._pages))
        back = _Element(self._document, f"<</Nums [{ways}]>>")
        self._whole.text = f"<</Type /StructElem /S /Document /P {self._root.reference} /K [{' '.join(self._parts)}]>>"
        self._root.text = (
            f"<</Type /StructTreeRoot /K [{self._whole.reference}] /ParentTree {back.reference} "
            f"/ParentTreeNextKey {len(self._pages)}>>"
        )
        self._document.Catalog.StructTreeRoot = self._root


def _text(said: str) -> str:
    """A text as the file writes it: UTF-16 with its mark, in hexadecimal, so that nothing in it can be taken for syntax."""
    return f"<{(chr(0xFEFF) + said).encode('utf-16-be').hex()}>"
