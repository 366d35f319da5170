"""What the warehouse is filled from, and how its rows look: tables, segments, packed organisations, the frame.

A *segment* is one file of a table, known by the hash of its content; beside the store lie notes of its rows (owner,
digest). The *frame* is whatever shapes the whole store besides rows: methods, regions, columns that a package added,
this very code.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

from nok.evidence import Forms
from nok.json_text import read_json, write_json
from nok.method import Method, Role
from nok.packages import segments as tables
from nok.packages.profile import field_names
from nok.packages.read import Package, Resource, iterate_rows
from nok.packages.segments import Part, is_whole, note_rows
from nok.packages.visible import MENTIONS, Hidden, hidden_parties, visible_rows
from nok.records import COLLECTING_STAGES, INDEPENDENT, Status
from nok.sampling import survey_of
from nok.urls import address_shard
from nok.warehouse_course import TABLES as COURSE_TABLES
from nok.warehouse_course import tally_of
from nok.warehouse_derive import Bearings
from nok.warehouse_pack import (
    ANSWER_COLUMNS,
    FACT_LISTS,
    KEPT_WHOLE,
    OBSERVATION_COLUMNS,
    PHOTO_COLUMNS,
    PLAN_COLUMNS,
    REPLY_COLUMNS,
    REVIEW_COLUMNS,
    SCORE_COLUMNS,
    Fact,
    Facts,
    KnownRound,
    Outline,
    Packing,
    answer_fact,
    digest,
    flags_of,
    observation_fact,
    other_fact,
    outline_of,
    photo_fact,
    plan_fact,
    reply_fact,
    review_fact,
    scaled_points,
    score_fact,
)
from nok.warehouse_parse import INN, ORGANIZATION_COLUMNS

FORMAT = "nok-warehouse-6"

OWNED: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "scores": (SCORE_COLUMNS, "organization_id", "assessment_id"),
    "observations": (OBSERVATION_COLUMNS, "organization_id", "parameter"),
    "answers": (ANSWER_COLUMNS, "organization_id", "question"),
    "reviews": (REVIEW_COLUMNS, "organization_id", "review_id"),
    "replies": (REPLY_COLUMNS, "review_id", "review_id"),
    "review_photos": (PHOTO_COLUMNS, "review_id", "review_id"),
    "plan_measures": (PLAN_COLUMNS, "organization_id", "plan_measure_id"),
    **{table: (columns, columns[0], columns[1]) for table, columns in KEPT_WHOLE.items()},
}
"""Tables whose rows belong to one organisation: columns, owner, what tells rows of an owner apart."""

FACT: Mapping[str, tuple[str, Callable[[int, Sequence[Any]], Fact]]] = {
    "scores": ("scores", score_fact),
    "observations": ("observations", observation_fact),
    "answers": ("answers", answer_fact),
    "reviews": ("reviews", review_fact),
    "replies": ("replies", reply_fact),
    "review_photos": ("photos", photo_fact),
    "plan_measures": ("plan", plan_fact),
    **{table: ("other", partial(other_fact, table)) for table in KEPT_WHOLE},
}
"""Table to the list of `Facts` that its rows go to, and how."""

TABLES = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE packages (name TEXT PRIMARY KEY, title TEXT, version TEXT, demonstration INTEGER, licence TEXT)
    WITHOUT ROWID;
CREATE TABLE regions (region_code TEXT PRIMARY KEY, fields TEXT) WITHOUT ROWID;
CREATE TABLE assessments (assessment_id TEXT PRIMARY KEY, period INTEGER, method_id TEXT, published INTEGER,
    fields TEXT) WITHOUT ROWID;
CREATE TABLE small (resource TEXT, number INTEGER, package TEXT, fields TEXT, PRIMARY KEY (resource, number))
    WITHOUT ROWID;
CREATE TABLE segments (id INTEGER PRIMARY KEY, package TEXT, resource TEXT, file TEXT, sha256 TEXT);
CREATE TABLE organizations (key INTEGER PRIMARY KEY, organization_id TEXT UNIQUE, region_code TEXT, sphere TEXT,
    kind TEXT, municipality TEXT, sort_key TEXT, latitude REAL, longitude REAL, package TEXT, segment INTEGER, status TEXT,
    parents TEXT, hidden INTEGER, shard TEXT, fields TEXT, extra TEXT, fields_stamp TEXT, closed_on TEXT, successor TEXT,
    rounds TEXT DEFAULT '[]', latest TEXT DEFAULT '', newest TEXT DEFAULT '[]', scaled INTEGER,
    state TEXT DEFAULT 'not_assessed', behind INTEGER DEFAULT 0,
    distribution TEXT DEFAULT '[0,0,0,0,0]', ratings INTEGER DEFAULT 0, rated_days BLOB DEFAULT x'', readable INTEGER DEFAULT 0,
    plan_done INTEGER DEFAULT 0, plan_standing INTEGER DEFAULT 0, open_due TEXT DEFAULT '', last_done TEXT DEFAULT '',
    last_told TEXT DEFAULT '',
    pictures INTEGER DEFAULT 0, sent_photos INTEGER DEFAULT 0, appeals TEXT DEFAULT '', rosters TEXT DEFAULT '[]', stamp TEXT DEFAULT '',
    row_stamp TEXT DEFAULT '', standings TEXT DEFAULT '{{}}');
CREATE TABLE facts (key INTEGER PRIMARY KEY, {", ".join(f"{name} TEXT" for name in FACT_LISTS)});
CREATE TABLE peers (region_code TEXT, kind TEXT, assessment_id TEXT, medians TEXT, stamp TEXT,
    PRIMARY KEY (region_code, kind, assessment_id)) WITHOUT ROWID;
CREATE TABLE flags (key INTEGER, segment INTEGER, assessment_id TEXT, measure TEXT, published TEXT, computed TEXT,
    PRIMARY KEY (key, assessment_id, measure)) WITHOUT ROWID;
CREATE TABLE indicators (region_code TEXT, kind TEXT, sphere TEXT, method_id TEXT, measure TEXT, number INTEGER,
    scored INTEGER, median TEXT, keys TEXT, PRIMARY KEY (region_code, sphere, kind, method_id, measure)) WITHOUT ROWID;
CREATE TABLE ratings (region_code TEXT, kind TEXT, assessment_id TEXT, number INTEGER, scored INTEGER, keys TEXT,
    PRIMARY KEY (region_code, assessment_id, kind)) WITHOUT ROWID;
CREATE TABLE groups (region_code TEXT, sphere TEXT, organizations INTEGER, ratings INTEGER, assessment_id TEXT,
    assessed INTEGER, median TEXT, total TEXT, stamp TEXT, PRIMARY KEY (region_code, sphere)) WITHOUT ROWID;
CREATE TABLE aggregates (region_code TEXT, sphere TEXT, scope TEXT, name TEXT, organizations INTEGER, assessed INTEGER,
    total TEXT, zeros INTEGER, not_assessed INTEGER, exempt INTEGER, too_few INTEGER, no_data INTEGER,
    other_method INTEGER, PRIMARY KEY (region_code, sphere, scope, name)) WITHOUT ROWID;
CREATE TABLE appeals (region_code TEXT, sphere TEXT, period INTEGER, organizations INTEGER, received INTEGER,
    answered INTEGER, overdue INTEGER, overdue_told INTEGER, PRIMARY KEY (region_code, sphere, period)) WITHOUT ROWID;
{COURSE_TABLES}
CREATE TABLE altered (package TEXT, review_id TEXT, PRIMARY KEY (package, review_id)) WITHOUT ROWID;
"""

