"""Answers that are kept, because a country asks the same small questions millions of times."""

from collections.abc import Callable
from typing import TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Kept(dict[Question, Answer]):
    """`kept[question]`: worked out when it is first asked; all are forgotten when there are `limit` of them.

    For questions of small values only: a number, a day, a region. The limit keeps a worker's memory from growing with
    the country. A subscript of a dictionary costs a tenth of the cheapest text that is put together anew, and a fifth
    of `functools.lru_cache` with two arguments.
    """

    def __init__(self, answer: Callable[[Question], Answer], limit: int = 20_000) -> None:
        super().__init__()
        self._answer = answer
        self._limit = limit

    def __missing__(self, question: Question) -> Answer:
        if len(self) >= self._limit:
            self.clear()
        answer = self[question] = self._answer(question)
        return answer
