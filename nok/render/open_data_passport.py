"""The passport of open data as Russian publishers write it (methodical recommendations, version 3.0).

`/opendata/list.csv` names the sets; beside it each has a folder with `meta.csv`, the data and their structure. The order
and the names of the rows are those that live publishers of 2026 have; the text of the recommendations itself was not at
hand. Files are UTF-8, comma, LF.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nok import urls
from nok.packages.write import RowWriter
from nok.render.data_catalogue import Publisher

STANDARD = "http://opendata.gosmonitor.ru/standard/3.0"
NO_INN = "0000000000"
"""Stands where the publication does not say whose it is: the demonstration belongs to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassportSet:
    """One table of a package. `issued`, `modified`, `structured` are days (ISO): of its first release, of its newest, of the
    release since which its columns are as they are. `change` says what the newest brought."""

    package: str
    table: str
    title: str
    description: str
    keywords: tuple[str, ...]
    issued: str
    modified: str
    structured: str
    change: str
    fields: Sequence[Mapping[str, Any]]
    words: Mapping[str, tuple[str, str]]
    """Column to what it says (English, Russian)."""

    def identifier(self, publisher: Publisher) -> str:
        return f"{publisher.inn or NO_INN}-{self.package}-{self.table}".replace("_", "-")

    @property
    def data_name(self) -> str:
        return f"data-{_stamp(self.modified)}-{self.structure_name}"

    @property
    def structure_name(self) -> str:
        return f"structure-{_stamp(self.structured)}.csv"


def _stamp(day: str) -> str:
    """A day as file names have it; there is no time of day in a build."""
    return f"{day.replace('-', '')}T0000"


def passport_list(sets: Sequence[PassportSet], publisher: Publisher, public_url: str) -> str:
    """`list.csv`: the register of all sets."""
    rows = [
        ("property", "title", "value", "format"),
        ("standardversion", "Версия методических рекомендаций", STANDARD, ""),
    ]
    for each in sets:
        name = each.identifier(publisher)
        rows.append((name, each.title, _address(public_url, name, "meta.csv"), "csv"))
    return _csv(rows)


def passport_rows(each: PassportSet, publisher: Publisher, public_url: str) -> Iterator[tuple[str, str]]:
    """The rows of `meta.csv`, in the order of the recommendations."""
    name = each.identifier(publisher)
    yield "standardversion", STANDARD
    yield "identifier", name
    yield "title", each.title
    yield "description", each.description
    yield "creator", publisher.name
    yield "created", each.issued.replace("-", "")
    yield "modified", each.modified.replace("-", "")
    yield "subject", ",".join(each.keywords)
    yield "format", "csv"
    yield "provenance", each.change
    yield "valid", f"{int(each.modified[:4]) + 1}{each.modified[5:7]}{_last_safe_day(each.modified)}"
    yield "publishername", publisher.name
    yield "publisherphone", publisher.phone
    yield "publishermbox", publisher.email
    yield each.data_name, _address(public_url, name, each.data_name)
    yield each.structure_name, _address(public_url, name, each.structure_name)


def _last_safe_day(day: str) -> str:
    """The day of the month a year later: there is no 29 February then."""
    return "28" if day[5:] == "02-29" else day[8:]


def passport_meta(each: PassportSet, publisher: Publisher, public_url: str) -> str:
    """`meta.csv`: the passport of one set."""
    return _csv([("property", "value"), *passport_rows(each, publisher, public_url)])


def passport_structure(each: PassportSet) -> str:
    """`structure-….csv`: name, meaning in both languages and type of each column."""
    rows = [("field name", "english description", "russian description", "format")]
    for field in each.fields:
        english, russian = each.words[field["name"]]
        rows.append((field["name"], english, russian, str(field.get("type", "string"))))
    return _csv(rows)


def _address(public_url: str, name: str, file: str) -> str:
    return urls.absolute(public_url, urls.open_data(name, file))


def _csv(rows: Sequence[tuple[str, ...]]) -> str:
    buffer = io.StringIO(newline="")
    writer = RowWriter(buffer)
    for row in rows:
        writer.write(row)
    return buffer.getvalue()
