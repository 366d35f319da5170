"""Photographs over HTTP: sent with a receipt, shown to whoever sent them and to the desk."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from nok import urls
from nok.errors import Place, Problem
from nok.picture_heads import MAXIMUM_BYTES, PictureError, check_head
from widget.exchange import (
    RETRY_SECONDS,
    RefusedError,
    admit,
    durable,
    intake_of,
    refusal,
    see_other,
    sender_of,
    unavailable,
    view_of,
)
from widget.guard import Verdict
from widget.handlers import receipt_of
from widget.moderation import ReviewStanding
from widget.photo_store import MOST_PHOTOS, NewPhoto, Taken, add_photos, read_pixels, take_photo_back
from widget.photos import Box, CrowdedError, Drawn, Workshop
from widget.reviews import StoredReview
from widget.store import StoreUnavailableError

UPLOAD_BYTES = MOST_PHOTOS * MAXIMUM_BYTES + 64 * 1024
"""What a request with photographs may weigh."""
UPLOAD_SECONDS = 180.0
"""How long it may take: forty megabytes over a slow telephone."""
_AT_ONCE = 8
"""So many such requests are read at one time; more are told to come later."""
_STATUSES = {
    "photo-size": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "photo-kind": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "photo-damaged": HTTPStatus.UNPROCESSABLE_ENTITY,
}
_PICTURE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Disposition": "inline",
}

# ---- sending -------------------------------------------------------------------------------------------------------


async def send_photos(request: Request) -> Response:
    """`POST /receipt/<code>/photos`: up to five photographs beside a rating; all that were sent are taken, or none."""
    code, review = await receipt_of(request)
    admit(request)
    decision = intake_of(request).guard.admit_photos(sender_of(request))
    if decision.verdict is Verdict.REFUSE:
        raise refusal(HTTPStatus.TOO_MANY_REQUESTS, "photos-crowded", Retry_After=str(decision.retry_after))
    if review.standing is ReviewStanding.WITHDRAWN:
        raise refusal(HTTPStatus.CONFLICT, "already-withdrawn")
    if len(review.photos) >= MOST_PHOTOS:
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "photos-many", str(MOST_PHOTOS))
    async with _turn(request):
        drawn = [await _draw(request, content) for content in await _files(request)]
    await _store(request, review, code, drawn)
    return _back(request, code)


@asynccontextmanager
async def _turn(request: Request) -> AsyncIterator[None]:
    """Keeps the number of such requests small: each may hold forty megabytes."""
    app = request.app.state
    if getattr(app, "uploads", 0) >= _AT_ONCE:
        raise _crowded()
    app.uploads = getattr(app, "uploads", 0) + 1
    try:
        yield
    finally:
        app.uploads -= 1


async def _files(request: Request) -> list[bytes]:
    """The files of the form, each looked at by its head.

    Raises:
        RefusedError: none or too many, or one that cannot be a photograph.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "body-kind", request.headers.get("content-type", ""))
    try:
        async with (
            asyncio.timeout(UPLOAD_SECONDS),
            request.form(max_files=2 * MOST_PHOTOS, max_fields=2, max_part_size=1024) as form,
        ):
            sent = [file for file in form.getlist("photo") if isinstance(file, UploadFile)]
            found = [await file.read() for file in sent]
    except TimeoutError as error:
        raise refusal(HTTPStatus.REQUEST_TIMEOUT, "body-slow", Connection="close") from error
    except ClientDisconnect as error:
        raise refusal(HTTPStatus.BAD_REQUEST, "body-cut") from error
    found = [content for content in found if content]  # a field that was left empty comes as an empty file
    if not found:
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "photos-none")
    if len(found) > MOST_PHOTOS:
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "photos-many", str(MOST_PHOTOS))
    for content in found:
        try:
            check_head(content)
        except PictureError as error:
            raise _refused(error) from error
    return found


async def _draw(request: Request, content: bytes) -> Drawn:
    try:
        return await draw(intake_of(request).workshop, content)
    except PictureError as error:
        raise _refused(error) from error


async def draw(workshop: Workshop, content: bytes, boxes: Sequence[Box] = ()) -> Drawn:
    """The picture drawn anew, with `boxes` blurred.

    Raises:
        PictureError: it is no picture. RefusedError: 503, too many wait.
    """
    try:
        return await asyncio.wrap_future(workshop.draw(content, boxes))
    except CrowdedError as error:
        raise _crowded() from error


def _refused(error: PictureError) -> RefusedError:
    details = {"found": error.found, "maximum": error.maximum}
    problem = Problem(rule=error.rule, where=Place(column="photo"), value=error.found, details=details)
    return RefusedError(_STATUSES[error.rule], [problem])


def _crowded() -> RefusedError:
    return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "photos-crowded", Retry_After=str(RETRY_SECONDS))


async def _store(request: Request, review: StoredReview, code: str, drawn: Sequence[Drawn]) -> None:
    intake = intake_of(request)
    key, today = intake.store.key, intake.settings.today()
    sent = [
        NewPhoto(
            content=one.content,
            width=one.width,
            height=one.height,
            sent_hash=key.hash("photo", f"{review.review_id}:{one.sent_sha256}"),
        )
        for one in drawn
    ]
    work = partial(add_photos, receipt_hash=key.hash("receipt", code), sent=sent, today=today)
    taken = await durable(intake, lambda: intake.store.do(work))
    if taken is Taken.TOO_MANY:
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "photos-many", str(MOST_PHOTOS))
    if taken is Taken.GONE:
        raise refusal(HTTPStatus.CONFLICT, "already-withdrawn")


def _back(request: Request, code: str) -> Response:
    path = view_of(request).here(urls.receipt(code))
    return see_other(f"{path}{'&' if '?' in path else '?'}saved=1#photos")


# ---- one photograph ------------------------------------------------------------------------------------------------


async def own_photo(request: Request) -> Response:
    """`/receipt/<code>/photos/<id>`: a photograph for whoever sent it; a POST takes it back."""
    code, review = await receipt_of(request)
    photo_id = request.path_params["photo_id"]
    if photo_id not in {photo.photo_id for photo in review.photos}:
        raise refusal(HTTPStatus.NOT_FOUND, "page-unknown")
    if request.method == "GET":
        return await pixels(request, photo_id, is_shown=False)
    admit(request)
    intake = intake_of(request)
    work = partial(
        take_photo_back,
        receipt_hash=intake.store.key.hash("receipt", code),
        photo_id=photo_id,
        today=intake.settings.today(),
    )
    if not await durable(intake, lambda: intake.store.do(work)):
        raise refusal(HTTPStatus.NOT_FOUND, "page-unknown")
    return _back(request, code)


async def pixels(request: Request, photo_id: str, *, is_shown: bool) -> Response:
    """The picture alone: it can run nothing, and no other site may show it."""
    read = partial(read_pixels, photo_id=photo_id, is_shown=is_shown)
    try:
        found = await run_in_threadpool(intake_of(request).store.read, read)
    except StoreUnavailableError as error:
        raise unavailable() from error
    if found is None:
        raise refusal(HTTPStatus.NOT_FOUND, "page-unknown")
    return Response(found[1], media_type="image/jpeg", headers=_PICTURE_HEADERS)
