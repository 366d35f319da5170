"""Pages for everyone: with a keyboard, enlarged, in forced colours, without a script, on paper, read by a machine.

One page of each kind of the demonstration is looked at in headless Chromium; links and markup are looked at everywhere.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pypdfium2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.kinds import KINDS, OF_THE_WIDGET, SCHOOL, SELDOM

OTHERS = {kind: address for kind, address in SELDOM.items() if kind not in OF_THE_WIDGET}
IN_THE_DARK = {
    kind: KINDS[kind] for kind in ("home", "map", "region", "sphere of a region", "organisation", "indicator", "data")
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 320, "height": 640}, locale="ru-RU")
    yield context
    context.close()


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth > innerWidth"))


def is_crowded_map(fault: str) -> bool:
    """Points of a map stand as close as the places they show; the list below it has the same links, large enough
    (WCAG 2.5.8, exception "equivalent")."""
    return fault.startswith("target-size") and "leaflet-marker-icon" in fault


@pytest.mark.parametrize(
    ("width", "scheme", "kinds"),
    [
        (360, "light", KINDS),
        (1280, "dark", IN_THE_DARK),
        pytest.param(1280, "dark", KINDS, marks=pytest.mark.scale, id="dark"),
        pytest.param(360, "light", OTHERS, marks=pytest.mark.scale, id="seldom"),
    ],
)
def test_a_machine_finds_nothing_in_the_way_of_anybody(
    chromium: Browser, base: str, project_root: Path, scheme: Any, width: int, kinds: Mapping[str, str]
) -> None:
    axe = (project_root / "node_modules/axe-core/axe.min.js").read_text("utf-8")
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="ru-RU")
    found = {}
    for kind, address in kinds.items():
        page = context.new_page()
        page.goto(base + address, wait_until="networkidle")
        page.evaluate(axe)
        violations = page.evaluate(
            "rules => axe.run({runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
        )["violations"]
        found[kind] = [f"{one['id']}: {node['html'][:200]}" for one in violations for node in one["nodes"]]
        found[kind] = [fault for fault in found[kind] if not is_crowded_map(fault)]
        page.close()
    context.close()
    assert {kind: faults for kind, faults in found.items() if faults} == {}


def test_nothing_scrolls_sideways_on_the_narrowest_phone_or_at_twice_the_size(phone: BrowserContext, base: str) -> None:
    wide = []
    page = phone.new_page()
    for kind, address in KINDS.items():
        page.goto(base + address)
        if is_too_wide(page):
            wide.append((kind, "320"))
    page.set_viewport_size({"width": 640, "height": 900})  # what is left of 1280 px at 200 % in a browser
    page.evaluate("() => localStorage.setItem('view', '{\"size\": \"200\"}')")
    for kind, address in KINDS.items():
        page.goto(base + address)
        if kind != "poster" and is_too_wide(page):
            wide.append((kind, "640 and twice as large"))
    assert wide == []


def test_nothing_scrolls_sideways_on_a_common_phone_whatever_its_font(chromium: Browser, base: str) -> None:
    """Before our fonts have come a phone shows its own, which are wider; and what is folded is unfolded here."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, locale="ru-RU")
    context.route("**/*.woff2", lambda route: route.abort())
    page, wide = context.new_page(), []
    for kind, address in (KINDS | OTHERS).items():
        page.goto(base + address)
        page.evaluate("() => { for (const folded of document.querySelectorAll('details')) folded.open = true }")
        if is_too_wide(page):
            wide.append(kind)
    context.close()
    assert wide == []


