"""What catalogues and search engines read of the released packages: DCAT-AP 3 and schema.org, both as JSON-LD.

Nothing here names a clock: a data set was issued on the day its first release was cut, and changed on the day of its last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nok import urls

MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
    "sqlite": "application/vnd.sqlite3",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "cff": "application/yaml",
}
_MEDIA = "https://www.iana.org/assignments/media-types/"
_LANGUAGES: Mapping[str, str] = {
    "ru": "http://publications.europa.eu/resource/authority/language/RUS",
    "en": "http://publications.europa.eu/resource/authority/language/ENG",
}
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"

_CONTEXT: Mapping[str, Any] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who answers for the data; any of them but the name may be empty. `inn` is ten or twelve digits."""

    name: str
    inn: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A file of a release: its path below the release, its title, SHA-256 in hex, size in bytes, rows or `None`."""

    name: str
    title: str
    sha256: str
    size: int
    rows: int | None

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES.get(self.name.rpartition(".")[2], "application/octet-stream")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """The newest release of a package; `issued` and `modified` are days (ISO), `former` the version before, or empty."""

    name: str
    title: str
    description: str
    version: str
    former: str
    issued: str
    modified: str
    licence: str
    licence_url: str
    years: tuple[str, ...]
    places: tuple[str, ...]
    files: tuple[Distribution, ...]

    @property
    def whole(self) -> list[Distribution]:
        """The files of the whole release, without shards of regions and spheres."""
        return [file for file in self.files if "/" not in file.name]


def dcat_catalogue(
    sets: Sequence[DataSet], title: str, publisher: Publisher, public_url: str, languages: Iterable[str]
) -> dict[str, Any]:
    """The catalogue of all data sets in the terms of DCAT-AP 3.0, as JSON-LD."""
    page = urls.absolute(public_url, urls.data_page())
    agent = {"@id": f"{page}#publisher", "@type": "foaf:Agent", "foaf:name": publisher.name}
    return {
        "@context": _CONTEXT,
        "@id": f"{page}#catalogue",
        "@type": "dcat:Catalog",
        "dct:title": {"@value": title, "@language": "ru"},
        "dct:description": {"@value": f"Открытые данные: {title}", "@language": "ru"},
        "dct:publisher": agent,
        "dct:language": [
            {"@id": _LANGUAGES[language], "@type": "dct:LinguisticSystem"}
            for language in languages
            if language in _LANGUAGES
        ],
        "foaf:homepage": {"@id": page, "@type": "foaf:Document"},
        "dcat:dataset": [_dcat_set(each, publisher, public_url) for each in sets],
    }


def _dcat_set(each: DataSet, publisher: Publisher, public_url: str) -> dict[str, Any]:
    page = urls.absolute(public_url, urls.data_page())
    found: dict[str, Any] = {
        "@id": f"{page}#{each.name}",
        "@type": "dcat:Dataset",
        "dct:title": {"@value": each.title, "@language": "ru"},
        "dct:description": {"@value": each.description, "@language": "ru"},
        "dct:identifier": each.name,
        "dct:publisher": {"@id": f"{page}#publisher"},
        "dcat:version": each.version,
        "dcat:landingPage": {"@id": page, "@type": "foaf:Document"},
        "dct:accessRights": {
            "@id": "http://publications.europa.eu/resource/authority/access-right/PUBLIC",
            "@type": "dct:RightsStatement",
        },
        "dcat:distribution": [_dcat_file(each, file, public_url) for file in each.whole],
    }
    for name, day in (("dct:issued", each.issued), ("dct:modified", each.modified)):
        if day:
            found[name] = {"@value": day, "@type": "xsd:date"}
    if each.years:
        found["dct:temporal"] = {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@value": f"{each.years[0]}-01-01", "@type": "xsd:date"},
            "dcat:endDate": {"@value": f"{each.years[-1]}-12-31", "@type": "xsd:date"},
        }
    if publisher.email:
        found["dcat:contactPoint"] = {
            "@type": "vcard:Kind",
            "vcard:fn": publisher.name,
            "vcard:hasEmail": {"@id": f"mailto:{publisher.email}"},
        }
    return found


def _dcat_file(each: DataSet, file: Distribution, public_url: str) -> dict[str, Any]:
    address = urls.absolute(public_url, urls.data_file(each.name, each.version, file.name))
    found: dict[str, Any] = {
        "@id": f"{address}#file",
        "@type": "dcat:Distribution",
        "dct:title": {"@value": f"{file.title} ({file.name})", "@language": "ru"},
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        "dcat:mediaType": {"@id": _MEDIA + file.media_type, "@type": "dct:MediaType"},
        "dcat:byteSize": {"@value": str(file.size), "@type": "xsd:nonNegativeInteger"},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@value": file.sha256, "@type": "xsd:hexBinary"},
        },
    }
    if each.licence_url:
        found["dct:license"] = {"@id": each.licence_url, "@type": "dct:LicenseDocument"}
    if file.name == "datapackage.json":
        found["dct:conformsTo"] = {"@id": PROFILE, "@type": "dct:Standard"}
    return found


def dataset_markup(sets: Sequence[DataSet], title: str, publisher: Publisher, public_url: str) -> dict[str, Any]:
    """schema.org: the catalogue with each package as a `Dataset`, as search engines for data read it."""
    page = urls.absolute(public_url, urls.data_page())
    maker = {"@type": "Organization", "name": publisher.name}
    return {
        "@context": "https://schema.org",
        "@type": "DataCatalog",
        "@id": f"{page}#catalogue",
        "name": title,
        "url": page,
        "dataset": [_markup(each, maker, public_url, page) for each in sets],
    }


def _markup(each: DataSet, maker: Mapping[str, str], public_url: str, page: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@type": "Dataset",
        "@id": f"{page}#{each.name}",
        "name": each.title,
        "description": each.description,
        "identifier": each.name,
        "version": each.version,
        "url": page,
        "isAccessibleForFree": True,
        "creator": maker,
        "includedInDataCatalog": {"@id": f"{page}#catalogue"},
        "license": each.licence_url or each.licence,
        "datePublished": each.issued,
        "dateModified": each.modified,
        "temporalCoverage": f"{each.years[0]}/{each.years[-1]}" if each.years else "",
        "spatialCoverage": [{"@type": "Place", "name": name} for name in each.places],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": file.name,
                "encodingFormat": file.media_type,
                "contentUrl": urls.absolute(public_url, urls.data_file(each.name, each.version, file.name)),
                "contentSize": str(file.size),
                "sha256": file.sha256,
            }
            for file in each.whole
        ],
    }
    return {name: value for name, value in found.items() if value not in ("", [])}
