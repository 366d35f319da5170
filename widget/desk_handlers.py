"""The desk over HTTP: lists, decisions, replies, reports, proposals, accounts, the log."""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from nok import urls
from nok.errors import Place, Problem
from nok.personal_data import find_personal_data
from widget.accounts import (
    LOGIN,
    Account,
    add_account,
    change_account,
    invitation_hash,
    invite,
    new_token,
    read_accounts,
)
from widget.decisions import (
    MOST_AT_ONCE,
    Action,
    Decision,
    Outcome,
    Settlement,
    Span,
    decide,
    dismiss_reports,
    erase_text,
    propose,
    reply,
    report,
    settle,
    settle_appeal,
)
from widget.desk_exchange import ask, at_desk, check_outcome, do, form_of, text_of
from widget.desk_frame import Desk
from widget.desk_pages import accounts_page, log_page, proposals_page, summary_page
from widget.desk_queries import (
    Proposal,
    Queue,
    Summary,
    Wanted,
    WholeReview,
    read_list,
    read_log,
    read_proposals,
    read_summary,
    read_whole,
    within,
)
from widget.desk_reviews import DECIDED, queue_page, queues_of, reason_choices, review_page
from widget.embed import add_host, parse_host, read_hosts, remove_host
from widget.exchange import RefusedError, answer_page, intake_of, refusal, see_other
from widget.look_alikes import PURPOSE
from widget.roles import Right, Role, is_bound_rightly
from widget.submission import parse_appeal, parse_details

_MOST_FOUND = 200
"""So many organisations may a name in the filter stand for."""
_LONGEST_NOTE = 500

# ---- lists ---------------------------------------------------------------------------------------------------------


@at_desk()
async def show_home(request: Request, desk: Desk) -> Response:  # noqa: ARG001  the wrapper's signature
    """`GET /desk/`: where the day begins."""
    return see_other(desk.view.here(urls.desk("reviews/")))


@at_desk()
async def show_reviews(request: Request, desk: Desk) -> Response:
    """`GET /desk/reviews/`: a list with its filters."""
    asked = request.query_params
    organization = asked.get("organization", "").strip()[:200]
    wanted = Wanted(
        queue=_queue(desk, asked.get("queue", "")),
        scope=desk.account.scope,
        region=asked.get("region", "")[:64],
        organizations=_organizations(desk, organization),
        rating=int(asked["rating"]) if asked.get("rating") in ("1", "2", "3", "4", "5") else 0,
        newest_first=asked.get("order") == "new",
        like=asked.get("like", "")[:64],
        after=_number(asked.get("after", "")),
    )
    moderates = desk.account.may(Right.MODERATE)
    prints = intake_of(request).store.key.secret_for(PURPOSE) if moderates else b""
    listed = await ask(request, partial(read_list, wanted=wanted, prints=prints))
    note = desk.words(f"desk.done_{asked['done']}") if asked.get("done") in _DONE else ""
    page = queue_page(desk, wanted, listed, organization, note=note)
    return answer_page(request, "desk/queue", page, HTTPStatus.OK, {})


_DONE = frozenset(
    {
        "appeal_granted",
        "appeal_refused",
        "photo_publish",
        "photo_unseen",
        "photo_hide",
        "photo_erase",
        "publish",
        "restrict",
        "set_aside",
        "accept",
        "reply",
        "report",
        "dismiss",
        "erase",
    }
)
"""What a page may say was done; each has its words."""


def _queue(desk: Desk, name: str) -> Queue:
    allowed = queues_of(desk.account)
    return next((queue for queue in allowed if queue == name), allowed[0])


def _organizations(desk: Desk, typed: str) -> tuple[str, ...]:
    """The ids that a text in the filter stands for: an id itself, or all whose name holds it."""
    if not typed:
        return ()
    known = desk.view.settings.directory.organizations
    if typed in known:
        return (typed,)
    sought = typed.casefold()
    found = [one for one, card in known.items() if sought in card.name.casefold()]
    return tuple(found[:_MOST_FOUND]) or (typed,)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


# ---- one review ----------------------------------------------------------------------------------------------------


