"""Appeals of authors in the store, inside a transaction: against which decisions, who may answer, what becomes of them.

An author whose text was hidden or masked, or whose rating was set aside, may say once about each decision why it is wrong.
Whoever took the decision does not answer. Both texts are sealed under one key of their own and go with the review.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from widget.audit import Deed, digest_of
from widget.ledger import Ledger
from widget.moderation import AppealStanding, ReviewStanding, TextStanding
from widget.sealing import new_secret, seal, unseal
from widget.tables import appeals, audit, proposals, reviews, text_keys

_OF_TEXTS: tuple[str, ...] = ("publish", "restrict")
_OF_RATINGS: tuple[str, ...] = ("set_aside", "received", "before-the-chain")
_ACCOUNT = "account:"
_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """What an author said against a decision. `text` and `answer` are empty where they are erased; `answer` and
    `answered_on` also until somebody has answered."""

    appeal_id: str
    review_id: str
    made_on: str
    text: str
    standing: AppealStanding
    answer: str
    answered_on: str

    @property
    def is_open(self) -> bool:
        """True while nobody has answered."""
        return self.standing is AppealStanding.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What was decided about a review against the will of its author, and still stands.

    `latest` is the number of its last entry in the audit chain, 0 where there is nothing to appeal against; `deciders` are
    the accounts that had a hand in it, none where it was a rule.
    """

    latest: int = 0
    deciders: frozenset[str] = frozenset()


# ---- what an author does -------------------------------------------------------------------------------------------


def find_grounds(connection: sa.Connection, row: Mapping[Any, Any]) -> Grounds:
    """What the author of a review (`row` of the table) may appeal against."""
    kinds = [_OF_TEXTS] if is_curtailed(row) else []
    kinds += [_OF_RATINGS] if is_aside(row) else []
    found = (_last_entry(connection, row["review_id"], kind) for kind in kinds)
    last = [entry for entry in found if entry]
    accounts = {entry.actor.removeprefix(_ACCOUNT) for entry in last if entry.actor.startswith(_ACCOUNT)}
    return Grounds(
        latest=max((entry.number for entry in last), default=0),
        deciders=frozenset(accounts | _proposers(connection, row["review_id"], accounts)),
    )


def is_curtailed(row: Mapping[Any, Any]) -> bool:
    """Is the text of a review hidden, or a part of it?"""
    is_masked = row["text_state"] == TextStanding.PUBLISHED and row["sealed_shown"] is not None
    return bool(is_masked or row["text_state"] == TextStanding.REJECTED)


def is_aside(row: Mapping[Any, Any]) -> bool:
    """Does a rating count in no mean?"""
    return bool(row["state"] == ReviewStanding.SET_ASIDE)


def _last_entry(connection: sa.Connection, review_id: str, actions: Sequence[str]) -> Any:
    mine = sa.and_(audit.c.subject == f"review:{review_id}", audit.c.action.in_(actions))
    query = sa.select(audit.c.number, audit.c.actor).where(mine).order_by(audit.c.number.desc()).limit(1)
    return connection.execute(query).first()


def _proposers(connection: sa.Connection, review_id: str, deciders: set[str]) -> set[str]:
    """Who proposed what one of the deciders carried out about this review among others."""
    mine = sa.and_(proposals.c.decided_by.in_(deciders), proposals.c.state == "applied")
    holds = proposals.c.review_ids.contains(f'"{review_id}"', autoescape=True)
    return set(connection.execute(sa.select(proposals.c.made_by).where(mine, holds)).scalars())


def may_appeal(connection: sa.Connection, row: Mapping[Any, Any]) -> bool:
    """Is there a decision that its author has not appealed against yet, and no appeal that waits?"""
    grounds = find_grounds(connection, row)
    if not grounds.latest:
        return False
    mine = sa.select(appeals.c.against, appeals.c.state).where(appeals.c.review_id == row["review_id"])
    earlier = connection.execute(mine).all()
    return all(one.against < grounds.latest and one.state != AppealStanding.OPEN for one in earlier)


def make_appeal(ledger: Ledger, row: Mapping[str, Any], text: str, today: date) -> bool:
    """Keeps what the author says; false where there is nothing to appeal against, or it was done."""
    if not may_appeal(ledger.connection, row):
        return False
    secret, text_key, appeal_id = new_secret(), secrets.token_hex(10), secrets.token_hex(10)
    new = {
        "appeal_id": appeal_id,
        "review_id": row["review_id"],
        "against": find_grounds(ledger.connection, row).latest,
        "made_on": today.isoformat(),
        "text_key": text_key,
        "sealed": seal(secret, text, appeal_id),
        "sealed_answer": None,
        "state": str(AppealStanding.OPEN),
        "answered_on": "",
        "account_id": "",
    }
    ledger.connection.execute(text_keys.insert(), {"text_key": text_key, "secret": secret})
    ledger.connection.execute(appeals.insert(), new)
    _write_down(ledger, new, "author", "appealed", today)
    return True


