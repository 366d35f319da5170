"""Open data in text: the JSON of one organisation, and the tables of a released package."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from nok.packages.write import RowWriter
from nok.records import REVIEW_CRITERIA, Assessment, Organization, PlanMeasure, RatingSummary, Review, Score
from nok.warehouse import OrganizationFacts

_CHUNK_ROWS = 2000


def organization_json(facts: OrganizationFacts, summary: RatingSummary) -> str:
    """All that is published of one organisation (design: names that data and pages share).

    Numbers that were published stay the text they were published as; nothing here is rounded anew.
    """
    found = {
        "organization": _organization(facts.organization)
        | {"extra": {extra.name: extra.value for extra in facts.extra}},
        "assessments": [_plain(item.assessment, Assessment) for item in facts.rounds],
        "scores": [_score(score) for item in facts.rounds for score in item.scores.values()],
        "ratings": {
            "count": summary.count,
            "mean": _text(summary.mean),
            "low": _text(summary.low),
            "high": _text(summary.high),
            "distribution": list(summary.distribution),
        },
        "reviews": [_review(review) for review in facts.reviews],
        "replies": [
            {"review_id": review.review_id, "text": review.reply.text, "replied_on": str(review.reply.replied_on)}
            for review in facts.reviews
            if review.reply is not None
        ],
        "plan_measures": [_plain(measure, PlanMeasure) for measure in facts.plan],
    }
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def _organization(organization: Organization) -> dict[str, Any]:
    found = _plain(organization, Organization)
    found["latitude"], found["longitude"] = organization.latitude, organization.longitude
    return found


def _plain(record: Any, kind: type) -> dict[str, Any]:
    """The fields of a record that say something, as JSON knows them."""
    values = ((field.name, getattr(record, field.name)) for field in fields(kind))
    return {name: value if isinstance(value, int) else str(value) for name, value in values if value not in ("", None)}


def _score(score: Score) -> dict[str, Any]:
    return {
        "assessment_id": score.assessment_id,
        "measure": score.measure,
        "points": _text(score.points),
        "state": str(score.state),
        "respondents": score.respondents,
        "published_as": score.published_as or None,
        "computed_points": None,
        "verdict": None,
        "trace": None,
    }


def _review(review: Review) -> dict[str, Any]:
    found: dict[str, Any] = {
        "review_id": review.review_id,
        "received_on": str(review.received_on),
        "rating": review.rating,
        "channel": review.channel,
        "state": str(review.state),
    }
    found |= {name: value for name, value in review.criteria if name in REVIEW_CRITERIA}
    optional = (("visited_on", review.visited_on), ("text", review.text), ("language", review.language))
    found |= {name: value for name, value in (*optional, ("reason_code", review.reason_code)) if value}
    return found


def _text(value: object) -> str | None:
    return None if value is None else str(value)


# ---- tables --------------------------------------------------------------------------------------------------------


def csv_chunks(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """The rows as exact CSV (RFC 4180, comma, LF), a piece of some thousand rows at a time."""
    buffer = io.StringIO(newline="")
    writer = RowWriter(buffer)
    writer.write(columns)
    for number, row in enumerate(rows, start=1):
        writer.write([row[column] for column in columns])
        if number % _CHUNK_ROWS == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def json_line(schema: Mapping[str, Any], row: Mapping[str, str]) -> str:
    """One row as a line of JSON Lines: numbers and booleans by the schema, points and marks as published text."""
    found: dict[str, Any] = {}
    for field in schema["fields"]:
        text = row.get(field["name"], "")
        if text == "":
            found[field["name"]] = None
        elif field.get("type") == "integer":
            found[field["name"]] = int(text)
        elif field.get("type") == "boolean":
            found[field["name"]] = text == "true"
        elif field["name"] in ("latitude", "longitude"):
            found[field["name"]] = float(text)
        else:
            found[field["name"]] = text
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n"
