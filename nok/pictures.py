"""Photographs: what a file is by its content, and the copy of it that may be published. The only Pillow import.

A photograph holds more than it shows: where it was taken, by which device, sometimes a whole other picture. So nothing
of a file is ever published but its pixels, which are drawn anew on an empty sheet.
"""

import math
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from nok.picture_heads import (
    LARGE_SIDE,
    MAXIMUM_BYTES,
    OBSERVED_SIDE,
    SMALL_SIDE,
    PictureError,
    check_pixels,
    kind_of,
)

FORM = f"jpeg {OBSERVED_SIDE} 80 early"
"""Names how published copies of observers' pictures are made: whoever changes that, changes this."""
FORM_OF_REVIEWS = f"jpeg {LARGE_SIDE} {SMALL_SIDE} 80 early"
"""The same of photographs of reviews."""

_QUALITY = 80
_FORMATS = ("JPEG", "PNG", "WEBP")
_RESIZABLE = ("L", "LA", "RGB", "RGBA", "YCbCr", "CMYK")
"""Modes whose values can be averaged; those of a palette are numbers of colours."""
_COARSE = 6
"""So many squares on each side are left of what is blurred, whatever its size: no face can be told by 36 colours."""

Box = tuple[float, float, float, float]
"""A part of a picture: left, top, width, height, each from 0 to 1 of the picture as it is shown."""


def check_picture(file: Path, *, is_published: bool) -> None:
    """Sees that `file` is a picture within the limits; of one that is to be published, that all of it can be drawn.

    Raises:
        PictureError: it is not.
        OSError: the file cannot be read.
    """
    size = file.stat().st_size
    if size > MAXIMUM_BYTES:
        raise PictureError("photo-size", f"{size / 1e6:.1f} MB", f"{MAXIMUM_BYTES / 1e6:.1f} MB")
    content = file.read_bytes()
    if not kind_of(content[:16]):
        raise PictureError("photo-kind")
    with _opened(content) as picture:
        if is_published:
            _shrink(picture, OBSERVED_SIDE)
            picture.load()


def published_copy(content: bytes, longest: int = OBSERVED_SIDE) -> bytes:
    """A JPEG of the pixels alone: upright, on white, at most `longest` on its longer side, without a word of metadata.

    Raises:
        PictureError: `content` is no picture.
    """
    return redraw(content, longest)[0]


def redraw(content: bytes, longest: int, boxes: Sequence[Box] = ()) -> tuple[bytes, int, int]:
    """(JPEG, width, height): as `published_copy`, with `boxes` of it made unrecognisable.

    Raises:
        PictureError: `content` is no picture.
    """
    with _opened(content) as picture:
        _shrink(picture, longest)
        if picture.mode in _RESIZABLE:  # before all copies, which then are small
            picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        upright = ImageOps.exif_transpose(picture)
        sheet = Image.new("RGB", upright.size, "white")
        has_alpha = "A" in upright.getbands() or "transparency" in upright.info
        layer = upright.convert("RGBA" if has_alpha else "RGB")
        sheet.paste(layer, mask=layer if has_alpha else None)
        sheet.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        for box in boxes:
            _blur(sheet, box)
        buffer = BytesIO()
        sheet.save(buffer, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
        return buffer.getvalue(), *sheet.size


def _blur(sheet: Image.Image, box: Box) -> None:
    """Puts a few flat squares in the place of a part; smoothing would leave what can be sharpened again."""
    left, top, width, height = box
    corners = (left * sheet.width, top * sheet.height, (left + width) * sheet.width, (top + height) * sheet.height)
    x0, y0 = max(0, math.floor(corners[0])), max(0, math.floor(corners[1]))
    x1, y1 = min(sheet.width, math.ceil(corners[2])), min(sheet.height, math.ceil(corners[3]))
    if x1 <= x0 or y1 <= y0:
        return
    part = sheet.crop((x0, y0, x1, y1))
    coarse = part.resize((min(_COARSE, part.width), min(_COARSE, part.height)), Image.Resampling.BOX)
    sheet.paste(coarse.resize(part.size, Image.Resampling.NEAREST), (x0, y0))


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd in metadata that is dropped anyhow
            with Image.open(BytesIO(content), formats=_FORMATS) as picture:
                check_pixels(*picture.size)
                yield picture
    except _DAMAGED as error:
        raise PictureError("photo-damaged") from error


_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What a broken or an invented picture makes the library raise."""


def _shrink(picture: Image.Image, longest: int) -> None:
    """Lets a JPEG be decoded at a half, a quarter or an eighth where that is still large enough: much quicker."""
    picture.draft("RGB", (longest, longest))
