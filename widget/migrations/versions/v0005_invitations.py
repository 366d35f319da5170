"""Invitations that were spent: which token nobody can tell, only that it was."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "spent_invitations",
        sa.Column("token_hash", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("organization_id", "batch")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
