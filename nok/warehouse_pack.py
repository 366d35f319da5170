"""What the warehouse keeps of one organisation: its rows as compact lists, and the outline that lists and plans need.

Pure: rows in, lists out. A row of facts begins with the number of the segment (file) that it came from, so that a
segment can be taken out again when its file changes.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from nok.evidence import Checked, Forms, QuickRounds, check_round, counts_of, quick_verdicts
from nok.json_text import read_json, write_json
from nok.method import Method
from nok.records import (
    REVIEW_CRITERIA,
    SET_ASIDE,
    Evidence,
    PlanStatus,
    ReviewState,
    Row,
    Score,
    ScoreState,
    Seen,
    Survey,
)
from nok.scoring_verdicts import Verdict

SCALE_DIGITS = 10
"""Points are also kept as whole numbers of 10⁻¹⁰ for sorting and medians; the profile allows ten decimals."""

SCALE = 10**SCALE_DIGITS

SCORE_COLUMNS = (
    *("organization_id", "assessment_id", "measure", "points", "state", "respondents", "published_as", "recipients"),
)
OBSERVATION_COLUMNS = (
    *("organization_id", "assessment_id", "parameter", "value", "norm", "applicable", "comment", "observed_at"),
    *("latitude", "longitude", "accuracy_m", "photo_sha256", "observer"),
)
_WITHOUT_PLACE = 8
"""So many columns of an observation are kept of every row; those after them, where it was made and by whom, only if
one of them is filled."""

ANSWER_COLUMNS = ("organization_id", "assessment_id", "questionnaire_id", "question", "answer", "mode", "count")
REVIEW_COLUMNS = (
    *("organization_id", "review_id", "received_on", "rating", *REVIEW_CRITERIA),
    *("visited_on", "text", "language", "channel", "state", "reason_code"),
)
REPLY_COLUMNS = ("review_id", "text", "replied_on")
PHOTO_COLUMNS = ("review_id", "number", "path", "sha256", "width", "height")
PLAN_COLUMNS = (
    *("organization_id", "plan_measure_id", "assessment_id", "indicator", "shortcoming", "action"),
    *("responsible_post", "due_on", "status", "done_on", "evidence", "recommendation_id"),
)
KEPT_WHOLE: Mapping[str, tuple[str, ...]] = {
    "roster_organizations": ("organization_id", "roster_id", "entry", "reason", "is_unpublished"),
    "recommendations": (
        *("organization_id", "recommendation_id", "assessment_id", "council_id", "indicator", "shortcoming", "text"),
        *("decided_on", "no_measure_reason"),
    ),
    "appeal_statistics": (
        *("organization_id", "period", "received", "answered", "median_days", "overdue", "source_url"),
    ),
    "rating_splits": ("organization_id", "aspect", "value", "count"),
    "observation_photos": ("organization_id", "photo_sha256", "assessment_id", "path", "caption", "is_released"),
}
"""Tables of organisations whose rows are kept as they stand: the owner, then the other columns, the key first."""

Fact = list[Any]
"""A row as it is kept: the segment, then the cells without the owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRound:
    """What packing must know of a published assessment: its year, to tell the newest, and what lists show of it."""

    assessment_id: str
    period: int
    method_id: str
    is_independent: bool
    """Whether it enters ratings; other rounds are kept and shown, but no list, place or median knows them."""
    is_collecting: bool
    """Whether answers still come in, so that nothing is computed from them."""
    listed: frozenset[str]
    """The total and the criteria of its method."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """What packing must know besides the rows: the published assessments, methods, questionnaires."""

    rounds: Mapping[str, KnownRound]
    methods: Mapping[str, Method]
    forms: Forms


@dataclass(slots=True, kw_only=True)
class Facts:
    """All rows of one organisation that are not in its own table, in the order in which pages show them.

    What lists read stands before what is long: a store walks through all that lies before a column that is asked for.

    A row of `scores` whose segment is `COMPUTED` stands in no file: nobody published the measure, but there is evidence.
    computed: assessment, {measure: [points as shown or "", state or "", "flag" or "", counts]}; for rounds that have
    evidence, or something that does not agree. The counts are pairs of (what was found, of how many or "").

    scores: segment, assessment, measure, points, state, respondents, published_as, recipients; by assessment and measure.
    observations: segment, then `OBSERVATION_COLUMNS` without the organisation, those of place and observer only where
    one of them is filled; by assessment and parameter.
    answers: segment, assessment, questionnaire, mode, {question: {answer: people}}; what one file says of one
    questionnaire and mode stands together, for there are dozens of rows of it.
    reviews: segment, id, received_on, rating, criteria (a digit or `-` each), visited_on, text, language, channel,
    state, reason; newest first. replies: segment, review, text, replied_on. photos: segment, then `PHOTO_COLUMNS`, the
    number as a number; by review and number.
    plan: segment, then `PLAN_COLUMNS` without the organisation; by due date.
    other: segment, table of `KEPT_WHOLE`, then its columns without the organisation; by table and key.
    """

    scores: list[Fact] = field(default_factory=list)
    computed: list[Fact] = field(default_factory=list)
    plan: list[Fact] = field(default_factory=list)
    other: list[Fact] = field(default_factory=list)
    observations: list[Fact] = field(default_factory=list)
    answers: list[Fact] = field(default_factory=list)
    replies: list[Fact] = field(default_factory=list)
    photos: list[Fact] = field(default_factory=list)
    reviews: list[Fact] = field(default_factory=list)

    def without(self, organization_id: str, leaving: Mapping[int, Collection[str]]) -> "Facts":
        """The same without the rows of this organisation that `leaving` names: segment to owners (the owner of a reply
        or a photograph is its review)."""
        gone = {segment for segment, owners in leaving.items() if organization_id in owners}
        return Facts(
            scores=[row for row in self.scores if row[0] not in gone],
            observations=[row for row in self.observations if row[0] not in gone],
            answers=[row for row in self.answers if row[0] not in gone],
            reviews=[row for row in self.reviews if row[0] not in gone],
            replies=[row for row in self.replies if row[1] not in leaving.get(row[0], ())],
            photos=[row for row in self.photos if row[1] not in leaving.get(row[0], ())],
            plan=[row for row in self.plan if row[0] not in gone],
            other=[row for row in self.other if row[0] not in gone],
            computed=self.computed,
        )

    def sort(self) -> None:
        self.scores.sort(key=lambda row: (row[1], row[2]))
        self.observations.sort(key=lambda row: (row[1], row[2]))
        self.answers = _folded(self.answers)
        self.reviews.sort(key=lambda row: row[1])
        self.reviews.sort(key=lambda row: row[2], reverse=True)
        self.replies.sort(key=lambda row: row[1])
        self.photos.sort(key=lambda row: row[1:3])
        self.plan.sort(key=lambda row: (row[7], row[1]))
        self.other.sort(key=lambda row: row[1:3])

    def texts(self) -> tuple[str, ...]:
        """The lists as JSON in the order of `FACT_LISTS`, as they are stored."""
        return tuple(write_json(getattr(self, name)) for name in FACT_LISTS)


FACT_LISTS = tuple(item.name for item in fields(Facts))
"""The lists of an organisation's facts, in the order of the columns that hold them."""


