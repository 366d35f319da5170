"""What a running widget tells its keeper: numbers for Prometheus, and a line of JSON for each request.

Nothing of it is about anybody. A request is told by its kind (`/rate`, never the address, for addresses of receipts are
secrets), its status and how long it took; a failure by its type and place, never by what it says, for that may quote a text.
"""

import json
import re
import time
import traceback
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import accumulate

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds; how many requests took no longer is told for each."""
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_KINDS = frozenset("q i rate receipt desk embed health metrics openapi.json".split())
_METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT".split())
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")

Labels = tuple[tuple[str, str], ...]


class Journal:
    """Counts and tells; one for an application."""

    def __init__(self, tell: Callable[[str], None] | None = None, now: Callable[[], float] = time.time) -> None:
        """`tell` gets each line of the log, `None` where none is kept; `now` is seconds since 1970."""
        self._tell, self._now = tell, now
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._seconds: dict[str, float] = {}
        self._took: dict[str, list[int]] = {}
        self._failures = 0

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """One request that was answered."""
        kind, known = kind_of(path), method if method in _METHODS else "other"
        self._requests[known, kind, str(status)] += 1
        self._seconds[kind] = self._seconds.get(kind, 0.0) + seconds
        self._took.setdefault(kind, [0] * (len(BUCKETS) + 1))[bisect_left(BUCKETS, seconds)] += 1
        self._write("request", method=known, kind=kind, status=status, ms=round(seconds * 1000, 1))

    def failure(self, error: BaseException) -> None:
        """A fault of ours."""
        self._failures += 1
        self._write("failure", error=type(error).__name__, places=list(places_of(error)))

    def _write(self, event: str, **said: object) -> None:
        if self._tell is not None:
            at = datetime.fromtimestamp(self._now(), UTC).isoformat(timespec="seconds")
            self._tell(json.dumps({"at": at, "event": event, **said}, ensure_ascii=False))

    def as_text(self, others: Mapping[tuple[str, Labels], float]) -> str:
        """All numbers in Prometheus' text format, version 0.0.4; `others` are gauges of the rest of the program."""
        lines = ["# TYPE nok_requests_total counter"]
        lines += [
            _line("nok_requests_total", (("method", method), ("kind", kind), ("status", status)), number)
            for (method, kind, status), number in sorted(self._requests.items())
        ]
        lines.append("# TYPE nok_request_seconds histogram")
        for kind, took in sorted(self._took.items()):
            limits = [*(f"{limit:g}" for limit in BUCKETS), "+Inf"]
            for limit, number in zip(limits, accumulate(took), strict=True):
                lines.append(_line("nok_request_seconds_bucket", (("kind", kind), ("le", limit)), number))
            lines.append(_line("nok_request_seconds_sum", (("kind", kind),), round(self._seconds[kind], 6)))
            lines.append(_line("nok_request_seconds_count", (("kind", kind),), sum(took)))
        lines += ["# TYPE nok_failures_total counter", _line("nok_failures_total", (), self._failures)]
        last = ""
        for (name, labels), value in sorted(others.items()):
            if name != last:
                lines.append(f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}")
            lines.append(_line(name, labels, value))
            last = name
        return "\n".join(lines) + "\n"


def kind_of(path: str) -> str:
    """What a request is counted as: the first part of its address where that is the widget's, else `site`.

    >>> kind_of("/receipt/K7QM2XPT0011ABCD"), kind_of("/Q/MFKWV59B60"), kind_of("/o/70/school-12.html")
    ('/receipt', '/q', 'site')
    """
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    first = first.lower() if first in ("Q", "I") else first
    return f"/{first}" if first in _KINDS else "site"


def places_of(error: BaseException) -> Iterator[str]:
    """Where an error came from, the innermost place last: file and line, nothing that it says."""
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno}"


def _line(name: str, labels: Labels, number: float) -> str:
    said = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels)
    return f"{name}{{{said}}} {number:g}" if said else f"{name} {number:g}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


class Journaled:
    """Measures every request; refuses one whose Host header names no host before anything is made of it."""

    def __init__(self, app: ASGIApp, journal: Journal, clock: Callable[[], float] = time.perf_counter) -> None:
        self._app, self._journal, self._clock = app, journal, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = self._clock(), 500

        async def send_and_look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._answering(scope)(scope, receive, send_and_look)
        finally:
            self._journal.request(scope["method"], scope["path"], status, self._clock() - began)

    def _answering(self, scope: Scope) -> ASGIApp:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        return self._app if all(not host or _HOST.fullmatch(host) for host in hosts) else _NO_HOST


_NO_HOST = PlainTextResponse("400", 400, {"Connection": "close", "Cache-Control": "no-store"})