@at_desk()
async def one_review(request: Request, desk: Desk) -> Response:
    """`/desk/reviews/<review_id>`: a review, and what is done to it."""
    whole = await _whole(request, desk)
    if request.method == "GET":
        done = request.query_params.get("done", "")
        note = desk.words(f"desk.done_{done}") if done in _DONE else ""
        return answer_page(request, "desk/review", review_page(desk, whole, note=note), HTTPStatus.OK, {})
    fields = await form_of(request, desk, several=("mask",))
    action = text_of(fields, "action")
    doing = _DOINGS.get(action)
    if doing is None or not desk.account.may(doing[0]):
        raise refusal(HTTPStatus.FORBIDDEN, "desk-forbidden")
    what = await doing[1](request, desk, whole, fields)
    return what if isinstance(what, Response) else _back(request, desk, fields, what)


def _back(request: Request, desk: Desk, fields: dict[str, Any], done: str) -> Response:
    """Back to the list that a decision was taken in, or to the review."""
    listed = text_of(fields, "list", 1000)
    path = f"/{urls.desk('reviews/')}?{listed}" if listed else request.url.path
    language = {} if not desk.view.query or "lang=" in path else {"lang": desk.view.language}
    return see_other(f"{path}{'&' if '?' in path else '?'}{urlencode({'done': done} | language)}")


async def _whole(request: Request, desk: Desk) -> WholeReview:
    review_id = request.path_params["review_id"]
    found: WholeReview | None = await ask(request, partial(read_whole, review_id=review_id, scope=desk.account.scope))
    if found is None:
        raise refusal(HTTPStatus.NOT_FOUND, "desk-unknown")
    return found


async def _decide(request: Request, desk: Desk, whole: WholeReview, fields: dict[str, Any]) -> Response | str:
    action = Action(text_of(fields, "action"))
    reason = text_of(fields, "reason")
    if action is Action.RESTRICT and reason not in {choice.value for choice in reason_choices(desk)}:
        return _again(request, desk, whole, fields, "desk-reason")
    masks, lost = _masks(whole.review.text, fields) if action is Action.PUBLISH else ((), "")
    if lost:
        return _again(request, desk, whole, fields, "desk-mask", lost)
    decision = Decision(
        action=action,
        by=desk.account.account_id,
        today=desk.view.settings.today(),
        text_key=text_of(fields, "text_key"),
        reason_code=reason if action is Action.RESTRICT else "",
        masks=masks,
    )
    check_outcome(await do(request, partial(decide, review_id=whole.review.review_id, decision=decision)))
    return DECIDED[action].removeprefix("desk.done_")


def _masks(text: str, fields: dict[str, Any]) -> tuple[tuple[Span, ...], str]:
    """(what is to be hidden, a line that does not stand in the text): ticked findings, and words typed line by line."""
    spans: list[Span] = []
    for value in fields.get("mask", []):
        start, _, end = str(value).partition("-")
        if _number(start) < _number(end) <= len(text):
            spans.append((_number(start), _number(end)))
    more = fields.get("mask_more", "")
    for line in more.splitlines() if isinstance(more, str) else ():
        if not (words := line.strip()):
            continue
        places = _places(text, words)
        if not places:
            return (), words
        spans += places
    return tuple(sorted(set(spans))), ""


def _places(text: str, words: str) -> list[Span]:
    """Everywhere that `words` stand in `text`."""
    places, start = [], text.find(words)
    while start >= 0:
        places.append((start, start + len(words)))
        start = text.find(words, start + len(words))
    return places


def _again(
    request: Request,
    desk: Desk,
    whole: WholeReview,
    fields: dict[str, Any],
    rule: str,
    value: str = "",
    *,
    confirm: bool = False,
) -> Response:
    """The review again with what was typed and what is wrong with it."""
    problem = Problem(rule=rule, where=Place(), value=value)
    typed = {
        "reply": text_of(fields, "reply", 5000),
        "note": text_of(fields, "note", _LONGEST_NOTE),
        "action": text_of(fields, "action"),
        "reason": text_of(fields, "reason"),
        "more": text_of(fields, "mask_more", _LONGEST_NOTE),
        "verdict": text_of(fields, "verdict"),
        "answer": text_of(fields, "answer", 5000),
    }
    page = review_page(desk, whole, problems=[problem], typed=typed, must_confirm=confirm)
    return answer_page(request, "desk/review", page, HTTPStatus.UNPROCESSABLE_ENTITY, {})


