"""Printed pages read back by programs that had no part in making them: texts, boxes, tags, codes, and codes that suffered."""

import ctypes
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter

import publish

MM = 72 / 25.4


def make(out: Path, *arguments: str) -> int:
    """`publish.py posters` with these arguments."""
    return publish.main(["posters", *arguments, "--out", str(out), "--lang", "en"])


@contextmanager
def opened(pdf: Path) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        yield document
    finally:
        document.close()


def texts(pdf: Path) -> list[str]:
    """The text of each page on one line, no-break spaces plain."""
    with opened(pdf) as document:
        return [" ".join(page.get_textpage().get_text_bounded().replace("\u00a0", " ").split()) for page in document]


def pictures(pdf: Path, dpi: float = 150) -> list[Image.Image]:
    """Each page as a printer would draw it."""
    with opened(pdf) as document:
        return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]


def codes(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def codes_of(pdf: Path, dpi: float = 150) -> list[list[str]]:
    """What the codes of each page say."""
    return [codes(picture) for picture in pictures(pdf, dpi)]


def letter_boxes(pdf: Path, page: int) -> list[tuple[float, float, float, float]]:
    """(left, bottom, right, top) in millimetres of every letter of a page."""
    with opened(pdf) as document:
        text = document[page].get_textpage()
        boxes = [text.get_charbox(number) for number in range(text.count_chars())]
    return [tuple(edge / MM for edge in box) for box in boxes if box[2] > box[0] and box[3] > box[1]]  # type: ignore[misc]


def code_boxes(pdf: Path, page: int) -> list[tuple[float, float, float, float]]:
    """(left, bottom, right, top) in millimetres of the dark modules of every code of a page: each is one path."""
    found = []
    with opened(pdf) as document:
        for item in document[page].get_objects(max_depth=5):
            if item.type == pdfium.FPDF_PAGEOBJ_PATH:
                box = item.get_bounds()
                if box[2] - box[0] > 10 * MM and box[3] - box[1] > 10 * MM:
                    found.append(tuple(edge / MM for edge in box))
    return found  # type: ignore[return-value]


def page_sizes(pdf: Path) -> list[tuple[float, float]]:
    """(width, height) of each page in millimetres."""
    with opened(pdf) as document:
        return [(width / MM, height / MM) for width, height in (page.get_size() for page in document)]


def tags(pdf: Path, page: int = 0) -> list[tuple[str, str, str]]:
    """(tag, alternative text, language) of every element of a page's structure tree, in reading order."""
    found: list[tuple[str, str, str]] = []
    with opened(pdf) as document:
        tree = pdfium.FPDF_StructTree_GetForPage(document[page])
        try:
            for number in range(pdfium.FPDF_StructTree_CountChildren(tree)):
                _walk(pdfium.FPDF_StructTree_GetChildAtIndex(tree, number), found)
        finally:
            pdfium.FPDF_StructTree_Close(tree)
    return found


def _walk(element: object, found: list[tuple[str, str, str]]) -> None:
    said = (_said(call, element) for call in (pdfium.FPDF_StructElement_GetType, *_SAID))
    found.append(tuple(said))  # type: ignore[arg-type]
    for number in range(pdfium.FPDF_StructElement_CountChildren(element)):
        child = pdfium.FPDF_StructElement_GetChildAtIndex(element, number)
        if child:
            _walk(child, found)


_SAID = (pdfium.FPDF_StructElement_GetAltText, pdfium.FPDF_StructElement_GetLang)


def _said(call: Callable[..., int], element: object) -> str:
    length = call(element, None, 0)
    buffer = ctypes.create_string_buffer(max(length, 2))
    call(element, buffer, length)
    return buffer.raw[: max(length - 2, 0)].decode("utf-16-le")


# ---- what happens to a sheet on a wall -----------------------------------------------------------------------------


def blurred(picture: Image.Image) -> Image.Image:
    """A hand that moved: neighbouring dots run into each other."""
    return picture.filter(ImageFilter.GaussianBlur(1))


def rotated(picture: Image.Image) -> Image.Image:
    return picture.rotate(17, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)


def greyed(picture: Image.Image) -> Image.Image:
    """A tired toner on grey paper: black is 55 % grey and white is 85 %."""
    return picture.point(lambda value: 115 + value * 102 // 255)


def damaged(picture: Image.Image, seed: int = 8, spots: int = 3) -> Image.Image:
    """Spots, white and black in turn, that cover 5 % of the symbol; a corner square that is gone no code survives, so they lie
    elsewhere."""
    box = ImageChops.invert(picture).getbbox()
    assert box is not None
    left, top, right, _ = box
    width = right - left
    chance, spoilt, side, corner = random.Random(seed), picture.copy(), width * (0.05 / spots) ** 0.5, width * 8 / 29
    draw = ImageDraw.Draw(spoilt)
    for number in range(spots):
        while True:
            x, y = chance.uniform(0, width - side), chance.uniform(0, width - side)
            is_left, is_right, is_upper, is_lower = (
                x < corner,
                x + side > width - corner,
                y < corner,
                y + side > width - corner,
            )
            if not ((is_upper and (is_left or is_right)) or (is_left and is_lower)):
                break
        draw.rectangle((left + x, top + y, left + x + side, top + y + side), fill=255 * (number % 2))
    return spoilt


SUFFERINGS: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "as printed": lambda picture: picture,
    "blurred": blurred,
    "rotated": rotated,
    "greyed": greyed,
    "5 % damaged": damaged,
}


def code_picture(pdf: Path, page: int, dpi: float) -> Image.Image:
    """The first code of a page with its quiet zone, drawn at `dpi`."""
    left, bottom, right, top = code_boxes(pdf, page)[0]
    quiet = (right - left) / 29 * 4
    _, height = page_sizes(pdf)[page]
    scale = dpi / 25.4
    box = (left - quiet, height - top - quiet, right + quiet, height - bottom + quiet)
    with opened(pdf) as document:
        whole = document[page].render(scale=dpi / 72).to_pil().convert("L")
    return whole.crop(tuple(round(edge * scale) for edge in box))  # type: ignore[arg-type]


def matrix(pdf: Path, page: int, resolutions: Sequence[int]) -> dict[tuple[int, str], list[str]]:
    """What is read at each resolution after each suffering."""
    return {
        (dpi, name): codes(suffer(code_picture(pdf, page, dpi)))
        for dpi in resolutions
        for name, suffer in SUFFERINGS.items()
    }
