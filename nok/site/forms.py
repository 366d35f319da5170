"""The other forms of a release: made from its exact CSV files alone, each by `nok.render.forms_*`.

The same function makes them for a release that is cut and for one from which a withdrawn review was taken out. Work is
handed out a file (or a table cut into shards) at a time, the longest first.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from nok.errors import Said
from nok.packages.read import DESCRIPTOR, Resource
from nok.render.dictionary import Words, csvw_metadata, described, dictionary_csv, title_of
from nok.render.forms_excel import write_excel_csv, write_workbook
from nok.render.forms_geojson import write_geojson
from nok.render.forms_parquet import write_geoparquet, write_parquet
from nok.render.forms_shards import REGIONS, SHARDED, SPHERES, Cut, write_shards
from nok.render.forms_sqlite import datasette_metadata, write_sqlite
from nok.render.forms_tables import ReleasedTables, Table, read_released

FORMS_PROPERTY = "forms"
"""Which forms stand beside the CSV, in the descriptor of a release."""

_WORK = ".work"
"""Shards that only workbooks are made of, while a release is written."""

_OWN_ENDINGS = (".parquet", ".geojson", ".sqlite", ".excel.csv")
_OWN_NAMES = (REGIONS.folder, SPHERES.folder, "metadata.json", _WORK)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A file of a release, named by its path below it; `rows` is `None` where it is no table."""

    name: str
    title: str
    sha256: str
    size: int
    rows: int | None


Call = tuple[int, tuple[Any, ...]]
"""About how much work a call is, in bytes of a table that is read once, and its arguments."""


