"""Ratings out of the store into a data package, which the next build reads like any other.

Only what was decided leaves the store: a rating that was accepted by rule, a text that somebody has read and
published. What was set aside is published as such and counts in no mean; a hidden text leaves its reason in its place;
what was withdrawn is gone. The package names the end of the audit chain, so that nobody shortens or rewrites the chain
behind a published export unnoticed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from nok.packages.write import Table, write_package
from nok.records import SET_ASIDE, ReviewState
from widget.engines import StorePlace
from widget.ledger import read_head
from widget.moderation import ReviewStanding, TextStanding
from widget.reviews import StoredReview
from widget.store import Reader

DESCRIPTOR: Mapping[str, object] = {
    "name": "widget-reviews",
    "title": "Оценки, собранные здесь",
    "version": "1.0.0",
    "licenses": [{"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
}
"""The same for every store and folder, so that the same ratings give the same bytes anywhere."""
AUDIT = "audit"
"""The property of the descriptor that holds the end of the chain: `entries` and `head`."""
_MONTH = len("2026-02")


def export_reviews(
    place: StorePlace,
    out: Path,
    *,
    organizations: Collection[str] | None = None,
    assessments: Collection[str] | None = None,
) -> int:
    """Writes the package of the ratings in the store into the folder `out`; returns how many ratings it holds.

    Ratings and replies are segments by the month of receipt; only a file whose bytes differ is written. Counted answers
    to questionnaires go with them as the table `answers`, where there are any. May run while the store is being
    written. `organizations` and `assessments`, where given, are the ids that the next build knows: rows of others are
    left out, since a row without its parent would stop the build.

    Raises:
        StorageError: no store, a disk that refuses, or a folder that holds something else.
    """
    reader = Reader(place)
    try:
        head = reader.read(read_head)
        counted = _Counted(_decided(reader.iterate_reviews(), organizations))
        tables = [Table(name="reviews", rows=map(_row, counted), segment_of=lambda row: row["received_on"][:_MONTH])]
        if answers := list(_answers(reader, organizations, assessments)):
            tables.insert(0, Table(name="answers", rows=answers))
        if replies := _replies(_decided(reader.iterate_replied(), organizations)):
            tables.append(replies)
        audit = {AUDIT: {"entries": head.number, "head": head.hash}}
        write_package(out, {**DESCRIPTOR, **audit}, tables)
    finally:
        reader.close()
    return counted.number


class _Counted:
    """Passes ratings on and counts them."""

    def __init__(self, reviews: Iterable[StoredReview]) -> None:
        self._reviews = reviews
        self.number = 0

    def __iter__(self) -> Iterator[StoredReview]:
        for review in self._reviews:
            self.number += 1
            yield review


def _decided(reviews: Iterator[StoredReview], organizations: Collection[str] | None) -> Iterator[StoredReview]:
    for review in reviews:
        is_known = organizations is None or review.organization_id in organizations
        if is_known and review.standing is not ReviewStanding.WITHDRAWN:
            yield review


def _answers(
    reader: Reader, organizations: Collection[str] | None, assessments: Collection[str] | None
) -> Iterator[dict[str, str]]:
    for row in reader.answer_counts():
        is_known = organizations is None or row.organization_id in organizations
        if is_known and (assessments is None or row.assessment_id in assessments):
            yield {name: str(getattr(row, name)) for name in _ANSWER_FIELDS}


_ANSWER_FIELDS = ("organization_id", "assessment_id", "questionnaire_id", "question", "answer", "mode", "count")


def _replies(replied: Iterator[StoredReview]) -> Table | None:
    """The table of replies; `None` where nobody has replied yet."""
    first = next(replied, None)
    if first is None:
        return None
    months: dict[str, str] = {}

    def rows() -> Iterator[dict[str, str]]:
        for review in (first, *replied):
            if review.reply:
                months[review.review_id] = review.received_on[:_MONTH]
                yield {
                    "review_id": review.review_id,
                    "text": review.reply.text,
                    "replied_on": review.reply.replied_on,
                }

    return Table(name="replies", rows=rows(), segment_of=lambda row: months.pop(row["review_id"]))


def _row(review: StoredReview) -> dict[str, str]:
    """One row of the published table `reviews`; a text that nobody has read yet stays behind, its rating counts."""
    reason = _reason(review)
    is_told = not reason and review.text_standing is TextStanding.PUBLISHED
    return {
        "review_id": review.review_id,
        "organization_id": review.organization_id,
        "received_on": review.received_on,
        "visited_on": review.visited_on,
        "rating": str(review.rating),
        **{name: str(mark) for name, mark in review.criteria},
        "text": review.shown if is_told else "",
        "language": review.language if is_told and review.shown else "",
        "channel": review.channel,
        "placement_code": review.placement_code,
        "state": ReviewState.RESTRICTED if reason else ReviewState.PUBLISHED,
        "reason_code": reason,
    }


def _reason(review: StoredReview) -> str:
    """Why a rating is published as restricted; empty where it is not."""
    if review.standing is ReviewStanding.SET_ASIDE:
        return SET_ASIDE
    hidden = (TextStanding.REJECTED, TextStanding.ERASED)
    return review.text_reason if review.text_standing in hidden else ""
