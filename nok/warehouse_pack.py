"""What the warehouse keeps of one organisation: its rows as compact lists, and the outline that lists and plans need.

Pure: rows in, lists out. A row of facts begins with the number of the segment (file) that it came from, so that a
segment can be taken out again when its file changes.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from nok.records import REVIEW_CRITERIA, SET_ASIDE, PlanStatus, ReviewState, ScoreState

SCALE_DIGITS = 10
"""Points are also kept as whole numbers of 10⁻¹⁰ for sorting and medians; the profile allows ten decimals."""

SCALE = 10**SCALE_DIGITS

SCORE_COLUMNS = (
    "organization_id",
    "assessment_id",
    "measure",
    "points",
    "state",
    "respondents",
    "published_as",
    "recipients",
)
REVIEW_COLUMNS = (
    *("organization_id", "review_id", "received_on", "rating", *REVIEW_CRITERIA),
    *("visited_on", "text", "language", "channel", "state", "reason_code"),
)
REPLY_COLUMNS = ("review_id", "text", "replied_on")
PLAN_COLUMNS = (
    *("organization_id", "plan_measure_id", "assessment_id", "indicator", "shortcoming", "action"),
    *("responsible_post", "due_on", "status", "done_on", "evidence"),
)

Fact = list[Any]
"""A row as it is kept: the segment, then the cells without the owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRound:
    """What packing must know of a published assessment: its year, to tell the newest, and what lists show of it."""

    assessment_id: str
    period: int
    listed: frozenset[str]
    """The total and the criteria of its method."""


@dataclass(slots=True, kw_only=True)
class Facts:
    """All rows of one organisation that are not in its own table, in the order in which pages show them.

    scores: segment, assessment, measure, points, state, respondents, published_as, recipients; by assessment and measure.
    reviews: segment, id, received_on, rating, criteria (a digit or `-` each), visited_on, text, language, channel,
    state, reason; newest first. replies: segment, review, text, replied_on.
    plan: segment, then `PLAN_COLUMNS` without the organisation; by due date.
    """

    scores: list[Fact]
    reviews: list[Fact]
    replies: list[Fact]
    plan: list[Fact]

    def without(self, organization_id: str, leaving: Mapping[int, Collection[str]]) -> "Facts":
        """The same without the rows of this organisation that `leaving` names: segment to owners (a reply's owner is
        its review)."""
        gone = {segment for segment, owners in leaving.items() if organization_id in owners}
        return Facts(
            scores=[row for row in self.scores if row[0] not in gone],
            reviews=[row for row in self.reviews if row[0] not in gone],
            replies=[row for row in self.replies if row[1] not in leaving.get(row[0], ())],
            plan=[row for row in self.plan if row[0] not in gone],
        )

    def sort(self) -> None:
        self.scores.sort(key=lambda row: (row[1], row[2]))
        self.reviews.sort(key=lambda row: row[1])
        self.reviews.sort(key=lambda row: row[2], reverse=True)
        self.replies.sort(key=lambda row: row[1])
        self.plan.sort(key=lambda row: (row[7], row[1]))

    def texts(self) -> tuple[str, str, str, str]:
        """The four lists as JSON, as they are stored."""
        return write_json(self.scores), write_json(self.reviews), write_json(self.replies), write_json(self.plan)


def parse_facts(scores: str, reviews: str, replies: str, plan: str) -> Facts:
    return Facts(scores=read_json(scores), reviews=read_json(reviews), replies=read_json(replies), plan=read_json(plan))


# ---- rows of tables as facts ---------------------------------------------------------------------------------------


def score_fact(segment: int, row: Sequence[Any]) -> Fact:
    """`row` follows `SCORE_COLUMNS`."""
    _, assessment, measure, points, state, respondents, published_as, recipients = row
    people = [int(number) if number else None for number in (respondents, recipients)]
    return [segment, assessment, measure, points, state, people[0], published_as, people[1]]


def review_fact(segment: int, row: Sequence[Any]) -> Fact:
    """`row` follows `REVIEW_COLUMNS`; the text of a restricted review goes no further than here."""
    _, review_id, received_on, rating, *criteria, visited_on, text, language, channel, state, reason = row
    marks = "".join(mark or "-" for mark in criteria)
    if state == ReviewState.RESTRICTED:
        text = ""
    return [segment, review_id, received_on, int(rating), marks, visited_on, text, language, channel, state, reason]


def reply_fact(segment: int, row: Sequence[Any]) -> Fact:
    """`row` follows `REPLY_COLUMNS`."""
    return [segment, *row]


def plan_fact(segment: int, row: Sequence[Any]) -> Fact:
    """`row` follows `PLAN_COLUMNS`."""
    return [segment, *row[1:]]


