"""Several packages become one by the keys of their tables: what operators collected apart, without a network between them.

A row that stands in several packages with the same cells is taken once, so that the same package may come twice. A row
with other cells under the same key is a conflict: all conflicts are told, with both places and both values, and nothing is
written. A merge never chooses. Packages are taken in the order of their names, so that the order of naming changes no byte.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from nok.errors import DataError, Place, Problem, Severity, UsageError
from nok.packages.archive import open_packages
from nok.packages.check import Terms, check_packages
from nok.packages.exact import names_of
from nok.packages.profile import RESOURCES, field_names
from nok.packages.read import DESCRIPTOR, Package, Resource, is_package_name, iterate_rows
from nok.packages.write import PICTURES, Table, write_package
from nok.picture_heads import kind_of

MOST_CONFLICTS = 1000
"""So many conflicting cells are told; whoever has more has merged the wrong packages."""

WITH_PICTURES: Mapping[str, str] = {"observation_photos": "photo_sha256", "review_photos": "sha256"}
"""Tables whose column `path` names a file, and the column that holds its SHA-256."""

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What a merge did: packages, rows written, rows that stood in several packages with the same cells, pictures."""

    packages: int
    rows: int
    repeated: int
    pictures: int
    warnings: Sequence[Problem] = ()


def merge_packages(
    paths: Sequence[Path], out: Path, terms: Terms, scratch: Path, *, name: str = "", title: str = ""
) -> Merged:
    """Writes the package `out` from the packages at `paths`; `name` and `title` of it, where they are not to be made up.

    References between tables are not looked at: what they lead to may lie in a package that is not merged.

    Raises:
        DataError: a package has faults of its own, or two packages say different things; nothing was written.
        UsageError: `out` is one of the packages, or its name fits no package.
        StorageError: the disk refuses, or `out` holds something that is not a package.
    """
    name = name or out.resolve().name.lower()
    if out.resolve() in {path.resolve() for path in paths}:
        raise UsageError("merge-into-itself", place=out)
    if not is_package_name(name):
        raise UsageError("merge-name", name=name)
    packages, problems = open_packages(paths, scratch / "packages")
    for number, package in enumerate(packages):
        problems += _own_problems(package, terms, scratch / str(number))
    _refuse(problems)
    packages.sort(key=lambda package: package.name)
    problems = [*_descriptor_problems(packages), *_field_problems(packages)]
    tables = [_Merging(each) for each in _tables_of(packages)]
    for table in tables:
        problems += table.compare()
    _refuse(problems)
    pictures = {path: file for table in tables for path, file in table.pictures()}
    write_package(out, _descriptor(packages, name, title), [table.as_table() for table in tables], pictures)
    return Merged(
        packages=len(packages),
        rows=sum(table.rows for table in tables),
        repeated=sum(len(table.repeated) for table in tables),
        pictures=len(pictures),
        warnings=list(_left_out(packages)),
    )


def _own_problems(package: Package, terms: Terms, scratch: Path) -> list[Problem]:
    """The faults that a package has by itself; warnings are for those who publish."""
    alone = replace(terms, are_references_checked=False, allow_empty=True)
    found = check_packages([package.folder], alone, scratch).problems
    return [problem for problem in found if problem.severity is Severity.ERROR]


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise DataError(problems)


# ---- descriptors -----------------------------------------------------------------------------------------------------


def _descriptor_problems(packages: Sequence[Package]) -> Iterator[Problem]:
    """What packages say of themselves must be true of the whole."""
    first, *others = packages
    for package in others:
        for name in ("licenses", "demonstration"):
            said, other = package.descriptor.get(name, False), first.descriptor.get(name, False)
            if said != other:
                details = {"property": name, "file": first.name, "other": _shown(other)}
                where = Place(package=package.name, file=DESCRIPTOR, column=name)
                yield Problem(rule="merge-descriptor", value=_shown(said), where=where, details=details)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(
            str(one.get("name") or one.get("title")) if isinstance(one, dict) else str(one) for one in value
        )
    return str(value).lower()


