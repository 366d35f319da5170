"""A widget as a real process for tests: started, killed, traced, and people who send ratings to it all the while."""

import http.client
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.unit.widget_support import ROOT, SCHOOL, all_reviews, new_key
from widget.audit_check import verify
from widget.engines import store_place
from widget.export import export_reviews
from widget.keys import read_key

PROGRAM = """
import os
import sys
from pathlib import Path
import widget.engines
import widget.server
from tests.unit.widget_support import make_settings
from widget.app import create_app
from widget.guard import GuardMode
widget.server.HEADER_SECONDS = 1.0
widget.server.IDLE_SECONDS = 2
if os.environ.get("CARELESS"):
    careful = widget.engines._set_up
    def careless(connection, schema, *, is_reader):
        careful(connection, schema, is_reader=is_reader)
        connection.execute(f"PRAGMA {schema}.synchronous=NORMAL")
    widget.engines._set_up = careless
folder = Path(sys.argv[1])
where = {}
if os.environ.get("DATABASE_URL"):
    where["store"] = widget.engines.store_place(os.environ["DATABASE_URL"], folder.parent / "store.key")
if os.environ.get("LOG"):
    where["log"] = lambda line: print(line, file=sys.stderr, flush=True)
where |= {"site": folder / os.environ["WIDGET_SITE"]} if "WIDGET_SITE" in os.environ else {}
where["offline"] = os.environ.get("WIDGET_OFFLINE") != "off"
settings = make_settings(folder, guard=GuardMode.COUNT, body_seconds=1.0, **where)
widget.server.serve(
    create_app(settings),
    port=int(os.environ.get("WIDGET_PORT", "0")),
    listening=lambda host, port: Path(sys.argv[1], "port").write_text(f"{port} {os.getpid()}"),
)
"""
"""With `CARELESS` set it commits as a careless program would: the answer leaves before the log is on disk."""

Start = Callable[..., "subprocess.Popen[bytes]"]


def wait_for(what: Callable[[], bool], seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def run_server(folder: Path, *command: str, **environment: str) -> "subprocess.Popen[bytes]":
    """A server that listens; `command` stands before Python's name."""
    port = folder / "port"
    port.unlink(missing_ok=True)
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [*command, sys.executable, "-c", PROGRAM, str(folder)],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )
    try:
        wait_for(lambda: process.poll() is not None or (port.exists() and " " in port.read_text()))
        assert process.poll() is None, (folder / "log").read_text("utf-8")
    except AssertionError:
        process.kill()
        process.wait()
        raise
    return process


