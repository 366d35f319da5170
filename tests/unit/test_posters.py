"""The poster as a printed thing: fonts inside, vector code, long names, the same bytes on any day."""

import csv
import io
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

import publish
from nok import urls
from nok.identifiers import default_placement_code
from nok.packages.write import Table, write_package
from tests.unit.poster_support import (
    MM,
    code_boxes,
    codes,
    codes_of,
    damaged,
    letter_boxes,
    make,
    matrix,
    opened,
    page_sizes,
    pictures,
    tags,
    texts,
)

Factory = Callable[..., Path]

FORMATS = ("a4", "a4-large", "a5", "a5-large", "a6", "plate", "roll-58x40")
SHEETS = {"63x38-21": (63.5, 38.1), "99x38-14": (99.1, 38.1), "99x67-8": (99.1, 67.7), "35x35-35": (35.0, 35.0)}
ALL_FORMATS = [(name, "") for name in FORMATS] + [("sticker", sheet) for sheet in SHEETS]

LONG_NAME = (
    "Муниципальное бюджетное учреждение «" + "Дом «Очень „длинное“ название», которое не кончается, " * 7 + "№ 1»"
)
YAKUT_NAME = "Ҕ Ҥ Ө Һ Ү Ә Җ Ң Ҡ Ҙ Ҫ Ӑ Ӗ Ӳ Ӹ І Ӊ Ӭ Ӷ «Айылҕа оскуолата»"
SCHOOL, SCHOOL_TARGET = "primersk-school-12", "HTTPS://OCENKA.EXAMPLE/Q/MFKWV59B60"


def print_posters(out: Path, *packages: Path, more: tuple[str, ...] = ("--all",)) -> int:
    named = [argument for package in packages for argument in ("--packages", str(package))]
    return make(out, *named, "--format", "a4", *more)


def print_demo(out: Path, demo: "Demo", *more: str) -> int:
    return make(out, *demo, *more)


Demo = tuple[str, ...]
"""The options by which the demonstration is printed from the store of its build, without being checked each time."""


def as_format(name: str, sheet: str) -> tuple[str, ...]:
    return ("--format", name, *(("--sheet", sheet) if sheet else ()))


def rewrite(package: Path, **cells: str) -> Path:
    """The package with other cells in the first row of its organisations."""
    file = package / "organizations.csv"
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8"))))
    rows[0] |= cells
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return package


@pytest.fixture(scope="module")
def demo(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    named = ("--packages", str(project_root / "data_packages/demo"))
    output = ("--output", str(tmp_path_factory.mktemp("demonstration") / "site"))
    assert publish.main(["build", *named, *output]) == 0
    return (*named, *output)


# ---- one poster ----------------------------------------------------------------------------------------------------


def test_each_poster_opens_the_form_of_its_own_organisation(tmp_path: Path, package_factory: Factory) -> None:
    package = package_factory(organizations=5)
    assert print_posters(tmp_path / "all.pdf", package) == 0
    ids = sorted(line.split(",")[0] for line in (package / "organizations.csv").read_text("utf-8").splitlines()[1:])
    printed = sorted(code for page in codes_of(tmp_path / "all.pdf", 100) for code in page)
    expected = sorted(urls.printed("https://ocenka.example", default_placement_code(each)) for each in ids)
    assert printed == expected


def test_a_poster_says_the_name_the_address_the_score_and_who_answers(tmp_path: Path, demo: Demo) -> None:
    assert print_demo(tmp_path / "p.pdf", demo, "--organization", SCHOOL, "--responsible", "завхоз") == 0
    [text] = texts(tmp_path / "p.pdf")
    for said in (
        "МБОУ «Средняя школа № 12»",
        "Муниципальное бюджетное общеобразовательное учреждение «Средняя общеобразовательная школа № 12»",
        "г. Примерск, ул. Школьная, 5",
        "ocenka.example/q/MFKWV59B60",
        "83,56, отлично",
        "выполнено 2 из 5",
        "Rate this",
        "За стенд отвечает: завхоз",
    ):
        assert said in text
    assert codes_of(tmp_path / "p.pdf") == [[SCHOOL_TARGET]]


def test_every_font_is_inside_the_file(tmp_path: Path, package_factory: Factory) -> None:
    assert print_posters(tmp_path / "p.pdf", package_factory()) == 0
    content = (tmp_path / "p.pdf").read_bytes()
    assert content.count(b"/FontFile2") >= 2
    assert b"/Helvetica" not in content
    assert b"/Subtype /Image" not in content


def test_the_same_packages_give_the_same_bytes(tmp_path: Path, package_factory: Factory) -> None:
    package = package_factory()
    for name in ("one", "two"):
        assert print_posters(tmp_path / f"{name}.pdf", package) == 0
        assert print_posters(tmp_path / f"{name}.zip", package) == 0
    for ending in ("pdf", "zip"):
        assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"two.{ending}").read_bytes()


