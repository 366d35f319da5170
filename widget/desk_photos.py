"""Photographs at the desk: looked at, parts of them blurred, published or hidden with a reason."""

from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from nok import urls
from nok.picture_heads import PictureError
from widget.decisions import actor_of
from widget.desk_exchange import ask, at_desk, do, form_of, text_of
from widget.desk_frame import Desk
from widget.desk_model import BOXES
from widget.desk_queries import photo_within, read_whole
from widget.desk_reviews import is_shown_whole, reason_choices
from widget.exchange import intake_of, refusal, see_other
from widget.moderation import PhotoStanding
from widget.photo_handlers import draw, pixels
from widget.photo_store import erase_photo, hide_photo, publish_photo, read_pixels
from widget.photos import Box
from widget.reviews import StoredPhoto
from widget.roles import Right

_SIDES = ("left", "top", "width", "height")


@at_desk()
async def one_photo(request: Request, desk: Desk) -> Response:
    """`/desk/photos/<id>`: the picture; a POST decides about it. Whoever does not moderate sees what is published of it."""
    photo_id = request.path_params["photo_id"]
    photo: StoredPhoto | None = await ask(request, partial(photo_within, photo_id=photo_id, scope=desk.account.scope))
    sees_all = desk.account.may(Right.MODERATE)
    if photo is None or not (sees_all or photo.standing is PhotoStanding.PUBLISHED):
        raise refusal(HTTPStatus.NOT_FOUND, "desk-unknown")
    if request.method == "GET":
        is_shown = not sees_all or "shown" in request.query_params
        return await pixels(request, photo_id, is_shown=is_shown)
    fields = await form_of(request, desk)
    action = text_of(fields, "action")
    if action not in _DOINGS or not desk.account.may(_DOINGS[action][0]):
        raise refusal(HTTPStatus.FORBIDDEN, "desk-forbidden")
    if not await _DOINGS[action][1](request, desk, photo, fields):
        raise refusal(HTTPStatus.CONFLICT, "desk-changed")
    whole = await ask(request, partial(read_whole, review_id=photo.review_id, scope=desk.account.scope))
    is_unseen = action == "publish" and whole is not None and not is_shown_whole(whole.review)
    path, done = desk.view.here(urls.desk_review(photo.review_id)), "unseen" if is_unseen else action
    return see_other(f"{path}{'&' if '?' in path else '?'}done=photo_{done}#photos")


async def _publish(request: Request, desk: Desk, photo: StoredPhoto, fields: dict[str, Any]) -> bool:
    boxes = _boxes(fields)
    blurred = None
    if boxes:
        found = await ask(request, partial(read_pixels, photo_id=photo.photo_id, is_shown=False))
        if found is None:
            return False
        try:
            blurred = (await draw(intake_of(request).workshop, found[1], boxes)).content
        except PictureError:
            return False
    return bool(await _carry_out(request, desk, partial(publish_photo, photo_id=photo.photo_id, blurred=blurred)))


async def _hide(request: Request, desk: Desk, photo: StoredPhoto, fields: dict[str, Any]) -> bool:
    reason = text_of(fields, "reason")
    if reason not in {choice.value for choice in reason_choices(desk)}:
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "desk-reason")
    return bool(await _carry_out(request, desk, partial(hide_photo, photo_id=photo.photo_id, reason_code=reason)))


async def _erase(request: Request, desk: Desk, photo: StoredPhoto, fields: dict[str, Any]) -> bool:
    basis = text_of(fields, "basis", 100)
    if not basis:
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "desk-basis")
    return bool(await _carry_out(request, desk, partial(erase_photo, photo_id=photo.photo_id, basis=basis)))


async def _carry_out(request: Request, desk: Desk, work: Any) -> Any:
    return await do(request, partial(work, by=actor_of(desk.account.account_id), today=desk.view.settings.today()))


def _boxes(fields: dict[str, Any]) -> list[Box]:
    """The parts to blur: four fields each, in per cent of the picture.

    Raises:
        RefusedError: a number is missing, or a part lies outside the picture: nothing is published half covered.
    """
    found: list[Box] = []
    for number in range(1, BOXES + 1):
        typed = [text_of(fields, f"{side}{number}") for side in _SIDES]
        if not any(typed):
            continue
        sides = [_percent(text) for text in typed]
        if None in sides:
            raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "desk-box", " ".join(typed))
        left, top, width, height = (side or 0.0 for side in sides)
        if not (width and height and left < 1 and top < 1):
            raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "desk-box", " ".join(typed))
        found.append((left, top, width, height))
    return found


def _percent(text: str) -> float | None:
    """0 to 1 of a number from 0 to 100; a comma is a point too."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value / 100 if 0 <= value <= 100 else None


_DOINGS = {
    "publish": (Right.MODERATE, _publish),
    "hide": (Right.MODERATE, _hide),
    "erase": (Right.ERASE, _erase),
}
"""What may be done to a photograph: the right it takes, and how it is done."""
