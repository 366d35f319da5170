"""The JSON side is what its description says: valid OpenAPI 3.1, and no generated request is answered by anything else."""

import json
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from starlette.testclient import TestClient

from tests.unit.test_widget_questionnaire import open_client
from tests.unit.widget_support import SCHOOL, rating
from widget.guard import GuardMode

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.transport import Response
    from schemathesis.generation import GenerationMode
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

_RARELY_RIGHT = ("placement_code", "language", "visited_on", "invitation", "text")
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
OPERATIONS = ("rate", "work", "fill_questionnaire", "receipt", "change", "health")


@contextmanager
def described(folder: Path) -> Iterator[tuple[TestClient, "schemathesis.BaseSchema"]]:
    """A running widget and its description."""
    with open_client(folder, guard=GuardMode.COUNT) as client:
        document = client.get("/openapi.json").json()
        validate(document, cls=OpenAPIV31SpecValidator)
        yield client, schemathesis.openapi.from_dict(document)


def fire(client: TestClient, schema: "schemathesis.BaseSchema", receipt: str, examples: int) -> Counter[int]:
    """Sends `examples` generated requests to each operation, right ones and wrong ones; how often each status came."""
    seen: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            _fire_at(client, operation, mode, receipt, examples // 2, seen)
    return seen


def _fire_at(
    client: TestClient, operation: Any, mode: "GenerationMode", receipt: str, examples: int, seen: Counter[int]
) -> None:
    try:
        cases = operation.as_strategy(generation_mode=mode)
    except ValueError:  # nothing of it can be wrong
        return

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, st.integers(0, 3))
    def run(case: Any, place: int) -> None:
        known = {"organization_id": SCHOOL, "code": receipt}
        if place:  # mostly an address that is there, or nothing behind it would be reached
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
        if place > 1 and isinstance(case.body, dict):  # nor with a code that hangs nowhere
            case.body = {name: value for name, value in case.body.items() if name not in _RARELY_RIGHT}
        answer = send(client, case)
        seen[answer.status_code] += 1
        case.validate_response(answer, checks=list(CHECKS), excluded_checks=[])

    try:
        run()
    except Unsatisfiable:
        return


def send(client: TestClient, case: Any) -> "Response":
    """A generated request through the application's door, as the library wants its answer."""
    given = case.as_transport_kwargs(base_url="http://testserver")
    headers = {str(name): str(value) for name, value in given["headers"].items()}
    body = json.dumps(given["json"]).encode() if "json" in given else given.get("data") or b""
    body = body if isinstance(body, bytes) else str(body).encode("utf-8", "replace")
    answer = client.request(given["method"], given["url"], headers=headers, params=given.get("params"), content=body)
    prepared = requests.Request(given["method"], "http://testserver/").prepare()
    told = {name: [value] for name, value in answer.headers.items()}
    return Response(
        status_code=answer.status_code,
        headers=told,
        content=answer.content,
        request=prepared,
        elapsed=0.1,
        verify=False,
    )


def test_the_description_is_valid_and_names_what_is_there(tmp_path: Path) -> None:
    with described(tmp_path) as (client, schema):
        names = [found.ok().definition.raw["operationId"] for found in schema.get_all_operations()]
        assert sorted(names) == sorted(OPERATIONS)
        assert client.get("/openapi.json").json()["servers"] == [{"url": "https://ocenka.example"}]


def test_generated_requests_are_answered_as_described(tmp_path: Path) -> None:
    with described(tmp_path) as (client, schema):
        receipt = client.post(f"/rate/{SCHOOL}", json=rating(4)).json()["receipt"]
        seen = fire(client, schema, receipt, 40)
    assert sum(seen.values()) > 150
    assert {200, 201, 404, 422} <= set(seen)


@pytest.mark.scale
def test_ten_thousand_generated_requests_are_answered_as_described(tmp_path: Path) -> None:
    with described(tmp_path) as (client, schema):
        receipt = client.post(f"/rate/{SCHOOL}", json=rating(4)).json()["receipt"]
        seen = fire(client, schema, receipt, 2400)
    print(sum(seen.values()), sorted(seen.items()))
    assert sum(seen.values()) >= 10_000
