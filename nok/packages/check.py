"""All packages of one build, checked together; every fault is collected, nothing is written.

Order of the work: descriptors (by frictionless and by us), tables parents first (by the exact reader), references,
then frictionless once more over small tables: it is the contract, and a disagreement is a fault of one of the two.
The only place that knows frictionless.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import frictionless

from nok.errors import Place, Problem
from nok.method import Method
from nok.packages.archive import unpack
from nok.packages.profile import RESOURCES
from nok.packages.read import DESCRIPTOR, Package, Resource, read_package
from nok.packages.rules import Rules
from nok.packages.table import Keys, TableReader
from nok.records import Region

SMALL_TABLE_BYTES = 128 * 1024
"""Tables up to this size are also read by frictionless (it reads some 18,000 rows a second)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What packages are held against besides the profile."""

    methods: Mapping[str, Method]
    regions: Sequence[Region]
    today: date
    encoding: str = "utf-8"
    allow_empty: bool = False


@dataclass(slots=True, kw_only=True)
class Checked:
    """The packages that could be opened, all problems found, and how many rows each table has."""

    packages: tuple[Package, ...]
    problems: list[Problem] = field(default_factory=list)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        return not any(problem.severity == "error" for problem in self.problems)


def open_packages(paths: Iterable[Path], scratch: Path) -> tuple[list[Package], list[Problem]]:
    """Packages at `paths`, each a folder or a ZIP; a ZIP is unpacked below `scratch`."""
    packages: list[Package] = []
    problems: list[Problem] = []
    for number, path in enumerate(paths):
        folder: Path | None = path
        if path.is_file():
            folder, found = unpack(path, scratch / f"{number}-{path.stem}")
            problems += found
        if folder is None:
            continue
        package, found = read_package(folder)
        problems += found
        if package is not None:
            packages.append(package)
            problems += _descriptor_problems(package)
    return packages, problems


def check_packages(paths: Sequence[Path], terms: Terms, scratch: Path, *, parents: Sequence[Path] = ()) -> Checked:
    """Checks the packages at `paths` together; those at `parents` only lend their keys."""
    packages, problems = open_packages(paths, scratch / "packages")
    lenders, _ = open_packages(parents, scratch / "parents")
    checked = Checked(packages=tuple(packages), problems=problems)
    checked.problems += _repeated_names(packages)
    rules = Rules(terms.methods, terms.regions)
    keys = {name: Keys() for name in RESOURCES}
    for name in RESOURCES:
        for lender in lenders:
            _scan(lender, lender.resource(name), keys, terms, rules, Checked(packages=()))
        for package in packages:
            _scan(package, package.resource(name), keys, terms, rules, checked)
    for package in packages:
        for resource in package.resources:
            if not resource.is_profiled:
                _scan(package, resource, {resource.name: Keys()}, terms, rules, checked)
    checked.problems += rules.at_the_end()
    checked.problems += _emptiness(checked, terms, bool(lenders))
    if checked.is_valid:
        checked.problems += [problem for package in packages for problem in _second_opinion(package, checked)]
    return checked


def _scan(
    package: Package,
    resource: Resource | None,
    keys: Mapping[str, Keys],
    terms: Terms,
    rules: Rules,
    checked: Checked,
) -> None:
    if resource is None:
        return
    reader = TableReader(package.name, resource, terms.today, keys, terms.encoding)
    scan = reader.scan(rules.of(resource.name))
    checked.rows[package.name, resource.name] = scan.rows
    checked.problems += scan.problems
    checked.problems += [
        Problem(rule="foreign-key", value=late.value, where=late.where, details={"resource": late.resource})
        for late in scan.late
        if late.value not in keys[late.resource]
    ]


def _repeated_names(packages: Sequence[Package]) -> list[Problem]:
    names = [package.name for package in packages]
    return [
        Problem(rule="package-repeated", value=name, where=Place(package=name, file=DESCRIPTOR, column="name"))
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]


def _emptiness(checked: Checked, terms: Terms, has_parents: bool) -> list[Problem]:
    if terms.allow_empty:
        return []
    problems = [
        Problem(rule="table-empty", where=Place(package=package, file="organizations", row=1))
        for (package, resource), rows in checked.rows.items()
        if resource == "organizations" and rows == 0
    ]
    named = any(resource == "organizations" for _, resource in checked.rows)
    if not named and not has_parents and checked.packages and not checked.problems:
        where = Place(package=", ".join(package.name for package in checked.packages))
        problems.append(Problem(rule="organizations-missing", where=where))
    return problems


# ---- frictionless --------------------------------------------------------------------------------------------------


def _descriptor_problems(package: Package) -> list[Problem]:
    """What the standard's own profile says of the descriptor."""
    where = Place(package=package.name, file=DESCRIPTOR)
    report = frictionless.Package.validate_descriptor(dict(package.descriptor), basepath=str(package.folder))
    return [
        Problem(rule="descriptor-profile", where=where, value=error.type, details={"reason": error.note})
        for error in report.errors
    ]


def _second_opinion(package: Package, checked: Checked) -> list[Problem]:
    """frictionless on the small tables, without foreign keys (they may lead to other packages)."""
    problems: list[Problem] = []
    for resource in package.resources:
        if sum(file.stat().st_size for file in resource.files) > SMALL_TABLE_BYTES:
            continue
        if not checked.rows.get((package.name, resource.name)):
            continue
        described = _plain(package, resource)
        report = frictionless.Resource.from_descriptor(described, basepath=str(package.folder)).validate()
        problems += _flat(report, "frictionless", Place(package=package.name, file=resource.files[0].name))
    return problems


def _plain(package: Package, resource: Resource) -> dict[str, Any]:
    """The resource as frictionless reads it: only the columns that stand in its file, no reference outside."""
    paths = [str(file.relative_to(package.folder)) for file in resource.files]
    with resource.files[0].open(encoding="utf-8-sig", newline="") as stream:
        header = next(csv.reader(stream, delimiter=resource.delimiter))
    fields = {described["name"]: described for described in resource.schema["fields"]}
    schema = {
        "fields": [fields[name] for name in header],
        "primaryKey": resource.schema.get("primaryKey", []),
        "missingValues": [""],
    }
    described: dict[str, Any] = {
        "name": resource.name,
        "path": paths[0],
        "type": "table",
        "encoding": "utf-8",
        "schema": schema,
        "format": "csv",
    }
    if len(paths) > 1:
        described["extrapaths"] = paths[1:]
    if resource.delimiter != ",":
        described["dialect"] = {"csv": {"delimiter": resource.delimiter}}
    return described


def _flat(report: Any, rule: str, where: Place) -> list[Problem]:
    found = []
    for kind, row, field_name, note in report.flatten(["type", "rowNumber", "fieldName", "note"]):
        place = Place(package=where.package, file=where.file, row=row, column=field_name or "")
        found.append(Problem(rule=rule, where=place, value=kind, details={"reason": note}))
    return found
