"""The page of open data: every table of a release in every form, whole and by region and sphere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from nok import urls
from nok.compose.edition import Edition
from nok.model import (
    DataCut,
    DataPage,
    DictionaryPage,
    DictionaryRow,
    DictionaryTable,
    FileLink,
    FileRow,
    Link,
    PackageView,
    PassportPage,
    PassportRow,
    ReleasedTable,
    ShardRow,
)
from nok.templating import NO_BREAK, safe_json
from nok.warehouse_facts import PackageFacts

_FORMS = (
    (".excel.csv", "form_excel_csv"),
    (".csv", "form_csv"),
    (".jsonl", "form_jsonl"),
    (".geo.parquet", "form_geoparquet"),
    (".parquet", "form_parquet"),
    (".geojson", "form_geojson"),
    (".xlsx", "form_xlsx"),
    (".sqlite", "form_sqlite"),
)
"""Ending of a file's name to the word for its form; a longer ending stands before the one it ends in."""

_SHOWN_FORMS = (".csv", ".excel.csv", ".jsonl", ".parquet", ".geo.parquet", ".geojson", ".xlsx")
"""In this order a table's forms stand in its row."""


@dataclass(frozen=True, slots=True)
class ReleasedFile:
    """A file of a release: its path below it, its title, size in bytes, rows or `None`."""

    name: str
    title: str
    size: int
    rows: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassportView:
    """The passport of a set: its name, its rows as `meta.csv` has them, the files of data and structure."""

    name: str
    rows: Mapping[str, str]
    data_name: str
    structure_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DictionaryColumn:
    """A column of a table: what it is called, what it holds, what it says, within which limits."""

    name: str
    title: str
    kind: str
    is_key: bool
    said: str
    limits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DictionaryView:
    """A table with its columns."""

    name: str
    title: str
    columns: tuple[DictionaryColumn, ...]


def data_page(
    packages: Sequence[PackageFacts],
    files: Mapping[str, Sequence[ReleasedFile]],
    versions: Mapping[str, str],
    markup: Mapping[str, Any],
    edition: Edition,
) -> DataPage:
    """The packages for download; `files` are those of each package's latest release, `markup` is schema.org of them."""
    path, words = urls.data_page(edition.lang), edition.words
    return DataPage(
        title=words("page.data_title"),
        description=words("page.data_description"),
        address=edition.address(path),
        is_demonstration=any(package.is_demonstration for package in packages),
        crumbs=_crumbs(path, edition)[:1],
        heading=words("page.data_title"),
        structured_data=safe_json(markup),
        more=(
            Link(text=words("page.dictionary_title"), href=urls.relative(urls.data_dictionary(edition.lang), path)),
            Link(text=words("page.data_catalogue"), href=urls.relative(urls.data_catalogue(), path)),
            Link(
                text=words("page.passport_title"),
                href=urls.relative(urls.open_data("", "index.html", edition.lang), path),
            ),
        ),
        packages=tuple(
            _package(package, versions[package.name], files[package.name], path, edition) for package in packages
        ),
    )


