"""What `print.yaml` may say, and that what ships with the project can be drawn."""

from pathlib import Path

import pytest

from nok.errors import ConfigError, UsageError
from nok.print_formats import PrintFormats, parse_print_formats

SMALL = """
formats:
  card:
    title: {ru: Карта}
    size: [100, 60]
    margin: 3
    shape: side
    code: {most: 40, least: 30}
    beside:
      - {say: typed, sizes: [9, 8.5], lines: 2}
sheets:
  two:
    title: {ru: Две}
    format: card
    paper: [210, 297]
    grid: [2, 1]
    corner: [5, 10]
    step: [100, 60]
sticker: two
"""


@pytest.fixture
def shipped(project_root: Path) -> PrintFormats:
    return parse_print_formats((project_root / "content/print.yaml").read_text("utf-8"), "print.yaml")


def test_the_shipped_sheets_have_the_sizes_on_their_boxes(shipped: PrintFormats) -> None:
    labels = {name: (sheet.format.width, sheet.format.height, sheet.labels) for name, sheet in shipped.sheets.items()}
    assert labels["63x38-21"] == (63.5, 38.1, 21)
    assert labels["99x38-14"] == (99.1, 38.1, 14)
    assert labels["99x67-8"] == (99.1, 67.7, 8)
    assert labels["35x35-35"] == (35, 35, 35)
    assert {"a4", "a5", "a6", "plate", "a4-large", "a5-large", "roll-58x40"} <= set(shipped.formats)


def test_a_sheet_is_the_same_from_both_edges(shipped: PrintFormats) -> None:
    """Labels stand in the middle of their sheet, whichever edge goes in first."""
    for name, sheet in shipped.sheets.items():
        x, y = sheet.corner(sheet.labels - 1)
        right, bottom = sheet.width - x - sheet.format.width, sheet.height - y - sheet.format.whole_height
        assert right == pytest.approx(sheet.left, abs=0.05), name
        assert bottom == pytest.approx(sheet.top, abs=0.05), name


def test_sticker_means_the_commonest_sheet(shipped: PrintFormats) -> None:
    chosen, sheet = shipped.choose("sticker", "")
    assert sheet is not None and sheet.id == "63x38-21" and chosen is sheet.format
    assert shipped.choose("sticker", "35x35-35")[0].id == "sticker-35"
    assert shipped.choose("a4", "") == (shipped.formats["a4"], None)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("a3", ""), "'a3' is not known"),
        (("sticker", "63x38-22"), "Did you mean '63x38-21'"),
        (("a4", "63x38-21"), "holds 'sticker-63x38', not 'a4'"),
        (("a5", "63x38-21"), "a5-2"),
    ],
)
def test_a_name_that_is_not_there_is_said(shipped: PrintFormats, names: tuple[str, str], words: str) -> None:
    with pytest.raises(UsageError) as refused:
        shipped.choose(*names)
    assert words in str(refused.value) and "No poster was made" in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("shape: side", "shape: round", "shape is 'round'"),
        ("margin: 3", "margin: three", "margin is 'three', expected a number"),
        ("margin: 3", "margin: .nan", "margin"),
        ("margin: 3", "gap: 3", "the key 'gap' is not known"),
        ("most: 40", "most: 58", "does not fit between the margins"),
        ("least: 30", "least: 50", "least is '50'"),
        ("say: typed", "say: type", "Did you mean 'typed'"),
        ("say: typed", "say: call", "nothing says 'typed'"),
        ("sizes: [9, 8.5]", "sizes: [8.5, 9]", "the largest first"),
        ("sizes: [9, 8.5]", "sizes: [2]", "from 4 to 400"),
        ("lines: 2", "lines: 2, tone: red", "tone is 'red'"),
        ("lines: 2", "lines: 2, bold: 1", "true or false"),
        ("size: [100, 60]", "size: 100", "expected two numbers"),
        ("size: [100, 60]", "size: [100, 60]\n    panels: 3", "panels is '3'"),
        ("format: card", "format: cart", "Did you mean 'card'"),
        ("corner: [5, 10]", "corner: [15, 10]", "beyond the paper"),
        ("step: [100, 60]", "step: [90, 60]", "overlap"),
        ("sticker: two", "sticker: three", "none of its sheets"),
        ("  card:", "  sticker:", "cannot be called 'sticker'"),
        ("formats:", "formats: []\nother:", "other"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_its_place(old: str, new: str, words: str) -> None:
    assert old in SMALL
    with pytest.raises(ConfigError) as refused:
        parse_print_formats(SMALL.replace(old, new, 1), "print.yaml")
    assert "print.yaml" in str(refused.value) and words in str(refused.value)
