"""A real process on a real socket: killed, terminated, traced, fed slowly and badly."""

import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.widget_support import ROOT, SCHOOL, all_reviews, new_key
from widget.engines import store_place
from widget.export import export_reviews

PROGRAM = """
import os
import sys
from pathlib import Path
import widget.server
from tests.unit.widget_support import make_settings
from widget.app import create_app
from widget.guard import GuardMode
widget.server.HEADER_SECONDS = 1.0
widget.server.IDLE_SECONDS = 2
settings = make_settings(Path(sys.argv[1]), guard=GuardMode.COUNT, body_seconds=1.0)
widget.server.serve(
    create_app(settings),
    port=0,
    listening=lambda host, port: Path(sys.argv[1], "port").write_text(f"{port} {os.getpid()}"),
)
"""

Start = Callable[..., "subprocess.Popen[bytes]"]


def _wait_for(what: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def _run(folder: Path, *command: str) -> "subprocess.Popen[bytes]":
    """A server that listens; `command` stands before Python's name."""
    port = folder / "port"
    port.unlink(missing_ok=True)
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [*command, sys.executable, "-c", PROGRAM, str(folder)],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    _wait_for(lambda: process.poll() is not None or (port.exists() and " " in port.read_text()))
    assert process.poll() is None, (folder / "log").read_text("utf-8")
    return process


def _end(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.kill(_pid(folder), signal.SIGKILL)
        process.kill()
    process.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(*command)` runs a server of the test's own folder."""
    running: list[subprocess.Popen[bytes]] = []

    def run(*command: str) -> "subprocess.Popen[bytes]":
        running.append(_run(tmp_path, *command))
        return running[-1]

    yield run
    for process in running:
        _end(tmp_path, process)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server for all who only ask."""
    folder = tmp_path_factory.mktemp("server")
    process = _run(folder)
    yield _port(folder)
    _end(folder, process)


def _port(folder: Path) -> int:
    return int((folder / "port").read_text().split()[0])


def _pid(folder: Path) -> int:
    """The server's own number, which is not that of a program that traces it."""
    return int((folder / "port").read_text().split()[1])


def _post(port: int, key: str, value: int = 4) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        body = json.dumps({"rating": value, "idempotency_key": key})
        connection.request("POST", f"/rate/{SCHOOL}", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def _ask(port: int, request: bytes, seconds: float = 8) -> bytes:
    """Sends bytes as they are and reads until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(request)
        found = b""
        try:
            while part := connection.recv(65_536):
                found += part
        except ConnectionResetError:
            return found
    return found


class _Sender(threading.Thread):
    """Sends ratings until told to stop, each until it is acknowledged, as a phone in a corridor does."""

    def __init__(self, folder: Path, stop: threading.Event) -> None:
        super().__init__()
        self.folder, self.stop = folder, stop
        self.sent: list[str] = []
        self.acknowledged: dict[str, str] = {}

    def run(self) -> None:
        while not self.stop.is_set():
            key = new_key()
            self.sent.append(key)
            while not self.stop.is_set():
                try:
                    status, found = _post(_port(self.folder), key)
                except (OSError, http.client.HTTPException, ValueError, IndexError):
                    time.sleep(0.01)
                    continue
                assert status in (200, 201), (status, found)
                self.acknowledged[key] = found["receipt"]
                break


def test_nothing_acknowledged_is_lost_however_the_process_ends(tmp_path: Path, start: Start) -> None:
    dice, stop = random.Random(20260207), threading.Event()
    process = start()
    senders = [_Sender(tmp_path, stop) for _ in range(6)]
    for sender in senders:
        sender.start()
    for _ in range(5):
        time.sleep(dice.uniform(0.05, 0.6))
        process.kill()
        process.wait()
        process = start()
    time.sleep(0.3)
    stop.set()
    for sender in senders:
        sender.join()
    process.terminate()
    assert process.wait(timeout=10) == 0
    acknowledged = {key: code for sender in senders for key, code in sender.acknowledged.items()}
    sent = [key for sender in senders for key in sender.sent]
    stored = len(all_reviews(tmp_path / "var" / "store.sqlite"))
    assert len(acknowledged) > 20
    assert len(set(acknowledged.values())) == len(acknowledged)
    assert len(acknowledged) <= stored <= len(sent)
    assert export_reviews(store_place(tmp_path / "var" / "store.sqlite"), tmp_path / "out") == stored
    start()
    again = {key: _post(_port(tmp_path), key) for key in acknowledged}
    assert Counter(status for status, _ in again.values()) == {200: len(acknowledged)}
    assert {key: found["receipt"] for key, (_, found) in again.items()} == acknowledged


def test_sigterm_finishes_what_is_open_and_exits_0(tmp_path: Path, start: Start) -> None:
    for end in (signal.SIGTERM, signal.SIGINT):
        process = start()
        assert _post(_port(tmp_path), new_key())[0] == 201
        process.send_signal(end)
        assert process.wait(timeout=6) == 0
    assert len(all_reviews(tmp_path / "var" / "store.sqlite")) == 2
    assert (tmp_path / "log").read_bytes() == b""


def test_a_second_server_on_one_store_does_not_start(tmp_path: Path, start: Start) -> None:
    start()
    second = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert second.returncode != 0
    assert "BusyError" in second.stderr
    assert _post(_port(tmp_path), new_key())[0] == 201


STRACE = shutil.which("strace")


def _can_trace() -> bool:
    """A container may forbid tracing even where the program is installed."""
    return STRACE is not None and subprocess.run([STRACE, "-o", os.devnull, "true"], check=False).returncode == 0


def test_an_answer_leaves_after_the_log_is_on_disk(tmp_path: Path, start: Start) -> None:
    """With synchronous=NORMAL this fails: no kill of a process can tell the two apart."""
    if not _can_trace():
        pytest.skip("strace is not here or may not trace; install it to see the order of system calls")
    trace = tmp_path / "trace"
    calls = "pwrite64,fdatasync,fsync,sendto,write,writev,sendmsg"
    process = start(STRACE or "", "-f", "-y", "-s", "24", "-o", str(trace), "-e", f"trace={calls}")
    for _ in range(20):
        assert _post(_port(tmp_path), new_key())[0] == 201
    os.kill(_pid(tmp_path), signal.SIGTERM)
    assert process.wait(timeout=15) == 0
    is_dirty, answers, writes = False, 0, 0
    for line in trace.read_text("utf-8", "replace").splitlines():
        if "store.sqlite-wal>" in line:
            written = re.search(r"\b(pwrite64|write)\(", line) is not None
            writes += written
            is_dirty = written or (is_dirty and re.search(r"f(data)?sync\(", line) is None)
        elif "HTTP/1.1 201" in line:
            answers += 1
            assert not is_dirty, "an answer left before the log was synced"
    assert answers == 20
    assert writes >= 20


def test_honest_requests_are_served_among_silent_ones_which_are_closed(port: int) -> None:
    silent = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(100)]
    for connection in silent[:50]:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Drip: ")
    began = time.monotonic()
    assert _post(port, new_key())[0] == 201
    assert time.monotonic() - began < 2
    assert all(connection.recv(1) == b"" for connection in silent)
    assert time.monotonic() - began < 6
    for connection in silent:
        connection.close()


def test_a_body_that_drips_is_given_up(port: int) -> None:
    head = f"POST /rate/{SCHOOL} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n"
    answer = _ask(port, head.encode() + b'{"rating"')
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in answer.lower()
    assert b'"rule":"body-slow"' in answer


ENDLESS = b"Transfer-Encoding: chunked\r\n\r\n" + b"2000\r\n" + b" " * 8192 + b"\r\n"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param(b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}   ", {400}, id="two-lengths"),
        pytest.param(b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}, id="both"),
        pytest.param(b"Content-Length: 99999999999999999999\r\n\r\n", {413, 400}, id="vast"),
        pytest.param(b"Content-Length: 10000000\r\n\r\n", {413}, id="large"),
        pytest.param(ENDLESS + (b"2000\r\n" + b" " * 8192 + b"\r\n") * 20, {413}, id="chunked"),
        pytest.param(b"X-Long: " + b"a" * 100_000 + b"\r\n\r\n", {400}, id="header"),
        pytest.param(b"Content-Length: 2\r\n\r\n{}", {422}, id="honest"),
    ],
)
def test_what_clients_cannot_send_is_refused_early(port: int, head: bytes, status: set[int]) -> None:
    request = f"POST /rate/{SCHOOL} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
    began = time.monotonic()
    answer = _ask(port, request.encode() + head)
    assert int(answer.split()[1]) in status
    assert time.monotonic() - began < 3


def test_a_host_of_the_clients_choice_is_never_repeated(port: int) -> None:
    answer = _ask(port, b"GET /rate/nobody HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"evil.example" not in answer
    assert _ask(port, b"GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 400")
