"""All packages of one build, checked together; every fault is collected, nothing is written.

Order of the work: descriptors (by frictionless and by us), tables parents first (by the exact reader), references,
then frictionless once more over small tables: it is the contract, and a disagreement is a fault of one of the two.
The only place that knows frictionless.
"""

import codecs
import csv
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from nok.errors import Place, Problem, Severity, UsageError
from nok.evidence import Form
from nok.identifiers import seen_as
from nok.links import Links
from nok.method import Method
from nok.packages.archive import open_packages
from nok.packages.exact import names_of
from nok.packages.fieldwork import FieldWork
from nok.packages.guesses import with_guesses
from nok.packages.hashes import FileHashes
from nok.packages.keys import HASHED, KEY_JOINT, Keys, TextsWantedError
from nok.packages.parties import Known
from nok.packages.plain_descriptor import is_plain
from nok.packages.profile import RESOURCES
from nok.packages.read import DESCRIPTOR, Package, Resource
from nok.packages.rules import Rules
from nok.packages.table import Reading, TableScan, Together, is_worth_columns, put_together, read_table
from nok.packages.verdicts import REMEMBERED, NotRememberedError, Verdicts
from nok.records import Region

SMALL_TABLE_BYTES = 128 * 1024
"""Tables up to this size are also read by frictionless (it reads some 18,000 rows a second)."""


LEAST_BYTES_TO_REMEMBER = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What packages are held against besides the profile."""

    methods: Mapping[str, Method]
    regions: Sequence[Region]
    forms: Mapping[str, Form] = field(default_factory=dict)
    """Questionnaires by their ids."""
    kinds: Collection[str] = ()
    """Kinds of organisations that editors describe."""
    links: Links = field(default_factory=Links)
    """Addresses that are known to be misspelt."""
    today: date
    encoding: str = "utf-8"
    allow_empty: bool = False
    observation_distance_m: int = 500
    """How far from an organisation's point an observation may be made without a warning; 0: anywhere."""
    are_references_checked: bool = True
    """False where packages are looked at one by one, so that nobody can say that a row they point to is missing."""


@dataclass(slots=True, kw_only=True)
class Checked:
    """The packages that could be opened, all problems found, and how many rows each table has."""

    packages: tuple[Package, ...]
    problems: list[Problem] = field(default_factory=list)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        return not any(problem.severity == "error" for problem in self.problems)


def check_packages(
    paths: Sequence[Path],
    terms: Terms,
    scratch: Path,
    *,
    parents: Sequence[Path] = (),
    memory: Path | None = None,
    helper: Executor | None = None,
    reached: Callable[[int, int], None] = lambda _done, _total: None,
) -> Checked:
    """Checks the packages at `paths` together; those of `parents` that are not among them only lend their keys.

    `memory` is a folder where clean tables are remembered, so that the next check need not read them; `None` reads
    everything. `helper` is another process, which may have frictionless read small tables meanwhile. `reached` hears how
    many bytes of the tables have been read, and of how many.

    Raises:
        UsageError: `terms.encoding` is no encoding.
    """
    terms = replace(terms, encoding=_encoding(terms.encoding))
    packages, problems = open_packages(paths, scratch / "packages")
    given = {path.resolve() for path in paths}
    parents = [path for path in parents if path.resolve() not in given]
    lenders, unread = open_packages(parents, scratch / "parents")
    verdicts = _verdicts(memory, terms, [*packages, *lenders])
    checked = Checked(packages=tuple(packages), problems=problems + unread)
    for package in [*packages, *lenders]:
        checked.problems += _descriptor_problems(package, verdicts)
    checked.problems += _repeated_names([*lenders, *packages])
    for package in packages:
        checked.problems += [*_unlisted(package), *_proof_problems(package)]
    are_all_open = terms.are_references_checked and len(packages) + len(lenders) == len(paths) + len(parents)
    run = _Run(terms, verdicts, _Gauge([*packages, *lenders], reached), are_all_open=are_all_open)
    seconds = _SecondReader(helper, terms.encoding, run.new_tables(packages) if helper else ())
    run = _check_tables(run, lenders, packages)
    checked.problems += with_guesses(run.problems, run.keys)
    checked.rows = run.rows
    checked.problems += _field_work(packages, lenders, run, terms, verdicts, memory)
    checked.problems += _emptiness(checked, terms, bool(lenders))
    checked.problems += _course(checked, lenders, terms)
    if checked.is_valid:
        checked.problems += [problem for package in packages for problem in run.second_opinion(package, seconds)]
    run.save(is_valid=checked.is_valid)
    return checked


