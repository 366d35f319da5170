"""Invitations: one visit, one vote, also in parallel and by replay; made by the command, spent at the widget."""

import csv
import hashlib
import secrets
import stat
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

import publish
from tests.unit.postgres_support import database, postgres_server
from tests.unit.widget_support import BROWSER, CLINIC, ROOT, SCHOOL, Clock, all_reviews, new_key, rating, running
from widget.engines import StorePlace, store_place
from widget.export import export_reviews
from widget.invitations import TOKEN_LENGTH, Fault, Invitation, Inviter
from widget.keys import read_key

RATE = f"/rate/{SCHOOL}"
EXPIRES = 2_000_000


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StorePlace]:
    if request.param == "sqlite":
        yield store_place(tmp_path / "var" / "store.sqlite")
        return
    with database(request.getfixturevalue("server")) as url:
        yield store_place(url, tmp_path / "store.key")


def inviter_of(place: StorePlace) -> Inviter:
    return Inviter(read_key(place.key_file).secret_for("invitation"))


def token_of(place: StorePlace, organization_id: str = SCHOOL, expires_at: int = EXPIRES) -> str:
    return inviter_of(place).make(Invitation(organization_id=organization_id, batch="0123abcd", expires_at=expires_at))


# ---- tokens --------------------------------------------------------------------------------------------------------

INVITER = Inviter(b"the secret of a server")
GIVEN = Invitation(organization_id=SCHOOL, batch="0123abcd", expires_at=EXPIRES)


def test_a_token_says_what_was_put_into_it() -> None:
    token = INVITER.make(GIVEN)
    assert len(token) == TOKEN_LENGTH
    assert token == token.lower()
    assert INVITER.read(SCHOOL, token, EXPIRES - 1) == GIVEN
    assert INVITER.make(GIVEN) != token


@pytest.mark.parametrize(
    ("organization_id", "change", "now", "fault"),
    [
        (CLINIC, str, 0, Fault.WRONG),
        (SCHOOL, str.upper, 0, Fault.WRONG),
        (SCHOOL, lambda token: token[:-1], 0, Fault.WRONG),
        (SCHOOL, lambda token: token + "a", 0, Fault.WRONG),
        (SCHOOL, lambda token: f"{token}\n", 0, Fault.WRONG),
        (SCHOOL, lambda _: "", 0, Fault.WRONG),
        (SCHOOL, lambda _: None, 0, Fault.WRONG),
        (SCHOOL, lambda token: [token], 0, Fault.WRONG),
        (SCHOOL, str, EXPIRES, Fault.EXPIRED),
        (SCHOOL, str, EXPIRES + 1, Fault.EXPIRED),
    ],
    ids=["foreign", "capitals", "short", "long", "line", "empty", "none", "list", "on-the-second", "later"],
)
def test_what_is_not_that_token_lets_nobody_in(organization_id: str, change: object, now: int, fault: Fault) -> None:
    assert INVITER.read(organization_id, change(INVITER.make(GIVEN)), now) is fault  # type: ignore[operator]


@given(place=st.integers(0, TOKEN_LENGTH - 1), bit=st.integers(0, 4))
def test_one_bit_flipped_lets_nobody_in(place: int, bit: int) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    token = INVITER.make(GIVEN, bytes(16))
    flipped = letters[letters.index(token[place]) ^ (1 << bit)]
    assert INVITER.read(SCHOOL, token[:place] + flipped + token[place + 1 :], 0) is Fault.WRONG


def test_none_of_ten_thousand_random_tokens_lets_in() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    for _ in range(10_000):
        assert INVITER.read(SCHOOL, "".join(secrets.choice(letters) for _ in range(TOKEN_LENGTH)), 0) is Fault.WRONG


@pytest.mark.scale
def test_none_of_a_million_random_tokens_lets_in() -> None:
    import base64

    for number in range(1_000_000):
        random = hashlib.sha512(str(number).encode()).digest()[:40]
        assert INVITER.read(SCHOOL, base64.b32encode(random).decode().lower(), 0) is Fault.WRONG


# ---- at the widget -------------------------------------------------------------------------------------------------


def send(client: TestClient, token: str, **more: object) -> int:
    return client.post(RATE, json=rating(5, invitation=token, **more)).status_code


def refused(client: TestClient, token: object, path: str = RATE) -> str:
    answer = client.post(path, json=rating(5, invitation=token))
    assert answer.status_code == 403
    (problem,) = answer.json()["problems"]
    assert problem["column"] == "invitation"
    assert problem["message"] and problem["advice"]
    return str(problem["rule"])


def test_one_invitation_is_one_rating_also_when_fifty_send_it_at_once(place: StorePlace, tmp_path: Path) -> None:
    with running(tmp_path, store=place, now=lambda: 0.0) as client:
        token = token_of(place)
        with ThreadPoolExecutor(10) as people:
            statuses = Counter(people.map(lambda _: send(client, token), range(50)))
        assert statuses == {201: 1, 403: 49}
        (review,) = all_reviews(place)
        assert (review.channel, review.standing, review.reason_code) == ("invitation", "accepted", "")