def test_a_poster_is_heard_in_order_with_its_languages(tmp_path: Path, demo: Demo) -> None:
    """Tags as a program of another house reads them: a heading, paragraphs, the code with words for it."""
    assert print_demo(tmp_path / "p.pdf", demo, "--organization", SCHOOL) == 0
    found = tags(tmp_path / "p.pdf")
    kinds = [kind for kind, _, _ in found]
    assert kinds[:3] == ["Document", "Sect", "H1"] and set(kinds[3:]) == {"P", "Figure"}
    assert [alt for kind, alt, _ in found if kind == "Figure"] == ["QR-код, ведёт на\u00a0ocenka.example/q/MFKWV59B60"]
    assert {language for _, _, language in found} == {"", "en"}
    content = (tmp_path / "p.pdf").read_bytes()
    for needed in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang", b"DisplayDocTitle", b"<pdfuaid:part>1<", b"/Tabs /S"):
        assert needed in content
    assert "Плакат А4: МБОУ «Средняя школа № 12»".encode() in content


def test_everything_on_a_page_is_either_told_or_decoration(tmp_path: Path, demo: Demo) -> None:
    """A screen reader must not meet a piece of a page that the tree does not know."""
    assert make(tmp_path / "p.pdf", *demo, "--organization", SCHOOL, "--format", "a6", "--marks") == 0
    with opened(tmp_path / "p.pdf") as document:
        page = document[0]
        told = [item for item in page.get_objects(max_depth=3) if marks_of(item)]
        assert told and len(told) == len(list(page.get_objects(max_depth=3)))


def marks_of(item: object) -> int:
    import pypdfium2.raw as pdfium

    return int(pdfium.FPDFPageObj_CountMarks(item))


def test_black_only_has_no_colour_and_no_grey(tmp_path: Path, demo: Demo) -> None:
    for name, more in (("colour", ()), ("black", ("--black",))):
        out = tmp_path / f"{name}.pdf"
        assert print_demo(out, demo, "--organization", SCHOOL, *more) == 0
    assert {"0 0 0"} == fills(tmp_path / "black.pdf") < fills(tmp_path / "colour.pdf") | {"0 0 0"}
    assert len(fills(tmp_path / "colour.pdf")) >= 3


def fills(pdf: Path) -> set[str]:
    """The colours of everything that is filled on the first page."""
    import ctypes

    import pypdfium2.raw as pdfium

    found = set()
    with opened(pdf) as document:
        for item in document[0].get_objects(max_depth=5):
            parts = [ctypes.c_uint() for _ in range(4)]
            if pdfium.FPDFPageObj_GetFillColor(item, *map(ctypes.byref, parts)):
                found.add(" ".join(str(part.value) for part in parts[:3]))
    return found


@pytest.mark.parametrize(
    ("languages", "there", "not_there"),
    [("ru", "Оцените", "Rate"), ("en", "Rate this place", "Оцените"), ("en,ru", "Rate this place Оцените", "×")],
)
def test_one_language_or_two(languages: str, there: str, not_there: str, tmp_path: Path, demo: Demo) -> None:
    assert print_demo(tmp_path / "p.pdf", demo, "--organization", SCHOOL, "--languages", languages) == 0
    [text] = texts(tmp_path / "p.pdf")
    assert there in text and not_there not in text