def _field_work(
    packages: Sequence[Package],
    lenders: Sequence[Package],
    run: "_Run",
    terms: Terms,
    verdicts: Verdicts | None,
    memory: Path | None,
) -> list[Problem]:
    """What observers brought, where the tables that tell of it could be read."""
    if terms.encoding != "utf-8" or not any(
        package.resource(name)
        for package in packages
        for name in ("observations", "observation_photos", "review_photos")
    ):
        return []
    hashes = verdicts.hashes if verdicts else FileHashes(memory)
    work = FieldWork(allowance_m=terms.observation_distance_m, hashes=hashes, memory=memory)
    found = work.problems(packages, lenders, run.spoilt)
    if verdicts is None:
        hashes.save()
    return found


def _course(checked: Checked, lenders: Sequence[Package], terms: Terms) -> list[Problem]:
    """What the tables about the course of rounds say together, where each of them is right by itself."""
    from nok.packages.course import TABLES, course_problems  # the table engine, which small packages need not load

    every = [(package, table, package.resource(table)) for package in (*checked.packages, *lenders) for table in TABLES]
    files = {
        (package.name, file.relative_to(package.folder).as_posix())
        for package, _, resource in every
        for file in (resource.files if resource is not None else ())
    }
    faults = {
        (problem.where.package, problem.where.file)
        for problem in checked.problems
        if problem.severity is Severity.ERROR
    }
    is_unread = any(resource is None and _declares(package, table) for package, table, resource in every)
    if faults & files or is_unread:
        return []
    return course_problems(checked.packages, lenders, terms.methods, terms.encoding)


def _verdicts(memory: Path | None, terms: Terms, packages: Sequence[Package]) -> Verdicts | None:
    """What is remembered of tables; `None` where nothing is to be, or where reading them is quicker than remembering."""
    tables = [file for package in packages for resource in package.resources for file in resource.files]
    if memory is None or sum(file.stat().st_size for file in tables) < LEAST_BYTES_TO_REMEMBER:
        return None
    verdicts = Verdicts(memory, terms.encoding)
    verdicts.hashes.begin(tables)
    return verdicts


def _check_tables(run: "_Run", lenders: Sequence[Package], packages: Sequence[Package]) -> "_Run":
    """All tables, parents first; once more without what is remembered if that does not do."""
    try:
        run.check(lenders, packages)
    except NotRememberedError:
        run = run.without_memory()
        run.check(lenders, packages)
    return run


def _encoding(name: str) -> str:
    """The name by which Python knows an encoding, so that `UTF8` is `utf-8`."""
    try:
        "A".encode(name)
        return codecs.lookup(name).name
    except (LookupError, UnicodeError) as error:
        raise UsageError("encoding-unknown", name=name) from error


class _Gauge:
    """How many bytes of all tables have been read."""

    def __init__(self, packages: Sequence[Package], reached: Callable[[int, int], None]) -> None:
        self._reached = reached
        self._total = sum(resource.size_bytes for package in packages for resource in package.resources)
        self.begin()

    def begin(self) -> None:
        """Nothing has been read yet."""
        self._done = self._finished = 0

    def advance(self, size: int) -> None:
        """So much more of a table has been read; it may be read twice, and is counted once when it is finished."""
        self._done = min(self._done + size, self._total)
        self._reached(self._done, self._total)

    def finish(self, tables: Iterable[Resource]) -> None:
        """These are done with, whether they were read or recalled."""
        self._finished += sum(table.size_bytes for table in tables)
        self._done = self._finished
        self._reached(self._done, self._total)


