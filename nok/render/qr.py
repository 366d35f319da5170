"""QR codes as pictures made of squares: the only place that knows the qrcode library.

Level Q and a quiet zone of four modules, as stands and stickers need (wear, glare). The address is in capitals, so the
alphanumeric mode keeps the picture small. The mask is fixed: choosing the best of eight costs ten times the rest, any
mask is decoded, and one address then has one picture for ever.

With version and mask fixed a code is linear: the picture of a text is that of a plain text, changed by one pattern for
each bit in which they differ (error correction and masking are sums modulo 2). So the library draws each pattern once, and a
country of codes is put together from them, fifteen times faster; the tests hold the result against the library's own.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import qrcode
import qrcode.constants
import qrcode.util

from nok.errors import ConfigError

QUIET_ZONE_MODULES = 4
LEVEL = "Q"
MASK = 2
MAXIMUM_TEXT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class QrPicture:
    """A code as horizontal runs of dark modules.

    `size` is modules on a side, quiet zone included; each of `runs` is (column, row, length) from the upper left.
    """

    text: str
    size: int
    runs: tuple[tuple[int, int, int], ...]

    @property
    def path(self) -> str:
        """SVG path data to be filled: one rectangle a run."""
        return "".join(f"M{column} {row}h{length}v1H{column}z" for column, row, length in self.runs)


def make_qr(text: str) -> QrPicture:
    """The picture of `text`, which must be made of capitals, digits and `$%*+-./:` only.

    Raises:
        ConfigError: the text is longer than a stand's code can be, or has other characters.
    """
    if len(text) > MAXIMUM_TEXT:
        raise ConfigError(f"The address {text[:60]}… has {len(text)} characters; a code holds at most {MAXIMUM_TEXT}.")
    if any(char not in _ORDER for char in text):
        raise ConfigError(f"The address {text} has characters that the alphanumeric mode of a code lacks.")
    plain = _plain(len(text))
    picture, size = _picture(plain), _size(len(text))
    for pair in range(0, len(text), 2):
        difference = _value(text[pair : pair + 2]) ^ _value(plain[pair : pair + 2])
        for bit in range(difference.bit_length()):
            if difference >> bit & 1:
                picture ^= _pattern(len(text), pair, bit)
    return QrPicture(text=text, size=size, runs=tuple(_runs(picture, size)))


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
    """The library's drawing of `text`: one bit a module, row by row, the quiet zone included."""
    code = qrcode.QRCode(
        version=_version(len(text)),
        error_correction=qrcode.constants.ERROR_CORRECT_Q,
        border=QUIET_ZONE_MODULES,
        mask_pattern=MASK,
    )
    code.add_data(_data(text), optimize=0)
    code.make(fit=False)
    return int("".join("1" if dark else "0" for row in code.get_matrix() for dark in row), 2)


def _size(length: int) -> int:
    """Modules on a side of a code for a text of `length`, quiet zone included."""
    return 17 + 4 * _version(length) + 2 * QUIET_ZONE_MODULES


_ORDER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""The symbols of the alphanumeric mode, each at its number."""

_DARK = re.compile("1+")


def _data(text: str) -> qrcode.util.QRData:
    # The constant is 2; the stubs want a literal and the library offers only a name.
    return qrcode.util.QRData(text, mode=2)


@lru_cache(maxsize=MAXIMUM_TEXT)
def _version(length: int) -> int:
    """The smallest version that holds so many alphanumeric characters at level Q."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, mask_pattern=MASK)
    code.add_data(_data("A" * length), optimize=0)
    return code.best_fit()


def _runs(picture: int, size: int) -> list[tuple[int, int, int]]:
    modules = f"{picture:0{size * size}b}"
    return [
        (match.start(), row, match.end() - match.start())
        for row in range(size)
        for match in _DARK.finditer(modules[row * size : (row + 1) * size])
    ]
