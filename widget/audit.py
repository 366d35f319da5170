"""The chain of all that ever happened to a store: each entry holds a hash of itself and of the entry before. Pure.

An entry also holds a digest of the row that the deed left behind. So whoever changes a row without an entry, an entry
without its followers, drops, swaps or cuts off entries, is found by a walk along the chain. A whole new chain is found
by its end: the end is sealed with the server's key, and every export carries it out of reach.

Nothing in an entry is personal: a text goes in as the hash of its sealed form, which tells nothing once the key is
dropped.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from nok.errors import Said

_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_as_sorted_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

BEGINNING = "0" * 64
"""What stands before the first entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that happened. `digest` is of the subject's row afterwards, empty where the deed has no row."""

    happened_on: str
    actor: str
    action: str
    subject: str
    said: Mapping[str, object] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A deed in its place; `said` is JSON as stored."""

    number: int
    happened_on: str
    actor: str
    action: str
    subject: str
    said: str
    digest: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last entry: how many there are, and the hash of all of them."""

    number: int = 0
    hash: str = BEGINNING


def append(head: Head, deed: Deed) -> Entry:
    """The entry of `deed` after `head`."""
    said = _as_sorted_json(dict(deed.said))
    values = (head.number + 1, deed.happened_on, deed.actor, deed.action, deed.subject, said, deed.digest)
    return Entry(
        number=head.number + 1,
        happened_on=deed.happened_on,
        actor=deed.actor,
        action=deed.action,
        subject=deed.subject,
        said=said,
        digest=deed.digest,
        hash=_hash(head.hash, values),
    )


def _hash(before: str, values: tuple[object, ...]) -> str:
    return hashlib.sha256(_as_json([before, *values]).encode()).hexdigest()


def digest_of(row: Mapping[str, object], names: Iterable[str]) -> str:
    """A hash of the cells of `row` called `names`; bytes go in as their own hash."""
    cells = [row[name] for name in names]
    cells = [hashlib.sha256(cell).hexdigest() if isinstance(cell, bytes) else cell for cell in cells]
    return hashlib.sha256(_as_json(cells).encode()).hexdigest()


class Walk:
    """Follows a chain entry by entry and remembers what each subject's row must look like."""

    def __init__(self, wanted: Collection[int] = ()) -> None:
        """`wanted` are the numbers of entries whose hashes are asked for afterwards."""
        self.head = Head()
        self.hashes: dict[int, str] = {0: BEGINNING}
        """Number to hash of the wanted entries that are there."""
        self._wanted = wanted
        self.digests: dict[str, str] = {}
        """Subject to the digest of its row, for all rows that are there."""

    def follow(self, entries: Iterable[Entry]) -> Iterator[Said]:
        """What is wrong with `entries`, sentence by sentence; after a break the walk goes on from what it found."""
        for entry in entries:
            if entry.number != self.head.number + 1:
                missing = _missing(self.head.number + 1, entry.number)
                yield Said("audit-gap", before=self.head.number, after=entry.number, missing=missing)
            else:
                values = tuple(getattr(entry, name) for name in _HASHED)
                if _hash(self.head.hash, values) != entry.hash:
                    yield Said("audit-changed", number=entry.number, action=entry.action, subject=entry.subject)
            self.head = Head(number=entry.number, hash=entry.hash)
            if entry.number in self._wanted:
                self.hashes[entry.number] = entry.hash
            if entry.digest:
                self.digests[entry.subject] = entry.digest

    def compare(self, rows: Iterable[tuple[str, str]]) -> Iterator[Said]:
        """What is wrong with (subject, digest) of the rows that are there, sentence by sentence; call it once."""
        for subject, digest in rows:
            expected = self.digests.pop(subject, None)
            if expected is None:
                yield Said("audit-untold", subject=subject)
            elif expected != digest:
                yield Said("audit-differs", subject=subject)
        for subject in self.digests:
            yield Said("audit-gone", subject=subject)


_HASHED = ("number", "happened_on", "actor", "action", "subject", "said", "digest")


def _missing(first: int, found: int) -> Said:
    if found < first:
        return Said("audit-order")
    return Said("audit-missing", number=found - first) if found - first > 1 else Said("audit-missing-one")
