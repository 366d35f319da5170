"""A visitor in a loop: `fault_reader.py ROOT STOP REPORT PATH…`; ROOT is `http://…` or the folder `current`.

A visit is a page, the styles and scripts that it names, and what is asked for besides. Whatever is read is noted by its
hash, so that it can be held against the releases afterwards; the visit ends when the file STOP is there.
"""

import hashlib
import http.client
import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import urlsplit

LINK = re.compile(rb'(?:href|src)="([^"]*static/[^"]+)"')

PAUSE_SECONDS = float(os.environ.get("NOK_VISITORS_PAUSE", "0.002"))

Read = Callable[[str], bytes]


def by_http(root: str) -> Callable[[], Read]:
    connection = http.client.HTTPConnection(urlsplit(root).netloc, timeout=20)

    def read(path: str) -> bytes:
        connection.request("GET", f"/{path}", headers={"Accept-Encoding": "identity"})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise FileNotFoundError(f"{answer.status} {path}")
        return content

    return lambda: read


def by_files(root: str) -> Callable[[], Read]:
    def visit() -> Read:
        slot = Path(os.path.realpath(root))
        return lambda path: (slot / path).read_bytes()

    return visit


def main() -> None:
    root, stop, report, *paths = sys.argv[1:]
    visit, chance = (by_http(root) if root.startswith("http") else by_files(root)), random.Random(os.getpid())
    seen: dict[str, Counter[str]] = {}
    failures: list[str] = []
    while not Path(stop).exists():
        read = visit()
        page = chance.choice([path for path in paths if path.endswith(".html")])
        wanted = [page, *chance.sample(paths, 4)]
        for number, path in enumerate(wanted):
            try:
                content = read(path)
            except (OSError, http.client.HTTPException) as error:
                failures.append(f"{path}: {error!r}")
                visit = by_http(root) if root.startswith("http") else visit
                continue
            seen.setdefault(path, Counter())[hashlib.sha256(content).hexdigest()] += 1
            if number == 0:
                wanted += sorted({normpath(join(dirname(path), link.decode())) for link in LINK.findall(content)})
        time.sleep(PAUSE_SECONDS)
    Path(report).write_text(json.dumps({"seen": seen, "failures": failures}), "utf-8")


if __name__ == "__main__":
    main()
