"""The tables of a store, as they are now; `widget/migrations` leads an earlier store here.

One shape for both engines. Days and states are text and no engine's own types, so that a row reads the same in SQLite,
in PostgreSQL and in a backup, and can be hashed alike in all three.

The keys of texts stand apart (`KEYS`): in SQLite in a file of their own, so that a copy of the store holds no key.
"""

import sqlalchemy as sa

from nok.records import REVIEW_CRITERIA
from widget.moderation import AppealStanding, PhotoStanding, ReviewStanding, TextStanding

STORE = sa.MetaData()
KEYS = sa.MetaData()

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _one_of(
    column: str, states: type[ReviewStanding | TextStanding | PhotoStanding | AppealStanding]
) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({', '.join(repr(str(state)) for state in states)})")


reviews = sa.Table(
    "reviews",
    STORE,
    sa.Column("sequence", _NUMBER, primary_key=True),
    sa.Column("review_id", sa.Text, nullable=False, unique=True),
    sa.Column("organization_id", sa.Text, nullable=False),
    sa.Column("region_code", sa.Text, nullable=False, server_default=""),
    sa.Column("received_on", sa.Text, nullable=False),
    sa.Column("rating", sa.Integer, nullable=False),
    *(sa.Column(name, sa.Integer) for name in REVIEW_CRITERIA),
    sa.Column("text_key", sa.Text, nullable=False),  # which key opens the text; empty where there is none
    sa.Column("sealed_text", sa.LargeBinary),
    sa.Column("sealed_shown", sa.LargeBinary),  # what is published of it, where a moderator masked something
    sa.Column("text_state", sa.Text, nullable=False),
    sa.Column("text_reason", sa.Text, nullable=False),
    sa.Column("visited_on", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("placement_code", sa.Text, nullable=False),
    sa.Column("idempotency_hash", sa.Text, nullable=False, unique=True),
    sa.Column("body_hash", sa.Text, nullable=False),
    sa.Column("receipt_hash", sa.Text, nullable=False, unique=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason_code", sa.Text, nullable=False),
    *(sa.CheckConstraint(f"{name} BETWEEN 1 AND 5") for name in ("rating", *REVIEW_CRITERIA)),
    _one_of("state", ReviewStanding),
    _one_of("text_state", TextStanding),
    sa.Index("reviews_of_organization", "organization_id", "sequence"),
    sa.Index("reviews_queue", "text_state", "sequence"),
    sa.Index("reviews_queue_of_region", "region_code", "text_state", "sequence"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

replies = sa.Table(
    "replies",
    STORE,
    sa.Column("review_id", sa.Text, sa.ForeignKey("reviews.review_id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("text_key", sa.Text, nullable=False),  # which key opens it; empty once it is erased
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("replied_on", sa.Text, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    sqlite_strict=True,
)
"""What organisations answered; a later version stands beside the earlier ones. Sealed, for it may quote the person."""

appeals = sa.Table(
    "appeals",
    STORE,
    sa.Column("appeal_id", sa.Text, primary_key=True),
    sa.Column("review_id", sa.Text, sa.ForeignKey("reviews.review_id"), nullable=False),
    sa.Column("against", _NUMBER, nullable=False),  # the entry of the audit chain that it is about, the latest of them
    sa.Column("made_on", sa.Text, nullable=False),
    sa.Column("text_key", sa.Text, nullable=False),  # which key opens both texts; empty once they are erased
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("sealed_answer", sa.LargeBinary),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("answered_on", sa.Text, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),  # who answered
    _one_of("state", AppealStanding),
    sa.Index("appeals_of_review", "review_id", "against", unique=True),
    sa.Index("appeals_open", "state", "review_id"),
    sqlite_strict=True,
)
"""The author of a review does not agree with what was decided about it; another moderator answers."""

reports = sa.Table(
    "reports",
    STORE,
    sa.Column("report_id", sa.Text, primary_key=True),
    sa.Column("review_id", sa.Text, sa.ForeignKey("reviews.review_id"), nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("reported_on", sa.Text, nullable=False),
    sa.Column("reason_code", sa.Text, nullable=False),
    sa.Column("text_key", sa.Text, nullable=False),  # which key opens the note; empty where there is none any more
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("state", sa.Text, nullable=False),
    sa.CheckConstraint("state IN ('open', 'upheld', 'dismissed')"),
    sa.Index("reports_open", "state", "review_id"),
    sqlite_strict=True,
)
"""An organisation thinks that a review breaks a rule. It changes nothing until a moderator decides. A note is sealed, for
it may quote the person."""

proposals = sa.Table(
    "proposals",
    STORE,
    sa.Column("proposal_id", sa.Text, primary_key=True),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_on", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("reason_code", sa.Text, nullable=False),
    sa.Column("review_ids", sa.Text, nullable=False),  # a JSON list
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.CheckConstraint("state IN ('open', 'applied', 'refused')"),
    sqlite_strict=True,
)
"""Decisions about many reviews at once, which wait for a second person."""

accounts = sa.Table(
    "accounts",
    STORE,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("login", sa.Text, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("organizations", sa.Text, nullable=False),  # ids between spaces
    sa.Column("regions", sa.Text, nullable=False),  # codes between spaces
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("asked_for", sa.Text, nullable=False),
    sa.Column("created_on", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("totp_sealed", sa.LargeBinary),
    sa.Column("totp_step", _NUMBER, nullable=False),
    sa.Column("invitation_hash", sa.Text, nullable=False),
    sa.Column("invited_until", _NUMBER, nullable=False),  # seconds since 1970
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", _NUMBER, nullable=False),  # seconds since 1970
    sa.CheckConstraint("role IN ('moderator', 'organization', 'authority', 'administrator')"),
    sa.CheckConstraint("state IN ('requested', 'invited', 'active', 'closed')"),
    sqlite_strict=True,
)

sessions = sa.Table(
    "sessions",
    STORE,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("started_at", _NUMBER, nullable=False),
    sa.Column("seen_at", _NUMBER, nullable=False),
    sqlite_strict=True,
)

audit = sa.Table(
    "audit",
    STORE,
    sa.Column("number", _NUMBER, primary_key=True, autoincrement=False),
    sa.Column("happened_on", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("said", sa.Text, nullable=False),  # JSON, keys in order
    sa.Column("digest", sa.Text, nullable=False),  # of the subject's row after the deed
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index("audit_of_subject", "subject", "number"),
    sqlite_strict=True,
)
"""All that ever happened, each entry tied to the one before it (`widget/audit.py`)."""

photos = sa.Table(
    "photos",
    STORE,
    sa.Column("photo_id", sa.Text, primary_key=True),
    sa.Column("review_id", sa.Text, sa.ForeignKey("reviews.review_id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("sent_hash", sa.Text, nullable=False),  # of the file as it was sent: a retry is known by it
    sa.Column("photo_key", sa.Text, nullable=False),  # which key opens it; empty once it is removed
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("sealed_shown", sa.LargeBinary),  # what is published of it, where a moderator blurred something
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),  # of what is published; empty otherwise
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason_code", sa.Text, nullable=False),
    _one_of("state", PhotoStanding),
    sa.Index("photos_of_review", "review_id", "number"),
    sa.Index("photos_queue", "state", "review_id"),
    sqlite_strict=True,
)
"""Photographs sent with ratings: their pixels drawn anew, each under a key of its own among those of texts."""

embed_hosts = sa.Table(
    "embed_hosts",
    STORE,
    sa.Column("organization_id", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, primary_key=True),
    sa.Column("added_on", sa.Text, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    sqlite_strict=True,
)
"""Sites that may show the form of an organisation in a frame, beside its own."""

facts = sa.Table(
    "facts",
    STORE,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sqlite_strict=True,
)

form_counts = sa.Table(
    "form_counts",
    STORE,
    *(
        sa.Column(name, sa.Text, primary_key=True)
        for name in ("organization_id", "assessment_id", "questionnaire_id", "mode", "question", "answer")
    ),
    sa.Column("counted", sa.Integer, nullable=False),
    sa.Column("waiting", sa.Integer, nullable=False),
    sa.CheckConstraint("counted >= 0 AND waiting >= 0"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Without row numbers, so that their order does not tell which form came when.
form_keys = sa.Table(
    "form_keys",
    STORE,
    sa.Column("idempotency_hash", sa.Text, primary_key=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

form_texts = sa.Table(
    "form_texts",
    STORE,
    sa.Column("text_id", sa.Text, primary_key=True),
    *(
        sa.Column(name, sa.Text, nullable=False)
        for name in ("organization_id", "assessment_id", "questionnaire_id", "mode", "question", "text")
    ),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Without row numbers, so that their order does not tell which rating came by which invitation.
spent_invitations = sa.Table(
    "spent_invitations",
    STORE,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("organization_id", sa.Text, nullable=False),
    sa.Column("batch", sa.Text, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""Tokens of invitations that were used, as keyed hashes; a token is spent for ever, also when its rating is taken back."""

text_keys = sa.Table(
    "text_keys",
    KEYS,
    sa.Column("text_key", sa.Text, primary_key=True),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""A key for each text that anybody may still read."""

text_prints = sa.Table(
    "text_prints",
    KEYS,
    sa.Column("print", _NUMBER, primary_key=True, autoincrement=False),
    sa.Column("text_key", sa.Text, primary_key=True),
    sa.Column("review_id", sa.Text, nullable=False),
    sa.Index("text_prints_of_text", "text_key"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""What texts that say nearly the same have in common (`widget/look_alikes.py`); it goes with the key of its text."""

erasures = sa.Table(
    "erasures",
    KEYS,
    sa.Column("review_id", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("reason_code", sa.Text, nullable=False),
    sa.Column("erased_on", sa.Text, nullable=False),
    sa.CheckConstraint("what IN ('rating', 'text')"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""What was taken back or erased: a backup made before brings none of it back."""
