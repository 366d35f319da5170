"""The country as tiles: a way to choose, told apart at a glance, whose list is the real interface."""

import functools
import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

import publish
from tests.browser.conftest import _Quiet
from tests.conftest import valid_tables, write_package

CODES = ("01", "02", "04", "16", "22", "23", "24", "38", "47", "50", "54", "70", "77", "78")


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A publication of fourteen regions, in one of which nobody has been assessed."""
    folder = tmp_path_factory.mktemp("country")
    tables = valid_tables(len(CODES), 0)
    for row, code in zip(tables["organizations"], CODES, strict=True):
        row |= {"region_code": code, "municipality": "", "address": "", "latitude": "", "longitude": ""}
    last = tables["organizations"][-1]["organization_id"]
    tables["scores"] = [row for row in tables["scores"] if row["organization_id"] != last]
    package = write_package(folder / "country", "country", tables=tables)
    assert publish.main(["build", "--packages", str(package), "--output", str(folder / "output")]) == 0
    handler = functools.partial(_Quiet, directory=str(folder / "output/current"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("path", ["/map/", "/", "/en/map/"])
def test_every_tile_is_told_apart_and_leads_to_its_region(path: str, country: str, page: Page) -> None:
    page.goto(country + path)
    tiles = page.locator(".tiles a")
    assert tiles.count() == len(CODES)
    shown = page.locator(".tiles a > [aria-hidden]").all_inner_texts()
    assert len(set(shown)) == len(CODES) and all(len(text) <= 3 for text in shown)
    places = tiles.evaluate_all(
        "(all) => all.map((one) => { const at = one.getBoundingClientRect(); return [at.x, at.y, at.width, at.height]; })"
    )
    assert len({(round(x), round(y)) for x, y, *_ in places}) == len(CODES)  # no two in one place
    assert min(min(width, height) for *_, width, height in places) >= 24
    names = page.locator(".tiles a .vh").all_inner_texts()
    listed = page.locator("#list ~ table th[scope=row], section:has(#list) th[scope=row]").all_inner_texts()
    assert path == "/" or sorted(names) == sorted(listed)
    assert page.locator(".tiles a.old").count() == 1
    tiles.filter(has_text="Москва" if "/en/" not in path else "Moscow").first.click()
    page.wait_for_url("**/regions/*/")


def test_on_a_phone_the_list_alone_stands(country: str, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(country + "/map/")
    assert not page.locator(".tiles").is_visible() and not page.locator(".legend").is_visible()
    assert page.locator("tbody th[scope=row] a").count() == len(CODES)
    context.close()


def test_nothing_moves_for_whoever_asked_for_calm(base: str, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    for path in ("", "regions/00/", "search/?q=школа", "o/00/primersk-school-12.html"):
        page.goto(base + path, wait_until="networkidle")
        assert page.evaluate("() => getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        assert page.evaluate("() => document.getAnimations().length") == 0
    page.goto(base + "regions/00/")
    page.locator(".cluster").first.focus()
    page.keyboard.press("Enter")
    moving = page.evaluate(
        "() => document.querySelectorAll('.leaflet-zoom-anim .leaflet-zoom-animated').length && document.getAnimations().length"
    )
    assert moving == 0
    context.close()
