"""Filling the warehouse: visible rows of checked packages go in once, aggregates are computed beside them.

The store belongs to the program: it is made anew for every build whose inputs changed. What depends on many
organisations (places, medians, counts) is computed here once; the formulas themselves are those of `nok.ranking` and
`nok.statistics`.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from nok.errors import StorageError
from nok.method import Method
from nok.packages.profile import field_names
from nok.packages.read import Package
from nok.packages.visible import Hidden, find_hidden, visible_rows
from nok.ranking import dense_standings
from nok.records import REVIEW_CRITERIA, SET_ASIDE
from nok.statistics import median

SCALE = 10**10
"""Points are also kept as whole numbers of 10⁻¹⁰ for sorting and medians; the profile allows ten decimals."""

_TABLES = """
CREATE TABLE packages (name TEXT PRIMARY KEY, title TEXT, version TEXT, demonstration INTEGER, licence TEXT);
CREATE TABLE regions (region_code TEXT PRIMARY KEY, fields TEXT);
CREATE TABLE arriving (organization_id TEXT, region_code TEXT, sphere TEXT, kind TEXT, sort_key TEXT,
    latitude REAL, longitude REAL, package TEXT, fields TEXT, extra TEXT);
CREATE TABLE organizations (number INTEGER PRIMARY KEY, organization_id TEXT UNIQUE, region_code TEXT, sphere TEXT,
    kind TEXT, latitude REAL, longitude REAL, package TEXT, fields TEXT, extra TEXT);
CREATE TABLE assessments (assessment_id TEXT PRIMARY KEY, period INTEGER, sphere TEXT, method_id TEXT, fields TEXT);
CREATE TABLE scores (organization_id TEXT, assessment_id TEXT, measure TEXT, points TEXT, scaled INTEGER, state TEXT,
    respondents INTEGER, published_as TEXT, PRIMARY KEY (organization_id, assessment_id, measure)) WITHOUT ROWID;
CREATE TABLE reviews (review_id TEXT, organization_id TEXT, received_on TEXT, rating INTEGER, criteria TEXT,
    visited_on TEXT, text TEXT, language TEXT, channel TEXT, state TEXT, reason_code TEXT,
    PRIMARY KEY (organization_id, received_on, review_id)) WITHOUT ROWID;
CREATE TABLE replies (review_id TEXT PRIMARY KEY, text TEXT, replied_on TEXT) WITHOUT ROWID;
CREATE TABLE plan_measures (organization_id TEXT, due_on TEXT, plan_measure_id TEXT, fields TEXT,
    PRIMARY KEY (organization_id, due_on, plan_measure_id)) WITHOUT ROWID;
CREATE TABLE standings (organization_id TEXT, assessment_id TEXT, rank INTEGER, sharing INTEGER, better INTEGER,
    peers INTEGER, PRIMARY KEY (organization_id, assessment_id)) WITHOUT ROWID;
CREATE TABLE medians (assessment_id TEXT, region_code TEXT, kind TEXT, measure TEXT, median TEXT, number INTEGER,
    PRIMARY KEY (assessment_id, region_code, kind, measure)) WITHOUT ROWID;
CREATE TABLE groups (region_code TEXT, sphere TEXT, organizations INTEGER, ratings INTEGER, assessment_id TEXT,
    assessed INTEGER, median TEXT, PRIMARY KEY (region_code, sphere)) WITHOUT ROWID;
