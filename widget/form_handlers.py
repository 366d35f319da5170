"""The whole questionnaire over HTTP: `/q/<CODE>/questionnaire` and `/rate/<organization_id>/questionnaire`."""

import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from nok import urls
from nok.errors import Problem
from nok.questionnaire import Questionnaire, find_questionnaire
from widget.directory import OrganizationCard
from widget.exchange import (
    RefusedError,
    admit,
    answer_json,
    answer_page,
    check_placement,
    durable,
    intake_of,
    organization_of,
    placement_of,
    read_fields,
    refusal,
    see_other,
    sender_of,
    view_of,
    wants_page,
)
from widget.filled_form import FilledForm, most_fields, parse_filled_form, several
from widget.form_counts import FormArrival
from widget.form_pages import form_page, sent_page
from widget.guard import Ballot, Verdict
from widget.settings import Settings
from widget.submission import HONEYPOT


def open_form(settings: Settings, card: OrganizationCard) -> tuple[Questionnaire, str] | None:
    """(form, round) by which answers about an organisation are collected today; `None` where none are."""
    assessment_id = settings.directory.round_of(card)
    form = find_questionnaire(
        settings.questionnaires, sphere=card.sphere, region_code=card.region_code, day=settings.today()
    )
    return (form, assessment_id) if form and assessment_id else None


async def show_scanned_form(request: Request) -> Response:
    """`GET /q/<CODE>/questionnaire`: the form, with the code inside."""
    code, organization_id, card = placement_of(request)
    form, _ = _open(request, organization_id, card)
    return _show(request, organization_id, card, form, placement_code=code)


async def questionnaire(request: Request) -> Response:
    """`/rate/<organization_id>/questionnaire`: the form, its thanks, or a filled one."""
    organization_id, card = organization_of(request)
    form, assessment_id = _open(request, organization_id, card)
    if request.method == "POST":
        return await _take(request, organization_id, card, form, assessment_id)
    if "sent" in request.query_params:
        return _thank(request, organization_id, card, form)
    return _show(request, organization_id, card, form)


def _open(request: Request, organization_id: str, card: OrganizationCard) -> tuple[Questionnaire, str]:
    found = open_form(intake_of(request).settings, card)
    if found is None:
        refused = refusal(HTTPStatus.NOT_FOUND, "form-closed")
        refused.links = (("widget.to_form", urls.rate(organization_id)),)
        raise refused
    return found


async def _take(
    request: Request, organization_id: str, card: OrganizationCard, form: Questionnaire, assessment_id: str
) -> Response:
    said: Mapping[str, Sequence[str]] = {}
    frame = {"idempotency_key": "", "placement_code": ""}
    try:
        admit(request)
        is_form, fields = await read_fields(request, most=most_fields(form), several=several(form))
        is_trapped = is_form and bool(fields.pop(HONEYPOT, ""))
        frame = {name: str(fields.get(name, "")) for name in frame}
        filled, said, problems = parse_filled_form(fields, form, is_form=is_form)
        if filled is None:
            raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, problems)
        check_placement(intake_of(request).settings, organization_id, filled.placement_code)
        return await _count(
            request, organization_id, form, assessment_id, filled, is_form=is_form, is_trapped=is_trapped
        )
    except RefusedError as refused:
        if refused.status not in (422, 429, 503) or not wants_page(request):
            raise
        wrong = {problem.where.column for problem in refused.problems}
        kept = {name: "" if name in wrong else value for name, value in frame.items()}
        return _show(request, organization_id, card, form, refused=refused, said=said, **kept)


async def _count(
    request: Request,
    organization_id: str,
    form: Questionnaire,
    assessment_id: str,
    filled: FilledForm,
    *,
    is_form: bool,
    is_trapped: bool,
) -> Response:
    intake = intake_of(request)
    # Forms have a count of their own, so that rating a place and filling in its form are not two ratings of it.
    ballot = Ballot(organization_id=f"{organization_id}/questionnaire", is_trapped=is_trapped)
    decision = intake.guard.weigh(sender_of(request), ballot)
    is_set_aside = decision.verdict is Verdict.SET_ASIDE
    arrival = FormArrival(
        organization_id=organization_id,
        assessment_id=assessment_id,
        questionnaire_id=form.id,
        mode="qr" if filled.placement_code else "web",
        counts=filled.counts(form),
        texts=filled.texts(form),
        groups=form.groups,
        idempotency_key=filled.idempotency_key,
        is_set_aside=is_set_aside,
    )
    is_new = await durable(intake, lambda: intake.store.add_form(arrival))
    cleared = filled.reading.cleared
    if not is_form:
        found = {"accepted": True, "set_aside": is_set_aside, "cleared": list(cleared)}
        return answer_json(found, HTTPStatus.CREATED if is_new else HTTPStatus.OK)
    query = {"sent": "aside" if is_set_aside else "1"} | ({"cleared": ".".join(cleared)} if cleared else {})
    path = view_of(request).here(urls.rate_questionnaire(organization_id))
    return see_other(f"{path}{'&' if '?' in path else '?'}{urlencode(query)}")


def _thank(request: Request, organization_id: str, card: OrganizationCard, form: Questionnaire) -> Response:
    cleared = request.query_params.get("cleared", "").split(".")
    page = sent_page(
        view_of(request),
        organization_id,
        card,
        form,
        cleared=[question.id for question in form.questions if question.id in cleared],
        is_set_aside=request.query_params["sent"] == "aside",
    )
    return answer_page(request, "message", page, HTTPStatus.OK, {})


def _show(
    request: Request,
    organization_id: str,
    card: OrganizationCard,
    form: Questionnaire,
    *,
    idempotency_key: str = "",
    placement_code: str = "",
    said: Mapping[str, Sequence[str]] | None = None,
    refused: RefusedError | None = None,
) -> Response:
    problems: Sequence[Problem] = refused.problems if refused else ()
    page = form_page(
        view_of(request),
        organization_id,
        card,
        form,
        idempotency_key=idempotency_key or secrets.token_hex(16),
        placement_code=placement_code,
        said=said,
        problems=problems,
    )
    status = refused.status if refused else HTTPStatus.OK
    return answer_page(request, "questionnaire", page, status, refused.headers if refused else {})
