"""Counters of filled questionnaires."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WHERE = ("organization_id", "assessment_id", "questionnaire_id", "mode")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "form_counts",
        *(sa.Column(name, sa.Text, primary_key=True) for name in (*_WHERE, "question", "answer")),
        sa.Column("counted", sa.Integer, nullable=False),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.CheckConstraint("counted >= 0 AND waiting >= 0"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "form_keys",
        sa.Column("idempotency_hash", sa.Text, primary_key=True),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "form_texts",
        sa.Column("text_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in (*_WHERE, "question", "text")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
