"""A request in, an answer out: what every handler of the widget shares. Which problem gets which words stands elsewhere."""

import asyncio
import ipaddress
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from nok import urls
from nok.errors import Place, Problem
from nok.identifiers import parse_placement_code
from nok.templating import Render, Words
from widget.directory import OrganizationCard
from widget.guard import Decision, Guard, Reason, Sender, Verdict, sender_address
from widget.invitations import Inviter
from widget.journal import Journal
from widget.mailbox import Mailbox
from widget.pages import Frame, View
from widget.photos import Workshop
from widget.proof import Prover
from widget.scans import Scans
from widget.settings import Settings
from widget.store import Store, StoreUnavailableError
from widget.submission import MAXIMUM_BODY_BYTES, MalformedError, parse_form, parse_json, shown
from widget.watch import Watch

WRITE_SECONDS = 10.0
"""How long a sender waits for the disk before being told to try again."""
RETRY_SECONDS = 5
MOST_FIELDS = 40
_SENDER = "nok.sender"
_OF_SENDER = {b"sec-fetch-site": "fetch_site", b"origin": "origin", b"host": "host"}
_JSON = "application/json"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_as_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What every handler works with; one for an application."""

    settings: Settings
    store: Store
    guard: Guard
    journal: Journal
    prover: Prover
    inviter: Inviter
    watch: Watch
    words: Mapping[str, Words]
    renders: Mapping[tuple[str, str], Render]
    """(template, language) to the function that makes the page."""
    mailbox: Mailbox = field(default_factory=Mailbox)
    scans: Scans = field(default_factory=Scans)
    workshop: Workshop = field(default_factory=Workshop)


class Widget(Starlette):
    """The application, and what its handlers work with."""

    intake: Intake


class RefusedError(Exception):
    """The request ends here with an explanation: `problems` in JSON, a page for a browser."""

    def __init__(
        self,
        status: HTTPStatus,
        problems: Sequence[Problem],
        *,
        headers: Mapping[str, str] | None = None,
        links: Sequence[tuple[str, str]] = (),
    ) -> None:
        """`links` are (key of the words, path of the widget) that lead on."""
        super().__init__(status)
        self.status, self.problems, self.links = status, tuple(problems), tuple(links)
        self.headers = dict(headers or {})


def refusal(status: HTTPStatus, rule: str, value: str = "", **headers: str) -> RefusedError:
    """A refusal with one problem; headers are named with `_` for `-`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return RefusedError(status, [Problem(rule=rule, where=Place(), value=shown(value))], headers=named)


# ---- reading a request ---------------------------------------------------------------------------------------------


def intake_of(request: Request) -> Intake:
    """What the application works with."""
    intake: Intake = request.scope["app"].intake
    return intake


def view_of(request: Request) -> View:
    """In which language the sender reads: `?lang=`, else the first of the publication."""
    intake = intake_of(request)
    asked = request.query_params.get("lang", "")
    language = asked if asked in intake.settings.languages else intake.settings.languages[0]
    return View(
        settings=intake.settings, words=intake.words[language], language=language, path=request.scope["path"] or "/"
    )


def organization_of(request: Request) -> tuple[str, OrganizationCard]:
    """(id, card) of the organisation in the address.

    Raises:
        RefusedError: 404, nobody publishes it.
    """
    organization_id = request.path_params["organization_id"]
    card = intake_of(request).settings.directory.organizations.get(organization_id)
    if card is None:
        raise refusal(HTTPStatus.NOT_FOUND, "organization-unknown", organization_id)
    return organization_id, card


def sender_of(request: Request) -> Sender:
    """Who sends, as the guard wants to know it; kept with the request, since it is asked for more than once."""
    known: Sender | None = request.scope.get(_SENDER)
    if known is not None:
        return known
    said: dict[str, str] = {}
    forwarded_for: list[str] = []
    for name, value in request.scope["headers"]:
        if name == b"x-forwarded-for":
            forwarded_for.append(value.decode("latin-1"))
        elif name in _OF_SENDER:
            said.setdefault(_OF_SENDER[name], value.decode("latin-1"))
    peer = request.client.host if request.client else ""
    proxies = intake_of(request).settings.trusted_proxies
    sender = Sender(address=sender_address(peer, ",".join(forwarded_for), proxies), **said)
    request.scope[_SENDER] = sender
    return sender


def is_local(request: Request) -> bool:
    """True where a program on this machine asks, and no web server passes it on for somebody."""
    passed_on = ("x-forwarded-for", "forwarded", "x-real-ip")
    try:
        peer = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    return peer.is_loopback and not any(name in request.headers for name in passed_on)


