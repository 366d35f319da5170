"""What stands in a slot, unit by unit, and what each unit was made from.

A *unit* is what is made in one piece: all files of an organisation, one page of a list in every language, the map of a
region. Its `inputs` are short digests of everything it is made from, so that a build renders only units whose inputs
are not what they were in this very slot, and can say which of them changed.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

from nok.records import record
from nok.site.files import Written

UNITS_PER_GROUP = 100

INDICATOR_LISTS_PER_GROUP = 500
"""Pages of one kind of organisations by its indicators: what is read for one of them is enough for all."""

SEARCH = "x/"
"""How the names of the files of search begin: which of them are wanted is known when all names have been indexed."""

_LAST = "\U0010ffff"


@record
class Wanted:
    """A unit as it should stand in the slot.

    `kind` is the first part of its name; `key` and `number` are what its maker needs to find it: the key of an
    organisation, or the number of a list's page.
    """

    name: str
    inputs: str
    region_code: str = ""
    sphere: str = ""
    key: int = 0

    @property
    def kind(self) -> str:
        return self.name.partition("/")[0]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit as it stands in a slot.

    `listing` tells its files as the manifest keeps them (`listing_of`): a worker sends one text instead of hundreds of
    records, and nobody puts it together again.
    """

    name: str
    inputs: str
    listing: str
    region_code: str = ""

    @cached_property
    def files(self) -> tuple[Written, ...]:
        """Its files, read from the listing."""
        lines = (line.split(" ", 2) for line in self.listing.split("\n") if line)
        return tuple(Written(path, sha256, int(size)) for sha256, size, path in lines)

    @property
    def known(self) -> dict[str, str]:
        """Path to SHA-256 of its files."""
        return {file.path: file.sha256 for file in self.files}


def listing_of(files: Iterable[Written]) -> str:
    """SHA-256, size in bytes and path of each file, a line each."""
    return "\n".join([f"{sha256} {size} {path}" for path, sha256, size in files])


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The units of one region that should stand in a slot, held against those that do."""

    region_code: str
    stale: Sequence[Wanted]
    gone: Sequence[str]


def compare(known: Mapping[str, str], region_code: str, wanted: Iterable[Wanted], *, every: bool = False) -> Compared:
    """Holds the units of a region against `known`, the inputs of those that stand, by their names.

    What does not stand, or is made from other things, is stale (or `every` one is); what stands and is not wanted is gone.

    Raises:
        ValueError: two units of one name.
    """
    names: set[str] = set()
    stale = []
    for unit in wanted:
        if unit.name in names:
            raise ValueError(f"two units have the name '{unit.name}'")
        names.add(unit.name)
        if (known.get(unit.name) != unit.inputs or every) and "/" in unit.name:
            stale.append(unit)
    return Compared(region_code=region_code, stale=stale, gone=[name for name in known if name not in names])


def read_inputs(path: Path, region_code: str) -> dict[str, str]:
    """Name to inputs of a region's units in the manifest at `path`, which another process may have open."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        return dict(base.execute(_OF_REGION, (region_code,)))


_OF_REGION = "SELECT name, inputs FROM units WHERE region_code = ?"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS units (name TEXT PRIMARY KEY, region_code TEXT, inputs TEXT, number INTEGER,"
    " size INTEGER) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS by_region ON units (region_code, inputs)",  # with the name it is all that a plan reads
    "CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, files TEXT) WITHOUT ROWID",
    "CREATE TEMP TABLE wanted (name TEXT PRIMARY KEY, inputs TEXT, region_code TEXT, sphere TEXT, key INTEGER)"
    " WITHOUT ROWID",
    "CREATE TEMP TABLE gone (name TEXT PRIMARY KEY) WITHOUT ROWID",
)
_CACHE_KIB = 65_536
"""Names come in an order of their own, so that a country's manifest is written all over; with less it goes back and forth."""

_UNITS = "SELECT name, inputs, region_code, files FROM units JOIN files USING (name)"


