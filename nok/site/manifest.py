"""What stands in a slot, unit by unit, and what each unit was made from.

A *unit* is what is made in one piece: all files of an organisation, one page of a list in every language, the map of a
region. Its `inputs` are short digests of everything it is made from, so that a build renders only units whose inputs
are not what they were in this very slot, and can say which of them changed.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from nok.site.files import Written

UNITS_PER_GROUP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit as it stands in a slot."""

    name: str
    inputs: str
    files: tuple[Written, ...]

    @property
    def known(self) -> dict[str, str]:
        """Path to SHA-256 of its files."""
        return {file.path: file.sha256 for file in self.files}


class Manifest:
    """The units of one slot; what is noted becomes true together, at `commit`."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.execute(
            "CREATE TABLE IF NOT EXISTS units (name TEXT PRIMARY KEY, inputs TEXT, number INTEGER, size INTEGER,"
            " files TEXT) WITHOUT ROWID"
        )
        self._base.execute("PRAGMA temp_store = FILE")
        self._base.execute(
            "CREATE TEMP TABLE wanted (name TEXT PRIMARY KEY, inputs TEXT, region_code TEXT, sphere TEXT, key INTEGER)"
            " WITHOUT ROWID"
        )
        self._base.execute("BEGIN")

    def close(self) -> None:
        self._base.close()

    def commit(self) -> None:
        self._base.execute("COMMIT")
        self._base.execute("BEGIN")

    @property
    def is_empty(self) -> bool:
        return self._base.execute("SELECT 1 FROM units LIMIT 1").fetchone() is None

    # -- what should be there ----------------------------------------------------------------------------------------

    def want(self, units: Iterable[Wanted]) -> None:
        """Says what should stand in the slot, besides what has been said before.

        Raises:
            ValueError: two units of one name.
        """
        rows = ((unit.name, unit.inputs, unit.region_code, unit.sphere, unit.key) for unit in units)
        try:
            self._base.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?, ?)", rows)
        except sqlite3.IntegrityError as error:
            raise ValueError("two units have one name") from error

    def find_stale(self, *, every: bool = False) -> int:
        """Finds the wanted units that do not stand here or are made from other things (or `every` one); how many.

        Units that stand once have no `/` in their names and are not among them. Neighbours in the order are of
        different regions: workers that create files in one folder wait for each other.
        """
        self._base.execute("DROP TABLE IF EXISTS stale")
        self._base.execute(
            "CREATE TEMP TABLE stale AS SELECT w.name, w.inputs, region_code, sphere, key, substr(w.name, 1, 1) AS kind,"
            " (row_number() OVER (PARTITION BY substr(w.name, 1, 1), region_code, sphere ORDER BY key) - 1) / ? AS turn"
            " FROM wanted w LEFT JOIN units u USING (name) WHERE instr(w.name, '/')"
            + ("" if every else " AND u.inputs IS NOT w.inputs")
            + " ORDER BY instr('orsmaq', kind), turn, region_code, sphere, key",
            (UNITS_PER_GROUP,),
        )
        return int(self._base.execute("SELECT count(*) FROM stale").fetchone()[0])

    def stale_names(self) -> list[str]:
        return [name for (name,) in self._base.execute("SELECT name FROM stale ORDER BY rowid")]

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
        rows = self._base.execute("SELECT name FROM units WHERE name NOT IN (SELECT name FROM wanted)")
        return [name for (name,) in rows]

    # -- what is there -----------------------------------------------------------------------------------------------

    def unit(self, name: str) -> Unit | None:
        row = self._base.execute("SELECT name, inputs, files FROM units WHERE name = ?", (name,)).fetchone()
        return _unit(row) if row else None

    def units(self, wanted: Sequence[Wanted]) -> Iterator[Unit]:
        """Those of `wanted` that stand here, whatever they were made from."""
        for one in wanted:
            unit = self.unit(one.name)
            if unit is not None:
                yield unit

    def all_units(self) -> Iterator[Unit]:
        for row in self._base.execute("SELECT name, inputs, files FROM units ORDER BY name"):
            yield _unit(row)

    def inputs(self, prefix: str) -> Iterator[tuple[str, str]]:
        """(name, inputs) of the units whose names begin with `prefix`."""
        return self._base.execute(
            "SELECT name, inputs FROM units WHERE name >= ? AND name < ? ORDER BY name", (prefix, prefix + "\U0010ffff")
        )

    def put(self, units: Iterable[Unit]) -> None:
        """Notes units that are now right."""
        rows = (
            (unit.name, unit.inputs, len(unit.files), sum(file.size for file in unit.files), _text(unit.files))
            for unit in units
        )
        self._base.executemany("INSERT OR REPLACE INTO units VALUES (?, ?, ?, ?, ?)", rows)

    def drop(self, names: Iterable[str]) -> None:
        self._base.executemany("DELETE FROM units WHERE name = ?", ((name,) for name in names))

    def wanted_inputs(self, name: str) -> str | None:
        """The inputs under which a unit should stand here."""
        row = self._base.execute("SELECT inputs FROM wanted WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def count(self, prefix: str) -> int:
        """How many units have names that begin with `prefix`."""
        return sum(1 for _ in self.inputs(prefix))

    def totals(self) -> tuple[int, int]:
        """(files, bytes)."""
        files, size = self._base.execute(
            "SELECT coalesce(sum(number), 0), coalesce(sum(size), 0) FROM units"
        ).fetchone()
        return int(files), int(size)

    def paths(self) -> Iterator[str]:
        """Every path, unit by unit."""
        for (files,) in self._base.execute("SELECT files FROM units ORDER BY name"):
            yield from (line.split(" ", 2)[2] for line in files.split("\n") if line)

    def holder(self, path: str) -> Unit | None:
        """The unit that a file belongs to."""
        row = self._base.execute(
            "SELECT name, inputs, files FROM units WHERE instr(files || char(10), ? || char(10))", (f" {path}",)
        ).fetchone()
        return _unit(row) if row else None


def _text(files: Iterable[Written]) -> str:
    return "\n".join(f"{file.sha256} {file.size} {file.path}" for file in files)


def _unit(row: tuple[str, str, str]) -> Unit:
    name, inputs, files = row
    found = []
    for line in files.split("\n"):
        if line:
            sha256, size, path = line.split(" ", 2)
            found.append(Written(path, sha256, int(size)))
    return Unit(name=name, inputs=inputs, files=tuple(found))
