"""Headless Chromium of the system and a real server, for what only a browser can prove.

Playwright's own browser is never downloaded. A site is served by `publish.py serve` in a process of its own, as in
life; whoever started it ends it, by its own number.
"""

import asyncio
import functools
import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",  # tests run as root in containers, where Chromium's own sandbox cannot start
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS = 30
STOP_SECONDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running `publish.py serve`. `url` has no slash at its end; `log` is what the process has said."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever lies in this folder carries the marker `browser`."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One for the tests of a file, not of all files: Playwright keeps its event loop running in this thread.

    Whatever test came after it in the same process could not start a loop of its own.
    """
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        pytest.skip("no Chromium on PATH: `apt-get install chromium` (or `make browser` as root), then run again")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()


@pytest.fixture(scope="session")
def site(demonstration_output: Path) -> Path:
    """The demonstration as it is published, for all tests that only read it."""
    return demonstration_output / "current"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """A test says what went wrong; a list of requests would not."""


@pytest.fixture(scope="session")
def base(site: Path) -> Iterator[str]:
    """The site on any static server, as it must work."""
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page in a fresh context, as wide as a desk. For a phone make a context of your own from `chromium`."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="ru-RU")
    yield context.new_page()
    context.close()


@pytest.fixture
def server(project_root: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """`server(output=…, packages=[…], store=…, guard="count") -> Server`, ended with the test."""
    with ExitStack() as running:

        def start(
            *,
            output: Path | None = None,
            packages: Sequence[Path] = (),
            store: Path | None = None,
            guard: str = "",
            more: Sequence[str] = (),
        ) -> Server:
            arguments = [argument for package in packages for argument in ("--packages", str(package))]
            arguments += ["--output", str(output)] if output else []
            arguments += ["--store", str(store or tmp_path / "store.sqlite")]
            arguments += ["--guard", guard] if guard else []
            return running.enter_context(running_server(project_root, tmp_path, [*arguments, *more]))

        yield start


@contextmanager
def running_server(project_root: Path, folder: Path, arguments: Sequence[str]) -> Iterator[Server]:
    """A server on a free port, up when this yields; a helper that gives up says what the process said."""
    port = _free_port()
    log = folder / f"serve-{port}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "publish.py", "serve", *arguments, "--host", "127.0.0.1", "--port", str(port)],
            cwd=project_root,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
    try:
        running = Server(url=f"http://127.0.0.1:{port}", process=process, log=log)
        _wait_until_healthy(running)
        yield running
    finally:
        _end(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            pytest.fail(f"serve ended with exit code {server.process.returncode}:\n{_said(server.log)}")
        try:
            with urllib.request.urlopen(f"{server.url}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except urllib.error.HTTPError as refusal:
            refusal.close()
        except OSError:
            pass  # not listening yet
        time.sleep(0.05)
    pytest.fail(f"serve did not answer {server.url}/health within {START_SECONDS} s:\n{_said(server.log)}")


def _said(log: Path) -> str:
    return log.read_text("utf-8", errors="replace")[-4000:] or "(it said nothing)"


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
