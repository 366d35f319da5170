"""QR codes as pictures made of squares: the only place that knows the qrcode library.

Level Q and a quiet zone of four modules, as stands and stickers need (wear, glare). The address is in capitals, so the
alphanumeric mode keeps the picture small. The mask is fixed: choosing the best of eight costs ten times the rest, any
mask is decoded, and one address then has one picture for ever.
"""

from dataclasses import dataclass
from functools import lru_cache

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
        """SVG path data to be stroked one module wide: a line through the middle of each run."""
        return "".join(f"M{column} {row}.5h{length}" for column, row, length in self.runs)


def make_qr(text: str) -> QrPicture:
    """The picture of `text`, which must be made of capitals, digits and `$%*+-./:` only.

    Raises:
        ConfigError: the text is longer than a stand's code can be, or has other characters.
    """
    if len(text) > MAXIMUM_TEXT:
        raise ConfigError(f"The address {text[:60]}… has {len(text)} characters; a code holds at most {MAXIMUM_TEXT}.")
    if any(char not in _ALPHANUMERIC for char in text):
        raise ConfigError(f"The address {text} has characters that the alphanumeric mode of a code lacks.")
    code = qrcode.QRCode(
        version=_version(len(text)),
        error_correction=qrcode.constants.ERROR_CORRECT_Q,
        border=QUIET_ZONE_MODULES,
        mask_pattern=MASK,
    )
    code.add_data(_data(text), optimize=0)
    code.make(fit=False)
    matrix = [[bool(dark) for dark in row] for row in code.get_matrix()]
    return QrPicture(text=text, size=len(matrix), runs=tuple(_runs(matrix)))


_ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


def _data(text: str) -> qrcode.util.QRData:
    # The constant is 2; the stubs want a literal and the library offers only a name.
    return qrcode.util.QRData(text, mode=2)


@lru_cache(maxsize=MAXIMUM_TEXT)
def _version(length: int) -> int:
    """The smallest version that holds so many alphanumeric characters at level Q."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, mask_pattern=MASK)
    code.add_data(_data("A" * length), optimize=0)
    return code.best_fit()


def _runs(matrix: list[list[bool]]) -> list[tuple[int, int, int]]:
    runs = []
    for row, modules in enumerate(matrix):
        start = None
        for column, dark in enumerate([*modules, False]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                runs.append((start, row, column - start))
                start = None
    return runs
