"""What the head of a file says of a picture: its kind and how many pixels it has. Pure; no library of pictures.

Asked before a picture is opened: a file of a few kilobytes may claim gigabytes of pixels, and finding that out here costs
nothing. What a head claims is believed for refusals only; who draws a picture measures again.
"""

import struct

MAXIMUM_BYTES = 8 * 1024 * 1024
MAXIMUM_PIXELS = 50_000_000

OBSERVED_SIDE, LARGE_SIDE, SMALL_SIDE = 960, 1280, 240
"""The longer side of published copies in pixels: of an observer's picture, of a review's photograph large and small."""

_SIGNS = (("jpeg", b"\xff\xd8\xff"), ("png", b"\x89PNG\r\n\x1a\n"))
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG after which its size stands."""
_BARE = frozenset((0x01, *range(0xD0, 0xD9)))
"""Markers of a JPEG without a length."""


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


def check_head(content: bytes) -> None:
    """Refuses what cannot become a published picture, by its length, its kind and the size that its head claims.

    Raises:
        PictureError: it is too long, of another kind, claims too many pixels, or has no readable head.
    """
    if len(content) > MAXIMUM_BYTES:
        raise PictureError("photo-size", f"{len(content) / 1e6:.1f} MB", f"{MAXIMUM_BYTES / 1e6:.1f} MB")
    kind = kind_of(content[:16])
    if not kind:
        raise PictureError("photo-kind")
    try:
        width, height = _SIZES[kind](content)
    except (struct.error, IndexError) as error:
        raise PictureError("photo-damaged") from error
    check_pixels(width, height)


def check_pixels(width: int, height: int) -> None:
    """Raises: PictureError, `photo-size` for more pixels than are allowed, `photo-damaged` for none."""
    if width * height > MAXIMUM_PIXELS:
        raise PictureError("photo-size", f"{width} × {height}", f"{MAXIMUM_PIXELS // 10**6} MP")
    if width * height <= 0:
        raise PictureError("photo-damaged")


def fitted(width: int, height: int, longest: int) -> tuple[int, int]:
    """The size of a picture after its longer side was brought down to `longest`; a smaller one stays as it is.

    >>> fitted(1600, 1200, 240), fitted(100, 50, 240), fitted(0, 0, 240), fitted(5000, 1, 240)
    ((240, 180), (100, 50), (0, 0), (240, 1))
    """
    side = max(width, height)
    if side <= longest:
        return width, height
    return max(1, round(width * longest / side)), max(1, round(height * longest / side))


def _png_size(content: bytes) -> tuple[int, int]:
    """The chunk IHDR comes first (PNG, third edition, 11.2.1)."""
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """From marker to marker up to the frame header (ITU-T T.81, B.2.2)."""
    at = 2
    while True:
        while content[at] != 0xFF:
            at += 1
        while content[at] == 0xFF:
            at += 1
        marker = content[at]
        at += 1
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 3)
            return width, height
        if marker not in _BARE:
            at += max(2, struct.unpack_from(">H", content, at)[0])


def _webp_size(content: bytes) -> tuple[int, int]:
    """RFC 9649, 2.5 to 2.7."""
    form = content[12:16]
    if form == b"VP8X":
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    if form == b"VP8L":
        bits = struct.unpack_from("<I", content, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF


_SIZES = {"png": _png_size, "jpeg": _jpeg_size, "webp": _webp_size}