def _field_problems(packages: Sequence[Package]) -> Iterator[Problem]:
    """A column of a package's own means one thing in the whole."""
    known: dict[tuple[str, str], tuple[Package, Any]] = {}
    for package in packages:
        for resource in filter(_is_merged, package.resources):
            for described in _own_fields(resource):
                before, other = known.setdefault((resource.name, described["name"]), (package, described))
                if other != described:
                    where = Place(package=package.name, file=DESCRIPTOR, column=resource.name)
                    details = {"file": f"{before.name}/{DESCRIPTOR}"}
                    yield Problem(rule="merge-field", value=described["name"], where=where, details=details)


def _own_fields(resource: Resource) -> list[Mapping[str, Any]]:
    profiled = set(field_names(resource.name))
    return [described for described in resource.schema["fields"] if described["name"] not in profiled]


def _is_merged(resource: Resource) -> bool:
    return resource.name in RESOURCES


def _left_out(packages: Sequence[Package]) -> Iterator[Problem]:
    """Tables that the profile does not know: nobody knows what they are."""
    for package in packages:
        for resource in package.resources:
            if not _is_merged(resource):
                where = Place(package=package.name, file=DESCRIPTOR, column="resources")
                yield Problem(rule="merge-table", value=resource.name, where=where, severity=Severity.WARNING)


def _descriptor(packages: Sequence[Package], name: str, title: str) -> dict[str, Any]:
    """Of the whole: the highest version, the licence that all have, every package as a source."""
    first = packages[0].descriptor
    sources = [source for package in packages for source in package.descriptor.get("sources", ())]
    sources += [{"title": f"{package.name} {package.version}"} for package in packages if package.name != name]
    titles = dict.fromkeys(one for package in packages for one in str(package.descriptor["title"]).split("; "))
    found: dict[str, Any] = {
        "name": name,
        "title": title or "; ".join(titles),
        "version": max((package.version for package in packages), key=_version_order),
        "licenses": first["licenses"],
        "sources": [source for number, source in enumerate(sources) if source not in sources[:number]],
    }
    return found | ({"demonstration": True} if first.get("demonstration") else {})


def _version_order(version: str) -> tuple[tuple[int, ...], bool, str]:
    """A version before its release (`1.0.0-rc.1`) comes before it."""
    numbers, _, tail = version.partition("-")
    return tuple(map(int, numbers.split("."))), not tail, tail


# ---- tables ----------------------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    """A row with its place: which package, which of its files, which record of it."""

    source: int
    file: str
    number: int
    cells: Cells

    @property
    def place(self) -> tuple[int, str, int]:
        return self.source, self.file, self.number


def _tables_of(packages: Sequence[Package]) -> Iterator[list[tuple[Package, Resource]]]:
    """Every table of the profile that one of the packages has, with all that have it."""
    for name in RESOURCES:
        found = [(package, resource) for package in packages if (resource := package.resource(name)) is not None]
        if found:
            yield found


