"""The file that says how a foreign table becomes a package: YAML text to an `ImportMapping`.

Pure: the caller reads the file. Every key is documented in docs/mappings.md; an unknown one is an error with "did you
mean". Texts are texts: a number without quotes is refused, for YAML would take the leading zero off `010005`.
"""

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from nok.documents import nearest, parse_yaml, refuse_unknown
from nok.errors import ConfigError
from nok.packages.cells import CellRule, Numbers, is_date_form
from nok.packages.foreign import FORMATS, Source
from nok.packages.profile import RESOURCES, field_names

Words = Mapping[str, str]

MAPPING_KEYS = ("source", "join", "leave_out", "columns", "values", "tables", "extra_fields", "descriptor", "on_misfit")
SOURCE_KEYS = ("file format encoding delimiter quoting header header_row sheet records decimal group missing").split()
JOIN_KEYS = ("file format encoding delimiter quoting header header_row sheet records on prefix unmatched").split()
FILTER_KEYS = ("column", "in", "not_in", "matches", "empty", "because")
CELL_KEYS = (
    "column constant template first missing html spaces replace values otherwise lower date number decimals pad slug "
    "website prefix suffix"
).split()
TABLE_KEYS = ("rows", "fields", "repeat", "only_if", "distinct", "box")
BOX_KEYS = ("lat_min", "lat_max", "lon_min", "lon_max", "outside")
EXTRA_FIELD_TYPES = ("string", "integer", "number", "date", "boolean")

_DESCRIPTOR_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_DESCRIPTOR_VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Another file whose columns are put beside the source's; `on` holds (column of the source, column of the file)."""

    source: Source
    on: tuple[tuple[str, str], ...]
    prefix: str
    is_unmatched_misfit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Rows that are left out on purpose: where `test` holds for the trimmed cell of `column`, `because` says why."""

    column: str
    test: Callable[[str], bool]
    because: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where points must lie, in degrees; a point outside is a misfit or, with `is_emptied`, loses its coordinates."""

    lat_min: Decimal
    lat_max: Decimal
    lon_min: Decimal
    lon_max: Decimal
    is_emptied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule:
    """One row that a source row gives to a table; none where the column `only_if` is empty."""

    fields: Mapping[str, CellRule]
    only_if: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRule:
    """How a table is filled: `constants` as they stand, then what each source row gives by `rows`.

    With `is_distinct` equal rows are written once.
    """

    resource: str
    constants: tuple[Mapping[str, str], ...] = ()
    rows: tuple[RowRule, ...] = ()
    is_distinct: bool = False
    box: Box | None = None
    extra_fields: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """A mapping as its file says it; `columns` are computed in this order and may be used like those of the source."""

    name: str
    source: Source
    numbers: Numbers
    joins: tuple[Join, ...]
    filters: tuple[Filter, ...]
    columns: Mapping[str, CellRule]
    tables: tuple[TableRule, ...]
    descriptor: Mapping[str, Any]
    leaves_misfits_out: bool


def parse_mapping(text: str, name: str) -> ImportMapping:
    """The mapping written in `text`; `name` is the file's name for errors.

    Raises:
        ConfigError: an unknown key, a value of the wrong kind, a table or a field that the profile does not have.
    """
    found = parse_yaml(text, name)
    refuse_unknown(found, MAPPING_KEYS, name)
    source = _section(found.get("source", {}), SOURCE_KEYS, f"{name}: source")
    numbers = _numbers(source, f"{name}: source")
    missing = frozenset(_texts(source.get("missing", []), f"{name}: source: missing"))
    maps = {key: _value_map(rows, {}, f"{name}: values '{key}'") for key, rows in _pairs(found, "values", name)}
    cells = _Cells(maps, missing)
    return ImportMapping(
        name=name,
        source=_source(source, f"{name}: source"),
        numbers=numbers,
        joins=tuple(_join(row, f"{name}: join") for row in _rows(found.get("join", []), f"{name}: join")),
        filters=tuple(_filter(row, f"{name}: leave_out") for row in _rows(found.get("leave_out", []), name)),
        columns={key: cells.parse(rule, f"{name}: columns: {key}") for key, rule in _pairs(found, "columns", name)},
        tables=_tables(found, cells, name),
        descriptor=_descriptor(found.get("descriptor"), f"{name}: descriptor"),
        leaves_misfits_out=_choice(found, "on_misfit", ("refuse", "leave_out"), name) == "leave_out",
    )


# ---- the source ----------------------------------------------------------------------------------------------------


