"""A store that an earlier program made is led to this one's shape, and nothing of it is lost."""

import hashlib
import sqlite3
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import publish
from nok.errors import StorageError
from tests.unit.widget_support import CLINIC, SCHOOL, TODAY, all_reviews, running
from widget.audit import Deed, digest_of
from widget.audit_check import verify
from widget.decisions import report
from widget.engines import StorePlace, migrating_connection, store_place, writing_engine
from widget.keys import ServerKey, read_key
from widget.ledger import Ledger
from widget.migrate import seal_of
from widget.moderation import ReviewStanding, TextStanding
from widget.reports import read_reports
from widget.reviews import Arrival, write_down
from widget.store import Store
from widget.submission import Details, Submission
from widget.tables import KEYS, STORE, reviews, text_keys

NOTE = "Он пишет «холодно»."
DUMP = Path(__file__).parent / "data" / "store-v2.sql"
"""A store as version 2 of the program wrote it: five ratings of every kind, eleven questionnaires."""


@pytest.fixture
def old(tmp_path: Path) -> StorePlace:
    """Where a store of version 2 lies with its key."""
    path = tmp_path / "store.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(DUMP.read_text("utf-8"))
    connection.close()
    key = path.with_name("store.sqlite.key")
    key.write_text(hashlib.sha256(b"a test key, no secret").hexdigest() + "\n")
    key.chmod(0o600)
    return store_place(path)


def test_no_rating_text_receipt_or_counter_is_lost(old: StorePlace) -> None:
    store = Store(old)
    receipts = [store.key.receipt(f"old-store-key-{number:04d}") for number in range(1, 6)]
    found = [store.find(code) for code in receipts]
    assert [(one.sequence, one.rating, one.organization_id) for one in found if one] == [
        (1, 5, SCHOOL),
        (2, 2, SCHOOL),
        (3, 1, SCHOOL),
        (4, 5, SCHOOL),
        (5, 4, CLINIC),
    ]
    assert [one.text for one in found if one] == [
        "Дописано позже.",
        "Очередь в гардероб, ждали полчаса.",
        "",
        "",
        "Текст — с «ёлочками» и\nстроками.",
    ]
    assert [one.text_standing for one in found if one][:3] == [
        TextStanding.WAITING,
        TextStanding.WAITING,
        TextStanding.NONE,
    ]
    third, fourth = found[2], found[3]
    assert third is not None and third.standing is ReviewStanding.WITHDRAWN
    assert fourth is not None and (fourth.standing, fourth.reason_code) == (ReviewStanding.SET_ASIDE, "trap")
    assert store.read(lambda c: c.exec_driver_sql("SELECT counted, waiting FROM form_counts").all()) == [(10, 1)] * 2
    assert store.read(lambda c: c.exec_driver_sql("SELECT text FROM form_texts").scalar_one()) == "Добавить скамейки."
    store.close()


def test_the_chain_begins_with_what_happened_before_and_goes_on(old: StorePlace) -> None:
    store = Store(old)
    assert verify(old).entries == 7
    assert verify(old).faults == ()
    code = store.key.receipt("old-store-key-0002")
    assert store.complete(code, Details(text="Теперь быстрее."), TODAY).result()
    store.close()
    assert verify(old).entries == 8
    assert verify(old).faults == ()


def test_no_text_is_left_in_the_open(old: StorePlace) -> None:
    assert old.path is not None
    assert "гардероб".encode() in old.path.read_bytes()
    Store(old).close()
    assert "гардероб".encode() not in b"".join(file.read_bytes() for file in old.path.parent.iterdir())
    assert [review.text for review in all_reviews(old)][1] == "Очередь в гардероб, ждали полчаса."