INDEXES = ("CREATE INDEX by_kind ON organizations (region_code, kind)",)

_APART = f"(hidden OR status <> '{Status.PUBLISHED}' OR parents <> '')"
"""Organisations that stay back, or may have to with another one: few, and word for word as their index has them."""

LATE_INDEXES = (
    "CREATE INDEX by_name ON organizations (region_code, sort_key, organization_id, hidden, sphere, kind, package,"
    " fields_stamp, stamp, row_stamp, rounds, latest, standings, open_due, rated_days, scaled, latitude, longitude, pictures,"
    " sent_photos, shard, readable)",
    "CREATE INDEX by_sphere ON organizations (region_code, sphere, hidden, scaled, sort_key, organization_id, row_stamp,"
    " standings, latest, ratings, kind, municipality, state, behind, appeals, closed_on)",
    "CREATE INDEX by_municipality ON organizations (region_code, municipality, sort_key, organization_id, hidden)",
    "CREATE INDEX by_measure ON indicators (method_id, measure, region_code, sphere, kind, number, scored, median)",
    "CREATE INDEX by_done ON organizations (last_done, region_code, hidden) WHERE last_done <> ''",
    "CREATE INDEX by_region_and_done ON organizations (region_code, last_done, hidden) WHERE last_done <> ''",
    "CREATE INDEX by_told ON organizations (region_code, last_told, hidden) WHERE last_told <> ''",
    "CREATE INDEX by_successor ON organizations (successor, region_code) WHERE successor <> ''",
    "CREATE INDEX by_closing ON organizations (region_code, closed_on, hidden) WHERE closed_on <> ''",
    f"CREATE INDEX by_state ON organizations (organization_id, status, parents, hidden) WHERE {_APART}",
    "CREATE INDEX by_plan ON organizations (region_code, hidden, plan_done, plan_standing) WHERE plan_standing > 0",
    "CREATE INDEX by_ratings ON organizations (ratings DESC, region_code, sort_key, organization_id)"
    " WHERE NOT hidden AND scaled IS NOT NULL",
    f"CREATE INDEX by_inn ON organizations ({INN}, organization_id, region_code) WHERE NOT hidden AND {INN} IS NOT NULL",
    "CREATE INDEX by_roster ON organizations (region_code, sort_key, organization_id, hidden, rosters, fields_stamp)"
    " WHERE rosters <> '[]'",
)
"""Made when everything else is: they hold all that a plan reads, so that planning does not read the rows themselves."""