def parse_facts(*texts: str | bytes) -> Facts:
    """The facts of `Facts.texts`, also as UTF-8."""
    return Facts(**{name: read_json(text) for name, text in zip(FACT_LISTS, texts, strict=True)})


COMPUTED = 0
"""The segment of scores that stand in no file; those of files begin with 1."""


class Computing:
    """Sets what the evidence gives beside what was published, organisation by organisation."""

    def __init__(self, packing: Packing) -> None:
        self._packing = packing
        self._quick: dict[tuple[str, str, str], QuickRounds] = {}

    def set_beside(self, facts: Facts, sphere: str, kind: str) -> None:
        """Computes the rounds of one organisation anew and puts its facts in order."""
        facts.scores = [row for row in facts.scores if row[0] != COMPUTED]
        facts.computed = []
        facts.sort()
        evidence = evidence_of(facts)
        published: dict[str, dict[str, Fact]] = {}
        for row in facts.scores:
            published.setdefault(row[1], {})[row[2]] = row
        for assessment in sorted(evidence.keys() | published.keys()):
            known = self._packing.rounds.get(assessment)
            method = self._packing.methods.get(known.method_id) if known else None
            if known is not None and method is not None and method.variants:
                rows = published.get(assessment, {})
                seen = None if known.is_collecting else evidence.get(assessment)
                told = self._compute(method, sphere, kind, rows, seen)
                _add_round(facts, assessment, rows, told)
        facts.scores.sort(key=lambda row: (row[1], row[2]))

    def _compute(
        self, method: Method, sphere: str, kind: str, rows: Mapping[str, Fact], evidence: Evidence | None
    ) -> dict[str, list[Any]]:
        """Measure to what is kept of it: points, state, verdict where it is a flag, counts."""
        points = {name: row[3] for name, row in rows.items() if row[3]}
        if evidence is None:
            verdicts = quick_verdicts(method, sphere, kind, points)
            if verdicts is not None and Verdict.FLAG not in verdicts.values():
                return {}
        else:
            quick = self._quick_of(method, sphere, kind).compute(points, evidence)
            if quick is not None:
                return {name: [text, state, "", counts] for name, (text, state, counts) in quick.items()}
        scores = {name: score_of(row) for name, row in rows.items()}
        checked = check_round(method, sphere, kind, scores, evidence or Evidence(), self._packing.forms)
        return {name: _told(one) for name, one in checked.items() if one.result or one.verdict is Verdict.FLAG}

    def _quick_of(self, method: Method, sphere: str, kind: str) -> QuickRounds:
        asked = (method.id, sphere, kind)
        if asked not in self._quick:
            self._quick[asked] = QuickRounds(method, sphere, kind, self._packing.forms)
        return self._quick[asked]


