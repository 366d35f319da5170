"""Opening a data package: descriptor, resources, rows. What is read here is only what lies inside the package.

A package is a folder with a `datapackage.json` or a ZIP of one. Paths are relative and are followed through links to
see that they stay inside; an address is never opened. Rows come as text; whether they are right is `table`'s affair.
"""

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from nok.errors import Place, Problem
from nok.packages.profile import RESOURCES, profile_schema

DESCRIPTOR = "datapackage.json"
MAXIMUM_DESCRIPTOR_BYTES = 4 * 1024 * 1024
MAXIMUM_FIELD_CHARACTERS = 1_000_000
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?")

csv.field_size_limit(MAXIMUM_FIELD_CHARACTERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A table of a package: its files in order and the schema that holds for it (the profile's and its own)."""

    name: str
    files: tuple[Path, ...]
    schema: Mapping[str, Any]
    delimiter: str = ","
    is_profiled: bool = True


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

    def fingerprint(self) -> str:
        """SHA-256 of every byte that the package says, in hex; equal where and only where the package is the same."""
        digest = hashlib.sha256()
        for path in (self.folder / DESCRIPTOR, *(file for resource in self.resources for file in resource.files)):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()


class _Refused(Exception):
    """Carries the problem that makes reading on pointless."""

    def __init__(self, rule: str, value: str = "", **details: str) -> None:
        super().__init__(rule)
        self.rule, self.value, self.details = rule, value, details


def read_package(folder: Path) -> tuple[Package | None, list[Problem]]:
    """The package in `folder` and all that is wrong with its descriptor; no package where it cannot be used at all."""
    problems: list[Problem] = []
    place = Place(package=folder.name, file=DESCRIPTOR)
    try:
        descriptor = _descriptor(folder)
    except _Refused as refused:
        return None, [_problem(refused, place)]
    resources = []
    names: set[str] = set()
    for number, entry in enumerate(descriptor["resources"]):
        at = Place(package=folder.name, file=DESCRIPTOR, column=f"resources/{number}")
        try:
            resource = _resource(folder, entry, names)
        except _Refused as refused:
            problems.append(_problem(refused, at))
        else:
            resources.append(resource)
    package = Package(
        name=descriptor["name"], folder=folder, descriptor=descriptor, resources=tuple(sorted(resources, key=_order))
    )
    return package, problems


def _order(resource: Resource) -> tuple[int, str]:
    position = RESOURCES.index(resource.name) if resource.name in RESOURCES else len(RESOURCES)
    return position, resource.name


def _problem(refused: _Refused, place: Place) -> Problem:
    return Problem(rule=refused.rule, where=place, value=refused.value, details=refused.details)


def _descriptor(folder: Path) -> dict[str, Any]:
    path = folder / DESCRIPTOR
    if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
        raise _Refused("package-missing", str(folder))
    if path.stat().st_size > MAXIMUM_DESCRIPTOR_BYTES:
        raise _Refused("descriptor-size", str(path.stat().st_size), maximum=str(MAXIMUM_DESCRIPTOR_BYTES))
    try:
        found = json.loads(
            path.read_bytes().decode("utf-8-sig"), object_pairs_hook=_no_repeats, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise _Refused("descriptor-json", reason=str(error) or "nested too deeply") from error
    if not isinstance(found, dict):
        raise _Refused("descriptor-json", reason="the file is not an object")
    _check_descriptor(found)
    return found


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


def _check_descriptor(found: Mapping[str, Any]) -> None:
    name, version = found.get("name"), found.get("version")
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise _Refused("descriptor-name", str(name))
    if not isinstance(version, str) or _VERSION.fullmatch(version) is None:
        raise _Refused("descriptor-version", str(version))
    if not isinstance(found.get("title"), str) or not found["title"].strip():
        raise _Refused("descriptor-property", str(found.get("title")), property="title")
    if not isinstance(found.get("licenses"), list) or not found["licenses"]:
        raise _Refused("descriptor-property", str(found.get("licenses")), property="licenses")
    if not isinstance(found.get("resources"), list) or not found["resources"]:
        raise _Refused("descriptor-property", str(found.get("resources")), property="resources")


def _resource(folder: Path, entry: Any, names: set[str]) -> Resource:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise _Refused("resource-name", str(entry)[:200])
    name = entry["name"]
    if name in names:
        raise _Refused("resource-repeated", name)
    names.add(name)
    for key, allowed in (("encoding", ("utf-8", "utf8")), ("format", ("csv",)), ("type", ("table",))):
        if key in entry and str(entry[key]).lower() not in allowed:
            raise _Refused("resource-property", str(entry[key]), property=key, expected=allowed[0])
    for key in ("scheme", "compression", "data", "extrapaths"):
        if key in entry:
            raise _Refused("resource-property", key, property=key, expected="nothing")
    paths = entry.get("path")
    paths = [paths] if isinstance(paths, str) else paths
    if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
        raise _Refused("resource-path", str(entry.get("path")))
    return Resource(
        name=name,
        files=tuple(_inside(folder, path) for path in paths),
        schema=_schema(name, entry.get("schema")),
        delimiter=_delimiter(entry.get("dialect")),
        is_profiled=name in RESOURCES,
    )


def _inside(folder: Path, path: str) -> Path:
    """The file that `path` names, if it is a plain file inside the package."""
    parts = path.split("/")
    if not path or "\\" in path or ":" in path or "%" in path or "\0" in path or {"", ".", ".."} & set(parts):
        raise _Refused("resource-path", path)
    file = folder / path
    if any(part.startswith(".") for part in parts) or not file.resolve().is_relative_to(folder.resolve()):
        raise _Refused("resource-path", path)
    if not file.is_file():
        raise _Refused("file-missing", path)
    return file


def _delimiter(dialect: Any) -> str:
    if dialect is None:
        return ","
    known = {"delimiter", "$schema", "header", "quoteChar", "doubleQuote"}
    if not isinstance(dialect, dict) or not set(dialect) <= known:
        raise _Refused("resource-property", str(dialect)[:200], property="dialect", expected="{'delimiter': ','}")
    delimiter = dialect.get("delimiter", ",")
    standard = dialect.get("header", True) is True and dialect.get("quoteChar", '"') == '"'
    if delimiter not in (",", ";", "\t") or not standard or dialect.get("doubleQuote", True) is not True:
        raise _Refused("resource-property", str(dialect)[:200], property="dialect", expected="{'delimiter': ','}")
    return str(delimiter)


def _schema(name: str, own: Any) -> Mapping[str, Any]:
    """The schema that holds: the profile's, with the package's own fields and tighter constraints."""
    if name not in RESOURCES:
        if not isinstance(own, dict) or not isinstance(own.get("fields"), list):
            raise _Refused("resource-unknown", name, known=", ".join(RESOURCES))
        return own
    profile = profile_schema(name)
    if own is None:
        return profile
    if not isinstance(own, dict) or not isinstance(own.get("fields"), list):
        raise _Refused("resource-schema", str(own)[:200], reason="expected an object with a list of fields")
    if "fieldsMatch" in own and own["fieldsMatch"] != "exact":
        raise _Refused("resource-schema", "fieldsMatch", reason="columns are found by their names; leave it out")
    fields = {field["name"]: field for field in profile["fields"]}
    for field in own["fields"]:
        if not isinstance(field, dict) or not isinstance(field.get("name"), str):
            raise _Refused("resource-schema", str(field)[:200], reason="a field has no name")
        fields[field["name"]] = _tightened(fields.get(field["name"]), field)
    return {**profile, "fields": list(fields.values()), "own": [field["name"] for field in own["fields"]]}


def _tightened(profile: Mapping[str, Any] | None, own: Mapping[str, Any]) -> Mapping[str, Any]:
    if profile is None:
        return own
    if own.get("type", profile["type"]) != profile["type"]:
        reason = f"field {own['name']} is {own.get('type')}, the profile says {profile['type']}"
        raise _Refused("resource-schema", str(own["name"]), reason=reason)
    ours, theirs = dict(profile.get("constraints", {})), dict(own.get("constraints", {}))
    constraints = {**theirs, **ours}
    for key, choose in (("minimum", max), ("maximum", min), ("maxLength", min), ("minLength", max)):
        if key in ours and key in theirs:
            constraints[key] = choose(ours[key], theirs[key], key=float)
    if "enum" in ours and "enum" in theirs:
        constraints["enum"] = [value for value in ours["enum"] if value in theirs["enum"]]
    if "pattern" in ours and theirs.get("pattern", ours["pattern"]) != ours["pattern"]:
        raise _Refused("resource-schema", str(own["name"]), reason=f"field {own['name']} has another pattern")
    return {**own, **profile, "constraints": constraints} if constraints else {**own, **profile}


@contextmanager
def open_text(file: Path) -> Iterator[TextIO]:
    """The text of a table: UTF-8 (a byte order mark is allowed), line ends untouched."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        yield stream


def iterate_rows(resource: Resource) -> Iterator[dict[str, str]]:
    """The rows of a checked resource, all its files one after another; absent columns read as empty.

    Only for packages that `nok.packages.check` has passed: nothing is checked here.
    """
    names = [field["name"] for field in resource.schema["fields"]]
    empty = dict.fromkeys(names, "")
    for file in resource.files:
        with open_text(file) as stream:
            reader = csv.reader(stream, delimiter=resource.delimiter)
            header = next(reader, [])
            for row in reader:
                yield empty | dict(zip(header, row, strict=True))
