"""The JSON side of the widget as an OpenAPI 3.1 document, served at `/openapi.json`. Pure: what is promised, as data.

Tests hold it against the program: generated requests are answered by what is written here and by nothing else.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from nok import __version__
from nok.records import REVIEW_CRITERIA
from widget.invitations import TOKEN_LENGTH
from widget.moderation import AppealStanding, ReviewStanding, TextStanding
from widget.submission import MAXIMUM_TEXT_CODE_POINTS

Schema = Mapping[str, Any]

_KEY: Schema = {"type": "string", "pattern": "^[A-Za-z0-9-]{16,64}$"}
_DAY: Schema = {"type": "string", "format": "date"}
_MARK: Schema = {"type": ["integer", "null"], "minimum": 1, "maximum": 5}
_STRING: Schema = {"type": "string"}
_JSON = "application/json"


def openapi(widget_url: str, title: str) -> Schema:
    """The whole document for a widget at `widget_url`."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": __version__,
            "description": "Ratings of organisations: one request, one rating, no account.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": widget_url}],
        "paths": _paths(),
        "components": {"schemas": _schemas()},
    }


# ---- paths ---------------------------------------------------------------------------------------------------------


def _paths() -> Schema:
    organization, code = _in_path("organization_id"), _in_path("code")
    key = {"name": "key", "in": "query", "required": True, "schema": _KEY, "description": "the idempotency key"}
    return {
        "/rate/{organization_id}": {
            "parameters": [organization],
            "post": _writes("rate", "Rate an organisation", "Rating", {201: "Receipt", 200: "Receipt"}, 403, 404, 409),
        },
        "/rate/{organization_id}/work": {
            "parameters": [organization, key],
            "get": _operation(
                "work",
                "The work by which a rating proves that it is none of a flood",
                {200: "Work"},
                403,
                404,
                422,
                429,
            ),
        },
        "/rate/{organization_id}/questionnaire": {
            "parameters": [organization],
            "post": _writes(
                "fill_questionnaire",
                "Send a filled questionnaire",
                "FilledForm",
                {201: "Counted", 200: "Counted"},
                403,
                404,
            ),
        },
        "/receipt/{code}": {
            "parameters": [code],
            "get": _receipt(),
            "post": _writes(
                "change", "Complete a rating, appeal, or take it back", "Change", {200: "Receipt"}, 403, 404, 409
            ),
        },
        "/health": {
            "get": _operation("health", "Whether ratings are taken", {200: "Health", 503: "Health"}),
        },
    }


def _receipt() -> Schema:
    found = _operation("receipt", "What became of a rating: JSON where only that is accepted", {200: "Told"}, 404, 503)
    found["responses"]["200"]["content"]["text/html"] = {"schema": _STRING}
    return found


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _writes(name: str, summary: str, body: str, answers: Mapping[int, str], *refusals: int) -> dict[str, Any]:
    """An operation that takes a body, with the refusals that all of them have."""
    found = _operation(name, summary, answers, 400, 408, 413, 415, 422, 429, 503, *refusals)
    content = {_JSON: {"schema": {"$ref": f"#/components/schemas/{body}"}}}
    return found | {"requestBody": {"required": True, "content": content}}


def _operation(name: str, summary: str, answers: Mapping[int, str], *refusals: int) -> dict[str, Any]:
    responses = {str(status): _response(HTTPStatus(status), schema) for status, schema in answers.items()}
    responses |= {str(status): _response(HTTPStatus(status), "Problems") for status in sorted(refusals)}
    return {"operationId": name, "summary": summary, "responses": responses}


