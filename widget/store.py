"""Where ratings are kept: SQLite through SQLAlchemy Core, one writing connection, everything durable before it is told.

What must never be here: an address, a browser's name, a receipt or an idempotency key. Of the last two only keyed
hashes are stored, so that whoever reads the file can neither open a receipt nor send a rating again.

The engine's rules, each with its reason:

* WAL and `synchronous=FULL`: every commit is on disk before the answer (NORMAL answers before any sync).
* `BEGIN IMMEDIATE`: a transaction that reads first and then writes fails at once otherwise, whatever the time-out is.
* One connection writes and makes checkpoints, readers are read-only: SQLite before 3.51.3 may damage a file when a
  checkpoint of one connection meets a commit of another.
* One process: a lock beside the store keeps a second one out.
"""

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from nok.errors import BusyError, NokError, StorageError
from nok.records import REVIEW_CRITERIA
from widget.form_counts import AnswerCount, FormArrival, add_form, iterate_counts, make_tables
from widget.keys import ServerKey, make_key, parse_receipt, read_key, sync_folder
from widget.moderation import (
    Actor,
    ReviewStanding,
    TextStanding,
    first_standing,
    first_text_standing,
    move_review,
    rewrite_text,
)
from widget.submission import Details, Submission
from widget.writer import GroupWriter, OverloadedError, Work

STORE_VERSION = 2
"""Version 2 has counters of filled questionnaires beside the ratings of version 1."""
_VERSIONS = (0, 1, STORE_VERSION)
_APPLICATION_ID = 0x4E4F4B31
"""`NOK1`: tells our files from other SQLite files."""
SQLITE_VERSION = sqlite3.sqlite_version
SAFE_SQLITE = (3, 51, 3)
"""The first version without the write-ahead log's reset fault."""
_ROWS_PER_READ = 10_000
_UNSURE_ERRORS = ("SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC", "SQLITE_CORRUPT", "SQLITE_NOTADB")
"""After these nobody knows what is on disk; the file is looked through before it is written again."""

_metadata = sa.MetaData()


def _states(column: str, states: type[ReviewStanding] | type[TextStanding]) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({', '.join(repr(str(state)) for state in states)})")


