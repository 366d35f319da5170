"""What is told of the released packages: the catalogue for machines, the Russian passport, the dictionary of columns.

All of it follows from the releases themselves, and stands with them, so that a purge of one is a purge of the other.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nok import urls
from nok.compose.open_data import DictionaryColumn, DictionaryView, PassportView
from nok.render.data_catalogue import DataSet, Distribution, Publisher, dataset_markup, dcat_catalogue
from nok.render.dictionary import described, limits_of, title_of
from nok.render.open_data_passport import (
    PassportSet,
    passport_list,
    passport_meta,
    passport_rows,
    passport_structure,
)
from nok.site.data_store import DataRelease, DataStore
from nok.site.files import FileWriter
from nok.site.publication import Publication


@dataclass(frozen=True)
class OpenData:
    """The newest release of each package, as `data` has it; `day` is that of the build."""

    publication: Publication
    data: DataStore
    newest: Mapping[str, DataRelease]
    day: str

    @cached_property
    def publisher(self) -> Publisher:
        config = self.publication.config
        return Publisher(
            name=config.publisher or config.title,
            inn=config.publisher_inn,
            phone=config.publisher_phone,
            email=config.contact_email,
        )

    @cached_property
    def sets(self) -> list[DataSet]:
        return [self._set(release) for _, release in sorted(self.newest.items())]

    @cached_property
    def passports(self) -> list[PassportSet]:
        return [each for _, release in sorted(self.newest.items()) for each in self._passports(release)]

    @property
    def markup(self) -> dict[str, Any]:
        """schema.org of the page of data."""
        config = self.publication.config
        return dataset_markup(self.sets, config.title, self.publisher, config.public_url)

    def write(self, writer: FileWriter) -> None:
        """Writes the catalogue and the passports; their data are `links`."""
        config = self.publication.config
        catalogue = dcat_catalogue(self.sets, config.title, self.publisher, config.public_url, config.languages)
        writer.write(urls.data_catalogue(), (json.dumps(catalogue, ensure_ascii=False, indent=1) + "\n").encode())
        listed = passport_list(self.passports, self.publisher, config.public_url)
        writer.write(urls.open_data("", "list.csv"), listed.encode())
        for each in self.passports:
            name = each.identifier(self.publisher)
            meta = passport_meta(each, self.publisher, config.public_url)
            writer.write(urls.open_data(name, "meta.csv"), meta.encode())
            writer.write(urls.open_data(name, each.structure_name), passport_structure(each).encode())

    def links(self) -> Iterator[tuple[str, Path, str]]:
        """(path, released file, SHA-256): the data of each passport are the released table itself."""
        for each in self.passports:
            release = self.newest[each.package]
            table = next(file for file in release.files if file.name == f"{each.table}.csv")
            path = urls.open_data(each.identifier(self.publisher), each.data_name)
            yield path, self._folder(release) / table.name, table.sha256

    # -- for pages ---------------------------------------------------------------------------------------------------

    def passport_views(self) -> Iterator[PassportView]:
        for each in self.passports:
            rows = dict(passport_rows(each, self.publisher, self.publication.config.public_url))
            yield PassportView(
                name=each.identifier(self.publisher),
                rows=rows,
                data_name=each.data_name,
                structure_name=each.structure_name,
            )

    def dictionary_views(self, language: str) -> list[DictionaryView]:
        """Every table of the releases, once; of two releases with the same table the first one tells."""
        found: dict[str, DictionaryView] = {}
        words = self.publication.field_words
        limits = [self.publication.words_of(language)(f"page.limit_{name}") for name in ("length", "pattern")]
        for release in self.newest.values():
            for resource in self._descriptor(release)["resources"]:
                name = resource["name"]
                if name not in found:
                    columns = tuple(
                        DictionaryColumn(
                            name=field["name"],
                            title=title_of(field, language),
                            kind=field.get("type", "string"),
                            is_key=field["name"] in (resource["schema"].get("primaryKey") or ()),
                            said=described(name, field, language, words),
                            limits=limits_of(field, *limits),
                        )
                        for field in resource["schema"]["fields"]
                    )
                    found[name] = DictionaryView(name=name, title=str(resource.get("title") or name), columns=columns)
        return list(found.values())

    # -- what a release says -----------------------------------------------------------------------------------------

    def _folder(self, release: DataRelease) -> Path:
        return self.data.folder / release.package / release.version

    def _descriptor(self, release: DataRelease) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self._folder(release) / "datapackage.json").read_text("utf-8"))
        return found

    def _days(self, package: str) -> dict[str, str]:
        """Version to the day of its release, newest first; a day that nobody noted is that of the build."""
        return {entry["version"]: entry["day"] or self.day for entry in self.data.history(package)}

    def _set(self, release: DataRelease) -> DataSet:
        said, days = self._descriptor(release), self._days(release.package)
        licence = next(iter(said.get("licenses") or [{}]))
        versions = list(days)
        return DataSet(
            name=release.package,
            title=str(said["title"]),
            description=_description(said),
            version=release.version,
            former=versions[1] if len(versions) > 1 else "",
            issued=days[versions[-1]],
            modified=days[release.version],
            licence=str(licence.get("title") or licence.get("name") or ""),
            licence_url=str(licence.get("path") or ""),
            years=_years(self._folder(release) / "assessments.csv"),
            places=tuple(_region_names(release, self.publication)),
            files=tuple(
                Distribution(name=file.name, title=file.title, sha256=file.sha256, size=file.size, rows=file.rows)
                for file in release.files
            ),
        )

    def _passports(self, release: DataRelease) -> Iterator[PassportSet]:
        said, days = self._descriptor(release), self._days(release.package)
        words = self.publication.field_words
        for resource in said["resources"]:
            name, fields = resource["name"], resource["schema"]["fields"]
            title = f"{resource.get('title') or name}. {said['title']}"
            yield PassportSet(
                package=release.package,
                table=name,
                title=title,
                description=_description(said),
                keywords=("независимая оценка качества", "отзывы граждан", str(resource.get("title") or name)),
                issued=list(days.values())[-1],
                modified=days[release.version],
                structured=self._structured(release.package, resource, days),
                change=f"Выпуск {release.version}",
                fields=fields,
                words={
                    field["name"]: (
                        described(name, field, "en", words) or title_of(field, "en"),
                        described(name, field, "ru", words) or title_of(field, "ru"),
                    )
                    for field in fields
                },
            )

    def _structured(self, package: str, resource: Mapping[str, Any], days: Mapping[str, str]) -> str:
        """The day of the first release since which the table has had these columns."""
        found = next(iter(days.values()))
        for version, day in days.items():
            file = self.data.folder / package / version / "datapackage.json"
            if not file.is_file() or not _has_same_columns(json.loads(file.read_text("utf-8")), resource):
                break
            found = day
        return found


def _has_same_columns(descriptor: Mapping[str, Any], resource: Mapping[str, Any]) -> bool:
    before = next((each for each in descriptor["resources"] if each["name"] == resource["name"]), None)
    return before is not None and _columns(before) == _columns(resource)


def _columns(resource: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(field["name"], field.get("type", "string")) for field in resource["schema"]["fields"]]


def _description(said: Mapping[str, Any]) -> str:
    """What a package says of itself; search engines of data pass by one that says less than fifty characters."""
    own = str(said.get("description") or "")
    general = "Организации, баллы независимой оценки качества и отзывы граждан открытыми данными."
    return own if len(own) >= _LEAST_DESCRIPTION else f"{own} {general}".strip()


_LEAST_DESCRIPTION = 50


def _years(file: Path) -> tuple[str, ...]:
    """The years of the rounds of a release, in order."""
    return tuple(sorted({row["period"] for row in _rows(file)}))


def _region_names(release: DataRelease, publication: Publication) -> Iterator[str]:
    """The regions of which the release has files of their own."""
    names = {row["region_code"]: row["name"] for row in publication.region_rows}
    shards = {file.name.split("/")[1] for file in release.files if file.name.startswith("regions/")}
    for code in sorted(shards):
        yield names.get(code, code)


def _rows(file: Path) -> Iterator[Mapping[str, str]]:
    if file.is_file():
        with file.open(encoding="utf-8", newline="") as stream:
            yield from csv.DictReader(stream)
