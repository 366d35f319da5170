"""Notes of reports under keys of their own, so that a note goes with the review that it may quote.

The keys of notes that an earlier store holds in the open are there before this step begins (`widget/migrate.py`), in
SQLite in the attached file `keys`.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from widget.audit import Deed
from widget.migrations.steps import secret_of, write_down
from widget.sealing import seal

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
    write_down(connection, list(_move(connection)))
    op.drop_table("reports_6")
    op.create_index("reports_open", "reports", ["state", "review_id"])


def _move(connection: sa.Connection) -> Iterator[Deed]:
    """Moves every report, its note sealed; what the audit chain is told of it, so that a backup made today is another."""
    reports = sa.Table("reports", sa.MetaData(), autoload_with=connection)
    kept = "state <> 'withdrawn' AND text_state <> 'erased'"  # a note that came later than the erasure goes with it
    standing = sa.text(f"SELECT review_id FROM reviews WHERE {kept}")  # noqa: S608  our own words
    there = set(connection.execute(standing).scalars())
    for report in connection.execute(sa.text("SELECT * FROM reports_6")).mappings().all():
        row = {name: report[name] for name in report if name != "note"} | {"text_key": "", "sealed": None}
        if report["note"] and report["review_id"] in there:
            subject = f"report:{report['report_id']}"
            row |= {"text_key": subject, "sealed": seal(secret_of(connection, subject), report["note"], subject)}
            yield Deed(happened_on="", actor="command-line", action="note-sealed", subject=subject)
        connection.execute(reports.insert(), row)
