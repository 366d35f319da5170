"""Codes are read back by another program, and are what the library itself would draw."""

import random

import pytest
import qrcode
import qrcode.constants
import qrcode.util
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from nok import urls
from nok.errors import ConfigError
from nok.identifiers import default_placement_code
from nok.render.qr import MASK, MAXIMUM_TEXT, QUIET_ZONE_MODULES, QrPicture, make_qr

SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def drawn_by_the_library(text: str) -> tuple[tuple[int, int, int], ...]:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4, mask_pattern=MASK)
    code.add_data(qrcode.util.QRData(text, mode=2), optimize=0)
    code.make(fit=True)
    return tuple(
        (column, row, 1) for row, modules in enumerate(code.get_matrix()) for column, dark in enumerate(modules) if dark
    )


def modules(picture: QrPicture) -> tuple[tuple[int, int, int], ...]:
    return tuple((c, row, 1) for column, row, length in picture.runs for c in range(column, column + length))


def paint(picture: QrPicture, scale: int) -> Image.Image:
    image = Image.new("L", (picture.size * scale, picture.size * scale), 255)
    for column, row, length in picture.runs:
        image.paste(0, (column * scale, row * scale, (column + length) * scale, (row + 1) * scale))
    return image


@given(st.text(alphabet=SYMBOLS, min_size=1, max_size=80))
def test_a_code_put_together_from_patterns_is_the_librarys_own(text: str) -> None:
    assert modules(make_qr(text)) == drawn_by_the_library(text)


@given(st.text(alphabet=SYMBOLS, min_size=1, max_size=MAXIMUM_TEXT))
def test_the_path_is_one_rectangle_a_run(text: str) -> None:
    picture = make_qr(text)
    assert picture.path == "".join(f"M{column} {row}h{length}v1H{column}z" for column, row, length in picture.runs)


def test_two_hundred_codes_are_read_back_through_a_poor_camera() -> None:
    chance = random.Random(7)
    for number in range(200):
        text = urls.printed("https://ocenka.example", default_placement_code(f"organization-{number}"))
        image = paint(make_qr(text), 4).filter(ImageFilter.GaussianBlur(1.2))
        turned = image.rotate(chance.choice((0, 7, 30, 45)), expand=True, fillcolor=255)
        [read] = zxingcpp.read_barcodes(turned)
        assert (read.text, read.ec_level) == (text, "Q")


def test_a_tenth_of_the_symbol_may_be_dirty() -> None:
    text = urls.printed("https://ocenka.example", "MFKWV59B60")
    picture = make_qr(text)
    image = paint(picture, 8)
    side = int((picture.size - 8) * 8 * 0.1**0.5)
    middle = image.width // 2 - side // 2
    image.paste(255, (middle, middle, middle + side, middle + side))
    assert zxingcpp.read_barcodes(image)[0].text == text


def test_the_quiet_zone_is_empty_and_the_code_stays_small() -> None:
    picture = make_qr(urls.printed("https://ocenka.example", "MFKWV59B60"))
    assert picture.size == 29 + 2 * QUIET_ZONE_MODULES
    edge = picture.size - QUIET_ZONE_MODULES
    assert all(column >= 4 and column + length <= edge and 4 <= row < edge for column, row, length in picture.runs)


@pytest.mark.parametrize("text", ["ocenka.example", "HTTPS://ОЦЕНКА", "A" * 301])
def test_what_a_stand_code_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        make_qr(text)
