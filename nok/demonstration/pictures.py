"""Pictures of an invented observer, drawn of rectangles: no photograph of anybody or anything. Seeded, no clock.

Floor 3, below `nok.demonstration.field`. They are PNG files written by hand and without compression, because compressed
bytes differ from one compression library to another, and the demonstration has the same bytes on every machine.
"""

import struct
import zlib
from random import Random

WIDTH, HEIGHT = 320, 240
_COLOURS = (
    *("cfe3f2", "f4f6f8", "8a97a6", "4a5868", "16202e", "b9a58c", "8c6f4e", "5f7f52", "86a578", "d7d2c8"),
    *("a94f3f", "2c7bb6", "fdae61", "ffffbf", "ffffff", "647386"),
)
SKY, WALL, GREY, DARK, INK, WOOD, BROWN, GREEN, GRASS, STONE, BRICK, BLUE, ORANGE, YELLOW, WHITE, STEEL = range(16)


class Sheet:
    """A sheet of `WIDTH` × `HEIGHT` squares of sixteen colours."""

    def __init__(self, ground: int) -> None:
        self._rows = [bytearray([ground]) * WIDTH for _ in range(HEIGHT)]

    def fill(self, left: int, top: int, width: int, height: int, colour: int) -> None:
        """A rectangle; what lies outside of the sheet is cut off."""
        left, right = max(left, 0), min(left + width, WIDTH)
        for row in self._rows[max(top, 0) : min(top + height, HEIGHT)]:
            row[left:right] = bytes([colour]) * max(right - left, 0)

    def png(self) -> bytes:
        """The sheet as a PNG of four bits a square."""
        lines = (
            b"\0" + bytes(one << 4 | two for one, two in zip(row[::2], row[1::2], strict=True)) for row in self._rows
        )
        header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 4, 3, 0, 0, 0)
        palette = bytes.fromhex("".join(_COLOURS))
        chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", _stored(b"".join(lines))), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _stored(content: bytes) -> bytes:
    """A stream of zlib (RFC 1950) whose blocks are stored as they are."""
    pieces = [content[start : start + 0xFFFF] for start in range(0, len(content), 0xFFFF)]
    blocks = [
        struct.pack("<BHH", number == len(pieces) - 1, len(piece), len(piece) ^ 0xFFFF) + piece
        for number, piece in enumerate(pieces)
    ]
    return b"\x78\x01" + b"".join(blocks) + struct.pack(">I", zlib.adler32(content))


def entrance(rng: Random) -> bytes:
    """A house with a door, steps and a ramp with a handrail."""
    sheet, wall = Sheet(SKY), rng.choice((STONE, BRICK, WALL))
    sheet.fill(0, 190, WIDTH, 50, GRASS)
    sheet.fill(20, 50, 280, 150, wall)
    for left in (36, 84, 206, 254):
        sheet.fill(left, 70, 34, 42, DARK)
        sheet.fill(left + 3, 73, 28, 36, SKY)
    sheet.fill(20, 42, 280, 10, DARK)
    sheet.fill(138, 110, 48, 80, BROWN)
    sheet.fill(144, 116, 36, 34, SKY)
    sheet.fill(126, 96, 72, 8, STEEL)
    for step in range(4):
        sheet.fill(130 - 6 * step, 184 + 5 * step, 64 + 12 * step, 5, GREY)
    for length in range(100):
        sheet.fill(196 + length, 188 + length // 6, 1, 20 - length // 6, STONE)
        sheet.fill(196 + length, 160 + length // 6, 1, 3, DARK)
    for post in range(0, 100, 24):
        sheet.fill(196 + post, 160 + post // 6, 3, 30, DARK)
    return sheet.png()


def stand(rng: Random) -> bytes:
    """An information stand with sheets of paper behind glass."""
    sheet = Sheet(STONE)
    sheet.fill(0, 200, WIDTH, 40, WOOD)
    sheet.fill(30, 30, 260, 140, BROWN)
    sheet.fill(38, 38, 244, 124, BLUE)
    sheet.fill(38, 38, 244, 18, WHITE)
    sheet.fill(70, 44, 180, 6, INK)
    for column in range(5):
        for row in range(2):
            left, top = 48 + 47 * column, 64 + 48 * row
            sheet.fill(left, top, 36, 42, WHITE)
            for line in range(rng.randint(4, 7)):
                sheet.fill(left + 4, top + 5 + 5 * line, rng.randint(14, 28), 2, GREY)
    sheet.fill(54, 74, 24, 24, INK)
    for square in range(9):
        sheet.fill(57 + 7 * (square % 3), 77 + 7 * (square // 3), 4, 4, WHITE if square != 4 else INK)
    return sheet.png()


def hall(rng: Random) -> bytes:
    """A hall with chairs, a counter and a plate with raised letters."""
    sheet = Sheet(WALL)
    sheet.fill(0, 170, WIDTH, 70, WOOD)
    sheet.fill(190, 90, 130, 90, BROWN)
    sheet.fill(182, 84, 138, 10, WOOD)
    sheet.fill(24, 40, 60, 40, BLUE)
    for row in range(3):
        for dot in range(6):
            sheet.fill(32 + 8 * dot, 48 + 10 * row, 3, 3, WHITE)
    colour = rng.choice((ORANGE, GREEN, BRICK))
    for chair in range(4):
        left = 20 + 40 * chair
        sheet.fill(left, 130, 28, 30, colour)
        sheet.fill(left, 158, 32, 8, DARK)
        sheet.fill(left + 2, 166, 3, 24, DARK)
        sheet.fill(left + 27, 166, 3, 24, DARK)
    sheet.fill(110, 60, 3, 62, YELLOW)
    sheet.fill(0, 196, WIDTH, 6, YELLOW)
    return sheet.png()
