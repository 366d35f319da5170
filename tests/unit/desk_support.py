"""People at the desk, for tests: accounts that are really invited, join and sign in, and a clock that the test sets."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pyotp
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from nok.vocabulary import Reasons, parse_reasons
from tests.unit.widget_support import BROWSER, CLINIC, ROOT, SCHOOL, make_settings, new_key, prepared_once
from widget.accounts import add_account, invitation_hash, invite, new_token
from widget.app import create_app
from widget.roles import Role
from widget.settings import Settings
from widget.store import Store

PASSWORD = "правильная лошадь скрепка"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The real cost, 50 ms a sign-in, is kept for the program."""
START = 1_770_422_400.0

PEOPLE = {
    "admin": ("administrator", (), ()),
    "anna": ("moderator", (), ()),
    "boris": ("moderator", (), ()),
    "tomsk": ("moderator", (), ("70",)),
    "altai": ("moderator", (), ("22",)),
    "school": ("organization", (SCHOOL,), ()),
    "clinic": ("organization", (CLINIC,), ()),
    "council": ("authority", (), ("70",)),
}


class Office:
    """A running widget, with people who sign in to its desk."""

    def __init__(self, client: TestClient, tokens: dict[str, str]) -> None:
        self.client, self.now = client, START
        self._tokens, self._secrets = tokens, dict[str, str]()
        self._steps: dict[str, int] = {}

    def clock(self) -> float:
        return self.now

    def join(self, name: str) -> None:
        """An invited person chooses a password and sets up codes."""
        path = f"/desk/join/{self._tokens[name]}"
        secret = field_of(self.client.get(path).text, "secret")
        self._secrets[name] = secret
        answer = self.client.post(
            path, data={"password": PASSWORD, "again": PASSWORD, "secret": secret, "code": self.code(name)}
        )
        assert answer.status_code == 303, answer.text

    def code(self, name: str) -> str:
        """The next code of an app; time passes for it, since a code works once."""
        self.now += 30
        return pyotp.TOTP(self._secrets[name]).at(int(self.now))

    def sign_in(self, name: str) -> None:
        """From here on the client is this person."""
        if name not in self._secrets:
            self.join(name)
        self.client.cookies.clear()
        answer = self.client.post("/desk/sign-in", data={"login": name, "password": PASSWORD, "code": self.code(name)})
        assert answer.status_code == 303, answer.text

    def get(self, path: str, name: str = "") -> str:
        """A page, as `name` where one is named."""
        if name:
            self.sign_in(name)
        answer = self.client.get(path, headers=BROWSER)
        assert answer.status_code == 200, answer.text
        return plain(answer.text)

    def post(self, path: str, name: str = "", **fields: Any) -> Any:
        """A form with its proof, as `name` where one is named."""
        if name:
            self.sign_in(name)
        proof = field_of(self.client.get("/desk/reviews/").text, "csrf")
        return self.client.post(path, data={"csrf": proof, **fields}, headers=BROWSER)

    def rate(self, text: str = "", value: int = 4, organization_id: str = SCHOOL, **more: Any) -> str:
        """The receipt of a new rating."""
        body = {"rating": value, "idempotency_key": new_key(), **({"text": text} if text else {}), **more}
        answer = self.client.post(f"/rate/{organization_id}", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["receipt"])

    def review_id(self, receipt: str) -> str:
        found = self.store.find(receipt)
        assert found is not None
        return found.review_id

    def decide(self, receipt: str, action: str, name: str = "", **fields: Any) -> Any:
        """A moderator's decision about the wording that is there now."""
        found = self.store.find(receipt)
        assert found is not None
        return self.post(
            f"/desk/reviews/{found.review_id}", name, action=action, **{"text_key": found.text_key, **fields}
        )

    @property
    def store(self) -> Store:
        store: Store = self.client.app.intake.store  # type: ignore[attr-defined]
        return store


def plain(page: str) -> str:
    """A page with simple spaces, as one reads it."""
    return page.replace("\N{NO-BREAK SPACE}", " ")


def field_of(page: str, name: str) -> str:
    """What stands in a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


@contextmanager
def opened(folder: Path, **changes: Any) -> Iterator[Office]:
    """A widget with everybody of `PEOPLE` invited."""
    office: list[Office] = []
    settings = make_settings(
        folder,
        reasons=_reasons(),
        now=lambda: office[0].clock() if office else START,
        **changes,
    )
    with patch("widget.accounts._hasher", lambda: CHEAP), prepared_once():
        tokens = _invite_everybody(settings) if "store" in changes else _copy_invited(folder / "var")
        app = create_app(settings)
        with TestClient(
            app, base_url="https://testserver", follow_redirects=False, raise_server_exceptions=False
        ) as client:
            office.append(Office(client, tokens))
            yield office[0]


@cache
def _reasons() -> Reasons:
    """The published reasons to hide a text, as the project ships them."""
    return parse_reasons((ROOT / "content" / "reasons.yaml").read_text("utf-8"), "reasons.yaml")


def _copy_invited(folder: Path) -> dict[str, str]:
    files, tokens = _invited()
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    return tokens


@cache
def _invited() -> tuple[dict[str, bytes], dict[str, str]]:
    """(files of a store in which everybody is invited, name to the token of the invitation), made once."""
    with TemporaryDirectory() as folder:
        settings = make_settings(Path(folder))
        tokens = _invite_everybody(settings)
        files = [file for file in (Path(folder) / "var").iterdir() if file.suffix != ".lock"]
        return {file.name: file.read_bytes() for file in files}, tokens


def _invite_everybody(settings: Settings) -> dict[str, str]:
    """Name to the token of the invitation."""
    store, tokens = Store(settings.store), {name: new_token() for name in PEOPLE}
    for name, (role, organizations, regions) in PEOPLE.items():
        add = partial(
            add_account,
            login=name,
            role=Role(role),
            organizations=organizations,
            regions=regions,
            by="",
            today=settings.today(),
        )
        account_id = store.do(add).result()
        assert account_id
        hashed = invitation_hash(store.key, tokens[name])
        store.do(
            partial(invite, account_id=account_id, token_hash=hashed, now=START, by="", today=settings.today())
        ).result()
    store.close()
    return tokens
