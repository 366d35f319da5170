"""A real process on a real socket: killed, terminated, traced, fed slowly and badly."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pace import within
from tests.unit.postgres_support import database
from tests.unit.raw_requests import fire
from tests.unit.server_support import (
    PROGRAM,
    Start,
    end_server,
    post,
    run_server,
    server_port,
    traced_answers,
    under_fire,
)
from tests.unit.widget_support import ROOT, SCHOOL, all_reviews, new_key
from widget.audit_check import verify
from widget.engines import store_place


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(*command)` runs a server of the test's own folder."""
    running: list[subprocess.Popen[bytes]] = []

    def run(*command: str, **environment: str) -> "subprocess.Popen[bytes]":
        running.append(run_server(tmp_path, *command, **environment))
        return running[-1]

    yield run
    for process in running:
        end_server(tmp_path, process)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server for all who only ask."""
    folder = tmp_path_factory.mktemp("server")
    process = run_server(folder)
    yield server_port(folder)
    end_server(folder, process)


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


def test_nothing_acknowledged_is_lost_however_the_process_ends(tmp_path: Path, start: Start) -> None:
    """A small share of the run in `tests/scale/test_widget_under_fire.py`."""
    tally = under_fire(tmp_path, start, kills=5, acknowledged=50, senders=6, seed=20260207)
    found = (tally.lost, tally.doubled, tally.invented, tally.texts_lost, tally.faults)
    assert found == (0, 0, 0, 0, [])


def test_sigterm_finishes_what_is_open_and_exits_0(tmp_path: Path, start: Start) -> None:
    for end in (signal.SIGTERM, signal.SIGINT):
        process = start()
        assert post(server_port(tmp_path), new_key())[0] == 201
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
    assert post(server_port(tmp_path), new_key())[0] == 201


def test_two_widgets_behind_one_server_are_one_widget(tmp_path: Path, postgres: str) -> None:
    """Ratings are sent to both, each twice, while one of them is killed and started again."""
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    with database(postgres) as address:
        running = [run_server(folder, DATABASE_URL=address) for folder in folders]
        try:
            keys = [new_key() for _ in range(30)]
            told = {}
            for number, key in enumerate(keys):
                if number == 15:
                    running[1].kill()
                    running[1].wait()
                    running[1] = run_server(folders[1], DATABASE_URL=address)
                ports = [server_port(folder) for folder in folders]
                answers = [post(port, key, text="Текст.") for port in (ports if number % 2 else reversed(ports))]
                assert [status for status, _ in answers] == [201, 200]
                assert answers[0][1] == answers[1][1]
                told[key] = answers[0][1]["receipt"]
            assert len(set(told.values())) == 30
            place = store_place(address, tmp_path / "store.key")
            assert [review.text for review in all_reviews(place)] == ["Текст."] * 30
            assert verify(place).faults == ()
        finally:
            for folder, process in zip(folders, running, strict=True):
                end_server(folder, process)


def test_an_answer_leaves_after_the_log_is_on_disk(tmp_path: Path, start: Start) -> None:
    assert traced_answers(tmp_path, start, 20) == (20, 0)


def test_the_trace_would_notice_an_answer_that_leaves_too_early(tmp_path: Path, start: Start) -> None:
    """With synchronous=NORMAL: no kill of a process can tell the two apart, the order of system calls can."""
    answers, early = traced_answers(tmp_path, start, 20, CARELESS="1")
    assert answers == 20
    assert early == 20


def test_honest_requests_are_served_among_silent_ones_which_are_closed(port: int) -> None:
    silent = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(100)]
    for connection in silent[:50]:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Drip: ")
    with within(6, time.monotonic):
        with within(2, time.monotonic):
            assert post(port, new_key())[0] == 201
        assert all(connection.recv(1) == b"" for connection in silent)
    for connection in silent:
        connection.close()


@pytest.mark.scale
def test_a_thousand_silent_and_half_open_clients_keep_nobody_waiting(port: int) -> None:
    silent = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(1000)]
    for number, connection in enumerate(silent):
        connection.sendall((b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\nX-Drip: ")[number % 3])
    waits = []
    for _ in range(20):
        began = time.monotonic()
        assert post(port, new_key())[0] == 201
        waits.append(time.monotonic() - began)
    print(
        f"honest requests among a thousand silent ones: median {sorted(waits)[10] * 1000:.0f} ms, worst {max(waits) * 1000:.0f} ms"
    )
    assert sorted(waits)[10] <= 0.5
    assert all(connection.recv(1) == b"" for connection in silent)
    for connection in silent:
        connection.close()


def test_a_body_that_drips_is_given_up(port: int) -> None:
    head = f"POST /rate/{SCHOOL} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n"
    answer = _ask(port, head.encode() + b'{"rating"')
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in answer.lower()
    assert b'"rule":"body-slow"' in answer


def _body(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


ENDLESS = b"Transfer-Encoding: chunked\r\n\r\n" + b"2000\r\n" + b" " * 8192 + b"\r\n"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param(b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}   ", {400}, id="two-lengths"),
        pytest.param(b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}, id="both"),
        pytest.param(
            b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", {400}, id="both-and-a-body"
        ),
        pytest.param(b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", {400}, id="one-length-twice"),
        pytest.param(b"Content-Length: 2, 2\r\n\r\n{}", {400}, id="list-of-lengths"),
        pytest.param(b"X-A: b\r\n c\r\n" + _body(b"{}"), {400}, id="folded-header"),
        pytest.param(b"X-A: b\x01\r\n" + _body(b"{}"), {400}, id="control-character"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", {400}, id="vast-chunk"),
        pytest.param(b"Connection: Upgrade\r\nUpgrade: h2c\r\n" + _body(b"{}"), {400}, id="upgrade"),
        pytest.param(b"Content-Length: 99999999999999999999\r\n\r\n", {413, 400}, id="vast"),
        pytest.param(b"Content-Length: 10000000\r\n\r\n", {413}, id="large"),
        pytest.param(ENDLESS + (b"2000\r\n" + b" " * 8192 + b"\r\n") * 20, {413}, id="chunked"),
        pytest.param(b"X-Long: " + b"a" * 100_000 + b"\r\n\r\n", {400}, id="header"),
        pytest.param(b"Host: y\r\nContent-Length: 2\r\n\r\n{}", {400}, id="two-hosts"),
        pytest.param(_body(b'{"rating": "\\ud800"}'), {422}, id="half-a-character"),
        pytest.param(_body(b'{"rating": 4, "text": "\\ud800"}'), {422}, id="half-a-character-of-text"),
        pytest.param(_body(b'{"rating": ' + b"9" * 5000 + b"}"), {422}, id="endless-integer"),
        pytest.param(_body(b'{"rating": 9223372036854775808}'), {422}, id="integer-beyond-64-bits"),
        pytest.param(_body(b"[" * 60_000), {400}, id="nested"),
        pytest.param(_body(b"[" * 200_000), {413}, id="nested-beyond-the-limit"),
        pytest.param(_body(b'{"rating": NaN}'), {422, 400}, id="nan"),
        pytest.param(_body(b'{"rating": 1e400}'), {422}, id="infinite"),
        pytest.param(_body(b'{"rating": true}'), {422}, id="true"),
        pytest.param(_body(b'{"rating": 4, "rating": 5}'), {400}, id="a-name-twice"),
        pytest.param(_body(b"\xef\xbb\xbf{}"), {422}, id="byte-order-mark"),
        pytest.param(_body(b"\xff\xfe"), {400}, id="not-utf-8"),
        pytest.param(b"Content-Length: 2\r\n\r\n{}", {422}, id="honest"),
    ],
)
def test_what_clients_cannot_send_is_refused_early(port: int, head: bytes, status: set[int]) -> None:
    request = f"POST /rate/{SCHOOL} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
    with within(3, time.monotonic):
        answer = _ask(port, request.encode() + head)
    assert int(answer.split()[1]) in status


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET /health HTTP/1.1\r\n\r\n", id="no-host"),
        pytest.param(b"GET /health HTTP/1.1\nHost: x\n\n", id="bare-line-feeds"),
        pytest.param(b"GET health HTTP/1.1\r\nHost: x\r\n\r\n", id="no-slash"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", id="another-protocol"),
    ],
)
def test_a_request_line_or_a_header_that_is_none_is_refused(port: int, head: bytes) -> None:
    assert int(_ask(port, head).split()[1]) == 400


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param(
            b"application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(5000)), id="5000-fields"
        ),
        pytest.param(b"multipart/form-data; boundary=x", b"--x\r\n\r\n" * 1500, id="1500-parts"),
        pytest.param(b"multipart/form-data", b"--x", id="no-boundary"),
        pytest.param(b"text/plain", b"rating=4", id="plain"),
    ],
)
def test_a_form_that_cannot_be_meant_is_refused_early(port: int, kind: bytes, body: bytes) -> None:
    head = f"POST /rate/{SCHOOL} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode()
    answer = _ask(port, head + b"Content-Type: " + kind + b"\r\n" + _body(body))
    assert int(answer.split()[1]) in (400, 413, 415, 422)


@pytest.mark.parametrize("host", [b"evil/admin?x=", b"a b", b"user@evil.example", b"x\\y", b"x:port", b"[::1"])
def test_a_host_that_is_none_is_refused(port: int, host: bytes) -> None:
    answer = _ask(port, b"GET /health HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "host", [b"ocenka.example", b"127.0.0.1:8000", b"[::1]:8000", b"localhost", b"xn--80ak6aa92e.com"]
)
def test_a_host_is_a_host(port: int, host: bytes) -> None:
    answer = _ask(port, b"GET /health HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")


def test_a_host_of_the_clients_choice_is_never_repeated(port: int) -> None:
    answer = _ask(port, b"GET /rate/nobody HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"evil.example" not in answer
    assert _ask(port, b"GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 400")


def _stands(port: int, seen: Counter[str]) -> bool:
    """No answer told of a fault of ours, some were real ones, and an honest sender is still served."""
    assert [status for status in seen if status.startswith("5")] == [], seen
    assert {"200", "400", "404"} <= set(seen), seen
    return post(port, new_key())[0] == 201


def test_broken_requests_break_nothing(port: int) -> None:
    """A small share of what `-m scale` sends."""
    assert _stands(port, fire(port, 150, seed=1))


@pytest.mark.scale
def test_thousands_of_broken_requests_break_nothing(port: int) -> None:
    seen = fire(port, 6000, seed=2)
    print(sum(seen.values()), sorted(seen.items()))
    assert _stands(port, seen)
