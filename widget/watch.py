"""Looks back at each organisation that was just rated and sets aside what `nok/stuffing.py` finds too much.

A burst shows only when it has come, so what of it was accepted before is set aside afterwards, with an entry in the audit
chain for each rating. Nothing is dropped; a moderator may put it back, and what a person put back is never set aside again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from nok.stuffing import Excess, StuffingRules, Tally, find_excess
from widget.guard import Reason
from widget.ledger import Ledger
from widget.moderation import Actor, ReviewStanding, move_review
from widget.reviews import INVITED, change
from widget.store import Store, StoreUnavailableError
from widget.tables import reviews

_LOOKED_AT_ON_START = 5_000
"""The latest ratings whose organisations are looked at first: a killed process may have left them unseen."""
MOST_AT_THE_END = 300
"""Organisations that are still looked at when the widget stops; the others are when it starts again."""

Rated = tuple[str, date]
"""An organisation and a day on which it was rated."""


class Watch:
    """Remembers who was rated, and looks at them in turns. For one event loop."""

    def __init__(self, store: Store, rules: StuffingRules, *, sets_aside: bool, tell: Callable[[int], None]) -> None:
        """`tell` is told how many ratings were found too many; without `sets_aside` they are only counted."""
        self._store, self._rules, self._sets_aside, self._tell = store, rules, sets_aside, tell
        self._rated: set[Rated] = set()

    def note(self, organization_id: str, day: date) -> None:
        """An organisation was rated."""
        self._rated.add((organization_id, day))

    async def run(self, every: float) -> None:
        """Sweeps for ever."""
        with suppress(StoreUnavailableError):
            self._rated |= await run_in_threadpool(self._store.read, latest_rated)
        while True:
            await self.sweep()
            await asyncio.sleep(every)

    async def sweep(self, most: int | None = None) -> None:
        """Looks at everybody who was rated since the last time; at `most` of them where that is given."""
        rated = sorted(self._rated)[:most]
        self._rated.difference_update(rated)
        for one in rated:
            try:
                await self._look_at(one)
            except StoreUnavailableError:
                self._rated.add(one)  # the disk refuses: next time

    async def _look_at(self, rated: Rated) -> None:
        organization_id, day = rated
        found = await run_in_threadpool(self._store.read, lambda connection: excess_of(connection, rated, self._rules))
        if not found:
            return
        if not self._sets_aside:
            self._tell(sum(one.number for one in found))
            return
        work = self._store.do(lambda ledger: set_excess_aside(ledger, organization_id, day, self._rules))
        self._tell(await asyncio.wrap_future(work))


def latest_rated(connection: sa.Connection) -> set[Rated]:
    """Organisations of the latest ratings, each with the days on which it was rated."""
    last = connection.execute(sa.select(sa.func.max(reviews.c.sequence))).scalar_one() or 0
    query = sa.select(reviews.c.organization_id, reviews.c.received_on).distinct()
    rows = connection.execute(query.where(reviews.c.sequence > last - _LOOKED_AT_ON_START))
    return {(organization_id, date.fromisoformat(day)) for organization_id, day in rows}


def excess_of(connection: sa.Connection, rated: Rated, rules: StuffingRules) -> list[Excess]:
    """What of an organisation's ratings is too many on a day, as the store holds them now."""
    organization_id, day = rated
    since = day - timedelta(days=rules.history_days + max(rules.windows))
    kinds = (reviews.c.received_on, reviews.c.rating, reviews.c.state, reviews.c.reason_code != "", _IS_INVITED)
    query = (
        sa.select(*kinds, sa.func.count())
        .where(
            reviews.c.organization_id == organization_id,
            reviews.c.received_on >= since.isoformat(),
            reviews.c.state != ReviewStanding.WITHDRAWN,
        )
        .group_by(*kinds)
    )
    return find_excess(_tallies(connection.execute(query)), day, rules)


_IS_INVITED = reviews.c.channel == INVITED


def _tallies(rows: Iterable[Any]) -> list[Tally]:
    days: dict[str, tuple[Counter[int], Counter[int], Counter[int]]] = {}
    for received_on, rating, state, has_reason, is_invited, number in rows:
        counted, aside, decided = days.setdefault(received_on, (Counter(), Counter(), Counter()))
        is_aside = state == ReviewStanding.SET_ASIDE
        # An accepted rating with a reason was put back by a person.
        kind = aside if is_aside else decided if has_reason or is_invited else counted
        kind[rating] += number
    return [
        Tally(day=date.fromisoformat(day), counted=counted, aside=aside, decided=decided)
        for day, (counted, aside, decided) in days.items()
    ]


def set_excess_aside(ledger: Ledger, organization_id: str, day: date, rules: StuffingRules) -> int:
    """Sets aside what is too many; how many ratings that was."""
    number = 0
    for one in excess_of(ledger.connection, (organization_id, day), rules):
        query = (
            reviews.select()
            .where(
                reviews.c.organization_id == organization_id,
                reviews.c.received_on >= one.since.isoformat(),
                reviews.c.received_on <= day.isoformat(),
                reviews.c.rating.in_(sorted(one.side)),
                reviews.c.state == ReviewStanding.ACCEPTED,
                reviews.c.reason_code == "",
                sa.not_(_IS_INVITED),
            )
            .order_by(reviews.c.sequence.desc())
            .limit(one.number)
        )
        for row in ledger.connection.execute(query).mappings().all():
            state = move_review(ReviewStanding(row["state"]), ReviewStanding.SET_ASIDE, Actor.GUARD)
            after = {**row, "state": str(state), "reason_code": str(Reason.EXCESS)}
            change(ledger, dict(row), after, day, str(Actor.GUARD), "set_aside")
            number += 1
    return number
