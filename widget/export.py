"""Ratings out of the store into a data package, which the next build reads like any other.

Only what was decided leaves the store: a rating that was accepted by rule, a text that somebody has read and
published. What was set aside is published as such and counts in no mean; a hidden text leaves its reason in its place;
what was withdrawn is gone and leaves only its id and the day. The package names the end of the audit chain, so that nobody shortens or rewrites the chain
behind a published export unnoticed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from nok.errors import StorageError
from nok.packages.write import PICTURES, Table, write_package
from nok.privacy import Splits
from nok.records import SET_ASIDE, ReviewState
from widget.engines import StorePlace
from widget.guard import Reason
from widget.ledger import read_head
from widget.moderation import PhotoStanding, ReviewStanding, TextStanding
from widget.photo_store import read_pixels
from widget.reviews import StoredPhoto, StoredReview
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
_COUNTED_FIRST = ("", SET_ASIDE, str(Reason.EXCESS))
"""Reasons of ratings that counted when they came: none, or one that was found afterwards."""
_REVIEW_COLUMNS = tuple(
    "review_id organization_id received_on visited_on rating text language state reason_code".split()
)
"""What leaves the store row by row; the rest only added up."""


def export_reviews(
    place: StorePlace,
    out: Path,
    *,
    organizations: Collection[str] | None = None,
    assessments: Collection[str] | None = None,
    step: int = 10,
) -> int:
    """Writes the package of the ratings in the store into the folder `out`; returns how many ratings it holds.

    Ratings and replies are segments by the month of receipt; only a file whose bytes differ is written. Counted answers
    to questionnaires go with them as the table `answers`, where there are any. May run while the store is being
    written. `organizations` and `assessments`, where given, are the ids that the next build knows: rows of others are
    left out, since a row without its parent would stop the build. How ratings came in and what they marked besides the
    whole leaves the store only added up, in steps of `step` ratings (`nok.privacy`).

    Raises:
        StorageError: no store, a disk that refuses, or a folder that holds something else.
    """
    reader = Reader(place)
    try:
        head = reader.read(read_head)
        known = _Known(organizations, assessments)
        splits = _Splits(step)
        audit = {AUDIT: {"entries": head.number, "head": head.hash}}
        photos = _Photos(reader, out)
        write_package(out, {**DESCRIPTOR, **audit}, _tables(reader, known, splits, photos), photos)
    finally:
        reader.close()
    return splits.exported


@dataclass(frozen=True, slots=True)
class _Known:
    """What the next build knows; `None` stands for everything."""

    organizations: Collection[str] | None
    assessments: Collection[str] | None

    def reviews(self, reviews: Iterable[StoredReview]) -> Iterator[StoredReview]:
        return (one for one in reviews if self.organizations is None or one.organization_id in self.organizations)


class _Splits:
    """Passes ratings on, adds up what leaves the store only added up, and counts what leaves it as rows."""

    def __init__(self, step: int) -> None:
        self.exported = 0
        self._step = step
        self._of: dict[str, Splits] = {}

    def rows(self, reviews: Iterable[StoredReview]) -> Iterator[dict[str, str]]:
        for review in reviews:
            self._add(review)
            if review.standing is not ReviewStanding.WITHDRAWN:
                self.exported += 1
                yield _row(review)

    def _add(self, review: StoredReview) -> None:
        """Every rating that counts, or counted until it was taken back or set aside afterwards.

        One that the guard set aside on arrival never counted. Where a person took it in later it still is in no step, since it
        would move all answers after it by one.
        """
        if review.reason_code in _COUNTED_FIRST:
            is_gone = review.standing is not ReviewStanding.ACCEPTED
            of_organization = self._of.setdefault(review.organization_id, Splits(self._step))
            of_organization.add(review.channel, review.criteria, is_gone=is_gone)

    def told(self) -> Iterator[dict[str, str]]:
        """Rows of the table `rating_splits`."""
        for organization_id in sorted(self._of):
            for aspect, counts in sorted(self._of[organization_id].told().items()):
                for value, count in sorted(counts.items()):
                    yield {"organization_id": organization_id, "aspect": aspect, "value": value, "count": str(count)}


class _Photos(Mapping[str, bytes | None]):
    """The published photographs, path in the package to pixels, which are read one at a time; `None` where the file stands
    there already: its name is the hash of what it holds."""

    def __init__(self, reader: Reader, out: Path) -> None:
        self._reader, self._out = reader, out
        self._ids: dict[str, str] = {}

    def rows(self, known: "_Known") -> Iterator[dict[str, str]]:
        """Rows of the table `review_photos`: of reviews that are published whole, in the order of arrival."""
        for review in known.reviews(self._reader.iterate_pictured()):
            if review.standing is not ReviewStanding.ACCEPTED or _reason(review):
                continue
            for photo in review.photos:
                if photo.standing is PhotoStanding.PUBLISHED:
                    path = f"{PICTURES}/{photo.sha256[:2]}/{photo.sha256}.jpg"
                    self._ids[path] = photo.photo_id
                    yield _photo_row(photo, path)

    def __getitem__(self, path: str) -> bytes | None:
        photo_id = self._ids[path]
        if (self._out / path).is_file():
            return None
        found = self._reader.read(lambda connection: read_pixels(connection, photo_id, is_shown=True))
        if found is None:
            raise StorageError("photo-withdrawn", place=self._reader.place)
        return found[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def _photo_row(photo: StoredPhoto, path: str) -> dict[str, str]:
    return {
        "review_id": photo.review_id,
        "number": str(photo.number),
        "path": path,
        "sha256": photo.sha256,
        "width": str(photo.width),
        "height": str(photo.height),
    }


def _tables(reader: Reader, known: _Known, splits: _Splits, photos: _Photos) -> Iterator[Table]:
    """The tables of the package one after another: what is added up is known when all ratings have passed."""
    if answers := list(_answers(reader, known)):
        yield Table(name="answers", rows=answers)
    rows = splits.rows(known.reviews(reader.iterate_reviews()))
    yield Table(name="reviews", rows=rows, segment_of=lambda row: row["received_on"][:_MONTH], columns=_REVIEW_COLUMNS)
    if shots := list(photos.rows(known)):
        yield Table(name="review_photos", rows=shots)
    withdrawn = _withdrawn(reader, known)
    if first := next(withdrawn, None):
        yield Table(name="withdrawn_reviews", rows=chain([first], withdrawn))
    if told := list(splits.told()):
        yield Table(name="rating_splits", rows=told)
    replied = known.reviews(reader.iterate_replied())
    if replies := _replies(one for one in replied if _is_answered(one)):
        yield replies


def _is_answered(review: StoredReview) -> bool:
    """Is the reply to a review published? Not where its text is not: the reply may quote it."""
    return review.reply is not None and review.standing is not ReviewStanding.WITHDRAWN and not _reason(review)


def _withdrawn(reader: Reader, known: _Known) -> Iterator[dict[str, str]]:
    """A mark for each rating that was taken back, so that whoever keeps a copy knows what to remove."""
    for row in reader.iterate_withdrawn():
        if known.organizations is None or row.organization_id in known.organizations:
            yield {
                "review_id": row.review_id,
                "organization_id": row.organization_id,
                "withdrawn_on": row.withdrawn_on,
                "reason": "author",
            }


def _answers(reader: Reader, known: _Known) -> Iterator[dict[str, str]]:
    for row in reader.answer_counts():
        is_known = known.organizations is None or row.organization_id in known.organizations
        if is_known and (known.assessments is None or row.assessment_id in known.assessments):
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
        "text": review.shown if is_told else "",
        "language": review.language if is_told and review.shown else "",
        "state": ReviewState.RESTRICTED if reason else ReviewState.PUBLISHED,
        "reason_code": reason,
    }


def _reason(review: StoredReview) -> str:
    """Why a rating is published as restricted; empty where it is not."""
    if review.standing is ReviewStanding.SET_ASIDE:
        return SET_ASIDE
    hidden = (TextStanding.REJECTED, TextStanding.ERASED)
    return review.text_reason if review.text_standing in hidden else ""
