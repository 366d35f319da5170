"""What the desk reads: queues, one review with its history, what an organisation is weak at, proposals, the log.

Every list is cut by the scope of whoever asks, in the query itself, and read from a place on, never counted through: a
page costs the same with a hundred reviews waiting and with a hundred thousand.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from nok.records import REVIEW_CRITERIA
from widget.appeals import Appeal, appeal_subject, find_grounds, latest_appeals
from widget.audit import Entry
from widget.look_alikes import LISTED_TO, Finder, Group, find_groups
from widget.moderation import AppealStanding, PhotoStanding, ReviewStanding, TextStanding
from widget.replies import Reply, read_wordings, reply_subject
from widget.reports import Report, read_reports
from widget.reviews import StoredPhoto, StoredReview, photo_subject, read_reviews, subject_of
from widget.roles import Scope
from widget.tables import accounts, appeals, audit, photos, proposals, replies, reports, reviews

ON_A_PAGE = 20
ENTRIES_ON_A_PAGE = 100
COUNTED_TO = 10_000
"""Beyond this a queue is told as «more than»."""


class Queue(StrEnum):
    """Which reviews a list shows."""

    WAITING = "waiting"
    APPEALS = "appeals"
    """Whose author does not agree with what was decided."""
    REPORTED = "reported"
    SET_ASIDE = "set_aside"
    PUBLISHED = "published"
    RESTRICTED = "restricted"
    UNANSWERED = "unanswered"
    PHOTOS = "photos"
    """With a photograph that nobody has looked at yet."""
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody asks a list for. `after` is the sequence of the last review that he has seen; 0 begins."""

    queue: Queue
    scope: Scope
    region: str = ""
    organizations: tuple[str, ...] = ()
    """Only these, where any are named."""
    rating: int = 0
    newest_first: bool = False
    like: str = ""
    """Only the reviews whose text says nearly what the one of this review says."""
    after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of a list. `count` stops at `COUNTED_TO`; `next_after` is 0 on the last page."""

    reviews: tuple[StoredReview, ...]
    count: int
    next_after: int
    reported: frozenset[str] = frozenset()
    """Those of them with an open report."""
    appeals: Mapping[str, Appeal] = field(default_factory=dict)
    """Review to the appeal that waits, for those that have one."""
    groups: Mapping[str, Group] = field(default_factory=dict)
    """Review to those that say nearly the same, for those that are not alone."""
    due: Mapping[Queue, int] = field(default_factory=dict)
    """How many stand in the lists that somebody must look into, up to `COUNTED_TO`."""


DUE = (Queue.PHOTOS, Queue.APPEALS, Queue.REPORTED)
"""Short lists beside the one that a moderator begins with: nobody would know that something waits there."""


def read_list(connection: sa.Connection, wanted: Wanted, prints: bytes = b"") -> Listed:
    """A page of reviews; `prints` is the secret by which texts that say nearly the same are found, empty for not at all."""
    finder = Finder(connection, prints, _within(wanted.scope))
    conditions = _conditions(wanted)
    if prints and wanted.like:
        conditions.append(reviews.c.review_id.in_(_alike(connection, finder, wanted)))
    count = _counted(connection, conditions)
    order = reviews.c.sequence.desc() if wanted.newest_first else reviews.c.sequence
    if wanted.after:
        is_beyond = reviews.c.sequence < wanted.after if wanted.newest_first else reviews.c.sequence > wanted.after
        conditions.append(is_beyond)
    query = reviews.select().where(*conditions).order_by(order).limit(ON_A_PAGE + 1)
    found = read_reviews(connection, query)
    shown = found[:ON_A_PAGE]
    ids = [review.review_id for review in shown]
    return Listed(
        reviews=tuple(shown),
        count=count,
        next_after=shown[-1].sequence if len(found) > ON_A_PAGE else 0,
        reported=_reported(connection, ids),
        groups=find_groups(finder, {one.review_id: one.text for one in shown}) if prints else {},
        appeals={name: one for name, one in latest_appeals(connection, ids).items() if one.is_open},
        due={queue: _counted(connection, [_of_queue(queue), *_within(wanted.scope)]) for queue in DUE},
    )


def _alike(connection: sa.Connection, finder: Finder, wanted: Wanted) -> list[str]:
    mine = reviews.select().where(reviews.c.review_id == wanted.like, *_within(wanted.scope))
    return [one for review in read_reviews(connection, mine) for one in finder.like(review.text, LISTED_TO)]


def _counted(connection: sa.Connection, conditions: list[sa.ColumnElement[bool]]) -> int:
    counted = sa.select(reviews.c.sequence).where(*conditions).limit(COUNTED_TO).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(counted)).scalar_one())


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions = [_of_queue(wanted.queue), *_within(wanted.scope)]
    if wanted.region:
        conditions.append(reviews.c.region_code == wanted.region)
    if wanted.organizations:
        conditions.append(reviews.c.organization_id.in_(wanted.organizations))
    if wanted.rating:
        conditions.append(reviews.c.rating == wanted.rating)
    return conditions


def _within(scope: Scope) -> list[sa.ColumnElement[bool]]:
    if scope.is_all:
        return []
    mine = [reviews.c.organization_id.in_(scope.organizations)] if scope.organizations else []
    mine += [reviews.c.region_code.in_(scope.regions)] if scope.regions else []
    return [sa.or_(*mine)] if mine else [sa.false()]


def _of_queue(queue: Queue) -> sa.ColumnElement[bool]:
    if queue is Queue.WAITING:
        return reviews.c.text_state == TextStanding.WAITING
    if queue is Queue.REPORTED:
        return reviews.c.review_id.in_(sa.select(reports.c.review_id).where(reports.c.state == "open"))
    if queue is Queue.APPEALS:
        waiting = sa.select(appeals.c.review_id).where(appeals.c.state == AppealStanding.OPEN)
        return reviews.c.review_id.in_(waiting)
    if queue is Queue.PHOTOS:
        waiting = sa.select(photos.c.review_id).where(photos.c.state == PhotoStanding.WAITING)
        return reviews.c.review_id.in_(waiting)
    if queue is Queue.SET_ASIDE:
        return reviews.c.state == ReviewStanding.SET_ASIDE
    if queue is Queue.PUBLISHED:
        return reviews.c.text_state == TextStanding.PUBLISHED
    if queue is Queue.RESTRICTED:
        return reviews.c.text_state.in_((TextStanding.REJECTED, TextStanding.ERASED))
    if queue is Queue.UNANSWERED:
        return sa.and_(
            reviews.c.text_state == TextStanding.PUBLISHED,
            reviews.c.state == ReviewStanding.ACCEPTED,
            reviews.c.review_id.not_in(sa.select(replies.c.review_id)),
        )
    return reviews.c.state != ReviewStanding.WITHDRAWN


def photo_within(connection: sa.Connection, photo_id: str, scope: Scope) -> StoredPhoto | None:
    """A photograph of a review within `scope`; `None` where there is none."""
    of = sa.select(photos.c.review_id).where(photos.c.photo_id == photo_id)
    found = read_reviews(connection, reviews.select().where(reviews.c.review_id.in_(of), *_within(scope)))
    return next((photo for review in found for photo in review.photos if photo.photo_id == photo_id), None)


def _reported(connection: sa.Connection, review_ids: Sequence[str]) -> frozenset[str]:
    query = sa.select(reports.c.review_id).where(reports.c.state == "open", reports.c.review_id.in_(review_ids))
    return frozenset(connection.execute(query).scalars())


# ---- one review ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeReview:
    """A review with all that happened to it."""

    review: StoredReview
    wordings: tuple[Reply, ...]
    """All wordings of the reply, the first one first."""
    reports: tuple[Report, ...]
    history: tuple[tuple[Entry, str], ...]
    """(entry, login of whoever did it or empty), the oldest first."""
    appeal: Appeal | None = None
    """The last one of its author."""
    deciders: frozenset[str] = frozenset()
    """The accounts that may not answer it."""


def read_whole(connection: sa.Connection, review_id: str, scope: Scope) -> WholeReview | None:
    """One review; `None` where there is none within `scope`."""
    query = reviews.select().where(reviews.c.review_id == review_id, *_within(scope))
    found, row = read_reviews(connection, query), connection.execute(query).mappings().first()
    if not found or row is None:
        return None
    replied = read_wordings(connection, [review_id]).get(review_id, [])
    versions = connection.execute(sa.select(replies.c.version).where(replies.c.review_id == review_id)).scalars()
    disputes = connection.execute(sa.select(appeals.c.appeal_id).where(appeals.c.review_id == review_id)).scalars()
    shots = connection.execute(sa.select(photos.c.photo_id).where(photos.c.review_id == review_id)).scalars()
    subjects = [subject_of(review_id), *(reply_subject(review_id, version) for version in versions)]
    subjects += [*map(photo_subject, shots), *map(appeal_subject, disputes)]
    return WholeReview(
        review=found[0],
        wordings=tuple(replied),
        reports=tuple(read_reports(connection, review_id)),
        history=tuple(_entries(connection, [audit.c.subject.in_(subjects)], audit.c.number, limit=200)),
        appeal=latest_appeals(connection, [review_id]).get(review_id),
        deciders=find_grounds(connection, row).deciders,
    )


# ---- the log -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A page of the audit log. `entries` are (entry, login of whoever did it or empty), the newest first, one more than a
    page where there are earlier ones; `organizations` has the organisation of each review that whoever asks may open."""

    entries: tuple[tuple[Entry, str], ...]
    organizations: Mapping[str, str]