class _Run:
    """One check of all tables: the keys met so far, what the rules have learnt, and what was found."""

    def __init__(
        self,
        terms: Terms,
        verdicts: Verdicts | None,
        gauge: "_Gauge",
        *,
        are_all_open: bool,
        by_columns: bool = True,
    ) -> None:
        """Where a package could not be opened at all, no reference can be said to lead nowhere."""
        self._terms, self._verdicts, self._are_all_open = terms, verdicts, are_all_open
        self._gauge = gauge
        self._reading = Reading(
            today=terms.today,
            encoding=terms.encoding,
            by_columns=by_columns,
            verdicts=verdicts,
            advance=gauge.advance,
        )
        regions = [region.region_code for region in terms.regions]
        known = Known(regions=regions, kinds=terms.kinds, questionnaires=list(terms.forms), links=terms.links)
        self._rules = Rules(terms.methods, terms.regions, terms.forms, terms.today, known)
        self._keys = {name: Keys(is_whole=are_all_open) for name in RESOURCES}
        self._scans: dict[tuple[Path, str], TableScan] = {}
        self.problems: list[Problem] = []
        self.rows: dict[tuple[str, str], int] = {}

    @property
    def keys(self) -> Mapping[str, Keys]:
        """Table of the profile to its keys in all packages."""
        return self._keys

    def without_memory(self) -> "_Run":
        """The same check from the beginning, everything being read."""
        if self._verdicts is not None:
            self._verdicts.forget()
        self._gauge.begin()
        return _Run(self._terms, self._verdicts, self._gauge, are_all_open=self._are_all_open)

    def check(self, lenders: Sequence[Package], packages: Sequence[Package]) -> None:
        """Reads every table.

        Raises:
            NotRememberedError: something cannot be told without reading what was only recalled.
        """
        for name in RESOURCES:
            self._check_table(name, lenders, packages)
        for package in packages:
            for resource in package.resources:
                if not resource.is_profiled:
                    keys: dict[str, Keys] = {}
                    (scan,) = self._scan(resource.name, [(package, resource)], keys, is_whole=True)
                    self._gauge.finish([resource])
                    self._note(package, resource, scan)
                    self.problems += _lookalikes(resource, keys[resource.name], [package.name])
        self.problems += self._of_parties({package.name for package in packages})
        self.problems += self._at_the_end()

    @property
    def spoilt(self) -> set[str]:
        """The tables that have a fault in one of the packages, or could not be read at all."""
        return {
            name
            for (_, name), scan in self._scans.items()
            if not scan.scan.is_whole or any(problem.severity is Severity.ERROR for problem in scan.scan.problems)
        }

    def _check_table(self, name: str, lenders: Sequence[Package], packages: Sequence[Package]) -> None:
        """A table of the profile in all packages, so that a row may point to a row of any of them."""
        every = [(package, package.resource(name)) for package in (*lenders, *packages)]
        tables = [(package, resource) for package, resource in every if resource is not None]
        unread = [package for package, resource in every if resource is None and _declares(package, name)]
        scans = self._scan(name, tables, self._keys, is_whole=self._are_all_open and not unread)
        self._gauge.finish(resource for _, resource in tables)
        lent = sum(lender.resource(name) is not None for lender in lenders)
        for (package, resource), scan in zip(tables[lent:], scans[lent:], strict=True):
            self._note(package, resource, scan)
        self.problems += [
            Problem(rule="foreign-key", value=one.value, where=one.where, details={"resource": one.resource})
            for scan in scans[lent:]
            for one in scan.scan.late
            if self._keys[one.resource].lacks(one.value)
        ]

        if tables and name in _SHOWN_KEYS:
            self.problems += _lookalikes(tables[0][1], self._keys[name], [package.name for package in packages])

    def _scan(
        self, name: str, tables: Sequence[tuple[Package, Resource]], keys: dict[str, Keys], *, is_whole: bool
    ) -> list[TableScan]:
        """One table in all packages; if together they are not consistent, once more, for the places of the faults."""
        reading = self._reading_of(tables, self._verdicts)
        try:
            is_hashed = name in HASHED and reading.by_columns
            scans, together = self._read(name, tables, reading, keys, Keys(is_whole=is_whole, is_hashed=is_hashed))
        except TextsWantedError:
            scans, together = self._read(name, tables, reading, keys, Keys(is_whole=is_whole))
        if together.may_repeat:  # or two texts have one number, which hardly ever happens
            reading = self._reading_of(tables, None)
            scans, together = self._read(name, tables, reading, keys, Keys(is_whole=is_whole))
        if not together.is_consistent:
            reading = self._reading_of(tables, None)
            reading = replace(reading, by_columns=reading.by_columns and together.are_references_known)
            scans, _ = self._read(name, tables, reading, keys, Keys(is_whole=is_whole, repeated=together.repeated))
        keys[name].let_go()
        self._scans.update({(package.folder, name): scan for (package, _), scan in zip(tables, scans, strict=True)})
        return scans

    def _read(
        self,
        name: str,
        tables: Sequence[tuple[Package, Resource]],
        reading: Reading,
        keys: dict[str, Keys],
        own: Keys,
    ) -> tuple[list[TableScan], Together]:
        """One table in all packages, once; its keys go to `own`."""
        keys[name] = own
        scans = [read_table(package, resource, reading, keys, self._rules) for package, resource in tables]
        return scans, put_together(name, scans, own, self._verdicts)

    def _reading_of(self, tables: Sequence[tuple[Package, Resource]], verdicts: Verdicts | None) -> Reading:
        is_worth = is_worth_columns((resource for _, resource in tables), verdicts, self._rules)
        return replace(self._reading, by_columns=self._reading.by_columns and is_worth, verdicts=verdicts)

    def _note(self, package: Package, resource: Resource, scan: TableScan) -> None:
        rows = scan.scan.rows
        self.rows[package.name, resource.name] = rows
        self.problems += scan.scan.problems
        if scan.scan.is_whole:
            self.problems += _row_count_problems(package, resource, rows)

    def _of_parties(self, names: Collection[str]) -> Iterator[Problem]:
        """What rows about those behind an assessment say together; of packages with these `names`."""
        for late in self._rules.parties.at_the_end():
            fault = late.fault
            if late.lacking and not self._keys[late.lacking].lacks(fault.value):
                continue
            where = replace(self._keys[late.table].place(late.key), column=fault.column)
            if where.package in names:
                details = dict(fault.details)
                yield Problem(rule=fault.rule, value=fault.value, where=where, details=details, severity=fault.severity)

    def _at_the_end(self) -> Iterator[Problem]:
        """What can be told only when every table has been read; the rules know the key, the keys know the place."""
        if self._is_as_before():
            return
        for fault in self._rules.at_the_end():
            if self._keys["organizations"].remembered:
                raise NotRememberedError
            where = replace(self._keys["organizations"].place(fault.value), column=fault.column)
            yield Problem(rule=fault.rule, value=fault.value, where=where, details=dict(fault.details))

    def _is_as_before(self) -> bool:
        """True where all organisations are remembered as consistent together, and no placement tells them apart."""
        if self._verdicts is None:
            return False
        names = {scan.verdict for (_, table), scan in self._scans.items() if table == "organizations"}
        placements = any(table == "placements" for _, table in self._scans)
        known = set(self._keys["organizations"].remembered)
        return not placements and names <= known and self._verdicts.is_proven({"organizations": names}, {})

    def new_tables(self, packages: Sequence[Package]) -> list[tuple[Package, Resource]]:
        """The small tables that frictionless has not read yet."""
        every = ((package, resource) for package in packages for resource in package.resources)
        small = [(package, resource) for package, resource in every if _is_small(resource)]
        if self._verdicts is None:
            return small
        return [(package, resource) for package, resource in small if not self._verdicts.is_seconded(resource)]

    def second_opinion(self, package: Package, seconds: "_SecondReader") -> Iterator[Problem]:
        """What frictionless says of the small tables, unless it has said so before."""
        for resource in package.resources:
            scan = self._scans[package.folder, resource.name]
            if not scan.scan.rows or (self._verdicts is not None and self._verdicts.is_seconded(resource)):
                continue
            problems = seconds.read(package, resource)
            if self._verdicts is not None and not problems:
                self._verdicts.second(resource)
            yield from problems

    def save(self, *, is_valid: bool) -> None:
        """Remembers the tables that were found clean."""
        if self._verdicts is None:
            return
        named = {table: [scan for (_, name), scan in self._scans.items() if name == table] for table in REMEMBERED}
        is_every_one_named = all(scan.verdict for scans in named.values() for scan in scans)
        names = {scan.verdict for scan in self._scans.values() if scan.verdict}
        self._verdicts.save(names, are_consistent=is_valid and is_every_one_named)