def _add_round(facts: Facts, assessment: str, rows: Mapping[str, Fact], told: Mapping[str, list[Any]]) -> None:
    """Keeps what was computed; a measure that nobody published becomes a score of no file."""
    if told:
        facts.computed.append([assessment, told])
    facts.scores += [
        [COMPUTED, assessment, name, points, state, None, "", None]
        for name, (points, state, _, _) in told.items()
        if state and name not in rows
    ]


def flags_of(texts: Sequence[str]) -> list[tuple[int, str, str, str, str]]:
    """Of `Facts.texts`: (segment, assessment, measure, published, computed or "") of points that do not agree."""
    stored = dict(zip(FACT_LISTS, texts, strict=True))
    if '"flag"' not in stored["computed"]:
        return []
    flagged = {
        (assessment, measure): points
        for assessment, told in read_json(stored["computed"])
        for measure, (points, _, verdict, _) in told.items()
        if verdict == Verdict.FLAG
    }
    return [
        (segment, assessment, measure, points, flagged[assessment, measure])
        for segment, assessment, measure, points, *_ in read_json(stored["scores"])
        if (assessment, measure) in flagged
    ]


def _told(one: Checked) -> list[Any]:
    state, counts = ("", []) if one.result is None else (str(one.result.state), counts_of(one.result))
    return [_text(one.points), state, "flag" if one.verdict is Verdict.FLAG else "", counts]


def _text(points: Decimal | None) -> str:
    return "" if points is None else f"{points:f}"


def evidence_of(facts: Facts) -> dict[str, Evidence]:
    """Assessment to what stands behind its points."""
    seen: dict[str, list[Seen]] = {}
    surveys: dict[str, list[Survey]] = {}
    for _, assessment, parameter, value, norm, applicable, comment, observed_at, *place in facts.observations:
        numbers = (Decimal(value) if value else None, Decimal(norm) if norm else None)
        one = Seen(parameter, *numbers, applicable != "false", comment, observed_at, *place)
        seen.setdefault(assessment, []).append(one)
    for _, assessment, questionnaire, mode, counts in facts.answers:
        surveys.setdefault(assessment, []).append(Survey(questionnaire, mode, counts))
    return {
        name: Evidence(observations=tuple(seen.get(name, ())), surveys=tuple(surveys.get(name, ())))
        for name in seen.keys() | surveys.keys()
    }


def score_of(row: Fact) -> Score:
    """A row of `Facts.scores` as a record."""
    segment, assessment_id, measure, points, state, respondents, published_as, recipients = row
    value = Decimal(points) if points else None
    is_computed = segment == COMPUTED
    return Score(assessment_id, measure, value, _STATES[state], respondents, published_as, recipients, is_computed)


_STATES = {str(state): state for state in ScoreState}
"""Asking an enumeration for its member costs as much as the rest of a row."""


def _folded(answers: Iterable[Fact]) -> list[Fact]:
    """Answers of one file, round, questionnaire and mode put together, in order; what is together already stays so."""
    whole: dict[tuple[Any, ...], dict[str, dict[str, int]]] = {}
    for segment, assessment, questionnaire, mode, questions in answers:
        together = whole.setdefault((assessment, questionnaire, mode, segment), {})
        for question, counts in questions.items():
            together.setdefault(question, {}).update(counts)
    return [
        [segment, assessment, questionnaire, mode, {name: dict(sorted(asked[name].items())) for name in sorted(asked)}]
        for (assessment, questionnaire, mode, segment), asked in sorted(whole.items())
    ]


