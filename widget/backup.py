"""Backups of a store, and the way back.

A backup is one moment of the store as a SQLite file, whichever engine it comes from, so that it can be read without a
server and moves a store from one engine to the other. The keys of texts and photographs do not lie in it: one file beside all backups
holds those of today, and each new backup replaces it. So a text that was erased is gone from every backup as soon as the
next one is made, while counts, order and the audit chain stay whole in all of them.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from nok.errors import Said, StorageError, UsageError
from widget.audit import Head
from widget.engines import StorePlace, copy_file, fold_log, reading_engine, store_place, told, writing_engine
from widget.keys import ServerKey, read_key, sync_folder
from widget.ledger import Ledger, read_head
from widget.migrate import is_empty, make_schema, prepare
from widget.moderation import Actor, ReviewStanding, TextStanding
from widget.photo_store import drop_lost_photos
from widget.reviews import change, erase_beside, row_where, take_back, without_text
from widget.store import Reader, Store
from widget.tables import KEYS, STORE, erasures, facts, reviews, text_keys

_FILE, _KEYS_FILE, _KEY_FILE = "store.sqlite", "store.textkeys", "store.key"
_MANIFEST = "manifest.json"
_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was saved or brought back. `erased` is how many ratings and texts a backup held that may not come back."""

    folder: Path
    reviews: int
    entries: int
    erased: int = 0


# ---- there ---------------------------------------------------------------------------------------------------------


def back_up(place: StorePlace, out: Path, today: date) -> Report:
    """Saves the store into a new folder below `out`, also while it is being written, and today's keys beside it.

    Raises:
        StorageError: there is no store, or a disk refuses; what was saved before is untouched.
    """
    reader = Reader(place)
    reader.close()
    key = read_key(place.key_file)
    with told(place, Said("saved-nothing")):
        out.mkdir(parents=True, exist_ok=True)
        out.chmod(0o700)
        beside = out / f".{secrets.token_hex(4)}.new"
        beside.mkdir(mode=0o700)
        try:
            report = _save(place, key, beside)
            folder = out / f"{today.isoformat()}-{report.entries:09d}"
            if folder.exists():
                shutil.rmtree(beside)
            else:
                beside.rename(folder)
            sync_folder(out)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return Report(folder=folder, reviews=report.reviews, entries=report.entries)


def _save(place: StorePlace, key: ServerKey, beside: Path) -> Report:
    copy = store_place(beside / _FILE, place.key_file)
    if place.url:
        _copy_from_server(place, key, copy)
    else:
        assert place.path is not None  # noqa: S101  no url, so it is a file
        copy_file(place.path, beside / _FILE)  # the keys after it: a key is on disk earlier than the row that needs it
        copy_file(place.keys_file, copy.keys_file)
    number, head = _count(copy)
    _replace(copy.keys_file, beside.parent / _KEYS_FILE)
    shutil.copyfile(place.key_file, beside / _KEY_FILE)
    (beside / _KEY_FILE).chmod(0o600)
    _replace(beside / _KEY_FILE, beside.parent / _KEY_FILE)
    said = {"reviews": number, "entries": head.number, "head": head.hash, "files": _digests(beside)}
    (beside / _MANIFEST).write_text(json.dumps(said, indent=2) + "\n", "utf-8")
    _sync(beside)
    return Report(folder=beside, reviews=number, entries=head.number)


