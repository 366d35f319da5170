"""The whole way in a real browser: package, site, poster, code, rating, export, the next build."""

import csv
import json
import re
import secrets
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page

import publish
from nok import urls
from nok.identifiers import default_placement_code
from tests.browser.conftest import Server, running_server
from tests.conftest import copy_of_demonstration

SCHOOL = "primersk-school-12"


@pytest.fixture(scope="module")
def demo(project_root: Path) -> Path:
    return project_root / "data_packages" / "demo"


@pytest.fixture(scope="module")
def output(demonstration_output: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_demonstration(demonstration_output, tmp_path_factory.mktemp("whole-way"))


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


@pytest.mark.parametrize("width", [320, pytest.param(768, marks=pytest.mark.scale), 1280])
@pytest.mark.parametrize(
    "path",
    [f"/o/00/{SCHOOL}.html", f"/rate/{SCHOOL}", f"/rate/{SCHOOL}/questionnaire", "/nothing-here", "/receipt/",
     "/rate/outbox/", f"/embed/{SCHOOL}", "/desk/sign-in", "/desk/request", "/questionnaires/675n-2018-education-00/"],
)  # fmt: skip
def test_pages_are_accessible_and_fit_their_screen(
    path: str, width: int, shared_server: str, chromium: Browser, project_root: Path
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(shared_server + path)
    check_page(page, width, project_root)
    context.close()


def check_page(page: Page, width: int, project_root: Path) -> None:
    """With everything unfolded the page fits its screen, and axe finds nothing against it."""
    page.evaluate("() => document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.evaluate((project_root / "node_modules/axe-core/axe.min.js").read_text("utf-8"))
    found = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found["violations"]] == []


# ---- the desk and the receipt --------------------------------------------------------------------------------------

PASSWORD = "три слова подряд"


class Person:
    """Somebody with an account at the desk and a telephone with one-time codes."""

    def __init__(self, browser: Browser, url: str, login: str) -> None:
        self.login, self.url = login, url
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ru-RU")
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.receipts: list[str] = []
        self._secret, self._step = "", 0

    def code(self) -> str:
        """The code of this half-minute, or of the next where this one was used."""
        self._step = max(int(time.time()) // 30, self._step + 1)
        return pyotp.TOTP(self._secret).at(self._step * 30)

    def join(self, path: str) -> None:
        self.page.goto(f"{self.url}/{path}")
        self._secret = self.page.locator("input[name=secret]").input_value()
        for field, value in (("password", PASSWORD), ("again", PASSWORD), ("code", self.code())):
            self.page.fill(f"#{field}", value)
        self.page.click("button.go")
        self.page.wait_for_url("**/desk/sign-in")

    def sign_in(self) -> None:
        for field, value in (("login", self.login), ("password", PASSWORD), ("code", self.code())):
            self.page.fill(f"#{field}", value)
        self.page.click("button.go")
        self.page.wait_for_url("**/desk/reviews/")


def rate(url: str, text: str, value: int) -> str:
    """The receipt of a new rating."""
    body = {"rating": value, "text": text, "idempotency_key": secrets.token_hex(16)}
    request = urllib.request.Request(
        f"{url}/rate/{SCHOOL}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.loads(answer.read())["receipt"])


@pytest.fixture
def desk(
    output: Path, demo: Path, server: Callable[..., Server], chromium: Browser, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Person]:  # fmt: skip
    """The first administrator, signed in to a desk with two reviews waiting."""
    store = tmp_path / "store.sqlite"
    assert publish.main(["accounts", "add", "--store", str(store), "--login", "admin"]) == 0
    invitation = re.search(r"desk/join/[\w-]{43}", capsys.readouterr().out)
    assert invitation
    running = server(output=output, packages=[demo], store=store)
    person = Person(chromium, running.url, "admin")
    person.join(invitation[0])
    person.receipts = [
        rate(running.url, "Врач Иванова М. П. нагрубила.", 1), rate(running.url, "Тепло и светло.", 5)
    ]  # fmt: skip
    person.sign_in()
    yield person
    person.context.close()


def test_a_moderator_decides_by_keys_alone(desk: Person) -> None:
    page = desk.page
    page.wait_for_load_state("load")
    page.locator("kbd").first.wait_for()
    press_until(page, "j", "article:focus")
    page.keyboard.press("p")
    assert page.locator(":focus").inner_text().startswith("Записать решение")
    page.keyboard.press("Enter")
    page.wait_for_selector(".done")
    assert "Решение записано" in page.inner_text(".done")
    assert "1 отзыв ждёт решения" in page.inner_text("h1").replace("\u00a0", " ")
    press_until(page, "j", "article:focus")
    page.keyboard.press("h")
    assert page.locator(":focus").get_attribute("name") == "reason"
    page.keyboard.press("h")  # inside a list the keys are the browser's own
    page.locator("select[name=reason]").first.select_option("off_topic")
    page.keyboard.press("Tab")
    press_by_keyboard(page, "Записать решение")
    page.wait_for_selector(".done")
    assert "0 отзывов ждут решения" in page.inner_text("h1").replace("\u00a0", " ")
    assert desk.complaints == []


def press_until(page: Page, key: str, selector: str) -> None:
    """Presses a key until something is so: the script may load a moment after the page."""
    for _ in range(50):
        page.keyboard.press(key)
        if page.locator(selector).count():
            return
        page.wait_for_timeout(100)
    pytest.fail(f"'{key}' did not lead to {selector}")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_desk_is_accessible_and_fits_its_screen(desk: Person, width: int, project_root: Path) -> None:
    page = desk.page
    page.set_viewport_size({"width": width, "height": 800})
    check_page(page, width, project_root)
    address = page.locator("article h2 a").first.get_attribute("href") or ""
    for path in (address, "/desk/proposals/", "/desk/accounts/", "/desk/log/", f"/desk/organizations/{SCHOOL}"):
        page.goto(desk.url + path)
        check_page(page, width, project_root)
    assert desk.complaints == []


def test_a_browser_remembers_the_receipts_it_is_told_to(desk: Person, chromium: Browser) -> None:
    page = desk.page
    page.locator("input[value=publish]").first.check()
    page.locator("article .acts button").first.click()
    page.wait_for_selector(".done")
    phone = chromium.new_context(viewport={"width": 360, "height": 740}, locale="ru-RU")
    page = phone.new_page()
    page.goto(f"{desk.url}/receipt/")
    page.wait_for_selector("#none:not([hidden])")
    for code in desk.receipts:
        page.goto(f"{desk.url}/receipt/{code}")
        page.click("#keep button")
        page.wait_for_selector("#keep [role=status]")
    page.goto(f"{desk.url}/receipt/")
    page.wait_for_function("() => document.querySelectorAll('#mine .note').length >= 4")
    told = page.inner_text("#mine").replace("\u00a0", " ")
    assert "Оценка 1: МБОУ «Средняя школа № 12»" in told
    assert "часть его скрыл модератор" in told
    assert "Текст ждёт модератора" in told
    page.locator("#mine button").first.click()
    assert page.locator("#mine > li").count() == 1
    page.reload()
    assert page.locator("#mine > li").count() == 1
    phone.close()


def test_a_receipt_is_found_by_its_code_without_scripts(desk: Person, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{desk.url}/receipt/")
    page.fill("#code", desk.receipts[1].lower())
    page.click("form button")
    page.wait_for_url(f"**/receipt/{desk.receipts[1]}")
    assert "Спасибо, оценка 5 принята" in page.inner_text("h1").replace("\u00a0", " ")
    context.close()


def test_a_photograph_goes_from_a_telephone_over_the_desk_to_the_page(
    desk: Person, chromium: Browser, project_root: Path, demo: Path, tmp_path: Path
) -> None:
    """Sent without a script, a face covered with the pointer, seen by everybody in the next build."""
    picture = tmp_path / "photo.jpg"
    Image.new("RGB", (800, 600), "navy").save(picture)
    phone = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = phone.new_page()
    page.goto(f"{desk.url}/receipt/{desk.receipts[1]}")
    page.click("#photos summary")
    page.set_input_files("#photo", picture)
    page.click("#photos form button")
    page.wait_for_url("**saved=1**")
    assert page.locator("#photos li").count() == 1
    phone.close()

    page = desk.page
    page.goto(f"{desk.url}/desk/reviews/?queue=photos")
    page.locator(".shots a").first.click()
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        check_page(page, width, project_root)
    canvas = page.locator(".canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    sides = [float(field.input_value()) for field in page.locator("fieldset.sides").first.locator("input").all()]
    assert sides == pytest.approx([25, 25, 25, 25], abs=1)
    assert canvas.locator("i").count() == 1
    page.locator("#photos button[value=publish]").click()
    page.wait_for_selector(".done")
    assert page.get_by_text("Опубликован, часть закрыта.").count() == 1
    assert desk.complaints == []

    out, again = tmp_path / "ratings", tmp_path / "again"
    store = ["--store", str(tmp_path / "store.sqlite"), "--packages", str(demo)]
    assert publish.main(["export", *store, "--out", str(out)]) == 0
    assert publish.main(["build", "--packages", str(demo), "--packages", str(out), "--output", str(again)]) == 0
    shown = (again / "current" / "o" / "00" / f"{SCHOOL}.html").read_text("utf-8")
    with (out / "review_photos.csv").open(encoding="utf-8", newline="") as stream:
        (photo,) = csv.DictReader(stream)
    found = re.findall(r'<img src="\.\./\.\./(photos/[^"]+)"', shown)
    (small,) = (path for path in found if photo["review_id"] in path)
    assert (again / "current" / small).is_file()
