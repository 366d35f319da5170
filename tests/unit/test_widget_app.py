"""The widget through its public door: one tap, retries, mistakes, receipts, the built site beside it."""

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import html5lib
import pytest
from starlette.testclient import TestClient

from nok.identifiers import default_placement_code
from tests.unit.widget_support import (
    BROWSER,
    CLINIC,
    CLOSED_CODE,
    LOST_CODE,
    OLD_CODE,
    SCHOOL,
    SCHOOL_CODE,
    all_reviews,
    new_key,
    rating,
    running,
    without_own_scripts,
)
from widget.guard import GuardMode
from widget.migrate import STORE_VERSION
from widget.reviews import StoredReview

RATE = f"/rate/{SCHOOL}"
PROBLEM_KEYS = {"severity", "package", "file", "row", "column", "rule", "value", "message", "advice"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with running(tmp_path, guard=GuardMode.COUNT) as found:
        yield found


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[], list[StoredReview]]:
    return lambda: all_reviews(tmp_path / "var" / "store.sqlite")


class _Inputs(HTMLParser):
    """Hidden fields and the form's action, as a browser finds them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.action = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form" and not self.action:
            self.action = found["action"] or ""
        if tag == "input" and found.get("type") == "hidden":
            self.fields[found["name"] or ""] = found.get("value") or ""


def _check_html(page: str) -> None:
    html5lib.HTMLParser(strict=True).parse(page)


def _tap(client: TestClient, value: str = "4", address: str = RATE) -> str:
    """The receipt's path after one tap on the form at `address`."""
    form = _Inputs(client.get(address).text)
    answer = client.post(form.action, data={**form.fields, "rating": value, "leave_empty": ""}, headers=BROWSER)
    assert answer.status_code == 303
    return str(answer.headers["location"])


# ---- one tap -------------------------------------------------------------------------------------------------------


def test_one_tap_is_a_whole_rating(client: TestClient, stored: Callable[[], list[StoredReview]]) -> None:
    location = _tap(client)
    assert re.fullmatch(r"/receipt/[0-9A-HJKMNP-TV-Z]{16}", location)
    page = client.get(location)
    assert page.status_code == 200
    assert "Спасибо, оценка 4 принята" in page.text
    (review,) = stored()
    assert (review.organization_id, review.rating, review.channel, review.received_on) == (
        SCHOOL,
        4,
        "web",
        "2026-02-07",
    )


@pytest.mark.parametrize("spelling", [SCHOOL_CODE, SCHOOL_CODE.lower(), f"{SCHOOL_CODE[:5]}-{SCHOOL_CODE[5:]}"])
@pytest.mark.parametrize("letter", ["q", "Q"])
def test_a_scanned_code_shows_the_form_itself(
    client: TestClient, stored: Callable[[], list[StoredReview]], letter: str, spelling: str
) -> None:
    _tap(client, "5", f"/{letter}/{spelling}")
    (review,) = stored()
    assert (review.channel, review.placement_code, review.organization_id) == ("qr", SCHOOL_CODE, SCHOOL)


def test_a_replaced_code_leads_on(client: TestClient) -> None:
    assert _Inputs(client.get(f"/q/{OLD_CODE}").text).fields["placement_code"] == SCHOOL_CODE


@pytest.mark.parametrize(
    ("code", "status"),
    [(CLOSED_CODE, 410), (LOST_CODE, 410), (default_placement_code("nobody"), 404), ("ABC", 404), ("0000000001", 404)],
)
def test_a_code_that_is_no_more_is_explained_with_a_way_on(client: TestClient, code: str, status: int) -> None:
    answer = client.get(f"/q/{code}", headers=BROWSER)
    assert answer.status_code == status
    assert code in answer.text
    assert 'href="/regions/"' in answer.text


def test_the_form_needs_no_script_and_asks_no_name(client: TestClient) -> None:
    page = client.get(RATE).text
    _check_html(page)
    assert "<script" not in without_own_scripts(page)
    assert re.findall(r'<button name="rating" value="(\d)"', page) == ["1", "2", "3", "4", "5"]
    assert set(re.findall(r'<(?:input|textarea|select)[^>]* name="(\w+)"', page)) == {
        "form_token",
        "idempotency_key",
        "language",
        "leave_empty",
        "work",
    }


def test_every_view_of_the_form_has_its_own_key(client: TestClient) -> None:
    assert len({_Inputs(client.get(RATE).text).fields["idempotency_key"] for _ in range(5)}) == 5


