"""One run of a command: wall time, processor time, and the memory of all its processes together.

Memory is the proportional share (PSS): pages that several processes share are counted once. It is sampled, so a peak
shorter than a fifth of a second may be missed. Pages of tmpfs that nobody has mapped are nobody's memory.
"""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a run is given up: seconds, and megabytes of all its processes."""

    seconds: float = 3600.0
    memory_mb: float = 20_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run took. `peak_mb` is that of all processes together, `largest_mb` of the largest one.

    `failure` is empty, or says why the figures are not those of a whole run.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    largest_mb: float
    failure: str = ""


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str], limits: Limits, log: Path) -> Run:
    """Runs `command` in `folder` to its end, or to a limit; what it says goes to `log`."""
    os.sync()  # pages that an earlier run has left to be written would be written on this one's time
    with log.open("wb") as stream:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        sampler = _Sampler(process, limits)
        sampler.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            process.returncode = code = os.waitstatus_to_exitcode(status)
        finally:
            sampler.over.set()
            if process.returncode is None:  # whoever measures was stopped; a session of its own would go on
                _kill(process)
    sampler.join()
    return Run(
        seconds=seconds,
        cpu_seconds=max(usage.ru_utime + usage.ru_stime, sum(sampler.cpu_seconds.values())),
        peak_mb=sampler.together_kb / 1024,
        largest_mb=sampler.largest_kb / 1024,
        failure=sampler.failure or (f"ended with {code}: {_last_words(log)}" if code else ""),
    )


class _Sampler(threading.Thread):
    """Looks at the memory of a process and of what it has started until told that it is over; stops it at a limit.

    A thread of its own, so that the end of the process is noticed at once and not with the next look.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", limits: Limits) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.together_kb = self.largest_kb = 0
        self.failure = ""
        self.cpu_seconds: dict[int, float] = {}
        """What each process of the family had used when it was seen last: not all of them are their parents' to count."""
        self._process, self._limits = process, limits

    def run(self) -> None:
        started = time.perf_counter()
        while not self.over.wait(SAMPLE_SECONDS):
            members = family(self._process.pid)
            self.cpu_seconds |= {one: cpu_seconds(one) for one in members}
            shares = [share_kb(one) for one in members]
            self.together_kb = max(self.together_kb, sum(shares))
            self.largest_kb = max(self.largest_kb, *shares, 0)
            self.failure = _exceeded(sum(shares) / 1024, time.perf_counter() - started, self._limits)
            if self.failure:
                _kill(self._process)
                return


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Ends a process and all that it started, which are a session of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _exceeded(memory_mb: float, seconds: float, limits: Limits) -> str:
    if memory_mb > limits.memory_mb:
        return f"stopped: more than {limits.memory_mb:.0f} MB"
    return f"stopped: more than {limits.seconds:.0f} s" if seconds > limits.seconds else ""


def _last_words(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it said nothing"


def family(pid: int) -> list[int]:
    """A process and all that it and its children have started and that still run."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(each for child in children for each in family(int(child)))]


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far, its own and the system's for it; 0 when it has just ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share_kb(pid: int) -> int:
    """The proportional memory of a process in kilobytes; 0 when it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
