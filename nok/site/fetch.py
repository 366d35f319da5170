"""What `verify` needs of a site or release on the web, fetched into a folder in the shape that it has there."""

import csv
import http.client
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, quote, urlsplit

from nok import urls
from nok.errors import Said, StorageError, UsageError
from nok.packages.delta import CHANGES
from nok.site.progress import Progress, Stage, Tell
from nok.site.sums import SIGNATURE, SUMS, is_below, is_folder_name

_THREADS = 8
_SECONDS = 30
_MOST_BYTES = 8 * 1024**3
"""Of one file: no table is larger."""
_PIECE = 1 << 20


def fetch_place(address: str, folder: Path, tell: Tell) -> Path:
    """Fetches the site or the release at `address`; the folder to verify. What is not there is left out.

    Raises:
        UsageError: it is no address that can be fetched.
        StorageError: the other side does not answer.
    """
    parts = _parts(address)
    with _Connection(address) as site:
        root = folder / "site"
        if site.fetch("build.json", root / "build.json"):
            _fetch_data(site, root, tell)
            _fetch_records(address, root, tell)
            return root
        place = folder / "data" / _named(parts.path)
        _fetch_listed(site, "", place)
        for name in ("minisign.pub", "rules.json"):
            site.fetch(f"../../{name}", folder / "data" / name)
        return place


def _parts(address: str) -> SplitResult:
    with suppress(ValueError):
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    raise UsageError("address-expected", address=address)


def _named(path: str) -> Path:
    """The package and version that the address of a release ends with, as folders."""
    package, version = ["release", "release", *(part for part in path.split("/") if part not in ("", ".", ".."))][-2:]
    return Path(package, version)


def _fetch_data(site: "_Connection", root: Path, tell: Tell) -> None:
    """The newest release of each package, the changes since, rules and key."""
    for path in (urls.data_rules(), urls.data_key()):
        site.fetch(path, root / path)
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        for name in json.loads((root / "build.json").read_bytes())["packages"]:
            if not is_folder_name(name):
                continue  # it would be written elsewhere; `verify` refuses such a site
            for version in ("latest", CHANGES):
                tell(Stage(what=Said("stage-fetching", name=name, version=version)))
                place = f"data/{name}/{version}/"
                _fetch_listed(site, place, root / place)


def _fetch_listed(site: "_Connection", place: str, folder: Path) -> None:
    """A list of checksums, its signature and every file that it lists."""
    if not site.fetch(place + SUMS, folder / SUMS):
        return
    site.fetch(place + SIGNATURE, folder / SIGNATURE)
    for line in (folder / SUMS).read_text("utf-8", "replace").splitlines():
        name = line.partition("  ")[2]
        if is_below(name):
            site.fetch(place + name, folder / name)


def _fetch_records(address: str, root: Path, tell: Tell) -> None:
    """The JSON of every organisation of the tables, and the sums; several at a time."""
    paths = [path for path in _record_paths(root) if is_below(path)]
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for path in paths:
        waiting.put(path)
    crew = _Crew(address, root, waiting, Progress(Said("stage-records"), len(paths), tell))
    threads = [threading.Thread(target=crew.work) for _ in range(min(_THREADS, len(paths)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if crew.failures:
        raise crew.failures[0]


def _record_paths(root: Path) -> Iterator[str]:
    try:
        shards = int(json.loads((root / urls.data_rules()).read_bytes())["options"]["address_shards"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        shards = 0
    rows = {row["organization_id"]: row for row in _organizations(root)}
    for name, row in rows.items():
        yield urls.organization_json(row["region_code"], name, shards)
    for ending in ("json", "csv"):
        for region in sorted({row["region_code"] for row in rows.values()}):
            yield urls.region_aggregates(region, ending)
        for sphere in sorted({row["sphere"] for row in rows.values()}):
            yield urls.sphere_aggregates(sphere, ending)


class _Crew:
    """Threads that fetch what waits, each over a connection of its own; the first failure ends them all."""

    def __init__(self, address: str, root: Path, waiting: "queue.SimpleQueue[str]", progress: Progress) -> None:
        self._address, self._root, self._waiting, self._progress = address, root, waiting, progress
        self._lock = threading.Lock()
        self.failures: list[Exception] = []

    def work(self) -> None:
        try:
            with _Connection(self._address) as own:
                while not self.failures:
                    path = self._waiting.get_nowait()
                    own.fetch(path, self._root / path)
                    with self._lock:
                        self._progress.advance(1)
        except queue.Empty:
            return
        except (OSError, StorageError) as error:
            self.failures.append(error)


def _organizations(root: Path) -> Iterator[dict[str, str]]:
    """Rows of organisations of the newest releases and of the changes since, those that are gone too."""
    for version in ("latest", CHANGES):
        for file in sorted(root.glob(f"data/*/{version}/organizations.csv")):
            with suppress(UnicodeDecodeError, csv.Error), file.open(encoding="utf-8", newline="") as stream:
                for row in csv.DictReader(stream):
                    if row.get("region_code") and row.get("organization_id"):
                        yield {name: row.get(name) or "" for name in ("organization_id", "region_code", "sphere")}


class _Connection:
    """One connection to a site, kept open between files."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address if address.endswith("/") else f"{address}/")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._address, self._root = address, parts.path
        self._connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def fetch(self, path: str, target: Path) -> bool:
        """Puts what stands at `path` at `target`; false where nothing does.

        Raises:
            StorageError: the other side does not answer, or answers with a failure of its own.
        """
        try:
            return self._fetch(path, target)
        except (http.client.HTTPException, ConnectionError):
            self._connection.close()  # an idle connection was closed by the other side: once more
        except OSError as error:
            raise self._refused(path, error) from error
        try:
            return self._fetch(path, target)
        except (http.client.HTTPException, OSError) as error:
            raise self._refused(path, error) from error

    def _fetch(self, path: str, target: Path) -> bool:
        whole = self._root
        while path.startswith("../"):
            path, whole = path[3:], whole.rstrip("/").rpartition("/")[0] + "/"
        self._connection.request("GET", whole + quote(path), headers={"Accept-Encoding": "identity"})
        answer = self._connection.getresponse()
        if answer.status != http.client.OK:
            answer.read()
            if answer.status >= http.client.INTERNAL_SERVER_ERROR:
                raise self._refused(path, f"{answer.status} {answer.reason}")
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        size = 0
        with target.open("wb") as file:
            while piece := answer.read(_PIECE):
                size += file.write(piece)
                if size > _MOST_BYTES:
                    raise self._refused(path, Said("fetched-large"))
        return True

    def _refused(self, path: str, reason: object) -> StorageError:
        return StorageError("fetch-failed", place=self._address, path=path or "/", reason=reason)
