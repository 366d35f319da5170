"""Notes of reports under keys of their own, so that a note goes with the review that it may quote.

The keys of notes that an earlier store holds in the open are there before this step begins (`widget/migrate.py`), in
SQLite in the attached file `keys`.
"""

import sqlalchemy as sa
from alembic import op

from widget.sealing import new_secret, seal

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table anew and seals the notes that are there."""
    connection = op.get_bind()
    op.drop_index("reports_open", "reports")
    if connection.dialect.name == "postgresql":
        op.execute("ALTER INDEX reports_pkey RENAME TO reports_6_pkey")
    op.rename_table("reports", "reports_6")
    op.create_table(
        "reports",
        sa.Column("report_id", sa.Text, primary_key=True),
        sa.Column("review_id", sa.Text, sa.ForeignKey("reviews.review_id"), nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("account_id", "reported_on", "reason_code", "text_key")
        ),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("state", sa.Text, nullable=False),
        sa.CheckConstraint("state IN ('open', 'upheld', 'dismissed')"),
        sqlite_strict=True,
    )
    _move(connection)
    op.drop_table("reports_6")
    op.create_index("reports_open", "reports", ["state", "review_id"])


def _move(connection: sa.Connection) -> None:
    reports = sa.Table("reports", sa.MetaData(), autoload_with=connection)
    for report in connection.execute(sa.text("SELECT * FROM reports_6")).mappings().all():
        row = {name: report[name] for name in report if name != "note"} | {"text_key": "", "sealed": None}
        if report["note"]:
            subject = f"report:{report['report_id']}"
            row |= {"text_key": subject, "sealed": seal(_secret(connection, subject), report["note"], subject)}
        connection.execute(reports.insert(), row)


def _secret(connection: sa.Connection, text_key: str) -> bytes:
    """The key of a note; PostgreSQL keeps keys in this same transaction, so that it is made here."""
    known = sa.text("SELECT secret FROM text_keys WHERE text_key = :key")
    found = connection.execute(known, {"key": text_key}).scalar_one_or_none()
    if found is not None:
        return bytes(found)
    secret = new_secret()
    insert = sa.text("INSERT INTO text_keys (text_key, secret) VALUES (:key, :secret)")
    connection.execute(insert, {"key": text_key, "secret": secret})
    return secret