ARRIVING = (
    *(
        "organization_id",
        "region_code",
        "sphere",
        "kind",
        "municipality",
        "sort_key",
        "latitude",
        "longitude",
        "package",
        "segment",
    ),
    *("status", "parents", "hidden", "shard", "fields", "extra", "fields_stamp", "closed_on", "successor"),
)
_OUTLINE = tuple(item.name for item in fields(Outline))


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A file of a table as it is now."""

    package: str
    resource: str
    file: str
    """Below the package's folder."""
    sha256: str
    own: tuple[tuple[str, str, str, str], ...] = ()
    """Columns that the package added to organisations: name, title, English title, type."""

    @property
    def place(self) -> tuple[str, str, str]:
        return self.package, self.resource, self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What the warehouse is filled from.

    `hash_of` gives the SHA-256 of a file; `region_rows` ship with the program, rows of packages override them.
    """

    packages: Sequence[Package]
    methods: Mapping[str, Method]
    forms: Forms
    region_rows: Sequence[Mapping[str, str]]
    campaign_rows: Sequence[Mapping[str, str]] = ()
    """Campaigns that ship with the program; a row of a package under the same id takes the place of one."""
    hash_of: Callable[[Path], str]
    tables: tuple[str, ...] = tuple(OWNED)
    """The tables of organisations that are read."""
    owners: Collection[str] | None = None
    """The organisations that are read besides those which say who is hidden; `None` for all of them."""

    def only(self, owners: Collection[str]) -> "Sources":
        """The same with these organisations alone, to be looked at once: no notes of rows are taken."""
        return replace(self, owners=owners)

    def narrowed(self, tables: tuple[str, ...]) -> "Sources":
        """The same with these tables of organisations alone."""
        return replace(self, tables=tables)

    def resources(self, *names: str) -> Iterator[tuple[Package, Resource]]:
        for package in self.packages:
            for name in names:
                resource = package.resource(name)
                if resource is not None:
                    yield package, resource

    def parts(self) -> dict[str, list[Part]]:
        """The files of the same tables as `segments`, by table, without a look at their content."""
        found: dict[str, list[Part]] = {}
        for _, resource in self.resources("organizations", *self.tables):
            found.setdefault(resource.name, []).extend(_part(file.absolute(), resource) for file in resource.files)
        return found

    def segments(self) -> dict[tuple[str, str, str], tuple[Segment, Part]]:
        """Every segment of the tables whose rows belong to an organisation, and of organisations, by its place."""
        found = {}
        for package, resource in self.resources("organizations", *self.tables):
            for file in resource.files:
                name = file.relative_to(package.folder).as_posix()
                segment = Segment(
                    package=package.name,
                    resource=resource.name,
                    file=name,
                    sha256=self.hash_of(file),
                    own=tuple(own_columns(resource)) if resource.name == "organizations" else (),
                )
                found[segment.place] = (segment, _part(file.absolute(), resource))
        return found

    def rows(self, name: str) -> Iterator[tuple[Package, dict[str, str]]]:
        """The rows of a small table in all packages."""
        for package, resource in self.resources(name):
            for row in iterate_rows(resource):
                yield package, row


# ---- notes of segments ---------------------------------------------------------------------------------------------


def note(part: Part, notes: Path) -> None:
    """Notes the rows of a segment, unless they are noted already: a name of notes is a hash of what they say."""
    if not is_whole(notes):
        note_rows(part, notes)


def notes_of(path: Path, segment: Segment) -> Path:
    """The file of a segment's notes: named by the content, the table and the engine, so that it is never stale."""
    named = digest(segment.sha256, segment.resource, tables.ENGINE, _code())
    return path.with_name("rows") / named


