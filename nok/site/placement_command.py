"""What `publish.py placements` does: words in, a changed table out, sentences back."""

import csv
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from nok.errors import DataError, Said, UsageError
from nok.identifiers import PLACEMENT_BITS, parse_placement_code
from nok.packages.archive import open_packages
from nok.packages.read import Package, open_text
from nok.packages.write import DESCRIPTOR
from nok.site.placements import Ledger, PlacementRow, Wanted, holding, read_rows
from nok.site.publication import read_publication


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementChange:
    """What is to be done with codes: `action` is add, move, close or replace. `package` is where new rows are written;
    `source` a CSV of stands to add."""

    action: str
    config_file: Path | None = None
    packages: Sequence[str] = ()
    package: Path | None = None
    code: str = ""
    organizations: Sequence[str] = ()
    source: Path | None = None
    place: str = ""
    language: str = ""
    responsible: str = ""
    batch: str = ""
    printed_on: date
    today: date


def list_placements(
    config_file: Path | None, packages: Sequence[str], organization_id: str, state: str | None
) -> Iterator[str]:
    """Every row as a line: code, state, organisation, place, batch, day, and the code that stands for it now.

    Raises:
        DataError: a package cannot be read.
    """
    with _packages(_paths(config_file, packages)) as opened:
        rows = read_rows(opened)
    for row in sorted(rows.values(), key=lambda row: (row.organization_id, row.place, row.code)):
        if organization_id in ("", row.organization_id) and state in (None, row.state):
            yield _listed(row)


def _listed(row: PlacementRow) -> str:
    more = [row.batch, row.printed_on, f"→ {row.replaced_by}" if row.replaced_by else ""]
    said = "  ".join(filter(None, more))
    return f"{row.code}  {row.state:<8}  {row.organization_id}  {row.place or '—'}  {said}".rstrip()


def change_placements(change: PlacementChange) -> tuple[list[str], Said]:
    """Does what was asked and writes the table; the rows that it made or changed, a line each, and what that means.

    Raises:
        UsageError: an organisation or a code is not there, or no package is named for a new row; nothing was changed.
        DataError: a package cannot be read.
        BusyError, StorageError: as their words say.
    """
    if change.printed_on > change.today:
        raise UsageError("printed-tomorrow", printed_on=change.printed_on, today=change.today)
    paths = _paths(change.config_file, change.packages, change.package)
    with _packages(paths) as opened:
        folder = _folder(change, opened, paths)
    # Read again: somebody may have changed the table before it was held.
    with holding(folder), _packages(paths) as opened:
        ledger = Ledger(opened, lambda: secrets.randbits(PLACEMENT_BITS))
        said = _CHANGES[change.action](ledger, change, folder)
        ledger.save()
    return said


def _add(ledger: Ledger, change: PlacementChange, folder: Path) -> tuple[list[str], Said]:
    stands = [
        Wanted(organization_id=name, place=change.place, language=change.language, responsible_post=change.responsible)
        for name in change.organizations
    ]
    if change.source is not None:
        stands += read_stands(change.source, change)
    if not stands:
        raise UsageError("stand-whose")
    rows = ledger.add(stands, folder, batch=change.batch, printed_on=change.printed_on.isoformat())
    added = Said("codes-added", number=len(rows), place=folder / "placements.csv", next=_NEXT)
    return [_listed(row) for row in rows], added


def _move(ledger: Ledger, change: PlacementChange, folder: Path) -> tuple[list[str], Said]:
    row = ledger.move(_code(change), folder, place=change.place)
    return [_listed(row)], Said("code-moved")


def _close(ledger: Ledger, change: PlacementChange, folder: Path) -> tuple[list[str], Said]:
    row = ledger.close(_code(change), folder)
    return [_listed(row)], Said("code-closed")


def _replace(ledger: Ledger, change: PlacementChange, folder: Path) -> tuple[list[str], Said]:
    old, new = ledger.replace(
        _code(change), folder, place=change.place, batch=change.batch, printed_on=change.printed_on.isoformat()
    )
    return [_listed(old), _listed(new)], Said("code-replaced", next=_NEXT)


_NEXT = Said("codes-next")
_CHANGES: Mapping[str, Callable[[Ledger, PlacementChange, Path], tuple[list[str], Said]]] = {
    "add": _add,
    "move": _move,
    "close": _close,
    "replace": _replace,
}
_STAND_COLUMNS = ("organization_id", "place", "language", "responsible_post")


def read_stands(file: Path, change: PlacementChange) -> list[Wanted]:
    """The stands of a CSV with a header: `organization_id`, and what is known of `place`, `language`, `responsible_post`;
    what a row leaves empty is as the command says.

    Raises:
        UsageError: no such file, no column of organisations, a column that nobody would read.
    """
    try:
        with open_text(file) as stream:
            reader = csv.DictReader(stream)
            header = list(reader.fieldnames or ())
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError("stands-unreadable", place=file, error=error) from error
    strange = [name for name in header if name not in _STAND_COLUMNS]
    if strange or "organization_id" not in header:
        known = ", ".join(_STAND_COLUMNS)
        if strange:
            raise UsageError("stands-column", place=file, column=strange[0], known=known)
        raise UsageError("stands-organization", place=file, known=known)
    return [
        Wanted(
            organization_id=row["organization_id"] or "",
            place=row.get("place") or change.place,
            language=row.get("language") or change.language,
            responsible_post=row.get("responsible_post") or change.responsible,
        )
        for row in rows
    ]


def _paths(config_file: Path | None, named: Sequence[str], written: Path | None = None) -> list[Path]:
    """The packages of the publication, and the one that is written."""
    paths = read_publication(config_file).package_paths(named)
    known = {path.resolve() for path in paths}
    is_further = written is not None and (written / DESCRIPTOR).exists() and written.resolve() not in known
    return [*paths, written] if written is not None and is_further else paths


@contextmanager
def _packages(paths: Sequence[Path]) -> Iterator[list[Package]]:
    """Packages opened but not checked."""
    with TemporaryDirectory(prefix="nok-placements-") as scratch:
        packages, problems = open_packages(paths, Path(scratch))
        if problems:
            raise DataError(problems)
        yield packages


def _folder(change: PlacementChange, packages: Sequence[Package], paths: Sequence[Path]) -> Path:
    """The package that is written: the one that holds the row of a code, else the one that was named."""
    row = None if change.action == "add" else read_rows(packages).get(_code(change))
    if row is not None:
        if row.package not in paths:
            raise UsageError("placement-in-zip", code=row.code)
        return row.package
    if change.package is None:
        raise UsageError("placement-package")
    named = change.package.resolve()
    return next((one.folder for one in packages if one.folder.resolve() == named), change.package)


def _code(change: PlacementChange) -> str:
    code = parse_placement_code(change.code)
    if code is None:
        raise UsageError("placement-code", code=change.code)
    return code
