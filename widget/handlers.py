"""HTTP only: a request in, a page or JSON out. What is right, allowed and durable is decided elsewhere."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from nok import urls
from nok.errors import Place, Problem
from widget.appeals import read_dispute
from widget.directory import OrganizationCard
from widget.embed import frame_policy, hosts_of, parse_host, read_hosts
from widget.engines import SAFE_SQLITE, SQLITE_VERSION
from widget.exchange import (
    RETRY_SECONDS,
    WRITE_SECONDS,
    Intake,
    RefusedError,
    admit,
    answer_json,
    answer_page,
    check_placement,
    durable,
    intake_of,
    is_local,
    organization_of,
    placement_of,
    read_fields,
    refusal,
    see_other,
    sender_of,
    unavailable,
    view_of,
    wants_page,
)
from widget.form_handlers import open_form
from widget.guard import Ballot, Verdict
from widget.invitations import Fault, Invitation
from widget.journal import METRICS_TYPE, Labels
from widget.keys import parse_receipt
from widget.openapi import openapi
from widget.pages import (
    Dispute,
    Link,
    message_page,
    my_receipts_page,
    problem_json,
    rate_page,
    receipt_json,
    receipt_page,
)
from widget.proof import take_proof
from widget.reviews import INVITED, Arrival, StoredReview
from widget.store import StoreUnavailableError
from widget.submission import (
    HONEYPOT,
    INVITATION,
    Details,
    is_key,
    parse_appeal,
    parse_details,
    parse_submission,
    shown,
)

_HEADINGS = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}
_RULES = {
    HTTPStatus.NOT_FOUND: "page-unknown",
    HTTPStatus.METHOD_NOT_ALLOWED: "method",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body-too-large",
}

# ---- the form and the rating ---------------------------------------------------------------------------------------


async def show_scanned(request: Request) -> Response:
    """`GET /q/<CODE>`: the form itself, with the code inside, so that the first tap is the rating."""
    intake = intake_of(request)
    intake.scans.note(intake.settings.directory, request.path_params["code"])
    code, organization_id, card = placement_of(request)
    return _show_form(request, organization_id, card, placement_code=code)


async def show_invited(request: Request) -> Response:
    """`GET /i/<organization_id>/<token>`: the form for somebody who was invited. Printed in capitals, so both are lowered."""
    organization_id, token = (request.path_params[name].lower() for name in ("organization_id", "token"))
    request.path_params["organization_id"] = organization_id
    organization_id, card = organization_of(request)
    _invitation(request, organization_id, token)
    return _show_form(request, organization_id, card, invitation=token)


async def rating(request: Request) -> Response:
    """`/rate/<organization_id>`: the form, or a rating."""
    return await (rate if request.method == "POST" else show_form)(request)


async def show_form(request: Request) -> Response:
    """`GET /rate/<organization_id>`."""
    organization_id, card = organization_of(request)
    return _show_form(request, organization_id, card)


async def rate(request: Request) -> Response:
    """`POST /rate/<organization_id>`: one rating, from a form (303 to its receipt) or as JSON (201, or 200 again)."""
    organization_id, card = organization_of(request)
    fields: Mapping[str, Any] = {}
    try:
        admit(request)
        is_form, fields = await read_fields(request)
        return await _take(request, organization_id, card.region_code, fields, is_form=is_form)
    except RefusedError as refused:
        if refused.status not in (422, 429, 503) or not wants_page(request):
            raise
        # The form again, with the same key: the next tap is a retry and cannot count twice. A value that was
        # itself refused is not offered again.
        wrong = {problem.where.column for problem in refused.problems}
        kept = {"idempotency_key", "placement_code", INVITATION} - wrong
        form = {name: str(fields.get(name, "")) for name in kept}
        return _show_form(request, organization_id, card, refused=refused, **form)


async def _take(
    request: Request, organization_id: str, region_code: str, fields: Mapping[str, Any], *, is_form: bool
) -> Response:
    is_trapped = is_form and bool(fields.get(HONEYPOT))
    said, token, work = take_proof(
        {name: value for name, value in fields.items() if not (is_form and name == HONEYPOT)}
    )
    intake = intake_of(request)
    today = intake.settings.today()
    invitation = said.pop(INVITATION, None) or None
    submission, problems = parse_submission(said, is_form=is_form, today=today)
    if submission is None:
        raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, problems)
    check_placement(intake.settings, organization_id, submission.placement_code)
    arrival = Arrival(
        organization_id=organization_id,
        region_code=region_code,
        submission=submission,
        received_on=today,
        channel=_channel(request, submission.placement_code),
    )
    if invitation is not None:
        found = _invitation(request, organization_id, invitation)
        arrival = replace(arrival, channel=INVITED, invitation=str(invitation), batch=found.batch)
    else:
        arrival = _weighed(request, arrival, token, work, is_trapped=is_trapped)
    stored = await durable(intake, lambda: intake.store.add(arrival))
    intake.watch.note(organization_id, today)
    if stored.is_spent:
        raise _uninvited(Fault.SPENT, organization_id)
    if stored.is_conflict:
        links = [("widget.to_receipt", urls.receipt(stored.code)), ("widget.to_form", urls.rate(organization_id))]
        problem = Problem(rule="key-reused", where=Place(column="idempotency_key"))
        raise RefusedError(HTTPStatus.CONFLICT, [problem], links=links if is_form else ())
    if is_form:
        return see_other(view_of(request).here(urls.receipt(stored.code)))
    return answer_json({"receipt": stored.code}, HTTPStatus.CREATED if stored.is_new else HTTPStatus.OK)


def _weighed(request: Request, arrival: Arrival, token: object, work: object, *, is_trapped: bool) -> Arrival:
    """A rating after the guard has looked at it."""
    intake, submission = intake_of(request), arrival.submission
    key, now = submission.idempotency_key, intake.settings.now()
    ballot = Ballot(
        organization_id=arrival.organization_id,
        is_trapped=is_trapped,
        is_proved=intake.prover.is_proved(arrival.organization_id, key, token, work, now),
        placement_code=submission.placement_code,
        text=submission.text,
    )
    decision = intake.guard.weigh(sender_of(request), ballot)
    is_aside = decision.verdict is Verdict.SET_ASIDE
    return replace(arrival, set_aside_reason=str(decision.reason)) if is_aside else arrival


def _invitation(request: Request, organization_id: str, token: object) -> Invitation:
    """What a token says.

    Raises:
        RefusedError: 403, it lets nobody in here.
    """
    intake = intake_of(request)
    found = intake.inviter.read(organization_id, token, intake.settings.now())
    if isinstance(found, Fault):
        raise _uninvited(found, organization_id)
    return found


def _uninvited(fault: Fault, organization_id: str) -> RefusedError:
    problem = Problem(rule=str(fault), where=Place(column=INVITATION))
    links = [("widget.to_rate", urls.rate(organization_id))]
    return RefusedError(HTTPStatus.FORBIDDEN, [problem], links=links)


async def show_work(request: Request) -> Response:
    """`GET /rate/<organization_id>/work?key=<idempotency_key>`: what a program works for, to prove that it is no flood."""
    organization_id, _ = organization_of(request)
    admit(request)
    key = request.query_params.get("key", "")
    if not is_key(key):
        problem = Problem(rule="key-format", where=Place(column="key"), value=shown(key))
        raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, [problem])
    intake = intake_of(request)
    challenge = intake.prover.challenge(organization_id, key, intake.settings.now())
    return answer_json(challenge.as_json(), HTTPStatus.OK)


def _channel(request: Request, placement_code: str) -> str:
    """How a rating came: from a printed code, from a frame on another site, or from this one."""
    is_embedded = request.scope["path"].startswith(f"/{urls.embed('')}")
    return "qr" if placement_code else "embed" if is_embedded else "web"


async def show_embedded(request: Request) -> Response:
    """`GET /embed/<organization_id>`: the form for a frame, which only registered hosts may show."""
    organization_id, card = organization_of(request)
    try:
        added = await run_in_threadpool(
            intake_of(request).store.read, lambda connection: read_hosts(connection, organization_id)
        )
    except StoreUnavailableError as error:
        raise unavailable() from error
    hosts = hosts_of(parse_host(card.website), added)
    answer = _show_form(request, organization_id, card, template="embed")
    answer.headers["Content-Security-Policy"] = frame_policy(request.app.state.content_policy, hosts)
    return answer


# ---- the receipt ---------------------------------------------------------------------------------------------------


async def receipt(request: Request) -> Response:
    """`/receipt/<code>`: the receipt, or a change to its rating."""
    return await (change_receipt if request.method == "POST" else show_receipt)(request)


async def show_receipt(request: Request) -> Response:
    """`GET /receipt/<code>`: what became of the rating."""
    code, review = await receipt_of(request)
    if "application/json" in request.headers.get("accept", ""):
        card = intake_of(request).settings.directory.organizations.get(review.organization_id)
        told = receipt_json(view_of(request), code, review, card, await _dispute_of(request, review))
        return answer_json(told, HTTPStatus.OK)
    return await _show_receipt(request, code, review, is_saved="saved" in request.query_params)


async def show_my_receipts(request: Request) -> Response:
    """`GET /receipt/`: the receipts that this browser keeps; `?code=` opens one, for browsers without scripts."""
    typed = request.query_params.get("code", "")
    if not typed:
        return answer_page(request, "receipts", my_receipts_page(view_of(request)), HTTPStatus.OK, {})
    code = parse_receipt(typed)
    if code is None:
        raise refusal(HTTPStatus.NOT_FOUND, "receipt-unknown")
    return see_other(view_of(request).here(urls.receipt(code)))


async def change_receipt(request: Request) -> Response:
    """`POST /receipt/<code>`: adds criteria and text, appeals against a decision, or takes the rating back."""
    code, review = await receipt_of(request)
    admit(request)
    is_form, fields = await read_fields(request)
    said = dict(fields)
    action = said.pop("action", "details")
    if action == "withdraw" and not said:
        return await _answer_change(request, code, None, is_form=is_form)
    if action == "appeal":
        return await _appeal(request, code, review, said, is_form=is_form)
    details, problems = parse_details(said, is_form=is_form)
    if action not in ("details", "preview"):
        problems.append(Problem(rule="action-unknown", where=Place(column="action"), value=shown(action)))
    if problems or details is None:
        if not wants_page(request):
            raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, problems)
        typed = {name: value for name, value in said.items() if isinstance(value, str)}
        return await _show_receipt(request, code, review, typed=typed, problems=problems)
    if action == "preview":
        typed = {name: value for name, value in said.items() if isinstance(value, str)}
        return await _show_receipt(request, code, review, typed=typed | {"text": details.text or ""}, is_preview=True)
    return await _answer_change(request, code, details, is_form=is_form)


async def _answer_change(request: Request, code: str, details: Details | None, *, is_form: bool) -> Response:
    """`details` of `None` takes the rating back."""
    intake = intake_of(request)
    store, today = intake.store, intake.settings.today()
    if details is None:
        is_done = await durable(intake, lambda: store.withdraw(code, today))
    else:
        is_done = await durable(intake, lambda: store.complete(code, details, today))
    if not is_done:
        raise refusal(HTTPStatus.CONFLICT, "already-withdrawn")
    return _back_to_receipt(request, code, is_form=is_form)


def _back_to_receipt(request: Request, code: str, *, is_form: bool) -> Response:
    if is_form:
        target = URL(view_of(request).here(urls.receipt(code)))
        return see_other(str(target.include_query_params(saved=1)))
    return answer_json({"receipt": code}, HTTPStatus.OK)


async def _appeal(
    request: Request, code: str, review: StoredReview, said: Mapping[str, Any], *, is_form: bool
) -> Response:
    """The author does not agree: one field, `text`."""
    found, problems = parse_appeal(said, is_form=is_form)
    if problems:
        if not wants_page(request):
            raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, problems)
        typed = said.get("text")
        return await _show_receipt(
            request, code, review, typed_appeal=typed if isinstance(typed, str) else "", problems=problems
        )
    intake = intake_of(request)
    if not await durable(intake, lambda: intake.store.appeal(code, found, intake.settings.today())):
        raise refusal(HTTPStatus.CONFLICT, "appeal-none")
    return _back_to_receipt(request, code, is_form=is_form)


async def _dispute_of(request: Request, review: StoredReview) -> Dispute:
    store, review_id = intake_of(request).store, review.review_id
    try:
        return await run_in_threadpool(store.read, lambda connection: read_dispute(connection, review_id))
    except StoreUnavailableError as error:
        raise unavailable() from error


async def receipt_of(request: Request) -> tuple[str, StoredReview]:
    """(code, rating) of the receipt in the address.

    Raises:
        RefusedError: 404, there is none; 503, the store cannot be read.
    """
    code = parse_receipt(request.path_params["code"])
    if code is None:
        raise refusal(HTTPStatus.NOT_FOUND, "receipt-unknown")
    try:
        review = await run_in_threadpool(intake_of(request).store.find, code)
    except StoreUnavailableError as error:
        raise unavailable() from error
    if review is None:
        raise refusal(HTTPStatus.NOT_FOUND, "receipt-unknown")
    return code, review


# ---- health --------------------------------------------------------------------------------------------------------


async def show_health(request: Request) -> Response:
    """`GET /health`: whether ratings are taken, and if not, why. Nothing about anybody who sent one."""
    intake = intake_of(request)
    if intake.store.fault:
        await _probe(intake)
    fault = intake.store.fault
    status = HTTPStatus.SERVICE_UNAVAILABLE if fault else HTTPStatus.OK
    found = {
        "ok": not fault,
        "fault": fault,
        "guard": str(intake.guard.mode),
        "guard_counts": dict(sorted(intake.guard.counts.items())),
        "scans": intake.scans.as_json(),
        "store_version": intake.store.version,
        **_engine_facts(is_server=bool(intake.settings.store.url)),
    }
    return answer_json(found, status, {"Retry-After": str(RETRY_SECONDS)} if fault else {})


def _engine_facts(*, is_server: bool) -> dict[str, object]:
    if is_server:
        return {"engine": "postgresql", "warnings": []}
    return {"engine": "sqlite", "sqlite_version": SQLITE_VERSION, "warnings": _warnings()}


def _warnings() -> list[str]:
    if tuple(int(part) for part in SQLITE_VERSION.split(".")) >= SAFE_SQLITE:
        return []
    wanted = ".".join(str(part) for part in SAFE_SQLITE)
    return [
        (
            f"SQLite {SQLITE_VERSION} is older than {wanted}, which mends a fault of the write-ahead log between "
            "several writers; this program writes by one connection only, which avoids it."
        )
    ]


async def _probe(intake: Intake) -> None:
    try:
        await intake.mailbox.receive(intake.store.probe(), WRITE_SECONDS)
    except (StoreUnavailableError, TimeoutError):
        return


async def show_metrics(request: Request) -> Response:
    """`GET /metrics`: numbers in Prometheus' text format, for whoever asks from this machine itself."""
    intake = intake_of(request)
    if not is_local(request):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    others: dict[tuple[str, Labels], float] = {("nok_store_ok", ()): float(not intake.store.fault)}
    others |= {("nok_guard_total", (("what", str(what)),)): n for what, n in intake.guard.counts.items()}
    others |= {("nok_scans_total", (("state", state),)): n for state, n in intake.scans.states.items()}
    text = intake.journal.as_text(others)
    return Response(text, headers={"Content-Type": METRICS_TYPE, "Cache-Control": "no-store"})


