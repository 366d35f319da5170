"""How many ratings a second the widget takes, and how long a person waits: `python -m benchmarks.intake [--isso]`.

One server process, one process of senders with 64 connections that stay open, each sending its next rating when the last
one was answered. Every answer means that the rating is on disk. With `--isso` the same senders comment on a page of Isso,
which `python -m benchmarks.peers install` puts beside the other peers; the two take turns.
"""

import argparse
import asyncio
import json
import os
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import share_kb
from benchmarks.peers import ISSO, ISSO_PROGRAM, ROOT

_SECONDS_TO_START = 60
_ISSO_CONFIG = """[general]
dbpath = {folder}/comments.db
host = http://127.0.0.1:{port}/
log-file = {folder}/isso.log
[server]
listen = http://127.0.0.1:{port}
[guard]
enabled = false
[moderation]
enabled = false
[hash]
salt = measured
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A server under measurement: how it is started, and the next request that is sent to it."""

    name: str
    start: Callable[[Path, int], "subprocess.Popen[bytes]"]
    request: Callable[[int], bytes]
    taken: int
    """The status of an answer that means: it is on disk."""


@dataclass(slots=True, kw_only=True)
class Measured:
    """What senders saw: seconds each answer took, the statuses of others, and how long all of it lasted."""

    waits: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    seconds: float = 0.0
    peak_mb: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.waits) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, percent: int) -> float:
        """So many of a hundred answers were not later than this."""
        ordered = sorted(self.waits)
        return 1000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0.0


# ---- those who are measured ------------------------------------------------------------------------------------------


def ours(packages: Path, organization_id: str) -> Peer:
    """The widget as `publish.py serve` runs it; `--guard count` looks at everything and refuses nothing."""

    def start(folder: Path, port: int) -> "subprocess.Popen[bytes]":
        command = [sys.executable, str(ROOT / "publish.py"), "serve", "--packages", str(packages)]
        command += ["--output", str(folder / "output"), "--store", str(folder / "store.sqlite")]
        return _started([*command, "--port", str(port), "--guard", "count"], folder)

    def request(port: int) -> bytes:
        body = {"rating": secrets.randbelow(5) + 1, "idempotency_key": secrets.token_hex(16)}
        return _post(port, f"/rate/{organization_id}", body)

    return Peer(name="ours", start=start, request=request, taken=201)


def isso() -> Peer:
    """Isso with its guard off, comments published at once."""

    def start(folder: Path, port: int) -> "subprocess.Popen[bytes]":
        config = folder / "isso.cfg"
        config.write_text(_ISSO_CONFIG.format(folder=folder, port=port), "utf-8")
        return _started([str(ISSO_PROGRAM), "-c", str(config), "run"], folder)

    def request(port: int) -> bytes:
        body = {"text": f"Была на приёме, отзыв {secrets.token_hex(16)}.", "author": "", "title": "Школа № 12"}
        return _post(port, "/new?uri=%2Fo%2F70%2Fschool-12.html", body)

    return Peer(name=ISSO, start=start, request=request, taken=201)


def _started(command: Sequence[str], folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env={**os.environ})


def _post(port: int, path: str, body: object) -> bytes:
    content = json.dumps(body, ensure_ascii=False).encode()
    origin = f"http://127.0.0.1:{port}"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {origin}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


# ---- those who send ------------------------------------------------------------------------------------------------


async def _sender(peer: Peer, port: int, end: float, measured: Measured) -> None:
    """One person after another over one connection, which is opened again where the server closes it."""
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    while time.perf_counter() < end:
        if reader is None or writer is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        started = time.perf_counter()
        writer.write(peer.request(port))
        status, stays = await _answer(reader)
        if status == peer.taken:
            measured.waits.append(time.perf_counter() - started)
        else:
            measured.refused.append(status)
        if not stays:
            writer.close()
            reader = writer = None
    if writer is not None:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """The status of an answer, 0 of one that was cut short, and whether the connection stays open."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        size = re.search(r"content-length: (\d+)", head)
        if size is None:
            await reader.read()
        else:
            await reader.readexactly(int(size[1]))
    except (asyncio.IncompleteReadError, OSError):
        return 0, False
    return int(head.split(" ", 2)[1]), size is not None and "connection: close" not in head and "http/1.0" not in head


async def _all_senders(peer: Peer, port: int, seconds: float, connections: int) -> Measured:
    measured = Measured()
    started = time.perf_counter()
    await asyncio.gather(*(_sender(peer, port, started + seconds, measured) for _ in range(connections)))
    measured.seconds = time.perf_counter() - started
    return measured


def measure(peer: Peer, seconds: float, connections: int) -> Measured:
    """One run against a server of its own, whose store is new."""
    with TemporaryDirectory(prefix="nok-intake-") as name, _running(peer, Path(name)) as (port, process):
        asyncio.run(_all_senders(peer, port, seconds / 10, connections))
        measured = asyncio.run(_all_senders(peer, port, seconds, connections))
        measured.peak_mb = share_kb(process.pid) / 1024
        return measured


@contextmanager
def _running(peer: Peer, folder: Path) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    process = peer.start(folder, port)
    try:
        _wait_for(port, process, folder)
        yield port, process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"The server did not start: {(folder / 'log').read_text('utf-8', 'replace')[-500:]}")


# ---- the table -----------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures in turns and prints medians."""
    options = _parser().parse_args(arguments)
    with TemporaryDirectory(prefix="nok-intake-packages-") as name:
        package = Path(name, "country")
        make = [sys.executable, "-m", "benchmarks.country", "--organizations", "1000", "--measures", "total"]
        subprocess.run([*make, "--out", str(package)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        peers = [ours(package, first_organization(package)), *([isso()] if options.isso else [])]
        runs: dict[str, list[Measured]] = {peer.name: [] for peer in peers}
        for _ in range(options.times):
            for peer in peers:
                runs[peer.name].append(measure(peer, options.seconds, options.connections))
    print(
        "| server | ratings a second | half wait less than | 99 of 100 less than | memory | refused |\n|---|---|---|---|---|---|"
    )
    for name, found in runs.items():
        print(f"| {name} | {_row(found)} |")
    return 1 if any(run.refused or not run.waits for found in runs.values() for run in found) else 0


def _row(runs: Sequence[Measured]) -> str:
    def median(of: Callable[[Measured], float]) -> float:
        return statistics.median(map(of, runs))

    half, most = (median(lambda run, at=percent: run.percentile_ms(at)) for percent in (50, 99))  # type: ignore[misc]
    refused = sum(len(run.refused) for run in runs)
    return (
        f"{median(lambda run: run.per_second):.0f} | {half:.1f} ms | {most:.1f} ms"
        f" | {median(lambda run: run.peak_mb):.0f} MB | {refused}"
    )


def first_organization(package: Path) -> str:
    with (package / "organizations.csv").open(encoding="utf-8") as file:
        next(file)
        return next(file).partition(",")[0]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.intake", description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("--seconds", type=float, default=20.0, help="how long each run lasts")
    add("--connections", type=int, default=64, help="how many people send at the same time")
    add("--times", type=int, default=3, help="runs of each server")
    add("--isso", action="store_true", help="compare with Isso")
    return parser


if __name__ == "__main__":
    sys.exit(main())
