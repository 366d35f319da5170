"""The widget as a real process on a disk that is full, becomes read-only, or fails to sync: nobody is told "accepted" for
nothing, and it takes ratings again within five seconds after the disk is well, without a new start."""

import http.client
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.server_support import (
    STRACE,
    can_trace,
    end_server,
    run_server,
    server_port,
)
from tests.unit.widget_support import SCHOOL, all_reviews, new_key

SECONDS_TO_HEAL = 5.0
SMALL_DISK_KB = 4096
MOST_SENT = 3000
"""So many ratings with a text fill a disk of four megabytes."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, in memory, for the store."""
    place = tmp_path / "var"
    place.mkdir()
    options = f"size={SMALL_DISK_KB}k"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no disk can be mounted here: {made.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def server(tmp_path: Path, disk: Path) -> Iterator["subprocess.Popen[bytes]"]:
    process = run_server(tmp_path)
    yield process
    end_server(tmp_path, process)


class People:
    """Who sends ratings, and remembers which were acknowledged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.acknowledged: list[str] = []
        self.slowest = 0.0

    def send(self) -> tuple[int, str]:
        """One rating with a text: (status, how long to wait before the next try)."""
        key = new_key()
        connection = http.client.HTTPConnection("127.0.0.1", server_port(self._folder), timeout=10)
        started = time.monotonic()
        try:
            body = json.dumps({"rating": 4, "idempotency_key": key, "text": f"Отзыв {key}. " + "Долго ждали. " * 60})
            connection.request("POST", f"/rate/{SCHOOL}", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
        finally:
            connection.close()
        self.slowest = max(self.slowest, time.monotonic() - started)
        if answer.status in (200, 201):
            self.acknowledged.append(key)
        return answer.status, answer.headers.get("Retry-After", "")

    def seconds_to_heal(self) -> float:
        """From now until a rating is taken again."""
        started = time.monotonic()
        while time.monotonic() - started < 4 * SECONDS_TO_HEAL:
            if self.send()[0] == 201:
                return time.monotonic() - started
            time.sleep(0.1)
        raise AssertionError("it takes no ratings any more")


def health(folder: Path) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server_port(folder), timeout=10)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def assert_nothing_is_lost(folder: Path, people: People) -> None:
    texts = [review.text for review in all_reviews(folder / "var" / "store.sqlite")]
    assert len(texts) == len(set(texts))
    kept = {text.partition(".")[0].removeprefix("Отзыв ") for text in texts}
    assert [key for key in people.acknowledged if key not in kept] == []
    assert (folder / "log").read_text("utf-8").count("Traceback") == 0


def test_a_full_disk_takes_nothing_and_heals_when_there_is_room(
    tmp_path: Path, disk: Path, server: "subprocess.Popen[bytes]"
) -> None:
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(1024 * 1024))
    people = People(tmp_path)
    answers: list[tuple[int, str]] = []
    while len(answers) < MOST_SENT and [status for status, _ in answers[-5:]] != [503] * 5:
        answers.append(people.send())
    assert answers[-1][0] == 503
    assert {status for status, _ in answers} == {201, 503}
    assert int(answers[-1][1]) > 0
    assert people.slowest < 1.5
    assert len(people.acknowledged) > 20
    assert health(tmp_path)[0] == 503
    ballast.unlink()
    assert people.seconds_to_heal() <= SECONDS_TO_HEAL
    assert health(tmp_path)[0] == 200
    assert server.poll() is None
    assert_nothing_is_lost(tmp_path, people)


WRITES_OF_A_START = 400
"""More than what a process writes and syncs before it listens."""


@pytest.mark.skipif(not can_trace(), reason="strace is not here or may not trace: apt-get install strace")
@pytest.mark.parametrize(
    ("call", "fault"), [("pwrite64", "EROFS"), ("pwrite64", "EIO"), ("fdatasync", "EIO")], ids=lambda text: text
)
def test_a_write_that_fails_is_never_an_acknowledgement(tmp_path: Path, call: str, fault: str) -> None:
    """Now and then a write or a sync fails: what was acknowledged is there after a kill, and others are taken again."""
    first, every = (WRITES_OF_A_START, 151) if call == "pwrite64" else (30, 11)
    failing = ["-f", "-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:error={fault}:when={first}+{every}"]
    process = run_server(tmp_path, STRACE or "", *failing)
    people = People(tmp_path)
    try:
        statuses = []
        for _ in range(150):
            statuses.append(people.send()[0])
            time.sleep(0.01)
        assert set(statuses) == {201, 503}
        assert statuses.count(201) > 20
    finally:
        end_server(tmp_path, process)
    assert_nothing_is_lost(tmp_path, people)
