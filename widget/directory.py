"""Who may be rated: organisations and placement codes, read from the data packages when the widget starts."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from nok import urls
from nok.errors import DataError
from nok.identifiers import default_placement_code
from nok.packages.archive import unpack
from nok.packages.read import Package, iterate_rows, read_package
from nok.packages.visible import hidden_organizations
from nok.placements import Placement, PlacementState, follow
from nok.records import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationCard:
    """What the form says of an organisation. `href` is its page below the site's root, in the first language.

    `sphere` decides which questionnaire it is asked about by.
    """

    name: str
    place_line: str
    region_code: str
    href: str
    is_demonstration: bool = False
    sphere: str = ""
    website: str = ""
    """As it was published; who may frame the form follows from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Published organisations by id, and placements by code (the default code of each organisation included)."""

    organizations: Mapping[str, OrganizationCard]
    placements: Mapping[str, Placement]
    assessments: frozenset[str] = frozenset()
    """The ids of all published rounds."""
    collecting: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(sphere, region) to the published round that collects answers now; an empty region stands for all."""

    def region_of(self, organization_id: str) -> str:
        """The region of a published organisation; empty for any other."""
        card = self.organizations.get(organization_id)
        return card.region_code if card else ""

    def round_of(self, card: OrganizationCard) -> str:
        """The round that now collects answers about an organisation; empty where none does."""
        for region_code in (card.region_code, ""):
            if found := self.collecting.get((card.sphere, region_code)):
                return found
        return ""

    def follow(self, code: str) -> tuple[str, Placement] | None:
        """The code that stands for `code` now, and its placement; `None` where nobody printed such a code.

        A replaced code leads to the one that replaced it, however often that happened; a ring of codes counts as closed.
        """
        return follow(self.placements, code)


def read_directory(packages: Sequence[Path], *, address_shards: int = 0) -> Directory:
    """Published organisations and all placements of `packages`, which have been checked before.

    `address_shards` is the option of that name, since the link to an organisation's page depends on it.

    Raises:
        DataError: a package cannot be opened.
    """
    with TemporaryDirectory(prefix="nok-directory-") as scratch:
        return _read(list(_open(packages, Path(scratch))), address_shards)


def _read(opened: Sequence[Package], address_shards: int) -> Directory:
    hidden = hidden_organizations(opened)
    cards = {
        row["organization_id"]: _card(row, address_shards, is_demonstration=package.is_demonstration)
        for package, row in _rows(opened, "organizations")
        if row["organization_id"] not in hidden
    }
    placements: dict[str, Placement] = {}
    for organization_id in cards:
        # Two organisations with one default code are a fault of the data that `validate` tells; the first keeps it.
        placements.setdefault(default_placement_code(organization_id), Placement(organization_id=organization_id))
    for _, row in _rows(opened, "placements"):
        placements[row["placement_code"]] = Placement(
            organization_id=row["organization_id"],
            state=PlacementState(row["state"]),
            replaced_by=row["replaced_by"],
        )
    rounds = [row for _, row in _rows(opened, "assessments") if row["status"] == Status.PUBLISHED]
    return Directory(
        organizations=cards,
        placements=placements,
        assessments=frozenset(row["assessment_id"] for row in rounds),
        collecting=_collecting(rounds),
    )


def _collecting(rounds: Sequence[Mapping[str, str]]) -> dict[tuple[str, str], str]:
    """Independent assessments at the stage of collecting; of several in one place the latest."""
    found: dict[tuple[str, str], str] = {}
    for row in sorted(rounds, key=lambda row: (row["period"], row["assessment_id"])):
        if row["stage"] == "collection" and row["kind"] == "independent":
            found[row["sphere"], row.get("region_code", "")] = row["assessment_id"]
    return found


def _open(packages: Sequence[Path], scratch: Path) -> Iterator[Package]:
    for number, path in enumerate(packages):
        folder, problems = unpack(path, scratch / str(number)) if path.is_file() else (path, [])
        package, found = read_package(folder) if folder else (None, [])
        if package is None or problems or found:
            raise DataError([*problems, *found])
        yield package


def _rows(packages: Sequence[Package], name: str) -> Iterator[tuple[Package, dict[str, str]]]:
    for package in packages:
        resource = package.resource(name)
        if resource is not None:
            for row in iterate_rows(resource):
                yield package, row


def _card(row: Mapping[str, str], address_shards: int, *, is_demonstration: bool) -> OrganizationCard:
    municipality, address = row["municipality"], row["address"]
    return OrganizationCard(
        name=row["short_name"] or row["name"],
        place_line=address if municipality in address else ", ".join(filter(None, (municipality, address))),
        region_code=row["region_code"],
        href=urls.organization(row["region_code"], row["organization_id"], "", address_shards),
        is_demonstration=is_demonstration,
        website=row.get("website", ""),
        sphere=sys.intern(row["sphere"]),  # a country has 200,000 cards and a handful of spheres
    )
