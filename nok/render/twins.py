"""Compressed twins: what a web server sends instead of a file to a client that can unpack it. The only brotli import.

The same bytes give the same twin: no clock and no name goes in.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence

import brotli

from nok import urls

LEAST_BYTES = 1024
"""A smaller file travels in one packet as it is."""

_TEXTS = (".html", ".css", ".js", ".json", ".svg", ".xml", ".atom", ".csv", ".txt")
"""Other formats are compressed in themselves, or are for programs that fetch them rarely."""

_GZIP = 16 + zlib.MAX_WBITS
_GZIP_LEVEL = 6
_PAGE_QUALITY = 5
_ASSET_QUALITY = 11
"""A second for a large script; worth it where a file is made once and fetched by everybody."""


def twins_of(path: str, size: int, kinds: Sequence[str]) -> list[str]:
    """The paths at which twins of a file of `size` bytes belong; `kinds` are those asked for: `gz`, `br`."""
    if size < LEAST_BYTES or not path.endswith(_TEXTS):
        return []
    return [f"{path}.{kind}" for kind in kinds]


def compressed(twin: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What stands at the path `twin` (it ends in `.gz` or `.br`), in pieces, for the file that `pieces` make up."""
    if twin.endswith(".gz"):
        gzip = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP)
        for piece in pieces:
            yield gzip.compress(piece)
        yield gzip.flush()
        return
    quality = _ASSET_QUALITY if twin.startswith(urls.asset("")) else _PAGE_QUALITY
    compressor = brotli.Compressor(mode=brotli.MODE_TEXT, quality=quality)
    for piece in pieces:
        yield compressor.process(piece)
    yield compressor.finish()


def unpacked(twin: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What the twin at the path `twin` was made from, in pieces.

    Raises:
        ValueError: it is not whole, or is no twin.
    """
    try:
        if twin.endswith(".gz"):
            gzip = zlib.decompressobj(_GZIP)
            yield from map(gzip.decompress, pieces)
            yield gzip.flush()
            is_whole = gzip.eof and not gzip.unused_data
        else:
            decompressor = brotli.Decompressor()
            yield from map(decompressor.process, pieces)
            is_whole = decompressor.is_finished()
    except (zlib.error, brotli.error) as error:
        raise ValueError("it cannot be unpacked") from error
    if not is_whole:
        raise ValueError("it is cut, or more follows after its end")
