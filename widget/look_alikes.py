"""Texts that say nearly the same, under whatever code or organisation: remembered by prints, found for whoever moderates.

Prints (`widget/likeness.py`) lie beside the keys of texts and go with them. They are made after the answer has left, in
batches, so that nobody waits for them.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from widget.ledger import Ledger
from widget.likeness import LIKE, likeness, pairs_of, prints_of
from widget.moderation import TextStanding
from widget.reviews import texts_of
from widget.store import Store, StoreUnavailableError
from widget.tables import reviews, text_prints

COUNTED_TO = 100
"""Beyond this a group is told as «more than»."""
LISTED_TO = 1_000
"""So many of a group its list shows."""
PURPOSE = "print"
"""What the server's key makes the secret of prints for."""
_AT_ONCE = 500
_EARLIER_TOO = 10
"""Each so many sweeps all that waits is looked through."""
_NO_PRINT = 0
"""Stands for a text too short to be compared, so that it is not looked at again."""

Print = tuple[str, str, Sequence[int]]
"""Key of a text, its review, its prints."""


# ---- remembering ---------------------------------------------------------------------------------------------------


class Indexer:
    """Makes the prints of texts that wait and have none. For one event loop."""

    def __init__(self, store: Store) -> None:
        self._store, self._secret = store, store.key.secret_for(PURPOSE)
        self._after, self._sweeps = 0, 0

    async def run(self, every: float) -> None:
        """Looks for new texts until it is cancelled."""
        while True:
            await self.sweep()
            await asyncio.sleep(every)

    async def sweep(self) -> None:
        """Remembers the texts that came since the last time; now and then also earlier ones, for they may be rewritten."""
        self._after = self._after if self._sweeps % _EARLIER_TOO else 0
        self._sweeps += 1
        try:
            while True:
                reading = partial(_unprinted, secret=self._secret, after=self._after)
                made, last = await run_in_threadpool(self._store.read, reading)
                if not made:
                    return
                await asyncio.wrap_future(self._store.do(partial(_remember, made=made)))
                self._after = last
        except StoreUnavailableError:
            return  # the disk refuses: next time


def _unprinted(connection: sa.Connection, secret: bytes, after: int) -> tuple[list[Print], int]:
    """(the next texts that wait and have no prints yet, with those they get; the sequence of the last)."""
    known = sa.select(text_prints.c.text_key).where(text_prints.c.text_key == reviews.c.text_key)
    is_new = sa.and_(reviews.c.text_state == TextStanding.WAITING, reviews.c.sequence > after, ~known.exists())
    query = reviews.select().where(is_new).order_by(reviews.c.sequence).limit(_AT_ONCE)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    made = [
        (row["text_key"], row["review_id"], prints_of(pairs_of(text), secret) or (_NO_PRINT,))
        for row, (text, _) in zip(rows, texts_of(connection, rows), strict=True)
    ]
    return made, rows[-1]["sequence"] if rows else after


def _remember(ledger: Ledger, made: Sequence[Print]) -> None:
    """Stores prints of texts that are still the same; another widget may have been quicker."""
    keys = [text_key for text_key, _, _ in made]
    there = set(ledger.connection.execute(sa.select(reviews.c.text_key).where(reviews.c.text_key.in_(keys))).scalars())
    known = sa.select(text_prints.c.text_key).where(text_prints.c.text_key.in_(keys))
    there -= set(ledger.connection.execute(known).scalars())
    rows = [
        {"print": one, "text_key": text_key, "review_id": review_id}
        for text_key, review_id, prints in made
        for one in dict.fromkeys(prints)
        if text_key in there
    ]
    if rows:
        ledger.connection.execute(text_prints.insert(), rows)


# ---- finding -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Finder:
    """Finds the reviews whose text is like another one's, in one reading of the store; texts are opened once."""

    connection: sa.Connection
    secret: bytes
    within: Sequence[sa.ColumnElement[bool]] = ()
    """Which reviews somebody may see."""
    _rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    _pairs: dict[str, frozenset[str]] = field(default_factory=dict)

    def like(self, text: str, most: int = COUNTED_TO + 1) -> list[str]:
        """The reviews whose text says nearly what `text` says, itself among them, the earliest first; `most` at most."""
        pairs = pairs_of(text)
        candidates = self._candidates(prints_of(pairs, self.secret), most)
        self._open([one for one in candidates if one not in self._pairs])
        found = [one for one in candidates if likeness(pairs, self._pairs[one]) >= LIKE]
        return sorted(found, key=lambda one: int(self._rows[one]["sequence"]))[:most]

    def organization_of(self, review_id: str) -> str:
        """Which organisation a review that was found is about."""
        return str(self._rows[review_id]["organization_id"])

    def _candidates(self, prints: Sequence[int], most: int) -> list[str]:
        found: dict[str, None] = {}
        for one in prints:
            query = sa.select(text_prints.c.review_id).where(text_prints.c.print == one)
            if self.within:
                query = query.join(reviews, reviews.c.review_id == text_prints.c.review_id).where(*self.within)
            found |= dict.fromkeys(self.connection.execute(query.limit(most)).scalars())
            if len(found) >= most:
                break
        return list(found)

    def _open(self, review_ids: Sequence[str]) -> None:
        for start in range(0, len(review_ids), _AT_ONCE):
            some = reviews.c.review_id.in_(review_ids[start : start + _AT_ONCE])
            rows = [dict(row) for row in self.connection.execute(reviews.select().where(some)).mappings()]
            for row, (text, _) in zip(rows, texts_of(self.connection, rows), strict=True):
                self._rows[row["review_id"]], self._pairs[row["review_id"]] = row, pairs_of(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Reviews that say nearly the same; `number` and `organizations` stop where `COUNTED_TO` does."""

    members: tuple[str, ...]
    organizations: int

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.members)


def find_groups(finder: Finder, texts: Mapping[str, str]) -> dict[str, Group]:
    """Review to the group that its text belongs to, for those of `texts` (review to text) that are not alone."""
    found: dict[str, Group] = {}
    known: dict[frozenset[str], Group] = {}
    for review_id, text in texts.items():
        pairs = pairs_of(text)
        if pairs and pairs not in known:
            members = finder.like(text)
            known[pairs] = Group(
                members=tuple(members), organizations=len({finder.organization_of(one) for one in members})
            )
        if pairs and known[pairs].number > 1:
            found[review_id] = known[pairs]
    return found
