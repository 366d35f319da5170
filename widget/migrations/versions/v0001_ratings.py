"""Ratings, events, facts: the store as it was first."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MARKS = ("openness", "comfort", "accessibility", "courtesy", "speed", "cleanliness", "professionalism")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "reviews",
        sa.Column("sequence", _NUMBER, primary_key=True),
        sa.Column("review_id", sa.Text, nullable=False, unique=True),
        sa.Column("organization_id", sa.Text, nullable=False, index=True),
        sa.Column("received_on", sa.Text, nullable=False),
        sa.Column("rating", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Integer) for name in _MARKS),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("text", "text_state", "visited_on", "language", "channel", "placement_code")
        ),
        sa.Column("idempotency_hash", sa.Text, nullable=False, unique=True),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("receipt_hash", sa.Text, nullable=False, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason_code", sa.Text, nullable=False),
        *(sa.CheckConstraint(f"{name} BETWEEN 1 AND 5") for name in ("rating", *_MARKS)),
        sa.CheckConstraint("state IN ('accepted', 'set_aside', 'withdrawn')"),
        sa.CheckConstraint("text_state IN ('none', 'waiting', 'published', 'rejected')"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "events",
        sa.Column("event", _NUMBER, primary_key=True),
        sa.Column("review", _NUMBER, sa.ForeignKey("reviews.sequence")),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("happened_on", "actor", "state", "text_state", "reason_code")
        ),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sqlite_strict=True,
    )
