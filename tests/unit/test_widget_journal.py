"""What a widget tells its keeper: numbers and lines of JSON, and nothing about anybody in any file that it leaves."""

import json
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from nok.errors import UsageError
from tests.unit.server_support import end_server, run_server, server_port
from tests.unit.widget_support import SCHOOL, TODAY, make_settings, new_key, prepared_once, rating
from widget.app import create_app
from widget.backup import back_up
from widget.engines import store_place
from widget.export import export_reviews
from widget.guard import GuardMode, Proxies, sender_address
from widget.journal import kind_of

RATE = f"/rate/{SCHOOL}"


@contextmanager
def told(folder: Path, peer: str = "127.0.0.1", **changes: Any) -> Iterator[tuple[TestClient, list[dict[str, Any]]]]:
    """A client at `peer`, and the lines of the log."""
    lines: list[dict[str, Any]] = []
    with prepared_once():
        app = create_app(make_settings(folder, log=lambda line: lines.append(json.loads(line)), **changes))
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False, client=(peer, 5)) as client:
        yield client, lines


# ---- numbers -------------------------------------------------------------------------------------------------------

SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? -?[0-9][0-9.e+-]*')


def test_numbers_are_told_in_the_form_of_prometheus(tmp_path: Path) -> None:
    with told(tmp_path) as (client, _):
        assert client.post(RATE, json=rating()).status_code == 201
        assert client.get("/receipt/K7QM2XPT0011ABCD").status_code == 404
        answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    assert all(SAMPLE.fullmatch(line) or line.startswith("# TYPE nok_") for line in lines)
    assert 'nok_requests_total{method="POST",kind="/rate",status="201"} 1' in lines
    assert 'nok_requests_total{method="GET",kind="/receipt",status="404"} 1' in lines
    assert 'nok_request_seconds_bucket{kind="/rate",le="+Inf"} 1' in lines
    assert 'nok_request_seconds_count{kind="/rate"} 1' in lines
    assert 'nok_guard_total{what="unproved"} 1' in lines
    assert "nok_store_ok 1" in lines
    assert "K7QM2XPT0011ABCD" not in answer.text
    buckets = [float(line.split()[1]) for line in lines if line.startswith('nok_request_seconds_bucket{kind="/rate"')]
    assert buckets == sorted(buckets)


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("203.0.113.9", {}),
        ("testclient", {}),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}),
    ],
    ids=["stranger", "nobody", "passed-on", "forwarded"],
)
def test_numbers_are_told_to_this_machine_only(tmp_path: Path, peer: str, headers: dict[str, str]) -> None:
    with told(tmp_path, peer) as (client, _):
        assert client.get("/metrics", headers=headers).status_code == 404


def test_a_flood_of_addresses_makes_no_flood_of_numbers() -> None:
    kinds = {kind_of(f"/{number}/{number}") for number in range(1000)} | {
        kind_of(path) for path in ("", "x", "//", "/")
    }
    assert kinds == {"site"}


# ---- lines ---------------------------------------------------------------------------------------------------------


def test_a_request_is_a_line_about_nobody(tmp_path: Path) -> None:
    with told(tmp_path) as (client, lines):
        receipt = client.post(RATE, json=rating()).json()["receipt"]
        client.get(f"/receipt/{receipt}?lang=en")
        client.request("BREW", "/health")
    assert [(line["method"], line["kind"], line["status"]) for line in lines] == [
        ("POST", "/rate", 201),
        ("GET", "/receipt", 200),
        ("other", "/health", 405),
    ]
    assert {frozenset(line) for line in lines} == {frozenset(("at", "event", "method", "kind", "status", "ms"))}
    assert receipt not in json.dumps(lines)


def test_a_failure_is_told_by_its_place_and_not_by_what_it_quotes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("the text of Ивановой М. П.")

    with told(tmp_path) as (client, lines):
        monkeypatch.setattr(client.app.intake.watch, "note", fail)  # type: ignore[attr-defined]
        answer = client.post(RATE, json=rating())
        assert answer.status_code == 500
        assert answer.text == "500"
    (failure,) = [line for line in lines if line["event"] == "failure"]
    assert failure["error"] == "ValueError"
    assert any(place.startswith("widget/handlers.py:") for place in failure["places"])
    assert "Иванов" not in json.dumps(lines, ensure_ascii=False)