def test_large_print_has_no_small_letter(tmp_path: Path, demo: Demo) -> None:
    for name, least in (("a4-large", 18), ("a5-large", 18)):
        assert make(tmp_path / "p.pdf", *demo, "--organization", SCHOOL, "--format", name) == 0
        with opened(tmp_path / "p.pdf") as document:
            sizes = {item.get_font_size() for item in document[0].get_objects() if hasattr(item, "get_font_size")}
        assert sizes and min(sizes) >= least, name


def test_a_print_shop_gets_bleed_and_crop_marks(tmp_path: Path, demo: Demo) -> None:
    assert print_demo(tmp_path / "p.pdf", demo, "--organization", SCHOOL, "--marks") == 0
    assert page_sizes(tmp_path / "p.pdf") == [pytest.approx((230, 317), abs=0.1)]
    with opened(tmp_path / "p.pdf") as document:
        trim, bleed = document[0].get_trimbox(), document[0].get_bleedbox()
    assert [edge / MM for edge in trim] == pytest.approx([10, 10, 220, 307], abs=0.05)
    assert [edge / MM for edge in bleed] == pytest.approx([7, 7, 223, 310], abs=0.05)
    [picture] = pictures(tmp_path / "p.pdf", 254)  # ten dots a millimetre
    assert picture.getpixel((50, 100)) < 128 and picture.getpixel((100, 50)) < 128  # the marks at a corner
    assert picture.getpixel((95, 100)) == 255  # and nothing in the bleed


