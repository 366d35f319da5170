"""Whether two generators made the same pages: `python -m benchmarks.compare OURS THEIRS [--pages 100]`.

Compared is what a browser is given: elements in their order, attributes by name, text with its spaces made one. How a
character is escaped, the order of attributes and spaces between elements do not count.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path

_SPACE = re.compile(r"\s+")


class _Events(HTMLParser):
    """The document as a list of what follows what; neighbouring texts are one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._texts: list[str] = []
        self._is_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end_text()
        self._is_script = tag == "script"
        self.found.append(" ".join([f"<{tag}", *sorted(f"{name}={value!r}" for name, value in attrs)]))

    def handle_endtag(self, tag: str) -> None:
        self._end_text()
        self._is_script = False
        self.found.append(f"</{tag}")

    def handle_data(self, data: str) -> None:
        self._texts.append(data)

    def _end_text(self) -> None:
        text, self._texts = _SPACE.sub(" ", "".join(self._texts)).strip(), []
        if text:
            self.found.append(str(json.loads(text)) if self._is_script else text)

    def all(self) -> list[str]:
        self._end_text()
        return self.found


def read_page(text: str) -> list[str]:
    """The events of a document.

    >>> read_page('<p  b="2" a="1">a &amp;\\n b</p>')
    ["<p a='1' b='2'", 'a & b', '</p']
    """
    events = _Events()
    events.feed(text)
    events.close()
    return events.all()


def differences(ours: Path, theirs: Path, pages: int) -> Iterator[str]:
    """Sentences on what differs among `pages` pages, spread over all of ours; none where they are the same."""
    files = sorted(path.relative_to(ours) for path in ours.rglob("*.html"))
    every = max(1, len(files) // pages)
    for file in files[::every]:
        other = theirs / file
        if not other.is_file():
            yield f"{file}: the other one did not write it"
            continue
        pair = zip_longest(
            read_page((ours / file).read_text("utf-8")), read_page(other.read_text("utf-8")), fillvalue=""
        )
        found = next(((mine, its) for mine, its in pair if mine != its), None)
        if found:
            yield f"{file}: {found[0][:200]!r} here, {found[1][:200]!r} there"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the differences; 1 where there are some."""
    parser = argparse.ArgumentParser(prog="benchmarks.compare", description=__doc__, allow_abbrev=False)
    parser.add_argument("ours", type=Path)
    parser.add_argument("theirs", type=Path)
    parser.add_argument("--pages", type=int, default=100)
    options = parser.parse_args(arguments)
    found = list(differences(options.ours, options.theirs, options.pages))
    print("\n".join(found[:20]) or "the same pages")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
