"""Ratings in the store: what a sender does to them, inside a transaction, and how they are read again.

What must never be here: an address, a browser's name, a receipt or an idempotency key. Of the last two only keyed
hashes are stored, so that whoever reads the store can neither open a receipt nor send a rating again. A text is sealed
under a key of its own; withdrawing or rewriting it drops the key.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from nok.records import REVIEW_CRITERIA
from widget.appeals import erase_appeals, is_aside, is_curtailed, let_lapse, make_appeal
from widget.audit import Deed, digest_of
from widget.keys import ServerKey
from widget.ledger import Ledger, insert_rows
from widget.moderation import (
    Actor,
    PhotoStanding,
    ReviewStanding,
    TextStanding,
    first_standing,
    first_text_standing,
    move_review,
    rewrite_text,
)
from widget.replies import Reply, erase_replies, read_wordings
from widget.reports import erase_notes
from widget.sealing import new_secret, seal, unseal
from widget.submission import Details, Submission
from widget.tables import (
    appeals,
    audit,
    erasures,
    photos,
    replies,
    reports,
    reviews,
    spent_invitations,
    text_keys,
    text_prints,
)

DIGESTED = tuple(column.name for column in reviews.columns if column.name not in ("sequence", "region_code"))
"""The cells that an entry of the audit chain vouches for; the others may be filled in later."""

INVITED = "invitation"
"""The channel of a rating that an invitation vouches for; it is published as verified."""
_KEYS_AT_ONCE = 500
_BODIES = sa.select(reviews.c.idempotency_hash, reviews.c.body_hash).where(
    reviews.c.idempotency_hash.in_(sa.bindparam("keys", expanding=True))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPhoto:
    """A photograph of a rating without its pixels; `number` is its place beside the rating, from 1 on.

    `sha256` is of what is published of it, empty where nothing is; `width` and `height` are in pixels.
    """

    photo_id: str
    review_id: str
    number: int
    standing: PhotoStanding
    reason_code: str
    width: int
    height: int
    sha256: str
    is_blurred: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReview:
    """One rating as stored.

    `text` is what its author wrote, empty where nothing was said or the text is erased. `shown` is what is published of
    it (or would be): the text with what a moderator masked. `text_key` tells one wording from the next.
    """

    sequence: int
    review_id: str
    organization_id: str
    region_code: str
    received_on: str
    rating: int
    criteria: tuple[tuple[str, int], ...]
    text: str
    shown: str
    text_key: str
    text_standing: TextStanding
    text_reason: str
    visited_on: str
    language: str
    channel: str
    placement_code: str
    standing: ReviewStanding
    reason_code: str
    reply: Reply | None = None
    photos: tuple[StoredPhoto, ...] = ()
    """Those that are not removed, by their numbers."""

    @property
    def is_masked(self) -> bool:
        """True where a moderator hid a part of the text."""
        return self.shown != self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A rating on its way into the store. `set_aside_reason` is empty where it counts."""

    organization_id: str
    submission: Submission
    received_on: date
    channel: str
    region_code: str = ""
    set_aside_reason: str = ""
    invitation: str = ""
    """The token that vouches for it, which is spent with it; empty for most."""
    batch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the sender is told. `is_conflict`: the key was used before for something else, and nothing was stored."""

    code: str
    is_new: bool = False
    is_conflict: bool = False
    is_spent: bool = False
    """The invitation was used before, and nothing was stored."""


# ---- what a sender does --------------------------------------------------------------------------------------------


def new_rating(key: ServerKey, arrival: Arrival) -> "NewRating":
    """A rating that arrived, ready to be stored."""
    code = key.receipt(arrival.submission.idempotency_key)
    row, secret = _new_row(key, arrival, code)
    return NewRating(row=row, secret=secret, code=code, spent=_spent_row(key, arrival))


def _new_row(key: ServerKey, arrival: Arrival, code: str) -> tuple[dict[str, Any], bytes | None]:
    """(row of a new rating, secret of its text or `None`)."""
    submission = arrival.submission
    review_id = secrets.token_hex(10)
    secret = new_secret() if submission.text else None
    row = {
        "review_id": review_id,
        "organization_id": arrival.organization_id,
        "region_code": arrival.region_code,
        "received_on": arrival.received_on.isoformat(),
        "rating": submission.rating,
        **dict.fromkeys(REVIEW_CRITERIA),
        **dict(submission.criteria),
        "text_key": secrets.token_hex(10) if secret else "",
        "sealed_text": seal(secret, submission.text, review_id) if secret else None,
        "sealed_shown": None,
        "text_state": str(first_text_standing(submission.text)),
        "text_reason": "",
        "visited_on": submission.visited_on.isoformat() if submission.visited_on else "",
        "language": submission.language,
        "channel": arrival.channel,
        "placement_code": submission.placement_code,
        "idempotency_hash": key.hash("idempotency", submission.idempotency_key),
        "body_hash": key.hash("body", f"{arrival.organization_id}:{submission.body()}"),
        "receipt_hash": key.hash("receipt", code),
        "state": str(first_standing(is_set_aside=bool(arrival.set_aside_reason))),
        "reason_code": arrival.set_aside_reason,
    }
    return row, secret


def _spent_row(key: ServerKey, arrival: Arrival) -> dict[str, str] | None:
    """What is kept of the invitation of a rating; `None` where it has none."""
    if not arrival.invitation:
        return None
    hashed = key.hash("invitation", arrival.invitation)
    return {"token_hash": hashed, "organization_id": arrival.organization_id, "batch": arrival.batch}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRating:
    """A rating ready to be stored: its row, the secret of its text or `None`, its receipt, what its invitation becomes."""

    row: Mapping[str, Any]
    secret: bytes | None
    code: str
    spent: Mapping[str, str] | None = None


def insert(ledger: Ledger, ratings: Sequence[NewRating]) -> list[Receipt]:
    """Stores ratings, each once; the same key with another body is a conflict."""
    known = _bodies(ledger, [rating.row["idempotency_hash"] for rating in ratings])
    receipts, new = [], []
    for rating in ratings:
        key, body = rating.row["idempotency_hash"], rating.row["body_hash"]
        if key in known:
            receipts.append(Receipt(code=rating.code, is_conflict=known[key] != body))
        elif rating.spent is not None and not _spend(ledger, rating.spent):
            receipts.append(Receipt(code=rating.code, is_spent=True))
        else:
            known[key] = body
            new.append(rating)
            receipts.append(Receipt(code=rating.code, is_new=True))
    _store(ledger, new)
    return receipts


def _bodies(ledger: Ledger, keys: Sequence[str]) -> dict[str, str]:
    """Key to what was sent under it before, both as hashes."""
    return {row.idempotency_hash: row.body_hash for row in ledger.connection.execute(_BODIES, {"keys": keys})}


def _spend(ledger: Ledger, spent: Mapping[str, str]) -> bool:
    """Uses an invitation up; false where it was used before."""
    same_token = spent_invitations.c.token_hash == spent["token_hash"]
    if ledger.connection.execute(sa.select(spent_invitations.c.batch).where(same_token)).first():
        return False
    ledger.connection.execute(spent_invitations.insert(), dict(spent))
    return True


def _store(ledger: Ledger, ratings: Sequence[NewRating]) -> None:
    secrets_of_texts = [
        {"text_key": rating.row["text_key"], "secret": rating.secret} for rating in ratings if rating.secret is not None
    ]
    if secrets_of_texts:
        insert_rows(ledger.connection, text_keys, secrets_of_texts)
    if ratings:
        insert_rows(ledger.connection, reviews, [rating.row for rating in ratings])
    for row in (rating.row for rating in ratings):
        actor = Actor.GUARD if row["reason_code"] else Actor.AUTHOR
        write_down(ledger, row, row["received_on"], str(actor), "received")


def complete(ledger: Ledger, receipt_hash: str, details: Details, today: date) -> bool:
    """Adds details to the rating of a receipt; false where there is none or it was withdrawn."""
    before = row_where(ledger.connection, reviews.c.receipt_hash == receipt_hash)
    if before is None or before["state"] == ReviewStanding.WITHDRAWN:
        return False
    after = before | dict(details.criteria)
    if details.text is not None and details.text != texts_of(ledger.connection, [before])[0][0]:
        after |= _rewritten(ledger, before, details.text)
    change(ledger, before, after, today, str(Actor.AUTHOR), "completed")
    if not is_curtailed(after) and not is_aside(after):
        let_lapse(ledger, before["review_id"], actor=str(Actor.AUTHOR), today=today)
    return True


def appeal(ledger: Ledger, receipt_hash: str, text: str, today: date) -> bool:
    """The author of a rating does not agree with what was decided; false where there is nothing to appeal against."""
    row = row_where(ledger.connection, reviews.c.receipt_hash == receipt_hash)
    return row is not None and make_appeal(ledger, row, text, today)


def _rewritten(ledger: Ledger, before: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The cells of a text that its author put in the place of another; the old one's key is dropped."""
    if before["text_key"]:
        ledger.dropped_keys.append(before["text_key"])
    standing = str(rewrite_text(TextStanding(before["text_state"]), text))
    found: dict[str, Any] = {
        "text_key": "",
        "sealed_text": None,
        "sealed_shown": None,
        "text_state": standing,
        "text_reason": before["text_reason"] if standing == before["text_state"] else "",
    }
    if text:
        secret = new_secret()
        found |= {"text_key": secrets.token_hex(10), "sealed_text": seal(secret, text, before["review_id"])}
        ledger.connection.execute(text_keys.insert(), {"text_key": found["text_key"], "secret": secret})
    return found


