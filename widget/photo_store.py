"""Photographs in the store, inside a transaction: what their senders and the desk do to them, and their pixels.

Row, key and pixels are one transaction: neither a photograph without its rating nor a key without its photograph is left
by a full disk. What was decided about is what was looked at: a photograph never changes, another one has another id.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from widget.ledger import Ledger
from widget.moderation import Actor, ForbiddenMoveError, PhotoStanding, ReviewStanding, move_photo
from widget.reviews import (
    change_photo,
    photo_rows,
    remove_photo,
    row_where,
    write_photo_down,
)
from widget.sealing import new_secret, seal_bytes, unseal_bytes
from widget.tables import photos, reviews, text_keys

MOST_PHOTOS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPhoto:
    """A photograph drawn anew; `sent_hash` is of the file as it was sent, `width` and `height` are in pixels."""

    content: bytes
    width: int
    height: int
    sent_hash: str


class Taken(StrEnum):
    """What became of photographs that somebody sent."""

    DONE = "done"
    TOO_MANY = "too-many"
    """There would be more than `MOST_PHOTOS`; none was stored."""
    GONE = "gone"
    """There is no such rating, or it was taken back."""


def add_photos(ledger: Ledger, receipt_hash: str, sent: Sequence[NewPhoto], today: date) -> Taken:
    """Stores all of `sent` beside the rating of a receipt, or none; what it has already is not stored twice."""
    review = row_where(ledger.connection, reviews.c.receipt_hash == receipt_hash)
    if review is None or review["state"] == ReviewStanding.WITHDRAWN:
        return Taken.GONE
    there = photo_rows(ledger.connection, photos.c.review_id == review["review_id"])
    known = {row["sent_hash"] for row in there}
    new = [one for place, one in enumerate(sent) if one.sent_hash not in known | {o.sent_hash for o in sent[:place]}]
    free = sorted(set(range(1, MOST_PHOTOS + 1)) - {row["number"] for row in there})
    if len(new) > len(free):
        return Taken.TOO_MANY
    for number, one in zip(free, new, strict=False):
        _insert(ledger, review["review_id"], number, one, today)
    return Taken.DONE


def _insert(ledger: Ledger, review_id: str, number: int, sent: NewPhoto, today: date) -> None:
    secret, photo_id, photo_key = new_secret(), secrets.token_hex(10), secrets.token_hex(10)
    row = {
        "photo_id": photo_id,
        "review_id": review_id,
        "number": number,
        "sent_hash": sent.sent_hash,
        "photo_key": photo_key,
        "sealed": seal_bytes(secret, sent.content, photo_id),
        "sealed_shown": None,
        "width": sent.width,
        "height": sent.height,
        "sha256": "",
        "state": str(PhotoStanding.WAITING),
        "reason_code": "",
    }
    ledger.connection.execute(text_keys.insert(), {"text_key": photo_key, "secret": secret})
    ledger.connection.execute(photos.insert(), row)
    write_photo_down(ledger, row, today, str(Actor.AUTHOR), "photo-sent")


def take_photo_back(ledger: Ledger, receipt_hash: str, photo_id: str, today: date) -> bool:
    """Its sender removes a photograph; false where it is not beside the rating of the receipt."""
    review = row_where(ledger.connection, reviews.c.receipt_hash == receipt_hash)
    if review is None:
        return False
    mine = sa.and_(photos.c.photo_id == photo_id, photos.c.review_id == review["review_id"])
    for row in photo_rows(ledger.connection, mine):
        remove_photo(ledger, row, today, str(Actor.AUTHOR), "photo-taken-back")
        return True
    return False


# ---- the desk ------------------------------------------------------------------------------------------------------


def publish_photo(ledger: Ledger, photo_id: str, blurred: bytes | None, *, by: str, today: date) -> bool:
    """Lets a photograph through, as it is or as `blurred`; false where that cannot be done."""
    row = _decided(ledger, photo_id, PhotoStanding.PUBLISHED)
    if row is None:
        return False
    secret = _secret(ledger.connection, row)
    shown = blurred if blurred is not None else unseal_bytes(secret, row["sealed"], photo_id) if secret else None
    if secret is None or shown is None:
        return False
    after = row | {
        "state": str(PhotoStanding.PUBLISHED),
        "reason_code": "",
        "sealed_shown": seal_bytes(secret, blurred, photo_id) if blurred is not None else None,
        "sha256": hashlib.sha256(shown).hexdigest(),
    }
    change_photo(ledger, row, after, today, by, "photo-published", blurred=blurred is not None)
    return True


def hide_photo(ledger: Ledger, photo_id: str, reason_code: str, *, by: str, today: date) -> bool:
    """Keeps a photograph back for a published reason; false where that cannot be done."""
    row = _decided(ledger, photo_id, PhotoStanding.HIDDEN)
    if row is None:
        return False
    hidden = {"state": str(PhotoStanding.HIDDEN), "reason_code": reason_code, "sealed_shown": None, "sha256": ""}
    change_photo(ledger, row, row | hidden, today, by, "photo-hidden")
    return True


def erase_photo(ledger: Ledger, photo_id: str, basis: str, *, by: str, today: date) -> bool:
    """Destroys a photograph because the law asks for it; `basis` names the request, not a person."""
    for row in photo_rows(ledger.connection, photos.c.photo_id == photo_id):
        remove_photo(ledger, row, today, by, "photo-erased", basis=basis)
        return True
    return False


def _decided(ledger: Ledger, photo_id: str, then: PhotoStanding) -> dict[str, Any] | None:
    """The row of a photograph that a moderator may lead to `then`."""
    for row in photo_rows(ledger.connection, photos.c.photo_id == photo_id):
        try:
            move_photo(PhotoStanding(row["state"]), then, Actor.MODERATOR)
        except ForbiddenMoveError:
            return None
        return row
    return None


# ---- pixels --------------------------------------------------------------------------------------------------------


def read_pixels(connection: sa.Connection, photo_id: str, *, is_shown: bool) -> tuple[str, bytes] | None:
    """(review, JPEG) of a photograph: as it was sent, or what is published of it; `None` where it is gone."""
    for row in photo_rows(connection, photos.c.photo_id == photo_id):
        secret = _secret(connection, row)
        sealed = row["sealed_shown"] if is_shown and row["sealed_shown"] is not None else row["sealed"]
        content = unseal_bytes(secret, sealed, photo_id) if secret else None
        return (row["review_id"], content) if content is not None else None
    return None


def _secret(connection: sa.Connection, row: dict[str, Any]) -> bytes | None:
    query = sa.select(text_keys.c.secret).where(text_keys.c.text_key == row["photo_key"])
    return connection.execute(query).scalar_one_or_none()


def drop_lost_photos(ledger: Ledger, today: date) -> int:
    """Photographs whose key was destroyed after the backup that they come from: they stay gone. How many that were."""
    known = sa.select(text_keys.c.text_key)
    lost = photo_rows(ledger.connection, photos.c.photo_key.not_in(known))
    for row in lost:
        remove_photo(ledger, row, today, str(Actor.AUTHOR), "photo-removed-before")
    return len(lost)