def _count(copy: StorePlace) -> tuple[int, Head]:
    engine = reading_engine(copy)
    try:
        with engine.begin() as connection:
            number = connection.execute(sa.select(sa.func.count()).select_from(reviews)).scalar_one()
            return number, read_head(connection)
    finally:
        engine.dispose()


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): _sha256(file) for file in files}


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _replace(file: Path, target: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    file.replace(target)


def _sync(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    sync_folder(folder)


# ---- and back ------------------------------------------------------------------------------------------------------


def restore(folder: Path, place: StorePlace, today: date) -> Report:
    """Brings a backup back to a place where no store is. What was erased since it was made stays erased.

    Raises:
        UsageError: there is a store already, or `folder` is no backup.
        StorageError: the backup is damaged, or a disk refuses.
    """
    said = _read_manifest(folder)
    if not is_empty(place):
        raise UsageError("store-there", place=place)
    with told(place, Said("store-incomplete")):
        place.key_file.parent.mkdir(parents=True, exist_ok=True)
        if not place.key_file.exists():
            _copy_private(folder.parent / _KEY_FILE, place.key_file)
        if place.url:
            _copy_to_server(folder, place)
        else:
            assert place.path is not None  # noqa: S101  no url, so it is a file
            if not place.keys_file.exists():
                _copy_private(folder.parent / _KEYS_FILE, place.keys_file)
            _copy_private(folder / _FILE, place.path)
    store = Store(place)
    try:
        erased = store.do(partial(_keep_erased, today=today)).result()
    finally:
        store.close()
    return Report(folder=folder, reviews=said["reviews"], entries=said["entries"], erased=erased)


def _read_manifest(folder: Path) -> Mapping[str, Any]:
    try:
        said: Mapping[str, Any] = json.loads((folder / _MANIFEST).read_text("utf-8"))
        files = dict(said["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError("backup-none", place=folder) from error
    for name, digest in files.items():
        file = folder / name
        if not file.is_file() or _sha256(file) != digest:
            raise StorageError("backup-damaged", place=file)
    return said


def _copy_private(source: Path, target: Path) -> None:
    """A file of its owner alone, whole or not there."""
    beside = target.with_name(f"{target.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.close(descriptor)
    shutil.copyfile(source, beside)
    _replace(beside, target)
    sync_folder(target.parent)


def _keep_erased(ledger: Ledger, today: date) -> int:
    """Withdraws and erases again what was withdrawn and erased after the backup; how much that was."""
    number = 0
    for row in ledger.connection.execute(erasures.select()).all():
        found = row_where(ledger.connection, reviews.c.review_id == row.review_id)
        if found is None:
            continue
        if row.what == "rating" and found["state"] != ReviewStanding.WITHDRAWN:
            take_back(ledger, found, today, Actor.AUTHOR, "withdrawn-before")
            number += 1
        elif row.what == "text" and found["text_key"] and not _has_key(ledger.connection, found["text_key"]):
            after = found | without_text(TextStanding.ERASED) | {"text_reason": row.reason_code}
            change(ledger, found, after, today, str(Actor.ADMINISTRATOR), "erased-before")
            erase_beside(ledger, row.review_id, today, str(Actor.ADMINISTRATOR))
            number += 1
    return number + _drop_rewritten(ledger, today) + drop_lost_photos(ledger, today)


def _has_key(connection: sa.Connection, text_key: str) -> bool:
    return (
        connection.execute(sa.select(text_keys.c.text_key).where(text_keys.c.text_key == text_key)).first() is not None
    )


def _drop_rewritten(ledger: Ledger, today: date) -> int:
    """Texts that their authors replaced after the backup: the old wording is unreadable, the new one is not here."""
    known = sa.select(text_keys.c.text_key)
    lost = reviews.select().where(reviews.c.sealed_text.is_not(None), reviews.c.text_key.not_in(known))
    rows = [dict(row) for row in ledger.connection.execute(lost).mappings()]
    for row in rows:
        after = row | without_text(TextStanding.NONE) | {"text_reason": ""}
        change(ledger, row, after, today, str(Actor.AUTHOR), "rewritten-before")
    return len(rows)


# ---- between engines -----------------------------------------------------------------------------------------------


def _copy_from_server(place: StorePlace, key: ServerKey, copy: StorePlace) -> None:
    make_schema(copy, key)
    source = reading_engine(place)
    with source.begin() as reading:
        _copy_rows(reading, copy, [*STORE.sorted_tables, *KEYS.sorted_tables])
    source.dispose()
    assert copy.path is not None  # noqa: S101  a copy is a file
    for path in (copy.path, copy.keys_file):
        fold_log(path)


def _copy_to_server(folder: Path, place: StorePlace) -> None:
    prepare(place)
    scratch = place.key_file.with_name(f".restore-{secrets.token_hex(4)}")
    scratch.mkdir(mode=0o700)
    try:
        backup = store_place(scratch / _FILE, place.key_file)
        _copy_private(folder / _FILE, scratch / _FILE)
        _copy_private(folder.parent / _KEYS_FILE, backup.keys_file)
        prepare(backup)  # one that an earlier program made
        source = reading_engine(backup)
        with source.begin() as reading:
            _copy_rows(reading, place, [*STORE.sorted_tables, *KEYS.sorted_tables])
        source.dispose()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _copy_rows(reading: sa.Connection, target: StorePlace, tables: list[sa.Table]) -> None:
    engine = writing_engine(target)
    try:
        with engine.begin() as writing:
            writing.execute(facts.delete())
            for table in tables:
                rows = reading.execution_options(yield_per=_ROWS_AT_ONCE).execute(table.select()).mappings()
                for some in rows.partitions(_ROWS_AT_ONCE):
                    writing.execute(table.insert(), [dict(row) for row in some])
            if target.url:
                last = "SELECT setval(pg_get_serial_sequence('reviews', 'sequence'), max(sequence)) FROM reviews"
                writing.exec_driver_sql(last)
    finally:
        engine.dispose()
