"""Ratings out of the store into a data package, which the next build reads like any other.

Only what was decided leaves the store: a rating that was accepted by rule, a text that somebody has read and
published. What was set aside is published as such and counts in no mean; what was withdrawn is gone.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from nok.packages.write import Table, write_package
from nok.privacy import Splits
from nok.records import SET_ASIDE, ReviewState
from widget.moderation import ReviewStanding, TextStanding
from widget.store import StoredReview, iterate_reviews, read_answer_counts

DESCRIPTOR: Mapping[str, object] = {
    "name": "widget-reviews",
    "title": "Оценки, собранные здесь",
    "version": "1.0.0",
    "licenses": [{"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
}
"""The same for every store and folder, so that the same ratings give the same bytes anywhere."""


def export_reviews(
    store: Path,
    out: Path,
    *,
    organizations: Collection[str] | None = None,
    assessments: Collection[str] | None = None,
    step: int = 10,
) -> int:
    """Writes the package of the ratings in `store` into the folder `out`; returns how many ratings it holds.

    Counted answers to questionnaires go with them as the table `answers`, where there are any. May run while the store
    is being written. `organizations` and `assessments`, where given, are the ids that the next build knows: rows of
    others are left out, since a row without its parent would stop the build. How ratings came in and what they marked
    besides the whole leaves the store only added up, in steps of `step` ratings (`nok.privacy`).

    Raises:
        StorageError: no store, a disk that refuses, or a folder that holds something else.
    """
    splits: dict[str, Splits] = {}
    rows = list(_rows(iterate_reviews(store), organizations, splits, step))
    tables = [Table(name="reviews", rows=rows)]
    if told := list(_told(splits)):
        tables.append(Table(name="rating_splits", rows=told))
    if answers := list(_answers(store, organizations, assessments)):
        tables.insert(0, Table(name="answers", rows=answers))
    write_package(out, DESCRIPTOR, tables)
    return len(rows)


def _rows(
    reviews: Iterator[StoredReview], organizations: Collection[str] | None, splits: dict[str, Splits], step: int
) -> Iterator[dict[str, str]]:
    """The rows that leave the store; on the way every rating that counts, or counted until it was taken back, is added to
    `splits`."""
    for review in reviews:
        if organizations is not None and review.organization_id not in organizations:
            continue
        if not review.reason_code or review.standing is ReviewStanding.ACCEPTED:
            is_gone = review.standing is ReviewStanding.WITHDRAWN
            of_organization = splits.setdefault(review.organization_id, Splits(step))
            of_organization.add(review.channel, review.criteria, is_gone=is_gone)
        if review.standing is not ReviewStanding.WITHDRAWN:
            yield _row(review)


def _told(splits: Mapping[str, Splits]) -> Iterator[dict[str, str]]:
    for organization_id in sorted(splits):
        for aspect, counts in sorted(splits[organization_id].told().items()):
            for value, count in sorted(counts.items()):
                yield {"organization_id": organization_id, "aspect": aspect, "value": value, "count": str(count)}


def _answers(
    store: Path, organizations: Collection[str] | None, assessments: Collection[str] | None
) -> Iterator[dict[str, str]]:
    for row in read_answer_counts(store):
        is_known = organizations is None or row.organization_id in organizations
        if is_known and (assessments is None or row.assessment_id in assessments):
            yield {name: str(getattr(row, name)) for name in _ANSWER_FIELDS}


_ANSWER_FIELDS = ("organization_id", "assessment_id", "questionnaire_id", "question", "answer", "mode", "count")


def _row(review: StoredReview) -> dict[str, str]:
    """One row of the published table `reviews`; a text that nobody has read yet stays behind, its rating counts."""
    counts = review.standing is ReviewStanding.ACCEPTED
    text = review.text if counts and review.text_standing is TextStanding.PUBLISHED else ""
    return {
        "review_id": review.review_id,
        "organization_id": review.organization_id,
        "received_on": review.received_on,
        "visited_on": review.visited_on,
        "rating": str(review.rating),
        "text": text,
        "language": review.language if text else "",
        "state": ReviewState.PUBLISHED if counts else ReviewState.RESTRICTED,
        "reason_code": "" if counts else SET_ASIDE,
    }
