"""Masterify's OpenAPI description: whole, true to the document, and its every example valid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from soundrack.errors import UnsupportedFormat
from soundrack.rack import Rack
from soundrack.services.masterify.errors import STATUSES
from tests.contracts.masterify.conftest import Master, fail, finish

pytestmark = pytest.mark.one_database

Json = dict[str, Any]
FIELDS = {  # "Name": "Required", default, values
    "file": (True, None, None),
    "platforms": (True, None, None),
    "genre": (False, "other", ["kpop", "edm", "ballad", "hiphop", "pop", "other"]),
    "ai_service": (False, "other", ["suno", "udio", "elevenlabs", "other"]),
    "tier": (False, "standard", ["standard", "premium"]),
    "webhook_url": (False, None, None),
    "reference_file": (False, None, None),
}


@pytest.fixture
def description(anonymous: TestClient) -> Json:
    found: Json = anonymous.get("/openapi.json").json()
    return found


def operations(description: Json) -> dict[str, Json]:
    return {
        operation["operationId"]: operation for item in description["paths"].values() for operation in item.values()
    }


def bodies(description: Json) -> Iterator[tuple[str, Json]]:
    """Every body that goes either way, with what to call it, but the bytes of files."""
    holders = [
        (f"{name} {status}", holder)
        for name, operation in operations(description).items()
        for status, holder in [("asks", operation.get("requestBody", {})), *operation["responses"].items()]
    ]
    holders += [(name, item["post"]["requestBody"]) for name, item in description["webhooks"].items()]
    for name, holder in holders:
        for media in holder.get("content", {}).values():
            if media["schema"].get("format") != "binary":
                yield name, media


def faults(description: Json, schema: Json, value: Any) -> list[Any]:
    whole = schema | {"components": description["components"]}
    return list(jsonschema_rs.Draft202012Validator(whole, validate_formats=True).iter_errors(value))


def test_every_example_of_a_body_is_valid_and_every_body_has_one(description: Json):
    for name, media in bodies(description):
        assert media.get("examples"), name
        for example in media["examples"].values():
            assert not faults(description, media["schema"], example["value"]), name


def test_the_form_has_the_document_s_fields_with_their_values_and_defaults(description: Json):
    (media,) = operations(description)["create_job"]["requestBody"]["content"].values()
    schema = media["schema"]

    assert {
        name: (name in schema["required"], one.get("default") or None, one.get("enum"))
        for name, one in schema["properties"].items()
    } == FIELDS
    assert list(schema["properties"]) == list(FIELDS)


@pytest.mark.parametrize(
    ("platforms", "fits"),
    [
        ("spotify", True),
        ("spotify,apple_music,youtube,melon,soundcloud", True),
        (" spotify , melon,, ", True),
        ("", False),
        (",", False),
        ("tidal", False),
        ("spotify melon", False),
        ("spotifymelon", False),
    ],
)
def test_the_pattern_of_platforms_is_what_is_taken(
    description: Json,
    master: Master,
    platforms: str,
    fits: bool,
):
    (media,) = operations(description)["create_job"]["requestBody"]["content"].values()

    assert (not faults(description, media["schema"]["properties"]["platforms"], platforms)) is fits
    assert (master(platforms=platforms).status_code == 201) is fits


def test_its_paths_and_security_are_the_document_s(description: Json, rack: Rack):
    assert set(description["paths"]) == {"/api/v1/master", "/api/v1/jobs/{job_id}", "/api/v1/jobs/{job_id}/download"}
    assert [one["url"] for one in description["servers"]] == [f"{rack.settings.public_url}/masterify"]
    for operation in operations(description).values():
        assert operation["security"] == [{"apiKey": []}]


def test_every_code_is_in_its_catalogue_and_on_a_route(description: Json):
    listed = {row["code"]: row["statuses"] for row in description["x-error-codes"]}

    assert listed == {code: [status] for code, status in STATUSES.items()}
    assert set(description["components"]["schemas"]["ErrorCode"]["enum"]) == set(STATUSES)
    answered = {
        code
        for operation in operations(description).values()
        for status, answer in operation["responses"].items()
        if int(status) >= 400
        for media in answer.get("content", {}).values()
        for code in media["examples"]
    }
    assert answered == set(STATUSES) - {"NOT_FOUND"}  # which is of no route


def test_every_field_parameter_and_operation_is_explained(description: Json):
    for name, schema in description["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            target = description["components"]["schemas"].get(described.get("$ref", "").rpartition("/")[2], {})
            assert described.get("description") or target.get("description"), f"{name}.{field}"
    for name, operation in operations(description).items():
        assert operation["description"].endswith(".")
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), f"{parameter['name']} of {name}"


def test_webhooks_are_described_with_their_signature(description: Json):
    assert set(description["webhooks"]) == {"job.completed", "job.failed"}
    for item in description["webhooks"].values():
        assert {one["name"] for one in item["post"]["parameters"]} == {
            "X-Masterify-Signature",
            "X-Masterify-Event",
            "X-Masterify-Delivery",
        }


def test_what_is_answered_is_valid_by_its_own_description(
    client: TestClient, master: Master, description: Json, rack: Rack, tmp_path: Path
):
    first, second, third = (master() for _ in range(3))
    finish(rack, first.json()["job_id"], {"spotify": b"RIFF"}, tmp_path)
    fail(rack, second.json()["job_id"], UnsupportedFormat("The file is not audio."))
    answers = [
        ("create_job", third),
        ("create_job", master(b"no")),
        ("download", client.get("/api/v1/jobs/x/download")),
    ]
    answers += [("get_job", client.get(f"/api/v1/jobs/{one.json()['job_id']}")) for one in (first, second, third)]
    for name, answer in answers:
        described = operations(description)[name]["responses"][str(answer.status_code)]
        (media,) = described["content"].values()
        assert not faults(description, media["schema"], answer.json()), f"{name}: {answer.text}"
        assert {header.lower() for header in described["headers"]} <= set(answer.headers)
