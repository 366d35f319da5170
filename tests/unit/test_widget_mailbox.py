"""Results of another thread, brought to the event loop."""

import asyncio
import time
from concurrent.futures import Future
from threading import Thread
from typing import Any

import pytest
import uvloop

from widget.mailbox import Mailbox


def _in_a_thread(work: Any) -> None:
    thread = Thread(target=work)
    thread.start()
    thread.join()


def test_many_results_wake_the_loop_once_and_each_goes_to_whoever_waits() -> None:
    async def run() -> tuple[list[int], int]:
        loop, mailbox, calls = asyncio.get_running_loop(), Mailbox(), list[Any]()
        wake = loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *said: (calls.append(said), wake(*said))[1]  # type: ignore[method-assign, assignment]
        sent: list[Future[int]] = [Future() for _ in range(60)]
        tasks = [asyncio.create_task(mailbox.receive(one, 5)) for one in sent]
        await asyncio.sleep(0)
        _in_a_thread(lambda: [one.set_result(number) for number, one in enumerate(sent)])
        return await asyncio.gather(*tasks), len(calls)

    assert asyncio.run(run()) == (list(range(60)), 1)


def test_a_result_that_is_there_already_is_brought_too() -> None:
    async def run() -> str:
        sent: Future[str] = Future()
        sent.set_result("stored")
        return await Mailbox().receive(sent, 5)

    assert asyncio.run(run()) == "stored"


def test_a_failure_reaches_whoever_waits_and_nobody_else() -> None:
    async def run() -> list[Any]:
        mailbox = Mailbox()
        failed, stored = Future[int](), Future[int]()
        tasks = [asyncio.create_task(mailbox.receive(one, 5)) for one in (failed, stored)]
        await asyncio.sleep(0)
        _in_a_thread(lambda: (failed.set_exception(ZeroDivisionError()), stored.set_result(1)))
        return await asyncio.gather(*tasks, return_exceptions=True)

    error, number = asyncio.run(run())
    assert isinstance(error, ZeroDivisionError) and number == 1


def test_whoever_waits_too_long_is_told_and_the_work_is_called_off() -> None:
    async def run() -> Future[int]:
        mailbox, late = Mailbox(), Future[int]()
        with pytest.raises(TimeoutError):
            await mailbox.receive(late, 0.01)
        later = Future[int]()
        later.set_result(2)
        assert await mailbox.receive(later, 5) == 2
        return late

    late = asyncio.run(run())
    assert late.cancelled() and not late.set_running_or_notify_cancel()


def test_work_that_has_begun_may_end_when_nobody_waits_any_more() -> None:
    async def run() -> None:
        mailbox, begun = Mailbox(), Future[int]()
        begun.set_running_or_notify_cancel()
        with pytest.raises(TimeoutError):
            await mailbox.receive(begun, 0.01)
        _in_a_thread(lambda: begun.set_result(3))
        await asyncio.sleep(0.01)

    asyncio.run(run())


def test_a_result_that_comes_after_the_loop_has_ended_does_no_harm() -> None:
    sent = Future[int]()

    async def run() -> None:
        task = asyncio.create_task(Mailbox().receive(sent, 5))
        await asyncio.sleep(0)
        sent.set_running_or_notify_cancel()
        task.cancel()

    asyncio.run(run())
    sent.set_result(1)
    assert sent.result() == 1


def test_one_result_that_cannot_be_handed_over_strands_nobody() -> None:
    async def run() -> list[Any]:
        mailbox, sent = Mailbox(), [Future[int]() for _ in range(3)]
        tasks = [asyncio.create_task(mailbox.receive(one, 5)) for one in sent]
        await asyncio.sleep(0)

        def work() -> None:
            sent[0].set_exception(StopIteration())
            sent[1].cancel()
            sent[2].set_result(3)

        _in_a_thread(work)
        return await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 2)

    failed, cancelled, number = asyncio.run(run())
    assert isinstance(failed, RuntimeError) and "StopIteration" in str(failed)
    assert isinstance(cancelled, asyncio.CancelledError) and number == 3


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_a_result_that_came_in_time_is_given_although_the_loop_stood_still(run: Any) -> None:
    async def receive() -> str:
        sent = Future[str]()
        task = asyncio.create_task(Mailbox().receive(sent, 0.1))
        await asyncio.sleep(0)
        _in_a_thread(lambda: sent.set_result("stored"))
        time.sleep(0.2)  # noqa: ASYNC251  the loop stands still
        return await task

    assert run(receive()) == "stored"


def test_a_loop_that_ended_before_it_looked_keeps_nothing_from_the_next() -> None:
    mailbox, sent = Mailbox(), Future[int]()

    async def leave() -> None:
        task = asyncio.create_task(mailbox.receive(sent, 5))
        await asyncio.sleep(0)
        _in_a_thread(lambda: sent.set_result(1))
        task.cancel()
        asyncio.get_running_loop().stop()

    loop = asyncio.new_event_loop()
    left = loop.create_task(leave())
    loop.run_forever()
    loop.close()
    assert left.done()

    async def receive() -> int:
        later = Future[int]()
        task = asyncio.create_task(mailbox.receive(later, 2))
        await asyncio.sleep(0)
        _in_a_thread(lambda: later.set_result(2))
        return await task

    assert asyncio.run(receive()) == 2