async def _reply(request: Request, desk: Desk, whole: WholeReview, fields: dict[str, Any]) -> Response | str:
    typed = fields.get("reply", "")
    details, problems = parse_details({"text": typed}, is_form=True)
    if details is None or problems:
        raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, problems)
    text = details.text or ""
    if not text:
        return _again(request, desk, whole, fields, "desk-reply-empty")
    found = find_personal_data(text)
    if found and not text_of(fields, "confirm"):
        shown = "», «".join(text[one.start : one.end] for one in found)
        return _again(request, desk, whole, fields, "desk-reply-personal", shown, confirm=True)
    work = partial(
        reply,
        review_id=whole.review.review_id,
        by=desk.account.account_id,
        text=text,
        today=desk.view.settings.today(),
    )
    check_outcome(await do(request, work))
    return "reply"


async def _report(request: Request, desk: Desk, whole: WholeReview, fields: dict[str, Any]) -> Response | str:
    reason = text_of(fields, "reason")
    if reason not in {choice.value for choice in reason_choices(desk)}:
        return _again(request, desk, whole, fields, "desk-reason")
    work = partial(
        report,
        review_id=whole.review.review_id,
        by=desk.account.account_id,
        reason_code=reason,
        note=text_of(fields, "note", _LONGEST_NOTE),
        today=desk.view.settings.today(),
    )
    check_outcome(await do(request, work))
    return "report"


async def _dismiss(request: Request, desk: Desk, whole: WholeReview, fields: dict[str, Any]) -> Response | str:  # noqa: ARG001  all doings have one signature
    work = partial(
        dismiss_reports,
        review_id=whole.review.review_id,
        by=desk.account.account_id,
        today=desk.view.settings.today(),
    )
    check_outcome(await do(request, work))
    return "dismiss"


async def _erase(request: Request, desk: Desk, whole: WholeReview, fields: dict[str, Any]) -> Response | str:
    reason, basis = text_of(fields, "reason"), text_of(fields, "basis", 100)
    if reason not in {choice.value for choice in reason_choices(desk)}:
        return _again(request, desk, whole, fields, "desk-reason")
    if not basis:
        return _again(request, desk, whole, fields, "desk-basis")
    work = partial(
        erase_text,
        review_id=whole.review.review_id,
        by=desk.account.account_id,
        reason_code=reason,
        basis=basis,
        today=desk.view.settings.today(),
    )
    check_outcome(await do(request, work))
    return "erase"


async def _settle(request: Request, desk: Desk, whole: WholeReview, fields: dict[str, Any]) -> Response | str:
    verdict = text_of(fields, "verdict")
    if verdict not in ("grant", "refuse"):
        return _again(request, desk, whole, fields, "desk-verdict")
    answer, problems = parse_appeal({"text": fields.get("answer", "")}, is_form=True)
    if problems:
        wrong = problems[0].rule
        return _again(
            request, desk, whole, fields, "desk-appeal-answer" if wrong == "appeal-empty" else "desk-answer-text"
        )
    masks, lost = _masks(whole.review.text, fields) if verdict == "grant" else ((), "")
    if lost:
        return _again(request, desk, whole, fields, "desk-mask", lost)
    settlement = Settlement(
        is_granted=verdict == "grant",
        answer=answer,
        by=desk.account.account_id,
        today=desk.view.settings.today(),
        text_key=text_of(fields, "text_key"),
        masks=masks,
    )
    outcome = await do(request, partial(settle_appeal, review_id=whole.review.review_id, settlement=settlement))
    if outcome is Outcome.SAME_PERSON:
        raise refusal(HTTPStatus.CONFLICT, "desk-own-decision")
    check_outcome(outcome)
    return "appeal_granted" if settlement.is_granted else "appeal_refused"


_DOINGS = {
    "appeal": (Right.MODERATE, _settle),
    "publish": (Right.MODERATE, _decide),
    "restrict": (Right.MODERATE, _decide),
    "set_aside": (Right.MODERATE, _decide),
    "accept": (Right.MODERATE, _decide),
    "reply": (Right.REPLY, _reply),
    "report": (Right.REPORT, _report),
    "dismiss": (Right.MODERATE, _dismiss),
    "erase": (Right.ERASE, _erase),
}
"""What may be done to a review: the right it takes, and how it is done."""