def test_everything_stands_on_the_page_without_a_script(chromium: Browser, base: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    for kind, address in KINDS.items():
        page.goto(base + address)
        assert page.locator("h1").first.is_visible(), kind
    page.goto(base + SCHOOL)
    assert page.get_by_text("83,56").first.is_visible()
    for heading in page.locator("main h2").all():
        assert heading.is_visible()
    page.get_by_role("link", name="Версия для слабовидящих").click()
    page.wait_for_url("**/view/")
    assert page.get_by_text("Ctrl").is_visible()
    context.close()


def test_whoever_sees_little_chooses_the_look_with_the_keyboard(page: Page, base: str) -> None:
    size = "() => getComputedStyle(document.documentElement).fontSize"
    page.goto(base + SCHOOL)
    usual = float(page.evaluate(size).removesuffix("px"))
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.locator("a.view:focus").count():
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#view-panel input:focus")
    assert page.locator("a.view").get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert float(page.evaluate(size).removesuffix("px")) == pytest.approx(2 * usual)
    page.get_by_label("белым по чёрному").check()
    page.get_by_label("заменить словами").check()
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    page.keyboard.press("Escape")
    assert page.locator("#view-panel").count() == 0
    assert page.locator("a.view:focus").count() == 1

    page.goto(base + "regions/00/")
    assert float(page.evaluate(size).removesuffix("px")) == pytest.approx(2 * usual)
    assert not is_too_wide(page)
    assert page.url == base + "regions/00/"
    page.locator("a.view").click()
    page.get_by_role("button", name="Вернуть обычный вид").click()
    assert float(page.evaluate(size).removesuffix("px")) == pytest.approx(usual)
    assert page.evaluate("() => localStorage.getItem('view')") is None


def test_a_table_stays_a_table_where_it_is_shown_as_cards(phone: BrowserContext, base: str) -> None:
    page = phone.new_page()
    page.goto(base + "spheres/education/00.html")
    assert page.evaluate("() => getComputedStyle(document.querySelector('table.cards')).display") == "block"
    shown = page.locator("table.cards").first.aria_snapshot()
    for role in ("table", "rowgroup", "row ", "rowheader", "cell"):
        assert f"- {role}" in shown, shown[:400]


def test_focus_and_bands_are_seen_in_forced_colours(chromium: Browser, base: str) -> None:
    context = chromium.new_context(forced_colors="active", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(base + SCHOOL)
    page.keyboard.press("Tab")
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    border = page.evaluate("() => getComputedStyle(document.querySelector('.band'), '::before').borderTopColor")
    paper = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert border != paper
    context.close()


def test_every_kind_of_page_prints_without_its_menu(page: Page, base: str, tmp_path: Path) -> None:
    for number, (kind, address) in enumerate(KINDS.items()):
        page.goto(base + address)
        heading = page.locator("h1").first.inner_text()
        page.pdf(path=tmp_path / f"{number}.pdf", format="A4")
        document = pypdfium2.PdfDocument(tmp_path / f"{number}.pdf")
        printed = "".join(sheet.get_textpage().get_text_range() for sheet in document)
        document.close()
        flat = "".join(printed.split()).replace("\ufffe", "").casefold()
        assert "".join(heading.split()).casefold()[:12] in flat, kind
        assert "Версиядляслабовидящих".casefold() not in flat or kind == "settings", kind


# ---- the whole site ------------------------------------------------------------------------------------------------


class _Names(HTMLParser):
    """The ids of a document and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.targets: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if given.get("id"):
            self.ids.add(str(given["id"]))
        for name in ("href", "src", "data"):
            if given.get(name) and given.get("rel") not in ("canonical", "alternate"):
                self.targets.add(str(given[name]))


@pytest.fixture(scope="module")
def documents(site: Path) -> dict[str, _Names]:
    found = {}
    for file in site.rglob("*.html"):
        names = _Names()
        names.feed(file.read_text("utf-8"))
        found[file.relative_to(site).as_posix()] = names
    return found


def test_every_link_and_every_place_in_a_page_is_there(site: Path, documents: dict[str, _Names]) -> None:
    dead = set()
    for path, names in documents.items():
        for target in names.targets:
            at = urlsplit(urljoin(f"http://site/{path}", target))
            if at.netloc != "site" or at.scheme != "http" or at.path.startswith("/rate/"):
                continue
            place = unquote(at.path).lstrip("/")
            place += "index.html" if not place or place.endswith("/") else ""
            if not (site / place).is_file():
                dead.add((path, target))
            is_place = at.fragment and place in documents and not at.fragment.startswith("o=")
            if is_place and unquote(at.fragment) not in documents[place].ids:
                dead.add((path, target))
    assert sorted(dead)[:20] == []


@pytest.mark.parametrize("step", [12, pytest.param(1, marks=pytest.mark.scale)], ids=["some", "all"])
def test_the_nu_checker_finds_no_error_on_any_page(step: int, site: Path, project_root: Path) -> None:
    """One page of each kind and every twelfth of the rest; each and every one with the mark `scale`."""
    checker = project_root / "node_modules/vnu-jar/build/dist/vnu.jar"
    if shutil.which("java") is None or not checker.exists():
        pytest.skip("no Java for the Nu checker: `apt-get install default-jre-headless` (as root), then run again")
    every = sorted(site.rglob("*.html"))
    addresses = [urlsplit(address).path for address in (KINDS | OTHERS).values()]
    kinds = {site / one / "index.html" if one.endswith("/") or not one else site / one for one in addresses}
    assert kinds <= set(every)
    files = [str(file) for number, file in enumerate(every) if number % step == 0 or file in kinds]
    said = subprocess.run(
        ["java", "-Xss2m", "-Xmx2g", "-jar", str(checker), "--errors-only", "--format", "json", "--stdout", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    messages = json.loads(said.stdout)["messages"]
    assert len(every) > 500 and len(files) >= len(every) // step
    assert [(one.get("url", "")[-60:], one["message"]) for one in messages[:10]] == []