def end_server(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.kill(server_pid(folder), signal.SIGKILL)
        process.kill()
    process.wait()


def server_port(folder: Path) -> int:
    return int((folder / "port").read_text().split()[0])


def server_pid(folder: Path) -> int:
    """The server's own number, which is not that of a program that traces it."""
    return int((folder / "port").read_text().split()[1])


def post(port: int, key: str, value: int = 4, text: str = "") -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        return send(connection, key, value, text)
    finally:
        connection.close()


def send(
    connection: http.client.HTTPConnection, key: str, value: int = 4, text: str = ""
) -> tuple[int, dict[str, str]]:
    """One rating over a connection that may stay open."""
    body = json.dumps({"rating": value, "idempotency_key": key} | ({"text": text} if text else {}))
    connection.request("POST", f"/rate/{SCHOOL}", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


# ---- under fire ----------------------------------------------------------------------------------------------------


class Sender(threading.Thread):
    """Sends ratings until told to stop, each until it is acknowledged, as a phone in a corridor does.

    Every third one has a text, so that both files of the store are written.
    """

    def __init__(self, folder: Path, stop: threading.Event) -> None:
        super().__init__()
        self.folder, self.stop = folder, stop
        self.sent: list[str] = []
        self.acknowledged: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        while not self.stop.is_set():
            key = new_key()
            self.sent.append(key)
            while not self.stop.is_set():
                try:
                    status, found = self._send(key)
                except (OSError, http.client.HTTPException, ValueError, IndexError):
                    self._close()
                    time.sleep(
                        0.1
                    )  # a dead server is not called at once again, or its next start would have no processor
                    continue
                assert status in (200, 201), (status, found)
                self.acknowledged[key] = found["receipt"]
                break
        self._close()

    def _send(self, key: str) -> tuple[int, dict[str, str]]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", server_port(self.folder), timeout=10)
        return send(self._connection, key, text=text_of(key))

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def text_of(key: str) -> str:
    """The text that goes with a key."""
    return f"Отзыв {key}" if int(key.rpartition("-")[2]) % 3 == 0 else ""


@dataclass(kw_only=True)
class Tally:
    """What a run under fire came to. Beside these three all must be 0."""

    kills: int = 0
    acknowledged: int = 0
    slowest_start: float = 0.0
    """Seconds from the start of a process until it takes ratings, imports included."""
    lost: int = 0
    doubled: int = 0
    invented: int = 0
    texts_lost: int = 0
    faults: list[str] = field(default_factory=list)


def under_fire(folder: Path, start: Start, *, kills: int, acknowledged: int, senders: int, seed: int) -> Tally:
    """Kills a server under load at random moments until both numbers are reached, then counts."""
    dice, stop = random.Random(seed), threading.Event()
    process = start()
    people = [Sender(folder, stop) for _ in range(senders)]
    for one in people:
        one.start()
    tally = Tally()
    try:
        while tally.kills < kills or sum(len(one.acknowledged) for one in people) < acknowledged:
            time.sleep(dice.uniform(0.05, 0.6))
            process.kill()
            process.wait()
            began = time.monotonic()
            process = start()
            tally.slowest_start = max(tally.slowest_start, time.monotonic() - began)
            tally.kills += 1
        time.sleep(0.3)
    finally:
        stop.set()
        for one in people:
            one.join()
    process.terminate()
    assert process.wait(timeout=15) == 0
    _count(folder, people, tally)
    start()
    told = {key: code for one in people for key, code in one.acknowledged.items()}
    again = {key: post(server_port(folder), key, text=text_of(key)) for key in sorted(told)[:500]}
    assert Counter(status for status, _ in again.values()) == {200: len(again)}
    assert all(found["receipt"] == told[key] for key, (_, found) in again.items())
    return tally


def _count(folder: Path, people: list[Sender], tally: Tally) -> None:
    place = store_place(folder / "var" / "store.sqlite")
    told = {key: code for one in people for key, code in one.acknowledged.items()}
    sent = {key for one in people for key in one.sent}
    stored = all_reviews(place)
    ids = [review.review_id for review in stored]
    assert export_reviews(place, folder / "out") == len(stored)
    tally.acknowledged = len(told)
    tally.doubled = (len(ids) - len(set(ids))) + (len(told) - len(set(told.values())))
    tally.invented = max(0, len(stored) - len(sent))
    texts = Counter(review.text for review in stored)
    tally.doubled += sum(number - 1 for text, number in texts.items() if text)
    tally.texts_lost = sum(texts[text_of(key)] == 0 for key in told if text_of(key))
    tally.lost = _lost(folder, told)
    tally.faults = list(verify(place).faults)


def _lost(folder: Path, told: dict[str, str]) -> int:
    """How many acknowledged ratings no receipt opens."""
    key = read_key(folder / "var" / "store.sqlite.key")
    base = sqlite3.connect(folder / "var" / "store.sqlite")
    known = {found for (found,) in base.execute("SELECT receipt_hash FROM reviews")}
    assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    base.close()
    return sum(key.hash("receipt", code) not in known for code in told.values())


# ---- traced --------------------------------------------------------------------------------------------------------

STRACE = shutil.which("strace")
_CALLS = "pwrite64,fdatasync,fsync,sendto,write,writev,sendmsg"
_LOGS = ("store.sqlite-wal>", "store.sqlite.textkeys-wal>")


def can_trace() -> bool:
    """A container may forbid tracing even where the program is installed."""
    return STRACE is not None and subprocess.run([STRACE, "-o", os.devnull, "true"], check=False).returncode == 0


def traced_answers(folder: Path, start: Start, number: int, **environment: str) -> tuple[int, int]:
    """(answers of 201, how many of them left while a log was written and not yet synced) of a traced server."""
    if not can_trace():
        pytest.skip("strace is not here or may not trace; install it to see the order of system calls")
    trace = folder / "trace"
    process = start(STRACE or "", "-f", "-y", "-s", "24", "-o", str(trace), "-e", f"trace={_CALLS}", **environment)
    for count in range(number):
        assert post(server_port(folder), new_key(), text="Текст." if count % 2 else "")[0] == 201
    os.kill(server_pid(folder), signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    dirty = dict.fromkeys(_LOGS, False)
    answers = early = writes = 0
    for line in trace.read_text("utf-8", "replace").splitlines():
        log = next((name for name in _LOGS if name in line), "")
        if log:
            is_write = re.search(r"\b(pwrite64|write)\(", line) is not None
            writes += is_write
            dirty[log] = is_write or (dirty[log] and re.search(r"f(data)?sync\(", line) is None)
        elif "HTTP/1.1 201" in line:
            answers += 1
            early += any(dirty.values())
    assert writes >= number
    return answers, early
