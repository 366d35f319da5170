"""The sheet that an organisation prints from its page: one page of A4 in a browser, whatever the name, and its code is read."""

from pathlib import Path

import pytest
import zxingcpp
from playwright.sync_api import Browser

import publish
from nok import urls
from nok.identifiers import default_placement_code
from nok.packages.write import Table, write_package
from tests.unit.poster_support import page_sizes, pictures, texts

LONG = "Муниципальное бюджетное учреждение «" + "Дом «Очень „длинное“ название», которое не кончается, " * 7 + "№ 1»"
NAMES = {
    "long": (LONG[:400], ""),
    "both": (LONG[:319], "Дом № 1"),
    "yakut": ("Ҕ Ҥ Ө Һ Ү Ә Җ Ң Ҡ Ҙ Ҫ Ӑ Ӗ Ӳ Ӹ І Ӊ Ӭ Ӷ «Айылҕа оскуолата»", ""),
    "unbroken": ("Ж" * 400, "Щ" * 300),
    "short": ("Школа", ""),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sheets")
    rows = [
        {"organization_id": key, "name": name, "short_name": short, "sphere": "education", "region_code": "70"}
        | {"address": "г. Томск, ул. Садовая, д. 1" if key == "both" else "", "status": "published"}
        for key, (name, short) in NAMES.items()
    ]
    write_package(
        folder / "package",
        {"name": "sheets", "title": "Листы", "version": "1.0.0", "licenses": [{"name": "CC0-1.0"}]},
        [Table(name="organizations", rows=rows)],
    )
    command = ["build", "--packages", str(folder / "package"), "--output", str(folder / "site"), "--jobs", "1"]
    assert publish.main(command) == 0
    return folder / "site" / "current"


@pytest.mark.parametrize("key", NAMES)
def test_the_print_page_is_one_sheet_with_a_code_that_is_read(
    key: str, site: Path, chromium: Browser, tmp_path: Path
) -> None:
    page = chromium.new_page()
    page.goto((site / urls.organization_poster("70", key)).as_uri())
    page.pdf(path=tmp_path / "p.pdf", prefer_css_page_size=True)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.close()
    assert page_sizes(tmp_path / "p.pdf") == [pytest.approx((210, 297), abs=0.5)]
    [picture] = pictures(tmp_path / "p.pdf", 150)
    [code] = zxingcpp.read_barcodes(picture)
    assert code.text == urls.printed("https://ocenka.example", default_placement_code(key))
    millimetres = (code.position.top_right.x - code.position.top_left.x) / 150 * 25.4
    assert millimetres * 37 / 29 >= 88  # with its quiet zone
    [text] = texts(tmp_path / "p.pdf")
    for said in (
        f"ocenka.example/q/{default_placement_code(key)}",
        "За стенд отвечает",
        "Rate this place",
        "Код размещения",
    ):
        assert said in text