# ---- what becomes of it --------------------------------------------------------------------------------------------


def answer_appeal(
    ledger: Ledger, review_id: str, standing: AppealStanding, answer: str, *, account_id: str, today: date
) -> bool:
    """Settles the appeal that waits; false where none does. `answer` may be empty, where a decision was taken anew."""
    row = _open_row(ledger.connection, review_id)
    if row is None:
        return False
    known = sa.select(text_keys.c.secret).where(text_keys.c.text_key == row["text_key"])
    secret = ledger.connection.execute(known).scalar_one_or_none()
    sealed = seal(secret, answer, f"{row['appeal_id']}:answer") if answer and secret else None
    after = {
        "state": str(standing),
        "sealed_answer": sealed,
        "answered_on": today.isoformat(),
        "account_id": account_id,
    }
    _change(ledger, row, after, f"{_ACCOUNT}{account_id}", f"appeal-{standing}", today)
    return True


def let_lapse(ledger: Ledger, review_id: str, *, actor: str, today: date) -> None:
    """Ends the appeal that waits, because there is nothing left to decide."""
    row = _open_row(ledger.connection, review_id)
    if row is not None:
        after = {"state": str(AppealStanding.LAPSED), "answered_on": today.isoformat()}
        _change(ledger, row, after, actor, "appeal-lapsed", today)


def erase_appeals(ledger: Ledger, review_id: str, *, actor: str, today: date) -> None:
    """Has the texts of all appeals about a review, and of their answers, made unreadable; their rows stay as marks."""
    let_lapse(ledger, review_id, actor=actor, today=today)
    query = appeals.select().where(appeals.c.review_id == review_id, appeals.c.text_key != "")
    for row in [dict(row) for row in ledger.connection.execute(query).mappings()]:
        ledger.dropped_keys.append(row["text_key"])
        empty = {"text_key": "", "sealed": None, "sealed_answer": None}
        _change(ledger, row, empty, actor, "appeal-erased", today)


def _open_row(connection: sa.Connection, review_id: str) -> dict[str, Any] | None:
    mine = appeals.select().where(appeals.c.review_id == review_id, appeals.c.state == AppealStanding.OPEN)
    found = connection.execute(mine).mappings().first()
    return dict(found) if found else None


def _change(
    ledger: Ledger, row: Mapping[str, Any], after: Mapping[str, Any], actor: str, action: str, today: date
) -> None:
    mine = appeals.c.appeal_id == row["appeal_id"]
    ledger.connection.execute(appeals.update().where(mine).values(dict(after)))
    _write_down(ledger, {**row, **after}, actor, action, today)


def _write_down(ledger: Ledger, row: Mapping[str, Any], actor: str, action: str, today: date) -> None:
    ledger.record(
        Deed(
            happened_on=today.isoformat(),
            actor=actor,
            action=action,
            subject=appeal_subject(row["appeal_id"]),
            said={"review_id": row["review_id"], "state": row["state"]},
            digest=appeal_digest(row),
        )
    )


def appeal_subject(appeal_id: str) -> str:
    """What the audit chain calls an appeal."""
    return f"appeal:{appeal_id}"


def appeal_digest(row: Mapping[str, Any]) -> str:
    """What the audit chain vouches for of an appeal."""
    return digest_of(row, [column.name for column in appeals.columns])


# ---- reading -------------------------------------------------------------------------------------------------------


def latest_appeals(connection: sa.Connection, review_ids: Sequence[str]) -> dict[str, Appeal]:
    """Review to the last appeal about it, for those that have one."""
    found: dict[str, Appeal] = {}
    for start in range(0, len(review_ids), _ROWS_AT_ONCE):
        some = appeals.c.review_id.in_(review_ids[start : start + _ROWS_AT_ONCE])
        rows = connection.execute(appeals.select().where(some).order_by(appeals.c.against)).all()
        keys = text_keys.select().where(text_keys.c.text_key.in_([row.text_key for row in rows]))
        known = {key.text_key: key.secret for key in connection.execute(keys)}
        found |= {row.review_id: _appeal(row, known.get(row.text_key)) for row in rows}
    return found


def _appeal(row: Any, secret: bytes | None) -> Appeal:
    def read(sealed: bytes | None, bound_to: str) -> str:
        return (unseal(secret, sealed, bound_to) if secret and sealed else None) or ""

    return Appeal(
        appeal_id=row.appeal_id,
        review_id=row.review_id,
        made_on=row.made_on,
        text=read(row.sealed, row.appeal_id),
        standing=AppealStanding(row.state),
        answer=read(row.sealed_answer, f"{row.appeal_id}:answer"),
        answered_on=row.answered_on,
    )


def read_dispute(connection: sa.Connection, review_id: str) -> tuple[Appeal | None, bool]:
    """(the last appeal about a review, whether its author may make one now)."""
    found = connection.execute(reviews.select().where(reviews.c.review_id == review_id)).mappings().first()
    return latest_appeals(connection, [review_id]).get(review_id), found is not None and may_appeal(connection, found)