def _package(
    package: PackageFacts, version: str, files: Sequence[ReleasedFile], path: str, edition: Edition
) -> PackageView:
    release = _Release(package.name, version, path, edition)
    whole = [file for file in files if "/" not in file.name]
    tables = [file.name.removesuffix(".jsonl") for file in whole if file.name.endswith(".jsonl")]
    return PackageView(
        name=package.name,
        title=edition.mixed(package.title),
        version=version,
        licence=package.licence,
        is_demonstration=package.is_demonstration,
        tables=tuple(release.table_row(table, whole) for table in tables),
        files=tuple(release.file_row(file) for file in whole if file.name.split(".")[0] not in tables),
        cuts=tuple(release.cuts(files)),
        sums_href=release.href("SHA256SUMS"),
        changelog=Link(
            text=edition.words("page.changelog_link"),
            href=urls.relative(urls.data_changelog(package.name, lang=edition.lang), path),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Release:
    """What links into one release are made from."""

    package: str
    version: str
    path: str
    edition: Edition

    def href(self, name: str) -> str:
        return urls.relative(urls.data_file(self.package, self.version, name), self.path)

    def table_row(self, table: str, whole: Sequence[ReleasedFile]) -> ReleasedTable:
        own = [file for file in whole if _ending(file.name) and file.name.removesuffix(_ending(file.name)) == table]
        exact = next(file for file in own if file.name == f"{table}.csv")
        return ReleasedTable(
            name=table,
            title=self.edition.mixed(exact.title),
            rows=self.edition.words.count("page.rows", exact.rows or 0),
            files=tuple(self.links(own)),
        )

    def links(self, files: Sequence[ReleasedFile]) -> Iterator[FileLink]:
        """The forms of one table, or of one shard, in the order of `_SHOWN_FORMS`."""
        words = self.edition.words
        shown = [file for file in files if _ending(file.name) in _SHOWN_FORMS]
        for file in sorted(shown, key=lambda file: _SHOWN_FORMS.index(_ending(file.name))):
            text = words(f"page.{dict(_FORMS)[_ending(file.name)]}")
            yield FileLink(text=text, href=self.href(file.name), size=_size(file.size, self.edition))

    def file_row(self, file: ReleasedFile) -> FileRow:
        words = self.edition.words
        own = f"page.about_{_ABOUT.get(file.name, '')}"
        return FileRow(
            name=file.name,
            href=self.href(file.name),
            title=words(own) if file.name in _ABOUT else words("page.about_sqlite") if _is_store(file) else file.title,
            size=_size(file.size, self.edition),
            rows=words.count("page.rows", file.rows) if file.rows is not None else "",
        )

    def cuts(self, files: Sequence[ReleasedFile]) -> Iterator[DataCut]:
        for cut, heading in (("regions", "page.data_by_region"), ("spheres", "page.data_by_sphere")):
            shards = tuple(self.shard_rows(cut, files))
            if shards:
                yield DataCut(heading=self.edition.words(heading), shards=shards)

    def shard_rows(self, cut: str, files: Sequence[ReleasedFile]) -> Iterator[ShardRow]:
        """One row a region or sphere, by name."""
        found: dict[str, list[ReleasedFile]] = {}
        for file in files:
            first, _, rest = file.name.partition("/")
            if first == cut:
                found.setdefault(rest.partition("/")[0], []).append(file)
        names = {code: self._shard_title(cut, code) for code in found}
        for code in sorted(found, key=lambda code: (names[code], code)):
            tables = [file for file in found[code] if _ending(file.name) in (".csv", ".jsonl")]
            others = [file for file in found[code] if file not in tables]
            yield ShardRow(title=names[code], whole=tuple(self.links(others)), tables=tuple(self._by_table(tables)))

    def _shard_title(self, cut: str, code: str) -> str:
        return self.edition.region_name(code) if cut == "regions" else self.edition.sphere_title(code)

    def _by_table(self, files: Sequence[ReleasedFile]) -> Iterator[tuple[str, tuple[FileLink, ...]]]:
        """(title of the table, its forms) of a shard."""
        titles = dict.fromkeys(file.title for file in files)
        for title in titles:
            yield self.edition.mixed(title), tuple(self.links([file for file in files if file.title == title]))


_ABOUT: Mapping[str, str] = {
    "datapackage.json": "descriptor",
    "CITATION.cff": "citation",
    "SHA256SUMS": "sums",
    "dictionary.csv": "dictionary",
    "csv-metadata.json": "csvw",
    "metadata.json": "datasette",
}
"""Files that are no table, and the words for what they are."""


def _is_store(file: ReleasedFile) -> bool:
    return file.name.endswith(".sqlite")


def _ending(name: str) -> str:
    return next((ending for ending, _ in _FORMS if name.endswith(ending)), "")


def _size(size_bytes: int, edition: Edition) -> str:
    unit, units = Decimal(size_bytes), edition.words("page.units").split(" ")
    for name in units:
        if unit < 1000 or name == units[-1]:
            decimals = 0 if unit >= 10 or name == units[0] else 1
            return f"{edition.number(unit, decimals)}{NO_BREAK}{name}"
        unit /= 1000
    raise AssertionError("the loop always returns")


# ---- the dictionary and the passports -------------------------------------------------------------------------------


def dictionary_page(tables: Sequence[DictionaryView], is_demonstration: bool, edition: Edition) -> DictionaryPage:
    """What each column of the open data says (`/data/dictionary/`)."""
    path, words = urls.data_dictionary(edition.lang), edition.words
    return DictionaryPage(
        title=words("page.dictionary_title"),
        description=words("page.dictionary_lead"),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=_crumbs(path, edition),
        heading=words("page.dictionary_title"),
        lead=words("page.dictionary_lead"),
        tables=tuple(
            DictionaryTable(
                name=table.name,
                title=table.title if edition.language == "ru" else table.name.replace("_", " "),
                columns=tuple(
                    DictionaryRow(
                        name=column.name,
                        title=column.title,
                        kind=words(f"page.type_{column.kind}") + (f", {words('page.key')}" if column.is_key else ""),
                        said=column.said,
                        limits=column.limits,
                    )
                    for column in table.columns
                ),
            )
            for table in tables
        ),
    )


def _crumbs(path: str, edition: Edition) -> tuple[Link, ...]:
    words = edition.words
    return (
        Link(text=words("page.home"), href=urls.relative(urls.home(edition.lang), path)),
        Link(text=words("page.data_title"), href=urls.relative(urls.data_page(edition.lang), path)),
    )


def passport_list_page(passports: Sequence[PassportView], is_demonstration: bool, edition: Edition) -> PassportPage:
    """The register of open data (`/opendata/`)."""
    path, words = urls.open_data("", "index.html", edition.lang), edition.words
    return PassportPage(
        title=words("page.passport_title"),
        description=words("page.passport_lead"),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=_crumbs(path, edition),
        heading=words("page.passport_title"),
        lead=words("page.passport_lead"),
        files=(Link(text="list.csv", href=urls.relative(urls.open_data("", "list.csv"), path)),),
        sets=tuple(
            Link(
                text=each.rows["title"],
                href=urls.relative(urls.open_data(each.name, "index.html", edition.lang), path),
                lang=edition.foreign(each.rows["title"]),
            )
            for each in passports
        ),
    )


_PASSPORT_ROWS: tuple[tuple[str, str], ...] = (
    ("identifier", "dc:identifier"),
    ("title", "dc:title"),
    ("description", "dc:description"),
    ("creator", "dc:creator"),
    ("publishername", "foaf:name"),
    ("publisherphone", "foaf:phone"),
    ("publishermbox", "foaf:mbox"),
    ("data", "dc:source"),
    ("format", "dc:format"),
    ("structure", "dc:conformsTo"),
    ("created", "dc:created"),
    ("modified", "dc:modified"),
    ("provenance", "dc:provenance"),
    ("valid", "dc:valid"),
    ("subject", "dc:subject"),
    ("data_versions", "dc:hasPart"),
    ("structure_versions", "dc:hasPart"),
)
"""The seventeen rows of a passport page, in their order, and what each is to programs (RDFa)."""


def passport_page(view: PassportView, is_demonstration: bool, edition: Edition) -> PassportPage:
    """The passport of one set, as a page."""
    path, words = urls.open_data(view.name, "index.html", edition.lang), edition.words
    register = urls.relative(urls.open_data("", "index.html", edition.lang), path)
    return PassportPage(
        title=view.rows["title"],
        description=view.rows["description"],
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=(*_crumbs(path, edition), Link(text=words("page.passport_title"), href=register)),
        heading=view.rows["title"],
        heading_lang=edition.foreign(view.rows["title"]),
        files=(Link(text="meta.csv", href=urls.relative(urls.open_data(view.name, "meta.csv"), path)),),
        standard=view.rows["standardversion"],
        rows=tuple(
            _passport_row(number, name, told, view, path, edition)
            for number, (name, told) in enumerate(_PASSPORT_ROWS, start=1)
        ),
    )


def _passport_row(number: int, name: str, told: str, view: PassportView, path: str, edition: Edition) -> PassportRow:
    title = edition.words("page.passport_name" if name == "title" else f"page.passport_{name}")
    file = {"data": view.data_name, "structure": view.structure_name}.get(name.removesuffix("_versions"), "")
    if file:
        href = urls.relative(urls.open_data(view.name, file), path)
        return PassportRow(number=str(number), title=title, value=file, href=href, told=told)
    said = view.rows[name]
    if name in ("created", "modified", "valid"):
        said = edition.day(date(int(said[:4]), int(said[4:6]), int(said[6:])))
    lang = edition.foreign(said)
    return PassportRow(number=str(number), title=title, value=said, href="", told=told, lang=lang)
