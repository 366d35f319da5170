"""The store of one process: everything durable before it is told, everything that happens written down.

Where it is and how it is opened: `widget/engines.py`. What may be done to a rating: `widget/reviews.py`; at the desk:
`widget/decisions.py` and `widget/accounts.py`.
"""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import date
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from nok.errors import BusyError, NokError, Said, StorageError
from widget.engines import (
    DatabaseFault,
    StorePlace,
    is_unsure,
    lock_store,
    look_through,
    reading_engine,
    reason_of,
    told,
    truncate_log,
    writing_engine,
)
from widget.form_counts import AnswerCount, FormArrival, add_form, iterate_counts
from widget.keys import ServerKey, parse_receipt
from widget.ledger import Later, Ledger
from widget.migrate import STORE_VERSION, check_key, is_ready, prepare, seal_of
from widget.moderation import PhotoStanding
from widget.reviews import (
    Arrival,
    Receipt,
    StoredReview,
    Withdrawn,
    appeal,
    complete,
    drop_keys,
    drop_orphans,
    insert,
    new_rating,
    read_reviews,
    read_withdrawn,
    withdraw,
)
from widget.submission import Details
from widget.tables import facts, photos, replies, reviews
from widget.writer import GroupWriter, OverloadedError, Work

_ROWS_PER_READ = 10_000
_PROBE_BYTES = 64 * 1024

Result = TypeVar("Result")


class StoreUnavailableError(Exception):
    """The rating could not be stored and nothing was promised; trying again later is right."""


