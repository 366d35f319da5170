"""Opening a data package: descriptor, resources, rows. What is read here is only what lies inside the package.

A package is a folder with a `datapackage.json` or a ZIP of one. Paths are relative and are followed through links to
see that they stay inside; an address is never opened. Rows come as text; whether they are right is `table`'s affair.
"""

import csv
import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from nok.errors import Place, Problem
from nok.identifiers import RESERVED_IDS
from nok.packages.hashes import FileHashes
from nok.packages.profile import CONTROL, RESOURCES, SchemaFault, effective_schema

DESCRIPTOR = "datapackage.json"
MAXIMUM_DESCRIPTOR_BYTES = 4 * 1024 * 1024
MAXIMUM_DEPTH = 40
MAXIMUM_FIELD_CHARACTERS = 1_000_000
DELIMITERS = (",", ";", "\t")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_VERSION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}(?:-[0-9A-Za-z.-]{1,40})?")
_KNOWN_PROFILES = ("data-package", "tabular-data-package", "data-resource", "tabular-data-resource")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A table of a package: its files in order and the schema that holds for it (the profile's and its own).

    `declared` is the resource as the descriptor has it; size and checksum are held against the files by `check`.
    """

    name: str
    files: tuple[Path, ...]
    schema: Mapping[str, Any]
    delimiter: str = ","
    is_profiled: bool = True
    declared: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        """How large its files are together."""
        return sum(file.stat().st_size for file in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package whose descriptor could be read; the tables are not yet checked."""

    name: str
    folder: Path
    descriptor: Mapping[str, Any]
    resources: tuple[Resource, ...]

    @property
    def is_demonstration(self) -> bool:
        return self.descriptor.get("demonstration") is True

    @property
    def version(self) -> str:
        return str(self.descriptor["version"])

    def resource(self, name: str) -> Resource | None:
        return next((resource for resource in self.resources if resource.name == name), None)

    def fingerprint(self, hashes: FileHashes | None = None) -> str:
        """SHA-256 of every byte that the package says, in hex; equal where and only where the package is the same.

        `hashes` may know the hashes of files that nobody has touched.
        """
        digest, known = hashlib.sha256(), hashes or FileHashes()
        for path in (self.folder / DESCRIPTOR, *(file for resource in self.resources for file in resource.files)):
            digest.update(bytes.fromhex(known.of(path)))
        return digest.hexdigest()


class _Refused(Exception):
    """Carries the problem that makes reading on pointless."""

    def __init__(self, rule: str, value: str = "", **details: str) -> None:
        super().__init__(rule)
        self.rule, self.value, self.details = rule, value, dict(details)


def read_package(folder: Path) -> tuple[Package | None, list[Problem]]:
    """The package in `folder` and all that is wrong with its descriptor; no package where it cannot be used at all."""
    place = Place(package=folder.resolve().name, file=DESCRIPTOR)
    try:
        descriptor = _descriptor(folder)
    except _Refused as refused:
        return None, [_problem(refused, place)]
    refusals = list(_property_refusals(descriptor))
    if refusals:
        return None, [_problem(refused, place) for refused in refusals]
    name = descriptor["name"]
    problems, resources = [], []
    names: set[str] = set()
    for number, entry in enumerate(descriptor["resources"]):
        try:
            resources.append(_resource(folder, entry, names))
        except _Refused as refused:
            problems.append(_problem(refused, Place(package=name, file=DESCRIPTOR, column=f"resources/{number}")))
        except SchemaFault as fault:
            where = Place(package=name, file=DESCRIPTOR, column=f"resources/{number}/schema")
            problems.append(Problem(rule=fault.rule, where=where, value=fault.value, details=fault.details))
    package = Package(name=name, folder=folder, descriptor=descriptor, resources=tuple(sorted(resources, key=_order)))
    return package, problems


def _order(resource: Resource) -> tuple[int, str]:
    position = RESOURCES.index(resource.name) if resource.name in RESOURCES else len(RESOURCES)
    return position, resource.name


def _problem(refused: _Refused, place: Place) -> Problem:
    where = replace(place, column=refused.details.pop("column", place.column))
    return Problem(rule=refused.rule, where=where, value=refused.value, details=refused.details)


def _paths(entry: Mapping[str, Any]) -> list[Any]:
    path = entry.get("path")
    return path if isinstance(path, list) else [path]


# ---- the descriptor ------------------------------------------------------------------------------------------------


def _descriptor(folder: Path) -> dict[str, Any]:
    path = folder / DESCRIPTOR
    if not _is_file_inside(folder, path):
        raise _Refused("package-missing", str(folder))
    if path.stat().st_size > MAXIMUM_DESCRIPTOR_BYTES:
        raise _Refused("descriptor-size", str(path.stat().st_size), maximum=str(MAXIMUM_DESCRIPTOR_BYTES))
    found = _parse_json(path.read_bytes())
    if not isinstance(found, dict):
        raise _Refused("descriptor-object", _shown(found))
    for text in _texts(found):
        invisible = CONTROL.search(text)
        if invisible is not None:
            raise _Refused("text-control", text, character=f"U+{ord(invisible[0]):04X}")
    return found


def _is_file_inside(folder: Path, file: Path) -> bool:
    """True for a plain file that lies in `folder` even when every link on the way is followed; nothing is opened."""
    try:
        return file.resolve().is_relative_to(folder.resolve()) and file.is_file()
    except (OSError, RuntimeError, ValueError):  # too long a name, a circle of links, half of a character
        return False


def _parse_json(content: bytes) -> Any:
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_no_repeats,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError as error:
        raise _Refused("encoding", f"0x{content[error.start]:02X}", expected="UTF-8") from error
    except json.JSONDecodeError as error:
        raise _Refused("descriptor-json", line=str(error.lineno), column_number=str(error.colno)) from error
    except RecursionError as error:
        raise _Refused("descriptor-depth", maximum=str(MAXIMUM_DEPTH)) from error
    except ValueError as error:  # a whole number of thousands of digits
        raise _Refused("descriptor-number", str(error)[:100]) from error


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Refused("descriptor-repeated", next(key for key in keys if keys.count(key) > 1))
    return found


def _no_constant(name: str) -> Any:
    raise _Refused("descriptor-number", name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Refused("descriptor-number", text[:100])
    return number


def _texts(found: Any, depth: int = 0) -> Iterator[str]:
    """Every text of the descriptor, keys among them."""
    if depth > MAXIMUM_DEPTH:
        raise _Refused("descriptor-depth", maximum=str(MAXIMUM_DEPTH))
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        yield from found
    if isinstance(found, dict | list):
        for part in found.values() if isinstance(found, dict) else found:
            yield from _texts(part, depth + 1)


def _property_refusals(found: Mapping[str, Any]) -> Iterator[_Refused]:
    """What the package says of itself, without which it cannot be read, named or shown."""
    name, version, title = found.get("name"), found.get("version"), found.get("title")
    if not isinstance(name, str) or _NAME.fullmatch(name) is None or name in RESERVED_IDS:
        yield _Refused("descriptor-name", _shown(name), column="name")
    if not isinstance(version, str) or _VERSION.fullmatch(version) is None:
        yield _Refused("descriptor-version", _shown(version), column="version")
    if not isinstance(title, str) or not title.strip():
        yield _Refused("descriptor-property", _shown(title), property="title", column="title")
    for key in ("licenses", "resources"):
        if not isinstance(found.get(key), list) or not found[key]:
            yield _Refused("descriptor-property", _shown(found.get(key)), property=key, column=key)
    if type(found.get("demonstration", False)) is not bool:
        yield _Refused("descriptor-flag", _shown(found["demonstration"]), column="demonstration")
    if _has_foreign_profile(found):
        yield _Refused("descriptor-address", _shown(found["profile"]), property="profile", column="profile")


def _shown(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:200]


def _has_foreign_profile(entry: Mapping[str, Any]) -> bool:
    """A profile is named, never fetched; `$schema` is only a name by the standard, and nobody follows it."""
    return entry.get("profile", _KNOWN_PROFILES[0]) not in _KNOWN_PROFILES


# ---- a resource ----------------------------------------------------------------------------------------------------


def _resource(folder: Path, entry: Any, names: set[str]) -> Resource:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise _Refused("resource-name", _shown(entry))
    if name in names:
        raise _Refused("resource-repeated", name)
    names.add(name)
    _check_reading(entry)
    paths = _paths(entry)
    if not paths or not all(isinstance(path, str) for path in paths):
        raise _Refused("resource-path", _shown(entry.get("path")))
    if len(set(paths)) < len(paths):
        raise _Refused("resource-path", next(path for path in paths if paths.count(path) > 1))
    return Resource(
        name=name,
        files=tuple(_inside(folder, path) for path in paths),
        schema=effective_schema(name, entry.get("schema")),
        delimiter=_delimiter(entry.get("dialect")),
        is_profiled=name in RESOURCES,
        declared=entry,
    )


def _check_reading(entry: Mapping[str, Any]) -> None:
    """Refuses what would have the table read in another way or from another place than ours."""
    if str(entry.get("encoding", "utf-8")).lower() not in ("utf-8", "utf8"):
        raise _Refused("resource-encoding", _shown(entry["encoding"]))
    for key, expected in (("format", "csv"), ("type", "table")):
        if key in entry and str(entry[key]).lower() != expected:
            raise _Refused("resource-property", _shown(entry[key]), property=key)
    for key in ("scheme", "compression", "innerpath", "data", "extrapaths", "control", "layout", "detector"):
        if key in entry:
            raise _Refused("resource-property", _shown(entry[key]), property=key)
    for key in ("schema", "dialect"):
        if isinstance(entry.get(key), str):
            raise _Refused("descriptor-address", entry[key], property=key)
    if _has_foreign_profile(entry):
        raise _Refused("descriptor-address", _shown(entry["profile"]), property="profile")


def _inside(folder: Path, path: str) -> Path:
    """The file that `path` names, if it is a plain file inside the package."""
    parts = path.split("/")
    if not path or "\\" in path or ":" in path or "%" in path or "\0" in path or {"", ".", ".."} & set(parts):
        raise _Refused("resource-path", path)
    if any(part.startswith(".") for part in parts):
        raise _Refused("resource-path", path)
    file = folder / path
    if _is_file_inside(folder, file):
        return file
    raise _Refused("resource-path" if _leads_outside(folder, file) else "file-missing", path)


def is_package_name(text: str) -> bool:
    """True for a name that a package may have."""
    return _NAME.fullmatch(text) is not None and text not in RESERVED_IDS


def file_inside(folder: Path, path: str) -> Path | None:
    """The file of a package that a cell names by a relative path; `None` where it leads anywhere else or to nothing."""
    try:
        return _inside(folder, path)
    except _Refused:
        return None


def _leads_outside(folder: Path, file: Path) -> bool:
    try:
        return file.is_symlink() or not file.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return True


def _delimiter(dialect: Any) -> str:
    """The sign between cells; all else of a dialect must be as RFC 4180 has it."""
    usual = {"header": True, "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\r\n", "skipInitialSpace": False}
    if dialect is None:
        return ","
    if not isinstance(dialect, dict) or not set(dialect) <= {"delimiter", "$schema", *usual}:
        raise _Refused("resource-dialect", _shown(dialect))
    if any(dialect.get(key, value) != value for key, value in usual.items() if key != "lineTerminator"):
        raise _Refused("resource-dialect", _shown(dialect))
    delimiter = dialect.get("delimiter", ",")
    if delimiter not in DELIMITERS or dialect.get("lineTerminator", "\n") not in ("\n", "\r\n"):
        raise _Refused("resource-dialect", _shown(dialect))
    return str(delimiter)


# ---- rows ----------------------------------------------------------------------------------------------------------


@contextmanager
def open_text(file: Path) -> Iterator[TextIO]:
    """The text of a table: UTF-8 (a byte order mark is allowed), line ends untouched."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        yield stream


def header_of(file: Path, resource: Resource) -> list[str]:
    """The names of the columns of one file of a checked resource."""
    with open_text(file) as stream:
        return next(csv.reader(stream, delimiter=resource.delimiter), [])


def iterate_rows(resource: Resource) -> Iterator[dict[str, str]]:
    """The rows of a checked resource, all its files one after another; absent columns read as empty.

    Only for packages that `nok.packages.check` has passed: nothing is checked here.
    """
    csv.field_size_limit(MAXIMUM_FIELD_CHARACTERS)  # frictionless sets its own for the whole process
    names = [described["name"] for described in resource.schema["fields"]]
    empty = dict.fromkeys(names, "")
    for file in resource.files:
        with open_text(file) as stream:
            reader = csv.reader(stream, delimiter=resource.delimiter)
            header = next(reader, [])
            given = empty if set(names) - set(header) else {}
            for row in reader:
                yield given | dict(zip(header, row, strict=True))
