"""Open data in text: the JSON of one organisation, and the tables of a released package."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from nok import urls
from nok.arithmetic import printed
from nok.evidence import Checked, trace_of
from nok.json_text import compact_json, exact_number
from nok.method import Method
from nok.packages.write import exact_csv
from nok.ranking import Standing
from nok.records import (
    Assessment,
    CriterionMean,
    Organization,
    PlanMeasure,
    RatingSplits,
    RatingSummary,
    Review,
    ReviewPhoto,
)
from nok.sampling import needed_sample
from nok.statistics import WINDOW_MONTHS
from nok.warehouse_facts import OrganizationFacts, Round
from nok.warehouse_parse import ORGANIZATION_COLUMNS

_CHUNK_ROWS = 2000


Checks = Mapping[str, Mapping[str, Checked]]
"""Assessment to measure to what was computed and judged."""

_NOTHING: Checks = {}
_NO_METHODS: Mapping[str, Method] = {}


def organization_json(
    facts: OrganizationFacts,
    summary: RatingSummary,
    window: RatingSummary,
    splits: RatingSplits,
    checks: Checks = _NOTHING,
    methods: Mapping[str, Method] = _NO_METHODS,
) -> str:
    """All that is published of one organisation (design: names that data and pages share).

    `summary` is of all ratings, `window` of those of the last twelve months; what `splits` tells of channels and criteria
    stands nowhere row by row. Numbers that were published stay the text they were published as; what was computed stands
    beside them, with how.
    """
    return organization_json_bytes(facts, summary, window, splits, checks, methods).decode()


def organization_json_bytes(
    facts: OrganizationFacts,
    summary: RatingSummary,
    window: RatingSummary,
    splits: RatingSplits,
    checks: Checks = _NOTHING,
    methods: Mapping[str, Method] = _NO_METHODS,
) -> bytes:
    """The same as it is written to a file, UTF-8 with a line end."""
    rounds = (*facts.rounds, *facts.other_rounds)
    found = {
        "organization": _organization(facts.organization)
        | {"extra": {extra.name: extra.value for extra in facts.extra}},
        "assessments": [_assessment(item.assessment) for item in rounds],
        "scores": [row for item in rounds for row in _scores(item, checks, methods)],
        "places": [_place(item) for item in facts.rounds if item.standing is not None],
        "ratings": _summary(summary)
        | {"window": {"months": WINDOW_MONTHS} | _summary(window)}
        | {"channels": _channels(splits), "criteria": [_criterion(item) for item in splits.criteria]},
        "reviews": [_review(review) for review in facts.reviews],
        "replies": [
            {"review_id": review.review_id, "text": reply.text, "replied_on": reply.replied_on}
            for review in facts.reviews
            if (reply := review.reply) is not None
        ],
        "review_photos": [_photo(photo, facts.organization) for review in facts.reviews for photo in review.photos],
        "recommendations": list(facts.other.get("recommendations", ())),
        "plan_measures": [_plain(measure, _PLAN_MEASURE) for measure in facts.plan],
        "appeal_statistics": [dict(row) for row in facts.other.get("appeal_statistics", ())],
        "observation_photos": [_picture(row) for row in facts.other.get("observation_photos", ())],
    }
    return compact_json(found)


def _picture(row: Mapping[str, str]) -> dict[str, str]:
    """A picture that may be shown: what the operator says of it, and where its published copy lies below the site's root;
    its own file never leaves the package."""
    said = {name: row[name] for name in ("photo_sha256", "assessment_id", "caption") if name in row}
    return said | ({"published_copy": urls.observed_picture(row["photo_sha256"])} if "path" in row else {})


def _photo(photo: ReviewPhoto, organization: Organization) -> dict[str, Any]:
    """A photograph of a review: where its published copies lie below the site's root."""
    of = organization.region_code, organization.organization_id
    place = *of, photo.review_id, photo.number, photo.sha256
    copies = {"published_copy": urls.review_photo(*place), "small_copy": urls.review_photo_small(*place)}
    return {"review_id": photo.review_id, "number": photo.number} | copies


def _place(item: Round) -> dict[str, Any]:
    """The place among those of the same kind, region, round and method; `first` and `last` are what the survey leaves
    open, `null` where nobody knows how many answered."""
    found = {"assessment_id": item.assessment.assessment_id}
    return found | {name: getattr(item.standing, name) for name in _STANDING} if item.standing else found


def _summary(summary: RatingSummary) -> dict[str, Any]:
    positive = summary.positive
    return {
        "count": summary.count,
        "mean": _text(summary.mean),
        "low": _text(summary.low),
        "high": _text(summary.high),
        "distribution": summary.distribution,
        "positive": positive
        and {"percent": str(positive.percent), "low": str(positive.low), "high": str(positive.high)},
    }


def _channels(splits: RatingSplits) -> dict[str, Any] | None:
    return {"of_first": splits.counted, "counts": dict(splits.channels)} if splits.counted else None