def read_log(connection: sa.Connection, scope: Scope, before: int = 0) -> Log:
    """The entries before the one with the number `before`, or the last ones."""
    conditions = [audit.c.number < before] if before else []
    entries = _entries(connection, conditions, audit.c.number.desc(), limit=ENTRIES_ON_A_PAGE + 1)
    named = {review_of(entry) for entry, _ in entries} - {""}
    query = sa.select(reviews.c.review_id, reviews.c.organization_id)
    rows = connection.execute(query.where(reviews.c.review_id.in_(named), *_within(scope)))
    return Log(entries=tuple(entries), organizations={row.review_id: row.organization_id for row in rows})


def review_of(entry: Entry) -> str:
    """The review that an entry is about, or what hangs on one; empty where it is about something else."""
    kind, _, name = entry.subject.partition(":")
    if kind in ("review", "reply"):
        return name.partition(":")[0]
    return str(json.loads(entry.said).get("review_id", "")) if kind in ("photo", "appeal") else ""


def _entries(
    connection: sa.Connection, conditions: Sequence[sa.ColumnElement[bool]], order: Any, *, limit: int
) -> list[tuple[Entry, str]]:
    query = audit.select().where(*conditions).order_by(order).limit(limit)
    entries = [Entry(**row) for row in connection.execute(query).mappings()]
    logins = _logins(connection)
    return [(entry, logins.get(entry.actor.removeprefix("account:"), "")) for entry in entries]