async def show_openapi(request: Request) -> Response:
    """`GET /openapi.json`: the JSON side, described for programs."""
    settings = intake_of(request).settings
    title = settings.titles.get("en") or next(iter(settings.titles.values()))
    return answer_json(openapi(settings.widget_url, title), HTTPStatus.OK)


# ---- refusals and failures -----------------------------------------------------------------------------------------


async def answer_refusal(request: Request, error: Exception) -> Response:
    """A refusal of ours, as a page or as JSON."""
    if not isinstance(error, RefusedError):
        raise error
    if not wants_page(request):
        return _problems(request, error)
    view = view_of(request)
    known = error.status if error.status in _HEADINGS else HTTPStatus.BAD_REQUEST
    if any(problem.where.column == INVITATION for problem in error.problems):
        known = error.status
    links = [Link(text=view.words(key), href=view.here(path)) for key, path in error.links]
    page = message_page(view, f"widget.heading_{known.value}", error.problems, links)
    return answer_page(request, "message", page, error.status, error.headers)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """An error of the framework (404, 405, 413 …) in our words."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    problem = Problem(rule=_RULES.get(status, "body-malformed"), where=Place(), value=request.method)
    return await answer_refusal(request, RefusedError(status, [problem], headers=dict(error.headers or {})))


def _problems(request: Request, refused: RefusedError) -> Response:
    words = view_of(request).words
    found = {"problems": [problem_json(words, problem) for problem in refused.problems]}
    return answer_json(found, refused.status, refused.headers)


# ---- pages ---------------------------------------------------------------------------------------------------------


def _show_form(
    request: Request,
    organization_id: str,
    card: OrganizationCard,
    *,
    idempotency_key: str = "",
    placement_code: str = "",
    invitation: str = "",
    refused: RefusedError | None = None,
    template: str = "rate",
) -> Response:
    intake, key = intake_of(request), idempotency_key or secrets.token_hex(16)
    page = rate_page(
        view_of(request),
        organization_id,
        card,
        idempotency_key=key,
        challenge=intake.prover.challenge(organization_id, key, intake.settings.now()),
        placement_code=placement_code,
        invitation=invitation,
        has_questionnaire=open_form(intake.settings, card) is not None,
        problems=refused.problems if refused else (),
    )
    status = refused.status if refused else HTTPStatus.OK
    if template == "embed":
        action = view_of(request).here(urls.embed(organization_id))
        page = replace(page, action=action, outbox_href="", questionnaire_href="")
    headers = dict(refused.headers) if refused else {}
    if invitation:
        headers["Referrer-Policy"] = "same-origin"  # the address holds the token
    return answer_page(request, template, page, status, headers)


async def _show_receipt(
    request: Request,
    code: str,
    review: StoredReview,
    *,
    is_saved: bool = False,
    typed: Mapping[str, str] | None = None,
    typed_appeal: str = "",
    is_preview: bool = False,
    problems: Sequence[Problem] = (),
) -> Response:
    card = intake_of(request).settings.directory.organizations.get(review.organization_id)
    dispute = await _dispute_of(request, review)
    page = receipt_page(
        view_of(request),
        code,
        review,
        card,
        dispute=dispute,
        is_saved=is_saved,
        typed=typed,
        typed_appeal=typed_appeal,
        is_preview=is_preview,
        problems=problems,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return answer_page(request, "receipt", page, status, {"Referrer-Policy": "same-origin"})