_reviews = sa.Table(
    "reviews",
    _metadata,
    sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("review_id", sa.Text, nullable=False, unique=True),
    sa.Column("organization_id", sa.Text, nullable=False, index=True),
    sa.Column("received_on", sa.Text, nullable=False),
    sa.Column("rating", sa.Integer, nullable=False),
    *(sa.Column(name, sa.Integer) for name in REVIEW_CRITERIA),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("text_state", sa.Text, nullable=False),
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
    _states("state", ReviewStanding),
    _states("text_state", TextStanding),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

_events = sa.Table(
    "events",
    _metadata,
    sa.Column("event", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("review", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.ForeignKey("reviews.sequence")),
    sa.Column("happened_on", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("text_state", sa.Text, nullable=False),
    sa.Column("reason_code", sa.Text, nullable=False),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

_facts = sa.Table(
    "facts",
    _metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sqlite_strict=True,
)

_APPEND_ONLY = tuple(
    f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events "
    "BEGIN SELECT RAISE(ABORT, 'events are only added'); END"
    for verb in ("UPDATE", "DELETE")
)


class StoreUnavailableError(Exception):
    """The rating could not be stored and nothing was promised; trying again later is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReview:
    """One rating as stored; empty text means that nothing was said."""

    sequence: int
    review_id: str
    organization_id: str
    received_on: str
    rating: int
    criteria: tuple[tuple[str, int], ...]
    text: str
    text_standing: TextStanding
    visited_on: str
    language: str
    channel: str
    placement_code: str
    standing: ReviewStanding
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A rating on its way into the store. `set_aside_reason` is empty where it counts."""

    organization_id: str
    submission: Submission
    received_on: date
    channel: str
    set_aside_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the sender is told. `is_conflict`: the key was used before for something else, and nothing was stored."""

    code: str
    is_new: bool = False
    is_conflict: bool = False


class Store:
    """The store of one process. `add`, `complete` and `withdraw` are durable when their future is done."""

    def __init__(self, path: Path) -> None:
        """Opens the store at `path`, makes it and its key where there is none, and keeps other writers out.

        Raises:
            BusyError: another process writes this store.
            ConfigError: the key is missing, weak or of another store.
            StorageError: the disk refuses, or the file is something else or of a newer program.
        """
        self.fault = ""
        """Why the last write failed; empty while all is well."""
        self._unsure = False
        self._lock: int | None = _lock(path)
        self._writing = _engine(path, is_reader=False)
        self._reading = _engine(path, is_reader=True)
        try:
            self._key = _prepare(self._writing, path)
        except (SQLAlchemyError, OSError) as error:
            self._release()
            raise StorageError(f"{path}: the store cannot be opened: {_reason(error)}. Nothing was started.") from error
        except NokError:
            self._release()
            raise
        self._writer = GroupWriter(self._commit)

    # ---- writing ---------------------------------------------------------------------------------------------------

    def add(self, arrival: Arrival) -> "Future[Receipt]":
        """Stores a rating once, however often it is sent.

        Raises:
            StoreUnavailableError: too many wait already. The future raises it where the disk refuses.
        """
        key, submission = self._key, arrival.submission
        code = key.receipt(submission.idempotency_key)
        row = {
            "review_id": secrets.token_hex(10),
            "idempotency_hash": key.hash("idempotency", submission.idempotency_key),
            "body_hash": key.hash("body", f"{arrival.organization_id}:{submission.body()}"),
            "receipt_hash": key.hash("receipt", code),
            **_new_row(arrival),
        }
        return self._submit(lambda connection: _insert(connection, row, code))

    def complete(self, code: str, details: Details, today: date) -> "Future[bool]":
        """Adds details to the rating of a receipt; false where there is none or it was withdrawn."""
        receipt_hash = self._hash(code)
        return self._submit(lambda connection: _complete(connection, receipt_hash, details, today))

    def withdraw(self, code: str, today: date) -> "Future[bool]":
        """Takes the rating of a receipt back and erases its text; true also where that happened before."""
        receipt_hash = self._hash(code)
        return self._submit(lambda connection: _withdraw(connection, receipt_hash, today))

    def add_form(self, arrival: FormArrival) -> "Future[bool]":
        """Counts a filled questionnaire once; false where the same key was counted before.

        Raises:
            StoreUnavailableError: as `add`.
        """
        hashed = self._key.hash("form", arrival.idempotency_key)
        return self._submit(lambda connection: add_form(connection, hashed, arrival))

    def probe(self) -> "Future[None]":
        """Writes something that changes nothing, to see whether the disk takes it again."""
        return self._submit(_touch)

    def _submit(self, work: Work) -> "Future[Any]":
        try:
            return self._writer.submit(work)
        except (OverloadedError, RuntimeError) as error:
            raise StoreUnavailableError("too many ratings wait to be written") from error

    def _hash(self, code: str) -> str:
        return self._key.hash("receipt", parse_receipt(code) or "")

    def _commit(self, works: Sequence[Work]) -> Sequence[Any]:
        """The results of a batch after its commit; where the store fails, everybody in it is told so."""
        try:
            if self._unsure:
                _look_through(self._writing)
                self._unsure = False
            results = self._run(works)
        except (OperationalError, sa.exc.DatabaseError, sqlite3.Error, OSError) as error:
            self.fault = _reason(error)
            self._unsure = self._unsure or getattr(_original(error), "sqlite_errorname", "") in _UNSURE_ERRORS
            # A connection that met a failing disk is not trusted again; the next batch opens a new one.
            self._writing.dispose()
            return [StoreUnavailableError(self.fault)] * len(works)
        self.fault = ""
        return results

    def _run(self, works: Sequence[Work]) -> Sequence[Any]:
        try:
            with self._writing.begin() as connection:
                return [work(connection) for work in works]
        except sa.exc.IntegrityError:
            # Savepoints cost half of the speed, so they are paid only where one of a batch stands against the rules.
            with self._writing.begin() as connection:
                return [_alone(connection, work) for work in works]

    # ---- reading ---------------------------------------------------------------------------------------------------

    def find(self, code: str) -> StoredReview | None:
        """The rating of a receipt, or `None`.

        Raises:
            StoreUnavailableError: the store cannot be read now.
        """
        try:
            with self._reading.connect() as connection:
                found = connection.execute(_reviews.select().where(_reviews.c.receipt_hash == self._hash(code))).first()
        except SQLAlchemyError as error:
            raise StoreUnavailableError(_reason(error)) from error
        return _stored(found) if found else None

    def close(self) -> None:
        """Writes what waits and lets the next process in."""
        self._writer.close()
        self._release()

    def _release(self) -> None:
        self._reading.dispose()
        self._writing.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def iterate_reviews(path: Path) -> Iterator[StoredReview]:
    """Every rating of the store at `path` in the order of arrival, also while another process writes it.

    Read in short steps, so that a long reading does not keep the writer from shortening its log.

    Raises:
        StorageError: there is no store, or it cannot be read.
    """
    if not path.is_file():
        raise StorageError(f"{path}: there is no store of ratings here. Name it by --store. Nothing was exported.")
    engine = _engine(path, is_reader=True)
    last = 0
    try:
        while True:
            step = _reviews.select().where(_reviews.c.sequence > last).order_by(_reviews.c.sequence)
            with engine.connect() as connection:
                rows = connection.execute(step.limit(_ROWS_PER_READ)).all()
            if not rows:
                return
            yield from (_stored(row) for row in rows)
            last = rows[-1].sequence
    except SQLAlchemyError as error:
        raise StorageError(f"{path}: the store cannot be read: {_reason(error)}. Nothing was exported.") from error
    finally:
        engine.dispose()


def read_answer_counts(path: Path) -> list[AnswerCount]:
    """The answers to questionnaires that may be published, from the store at `path`; none in a store of version 1.

    They are few: a row for each answer of each question, not for each person.

    Raises:
        StorageError: there is no store, or it cannot be read.
    """
    if not path.is_file():
        raise StorageError(f"{path}: there is no store of ratings here. Name it by --store. Nothing was exported.")
    engine = _engine(path, is_reader=True)
    try:
        with engine.connect() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            return list(iterate_counts(connection)) if version == STORE_VERSION else []
    except SQLAlchemyError as error:
        raise StorageError(f"{path}: the store cannot be read: {_reason(error)}. Nothing was exported.") from error
    finally:
        engine.dispose()


# ---- work inside a transaction -------------------------------------------------------------------------------------


def _new_row(arrival: Arrival) -> dict[str, Any]:
    submission = arrival.submission
    return {
        "organization_id": arrival.organization_id,
        "received_on": arrival.received_on.isoformat(),
        "rating": submission.rating,
        **dict.fromkeys(REVIEW_CRITERIA),
        **dict(submission.criteria),
        "text": submission.text,
        "text_state": first_text_standing(submission.text),
        "visited_on": submission.visited_on.isoformat() if submission.visited_on else "",
        "language": submission.language,
        "channel": arrival.channel,
        "placement_code": submission.placement_code,
        "state": first_standing(is_set_aside=bool(arrival.set_aside_reason)),
        "reason_code": arrival.set_aside_reason,
    }


def _insert(connection: sa.Connection, row: Mapping[str, Any], code: str) -> Receipt:
    same_key = _reviews.c.idempotency_hash == row["idempotency_hash"]
    before = connection.execute(sa.select(_reviews.c.body_hash).where(same_key)).scalar_one_or_none()
    if before is not None:
        return Receipt(code=code, is_conflict=before != row["body_hash"])
    sequence = connection.execute(_reviews.insert().returning(_reviews.c.sequence), row).scalar_one()
    actor = Actor.GUARD if row["reason_code"] else Actor.AUTHOR
    _record(connection, sequence, row["received_on"], actor, row)
    return Receipt(code=code, is_new=True)


def _complete(connection: sa.Connection, receipt_hash: str, details: Details, today: date) -> bool:
    found = _of_receipt(connection, receipt_hash)
    if found is None or found.state == ReviewStanding.WITHDRAWN:
        return False
    before = dict(found._mapping)  # noqa: SLF001  the documented name of a row's mapping
    after = before | dict(details.criteria)
    if details.text is not None and details.text != before["text"]:
        after |= {
            "text": details.text,
            "text_state": rewrite_text(TextStanding(before["text_state"]), details.text),
        }
    if after != before:
        _update(connection, before, after, today)
    return True


def _withdraw(connection: sa.Connection, receipt_hash: str, today: date) -> bool:
    found = _of_receipt(connection, receipt_hash)
    if found is None:
        return False
    before = dict(found._mapping)  # noqa: SLF001  the documented name of a row's mapping
    if before["state"] != ReviewStanding.WITHDRAWN:
        state = move_review(ReviewStanding(before["state"]), ReviewStanding.WITHDRAWN, Actor.AUTHOR)
        after = before | {"state": state, "text": "", "text_state": TextStanding.NONE}
        _update(connection, before, after, today)
    return True


def _of_receipt(connection: sa.Connection, receipt_hash: str) -> Any:
    return connection.execute(_reviews.select().where(_reviews.c.receipt_hash == receipt_hash)).first()


def _update(connection: sa.Connection, before: Mapping[str, Any], after: Mapping[str, Any], today: date) -> None:
    changed = {name: value for name, value in after.items() if value != before[name]}
    connection.execute(_reviews.update().where(_reviews.c.sequence == before["sequence"]).values(changed))
    _record(connection, before["sequence"], today.isoformat(), Actor.AUTHOR, after)


def _record(connection: sa.Connection, sequence: int, day: str, actor: Actor, row: Mapping[str, Any]) -> None:
    event = {"review": sequence, "happened_on": day, "actor": actor}
    connection.execute(_events.insert(), event | {name: row[name] for name in ("state", "text_state", "reason_code")})


def _touch(connection: sa.Connection) -> None:
    connection.execute(_facts.update().where(_facts.c.name == "key_check").values(value=_facts.c.value))


def _alone(connection: sa.Connection, work: Work) -> Any:
    try:
        with connection.begin_nested():
            return work(connection)
    except sa.exc.IntegrityError as error:
        return StoreUnavailableError(_reason(error))


def _stored(row: Any) -> StoredReview:
    marks = ((name, getattr(row, name)) for name in REVIEW_CRITERIA)
    return StoredReview(
        sequence=row.sequence,
        review_id=row.review_id,
        organization_id=row.organization_id,
        received_on=row.received_on,
        rating=row.rating,
        criteria=tuple((name, mark) for name, mark in marks if mark is not None),
        text=row.text,
        text_standing=TextStanding(row.text_state),
        visited_on=row.visited_on,
        language=row.language,
        channel=row.channel,
        placement_code=row.placement_code,
        standing=ReviewStanding(row.state),
        reason_code=row.reason_code,
    )


# ---- opening -------------------------------------------------------------------------------------------------------


def _lock(path: Path) -> int:
    """A descriptor that holds the store for this process; the system lets go of it however the process ends."""
    lock = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise
    except BlockingIOError as error:
        raise BusyError(
            f"{path}: another process keeps this store open. Stop it first, or name another store. Nothing was started."
        ) from error
    except OSError as error:
        raise StorageError(f"{lock}: {error.strerror}. Nothing was started.") from error
    return descriptor


def _engine(path: Path, *, is_reader: bool) -> sa.Engine:
    mode = "ro" if is_reader else "rwc"
    pragmas = ["busy_timeout=5000", "foreign_keys=ON"]
    if not is_reader:
        pragmas += ["journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", f"application_id={_APPLICATION_ID}"]

    def connect() -> sqlite3.Connection:
        address = f"file:{quote(str(path.absolute()))}?mode={mode}"
        connection = sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)
        try:
            _check_application(connection, path)
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
        except (sqlite3.Error, StorageError):
            connection.close()
            raise
        return connection

    engine = sa.create_engine(
        "sqlite://",
        creator=connect,
        poolclass=sa.pool.QueuePool,
        pool_size=4 if is_reader else 1,
        max_overflow=12 if is_reader else 0,
        hide_parameters=True,  # a text that a citizen wrote must not get into a log by way of an error
    )
    begin = "BEGIN" if is_reader else "BEGIN IMMEDIATE"
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _check_application(connection: sqlite3.Connection, path: Path) -> None:
    """Somebody else's SQLite file must not become ours by a wrong path."""
    (found,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if found != _APPLICATION_ID and tables:
        raise StorageError(f"{path}: this SQLite file is not a store of ratings. Name another one. Nothing was done.")


def _prepare(engine: sa.Engine, path: Path) -> ServerKey:
    """Tables and key of the store, made where it is new; what a killed process left in the log is made durable.

    Without that last step a retry could be answered from a log that was written but never synced.
    """
    key_file = path.with_name(f"{path.name}.key")
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    with engine.begin() as connection:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version not in _VERSIONS:
            raise StorageError(
                f"{path}: the store has version {version}, this program knows {STORE_VERSION}. "
                "Use the program that made it, or a newer one. Nothing was changed."
            )
        key = make_key(key_file) if version == 0 and not key_file.exists() else read_key(key_file)
        if version == 0:
            _make_tables(connection, key)
        if version != STORE_VERSION:
            make_tables(connection)
            connection.exec_driver_sql(f"PRAGMA user_version={STORE_VERSION}")
        fingerprint = connection.execute(sa.select(_facts.c.value).where(_facts.c.name == "key_check")).scalar_one()
        if fingerprint != key.hash("store", "key_check"):
            raise StorageError(
                f"{key_file}: this is not the key that the store was made with, so no receipt could be opened. "
                "Put the right key back from a copy. Nothing was started."
            )
    with _outside_transaction(engine) as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sync_folder(path.parent)
    return key


def _make_tables(connection: sa.Connection, key: ServerKey) -> None:
    _metadata.create_all(connection)
    for trigger in _APPEND_ONLY:
        connection.exec_driver_sql(trigger)
    connection.execute(_facts.insert(), {"name": "key_check", "value": key.hash("store", "key_check")})


def _look_through(engine: sa.Engine) -> None:
    """After a failed sync: the log is copied and synced anew, since what the system's cache shows may not be on disk.

    Raises:
        sqlite3.Error: the disk still refuses, or the file is damaged.
    """
    with _outside_transaction(engine) as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (verdict,) = cursor.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"the file is damaged: {verdict}")


@contextmanager
def _outside_transaction(engine: sa.Engine) -> Iterator[sqlite3.Cursor]:
    connection = engine.raw_connection()
    try:
        cursor: Any = connection.cursor()
        yield cursor
        cursor.close()
    finally:
        connection.close()


def _original(error: Exception) -> BaseException:
    return getattr(error, "orig", None) or error


def _reason(error: Exception) -> str:
    """What the engine or the system says, without statements and values."""
    original = _original(error)
    return str(getattr(original, "strerror", None) or original)
