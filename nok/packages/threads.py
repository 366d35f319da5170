"""Several things done at the same time by engines that let other threads run meanwhile."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")


def in_threads(work: Callable[[_Item], _Found], items: Iterable[_Item], threads: int) -> Iterator[_Found]:
    """What `work` makes of each of `items`, in their order; one more than there are `threads` are in hand at a time.

    Raises: what `work` raises, when its turn comes; what the iterator of `items` raises, at once.
    """
    with ThreadPoolExecutor(threads) as workers:
        waiting: deque[Future[_Found]] = deque()
        for item in items:
            waiting.append(workers.submit(work, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
