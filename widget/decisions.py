"""What people at the desk do to ratings, inside a transaction. Who may do it is decided before, in `widget/roles.py`.

A moderator decides about the wording that he read: where its author has written another since (`text_key` differs) nothing
happens. A decision about many ratings at once is a proposal, and a second person carries it out.
"""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from nok.personal_data import find_personal_data
from nok.records import SET_ASIDE
from widget.appeals import answer_appeal, find_grounds, is_aside, is_curtailed
from widget.audit import Deed
from widget.ledger import Ledger
from widget.moderation import (
    Actor,
    AppealStanding,
    ForbiddenMoveError,
    ReviewStanding,
    TextStanding,
    move_review,
    move_text,
)
from widget.replies import add_reply
from widget.reports import add_report, settle_reports
from widget.reviews import change, erase, erase_beside, row_where, subject_of, texts_of, without_text
from widget.sealing import seal
from widget.tables import proposals, reviews, text_keys

MASK = "[…]"
"""Stands for what a moderator masked."""
MOST_AT_ONCE = 200
"""So many ratings one proposal may hold."""

Span = tuple[int, int]
"""Where a masked part begins and ends, in code points of the text."""


class Outcome(StrEnum):
    """What became of something that was asked for at the desk."""

    DONE = "done"
    UNKNOWN = "unknown"
    """There is no such thing."""
    CHANGED = "changed"
    """It was decided or written anew since the page was shown."""
    FORBIDDEN = "forbidden"
    """The rules have no such move."""
    SAME_PERSON = "same-person"
    """A proposal needs a second person."""


class Action(StrEnum):
    """What may be decided about a rating."""

    PUBLISH = "publish"
    RESTRICT = "restrict"
    SET_ASIDE = "set_aside"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision; `text_key` is the wording that was read, `masks` what is hidden of it when it is published."""

    action: Action
    by: str
    today: date
    text_key: str = ""
    reason_code: str = ""
    masks: tuple[Span, ...] = ()


def decide(ledger: Ledger, review_id: str, decision: Decision) -> Outcome:
    """Carries out a decision about one rating."""
    row = row_where(ledger.connection, reviews.c.review_id == review_id)
    if row is None:
        return Outcome.UNKNOWN
    try:
        after = _after(ledger, row, decision)
    except ForbiddenMoveError:
        return Outcome.FORBIDDEN
    if after is None:
        return Outcome.CHANGED
    said: dict[str, object] = {"masked": len(decision.masks)}
    change(ledger, row, after, decision.today, actor_of(decision.by), str(decision.action), **said)
    if decision.action in (Action.PUBLISH, Action.RESTRICT):
        settle_reports(ledger, review_id, is_upheld=decision.action is Action.RESTRICT)
    if not is_curtailed(after) and not is_aside(after):
        # Whoever takes his own decision back leaves nothing for another one to answer.
        answer_appeal(ledger, review_id, AppealStanding.GRANTED, "", account_id=decision.by, today=decision.today)
    return Outcome.DONE


def _after(ledger: Ledger, row: dict[str, Any], decision: Decision) -> dict[str, Any] | None:
    """The row after a decision; `None` where its text is another one than was read."""
    standing, text = ReviewStanding(row["state"]), TextStanding(row["text_state"])
    if decision.action is Action.SET_ASIDE:
        state = move_review(standing, ReviewStanding.SET_ASIDE, Actor.MODERATOR)
        return row | {"state": str(state), "reason_code": row["reason_code"] or SET_ASIDE}
    if decision.action is Action.ACCEPT:
        # The reason stays: what the guard set aside on arrival has been in no step of what is told added up.
        return row | {"state": str(move_review(standing, ReviewStanding.ACCEPTED, Actor.MODERATOR))}
    if standing is ReviewStanding.WITHDRAWN:
        raise ForbiddenMoveError("a rating that was taken back is not moderated")
    if decision.text_key != row["text_key"]:
        return None
    if decision.action is Action.RESTRICT:
        rejected = move_text(text, TextStanding.REJECTED, Actor.MODERATOR)
        return row | {"text_state": str(rejected), "text_reason": decision.reason_code, "sealed_shown": None}
    published = move_text(text, TextStanding.PUBLISHED, Actor.MODERATOR)
    shown = _sealed_shown(ledger.connection, row, decision.masks)
    return row | {"text_state": str(published), "text_reason": "", "sealed_shown": shown}


def _sealed_shown(connection: sa.Connection, row: dict[str, Any], masks: Sequence[Span]) -> bytes | None:
    if not masks:
        return None
    secret = connection.execute(
        sa.select(text_keys.c.secret).where(text_keys.c.text_key == row["text_key"])
    ).scalar_one()
    ((text, _),) = texts_of(connection, [row])
    return seal(secret, mask(text, masks), row["review_id"])


def mask(text: str, masks: Sequence[Span]) -> str:
    """`text` with each masked part replaced by a sign; parts that touch or overlap become one.

    >>> mask("Звоните +7 900 000-00-00 Ивановой", [(8, 24), (25, 33)])
    'Звоните […] […]'
    """
    shown: list[str] = []
    last = 0
    for start, end in sorted(masks):
        if end <= last:
            continue
        if start > last or not shown:
            shown += [text[last:start], MASK]
        last = end
    return "".join([*shown, text[last:]])


def erase_text(ledger: Ledger, review_id: str, *, by: str, reason_code: str, basis: str, today: date) -> Outcome:
    """Drops the key of a text because the law asks for it; `basis` names the request (its number), not a person."""
    row = row_where(ledger.connection, reviews.c.review_id == review_id)
    if row is None:
        return Outcome.UNKNOWN
    try:
        move_text(TextStanding(row["text_state"]), TextStanding.ERASED, Actor.ADMINISTRATOR)
    except ForbiddenMoveError:
        return Outcome.FORBIDDEN
    erase(ledger, row, today, "text", reason_code)
    after = row | without_text(TextStanding.ERASED) | {"text_reason": reason_code}
    change(ledger, row, after, today, actor_of(by), "erased", basis=basis)
    erase_beside(ledger, review_id, today, actor_of(by))
    settle_reports(ledger, review_id, is_upheld=True)
    return Outcome.DONE


# ---- appeals -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The answer to an appeal. Where it is granted, the text is published with `masks` hidden, and the rating counts."""

    is_granted: bool
    answer: str
    by: str
    today: date
    text_key: str
    masks: tuple[Span, ...] = ()


