"""How far a long work is, and where its time went."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is being done now. `total` 0 means that nobody knows how much there is; `seconds` since it began."""

    text: str
    done: int = 0
    total: int = 0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """How many a second, 0 before anything is done."""
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the present rate; `None` where it cannot be told yet."""
        return (self.total - self.done) / self.per_second if self.done and self.total else None


Tell = Callable[[Stage], None]
"""Says to a person what is being done now."""

SECONDS_BETWEEN = 0.2
"""Progress is told no more often than this."""


class Progress:
    """Counts what is done of one stage and tells it from time to time."""

    def __init__(self, text: str, total: int, tell: Tell) -> None:
        self._text, self._total, self._tell = text, total, tell
        self._started = self._told = time.monotonic()
        self._done = 0

    def advance(self, number: int) -> None:
        self._done += number
        now = time.monotonic()
        if now - self._told >= SECONDS_BETWEEN or self._done == self._total:
            self._told = now
            self._tell(Stage(text=self._text, done=self._done, total=self._total, seconds=now - self._started))


@dataclass(slots=True)
class Profile:
    """Seconds of each part of a build, in the order in which they were met.

    Parts that several workers share add up over the workers; they are marked by a `×` in their name.
    """

    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, seconds: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Counts the time of a `with` block."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.add(name, time.perf_counter() - started)
