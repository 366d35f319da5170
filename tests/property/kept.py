"""What is kept may lose what people said or sent that is published no more, and nothing else: slots, released data.

The rules are told from the files that readers get, not from what the program remembers of them. A kept file of a slot may
only go, or become that of the published slot, and only beside a saying that the published slot lacks. A release may only
lose rows of what is said no more, and with them the files that repeat or sum up these rows.
"""

import csv
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.property.small_publication import stamps, tree

_SAYINGS = {
    "reviews": ("review_id", "text"),
    "replies": ("review_id", "text"),
    "review_photos": ("review_id", "published_copy"),
    "observation_photos": ("photo_sha256", "published_copy"),
}
"""Table of an organisation's data to what tells one of its sayings from another."""

_OF_ORGANIZATION = re.compile(
    r"(?:[a-z]{2}/)?o/(?P<region>[^/]+)/(?:[0-9a-f]{2}/)?(?P<one>[^/.]+)\.[^/]+|photos/(?P<sent>[^/]+/[^/]+)/[^/]+"
)
_OF_REGION = re.compile(r"(?:regions/(?P<feed>[^/]+)/feed\.atom|api/v1/regions/(?P<list>[^/]+)/reviews-\d+\.json)")
_OBSERVED = re.compile(r"observed/[^/]+/[^/]+")
_RELEASED = re.compile(r"(?:[a-z]{2}/)?(?:data|opendata)/.+|api/v1/changes\.json")
_RELEASE = re.compile(r"data/[^/]+/(?!latest/|changes/)[^/]+/.+")

Saying = tuple[str, str, str]


@dataclass(frozen=True)
class Snapshot:
    """A slot at one moment: `files` is path to (hash, mode), `when` path to (inode, time of change), `said` the place of
    an organisation (region and identifier) to what is said of it there, `told` each table of changes since a release to
    its lines about what people said."""

    files: Mapping[str, tuple[str, int]]
    when: Mapping[str, tuple[int, int]]
    said: Mapping[str, frozenset[Saying]]
    told: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, slot: Path) -> "Snapshot":
        said = {_place(file.relative_to(slot).as_posix()): _said(file) for file in slot.glob("o/**/*.json")}
        told = {
            file.relative_to(slot).as_posix(): frozenset(
                line for line in file.read_text("utf-8").splitlines() if not line.startswith("removed,")
            )
            for table in _SAYINGS
            for file in slot.glob(f"data/*/changes/{table}.csv")
        }
        return cls(files=tree(slot), when=stamps(slot), said=said, told=told)


def _place(path: str) -> str:
    """The organisation to which a file belongs, as region and identifier; empty for any other file."""
    found = _OF_ORGANIZATION.fullmatch(path)
    return (found["sent"] or f"{found['region']}/{found['one']}") if found else ""


def _said(file: Path) -> frozenset[Saying]:
    found = json.loads(file.read_text("utf-8"))
    return frozenset(
        (table, str(row[key]), str(row.get(text, "")))
        for table, (key, text) in _SAYINGS.items()
        for row in found.get(table, ())
    )


def _altered(was: Snapshot, now: Snapshot) -> set[str]:
    """The paths at which the two have not the same file."""
    paths = {*was.files, *now.files}
    return {path for path in paths if was.files.get(path) != now.files.get(path)}


def rewritten(was: Snapshot, now: Snapshot) -> list[str]:
    """The files that were written again and are the same; not a picture that another organisation has now."""
    before, after = _owners(was), _owners(now)
    return [
        path
        for path, file in was.files.items()
        if now.files.get(path) == file and now.when[path] != was.when[path] and before.get(path) == after.get(path)
    ]


def _owners(one: Snapshot) -> dict[str, str]:
    """The published copy of each picture of an observer to the place of the organisation that shows it."""
    return {copy: place for place, said in one.said.items() for table, _, copy in said if table == "observation_photos"}


def unmeant(was: Snapshot, now: Snapshot, published: Snapshot) -> list[str]:
    """The files of a kept slot that became others without need, or became what nobody published."""
    lost = {place for place, said in was.said.items() if said - published.said.get(place, frozenset())}
    is_data_cleaned = any(
        published.files.get(path, file) != file for path, file in was.files.items() if _RELEASE.fullmatch(path)
    ) or any(lines - published.told.get(path, frozenset()) for path, lines in was.told.items())
    return sorted(
        path
        for path in _altered(was, now)
        if not (_may_change(path, lost) or (is_data_cleaned and _RELEASED.fullmatch(path)))
        or now.files.get(path) not in (None, published.files.get(path))
    )


def _may_change(path: str, lost: set[str]) -> bool:
    """Beside an organisation of which less is said: its pages and photographs, the feed and the lists of its region, and
    pictures of observers."""
    if place := _place(path):
        return place in lost
    if found := _OF_REGION.fullmatch(path):
        return (found["feed"] or found["list"]) in {place.partition("/")[0] for place in lost}
    return bool(_OBSERVED.fullmatch(path)) and bool(lost)


# ---- released data ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Release:
    """A release at one moment: `files` is path to (hash, mode), `rows` each table of sayings to its rows as pairs."""

    files: Mapping[str, tuple[str, int]]
    rows: Mapping[str, frozenset[tuple[tuple[str, str], ...]]]

    @classmethod
    def of(cls, folder: Path) -> "Release":
        rows = {}
        for table in _TABLES:
            file = folder / f"{table}.csv"
            lines = file.read_text("utf-8").splitlines() if file.exists() else []
            rows[table] = frozenset(tuple(row.items()) for row in csv.DictReader(lines))
        return cls(files=tree(folder), rows=rows)


def taken_out(was: Release, now: Release, is_said: Callable[[str, Mapping[str, str]], bool]) -> list[str]:
    """What a release lost or got without need: files, and rows that are said today or were not there before."""
    found = [path for path in sorted({*was.files, *now.files}) if was.files.get(path) != now.files.get(path)]
    wrong = [path for path in found if not _REPEATS.fullmatch(path)]
    lost = [(table, dict(row)) for table in _TABLES for row in was.rows[table] - now.rows[table]]
    wrong += [f"{table} {row}" for table, row in lost if is_said(table, row)]
    got = [dict(row) for table in _TABLES for row in now.rows[table] - was.rows[table]]
    wrong += [f"{row}" for row in got if row.get("state") != "restricted" or row["text"]]
    return wrong + (found if not lost else [])


_TABLES = ("reviews", "replies", "review_photos")
_REPEATS = re.compile(
    rf"(?:regions/[^/]+/)?(?:{'|'.join(_TABLES)})\.[a-z]+|CHANGES\.txt|SHA256SUMS|datapackage\.json|csv-metadata\.json"
)
"""Files of a release that repeat these tables, or tell how large they are."""
