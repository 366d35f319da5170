"""The server around the application: one process, one socket, time limits for slow senders, a quiet end."""

import asyncio
import gc
import ipaddress
import logging
import signal
import socket as sockets
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from nok.errors import StorageError, UsageError
from widget.exchange import Widget
from widget.guard import GuardMode
from widget.journal import places_of

HEADER_SECONDS = 10.0
"""A connection that has sent no whole header by then is closed."""
IDLE_SECONDS = 15
SHUTDOWN_SECONDS = 4
"""How long open requests may take after SIGTERM."""
LARGEST_HEADER_BYTES = 32 * 1024
_OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Of those that are younger than the server; Python's own 700 would look them through for every few ratings."""


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 that waits for no header for ever and keeps none that never ends: uvicorn has no such limits of its own."""

    _header_timer: asyncio.TimerHandle | None = None
    _is_header_open = False
    _header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._header_timer = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def data_received(self, data: bytes) -> None:
        if self._is_header_open:
            self._header_bytes += len(data)
        super().data_received(data)
        if self._is_header_open and self._header_bytes > LARGEST_HEADER_BYTES and not self.transport.is_closing():
            self.send_400_response("The header is too large.")
        if self._is_answering():
            self._stop_timer()
        elif self._header_timer is None:
            self._header_timer = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_header_open, self._header_bytes = True, 0

    def on_headers_complete(self) -> None:
        self._is_header_open = False
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            raise ValueError("a request names one host (RFC 9112, 3.2)")  # the parser makes a refusal of it
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _stop_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _give_up(self) -> None:
        self._header_timer = None
        if not self._is_answering() and not self.transport.is_closing():
            self.transport.close()


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[sockets.socket] | None = None) -> None:
        # What stays until the end (cards of a whole country, templates) is not looked through again and again while
        # ratings come: that kept one of a hundred waiting twice as long.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
        await super().startup(sockets)
        if self.started:
            self._listening()


def open_socket(host: str, port: int) -> sockets.socket:
    """A bound socket; port 0 takes a free one, to be read from the socket.

    Raises:
        StorageError: the port is taken or may not be used.
    """
    try:
        family = sockets.AF_INET6 if ":" in host else sockets.AF_INET
        return sockets.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        said = str(error.strerror or error).partition(" (while")[0]  # host and port stand in the sentence already
        raise StorageError("port-refused", host=host, port=port, reason=said) from error


def check_exposure(mode: GuardMode, host: str) -> None:
    """A guard that refuses nothing may be reached from this machine only.

    Raises:
        UsageError: it would be reached from elsewhere.
    """
    if mode is not GuardMode.FULL and not _is_loopback(host):
        raise UsageError("guard-off", mode=mode, host=host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def serve(
    app: Widget,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    socket: sockets.socket | None = None,
    listening: Callable[[str, int], None] = lambda _host, _port: None,
) -> None:
    """Serves `app` until SIGTERM or SIGINT, then finishes what is open and returns.

    `socket` is a bound socket instead of `host` and `port`; `listening` is told the address once requests are taken.
    The server keeps no access log: addresses of receipts are secrets. What may be told is in `widget/journal.py`.

    Raises:
        UsageError: the guard is off and others could reach it. StorageError: the port is taken.
    """
    check_exposure(app.intake.guard.mode, socket.getsockname()[0] if socket else host)
    bound = socket or open_socket(host, port)
    address = bound.getsockname()
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    errors, discreet = logging.getLogger("uvicorn.error"), _Discreet()
    errors.addFilter(discreet)
    former = {number: signal.signal(number, _quiet) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        _Server(config, lambda: listening(address[0], address[1])).run(sockets=[bound])
    finally:
        errors.removeFilter(discreet)
        for number, handler in former.items():
            signal.signal(number, handler)
        bound.close()
        app.intake.store.close()


class _Discreet(logging.Filter):
    """Takes out of the server's own log what an error says, since that may quote what somebody sent; its place stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is not None:
            record.msg = f"{record.getMessage().strip()}: {type(error).__name__} at {', '.join(places_of(error))}"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True


def _quiet(number: int, frame: FrameType | None) -> Any:
    """uvicorn raises the signal again when it is done; without this the process would end as if killed."""
