"""Runs `publish.py` so that it can be hurt at a known moment: `fault_runner.py WHAT NUMBER LOG COMMAND…`.

A *moment* is a call that is about to change something on disk: a file opened for writing, renamed, linked, removed,
a folder made or removed, a statement of SQLite, a sync. With `count` the moments are written to LOG, a line each; with
`kill` the process kills itself at moment NUMBER, with `int`, `term` or `stop` it sends itself that signal. Only this process
counts: its workers are left alone.
"""

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
SIGNALS = {"kill": signal.SIGKILL, "int": signal.SIGINT, "term": signal.SIGTERM, "stop": signal.SIGSTOP}
CHANGES = ("os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.truncate")

STATEMENTS = ("BEGIN", "COMMIT", "DELETE", "CREATE TABLE", "DROP")


class Moments:
    """Counts moments and does what was asked at one of them."""

    def __init__(self, what: str, number: int, log: Path) -> None:
        self._what, self._number, self._count = what, number, 0
        self._process = os.getpid()
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def reach(self, name: str) -> None:
        if os.getpid() != self._process:
            return
        self._count += 1
        if self._what == "count":
            os.write(self._log, f"{name}\n".encode())
        elif self._count == self._number:
            os.write(self._log, f"{name}\n".encode())
            os.kill(self._process, SIGNALS[self._what])

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook."""
        if event == "open":
            path, _, flags = arguments
            is_writing = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) if isinstance(flags, int) else False
            if is_writing and not str(path).startswith(("/dev/", "/proc/")) and "__pycache__" not in str(path):
                self.reach(f"open {path}")
        elif event in CHANGES and "__pycache__" not in str(arguments[0]):
            self.reach(f"{event} {arguments[0]}")


def listen(moments: Moments) -> None:
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def traced(*given: Any, **named: Any) -> sqlite3.Connection:
        base = connect(*given, **named)
        base.set_trace_callback(
            lambda text: moments.reach(f"sql {text[:40]!r}") if text.startswith(STATEMENTS) else None
        )
        return base

    def before(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            moments.reach(name)
            return function(*given)

        return call

    sqlite3.connect = traced  # type: ignore[assignment]
    os.sync, os.fsync = before("sync", os.sync), before("fsync", os.fsync)
    sys.addaudithook(moments.hear)


if __name__ == "__main__":
    what, number, log, *command = sys.argv[1:]
    sys.path.insert(0, str(ROOT))
    import publish

    listen(Moments(what, int(number), Path(log)))
    sys.exit(publish.main(command))
