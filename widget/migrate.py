"""Makes a store ready for this program: files, key, tables; a store of an earlier program is led here without loss.

The steps are Alembic's, in `widget/migrations`. They run in one transaction, so that a crash in the middle leaves the
store as it was. Alembic and its door are here alone.
"""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from nok.errors import StorageError
from widget.audit import Head
from widget.engines import (
    StorePlace,
    add_keys,
    file_version,
    make_files,
    migrating_connection,
    open_notes,
    open_replies,
    open_texts,
    shrink,
)
from widget.keys import ServerKey, make_key, read_key, sync_folder
from widget.sealing import new_secret
from widget.tables import facts

STORE_VERSION = 7
"""Version 2 has counters of filled questionnaires beside the ratings of version 1; version 3 seals texts, chains what
happened and knows the moderation desk; version 4 has photographs and the sites that frame a form; version 5 knows which
invitations are spent; version 6 seals replies and has appeals; version 7 seals notes of reports."""
_FILE_VERSIONS = {version: f"{version:04}" if version else "" for version in range(STORE_VERSION + 1)}
"""What SQLite's `user_version` says, and the step of the migrations that it means."""
_SEALED_SINCE = 3
"""Earlier stores have no file of keys and hold texts in the open."""
_REPLIES_SEALED_SINCE, _NOTES_SEALED_SINCE = 6, 7
"""Earlier stores hold replies, and notes of reports, in the open."""
_MIGRATIONS = Path(__file__).with_name("migrations")


def prepare(place: StorePlace) -> ServerKey:
    """The server's key of the store at `place`, after everything was made or led to this program's shape.

    A SQLite store must be locked by the caller.

    Raises:
        ConfigError: the key is missing, weak or others may read it.
        StorageError: the key is of another store, or the store of a newer program.
    """
    place.key_file.parent.mkdir(parents=True, exist_ok=True)
    return _prepare_server(place) if place.url else _prepare_files(place)


def is_ready(place: StorePlace) -> bool:
    """True where the store has this program's shape already."""
    if place.url:
        engine = sa.create_engine(place.url, poolclass=sa.pool.NullPool, hide_parameters=True)
        with engine.connect() as connection:
            return _revision(connection) == _FILE_VERSIONS[STORE_VERSION]
    return place.path is not None and file_version(place.path) == STORE_VERSION and place.keys_file.exists()


def is_empty(place: StorePlace) -> bool:
    """True where no store is yet."""
    if place.path is not None:
        return not place.path.exists()
    engine = sa.create_engine(place.url, poolclass=sa.pool.NullPool, hide_parameters=True)
    with engine.connect() as connection:
        return not sa.inspect(connection).get_table_names()


def make_schema(place: StorePlace, key: ServerKey) -> None:
    """Empty tables in a SQLite file that is not there yet, for the rows of another store."""
    make_files(place)
    with migrating_connection(place) as connection:
        _upgrade(connection, key, "")
        connection.exec_driver_sql(f"PRAGMA user_version={STORE_VERSION}")


def _prepare_files(place: StorePlace) -> ServerKey:
    assert place.path is not None  # noqa: S101  the caller asked
    version = file_version(place.path) if place.path.exists() else 0
    if version not in _FILE_VERSIONS:
        raise StorageError("store-version", place=place, version=version, known=STORE_VERSION)
    if version >= _SEALED_SINCE and not place.keys_file.exists():
        raise StorageError("text-keys-missing", place=place.keys_file)
    is_new = version == 0 and not place.key_file.exists()
    if not is_new:
        read_key(place.key_file)  # before a byte of the store is touched
    make_files(place)
    key = make_key(place.key_file) if is_new else read_key(place.key_file)
    if version != STORE_VERSION:
        add_keys(place, {name: new_secret() for name in _open_words(place.path, version)})
        with migrating_connection(place) as connection:
            _upgrade(connection, key, _FILE_VERSIONS[version])
            connection.exec_driver_sql(f"PRAGMA user_version={STORE_VERSION}")
        if 0 < version < _NOTES_SEALED_SINCE:
            shrink(place.path)  # texts, replies or notes stood in the open before
    sync_folder(place.path.parent)
    return key


def _open_words(path: Path, version: int) -> list[str]:
    """What a store of an earlier version holds in the open, by the names of keys to be.

    These are on disk before the first text is sealed; after a crash in between the same keys serve again.
    """
    if version == 0:
        return []
    if version < _SEALED_SINCE:
        return open_texts(path)
    replies = open_replies(path) if version < _REPLIES_SEALED_SINCE else []
    return replies + (open_notes(path) if version < _NOTES_SEALED_SINCE else [])


def _prepare_server(place: StorePlace) -> ServerKey:
    with migrating_connection(place) as connection:
        before = _revision(connection)
        if before and before not in _FILE_VERSIONS.values():
            raise StorageError("store-version", place=place, version=before, known=_FILE_VERSIONS[STORE_VERSION])
        is_new = not before and not place.key_file.exists()
        key = make_key(place.key_file) if is_new else read_key(place.key_file)
        if before != _FILE_VERSIONS[STORE_VERSION]:
            _upgrade(connection, key, before)
    return key


def _revision(connection: sa.Connection) -> str:
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none() or "")


def _upgrade(connection: sa.Connection, key: ServerKey, before: str) -> None:
    """Runs the steps that are missing; `before` names the last one that a store without Alembic's table has had."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["seal_head"] = seal_of(key)
    script = ScriptDirectory.from_config(config)
    with EnvironmentContext(config, script, fn=lambda *_: []) as environment:
        environment.configure(connection=connection)
        if before and not _revision(connection):
            environment.get_context().stamp(script, before)
    with EnvironmentContext(config, script, fn=lambda now, _: script._upgrade_revs("head", now)) as environment:  # noqa: SLF001  what alembic's own command calls
        environment.configure(connection=connection)
        environment.run_migrations()
    if not before:
        connection.execute(facts.insert(), {"name": "key_check", "value": key_check(key)})


def key_check(key: ServerKey) -> str:
    """What the store keeps of the key, to know it again."""
    return key.hash("store", "key_check")


def seal_of(key: ServerKey) -> Callable[[Head], str]:
    """Seals the end of the audit chain: without the key nobody makes a chain of his own look genuine."""
    return lambda head: key.hash("audit", f"{head.number}:{head.hash}")


def check_key(place: StorePlace, connection: sa.Connection, key: ServerKey) -> None:
    """Raises: StorageError, the store was made with another key."""
    if connection.execute(sa.select(facts.c.value).where(facts.c.name == "key_check")).scalar_one() != key_check(key):
        raise StorageError("store-key-other", place=place.key_file)
