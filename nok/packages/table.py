"""Whether a table follows its Table Schema, over millions of rows: the only place that knows how.

Two readers that must agree: one decides for whole columns whether a table is clean; where it is not, or where it cannot
tell, the exact one reads it cell by cell and finds the place of every fault.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from nok.packages.exact import Scan, TableReader
from nok.packages.keys import KeyColumn, Keys
from nok.packages.read import Package, Resource
from nok.packages.rules import Rules

LEAST_BYTES_FOR_COLUMNS = 2 * 1024 * 1024
"""Where all tables together are smaller, the exact reader is done before the engine of the other has started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the tables of one check are read; `by_columns` lets the quick reader go first."""

    today: date
    encoding: str = "utf-8"
    by_columns: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TableScan:
    """A table of one package: what the readers found, and values that must be keys of this very table (not yet sure)."""

    scan: Scan
    own_references: KeyColumn | None = None


def is_worth_columns(packages: Iterable[Package]) -> bool:
    """True where the tables of `packages` are so large that reading whole columns pays."""
    files = (file for package in packages for resource in package.resources for file in resource.files)
    return sum(file.stat().st_size for file in files) >= LEAST_BYTES_FOR_COLUMNS


def read_table(
    package: Package, resource: Resource, reading: Reading, keys: Mapping[str, Keys], rules: Rules
) -> TableScan:
    """Reads one table; `keys` holds those of the tables read so far and takes this one's.

    After the last package the caller asks `is_consistent`: repeated keys and references of a table to itself can only
    be told then. Where it is not, every package of the table is read again without `by_columns`.
    """
    if reading.by_columns and reading.encoding == "utf-8":
        found = _read_columns(package, resource, reading, keys, rules)
        if found is not None:
            return found
    reader = TableReader(package, resource, reading.today, keys, reading.encoding)
    return TableScan(scan=reader.scan(rules.of(resource.name)))


def _read_columns(
    package: Package, resource: Resource, reading: Reading, keys: Mapping[str, Keys], rules: Rules
) -> TableScan | None:
    """`None` where the table is not surely clean."""
    from nok.packages.columns import are_known, read_clean

    clean = read_clean(package, resource, reading.today, rules)
    if clean is None:
        return None
    own = clean.references.pop(resource.name, None)
    if not all(are_known(values, keys[name]) for name, values in clean.references.items()):
        return None
    for file, column in clean.keys:
        keys[resource.name].add_column(file, column)
    return TableScan(scan=Scan(rows=clean.rows), own_references=own)


def is_consistent(scans: Iterable[TableScan], keys: Keys) -> bool:
    """True where no key of a table stands twice and its references to itself lead somewhere, all packages together.

    Only for what was read in columns: the exact reader has told its own faults.
    """
    owned = [scan.own_references for scan in scans if scan.own_references is not None]
    columns, _ = keys.parts()
    if not columns and not owned:
        return not keys.has_repeats
    from nok.packages.columns import are_known, are_unique

    return are_unique(keys) and all(are_known(values, keys) for values in owned)
