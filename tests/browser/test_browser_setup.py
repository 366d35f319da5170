"""The ground under the other browser tests: Chromium starts, shows Russian and runs scripts."""

from playwright.sync_api import Page


def test_chromium_shows_a_page(page: Page) -> None:
    page.set_content("<h1>Оценка</h1>")
    assert page.inner_text("h1") == "Оценка"
    assert page.evaluate("() => navigator.language") == "ru-RU"
