"""How a store is opened: SQLite by default, PostgreSQL where several widgets stand behind one address.

SQLite's rules, each with its reason:

* WAL and `synchronous=FULL`: every commit is on disk before the answer (NORMAL answers before any sync).
* `BEGIN IMMEDIATE`: a transaction that reads first and then writes fails at once otherwise, whatever the time-out is.
* One connection writes and makes checkpoints, readers are read-only: SQLite before 3.51.3 may damage a file when a
  checkpoint of one connection meets a commit of another.
* One process: a lock beside the store keeps a second one out.
* The file with the keys of texts is opened first and the store attached to it, since SQLite commits its files in that
  order: a power cut between the two may leave a key without a text, never a text without its key; and of an erased text
  it is the key that goes first.

PostgreSQL keeps the keys as tables beside the others; one transaction after another lengthens the audit chain, whichever
process it comes from.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from nok.errors import BusyError, Said, StorageError, UsageError
from widget.tables import KEYS

SQLITE_VERSION = sqlite3.sqlite_version
SAFE_SQLITE = (3, 51, 3)
"""The first version without the write-ahead log's reset fault."""
APPLICATION_ID = 0x4E4F4B31
"""`NOK1`: tells our files from other SQLite files."""
KEYS_APPLICATION_ID = 0x4E4F4B32
"""`NOK2`: the file with the keys of texts."""
CHAIN_LOCK = 0x4E4F4B31
"""PostgreSQL's name for the right to write: the audit chain has one end."""
_STORE = "store"
_UNSURE_ERRORS = ("SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC", "SQLITE_CORRUPT", "SQLITE_NOTADB")
"""After these nobody knows what is on disk; the file is looked through before it is written again."""
_SERVER_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")

DatabaseFault = (sa.exc.DatabaseError, sa.exc.InterfaceError, sqlite3.Error, OSError)
"""All that a disk or a server may answer instead of doing its work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePlace:
    """Where ratings are kept: a SQLite file (`path`), or a PostgreSQL database (`url`), and where the server's key lies."""

    key_file: Path
    path: Path | None = None
    url: str = ""

    @property
    def keys_file(self) -> Path:
        """SQLite's file with the keys of texts."""
        return _file(self).with_name(f"{_file(self).name}.textkeys")

    def __str__(self) -> str:
        """For a person: the path, or the address without its password."""
        return sa.make_url(self.url).render_as_string(hide_password=True) if self.url else str(self.path)


def store_place(store: str | Path, key_file: Path | None = None) -> StorePlace:
    """The place that a person named: a path, or `postgresql://…` (then `key_file` must say where the key lies).

    Raises:
        UsageError: an address of something else, or one without a key.
    """
    text = str(store)
    if "://" not in text:
        path = Path(store)
        return StorePlace(path=path, key_file=key_file or path.with_name(f"{path.name}.key"))
    scheme, _, rest = text.partition("://")
    if scheme not in _SERVER_SCHEMES:
        raise UsageError("store-scheme", scheme=scheme)
    if key_file is None:
        raise UsageError("store-key")
    return StorePlace(url=f"postgresql+psycopg://{rest}", key_file=key_file)


def _file(place: StorePlace) -> Path:
    if place.path is None:
        raise ValueError("a PostgreSQL store has no file")
    return place.path


# ---- engines -------------------------------------------------------------------------------------------------------


def writing_engine(place: StorePlace) -> sa.Engine:
    """One connection, which begins every transaction with the right to write."""
    if place.url:
        engine = _server_engine(place, size=1)
        lock = f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})"
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(lock))
        return engine
    return _file_engine(place, "rwc", "BEGIN IMMEDIATE", size=1)


def reading_engine(place: StorePlace) -> sa.Engine:
    """Connections that only read; each transaction sees one moment."""
    if place.url:
        engine = _server_engine(place, size=4)
        begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        return engine
    return _file_engine(place, "ro", "BEGIN", size=4)


def _server_engine(place: StorePlace, *, size: int) -> sa.Engine:
    return sa.create_engine(
        place.url,
        pool_size=size,
        max_overflow=12 if size > 1 else 0,
        pool_pre_ping=size > 1,
        connect_args={"connect_timeout": 5, "application_name": "nok"},
        hide_parameters=True,  # a text that a citizen wrote must not get into a log by way of an error
    )


