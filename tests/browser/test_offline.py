"""A form without a net: a rating that cannot be sent waits in the browser, leaves once, and is told of all the while."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.unit.server_support import end_server, run_server
from tests.unit.widget_support import ROOT, SCHOOL, SCHOOL_CODE, all_reviews

PORTED = "port"


class Place:
    """A widget on one port that goes away and comes back, as a net does in a cellar."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(ROOT / "theme" / "static", folder / "site" / "static")
        self.folder, self.process = folder, run_server(folder, WIDGET_SITE="site")
        self.port = int((folder / PORTED).read_text().split()[0])
        self.url = f"http://127.0.0.1:{self.port}"

    def lose(self) -> None:
        end_server(self.folder, self.process)

    def come_back(self) -> None:
        self.process = run_server(self.folder, WIDGET_PORT=str(self.port), WIDGET_SITE="site")
        assert int((self.folder / PORTED).read_text().split()[0]) == self.port

    @property
    def ratings(self) -> list[int]:
        return [review.rating for review in all_reviews(self.folder / "var" / "store.sqlite")]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path)
    yield found
    found.lose()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, locale="ru-RU")
    yield context.new_page()
    context.close()


def ready(page: Page) -> None:
    """Waits until the worker holds the page: what it keeps is then kept."""
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


@pytest.mark.parametrize("path", [f"/rate/{SCHOOL}", f"/q/{SCHOOL_CODE}"])
def test_a_rating_without_a_net_waits_and_is_counted_exactly_once(place: Place, phone: Page, path: str) -> None:
    phone.goto(place.url + path)
    ready(phone)
    phone.reload()  # through the worker, which keeps the form
    place.lose()
    phone.goto(place.url + path)
    assert phone.locator("h1").inner_text() == "Как вам здесь?", "the form is there without a net"
    phone.get_by_role("button", name="4 — ").click()
    phone.wait_for_url("**/rate/outbox/**")
    phone.get_by_text("ещё не отправлена.").wait_for()
    assert "Средняя школа № 12" in phone.locator("#outbox").inner_text()
    place.come_back()
    assert place.ratings == []
    phone.locator("#send").click()
    phone.get_by_text("Отправлена и принята.").wait_for()
    assert place.ratings == [4]
    phone.reload()
    phone.locator("#outbox a").click()
    phone.wait_for_url("**/receipt/**")
    assert "принята" in phone.locator("h1").inner_text()
    assert place.ratings == [4]


def test_two_ratings_from_one_kept_page_are_two_and_one_can_be_dropped(place: Place, phone: Page) -> None:
    phone.goto(f"{place.url}/rate/{SCHOOL}")
    ready(phone)
    phone.reload()
    place.lose()
    for mark in ("5", "2", "1"):
        phone.goto(f"{place.url}/rate/{SCHOOL}")
        phone.get_by_role("button", name=f"{mark} — ").click()
        phone.wait_for_url("**/rate/outbox/**")
    phone.locator("#outbox li").nth(2).wait_for()
    phone.locator("#outbox li button").first.click()
    phone.wait_for_function("() => document.querySelectorAll('#outbox li').length === 2")
    place.come_back()
    phone.evaluate("() => dispatchEvent(new Event('online'))")
    phone.wait_for_function("() => document.querySelectorAll('#outbox a').length === 2")
    assert len(place.ratings) == 2


def test_the_worker_sees_the_forms_alone(place: Place, phone: Page) -> None:
    phone.goto(f"{place.url}/rate/{SCHOOL}")
    ready(phone)
    scopes = phone.evaluate(
        "() => navigator.serviceWorker.getRegistrations().then((all) => all.map((one) => new URL(one.scope).pathname))"
    )
    assert scopes == ["/rate/"]
    phone.goto(f"{place.url}/receipt/")
    assert phone.evaluate("() => navigator.serviceWorker.controller === null")


def test_switched_off_it_takes_itself_away(place: Place, phone: Page) -> None:
    phone.goto(f"{place.url}/rate/{SCHOOL}")
    ready(phone)
    place.lose()
    place.process = run_server(place.folder, WIDGET_PORT=str(place.port), WIDGET_OFFLINE="off", WIDGET_SITE="site")
    phone.evaluate("() => navigator.serviceWorker.getRegistration('/rate/').then((one) => one.update())")
    phone.wait_for_function("() => navigator.serviceWorker.getRegistrations().then((all) => all.length === 0)")
    phone.wait_for_function("() => caches.keys().then((all) => all.length === 0)")


def test_a_text_that_is_being_written_survives_a_lost_page_and_goes_once_it_is_sent(place: Place, phone: Page) -> None:
    phone.goto(f"{place.url}/rate/{SCHOOL}")
    phone.get_by_role("button", name="5 — ").click()
    phone.wait_for_url("**/receipt/**")
    phone.get_by_text("Написать пару слов").click()
    phone.fill("#text", "Тепло и светло.")
    assert "только в этом браузере" in phone.locator("#draft").inner_text().replace("\u00a0", " ")
    phone.reload()
    assert phone.input_value("#text") == "Тепло и светло."
    assert "ваш черновик" in phone.locator("#draft").inner_text().replace("\u00a0", " ")
    phone.get_by_role("button", name="Посмотреть").click()
    assert "Тепло и светло." in phone.locator("#preview").inner_text()
    phone.locator("button[value=details]").nth(1).click()
    phone.wait_for_url("**saved=1**")
    assert phone.evaluate("() => Object.keys(localStorage).filter((name) => name.startsWith('draft:'))") == []