def test_the_english_form_leads_to_an_english_receipt(client: TestClient) -> None:
    page = client.get(f"{RATE}?lang=en").text
    assert '<html lang="en">' in page
    assert 'lang="ru"><bdi>МБОУ' in page
    assert "Thank you" in client.get(_tap(client, address=f"{RATE}?lang=en")).text


# ---- retries -------------------------------------------------------------------------------------------------------


def test_json_is_answered_by_a_receipt_and_a_retry_by_the_same(
    client: TestClient, stored: Callable[[], list[StoredReview]]
) -> None:
    body = rating(5, comfort=3, visited_on="2026-02-01", language="ru")
    first, second = client.post(RATE, json=body), client.post(RATE, json=body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert set(first.json()) == {"receipt"}
    assert len(stored()) == 1


def test_a_retried_form_is_one_rating(client: TestClient, stored: Callable[[], list[StoredReview]]) -> None:
    fields = {"rating": "4", "idempotency_key": new_key()}
    answers = [client.post(RATE, data=fields) for _ in range(3)]
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {
        (303, answers[0].headers["location"])
    }
    assert len(stored()) == 1


def test_a_key_cannot_be_used_for_another_rating(client: TestClient, stored: Callable[[], list[StoredReview]]) -> None:
    key = new_key()
    assert client.post(RATE, json={"rating": 4, "idempotency_key": key}).status_code == 201
    for path, value in ((RATE, 5), (f"/rate/{CLINIC}", 4)):
        answer = client.post(path, json={"rating": value, "idempotency_key": key})
        assert answer.status_code == 409
        assert answer.json()["problems"][0]["rule"] == "key-reused"
    assert len(stored()) == 1


def test_a_second_tap_on_one_form_shows_the_way_to_the_first(client: TestClient) -> None:
    form = _Inputs(client.get(RATE).text)
    first = client.post(RATE, data={**form.fields, "rating": "4"}, headers=BROWSER)
    second = client.post(RATE, data={**form.fields, "rating": "5"}, headers=BROWSER)
    assert second.status_code == 409
    assert f'href="{first.headers["location"]}"' in second.text


# ---- mistakes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["true", '"5"', "5.0", "0", "6", "-1", "NaN", "null", "[5]", "9" * 5000, str(2**63)])
def test_a_rating_that_is_none_is_422(client: TestClient, value: str) -> None:
    body = f'{{"idempotency_key": "{new_key()}", "rating": {value}}}'
    answer = client.post(RATE, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    (problem,) = answer.json()["problems"]
    assert set(problem) == PROBLEM_KEYS
    assert (problem["column"], problem["rule"], problem["severity"]) == ("rating", "rating-range", "error")


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"[" * 60_000, 400),
        ("application/json", b'{"rating": 4, "rating": 5}', 400),
        ("application/json", b'{"rating": 4, "idempotency_key": "aaaaaaaaaaaaaaaa", "text": "\\ud800"}', 422),
        ("application/json", b'{"\\ud800": 4}', 422),
        ("application/json", b"\xff", 400),
        ("application/json", b"", 400),
        ("application/json", b"x" * 65_537, 413),
        ("text/plain", b"rating=4", 415),
        ("", b"rating=4", 415),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(5000)), 400),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * 70_000, 413),
        ("application/x-www-form-urlencoded", b"rating=4&rating=5", 400),
        ("application/x-www-form-urlencoded", b"rating=4&idempotency_key=aaaaaaaaaaaaaaaa&text=%ff", 422),
        ("multipart/form-data", b"--x", 400),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n" * 1500, 400),
        ("multipart/form-data; boundary=x", b"\r\n" * 32_000, 400),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=\"photo\"; filename*=utf-8''..%2f..%2fx\r\n\r\n.\r\n--x--\r\n",
            400,
        ),
    ],
)
def test_a_body_that_cannot_be_meant_is_refused_in_words(
    client: TestClient, kind: str, body: bytes, status: int
) -> None:
    answer = client.post(RATE, content=body, headers={"content-type": kind})
    assert answer.status_code in (status, 422 if status == 400 else status)
    problems = answer.json()["problems"]
    assert problems
    assert all(set(problem) == PROBLEM_KEYS and problem["message"] for problem in problems)


def test_an_unknown_field_is_named_and_never_stored(
    client: TestClient, stored: Callable[[], list[StoredReview]]
) -> None:
    answer = client.post(RATE, json=rating(5, state="published", review_id="mine"))
    assert answer.status_code == 422
    assert [problem["column"] for problem in answer.json()["problems"]] == ["state", "review_id"]
    assert stored() == []


