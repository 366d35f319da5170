"""Filling the warehouse from checked packages: everything once, and afterwards only what has changed.

A whole country is put in order without ever being in memory: rows are spilt into buckets of neighbouring organisations,
and each bucket is packed by itself, by whichever worker is free.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing, suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from nok.packages import segments as tables
from nok.packages.segments import Buckets, Part, read_bucket
from nok.records import OF_REVIEWS, Status
from nok.storage import storage_errors
from nok.warehouse_course import derive_course, store_course
from nok.warehouse_derive import Bearings, Derived, derive_group, derive_peers, store_peers
from nok.warehouse_pack import Computing, Facts, Packing
from nok.warehouse_rows import (
    ARRIVING,
    FACT,
    INDEXES,
    LATE_INDEXES,
    OWNED,
    TABLES,
    Segment,
    Sources,
    assessment_rows,
    bearings_of,
    drop_notes,
    frame_of,
    hide,
    limits_of,
    note,
    notes_of,
    organization_rows,
    pack,
    package_row,
    packing_of,
    region_rows,
    small_rows,
    store_packed,
)
from nok.warehouse_update import Loading, keep_altered, update_warehouse

OWNERS_PER_BUCKET = 2_000
"""So many organisations are packed at once; their rows are in memory."""


def fill_warehouse(
    path: Path,
    sources: Sources,
    executor: Executor | None = None,
    *,
    anew: bool = False,
    reached: Callable[[int, int], None] = lambda _done, _total: None,
) -> Loading:
    """Makes the store at `path` say what `sources` say; a failure leaves it as it was.

    With an `executor` its workers share the packing of a whole country; they must see the same files. `reached` hears how
    many organisations are packed, and of how many, where the whole store is made.

    Raises:
        StorageError: the disk is full or refuses.
    """
    path = path.absolute()  # workers may stand in another folder
    path.parent.mkdir(parents=True, exist_ok=True)
    with storage_errors(path):
        _clear(path)
        _finish_journal(path)
        if not anew and path.exists():
            loading = update_warehouse(path, sources)
            if loading is not None:
                return loading
        return _load(path, sources, executor, reached)


# ---- everything ----------------------------------------------------------------------------------------------------


def _load(path: Path, sources: Sources, executor: Executor | None, reached: Callable[[int, int], None]) -> Loading:
    """Makes the whole store anew beside its place and puts it there at once."""
    beside, buckets = _beside(path), _buckets(path)
    segments = sources.segments()
    is_kept = sources.owners is None
    noted = [(part, notes_of(path, segment)) for segment, part in segments.values()] if is_kept else []
    noting = _each(executor, note, noted)
    with closing(_open_new(beside)) as base:
        base.execute("BEGIN")
        numbers = _numbers(path, segments)
        _write_small(base, sources, segments, numbers)
        number = _write_organizations(base, segments, numbers, sources.owners)
        base.execute("COMMIT")
        _spill(base, buckets, segments, numbers)
        packing, bearings = packing_of(base, sources), bearings_of(base, sources.methods)
        limits = limits_of(base, sources.methods)
        regions = [code for (code,) in base.execute("SELECT DISTINCT region_code FROM organizations ORDER BY 1")]
    for _ in noting:
        pass
    calls = [(beside, buckets, bucket, packing) for bucket in range(number // OWNERS_PER_BUCKET + 1)]
    for done, _ in enumerate(_each(executor, _pack_bucket, calls), start=1):
        reached(min(done * OWNERS_PER_BUCKET, number), number)
    shutil.rmtree(buckets)
    started = time.perf_counter()
    for _ in _each(executor, _derive_region, [(beside, region, bearings, limits) for region in regions]):
        pass
    with closing(_open(beside)) as base:
        base.execute("BEGIN")
        for index in LATE_INDEXES:
            base.execute(index)
        for region_code, sphere in base.execute("SELECT DISTINCT region_code, sphere FROM organizations").fetchall():
            derive_group(base, region_code, sphere, bearings)
        scoring_seconds = time.perf_counter() - started
        if not keep_altered(base, path, segments):
            base.execute("INSERT INTO meta VALUES ('unsure', '')")
        base.execute("INSERT INTO meta VALUES ('frame', ?)", (frame_of(sources),))
        base.execute("COMMIT")
    _put_in_place(beside, path)
    drop_notes(path, segments)
    return Loading(is_full=True, organizations=number, scoring_seconds=scoring_seconds)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _buckets(path: Path) -> Path:
    return path.with_name(f".{path.name}.buckets")


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _clear(path: Path) -> None:
    """Removes what a loading that was killed had begun."""
    shutil.rmtree(_buckets(path), ignore_errors=True)
    for file in (_beside(path), _journal(_beside(path))):
        file.unlink(missing_ok=True)


def _finish_journal(path: Path) -> None:
    """Takes back what an update that was killed had begun: its journal must not outlive the store it belongs to."""
    if _journal(path).exists():
        with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as base:
            base.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _put_in_place(beside: Path, path: Path) -> None:
    """The store was written without waiting for the disk; it is waited for once, before the store has its name."""
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    _journal(path).unlink(missing_ok=True)  # of a store that was damaged beyond opening
    beside.replace(path)


def _each(executor: Executor | None, function: Callable[..., Any], calls: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
    """The results of all calls; an executor begins with them at once."""
    if executor is None:
        return (function(*call) for call in calls)
    futures = [executor.submit(function, *call) for call in calls]
    return (future.result() for future in futures)


def _open(path: Path) -> sqlite3.Connection:
    """The store for writing; processes that write it at the same time wait for each other."""
    base = sqlite3.connect(path, isolation_level=None, timeout=600)
    base.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-65536; PRAGMA temp_store=FILE;")
    return base


def _open_new(path: Path) -> sqlite3.Connection:
    base = _open(path)
    base.executescript(TABLES)
    return base


def _numbers(path: Path, segments: Mapping[tuple[str, str, str], object]) -> dict[tuple[str, str, str], int]:
    """The number of each segment by its place: that of the store before this one, where it has one. Facts are kept with
    it, so that under another number an organisation would look changed."""
    before: dict[tuple[str, str, str], int] = {}
    if path.exists():
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as old, suppress(sqlite3.DatabaseError):
            rows = old.execute("SELECT id, package, resource, file FROM segments").fetchall()
            before = {(package, resource, file): number for number, package, resource, file in rows}
    known = {place: before[place] for place in segments if place in before}
    free = max(before.values(), default=0) + 1
    return known | {place: number for number, place in enumerate(sorted(segments.keys() - known.keys()), start=free)}


def _write_small(
    base: sqlite3.Connection,
    sources: Sources,
    segments: Mapping[tuple[str, str, str], tuple[Segment, Part]],
    numbers: Mapping[tuple[str, str, str], int],
) -> None:
    """The small tables."""
    base.executemany("INSERT INTO packages VALUES (?, ?, ?, ?, ?)", map(package_row, sources.packages))
    base.executemany("INSERT OR REPLACE INTO regions VALUES (?, ?)", region_rows(sources))
    base.executemany("INSERT INTO assessments VALUES (?, ?, ?, ?, ?)", assessment_rows(sources))
    base.executemany("INSERT INTO small VALUES (?, ?, ?, ?)", small_rows(sources))
    rows = ((numbers[place], *place, segment.sha256) for place, (segment, _) in sorted(segments.items()))
    base.executemany("INSERT INTO segments VALUES (?, ?, ?, ?, ?)", rows)


def _write_organizations(
    base: sqlite3.Connection,
    segments: Mapping[tuple[str, str, str], tuple[Segment, Part]],
    numbers: Mapping[tuple[str, str, str], int],
    owners: Collection[str] | None,
) -> int:
    """All organisations (or those among `owners`), their keys in page order; how many there are."""
    base.execute(f"CREATE TEMP TABLE arriving ({', '.join(ARRIVING)})")
    put = f"INSERT INTO arriving VALUES ({', '.join('?' * len(ARRIVING))})"
    for place, (segment, part) in segments.items():
        if segment.resource == "organizations":
            rows = organization_rows(segment, numbers[place], part, tables.iterate_rows(part))
            base.executemany(put, rows if owners is None else (row for row in rows if row[0] in owners or _hides(row)))
    base.execute(
        f"INSERT INTO organizations (key, {', '.join(ARRIVING)}) SELECT"
        " row_number() OVER (ORDER BY region_code, sort_key, organization_id) - 1,"
        f" {', '.join(ARRIVING)} FROM arriving ORDER BY region_code, sort_key, organization_id"
    )
    base.execute("DROP TABLE arriving")
    for index in INDEXES:
        base.execute(index)
    hide(base)
    return int(base.execute("SELECT count(*) FROM organizations").fetchone()[0])


def _hides(row: Sequence[Any]) -> bool:
    """Whether an organisation is hidden or points to one that may be: without it nobody knows what else is."""
    return row[ARRIVING.index("status")] != Status.PUBLISHED or bool(row[ARRIVING.index("parents")])


def _spill(
    base: sqlite3.Connection,
    folder: Path,
    segments: Mapping[tuple[str, str, str], tuple[Segment, Part]],
    numbers: Mapping[tuple[str, str, str], int],
) -> None:
    """All rows of all organisations in buckets of neighbours."""
    buckets = Buckets(folder, base.execute("SELECT organization_id, key FROM organizations"), OWNERS_PER_BUCKET)
    reviews = [part for segment, part in segments.values() if segment.resource == "reviews"]
    following = [part for segment, part in segments.values() if segment.resource in OF_REVIEWS]
    by_review = buckets.by_identity(reviews, following) if following and reviews else None
    for place, (segment, part) in segments.items():
        if segment.resource in OF_REVIEWS and by_review is not None:
            by_review.spill(segment.resource, part, numbers[place])
        elif segment.resource in OWNED and segment.resource not in OF_REVIEWS:
            buckets.spill(segment.resource, part, numbers[place])


def _pack_bucket(path: Path, folder: Path, bucket: int, packing: Packing) -> None:
    """Packs the organisations of one bucket; a task of its own, since buckets know nothing of each other."""
    streams = {name: _ByOwner(read_bucket(folder, name, bucket)) for name in OWNED}
    low, high = bucket * OWNERS_PER_BUCKET, (bucket + 1) * OWNERS_PER_BUCKET - 1
    packed, computing = [], Computing(packing)
    with closing(_open(path)) as base:
        rows = base.execute(
            "SELECT key, fields || extra, sphere, kind FROM organizations WHERE key BETWEEN ? AND ? ORDER BY key",
            (low, high),
        ).fetchall()
        for key, fields_text, sphere, kind in rows:
            facts = Facts()
            for name, stream in streams.items():
                attribute, fact = FACT[name]
                getattr(facts, attribute).extend(fact(row[1], row[2:]) for row in stream.take(key))
            computing.set_beside(facts, sphere, kind)
            packed.append(pack(key, facts, fields_text, packing))
        base.execute("BEGIN IMMEDIATE")
        store_packed(base, packed)
        base.execute("COMMIT")


class _ByOwner:
    """Rows in the order of their owners' numbers, taken owner by owner."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, key=lambda row: row[0])
        self._next = next(self._groups, None)

    def take(self, number: int) -> list[tuple[Any, ...]]:
        """The rows of owner `number`; owners must be asked for in order."""
        if self._next is None or self._next[0] != number:
            return []
        rows = list(self._next[1])
        self._next = next(self._groups, None)
        return rows


def _derive_region(path: Path, region_code: str, bearings: Bearings, limits: Mapping[str, Sequence[int]]) -> None:
    """Medians, places and reports of one region; a task of its own, since peers are of one region."""
    with closing(_open(path)) as base:
        kinds, spheres = (
            [name for (name,) in base.execute(f"SELECT DISTINCT {column} {_OF_REGION} ORDER BY 1", (region_code,))]
            for column in ("kind", "sphere")
        )
        courses = [derive_course(base, region_code, sphere, limits) for sphere in spheres]
        derived: list[Derived] = [derive_peers(base, region_code, kind, bearings) for kind in kinds]
        base.execute("BEGIN IMMEDIATE")
        for each in derived:
            store_peers(base, each)
        for course in courses:
            store_course(base, course)
        base.execute("COMMIT")


_OF_REGION = "FROM organizations WHERE region_code = ?"