def withdraw(ledger: Ledger, receipt_hash: str, today: date) -> bool:
    """Takes the rating of a receipt back and erases its text; true also where that happened before."""
    before = row_where(ledger.connection, reviews.c.receipt_hash == receipt_hash)
    if before is None:
        return False
    if before["state"] != ReviewStanding.WITHDRAWN:
        take_back(ledger, before, today, Actor.AUTHOR, "withdrawn")
    return True


def take_back(ledger: Ledger, before: Mapping[str, Any], today: date, actor: Actor, action: str) -> None:
    """Makes a rating withdrawn, its text unreadable everywhere, and writes down that no backup may bring it back."""
    state = move_review(ReviewStanding(before["state"]), ReviewStanding.WITHDRAWN, Actor.AUTHOR)
    after = dict(before) | without_text(TextStanding.NONE) | {"state": str(state), "text_reason": ""}
    erase(ledger, before, today, "rating")
    erase_beside(ledger, before["review_id"], today, str(actor))
    for row in photo_rows(ledger.connection, photos.c.review_id == before["review_id"]):
        remove_photo(ledger, row, today, str(actor), f"photo-{action}")
    change(ledger, before, after, today, str(actor), action)


def erase_beside(ledger: Ledger, review_id: str, today: date, actor: str) -> None:
    """Makes unreadable what others said about a rating, and what its author said against them: all of it may quote the
    text that goes."""
    erase_replies(ledger, review_id, actor=actor, today=today)
    erase_appeals(ledger, review_id, actor=actor, today=today)
    erase_notes(ledger, review_id)


