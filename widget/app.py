"""The application: routes, what every answer carries, what happens when it starts and stops."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nok.templating import Render, Theme, Words, make_site, read_words
from widget import (
    desk_entrance,
    desk_handlers,
    desk_photos,
    desk_provider,
    form_handlers,
    handlers,
    offline,
    photo_handlers,
)
from widget.exchange import Intake, RefusedError, Widget
from widget.guard import Guard, GuardMode, origin_of
from widget.invitations import Inviter
from widget.journal import Journal, Journaled
from widget.look_alikes import Indexer
from widget.proof import Prover
from widget.release import Release
from widget.reviews import fill_regions
from widget.settings import Settings
from widget.store import Store
from widget.submission import MAXIMUM_BODY_BYTES
from widget.watch import MOST_AT_THE_END, Watch

__all__ = ["Settings", "create_app"]

_TEMPLATES = ("rate", "embed", "receipt", "receipts", "outbox", "questionnaire", "message")
_DESK_TEMPLATES = ("queue", "review", "proposals", "accounts", "summary", "log", "sign_in", "join", "request")
_PERMISSIONS = "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), interest-cohort=()"


def create_app(settings: Settings) -> Widget:
    """The widget, and the built site beside it where `settings.site` names one.

    Opens the store at once, so that a caller learns of a second writer before it takes a port; the store is closed
    when the application stops.

    Raises:
        BusyError, ConfigError, StorageError: as `Store` says; ConfigError also for a broken theme.
    """
    words = {
        language: read_words(settings.theme / "words", language, settings.own_words) for language in settings.languages
    }
    renders = _bind(settings, words)
    store = Store(settings.store)
    store.do(lambda ledger: fill_regions(ledger, settings.directory.region_of))
    guard = Guard(settings.guard, settings.clock, (settings.public_url, settings.widget_url), settings.rules)
    journal = Journal(settings.log)
    intake = Intake(
        settings=settings,
        store=store,
        guard=guard,
        journal=journal,
        inviter=Inviter(store.key.secret_for("invitation")),
        prover=Prover(store.key.secret_for("form"), settings.rules),
        watch=Watch(store, settings.rules, sets_aside=guard.mode is GuardMode.FULL, tell=guard.note_excess),
        words=words,
        renders=renders,
    )
    app = Widget(
        routes=_routes(settings),
        middleware=[
            Middleware(Journaled, journal=journal),
            Middleware(SecurityHeaders, policy=_content_policy(settings.widget_url)),
            Middleware(BodyLimit, maximum=MAXIMUM_BODY_BYTES, uploads=photo_handlers.UPLOAD_BYTES),
        ],
        exception_handlers={
            RefusedError: handlers.answer_refusal,
            HTTPException: handlers.answer_http_error,
            Exception: report_failure,
        },
        lifespan=_living,
    )
    # Otherwise the framework redirects to an address made of the Host header, which the client writes.
    app.router.redirect_slashes = False
    app.intake = intake
    app.state.content_policy = _content_policy(settings.widget_url)
    return app


def _routes(settings: Settings) -> Sequence[BaseRoute]:
    # What comes by the hundred a second stands first: each route is tried in turn.
    routes: list[BaseRoute] = [
        Route("/rate/worker.js", offline.show_worker, methods=["GET"]),
        Route("/rate/{organization_id}", handlers.rating, methods=["GET", "POST"]),
    ]
    routes += [
        Route(f"/{letter}/{{code}}{slash}", handlers.show_scanned, methods=["GET"])
        for letter in ("q", "Q")
        for slash in ("", "/")
    ]
    routes += [
        Route(f"/{letter}/{{code}}/questionnaire", form_handlers.show_scanned_form, methods=["GET"])
        for letter in ("q", "Q")
    ]
    routes += [
        Route(f"/{letter}/{{organization_id}}/{{token}}", handlers.show_invited, methods=["GET"])
        for letter in ("i", "I")
    ]
    routes += [
        Route("/rate/outbox/", offline.show_outbox, methods=["GET"]),
        Route("/rate/{organization_id}/questionnaire", form_handlers.questionnaire, methods=["GET", "POST"]),
        Route("/rate/{organization_id}/work", handlers.show_work, methods=["GET"]),
        Route("/embed/{organization_id}", handlers.show_embedded, methods=["GET"]),
        Route("/embed/{organization_id}", handlers.rate, methods=["POST"]),
        Route("/receipt/", handlers.show_my_receipts, methods=["GET"]),
        Route("/receipt/{code}", handlers.receipt, methods=["GET", "POST"]),
        Route("/receipt/{code}/photos", photo_handlers.send_photos, methods=["POST"]),
        Route("/receipt/{code}/photos/{photo_id}", photo_handlers.own_photo, methods=["GET", "POST"]),
        *_desk_routes(),
        Route("/health", handlers.show_health, methods=["GET"]),
        Route("/metrics", handlers.show_metrics, methods=["GET"]),
        Route("/openapi.json", handlers.show_openapi, methods=["GET"]),
    ]
    if settings.site is not None:
        # A route and not a mount: a mount takes every method, and a wrong one above would be told wrong methods.
        site = GZipMiddleware(Release(settings.site, settings.asset_contents), compresslevel=6)
        routes.append(Route("/{path:path}", site, methods=["GET"]))
    return routes


def _desk_routes() -> Sequence[BaseRoute]:
    return [
        Route("/desk/", desk_handlers.show_home, methods=["GET"]),
        Route("/desk", desk_handlers.show_home, methods=["GET"]),
        Route("/desk/sign-in", desk_entrance.sign_in, methods=["GET", "POST"]),
        Route("/desk/provider", desk_provider.begin, methods=["GET"]),
        Route("/desk/provider/back", desk_provider.come_back, methods=["GET"]),
        Route("/desk/sign-out", desk_entrance.sign_out, methods=["POST"]),
        Route("/desk/request", desk_entrance.request_account, methods=["GET", "POST"]),
        Route("/desk/join/{token}", desk_entrance.join_desk, methods=["GET", "POST"]),
        Route("/desk/reviews/", desk_handlers.show_reviews, methods=["GET"]),
        Route("/desk/reviews/{review_id}", desk_handlers.one_review, methods=["GET", "POST"]),
        Route("/desk/photos/{photo_id}", desk_photos.one_photo, methods=["GET", "POST"]),
        Route("/desk/proposals/", desk_handlers.all_proposals, methods=["GET", "POST"]),
        Route("/desk/proposals/{proposal_id}", desk_handlers.one_proposal, methods=["POST"]),
        Route("/desk/organizations/{organization_id}", desk_handlers.show_summary, methods=["GET", "POST"]),
        Route("/desk/accounts/", desk_handlers.all_accounts, methods=["GET", "POST"]),
        Route("/desk/log/", desk_handlers.show_log, methods=["GET"]),
    ]


def _bind(settings: Settings, words: dict[str, Words]) -> dict[tuple[str, str], Render]:
    theme = Theme(settings.theme)
    sites = {
        language: make_site(
            title=settings.titles.get(language, settings.titles["ru"]),
            language=language,
            languages=settings.languages,
            words=words[language],
            root="/",
            public_url=settings.public_url,
            widget_url=settings.widget_url,
            contact_email=settings.contact_email,
            assets=settings.assets,
        )
        for language in settings.languages
    }
    names = {name: f"widget/{name}.html" for name in _TEMPLATES}
    names |= {f"desk/{name}": f"desk/{name}.html" for name in _DESK_TEMPLATES}
    return {
        (name, language): theme.bind(file, site) for name, file in names.items() for language, site in sites.items()
    }


@asynccontextmanager
async def _living(app: Widget) -> AsyncIterator[None]:
    intake: Intake = app.intake
    indexing = asyncio.create_task(Indexer(intake.store).run(intake.settings.sweep_seconds))
    indexing.add_done_callback(lambda task: _tell_end(intake, task))
    looking = None
    if intake.guard.mode is not GuardMode.OFF:
        looking = asyncio.create_task(intake.watch.run(intake.settings.sweep_seconds))
        looking.add_done_callback(lambda task: _tell_end(intake, task))
    yield
    indexing.cancel()
    await asyncio.wait([indexing])
    if looking is not None:
        looking.cancel()
        await asyncio.wait([looking])
        await intake.watch.sweep(MOST_AT_THE_END)
    intake.workshop.close()
    intake.store.close()


def _tell_end(intake: Intake, task: "asyncio.Task[None]") -> None:
    """A fault that ends the looking back must not go unseen: ratings are taken all the same."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        intake.journal.failure(error)


