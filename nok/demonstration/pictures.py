"""Pictures of an invented observer and of invented citizens, drawn of rectangles: no photograph of anybody or anything.
Seeded, no clock.

Floor 3, below `nok.demonstration.field` and `nok.demonstration.sent`. They are PNG files written and packed by hand, because
compressed bytes differ from one compression library to another, and the demonstration has the same bytes on every machine.
"""

import re
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
    """A sheet of `WIDTH` × `HEIGHT` squares of sixteen colours, each `scale` pixels wide."""

    def __init__(self, ground: int, scale: int = 1) -> None:
        self._scale = scale
        self.size = WIDTH * scale, HEIGHT * scale
        self._rows = [bytearray([ground]) * self.size[0] for _ in range(self.size[1])]

    def fill(self, left: int, top: int, width: int, height: int, colour: int) -> None:
        """A rectangle; what lies outside of the sheet is cut off."""
        left, right = (min(max(edge, 0), WIDTH) * self._scale for edge in (left, left + width))
        first, end = (min(max(edge, 0), HEIGHT) * self._scale for edge in (top, top + height))
        for row in self._rows[first:end]:
            row[left:right] = bytes([colour]) * (right - left)

    def png(self) -> bytes:
        """The sheet as a PNG of four bits a square."""
        lines, above = [], bytes(self.size[0] // 2)
        for row in self._rows:
            line = bytes(one << 4 | two for one, two in zip(row[::2], row[1::2], strict=True))
            # As the difference to the line above (filter 2): of rectangles it is nearly always nothing.
            lines.append(b"\2" + bytes(here - there & 0xFF for here, there in zip(line, above, strict=True)))
            above = line
        header = struct.pack(">IIBBBBB", *self.size, 4, 3, 0, 0, 0)
        palette = bytes.fromhex("".join(_COLOURS))
        chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", packed(b"".join(lines))), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


class _Bits:
    """Bits of a stream, the lowest of each byte first (RFC 1951, 3.1.1)."""

    def __init__(self) -> None:
        self._found, self._count = 0, 0
        self._bytes = bytearray()

    def number(self, value: int, length: int) -> None:
        self._found |= value << self._count
        self._count += length
        whole = self._count // 8
        self._bytes += (self._found & (1 << 8 * whole) - 1).to_bytes(whole, "little")
        self._found, self._count = self._found >> 8 * whole, self._count % 8

    def code(self, value: int, length: int) -> None:
        """A Huffman code, which stands the other way round."""
        self.number(int(f"{value:0{length}b}"[::-1], 2), length)

    def bytes(self) -> bytes:
        return bytes(self._bytes) + (bytes([self._found]) if self._count else b"")


_SHORTEST, _LONGEST = 3, 258
"""Bytes that one repetition gives again (RFC 1951, 3.2.5)."""


def packed(content: bytes) -> bytes:
    """A stream of zlib (RFC 1950): one block of fixed codes in which runs of equal bytes are told as repetitions."""
    bits = _Bits()
    bits.number(0b011, 3)  # the last block, with fixed codes
    for run in re.finditer(rb"(.)\1*", content, re.DOTALL):
        _literal(bits, run[1][0])
        left = len(run[0]) - 1
        while left >= _SHORTEST:
            _repetition(bits, min(left, _LONGEST))
            left -= min(left, _LONGEST)
        for _ in range(left):
            _literal(bits, run[1][0])
    bits.code(0, 7)  # 256: the end
    return b"\x78\x01" + bits.bytes() + struct.pack(">I", zlib.adler32(content))


def _repetition(bits: _Bits, length: int) -> None:
    """The byte before, `length` times more: four codes share each number of extra bits."""
    over = length - _SHORTEST
    extra = max(over.bit_length() - 3, 0)
    code = 257 + 4 * extra + (over >> extra)
    if length == _LONGEST:
        code, extra = 285, 0
    if code < 280:
        bits.code(code - 256, 7)
    else:
        bits.code(0xC0 + code - 280, 8)
    bits.number(over & (1 << extra) - 1, extra)
    bits.code(0, 5)  # a distance of one


def _literal(bits: _Bits, byte: int) -> None:
    if byte < 144:
        bits.code(0x30 + byte, 8)
    else:
        bits.code(0x190 + byte - 144, 9)


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


# ---- what citizens sent ----------------------------------------------------------------------------------------------


def stairs(rng: Random, scale: int = 1) -> Sheet:
    """A flight of stairs to the second floor, a handrail, a pram at its foot."""
    sheet = Sheet(WALL, scale)
    sheet.fill(0, 204, WIDTH, 36, STONE)
    for step in range(11):
        sheet.fill(96 + 18 * step, 192 - 14 * step, WIDTH, 12, GREY)
        sheet.fill(96 + 18 * step, 190 - 14 * step, WIDTH, 3, STEEL)
    for post in range(6):
        sheet.fill(112 + 36 * post, 130 - 28 * post, 4, 58, DARK)
        for piece in range(36):
            sheet.fill(112 + 36 * post + piece, 130 - 28 * post - piece * 28 // 36, 2, 5, BROWN)
    sheet.fill(16, 30, 62, 88, SKY)
    sheet.fill(44, 30, 4, 88, WHITE)
    colour = rng.choice((BLUE, BRICK, GREEN))
    sheet.fill(26, 160, 46, 22, colour)
    sheet.fill(26, 146, 18, 14, INK)
    sheet.fill(72, 146, 3, 22, DARK)
    sheet.fill(30, 186, 12, 12, INK)
    sheet.fill(56, 186, 12, 12, INK)
    return sheet


def cloakroom(rng: Random, scale: int = 1) -> Sheet:
    """Too many coats on too few hooks, some on the floor."""
    sheet = Sheet(STONE, scale)
    sheet.fill(0, 196, WIDTH, 44, WOOD)
    sheet.fill(14, 46, 292, 10, BROWN)
    for coat in range(15):
        left, length = 18 + 19 * coat, rng.randint(58, 88)
        colour = rng.choice((BLUE, BRICK, GREEN, DARK, ORANGE, STEEL))
        sheet.fill(left + 8, 50, 3, 12, INK)
        sheet.fill(left, 62, 24, length, colour)
        sheet.fill(left + 11, 66, 2, length - 8, INK)
    for coat in range(3):
        left = 40 + 90 * coat + rng.randrange(20)
        sheet.fill(left, 204 + 8 * (coat % 2), 52, 14, rng.choice((BLUE, BRICK, ORANGE)))
    sheet.fill(14, 168, 292, 6, BROWN)
    return sheet


def board(rng: Random, scale: int = 1) -> Sheet:
    """A board with the numbers of rooms above a row of chairs."""
    sheet = Sheet(WALL, scale)
    sheet.fill(0, 184, WIDTH, 56, STONE)
    sheet.fill(40, 24, 240, 84, INK)
    for row in range(5):
        top = 32 + 15 * row
        sheet.fill(50, top, rng.randint(50, 96), 7, GRASS)
        sheet.fill(168, top, 26, 7, YELLOW)
        sheet.fill(222, top, rng.choice((14, 26)), 7, rng.choice((GRASS, ORANGE)))
    for chair in range(6):
        left = 26 + 46 * chair
        sheet.fill(left, 138, 34, 32, BLUE)
        sheet.fill(left, 168, 38, 8, STEEL)
        sheet.fill(left + 3, 176, 3, 26, DARK)
        sheet.fill(left + 32, 176, 3, 26, DARK)
    return sheet


def shelves(rng: Random, scale: int = 1) -> Sheet:
    """Shelves with books, and a table with a lamp before them."""
    sheet = Sheet(WALL, scale)
    sheet.fill(0, 200, WIDTH, 40, WOOD)
    sheet.fill(20, 20, 280, 150, BROWN)
    for shelf in range(4):
        left, bottom = 26, 54 + 36 * shelf
        sheet.fill(26, bottom - 28, 268, 28, INK)
        while left < 284:
            width, height = rng.randint(5, 11), rng.randint(18, 27)
            sheet.fill(left, bottom - height, width, height, rng.choice((BLUE, BRICK, GREEN, STONE, ORANGE, WOOD)))
            left += width + 1
    sheet.fill(90, 178, 150, 10, WOOD)
    sheet.fill(100, 188, 6, 40, BROWN)
    sheet.fill(224, 188, 6, 40, BROWN)
    sheet.fill(180, 146, 26, 12, GREEN)
    sheet.fill(191, 158, 3, 20, DARK)
    return sheet