def _file_engine(place: StorePlace, mode: str, begin: str, *, size: int) -> sa.Engine:
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: _connect(place, mode),
        poolclass=sa.pool.QueuePool,
        pool_size=size,
        max_overflow=12 if size > 1 else 0,
        hide_parameters=True,
    )
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _connect(place: StorePlace, mode: str) -> sqlite3.Connection:
    connection = _open_file(place.keys_file, mode)
    try:
        _check_application(connection, "main", place.keys_file, KEYS_APPLICATION_ID)
        connection.execute(f"ATTACH ? AS {_STORE}", (_address(_file(place), mode),))
        _check_application(connection, _STORE, _file(place), APPLICATION_ID)
        _set_up(connection, "main", is_reader=mode == "ro")
        _set_up(connection, _STORE, is_reader=mode == "ro")
    except (sqlite3.Error, StorageError):
        connection.close()
        raise
    return connection


def _open_file(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(_address(path, mode), uri=True, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA busy_timeout=5000")
    return connection


def _address(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.absolute()))}?mode={mode}"


def _set_up(connection: sqlite3.Connection, schema: str, *, is_reader: bool) -> None:
    connection.execute("PRAGMA foreign_keys=ON")
    if not is_reader:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {schema}.{pragma}")


def _check_application(connection: sqlite3.Connection, schema: str, path: Path, expected: int) -> None:
    """Somebody else's SQLite file must not become ours by a wrong path."""
    (found,) = connection.execute(f"PRAGMA {schema}.application_id").fetchone()
    (tables,) = connection.execute(f"SELECT count(*) FROM {schema}.sqlite_master").fetchone()
    if found != expected and tables:
        raise StorageError("store-foreign", place=path)


@contextmanager
def migrating_connection(place: StorePlace) -> Iterator[sa.Connection]:
    """A transaction in which tables may be made; in SQLite the store is the first file here, the keys are attached."""
    if place.url:
        engine = writing_engine(place)
    else:
        engine = sa.create_engine("sqlite://", creator=lambda: _connect_to_migrate(place), poolclass=sa.pool.NullPool)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _connect_to_migrate(place: StorePlace) -> sqlite3.Connection:
    connection = _open_file(_file(place), "rwc")
    try:
        _check_application(connection, "main", _file(place), APPLICATION_ID)
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute("ATTACH ? AS keys", (_address(place.keys_file, "rw"),))
        _set_up(connection, "main", is_reader=False)
        connection.execute("PRAGMA foreign_keys=OFF")  # a table that others point to is made anew
    except (sqlite3.Error, StorageError):
        connection.close()
        raise
    return connection


# ---- files of SQLite -----------------------------------------------------------------------------------------------


def make_files(place: StorePlace) -> None:
    """Store and keys as empty files of their owner alone, the keys with their tables; what is there stays."""
    for path in (_file(place), place.keys_file):
        if not path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    engine = sa.create_engine(
        "sqlite://", creator=lambda: _open_file(place.keys_file, "rw"), poolclass=sa.pool.NullPool
    )
    with _outside_transaction(engine) as cursor:
        _check_application(cursor.connection, "main", place.keys_file, KEYS_APPLICATION_ID)
        cursor.execute(f"PRAGMA application_id={KEYS_APPLICATION_ID}")
        _set_up(cursor.connection, "main", is_reader=False)
    with engine.begin() as connection:
        KEYS.create_all(connection)
    engine.dispose()


def file_version(path: Path) -> int:
    """The number that says which program made a SQLite store; 0 for an empty file."""
    connection = _open_file(path, "ro")
    try:
        _check_application(connection, "main", path, APPLICATION_ID)
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return int(version)
    finally:
        connection.close()


def open_texts(path: Path) -> list[str]:
    """The ids of reviews whose text an earlier program kept in the open."""
    connection = _open_file(path, "ro")
    try:
        return [review_id for (review_id,) in connection.execute("SELECT review_id FROM reviews WHERE text <> ''")]
    finally:
        connection.close()


def open_replies(path: Path) -> list[str]:
    """What the audit chain calls each wording of a reply that an earlier program kept in the open."""
    connection = _open_file(path, "ro")
    try:
        return [
            f"reply:{review_id}:{version}"
            for review_id, version in connection.execute("SELECT review_id, version FROM replies")
        ]
    finally:
        connection.close()


