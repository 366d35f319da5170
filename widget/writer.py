"""One thread that writes, and one commit for all who wait: a promise is kept only after the commit.

Knows nothing of tables or engines: it collects pieces of work and hands them, a batch at a time, to a function that
makes them durable together.
"""

import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

LARGEST_BATCH = 500
LONGEST_QUEUE = 5_000
CROWD = 5
"""So many in one batch are a crowd, and others will follow at once."""
GATHERING_SECONDS = 0.008
"""How long the next of a crowd are waited for: a commit costs the same for one as for sixty."""

Work = Callable[[Any], Any]
"""Takes the open transaction, gives the result that its sender waits for."""


class OverloadedError(Exception):
    """More work waits than can be done in a reasonable time."""


class GroupWriter:
    """Turns single pieces of work into batches.

    While one batch is on its way to the disk, the next gathers; the busier the service, the more ratings share a
    commit. Whoever comes alone never waits for others.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Work]], Sequence[Any]],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`commit` makes all works of a batch durable and gives their results in order: a value or an exception."""
        self._commit, self._pause = commit, pause
        self._waiting: deque[tuple[Work, Future[Any]]] = deque()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
        self._is_called = False

    def submit(self, work: Work) -> Future[Any]:
        """The result of `work`, once it is on disk.

        Raises:
            OverloadedError: the queue is full. RuntimeError: the writer is closed.
        """
        if len(self._waiting) >= LONGEST_QUEUE:
            raise OverloadedError
        future: Future[Any] = Future()
        self._waiting.append((work, future))
        if not self._is_called:
            self._call()
        return future

    def _call(self) -> None:
        """Has the thread look once more. One call does for all who come before it looks."""
        self._is_called = True
        try:
            self._thread.submit(self._write_waiting)
        except RuntimeError:  # closed: whoever comes next is to be told so too, and not to wait for nobody
            self._is_called = False
            raise

    def close(self) -> None:
        """Writes what waits, then stops."""
        self._thread.shutdown(wait=True)

    def _write_waiting(self) -> None:
        self._is_called = False  # before looking, so that whoever comes while it looks calls again
        try:
            while batch := self._take():
                self._write(batch)
                if CROWD <= len(batch) > len(self._waiting):
                    self._pause(GATHERING_SECONDS)
        finally:
            if self._waiting:  # a fault of ours ended the work; those who came after it have their turn
                self._call()

    def _write(self, batch: Sequence[tuple[Work, Future[Any]]]) -> None:
        try:
            results = self._commit([work for work, _ in batch])
            for (_, future), result in zip(batch, results, strict=True):
                if isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)
        finally:
            # Whatever broke, nobody waits for ever; the error itself travels to those who asked.
            error = sys.exc_info()[1] or RuntimeError("the work was lost")
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)

    def _take(self) -> list[tuple[Work, Future[Any]]]:
        """The next batch, without those whose sender has gone away."""
        batch: list[tuple[Work, Future[Any]]] = []
        while self._waiting and len(batch) < LARGEST_BATCH:
            work, future = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                batch.append((work, future))
        return batch