def _response(status: HTTPStatus, schema: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": status.phrase,
        "content": {_JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        found["headers"] = {"Retry-After": {"schema": {"type": "string", "pattern": "^[0-9]+$"}}}
    return found


# ---- schemas -------------------------------------------------------------------------------------------------------


def _schemas() -> Schema:
    text = {"type": ["string", "null"], "maxLength": MAXIMUM_TEXT_CODE_POINTS}
    criteria = dict.fromkeys(REVIEW_CRITERIA, _MARK)
    rating = {
        "rating": {"type": "integer", "minimum": 1, "maximum": 5},
        "idempotency_key": {**_KEY, "description": "new for each rating, the same for a retry"},
        **criteria,
        "text": text,
        "visited_on": {**_DAY, "description": "from 2000-01-01 to today"},
        "placement_code": {"type": "string", "description": "a code that hangs in this organisation"},
        "language": {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"},
        "form_token": {"type": "string", "description": "of the work; may be absent"},
        "work": {"type": ["string", "integer"], "description": "the counter that was found; may be absent"},
        "invitation": {"type": "string", "minLength": TOKEN_LENGTH, "maxLength": TOKEN_LENGTH},
    }
    change = {"action": {"enum": ["details", "appeal", "withdraw"]}, **criteria, "text": text}
    return {
        "Rating": _object(rating, ("rating", "idempotency_key")),
        "Change": _object(change, ()),
        "FilledForm": {
            "type": "object",
            "required": ["idempotency_key"],
            "properties": {"idempotency_key": _KEY, "placement_code": _STRING, "language": _STRING},
            "additionalProperties": {"type": ["string", "integer", "array", "null"], "items": _STRING},
            "description": "one field for each question, named by its id",
        },
        "Receipt": _object({"receipt": {"type": "string", "pattern": "^[0-9A-HJKMNP-TV-Z]{16}$"}}, ("receipt",)),
        "Counted": _whole({"accepted": {"const": True}, "set_aside": {"type": "boolean"}, "cleared": _list(_STRING)}),
        "Work": _whole({"form_token": _STRING, "parameters": _whole(_work_parameters())}),
        "Told": _whole(_told()),
        "Health": _health(),
        "Problems": _whole({"problems": {**_list({"$ref": "#/components/schemas/Problem"}), "minItems": 1}}),
        "Problem": _whole(
            {
                "severity": {"enum": ["error", "warning"]},
                "row": {"type": ["integer", "null"]},
                **dict.fromkeys(("package", "file", "column", "rule", "value", "message", "advice"), _STRING),
            }
        ),
    }


def _work_parameters() -> Schema:
    hexadecimal = {"type": "string", "pattern": "^([0-9a-f]{2})+$"}
    return {
        "algorithm": {"const": "PBKDF2/SHA-256"},
        "cost": {"type": "integer", "minimum": 1},
        "keyLength": {"const": 32},
        **dict.fromkeys(("keyPrefix", "nonce", "salt"), hexadecimal),
    }


def _told() -> Schema:
    reply = _whole({"text": _STRING, "replied_on": _DAY, "by": _STRING})
    day = {"anyOf": [_DAY, {"const": ""}]}
    states = {"enum": [str(state) for state in AppealStanding]}
    appeal = _whole({"made_on": _DAY, "state": states, "answer": _STRING, "answered_on": day})
    return {
        **dict.fromkeys(("receipt", "organization_id", "name", "received", "reason_code"), _STRING),
        "rating": {"type": "integer", "minimum": 1, "maximum": 5},
        "received_on": _DAY,
        "state": {"enum": [str(state) for state in ReviewStanding]},
        "text_state": {"enum": [str(state) for state in TextStanding]},
        "sentences": _list(_STRING),
        "reply": {"anyOf": [reply, {"type": "null"}]},
        "appeal": {"anyOf": [appeal, {"type": "null"}]},
        "may_appeal": {"type": "boolean"},
    }


def _health() -> Schema:
    counts = {"type": "object", "additionalProperties": {"type": "integer"}}
    known = {
        "ok": {"type": "boolean"},
        "fault": _STRING,
        "guard": {"enum": ["full", "count", "off"]},
        "guard_counts": counts,
        "scans": {"type": "object"},
        "store_version": {"type": "integer"},
        "engine": {"enum": ["sqlite", "postgresql"]},
        "warnings": _list(_STRING),
    }
    return {"type": "object", "required": list(known), "properties": {**known, "sqlite_version": _STRING}}


def _object(properties: Schema, required: Sequence[str]) -> Schema:
    return {
        "type": "object",
        "required": list(required),
        "properties": dict(properties),
        "additionalProperties": False,
    }


def _whole(properties: Schema) -> Schema:
    """An object that always has all of its fields."""
    return _object(properties, tuple(properties))


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}