# ---- names and addresses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [LONG_NAME, "Слово" * 70, YAKUT_NAME, "a"])
def test_any_name_fits_and_the_code_is_still_read(name: str, tmp_path: Path, package_factory: Factory) -> None:
    package = rewrite(package_factory(organizations=1), name=name, short_name="")
    assert print_posters(tmp_path / "p.pdf", package) == 0
    [text], [found] = texts(tmp_path / "p.pdf"), codes_of(tmp_path / "p.pdf", 100)
    assert len(found) == 1
    assert name.split(maxsplit=1)[0][:12] in text.replace(" ", "")


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Five organisations with the names that fit least, and no address."""
    folder = tmp_path_factory.mktemp("awkward")
    names = [
        (LONG_NAME[:400], ""),
        (LONG_NAME[:400], "Дом № 1"),
        (YAKUT_NAME, ""),
        ("Ж" * 400, "Щ" * 300),
        ("Школа", ""),
    ]
    rows = [
        {"organization_id": f"o-{number}", "name": name, "short_name": short, "sphere": "education"}
        | {"region_code": "70", "status": "published"}
        for number, (name, short) in enumerate(names)
    ]
    write_package(
        folder / "package",
        {"name": "awkward", "title": "Имена", "version": "1.0.0", "licenses": [{"name": "CC0-1.0"}]},
        [Table(name="organizations", rows=rows)],
    )
    return ("--packages", str(folder / "package"), "--output", str(folder / "none"))


@pytest.mark.parametrize(("form", "sheet"), ALL_FORMATS)
def test_no_letter_leaves_its_box(form: str, sheet: str, tmp_path: Path, awkward: Demo) -> None:
    """Measured on the page: every letter lies on its panel, and none in the quiet zone of a code."""
    assert make(tmp_path / "p.pdf", *awkward, "--all", "--no-contents", *as_format(form, sheet)) == 0
    sizes = page_sizes(tmp_path / "p.pdf")
    assert len(sizes) == (1 if sheet else 5)
    for page, (width, height) in enumerate(sizes):
        frames = label_frames(sheet) if sheet else [(0.0, 0.0, width, height)]
        quiet = [with_quiet_zone(box) for box in code_boxes(tmp_path / "p.pdf", page)]
        boxes = letter_boxes(tmp_path / "p.pdf", page)
        assert len(boxes) > 20 and quiet
        for box in boxes:
            assert any(is_within(box, frame) for frame in frames), box
            assert not any(is_touching(box, zone) for zone in quiet), box


Edges = tuple[float, float, float, float]


def label_frames(sheet: str) -> list[Edges]:
    """The labels as their makers describe them, in millimetres from the lower left."""
    width, height = SHEETS[sheet]
    left, top, across, down, columns = {
        "63x38-21": (7.21, 15.15, 66.04, 38.1, 3),
        "99x38-14": (4.63, 15.15, 101.64, 38.1, 2),
        "99x67-8": (4.63, 13.1, 101.64, 67.7, 2),
        "35x35-35": (7.5, 11.0, 40.0, 40.0, 5),
    }[sheet]
    corners = [(left + number % columns * across, 297 - top - number // columns * down) for number in range(5)]
    return [(x, y - height, x + width, y) for x, y in corners]


def with_quiet_zone(box: Edges) -> Edges:
    quiet = (box[2] - box[0]) * 4 / 29
    return box[0] - quiet, box[1] - quiet, box[2] + quiet, box[3] + quiet


def is_within(box: Edges, frame: Edges) -> bool:
    return box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]


def is_touching(box: Edges, zone: Edges) -> bool:
    """Whether they share more than a fifth of a millimetre, the height of a mark on a letter."""
    return box[0] < zone[2] and box[2] > zone[0] and box[1] < zone[3] - 0.2 and box[3] > zone[1] + 0.2


def test_a_long_name_gives_way_to_the_short_one_and_is_cut_at_last(tmp_path: Path, package_factory: Factory) -> None:
    package = package_factory(organizations=1)
    for cells, there, not_there in (
        ({"name": "Музей", "short_name": "М"}, "Музей", "…"),
        ({"name": LONG_NAME[:400], "short_name": "Дом № 1"}, "Дом № 1", "Муниципальное"),
        ({"name": LONG_NAME[:400], "short_name": ""}, "…", "кончается, № 1"),
    ):
        rewrite(package, **cells)
        assert make(tmp_path / "p.pdf", "--packages", str(package), "--all", "--format", "sticker") == 0
        [text] = texts(tmp_path / "p.pdf")
        assert there in text and not_there not in text


@pytest.mark.parametrize(
    ("widget_url", "words"),
    [
        ("http://ocenka.example", "does not begin with https://"),
        ("https://user@ocenka.example", "a name stands before the host"),
        ("https://оcenka.example", "CYRILLIC SMALL LETTER O"),
        ("https://ocenka.example:443", "443 is what https means"),
        ("https://ocenka.example/a_b", "'_'"),
        ("https://ocenka.example/#q", "characters or parts"),
        (f"https://ocenka.example/{'a' * 300}", "it has 323 characters"),
    ],
)
def test_a_target_that_must_not_be_printed_is_refused_by_name(
    widget_url: str, words: str, tmp_path: Path, demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "publication.yaml").write_text(f"widget_url: '{widget_url}'\n", "utf-8")
    more = ("--organization", SCHOOL, "--config", str(tmp_path / "publication.yaml"))
    assert print_demo(tmp_path / "p.pdf", demo, *more) == 1
    said = capsys.readouterr().err
    assert words in said and "widget_url" in said
    assert not (tmp_path / "p.pdf").exists()


def test_an_address_too_long_for_a_sticker_is_refused_and_fits_a_poster(
    tmp_path: Path, demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "publication.yaml").write_text(f"widget_url: https://{'very-' * 15}long.example\n", "utf-8")
    more = ("--organization", SCHOOL, "--config", str(tmp_path / "publication.yaml"))
    assert print_demo(tmp_path / "a.pdf", demo, *more) == 0
    assert codes_of(tmp_path / "a.pdf") == [[f"HTTPS://{'VERY-' * 15}LONG.EXAMPLE/Q/MFKWV59B60"]]
    small = ("--format", "sticker", "--sheet", "35x35-35")
    assert make(tmp_path / "s.pdf", *demo, *more, *small) == 1
    said = capsys.readouterr().err
    assert "sticker-35" in said and "No poster was made" in said and not (tmp_path / "s.pdf").exists()


# ---- sheets of labels ----------------------------------------------------------------------------------------------


def test_stickers_lie_where_the_labels_are(tmp_path: Path, demo: Demo) -> None:
    """Measured in millimetres from the PDF: 63.5 × 38.1, three by seven, on A4."""
    more = (*demo, "--region", "00", "--format", "sticker", "--no-contents")
    assert make(tmp_path / "s.pdf", *more) == 0
    assert page_sizes(tmp_path / "s.pdf")[0] == pytest.approx((210, 297), abs=0.05)
    lefts = sorted({round(box[0], 1) for box in code_boxes(tmp_path / "s.pdf", 0)})
    tops = sorted({round(297 - box[3], 1) for box in code_boxes(tmp_path / "s.pdf", 0)})
    assert len(code_boxes(tmp_path / "s.pdf", 0)) == 21
    assert [b - a for a, b in pairwise(lefts)] == pytest.approx([66.04] * 2, abs=0.11)
    assert [b - a for a, b in pairwise(tops)] == pytest.approx([38.1] * 6, abs=0.11)
    margin_and_quiet_zone = 1.6 + 34.5 * 4 / 37
    assert lefts[0] == pytest.approx(7.21 + margin_and_quiet_zone, abs=0.1)
    assert tops[0] == pytest.approx(15.15 + (38.1 - 34.5) / 2 + 34.5 * 4 / 37, abs=0.1)


def test_a_sheet_is_moved_and_begun_where_the_last_one_ended(tmp_path: Path, demo: Demo) -> None:
    one = (*demo, "--organization", SCHOOL, "--format", "sticker")
    assert make(tmp_path / "a.pdf", *one) == 0
    assert make(tmp_path / "b.pdf", *one, "--offset", "1.5,-2", "--skip", "4") == 0
    [before], [after] = code_boxes(tmp_path / "a.pdf", 0), code_boxes(tmp_path / "b.pdf", 0)
    assert after[0] - before[0] == pytest.approx(66.04 + 1.5, abs=0.02)
    assert after[1] - before[1] == pytest.approx(-38.1 + 2, abs=0.02)


def test_the_calibration_sheet_shows_every_label(tmp_path: Path, demo: Demo) -> None:
    more = (*demo, "--format", "sticker", "--sheet", "99x38-14", "--calibration", "--offset", "0.5,0")
    assert make(tmp_path / "c.pdf", *more) == 0
    assert "0,5, 0" in texts(tmp_path / "c.pdf")[0] and codes_of(tmp_path / "c.pdf") == [[]]
    [picture] = pictures(tmp_path / "c.pdf", 254)
    for column, row in ((0, 0), (1, 0), (0, 6), (1, 6)):
        x, y = 4.63 + 0.5 + column * 101.64, 15.15 + row * 38.1
        for edge in ((x, y + 30), (x + 99.1, y + 30), (x + 80, y), (x + 80, y + 38.1)):
            dark = min(
                picture.getpixel((round(edge[0] * 10) + dx, round(edge[1] * 10) + dy))
                for dx in (-1, 0, 1)
                for dy in (-1, 0, 1)
            )
            assert dark < 200, (column, row, edge)


def test_a_tent_is_read_from_both_sides(tmp_path: Path, demo: Demo) -> None:
    assert make(tmp_path / "t.pdf", *demo, "--organization", SCHOOL, "--format", "a6") == 0
    assert page_sizes(tmp_path / "t.pdf") == [pytest.approx((148, 210), abs=0.1)]
    [picture] = pictures(tmp_path / "t.pdf")
    width, height = picture.size
    for half, is_turned in (((0, 0, width, height // 2), True), ((0, height // 2, width, height), False)):
        [code] = zxingcpp.read_barcodes(picture.crop(half))
        assert code.text == SCHOOL_TARGET
        assert (abs(code.orientation) > 170) is is_turned
    assert [kind for kind, _, _ in tags(tmp_path / "t.pdf")].count("Figure") == 1  # and heard once


# ---- proof that they scan ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "sheet"), ALL_FORMATS)
def test_every_format_is_read_from_a_worn_sheet(form: str, sheet: str, tmp_path: Path, demo: Demo) -> None:
    """At 100, 150 and 300 dots an inch: as printed, blurred, rotated, greyed, with 5 % of the symbol gone."""
    one = (*demo, "--organization", SCHOOL)
    assert make(tmp_path / "p.pdf", *one, *as_format(form, sheet)) == 0
    found = matrix(tmp_path / "p.pdf", 0, (100, 150, 300))
    assert len(found) == 15
    assert {worn for worn, read in found.items() if read != [SCHOOL_TARGET]} == set()


def test_a_code_of_a_poster_has_its_level_and_survives_only_so_much(tmp_path: Path, demo: Demo) -> None:
    """The suffering is real: a code with a fifth of it gone is not read."""
    assert print_demo(tmp_path / "p.pdf", demo, "--organization", SCHOOL) == 0
    [picture] = pictures(tmp_path / "p.pdf", 100)
    [code] = zxingcpp.read_barcodes(picture)
    assert code.ec_level == "Q"
    left, top, right, bottom = 120, 0, 700, 1169
    worse = picture.crop((left, top, right, bottom))
    for seed in range(40):
        worse = damaged(worse, seed)
    assert codes(worse) == []


def test_a_wrong_code_is_noticed_before_anything_is_written(
    tmp_path: Path, demo: Demo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from nok.render import paper

    def spoilt(self: object, code: paper.Code) -> list[str]:
        return kept(
            self, paper.Code(x=code.x, y=code.y, side=code.side, modules=code.modules, runs=code.runs[::2], alt="")
        )

    kept = paper.Book._code
    monkeypatch.setattr(paper.Book, "_code", spoilt)
    assert print_demo(tmp_path / "p.pdf", demo, "--organization", SCHOOL) == 3
    said = capsys.readouterr().err
    assert f"{SCHOOL_TARGET} cannot be read" in said and "Nothing was written" in said
    assert not (tmp_path / "p.pdf").exists()


# ---- what a command writes -----------------------------------------------------------------------------------------


def test_a_region_begins_with_its_contents_by_postal_address(tmp_path: Path, package_factory: Factory) -> None:
    package = package_factory(organizations=12)
    assert print_posters(tmp_path / "r.pdf", package, more=("--region", "70")) == 0
    first, *posters = texts(tmp_path / "r.pdf")
    assert len(posters) == 12 and "Томская область" in first and "Всего 12" in first
    places = [first.index(f"г. Томск, ул. Садовая, д. {number} ") for number in range(1, 13)]
    assert places == sorted(places)  # д. 2 before д. 12
    for number, text in enumerate(posters, start=2):
        assert f"ул. Садовая, д. {number - 1} " in text
        assert f"лист {number} г. Томск, ул. Садовая, д. {number - 1} " in first


def test_a_zip_has_a_pdf_for_each_region_and_one_table(tmp_path: Path, package_factory: Factory) -> None:
    tomsk = package_factory("tomsk", organizations=2)
    other = rewrite(package_factory("other", organizations=1, prefix="x-"), region_code="42", latitude="", longitude="")
    assert print_posters(tmp_path / "all.zip", tomsk, other) == 0
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.namelist() == ["contents.csv", "42.pdf", "70.pdf"]
        rows = list(csv.DictReader(io.StringIO(archive.read("contents.csv").decode())))
        archive.extractall(tmp_path)
    assert [(row["file"], row["organization_id"]) for row in rows] == [
        ("42.pdf", "x-clinic-1"),
        ("70.pdf", "clinic-1"),
        ("70.pdf", "clinic-2"),
    ]
    for row in rows:
        assert codes_of(tmp_path / row["file"])[int(row["page"]) - 1] == [row["target"]]


def test_bare_codes_as_svg_and_png(tmp_path: Path, demo: Demo) -> None:
    one = (*demo, "--organization", SCHOOL)
    assert make(tmp_path / "c.png", *one, "--format", "png") == 0
    with Image.open(tmp_path / "c.png") as picture:
        assert codes(picture.convert("L")) == [SCHOOL_TARGET]
        assert (
            picture.getpixel((0, 0)) == picture.getpixel((95, 95)) != picture.getpixel((97, 97))
        )  # four modules of quiet
    assert make(tmp_path / "c.svg", *one, "--format", "svg") == 0
    svg = (tmp_path / "c.svg").read_text("utf-8")
    assert 'viewBox="0 0 37 37"' in svg and "ocenka.example/q/MFKWV59B60" in svg
    assert make(tmp_path / "c.zip", *demo, "--region", "00", "--format", "svg") == 0
    with zipfile.ZipFile(tmp_path / "c.zip") as archive:
        assert "MFKWV59B60.svg" in archive.namelist() and archive.read("MFKWV59B60.svg").decode() == svg


def test_only_what_changed_since_the_last_run_is_printed(
    tmp_path: Path, package_factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    package = package_factory(organizations=4)
    assert print_posters(tmp_path / "first.zip", package) == 0
    since = ("--all", "--changed-since", str(tmp_path / "first.zip"))
    assert print_posters(tmp_path / "none.zip", package, more=since) == 64
    assert "nothing has changed" in capsys.readouterr().err and not (tmp_path / "none.zip").exists()
    rewrite(package, address="г. Томск, пер. Новый, д. 7")
    assert print_posters(tmp_path / "again.pdf", package, more=since) == 0
    [text] = texts(tmp_path / "again.pdf")
    assert "пер. Новый, д. 7" in text
    assert "Left out, since nothing has changed on them: 3." in capsys.readouterr().out


def test_only_what_changed_since_a_build_is_printed(
    tmp_path: Path, package_factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    package, output = package_factory(organizations=4), ("--output", str(tmp_path / "site"))
    assert publish.main(["build", "--packages", str(package), *output, "--jobs", "1"]) == 0
    build = capsys.readouterr().out.rpartition("Выпуск ")[2][:12]
    since = ("--all", *output, "--changed-since", build)
    assert print_posters(tmp_path / "none.pdf", package, more=since) == 64
    rewrite(package, name="Поликлиника имени Нового Имени", short_name="Новая поликлиника")
    assert publish.main(["build", "--packages", str(package), *output, "--jobs", "1"]) == 0
    assert print_posters(tmp_path / "again.pdf", package, more=since) == 0
    assert [text.count("Новая поликлиника") for text in texts(tmp_path / "again.pdf")] == [1]
    assert print_posters(tmp_path / "p.pdf", package, more=("--all", *output, "--changed-since", "0" * 12)) == 64
    assert build in capsys.readouterr().err  # the builds that are kept


def test_one_poster_comes_from_the_store_of_the_build(
    tmp_path: Path, package_factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the published build was made from these packages, nothing is checked and loaded again; else it is."""
    from nok.packages import check

    package, output = package_factory(organizations=2), ("--output", str(tmp_path / "site"))
    assert publish.main(["build", "--packages", str(package), *output, "--jobs", "1"]) == 0
    checks: list[object] = []
    whole = check.check_packages
    monkeypatch.setattr(check, "check_packages", lambda *given, **more: checks.append(given) or whole(*given, **more))
    one = ("--organization", "clinic-1", *output)
    assert print_posters(tmp_path / "a.pdf", package, more=one) == 0
    assert checks == []
    rewrite(package, address="г. Томск, пер. Новый, д. 7")
    assert print_posters(tmp_path / "b.pdf", package, more=one) == 0
    assert len(checks) == 1 and "пер. Новый, д. 7" in texts(tmp_path / "b.pdf")[0]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--organization", "primersk-school-1200"), "Did you mean"),
        (("--region", "99"), "no region '99'"),
        (("--all", "--format", "a3"), "The format 'a3'"),
        (("--all", "--format", "sticker", "--sheet", "63x38"), "The sheet '63x38'"),
        (("--all", "--format", "sticker", "--skip", "21"), "expected 0 to 20"),
        (("--all", "--format", "sticker", "--marks"), "is not cut"),
        (("--all", "--languages", "ru,tt"), "The language 'tt'"),
        (("--all", "--calibration"), "Name one with --sheet"),
        (("--all", "--offset", "1"), "two numbers"),
        (("--placement", "VHMAAF3D71"), "is closed"),
        (("--placement", "0000000000"), "Nobody printed"),
        (("--all", "--changed-since", "0123456789ab"), "is not kept"),
        (("--all", "--format", "svg"), ".svg or .zip"),
        ((), "Say what to print"),
    ],
)
def test_what_is_not_there_is_said_and_no_poster_is_made(
    more: tuple[str, ...], words: str, tmp_path: Path, demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = ("--output", str(tmp_path / "no-site"))
    assert print_demo(tmp_path / "p.pdf", demo, *more, *nowhere) == 64
    said = capsys.readouterr().err
    assert words in said
    assert "No poster was made" in said or "Nothing was done" in said
    assert not (tmp_path / "p.pdf").exists()
