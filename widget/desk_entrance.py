"""The way in: signing in and out, joining by an invitation, asking for an account."""

from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from nok import urls
from nok.errors import Place, Problem
from widget.accounts import (
    LOGIN,
    Account,
    Credentials,
    add_account,
    begin_session,
    credentials_of,
    end_session,
    fail,
    hash_password,
    invitation_hash,
    invited,
    is_good_password,
    is_password,
    join,
    new_token,
    new_totp_secret,
    read_accounts,
    session_hash,
    totp_address,
    totp_step,
)
from widget.desk_exchange import COOKIE, ask, at_desk, do, form_of, text_of, with_cookie
from widget.desk_frame import Desk
from widget.desk_pages import join_page, request_page, sign_in_page
from widget.exchange import (
    RefusedError,
    admit,
    answer_page,
    intake_of,
    read_fields,
    refusal,
    see_other,
    sender_of,
    view_of,
)
from widget.guard import Verdict
from widget.roles import Role
from widget.submission import HONEYPOT

MOST_REQUESTS = 200
"""So many people may wait for an account; beyond that nobody else can ask until an administrator has looked."""
_LONGEST_REQUEST = 500


async def sign_in(request: Request) -> Response:
    """`/desk/sign-in`: login, password, one-time code."""
    if request.method == "GET":
        page = sign_in_page(view_of(request), next_path=own_path(request.query_params.get("next", "")))
        return answer_page(request, "desk/sign_in", page, HTTPStatus.OK, {})
    fields = await _outside_form(request)
    login, next_path = text_of(fields, "login").lower(), own_path(text_of(fields, "next", 1000))
    token = await _session_for(request, login, text_of(fields, "password", 1000), text_of(fields, "code"))
    if token is None:
        problem = Problem(rule="desk-sign-in", where=Place())
        page = sign_in_page(view_of(request), login=login, next_path=next_path, problems=[problem])
        return answer_page(request, "desk/sign_in", page, HTTPStatus.FORBIDDEN, {})
    return with_cookie(see_other(next_path or view_of(request).here(urls.desk())), token)


async def _session_for(request: Request, login: str, password: str, code: str) -> str | None:
    """A new session's token, or `None`: which of the three was wrong is told to nobody."""
    intake = intake_of(request)
    key, now, today = intake.store.key, intake.settings.now(), intake.settings.today()
    found: Credentials = await ask(request, partial(credentials_of, key=key, login=login))
    is_right = await run_in_threadpool(is_password, found, password)
    if found.locked_until > now:
        return None
    step = totp_step(found.totp_secret, code.replace(" ", ""), now, found.totp_step) if is_right else None
    if step is None:
        if found.account_id:
            await do(request, partial(fail, account_id=found.account_id, now=now, today=today))
        return None
    token = new_token()
    begin = partial(begin_session, account_id=found.account_id, step=step, token_hash=session_hash(key, token), now=now)
    return token if await do(request, begin) else None


def own_path(path: str) -> str:
    """Where to go after the sign-in: a page of the desk, never another site."""
    return path if path.startswith("/desk/") and "\\" not in path and "\n" not in path else ""


@at_desk()
async def sign_out(request: Request, desk: Desk) -> Response:
    """`POST /desk/sign-out`."""
    await form_of(request, desk)
    hashed = session_hash(intake_of(request).store.key, request.cookies[COOKIE])
    await do(request, partial(end_session, token_hash=hashed))
    return with_cookie(see_other(desk.view.here(urls.desk("sign-in"))), "")


async def join_desk(request: Request) -> Response:
    """`/desk/join/<token>`: an invited person chooses a password and sets up one-time codes."""
    token = request.path_params["token"]
    account = await _invited(request, token)
    if request.method == "GET":
        return _show_join(request, token, account, new_totp_secret(), [])
    fields = await _outside_form(request)
    password, secret = text_of(fields, "password", 1000), text_of(fields, "secret")
    intake = intake_of(request)
    now = intake.settings.now()
    step = totp_step(secret, text_of(fields, "code").replace(" ", ""), now) if secret.isalnum() else None
    problems = _join_problems(password, text_of(fields, "again", 1000), account.login, step)
    if problems or step is None:
        return _show_join(request, token, account, secret, problems)
    hashed = await run_in_threadpool(hash_password, password)
    work = partial(
        join,
        key=intake.store.key,
        token_hash=invitation_hash(intake.store.key, token),
        password_hash=hashed,
        totp_secret=secret,
        step=step,
        now=now,
        today=intake.settings.today(),
    )
    if not await do(request, work):
        raise refusal(HTTPStatus.NOT_FOUND, "desk-invitation")
    return see_other(view_of(request).here(urls.desk("sign-in")))