_SHOWN_KEYS = frozenset({"authorities", "operators", "councils"})
"""Tables whose keys stand in addresses and may have capital letters: other keys of addresses have small Latin ones only."""

_MOST_SHOWN = 200_000
"""In a table of one's own with more rows the keys are not compared by their looks, for that takes memory for each."""


def _lookalikes(resource: Resource, keys: Keys, names: Collection[str]) -> Iterator[Problem]:
    """Keys of the packages with these `names` that differ only in what nobody sees.

    Raises:
        NotRememberedError: one was only recalled, so that nobody can say where it stands.
    """
    columns = names_of(resource.schema.get("primaryKey"))
    first: dict[str, str] = {}
    twins = []
    for text in islice(keys.texts() if columns else (), _MOST_SHOWN):
        other = first.setdefault(seen_as(text.replace(KEY_JOINT, "+")), text)
        if other != text:
            twins.append((text, other))
    for text, other in twins:  # not while the keys are gone through: asking for a place moves them
        if keys.remembered:
            raise NotRememberedError
        where, before = sorted((keys.place(text), keys.place(other)), key=lambda place: place.row or 0, reverse=True)
        value, twin = (text, other) if keys.place(text) == where else (other, text)
        if where.package in names:
            details = {"other": twin.replace(KEY_JOINT, " + "), "first": str(before.row)}
            shown = value.replace(KEY_JOINT, " + ")
            yield Problem(rule="key-lookalike", value=shown, where=replace(where, column=columns[0]), details=details)


