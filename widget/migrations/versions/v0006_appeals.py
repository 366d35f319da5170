"""Appeals of authors; replies under keys of their own, so that a reply goes with the review that it may quote.

The keys of replies that an earlier store holds in the open are there before this step begins (`widget/migrate.py`), in
SQLite in the attached file `keys`.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from widget.audit import Deed, digest_of
from widget.migrations.steps import secret_of, write_down
from widget.sealing import seal

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_DIGESTED = ("review_id", "version", "text_key", "sealed", "replied_on", "account_id")


def upgrade() -> None:
    """Makes the tables and seals the replies that are there."""
    connection = op.get_bind()
    _make_appeals()
    if connection.dialect.name == "postgresql":
        _make_prints()
        op.execute("ALTER INDEX replies_pkey RENAME TO replies_5_pkey")
    op.rename_table("replies", "replies_5")
    op.create_table(
        "replies",
        sa.Column("review_id", sa.Text, sa.ForeignKey("reviews.review_id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("text_key", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("replied_on", "account_id")),
        sqlite_strict=True,
    )
    write_down(connection, list(_move_replies(connection)))
    op.drop_table("replies_5")


def _make_appeals() -> None:
    op.create_table(
        "appeals",
        sa.Column("appeal_id", sa.Text, primary_key=True),
        sa.Column("review_id", sa.Text, sa.ForeignKey("reviews.review_id"), nullable=False),
        sa.Column("against", _NUMBER, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("made_on", "text_key")),
        *(sa.Column(name, sa.LargeBinary) for name in ("sealed", "sealed_answer")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("state", "answered_on", "account_id")),
        sa.CheckConstraint("state IN ('open', 'granted', 'refused', 'lapsed')"),
        sqlite_strict=True,
    )
    op.create_index("appeals_of_review", "appeals", ["review_id", "against"], unique=True)
    op.create_index("appeals_open", "appeals", ["state", "review_id"])


def _make_prints() -> None:
    op.create_table(
        "text_prints",
        sa.Column("print", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("text_key", sa.Text, primary_key=True),
        sa.Column("review_id", sa.Text, nullable=False),
    )
    op.create_index("text_prints_of_text", "text_prints", ["text_key"])


def _move_replies(connection: sa.Connection) -> Iterator[Deed]:
    """Moves every reply, sealed; what the audit chain is told of it."""
    replies = sa.Table("replies", sa.MetaData(), autoload_with=connection)
    found = connection.execute(sa.text("SELECT * FROM replies_5 ORDER BY review_id, version")).mappings().all()
    for reply in found:
        subject = f"reply:{reply['review_id']}:{reply['version']}"
        row = {name: reply[name] for name in ("review_id", "version", "replied_on", "account_id")}
        row |= {"text_key": subject, "sealed": seal(secret_of(connection, subject), reply["text"], subject)}
        connection.execute(replies.insert(), row)
        digest = digest_of(row, _DIGESTED)
        yield Deed(happened_on="", actor="command-line", action="reply-sealed", subject=subject, digest=digest)
