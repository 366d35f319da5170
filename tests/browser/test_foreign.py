"""Names stay as they are written, in Cyrillic, on pages in English: each is marked as Russian, so that it is read aloud rightly."""

from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Page

from nok.templating import is_cyrillic, marked

UNSEEN = frozenset({"title", "script", "style", "template"})
"""What holds no elements or shows nothing: a title has one language, that of the page."""

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
ENDED_BY = {
    "li": ("li",), "dt": ("dt", "dd"), "dd": ("dt", "dd"), "td": ("td", "th"), "th": ("td", "th"), "tr": ("tr", "td", "th"),
    "tbody": ("thead", "tr", "td", "th"), "option": ("option",),
    **dict.fromkeys(("p", "ul", "ol", "div", "table", "section"), ("p",)),
}  # fmt: skip
UNMARKED = """() => {
  const letters = /[\\u0400-\\u04ff]/, found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { textContent, parentElement } = walker.currentNode;
    if (letters.test(textContent) && !parentElement.closest('script, style, template') && parentElement.closest('[lang]').lang === 'en') found.push(textContent.trim());
  }
  return found;
}"""


class _Reader(HTMLParser):
    """Collects the Cyrillic texts that stand in English."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while self.open and self.open[-1][0] in ENDED_BY.get(tag, ()):
            self.open.pop()
        language = dict(attrs).get("lang") or (self.open[-1][1] if self.open else "")
        if tag not in VOID:
            self.open.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        if any(tag == name for name, _ in self.open):
            while self.open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][1] == "en" and self.open[-1][0] not in UNSEEN and is_cyrillic(data):
            self.found.append(data.strip())


def unmarked(file: Path) -> Sequence[str]:
    reader = _Reader()
    reader.feed(file.read_text("utf-8"))
    return reader.found


def test_what_is_russian_on_an_english_page_is_marked(site: Path) -> None:
    pages = sorted((site / "en").rglob("*.html"))
    many = [page for page in pages if {"o", "m", "ratings", "indicators"} & set(page.relative_to(site).parts)]
    chosen = (
        (set(pages) - set(many))
        | set(many[::25])
        | {page for page in many if page.name.startswith("primersk-school-12.")}
    )
    assert len(chosen) > 100
    assert {page.relative_to(site).as_posix(): found for page in sorted(chosen) if (found := unmarked(page))} == {}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("search/?q=школа", ".result"),
        ("near/?q=Лекальск", ".result"),
        ("near/?q=чертёжный", "#places li"),
        ("compare/?o=00/primersk-school-12&o=00/primersk-preschool-47", "#table table"),
        ("favourites/?o=00/primersk-school-12", ".result"),
        ("regions/00/#o=primersk-preschool-47", ".leaflet-popup-content"),
    ],
)
def test_what_a_script_shows_in_russian_is_marked_too(address: str, shown: str, page: Page, base: str) -> None:
    page.goto(f"{base}en/{address}")
    page.locator(shown).first.wait_for()
    assert is_cyrillic(page.inner_text(shown))
    assert page.evaluate(UNMARKED) == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Приказ No. 8-п of 3 May", '<span lang="ru">Приказ</span> No. 8-<span lang="ru">п</span> of 3 May'),
        ("signed; бюджет области; paid", 'signed; <span lang="ru">бюджет области</span>; paid'),
        ("МБОУ «Школа № 12»", '<span lang="ru">МБОУ «Школа № 12»</span>'),
        ("Added: ООО «Мера»", 'Added: <span lang="ru">ООО «Мера»</span>'),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<b>ы</b>", '&lt;b&gt;<span lang="ru">ы</span>&lt;/b&gt;'),
        ("", ""),
    ],
)
def test_runs_of_russian_are_told_apart(text: str, html: str) -> None:
    assert str(marked(text)) == html