def _source(found: Mapping[str, Any], what: str) -> Source:
    encoding = _text(found.get("encoding", "utf-8"), f"{what}: encoding").lower()
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise ConfigError("mapping-source-encoding", place=what, encoding=encoding) from error
    delimiter = _text(found.get("delimiter", ","), f"{what}: delimiter")
    if len(delimiter) != 1 or delimiter in "\"'\r\n":
        raise ConfigError("mapping-delimiter", place=what, delimiter=delimiter)
    return Source(
        file=_text(found.get("file", ""), f"{what}: file"),
        format=_choice(found, "format", ("", *FORMATS), what),
        encoding="utf-8" if encoding in ("utf8", "utf-8-sig") else encoding,
        delimiter=delimiter,
        is_lenient=_choice(found, "quoting", ("strict", "lenient"), what) == "lenient",
        header=tuple(_texts(found.get("header", []), f"{what}: header")),
        header_row=_whole(found.get("header_row", 1), f"{what}: header_row"),
        sheet=_text(found.get("sheet", ""), f"{what}: sheet"),
        records=_text(found.get("records", ""), f"{what}: records"),
    )


def _numbers(found: Mapping[str, Any], what: str) -> Numbers:
    return Numbers(
        decimal=_choice(found, "decimal", (".", ","), what),
        group=_choice(found, "group", ("", " ", ",", ".", "'"), what),
    )


def _join(found: Any, what: str) -> Join:
    if isinstance(found, dict):
        # YAML 1.1 reads a bare `on` as true.
        found = {"on" if key is True else key: value for key, value in found.items()}
    section = _section(found, JOIN_KEYS, what)
    on = section.get("on")
    pairs = [(on, on)] if isinstance(on, str) else list(on.items()) if isinstance(on, dict) else []
    if not pairs or not section.get("file"):
        raise ConfigError("mapping-join", place=what)
    return Join(
        source=_source({key: value for key, value in section.items() if key in SOURCE_KEYS}, what),
        on=tuple((_text(here, f"{what}: on"), _text(there, f"{what}: on")) for here, there in pairs),
        prefix=_text(section.get("prefix", ""), f"{what}: prefix"),
        is_unmatched_misfit=_choice(section, "unmatched", ("keep", "misfit"), what) == "misfit",
    )


def _filter(found: Any, what: str) -> Filter:
    section = _section(found, FILTER_KEYS, what)
    tests = [key for key in ("in", "not_in", "matches", "empty") if key in section]
    if len(tests) != 1 or "column" not in section or "because" not in section:
        raise ConfigError("mapping-leave-out", place=what)
    return Filter(
        column=_text(section["column"], f"{what}: column"),
        test=_test(tests[0], section[tests[0]], f"{what}: {tests[0]}"),
        because=_words(section["because"], f"{what}: because"),
    )


def _test(kind: str, value: Any, what: str) -> Callable[[str], bool]:
    if kind == "empty":
        is_empty = _flag(value, what)
        return lambda text: (text == "") == is_empty
    if kind == "matches":
        pattern = _pattern(value, what)
        return lambda text: pattern.search(text) is not None
    texts = frozenset(_texts(value, what))
    return (lambda text: text in texts) if kind == "in" else (lambda text: text not in texts)


# ---- cells ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Cells:
    """Parses the rules of cells: `maps` are the named value maps, `missing` the texts that mean no value anywhere."""

    maps: Mapping[str, Mapping[str, str]]
    missing: frozenset[str]

    def parse(self, found: Any, what: str) -> CellRule:
        """A rule; a text alone is the name of a column."""
        section = {"column": found} if isinstance(found, str) else _section(found, CELL_KEYS, what)
        origins = [key for key in ("column", "constant", "template", "first") if key in section]
        if len(origins) != 1:
            raise ConfigError("mapping-one-way", place=what)
        number = section.get("number")
        return CellRule(
            column=_text(section.get("column", ""), f"{what}: column"),
            constant=_text(section["constant"], f"{what}: constant") if "constant" in section else None,
            template=_text(section.get("template", ""), f"{what}: template"),
            first=tuple(self.parse(rule, f"{what}: first") for rule in _rows(section.get("first", []), what)),
            missing=self.missing | frozenset(_texts(section.get("missing", []), f"{what}: missing")),
            is_html=_flag(section.get("html", False), f"{what}: html"),
            has_single_spaces=_choice(section, "spaces", ("keep", "single"), what) == "single",
            replace=tuple(_replacement(row, f"{what}: replace") for row in _rows(section.get("replace", []), what)),
            values=_value_map(section["values"], self.maps, f"{what}: values") if "values" in section else None,
            otherwise=_choice(section, "otherwise", ("misfit", "keep", "empty"), what),
            is_lower=_flag(section.get("lower", False), f"{what}: lower"),
            date_forms=_date_forms(section.get("date", []), f"{what}: date"),
            numbers=_numbers(_section(number, ("decimal", "group"), what), what) if number is not None else None,
            decimals=_whole(section["decimals"], f"{what}: decimals") if "decimals" in section else None,
            pad=_whole(section.get("pad", 0), f"{what}: pad"),
            is_slug=_flag(section.get("slug", False), f"{what}: slug"),
            is_website=_flag(section.get("website", False), f"{what}: website"),
            prefix=_text(section.get("prefix", ""), f"{what}: prefix"),
            suffix=_text(section.get("suffix", ""), f"{what}: suffix"),
        )


