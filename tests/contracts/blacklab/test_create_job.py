"""``POST /v1/mastering/jobs``: "Submit an audio file for AI mastering."."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import insert, select
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.database.tables import jobs, workers
from soundrack.rack import Rack
from tests.contracts.blacklab.printed import Wire, form

pytestmark = pytest.mark.one_database

JOBS = "/v1/mastering/jobs"
SONG = "https://storage.example.com/my-track.wav"

REQUEST = """\
curl -X POST https://api.blacklab.studio/v1/mastering/jobs \\
  -H "Authorization: Bearer sk_live_xxx" \\
  -H "Content-Type: application/json" \\
  -d '{
    "input_url": "https://storage.example.com/my-track.wav",
    "preset": "balanced",
    "format": "wav",
    "sample_rate": 44100,
    "webhook_url": "https://myapp.com/webhooks/blacklab"
  }'
"""
RESPONSE = """
{
  "id": "job_abc123def456",
  "status": "queued",
  "preset": "balanced",
  "format": "wav",
  "sample_rate": 44100,
  "estimated_seconds": 120,
  "credits_charged": 1,
  "created_at": "2025-01-15T10:30:00Z",
  "output_url": null
}
"""
FIELDS = [  # "Request Body": field, type, required
    ("input_url", "string", True),
    ("preset", "string", False),
    ("format", "string", False),
    ("sample_rate", "integer", False),
    ("webhook_url", "string", False),
    ("reference_url", "string", False),
]
ONE_OF: dict[str, list[Any]] = {
    "preset": ["balanced", "warm", "bright", "loud"],
    "format": ["wav", "flac", "mp3"],
    "sample_rate": [44100, 48000, 96000],
}
DEFAULTS = {"preset": "balanced", "format": "wav"}
WRONG: dict[str, list[Any]] = {
    "string": [7, 1.5, True, [], {}, ["balanced"]],
    "integer": ["44100", 44100.5, True, [], {}],
}


@pytest.fixture(autouse=True)
def worker_alive(rack: Rack) -> None:
    """Without one no end can be estimated. It takes no job, so nothing is fetched."""
    now = clock.now()
    with rack.database.write() as connection:
        connection.execute(insert(workers).values(id="w", slots=2, speed=2.0, started_at=now, seen_at=now))


def refused(client: TestClient, body: dict[str, Any]) -> tuple[int, str, str | None]:
    response = client.post(JOBS, json=body)
    error = response.json()["error"]
    return response.status_code, error["code"], error["param"]


def test_the_example_runs_as_printed(wire: Wire, rack: Rack):
    answer = wire.run(REQUEST)

    assert answer.status == 201, answer.content
    assert form(answer.body) == form(json.loads(RESPONSE))
    given = ("status", "preset", "format", "sample_rate", "credits_charged", "output_url")
    assert {name: answer.body[name] for name in given} == {name: json.loads(RESPONSE)[name] for name in given}
    with rack.database.read() as connection:
        assert connection.execute(select(jobs.c.webhook_url)).scalar_one() == "https://myapp.com/webhooks/blacklab"


def test_the_example_is_the_same_by_another_client(wire: Wire):
    answer = wire.by_its_parts(REQUEST.replace("sk_live_xxx", wire.key))

    assert (answer.status, form(answer.body)) == (201, form(json.loads(RESPONSE)))


@pytest.mark.parametrize("format_", ["wav", "flac", "mp3"])
@pytest.mark.parametrize("preset", ["balanced", "warm", "bright", "loud"])
def test_every_preset_and_format_is_taken_and_told(client: TestClient, preset: str, format_: str):
    response = client.post(JOBS, json={"input_url": SONG, "preset": preset, "format": format_})

    assert response.status_code == 201
    assert (response.json()["preset"], response.json()["format"]) == (preset, format_)


@pytest.mark.parametrize("rate_hz", [44100, 48000, 96000])
def test_every_sample_rate_is_taken_and_told(client: TestClient, rate_hz: int):
    assert client.post(JOBS, json={"input_url": SONG, "sample_rate": rate_hz}).json()["sample_rate"] == rate_hz


def test_the_defaults_are_those_of_the_table(client: TestClient):
    body = client.post(JOBS, json={"input_url": SONG}).json()

    assert {name: body[name] for name in DEFAULTS} == DEFAULTS
    assert body["sample_rate"] is None  # "Default: source rate", which nobody knows yet


def test_all_six_fields_at_once_are_taken(client: TestClient):
    body = {"input_url": SONG, "preset": "warm", "format": "flac", "sample_rate": 96000}
    body |= {"webhook_url": "https://myapp.com/webhooks/blacklab", "reference_url": "https://storage.example.com/r.mp3"}

    assert body.keys() == {name for name, _, _ in FIELDS}
    assert client.post(JOBS, json=body).status_code == 201


@pytest.mark.parametrize(("name", "type_", "required"), FIELDS)
def test_each_field_has_the_type_of_the_table(client: TestClient, name: str, type_: str, required: bool):
    for wrong in WRONG[type_]:
        assert refused(client, {"input_url": SONG, name: wrong}) == (422, "validation_error", name), wrong


@pytest.mark.parametrize(("name", "type_", "required"), FIELDS)
def test_only_what_the_table_calls_required_is_required(client: TestClient, name: str, type_: str, required: bool):
    good = {"input_url": SONG} | {one: values[0] for one, values in ONE_OF.items()}
    good.pop(name, None)

    assert client.post(JOBS, json=good).status_code == (422 if required else 201)


@pytest.mark.parametrize("name", ONE_OF)
def test_a_value_that_is_not_in_the_table_is_refused(client: TestClient, name: str):
    first = ONE_OF[name][0]
    for other in ["", "BALANCED", "wav ", "ogg"] if isinstance(first, str) else [0, -44100, 22050, 44101, 192000]:
        assert refused(client, {"input_url": SONG, name: other}) == (422, "validation_error", name), other


def test_the_description_lists_the_same_fields(client: TestClient):
    described = client.get("/openapi.json").json()["components"]["schemas"]["CreateJob"]

    assert list(described["properties"]) == [name for name, _, _ in FIELDS]
    assert described["required"] == [name for name, _, required in FIELDS if required]
    assert {name: described["properties"][name]["default"] for name in DEFAULTS} == DEFAULTS