def admit(request: Request) -> None:
    """Asks the guard before a byte of the body is read."""
    decision: Decision = intake_of(request).guard.admit(sender_of(request))
    if decision.verdict is Verdict.ALLOW:
        return
    if decision.reason is Reason.TOO_MANY:
        raise refusal(HTTPStatus.TOO_MANY_REQUESTS, "too-many", Retry_After=str(decision.retry_after))
    raise refusal(HTTPStatus.FORBIDDEN, "cross-site")


async def read_fields(
    request: Request, *, most: int = MOST_FIELDS, several: Collection[str] = ()
) -> tuple[bool, dict[str, Any]]:
    """(came from a form, fields by name); every size, number and time is bounded.

    `most` is how many fields a form may have; those named in `several` may come more than once, as lists.

    Raises:
        RefusedError: 400, 408 or 415, the body cannot be read.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _JSON and kind not in _FORMS:
        raise refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "body-kind", kind)
    try:
        async with asyncio.timeout(intake_of(request).settings.body_seconds):
            if kind == _JSON:
                return False, parse_json(await request.body())
            form = await request.form(max_files=0, max_fields=most, max_part_size=MAXIMUM_BODY_BYTES)
            return True, parse_form(form.multi_items(), several)
    except TimeoutError as error:
        raise refusal(HTTPStatus.REQUEST_TIMEOUT, "body-slow", Connection="close") from error
    except ClientDisconnect as error:
        raise refusal(HTTPStatus.BAD_REQUEST, "body-cut") from error
    except MalformedError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, [error.problem]) from error


def unavailable() -> RefusedError:
    """The disk refuses for now; trying again later is right."""
    return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "store-unavailable", Retry_After=str(RETRY_SECONDS))


async def durable(intake: Intake, start: Callable[[], "Future[Result]"]) -> Result:
    """The result of a write, once it is on disk; 503 where that is not to be had."""
    try:
        return await intake.mailbox.receive(start(), WRITE_SECONDS)
    except (StoreUnavailableError, TimeoutError) as error:
        raise unavailable() from error


def placement_of(request: Request) -> tuple[str, str, OrganizationCard]:
    """(code that stands now, organisation, its card) of a printed code in the address.

    Raises:
        RefusedError: 404, nobody printed it; 410, it hangs nowhere any more.
    """
    directory = intake_of(request).settings.directory
    typed = request.path_params["code"]
    code = parse_placement_code(typed)
    if code is None:
        raise refusal(HTTPStatus.NOT_FOUND, "code-mistyped", typed)
    found = directory.follow(code)
    if found is None:
        raise refusal(HTTPStatus.NOT_FOUND, "code-unknown", typed)
    code, placement = found
    card = directory.organizations.get(placement.organization_id)
    if card is None:
        raise refusal(HTTPStatus.GONE, "code-closed", typed)
    if not placement.is_hanging:
        details = {"organization": card.name}
        problem = Problem(rule="code-taken-down", where=Place(), value=shown(typed), details=details)
        raise RefusedError(HTTPStatus.GONE, [problem], links=[("widget.to_rate", urls.rate(placement.organization_id))])
    return code, placement.organization_id, card


def check_placement(settings: Settings, organization_id: str, placement_code: str) -> None:
    """A code that hangs somewhere else, or nowhere, must not be counted for this organisation.

    Raises:
        RefusedError: 422.
    """
    if not placement_code:
        return
    found = settings.directory.follow(placement_code)
    if found is None or found[1].organization_id != organization_id:
        problem = Problem(rule="placement-foreign", where=Place(column="placement_code"), value=placement_code)
        raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, [problem])


# ---- writing an answer ---------------------------------------------------------------------------------------------


def wants_page(request: Request) -> bool:
    """A browser says that it takes HTML; whoever sends JSON gets JSON."""
    is_json = request.headers.get("content-type", "").startswith(_JSON)
    return not is_json and "text/html" in request.headers.get("accept", "")


def answer_page(
    request: Request, template: str, page: Frame, status: HTTPStatus, headers: Mapping[str, str]
) -> Response:
    """A page of the theme in the sender's language; no cache keeps it."""
    render = intake_of(request).renders[template, view_of(request).language]
    return HTMLResponse(render(page), status, {"Cache-Control": "no-store", **headers})


def answer_json(found: Mapping[str, object], status: HTTPStatus, headers: Mapping[str, str] | None = None) -> Response:
    """JSON that no cache keeps."""
    content = _as_json(dict(found)).encode()
    return Response(content, status, {"Cache-Control": "no-store", **(headers or {})}, media_type=_JSON)


def see_other(path: str) -> Response:
    """The way on after something was taken: a reload sends nothing again."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"})