def _content_policy(widget_url: str) -> str:
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self' {origin_of(widget_url)}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


async def report_failure(request: Request, error: Exception) -> Response:
    """A fault of ours: nothing of it is told to the sender; the framework raises it again for the server's log."""
    request.app.intake.journal.failure(error)
    return PlainTextResponse("500", HTTPStatus.INTERNAL_SERVER_ERROR, {"Cache-Control": "no-store"})


CARD_ENDING = ".card.html"
"""What the addresses of cards end with, the only pages that may stand in a frame of another site."""


EMBEDDED = "/embed/"
"""What the addresses of forms begin with that may stand in a frame of registered sites."""


class SecurityHeaders:
    """Puts on every answer what browsers must know; a handler's own value stays."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "Permissions-Policy": _PERMISSIONS,
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        of_cards = {name: value for name, value in headers.items() if name != "X-Frame-Options"}
        of_cards["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors *")
        self._headers, self._of_cards = Headers(headers).raw, Headers(of_cards).raw

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_card = scope["type"] == "http" and scope["path"].endswith(CARD_ENDING)
        is_embedded = scope["type"] == "http" and scope["path"].startswith(EMBEDDED)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name for name, _ in message["headers"]}
                added = [one for one in (self._of_cards if is_card else self._headers) if one[0] not in said]
                message["headers"] = [*message["headers"], *added]
                headers = MutableHeaders(scope=message)
                if is_embedded and "frame-ancestors 'none'" not in headers["Content-Security-Policy"]:
                    del headers["X-Frame-Options"]  # which knows no hosts; browsers go by the policy
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


_UPLOADS = re.compile(r"/receipt/[^/]+/photos")
"""Where photographs are sent to."""


class BodyLimit:
    """Refuses a body above `maximum` bytes (`uploads` where photographs are sent) before it is read, or as soon as it grows
    above it."""

    def __init__(self, app: ASGIApp, maximum: int, uploads: int) -> None:
        self._app, self._usual, self._uploads = app, maximum, uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        maximum = self._uploads if _UPLOADS.fullmatch(scope["path"]) else self._usual
        declared = [value for name, value in scope["headers"] if name == b"content-length"]
        # More than 18 digits is no length, and Python refuses to read 5,000 of them.
        is_too_long = any(not one.isdigit() or len(one) > 18 or int(one) > maximum for one in declared)
        read = 0

        async def receive_some() -> Message:
            nonlocal read
            message = await receive() if not is_too_long else {"type": "http.request"}
            read += len(message.get("body", b""))
            if is_too_long or read > maximum:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers={"Connection": "close"})
            return message

        await self._app(scope, receive_some, send)