CREATE TABLE latest (organization_id TEXT PRIMARY KEY, assessment_id TEXT) WITHOUT ROWID;
"""


_COUNTS = """SELECT region_code, sphere, count(*), coalesce(sum(ratings), 0) FROM organizations LEFT JOIN
    (SELECT organization_id, count(*) AS ratings FROM reviews WHERE reason_code <> ? GROUP BY 1) USING (organization_id)
    GROUP BY region_code, sphere ORDER BY region_code, sphere"""
_NEWEST_ROUNDS = """SELECT region_code, o.sphere, assessment_id, method_id FROM organizations o
    JOIN scores USING (organization_id) JOIN assessments a USING (assessment_id) WHERE measure = 'total'
    GROUP BY region_code, o.sphere, assessment_id ORDER BY a.period, assessment_id DESC"""
_LATEST_POINTS = """SELECT scaled FROM organizations o JOIN latest USING (organization_id)
    JOIN scores USING (organization_id, assessment_id) JOIN assessments USING (assessment_id)
    WHERE region_code = ? AND o.sphere = ? AND measure = 'total' AND method_id = ? AND scaled IS NOT NULL
    ORDER BY scaled"""


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turns what SQLite says of a disk into the sentence of a `StorageError`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StorageError(
            f"{path}: could not be written: {error}. Look for space on the disk. The published site is as it was."
        ) from error


def load_warehouse(
    path: Path,
    packages: Sequence[Package],
    methods: Mapping[str, Method],
    regions: Sequence[Mapping[str, str]],
) -> Hidden:
    """Makes the store at `path` from checked packages; what stood there before is replaced at the end, at once.

    `regions` are the rows that ship with the program; rows of the packages override them. Returns what stays back.
    """
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    beside.parent.mkdir(parents=True, exist_ok=True)
    hidden = find_hidden(packages)
    with storage_errors(beside), closing(sqlite3.connect(beside, isolation_level=None)) as base:
        base.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;" + _TABLES)
        base.execute("BEGIN")
        _Loader(base, packages, hidden).load(regions)
        _derive(base, methods)
        base.execute("COMMIT")
    beside.replace(path)
    return hidden


class _Loader:
    """Copies visible rows into the tables of a new store."""

    def __init__(self, base: sqlite3.Connection, packages: Sequence[Package], hidden: Hidden) -> None:
        self._base, self._packages, self._hidden = base, packages, hidden

    def load(self, regions: Sequence[Mapping[str, str]]) -> None:
        many = self._base.executemany
        many("INSERT INTO packages VALUES (?, ?, ?, ?, ?)", map(_package_row, self._packages))
        many("INSERT INTO regions VALUES (?, ?)", ((row["region_code"], _json(row)) for row in regions))
        many("INSERT OR REPLACE INTO regions VALUES (?, ?)", self._regions())
        many("INSERT INTO arriving VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._organizations())
        self._base.execute(
            "INSERT INTO organizations SELECT row_number() OVER (ORDER BY region_code, sort_key, organization_id),"
            " organization_id, region_code, sphere, kind, latitude, longitude, package, fields, extra FROM arriving"
        )
        self._base.execute("DROP TABLE arriving")
        many("INSERT INTO assessments VALUES (?, ?, ?, ?, ?)", self._assessments())
        many("INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._scores())
        many("INSERT INTO reviews VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._reviews())
        many("INSERT INTO replies VALUES (?, ?, ?)", self._replies())
        many("INSERT INTO plan_measures VALUES (?, ?, ?, ?)", self._plan_measures())

    def _rows(self, name: str) -> Iterator[tuple[Package, dict[str, str]]]:
        for package in self._packages:
            resource = package.resource(name)
            if resource is not None:
                for row in visible_rows(resource, self._hidden):
                    yield package, row

    def _regions(self) -> Iterator[tuple[Any, ...]]:
        for _, row in self._rows("regions"):
            yield row["region_code"], _json(row)

    def _organizations(self) -> Iterator[tuple[Any, ...]]:
        own = {package.name: _own_columns(package) for package in self._packages}
        for package, row in self._rows("organizations"):
            extra = [(*described, row[described[0]]) for described in own[package.name] if row[described[0]]]
            yield (
                row["organization_id"],
                row["region_code"],
                row["sphere"],
                row["kind"],
                sort_key(row["short_name"] or row["name"]),
                float(row["latitude"]) if row["latitude"] else None,
                float(row["longitude"]) if row["longitude"] else None,
                package.name,
                _json({name: row[name] for name in field_names("organizations") if name != "status"}),
                _json(extra) if extra else "",
            )

    def _assessments(self) -> Iterator[tuple[Any, ...]]:
        for _, row in self._rows("assessments"):
            yield row["assessment_id"], int(row["period"]), row["sphere"], row["method_id"], _json(row)

    def _scores(self) -> Iterator[tuple[Any, ...]]:
        for _, row in self._rows("scores"):
            points = row["points"]
            yield (
                row["organization_id"],
                row["assessment_id"],
                row["measure"],
                points,
                int(Decimal(points) * SCALE) if points else None,
                row["state"],
                int(row["respondents"]) if row["respondents"] else None,
                row["published_as"],
            )

    def _reviews(self) -> Iterator[tuple[Any, ...]]:
        for _, row in self._rows("reviews"):
            yield (
                row["review_id"],
                row["organization_id"],
                row["received_on"],
                int(row["rating"]),
                "".join(row[name] or "-" for name in REVIEW_CRITERIA),
                row["visited_on"],
                row["text"],
                row["language"],
                row["channel"],
                row["state"],
                row["reason_code"],
            )

    def _replies(self) -> Iterator[tuple[Any, ...]]:
        for _, row in self._rows("replies"):
            yield row["review_id"], row["text"], row["replied_on"]

    def _plan_measures(self) -> Iterator[tuple[Any, ...]]:
        for _, row in self._rows("plan_measures"):
            yield row["organization_id"], row["due_on"], row["plan_measure_id"], _json(row)


def _derive(base: sqlite3.Connection, methods: Mapping[str, Method]) -> None:
    """What depends on many organisations: the latest round of each, places, medians, counts."""
    _derive_latest(base)
    _derive_peers(base, methods)
    _derive_groups(base)


def _derive_groups(base: sqlite3.Connection) -> None:
    """Each organisation counts with its latest points, if they are by the method of the group's newest round."""
    newest = {
        (region, sphere): (newest_id, method) for region, sphere, newest_id, method in base.execute(_NEWEST_ROUNDS)
    }
    for region, sphere, organizations, ratings in base.execute(_COUNTS, (SET_ASIDE,)).fetchall():
        assessment_id, method_id = newest.get((region, sphere), ("", ""))
        points = [scaled for (scaled,) in base.execute(_LATEST_POINTS, (region, sphere, method_id))]
        value = format(median(points) / SCALE, "f") if points else ""
        base.execute(
            "INSERT INTO groups VALUES (?, ?, ?, ?, ?, ?, ?)",
            (region, sphere, organizations, ratings, assessment_id, len(points), value),
        )