class Run(Protocol):
    """Calls a function with each of the arguments, whoever does it; the results in their order.

    `what` says what is being made.
    """

    def __call__(
        self, function: Callable[..., list[DataFile]], calls: Sequence[Call], what: Said, /
    ) -> Iterator[list[DataFile]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """Which forms are made, and what of them does not stand in the release itself.

    `chosen` are out of `nok.config.FORMS`; `places` are the tables of organisations of all packages; `words` says what
    each column is, by language (`nok.render.dictionary`).
    """

    chosen: tuple[str, ...] = ()
    places: tuple[Resource, ...] = ()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def write(self, folder: Path, run: Run) -> list[DataFile]:
        """Writes into `folder` the forms that the descriptor of the release there names."""
        chosen = tuple(json.loads((folder / DESCRIPTOR).read_text("utf-8")).get(FORMS_PROPERTY, ()))
        return replace(self, chosen=chosen).write_chosen(folder, run)

    def write_chosen(self, folder: Path, run: Run) -> list[DataFile]:
        """Writes the chosen forms of the release in `folder`, whatever its descriptor says."""
        release = read_released(folder.absolute())
        others = tuple(table for resource in self.places for table in _place_tables(resource))
        files: list[DataFile] = []
        whole = [*self._whole(release), *self._shards(release, others)]
        for made in run(_make, whole, Said("stage-forms", name=release.name, version=release.version)):
            files += made
        shards = list(self._of_regions(release))
        for made in run(_make, shards, Said("stage-regions", name=release.name, version=release.version)):
            files += made
        shutil.rmtree(folder / _WORK, ignore_errors=True)
        return sorted(files, key=lambda file: file.name)

    def _shards(self, release: ReleasedTables, others: Sequence[Table]) -> Iterator[Call]:
        for name in ("reviews", "scores", "organizations"):
            table = release.table(name)
            if table is None:
                continue
            if "regions" in self.chosen or "xlsx" in self.chosen:
                endings = ("csv", "jsonl") if "regions" in self.chosen else ("csv",)
                yield _size(table), (_cut, release, table, others, REGIONS, self._region_folder, endings)
            if "spheres" in self.chosen:
                yield _size(table), (_cut, release, table, others, SPHERES, "", ("csv", "jsonl"))

    @property
    def _region_folder(self) -> str:
        return "" if "regions" in self.chosen else _WORK

    def _whole(self, release: ReleasedTables) -> Iterator[Call]:
        if "sqlite" in self.chosen:  # first: it takes one worker as long as all else of this takes the other
            yield _COST_OF_SQLITE * _size(*release.tables), (_sqlite, release, dict(self.words))
        yield 0, (_describe, release, dict(self.words))
        for table in release.tables:
            if "parquet" in self.chosen:
                yield _size(table), (_single, release, table, "parquet")
            if "excel" in self.chosen:
                yield _size(table), (_single, release, table, "excel.csv")
        organizations = release.table("organizations")
        if organizations is not None and "geo" in self.chosen:
            yield _size(organizations), (_single, release, organizations, "geo.parquet")
            yield _size(organizations), (_single, release, organizations, "geojson")

    def _of_regions(self, release: ReleasedTables) -> Iterator[Call]:
        """What is made of the shards of each region; read when these are there."""
        folder = release.folder / self._region_folder / REGIONS.folder
        shards = sorted(folder.iterdir()) if folder.is_dir() else ()
        for shard in shards:
            tables = [
                replace(table, file=shard / f"{name}.csv")
                for name in SHARDED
                if (table := release.table(name)) is not None and (shard / f"{name}.csv").exists()
            ]
            if "xlsx" in self.chosen:
                yield _size(*tables), (_workbook, release, shard.name, tables)
            if "geo" in self.chosen and "regions" in self.chosen and tables[0].name == "organizations":
                yield _size(tables[0]), (_single, release, tables[0], "geojson")


_COST_OF_SQLITE = 4
"""So many times longer than to write a table in another form."""


def _size(*tables: Table) -> int:
    return sum(table.file.stat().st_size for table in tables)


def is_form(name: str) -> bool:
    """True for a file or folder of a release (by its name in it) that was made from other files of it."""
    return name in _OWN_NAMES or name.endswith(_OWN_ENDINGS)


def listed(folder: Path, name: str, title: str, rows: int | None) -> DataFile:
    """A file that stands in `folder` as the release lists it."""
    with (folder / name).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return DataFile(name=name, title=title, sha256=digest, size=(folder / name).stat().st_size, rows=rows)


def _describe(release: ReleasedTables, words: Words) -> list[DataFile]:
    """The data dictionary and the metadata of CSV on the Web: small, and never left out."""
    for name, text in (("dictionary.csv", dictionary_csv), ("csv-metadata.json", csvw_metadata)):
        (release.folder / name).write_text(text(release, words), "utf-8")
    columns = sum(len(table.fields) for table in release.tables)
    return [
        listed(release.folder, "dictionary.csv", "Словарь данных", columns),
        listed(release.folder, "csv-metadata.json", "CSV on the Web", None),
    ]


def _make(maker: Callable[..., list[DataFile]], *arguments: Any) -> list[DataFile]:
    return maker(*arguments)


def _cut(
    release: ReleasedTables, table: Table, others: Sequence[Table], cut: Cut, below: str, endings: Sequence[str]
) -> list[DataFile]:
    rows = write_shards(table, release.table("organizations"), others, cut, release.folder / below, endings)
    return [] if below else [listed(release.folder, name, table.title, number) for name, number in rows.items()]


def _single(release: ReleasedTables, table: Table, ending: str) -> list[DataFile]:
    """One table in one form, beside its CSV."""
    target = table.file.with_name(f"{table.name}.{ending}")
    if ending == "parquet":
        rows = write_parquet(table, target)
    elif ending == "geo.parquet":
        rows = write_geoparquet(table, target)
    elif ending == "geojson":
        rows = write_geojson(table, target, str(release.descriptor["title"]))
    else:
        rows = write_excel_csv(table, target)
    return [listed(release.folder, target.relative_to(release.folder).as_posix(), table.title, rows)]


def _sqlite(release: ReleasedTables, words: Words) -> list[DataFile]:
    name = f"{release.name}.sqlite"
    rows = write_sqlite(release, release.folder / name)
    columns = {
        table.name: {
            field["name"]: " · ".join(
                [
                    title_of(field, "ru"),
                    *filter(None, (described(table.name, field, lang, words) for lang in ("ru", "en"))),
                ]
            )
            for field in table.fields
        }
        for table in release.tables
    }
    (release.folder / "metadata.json").write_text(datasette_metadata(release, columns), "utf-8")
    return [listed(release.folder, name, "SQLite", rows), listed(release.folder, "metadata.json", "Datasette", None)]


def _workbook(release: ReleasedTables, region: str, tables: Sequence[Table]) -> list[DataFile]:
    name = f"{REGIONS.folder}/{region}/{release.name}-{region}.xlsx"
    (release.folder / name).parent.mkdir(parents=True, exist_ok=True)
    rows = write_workbook(tables, _about(release, region), release.folder / name)
    return [listed(release.folder, name, "Excel", rows)]


def _about(release: ReleasedTables, region: str) -> list[tuple[str, str]]:
    licence, address = release.licence
    return [
        ("Набор данных", str(release.descriptor["title"])),
        ("Выпуск", f"{release.name} {release.version}"),
        ("Регион", region),
        ("Лицензия", f"{licence} {address}".strip()),
        ("Пустая ячейка", "значения нет; ноль — это значение"),
        ("Баллы и оценки", "баллы организаций и оценки граждан — разные числа, их не складывают"),
    ]


def _place_tables(resource: Resource) -> Iterator[Table]:
    """The files of a table of organisations as a package has it."""
    for file in resource.files:
        yield Table(
            name=resource.name,
            title=resource.name,
            file=file.absolute(),
            schema=dict(resource.schema),
            delimiter=resource.delimiter,
        )
