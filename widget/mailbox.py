"""Brings results from another thread to the event loop: one wake-up for all that came since it last looked.

asyncio's own `wrap_future` wakes the loop for every single result; sixty ratings that share a commit are ready at the
same moment.
"""

import asyncio
from collections import deque
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

Result = TypeVar("Result")


class Mailbox:
    """For one event loop, the one that first waits."""

    def __init__(self) -> None:
        self._arrived: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._is_called = False

    async def receive(self, sent: "Future[Result]", seconds: float) -> Result:
        """The result of `sent`, which is cancelled where nobody waits for it any more.

        Raises:
            TimeoutError: it was not there after `seconds`. Or whatever `sent` raises.
        """
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Result] = loop.create_future()
        timer = loop.call_later(seconds, _give_up, waiting)
        sent.add_done_callback(partial(self._put, loop, waiting))
        try:
            return await waiting
        finally:
            timer.cancel()
            sent.cancel()

    def _put(self, loop: asyncio.AbstractEventLoop, waiting: "asyncio.Future[Any]", sent: "Future[Any]") -> None:
        """Called in whichever thread is done."""
        self._arrived.append((waiting, sent))
        if not self._is_called and not loop.is_closed():
            self._is_called = True
            loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        self._is_called = False  # before looking, so that whatever comes while it looks calls again
        while self._arrived:
            waiting, sent = self._arrived.popleft()
            if waiting.done():
                continue
            if (error := sent.exception()) is not None:
                waiting.set_exception(error)
            else:
                waiting.set_result(sent.result())


def _give_up(waiting: "asyncio.Future[Any]") -> None:
    if not waiting.done():
        waiting.set_exception(TimeoutError())
