"""SignalKey's OpenAPI description: whole, true to the document, and its every example valid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from soundrack import analysis
from soundrack.errors import UnusableAudio
from soundrack.rack import Rack
from soundrack.services.signalkey.errors import FAILURES, MEANINGS, STATUSES
from soundrack.services.signalkey.schemas import CONTAINERS
from tests.contracts.signalkey.conftest import Analyze, fail, finish, report

pytestmark = pytest.mark.one_database

Json = dict[str, Any]
WRONG: tuple[Any, ...] = ("nonsense", -7, 1e9, None, [])
"""Values that hardly any field takes all of."""


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


def references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"]
        for inner in schema.values():
            yield from references(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from references(inner)


def test_every_example_of_a_body_is_valid_and_every_body_has_one(description: Json):
    for name, media in bodies(description):
        assert media.get("examples"), name
        for example in media["examples"].values():
            # the schema of a stream is that of its events
            values = example["value"] if name == "stream_job 200" else [example["value"]]
            for value in values:
                assert not faults(description, media["schema"], value), name


def test_every_reference_leads_somewhere(description: Json):
    for reference in references(description):
        where: Any = description
        for part in reference.removeprefix("#/").split("/"):
            assert part in where, reference
            where = where[part]


def test_the_form_has_the_document_s_fields(description: Json):
    (media,) = operations(description)["analyze"]["requestBody"]["content"].values()

    assert list(media["schema"]["properties"]) == ["file", "webhook_url"]
    assert media["schema"]["required"] == ["file"]
    for container in CONTAINERS:
        assert container.upper() in media["schema"]["properties"]["file"]["description"]


def test_its_paths_and_security_are_the_document_s(description: Json, rack: Rack):
    assert list(description["paths"]) == [
        "/api/v1/analyze",
        "/api/v1/jobs/{job_id}",
        "/api/v1/jobs/{job_id}/stream",
        "/api/v1/me",
    ]
    assert [one["url"] for one in description["servers"]] == [f"{rack.settings.public_url}/signalkey"]
    for operation in operations(description).values():
        assert operation["security"] == [{"apiKey": []}]


def test_every_code_is_in_its_catalogue_and_on_a_route(description: Json):
    listed = {row["code"]: row["statuses"] for row in description["x-error-codes"]}

    assert listed == {code: [status] for code, status in STATUSES.items()}
    assert set(MEANINGS) == set(description["components"]["schemas"]["ErrorCode"]["enum"]) == set(STATUSES)
    answered = {
        code
        for operation in operations(description).values()
        for status, answer in operation["responses"].items()
        if int(status) >= 400
        for media in answer.get("content", {}).values()
        for code in media["examples"]
    }
    assert answered == set(STATUSES)


def test_every_answer_but_401_has_the_six_headers(description: Json):
    for name, operation in operations(description).items():
        for status, answer in operation["responses"].items():
            told = [header for header in answer["headers"] if header.startswith("X-RateLimit-")]
            assert len(told) == (0 if status == "401" else 6), f"{name} {status}"


def test_every_field_of_the_engine_s_report_is_described_and_takes_what_it_takes(description: Json):
    """The result's schema is the engine's with links added: what fits one fits the other, and so what does not."""
    ours = {"$ref": "#/components/schemas/Result"}
    engine = jsonschema_rs.Draft202012Validator(analysis.schema())
    whole = report()
    assert engine.is_valid(whole)
    linked = description["webhooks"]["analysis.completed"]["post"]["requestBody"]["content"]["application/json"]
    good = linked["examples"]["analysis.completed"]["value"]
    assert not faults(description, ours, good)
    tried = 0
    for part, found in whole.items():
        for name in found if isinstance(found, dict) else ():
            for value in WRONG:
                changed = {**whole, part: {**found, name: value}}
                also = {**good, part: {**good[part], name: value}}
                if (part, name) in {("release_kit", "pictures"), ("stems_report", "stems")}:
                    continue  # here the two differ: by links
                assert engine.is_valid(changed) == (not faults(description, ours, also)), (part, name, value)
                tried += 1
    assert tried > 200


def test_every_operation_and_parameter_is_explained(description: Json):
    for name, operation in operations(description).items():
        assert operation["description"].endswith(".")
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), f"{parameter['name']} of {name}"


def test_webhooks_are_described_with_their_signature(description: Json):
    assert set(description["webhooks"]) == {"analysis.completed", "analysis.failed"}
    for item in description["webhooks"].values():
        assert {one["name"] for one in item["post"]["parameters"]} == {
            "X-SignalKey-Signature",
            "X-SignalKey-Event",
            "X-SignalKey-Delivery",
        }


def test_what_is_answered_is_valid_by_its_own_description(
    client: TestClient, analyze: Analyze, description: Json, rack: Rack, tmp_path: Path
):
    first, second, third = (analyze() for _ in range(3))
    finish(rack, first.json()["job_id"], tmp_path, stems=True)
    fail(rack, second.json()["job_id"], UnusableAudio("nothing"))
    answers = [
        ("analyze", third),
        ("analyze", analyze(b"no")),
        ("analyze", client.post("/api/v1/analyze", json={})),
        ("get_me", client.get("/api/v1/me")),
        ("get_me", client.get("/api/v1/me", headers={"Authorization": ""})),
        ("get_job", client.get("/api/v1/jobs/abc123")),
    ]
    answers += [("get_job", client.get(f"/api/v1/jobs/{one.json()['job_id']}")) for one in (first, second, third)]
    answers += [("get_me", client.get("/api/v1/me")) for _ in range(30)]
    assert answers[-1][1].status_code == 429
    for name, answer in answers:
        described = operations(description)[name]["responses"][str(answer.status_code)]
        (media,) = described["content"].values()
        assert not faults(description, media["schema"], answer.json()), f"{name}: {answer.text}"
        assert {header.lower() for header in described["headers"]} <= set(answer.headers)


def test_the_words_for_a_failure_are_whole_sentences():
    for words in FAILURES.values():
        assert words[0].isupper()
        assert words.endswith(".")
