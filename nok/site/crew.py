"""Who does the work: this process, worker processes, or the workers of a cluster; all through one interface."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

from nok.errors import UsageError
from nok.site.worker import begin_worker

TASKS_AHEAD = 64
"""So many tasks wait or run at once: enough for every worker to have one, few enough to need no memory."""

_Item = TypeVar("_Item")


@contextmanager
def local_crew(jobs: int) -> Iterator[Executor | None]:
    """An executor with `jobs` processes, begun when the first task comes; `None` for one, which is this very process.

    Workers come from a server process that was started clean: a process that has threads (our table engine has) must
    not be copied.
    """
    if jobs == 1:
        yield None
        return
    context = get_context("forkserver" if os.name == "posix" else "spawn")
    if os.name == "posix":
        context.set_forkserver_preload(["nok.site.worker"])
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=begin_worker) as executor:
        try:
            yield executor
        finally:
            executor.shutdown(cancel_futures=True)


@contextmanager
def cluster_crew(address: str) -> Iterator[Executor]:
    """The workers of a Dask cluster, which must see the same folders under the same names: the only place that knows it.

    A task whose worker dies is given to another one.

    Raises:
        UsageError: the library is not installed, or no scheduler answers at `address`.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise UsageError(
            "--scheduler needs the library 'distributed'. Install the extra: pip install 'nok[cluster]'. Nothing was done."
        ) from error
    try:
        client: Any = Client(address, timeout="10s", set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise UsageError(f"No scheduler answers at {address}: {error}. Nothing was done.") from error
    with client:
        executor: Executor = client.get_executor(pure=False, retries=3)
        yield executor


def run_all(
    executor: Executor | None, function: Callable[..., _Item], calls: Iterable[tuple[Any, ...]]
) -> Iterator[_Item]:
    """The results of `function` for each of `calls`, in their order, whoever does them."""
    if executor is None:
        for call in calls:
            yield function(*call)
        return
    waiting: deque[Future[_Item]] = deque()
    for call in calls:
        waiting.append(executor.submit(function, *call))
        if len(waiting) >= TASKS_AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