def _logins(connection: sa.Connection) -> dict[str, str]:
    return {row.account_id: row.login for row in connection.execute(sa.select(accounts.c.account_id, accounts.c.login))}


# ---- many at once --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A decision about many reviews that waits for a second person. `reviews` are the first of them."""

    proposal_id: str
    made_by: str
    login: str
    made_on: str
    action: str
    reason_code: str
    number: int
    reviews: tuple[StoredReview, ...]


def read_proposals(connection: sa.Connection) -> list[Proposal]:
    """All that wait, the oldest first."""
    query = (
        sa.select(proposals, accounts.c.login)
        .join_from(proposals, accounts, proposals.c.made_by == accounts.c.account_id, isouter=True)
        .where(proposals.c.state == "open")
        .order_by(proposals.c.made_on, proposals.c.proposal_id)
    )
    return [_proposal(connection, row) for row in connection.execute(query).all()]


def _proposal(connection: sa.Connection, row: Any) -> Proposal:
    review_ids = json.loads(row.review_ids)
    some = reviews.select().where(reviews.c.review_id.in_(review_ids)).order_by(reviews.c.sequence)
    return Proposal(
        proposal_id=row.proposal_id,
        made_by=row.made_by,
        login=row.login or "",
        made_on=row.made_on,
        action=row.action,
        reason_code=row.reason_code,
        number=len(review_ids),
        reviews=tuple(read_reviews(connection, some)),
    )


def count_proposals(connection: sa.Connection) -> int:
    """How many proposals wait."""
    query = sa.select(sa.func.count()).select_from(proposals).where(proposals.c.state == "open")
    return connection.execute(query).scalar_one()


def within(connection: sa.Connection, review_ids: Sequence[str], scope: Scope) -> list[str]:
    """Those of `review_ids` that are within `scope`."""
    query = sa.select(reviews.c.review_id).where(reviews.c.review_id.in_(review_ids), *_within(scope))
    return list(connection.execute(query).scalars())


# ---- what an organisation is weak at -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Ratings of an organisation that count. `criteria` are (name, marks, their sum), the weakest first."""

    ratings: int
    total: int
    """The sum of the ratings."""
    criteria: tuple[tuple[str, int, int], ...]
    published: int
    """How many texts are published."""
    unanswered: int
    """How many of them nobody has answered."""


def read_summary(connection: sa.Connection, organization_id: str) -> Summary:
    """What the ratings of an organisation add up to."""
    mine = [reviews.c.organization_id == organization_id, reviews.c.state == ReviewStanding.ACCEPTED]
    columns = [sa.func.count(), sa.func.coalesce(sa.func.sum(reviews.c.rating), 0)]
    for name in REVIEW_CRITERIA:
        columns += [sa.func.count(reviews.c[name]), sa.func.coalesce(sa.func.sum(reviews.c[name]), 0)]
    ratings, total, *marks = connection.execute(sa.select(*columns).where(*mine)).one()
    criteria = [(name, int(marks[2 * place]), int(marks[2 * place + 1])) for place, name in enumerate(REVIEW_CRITERIA)]
    return Summary(
        ratings=ratings,
        total=int(total),
        criteria=tuple(sorted((row for row in criteria if row[1]), key=lambda row: row[2] / row[1])),
        published=_count(connection, [reviews.c.text_state == TextStanding.PUBLISHED, *mine]),
        unanswered=_count(connection, [_of_queue(Queue.UNANSWERED), *mine]),
    )


def _count(connection: sa.Connection, conditions: Sequence[sa.ColumnElement[bool]]) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(reviews).where(*conditions)).scalar_one()