class Store:
    """The store of one process. What is written is durable when its future is done."""

    version = STORE_VERSION

    def __init__(self, place: StorePlace) -> None:
        """Opens the store at `place`, makes it and its key where there is none, and keeps other writers of a file out.

        Raises:
            BusyError: another process writes this file.
            ConfigError: the key is missing, weak or of another store.
            StorageError: the disk or the server refuses, or the store is something else or of a newer program.
        """
        self.place = place
        self.fault = ""
        """Why the last write failed; empty while all is well."""
        self._is_unsure = False
        self._undropped: tuple[list[str], list[dict[str, str]]] = ([], [])
        """Keys to drop and erasures to keep that a failing disk refused; they go with the next commit."""
        self._is_log_long = False
        self._lock: int | None = None if place.url else lock_store(place)
        self._writing, self._reading = writing_engine(place), reading_engine(place)
        try:
            self.key = self._open()
        except DatabaseFault as error:
            self._release()
            raise StorageError("store-unopened", place=place, reason=reason_of(error)) from error
        except NokError:
            self._release()
            raise
        self._writer = GroupWriter(self._commit)

    def _open(self) -> ServerKey:
        """What a killed process left in the log is made durable: a retry must not be answered from an unsynced log."""
        key = prepare(self.place)
        with self._writing.begin() as connection:
            check_key(self.place, connection, key)
            drop_orphans(connection)
        if not self.place.url:
            truncate_log(self._writing)
        return key

    # ---- writing ---------------------------------------------------------------------------------------------------

    def add(self, arrival: Arrival) -> "Future[Receipt]":
        """Stores a rating once, however often it is sent.

        Raises:
            StoreUnavailableError: too many wait already. The future raises it where the disk refuses.
        """
        rating = new_rating(self.key, arrival)
        return self.do(lambda ledger: ledger.later(insert, rating))

    def complete(self, code: str, details: Details, today: date) -> "Future[bool]":
        """Adds details to the rating of a receipt; false where there is none or it was withdrawn."""
        receipt_hash = self._hash(code)
        return self.do(lambda ledger: complete(ledger, receipt_hash, details, today))

    def withdraw(self, code: str, today: date) -> "Future[bool]":
        """Takes the rating of a receipt back and erases its text; true also where that happened before."""
        receipt_hash = self._hash(code)
        return self.do(lambda ledger: withdraw(ledger, receipt_hash, today))

    def appeal(self, code: str, text: str, today: date) -> "Future[bool]":
        """Keeps what the author of a rating says against a decision; false where there is none to appeal against."""
        receipt_hash = self._hash(code)
        return self.do(lambda ledger: appeal(ledger, receipt_hash, text, today))

    def add_form(self, arrival: FormArrival) -> "Future[bool]":
        """Counts a filled questionnaire once; false where the same key was counted before.

        Raises:
            StoreUnavailableError: as `add`.
        """
        hashed = self.key.hash("form", arrival.idempotency_key)
        return self.do(lambda ledger: add_form(ledger.connection, hashed, arrival))

    def probe(self) -> "Future[None]":
        """Writes something that changes nothing, to see whether the disk takes it again."""
        return self.do(_touch)

    def do(self, work: Callable[[Ledger], Result]) -> "Future[Result]":
        """The result of `work`, once what it wrote is on disk.

        Raises:
            StoreUnavailableError: as `add`.
        """
        try:
            return self._writer.submit(work)
        except (OverloadedError, RuntimeError) as error:
            raise StoreUnavailableError("too many ratings wait to be written") from error

    def _hash(self, code: str) -> str:
        return self.key.hash("receipt", parse_receipt(code) or "")

    def _commit(self, works: Sequence[Work]) -> Sequence[Any]:
        """The results of a batch after its commit; where the store fails, everybody in it is told so."""
        try:
            if self._is_unsure and not self.place.url:
                look_through(self._writing)
            self._is_unsure = False
            results, ledger = self._run(works)
            self._drop(ledger)
        except DatabaseFault as error:
            self.fault = reason_of(error)
            self._is_unsure = self._is_unsure or is_unsure(error)
            # A connection that met a failing disk is not trusted again; the next batch opens a new one.
            self._writing.dispose()
            return [StoreUnavailableError(self.fault)] * len(works)
        self.fault = ""
        return results

    def _run(self, works: Sequence[Work]) -> tuple[Sequence[Any], Ledger]:
        try:
            with self._writing.begin() as connection:
                ledger = Ledger(connection, seal_of(self.key))
                results = [work(ledger) for work in works]
                ledger.close()
        except sa.exc.IntegrityError:
            # Savepoints cost half of the speed, so they are paid only where one of a batch stands against the rules.
            with self._writing.begin() as connection:
                ledger = Ledger(connection, seal_of(self.key))
                results = [_alone(ledger, work) for work in works]
                ledger.close()
        return [result.result if isinstance(result, Later) else result for result in results], ledger

    def _drop(self, ledger: Ledger) -> None:
        """Drops keys after the commit that no longer needs them, and wipes them from the log."""
        keys, erased = self._undropped
        keys += ledger.dropped_keys
        erased += ledger.erased
        if keys or erased:
            with self._writing.begin() as connection:
                drop_keys(connection, keys, erased)
            self._undropped = ([], [])
            self._is_log_long = True
        if self._is_log_long and not self.place.url:
            self._is_log_long = not truncate_log(self._writing, "main")

    # ---- reading ---------------------------------------------------------------------------------------------------

    def find(self, code: str) -> StoredReview | None:
        """The rating of a receipt, or `None`.

        Raises:
            StoreUnavailableError: the store cannot be read now.
        """
        query = reviews.select().where(reviews.c.receipt_hash == self._hash(code))
        found = self.read(lambda connection: read_reviews(connection, query))
        return found[0] if found else None

    def read(self, reading: Callable[[sa.Connection], Result]) -> Result:
        """What `reading` finds, at one moment.

        Raises:
            StoreUnavailableError: the store cannot be read now.
        """
        try:
            with self._reading.begin() as connection:
                return reading(connection)
        except SQLAlchemyError as error:
            raise StoreUnavailableError(reason_of(error)) from error

    def close(self) -> None:
        """Writes what waits and lets the next process in."""
        self._writer.close()
        self._release()

    def _release(self) -> None:
        self._reading.dispose()
        self._writing.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class Reader:
    """A store that is only read, also while another process writes it."""

    def __init__(self, place: StorePlace) -> None:
        """Opens what is there; a store of an earlier program is led to this one's shape first.

        Raises:
            StorageError: there is no store, it cannot be read, or an earlier program is writing it.
        """
        self.place = place
        if place.path is not None and not place.path.is_file():
            raise StorageError("store-absent", place=place)
        with told(place, Said("did-nothing")):
            if not is_ready(place):
                _bring_up(place)
        self._engine = reading_engine(place)

    def read(self, reading: Callable[[sa.Connection], Result]) -> Result:
        """What `reading` finds, at one moment.

        Raises:
            StorageError: the store cannot be read.
        """
        with told(self.place, Said("did-nothing")), self._engine.begin() as connection:
            return reading(connection)

    def iterate_reviews(self) -> Iterator[StoredReview]:
        """Every rating in the order of arrival.

        Read in short steps, so that a long reading does not keep the writer from shortening its log.

        Raises:
            StorageError: the store cannot be read.
        """
        return self._iterate(reviews.select())

    def iterate_replied(self) -> Iterator[StoredReview]:
        """As `iterate_reviews`, those that an organisation replied to."""
        return self._iterate(reviews.select().where(reviews.c.review_id.in_(sa.select(replies.c.review_id))))

    def iterate_pictured(self) -> Iterator[StoredReview]:
        """As `iterate_reviews`, those with a published photograph."""
        shown = sa.select(photos.c.review_id).where(photos.c.state == PhotoStanding.PUBLISHED)
        return self._iterate(reviews.select().where(reviews.c.review_id.in_(shown)))

    def _iterate(self, query: "sa.Select[Any]") -> Iterator[StoredReview]:
        last = 0
        while True:
            step = query.where(reviews.c.sequence > last).order_by(reviews.c.sequence).limit(_ROWS_PER_READ)
            found = self.read(partial(read_reviews, query=step))
            if not found:
                return
            yield from found
            last = found[-1].sequence

    def iterate_withdrawn(self) -> Iterator[Withdrawn]:
        """Every rating that was taken back, in the order of arrival; read in short steps, as `iterate_reviews`."""
        last = 0
        while found := self.read(partial(read_withdrawn, after=last, limit=_ROWS_PER_READ)):
            yield from found
            last = found[-1].sequence

    def answer_counts(self) -> list[AnswerCount]:
        """The answers to questionnaires that may be published: a row for each answer of each question."""
        return self.read(lambda connection: list(iterate_counts(connection)))

    def close(self) -> None:
        """Lets go of the store."""
        self._engine.dispose()


def _bring_up(place: StorePlace) -> None:
    try:
        lock = None if place.url else lock_store(place)
    except BusyError as error:
        raise StorageError("store-upgrading", place=place) from error
    try:
        prepare(place)
    finally:
        if lock is not None:
            os.close(lock)


def _touch(ledger: Ledger) -> None:
    """Writes as many pages as a rating does and more: a disk that takes one page may still refuse a rating."""
    ledger.connection.execute(facts.delete().where(facts.c.name == "probe"))
    ledger.connection.execute(facts.insert(), {"name": "probe", "value": secrets.token_hex(_PROBE_BYTES // 2)})


def _alone(ledger: Ledger, work: Work) -> Any:
    mark = ledger.mark()
    try:
        with ledger.connection.begin_nested():
            result = work(ledger)
            ledger.settle()
            return result
    except sa.exc.IntegrityError as error:
        ledger.rewind(mark)
        return StoreUnavailableError(reason_of(error))