def settle_appeal(ledger: Ledger, review_id: str, settlement: Settlement) -> Outcome:
    """Answers the appeal that waits; never by whoever took the decision."""
    row = row_where(ledger.connection, reviews.c.review_id == review_id)
    if row is None:
        return Outcome.UNKNOWN
    if settlement.text_key != row["text_key"]:
        return Outcome.CHANGED
    if settlement.by in find_grounds(ledger.connection, row).deciders:
        return Outcome.SAME_PERSON
    standing = AppealStanding.GRANTED if settlement.is_granted else AppealStanding.REFUSED
    if not answer_appeal(
        ledger, review_id, standing, settlement.answer, account_id=settlement.by, today=settlement.today
    ):
        return Outcome.CHANGED
    for action in _amends(row) if settlement.is_granted else ():
        taken = Decision(
            action=action,
            by=settlement.by,
            today=settlement.today,
            text_key=row["text_key"],
            masks=settlement.masks,
        )
        decide(ledger, review_id, taken)
    return Outcome.DONE


def _amends(row: Mapping[str, Any]) -> Iterator[Action]:
    """What takes back all that an author may appeal against."""
    if is_curtailed(row):
        yield Action.PUBLISH
    if is_aside(row):
        yield Action.ACCEPT


# ---- organisations -------------------------------------------------------------------------------------------------


def reply(ledger: Ledger, review_id: str, *, by: str, text: str, today: date) -> Outcome:
    """The organisation's one answer; written again it becomes a new version, and the earlier ones stay."""
    row = row_where(ledger.connection, reviews.c.review_id == review_id)
    if row is None:
        return Outcome.UNKNOWN
    if row["state"] == ReviewStanding.WITHDRAWN:
        return Outcome.FORBIDDEN
    add_reply(ledger, review_id, text, account_id=by, actor=actor_of(by), today=today)
    return Outcome.DONE


