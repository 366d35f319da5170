"""What has changed in each package since its newest release, found without reading a country again.

When a release is cut, the hashes of the files it came from are written down, and the notes of their rows
(`nok.warehouse_rows`) are kept beside it. Afterwards a table whose files are the same has no changes. Of one whose files
are others the notes tell which rows, or whose, are not what they were, and only those are read. Where notes cannot tell
(a column that they do not know, organisations or rounds that came into sight or went out of it, a lost memory), the
released table and the present one are compared as wholes: slower, and just as exact.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from nok.packages.delta import (
    ADDED,
    CHANGED,
    REMOVED,
    Changes,
    Row,
    TableChanges,
    file_changes,
    key_of,
    row_changes,
)
from nok.packages.profile import PACKAGE_SCHEMA
from nok.packages.read import Package, Resource
from nok.packages.segments import Part, changed_pairs, is_whole, owners_of, rows_of
from nok.packages.visible import Hidden, find_hidden, published_form, visible_row, visible_rows
from nok.records import ReviewState
from nok.render.downloads import csv_chunks
from nok.site.files import replace_file
from nok.warehouse import Warehouse, hidden_ids
from nok.warehouse_pack import digest
from nok.warehouse_rows import OWNED, Sources, notes_of

_WHOLE_ROWS = frozenset(("organizations", "reviews", "plan_measures", "recommendations"))
"""Tables whose notes tell every row apart, so that the released ones need not be read."""

_ANSWERS = frozenset(("replies", "review_photos"))
"""Tables whose rows are seen only while the review that they belong to is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBase:
    """A table when it was released: its columns and key, and its files with their hashes and the names of their notes."""

    form: str
    files: Mapping[str, str]
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What a release of a package was cut from; `hidden` is a digest of all that stayed back."""

    version: str
    hidden: str
    tables: Mapping[str, TableBase]


class Deltas:
    """Finds changes since releases.

    `data` is the data store, `store` the warehouse, filled from `sources`; `released` is where is kept what releases were
    cut from, ids of hidden rows among it: it is never published.
    """

    def __init__(self, data: Path, store: Path, sources: Sources, released: Path, scratch: Path) -> None:
        self._released = released
        self._data, self._store, self._sources, self._scratch = data, store, sources, scratch
        self._segments = sources.segments()
        self._altered: set[str] = set()
        """Reviews that are not what they were when they were released, or are no more."""

    # -- what a release is cut from ----------------------------------------------------------------------------------

    def keep_bases(self, versions: Mapping[str, str]) -> None:
        """Writes down what the releases that have just been cut, package to version, came from."""
        for package in self._sources.packages:
            if package.name in versions:
                self._keep_base(package, versions[package.name])
        self._drop_notes()

    def _keep_base(self, package: Package, version: str) -> None:
        tables = {resource.name: self._table_base(package, resource) for resource in _tables(package)}
        found = asdict(Base(version=version, hidden=self._hidden_digest, tables=tables))
        (self._released).mkdir(parents=True, exist_ok=True)
        replace_file(self._base_file(package.name), json.dumps(found, ensure_ascii=False).encode())

    def _table_base(self, package: Package, resource: Resource) -> TableBase:
        files = self._files(package, resource)
        notes = {}
        for name in files:
            segment = self._segments.get((package.name, resource.name, name))
            if segment is not None and is_whole(source := notes_of(self._store, segment[0])):
                _link_folder(source, self._released / "notes" / source.name)
                notes[name] = source.name
        return TableBase(form=_form(resource), files=files, notes=notes)

    def _drop_notes(self) -> None:
        """Removes notes that no release needs any more."""
        bases = (self._base(file.stem) for file in (self._released).glob("*.json"))
        used = {name for base in bases if base for table in base.tables.values() for name in table.notes.values()}
        for notes in (self._released / "notes").glob("*"):
            if notes.name not in used:
                shutil.rmtree(notes)

    def _base_file(self, package: str) -> Path:
        return self._released / f"{package}.json"

    def _base(self, package: str) -> Base | None:
        try:
            found = json.loads(self._base_file(package).read_bytes())
            tables = {name: TableBase(**table) for name, table in found["tables"].items()}
            return Base(version=found["version"], hidden=found["hidden"], tables=tables)
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not there, or of an older form: tables are compared as wholes

    def _files(self, package: Package, resource: Resource) -> dict[str, str]:
        return {file.relative_to(package.folder).as_posix(): self._sources.hash_of(file) for file in resource.files}

    # -- what has changed --------------------------------------------------------------------------------------------

    def find(self, releases: Mapping[str, str], day: str) -> dict[str, Changes]:
        """Changes of each package since its release (package to version)."""
        packages = [package for package in self._sources.packages if package.name in releases]
        found: dict[str, dict[str, list[tuple[str, Row]]]] = {package.name: {} for package in packages}
        known = {package.name: self._base_of(package.name, releases[package.name]) for package in packages}
        tables = [(package, resource) for package in packages for resource in _tables(package)]
        for package, resource in sorted(tables, key=_turn):
            release = self._data / package.name / releases[package.name]
            rows = self._rows(package, resource, release, known[package.name])
            found[package.name][resource.name] = rows
            if resource.name == "reviews":
                self._altered.update(row["review_id"] for change, row in rows if change != ADDED)
        return {
            package.name: self._changes(package, releases[package.name], day, found[package.name])
            for package in packages
        }

    def _base_of(self, package: str, version: str) -> Base | None:
        base = self._base(package)
        return base if base is not None and base.version == version else None

    def _rows(self, package: Package, resource: Resource, release: Path, base: Base | None) -> list[tuple[str, Row]]:
        """(change, row) of a table since the release in the folder `release`."""
        table = base.tables.get(resource.name) if base is not None and base.hidden == self._hidden_digest else None
        if table is not None and table.form == _form(resource):
            files = self._files(package, resource)
            if table.files == files and not (resource.name in _ANSWERS and self._altered):
                return []
            noted = self._noted(package, resource, table, files)
            if noted is not None and resource.name in _WHOLE_ROWS:
                return list(self._by_row(resource, noted))
            if noted is not None:
                return self._by_owner(resource, release, noted)
        return self._as_wholes(resource, release)

    def _noted(
        self, package: Package, resource: Resource, table: TableBase, files: Mapping[str, str]
    ) -> "_Noted | None":
        """What notes tell of the files that are others; `None` where they do not tell enough."""
        gone = [name for name in table.files if files.get(name) != table.files[name]]
        come = [name for name in files if files[name] != table.files.get(name)]
        segments = [self._segments.get((package.name, resource.name, name)) for name in come]
        if resource.name not in (*OWNED, "organizations") or not all(name in table.notes for name in gone):
            return None
        old = [self._released / "notes" / table.notes[name] for name in gone]
        new = [notes_of(self._store, segment[0]) for segment in segments if segment is not None]
        if len(new) < len(come) or not all(map(is_whole, (*old, *new))):
            return None
        columns = set(_columns(resource))
        if any(not columns <= set(segment[1].columns) for segment in segments if segment is not None):
            return None
        return _Noted(*changed_pairs(old, new), [package.folder / name for name in come])

    def _by_row(self, resource: Resource, noted: "_Noted") -> Iterator[tuple[str, Row]]:
        """Of a table whose notes tell rows apart: only the rows that came are read."""
        key = key_of(resource.schema)[0]
        gone, come = ({identity: owner for owner, identity in pairs} for pairs in (noted.gone, noted.come))
        owner = "organization_id"
        for row in _read(resource, noted.files, owner, {*come.values()}):
            if row[key] in come:
                shown = visible_row(resource.name, row, self._hidden)
                if shown is not None:
                    yield CHANGED if row[key] in gone else ADDED, shown
        for identity in sorted(gone.keys() - come.keys()):
            if gone[identity] not in self._hidden.organizations:
                yield REMOVED, {key: identity, owner: gone[identity]}

    def _by_owner(self, resource: Resource, release: Path, noted: "_Noted") -> list[tuple[str, Row]]:
        """Of a table whose notes tell whose rows changed: all rows of these owners, released and present."""
        owner = OWNED[resource.name][1]
        owners = {one for one, _ in (*noted.gone, *noted.come)}
        hidden = self._hidden
        if resource.name in _ANSWERS:
            owners |= self._altered
            hidden = self._with_unanswerable(owners)
        released = release / f"{resource.name}.csv"
        part = Part(file=released, delimiter=",", columns=tuple(_columns(resource)), owner=owner, identity=owner)
        old = [dict(zip(part.columns, row, strict=True)) for row in rows_of(part, owners)]
        read = _read(resource, resource.files, owner, owners)
        new = [shown for row in read if (shown := visible_row(resource.name, row, hidden)) is not None]
        return list(row_changes(old, new, key_of(resource.schema), _columns(resource)))

    def _as_wholes(self, resource: Resource, release: Path) -> list[tuple[str, Row]]:
        """Of any table: the released file beside the present one, written for this alone."""
        columns, released = _columns(resource), release / f"{resource.name}.csv"
        self._scratch.mkdir(parents=True, exist_ok=True)
        present = self._scratch / f"{resource.name}.csv"
        with present.open("wb") as stream:
            stream.writelines(csv_chunks(columns, visible_rows(resource, self._whole_hidden)))
        found = file_changes(released if released.is_file() else None, present, key_of(resource.schema), columns)
        present.unlink()
        return found

    # -- what stays back ---------------------------------------------------------------------------------------------

    @cached_property
    def _hidden(self) -> Hidden:
        """All that stays back but single reviews, which would have to be looked for among millions."""
        return find_hidden(self._sources.packages, wanted=(), organizations=hidden_ids(self._store))

    @cached_property
    def _whole_hidden(self) -> Hidden:
        return find_hidden(self._sources.packages, organizations=hidden_ids(self._store))

    @cached_property
    def _hidden_digest(self) -> str:
        hidden = self._hidden
        parties = [f"{table} {name}" for table, names in sorted(hidden.parties.items()) for name in sorted(names)]
        return digest(*sorted(hidden.organizations), "", *sorted(hidden.assessments), "", *parties)

    def _with_unanswerable(self, reviews: Collection[str]) -> Hidden:
        """The same with those of `reviews` that may not be answered in public: restricted, or nowhere to be seen."""
        shown: set[str] = set()
        with closing(Warehouse(self._store)) as warehouse:
            for organization_id in sorted(set(self.owners_of(reviews).values())):
                facts = warehouse.find(organization_id)
                own = facts.reviews if facts else ()
                shown.update(review.review_id for review in own if review.state is not ReviewState.RESTRICTED)
        hidden = self._hidden
        return Hidden(
            organizations=hidden.organizations,
            assessments=hidden.assessments,
            reviews=set(reviews) - shown,
            parties=hidden.parties,
        )

    def owners_of(self, reviews: Collection[str]) -> dict[str, str]:
        """Review to organisation, for those of `reviews` that are in the tables of today."""
        segments = [segment for segment, _ in self._segments.values() if segment.resource == "reviews"]
        return owners_of([notes_of(self._store, segment) for segment in segments], reviews)

    # -- the record --------------------------------------------------------------------------------------------------

    def _changes(self, package: Package, version: str, day: str, found: Mapping[str, list[tuple[str, Row]]]) -> Changes:
        release = self._data / package.name / version
        released = json.loads((release / "datapackage.json").read_bytes())
        schemas = {one["name"]: one["schema"] for one in released["resources"]}
        tables = []
        for resource in _tables(package):
            schema = {key: value for key, value in resource.schema.items() if key != "own"}
            is_same = schemas.get(resource.name) == schema
            if found[resource.name] or not is_same:
                tables.append(_table_changes(resource, found[resource.name], None if is_same else schema))
        present = {resource.name for resource in _tables(package)}
        own = {name: value for name, value in package.descriptor.items() if name not in ("resources", "$schema")}
        forms = {name: value for name, value in released.items() if name == "forms"}  # which files the release has
        words = {"$schema": PACKAGE_SCHEMA, **own, **forms, "version": version}
        return Changes(
            package=package.name,
            since=version,
            since_sums=hashlib.sha256((release / "SHA256SUMS").read_bytes()).hexdigest(),
            day=day,
            tables=tuple(tables),
            dropped=tuple(name for name in schemas if name not in present),
            withdrawn=tuple(_withdrawn(found)),
            descriptor=None if words == {k: v for k, v in released.items() if k != "resources"} else words,
        )


@dataclass(frozen=True, slots=True)
class _Noted:
    """(owner, identity) of rows that were released and are no more, and of those that have come; the files to read."""

    gone: set[tuple[str, str]]
    come: set[tuple[str, str]]
    files: list[Path]


def _tables(package: Package) -> Iterator[Resource]:
    """The tables of a package as they are published."""
    return (published_form(resource) for resource in package.resources if resource.is_profiled)


def _turn(table: tuple[Package, Resource]) -> int:
    """Reviews first: what answers them is seen only while they are."""
    return 0 if table[1].name == "reviews" else 2 if table[1].name in _ANSWERS else 1


def _columns(resource: Resource) -> list[str]:
    return [field["name"] for field in resource.schema["fields"]]


def _form(resource: Resource) -> str:
    return digest(*_columns(resource), "", *key_of(resource.schema))


def _read(resource: Resource, files: Sequence[Path], owner: str, owners: Collection[str]) -> Iterator[dict[str, str]]:
    """The rows of `owners` in some files of a table, with the columns that decide who may see them."""
    columns = tuple(dict.fromkeys((*_columns(resource), "status", "state", "is_unpublished", "is_released")))
    for file in files:
        part = Part(file=file, delimiter=resource.delimiter, columns=columns, owner=owner, identity=owner)
        for row in rows_of(part, owners):
            yield dict(zip(columns, row, strict=True))


def _table_changes(
    resource: Resource, rows: Iterable[tuple[str, Row]], schema: Mapping[str, Any] | None
) -> TableChanges:
    return TableChanges(
        name=resource.name,
        columns=tuple(_columns(resource)),
        key=key_of(resource.schema),
        rows=tuple(rows),
        schema=schema,
    )


def _withdrawn(found: Mapping[str, Iterable[tuple[str, Row]]]) -> Iterator[dict[str, str]]:
    """Reviews that are no more: whoever keeps a copy takes them out of it."""
    told = {row["review_id"]: row for change, row in found.get("withdrawn_reviews", ()) if change != REMOVED}
    gone = {row["review_id"]: row for change, row in found.get("reviews", ()) if change == REMOVED}
    for review_id, row in sorted({**gone, **told}.items()):
        yield {name: row[name] for name in ("review_id", "organization_id", "withdrawn_on") if row.get(name)} | {
            "review_id": review_id
        }


def _link_folder(source: Path, target: Path) -> None:
    """Keeps a folder of notes: they are never written again under their name."""
    if target.is_dir():
        return
    beside = target.with_name(f"{target.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for file in source.iterdir():
        try:
            os.link(file, beside / file.name)
        except OSError:
            shutil.copyfile(file, beside / file.name)
    beside.rename(target)