def _criterion(item: CriterionMean) -> dict[str, Any]:
    return {"criterion": item.criterion, "of_first": item.marks, "mean": str(item.mean)}


def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


_ORGANIZATION, _ASSESSMENT, _PLAN_MEASURE = (*ORGANIZATION_COLUMNS, "package"), _names(Assessment), _names(PlanMeasure)
_STANDING = _names(Standing)


def _organization(organization: Organization) -> dict[str, Any]:
    found = _plain(organization, _ORGANIZATION)
    for name in ("latitude", "longitude"):
        found[name] = exact_number(getattr(organization, name))
    return found


@lru_cache(maxsize=4_096)  # a round is that of thousands of organisations
def _assessment(assessment: Assessment) -> Mapping[str, Any]:
    return _plain(assessment, _ASSESSMENT)


def _plain(record: Any, names: Sequence[str]) -> dict[str, Any]:
    """The fields of a record that say something, as JSON knows them."""
    values = [(name, getattr(record, name)) for name in names]
    return {name: value if isinstance(value, int) else str(value) for name, value in values if value not in ("", None)}


def _scores(item: Round, checks: Checks, methods: Mapping[str, Method]) -> Iterator[dict[str, Any]]:
    """Every measure of a round that is known or computed, once."""
    checked = checks.get(item.assessment.assessment_id, {})
    method = methods.get(item.assessment.method_id)
    for score in item.scores.values():
        one = checked.get(score.measure)
        yield {
            "assessment_id": score.assessment_id,
            "measure": score.measure,
            "points": None if score.points is None or score.is_computed else printed(score.points),
            "state": score.state,
            "respondents": score.respondents,
            "recipients": score.recipients,
            "needed_respondents": None if score.recipients is None else needed_sample(score.recipients),
            "published_as": score.published_as or None,
            "computed_points": None if one is None or one.points is None else f"{one.points:f}",
            "verdict": None if one is None else one.verdict,
            "trace": None if one is None or method is None else trace_of(method, one),
        }


def _review(review: Review) -> dict[str, Any]:
    found: dict[str, Any] = {
        "review_id": review.review_id,
        "received_on": review.received_on,
        "rating": review.rating,
        "state": review.state,
    }
    if review.visited_on:
        found["visited_on"] = review.visited_on
    if review.text:
        found["text"] = review.text
    if review.language:
        found["language"] = review.language
    if review.reason_code:
        found["reason_code"] = review.reason_code
    return found


def _text(value: object) -> str | None:
    return None if value is None else str(value)


# ---- tables --------------------------------------------------------------------------------------------------------


def csv_chunks(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Iterator[bytes]:
    """The rows as exact CSV (RFC 4180, comma, LF), a piece of some thousand rows at a time."""
    cells = itemgetter(*columns)  # a table has two columns at least
    given = chain([columns], map(cells, rows))
    while piece := list(islice(given, _CHUNK_ROWS)):
        yield exact_csv(piece).encode()


def json_lines(schema: Mapping[str, Any], rows: Iterable[Mapping[str, str]]) -> Iterator[bytes]:
    """The rows as JSON Lines: numbers and booleans by the schema, points and marks as published text."""
    readers = [(field["name"], _reader(field)) for field in schema["fields"]]
    for row in rows:
        found = {name: read(text) if (text := row.get(name)) else None for name, read in readers}
        yield compact_json(found)


def _reader(field: Mapping[str, Any]) -> Callable[[str], Any]:
    """How a filled cell of a field becomes a value."""
    if field.get("type") == "integer":
        return int
    if field.get("type") == "boolean":
        return "true".__eq__
    return _degrees if field["name"] in ("latitude", "longitude") else str


def _degrees(text: str) -> object:
    return exact_number(float(text))


PointRow = tuple[str, str, float, float, str, int, str, str]
"""(id, shard, latitude, longitude, name, level, points as shown, day of closing or empty) of an organisation on a map."""


def points_json(folder: str, points: Iterable[PointRow], words: Mapping[str, Mapping[str, str]], shards: int) -> str:
    """The points of a region in columns: id, name, latitude, longitude, points as shown, band; `shard` if there are.

    `closed` has the day of closing by the place in the columns, of those that closed; `words` for each further language
    what it says instead of a band's word.
    """
    rows = list(points)
    columns: dict[str, object] = {
        "folder": folder,
        "id": [row[0] for row in rows],
        "lat": [round(row[2], 5) for row in rows],
        "lon": [round(row[3], 5) for row in rows],
        "name": [row[4] for row in rows],
        "level": [row[5] for row in rows],
        "points": [row[6] for row in rows],
        "closed": {str(at): row[7] for at, row in enumerate(rows) if row[7]},
        "words": words,
    }
    if shards:
        columns["shard"] = [row[1] for row in rows]
    return json.dumps(columns, ensure_ascii=False, separators=(",", ":")) + "\n"