def _join_problems(password: str, again: str, login: str, step: int | None) -> list[Problem]:
    wrong = []
    if not is_good_password(password, login):
        wrong.append("desk-password")
    elif password != again:
        wrong.append("desk-password-again")
    if step is None:
        wrong.append("desk-code")
    return [Problem(rule=rule, where=Place()) for rule in wrong]


def _show_join(request: Request, token: str, account: Account, secret: str, problems: list[Problem]) -> Response:
    view = view_of(request)
    secret = secret if secret.isalnum() and len(secret) == len(new_totp_secret()) else new_totp_secret()
    address = totp_address(secret, account.login, view.settings.titles[view.language])
    page = join_page(view, token, account.login, secret, address, problems=problems)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return answer_page(request, "desk/join", page, status, {"Referrer-Policy": "same-origin"})


async def _invited(request: Request, token: str) -> Account:
    intake = intake_of(request)
    hashed, now = invitation_hash(intake.store.key, token), intake.settings.now()
    account: Account | None = await ask(request, partial(invited, token_hash=hashed, now=now))
    if account is None:
        raise refusal(HTTPStatus.NOT_FOUND, "desk-invitation")
    return account


async def request_account(request: Request) -> Response:
    """`/desk/request`: somebody asks for an account, an administrator decides."""
    view = view_of(request)
    if request.method == "GET":
        page = request_page(view, is_sent="sent" in request.query_params)
        return answer_page(request, "desk/request", page, HTTPStatus.OK, {})
    fields = await _outside_form(request)
    typed = {name: text_of(fields, name, _LONGEST_REQUEST) for name in ("login", "role", "asked_for")}
    problems = await _request_problems(request, typed)
    if problems:
        page = request_page(view, typed=typed, problems=problems)
        return answer_page(request, "desk/request", page, HTTPStatus.UNPROCESSABLE_ENTITY, {})
    if not fields.get(HONEYPOT):
        # Whether the login is taken is told to nobody: the answer is the same.
        await do(
            request,
            partial(
                add_account,
                login=typed["login"].lower(),
                role=Role(typed["role"]),
                organizations=(),
                regions=(),
                by="",
                today=view.settings.today(),
                asked_for=typed["asked_for"],
            ),
        )
    path = view.here(urls.desk("request"))
    return see_other(f"{path}{'&' if '?' in path else '?'}sent=1")


async def _request_problems(request: Request, typed: dict[str, str]) -> list[Problem]:
    wrong = []
    if LOGIN.fullmatch(typed["login"].lower()) is None:
        wrong.append("desk-login")
    if typed["role"] not in (Role.MODERATOR, Role.ORGANIZATION, Role.AUTHORITY):
        wrong.append("desk-role")
    if not typed["asked_for"]:
        wrong.append("desk-asked-for")
    if not wrong:
        accounts: list[Account] = await ask(request, read_accounts)
        if sum(account.state == "requested" for account in accounts) >= MOST_REQUESTS:
            wrong.append("desk-requests-full")
    return [Problem(rule=rule, where=Place()) for rule in wrong]


async def _outside_form(request: Request) -> dict[str, Any]:
    """A form of somebody who is not signed in: never from a stranger's page, and not too often."""
    admit(request)
    decision = intake_of(request).guard.admit_sign_in(sender_of(request))
    if decision.verdict is Verdict.REFUSE:
        raise refusal(HTTPStatus.TOO_MANY_REQUESTS, "desk-too-many", Retry_After=str(decision.retry_after))
    is_form, fields = await read_fields(request)
    if not is_form:
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, [Problem(rule="body-kind", where=Place())])
    return fields