def test_a_crash_in_the_middle_leaves_the_old_store(old: StorePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("widget.sealing.AESGCM", None)
        with pytest.raises(TypeError):
            Store(old)
    assert old.path is not None
    connection = sqlite3.connect(old.path)
    assert connection.execute("SELECT count(*) FROM events").fetchone() == (7,)
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()


def test_after_such_a_crash_the_next_start_goes_through(old: StorePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("widget.migrate.shrink", lambda path: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Store(old)
    assert len(all_reviews(old)) == 5


def test_a_moderator_of_the_region_finds_old_ratings_too(old: StorePlace, tmp_path: Path) -> None:
    with running(tmp_path, store=old):
        pass
    assert {review.region_code for review in all_reviews(old)} == {"70"}
    assert verify(old).faults == ()


def test_an_export_brings_an_old_store_up_but_not_while_its_program_runs(
    old: StorePlace, tmp_path: Path, package_factory: object, capsys: pytest.CaptureFixture[str]
) -> None:
    import fcntl

    assert callable(package_factory)
    command = ["export", "--packages", str(package_factory()), "--store", str(old.path), "--out", str(tmp_path / "out")]
    with (tmp_path / "store.sqlite.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert publish.main(command) == StorageError.exit_code
        assert "в него пишет программа, которая его сделала. Сначала остановите её." in capsys.readouterr().err
    assert publish.main(command) == 0


def test_replies_that_stood_in_the_open_are_sealed(store_at: StorePlace) -> None:
    """Version 5 kept them as text; nothing else of it differs but the tables that came later."""
    store = Store(store_at)
    sent = Submission(rating=2, idempotency_key="a-key-of-version-5", text="Холодно.")
    code = store.add(Arrival(organization_id=SCHOOL, submission=sent, received_on=TODAY, channel="web")).result().code
    found, key = store.find(code), store.key
    assert found is not None
    store.close()
    _make_version_5(store_at, key, found.review_id, "Починим к зиме.")
    if store_at.path is not None:
        assert "Починим".encode() in store_at.path.read_bytes()
    store = Store(store_at)
    after = store.find(code)
    assert after is not None and after.reply is not None
    assert (after.reply.text, after.reply.version) == ("Починим к зиме.", 1)
    store.close()
    assert verify(store_at).faults == ()
    if store_at.path is not None:
        assert not any("Починим".encode() in file.read_bytes() for file in store_at.path.parent.iterdir())


def _make_version_5(place: StorePlace, key: ServerKey, review_id: str, text: str) -> None:
    row = {"review_id": review_id, "version": 1, "text": text, "replied_on": "2026-02-07", "account_id": "a"}
    earlier = sa.Table(
        "replies",
        sa.MetaData(),
        sa.Column("review_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("text", "replied_on", "account_id")),
        sqlite_strict=True,
    )
    deed = Deed(
        happened_on="2026-02-07",
        actor="account:a",
        action="replied",
        subject=f"reply:{review_id}:1",
        digest=digest_of(row, list(row)),
    )
    with migrating_connection(place) as connection:
        for table in ("appeals", "replies") if place.path else ("appeals", "replies", "text_prints"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        _open_notes(connection)
        earlier.create(connection)
        connection.execute(earlier.insert(), row)
        ledger = Ledger(connection, seal_of(key))
        ledger.record(deed)
        ledger.close()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0005'")
        if place.path:
            connection.exec_driver_sql("PRAGMA user_version=5")


def test_notes_that_stood_in_the_open_are_sealed(store_at: StorePlace) -> None:
    """Version 6 kept them as text; nothing else of it differs."""
    store = Store(store_at)
    sent = Submission(rating=2, idempotency_key="a-key-of-version-6", text="Холодно.")
    code = store.add(Arrival(organization_id=SCHOOL, submission=sent, received_on=TODAY, channel="web")).result().code
    review = store.find(code)
    assert review is not None
    for by, note in (("a", NOTE), ("b", "")):
        told = partial(report, review_id=review.review_id, by=by, reason_code="insult", note=note, today=TODAY)
        store.do(told).result()
    gone = (
        store.add(
            Arrival(
                organization_id=SCHOOL,
                submission=replace(sent, idempotency_key="a-key-of-one-who-left"),
                received_on=TODAY,
                channel="web",
            )
        )
        .result()
        .code
    )
    left = store.find(gone)
    assert left is not None
    told = partial(report, review_id=left.review_id, by="a", reason_code="insult", note=NOTE, today=TODAY)
    store.do(told).result()
    store.close()
    _make_version_6(store_at, withdrawn=left.review_id)
    if store_at.path is not None:
        assert "«холодно»".encode() in store_at.path.read_bytes()
    store = Store(store_at)
    found = store.read(partial(read_reports, review_id=review.review_id))
    assert sorted((one.note, one.reason_code, one.state) for one in found) == [
        ("", "insult", "open"),
        (NOTE, "insult", "open"),
    ]
    assert [one.note for one in store.read(partial(read_reports, review_id=left.review_id))] == [""]
    store.close()
    after = verify(store_at)
    # Two came, three reports, one left; and one note was sealed, so that a backup of today is another than before.
    assert (after.faults, after.entries) == ((), 2 + 3 + 1 + 1)
    if store_at.path is not None:
        assert not any("«холодно»".encode() in file.read_bytes() for file in store_at.path.parent.iterdir())
    store = Store(store_at)
    store.withdraw(code, TODAY).result()
    assert [one.note for one in store.read(partial(read_reports, review_id=review.review_id))] == ["", ""]
    assert store.read(lambda connection: connection.execute(sa.select(text_keys)).all()) == []
    store.close()


def _make_version_6(place: StorePlace, withdrawn: str) -> None:
    """In it a note was made about a review that had been taken back already."""
    with migrating_connection(place) as connection:
        _open_notes(connection)
        row = connection.execute(sa.select(reviews).where(reviews.c.review_id == withdrawn)).mappings().one()
        after = dict(row) | {"state": "withdrawn", "text_key": "", "sealed_text": None, "text_state": "none"}
        connection.execute(reviews.update().where(reviews.c.review_id == withdrawn).values(after))
        ledger = Ledger(connection, seal_of(read_key(place.key_file)))
        write_down(ledger, after, TODAY.isoformat(), "author", "withdrawn")
        ledger.close()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0006'")
        if place.path:
            connection.exec_driver_sql("PRAGMA user_version=6")


def _open_notes(connection: sa.Connection) -> None:
    """The table of reports as version 6 had it: with notes in the open and without keys."""
    rows = [dict(row) for row in connection.exec_driver_sql("SELECT * FROM reports").mappings()]
    connection.exec_driver_sql("DROP TABLE reports")
    cells = ("review_id", "account_id", "reported_on", "reason_code", "note", "state")
    earlier = sa.Table(
        "reports",
        sa.MetaData(),
        sa.Column("report_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in cells),
        sa.Index("reports_open", "state", "review_id"),
        sqlite_strict=True,
    )
    earlier.create(connection)
    for row in rows:
        note = NOTE if row["text_key"] else ""
        cells_of_row = {name: note if name == "note" else row[name] for name in ("report_id", *cells)}
        connection.execute(earlier.insert(), cells_of_row)
        connection.execute(text_keys.delete().where(text_keys.c.text_key == row["text_key"]))


def test_the_steps_lead_to_the_tables_that_the_program_knows(store_at: StorePlace) -> None:
    """Nothing differs between what the migrations make and what `widget/tables.py` says, in either engine."""
    Store(store_at).close()
    if store_at.path is not None:
        engine = sa.create_engine(f"sqlite:///{store_at.path}")
        known = [STORE]
    else:
        engine = writing_engine(store_at)
        known = [STORE, KEYS]
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), known) == []
    engine.dispose()
    assert read_key(store_at.key_file)