# ---- rows of tables as facts ---------------------------------------------------------------------------------------


def score_fact(segment: int, row: Sequence[Any]) -> Fact:
    """`row` follows `SCORE_COLUMNS`."""
    _, assessment, measure, points, state, respondents, published_as, recipients = row
    people = [int(number) if number else None for number in (respondents, recipients)]
    return [segment, assessment, measure, points, state, people[0], published_as, people[1]]


def observation_fact(segment: int, row: Sequence[Any]) -> Fact:
    """`row` follows `OBSERVATION_COLUMNS`."""
    return [segment, *(row[1:] if any(row[_WITHOUT_PLACE:]) else row[1:_WITHOUT_PLACE])]


def answer_fact(segment: int, row: Sequence[Any]) -> Fact:
    """`row` follows `ANSWER_COLUMNS`."""
    _, assessment, questionnaire, question, answer, mode, count = row
    return [segment, assessment, questionnaire, mode, {question: {answer: int(count)}}]


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


def photo_fact(segment: int, row: Sequence[Any]) -> Fact:
    """`row` follows `PHOTO_COLUMNS`."""
    review_id, number, *rest = row
    return [segment, review_id, int(number), *rest]


def plan_fact(segment: int, row: Sequence[Any]) -> Fact:
    """`row` follows `PLAN_COLUMNS`."""
    return [segment, *row[1:]]


def other_fact(table: str, segment: int, row: Sequence[Any]) -> Fact:
    """`row` follows `KEPT_WHOLE` of the table."""
    return [segment, table, *row[1:]]


def other_rows(facts: Facts) -> dict[str, list[Row]]:
    """Table of `KEPT_WHOLE` to its rows, with filled cells by their columns."""
    found: dict[str, list[Row]] = {}
    for _, table, *cells in facts.other:
        named = zip(KEPT_WHOLE[table][1:], cells, strict=True)
        found.setdefault(table, []).append({name: cell for name, cell in named if cell})
    return found


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

    `rounds` are its published assessments, independent ones before others, each newest first; `latest` is the newest
    independent one that gives a total, or empty, and
    `newest` its total and criteria (facts without the segment), both lists as JSON; `scaled` its total as a whole number,
    `None` without points; `state` the state of that total; `distribution` the counts of ratings 1–5 as JSON;
    `rated_days` the days of the ratings that count (`pack_days`); `readable` how many reviews take a place on a page;
    `open_due` the earliest date by which an open measure of the plan is due, or empty, `last_done` the newest day on which
    one was done, `last_told` the newest day of a review with a text or of a reply;
    `rosters` its entries in lists of councils as JSON, without the organisation; `pictures` how many
    photographs of operators may be shown, `sent_photos` how many of those who reviewed it; `appeals` its appeals as JSON: [year, received, answered, overdue or null], or
    empty; `stamp` digests of the lists of `STAMPED`; `row_stamp` a digest of all that a list shows.
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
    pictures: int
    sent_photos: int
    appeals: str
    last_done: str
    last_told: str
    rosters: str
    stamp: str
    row_stamp: str


ROSTERED = "roster_organizations"

STAMPED = (("scores",), ("reviews", "replies", "photos"), ("plan",), ("observations", "answers"), ("other",))
"""The lists of facts whose digests stand apart, so that a build can tell what has changed; entries in lists of councils
are in `Outline.rosters` instead."""


def outline_of(facts: Facts, texts: Sequence[str], own_row: str, known: Mapping[str, KnownRound]) -> Outline:
    """The outline; `texts` are those of `facts`, `own_row` is the organisation's own row as stored."""
    rounds, latest, newest, points, state = _scored(facts.scores, known)
    photos = shown_photos(facts)
    counts, days, readable = _rated(facts, photos)
    done, standing, open_due, last_done = _planned([row for row in facts.plan if row[2] in known])
    distribution = write_json(counts)
    stored = dict(zip(FACT_LISTS, texts, strict=True))
    rosters = [row[2:] for row in facts.other if row[1] == ROSTERED]
    if rosters:  # they stand on the pages of their lists, not on those of organisations
        stored["other"] = write_json([row for row in facts.other if row[1] != ROSTERED])
    return Outline(
        rounds=write_json(rounds),
        latest=latest,
        newest=newest,
        scaled=scaled_points(points) if points else None,
        state=state,
        distribution=distribution,
        ratings=sum(counts),
        rated_days=pack_days(reversed(days)),
        readable=readable,
        plan_done=done,
        plan_standing=standing,
        open_due=open_due,
        pictures=sum(_is_picture(row) and row[3] in known for row in facts.other),
        sent_photos=sum(map(len, photos.values())),
        appeals=_appeals(facts.other),
        last_done=last_done,
        last_told=_last_told(facts),
        rosters=write_json(rosters),
        stamp=" ".join(digest(*(stored[name] for name in names)) for names in STAMPED),
        row_stamp=digest(own_row, newest, distribution),
    )


