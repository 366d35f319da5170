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

from nok.records import REVIEW_CRITERIA
from nok.stuffing import Excess, StuffingRules, Tally, Way, find_excess
from widget.guard import Reason
from widget.ledger import Ledger
from widget.moderation import Actor, ReviewStanding, TextStanding, move_review
from widget.reviews import INVITED, change
from widget.store import Store, StoreUnavailableError
from widget.tables import reviews

_LOOKED_AT_ON_START = 5_000
"""The latest ratings whose organisations are looked at first: a killed process may have left them unseen."""
MOST_AT_THE_END = 300
"""Organisations that are still looked at when the widget stops; the others are when it starts again."""

_WAY = sa.case(
    (reviews.c.text_state != TextStanding.NONE, str(Way.TEXT)),
    (sa.or_(*(reviews.c[name].is_not(None) for name in REVIEW_CRITERIA)), str(Way.CRITERIA)),
    (reviews.c.placement_code != "", sa.literal("code:") + reviews.c.placement_code),
    else_=str(Way.LINK),
).label("way")
"""How a rating came (`nok.stuffing.Way`); the mark alone, by each code apart."""
_LEAST_SAID_FIRST = sa.case(
    (reviews.c.text_state != TextStanding.NONE, 2),
    (sa.or_(*(reviews.c[name].is_not(None) for name in REVIEW_CRITERIA)), 1),
    else_=0,
)

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
        """Sweeps until it is cancelled."""
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
    since = day - timedelta(days=rules.history_days + max((*rules.windows, *rules.long_windows)))
    columns = reviews.c
    kinds = (columns.received_on, columns.rating, columns.state, columns.reason_code, columns.channel)
    query = (
        sa.select(_WAY, *kinds, sa.func.count())
        .where(
            reviews.c.organization_id == organization_id,
            reviews.c.received_on >= since.isoformat(),
            reviews.c.state != ReviewStanding.WITHDRAWN,
        )
        .group_by(
            sa.literal_column("way"), *kinds
        )  # by its name: PostgreSQL knows no expression with a parameter again
    )
    return find_excess(_tallies(connection.execute(query)), day, rules)


def _tallies(rows: Iterable[Any]) -> list[Tally]:
    days: dict[tuple[str, str], tuple[Counter[int], Counter[int], Counter[int]]] = {}
    for way, received_on, rating, state, reason_code, channel, number in rows:
        counted, aside, decided = days.setdefault((received_on, way), (Counter(), Counter(), Counter()))
        is_aside = state == ReviewStanding.SET_ASIDE
        # An accepted rating with a reason was put back by a person.
        kind = aside if is_aside else decided if reason_code or channel == INVITED else counted
        kind[rating] += number
    return [
        Tally(day=date.fromisoformat(day), way=way, counted=counted, aside=aside, decided=decided)
        for (day, way), (counted, aside, decided) in days.items()
    ]


def set_excess_aside(ledger: Ledger, organization_id: str, day: date, rules: StuffingRules) -> int:
    """Sets aside what is too many; how many ratings that was."""
    number = 0
    for one in excess_of(ledger.connection, (organization_id, day), rules):
        query = (
            _suspected(organization_id, one).order_by(_LEAST_SAID_FIRST, reviews.c.sequence.desc()).limit(one.number)
        )
        for row in ledger.connection.execute(query).mappings().all():
            state = move_review(ReviewStanding(row["state"]), ReviewStanding.SET_ASIDE, Actor.GUARD)
            after = {**row, "state": str(state), "reason_code": str(Reason.EXCESS)}
            change(ledger, dict(row), after, day, str(Actor.GUARD), "set_aside")
            number += 1
    return number


def _suspected(organization_id: str, excess: Excess) -> sa.Select[Any]:
    """The ratings among which the excess is: those that count, and about which no person has decided."""
    found = reviews.select().where(
        reviews.c.organization_id == organization_id,
        reviews.c.received_on.between(excess.since.isoformat(), excess.until.isoformat()),
        reviews.c.rating.in_(sorted(excess.side)),
        reviews.c.state == ReviewStanding.ACCEPTED,
        reviews.c.reason_code == "",
        reviews.c.channel != INVITED,
    )
    return found if excess.way is None else found.where(_WAY.is_not_distinct_from(excess.way))
