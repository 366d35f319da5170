"""On somebody else's page in a real browser: the card in a frame, the code in the picture, the button that copies."""

import io
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

import publish
from nok.identifiers import default_placement_code
from nok.urls import printed
from tests.browser.conftest import Server
from tests.conftest import valid_tables

Serve = Callable[..., Server]


@pytest.fixture
def served(package_factory: Callable[..., Path], tmp_path: Path, server: Serve) -> Server:
    organizations = [
        row | {"short_name": "МБОУ «Школа с очень длинным названием, в две строки № 1»"}
        for row in valid_tables(1, 0)["organizations"]
    ]
    plan = {
        "plan_measure_id": "m-1",
        "organization_id": "clinic-1",
        "assessment_id": "health-2025",
        "indicator": "3.1",
        "shortcoming": "Нет стоянки",
        "action": "Разметить место",
        "due_on": "2026-12-01",
        "status": "planned",
    }
    tables = {"organizations": organizations, "plan_measures": [plan]}
    folder = package_factory(organizations=1, reviews=12, tables=tables, descriptor={"demonstration": True})
    output = tmp_path / "output"
    assert publish.main(["build", "--packages", str(folder), "--output", str(output)]) == 0
    return server(output=output, packages=[folder])


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """The address of a page on another origin with this body."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as host:
        Thread(target=host.serve_forever, daemon=True).start()

        def page(body: str) -> str:
            (folder / "index.html").write_text(f"<!doctype html><meta charset=utf-8><title>x</title>{body}", "utf-8")
            return f"http://127.0.0.1:{host.server_port}/index.html"

        yield page
        host.shutdown()


def test_the_card_fits_its_frame_on_another_site(page: Page, served: Server, foreign: Callable[[str], str]) -> None:
    page.goto(f"{served.url}/o/70/clinic-1.html")
    frame = page.locator("#embed ~ details pre").nth(1).text_content() or ""
    page.goto(foreign(frame.replace("https://ocenka.example", served.url)))
    card = page.frame_locator("iframe")
    expect(card.get_by_role("link", name="Оценить")).to_be_visible()
    expect(card.get_by_text("Данные вымышлены")).to_be_visible()
    height, inner = card.locator("html").evaluate("e => [e.scrollHeight, e.clientHeight]")
    assert height <= inner, "nobody must scroll in a card"
    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot())))
    assert [code.text for code in codes] == [printed("https://ocenka.example", default_placement_code("clinic-1"))]


def test_no_other_page_may_stand_in_a_frame(page: Page, served: Server, foreign: Callable[[str], str]) -> None:
    page.goto(foreign(f'<iframe src="{served.url}/o/70/clinic-1.html" title="x"></iframe>'))
    assert not page.frame_locator("iframe").get_by_text("очень длинным").count()


def test_code_is_copied_by_a_button_and_readable_without(chromium: Browser, served: Server) -> None:
    address = f"{served.url}/o/70/clinic-1.html"
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"], locale="ru-RU")
    page = context.new_page()
    page.goto(address)
    page.locator("#embed ~ details summary").click()
    code = page.locator("#embed ~ details pre").first.text_content()
    button = page.get_by_role("button", name="Скопировать").first
    button.press("Enter")
    expect(page.get_by_role("button", name="Скопировано")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == code
    context.close()
    plain = chromium.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(address)
    page.locator("#embed ~ details summary").click()
    expect(page.locator("#embed ~ details pre").first).to_be_visible()
    assert not page.get_by_role("button").count()
    plain.close()


def test_the_form_is_framed_by_a_registered_site_alone(
    page: Page, tmp_path: Path, foreign: Callable[[str], str], package_factory: Callable[..., Path], server: Serve
) -> None:
    """The same form on two sites: the organisation's own shows it and a rating comes in, another one shows nothing."""
    own = foreign("")
    organizations = [row | {"website": own.removesuffix("/index.html")} for row in valid_tables(2, 0)["organizations"]]
    organizations[1]["website"] = "https://elsewhere.example/"
    folder = package_factory(organizations=2, reviews=1, tables={"organizations": organizations})
    output = tmp_path / "output"
    assert publish.main(["build", "--packages", str(folder), "--output", str(output)]) == 0
    served = server(output=output, packages=[folder])
    frames = "".join(f'<iframe src="{served.url}/embed/clinic-{number}"></iframe>' for number in (1, 2))
    page.goto(foreign(frames))
    framed = page.frame_locator("iframe").first
    expect(framed.get_by_role("button", name="5 — ")).to_be_visible()
    expect(page.frame_locator("iframe").nth(1).get_by_role("button", name="5 — ")).to_have_count(0)
    with page.expect_popup() as opening:
        framed.get_by_role("button", name="5 — ").click()
    expect(opening.value.locator("h1")).to_contain_text("принята")
    assert page.context.cookies() == []