def _scored(scores: Sequence[Fact], known: Mapping[str, KnownRound]) -> tuple[list[str], str, str, str, str]:
    """The published rounds, the latest one with a total, its listed scores as JSON, that total's points and state."""
    rounds = _rounds(scores, known)
    totals = {row[1]: row for row in scores if row[2] == "total"}
    latest = next((name for name in rounds if name in totals and known[name].is_independent), "")
    if not latest:
        return rounds, "", write_json([]), "", ScoreState.NOT_ASSESSED
    listed = known[latest].listed
    newest = [row[1:] for row in scores if row[1] == latest and row[2] in listed]
    return rounds, latest, write_json(newest), totals[latest][3], totals[latest][4]


def _rated(facts: Facts, photos: Collection[str]) -> tuple[list[int], list[str], int]:
    """How many ratings of one to five, their days as the rows stand, how many reviews have something to read.

    `photos` are the reviews that show photographs.
    """
    counts, days, readable = [0, 0, 0, 0, 0], [], 0
    for row in facts.reviews:
        if row[10] != SET_ASIDE:
            counts[row[3] - 1] += 1
            days.append(row[2])
        readable += bool(row[6]) or row[9] == ReviewState.RESTRICTED or row[1] in photos
    return counts, days, readable


def _planned(plan: Sequence[Fact]) -> tuple[int, int, str, str]:
    """Measures done, measures not cancelled, the next due day of an open one, the last day one was done; days may be
    empty."""
    states = [row[8] for row in plan]
    open_due = [row[7] for row in plan if row[8] in (PlanStatus.PLANNED, PlanStatus.IN_PROGRESS)]
    last_done = max((row[9] for row in plan if row[8] == PlanStatus.DONE), default="") or ""
    standing = len(states) - states.count(PlanStatus.CANCELLED)
    return states.count(PlanStatus.DONE), standing, min(open_due, default=""), last_done


def _last_told(facts: Facts) -> str:
    """The newest day on which something was said that a feed tells; empty where nothing was."""
    told = {row[1]: row[2] for row in facts.reviews if row[6]}
    replied = [row[3] for row in facts.replies if row[1] in told]
    return max((*told.values(), *replied), default="")


def shown_photos(facts: Facts) -> dict[str, list[Fact]]:
    """Review to its photographs that may be shown: their files are in a package, and the review is not restricted."""
    found: dict[str, list[Fact]] = {}
    if not facts.photos:
        return found  # most have none
    published = {row[1] for row in facts.reviews if row[9] != ReviewState.RESTRICTED}
    for row in facts.photos:
        if row[3] and row[1] in published:
            found.setdefault(row[1], []).append(row)
    return found


def _is_picture(row: Fact) -> bool:
    """True for a photograph that may be shown and whose file is in its package."""
    return row[1] == "observation_photos" and row[6] == "true" and bool(row[4])


def _appeals(other: Iterable[Fact]) -> str:
    rows = [row for row in other if row[1] == "appeal_statistics"]
    numbers = [[int(row[2]), int(row[3]), int(row[4]), int(row[6]) if row[6] else None] for row in rows]
    return write_json(numbers) if numbers else ""


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
    if not packed:
        return 0
    number, sought = len(packed) // 2, _two_bytes(day)
    return number - bisect_right(range(number), sought, key=lambda place: packed[2 * place : 2 * place + 2])


def _rounds(scores: Iterable[Fact], known: Mapping[str, KnownRound]) -> list[str]:
    """The published assessments in which the organisation has scores: independent ones before others, newest first."""
    found = {row[1] for row in scores if row[1] in known}
    return sorted(found, key=lambda name: (not known[name].is_independent, -known[name].period, name))


def digest(*texts: str) -> str:
    """12 hex digits that tell texts apart."""
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=6).hexdigest()
