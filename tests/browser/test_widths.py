"""No page and no table scrolls sideways, whatever the width of the screen and on paper.

A page is held in a frame whose width is changed: the same layout as in a window of that width, in a few milliseconds.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.kinds import KINDS, OF_THE_WIDGET, SCHOOL, SELDOM

OTHERS = {kind: address for kind, address in (KINDS | SELDOM).items() if kind not in OF_THE_WIDGET}
LIST = SELDOM["list of ratings"]
WITH_TABLES = {
    "list of ratings": LIST,
    "list of ratings in English": f"en/{LIST}",
    "municipality": SELDOM["municipality"],
    "organisation": SCHOOL,
    "comparison": SELDOM["comparison"],
    "sphere of a region": KINDS["sphere of a region"],
    "report": SELDOM["report"],
    "council": SELDOM["council"],
}
"""Pages whose tables are wide; all the others are looked at with the mark `scale`."""

FITTING_TABLES = 768
"""From this width on tables must fit too; below it a table of many numbers may scroll in a frame of its own."""

LOOK = """([widths, fitting]) => {
  const frame = document.querySelector('iframe'), found = [];
  const inside = frame.contentDocument, root = inside.documentElement;
  for (const folded of inside.querySelectorAll('details')) folded.open = true;
  for (const width of widths) {
    frame.style.width = `${width}px`;
    if (root.scrollWidth > root.clientWidth) found.push(`${width}: the page is ${root.scrollWidth} wide`);
    if (width < fitting) continue;
    for (const table of inside.querySelectorAll('table'))
      if (table.offsetWidth > table.parentElement.clientWidth)
        found.push(`${width}: a table (${table.className}) is ${table.offsetWidth} wide in ${table.parentElement.clientWidth}`);
  }
  return found;
}"""


def too_wide(page: Page, base: str, kinds: Mapping[str, str], widths: Sequence[int]) -> Mapping[str, Sequence[str]]:
    """Of each kind of page what is wider than its place, at each of `widths`."""
    found = {}
    page.route("**/holder", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(base + "holder")  # a page of ours allows no frame
    for kind, address in kinds.items():
        page.evaluate(
            """(address) => new Promise((loaded) => {
                 const frame = document.createElement('iframe');
                 frame.style.cssText = 'width: 1280px; height: 900px; border: 0';
                 frame.addEventListener('load', () => loaded());
                 frame.src = address;
                 document.body.replaceChildren(frame);
               })""",
            base + address,
        )
        page.wait_for_load_state("networkidle")
        found[kind] = page.evaluate(LOOK, [list(widths), FITTING_TABLES])
    return {kind: faults for kind, faults in found.items() if faults}


@pytest.mark.parametrize(
    ("kinds", "step"),
    [
        pytest.param(WITH_TABLES, 90, id="tables"),
        pytest.param(OTHERS, 20, id="every kind", marks=pytest.mark.scale),
        pytest.param({kind: f"en/{address}" for kind, address in OTHERS.items() if not address.startswith("en/")
                      and address != "404.html"}, 20, id="English", marks=pytest.mark.scale),
    ],
)  # fmt: skip
def test_nothing_scrolls_sideways_at_any_width(page: Page, base: str, kinds: Mapping[str, str], step: int) -> None:
    assert too_wide(page, base, kinds, range(320, 1401, step)) == {}


def test_a_table_too_wide_is_noticed(page: Page, base: str) -> None:
    page.route(
        "**/*.css",
        lambda route: route.fulfill(body="table { min-width: 900px; font: 6px serif }", content_type="text/css"),
    )
    found = too_wide(page, base, {"list": LIST}, [320, 800, 1000])["list"]
    assert [fault.split(":")[0] for fault in found] == ["320", "800", "800"]


def test_wide_tables_fold_where_text_is_twice_as_large(chromium: Browser, base: str) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="ru-RU")
    page = context.new_page()
    page.goto(base + "view/")
    page.evaluate("() => localStorage.setItem('view', '{\"size\": \"200\"}')")
    for address in (LIST, SELDOM["municipality"]):
        page.goto(base + address)
        assert page.evaluate("() => getComputedStyle(document.querySelector('.wide tbody tr')).display") == "grid"
        assert page.evaluate(
            "() => document.querySelector('.wide').scrollWidth <= document.querySelector('.wide').clientWidth"
        )
    context.close()


def test_on_paper_tables_are_tables_and_fit_their_sheet(page: Page, base: str, tmp_path: Path) -> None:
    """A4 with its margins is 688 px wide, where a screen would show cards: a list of 45 schools took 15 sheets."""
    page.emulate_media(media="print")
    for kind, address in WITH_TABLES.items():
        page.goto(base + address)
        page.set_viewport_size({"width": 1016 if page.locator(".wide").count() else 688, "height": 1000})
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), kind
        displayed = page.locator("table.cards tbody tr").evaluate_all(
            "(rows) => rows.map((row) => getComputedStyle(row).display)"
        )
        assert set(displayed) <= {"table-row", "none"}, kind
    page.goto(base + LIST)
    page.pdf(path=tmp_path / "list.pdf", prefer_css_page_size=True)
    document = pypdfium2.PdfDocument(tmp_path / "list.pdf")
    width, height = document[0].get_size()
    sheets, second = len(document), document[1].get_textpage().get_text_range()
    document.close()
    assert sheets <= 6 and width > height
    assert "Опрошено" in second  # the head of the table stands on each sheet