def drop_notes(path: Path, segments: Mapping[Any, tuple[Segment, Part]]) -> None:
    kept = {notes_of(path, segment).name for segment, _ in segments.values()}
    for notes in path.with_name("rows").glob("*"):
        if notes.name not in kept:
            shutil.rmtree(notes)


# ---- packed organisations -------------------------------------------------------------------------------------------


Packed = tuple[int, tuple[str, ...], Outline, str]
"""Key, `Facts.texts`, outline, and what it adds to reports (`nok.warehouse_course.tally_of`)."""


def pack(key: int, facts: Facts, fields_text: str, packing: Packing) -> Packed:
    """`facts` are in order, and what was computed stands beside what was published."""
    texts = facts.texts()
    outline = outline_of(facts, texts, fields_text, packing.rounds)
    return key, texts, outline, tally_of(facts, packing.rounds)


def store_packed(base: sqlite3.Connection, packed: Iterable[Packed]) -> None:
    """Facts and outlines of organisations that stand in the store, and what about their points does not agree."""
    packed = list(packed)
    base.executemany("DELETE FROM flags WHERE key = ?", ((key,) for key, *_ in packed))
    flagged = ((key, *flag) for key, texts, _, _ in packed for flag in flags_of(texts))
    base.executemany("INSERT INTO flags VALUES (?, ?, ?, ?, ?, ?)", flagged)
    put = f"INSERT OR REPLACE INTO facts VALUES (?{', ?' * len(FACT_LISTS)})"
    base.executemany(put, ((key, *texts) for key, texts, _, _ in packed))
    base.executemany("INSERT OR REPLACE INTO courses VALUES (?, ?)", ((key, tally) for key, _, _, tally in packed))
    update = f"UPDATE organizations SET {', '.join(f'{name} = ?' for name in _OUTLINE)} WHERE key = ?"
    values = ((*(getattr(outline, name) for name in _OUTLINE), key) for key, _, outline, _ in packed)
    base.executemany(update, values)


# ---- rows ----------------------------------------------------------------------------------------------------------


def _part(file: Path, resource: Resource) -> Part:
    if resource.name == "organizations":
        own = [name for name, *_ in own_columns(resource)]
        taken, owner, identity = (*ORGANIZATION_COLUMNS, "status", *own), "organization_id", "organization_id"
    else:
        taken, owner, identity = OWNED[resource.name]
    return Part(file=file, delimiter=resource.delimiter, columns=taken, owner=owner, identity=identity)


def organization_rows(
    segment: Segment, segment_number: int, part: Part, rows: Iterable[Sequence[str]]
) -> Iterator[tuple[Any, ...]]:
    """Rows of an `organizations` table as the store has them, in the order of `ARRIVING`."""
    number = len(ORGANIZATION_COLUMNS)
    place = {name: part.columns.index(name) for name in part.columns}
    for row in rows:
        latitude, longitude = row[place["latitude"]], row[place["longitude"]]
        parents = [
            name for name in (row[place["parent_organization_id"]], row[place["successor_organization_id"]]) if name
        ]
        own_row = write_json(row[:number])
        extra = [[*described, row[place[described[0]]]] for described in segment.own if row[place[described[0]]]]
        extra_text = write_json(extra) if extra else ""
        yield (
            row[place["organization_id"]],
            row[place["region_code"]],
            row[place["sphere"]],
            row[place["kind"]],
            row[place["municipality"]],
            sort_key(row[place["short_name"]] or row[place["name"]]),
            float(latitude) if latitude else None,
            float(longitude) if longitude else None,
            segment.package,
            segment_number,
            row[place["status"]],
            write_json(parents) if parents else "",
            0,
            address_shard(row[place["organization_id"]], 2),
            own_row,
            extra_text,
            digest(segment.package, own_row, extra_text),
            row[place["closed_on"]],
            row[place["successor_organization_id"]],
        )


