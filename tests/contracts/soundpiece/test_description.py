"""Soundpiece's OpenAPI description: whole, true to the document, and its every example valid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from soundrack.errors import UnusableAudio
from soundrack.rack import Rack
from soundrack.services.soundpiece.actions import ACTIONS
from soundrack.services.soundpiece.errors import FAILED, MEANINGS, STATUSES
from tests.contracts.soundpiece.conftest import SONG, Submit, body, dto, fail, finish, path

pytestmark = pytest.mark.one_database

Json = dict[str, Any]


@pytest.fixture
def description(anonymous: TestClient) -> Json:
    found: Json = anonymous.get("/openapi.json").json()
    return found


def operations(description: Json) -> dict[str, Json]:
    return {
        operation["operationId"]: operation for item in description["paths"].values() for operation in item.values()
    }


def bodies(description: Json) -> Iterator[tuple[str, Json]]:
    """Every body that goes either way, with what to call it."""
    holders = [
        (f"{name} {status}", holder)
        for name, operation in operations(description).items()
        for status, holder in [("asks", operation.get("requestBody", {})), *operation["responses"].items()]
    ]
    holders += [(name, item["post"]["requestBody"]) for name, item in description["webhooks"].items()]
    for name, holder in holders:
        for media in holder.get("content", {}).values():
            yield name, media


def faults(description: Json, schema: Json, value: Any) -> list[Any]:
    whole = schema | {"components": description["components"]}
    return list(jsonschema_rs.Draft202012Validator(whole, validate_formats=True).iter_errors(value))


def test_every_example_of_a_body_is_valid_and_every_body_has_one(description: Json):
    for name, media in bodies(description):
        assert media.get("examples"), name
        for example in media["examples"].values():
            assert not faults(description, media["schema"], example["value"]), name


def test_its_paths_methods_and_security_are_the_document_s(description: Json, rack: Rack):
    assert {where: list(item) for where, item in description["paths"].items()} == {
        path(action): ["put", "get"] for action in ACTIONS
    }
    assert [one["url"] for one in description["servers"]] == [f"{rack.settings.public_url}/soundpiece"]
    for operation in operations(description).values():
        assert operation["security"] == [{"apiKey": []}]


def test_a_song_takes_exactly_one_of_prompt_and_reference(description: Json):
    schema = {"$ref": "#/components/schemas/NewSong"}
    reference = {"url": "https://example.com/a.mp3"}

    assert not faults(description, schema, body(SONG))
    assert not faults(description, schema, body(SONG, prompt=None, reference=reference))
    assert faults(description, schema, body(SONG, reference=reference))
    assert faults(description, schema, body(SONG, prompt=None))


def test_every_status_of_a_refusal_is_explained_and_on_a_route(description: Json):
    answered = {
        int(status)
        for operation in operations(description).values()
        for status in operation["responses"]
        if int(status) >= 400
    }

    assert answered == set(STATUSES.values())
    assert answered | {404} == set(MEANINGS)  # what is not served is described nowhere
    listed = {row["code"] for row in description["x-error-codes"]}
    assert listed == set(FAILED) == set(description["components"]["schemas"]["OperationErrorCode"]["enum"])


def test_no_answer_has_other_headers_of_the_rate_than_retry_after(description: Json):
    for operation in operations(description).values():
        for status, answer in operation["responses"].items():
            expected = {"X-Request-Id"} | ({"Retry-After"} if status == "429" else set())
            assert set(answer["headers"]) - {"WWW-Authenticate"} == expected


def test_every_operation_parameter_and_field_is_explained(description: Json):
    for name, operation in operations(description).items():
        assert operation["description"].endswith(".")
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), f"{parameter['name']} of {name}"
    for name, schema in description["components"]["schemas"].items():
        if not name.endswith("Answer"):  # a wrapper has one field, which is its operation
            for field, described in schema.get("properties", {}).items():
                assert "description" in described or "$ref" in described, f"{field} of {name}"


def test_webhooks_are_described_with_the_headers_of_standard_webhooks(description: Json):
    assert set(description["webhooks"]) == {f"{one.route}.{end}" for one in ACTIONS for end in ("ready", "failed")}
    for item in description["webhooks"].values():
        names = {one["name"] for one in item["post"]["parameters"]}
        assert names == {"webhook-id", "webhook-timestamp", "webhook-signature"}


def test_what_is_answered_is_valid_by_its_own_description(
    client: TestClient, submit: Submit, description: Json, rack: Rack, tmp_path: Path
):
    answers = []
    for action in ACTIONS:
        good, bad = submit(action), submit(action)
        answers += [(f"submit_{action.name}", good)]
        finish(rack, dto(good)["id"], tmp_path)
        fail(rack, dto(bad)["id"], UnusableAudio("nothing"))
        polls = [client.get(path(action), params={"id": dto(one)["id"]}) for one in (good, bad)]
        answers += [(f"poll_{action.name}", one) for one in polls]
    answers += [
        ("submit_new_fx", submit(duration=99)),
        ("submit_new_fx", client.put(path(), content=b"{", headers={"Content-Type": "application/json"})),
        ("poll_new_fx", client.get(path(), params={"id": "x"})),
        ("poll_new_fx", client.get(path(), params={"id": "x"}, headers={"Authorization": ""})),
    ]
    answers += [("poll_new_fx", client.get(path(), params={"id": "x"})) for _ in range(60)]
    assert answers[-1][1].status_code == 429
    for name, answer in answers:
        described = operations(description)[name]["responses"][str(answer.status_code)]
        (media,) = described["content"].values()
        assert not faults(description, media["schema"], answer.json()), f"{name}: {answer.text}"
        assert {header.lower() for header in described["headers"]} <= set(answer.headers)