def _date_forms(found: Any, what: str) -> tuple[str, ...]:
    forms = tuple(_texts([found] if isinstance(found, str) else found, what))
    wrong = next((form for form in forms if not is_date_form(form)), None)
    if wrong is not None:
        raise ConfigError("mapping-date", place=what, wrong=wrong)
    return forms


def _replacement(found: Any, what: str) -> tuple[re.Pattern[str], str]:
    section = _section(found, ("find", "with"), what)
    return _pattern(section.get("find"), f"{what}: find"), _text(section.get("with", ""), f"{what}: with")


def _value_map(found: Any, maps: Mapping[str, Mapping[str, str]], what: str) -> Mapping[str, str]:
    if isinstance(found, str):
        if found not in maps:
            raise ConfigError("mapping-no-map", place=what, found=found, similar=nearest(found, maps))
        return maps[found]
    if not isinstance(found, dict) or not found:
        raise ConfigError("mapping-values", place=what)
    return {_text(key, what): _text(value, f"{what}: '{key}'") for key, value in found.items()}


# ---- tables --------------------------------------------------------------------------------------------------------


def _tables(found: Mapping[str, Any], cells: _Cells, name: str) -> tuple[TableRule, ...]:
    extra = {
        key: _extra_fields(rows, key, f"{name}: extra_fields: {key}")
        for key, rows in _pairs(found, "extra_fields", name)
    }
    tables = dict(_pairs(found, "tables", name))
    if not tables:
        raise ConfigError("mapping-tables", name=name)
    refuse_unknown(tables, RESOURCES, f"{name}: tables")
    refuse_unknown(extra, tables, f"{name}: extra_fields")
    return tuple(
        _table(resource, tables[resource], extra.get(resource, ()), cells, f"{name}: tables: {resource}")
        for resource in RESOURCES
        if resource in tables
    )


def _table(resource: str, found: Any, extra: tuple[Mapping[str, Any], ...], cells: _Cells, what: str) -> TableRule:
    section = _section(found, TABLE_KEYS, what)
    known = [*field_names(resource), *(field["name"] for field in extra)]
    if ("rows" in section) == ("fields" in section):
        raise ConfigError("mapping-rows", place=what)
    return TableRule(
        resource=resource,
        constants=tuple(_constant_row(row, known, f"{what}: rows") for row in _rows(section.get("rows", []), what)),
        rows=_row_rules(section, known, cells, what) if "fields" in section else (),
        is_distinct=_flag(section.get("distinct", False), f"{what}: distinct"),
        box=_box(section["box"], f"{what}: box") if "box" in section else None,
        extra_fields=extra,
    )


def _row_rules(section: Mapping[str, Any], known: list[str], cells: _Cells, what: str) -> tuple[RowRule, ...]:
    """One rule for the fields of all rows, or one for each entry of `repeat`, which may add and replace fields."""
    common = _fields(section["fields"], known, cells, f"{what}: fields")
    only_if = _text(section.get("only_if", ""), f"{what}: only_if")
    if "repeat" not in section:
        return (RowRule(fields=common, only_if=only_if),)
    rules = []
    for row in _rows(section["repeat"], f"{what}: repeat"):
        entry = dict(_section(row, [*known, "only_if"], f"{what}: repeat"))
        own_only_if = _text(entry.pop("only_if", only_if), f"{what}: repeat: only_if")
        rules.append(RowRule(fields=common | _fields(entry, known, cells, f"{what}: repeat"), only_if=own_only_if))
    return tuple(rules)


def _fields(found: Any, known: list[str], cells: _Cells, what: str) -> dict[str, CellRule]:
    section = _section(found, known, what)
    return {name: cells.parse(rule, f"{what}: {name}") for name, rule in section.items()}


def _constant_row(found: Any, known: list[str], what: str) -> Mapping[str, str]:
    return {name: _text(value, f"{what}: {name}") for name, value in _section(found, known, what).items()}