# ---- many at once --------------------------------------------------------------------------------------------------


@at_desk(Right.MODERATE)
async def all_proposals(request: Request, desk: Desk) -> Response:
    """`/desk/proposals/`: decisions about many reviews; a new one is made by the form below a list."""
    if request.method == "GET":
        return await _show_proposals(request, desk, [])
    fields = await form_of(request, desk, several=("review_id",))
    action, reason = text_of(fields, "action"), text_of(fields, "reason")
    chosen = [str(one) for one in fields.get("review_id", [])][:MOST_AT_ONCE]
    mine = await ask(request, partial(within, review_ids=chosen, scope=desk.account.scope))
    rule = _mass_problem(desk, action, reason, mine)
    if rule:
        return await _show_proposals(request, desk, [Problem(rule=rule, where=Place())])
    decision = Decision(
        action=Action(action),
        by=desk.account.account_id,
        today=desk.view.settings.today(),
        reason_code=reason if action == Action.RESTRICT else "",
    )
    await do(request, partial(propose, review_ids=mine, decision=decision))
    return _back_to_proposals(desk, "proposed")


def _back_to_proposals(desk: Desk, done: str) -> Response:
    path = desk.view.here(urls.desk("proposals/"))
    return see_other(f"{path}{'&' if '?' in path else '?'}done={done}")


def _mass_problem(desk: Desk, action: str, reason: str, chosen: Sequence[str]) -> str:
    if action not in set(Action):
        return "desk-action"
    if not chosen:
        return "desk-nothing-chosen"
    is_reason = reason in {choice.value for choice in reason_choices(desk)}
    return "" if action != Action.RESTRICT or is_reason else "desk-reason"


@at_desk(Right.MODERATE)
async def one_proposal(request: Request, desk: Desk) -> Response:
    """`POST /desk/proposals/<id>`: a second person carries it out, or somebody refuses it."""
    fields = await form_of(request, desk)
    is_accepted = text_of(fields, "action") == "apply"
    work = partial(
        settle,
        proposal_id=request.path_params["proposal_id"],
        by=desk.account.account_id,
        is_accepted=is_accepted,
        today=desk.view.settings.today(),
    )
    check_outcome(await do(request, work))
    return _back_to_proposals(desk, "applied" if is_accepted else "refused")


async def _show_proposals(request: Request, desk: Desk, problems: Sequence[Problem]) -> Response:
    found: list[Proposal] = await ask(request, read_proposals)
    done = request.query_params.get("done", "")
    note = desk.words(f"desk.done_{done}") if done in ("proposed", "applied", "refused") else ""
    page = proposals_page(desk, found, note=note, problems=problems)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return answer_page(request, "desk/proposals", page, status, {})


# ---- accounts ------------------------------------------------------------------------------------------------------


@at_desk(Right.ACCOUNTS)
async def all_accounts(request: Request, desk: Desk) -> Response:
    """`/desk/accounts/`: who may sign in; invite, invite anew, approve a request, close."""
    if request.method == "GET":
        return await _show_accounts(request, desk)
    fields = await form_of(request, desk)
    if text_of(fields, "action") == "close":
        return await _close(request, desk, text_of(fields, "account_id"))
    return await _invite(request, desk, fields)


async def _close(request: Request, desk: Desk, account_id: str) -> Response:
    if account_id == desk.account.account_id:
        return await _show_accounts(request, desk, rule="desk-own-account")
    work = partial(
        change_account,
        account_id=account_id,
        by=desk.account.account_id,
        today=desk.view.settings.today(),
        action="account-closed",
        state="closed",
        password_hash="",
        totp_sealed=None,
        invitation_hash="",
    )
    if not await do(request, work):
        raise refusal(HTTPStatus.NOT_FOUND, "desk-unknown")
    return see_other(desk.view.here(urls.desk("accounts/")))