def test_controls_in_the_name_of_a_field_drive_no_terminal_and_no_page(client: TestClient) -> None:
    body = {"rating": "5", "idempotency_key": new_key(), "a\x1b[2J": "x"}
    page = client.post(RATE, data=body, headers=BROWSER)
    told = client.post(RATE, json=body | {"rating": 5})
    assert (page.status_code, told.status_code) == (422, 422)
    assert "\x1b" not in page.text
    assert "a\\x1b[2J" in page.text
    assert "a\\x1b[2J" in told.json()["problems"][0]["message"]


def test_a_refused_form_comes_back_with_its_key(client: TestClient) -> None:
    key = new_key()
    answer = client.post(RATE, data={"rating": "9", "idempotency_key": key}, headers=BROWSER)
    assert answer.status_code == 422
    _check_html(answer.text)
    assert 'role="alert"' in answer.text
    assert _Inputs(answer.text).fields["idempotency_key"] == key


def test_a_refused_key_is_not_offered_again(client: TestClient) -> None:
    answer = client.post(RATE, data={"rating": "4", "idempotency_key": "<b>"}, headers=BROWSER)
    assert len(_Inputs(answer.text).fields["idempotency_key"]) == 32


def test_a_code_of_another_place_is_refused(client: TestClient) -> None:
    answer = client.post(f"/rate/{CLINIC}", json=rating(4, placement_code=SCHOOL_CODE))
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["rule"] == "placement-foreign"


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", RATE), ("DELETE", RATE), ("TRACE", "/q/X"), ("OPTIONS", "/health")]
)
def test_a_wrong_method_is_told_the_right_ones(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    "path", ["/rate/nobody", "/rate/%00", "/rate/..%2f..%2fetc", "/receipt/short", "/receipt/" + "0" * 16, "/nothing"]
)
def test_what_is_not_here_is_404(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert "problems" in client.get(path).json()


def test_looking_changes_nothing(client: TestClient, stored: Callable[[], list[StoredReview]]) -> None:
    receipt = _tap(client)
    before = stored()
    for path in (f"{RATE}?rating=5", f"{receipt}?action=withdraw"):
        client.get(path)
        client.head(path)
    assert stored() == before


# ---- who may send --------------------------------------------------------------------------------------------------


def test_a_page_of_a_stranger_cannot_rate(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "null"}, {"origin": "https://evil.example"}):
            assert client.post(RATE, data=rating("4"), headers=headers).status_code == 403
        assert client.post(RATE, data=rating("4"), headers={"origin": "http://testserver"}).status_code == 303


def test_a_flood_is_told_to_wait_and_forged_addresses_do_not_help(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        answers = [client.post(RATE, json=rating(), headers={"x-forwarded-for": f"9.9.9.{n}"}) for n in range(60)]
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["retry-after"]) >= 1
        page = client.post(RATE, data=rating("4"), headers=BROWSER)
        assert page.status_code == 429
        assert '<button name="rating"' in page.text


def test_behind_a_named_proxy_senders_are_told_apart(tmp_path: Path) -> None:
    with running(tmp_path, trusted_proxies=("testclient",)) as client:
        answers = [client.post(RATE, json=rating(), headers={"x-forwarded-for": f"9.9.9.{n}"}) for n in range(60)]
        assert {answer.status_code for answer in answers} == {201}


def test_what_fell_into_the_trap_is_kept_but_set_aside(
    tmp_path: Path, stored: Callable[[], list[StoredReview]]
) -> None:
    with running(tmp_path) as client:
        answer = client.post(RATE, data=rating("5", leave_empty="http://spam.example"))
        assert "отложена" in client.get(answer.headers["location"]).text
    (review,) = stored()
    assert (review.standing, review.reason_code) == ("set_aside", "trap")


# ---- receipts ------------------------------------------------------------------------------------------------------


