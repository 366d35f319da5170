"""The site copied to a stick or unpacked from an archive, and opened there by a double click."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.kinds import SCHOOL

STYLED = "() => getComputedStyle(document.querySelector('.top')).borderBottomStyle"


@pytest.mark.parametrize(
    ("address", "shown"),
    [(SCHOOL, "83,56"), ("spheres/education/00.html", "Лицей «Вектор»"), ("regions/00/index.html", "Эталонск")],
    ids=["organisation", "list", "map of a region"],
)
def test_a_page_opened_from_a_folder_has_its_style_and_says_everything(
    site: Path, page: Page, address: str, shown: str
) -> None:
    page.goto((site / address).as_uri())
    assert page.evaluate(STYLED) == "solid"
    assert page.get_by_text(shown).first.is_visible()
    assert page.locator(".foot").is_visible()


def test_links_of_a_folder_lead_to_pages_and_not_to_lists_of_files(site: Path, page: Page) -> None:
    page.goto((site / SCHOOL).as_uri())
    page.get_by_role("link", name="Карта", exact=True).click()
    page.wait_for_url("**/map/index.html")
    assert page.evaluate(STYLED) == "solid"


def test_what_needs_modules_gives_way_to_its_note(site: Path, page: Page) -> None:
    page.goto((site / "regions/00/index.html").as_uri())
    assert page.get_by_text("всё, что на ней есть, стоит и в списке ниже").is_visible()
    assert page.locator("figure.map").is_hidden()
    page.goto((site / "search/index.html").as_uri())
    assert page.get_by_text("Без них организацию можно найти через регион").is_visible()
    assert page.locator("form.finder").is_hidden()
    assert page.get_by_role("link", name="Демонстрационная область").first.is_visible()
