"""How far a long work is, and where its time went."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from nok.errors import Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is being done now. `total` 0 means that nobody knows how much there is; `seconds` since it began.

    `is_counted` is False where `done` and `total` only tell what share is done: so many a second says nothing.
    """

    what: Said
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    is_counted: bool = True

    @property
    def per_second(self) -> float:
        """How many a second, 0 before anything is done."""
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the present rate; `None` where it cannot be told yet: the first pieces come late, for others wait for them."""
        is_early = self.seconds < SECONDS_TO_JUDGE and self.done * 100 < self.total
        return (self.total - self.done) / self.per_second if self.done and self.total and not is_early else None


SECONDS_TO_JUDGE = 5.0
"""So long nobody is told how long it will take, unless a hundredth of it is done before."""

Tell = Callable[[Stage], None]
"""Says to a person what is being done now."""


def silent(_stage: Stage) -> None:
    """Tells nothing."""


SECONDS_BETWEEN = 0.2
"""Progress is told no more often than this."""


class Progress:
    """Counts what is done of one stage and tells it from time to time."""

    def __init__(self, what: Said, total: int, tell: Tell, *, is_counted: bool = True) -> None:
        self._what, self._total, self._tell, self._is_counted = what, total, tell, is_counted
        self._started = self._told = time.monotonic()
        self._done = 0

    def advance(self, number: int) -> None:
        """So much more is done."""
        self.reach(self._done + number)

    def reach(self, done: int) -> None:
        """So much is done in all; where it was guessed how much there would be, never more than that."""
        if done == self._done:
            return
        self._done = min(done, self._total)
        now = time.monotonic()
        if now - self._told >= SECONDS_BETWEEN or self._done == self._total:
            self._told = now
            stage = Stage(what=self._what, done=self._done, total=self._total, seconds=now - self._started)
            self._tell(replace(stage, is_counted=self._is_counted))


def counting(what: Said, tell: Tell, *, is_counted: bool = True) -> Callable[[int, int], None]:
    """Progress for whoever finds out by itself how much there is to do: it says what is done, and of how much."""
    begun: list[Progress] = []

    def reached(done: int, total: int) -> None:
        if not begun:
            begun.append(Progress(what, total, tell, is_counted=is_counted))
        begun[0].reach(done)

    return reached


PARTS = ("read", "check", "load", "score", "release", "plan", "link", "render ×", "write ×", "verify")
"""What every build is told about first, in this order, whether it came to it or not."""


@dataclass(slots=True)
class Profile:
    """Seconds of each part of a build, in its order; what is counted as one part is not counted as another.

    Parts that several workers share add up over the workers; they are marked by a `×` in their name.
    """

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    _within: float = 0.0
    """Seconds of the parts that lay inside of the present one."""

    def add(self, name: str, seconds: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Counts the time of a `with` block, but for the parts inside of it."""
        started, outside = time.perf_counter(), self._within
        self._within = 0.0
        try:
            yield
        finally:
            seconds = time.perf_counter() - started
            self.add(name, seconds - self._within)
            self._within = outside + seconds
