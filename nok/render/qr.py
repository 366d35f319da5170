"""QR codes as pictures made of squares: the only place that knows the qrcode library.

Level Q and a quiet zone of four modules, as stands and stickers need (wear, glare). The address is in capitals, so the
alphanumeric mode keeps the picture small. The mask is fixed: choosing the best of eight costs ten times the rest, any
mask is decoded, and one address then has one picture for ever.

With version and mask fixed a code is linear: the picture of a text is that of a plain text, changed by one pattern for
each bit in which they differ (error correction and masking are sums modulo 2). So the library draws each pattern once, and a
country of codes is put together from them, fifteen times faster; the tests hold the result against the library's own.
"""

import re
import struct
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape

import qrcode
import qrcode.constants
import qrcode.util

from nok.errors import ConfigError

QUIET_ZONE_MODULES = 4
LEVEL = "Q"
MASK = 2
MAXIMUM_TEXT = 300
PNG_SCALE = 24
"""A code of 37 modules is then 888 dots wide: 75 mm at the 300 dots an inch of a printer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QrPicture:
    """A code as a square of dark and light modules.

    `size` is modules on a side, quiet zone included. `modules` holds a bit a module, dark is 1, row by row from the upper
    left, each row filled up to whole bytes.
    """

    text: str
    size: int
    modules: bytes

    @property
    def runs(self) -> tuple[tuple[int, int, int], ...]:
        """Each horizontal run of dark modules as (column, row, length)."""
        return tuple(
            (match.start(), number, match.end() - match.start())
            for number, row in enumerate(self._rows())
            for match in _DARK.finditer(f"{int.from_bytes(row):0{8 * len(row)}b}")
        )

    @property
    def path(self) -> str:
        """SVG path data to be filled: one rectangle a run, `M4 8h7v1H4z` is seven modules of row 8 from column 4 on."""
        rows = [int.from_bytes(row) for row in self._rows()]
        beside = _row_bytes(self.size) * 8 - self.size + QUIET_ZONE_MODULES
        width = self.size - 2 * QUIET_ZONE_MODULES
        return "".join([_row_path(row >> beside, width).replace("r", str(at)) for at, row in enumerate(rows) if row])

    def svg(self, label: str) -> bytes:
        """The bare code as a picture of `size` millimetres a side, to be scaled; `label` is what a screen reader says."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.size}mm" height="{self.size}mm" '
            f'viewBox="0 0 {self.size} {self.size}" role="img" aria-label="{escape(label)}">'
            f'<path fill="#fff" d="M0 0h{self.size}v{self.size}H0z"/><path d="{self.path}"/></svg>\n'
        ).encode()

    def png(self, scale: int = PNG_SCALE) -> bytes:
        """The bare code in black and white, `scale` dots a module."""
        width = self.size * scale
        rows = []
        for row in self._rows():
            bits = f"{int.from_bytes(row):0{8 * len(row)}b}"[: self.size]
            line = "".join("0" * scale if bit == "1" else "1" * scale for bit in bits)  # in PNG 1 is white
            rows += [b"\0" + int(line.ljust(-(-width // 8) * 8, "0"), 2).to_bytes(-(-width // 8))] * scale
        head = struct.pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)
        parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join([_chunk(kind, content) for kind, content in parts])

    def _rows(self) -> list[bytes]:
        length = _row_bytes(self.size)
        return [self.modules[start : start + length] for start in range(0, len(self.modules), length)]


def make_qr(text: str) -> QrPicture:
    """The picture of `text`, which must be made of capitals, digits and `$%*+-./:` only.

    Raises:
        ConfigError: the text is longer than a stand's code can be, or has other characters.
    """
    length = len(text)
    if length > MAXIMUM_TEXT:
        raise ConfigError("qr-long", text=text[:60], length=length, most=MAXIMUM_TEXT)
    if not _SYMBOLS.issuperset(text):
        raise ConfigError("qr-signs", text=text)
    picture = _picture(_plain(length))
    for pair in range(0, length, 2):
        picture ^= _difference(length, pair, text[pair : pair + 2])
    size = _size(length)
    return QrPicture(text=text, size=size, modules=picture.to_bytes(size * _row_bytes(size)))


# ---- drawing -------------------------------------------------------------------------------------------------------


def _row_path(modules: int, width: int) -> str:
    """The path of one row of `width` modules without its quiet zones, with `r` where the row's number stands.

    The width of a code is odd, so the last stretch goes beyond it, and nothing is left open.
    """
    pieces, begun = [], _NONE
    modules <<= _STRETCH
    for column in range(0, width, _STRETCH):
        piece, begun = _stretch(modules >> width - column & _ALL_DARK, column + QUIET_ZONE_MODULES, begun)
        pieces.append(piece)
    return "".join(pieces)


_STRETCH = 10
"""So many modules of a row are looked up at once."""

_ALL_DARK = (1 << _STRETCH) - 1

_NONE = -1
"""No run is open."""


@lru_cache(maxsize=32_768)  # 1024 stretches at some three places, each with few ways to be entered: some MB
def _stretch(modules: int, column: int, begun: int) -> tuple[str, int]:
    """(path, open run) of the modules of a stretch from `column` on, where a run that began at column `begun` comes in.

    The run that is open at the end is closed by what follows.
    """
    pieces = []
    for place in range(column, column + _STRETCH):
        is_dark = modules >> (column + _STRETCH - 1 - place) & 1
        if is_dark and begun == _NONE:
            begun = place
        elif not is_dark and begun != _NONE:
            pieces.append(f"M{begun} rh{place - begun}v1H{begun}z")
            begun = _NONE
    return "".join(pieces), begun


# ---- what a text changes -------------------------------------------------------------------------------------------


@lru_cache(maxsize=16_384)  # the pairs of a country's codes: 32² at five places, and those of the address; 6 MB
def _difference(length: int, pair: int, symbols: str) -> int:
    """What `symbols` at `pair` change in the picture of the plain text of `length`."""
    difference, changed = _value(symbols) ^ _value(_plain(length)[pair : pair + 2]), 0
    for bit in range(difference.bit_length()):
        if difference >> bit & 1:
            changed ^= _pattern(length, pair, bit)
    return changed


@lru_cache(maxsize=MAXIMUM_TEXT)
def _plain(length: int) -> str:
    """A text each of whose pairs may have any one bit changed and is a pair of symbols still (45² - 1 is the last)."""
    return ("1+" * length)[: length - length % 2] + "A" * (length % 2)


def _value(symbols: str) -> int:
    """The number that the alphanumeric mode writes for a pair of symbols (11 bits) or for a last single one (6)."""
    first, *rest = (_ORDER.index(symbol) for symbol in symbols)
    return first * 45 + rest[0] if rest else first


def _symbols(value: int, number: int) -> str:
    return _ORDER[value] if number == 1 else _ORDER[value // 45] + _ORDER[value % 45]


@cache
def _pattern(length: int, pair: int, bit: int) -> int:
    """What setting one bit of one pair changes in the picture of a text of `length`."""
    plain = _plain(length)
    symbols = plain[pair : pair + 2]
    changed = _symbols(_value(symbols) ^ 1 << bit, len(symbols))
    return _picture(plain[:pair] + changed + plain[pair + 2 :]) ^ _picture(plain)


@lru_cache(maxsize=64)
def _picture(text: str) -> int:
    """The library's drawing of `text`: one bit a module, row by row in whole bytes, the quiet zone included."""
    code = qrcode.QRCode(
        version=_version(len(text)),
        error_correction=qrcode.constants.ERROR_CORRECT_Q,
        border=QUIET_ZONE_MODULES,
        mask_pattern=MASK,
    )
    code.add_data(_data(text), optimize=0)
    code.make(fit=False)
    matrix = code.get_matrix()
    filling = "0" * (-len(matrix) % 8)
    rows = ("".join("1" if dark else "0" for dark in row) + filling for row in matrix)
    return int("".join(rows), 2)


@lru_cache(maxsize=MAXIMUM_TEXT)
def _size(length: int) -> int:
    """Modules on a side of a code for a text of `length`, quiet zone included."""
    return 17 + 4 * _version(length) + 2 * QUIET_ZONE_MODULES


_ORDER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""The symbols of the alphanumeric mode, each at its number."""

_SYMBOLS = frozenset(_ORDER)

_DARK = re.compile("1+")


def _chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a PNG file: length, kind, content, checksum of the last two."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _row_bytes(size: int) -> int:
    return -(-size // 8)


def _data(text: str) -> qrcode.util.QRData:
    # The constant is 2; the stubs want a literal and the library offers only a name.
    return qrcode.util.QRData(text, mode=2)


@lru_cache(maxsize=MAXIMUM_TEXT)
def _version(length: int) -> int:
    """The smallest version that holds so many alphanumeric characters at level Q."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, mask_pattern=MASK)
    code.add_data(_data("A" * length), optimize=0)
    return code.best_fit()
