"""Replies of organisations in the store, inside a transaction; each wording is sealed under a key of its own.

A reply may quote the person whom it answers. So it goes with the review: whoever takes the review back, or has its text
erased, makes the reply unreadable too, in every copy of the store.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from widget.audit import Deed, digest_of
from widget.ledger import Ledger
from widget.sealing import new_secret, seal, unseal
from widget.tables import replies, text_keys

_REVIEWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an organisation answered; `version` is 1 for the first wording, 2 after an edit."""

    text: str
    replied_on: str
    version: int


def add_reply(ledger: Ledger, review_id: str, text: str, *, account_id: str, actor: str, today: date) -> None:
    """Stores a wording of a reply behind the earlier ones; the same words again change nothing."""
    before = read_wordings(ledger.connection, [review_id]).get(review_id, [])
    if before and before[-1].text == text:
        return
    latest = sa.select(sa.func.max(replies.c.version)).where(replies.c.review_id == review_id)
    version = (ledger.connection.execute(latest).scalar_one() or 0) + 1
    secret, text_key = new_secret(), secrets.token_hex(10)
    row = {
        "review_id": review_id,
        "version": version,
        "text_key": text_key,
        "sealed": seal(secret, text, reply_subject(review_id, version)),
        "replied_on": today.isoformat(),
        "account_id": account_id,
    }
    ledger.connection.execute(text_keys.insert(), {"text_key": text_key, "secret": secret})
    ledger.connection.execute(replies.insert(), row)
    _write_down(ledger, row, actor, "replied", today)


def erase_replies(ledger: Ledger, review_id: str, *, actor: str, today: date) -> None:
    """Has the keys of all wordings dropped; their rows stay as marks."""
    query = replies.select().where(replies.c.review_id == review_id, replies.c.text_key != "")
    for row in [dict(row) for row in ledger.connection.execute(query).mappings()]:
        ledger.dropped_keys.append(row["text_key"])
        row |= {"text_key": "", "sealed": None}
        mine = sa.and_(replies.c.review_id == review_id, replies.c.version == row["version"])
        ledger.connection.execute(replies.update().where(mine).values(text_key="", sealed=None))
        _write_down(ledger, row, actor, "reply-erased", today)


def _write_down(ledger: Ledger, row: Mapping[str, Any], actor: str, action: str, today: date) -> None:
    subject = reply_subject(row["review_id"], row["version"])
    deed = Deed(
        happened_on=today.isoformat(), actor=actor, action=action, subject=subject, digest=reply_digest(dict(row))
    )
    ledger.record(deed)


def reply_subject(review_id: str, version: int) -> str:
    """What the audit chain calls one wording of a reply; a wording is sealed as part of it."""
    return f"reply:{review_id}:{version}"


def reply_digest(row: Mapping[str, Any]) -> str:
    """What the audit chain vouches for of a reply."""
    return digest_of(row, [column.name for column in replies.columns])


def read_wordings(connection: sa.Connection, review_ids: Sequence[str]) -> dict[str, list[Reply]]:
    """Review to the wordings of its reply that can still be read, the first one first."""
    found: dict[str, list[Reply]] = {}
    for start in range(0, len(review_ids), _REVIEWS_AT_ONCE):
        some = replies.c.review_id.in_(review_ids[start : start + _REVIEWS_AT_ONCE])
        query = replies.select().where(some, replies.c.text_key != "").order_by(replies.c.review_id, replies.c.version)
        rows = connection.execute(query).all()
        known = _secrets(connection, [row.text_key for row in rows])
        for row in rows:
            subject = reply_subject(row.review_id, row.version)
            text = unseal(known[row.text_key], row.sealed, subject) if row.text_key in known else None
            if text is not None:
                one = Reply(text=text, replied_on=row.replied_on, version=row.version)
                found.setdefault(row.review_id, []).append(one)
    return found


def _secrets(connection: sa.Connection, keys: Iterable[str]) -> dict[str, bytes]:
    """Read after the rows and never before: a key is on disk earlier than the row that needs it."""
    query = text_keys.select().where(text_keys.c.text_key.in_(list(keys)))
    return {row.text_key: row.secret for row in connection.execute(query)}
