"""``GET /v1/mastering/jobs/{id}``: "Retrieve the current status and details of a mastering job."."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from soundrack.errors import UnsupportedFormat
from soundrack.jobs import lifecycle
from soundrack.jobs.lifecycle import Outcome
from soundrack.jobs.record import Output
from soundrack.rack import Rack
from tests.contracts.blacklab.printed import form

JOBS = "/v1/mastering/jobs"
SONG = "https://storage.example.com/my-track.wav"

RESPONSE = """
{
  "id": "job_abc123def456",
  "status": "completed",
  "preset": "balanced",
  "format": "wav",
  "sample_rate": 44100,
  "credits_charged": 1,
  "created_at": "2025-01-15T10:30:00Z",
  "completed_at": "2025-01-15T10:32:04Z",
  "output_url": "https://cdn.blacklab.studio/output/job_abc123def456.wav",
  "output_expires_at": "2025-01-16T10:32:04Z"
}
"""
STATUSES = ["queued", "processing", "completed", "failed", "cancelled"]  # "Possible status values"


def created(client: TestClient) -> str:
    response = client.post(JOBS, json={"input_url": SONG, "sample_rate": 44100})
    assert response.status_code == 201, response.text
    job_id: str = response.json()["id"]
    return job_id


def bring(client: TestClient, rack: Rack, job_id: str, status: str) -> None:
    """Bring a queued job to a status, as workers and callers do."""
    if status == "queued":
        return
    if status == "cancelled":
        assert client.delete(f"{JOBS}/{job_id}").status_code == 204
        return
    with rack.database.write() as connection:
        attempt = lifecycle.claim(connection, rack.queue, job_id, "w", 60)
        assert attempt is not None
        if status == "completed":
            output = Output(f"output/{job_id}/1/{job_id}.wav", 1000, "audio/wav")
            outcome = Outcome({"master": output}, {"rate_hz": 44100}, {}, 60.0, 0.5)
            assert lifecycle.complete(connection, attempt, outcome)
        if status == "failed":
            assert lifecycle.fail(connection, attempt, UnsupportedFormat("The file is not audio."))


def test_the_example_s_form_is_that_of_a_completed_job(client: TestClient, rack: Rack):
    job_id = created(client)
    bring(client, rack, job_id, "completed")

    response = client.get(f"{JOBS}/{job_id}")

    assert response.status_code == 200
    body, printed = response.json(), json.loads(RESPONSE)
    assert form(body) == form(printed)
    given = ("status", "preset", "format", "sample_rate", "credits_charged")
    assert {name: body[name] for name in given} == {name: printed[name] for name in given}
    assert re.search(rf"/{body['id']}\.wav(\?|$)", body["output_url"])

    def life(job: dict[str, Any]) -> timedelta:
        return datetime.fromisoformat(job["output_expires_at"]) - datetime.fromisoformat(job["completed_at"])

    assert life(body) == life(printed) == timedelta(hours=24)


def test_a_queued_job_reads_as_it_was_created(client: TestClient):
    created_body = client.post(JOBS, json={"input_url": SONG}).json()

    assert client.get(f"{JOBS}/{created_body['id']}").json() == created_body


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_of_the_document_is_reached(client: TestClient, rack: Rack, status: str):
    job_id = created(client)
    bring(client, rack, job_id, status)

    body = client.get(f"{JOBS}/{job_id}").json()

    assert body["status"] == status
    assert (body["output_url"] is not None) == (status == "completed")
    assert ("error" in body) == (status == "failed")
    assert ("completed_at" in body) == ("output_expires_at" in body) == (status == "completed")


@pytest.mark.one_database
def test_the_description_knows_these_statuses_and_no_others(client: TestClient):
    text = json.dumps(client.get("/openapi.json").json()["components"]["schemas"])

    assert f'"enum": {json.dumps(STATUSES)}' in text
