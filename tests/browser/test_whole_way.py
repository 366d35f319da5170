"""The whole way in a real browser: package, site, poster, code, rating, export, the next build."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Browser, Page

import publish
from nok import urls
from nok.identifiers import default_placement_code
from tests.browser.conftest import Server, running_server

SCHOOL = "primersk-school-12"


@pytest.fixture(scope="module")
def demo(project_root: Path) -> Path:
    return project_root / "data_packages" / "demo"


@pytest.fixture(scope="module")
def output(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole-way") / "output"
    assert publish.main(["build", "--packages", str(demo), "--output", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def shared_server(
    output: Path, demo: Path, project_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """One server for the tests that only look."""
    folder = tmp_path_factory.mktemp("looking")
    arguments = ["--output", str(output), "--packages", str(demo), "--store", str(folder / "store.sqlite")]
    with running_server(project_root, folder, arguments) as running:
        yield running.url


def scan(pdf: Path, dots_per_inch: int = 100) -> "zxingcpp.Barcode":
    """What a camera reads off the first page of a printed PDF."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[0].render(scale=dots_per_inch / 72).to_pil()
    finally:
        document.close()
    [code] = zxingcpp.read_barcodes(picture)
    return code


def press_by_keyboard(page: Page, wanted: str) -> None:
    """Tabs to the control whose name begins with `wanted` and presses Enter; nothing else is touched."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() and focused.inner_text().strip().startswith(wanted):
            break
    else:
        pytest.fail(f"no control '{wanted}' could be reached by the keyboard")
    page.keyboard.press("Enter")


def test_from_the_poster_on_the_stand_to_the_count_on_the_page(
    output: Path, demo: Path, chromium: Browser, server: Callable[..., Server], tmp_path: Path
) -> None:
    poster = tmp_path / "poster.pdf"
    command = ["posters", "--packages", str(demo), "--organization", SCHOOL, "--format", "a4", "--out", str(poster)]
    assert publish.main(command) == 0
    code = scan(poster)
    assert code.text == urls.printed("https://ocenka.example", default_placement_code(SCHOOL))
    assert code.ec_level == "Q"

    store = tmp_path / "store.sqlite"
    running = server(output=output, packages=[demo], store=store)
    address = code.text.replace("HTTPS://OCENKA.EXAMPLE", running.url)
    phone = chromium.new_context(
        viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, java_script_enabled=False
    )
    page = phone.new_page()
    page.goto(address)
    assert "Средняя школа № 12" in page.inner_text("main")
    press_by_keyboard(page, "4")
    page.wait_for_url(re.compile(r"/receipt/[0-9A-Z]{16}"))
    assert "4" in page.inner_text("h1")
    phone.close()

    collected = tmp_path / "collected"
    assert publish.main(["export", "--packages", str(demo), "--store", str(store), "--out", str(collected)]) == 0
    packages = ["--packages", str(demo), "--packages", str(collected)]
    assert publish.main(["build", *packages, "--output", str(output)]) == 0

    page = chromium.new_page()
    page.goto(f"{running.url}/o/00/{SCHOOL}.html")
    assert "87 оценок за всё время" in page.inner_text("main").replace("\u00a0", " ")
    page.close()


def test_a_first_visit_is_light_and_asks_nobody_else(
    output: Path, demo: Path, chromium: Browser, server: Callable[..., Server]
) -> None:
    running = server(output=output, packages=[demo])
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page, sizes, strangers, faults = context.new_page(), [], [], []
    page.on("console", lambda message: faults.append(message.text))
    page.on("request", lambda request: strangers.append(request.url) if running.url not in request.url else None)
    page.on(
        "requestfinished",
        lambda request: sizes.append(sum(request.sizes()[k] for k in ("responseBodySize", "responseHeadersSize"))),
    )
    page.goto(f"{running.url}/o/00/{SCHOOL}.html", wait_until="networkidle")
    page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
    page.wait_for_load_state("networkidle")
    assert strangers == []
    assert faults == []
    assert 10_000 < sum(sizes) <= 150_000
    context.close()


def test_every_page_reads_without_scripts(
    output: Path, demo: Path, chromium: Browser, server: Callable[..., Server]
) -> None:
    running = server(output=output, packages=[demo])
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(running.url + "/")
    page.get_by_role("link", name="Демонстрационная область").first.click()
    page.get_by_role("link", name="Образование").first.click()
    page.locator("table.cards th a").first.click()
    assert page.locator("h2", has_text="Независимая оценка").count() == 1
    page.get_by_role("link", name="Оценить", exact=True).click()
    assert page.locator("button[name=rating]").count() == 5
    context.close()


def test_a_questionnaire_is_filled_in_on_a_phone_without_scripts(shared_server: str, chromium: Browser) -> None:
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"{shared_server}/rate/{SCHOOL}")
    page.get_by_role("link", name="Заполнить полную анкету").click()
    page.locator("#q-q1").get_by_text("Да", exact=True).click()
    page.locator("#q-q2").get_by_text("Нет", exact=True).click()
    page.locator("#q-q1").get_by_text("Нет", exact=True).click()
    assert not page.locator("#q-q2").is_visible()
    page.locator("input[name=q18]").fill("7")
    page.get_by_role("button", name="Отправить анкету").click()
    page.get_by_role("link", name="Вопрос 19: 7, а нужно целое число").click()
    page.locator("input[name=q18]").fill("47")
    page.get_by_role("button", name="Отправить анкету").click()
    page.wait_for_url(re.compile(r"\?sent=1&cleared=q2"))
    assert "Не учтены ответы на вопросы: 2." in page.inner_text("main").replace("\u00a0", " ")
    context.close()


def test_a_printed_questionnaire_is_the_sheet_alone(shared_server: str, page: Page, tmp_path: Path) -> None:
    page.goto(f"{shared_server}/questionnaires/675n-2018/")
    file = tmp_path / "sheet.pdf"
    page.pdf(path=str(file), prefer_css_page_size=True)
    document = pypdfium2.PdfDocument(file)
    try:
        said = " ".join(document[number].get_textpage().get_text_range() for number in range(len(document)))
        size = document[0].get_size()
        pages = len(document)
    finally:
        document.close()
    said = " ".join(said.split())
    assert (pages, [round(length) for length in size]) == (2, [595, 842])
    assert "Организация:" in said and "Нет → переходите к вопросу 3" in said and "18. Ваш возраст" in said
    assert "Показатель" not in said and "XLSForm" not in said


def test_the_map_shows_the_organisation_that_a_page_links_to(
    output: Path, demo: Path, page: Page, server: Callable[..., Server]
) -> None:
    running = server(output=output, packages=[demo])
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{running.url}/en/regions/00/#o={SCHOOL}")
    popup = page.locator(".leaflet-popup-content a")
    popup.wait_for()
    assert "Средняя школа № 12" in popup.inner_text()
    popup.click()
    page.wait_for_url(re.compile(rf"/en/o/00/{SCHOOL}\.html"))
    assert faults == []


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize(
    "path",
    ["/", "/regions/", "/regions/00/", "/spheres/education/00.html", f"/o/00/{SCHOOL}.html", "/methods/344n-2018/",
     "/data/", "/about/review-rules.html", "/news/", f"/rate/{SCHOOL}",
     "/questionnaires/675n-2018-education-00/", f"/rate/{SCHOOL}/questionnaire", f"/en/o/00/{SCHOOL}.html", "/nothing-here"],
)  # fmt: skip
def test_pages_are_accessible_and_fit_their_screen(
    path: str, width: int, shared_server: str, chromium: Browser, project_root: Path
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(shared_server + path)
    page.evaluate("() => document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.evaluate((project_root / "node_modules/axe-core/axe.min.js").read_text("utf-8"))
    found = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found["violations"]] == []
    context.close()
