"""Whether a descriptor is so plain that the standard's own profile surely takes it.

As with tables, a quick look decides what is surely right, and the contract (frictionless, a second of importing) is
asked about all else. A property test holds every descriptor that is called plain here against it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_LICENSE = re.compile(r"[A-Za-z0-9]+(?:[-.][A-Za-z0-9]+)*")
_FILE = re.compile(r"[a-z0-9][a-z0-9_-]*\.csv")
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
_VERSION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}")

_Check = Callable[[Any], bool]


def is_plain(descriptor: Mapping[str, Any]) -> bool:
    """True where a descriptor says nothing but plain words in plain places, so that nobody could object to it."""
    return _has_only(descriptor, _PACKAGE, _REQUIRED)


def _has_only(found: Any, members: Mapping[str, _Check], required: frozenset[str]) -> bool:
    if not isinstance(found, Mapping) or not required <= found.keys() <= members.keys():
        return False
    return all(members[name](value) for name, value in found.items())


def _matches(pattern: re.Pattern[str]) -> _Check:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**53


def _are_paths(value: Any) -> bool:
    paths = value if isinstance(value, list) else [value]
    return bool(paths) and all(map(_matches(_FILE), paths)) and len(set(paths)) == len(paths)


def _are_licenses(value: Any) -> bool:
    return _is_list_of(value, _LICENSE_MEMBERS, frozenset({"name"}))


def _are_resources(value: Any) -> bool:
    if not _is_list_of(value, _RESOURCE, frozenset({"name", "path"})):
        return False
    return len({resource["name"] for resource in value}) == len(value)


def _is_list_of(value: Any, members: Mapping[str, _Check], required: frozenset[str]) -> bool:
    return isinstance(value, list) and bool(value) and all(_has_only(one, members, required) for one in value)


_REQUIRED = frozenset({"name", "title", "version", "licenses", "resources"})
_LICENSE_MEMBERS: Mapping[str, _Check] = {"name": _matches(_LICENSE), "title": _is_text}
_RESOURCE: Mapping[str, _Check] = {
    "name": _matches(_NAME),
    "path": _are_paths,
    "title": _is_text,
    "bytes": _is_size,
    "hash": _matches(_SHA256),
}
_PACKAGE: Mapping[str, _Check] = {
    "name": _matches(_NAME),
    "title": _is_text,
    "description": _is_text,
    "version": _matches(_VERSION),
    "demonstration": _is_flag,
    "licenses": _are_licenses,
    "resources": _are_resources,
}