@dataclass(slots=True)
class _Merging:
    """One table of all packages. `repeated` are the places of rows that stand elsewhere with the same cells."""

    sources: Sequence[tuple[Package, Resource]]
    repeated: set[tuple[int, str, int]] = field(default_factory=set)
    rows: int = 0

    @property
    def name(self) -> str:
        return self.sources[0][1].name

    @property
    def extra_fields(self) -> tuple[Mapping[str, Any], ...]:
        fields = {described["name"]: described for _, resource in self.sources for described in _own_fields(resource)}
        return tuple(fields.values())

    @property
    def columns(self) -> tuple[str, ...]:
        return (*field_names(self.name), *(described["name"] for described in self.extra_fields))

    @property
    def key(self) -> list[str]:
        return names_of(self.sources[0][1].schema["primaryKey"])

    def compare(self) -> list[Problem]:
        """Finds what stands twice; the conflicts. A table of one package is not read: its keys were found to be unique."""
        if len(self.sources) == 1:
            return []
        places = [self.columns.index(name) for name in self.key]
        first: dict[Cells, tuple[tuple[int, str, int], bytes]] = {}
        conflicts: list[tuple[tuple[int, str, int], tuple[int, str, int]]] = []
        for row in self._read():
            key, digest = tuple([row.cells[place] for place in places]), _digest(row.cells)
            place, other = first.setdefault(key, (row.place, digest))
            if place == row.place:
                continue
            if other == digest:
                self.repeated.add(row.place)
            elif len(conflicts) < MOST_CONFLICTS:
                conflicts.append((row.place, place))
        return list(self._conflict_problems(conflicts))[:MOST_CONFLICTS]

    def _conflict_problems(
        self, conflicts: Sequence[tuple[tuple[int, str, int], tuple[int, str, int]]]
    ) -> Iterator[Problem]:
        """A problem for each cell that differs; the rows are read once more, for none was kept."""
        wanted = {place for pair in conflicts for place in pair}
        rows = {row.place: row for row in self._read() if row.place in wanted} if wanted else {}
        for place, before in conflicts:
            row, other = rows[place], rows[before]
            for column, value, former in zip(self.columns, row.cells, other.cells, strict=True):
                if value != former:
                    yield self._conflict(row, other, column, value, former)

    def _conflict(self, row: _Row, other: _Row, column: str, value: str, former: str) -> Problem:
        key = " + ".join(row.cells[self.columns.index(name)] for name in self.key)
        package, before = self.sources[row.source][0], self.sources[other.source][0]
        where = Place(package=package.name, file=row.file, row=row.number, column=column)
        details = {"key": key, "file": f"{before.name}/{other.file}", "first": str(other.number), "other": former}
        return Problem(rule="merge-conflict", value=value, where=where, details=details)

    def as_table(self) -> Table:
        """The rows of the whole, each once."""
        return Table(name=self.name, rows=self._kept(), extra_fields=self.extra_fields)

    def _kept(self) -> Iterator[Mapping[str, str]]:
        columns = self.columns
        for row in self._read():
            if row.place not in self.repeated:
                self.rows += 1
                yield dict(zip(columns, row.cells, strict=True))

    def _read(self) -> Iterator[_Row]:
        """All rows of all packages; pictures are named by their content, for two operators may use one name for two."""
        columns, hashed = self.columns, WITH_PICTURES.get(self.name)
        for source, (package, resource) in enumerate(self.sources):
            for file in resource.files:
                name = file.relative_to(package.folder).as_posix()
                for number, row in enumerate(iterate_rows(replace(resource, files=(file,))), 2):
                    if hashed and row["path"]:
                        row["path"] = picture_path(package.folder / row["path"], row[hashed])
                    yield _Row(source, name, number, tuple([row.get(column, "") for column in columns]))

    def pictures(self) -> Iterator[tuple[str, Path]]:
        """Path in the whole to the file that lies there."""
        hashed = WITH_PICTURES.get(self.name)
        for package, resource in self.sources if hashed else ():
            for row in iterate_rows(resource):
                if row["path"]:
                    file = package.folder / row["path"]
                    yield picture_path(file, row[str(hashed)]), file


def picture_path(file: Path, sha256: str) -> str:
    """Where a picture lies in a merged package: by the hash of its content, with the ending of its kind."""
    with file.open("rb") as stream:
        kind = kind_of(stream.read(16))
    return f"{PICTURES}/{sha256[:2]}/{sha256}.{_ENDINGS[kind]}"


_ENDINGS = {"jpeg": "jpg", "png": "png", "webp": "webp"}


def _digest(cells: Iterable[str]) -> bytes:
    return hashlib.blake2b("\x1f".join(cells).encode(), digest_size=16).digest()
