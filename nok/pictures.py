"""Photographs: what a file is by its content, and the copy of it that may be published. The only Pillow import.

A photograph holds more than it shows: where it was taken, by which device, sometimes a whole other picture. So nothing
of a file is ever published but its pixels, which are drawn anew on an empty sheet.
"""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

MAXIMUM_BYTES = 8 * 1024 * 1024
MAXIMUM_PIXELS = 50_000_000

FORM = "jpeg 960 80"
"""Names how published copies are made: whoever changes that, changes this."""

_LONGEST_SIDE, _QUALITY = 960, 80
_FORMATS = ("JPEG", "PNG", "WEBP")
_SIGNS = (("jpeg", b"\xff\xd8\xff"), ("png", b"\x89PNG\r\n\x1a\n"))


class PictureError(Exception):
    """A file that is no picture; `rule` says in which way: `photo-kind`, `photo-size` or `photo-damaged`.

    `found` and `maximum` are what was measured and what is allowed, in words of no language, for `photo-size`.
    """

    def __init__(self, rule: str, found: str = "", maximum: str = "") -> None:
        super().__init__(rule, found, maximum)
        self.rule, self.found, self.maximum = rule, found, maximum


def kind_of(content: bytes) -> str:
    """`jpeg`, `png` or `webp` by the first bytes of a file; empty for anything else.

    >>> kind_of(b"GIF89a"), kind_of(b"RIFF\\x00\\x00\\x00\\x00WEBPVP8 ")
    ('', 'webp')
    """
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return next((kind for kind, sign in _SIGNS if content.startswith(sign)), "")


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
            _shrink(picture)
            picture.load()


def published_copy(content: bytes) -> bytes:
    """A JPEG of the pixels alone: upright, on white, at most 960 on its longer side, without a word of metadata.

    Raises:
        PictureError: `content` is no picture.
    """
    with _opened(content) as picture:
        _shrink(picture)
        upright = ImageOps.exif_transpose(picture)
        sheet = Image.new("RGB", upright.size, "white")
        has_alpha = "A" in upright.getbands() or "transparency" in upright.info
        layer = upright.convert("RGBA" if has_alpha else "RGB")
        sheet.paste(layer, mask=layer if has_alpha else None)
        sheet.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
        buffer = BytesIO()
        sheet.save(buffer, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
        return buffer.getvalue()


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd in metadata that is dropped anyhow
            with Image.open(BytesIO(content), formats=_FORMATS) as picture:
                width, height = picture.size
                if width * height > MAXIMUM_PIXELS:
                    raise PictureError("photo-size", f"{width} × {height}", f"{MAXIMUM_PIXELS // 10**6} MP")
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


def _shrink(picture: Image.Image) -> None:
    """Lets a JPEG be decoded at a half, a quarter or an eighth where that is still large enough: much quicker."""
    picture.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