CANARIES = {
    "address": "203.0.113.77",
    "browser": "CanaryBrowser/7.7",
    "referer": "canary-referer.example",
    "cookie": "canarycookie",
    "phone": "+7 913 777-66-55",
    "mail": "canary@personal.example",
    "snils": "112-233-445 95",
    "name": "Канарейкина",
}


def test_nothing_that_tells_who_sent_is_left_in_any_file(tmp_path: Path) -> None:
    folder = tmp_path / "running"
    folder.mkdir()
    process = run_server(folder, LOG="1")
    try:
        text = f"Звоните {CANARIES['phone']}, {CANARIES['mail']}, {CANARIES['snils']}, {CANARIES['name']}"
        body = json.dumps({"rating": 2, "idempotency_key": new_key(), "text": text}).encode()
        for path, sent in ((RATE, body), (f"/rate/{quote(CANARIES['name'])}", body), (RATE, b"{")):
            head = [
                f"POST {path}?from={CANARIES['mail']} HTTP/1.1",
                "Host: x",
                "Connection: close",
                "Content-Type: application/json",
                f"Content-Length: {len(sent)}",
                f"User-Agent: {CANARIES['browser']}",
                f"X-Forwarded-For: {CANARIES['address']}",
                f"Referer: https://{CANARIES['referer']}/",
                f"Cookie: a={CANARIES['cookie']}",
            ]
            with socket.create_connection(("127.0.0.1", server_port(folder)), timeout=20) as connection:
                connection.sendall("\r\n".join([*head, "", ""]).encode() + sent)
                while connection.recv(65_536):
                    pass
        place = store_place(folder / "var" / "store.sqlite")
        assert export_reviews(place, folder / "package") == 1
        back_up(place, folder / "backups", TODAY)
        _look_for_canaries(folder)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0
    finally:
        end_server(folder, process)
    _look_for_canaries(folder)
    events = [json.loads(line) for line in (folder / "log").read_text("utf-8").splitlines()]
    assert [event["status"] for event in events] == [201, 404, 400]


def _look_for_canaries(folder: Path) -> None:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert {"log", "store.sqlite", "store.sqlite.textkeys"} <= {file.name for file in files}
    found = [
        (file.name, kind)
        for file in files
        for kind, canary in CANARIES.items()
        if canary.encode() in file.read_bytes() or quote(canary).encode() in file.read_bytes()
    ]
    assert found == []


# ---- web servers in front ------------------------------------------------------------------------------------------


def test_web_servers_in_front_are_named_by_address_or_network() -> None:
    ours = Proxies(["10.0.0.5", "192.168.1.0/24", "2001:db8::/64"])
    assert all(address in ours for address in ("10.0.0.5", "192.168.1.77", "2001:db8::9", "::ffff:10.0.0.5"))
    assert not any(address in ours for address in ("10.0.0.6", "203.0.113.9", "2001:db9::1", "testclient", ""))
    assert sender_address("192.168.1.2", "6.6.6.6, 203.0.113.9, 10.0.0.5", ours) == "203.0.113.9"
    assert "127.0.0.1" not in Proxies([])


@pytest.mark.parametrize("text", ["example.org", "10.0.0.1/8", "10.0.0", ""])
def test_a_web_server_that_cannot_be_named_so_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="--trusted-proxy"):
        Proxies([text])


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-real-ip", "forwarded", "client-ip", "true-client-ip"])
def test_a_forged_header_hides_no_flood(tmp_path: Path, header: str) -> None:
    with told(tmp_path, "203.0.113.9", guard=GuardMode.FULL, trusted_proxies=Proxies(["10.0.0.1"])) as (client, _):
        answers = [client.post(RATE, json=rating(), headers={header: f"9.9.9.{n}"}).status_code for n in range(52)]
    assert answers.count(429) == 2
