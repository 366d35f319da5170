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
    """For one event loop at a time."""

    def __init__(self) -> None:
        self._arrived: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._called: asyncio.AbstractEventLoop | None = None
        """The loop that has been woken and has not looked yet."""

    async def receive(self, sent: "Future[Result]", seconds: float) -> Result:
        """The result of `sent`, which is cancelled where nobody waits for it any more.

        Raises:
            TimeoutError: it was not there after `seconds`. Or whatever `sent` raises.
        """
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Result] = loop.create_future()
        timer = loop.call_later(seconds, _give_up, waiting, sent)
        sent.add_done_callback(partial(self._put, loop, waiting))
        try:
            return await waiting
        finally:
            timer.cancel()
            sent.cancel()

    def _put(self, loop: asyncio.AbstractEventLoop, waiting: "asyncio.Future[Any]", sent: "Future[Any]") -> None:
        """Called in whichever thread is done."""
        if loop.is_closed():
            return
        self._arrived.append((waiting, sent))
        if self._called is not loop:  # nobody was woken yet, or one that ended before it looked
            self._called = loop
            loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        self._called = None  # before looking, so that whatever comes while it looks calls again
        while self._arrived:
            _hand_over(*self._arrived.popleft())


def _hand_over(waiting: "asyncio.Future[Any]", sent: "Future[Any]") -> None:
    if waiting.done():
        return
    if sent.cancelled():
        waiting.cancel()
    elif (error := sent.exception()) is None:
        waiting.set_result(sent.result())
    elif isinstance(error, StopIteration):  # which no coroutine can be given; those behind it have their turn
        waiting.set_exception(RuntimeError(f"the work ended with {error!r}"))
    else:
        waiting.set_exception(error)


def _give_up(waiting: "asyncio.Future[Any]", sent: "Future[Any]") -> None:
    """Where the loop stood still, time may be up although the result has come and is about to be handed over."""
    if not waiting.done() and not sent.done():
        waiting.set_exception(TimeoutError())
