"""A feed as Atom (RFC 4287)."""

import re
from functools import lru_cache
from html import escape

from nok.model import Feed, FeedEntry

MOST_BYTES = 6_000
"""A feed is a by-product of a page: the oldest entries go first where the texts are long."""

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""


def atom_bytes(feed: Feed) -> bytes:
    """The document; at least its newest entry is there."""
    kept = [_head(feed).encode()]
    size = len(kept[0]) + len(_TAIL)
    for entry in feed.entries:
        text = _entry(entry).encode()
        size += len(text)
        if len(kept) > 1 and size > MOST_BYTES:
            break
        kept.append(text)
    return b"".join((*kept, _TAIL))


_TAIL = b"</feed>\n"


def _head(feed: Feed) -> str:
    updated = max(entry.day for entry in feed.entries)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={_quoted(feed.language)}>\n'
        f"<id>{feed.id}</id>\n<title>{_text(feed.title)}</title>\n<updated>{_instant(updated)}</updated>\n"
        f"<author><name>{_text(feed.author)}</name></author>\n"
        f'<link rel="self" type="application/atom+xml" href={_quoted(feed.href)}/>\n'
        f'<link rel="alternate" type="text/html" href={_quoted(feed.page)}/>\n'
    )


def _entry(entry: FeedEntry) -> str:
    content = f'<content type="text">{_text(entry.text)}</content>' if entry.text else ""
    return (
        f"<entry><id>{entry.id}</id><title>{_title(entry.title)}</title><updated>{_instant(entry.day)}</updated>"
        f'<link rel="alternate" type="text/html" href={_quoted(entry.href)}/>{content}</entry>\n'
    )


def _instant(day: str) -> str:
    """A day as Atom wants it: nobody knows the hour, and a feed must not follow the time zone of a machine."""
    return f"{day}T00:00:00Z"


def _text(text: str) -> str:
    return escape(text if text.isprintable() else _NO_XML.sub("", text), quote=False)


_title = lru_cache(maxsize=1_000)(_text)
"""The reviews of a country have a handful of titles."""


@lru_cache(maxsize=1_000)  # that of a page is asked for with each of its entries
def _quoted(text: str) -> str:
    """An attribute. The library for XML would bring a client for the network with it into every process."""
    return f'"{escape(text)}"'
