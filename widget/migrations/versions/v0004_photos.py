"""Photographs of ratings, and the sites that may frame an organisation's form."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "photos",
        sa.Column("photo_id", sa.Text, primary_key=True),
        sa.Column("review_id", sa.Text, sa.ForeignKey("reviews.review_id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("sent_hash", "photo_key")),
        *(sa.Column(name, sa.LargeBinary) for name in ("sealed", "sealed_shown")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("width", "height")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("sha256", "state", "reason_code")),
        sa.CheckConstraint("state IN ('waiting', 'published', 'hidden', 'removed')"),
        sqlite_strict=True,
    )
    op.create_index("photos_of_review", "photos", ["review_id", "number"])
    op.create_index("photos_queue", "photos", ["state", "review_id"])
    op.create_table(
        "embed_hosts",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("organization_id", "host")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("added_on", "account_id")),
        sqlite_strict=True,
    )
