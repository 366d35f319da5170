"""Bound templates as code, kept from one build for the next: binding them anew costs more than the pages of a small change.

A shelf belongs to one look of a publication (program, theme, configuration, assets), so nothing on it is ever out of date.
"""

import hashlib
import marshal
import os
import shutil
from contextlib import suppress
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from threading import get_ident
from types import CodeType


def _head(packed: bytes) -> bytes:
    """What stands before packed code: which Python made it, and its sum."""
    return MAGIC_NUMBER + hashlib.sha256(packed).digest()


_HEAD_BYTES = len(_head(b""))


class TemplateShelf:
    """The templates of one look, in a folder that is only ours; several processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        """`folder` is named after the look; it is made when something is kept. Its neighbours are shelves of other looks."""
        self._folder = folder

    @property
    def is_there(self) -> bool:
        """True where an earlier build has kept something."""
        return self._folder.is_dir()

    def recall(self, name: str) -> CodeType | None:
        """The code that was kept as `name`; `None` where it was not, is damaged, or is of another Python."""
        try:
            content = self._file(name).read_bytes()
        except OSError:
            return None
        packed = content[_HEAD_BYTES:]
        if content[:_HEAD_BYTES] != _head(packed):
            return None
        code: CodeType = marshal.loads(packed)  # noqa: S302  (ours, and whole)
        return code

    def keep(self, name: str, code: CodeType) -> None:
        """Keeps code for later builds; where it cannot be written, they make it anew."""
        packed = marshal.dumps(code)
        file = self._file(name)
        beside = file.with_name(f"{file.name}.{os.getpid()}-{get_ident()}")
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(_head(packed) + packed)
            beside.replace(file)

    def drop_others(self) -> None:
        """Removes the shelves of former looks."""
        with suppress(FileNotFoundError):
            for other in self._folder.parent.iterdir():
                if other != self._folder:
                    shutil.rmtree(other)

    def _file(self, name: str) -> Path:
        return self._folder / hashlib.sha256(name.encode()).hexdigest()[:32]
