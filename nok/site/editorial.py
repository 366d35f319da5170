"""The texts of editors as Pelican has read them, kept for builds in which none of them has changed.

To start Pelican takes as long as the pages of a small change. What is kept is taken only where nothing that Pelican was
given is another now: program, theme, configuration, texts; and where it is whole.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from nok.site.files import replace_file


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorialText:
    """One text of an editor. `body` is HTML whose links are relative to `path`; `day` is given for news only."""

    path: str
    language: str
    slug: str
    title: str
    summary: str
    body: str
    day: date | None
    borrowed_from: str = ""
    """The language it is in, where nobody has written it in that of its page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Editorial:
    """All texts, and the feed of each language (path to bytes)."""

    texts: tuple[EditorialText, ...]
    feeds: dict[str, bytes]

    def news(self, language: str) -> list[EditorialText]:
        """News of a language, newest first."""
        found = [text for text in self.texts if text.day is not None and text.language == language]
        return sorted(found, key=lambda text: (text.day or date.min, text.slug), reverse=True)


def asked_of(content: Path, *said: str) -> str:
    """A hash of all that Pelican is given: what is `said`, and the texts below `content`."""
    found = hashlib.sha256("\0".join(said).encode())
    for kind in ("news", "pages"):
        folder = content / kind
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            text = file.read_bytes()
            found.update(f"\0{kind}/{file.relative_to(folder).as_posix()}\0{len(text)}\0".encode() + text)
    return found.hexdigest()


def recall_texts(kept: Path, asked: str) -> Editorial | None:
    """What was kept in a file for the same question; `None` where it was not, or is damaged."""
    try:
        head, _, content = kept.read_bytes().partition(b"\n")
    except OSError:
        return None
    if head != _head(asked, content):
        return None
    found: dict[str, Any] = json.loads(content)
    texts = (EditorialText(**text) for text in found["texts"])
    dated = (replace(text, day=date.fromisoformat(str(text.day)) if text.day else None) for text in texts)
    return Editorial(texts=tuple(dated), feeds={path: feed.encode() for path, feed in found["feeds"].items()})


def keep_texts(kept: Path, asked: str, editorial: Editorial) -> None:
    """Keeps it in a file for later builds; where it cannot be written, they ask Pelican."""
    feeds = {path: feed.decode() for path, feed in editorial.feeds.items()}
    content = json.dumps({"texts": [asdict(text) for text in editorial.texts], "feeds": feeds}, default=str).encode()
    with suppress(OSError):
        replace_file(kept, _head(asked, content) + b"\n" + content)


def _head(asked: str, content: bytes) -> bytes:
    """What stands before kept texts: a sum of the question and of them."""
    return hashlib.sha256(asked.encode() + content).hexdigest().encode()
