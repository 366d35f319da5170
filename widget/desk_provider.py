"""The way in through a provider of identities, over HTTP; switched on by two options and a secret."""

import hmac
from functools import partial
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from nok import urls
from widget.accounts import begin_foreign_session, new_token, session_hash
from widget.desk_entrance import own_path
from widget.desk_exchange import do, with_cookie
from widget.exchange import intake_of, refusal, see_other, sender_of, view_of
from widget.guard import Verdict
from widget.oidc import FLOW_SECONDS, Provider, ProviderError, open_flow, seal_flow

_COOKIE = "__Host-desk-provider"


async def begin(request: Request) -> Response:
    """`GET /desk/provider`: to the provider, and back to the page that was asked for."""
    provider = _provider(request)
    try:
        address, flow = await run_in_threadpool(provider.begin, own_path(request.query_params.get("next", "")))
    except ProviderError as error:
        raise refusal(HTTPStatus.BAD_GATEWAY, "desk-provider") from error
    answer = see_other(address)
    sealed = seal_flow(flow, partial(intake_of(request).store.key.hash, "provider"))
    answer.set_cookie(_COOKIE, sealed, max_age=FLOW_SECONDS, path="/", secure=True, httponly=True, samesite="lax")
    return answer


async def come_back(request: Request) -> Response:
    """`GET /desk/provider/back`: from the provider, with a code that buys proof of who it is."""
    provider, intake = _provider(request), intake_of(request)
    decision = intake.guard.admit_sign_in(sender_of(request))
    if decision.verdict is Verdict.REFUSE:
        raise refusal(HTTPStatus.TOO_MANY_REQUESTS, "desk-too-many", Retry_After=str(decision.retry_after))
    key, now = intake.store.key, intake.settings.now()
    flow = open_flow(request.cookies.get(_COOKIE, ""), partial(key.hash, "provider"), provider.clock())
    state, code = (request.query_params.get(name, "") for name in ("state", "code"))
    if flow is None or not code or not hmac.compare_digest(state.encode(), flow.state.encode()):
        raise refusal(HTTPStatus.FORBIDDEN, "desk-provider")
    try:
        login = await run_in_threadpool(provider.login_of, flow, code)
    except ProviderError as error:
        raise refusal(HTTPStatus.FORBIDDEN, "desk-provider") from error
    token = new_token()
    work = partial(
        begin_foreign_session,
        login=login,
        token_hash=session_hash(key, token),
        now=now,
        today=intake.settings.today(),
    )
    if not await do(request, work):
        raise refusal(HTTPStatus.FORBIDDEN, "desk-provider-unknown", login)
    answer = with_cookie(see_other(flow.next_path or view_of(request).here(urls.desk())), token)
    answer.delete_cookie(_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _provider(request: Request) -> Provider:
    provider = intake_of(request).settings.provider
    if provider is None:
        raise refusal(HTTPStatus.NOT_FOUND, "page-unknown")
    return provider