def open_notes(path: Path) -> list[str]:
    """What the notes of reports that an earlier program kept in the open are sealed as part of."""
    connection = _open_file(path, "ro")
    try:
        found = connection.execute("SELECT report_id FROM reports WHERE note <> ''")
        return [f"report:{report_id}" for (report_id,) in found]
    finally:
        connection.close()


def add_keys(place: StorePlace, secrets: Mapping[str, bytes]) -> None:
    """Puts keys of texts on disk; a key that is there already stays."""
    connection = _open_file(place.keys_file, "rw")
    try:
        _set_up(connection, "main", is_reader=False)
        connection.execute("BEGIN IMMEDIATE")
        insert = "INSERT INTO text_keys (text_key, secret) VALUES (?, ?) ON CONFLICT DO NOTHING"
        connection.executemany(insert, secrets.items())
        connection.execute("COMMIT")
    finally:
        connection.close()


def shrink(path: Path) -> None:
    """Writes the file anew, so that nothing of what was removed is left in it."""
    connection = _open_file(path, "rw")
    try:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def copy_file(source: Path, target: Path) -> None:
    """One moment of a SQLite file, also while it is being written, as a file without a log beside it."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    reader, writer = _open_file(source, "ro"), _open_file(target, "rw")
    try:
        reader.backup(writer)
    finally:
        reader.close()
        writer.close()
    fold_log(target)


def fold_log(path: Path) -> None:
    """Puts everything into the one file, so that it can be copied alone."""
    connection = _open_file(path, "rw")
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
    finally:
        connection.close()


def truncate_log(engine: sa.Engine, schema: str = "") -> bool:
    """Moves SQLite's log into its file and empties it; false where a reader still needs the log."""
    with _outside_transaction(engine) as cursor:
        named = f"{schema}." if schema else ""
        (is_busy, _, _) = cursor.execute(f"PRAGMA {named}wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


def look_through(engine: sa.Engine) -> None:
    """After a failed sync: the log is copied and synced anew, since what the system's cache shows may not be on disk.

    Raises:
        sqlite3.Error: the disk still refuses, or the file is damaged.
    """
    with _outside_transaction(engine) as cursor:
        for schema in ("main", _STORE):
            cursor.execute(f"PRAGMA {schema}.wal_checkpoint(TRUNCATE)")
            (verdict,) = cursor.execute(f"PRAGMA {schema}.quick_check(1)").fetchone()
            if verdict != "ok":
                raise sqlite3.DatabaseError(f"the file is damaged: {verdict}")


@contextmanager
def _outside_transaction(engine: sa.Engine) -> Iterator[sqlite3.Cursor]:
    connection = engine.raw_connection()
    try:
        cursor: Any = connection.driver_connection.cursor() if connection.driver_connection else None
        yield cursor
        cursor.close()
    finally:
        connection.close()


# ---- who may write -------------------------------------------------------------------------------------------------


def lock_store(place: StorePlace) -> int:
    """A descriptor that holds a SQLite store for this process; the system lets go of it however the process ends.

    Raises:
        BusyError: another process holds it. StorageError: the disk refuses.
    """
    path = _file(place)
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
        raise BusyError("store-held", place=path) from error
    except OSError as error:
        raise StorageError("store-unlocked", place=lock, reason=error.strerror) from error
    return descriptor


# ---- what a fault says ---------------------------------------------------------------------------------------------


def reason_of(error: Exception) -> str:
    """What the engine or the system says, without statements and values, on one line."""
    original = _original(error)
    said = str(getattr(original, "strerror", None) or original).strip()
    return said.partition("\n")[0] or type(original).__name__


def is_unsure(error: Exception) -> bool:
    """True after a fault of the disk that leaves open what is on it."""
    return getattr(_original(error), "sqlite_errorname", "") in _UNSURE_ERRORS


def _original(error: Exception) -> BaseException:
    return getattr(error, "orig", None) or error


@contextmanager
def told(place: StorePlace, what_was_not_done: Said) -> Iterator[None]:
    """Turns what an engine says into the sentence of a `StorageError` that ends with `what_was_not_done`."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StorageError(
            "store-unreadable", place=place, reason=reason_of(error), outcome=what_was_not_done
        ) from error