def _declares(package: Package, resource: str) -> bool:
    return any(isinstance(entry, dict) and entry.get("name") == resource for entry in package.descriptor["resources"])


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
    spoilt = {(problem.where.package, problem.where.file) for problem in checked.problems}
    problems = []
    for package in checked.packages:
        resource = package.resource("organizations")
        if resource is None or checked.rows.get((package.name, resource.name)):
            continue
        file = resource.files[0].relative_to(package.folder).as_posix()
        if (package.name, file) not in spoilt:
            problems.append(Problem(rule="table-empty", where=Place(package=package.name, file=file, row=1)))
    named = any(resource == "organizations" for _, resource in checked.rows)
    if not named and not has_parents and checked.packages and checked.is_valid:
        where = Place(package=", ".join(package.name for package in checked.packages))
        problems.append(Problem(rule="organizations-missing", where=where))
    return problems


# ---- what the descriptor says of the files -------------------------------------------------------------------------


def _unlisted(package: Package) -> list[Problem]:
    """Tables that lie in the folder but not in the descriptor: whoever put them there believes them published."""
    named = {
        str(text).removesuffix(".csv")
        for entry in package.descriptor["resources"]
        if isinstance(entry, dict)
        for text in (
            entry.get("name"),
            *(entry["path"] if isinstance(entry.get("path"), list) else [entry.get("path")]),
        )
    }
    where = Place(package=package.name, file=DESCRIPTOR, column="resources")
    return [
        Problem(rule="file-unlisted", where=where, value=f"{name}.csv", severity=Severity.WARNING)
        for name in RESOURCES
        if name not in named and (package.folder / f"{name}.csv").is_file()
    ]


_HASHES = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
"""Length of a checksum without a name (in hex digits) to the algorithm it is of."""


def _proof_problems(package: Package) -> Iterator[Problem]:
    """Sizes and checksums that the descriptor gives, held against the files."""
    for resource in package.resources:
        where = Place(package=package.name, file=resource.files[0].relative_to(package.folder).as_posix())
        stats = resource.declared.get("stats")
        declared = {**(stats if isinstance(stats, dict) else {}), **resource.declared}
        size = resource.size_bytes
        if "bytes" in declared and declared["bytes"] != size:
            details = {"expected": str(declared["bytes"])}
            yield Problem(rule="file-size", where=where, value=str(size), details=details)
        if "hash" in declared:
            found = _checksum(resource, str(declared["hash"]))
            if not found or found != str(declared["hash"]).lower():
                details = {"expected": str(declared["hash"])}
                yield Problem(rule="file-hash", where=where, value=found, details=details)


def _checksum(resource: Resource, declared: str) -> str:
    """The checksum of the resource's files, one after another, written as `declared` is; empty for an unknown kind."""
    name, colon, digits = declared.lower().rpartition(":")
    algorithm = name or _HASHES.get(len(digits), "")
    if algorithm not in _HASHES.values():
        return ""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    for file in resource.files:
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return f"{name}{colon}{digest.hexdigest()}"


def _row_count_problems(package: Package, resource: Resource, rows: int) -> Iterator[Problem]:
    """A file that was cut at the end of a row looks whole; its descriptor may know better."""
    stats = resource.declared.get("stats")
    if isinstance(stats, dict) and stats.get("rows", rows) != rows:
        where = Place(package=package.name, file=resource.files[-1].relative_to(package.folder).as_posix())
        yield Problem(rule="row-count", where=where, value=str(rows), details={"expected": str(stats["rows"])})


# ---- frictionless --------------------------------------------------------------------------------------------------


