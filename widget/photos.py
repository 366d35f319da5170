"""Photographs on their way in: looked at by their heads here, drawn anew by bounded processes beside.

What is kept of a file are its pixels on an empty sheet; the file itself is never stored. A file that claims too much is
refused before anything opens it; one that keeps a process busy for too long costs that process and nothing else.
"""

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from nok.picture_heads import LARGE_SIDE, PictureError, check_head
from widget.photo_worker import receive, send

LONGEST_SECONDS = 10.0
"""A picture that is not drawn by then is refused, and its process ended."""
WORKERS = 2
MOST_WAITING = 20
"""So many pictures may wait to be drawn; more are to be sent later."""
_ROOT = Path(__file__).resolve().parent.parent

Box = tuple[float, float, float, float]
"""Left, top, width and height of a part that is blurred, each from 0 to 1 of the picture."""


class CrowdedError(Exception):
    """Too many pictures wait to be drawn; sending later is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture drawn anew: a JPEG, its size in pixels, and the SHA-256 of the file that it was made from."""

    content: bytes
    width: int
    height: int
    sent_sha256: str


class Workshop:
    """Draws pictures anew, some at a time; processes start when the first picture comes."""

    def __init__(self, seconds: float = LONGEST_SECONDS) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="photos")
        self._own = threading.local()
        self._all: set[subprocess.Popen[bytes]] = set()
        self._waiting = 0
        self._lock = threading.Lock()

    def draw(self, content: bytes, boxes: Sequence[Box] = ()) -> "Future[Drawn]":
        """The picture in `content`, upright and at most `LARGE_SIDE` on its longer side, with `boxes` blurred.

        Raises:
            PictureError: what the head of the file says is refused; the future raises it for all else.
            CrowdedError: too many wait.
        """
        check_head(content)
        with self._lock:
            if self._waiting >= MOST_WAITING:
                raise CrowdedError
            self._waiting += 1
        future = self._threads.submit(self._draw, content, boxes)
        future.add_done_callback(self._done)
        return future

    def close(self) -> None:
        """Ends the processes."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in list(self._all):
            _end(process)

    def _done(self, _: "Future[Drawn]") -> None:
        with self._lock:
            self._waiting -= 1

    def _draw(self, content: bytes, boxes: Sequence[Box]) -> Drawn:
        process = self._process()
        clock = threading.Timer(self._seconds, process.kill)
        clock.start()
        try:
            assert process.stdin is not None  # noqa: S101  it is a pipe
            assert process.stdout is not None  # noqa: S101  so is this
            send(process.stdin, {"longest": LARGE_SIDE, "boxes": [list(box) for box in boxes]}, content)
            answer = receive(process.stdout)
        except OSError:
            answer = None
        finally:
            clock.cancel()
        if answer is None:
            self._drop(process)
            raise PictureError("photo-damaged")
        head, drawn = answer
        if "rule" in head:
            raise PictureError(head["rule"], head["found"], head["maximum"])
        sent = hashlib.sha256(content).hexdigest()
        return Drawn(content=drawn, width=head["width"], height=head["height"], sent_sha256=sent)

    def _process(self) -> "subprocess.Popen[bytes]":
        """The process of this thread, a new one where the last was ended."""
        process: subprocess.Popen[bytes] | None = getattr(self._own, "process", None)
        if process is None or process.poll() is not None:
            process = subprocess.Popen(
                [sys.executable, "-m", "widget.photo_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,
                env={"PYTHONPATH": str(_ROOT), "PATH": os.defpath},
                close_fds=True,
            )
            self._own.process = process
            self._all.add(process)
        return process

    def _drop(self, process: "subprocess.Popen[bytes]") -> None:
        self._own.process = None
        self._all.discard(process)
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue  # what was not yet written has nobody to go to