async def _invite(request: Request, desk: Desk, fields: dict[str, Any]) -> Response:
    login, account_id = text_of(fields, "login").lower(), text_of(fields, "account_id")
    organizations = tuple(text_of(fields, "organizations", 5000).split())
    regions = tuple(text_of(fields, "regions", 1000).split())
    rule = _invite_problem(desk, login if not account_id else "", text_of(fields, "role"), organizations, regions)
    if rule:
        return await _show_accounts(request, desk, rule=rule)
    role, today = Role(text_of(fields, "role")), desk.view.settings.today()
    by = desk.account.account_id
    if not account_id:
        add = partial(
            add_account, login=login, role=role, organizations=organizations, regions=regions, by=by, today=today
        )
        account_id = await do(request, add) or ""
        if not account_id:
            return await _show_accounts(request, desk, rule="desk-login-taken")
    token = new_token()
    work = partial(
        invite,
        account_id=account_id,
        token_hash=invitation_hash(intake_of(request).store.key, token),
        now=desk.view.settings.now(),
        by=by,
        today=today,
        role=str(role),
        organizations=" ".join(sorted(organizations)),
        regions=" ".join(sorted(regions)),
    )
    if not await do(request, work):
        raise refusal(HTTPStatus.NOT_FOUND, "desk-unknown")
    return await _show_accounts(request, desk, invitation=f"{desk.view.settings.widget_url}/{urls.desk_join(token)}")


def _invite_problem(desk: Desk, login: str, role: str, organizations: tuple[str, ...], regions: tuple[str, ...]) -> str:
    if login and LOGIN.fullmatch(login) is None:
        return "desk-login"
    if role not in set(Role):
        return "desk-role"
    if not set(organizations) <= desk.view.settings.directory.organizations.keys():
        return "desk-organization"
    return "" if is_bound_rightly(Role(role), organizations, regions) else "desk-bound"


async def _show_accounts(request: Request, desk: Desk, *, invitation: str = "", rule: str = "") -> Response:
    found: list[Account] = await ask(request, read_accounts)
    problems = [Problem(rule=rule, where=Place())] if rule else []
    page = accounts_page(desk, found, invitation=invitation, problems=problems)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if rule else HTTPStatus.OK
    return answer_page(request, "desk/accounts", page, status, {})


# ---- reading -------------------------------------------------------------------------------------------------------


@at_desk(Right.SUMMARY)
async def show_summary(request: Request, desk: Desk) -> Response:
    """`/desk/organizations/<id>`: what an organisation is weak at, what it left unanswered, and who may frame its form."""
    organization_id = request.path_params["organization_id"]
    card = desk.view.settings.directory.organizations.get(organization_id)
    region_code = card.region_code if card else ""
    if not desk.account.scope.covers(organization_id, region_code):
        raise refusal(HTTPStatus.NOT_FOUND, "desk-unknown")
    if request.method == "POST":
        return await _change_hosts(request, desk, organization_id)
    return await _show_summary(request, desk, organization_id)


async def _show_summary(request: Request, desk: Desk, organization_id: str, typed: str = "") -> Response:
    summary: Summary = await ask(request, partial(read_summary, organization_id=organization_id))
    hosts: list[str] = await ask(request, partial(read_hosts, organization_id=organization_id))
    problems = [Problem(rule="desk-host", where=Place(), value=typed)] if typed else []
    page = summary_page(desk, organization_id, summary, hosts, problems=problems)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if typed else HTTPStatus.OK
    return answer_page(request, "desk/summary", page, status, {})


async def _change_hosts(request: Request, desk: Desk, organization_id: str) -> Response:
    """Adds a site that may frame the form of an organisation, or takes one away."""
    fields = await form_of(request, desk)
    if not desk.account.may(Right.ACCOUNTS):
        raise refusal(HTTPStatus.FORBIDDEN, "desk-forbidden")
    typed = text_of(fields, "host", 300)
    host, change = parse_host(typed), remove_host if text_of(fields, "action") == "remove" else add_host
    work = partial(
        change,
        organization_id=organization_id,
        host=host,
        by=desk.account.account_id,
        today=desk.view.settings.today(),
    )
    if not host or not await do(request, work):
        return await _show_summary(request, desk, organization_id, typed or "—")
    return see_other(desk.view.here(urls.desk_summary(organization_id)))


@at_desk(Right.LOG)
async def show_log(request: Request, desk: Desk) -> Response:
    """`GET /desk/log/`: the audit log, the newest entry first."""
    before = _number(request.query_params.get("before", ""))
    log = await ask(request, partial(read_log, scope=desk.account.scope, before=before))
    return answer_page(request, "desk/log", log_page(desk, log), HTTPStatus.OK, {})
