"""What operators bring from the field: whether they stood where the organisation is, and whether their pictures are there.

These rules look at several tables and at files beside them, so that they stand apart from the reading of tables, and only
see tables that were read without a fault. A visit far away and a picture that nobody lists are warnings: the data is
published as it is. A picture that is not the one its row names is an error.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nok.errors import Place, Problem, Severity
from nok.packages.hashes import KEPT_RUNS, FileHashes, read_sealed, write_sealed
from nok.packages.read import Package, Resource, file_inside, header_of, iterate_rows
from nok.picture_heads import PictureError

if TYPE_CHECKING:
    from nok.packages.segments import Part
    from nok.packages.visits import FarVisit, Unlisted

MOST_TOLD = 100
"""So many far visits of a file are told one by one, and then how many more there are."""

_FILE = "pictures.json"

Found = tuple[Package, Resource]


@dataclass(kw_only=True)
class FieldWork:
    """One check of it. `allowance_m` is how far from an organisation's point an observation may be made; 0: anywhere.

    `memory` is a folder where it is kept which pictures are known to be right; `None` looks at each of them.
    """

    allowance_m: int
    hashes: FileHashes
    memory: Path | None = None
    _ages: dict[str, int] = field(default_factory=dict)
    """SHA-256 of a right picture (a mark behind it where it may be published) to the runs that did not ask for it."""

    def problems(
        self, packages: Sequence[Package], lenders: Sequence[Package], spoilt: Collection[str]
    ) -> list[Problem]:
        """All of them; `spoilt` names the tables that have faults, about which nothing can be told."""
        readable = (name for name in ("observation_photos", "review_photos") if name not in spoilt)
        pictures = [table for name in readable for table in _tables(packages, name)]
        found = list(self._picture_problems(pictures))
        if not {"organizations", "observations", "observation_photos"} & set(spoilt):
            found += self._visit_problems(packages, lenders)
        return found

    # -- visits --------------------------------------------------------------------------------------------------------

    def _visit_problems(self, packages: Sequence[Package], lenders: Sequence[Package]) -> Iterator[Problem]:
        observations = list(_tables(packages, "observations"))
        named = {name for _, resource in observations for file in resource.files for name in header_of(file, resource)}
        if not named & {"latitude", "photo_sha256"}:
            return
        from nok.packages.visits import Whereabouts  # the table engine, which few packages need here

        every = [*packages, *lenders]
        known = Whereabouts(_parts(_tables(every, "organizations")), _parts(_tables(every, "observation_photos")))
        for package, resource in observations:
            for part in _parts([(package, resource)]):
                names = header_of(part.file, resource)
                where = Place(package=package.name, file=part.file.relative_to(package.folder).as_posix())
                if "latitude" in names and self.allowance_m:
                    yield from _far(known.far_visits(part, self.allowance_m), where)
                if "photo_sha256" in names:
                    yield from _unlisted(known.unlisted(part), where)

    # -- pictures ------------------------------------------------------------------------------------------------------

    def _picture_problems(self, tables: Sequence[Found]) -> Iterator[Problem]:
        if not tables:
            return
        before = (read_sealed(self.memory / _FILE) or {}) if self.memory else {}
        for package, resource in tables:
            for file in resource.files:
                where = Place(package=package.name, file=file.relative_to(package.folder).as_posix())
                for number, row in enumerate(iterate_rows(replace(resource, files=(file,))), 2):
                    yield from self._one(package, row, replace(where, row=number), before)
        if self.memory:
            left = {name: age + 1 for name, age in before.items() if name not in self._ages and age < KEPT_RUNS}
            write_sealed(self.memory / _FILE, left | self._ages)

    def _one(self, package: Package, row: Mapping[str, str], where: Place, known: Collection[str]) -> Iterator[Problem]:
        """What is wrong with one picture; `where` is its row."""
        from nok.pictures import check_picture  # a library of pictures, which few packages need

        path, expected = row["path"], row.get("photo_sha256") or row["sha256"]
        if not path:
            return  # released data tells of pictures, and leaves their files where they are
        where = replace(where, column="path")
        file = file_inside(package.folder, path)
        if file is None:
            yield Problem(rule="photo-path", value=path, where=where)
            return
        found = self.hashes.of(file)
        if found != expected:
            details = {"found": found, "expected": expected}
            yield Problem(rule="photo-hash", value=path, where=where, details=details)
            return
        is_published = row.get("is_released", "true") == "true"  # what was sent with a review is there to be shown
        name = expected + ("+" if is_published else "")
        try:
            if name not in known:
                check_picture(file, is_published=is_published)
            self._ages[name] = 0
        except PictureError as error:
            details = {"found": error.found, "maximum": error.maximum}
            yield Problem(rule=error.rule, value=path, where=where, details=details)


# ---- parts -----------------------------------------------------------------------------------------------------------


def _tables(packages: Sequence[Package], name: str) -> Iterator[Found]:
    for package in packages:
        resource = package.resource(name)
        if resource is not None:
            yield package, resource


def _parts(tables: Iterable[Found]) -> "list[Part]":
    from nok.packages.segments import Part

    return [
        Part(file=file, delimiter=resource.delimiter, columns=(), owner="", identity="")
        for _, resource in tables
        for file in resource.files
    ]


def _far(visits: "Sequence[FarVisit]", where: Place) -> Iterator[Problem]:
    where = replace(where, column="latitude")
    for row, organization_id, metres, maximum, rows in visits[:MOST_TOLD]:
        details = {"organization": organization_id, "maximum": str(maximum), "rows": str(rows)}
        place = replace(where, row=row)
        yield Problem(
            rule="observation-far", value=str(metres), where=place, details=details, severity=Severity.WARNING
        )
    if len(visits) > MOST_TOLD:
        more = str(len(visits) - MOST_TOLD)
        yield Problem(rule="observation-far-more", value=more, where=where, severity=Severity.WARNING)


def _unlisted(pictures: "Sequence[Unlisted]", where: Place) -> Iterator[Problem]:
    for row, photo_sha256, rows in pictures[:MOST_TOLD]:
        place = replace(where, row=row, column="photo_sha256")
        details = {"rows": str(rows)}
        yield Problem(
            rule="photo-unlisted", value=photo_sha256, where=place, details=details, severity=Severity.WARNING
        )
    if len(pictures) > MOST_TOLD:
        place = replace(where, column="photo_sha256")
        more = str(len(pictures) - MOST_TOLD)
        yield Problem(rule="photo-unlisted-more", value=more, where=place, severity=Severity.WARNING)
