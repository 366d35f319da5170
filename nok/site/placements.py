"""The codes of a publication as rows of its packages: read for printing, changed where a stand comes, moves or goes.

A row is never removed and a code never used twice, for what was printed hangs for years. What changes is its state.
"""

import fcntl
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from nok.documents import nearest
from nok.errors import BusyError, ConfigError, UsageError
from nok.identifiers import default_placement_code, placement_code
from nok.packages.profile import field_names
from nok.packages.read import Package, Resource, iterate_rows
from nok.packages.write import DESCRIPTOR, Table, replace_table, write_package
from nok.placements import Placement, PlacementState, follow

TABLE = "placements"
RESPONSIBLE: Mapping[str, Any] = {
    "name": "responsible_post",
    "type": "string",
    "title": "Кто отвечает за стенд",
    "constraints": {"maxLength": 300},
}
"""A column that our own packages have beside the profile's: the post, never the name, of who answers for the stand."""

_NEW_PACKAGE: Mapping[str, Any] = {
    "title": "Размещения кодов",
    "version": "1.0.0",
    "licenses": [{"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementRow(Placement):
    """A row of the table; an empty text where it says nothing. `package` is the folder it stands in."""

    code: str
    place: str = ""
    language: str = ""
    printed_on: str = ""
    batch: str = ""
    responsible_post: str = ""
    package: Path = Path()

    @property
    def printed_day(self) -> date | None:
        return date.fromisoformat(self.printed_on) if self.printed_on else None

    def cells(self) -> dict[str, str]:
        """The row as the table has it."""
        return {
            "placement_code": self.code,
            "organization_id": self.organization_id,
            "place": self.place,
            "language": self.language,
            "printed_on": self.printed_on,
            "batch": self.batch,
            "state": str(self.state),
            "replaced_by": self.replaced_by,
            "responsible_post": self.responsible_post,
        }


def read_rows(packages: Iterable[Package]) -> dict[str, PlacementRow]:
    """Code to row, of all packages (which have been checked)."""
    rows = {}
    for package in packages:
        for cells in _rows(package.resource(TABLE)):
            rows[cells["placement_code"]] = _row(cells, package.folder)
    return rows


def _rows(resource: Resource | None) -> Iterator[dict[str, str]]:
    if resource is not None:
        yield from iterate_rows(resource)


def _row(cells: Mapping[str, str], folder: Path) -> PlacementRow:
    return PlacementRow(
        code=cells["placement_code"],
        organization_id=cells["organization_id"],
        place=cells["place"],
        language=cells["language"],
        printed_on=cells["printed_on"],
        batch=cells["batch"],
        state=PlacementState(cells["state"]),
        replaced_by=cells["replaced_by"],
        responsible_post=cells.get("responsible_post", ""),
        package=folder,
    )


def standing_row(rows: Mapping[str, PlacementRow], organization_id: str) -> PlacementRow | None:
    """What an organisation's default code is today: itself where no row says otherwise, the code that replaced it, or
    `None` where it was closed."""
    code = default_placement_code(organization_id)
    found = follow(rows, code)
    if found is None:
        return PlacementRow(code=code, organization_id=organization_id)
    return found[1] if found[1].is_hanging else None


# ---- changing ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A stand that is to have a code of its own."""

    organization_id: str
    place: str = ""
    language: str = ""
    responsible_post: str = ""


class Ledger:
    """The placements of a publication, about to be changed. `chance` gives a random number of
    `PLACEMENT_BITS` bits.

    Changes are kept until `save`, which writes each changed table whole.
    """

    def __init__(self, packages: Sequence[Package], chance: Callable[[], int]) -> None:
        self._packages, self._chance = packages, chance
        self.rows = read_rows(packages)
        self._organizations = {cells["organization_id"] for package in packages for cells in _organizations(package)}
        self._defaults = {default_placement_code(name): name for name in self._organizations}
        self._changed: set[Path] = set()

    def add(self, wanted: Sequence[Wanted], folder: Path, *, batch: str, printed_on: str) -> list[PlacementRow]:
        """A new code for each stand, in the package at `folder`.

        Raises:
            UsageError: an organisation is not there; no code was made for any of them.
        """
        for stand in wanted:
            if stand.organization_id not in self._organizations:
                similar = nearest(stand.organization_id, islice(self._organizations, 1000))
                raise UsageError("organization-unknown", organization_id=stand.organization_id, similar=similar)
        rows = [
            PlacementRow(
                code=self._new_code(),
                organization_id=stand.organization_id,
                place=stand.place,
                language=stand.language,
                responsible_post=stand.responsible_post,
                batch=batch,
                printed_on=printed_on,
                package=folder,
            )
            for stand in wanted
        ]
        for row in rows:
            self._put(row)
        return rows

    def move(self, code: str, folder: Path, *, place: str) -> PlacementRow:
        """The code hangs somewhere else in the same organisation; it goes on working.

        Raises:
            UsageError: nobody printed it, or it hangs no more.
        """
        return self._put(replace(self._hanging(code, folder), place=place, state=PlacementState.MOVED))

    def close(self, code: str, folder: Path) -> PlacementRow:
        """The code hangs no more; whoever scans it is told so, and where the organisation's page is.

        Raises:
            UsageError: as `move`.
        """
        return self._put(replace(self._hanging(code, folder), state=PlacementState.CLOSED))

    def replace(
        self, code: str, folder: Path, *, place: str, batch: str, printed_on: str
    ) -> tuple[PlacementRow, PlacementRow]:
        """(the old row, the row of the new code that stands for it from now on); an empty `place` keeps the old one.

        Raises:
            UsageError: as `move`.
        """
        old = self._hanging(code, folder)
        new = replace(
            old,
            code=self._new_code(),
            place=place or old.place,
            batch=batch,
            printed_on=printed_on,
            state=PlacementState.ACTIVE,
        )
        return self._put(replace(old, state=PlacementState.REPLACED, replaced_by=new.code)), self._put(new)

    def save(self) -> None:
        """Writes the tables that changed.

        Raises:
            StorageError: the disk refuses, or the folder holds something else.
        """
        for folder in sorted(self._changed):
            table = Table(
                name=TABLE,
                rows=[row.cells() for row in self.rows.values() if row.package == folder],
                extra_fields=self._extra_fields(folder),
            )
            if (folder / DESCRIPTOR).exists():
                replace_table(folder, table)
            else:
                write_package(folder, {"name": _package_name(folder), **_NEW_PACKAGE}, [table])
        self._changed.clear()

    def _put(self, row: PlacementRow) -> PlacementRow:
        self.rows[row.code] = row
        self._changed.add(row.package)
        return row

    def _new_code(self) -> str:
        """A code that nobody has: no row, open or closed, and no organisation from the start."""
        while True:
            code = placement_code(self._chance())
            if code not in self.rows and code not in self._defaults:
                return code

    def _hanging(self, code: str, folder: Path) -> PlacementRow:
        row = self.rows.get(code) or self._default_row(code, folder)
        if not row.is_hanging:
            raise UsageError("placement-state", code=code, state=row.state)
        return row

    def _default_row(self, code: str, folder: Path) -> PlacementRow:
        """The row that a default code gets when something becomes of it."""
        if code not in self._defaults:
            raise UsageError("placement-unknown", code=code)
        return PlacementRow(code=code, organization_id=self._defaults[code], package=folder)

    def _extra_fields(self, folder: Path) -> tuple[Mapping[str, Any], ...]:
        """Columns of the table's own: those it has, and ours where a row needs it. Values of others are not kept here."""
        package = next((one for one in self._packages if one.folder == folder), None)
        resource = package.resource(TABLE) if package else None
        own = [field for field in (resource.schema["fields"] if resource else ()) if field["name"] not in _PROFILE]
        strange = [field["name"] for field in own if field["name"] != RESPONSIBLE["name"]]
        if strange:
            raise ConfigError("placement-own-column", place=folder, column=strange[0])
        return (RESPONSIBLE,)


_PROFILE: Collection[str] = frozenset(field_names(TABLE))


def _organizations(package: Package) -> Iterator[dict[str, str]]:
    yield from _rows(package.resource("organizations"))


def _package_name(folder: Path) -> str:
    return folder.resolve().name


@contextmanager
def holding(folder: Path) -> Iterator[None]:
    """Keeps others from changing the placements at `folder` meanwhile: of two changes at once one would be lost, and with it
    a code that may be printed already.

    Raises:
        BusyError: somebody else is at it.
    """
    held = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    handle = os.open(held, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError("placements-held", place=folder) from error
        yield
    finally:
        os.close(handle)