def report(ledger: Ledger, review_id: str, *, by: str, reason_code: str, note: str, today: date) -> Outcome:
    """An organisation asks a moderator to look again; one open report of an account about a rating is enough.

    What was taken back or erased is not reported: a note that came after the erasure would be erased by nobody.
    """
    row = row_where(ledger.connection, reviews.c.review_id == review_id)
    if row is None:
        return Outcome.UNKNOWN
    if row["state"] == ReviewStanding.WITHDRAWN or row["text_state"] == TextStanding.ERASED:
        return Outcome.FORBIDDEN
    if add_report(ledger, review_id, account_id=by, reason_code=reason_code, note=note, today=today):
        _tell(ledger, today, by, "reported", subject_of(review_id), reason_code=reason_code)
    return Outcome.DONE


def dismiss_reports(ledger: Ledger, review_id: str, *, by: str, today: date) -> Outcome:
    """A moderator looked again and leaves the rating as it is."""
    if settle_reports(ledger, review_id, is_upheld=False):
        _tell(ledger, today, by, "report-dismissed", subject_of(review_id))
    return Outcome.DONE


# ---- many at once --------------------------------------------------------------------------------------------------


def propose(ledger: Ledger, review_ids: Sequence[str], decision: Decision) -> str:
    """Keeps a decision about many ratings until a second person has looked at it; the proposal's id."""
    proposal_id = secrets.token_hex(10)
    row = {
        "proposal_id": proposal_id,
        "made_by": decision.by,
        "made_on": decision.today.isoformat(),
        "action": str(decision.action),
        "reason_code": decision.reason_code,
        "review_ids": json.dumps(sorted(set(review_ids))),
        "state": "open",
        "decided_by": "",
    }
    ledger.connection.execute(proposals.insert(), row)
    said = {"decision": str(decision.action), "reason_code": decision.reason_code, "reviews": len(set(review_ids))}
    _tell(ledger, decision.today, decision.by, "proposed", f"proposal:{proposal_id}", **said)
    return proposal_id


def settle(ledger: Ledger, proposal_id: str, *, by: str, is_accepted: bool, today: date) -> Outcome:
    """Carries a proposal out, or refuses it. Whoever made it may take it back, never carry it out."""
    query = proposals.select().where(proposals.c.proposal_id == proposal_id)
    row = ledger.connection.execute(query).mappings().first()
    if row is None:
        return Outcome.UNKNOWN
    if row["state"] != "open":
        return Outcome.CHANGED
    if is_accepted and row["made_by"] == by:
        return Outcome.SAME_PERSON
    state = "applied" if is_accepted else "refused"
    mine = proposals.c.proposal_id == proposal_id
    ledger.connection.execute(proposals.update().where(mine).values(state=state, decided_by=by))
    _tell(ledger, today, by, f"proposal-{state}", f"proposal:{proposal_id}")
    if is_accepted:
        for review_id in json.loads(row["review_ids"]):
            _apply(ledger, review_id, row, by, today)
    return Outcome.DONE


def _apply(ledger: Ledger, review_id: str, proposal: Any, by: str, today: date) -> None:
    """One rating of a proposal; what was decided otherwise or taken back meanwhile stays as it is."""
    row = row_where(ledger.connection, reviews.c.review_id == review_id)
    if row is None:
        return
    ((text, _),) = texts_of(ledger.connection, [row])
    decision = Decision(
        action=Action(proposal["action"]),
        by=by,
        today=today,
        text_key=row["text_key"],
        reason_code=proposal["reason_code"],
        # Nobody looks at each mark here, so everything that looks like personal data is hidden.
        masks=tuple((found.start, found.end) for found in find_personal_data(text)),
    )
    is_text = decision.action in (Action.PUBLISH, Action.RESTRICT)
    if not is_text or row["text_state"] == TextStanding.WAITING:
        decide(ledger, review_id, decision)


def actor_of(account_id: str) -> str:
    """What the audit chain calls somebody with an account."""
    return f"account:{account_id}"


def _tell(ledger: Ledger, today: date, by: str, action: str, subject: str, **said: object) -> None:
    deed = Deed(happened_on=today.isoformat(), actor=actor_of(by), action=action, subject=subject, said=said)
    ledger.record(deed)
