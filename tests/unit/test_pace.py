"""The measure of what may take how long."""

import time
from collections.abc import Callable

import pytest

from tests.pace import Clock, slowness, within


def work() -> None:
    """Twenty times what a machine is judged by."""
    for _ in range(20):
        slowness()


def judge(seconds: float, act: Callable[[], None], clock: Clock = time.process_time) -> None:
    with within(seconds, clock):
        act()


def test_a_piece_of_work_may_take_what_it_takes_on_a_slow_machine() -> None:
    judge(2, work)


def test_a_wait_costs_the_processor_nothing() -> None:
    judge(0.1, lambda: time.sleep(0.3))


@pytest.mark.parametrize("clock", [time.process_time, time.monotonic])
def test_work_without_end_is_told_from_a_slow_machine(clock: Clock) -> None:
    with pytest.raises(AssertionError, match="are plenty"):
        judge(0.01, work, clock)