def hide(base: sqlite3.Connection) -> list[int]:
    """Marks organisations that stay back, and those that point to one of them; the keys whose mark changed."""
    rows = base.execute(
        f"SELECT key, organization_id, status, parents, hidden FROM organizations WHERE {_APART}"
    ).fetchall()
    hidden = {organization_id for _, organization_id, status, _, _ in rows if status != Status.PUBLISHED}
    pointing: dict[str, list[str]] = {}
    for _, organization_id, _, parents, _ in rows:
        for parent in read_json(parents) if parents else ():
            pointing.setdefault(parent, []).append(organization_id)
    waiting = list(hidden)
    while waiting:
        followers = [one for one in pointing.get(waiting.pop(), ()) if one not in hidden]
        hidden.update(followers)
        waiting += followers
    changed = [(int(one in hidden), key) for key, one, _, _, was in rows if (one in hidden) != bool(was)]
    base.executemany("UPDATE organizations SET hidden = ? WHERE key = ?", changed)
    return [key for _, key in changed]


def assessment_rows(sources: Sources) -> Iterator[tuple[Any, ...]]:
    hidden = hidden_parties(sources.packages)
    for _, row in sources.rows("assessments"):
        published = int(row["status"] == Status.PUBLISHED)
        kept_back = {name for name in MENTIONS["assessments"] if row.get(name) in hidden[name]}
        filled = {name: text for name, text in row.items() if text and name not in kept_back}
        yield row["assessment_id"], int(row["period"]), row["method_id"], published, write_json(filled)


def published_rounds(sources: Sources) -> dict[str, Method]:
    """Published assessment to its method, where that can compute."""
    rounds = {}
    for name, _, method_id, is_published, _ in assessment_rows(sources):
        method = sources.methods.get(method_id)
        if is_published and method is not None and method.variants:
            rounds[name] = method
    return rounds


SMALL_TABLES = (
    *("authorities", "officials", "operators", "councils", "contracts", "contract_items", "campaigns"),
    *("assessment_stages", "decisions", "rosters"),
)
"""Tables that a country has some thousands of rows of, and that belong to no organisation; kept as they stand."""


def small_rows(sources: Sources) -> Iterator[tuple[str, int, str, str]]:
    """The rows of `SMALL_TABLES` that may be shown."""
    hidden = Hidden(
        assessments={
            row["assessment_id"] for _, row in sources.rows("assessments") if row["status"] != Status.PUBLISHED
        },
        parties=hidden_parties(sources.packages),
    )
    for table in SMALL_TABLES:
        rows = chain(_content_rows(table, sources), _package_rows(table, sources, hidden))
        for number, (package, row) in enumerate(rows):
            yield table, number, package, write_json({name: text for name, text in row.items() if text})


def _package_rows(table: str, sources: Sources, hidden: Hidden) -> Iterator[tuple[str, Mapping[str, str]]]:
    for package, resource in sources.resources(table):
        yield from ((package.name, row) for row in visible_rows(resource, hidden))


def _content_rows(table: str, sources: Sources) -> Iterator[tuple[str, Mapping[str, str]]]:
    """What editors wrote rather than packages; of no package. A package has the last word, even to withhold a row."""
    if table == "campaigns":
        told = {row["campaign_id"] for _, row in sources.rows(table)}
        yield from (("", row) for row in sources.campaign_rows if row["campaign_id"] not in told)


def region_rows(sources: Sources) -> Iterator[tuple[str, str]]:
    for row in sources.region_rows:
        yield row["region_code"], write_json({name: text for name, text in row.items() if text})
    for _, own in sources.rows("regions"):
        yield own["region_code"], write_json({name: text for name, text in own.items() if text})


def package_row(package: Package) -> tuple[Any, ...]:
    licence = package.descriptor["licenses"][0]
    name = str(licence.get("name") or licence.get("title") or licence.get("path")) if isinstance(licence, dict) else ""
    return package.name, package.descriptor["title"], package.version, package.is_demonstration, name


