"""What each column of a release says: the data dictionary as CSV, and the tables as CSV on the Web describes them.

Titles and limits come from the Table Schemas, words from the theme's catalogues, both languages in one file.
"""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from nok.packages.write import RowWriter
from nok.render.forms_tables import ReleasedTables, Table, refers_within

Words = Mapping[str, Mapping[str, str]]
"""Language to column (`table.column`, or `column` for all tables) to what it says."""

DICTIONARY_COLUMNS = (
    *("table", "table_title", "column", "type", "required", "key", "limits", "refers_to"),
    *("title_ru", "description_ru", "title_en", "description_en"),
)

_CSVW_TYPES: Mapping[str, str] = {"integer": "integer", "number": "decimal", "date": "date", "year": "gYear"}


def described(table: str, field: Mapping[str, Any], language: str, words: Words) -> str:
    """What a column says; a column of the package's own says what its schema says."""
    known = words.get(language, {})
    name = field["name"]
    own = field.get(f"description_{language}") or field.get("description")
    return str(own or known.get(f"{table}.{name}") or known.get(name) or "")


def title_of(field: Mapping[str, Any], language: str) -> str:
    """The heading of a column; in English the name itself in words, unless its schema has one."""
    name = str(field["name"])
    if language == "ru":
        return str(field.get("title") or name)
    return str(field.get("title_en") or name.replace("_", " "))


def dictionary_rows(release: ReleasedTables, words: Words) -> Iterator[dict[str, str]]:
    """One row a column of every table, in the order of the tables."""
    for table in release.tables:
        references = {key["fields"][0]: key["reference"] for key in table.schema.get("foreignKeys", [])}
        for field in table.fields:
            name = field["name"]
            reference = references.get(name)
            yield {
                "table": table.name,
                "table_title": table.title,
                "column": name,
                "type": field.get("type", "string"),
                "required": _truth(field.get("constraints", {}).get("required") is True),
                "key": _truth(name in (table.schema.get("primaryKey") or ())),
                "limits": limits_of(field),
                "refers_to": reference.get("resource") or table.name if reference else "",
                "title_ru": title_of(field, "ru"),
                "description_ru": described(table.name, field, "ru", words),
                "title_en": title_of(field, "en"),
                "description_en": described(table.name, field, "en", words),
            }


def limits_of(field: Mapping[str, Any], length: str = "length", pattern: str = "pattern") -> str:
    """The constraints of a column in one line: the values it may have, or least, most, length and form; `length` and
    `pattern` are the words for these two."""
    found = field.get("constraints", {})
    if "enum" in found:
        return " | ".join(map(str, found["enum"]))
    names = (("minimum", "≥"), ("maximum", "≤"), ("maxLength", f"{length} ≤"), ("pattern", pattern))
    return ", ".join(f"{sign} {found[name]}" for name, sign in names if name in found)


def _truth(value: bool) -> str:
    return "true" if value else "false"


def dictionary_csv(release: ReleasedTables, words: Words) -> str:
    """The data dictionary as a table."""
    buffer = io.StringIO(newline="")
    writer = RowWriter(buffer)
    writer.write(DICTIONARY_COLUMNS)
    for row in dictionary_rows(release, words):
        writer.write([row[column] for column in DICTIONARY_COLUMNS])
    return buffer.getvalue()


# ---- CSV on the Web -------------------------------------------------------------------------------------------------


def csvw_metadata(release: ReleasedTables, words: Words) -> str:
    """`csv-metadata.json` of the exact CSV files (W3C, Metadata Vocabulary for Tabular Data)."""
    licence = release.licence[1]
    found: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "ru"}],
        "dc:title": str(release.descriptor["title"]),
        "dc:identifier": release.name,
    }
    if licence:
        found["dc:license"] = {"@id": licence}
    found["dialect"] = {"header": True, "encoding": "utf-8"}
    found["tables"] = [_csvw_table(table, release, words) for table in release.tables]
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _csvw_table(table: Table, release: ReleasedTables, words: Words) -> dict[str, Any]:
    schema: dict[str, Any] = {"columns": [_csvw_column(table.name, field, words) for field in table.fields]}
    if table.schema.get("primaryKey"):
        schema["primaryKey"] = list(table.schema["primaryKey"])
    references = list(_csvw_references(table, release))
    if references:
        schema["foreignKeys"] = references
    return {"url": f"{table.name}.csv", "dc:title": table.title, "tableSchema": schema}


def _csvw_references(table: Table, release: ReleasedTables) -> Iterator[dict[str, Any]]:
    """References that always lead to a row of the same release; the vocabulary has no others, nor empty ones."""
    required = {field["name"] for field in table.fields if field.get("constraints", {}).get("required")}
    for key in table.schema.get("foreignKeys", []):
        other = release.table(key["reference"].get("resource") or table.name)
        own, theirs = list(key["fields"]), list(key["reference"]["fields"])
        if other is not None and {*own} <= required and refers_within(table, own, other, theirs):
            reference = {"resource": f"{other.name}.csv", "columnReference": theirs}
            yield {"columnReference": own, "reference": reference}


def _csvw_column(table: str, field: Mapping[str, Any], words: Words) -> dict[str, Any]:
    constraints = field.get("constraints", {})
    found: dict[str, Any] = {
        "name": field["name"],
        "titles": {"und": [field["name"]], "ru": [title_of(field, "ru")], "en": [title_of(field, "en")]},
        "dc:description": [
            {"@value": said, "@language": language}
            for language in ("ru", "en")
            if (said := described(table, field, language, words))
        ],
        "datatype": _csvw_type(field, constraints),
        "null": "",
    }
    if constraints.get("required"):
        found["required"] = True
    return found


def _csvw_type(field: Mapping[str, Any], constraints: Mapping[str, Any]) -> Any:
    """The datatype with its limits; of a text the length alone, for patterns are of another dialect there."""
    kind = field.get("type", "string")
    if kind == "boolean":
        return {"base": "boolean", "format": "true|false"}
    base = _CSVW_TYPES.get(kind, "string")
    names = ("maxLength",) if base == "string" else ("minimum", "maximum")
    limits = {name: constraints[name] for name in names if name in constraints}
    return {"base": base} | limits if limits else base
