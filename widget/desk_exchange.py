"""Who is at the desk: sessions, rights and forms, before a handler does its work."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from nok import urls
from widget.accounts import Session, find_session, session_hash, touch_session
from widget.decisions import Outcome
from widget.desk_frame import Desk
from widget.desk_queries import count_proposals
from widget.exchange import admit, durable, intake_of, read_fields, refusal, see_other, unavailable, view_of
from widget.roles import Right
from widget.store import StoreUnavailableError

COOKIE = "__Host-desk"
"""The prefix has browsers refuse it from anywhere but this host, over TLS, for every path."""

Handler = Callable[[Request], Awaitable[Response]]
DeskHandler = Callable[[Request, Desk], Awaitable[Response]]


def at_desk(right: Right | None = None) -> Callable[[DeskHandler], Handler]:
    """Lets a handler be reached only by somebody who is signed in and has `right`."""

    def wrap(handler: DeskHandler) -> Handler:
        @wraps(handler)
        async def guarded(request: Request) -> Response:
            session = await session_of(request)
            if session is None:
                return to_sign_in(request)
            if right is not None and not session.account.may(right):
                raise refusal(HTTPStatus.FORBIDDEN, "desk-forbidden")
            waiting = await ask(request, count_proposals) if session.account.may(Right.MODERATE) else 0
            return await handler(request, Desk(view=view_of(request), session=session, waiting=waiting))

        return guarded

    return wrap


def to_sign_in(request: Request) -> Response:
    """The way to the sign-in, and from there back to a page that was asked for."""
    path = view_of(request).here(urls.desk("sign-in"))
    if request.method != "GET":
        return see_other(path)
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return see_other(f"{path}{'&' if '?' in path else '?'}{urlencode({'next': asked})}")


async def session_of(request: Request) -> Session | None:
    """Who is signed in; `None` where nobody is."""
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    intake = intake_of(request)
    key, now = intake.store.key, intake.settings.now()
    session: Session | None = await ask(request, lambda connection: find_session(connection, key, token, now))
    if session is not None and session.is_stale:
        hashed = session_hash(key, token)
        await durable(intake, lambda: intake.store.do(lambda ledger: touch_session(ledger, hashed, now)))
    return session


async def ask(request: Request, reading: Callable[[Any], Any]) -> Any:
    """What `reading` finds in the store; 503 where it cannot be read."""
    try:
        return await run_in_threadpool(intake_of(request).store.read, reading)
    except StoreUnavailableError as error:
        raise unavailable() from error


async def do(request: Request, work: Callable[[Any], Any]) -> Any:
    """The result of `work`, once it is on disk."""
    intake = intake_of(request)
    return await durable(intake, lambda: intake.store.do(work))


async def form_of(request: Request, desk: Desk, several: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of a form of ours, the proof taken out.

    Raises:
        RefusedError: 403, the form was not made for this session.
    """
    admit(request)
    is_form, fields = await read_fields(request, most=300, several=several)
    proof = fields.pop("csrf", "")
    if not is_form or not hmac.compare_digest(str(proof).encode(), desk.session.csrf.encode()):
        raise refusal(HTTPStatus.FORBIDDEN, "desk-form")
    return fields


def text_of(fields: Mapping[str, Any], name: str, most: int = 200) -> str:
    """A short field as text without spaces at its ends; what is no text counts as empty."""
    value = fields.get(name, "")
    return value.strip()[:most] if isinstance(value, str) else ""


def check_outcome(outcome: Outcome) -> None:
    """Raises: RefusedError, what was asked for did not happen, and why."""
    if outcome is Outcome.DONE:
        return
    status = HTTPStatus.NOT_FOUND if outcome is Outcome.UNKNOWN else HTTPStatus.CONFLICT
    raise refusal(status, f"desk-{outcome}")


def with_cookie(answer: Response, token: str) -> Response:
    """Sets the session's cookie; an empty token takes it away."""
    if token:
        answer.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="lax")
    else:
        answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer
