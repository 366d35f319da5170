"""The poster as a printed thing: fonts inside, vector code, long names, the same bytes on any day."""

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

import publish
from nok import urls
from nok.identifiers import default_placement_code

Factory = Callable[..., Path]


def print_posters(out: Path, *packages: Path, more: tuple[str, ...] = ("--all",)) -> int:
    named = [argument for package in packages for argument in ("--packages", str(package))]
    return publish.main(["posters", *named, "--format", "a4", "--out", str(out), *more])


def read_pages(pdf: Path) -> list[tuple[str, list[str]]]:
    """(text, codes) of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            (
                page.get_textpage().get_text_bounded(),
                [code.text for code in zxingcpp.read_barcodes(page.render(scale=100 / 72).to_pil())],
            )
            for page in document
        ]
    finally:
        document.close()


def test_each_poster_opens_the_form_of_its_own_organisation(tmp_path: Path, package_factory: Factory) -> None:
    package = package_factory(organizations=5)
    assert print_posters(tmp_path / "all.pdf", package) == 0
    pages = read_pages(tmp_path / "all.pdf")
    ids = sorted(line.split(",")[0] for line in (package / "organizations.csv").read_text("utf-8").splitlines()[1:])
    printed = sorted(code for _, codes in pages for code in codes)
    expected = sorted(urls.printed("https://ocenka.example", default_placement_code(each)) for each in ids)
    assert printed == expected


def test_a_poster_says_the_name_the_address_and_the_score(tmp_path: Path, project_root: Path) -> None:
    demo = project_root / "data_packages/demo"
    assert print_posters(tmp_path / "p.pdf", demo, more=("--organization", "primersk-school-12")) == 0
    [(text, codes)] = read_pages(tmp_path / "p.pdf")
    for said in (
        "Средняя школа № 12",
        "ocenka.example/q/MFKWV59B60",
        "83,56, отлично",
        "выполнено 2 из 5",
        "Rate this",
    ):
        assert said in text.replace("\u00a0", " ")
    assert len(codes) == 1


def test_every_font_is_inside_the_file(tmp_path: Path, package_factory: Factory) -> None:
    assert print_posters(tmp_path / "p.pdf", package_factory()) == 0
    content = (tmp_path / "p.pdf").read_bytes()
    assert content.count(b"/FontFile2") >= 2
    assert b"/Helvetica" not in content
    assert b"/Subtype /Image" not in content


def test_the_same_packages_give_the_same_bytes(tmp_path: Path, package_factory: Factory) -> None:
    package = package_factory()
    for name in ("one.pdf", "two.pdf"):
        assert print_posters(tmp_path / name, package) == 0
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "Муниципальное бюджетное учреждение «" + "Очень длинное название, которое не кончается, " * 8 + "№ 1»",
        "Слово" * 70,
        "Ҕ Ҥ Ө Һ Ү Ә Җ Ң Ҡ Ҙ Ҫ Ӑ Ӗ Ӳ Ӹ І Ӊ Ӭ Ӷ ★ «Айылҕа»",
        "a",
    ],
)
def test_any_name_fits_and_the_code_is_still_read(name: str, tmp_path: Path, package_factory: Factory) -> None:
    package = package_factory(organizations=1)
    file = package / "organizations.csv"
    header, row = file.read_text("utf-8").splitlines()
    columns, cells = header.split(","), row.split(",")
    cells[columns.index("name")] = '"' + name.replace('"', '""') + '"'
    if "short_name" in columns:
        cells[columns.index("short_name")] = ""
    file.write_text(f"{header}\n{','.join(cells)}\n", "utf-8")
    assert print_posters(tmp_path / "p.pdf", package) == 0
    [(text, codes)] = read_pages(tmp_path / "p.pdf")
    assert len(codes) == 1
    assert name.split(maxsplit=1)[0][:12] in text.replace("\r\n", "").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--organization", "primersk-school-1200"), "Did you mean"),
        (("--region", "99"), "no region '99'"),
        (("--all", "--format", "a3"), "The format 'a3'"),
        ((), "Say what to print"),
    ],
)
def test_what_is_not_there_is_said_and_no_poster_is_made(
    more: tuple[str, ...], words: str, tmp_path: Path, project_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert print_posters(tmp_path / "p.pdf", project_root / "data_packages/demo", more=more) == 64
    said = capsys.readouterr().err
    assert words in said
    assert "No poster was made" in said
    assert not (tmp_path / "p.pdf").exists()