def packing_of(base: sqlite3.Connection, sources: Sources) -> Packing:
    """What packing must know of the store's assessments."""
    listed = {
        method.id: frozenset(("total", *(measure.id for measure in method.criteria)))
        for method in sources.methods.values()
    }
    rows = base.execute(
        "SELECT assessment_id, period, method_id, json_extract(fields, '$.kind'), json_extract(fields, '$.stage')"
        " FROM assessments WHERE published"
    )
    rounds = {
        name: KnownRound(
            assessment_id=name,
            period=period,
            method_id=method_id,
            is_independent=kind == INDEPENDENT,
            is_collecting=stage in COLLECTING_STAGES,
            listed=listed.get(method_id, frozenset(("total",))),
        )
        for name, period, method_id, kind, stage in rows
    }
    return Packing(rounds=rounds, methods=sources.methods, forms=sources.forms)


def bearings_of(base: sqlite3.Connection, methods: Mapping[str, Method]) -> Bearings:
    """What deriving must know; only independent rounds are there, so that no other enters a place, median or mean."""
    rows = base.execute(
        "SELECT assessment_id, method_id FROM assessments WHERE published AND json_extract(fields, '$.kind') = ?"
        " ORDER BY period DESC, assessment_id",
        (INDEPENDENT,),
    ).fetchall()
    return Bearings(
        method_of=dict(rows),
        penalties=frozenset(method.id for method in methods.values() if not method.total.higher_is_better),
        position={name: number for number, (name, _) in enumerate(rows)},
        indicators={
            method.id: {each.id: each.higher_is_better for each in method.measures if each.role is Role.INDICATOR}
            for method in methods.values()
        },
        surveys={method.id: survey for method in methods.values() if (survey := survey_of(method)) is not None},
    )


def limits_of(base: sqlite3.Connection, methods: Mapping[str, Method]) -> dict[str, list[int]]:
    """Published assessment to the upper limits of the bands of its total, lowest first."""
    rows = base.execute("SELECT assessment_id, method_id FROM assessments WHERE published")
    limits = {
        method.id: [scaled_points(f"{band.upto:f}") for band in method.total.bands] for method in methods.values()
    }
    return {name: limits[method_id] for name, method_id in rows if method_id in limits}


def own_columns(resource: Resource) -> list[tuple[str, str, str, str]]:
    """(name, title, English title, type) of the columns that a package added to a table of the profile."""
    known = set(field_names(resource.name))
    columns_found = []
    for described in resource.schema["fields"]:
        if described["name"] not in known:
            title = str(described.get("title") or described["name"])
            english = str(described.get("title_en") or title)
            columns_found.append((described["name"], title, english, str(described.get("type", "string"))))
    return columns_found


def sort_key(title: str) -> str:
    """How lists order names: without quotes and case, ё as е, the numbers in a name by their value.

    >>> sorted(["Школа № 12", "«Школа» № 3"], key=sort_key)
    ['«Школа» № 3', 'Школа № 12']
    """
    plain = "".join(char if char.isalnum() else " " for char in title.casefold().replace("ё", "е"))
    return " ".join(word.zfill(6) if word.isdigit() else word for word in plain.split())


# ---- the frame -----------------------------------------------------------------------------------------------------


def frame_of(sources: Sources) -> str:
    """A digest of all that shapes the store besides the rows."""
    shape = {
        "methods": sorted(repr(method) for method in sources.methods.values()),
        "forms": sorted(repr(form.said) for form in sources.forms.values()),
        "regions": sorted(region_rows(sources)),
        "columns": [(package.name, own_columns(resource)) for package, resource in sources.resources("organizations")],
    }
    return digest(FORMAT, tables.ENGINE, _code(), write_json(shape))


_SHAPING = (
    *("warehouse*.py", "evidence.py", "arithmetic.py", "scoring*.py", "ranking.py", "sampling.py", "statistics.py"),
    *("packages/segments.py", "packages/agreement.py", "packages/threads.py"),
)


@cache
def _code() -> str:
    """A digest of the code that fills the store: what it packs may change with it."""
    found = hashlib.sha256()
    for pattern in _SHAPING:
        for file in sorted(Path(__file__).parent.glob(pattern)):
            found.update(file.read_bytes())
    return found.hexdigest()
