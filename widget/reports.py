"""What organisations report about reviews, in the store, inside a transaction; a note is sealed under a key of its own.

A note may quote the person whom it is about, as a reply may. So it goes with the review, in every copy of the store.
"""

import secrets
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from widget.ledger import Ledger
from widget.sealing import new_secret, seal, unseal
from widget.tables import accounts, reports, text_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody found wrong with a review; `note` is empty where nothing was said, or where it is erased."""

    login: str
    reported_on: str
    reason_code: str
    note: str
    state: str


def add_report(
    ledger: Ledger, review_id: str, *, account_id: str, reason_code: str, note: str, today: date
) -> str | None:
    """The id of a new report; `None` where an open one of the same account is there already, which is enough."""
    mine = (reports.c.review_id == review_id, reports.c.account_id == account_id, reports.c.state == "open")
    if ledger.connection.execute(sa.select(reports.c.report_id).where(*mine)).first():
        return None
    report_id, secret, text_key = secrets.token_hex(10), new_secret(), secrets.token_hex(10) if note else ""
    if note:
        ledger.connection.execute(text_keys.insert(), {"text_key": text_key, "secret": secret})
    row = {
        "report_id": report_id,
        "review_id": review_id,
        "account_id": account_id,
        "reported_on": today.isoformat(),
        "reason_code": reason_code,
        "text_key": text_key,
        "sealed": seal(secret, note, note_subject(report_id)) if note else None,
        "state": "open",
    }
    ledger.connection.execute(reports.insert(), row)
    return report_id


def note_subject(report_id: str) -> str:
    """What a note is sealed as part of."""
    return f"report:{report_id}"


def settle_reports(ledger: Ledger, review_id: str, *, is_upheld: bool) -> int:
    """Closes the open reports about a review; how many these were."""
    mine = sa.and_(reports.c.review_id == review_id, reports.c.state == "open")
    settled = reports.update().where(mine).values(state="upheld" if is_upheld else "dismissed")
    return ledger.connection.execute(settled).rowcount


def erase_notes(ledger: Ledger, review_id: str) -> None:
    """Has the keys of all notes about a review dropped; that it was reported, and why, stays."""
    mine = sa.and_(reports.c.review_id == review_id, reports.c.text_key != "")
    ledger.dropped_keys += ledger.connection.execute(sa.select(reports.c.text_key).where(mine)).scalars().all()
    ledger.connection.execute(reports.update().where(mine).values(text_key="", sealed=None))


def read_reports(connection: sa.Connection, review_id: str) -> list[Report]:
    """All reports about a review, the oldest first."""
    told = (
        sa.select(reports, accounts.c.login)
        .join_from(reports, accounts, reports.c.account_id == accounts.c.account_id, isouter=True)
        .where(reports.c.review_id == review_id)
        .order_by(reports.c.reported_on, reports.c.report_id)
    )
    rows = connection.execute(told).all()
    # Read after the rows and never before: a key is on disk earlier than the row that needs it.
    wanted = text_keys.select().where(text_keys.c.text_key.in_([row.text_key for row in rows]))
    known = {key.text_key: key.secret for key in connection.execute(wanted)}
    return [
        Report(
            login=row.login or "",
            reported_on=row.reported_on,
            reason_code=row.reason_code,
            note=(unseal(known[row.text_key], row.sealed, note_subject(row.report_id)) or "")
            if row.text_key in known
            else "",
            state=row.state,
        )
        for row in rows
    ]
