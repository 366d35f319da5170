"""Signing in through a provider of identities: a small one runs beside, with a real key and real requests."""

import base64
import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

import publish
from tests.unit.desk_support import Office, opened
from tests.unit.widget_support import BROWSER
from widget.accounts import read_accounts
from widget.oidc import Provider

KEY = RSAKey.generate_key(2048, {"kid": "one"})
CALLBACK = "https://ocenka.example/desk/provider/back"


class Identities(BaseHTTPRequestHandler):
    """Answers as a provider does; what it vouches for is set by the test."""

    claims: ClassVar[dict[str, Any]] = {}
    key = KEY
    challenge = ""
    seen: ClassVar[list[dict[str, list[str]]]] = []

    def do_GET(self) -> None:
        issuer = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
        pages = {
            "/.well-known/openid-configuration": {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
            },
            "/keys": {"keys": [KEY.as_dict(private=False)]},
        }
        self._answer(pages.get(self.path))

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        type(self).seen.append(form)
        verifier = form["code_verifier"][0].encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).decode().rstrip("=")
        is_right = challenge == type(self).challenge and form["code"] == ["good"]
        basic = base64.b64encode(b"nok:secret").decode()
        if not is_right or self.headers["authorization"] != f"Basic {basic}":
            self._answer({"error": "invalid_grant"}, 400)
            return
        token = jwt.encode({"alg": "RS256", "kid": "one"}, type(self).claims, type(self).key)
        self._answer({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def _answer(self, found: object, status: int = 200) -> None:
        content = json.dumps(found).encode()
        self.send_response(status if found is not None else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def issuer() -> Iterator[str]:
    Identities.claims, Identities.key, Identities.seen = {}, KEY, []
    with ThreadingHTTPServer(("127.0.0.1", 0), Identities) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def office(tmp_path: Path, issuer: str) -> Iterator[Office]:
    provider = Provider(issuer=issuer, client_id="nok", client_secret="secret", callback=CALLBACK)
    with opened(tmp_path, provider=provider) as found:
        provider.clock = found.clock
        yield found


def go(office: Office, path: str = "/desk/provider") -> dict[str, str]:
    """What the provider is asked, after the browser was sent there."""
    answer = office.client.get(path)
    assert answer.status_code == 303, answer.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    Identities.challenge = asked["code_challenge"]
    return asked


def vouch(office: Office, asked: dict[str, str], **claims: object) -> Any:
    """Comes back from the provider, which vouches for `anna`, a moderator, unless `claims` say otherwise."""
    provider = office.client.app.intake.settings.provider  # type: ignore[attr-defined]
    now = int(office.now)
    usual = {"iss": provider.issuer, "aud": "nok", "exp": now + 60, "iat": now, "nonce": asked["nonce"], "sub": "1"}
    Identities.claims = usual | {"email": "Anna", "email_verified": True} | claims
    return office.client.get("/desk/provider/back", params={"state": asked["state"], "code": "good"}, headers=BROWSER)


def test_an_invited_person_signs_in_without_a_password_of_ours(office: Office) -> None:
    asked = go(office, "/desk/provider?next=/desk/log/")
    assert (asked["response_type"], asked["client_id"], asked["redirect_uri"]) == ("code", "nok", CALLBACK)
    assert (asked["scope"], asked["code_challenge_method"]) == ("openid email", "S256")
    answer = vouch(office, asked)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/log/")
    assert "anna" in office.get("/desk/reviews/")
    (anna,) = (one for one in office.store.read(read_accounts) if one.login == "anna")
    assert anna.state == "active"
    answer = office.client.post("/desk/sign-in", data={"login": "anna", "password": "", "code": "000000"})
    assert answer.status_code == 403, "no password is no way in"


WRONG: dict[str, dict[str, object]] = {
    "another nonce": {"nonce": "x"},
    "another issuer": {"iss": "https://evil.example"},
    "for somebody else": {"aud": "other"},
    "for several, not meant for us": {"aud": ["nok", "other"], "azp": "other"},
    "too old": {"exp": 1},
    "an address that nobody confirmed": {"email_verified": False},
    "confirmed by a word": {"email_verified": "true"},
    "no address": {"email": None},
    "somebody unknown": {"email": "stranger@example.org"},
}


@pytest.mark.parametrize("what", WRONG)
def test_what_proves_nothing_opens_nothing(office: Office, what: str) -> None:
    answer = vouch(office, go(office), **WRONG[what])
    assert answer.status_code == 403
    assert office.client.get("/desk/reviews/").status_code == 303


def test_a_token_of_another_key_opens_nothing(office: Office) -> None:
    Identities.key = RSAKey.generate_key(2048, {"kid": "one"})
    assert vouch(office, go(office)).status_code == 403


def test_an_answer_to_a_question_that_this_browser_did_not_ask_opens_nothing(office: Office) -> None:
    asked = go(office)
    assert vouch(office, asked | {"state": "x" * 32}).status_code == 403
    office.client.cookies.clear()
    assert vouch(office, asked).status_code == 403
    assert Identities.seen == [], "its code was never spent"


def test_a_flow_ends_after_ten_minutes_and_its_cookie_cannot_be_made_up(office: Office) -> None:
    asked = go(office)
    office.now += 601
    assert vouch(office, asked).status_code == 403
    office.client.cookies.set("__Host-desk-provider", "e30=.0000")
    assert vouch(office, asked).status_code == 403


def test_a_closed_account_stays_closed(office: Office) -> None:
    accounts = office.store.read(read_accounts)
    anna = next(one.account_id for one in accounts if one.login == "anna")
    assert office.post("/desk/accounts/", "admin", action="close", account_id=anna).status_code in (200, 303)
    office.client.cookies.clear()
    assert vouch(office, go(office)).status_code == 403


def test_a_provider_that_does_not_answer_is_told_plainly(tmp_path: Path) -> None:
    provider = Provider(issuer="http://127.0.0.1:9", client_id="nok", client_secret="s", callback=CALLBACK)
    with opened(tmp_path, provider=provider) as office:
        answer = office.client.get("/desk/provider", headers=BROWSER)
        assert answer.status_code == 502
        assert "не удался" in answer.text.replace("\N{NO-BREAK SPACE}", " ")


def test_without_a_provider_there_is_no_such_way(tmp_path: Path) -> None:
    with opened(tmp_path) as office:
        assert office.client.get("/desk/provider").status_code == 404
        assert "/desk/provider" not in office.client.get("/desk/sign-in", headers=BROWSER).text


@pytest.mark.parametrize("issuer", ["ocenka.example", "http://ocenka.example", "https://", "ftp://x.example"])
def test_half_a_provider_stops_the_start(
    package_factory: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], issuer: str
) -> None:
    config = tmp_path / "content" / "publication.yaml"
    config.parent.mkdir()
    config.write_text(f"sign_in_issuer: {issuer}\nsign_in_client_id: nok\n", "utf-8")
    assert publish.main(["serve", "--config", str(config), "--packages", str(package_factory())]) == 1
    assert "sign_in_issuer" in capsys.readouterr().err
