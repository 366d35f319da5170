"""Who does the work: this process, worker processes, or the workers of a cluster; all through one interface."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from itertools import chain
from multiprocessing import active_children, get_context
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar
from weakref import WeakSet

from nok.errors import ClusterError, StorageError, UsageError
from nok.site.publication import program
from nok.site.tasks import begin_worker, prepare_worker

SECONDS_TO_JOIN = 10
"""So long the scheduler of a cluster, and its first worker, may take to answer."""

SECONDS_WITHOUT_WORKERS = 15
"""So long a cluster may be without any worker: one that died may be started again by whoever watches over it."""

SECONDS_BETWEEN_LOOKS = 1.0
"""While a task is waited for, somebody looks this often whether there are workers."""

TASKS_AHEAD = 64
"""So many tasks wait or run at once: enough for every worker to have one, few enough to need no memory."""

_Item = TypeVar("_Item")


@contextmanager
def local_crew(jobs: int) -> Iterator["LocalCrew | None"]:
    """An executor with `jobs` processes, begun when the first task comes; `None` for one, which is this very process.

    Raises:
        StorageError: a worker was killed from outside, by the system most likely, for want of memory.
    """
    if jobs == 1:
        yield None
        return
    crew = LocalCrew(jobs)
    try:
        yield crew
    except BrokenProcessPool as error:
        for process in active_children():
            process.kill()  # one that the executor has lost sight of would be waited for, and never end
        raise StorageError("worker-killed") from error
    finally:
        crew.shutdown(cancel_futures=True)


class LocalCrew(Executor):
    """Processes of this machine.

    They come from a server process that was started clean: a process that has threads (our table engine has) must not be
    copied. Each of them takes memory from one pool: with a pool for every thread, which is what the system's library gives
    them otherwise, two of them held 100 MB more.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._context = get_context("forkserver" if os.name == "posix" else "spawn")
        os.environ.setdefault("MALLOC_ARENA_MAX", "1")  # for processes that begin now; see `LocalCrew`
        if os.name == "posix":
            self._context.set_forkserver_preload(["nok.site.tasks"])
        self._processes = self._begun()

    def _begun(self) -> "_Processes":
        return _Processes(self._jobs, mp_context=self._context, initializer=begin_worker)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return self._processes.submit(fn, *args, **kwargs)

    def renew(self) -> None:
        """Puts new processes in the place of these, which first do what they were given: one that has held much memory
        seldom gives it back."""
        self._processes.shutdown()
        self._processes = self._begun()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._processes.shutdown(wait, cancel_futures=cancel_futures)