def test_details_are_added_to_the_same_rating(client: TestClient, stored: Callable[[], list[StoredReview]]) -> None:
    receipt = _tap(client)
    fields = {"comfort": "2", "openness": "", "text": "Пандус <крутой>.", "action": "details"}
    answer = client.post(receipt, data=fields, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{receipt}?saved=1")
    page = client.get(answer.headers["location"]).text
    _check_html(page)
    assert "Пандус &lt;крутой&gt;." in page
    assert "Текст ждёт модератора" in page
    (review,) = stored()
    assert (review.rating, review.criteria, review.text_standing) == (4, (("comfort", 2),), "waiting")


def test_a_text_that_is_too_long_stays_in_the_form(
    client: TestClient, stored: Callable[[], list[StoredReview]]
) -> None:
    receipt = _tap(client)
    answer = client.post(receipt, data={"text": "долго " * 300, "comfort": "1"}, headers=BROWSER)
    assert answer.status_code == 422
    assert "долго долго" in answer.text
    assert "Текст длиннее 1000 знаков" in answer.text
    assert stored()[0].criteria == ()


def test_a_rating_taken_back_loses_its_text_at_once(
    client: TestClient, stored: Callable[[], list[StoredReview]]
) -> None:
    receipt = _tap(client)
    client.post(receipt, data={"text": "Фамилия врача"})
    for _ in range(2):
        assert client.post(receipt, data={"action": "withdraw"}).status_code == 303
    (review,) = stored()
    assert (review.standing, review.text, review.text_standing) == ("withdrawn", "", "none")
    page = client.get(receipt).text
    assert "Оценка отозвана" in page
    assert 'name="action"' not in page
    assert client.post(receipt, data={"text": "снова"}).status_code == 409


def test_a_receipt_opens_as_people_write_it_down(client: TestClient) -> None:
    code = _tap(client).rpartition("/")[2]
    assert client.get(f"/receipt/{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}".lower()).status_code == 200


def test_an_unknown_action_changes_nothing(client: TestClient, stored: Callable[[], list[StoredReview]]) -> None:
    receipt = _tap(client)
    assert client.post(receipt, data={"action": "publish", "comfort": "5"}).status_code == 422
    assert stored()[0].criteria == ()


# ---- headers and health --------------------------------------------------------------------------------------------


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    receipt = _tap(client)
    for path in (RATE, receipt, "/health", "/nothing", "/static/site.css"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert client.get(receipt).headers["referrer-policy"] == "same-origin"
    assert client.get(receipt).headers["cache-control"] == "no-store"
    assert client.get(RATE).headers["referrer-policy"] == "strict-origin-when-cross-origin"


def test_health_tells_the_guard_and_the_engine(client: TestClient) -> None:
    client.post(RATE, json=rating(), headers={"sec-fetch-site": "cross-site"})
    found = client.get("/health").json()
    assert found["ok"] is True
    assert found["guard"] == "count"
    assert found["guard_counts"]["cross-site"] == 1
    assert found["store_version"] == STORE_VERSION
    is_old = tuple(map(int, found["sqlite_version"].split("."))) < (3, 51, 3)
    assert bool(found["warnings"]) == is_old


# ---- the built site ------------------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Path:
    slot = tmp_path / "output" / "slots" / "a"
    (slot / "regions" / "70").mkdir(parents=True)
    (slot / "data").mkdir()
    (slot / "static").mkdir()
    (slot / "index.html").write_text("<!doctype html><title>Главная</title>" + "слово " * 500, "utf-8")
    (slot / "404.html").write_text("<!doctype html><title>Нет</title>", "utf-8")
    (slot / "regions" / "70" / "index.html").write_text("<!doctype html><title>Область</title>", "utf-8")
    (slot / "data" / "scores.csv").write_text("points\n" * 1000, "utf-8")
    (slot / "static" / "site.0a1b.css").write_text("body{}", "utf-8")
    (tmp_path / "secret.txt").write_text("секрет", "utf-8")
    current = tmp_path / "output" / "current"
    current.symlink_to("slots/a")
    return current


@pytest.fixture
def serve_site(tmp_path: Path, site: Path) -> Callable[[], AbstractContextManager[TestClient]]:
    return lambda: running(tmp_path, site=site)


Serve = Callable[[], AbstractContextManager[TestClient]]


def test_the_site_stands_beside_the_widget(serve_site: Serve) -> None:
    with serve_site() as client:
        home = client.get("/")
        assert (home.status_code, home.headers["content-encoding"]) == (200, "gzip")
        assert "Главная" in home.text
        again = client.get("/", headers={"if-none-match": home.headers["etag"]})
        assert again.status_code == 304
        assert client.head("/").content == b""
        missing = client.get("/no/such/page.html")
        assert (missing.status_code, "Нет" in missing.text) == (404, True)
        assert client.get(RATE).status_code == 200


def test_a_folder_is_found_without_believing_the_host(serve_site: Serve) -> None:
    with serve_site() as client:
        answer = client.get("/regions/70", headers={"host": "evil.example"})
        assert (answer.status_code, answer.headers["location"]) == (308, "/regions/70/")
        twice = client.get("http://testserver//regions/70")
        assert twice.headers["location"] == "/regions/70/"


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/%2e%2e/secret.txt", "/..%5csecret.txt", "/%00", "//etc/passwd", "/" + "a" * 5000],
)
def test_nothing_outside_the_release_is_read(serve_site: Serve, path: str) -> None:
    with serve_site() as client:
        answer = client.get(path)
        assert answer.status_code == 404
        assert "секрет" not in answer.text


def test_a_switch_of_the_release_is_seen_at_once(serve_site: Serve, site: Path) -> None:
    with serve_site() as client:
        client.get("/")
        (site.parent / "slots" / "b").mkdir()
        (site.parent / "slots" / "b" / "index.html").write_text("второй выпуск", "utf-8")
        (site.parent / "new").symlink_to("slots/b")
        (site.parent / "new").rename(site)
        assert client.get("/").text == "второй выпуск"


def test_a_compressed_twin_is_served_as_it_is(serve_site: Serve, site: Path) -> None:
    (site / "data" / "scores.csv.gz").write_bytes(gzip.compress(b"points\n" * 1000, mtime=0))
    with serve_site() as client:
        answer = client.get("/data/scores.csv")
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.text == "points\n" * 1000
        part = client.get("/data/scores.csv", headers={"range": "bytes=0-5"})
        assert (part.status_code, part.content) == (206, b"points")


def test_hashed_assets_are_kept_for_ever_and_pages_are_asked_for(serve_site: Serve) -> None:
    with serve_site() as client:
        assert "immutable" in client.get("/static/site.0a1b.css").headers["cache-control"]
        assert client.get("/").headers["cache-control"] == "no-cache"


def test_an_asset_that_the_release_lacks_is_the_programs_own(tmp_path: Path, site: Path) -> None:
    own = {"static/site.0a1b.css": b"b{}", "static/desk.77.css": b"nav{}"}
    with running(tmp_path, site=site, asset_contents=own) as client:
        assert client.get("/static/site.0a1b.css").text == "body{}", "the release comes first"
        answer = client.get("/static/desk.77.css")
        assert (answer.status_code, answer.text, answer.headers["content-type"]) == (
            200,
            "nav{}",
            "text/css; charset=utf-8",
        )
        assert "immutable" in answer.headers["cache-control"]
        assert client.get("/static/other.css").status_code == 404


def test_posting_to_a_file_is_not_allowed(serve_site: Serve) -> None:
    with serve_site() as client:
        assert client.post("/index.html").status_code == 405


def test_a_missing_site_does_not_stop_ratings(tmp_path: Path) -> None:
    with running(tmp_path, site=tmp_path / "output" / "current") as client:
        assert client.get("/").status_code == 404
        assert client.post(RATE, json=rating()).status_code == 201


HOSTILE = '</script><script>alert(1)</script>"><img src=x onerror=y>{{7*7}}{% raw %}'


def test_hostile_text_stays_text(client: TestClient, stored: Callable[[], list[StoredReview]]) -> None:
    receipt = _tap(client)
    client.post(receipt, data={"text": HOSTILE})
    pages: list[Any] = [
        client.get(receipt),
        client.get(f"/q/{HOSTILE}".replace("/script", "script"), headers=BROWSER),
        client.get("/rate/%3Cscript%3Ealert", headers=BROWSER),
        client.post(RATE, data={"rating": HOSTILE, "placement_code": HOSTILE}, headers=BROWSER),
    ]
    for page in pages:
        assert "<script" not in without_own_scripts(page.text)
        assert "<img" not in page.text
    assert stored()[0].text == HOSTILE


def test_the_criteria_of_the_pilot_are_asked_where_the_publication_wants_them(tmp_path: Path) -> None:
    with running(tmp_path, criteria=("speed", "cleanliness")) as client:
        receipt = client.post(f"/rate/{SCHOOL}", json=rating(4)).json()["receipt"]
        page = client.get(f"/receipt/{receipt}", headers=BROWSER).text
        assert "Быстрота" in page
        assert "Комфортность" not in page
        client.post(f"/receipt/{receipt}", data={"action": "details", "speed": "2", "cleanliness": ""})
        assert re.search(r'name="speed" value="2" checked', client.get(f"/receipt/{receipt}").text)