def _box(found: Any, what: str) -> Box:
    section = _section(found, BOX_KEYS, what)
    return Box(
        lat_min=_decimal(section.get("lat_min"), f"{what}: lat_min"),
        lat_max=_decimal(section.get("lat_max"), f"{what}: lat_max"),
        lon_min=_decimal(section.get("lon_min"), f"{what}: lon_min"),
        lon_max=_decimal(section.get("lon_max"), f"{what}: lon_max"),
        is_emptied=_choice(section, "outside", ("misfit", "empty"), what) == "empty",
    )


def _extra_fields(found: Any, resource: str, what: str) -> tuple[Mapping[str, Any], ...]:
    fields = []
    for row in _rows(found, what):
        name = row.get("name") if isinstance(row, dict) else None
        if not isinstance(name, str) or re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name) is None:
            raise ConfigError("mapping-field-name", place=what, name=name)
        if resource in RESOURCES and name in field_names(resource):
            raise ConfigError("mapping-field-known", place=what, name=name)
        kind = row.get("type", "string")
        if kind not in EXTRA_FIELD_TYPES:
            raise ConfigError(
                "mapping-field-type", place=what, name=name, kind=kind, known=", ".join(EXTRA_FIELD_TYPES)
            )
        fields.append({"name": name, "type": kind, **{key: value for key, value in row.items() if key != "name"}})
    return tuple(fields)


def _descriptor(found: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise ConfigError("mapping-descriptor", place=what)
    for key, pattern in (("name", _DESCRIPTOR_NAME), ("version", _DESCRIPTOR_VERSION), ("title", re.compile(".+"))):
        if not isinstance(found.get(key), str) or pattern.fullmatch(found[key]) is None:
            examples = {"name": "schools-2026", "version": '"1.0.0"', "title": "a text"}
            raise ConfigError(
                "mapping-descriptor-key", place=what, key=key, value=found.get(key), example=examples[key]
            )
    if not isinstance(found.get("licenses"), list) or not found["licenses"]:
        raise ConfigError("mapping-licenses", place=what)
    if "resources" in found:
        raise ConfigError("mapping-resources", place=what)
    return {key: _plain(value) for key, value in found.items()}


def _plain(value: Any) -> Any:
    """What YAML reads as a date goes into JSON as its text."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


# ---- values of YAML ------------------------------------------------------------------------------------------------


def _section(found: Any, keys: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise ConfigError("mapping-lines", place=what, found=found)
    refuse_unknown(found, keys, what)
    return found


def _pairs(found: Mapping[str, Any], key: str, name: str) -> list[tuple[str, Any]]:
    section = found.get(key, {})
    if not isinstance(section, dict):
        raise ConfigError("mapping-section", name=name, key=key, section=section)
    return [(_text(word, f"{name}: {key}"), value) for word, value in section.items()]


def _rows(found: Any, what: str) -> list[Any]:
    if not isinstance(found, list):
        raise ConfigError("mapping-list", place=what, found=found)
    return found


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        shown = value.isoformat() if isinstance(value, date) else str(value)
        raise ConfigError("mapping-text", place=what, shown=shown, kind=type(value).__name__)
    return value


def _texts(value: Any, what: str) -> list[str]:
    return [_text(item, what) for item in _rows(value, what)]


def _flag(value: Any, what: str) -> bool:
    if not isinstance(value, bool):
        raise ConfigError("mapping-true-or-false", place=what, value=value)
    return value


def _whole(value: Any, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ConfigError("mapping-whole", place=what, value=value)
    return value


def _decimal(value: Any, what: str) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise ConfigError("mapping-degrees", place=what, value=value) from error


def _choice(found: Mapping[str, Any], key: str, allowed: tuple[str, ...], what: str) -> str:
    """The value of `key`, the first of `allowed` where it is not given."""
    value = found.get(key, allowed[0])
    if value not in allowed:
        shown = ", ".join(repr(word) for word in allowed if word)
        raise ConfigError("mapping-one-of", place=what, key=key, value=value, known=shown)
    return str(value)


def _pattern(value: Any, what: str) -> re.Pattern[str]:
    try:
        return re.compile(_text(value, what))
    except re.error as error:
        raise ConfigError("mapping-pattern", place=what, value=value, error=error) from error


def _words(value: Any, what: str) -> Words:
    """`{ru: …, en: …}`; a plain text serves every language."""
    if isinstance(value, dict) and set(value) == {"ru", "en"}:
        return {language: _text(text, what) for language, text in value.items()}
    text = _text(value, what)
    return {"ru": text, "en": text}
