"""How long something may take: in seconds of a good machine, told by work of a known size that is done beside it.

What costs too much by its nature (a quadratic search, a wait for its own timeout) is off by tens of times; a machine that is
slow today, or busy with other tests, by two or three. Seconds of the clock alone cannot tell the two apart.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Clock = Callable[[], float]

_SQUARES = 200_000
_GOOD_SECONDS = 0.015
"""For these squares, on a machine that does nothing else."""


@contextmanager
def within(seconds: float, clock: Clock = time.process_time) -> Iterator[None]:
    """What stands in it must end before so many seconds of a good machine: of its processors, or of another `clock`."""
    before, start = slowness(clock), clock()
    yield
    took = clock() - start
    allowed = seconds * max(before, slowness(clock))
    assert took < allowed, f"{took:.2f} s, where {allowed:.2f} s are plenty"


def slowness(clock: Clock = time.process_time) -> float:
    """How many times as long as a good machine this one takes at this moment; at least 1."""
    start = clock()
    sum(number * number for number in range(_SQUARES))
    return max(1.0, (clock() - start) / _GOOD_SECONDS)
