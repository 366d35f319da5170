"""Bringing a filled warehouse up to date by its changed segments alone.

The notes of a segment tell whose rows changed; only those organisations are read, packed and derived anew, in one
transaction. Where the frame of the store is another, or too much has changed, nothing is done here: everything is
loaded anew.
"""

import sqlite3
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nok.json_text import write_json
from nok.packages import segments as tables
from nok.packages.segments import (
    Part,
    changed_owners,
    is_whole,
    moved_identities,
    owners_among,
    owners_of,
    rows_of,
)
from nok.records import OF_REVIEWS
from nok.storage import REFUSED
from nok.warehouse_course import Tally, change_course, derive_course, store_course
from nok.warehouse_derive import count_ratings, derive_group, derive_peers, store_peers
from nok.warehouse_pack import FACT_LISTS, Computing, Fact, parse_facts
from nok.warehouse_rows import (
    ARRIVING,
    FACT,
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
    small_rows,
    store_packed,
)

LARGEST_UPDATE = 0.2
"""Where more than this share of the organisations changed, loading everything anew is quicker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """What a loading did: whether everything was loaded, how many organisations were read, and how many of its seconds
    went into medians and places."""

    is_full: bool
    organizations: int
    scoring_seconds: float


def update_warehouse(path: Path, sources: Sources) -> Loading | None:
    """Brings the store at `path` up to date; `None` where everything must be loaded anew.

    Raises:
        sqlite3.OperationalError: the disk is full or refuses.
    """
    return _Update(path, sources).run()


# ---- what has changed ----------------------------------------------------------------------------------------------


_Group = tuple[str, str, str, str]
"""Region, sphere, kind and municipality of an organisation."""


@dataclass(slots=True)
class _Touched:
    """Groups whose numbers may have changed; `rated` are those of which only the number of ratings has."""

    peers: set[tuple[str, str]] = field(default_factory=set)
    groups: set[tuple[str, str]] = field(default_factory=set)
    rated: set[tuple[str, str]] = field(default_factory=set)

    def add(self, group: _Group | None) -> None:
        if group is not None:
            region_code, sphere, kind, _ = group
            self.peers.add((region_code, kind))
            self.groups.add((region_code, sphere))


class _Update:
    """Brings a store up to date by its changed segments."""

    def __init__(self, path: Path, sources: Sources) -> None:
        self._path, self._sources = path, sources
        self._segments = sources.segments()
        self._touched = _Touched()
        self._scoring_seconds = 0.0

    def run(self) -> Loading | None:
        """What was done; `None` where everything must be loaded anew."""
        try:
            with closing(sqlite3.connect(self._path, isolation_level=None)) as base:
                return self._run(base)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname.startswith(REFUSED):
                raise
            return None  # damaged, or of an older form: the store can always be made anew
        except FileNotFoundError:
            return None  # the notes of what was loaded are gone

    def _run(self, base: sqlite3.Connection) -> Loading | None:
        row = base.execute("SELECT value FROM meta WHERE name = 'frame'").fetchone()
        if row is None or row[0] != frame_of(self._sources) or not self._only_adds_rounds(base):
            return None
        before = {tuple(place): (number, sha) for number, *place, sha in base.execute("SELECT * FROM segments")}
        if not all(is_whole(_old_notes(self._path, place, sha)) for place, (_, sha) in before.items()):
            return None
        changed = [
            place
            for place in sorted({*before, *self._segments})
            if (before[place][1] if place in before else "") != self._sha256(place)
        ]
        base.execute("BEGIN IMMEDIATE")
        base.execute("DELETE FROM packages")
        base.executemany("INSERT INTO packages VALUES (?, ?, ?, ?, ?)", map(package_row, self._sources.packages))
        base.executemany("INSERT OR REPLACE INTO assessments VALUES (?, ?, ?, ?, ?)", assessment_rows(self._sources))
        base.execute("DELETE FROM small")
        base.executemany("INSERT INTO small VALUES (?, ?, ?, ?)", small_rows(self._sources))
        number = self._change(base, before, changed) if changed else 0
        if number is None:
            base.execute("ROLLBACK")
            return None
        base.execute("COMMIT")
        drop_notes(self._path, self._segments)
        return Loading(is_full=False, organizations=number, scoring_seconds=self._scoring_seconds)

    def _sha256(self, place: tuple[str, str, str]) -> str:
        return self._segments[place][0].sha256 if place in self._segments else ""

    def _only_adds_rounds(self, base: sqlite3.Connection) -> bool:
        """True where every assessment that the store knows is still the same; new ones are no matter."""
        now = {row[0]: row for row in assessment_rows(self._sources)}
        return all(tuple(row) == now.get(row[0]) for row in base.execute("SELECT * FROM assessments"))

    def _change(
        self,
        base: sqlite3.Connection,
        before: Mapping[tuple[str, ...], tuple[int, str]],
        changed: Sequence[tuple[str, str, str]],
    ) -> int | None:
        """How many organisations changed; `None` where there are too many for this way."""
        owners = {place: self._owners(place, before) for place in changed}
        self._add_moved(owners, before)
        numbers = {place: before[place][0] for place in owners if place in before}
        numbers |= _renumber(base, before, changed, {place: self._sha256(place) for place in changed})
        review_owners = self._review_owners(owners)
        ids = self._organization_ids(owners, review_owners)
        whole = base.execute("SELECT count(*) FROM organizations").fetchone()[0]
        if len(ids) > max(LARGEST_UPDATE * whole, 50):
            return None
        before_tallies = _tallies_of(base, "organization_id", ids)
        lists = [place for place in changed if place[1] == "organizations"]
        arrived = {place: self._put_organizations(base, place, numbers[place], owners[place]) for place in lists}
        for place in lists:
            self._remove_organizations(base, numbers[place], owners[place] - arrived[place])
        self._repack(base, ids, [(place, numbers[place], found) for place, found in owners.items()], review_owners)
        old = {place: sha for place, (_, sha) in before.items() if place in changed}
        write_altered(base, self._path, old, self._segments)
        started = time.perf_counter()
        bearings, hidden_changed = bearings_of(base, self._sources.methods), hide(base)
        for key in hidden_changed:
            self._touch(base, "key = ?", key)
        for region_code, kind in sorted(self._touched.peers):
            store_peers(base, derive_peers(base, region_code, kind, bearings))
        for region_code, sphere in sorted(self._touched.groups):
            derive_group(base, region_code, sphere, bearings)
        for region_code, sphere in sorted(self._touched.rated - self._touched.groups):
            count_ratings(base, region_code, sphere)
        self._follow_courses(base, *_moved(base, ids, before_tallies, hidden_changed))
        self._scoring_seconds = time.perf_counter() - started
        return len(ids)

    def _follow_courses(self, base: sqlite3.Connection, gone: "_Tallies", come: "_Tallies") -> None:
        """Adds up anew what became of rounds and years, by what was told of organisations before and what is told now."""
        limits, left, arrived = limits_of(base, self._sources.methods), _by_place(gone), _by_place(come)
        for place in sorted(left.keys() | arrived.keys()):
            course = change_course(base, *place, limits, left.get(place, ()), arrived.get(place, ()))
            store_course(base, course or derive_course(base, *place, limits))

    def _owners(self, place: tuple[str, str, str], before: Mapping[tuple[str, ...], tuple[int, str]]) -> set[str]:
        """Whose rows changed in a segment."""
        old = new = None
        if place in before:
            old = _old_notes(self._path, place, before[place][1])
        if place in self._segments:
            new = notes_of(self._path, self._segments[place][0])
            note(self._segments[place][1], new)
        return changed_owners(old, new)

    def _add_moved(
        self, owners: dict[tuple[str, str, str], set[str]], before: Mapping[tuple[str, ...], tuple[int, str]]
    ) -> None:
        """Adds the replies and photographs of reviews that now belong to another organisation: they go with them, unchanged."""
        places = [place for place in owners if place[1] == "reviews"]
        was = [_old_notes(self._path, place, before[place][1]) for place in places if place in before]
        now = [notes_of(self._path, self._segments[place][0]) for place in places if place in self._segments]
        moved = moved_identities(was, now)
        if not moved:
            return
        for place, (segment, _) in self._segments.items():
            if place[1] in OF_REVIEWS:
                owners.setdefault(place, set()).update(owners_among(notes_of(self._path, segment), moved))

    def _review_owners(self, owners: Mapping[tuple[str, str, str], set[str]]) -> dict[str, str]:
        """Review to organisation, for the reviews whose replies or photographs changed."""
        reviews = {one for (_, resource, _), found in owners.items() if resource in OF_REVIEWS for one in found}
        if not reviews:
            return {}
        notes = [
            notes_of(self._path, segment) for segment, _ in self._segments.values() if segment.resource == "reviews"
        ]
        return owners_of(notes, reviews)

    @staticmethod
    def _organization_ids(
        owners: Mapping[tuple[str, str, str], set[str]], review_owners: Mapping[str, str]
    ) -> set[str]:
        ids: set[str] = set(review_owners.values())
        for (_, resource, _), found in owners.items():
            if resource not in OF_REVIEWS:
                ids |= found
        return ids

    def _put_organizations(
        self, base: sqlite3.Connection, place: tuple[str, str, str], number: int, owners: Collection[str]
    ) -> set[str]:
        """Puts the changed organisations of one segment in; their ids."""
        if place not in self._segments:
            return set()
        names = ", ".join(ARRIVING)
        updates = ", ".join(f"{name} = excluded.{name}" for name in ARRIVING if name != "hidden")
        put = (
            f"INSERT INTO organizations ({names}) VALUES ({', '.join('?' * len(ARRIVING))})"
            f" ON CONFLICT (organization_id) DO UPDATE SET {updates}"
        )
        segment, part = self._segments[place]
        arrived = set()
        for row in organization_rows(segment, number, part, rows_of(part, owners)):
            before = self._group_of(base, "organization_id = ?", row[0])
            base.execute(put, row)
            after = self._group_of(base, "organization_id = ?", row[0])
            if before != after:  # another name or address changes no median and no place
                self._touched.add(before)
                self._touched.add(after)
            arrived.add(row[0])
        return arrived

    def _remove_organizations(self, base: sqlite3.Connection, number: int, gone: Collection[str]) -> None:
        """Takes out what a segment does not hold any more, unless another segment has put it in meanwhile."""
        for organization_id in sorted(gone):
            where, values = "organization_id = ? AND segment = ?", (organization_id, number)
            self._touch(base, where, *values)
            for table in ("facts", "flags", "courses"):
                base.execute(f"DELETE FROM {table} WHERE key = (SELECT key FROM organizations WHERE {where})", values)
            base.execute(f"DELETE FROM organizations WHERE {where}", values)

    def _touch(self, base: sqlite3.Connection, where: str, *values: object) -> None:
        self._touched.add(self._group_of(base, where, *values))

    @staticmethod
    def _group_of(base: sqlite3.Connection, where: str, *values: object) -> _Group | None:
        """Of an organisation; `None` where it is not there."""
        sql = f"SELECT region_code, sphere, kind, municipality FROM organizations WHERE {where}"
        found: _Group | None = base.execute(sql, values).fetchone()
        return found

    def _repack(
        self,
        base: sqlite3.Connection,
        ids: Collection[str],
        changed: Sequence[tuple[tuple[str, str, str], int, set[str]]],
        review_owners: Mapping[str, str],
    ) -> None:
        """Packs the organisations that have rows in changed segments anew."""
        arriving, leaving = self._arriving(changed, review_owners), self._leaving(changed)
        packing, packed = packing_of(base, self._sources), []
        computing = Computing(packing)
        for organization_id in sorted(ids):
            row = base.execute(
                "SELECT key, fields || extra, region_code, sphere, kind, latest, scaled, state, appeals, ratings,"
                f" {', '.join(FACT_LISTS)}"
                " FROM organizations LEFT JOIN facts USING (key) WHERE organization_id = ?",
                (organization_id,),
            ).fetchone()
            if row is None:
                continue
            key, fields_text, region_code, sphere, kind, *counted, ratings = row[:10]
            texts = row[10:]
            old = parse_facts(*(text or "[]" for text in texts))
            facts = old.without(organization_id, leaving)
            for attribute, fact in arriving.get(organization_id, ()):
                getattr(facts, attribute).append(fact)
            computing.set_beside(facts, sphere, kind)
            one = pack(key, facts, fields_text, packing)
            if facts.scores != old.scores:
                self._touched.peers.add((region_code, kind))
            outline = one[2]
            if [outline.latest, outline.scaled, outline.state, outline.appeals] != counted:
                self._touched.groups.add((region_code, sphere))
            if outline.ratings != ratings:
                self._touched.rated.add((region_code, sphere))
            packed.append(one)
        store_packed(base, packed)

    @staticmethod
    def _leaving(changed: Sequence[tuple[tuple[str, str, str], int, set[str]]]) -> dict[int, set[str]]:
        """Segment to the owners whose rows in it are read anew."""
        return {number: owners for _, number, owners in changed}

    def _arriving(
        self, changed: Sequence[tuple[tuple[str, str, str], int, set[str]]], review_owners: Mapping[str, str]
    ) -> dict[str, list[tuple[str, Fact]]]:
        """Organisation to the facts that its changed segments now hold: (list of `Facts`, fact)."""
        arriving: dict[str, list[tuple[str, Fact]]] = {}
        for place, number, owners in changed:
            if place not in self._segments or place[1] not in FACT:
                continue
            attribute, fact = FACT[place[1]]
            for row in rows_of(self._segments[place][1], owners):
                organization_id = review_owners.get(row[0], "") if place[1] in OF_REVIEWS else row[0]
                arriving.setdefault(organization_id, []).append((attribute, fact(number, row)))
        return arriving


# ---- what organisations add up to ----------------------------------------------------------------------------------

_Tallies = dict[int, tuple[tuple[str, str], str, str]]
"""Key of an organisation to its (region, sphere), its municipality and its tally as JSON."""


def _tallies_of(base: sqlite3.Connection, column: str, values: Collection[object], *, hidden: bool = False) -> _Tallies:
    """The tallies of organisations whose `column` is one of `values`; of those that are shown, or of those that are not."""
    rows = base.execute(
        "SELECT key, region_code, sphere, municipality, tally FROM organizations JOIN courses USING (key)"
        f" WHERE {column} IN (SELECT value FROM json_each(?)) AND hidden = ?",
        (write_json(list(values)), hidden),
    )
    return {key: ((region_code, sphere), municipality, tally) for key, region_code, sphere, municipality, tally in rows}


def _moved(
    base: sqlite3.Connection, ids: Collection[str], before: _Tallies, turned: Collection[int]
) -> tuple[_Tallies, _Tallies]:
    """The tallies that count no more, and those that count now: of the organisations with `ids`, of which `before` says
    what counted, and of those with the keys `turned`, which are shown or hidden since."""
    now = _tallies_of(base, "organization_id", ids)
    own = {*before, *now, *_tallies_of(base, "organization_id", ids, hidden=True)}
    others = [key for key in turned if key not in own]
    gone = before | _tallies_of(base, "key", others, hidden=True)
    come = now | _tallies_of(base, "key", others)
    same = {key for key, tally in gone.items() if come.get(key) == tally}
    return _without(gone, same), _without(come, same)


def _by_place(tallies: _Tallies) -> dict[tuple[str, str], list[Tally]]:
    found: dict[tuple[str, str], list[Tally]] = {}
    for place, municipality, tally in tallies.values():
        found.setdefault(place, []).append((municipality, tally))
    return found


def _without(tallies: _Tallies, keys: Collection[int]) -> _Tallies:
    return {key: tally for key, tally in tallies.items() if key not in keys}


def _renumber(
    base: sqlite3.Connection,
    before: Mapping[tuple[str, ...], tuple[int, str]],
    changed: Sequence[tuple[str, str, str]],
    sha256: Mapping[tuple[str, str, str], str],
) -> dict[tuple[str, str, str], int]:
    """Writes the changed segments down; the number of each."""
    numbers: dict[tuple[str, str, str], int] = {}
    free = max((number for number, _ in before.values()), default=0)
    for place in changed:
        if place in before:
            numbers[place] = before[place][0]
        else:
            free += 1
            numbers[place] = free
        base.execute("DELETE FROM segments WHERE id = ?", (numbers[place],))
        if sha256[place]:
            base.execute("INSERT INTO segments VALUES (?, ?, ?, ?, ?)", (numbers[place], *place, sha256[place]))
    return numbers


# ---- altered reviews -----------------------------------------------------------------------------------------------


def keep_altered(base: sqlite3.Connection, path: Path, segments: Mapping[Any, tuple[Segment, Part]]) -> bool:
    """What the store before this one knew to be altered, and what has been altered since; false where that store, or
    the notes of its rows, are lost."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as old:
            rows = old.execute("SELECT package, review_id FROM altered").fetchall()
            before = {tuple(place): sha for _, *place, sha in old.execute("SELECT * FROM segments")}
            is_sure = old.execute("SELECT 1 FROM meta WHERE name = 'unsure'").fetchone() is None
    except sqlite3.DatabaseError:
        return False  # of an older form or damaged: nothing can be learnt from it
    base.executemany("INSERT OR IGNORE INTO altered VALUES (?, ?)", rows)
    write_altered(base, path, before, segments)
    told = [place for place in before if place[1] in ("reviews", *OF_REVIEWS)]
    return is_sure and all(is_whole(_old_notes(path, place, before[place])) for place in told)


def write_altered(
    base: sqlite3.Connection,
    path: Path,
    before: Mapping[tuple[str, ...], str],
    segments: Mapping[Any, tuple[Segment, Part]],
) -> None:
    """Writes down the reviews that had a row (or a reply, or a photograph) which no segment of today has."""
    for resource in ("reviews", *OF_REVIEWS):
        now = [notes_of(path, segment) for segment, _ in segments.values() if segment.resource == resource]
        for package in sorted({place[0] for place in before if place[1] == resource}):
            was = [_old_notes(path, place, sha) for place, sha in before.items() if place[:2] == (package, resource)]
            gone = tables.vanished([notes for notes in was if is_whole(notes)], now)
            base.executemany("INSERT OR IGNORE INTO altered VALUES (?, ?)", ((package, one) for one in sorted(gone)))


def _old_notes(path: Path, place: tuple[str, ...], sha256: str) -> Path:
    package, resource, file = place
    return notes_of(path, Segment(package=package, resource=resource, file=file, sha256=sha256))