def _descriptor_problems(package: Package, verdicts: Verdicts | None) -> list[Problem]:
    """What the standard's own profile says of the descriptor, unless it is plain, or remembered to be sound.

    frictionless would fetch a profile that is an address, so it sees none, and of resources only those that we read.
    """
    where = Place(package=package.name, file=DESCRIPTOR)
    whole = {key: value for key, value in package.descriptor.items() if key not in _NAMES_OF_PROFILES}
    resources = [
        {key: value for key, value in resource.declared.items() if key not in _NAMES_OF_PROFILES}
        for resource in package.resources
    ]
    if not resources:
        return []
    if is_plain({**whole, "resources": resources}):
        return []
    said = json.dumps({**whole, "resources": resources}, sort_keys=True)
    if verdicts is not None and verdicts.is_sound(said):
        return []
    objections = _objections({**whole, "resources": resources}, package.folder)
    if verdicts is not None and not objections:
        verdicts.keep_sound(said)
    return [
        Problem(rule="descriptor-profile", where=where, value=kind, details={"reason": note})
        for kind, note in objections
    ]


def _objections(descriptor: Mapping[str, Any], folder: Path) -> list[tuple[str, str]]:
    """What frictionless says against a descriptor: kind and note. It falls over some, such as a checksum that is a number:
    who can be read by nobody is not sound either."""
    import frictionless

    try:
        report = frictionless.Package.validate_descriptor(dict(descriptor), basepath=str(folder))
    except (AttributeError, TypeError, ValueError, LookupError, RecursionError) as error:
        return [("descriptor", f"{type(error).__name__}: {error}")]
    return [(error.type, error.note) for error in report.errors]


_NAMES_OF_PROFILES = frozenset({"$schema", "profile"})


class _SecondReader:
    """Has frictionless read small tables: in another process, if there is one, while ours are still being read."""

    def __init__(self, helper: Executor | None, encoding: str, tables: Sequence[tuple[Package, Resource]] = ()) -> None:
        """`tables` are those that the helper begins with at once; one task, for it imports frictionless once."""
        self._encoding = encoding
        self._begun = {(package.folder, resource.name): number for number, (package, resource) in enumerate(tables)}
        portable = [_portable(package, resource) for package, resource in tables]
        self._said = helper.submit(_second_opinions, portable, encoding) if helper and portable else None

    def read(self, package: Package, resource: Resource) -> list[Problem]:
        """What it says of a table that we found clean."""
        number = self._begun.get((package.folder, resource.name))
        said = self._said.result()[number] if self._said is not None and number is not None else None
        return said if said is not None else _second_opinion(package, resource, self._encoding)


def _portable(package: Package, resource: Resource) -> tuple[Package, Resource]:
    """Both as another process can be given them, which may stand in another folder."""
    files = tuple(file.absolute() for file in resource.files)
    bare = Package(name=package.name, folder=package.folder.absolute(), descriptor={}, resources=())
    return bare, replace(resource, schema=dict(resource.schema), files=files)


def _second_opinions(tables: Sequence[tuple[Package, Resource]], encoding: str) -> list[list[Problem] | None]:
    """What frictionless says of each table; `None` where it falls over one: nobody has found that clean yet."""
    said: list[list[Problem] | None] = []
    for package, resource in tables:
        try:
            said.append(_second_opinion(package, resource, encoding))
        except (OSError, AttributeError, TypeError, ValueError, LookupError, StopIteration):
            said.append(None)
    return said


def _is_small(resource: Resource) -> bool:
    return resource.size_bytes <= SMALL_TABLE_BYTES


def _second_opinion(package: Package, resource: Resource, encoding: str) -> list[Problem]:
    """frictionless on a small table, without foreign keys (they may lead to other packages)."""
    if not _is_small(resource):
        return []
    described = _plain(package, resource, encoding)
    import frictionless

    report = frictionless.Resource.from_descriptor(described, basepath=str(package.folder)).validate()
    file = resource.files[0].relative_to(package.folder).as_posix()
    return _flat(report, "frictionless", Place(package=package.name, file=file))


def _plain(package: Package, resource: Resource, encoding: str) -> dict[str, Any]:
    """The resource as frictionless reads it: only the columns that stand in its file, no reference outside."""
    paths = [str(file.relative_to(package.folder)) for file in resource.files]
    with resource.files[0].open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as stream:
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
        "encoding": encoding,
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
