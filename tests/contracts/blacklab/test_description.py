"""BlackLab's OpenAPI description: whole, true to the document, and its every example valid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from soundrack.rack import Rack
from soundrack.services.blacklab.errors import CATALOGUE, JOB_CODES, MEANINGS

pytestmark = pytest.mark.one_database

Json = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
RATE = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
SCOPES = {
    "create_upload_url": "assets:write",
    "create_job": "mastering:write",
    "list_jobs": "mastering:read",
    "get_job": "mastering:read",
    "cancel_job": "mastering:write",
    "get_account": "account:read",
}


@pytest.fixture(params=["blacklab", "blacklab-sandbox"])
def description(request: pytest.FixtureRequest, anonymous: TestClient, rack: Rack) -> Json:
    found: Json = anonymous.get(f"{rack.settings.public_url}/{request.param}/openapi.json").json()
    return found | {"mount": request.param}


def operations(description: Json) -> dict[str, Json]:
    """Every operation by its id."""
    return {
        item[method]["operationId"]: item[method]
        for item in description["paths"].values()
        for method in METHODS
        if method in item
    }


def bodies(description: Json) -> Iterator[tuple[str, Json]]:
    """Every body that goes either way, with what to call it."""
    for name, operation in operations(description).items():
        yield from ((f"request of {name}", media) for media in content(operation.get("requestBody", {})))
        for status, answer in operation["responses"].items():
            yield from ((f"{status} of {name}", media) for media in content(answer))
    for name, item in description["webhooks"].items():
        yield from ((f"event {name}", media) for media in content(item["post"]["requestBody"]))


def content(holder: Json) -> list[Json]:
    return list(holder.get("content", {}).values())


def validator(description: Json, schema: Json) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema | {"components": description["components"]}, validate_formats=True)


def test_every_example_of_a_body_is_valid_and_every_body_has_one(description: Json):
    for name, media in bodies(description):
        assert media.get("examples"), name
        for example in media["examples"].values():
            faults = list(validator(description, media["schema"]).iter_errors(example["value"]))
            assert not faults, f"{name}: {faults}"


def test_every_example_of_a_header_is_valid(description: Json):
    for name, header in description["components"]["headers"].items():
        assert validator(description, header["schema"]).is_valid(header["example"]), name


def test_the_examples_are_those_of_the_document(description: Json):
    known = operations(description)
    (request,) = content(known["create_job"]["requestBody"])
    (created,) = content(known["create_job"]["responses"]["201"])
    (completed,) = content(known["get_job"]["responses"]["200"])

    assert request["examples"]["full"]["value"] == {
        "input_url": "https://storage.example.com/my-track.wav",
        "preset": "balanced",
        "format": "wav",
        "sample_rate": 44100,
        "webhook_url": "https://myapp.com/webhooks/blacklab",
    }
    assert created["examples"]["queued"]["value"]["id"] == "job_abc123def456"
    assert created["examples"]["queued"]["value"]["estimated_seconds"] == 120
    assert completed["examples"]["completed"]["value"]["output_expires_at"] == "2025-01-16T10:32:04Z"


def test_every_operation_names_every_status_that_it_can_answer_with(description: Json):
    for name, operation in operations(description).items():
        statuses = {int(status) for status in operation["responses"]}
        assert {429, 500, 401, 403} <= statuses, name
        if "oauth" in str(operation["tags"]).lower():
            assert 400 in statuses
            continue
        if "requestBody" in operation:
            assert {400, 413, 422} <= statuses, name
        if any(one["in"] == "path" for one in operation.get("parameters", ())):
            assert 404 in statuses, name
        if any(one["in"] == "query" for one in operation.get("parameters", ())):
            assert 422 in statuses, name
        if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ())):
            assert 409 in statuses, name
    assert {402, 415} <= {int(status) for status in operations(description)["create_job"]["responses"]}


def test_every_answer_names_its_headers(description: Json):
    for name, operation in operations(description).items():
        for status, answer in operation["responses"].items():
            headers = set(answer["headers"])
            assert headers >= RATE | {"X-Request-Id"}, f"{status} of {name}"
            assert ("Retry-After" in headers) is (status == "429")
            assert ("WWW-Authenticate" in headers) is (status == "401")
    assert "X-Idempotent-Replayed" in operations(description)["create_job"]["responses"]["201"]["headers"]


def test_each_operation_takes_a_key_or_a_token_with_its_scope(description: Json):
    for name, operation in operations(description).items():
        expected = [{"apiKey": []}, {"oauth2": [SCOPES[name]]}] if name in SCOPES else []
        assert operation["security"] == expected
    flows = description["components"]["securitySchemes"]["oauth2"]["flows"]
    assert set(flows) == {"authorizationCode", "clientCredentials"}
    for flow in flows.values():
        assert set(flow["scopes"]) == {"mastering:read", "mastering:write", "assets:write", "account:read"}


def test_its_addresses_are_this_server_s(description: Json, rack: Rack):
    url = rack.settings.public_url
    flow = description["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"]

    assert [server["url"] for server in description["servers"]] == [f"{url}/{description['mount']}"]
    assert flow["authorizationUrl"] == f"{url}/oauth/authorize"
    assert flow["tokenUrl"] == f"{url}/blacklab/v1/oauth/token"


def test_every_field_parameter_and_operation_is_explained(description: Json):
    for name, schema in description["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            target = description["components"]["schemas"].get(described.get("$ref", "").rpartition("/")[2], {})
            assert described.get("description") or target.get("description"), f"{name}.{field}"
    for name, operation in operations(description).items():
        assert operation["summary"]
        assert operation["description"].endswith(".")
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), f"{parameter['name']} of {name}"


def test_its_codes_are_those_that_are_answered_with(description: Json):
    schemas = description["components"]["schemas"]
    codes = {row.code for row in CATALOGUE.values()}

    assert set(schemas["ErrorCode"]["enum"]) == codes
    assert set(schemas["JobErrorCode"]["enum"]) == set(JOB_CODES.values()) | {"internal_error"}
    assert set(MEANINGS) == codes | set(JOB_CODES.values())
    assert [row["code"] for row in description["x-error-codes"]] == list(MEANINGS)


def test_webhooks_are_described_with_their_signature(description: Json):
    assert set(description["webhooks"]) == {"job.done", "job.failed", "credits.low"}
    for item in description["webhooks"].values():
        assert {one["name"] for one in item["post"]["parameters"]} == {
            "X-BlackLab-Signature",
            "X-BlackLab-Event",
            "X-BlackLab-Delivery",
        }


def test_what_is_answered_is_valid_by_its_own_description(client: TestClient, description: Json, upload: Any):
    made = client.post("/v1/mastering/jobs", json={"input_url": upload()})
    job_id = made.json()["id"]
    answers = {
        ("create_job", made),
        ("get_job", client.get(f"/v1/mastering/jobs/{job_id}")),
        ("list_jobs", client.get("/v1/mastering/jobs")),
        ("get_account", client.get("/v1/account")),
        ("get_job", client.get("/v1/mastering/jobs/none")),
        ("list_jobs", client.get("/v1/mastering/jobs?limit=0")),
    }
    for name, answer in answers:
        described = operations(description)[name]["responses"][str(answer.status_code)]
        (media,) = content(described)
        assert validator(description, media["schema"]).is_valid(answer.json()), f"{name}: {answer.text}"
        assert {header.lower() for header in described["headers"]} - {"x-idempotent-replayed"} <= set(answer.headers)