def scaled_points(points: str) -> int:
    """Points as a whole number of 10⁻¹⁰.

    >>> scaled_points("83.5")
    835000000000
    """
    whole, _, part = points.partition(".")
    return int(whole + part.ljust(SCALE_DIGITS, "0"))


# ---- the outline ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What is known of an organisation without reading its facts.

    `rounds` are its published assessments, newest first; `latest` is the newest that gives a total, or empty, and
    `newest` its total and criteria (facts without the segment), both lists as JSON; `scaled` its total as a whole number,
    `None` without points; `state` the state of that total; `distribution` the counts of ratings 1–5 as JSON;
    `rated_days` the days of the ratings that count (`pack_days`); `readable` how many reviews take a place on a page; `open_due` the earliest date by which an open measure of the
    plan is due, or empty; `stamp` digests of scores, reviews and plan; `row_stamp` a digest of all that a list shows.
    """

    rounds: str
    latest: str
    newest: str
    scaled: int | None
    state: str
    distribution: str
    ratings: int
    rated_days: bytes
    readable: int
    plan_done: int
    plan_standing: int
    open_due: str
    stamp: str
    row_stamp: str


def outline_of(facts: Facts, texts: tuple[str, str, str, str], fields: str, known: Mapping[str, KnownRound]) -> Outline:
    """The outline; `texts` are those of `facts`, `fields` is the organisation's own row as stored."""
    rounds = _rounds(facts.scores, known)
    totals = {row[1]: row for row in facts.scores if row[2] == "total"}
    latest = next((name for name in rounds if name in totals), "")
    listed = known[latest].listed if latest else frozenset()
    newest = [row[1:] for row in facts.scores if row[1] == latest and row[2] in listed]
    points = totals[latest][3] if latest else ""
    counts, days, readable = [0, 0, 0, 0, 0], [], 0
    for row in facts.reviews:
        if row[10] != SET_ASIDE:
            counts[row[3] - 1] += 1
            days.append(row[2])
        readable += bool(row[6]) or row[9] == ReviewState.RESTRICTED
    plan = [row for row in facts.plan if row[2] in known]
    states = [row[8] for row in plan]
    open_due = [row[7] for row in plan if row[8] in (PlanStatus.PLANNED, PlanStatus.IN_PROGRESS)]
    distribution, shown = write_json(counts), write_json(newest)
    return Outline(
        rounds=write_json(rounds),
        latest=latest,
        newest=shown,
        scaled=scaled_points(points) if points else None,
        state=totals[latest][4] if latest else ScoreState.NOT_ASSESSED,
        distribution=distribution,
        ratings=sum(counts),
        rated_days=pack_days(reversed(days)),
        readable=readable,
        plan_done=states.count(PlanStatus.DONE),
        plan_standing=len(states) - states.count(PlanStatus.CANCELLED),
        open_due=min(open_due, default=""),
        stamp=f"{digest(texts[0])} {digest(texts[1], texts[2])} {digest(texts[3])}",
        row_stamp=digest(fields, shown, distribution),
    )


def pack_days(days: Iterable[str]) -> bytes:
    """Days (ISO 8601) in their order, two bytes each, so that a country's plan can count by them without reading rows.

    >>> days_after(pack_days(["2025-02-07", "2025-02-08", "2026-02-07"]), date(2025, 2, 7))
    2
    """
    return b"".join([_packed_day(day) for day in days])


@lru_cache(maxsize=16_384)
def _packed_day(day: str) -> bytes:
    return _two_bytes(date.fromisoformat(day))


def _two_bytes(day: date) -> bytes:
    """Days since 1970; what lies outside of 1970–2149 counts as the first or the last of them."""
    return min(max(day.toordinal() - _FIRST_DAY, 0), 0xFFFF).to_bytes(2, "big")


_FIRST_DAY = date(1970, 1, 1).toordinal()


def days_after(packed: bytes, day: date) -> int:
    """How many of the packed days come after `day`."""
    number, sought = len(packed) // 2, _two_bytes(day)
    return number - bisect_right(range(number), sought, key=lambda place: packed[2 * place : 2 * place + 2])


def _rounds(scores: Iterable[Fact], known: Mapping[str, KnownRound]) -> list[str]:
    """The published assessments in which the organisation has scores, newest first."""
    found = {row[1] for row in scores if row[1] in known}
    return sorted(found, key=lambda name: (-known[name].period, name))


def digest(*texts: str) -> str:
    """12 hex digits that tell texts apart."""
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=6).hexdigest()


def write_json(value: Any) -> str:
    """Compact JSON, as everything in the store is kept."""
    return orjson.dumps(value).decode()


def read_json(text: str) -> Any:
    return orjson.loads(text)
