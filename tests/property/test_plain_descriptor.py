"""A descriptor that is called plain is one that the standard's own profile takes; frictionless is asked about each."""

import copy
from collections import Counter
from random import Random
from typing import Any

import frictionless
import hypothesis.strategies as st
from hypothesis import given, settings

from nok.packages.plain_descriptor import is_plain

SHA256 = "sha256:" + "0f" * 32
PLAIN: dict[str, Any] = {
    "name": "country-2",
    "title": "Страна",
    "description": "Вымышленная.",
    "version": "1.0.0",
    "demonstration": True,
    "licenses": [{"name": "CC-BY-4.0", "title": "Указание авторства"}, {"name": "CC0-1.0"}],
    "resources": [
        {"name": "organizations", "path": "organizations.csv", "title": "Организации", "bytes": 12, "hash": SHA256},
        {"name": "reviews", "path": ["reviews-0001.csv", "reviews-0002.csv"]},
    ],
}
ODD: list[Any] = [
    None,
    "",
    " ",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    [None],
    [""],
    ["a", "a"],
    {"name": ""},
    "../x.csv",
    "Ы",
    "a b",
]
ODD += ["http://example.org/x.csv", "A.csv", "a.csv", ["a.csv", "a.csv"], 2**60, "md5:00", "1.0", "1.0.0-б", "x" * 300]
NAMES = ["name", "title", "version", "licenses", "path", "profile", "keywords", "sources", "created", "image", "data"]
NAMES += [
    "schema",
    "dialect",
    "encoding",
    "format",
    "mediatype",
    "bytes",
    "hash",
    "description",
    "homepage",
    "id",
    "$schema",
]
"""Members of the standard, at home in a package, a resource or a licence, or in none of them."""


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every member of every object and list in `value`: (holder, key)."""
    found = []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += [(value, key), *places(inner)]
    return found


def spoil(descriptor: Any, random: Random) -> None:
    """Changes, removes, doubles or adds one member somewhere."""
    holder, key = random.choice(places(descriptor))
    match random.randrange(4):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        case 2 if isinstance(holder, dict):
            holder[random.choice(NAMES)] = copy.deepcopy(random.choice(ODD))
        case _:
            holder[key] = copy.deepcopy(random.choice(ODD))


def errors_of(descriptor: dict[str, Any]) -> list[str]:
    try:
        return [error.note for error in frictionless.Package.validate_descriptor(copy.deepcopy(descriptor)).errors]
    except (AttributeError, TypeError) as error:  # it falls over a checksum that is a number
        return [repr(error)]


def test_a_usual_descriptor_is_plain() -> None:
    assert is_plain(PLAIN)
    assert not errors_of(PLAIN)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), changes=st.integers(0, 3))
def test_frictionless_objects_to_no_plain_descriptor(seed: int, changes: int) -> None:
    random, descriptor = Random(seed), copy.deepcopy(PLAIN)
    for _ in range(changes):
        spoil(descriptor, random)
    if is_plain(descriptor):
        assert not errors_of(descriptor)


def test_spoilt_descriptors_are_not_called_plain() -> None:
    """What frictionless objects to is met often enough for the property to say something."""
    seen = Counter[tuple[bool, bool]]()
    for seed in range(150):
        descriptor = copy.deepcopy(PLAIN)
        spoil(descriptor, Random(seed))
        seen[is_plain(descriptor), bool(errors_of(descriptor))] += 1
    assert seen[True, True] == 0
    assert seen[True, False] > 5
    assert seen[False, True] > 20
