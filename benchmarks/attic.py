"""Where outputs go that nobody needs any more, so that no run is measured on a disk that has just lost many files.

ext4 gives no inode away again for a minute after its file was removed, and for five more while that is not written out:
whoever makes a file meanwhile walks past all of these, one by one. On the machine of our figures a file then took 70 to
550 µs instead of 18.
"""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SECONDS_TO_FORGET = 360.0
MANY_FILES = 10_000
"""Of so many removed files the time is kept; fewer are not felt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attic:
    """A folder of the disk that outputs are moved to; `tell` says to the person who waits what is waited for.

    When many files were removed is kept in a file beside it, for the next one who measures here.
    """

    folder: Path
    tell: Callable[[str], None] = lambda _: None

    def put(self, output: Path) -> None:
        """Takes an output and the state beside it out of the way; what lies on another disk is removed at once."""
        for folder in (output, output.with_name(f"{output.name}.state")):
            if not folder.exists():
                continue
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                folder.rename(self.folder / f"{len(list(self.folder.iterdir()))}")
            except OSError:  # of another file system, which is memory
                shutil.rmtree(folder)

    def clear(self) -> None:
        """Removes all that was put here."""
        self.remove(self.folder)

    def remove(self, folder: Path) -> None:
        """Removes a folder of the disk."""
        number = sum(len(files) for _, _, files in os.walk(folder))
        shutil.rmtree(folder, ignore_errors=True)
        if number >= MANY_FILES:
            self._mark.touch()

    def rest(self) -> None:
        """Waits until the disk has forgotten the files that were removed."""
        with suppress(FileNotFoundError):
            left = self._mark.stat().st_mtime + SECONDS_TO_FORGET - time.time()
            if left > 0:
                self.tell(f"waiting {left:.0f} s, because many files were removed from this disk")
                time.sleep(left)
            self._mark.unlink()

    @property
    def _mark(self) -> Path:
        return self.folder.with_name(f".{self.folder.name}-cleared")
