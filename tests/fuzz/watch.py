"""One input given to one reader, watched: what would be a fault of ours is a `Finding`, everything else is an answer."""

import hashlib
import os
import resource
import shutil
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nok.messages import harmless
from tests.bad.runner import watch
from tests.fuzz.targets import ROOT, Target, publication
from tests.pace import slowness

SECONDS, MEGABYTES = 2.0, 512
"""Of the processor of a good machine, and of memory above what was held before, that one input may cost."""
READABLE = (
    str(ROOT / "nok"),
    str(ROOT / "__editable__"),
    str(ROOT / "content"),
    str(ROOT / "theme" / "words"),
    os.path.realpath(sys.prefix),
    f"{sys.base_prefix}/lib",
    "/usr/lib/",
    "/dev/null",
    "/proc/",
    "/sys/",
)
"""What a program that is already running may still read of itself; nothing that an input could name to its profit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault: its kind (the same for all inputs that come to it), and all that is known of it."""

    kind: str
    text: str


class Judge:
    """Gives inputs to a target, one after another, in a folder that is empty each time."""

    def __init__(self, target: Target, folder: Path, seconds: float = SECONDS) -> None:
        self.target, self._folder, self._seconds = target, folder, seconds
        self._touched: list[str] = []
        self._is_on = False
        folder.mkdir(parents=True, exist_ok=True)
        sys.addaudithook(self._note)
        self._watch = watch(self._touched, folder.resolve(), READABLE)
        publication()  # read once, and not by the first input

    def _note(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._is_on:
            self._watch(event, arguments)

    def judge(self, data: bytes) -> Finding | None:
        """What is wrong with the answer to `data`; `None`: nothing."""
        place = self._folder / "run"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        self._touched.clear()
        _forget_peak()
        held, began, self._is_on = _megabytes(), time.process_time(), True
        try:
            found = self._answer(data, place)
        finally:
            self._is_on = False
        return found or self._cost(time.process_time() - began, _megabytes() - held)

    def _answer(self, data: bytes, place: Path) -> Finding | None:
        try:
            sentences = self.target.run(data, place)
        except self.target.refusals as error:
            sentences = [harmless(str(error)) or type(error).__name__]  # as the command line shows it
        except Exception as error:  # noqa: BLE001  whatever else is raised is what is looked for
            return Finding(kind=_kind(error), text="".join(traceback.format_exception(error)))
        if self._touched:
            return Finding(kind=f"touched {self._touched[0].split()[0]}", text="\n".join(self._touched))
        for sentence in sentences:
            if not sentence.strip() or _has_control(sentence) or not _can_be_said(sentence):
                return Finding(kind="sentence", text=ascii(sentence))
        return None

    def _cost(self, seconds: float, megabytes: int) -> Finding | None:
        if seconds > self._seconds and seconds > self._seconds * slowness():
            return Finding(kind="slow", text=f"{seconds:.1f} s of the processor")
        if megabytes > MEGABYTES:
            return Finding(kind="memory", text=f"{megabytes} MB more than before")
        return None


def _forget_peak() -> None:
    """What this process held at most before, which may have been much, says nothing of the next input."""
    with suppress(OSError):  # where the system has no such file, only what is more than ever is seen
        Path("/proc/self/clear_refs").write_text("5", "ascii")


def _megabytes() -> int:
    """The most that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _kind(error: BaseException) -> str:
    """The type of an error and the last place of ours that it went through."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "/nok/" in frame.filename or "/widget/" in frame.filename or "/tests/fuzz/" in frame.filename
    ]
    where = f"{Path(ours[-1].filename).name}:{ours[-1].name}" if ours else "elsewhere"
    return f"{type(error).__name__} {where}"


def _can_be_said(sentence: str) -> bool:
    """False for halves of characters, over which a terminal's encoder falls."""
    try:
        sentence.encode()
    except UnicodeEncodeError:
        return False
    return True


def _has_control(sentence: str) -> bool:
    """Control characters drive a terminal; a line break does not."""
    return any((character < " " and character not in "\n\t") or character == "\x7f" for character in sentence)


def keep(folder: Path, found: Finding, data: bytes) -> Path:
    """Writes an input and what it came to, one of a kind; the file of the input."""
    name = hashlib.sha256(found.kind.encode()).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.input"
    if not file.exists() or file.stat().st_size > len(data):
        file.write_bytes(data)
        (folder / f"{name}.txt").write_text(f"{found.kind}\n{found.text}\n", "utf-8", "backslashreplace")
    return file