def test_a_token_is_spent_for_ever_also_when_its_rating_is_taken_back(place: StorePlace, tmp_path: Path) -> None:
    clock = Clock()
    with running(tmp_path, store=place, now=clock) as client:
        token, body = token_of(place), rating(1)
        first = client.post(RATE, json=body | {"invitation": token})
        assert client.post(RATE, json=body | {"invitation": token}).json() == first.json()
        receipt = f"/receipt/{first.json()['receipt']}"
        assert client.post(receipt, json={"action": "withdraw"}).status_code == 200
        assert refused(client, token) == "invitation-spent"
        for wrong, path in (
            (token.upper(), RATE),
            (token_of(place, CLINIC), RATE),
            (token, f"/rate/{CLINIC}"),
            (5, RATE),
        ):
            assert refused(client, wrong, path) == "invitation-wrong"
        clock.now = EXPIRES + 1
        assert refused(client, token_of(place)) == "invitation-expired"
        assert len(all_reviews(place)) == 1


def test_two_hundred_invited_people_behind_one_address_are_all_counted(tmp_path: Path) -> None:
    clock = Clock()
    place = store_place(tmp_path / "var" / "store.sqlite")
    with running(tmp_path, now=clock, clock=clock) as client:
        made = [token_of(place) for _ in range(200)]
        statuses = Counter()
        for token in made:
            statuses[send(client, token)] += 1
            clock.now += 3
        assert statuses == {201: 200}
        assert client.portal is not None
        client.portal.call(client.app.intake.watch.sweep)  # type: ignore[attr-defined]
    assert Counter((review.channel, review.standing) for review in all_reviews(place)) == {
        ("invitation", "accepted"): 200
    }
    assert export_reviews(place, tmp_path / "package") == 200


def test_the_form_of_an_invited_person_carries_the_token_and_a_bad_one_is_explained(tmp_path: Path) -> None:
    place = store_place(tmp_path / "var" / "store.sqlite")
    with running(tmp_path, now=lambda: 0.0) as client:
        token = token_of(place)
        for path in (f"/i/{SCHOOL}/{token}", f"/I/{SCHOOL.upper()}/{token.upper()}"):
            page = client.get(path, headers=BROWSER)
            assert f'name="invitation" value="{token}"' in page.text
            assert page.headers["referrer-policy"] == "same-origin"
        again = client.post(
            RATE, data={"rating": "9", "idempotency_key": new_key(), "invitation": token}, headers=BROWSER
        )
        assert f'name="invitation" value="{token}"' in again.text
        fields = {"rating": "5", "idempotency_key": new_key(), "invitation": token, "leave_empty": ""}
        assert client.post(RATE, data=fields, headers=BROWSER).status_code == 303
        other = token[:-1] + ("b" if token.endswith("a") else "a")
        for path in (f"/i/{CLINIC}/{token}", f"/i/{SCHOOL}/{other}"):
            answer = client.get(path, headers=BROWSER)
            assert answer.status_code == 403
            assert "Приглашение" in answer.text
        assert client.get(f"/i/nobody/{token}").status_code == 404


def test_nothing_in_the_store_tells_a_token_or_which_rating_it_was(tmp_path: Path) -> None:
    place = store_place(tmp_path / "var" / "store.sqlite")
    with running(tmp_path, now=lambda: 0.0) as client:
        token = token_of(place)
        assert send(client, token) == 201
        held = b"".join(file.read_bytes() for file in (tmp_path / "var").iterdir())
    assert token.encode() not in held
    assert token[40:].encode() not in held


# ---- the command ---------------------------------------------------------------------------------------------------


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    with running(tmp_path):
        return tmp_path / "var" / "store.sqlite"


def make(store: Path, out: Path, *more: str) -> int:
    demo = str(ROOT / "data_packages" / "demo")
    return publish.main(
        ["invitations", "--packages", demo, "--store", str(store), "--out", str(out), "--lang", "en", *more]
    )


def test_links_are_made_that_the_widget_takes(
    key_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "links.csv"
    assert make(key_file, out, "--organization", SCHOOL, "--number", "3", "--days", "7") == 0
    assert "Invitations in" in capsys.readouterr().out
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    rows = list(csv.DictReader(out.read_text("utf-8").splitlines()))
    assert [row["number"] for row in rows] == ["1", "2", "3"]
    assert len({row["batch"] for row in rows}) == 1
    links = [row["link"].removeprefix("https://ocenka.example") for row in rows]
    assert len(set(links)) == 3
    with running(tmp_path) as client:
        assert {client.get(link).status_code for link in links} == {200}
        assert send(client, links[0].rpartition("/")[2]) == 201
    assert make(key_file, out, "--organization", SCHOOL) == 64
    assert "there is such a file already" in capsys.readouterr().err


def test_cards_are_printed_and_each_code_leads_to_its_form(key_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "cards.pdf"
    assert make(key_file, out, "--organization", SCHOOL, "--number", "11") == 0
    document = pypdfium2.PdfDocument(out)
    try:
        assert len(document) == 2
        said = document[0].get_textpage().get_text_bounded()
        codes = zxingcpp.read_barcodes(document[0].render(scale=200 / 72).to_pil())
    finally:
        document.close()
    assert "Оцените ваш визит" in said
    assert len({code.text for code in codes}) == 10
    with running(tmp_path) as client:
        paths = [code.text.removeprefix("HTTPS://OCENKA.EXAMPLE") for code in codes]
        assert {client.get(path).status_code for path in paths} == {200}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--organization", "nobody"], "'nobody' is no published organisation"),
        (["--organization", SCHOOL, "--number", "0"], "from 1 to 100000 are made at once"),
        (["--organization", SCHOOL, "--days", "5000"], "is no number of days from 1 to 1000"),
    ],
)
def test_what_cannot_be_made_is_told(
    key_file: Path, tmp_path: Path, more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(key_file, tmp_path / "x.csv", *more) == 64
    assert said in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()