def _derive_latest(base: sqlite3.Connection) -> None:
    base.execute(
        "INSERT INTO latest SELECT organization_id, assessment_id FROM (SELECT organization_id, assessment_id,"
        " row_number() OVER (PARTITION BY organization_id ORDER BY period DESC, assessment_id) AS place"
        " FROM scores JOIN assessments USING (assessment_id) WHERE measure = 'total') WHERE place = 1"
    )


def _derive_peers(base: sqlite3.Connection, methods: Mapping[str, Method]) -> None:
    direction = {
        (method.id, measure.id): measure.higher_is_better for method in methods.values() for measure in method.measures
    }
    rows = base.execute(
        "SELECT assessment_id, region_code, kind, measure, method_id, scaled, organization_id FROM scores"
        " JOIN organizations USING (organization_id) JOIN assessments USING (assessment_id)"
        " WHERE scaled IS NOT NULL ORDER BY 1, 2, 3, 4, 6"
    )
    for key, group in groupby(rows, key=lambda row: row[:5]):
        assessment_id, region_code, kind, measure, method_id = key
        members = list(group)
        ordered = [row[5] for row in members]
        value = format(median(ordered) / SCALE, "f")
        base.execute(
            "INSERT INTO medians VALUES (?, ?, ?, ?, ?, ?)",
            (assessment_id, region_code, kind, measure, value, len(ordered)),
        )
        if measure == "total":
            standings = dense_standings(ordered, higher_is_better=direction.get((method_id, measure), True))
            base.executemany(
                "INSERT INTO standings VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (row[6], assessment_id, place.rank, place.sharing, place.better, place.peers)
                    for row, place in zip(members, standings, strict=True)
                ),
            )


def sort_key(title: str) -> str:
    """How lists order names: without quotes and case, ё as е, the numbers in a name by their value.

    >>> sorted(["Школа № 12", "«Школа» № 3"], key=sort_key)
    ['«Школа» № 3', 'Школа № 12']
    """
    plain = "".join(char if char.isalnum() else " " for char in title.casefold().replace("ё", "е"))
    return " ".join(word.zfill(6) if word.isdigit() else word for word in plain.split())


def _own_columns(package: Package) -> list[tuple[str, str, str, str]]:
    """(name, title, English title, type) of the columns that the package added to organisations."""
    resource = package.resource("organizations")
    if resource is None:
        return []
    known = set(field_names("organizations"))
    columns = []
    for field in resource.schema["fields"]:
        if field["name"] not in known:
            title = str(field.get("title") or field["name"])
            english = str(field.get("title_en") or title)
            columns.append((field["name"], title, english, str(field.get("type", "string"))))
    return columns


def _package_row(package: Package) -> tuple[Any, ...]:
    licence = package.descriptor["licenses"][0]
    name = str(licence.get("name") or licence.get("title") or licence.get("path")) if isinstance(licence, dict) else ""
    return package.name, package.descriptor["title"], package.version, package.is_demonstration, name


def _json(value: Any) -> str:
    if isinstance(value, Mapping):
        value = {key: text for key, text in value.items() if text}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