class _Processes(ProcessPoolExecutor):
    """Worker processes that are all begun before anybody watches over them.

    The library begins the second one with the second task. If the first was killed meanwhile, the one that comes late is
    neither ended nor told that all is over, and whoever waits for it waits for ever; if the late one itself is killed, it
    is not watched yet, and may take with it the lock of the queue that the others wait for.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._safe_to_dynamically_spawn_children = False  # as the library itself does where processes are copies

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        try:
            return super().submit(fn, *args, **kwargs)
        except (BrokenPipeError, EOFError) as error:
            raise BrokenProcessPool("a process ended before it had begun") from error


def wake(executor: Executor, jobs: int, config_file: Path, templates: Path) -> None:
    """Starts the processes of a crew at once, without waiting for them, so that they are there when work comes, and have
    read the theme of the publication unless its templates are kept."""

    def begin() -> None:
        with suppress(RuntimeError):  # the build is over already
            for _ in range(jobs):
                executor.submit(prepare_worker, config_file, templates)

    Thread(target=begin, daemon=True).start()


@contextmanager
def cluster_crew(address: str) -> Iterator[Executor]:
    """The workers of a Dask cluster, which must see the same folders under the same names: the only place that knows it.

    A task whose worker dies is given to another one.

    Raises:
        UsageError: the library is not installed, or no scheduler answers at `address`.
        ClusterError: the scheduler has no workers, or one of them does not run this very program.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise UsageError("cluster-library") from error
    try:
        client: Any = Client(address, timeout=SECONDS_TO_JOIN, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise UsageError("cluster-silent", address=address, error=error) from error
    with client:
        _refuse_strangers(client, address)
        crew = _Cluster(client)
        try:
            yield crew
        finally:
            crew.shutdown(cancel_futures=True)


def _refuse_strangers(client: Any, address: str) -> None:
    """Sees before anything is written that workers are there and run what this process runs."""
    with suppress(TimeoutError):
        client.wait_for_workers(1, timeout=SECONDS_TO_JOIN)
    answers = client.run(program, on_error="return")
    if not answers:
        raise ClusterError("cluster-empty", address=address)
    for worker, answer in sorted(answers.items()):
        if isinstance(answer, Exception):
            raise ClusterError("worker-program", worker=worker, reason=str(answer))
        if answer != program():
            raise ClusterError("worker-version", worker=worker)


class _Cluster(Executor):
    """A Dask cluster as any other executor."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._tasks: WeakSet[Any] = WeakSet()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        # Without retries: those are for tasks that fail, and ours fail for a reason. A worker that dies is another matter.
        from distributed.client import ClosedClientError

        try:
            task = self._client.submit(fn, *args, pure=False, **kwargs)
        except ClosedClientError as error:
            raise ClusterError("scheduler-gone") from error
        self._tasks.add(task)
        return _Remote(self._client, task)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Takes back what has not been begun; waits for what has, so that nobody writes when the build is over."""
        deadline = time.monotonic() + SECONDS_WITHOUT_WORKERS
        with suppress(OSError, CancelledError):
            if cancel_futures:
                self._client.cancel(list(self._tasks))
            keys = {task.key for task in self._tasks}
            while wait and time.monotonic() < deadline and self._client.status == "running":
                if not keys.intersection(chain.from_iterable(self._client.processing().values())):
                    return
                time.sleep(0.1)


class _Remote(Future[Any]):
    """What a cluster is to make; whoever waits for it is told when nobody is left to make it."""

    def __init__(self, client: Any, task: Any) -> None:
        super().__init__()
        self._client, self._task = client, task

    def result(self, timeout: float | None = None) -> Any:  # noqa: ARG002 - as every future has it; there is no limit here
        """What the task returned, waited for as long as there are workers.

        Raises:
            ClusterError: the scheduler or all workers are gone, or the task killed every worker that tried it.
        """
        from distributed import KilledWorker

        seen = time.monotonic()
        while True:
            try:
                return self._task.result(timeout=SECONDS_BETWEEN_LOOKS)
            except TimeoutError:
                if self._task.status == "error":
                    raise  # it is the task's own
                if self._has_workers():
                    seen = time.monotonic()
                elif time.monotonic() - seen > SECONDS_WITHOUT_WORKERS:
                    raise ClusterError("workers-gone") from None
            except CancelledError as error:
                raise ClusterError("scheduler-gone") from error
            except KilledWorker as error:
                raise ClusterError("workers-died", number=error.allowed_failures + 1) from error
            except ImportError as error:
                raise ClusterError("worker-late", reason=str(error)) from error

    def _has_workers(self) -> bool:
        try:
            return bool(self._client.nthreads())
        except (OSError, ValueError) as error:
            raise ClusterError("scheduler-gone") from error


def run_all(
    executor: Executor | None,
    function: Callable[..., _Item],
    calls: Iterable[tuple[Any, ...]],
    meanwhile: Iterator[object] | None = None,
) -> Iterator[_Item]:
    """The results of `function` for each of `calls`, in their order, whoever does them.

    While a result is waited for, this process goes on with `meanwhile`, step by step; what is left of it is the caller's.
    """
    if executor is None:
        for call in calls:
            yield function(*call)
        return
    waiting: deque[Future[_Item]] = deque()
    for call in calls:
        waiting.append(executor.submit(function, *call))
        if len(waiting) >= TASKS_AHEAD:
            yield _awaited(waiting.popleft(), meanwhile)
    while waiting:
        yield _awaited(waiting.popleft(), meanwhile)


def _awaited(future: Future[_Item], meanwhile: Iterator[object] | None) -> _Item:
    while meanwhile and not future.done():
        if next(meanwhile, _NOTHING) is _NOTHING:
            break
    return future.result()


_NOTHING = object()