class Manifest:
    """The units of one slot; what is noted becomes true together, at `commit`."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.execute("PRAGMA temp_store = FILE")
        self._base.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        for statement in (*_TABLES, "BEGIN"):
            self._base.execute(statement)

    def close(self) -> None:
        self._base.close()

    def commit(self) -> None:
        self._base.execute("COMMIT")
        self._base.execute("BEGIN")

    @property
    def is_empty(self) -> bool:
        return self._base.execute("SELECT 1 FROM units LIMIT 1").fetchone() is None

    # -- what should be there ----------------------------------------------------------------------------------------

    def want(self, regions: Iterable[Compared], whole: Iterable[Wanted], *, every: bool = False) -> None:
        """Says all that should stand in the slot: region by region, and what is of no region, but for files of search.

        Regions come one at a time, and `whole` is asked for when all have come. A region's units are in memory, a
        country's never are.

        Raises:
            ValueError: two units of one name, or a region in two pieces.
        """
        seen = {""}
        for compared in regions:
            if compared.region_code in seen:
                raise ValueError(f"the units of region '{compared.region_code}' do not stand together")
            seen.add(compared.region_code)
            self._note(compared)
        known = {name: inputs for name, inputs in self._inputs_of("").items() if not name.startswith(SEARCH)}
        self._note(compare(known, "", whole, every=every))
        for (region_code,) in self._base.execute("SELECT DISTINCT region_code FROM units").fetchall():
            if region_code not in seen:
                self._note(compare(self._inputs_of(region_code), region_code, ()))

    def want_search(self, units: Iterable[Wanted], *, every: bool = False) -> None:
        """The same of the files of search, which are known later.

        Raises:
            ValueError: two units of one name.
        """
        self._note(compare(dict(self.inputs(SEARCH)), "", units, every=every))

    def _inputs_of(self, region_code: str) -> dict[str, str]:
        return dict(self._base.execute(_OF_REGION, (region_code,)))

    def _note(self, compared: Compared) -> None:
        stale = ((unit.name, unit.inputs, unit.region_code, unit.sphere, unit.key) for unit in compared.stale)
        self._base.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?, ?)", stale)
        self._base.executemany("INSERT INTO gone VALUES (?)", ((name,) for name in compared.gone))

    def find_stale(self, *, of_search: bool = False) -> int:
        """Puts the stale units (those of search, or the others) in the order of their making; how many they are.

        Units that stand once have no `/` in their names and are not among them. Neighbours in the order are of
        different regions: workers that create files in one folder wait for each other.
        """
        self._base.execute("DROP TABLE IF EXISTS stale")
        self._base.execute(
            "CREATE TEMP TABLE stale AS SELECT name, inputs, region_code, sphere, key, substr(name, 1, 1) AS kind,"
            " (row_number() OVER (PARTITION BY substr(name, 1, 1), region_code, sphere ORDER BY key) - 1)"
            " / CASE substr(name, 1, 1) WHEN 'i' THEN ? ELSE ? END AS turn"
            " FROM wanted WHERE (name >= ? AND name < ?) = ?"
            " ORDER BY instr('orsgmpaqijkv', kind), turn, region_code, sphere, key",
            (INDICATOR_LISTS_PER_GROUP, UNITS_PER_GROUP, SEARCH, SEARCH + _LAST, of_search),
        )
        return int(self._base.execute("SELECT count(*) FROM stale").fetchone()[0])

    def stale_names(self) -> Iterator[str]:
        """Names of all stale units that are known so far."""
        return (name for (name,) in self._base.execute("SELECT name FROM wanted ORDER BY name"))

    def stale_groups(self) -> Iterator[list[Wanted]]:
        """What `find_stale` found, in groups of one kind, region and sphere; the largest kind first."""
        rows = self._base.execute("SELECT kind, turn, region_code, sphere, name, inputs, key FROM stale ORDER BY rowid")
        for _, group in groupby(rows, key=lambda row: row[:4]):
            yield [
                Wanted(name=name, inputs=inputs, region_code=region_code, sphere=sphere, key=key)
                for _, _, region_code, sphere, name, inputs, key in group
            ]

    def gone(self) -> list[str]:
        """Names of the units that stand here and should not."""
        return [name for (name,) in self._base.execute("SELECT name FROM gone ORDER BY name")]

    # -- what is there -----------------------------------------------------------------------------------------------

    def unit(self, name: str) -> Unit | None:
        row = self._base.execute(f"{_UNITS} WHERE name = ?", (name,)).fetchone()
        return _unit(row) if row else None

    def units(self, wanted: Sequence[Wanted]) -> Iterator[Unit]:
        """Those of `wanted` that stand here, whatever they were made from."""
        for one in wanted:
            unit = self.unit(one.name)
            if unit is not None:
                yield unit

    def all_units(self) -> Iterator[Unit]:
        for row in self._base.execute(f"{_UNITS} ORDER BY name"):
            yield _unit(row)

    def inputs(self, prefix: str) -> Iterator[tuple[str, str]]:
        """(name, inputs) of the units whose names begin with `prefix`."""
        return self._base.execute(
            "SELECT name, inputs FROM units WHERE name >= ? AND name < ? ORDER BY name", (prefix, prefix + _LAST)
        )

    def put(self, units: Sequence[Unit]) -> None:
        """Notes units that are now right."""
        rows = (
            (unit.name, unit.region_code, unit.inputs, len(unit.files), sum(file.size for file in unit.files))
            for unit in units
        )
        self._base.executemany("INSERT OR REPLACE INTO units VALUES (?, ?, ?, ?, ?)", rows)
        files = ((unit.name, unit.listing) for unit in units)
        self._base.executemany("INSERT OR REPLACE INTO files VALUES (?, ?)", files)

    def drop(self, names: Sequence[str]) -> None:
        for table in ("units", "files"):
            self._base.executemany(f"DELETE FROM {table} WHERE name = ?", ((name,) for name in names))

    def wanted_inputs(self, name: str) -> str | None:
        """The inputs under which a unit should stand here."""
        row = self._base.execute(
            "SELECT inputs FROM wanted WHERE name = :name UNION ALL SELECT inputs FROM units WHERE name = :name"
            " AND name NOT IN (SELECT name FROM gone)",
            {"name": name},
        ).fetchone()
        return row[0] if row else None

    def count(self, prefix: str) -> int:
        """How many units have names that begin with `prefix`."""
        found = self._base.execute("SELECT count(*) FROM units WHERE name >= ? AND name < ?", (prefix, prefix + _LAST))
        return int(found.fetchone()[0])

    def totals(self) -> tuple[int, int]:
        """(files, bytes)."""
        files, size = self._base.execute(
            "SELECT coalesce(sum(number), 0), coalesce(sum(size), 0) FROM units"
        ).fetchone()
        return int(files), int(size)

    def region_codes(self) -> list[str]:
        """The regions that units are of; empty for those of none."""
        return [code for (code,) in self._base.execute("SELECT DISTINCT region_code FROM units ORDER BY region_code")]

    def paths(self, ending: str = "", region_code: str | None = None) -> Iterator[str]:
        """Every path (with this ending; of this region), unit by unit."""
        where, values = ("WHERE region_code = ?", (region_code,)) if region_code is not None else ("", ())
        for (files,) in self._base.execute(f"SELECT files FROM files JOIN units USING (name) {where}", values):
            yield from (line.split(" ", 2)[2] for line in files.split("\n") if line and line.endswith(ending))

    def holder(self, path: str) -> Unit | None:
        """The unit that a file belongs to."""
        row = self._base.execute(f"{_UNITS} WHERE instr(files || char(10), ? || char(10))", (f" {path}",)).fetchone()
        return _unit(row) if row else None


def _unit(row: tuple[str, str, str, str]) -> Unit:
    name, inputs, region_code, listing = row
    return Unit(name=name, inputs=inputs, listing=listing, region_code=region_code)
