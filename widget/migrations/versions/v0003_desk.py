"""Texts under keys of their own, the audit chain in place of events, and all that the moderation desk needs.

The keys of texts that an earlier store holds in the open are there before this step begins (`widget/migrate.py`), in
SQLite in the attached file `keys`.
"""

import sqlalchemy as sa
from alembic import context, op

from widget.audit import Deed, Entry, Head, append, digest_of
from widget.sealing import seal

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MARKS = ("openness", "comfort", "accessibility", "courtesy", "speed", "cleanliness", "professionalism")
_DIGESTED = (
    "review_id organization_id received_on rating openness comfort accessibility courtesy speed cleanliness "
    "professionalism text_key sealed_text sealed_shown text_state text_reason visited_on language channel "
    "placement_code idempotency_hash body_hash receipt_hash state reason_code"
).split()
_ROWS_AT_ONCE = 5_000


def upgrade() -> None:
    """Makes the tables and moves what is there into them."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        _make_keys()
    op.rename_table("reviews", "reviews_2")
    _make_reviews(connection)
    _make_desk()
    _make_audit(connection)
    digests = _move_reviews(connection)
    _move_events(connection, digests, context.config.attributes["seal_head"])
    op.drop_table("events")
    op.drop_table("reviews_2")
    for index, columns in (
        ("reviews_of_organization", ("organization_id", "sequence")),
        ("reviews_queue", ("text_state", "sequence")),
        ("reviews_queue_of_region", ("region_code", "text_state", "sequence")),
    ):
        op.create_index(index, "reviews", list(columns))


def _make_keys() -> None:
    op.create_table(
        "text_keys",
        sa.Column("text_key", sa.Text, primary_key=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "erasures",
        sa.Column("review_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("what", "reason_code", "erased_on")),
        sa.CheckConstraint("what IN ('rating', 'text')"),
    )


def _make_reviews(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Names of constraints and sequences belong to the table that was made first.
        op.execute("ALTER SEQUENCE reviews_sequence_seq RENAME TO reviews_2_sequence_seq")
        for name in ("pkey", "review_id_key", "idempotency_hash_key", "receipt_hash_key"):
            op.execute(f"ALTER INDEX reviews_{name} RENAME TO reviews_2_{name}")
    op.create_table(
        "reviews",
        sa.Column("sequence", _NUMBER, primary_key=True),
        sa.Column("review_id", sa.Text, nullable=False, unique=True),
        sa.Column("organization_id", sa.Text, nullable=False),
        sa.Column("region_code", sa.Text, nullable=False, server_default=""),
        sa.Column("received_on", sa.Text, nullable=False),
        sa.Column("rating", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Integer) for name in _MARKS),
        sa.Column("text_key", sa.Text, nullable=False),
        sa.Column("sealed_text", sa.LargeBinary),
        sa.Column("sealed_shown", sa.LargeBinary),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("text_state", "text_reason", "visited_on", "language", "channel", "placement_code")
        ),
        sa.Column("idempotency_hash", sa.Text, nullable=False, unique=True),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("receipt_hash", sa.Text, nullable=False, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason_code", sa.Text, nullable=False),
        *(sa.CheckConstraint(f"{name} BETWEEN 1 AND 5") for name in ("rating", *_MARKS)),
        sa.CheckConstraint("state IN ('accepted', 'set_aside', 'withdrawn')"),
        sa.CheckConstraint("text_state IN ('none', 'waiting', 'published', 'rejected', 'erased')"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )


def _make_desk() -> None:
    op.create_table(
        "replies",
        sa.Column("review_id", sa.Text, sa.ForeignKey("reviews.review_id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("text", "replied_on", "account_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "reports",
        sa.Column("report_id", sa.Text, primary_key=True),
        sa.Column("review_id", sa.Text, sa.ForeignKey("reviews.review_id"), nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("account_id", "reported_on", "reason_code", "note", "state")
        ),
        sa.CheckConstraint("state IN ('open', 'upheld', 'dismissed')"),
        sqlite_strict=True,
    )
    op.create_index("reports_open", "reports", ["state", "review_id"])
    op.create_table(
        "proposals",
        sa.Column("proposal_id", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("made_by", "made_on", "action", "reason_code", "review_ids", "state", "decided_by")
        ),
        sa.CheckConstraint("state IN ('open', 'applied', 'refused')"),
        sqlite_strict=True,
    )
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("login", sa.Text, nullable=False, unique=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("role", "organizations", "regions", "state", "asked_for", "created_on", "password_hash")
        ),
        sa.Column("totp_sealed", sa.LargeBinary),
        sa.Column("totp_step", _NUMBER, nullable=False),
        sa.Column("invitation_hash", sa.Text, nullable=False),
        sa.Column("invited_until", _NUMBER, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", _NUMBER, nullable=False),
        sa.CheckConstraint("role IN ('moderator', 'organization', 'authority', 'administrator')"),
        sa.CheckConstraint("state IN ('requested', 'invited', 'active', 'closed')"),
        sqlite_strict=True,
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("started_at", _NUMBER, nullable=False),
        sa.Column("seen_at", _NUMBER, nullable=False),
        sqlite_strict=True,
    )


def _make_audit(connection: sa.Connection) -> None:
    op.create_table(
        "audit",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("happened_on", "actor", "action", "subject", "said", "digest", "hash")
        ),
        sqlite_strict=True,
    )
    op.create_index("audit_of_subject", "audit", ["subject", "number"])
    if connection.dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_only_added() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'entries of the audit log are only added'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_only_added BEFORE UPDATE OR DELETE ON audit "
            "FOR EACH ROW EXECUTE FUNCTION audit_is_only_added()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'entries of the audit log are only added'); END"
        )


def _move_reviews(connection: sa.Connection) -> dict[int, tuple[str, str]]:
    """Moves every rating, its text sealed; sequence to (id, digest of the new row)."""
    new = sa.Table("reviews", sa.MetaData(), autoload_with=connection)
    digests: dict[int, tuple[str, str]] = {}
    last = 0
    while True:
        step = "SELECT * FROM reviews_2 WHERE sequence > :last ORDER BY sequence LIMIT :most"
        found = connection.execute(sa.text(step), {"last": last, "most": _ROWS_AT_ONCE}).mappings().all()
        if not found:
            return digests
        rows = [_with_sealed_text(connection, dict(row)) for row in found]
        connection.execute(new.insert(), rows)
        digests |= {
            one["sequence"]: (one["review_id"], digest_of(row, _DIGESTED)) for one, row in zip(found, rows, strict=True)
        }
        last = found[-1]["sequence"]


def _with_sealed_text(connection: sa.Connection, row: dict[str, object]) -> dict[str, object]:
    text, review_id = str(row.pop("text")), str(row["review_id"])
    row |= {"region_code": "", "text_key": "", "sealed_text": None, "sealed_shown": None, "text_reason": ""}
    if text:
        query = sa.text("SELECT secret FROM text_keys WHERE text_key = :key")
        secret = connection.execute(query, {"key": review_id}).scalar_one()
        row |= {"text_key": review_id, "sealed_text": seal(secret, text, review_id)}
    if row["text_state"] == "rejected":
        row["text_state"] = "waiting"  # no reason was written down then, and none is shown without one
    return row


def _move_events(connection: sa.Connection, digests: dict[int, tuple[str, str]], seal_head: object) -> None:
    """Makes the chain of the events so far; the last event of a rating carries the digest of its row."""
    query = "SELECT event, review, happened_on, actor, state, text_state, reason_code FROM events ORDER BY event"
    last_events = connection.execute(sa.text("SELECT review, max(event) FROM events GROUP BY review"))
    last_of = {review: event for review, event in last_events}  # noqa: C416  rows are not pairs to the type checker
    audit = sa.Table("audit", sa.MetaData(), autoload_with=connection)
    head, entries = Head(), list[Entry]()
    for event in connection.execute(sa.text(query)).mappings():
        review_id, digest = digests[event["review"]]
        entry = append(
            head,
            Deed(
                happened_on=event["happened_on"],
                actor=event["actor"],
                action="before-the-chain",
                subject=f"review:{review_id}",
                said={name: event[name] for name in ("state", "text_state", "reason_code")},
                digest=digest if last_of[event["review"]] == event["event"] else "",
            ),
        )
        entries.append(entry)
        head = Head(number=entry.number, hash=entry.hash)
    if entries:
        rows = [{name: getattr(entry, name) for name in Entry.__dataclass_fields__} for entry in entries]
        connection.execute(audit.insert(), rows)
    if not callable(seal_head):
        raise TypeError("the migration needs a function that seals the head of the chain")
    row = {"name": "audit_seal", "value": seal_head(head)}
    connection.execute(sa.text("INSERT INTO facts (name, value) VALUES (:name, :value)"), row)
