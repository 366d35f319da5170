"""People who work at the desk: accounts, invitations, sign-in, sessions.

A password is kept as its argon2id hash and the secret of one-time codes sealed with the server's key; of invitations and
sessions only keyed hashes are stored. After five wrong attempts an account waits, longer each time, and a one-time code
works once.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import pyotp
import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from widget.audit import Deed, digest_of
from widget.keys import ServerKey
from widget.ledger import Ledger
from widget.roles import Right, Role, Scope, may, scope_of
from widget.sealing import seal, unseal
from widget.tables import accounts, sessions

INVITATION_SECONDS = 7 * 24 * 60 * 60
SESSION_SECONDS = 12 * 60 * 60
"""A session ends half a day after it began, and earlier after `IDLE_SECONDS` without a page."""
IDLE_SECONDS = 60 * 60
SEEN_STEP_SECONDS = 5 * 60
"""That somebody is still there is written down no more often than this."""
FREE_ATTEMPTS = 5
FIRST_WAIT_SECONDS = 60
LONGEST_WAIT_SECONDS = 60 * 60
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_CODE = re.compile(r"\d{6}")
_STEP_SECONDS = 30
_DIGESTED = ("account_id", "login", "role", "organizations", "regions", "state")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may sign in, or asked to. `asked_for` is what he wrote when he asked."""

    account_id: str
    login: str
    role: Role
    organizations: tuple[str, ...]
    regions: tuple[str, ...]
    state: str
    asked_for: str
    created_on: str

    @property
    def scope(self) -> Scope:
        return scope_of(self.role, self.organizations, self.regions)

    def may(self, right: Right) -> bool:
        """True where the role has the right."""
        return may(self.role, right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody signed in; `is_stale` asks for `touch`."""

    account: Account
    token: str
    csrf: str
    is_stale: bool


# ---- accounts ------------------------------------------------------------------------------------------------------


def new_token() -> str:
    """256 random bits in letters, for an invitation or a session."""
    return secrets.token_urlsafe(32)


def add_account(
    ledger: Ledger,
    login: str,
    role: Role,
    organizations: tuple[str, ...],
    regions: tuple[str, ...],
    *,
    by: str,
    today: date,
    asked_for: str = "",
) -> str | None:
    """A new account's id, or `None` where the login is taken. It is `requested` where somebody asked for it himself."""
    if ledger.connection.execute(sa.select(accounts.c.account_id).where(accounts.c.login == login)).first():
        return None
    row = {
        "account_id": secrets.token_hex(8),
        "login": login,
        "role": str(role),
        "organizations": " ".join(sorted(organizations)),
        "regions": " ".join(sorted(regions)),
        "state": "requested" if asked_for else "invited",
        "asked_for": asked_for,
        "created_on": today.isoformat(),
        "password_hash": "",
        "totp_sealed": None,
        "totp_step": 0,
        "invitation_hash": "",
        "invited_until": 0,
        "failures": 0,
        "locked_until": 0,
    }
    ledger.connection.execute(accounts.insert(), row)
    _tell(ledger, row, today, by, "account-requested" if asked_for else "account-added")
    return str(row["account_id"])


def change_account(ledger: Ledger, account_id: str, *, by: str, today: date, action: str, **values: object) -> bool:
    """Changes what an account is or may; its sessions end. False where there is none."""
    row = _row(ledger.connection, accounts.c.account_id == account_id)
    if row is None:
        return False
    mine = accounts.c.account_id == account_id
    ledger.connection.execute(accounts.update().where(mine).values(values))
    ledger.connection.execute(sessions.delete().where(sessions.c.account_id == account_id))
    _tell(ledger, row | values, today, by, action)
    return True


def invite(
    ledger: Ledger, account_id: str, token_hash: str, now: float, *, by: str, today: date, **values: object
) -> bool:
    """Lets somebody choose a password and a one-time code anew, within a week; what he had works no more."""
    fresh: dict[str, object] = {
        "state": "invited",
        "invitation_hash": token_hash,
        "invited_until": int(now) + INVITATION_SECONDS,
        "password_hash": "",
        "totp_sealed": None,
        "failures": 0,
        "locked_until": 0,
    }
    return change_account(ledger, account_id, by=by, today=today, action="account-invited", **fresh, **values)


def read_accounts(connection: sa.Connection) -> list[Account]:
    """All accounts: those that ask first, then by login."""
    found = [dict(row) for row in connection.execute(accounts.select().order_by(accounts.c.login)).mappings()]
    return sorted(map(_account, found), key=lambda account: account.state != "requested")


def invited(connection: sa.Connection, token_hash: str, now: float) -> Account | None:
    """Whom an invitation is for; `None` where it is unknown, used or too old."""
    row = _row(connection, accounts.c.invitation_hash == token_hash) if token_hash else None
    return _account(row) if row and row["state"] == "invited" and row["invited_until"] > now else None


def account_subject(account_id: str) -> str:
    """What the audit chain calls an account."""
    return f"account:{account_id}"


def account_digest(row: Mapping[str, Any]) -> str:
    """What the audit chain vouches for of an account: who it is and what it may do."""
    return digest_of(row, _DIGESTED)


def _tell(ledger: Ledger, row: Mapping[str, Any], today: date, by: str, action: str) -> None:
    said = {name: row[name] for name in ("role", "organizations", "regions", "state") if row[name]}
    ledger.record(
        Deed(
            happened_on=today.isoformat(),
            actor=f"account:{by}" if by else "command-line",
            action=action,
            subject=account_subject(row["account_id"]),
            said=said,
            digest=account_digest(row),
        )
    )


def _row(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> dict[str, Any] | None:
    found = connection.execute(accounts.select().where(condition)).mappings().first()
    return dict(found) if found else None


def _account(row: Mapping[str, Any]) -> Account:
    return Account(
        account_id=row["account_id"],
        login=row["login"],
        role=Role(row["role"]),
        organizations=tuple(row["organizations"].split()),
        regions=tuple(row["regions"].split()),
        state=row["state"],
        asked_for=row["asked_for"],
        created_on=row["created_on"],
    )


# ---- joining -------------------------------------------------------------------------------------------------------


def new_totp_secret() -> str:
    """The secret of one-time codes, in the letters that apps take."""
    return pyotp.random_base32()


def totp_address(secret: str, login: str, issuer: str) -> str:
    """The address behind the picture that apps scan."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def totp_step(secret: str, code: str, now: float, last_step: int = 0) -> int | None:
    """The half-minute that `code` belongs to, one before and one after included; `None` where it is wrong or was used."""
    if _CODE.fullmatch(code) is None:
        return None
    totp = pyotp.TOTP(secret)
    step = int(now) // _STEP_SECONDS
    for candidate in (step - 1, step, step + 1):
        if candidate > last_step and hmac.compare_digest(totp.generate_otp(candidate), code):
            return candidate
    return None


def is_good_password(password: str, login: str) -> bool:
    """Long enough, not too long to hash, and not the login."""
    return SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD and login not in password.lower()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id hash; takes some 50 ms on purpose."""
    return _hasher().hash(password)


def join(
    ledger: Ledger,
    key: ServerKey,
    token_hash: str,
    password_hash: str,
    totp_secret: str,
    step: int,
    now: float,
    today: date,
) -> bool:
    """Makes an invited account active; false where the invitation was used meanwhile."""
    account = invited(ledger.connection, token_hash, now)
    if account is None:
        return False
    values = {
        "state": "active",
        "password_hash": password_hash,
        "totp_sealed": seal(key.secret_for("totp"), totp_secret, account.account_id),
        "totp_step": step,
        "invitation_hash": "",
        "invited_until": 0,
    }
    return change_account(
        ledger, account.account_id, by=account.account_id, today=today, action="account-joined", **values
    )


# ---- sign-in -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What is needed to judge an attempt to sign in."""

    account_id: str
    password_hash: str
    totp_secret: str
    totp_step: int
    locked_until: int


_NOBODY = Credentials(account_id="", password_hash="", totp_secret="", totp_step=0, locked_until=0)


def credentials_of(connection: sa.Connection, key: ServerKey, login: str) -> Credentials:
    """Of an active account; where there is none, of nobody, so that the attempt takes as long."""
    row = _row(connection, accounts.c.login == login)
    if row is None or row["state"] != "active" or row["totp_sealed"] is None:
        return _NOBODY
    secret = unseal(key.secret_for("totp"), row["totp_sealed"], row["account_id"]) or ""
    return Credentials(
        account_id=row["account_id"],
        password_hash=row["password_hash"],
        totp_secret=secret,
        totp_step=row["totp_step"],
        locked_until=row["locked_until"],
    )


@cache
def _hash_of_nobody() -> str:
    return hash_password(secrets.token_hex(16))


def is_password(found: Credentials, password: str) -> bool:
    """True for the right password; takes the same time for an account that is not there."""
    try:
        _hasher().verify(found.password_hash or _hash_of_nobody(), password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return bool(found.account_id)


def fail(ledger: Ledger, account_id: str, now: float, today: date) -> None:
    """Counts a wrong attempt; from the sixth on the account waits, twice as long each time."""
    row = _row(ledger.connection, accounts.c.account_id == account_id)
    if row is None:
        return
    failures = row["failures"] + 1
    wait = min(FIRST_WAIT_SECONDS << max(0, min(failures - FREE_ATTEMPTS, 16)), LONGEST_WAIT_SECONDS)
    locked_until = int(now) + wait if failures >= FREE_ATTEMPTS else 0
    mine = accounts.c.account_id == account_id
    ledger.connection.execute(accounts.update().where(mine).values(failures=failures, locked_until=locked_until))
    if failures == FREE_ATTEMPTS:
        _tell(ledger, row, today, account_id, "sign-in-refused")


def begin_session(ledger: Ledger, account_id: str, step: int, token_hash: str, now: float) -> bool:
    """Signs somebody in; false where his one-time code was used by another request meanwhile."""
    mine = sa.and_(accounts.c.account_id == account_id, accounts.c.totp_step < step, accounts.c.state == "active")
    fresh = accounts.update().where(mine).values(totp_step=step, failures=0, locked_until=0)
    if ledger.connection.execute(fresh).rowcount == 0:
        return False
    ledger.connection.execute(sessions.delete().where(sessions.c.started_at < int(now) - SESSION_SECONDS))
    row = {"token_hash": token_hash, "account_id": account_id, "started_at": int(now), "seen_at": int(now)}
    ledger.connection.execute(sessions.insert(), row)
    return True


def begin_foreign_session(ledger: Ledger, login: str, token_hash: str, now: float, today: date) -> bool:
    """Signs in whoever a provider of identities vouches for; false where no account waits for him. An invited person
    becomes active by it, without a password of ours."""
    row = _row(ledger.connection, accounts.c.login == login)
    if row is None or row["state"] not in ("invited", "active"):
        return False
    account_id = row["account_id"]
    if row["state"] == "invited":
        active = {"state": "active", "invitation_hash": "", "invited_until": 0}
        change_account(ledger, account_id, by=account_id, today=today, action="account-joined", **active)
    ledger.connection.execute(sessions.delete().where(sessions.c.started_at < int(now) - SESSION_SECONDS))
    session = {"token_hash": token_hash, "account_id": account_id, "started_at": int(now), "seen_at": int(now)}
    ledger.connection.execute(sessions.insert(), session)
    return True


def end_session(ledger: Ledger, token_hash: str) -> None:
    """Signs somebody out."""
    ledger.connection.execute(sessions.delete().where(sessions.c.token_hash == token_hash))


def touch_session(ledger: Ledger, token_hash: str, now: float) -> None:
    """Writes down that somebody is still there."""
    ledger.connection.execute(sessions.update().where(sessions.c.token_hash == token_hash).values(seen_at=int(now)))


def find_session(connection: sa.Connection, key: ServerKey, token: str, now: float) -> Session | None:
    """Who sends `token`; `None` where nobody is signed in by it any more."""
    if TOKEN.fullmatch(token) is None:
        return None
    query = sa.select(sessions.c.started_at, sessions.c.seen_at, *accounts.columns).join_from(
        sessions, accounts, sessions.c.account_id == accounts.c.account_id
    )
    found = connection.execute(query.where(sessions.c.token_hash == session_hash(key, token))).mappings().first()
    if found is None or found["state"] != "active":
        return None
    if now >= found["started_at"] + SESSION_SECONDS or now >= found["seen_at"] + IDLE_SECONDS:
        return None
    return Session(
        account=_account(dict(found)),
        token=token,
        csrf=key.hash("csrf", token),
        is_stale=now >= found["seen_at"] + SEEN_STEP_SECONDS,
    )


def session_hash(key: ServerKey, token: str) -> str:
    """What is stored in place of a session's token."""
    return key.hash("session", token)


def invitation_hash(key: ServerKey, token: str) -> str:
    """What is stored in place of an invitation."""
    return key.hash("invitation", token) if TOKEN.fullmatch(token) else ""
