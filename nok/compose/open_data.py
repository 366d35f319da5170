"""The page of open data: every table of a release in every form, whole and by region and sphere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nok import urls
from nok.compose.edition import Edition
from nok.model import DataCut, DataPage, FileLink, FileRow, Link, PackageView, ReleasedTable, ShardRow
from nok.templating import NO_BREAK
from nok.warehouse import PackageFacts

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


def data_page(
    packages: Sequence[PackageFacts],
    files: Mapping[str, Sequence[ReleasedFile]],
    versions: Mapping[str, str],
    edition: Edition,
) -> DataPage:
    """The packages for download; `files` are those of each package's latest release."""
    path, words = urls.data_page(edition.lang), edition.words
    return DataPage(
        title=words("page.data_title"),
        description=words("page.data_description"),
        address=edition.address(path),
        is_demonstration=any(package.is_demonstration for package in packages),
        crumbs=(Link(text=words("page.home"), href=urls.relative(urls.home(edition.lang), path)),),
        heading=words("page.data_title"),
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
        title=package.title,
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
            title=exact.title,
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
            yield title, tuple(self.links([file for file in files if file.title == title]))


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