def without_text(standing: TextStanding) -> dict[str, Any]:
    """The cells of a rating whose text is gone."""
    return {"text_key": "", "sealed_text": None, "sealed_shown": None, "text_state": str(standing)}


def erase(ledger: Ledger, row: Mapping[str, Any], today: date, what: str, reason_code: str = "") -> None:
    """Has the key of a row's text dropped, and the erasure kept beside the keys."""
    if row["text_key"]:
        ledger.dropped_keys.append(row["text_key"])
    erased = {"review_id": row["review_id"], "what": what, "reason_code": reason_code}
    ledger.erased.append(erased | {"erased_on": today.isoformat()})


# ---- photographs ---------------------------------------------------------------------------------------------------


def photo_rows(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    """The rows of photographs that are not removed, by their numbers."""
    query = photos.select().where(condition, photos.c.state != PhotoStanding.REMOVED)
    return [dict(row) for row in connection.execute(query.order_by(photos.c.review_id, photos.c.number)).mappings()]


def remove_photo(ledger: Ledger, row: Mapping[str, Any], today: date, actor: str, action: str, **said: object) -> None:
    """Takes the pixels out of the store and has their key dropped, so that no backup shows them; its row stays as a mark."""
    ledger.dropped_keys.append(row["photo_key"])
    empty = {"photo_key": "", "sealed": None, "sealed_shown": None, "sha256": "", "sent_hash": ""}
    change_photo(ledger, row, dict(row) | empty | {"state": str(PhotoStanding.REMOVED)}, today, actor, action, **said)


def change_photo(
    ledger: Ledger,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    today: date,
    actor: str,
    action: str,
    **said: object,
) -> None:
    """Stores what differs between two forms of a photograph's row and writes it down."""
    changed = {name: value for name, value in after.items() if value != before[name]}
    mine = photos.c.photo_id == before["photo_id"]
    ledger.connection.execute(photos.update().where(mine).values(changed or {"state": after["state"]}))
    write_photo_down(ledger, after, today, actor, action, **said)


def write_photo_down(
    ledger: Ledger, row: Mapping[str, Any], today: date, actor: str, action: str, **said: object
) -> None:
    """An entry about a photograph: where it stands now."""
    standing = {"review_id": row["review_id"], "state": str(row["state"]), "reason_code": row["reason_code"]}
    ledger.record(
        Deed(
            happened_on=today.isoformat(),
            actor=actor,
            action=action,
            subject=photo_subject(row["photo_id"]),
            said={name: value for name, value in (standing | said).items() if value},
            digest=photo_digest(row),
        )
    )


def photo_subject(photo_id: str) -> str:
    """What the audit chain calls a photograph."""
    return f"photo:{photo_id}"


def photo_digest(row: Mapping[str, Any]) -> str:
    """What the audit chain vouches for of a photograph."""
    return digest_of(row, [column.name for column in photos.columns])


def _photos_of(connection: sa.Connection, review_ids: Sequence[str]) -> dict[str, list[StoredPhoto]]:
    """Review to its photographs, without their pixels."""
    found: dict[str, list[StoredPhoto]] = {}
    told = [column for column in photos.columns if column.name not in ("sealed", "sealed_shown", "sent_hash")]
    query = sa.select(*told, photos.c.sealed_shown.is_not(None).label("is_blurred")).order_by(photos.c.number)
    for start in range(0, len(review_ids), _KEYS_AT_ONCE):
        some = photos.c.review_id.in_(review_ids[start : start + _KEYS_AT_ONCE])
        for row in connection.execute(query.where(some, photos.c.state != PhotoStanding.REMOVED)):
            found.setdefault(row.review_id, []).append(
                StoredPhoto(
                    photo_id=row.photo_id,
                    review_id=row.review_id,
                    number=row.number,
                    standing=PhotoStanding(row.state),
                    reason_code=row.reason_code,
                    width=row.width,
                    height=row.height,
                    sha256=row.sha256,
                    is_blurred=bool(row.is_blurred),
                )
            )
    return found


# ---- rows ----------------------------------------------------------------------------------------------------------


def row_where(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> dict[str, Any] | None:
    """The row of one rating, or `None`."""
    found = connection.execute(reviews.select().where(condition)).mappings().first()
    return dict(found) if found else None


def change(
    ledger: Ledger,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    today: date,
    actor: str,
    action: str,
    **said: object,
) -> None:
    """Stores what differs between two forms of a row and writes it down; nothing where nothing differs."""
    changed = {name: value for name, value in after.items() if value != before[name]}
    if not changed:
        return
    ledger.connection.execute(reviews.update().where(reviews.c.review_id == before["review_id"]).values(changed))
    write_down(ledger, after, today.isoformat(), actor, action, **said)


def write_down(ledger: Ledger, row: Mapping[str, Any], day: str, actor: str, action: str, **said: object) -> None:
    """An entry about a rating: where it stands now."""
    standing = {name: str(row[name]) for name in ("state", "text_state", "reason_code", "text_reason")}
    ledger.record(
        Deed(
            happened_on=day,
            actor=actor,
            action=action,
            subject=subject_of(row["review_id"]),
            said={name: value for name, value in (standing | said).items() if value},
            digest=digest_of(row, DIGESTED),
        )
    )


def subject_of(review_id: str) -> str:
    """What the audit chain calls a rating."""
    return f"review:{review_id}"


# ---- reading -------------------------------------------------------------------------------------------------------


def read_reviews(connection: sa.Connection, query: sa.Select[Any]) -> list[StoredReview]:
    """The ratings that `query` (over the whole table) finds, each with its text and the latest reply."""
    rows = [dict(row) for row in connection.execute(query).mappings()]
    texts = texts_of(connection, rows)
    ids = [row["review_id"] for row in rows]
    answers, shots = read_wordings(connection, ids), _photos_of(connection, ids)
    return [
        _stored(
            row, *text, next(reversed(answers.get(row["review_id"], ())), None), tuple(shots.get(row["review_id"], ()))
        )
        for row, text in zip(rows, texts, strict=True)
    ]


def texts_of(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(as written, as shown) of the text of each row; empty where there is none or its key is gone.

    The keys are read after the rows and never before: a key is on disk earlier than the row that needs it.
    """
    found: dict[str, bytes] = {}
    wanted = [row["text_key"] for row in rows if row["sealed_text"] is not None]
    for start in range(0, len(wanted), _KEYS_AT_ONCE):
        some = text_keys.c.text_key.in_(wanted[start : start + _KEYS_AT_ONCE])
        found |= {key.text_key: key.secret for key in connection.execute(text_keys.select().where(some))}
    return [_open(row, found.get(row["text_key"])) for row in rows]


def _open(row: Mapping[str, Any], secret: bytes | None) -> tuple[str, str]:
    if secret is None or row["sealed_text"] is None:
        return "", ""
    text = unseal(secret, row["sealed_text"], row["review_id"]) or ""
    if row["sealed_shown"] is None:
        return text, text
    return text, unseal(secret, row["sealed_shown"], row["review_id"]) or ""


def _stored(
    row: Mapping[str, Any], text: str, shown: str, reply: Reply | None, shots: tuple[StoredPhoto, ...]
) -> StoredReview:
    return StoredReview(
        sequence=row["sequence"],
        review_id=row["review_id"],
        organization_id=row["organization_id"],
        region_code=row["region_code"],
        received_on=row["received_on"],
        rating=row["rating"],
        criteria=tuple((name, row[name]) for name in REVIEW_CRITERIA if row[name] is not None),
        text=text,
        shown=shown,
        text_key=row["text_key"],
        text_standing=TextStanding(row["text_state"]),
        text_reason=row["text_reason"],
        visited_on=row["visited_on"],
        language=row["language"],
        channel=row["channel"],
        placement_code=row["placement_code"],
        standing=ReviewStanding(row["state"]),
        reason_code=row["reason_code"],
        reply=reply,
        photos=shots,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """What is left to tell of a rating that its author took back: which one, and when (a day in ISO 8601)."""

    sequence: int
    review_id: str
    organization_id: str
    withdrawn_on: str


def read_withdrawn(connection: sa.Connection, after: int, limit: int) -> list[Withdrawn]:
    """The next `limit` ratings that were taken back, beginning behind the one with the sequence `after`."""
    query = (
        sa.select(reviews.c.sequence, reviews.c.review_id, reviews.c.organization_id, erasures.c.erased_on)
        .join_from(reviews, erasures, reviews.c.review_id == erasures.c.review_id, isouter=True)
        .where(reviews.c.state == ReviewStanding.WITHDRAWN, reviews.c.sequence > after)
        .order_by(reviews.c.sequence)
        .limit(limit)
    )
    return [
        Withdrawn(
            sequence=row.sequence,
            review_id=row.review_id,
            organization_id=row.organization_id,
            withdrawn_on=row.erased_on or _day_of_withdrawal(connection, row.review_id),
        )
        for row in connection.execute(query).all()
    ]


def _day_of_withdrawal(connection: sa.Connection, review_id: str) -> str:
    """As the audit chain tells it: the erasure beside the keys is written a moment later, after a crash at the next start."""
    query = sa.select(audit.c.happened_on).where(
        audit.c.subject == subject_of(review_id), audit.c.action.in_(("withdrawn", "withdrawn-before"))
    )
    return str(connection.execute(query.order_by(audit.c.number)).scalars().first() or "")


def fill_regions(ledger: Ledger, region_of: Callable[[str], str]) -> None:
    """Tells ratings of an earlier program the region of their organisation, by which people at the desk find them."""
    unknown = sa.select(reviews.c.organization_id).where(reviews.c.region_code == "").distinct()
    for organization_id in ledger.connection.execute(unknown).scalars().all():
        if region_code := region_of(organization_id):
            mine = sa.and_(reviews.c.organization_id == organization_id, reviews.c.region_code == "")
            ledger.connection.execute(reviews.update().where(mine).values(region_code=region_code))


def drop_keys(connection: sa.Connection, keys: Sequence[str], erased: Sequence[Mapping[str, str]]) -> None:
    """Makes texts unreadable: their keys go, and it is kept beside the keys what may not come back."""
    for row in erased:
        connection.execute(erasures.delete().where(erasures.c.review_id == row["review_id"]))
        connection.execute(erasures.insert(), dict(row))
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        some = keys[start : start + _KEYS_AT_ONCE]
        connection.execute(text_prints.delete().where(text_prints.c.text_key.in_(some)))
        connection.execute(text_keys.delete().where(text_keys.c.text_key.in_(some)))


def drop_orphans(connection: sa.Connection) -> None:
    """What a crash between a commit and the dropping of its keys left behind is dropped now."""
    used = sa.select(reviews.c.text_key).where(reviews.c.sealed_text.is_not(None))
    seen = sa.select(photos.c.photo_key).where(photos.c.sealed.is_not(None))
    said = sa.union_all(*(sa.select(table.c.text_key) for table in (replies, appeals, reports)))
    connection.execute(text_keys.delete().where(*(text_keys.c.text_key.not_in(one) for one in (used, seen, said))))
    connection.execute(text_prints.delete().where(text_prints.c.text_key.not_in(sa.select(text_keys.c.text_key))))
    known = sa.select(erasures.c.review_id).where(erasures.c.what == "rating")
    lost = sa.select(reviews.c.review_id).where(
        reviews.c.state == ReviewStanding.WITHDRAWN, reviews.c.review_id.not_in(known)
    )
    rows = [
        {
            "review_id": review_id,
            "what": "rating",
            "reason_code": "",
            "erased_on": _day_of_withdrawal(connection, review_id),
        }
        for review_id in connection.execute(lost).scalars().all()
    ]
    drop_keys(connection, [], rows)
