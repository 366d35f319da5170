"""Walks the audit chain of a store and says what does not agree: with itself, with the rows, with published exports."""

import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from nok.errors import Said, StorageError
from widget.accounts import account_digest, account_subject
from widget.appeals import appeal_digest, appeal_subject
from widget.audit import Entry, Walk, digest_of
from widget.engines import StorePlace
from widget.export import AUDIT
from widget.keys import ServerKey, read_key
from widget.ledger import AUDIT_SEAL
from widget.migrate import seal_of
from widget.replies import reply_digest, reply_subject
from widget.reviews import DIGESTED, photo_digest, photo_subject, subject_of
from widget.store import Reader
from widget.tables import accounts, appeals, audit, facts, photos, replies, reviews

_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a walk found: how many entries there are, the hash of the last, and a sentence for each fault."""

    entries: int
    head: str
    faults: tuple[Said, ...]


def verify(place: StorePlace, exports: Sequence[Path] = ()) -> Verdict:
    """Checks the whole chain of a store at one moment, also while it is being written.

    `exports` are packages that were exported from it: their end of the chain must be a part of it.

    Raises:
        StorageError: the store, its key or an export cannot be read.
    """
    key = read_key(place.key_file)
    published = {folder: _published_end(folder) for folder in exports}
    reader = Reader(place)
    try:
        return reader.read(lambda connection: _verify(connection, key, published))
    finally:
        reader.close()


def _verify(connection: sa.Connection, key: ServerKey, published: Mapping[Path, tuple[int, str]]) -> Verdict:
    walk = Walk({number for number, _ in published.values()})
    faults = list(walk.follow(_entries(connection)))
    sealed = connection.execute(sa.select(facts.c.value).where(facts.c.name == AUDIT_SEAL)).scalar_one_or_none()
    if not hmac.compare_digest(sealed or "", seal_of(key)(walk.head)):
        faults.append(Said("audit-seal", number=walk.head.number))
    for folder, (number, end) in published.items():
        found = walk.hashes.get(number, "")
        if found != end:
            now = Said("audit-other", number=number) if found else Said("audit-shorter")
            faults.append(Said("audit-export", place=folder, number=number, end=end[:12], now=now))
    head = walk.head
    faults += walk.compare(_rows(connection))
    return Verdict(entries=head.number, head=head.hash, faults=tuple(faults))


def _entries(connection: sa.Connection) -> Iterator[Entry]:
    query = audit.select().order_by(audit.c.number)
    for row in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query).mappings():
        yield Entry(**row)


def _rows(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """(subject, digest) of every row that the chain vouches for."""
    streaming = connection.execution_options(yield_per=_ROWS_AT_ONCE)
    for row in streaming.execute(reviews.select()).mappings():
        yield subject_of(row["review_id"]), digest_of(dict(row), DIGESTED)
    for row in streaming.execute(replies.select()).mappings():
        yield reply_subject(row["review_id"], row["version"]), reply_digest(dict(row))
    for row in streaming.execute(appeals.select()).mappings():
        yield appeal_subject(row["appeal_id"]), appeal_digest(dict(row))
    for row in streaming.execute(photos.select()).mappings():
        yield photo_subject(row["photo_id"]), photo_digest(dict(row))
    for row in streaming.execute(accounts.select()).mappings():
        yield account_subject(row["account_id"]), account_digest(dict(row))


def _published_end(folder: Path) -> tuple[int, str]:
    try:
        said = json.loads((folder / "datapackage.json").read_text("utf-8"))[AUDIT]
        return int(said["entries"]), str(said["head"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError("audit-export-none", place=folder) from error
