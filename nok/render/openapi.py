"""The description of the API for programs: OpenAPI 3.1, in which every form of an answer is a JSON Schema."""

import json
from collections.abc import Mapping
from typing import Any

from nok import urls

API_VERSION = "1.0.0"
"""Of the forms of answers: members may be added under the same first number, none goes or changes."""

_TEXT: dict[str, Any] = {"type": "string"}
_SOME_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_DAY: dict[str, Any] = {"type": "string", "format": "date"}
_SOME_DAY: dict[str, Any] = {"type": ["string", "null"], "format": "date"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_SOME_COUNT: dict[str, Any] = {"type": ["integer", "null"], "minimum": 0}
_DEGREES: dict[str, Any] = {"type": ["number", "null"]}
_TITLES: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}


def _form(required: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """An object whose members are all there; more may be added in a later build of the same version."""
    return {"type": "object", "required": list(required), "properties": {**required, **more}}


def _list(of: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}


def _page(of: str, name: str) -> dict[str, Any]:
    return _form({"region_code": _TEXT, "page": _COUNT, "pages": _COUNT, "next": _SOME_TEXT, name: _list(of)})


SCHEMAS: Mapping[str, dict[str, Any]] = {
    "Index": _form(
        {
            "version": _TEXT,
            "build_id": _TEXT,
            "day": _DAY,
            "next_update": _SOME_DAY,
            "packages": {"type": "object", "additionalProperties": {"type": "string"}},
            "files": {"type": "object", "additionalProperties": {"type": "string"}},
        }
    ),
    "Regions": _form({"regions": _list("Region")}),
    "Region": _form(
        {
            "region_code": _TEXT,
            "name": _TEXT,
            "name_en": _SOME_TEXT,
            "organizations": _COUNT,
            "pages": _COUNT,
            "lists": {"type": "object", "additionalProperties": {"type": "string"}},
        }
    ),
    "OrganizationsPage": _page("Organization", "organizations"),
    "Organization": _form(
        {
            "organization_id": _TEXT,
            "name": _TEXT,
            "sphere": _TEXT,
            "region_code": _TEXT,
            "latitude": _DEGREES,
            "longitude": _DEGREES,
            "inn": _SOME_TEXT,
            "ogrn": _SOME_TEXT,
            "closed_on": _SOME_DAY,
            "successor_organization_id": _SOME_TEXT,
            "assessment_id": _SOME_TEXT,
            "total": _SOME_TEXT,
            "state": {"enum": ["scored", "not_assessed", "exempt", "too_few", "no_data"]},
            "ratings": _COUNT,
            "page": _TEXT,
            "json": _TEXT,
        }
    ),
    "ScoresPage": _page("Score", "scores"),
    "Score": _form(
        {
            "organization_id": _TEXT,
            "assessment_id": _TEXT,
            "measure": _TEXT,
            "points": _SOME_TEXT,
            "state": {"enum": ["scored", "not_assessed", "exempt", "too_few", "no_data"]},
            "respondents": _SOME_COUNT,
        }
    ),
    "ReviewsPage": _page("Review", "reviews"),
    "Review": _form(
        {
            "organization_id": _TEXT,
            "review_id": _TEXT,
            "received_on": _DAY,
            "rating": {"type": "integer", "minimum": 1, "maximum": 5},
            "state": {"enum": ["published", "restricted"]},
            "text": _SOME_TEXT,
            "reply": {"oneOf": [{"type": "null"}, _form({"text": _TEXT, "replied_on": _DAY})]},
        }
    ),
    "OrganizationRecord": _form(
        {
            "organization": {"type": "object", "required": ["organization_id", "name", "region_code"]},
            "assessments": {"type": "array"},
            "scores": {
                "type": "array",
                "items": _form(
                    {
                        "assessment_id": _TEXT,
                        "measure": _TEXT,
                        "points": _SOME_TEXT,
                        "state": _TEXT,
                        "computed_points": _SOME_TEXT,
                        "verdict": {"enum": ["exact", "consistent", "flag", None]},
                        "trace": {"type": ["object", "null"]},
                    }
                ),
            },
            "ratings": _form(
                {
                    "count": _COUNT,
                    "mean": _SOME_TEXT,
                    "distribution": {"type": "array", "items": _COUNT, "minItems": 5, "maxItems": 5},
                }
            ),
            "reviews": {"type": "array"},
            "replies": {"type": "array"},
            "plan_measures": {"type": "array"},
        }
    ),
    "ByNumber": _form(
        {
            "organizations": {
                "type": "array",
                "items": _form({"inn": _TEXT, "organization_id": _TEXT, "region_code": _TEXT, "json": _TEXT}),
            }
        }
    ),
    "Methods": _form(
        {"methods": {"type": "array", "items": _form({"method_id": _TEXT, "title": _TITLES, "json": _TEXT})}}
    ),
    "Method": _form(
        {
            "method_id": _TEXT,
            "title": _TITLES,
            "decimals": _COUNT,
            "rounding": {"const": "half_up"},
            "measures": {
                "type": "array",
                "items": _form({"measure": _TEXT, "role": _TEXT, "parent": _SOME_TEXT, "weight": _SOME_TEXT}),
            },
            "variants": {"type": "array", "items": _form({"variant_id": _TEXT, "formulas": {"type": "object"}})},
        }
    ),
    "Changes": _form(
        {
            "builds": {
                "type": "array",
                "items": _form(
                    {
                        "build_id": _TEXT,
                        "day": _DAY,
                        "count": _COUNT,
                        "organizations": {
                            "type": "array",
                            "items": _form({"organization_id": _TEXT, "tables": {"type": "array", "items": _TEXT}}),
                        },
                    }
                ),
            }
        }
    ),
}
"""Every form of an answer, by its name."""

_PARAMETERS: Mapping[str, tuple[str, str]] = {
    "region_code": ("Code of a region, from regions.json.", "[a-z0-9-]{1,32}"),
    "page": ("1 to the number of pages of the region.", "[1-9][0-9]*"),
    "organization_id": ("Id of an organisation.", "[a-z0-9-]{1,64}"),
    "shard": ("Two hex digits of the SHA-256 of the id.", "[0-9a-f]{2}"),
    "prefix": ("The first four digits of an ИНН.", "[0-9]{4}"),
    "method_id": ("Id of a method, from methods.json.", "[a-z0-9-]{1,64}"),
}


def paths_of(shards: int) -> dict[str, tuple[str, str, str]]:
    """Path to (operation, what it gives, form of the answer), in the order in which people read them."""
    record = "o/{region_code}/{shard}/{organization_id}.json" if shards else "o/{region_code}/{organization_id}.json"
    return {
        urls.api_index(): ("index", "The build, its day, the day of the next one, the packages", "Index"),
        urls.api_changes(): ("changes", "Which organisations changed, build by build", "Changes"),
        urls.api_regions(): ("regions", "Every region with organisations", "Regions"),
        urls.api_list("{region_code}", "organizations", "{page}"): (
            "organizations",
            "Organisations of a region, a hundred a page",
            "OrganizationsPage",
        ),
        urls.api_list("{region_code}", "scores", "{page}"): (
            "scores",
            "Published scores of the organisations of a page",
            "ScoresPage",
        ),
        urls.api_list("{region_code}", "reviews", "{page}"): (
            "reviews",
            "Reviews and replies of the organisations of a page",
            "ReviewsPage",
        ),
        record: ("organization", "All that is published of one organisation", "OrganizationRecord"),
        urls.api_inn("{prefix}"): ("byNumber", "Organisations by the first four digits of their ИНН", "ByNumber"),
        urls.api_methods(): ("methods", "Methods by which scores are computed", "Methods"),
        urls.api_method("{method_id}"): ("method", "One method: measures, weights, formulas", "Method"),
    }


def openapi_json(title: str, version: str, public_url: str, shards: int) -> bytes:
    """The document; `version` is that of the API, not of the data."""
    found = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "license": {"name": "AGPL-3.0-or-later"}},
        "servers": [{"url": public_url}],
        "paths": {f"/{path}": _operation(path, *told) for path, told in paths_of(shards).items()},
        "components": {"schemas": dict(SCHEMAS)},
    }
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()


def _operation(path: str, name: str, summary: str, form: str) -> dict[str, Any]:
    parameters = [
        {
            "name": parameter,
            "in": "path",
            "required": True,
            "description": said,
            "schema": {"type": "string", "pattern": f"^{pattern}$"},
        }
        for parameter, (said, pattern) in _PARAMETERS.items()
        if f"{{{parameter}}}" in path
    ]
    answer = {
        "description": summary,
        "headers": {"ETag": {"schema": _TEXT}, "Access-Control-Allow-Origin": {"schema": {"const": "*"}}},
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{form}"}}},
    }
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": parameters,
            "responses": {"200": answer, "404": {"description": "Nothing stands there"}},
        }
    }
