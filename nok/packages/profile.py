"""The profile `nok` 1.0: which tables a package may hold and the published Table Schema of each.

The schemas are the JSON files beside this module; they are what a data reuser downloads, so code reads them and never
repeats them.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

RESOURCES = (
    "regions",
    "organizations",
    "assessments",
    "scores",
    "reviews",
    "replies",
    "plan_measures",
    "placements",
)
"""The tables of the profile; a table stands after those that its foreign keys point to."""

PACKAGE_SCHEMA = "https://datapackage.org/profiles/2.0/datapackage.json"
RESOURCE_SCHEMA = "https://datapackage.org/profiles/2.0/dataresource.json"


@cache
def profile_schema(resource: str) -> Mapping[str, Any]:
    """The published Table Schema of a resource.

    Raises:
        KeyError: the profile has no such resource.
    """
    if resource not in RESOURCES:
        raise KeyError(resource)
    text = files("nok.packages").joinpath("schemas", f"{resource}.json").read_text("utf-8")
    return MappingProxyType(json.loads(text))


def field_names(resource: str) -> tuple[str, ...]:
    """The columns of a resource in the order of the profile."""
    return tuple(field["name"] for field in profile_schema(resource)["fields"])
