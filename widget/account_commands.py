"""Accounts from the command line: the first administrator, and help where nobody can sign in any more."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from nok import urls
from nok.errors import Said, UsageError
from widget.accounts import (
    LOGIN,
    add_account,
    change_account,
    invitation_hash,
    invite,
    new_token,
    read_accounts,
)
from widget.engines import StorePlace
from widget.roles import Role, is_bound_rightly
from widget.store import Reader, Store

_BOUND = {
    Role.MODERATOR: Said("moderator"),
    Role.ORGANIZATION: Said("organization"),
    Role.AUTHORITY: Said("authority"),
    Role.ADMINISTRATOR: Said("administrator"),
}


def list_accounts(place: StorePlace) -> list[str]:
    """A line for each account."""
    reader = Reader(place)
    try:
        found = reader.read(read_accounts)
    finally:
        reader.close()
    return [
        f"{account.login}  {account.role}  {account.state}  {' '.join((*account.organizations, *account.regions))}".rstrip()
        for account in found
    ]


def invite_account(
    place: StorePlace,
    login: str,
    role_name: str,
    organizations: Sequence[str],
    regions: Sequence[str],
    now: float,
    today: date,
) -> str:
    """The path of the page where the person chooses a password; an account that is there is invited anew.

    Raises:
        UsageError: the login or what it is bound to cannot be.
        BusyError: the store is being served; invite at the desk.
    """
    role = Role(role_name)
    if LOGIN.fullmatch(login) is None:
        raise UsageError("login-signs", login=login)
    if not is_bound_rightly(role, tuple(organizations), tuple(regions)):
        raise UsageError("account-bound", bound=_BOUND[role])
    token = new_token()
    store = Store(place)
    try:
        add = partial(add_account, login=login, role=role, by="", today=today)
        account_id = store.do(
            lambda ledger: add(ledger, organizations=tuple(organizations), regions=tuple(regions))
        ).result() or _id_of(store, login)
        hashed = invitation_hash(store.key, token)
        values = {
            "role": str(role),
            "organizations": " ".join(sorted(organizations)),
            "regions": " ".join(sorted(regions)),
        }
        store.do(lambda ledger: invite(ledger, account_id, hashed, now, by="", today=today, **values)).result()
    finally:
        store.close()
    return urls.desk_join(token)


def close_account(place: StorePlace, login: str, today: date) -> None:
    """Ends an account: it stays in the log, and nobody signs in by it.

    Raises:
        UsageError: there is no such account. BusyError: the store is being served; close it at the desk.
    """
    store = Store(place)
    try:
        account_id = _id_of(store, login)
        closed = {"state": "closed", "password_hash": "", "totp_sealed": None, "invitation_hash": ""}
        store.do(
            lambda ledger: change_account(ledger, account_id, by="", today=today, action="account-closed", **closed)
        ).result()
    finally:
        store.close()


def _id_of(store: Store, login: str) -> str:
    for account in store.read(read_accounts):
        if account.login == login:
            return account.account_id
    raise UsageError("account-unknown", login=login)
