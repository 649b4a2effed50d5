"""BlackLab's jobs and uploads as the document prints them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.database.tables import workers
from soundrack.errors import Internal, SoundrackError, TooLarge, UnsupportedFormat, UnusableAudio
from soundrack.jobs import lifecycle
from soundrack.jobs.lifecycle import Outcome
from soundrack.rack import Rack
from tests.contracts.blacklab.conftest import WAV_HEAD

JOBS = "/v1/mastering/jobs"

CREATED = {  # "Example Response 201 Created"
    "id": "job_abc123def456",
    "status": "queued",
    "preset": "balanced",
    "format": "wav",
    "sample_rate": 44100,
    "estimated_seconds": 120,
    "credits_charged": 1,
    "created_at": "2025-01-15T10:30:00Z",
    "output_url": None,
}
COMPLETED = {  # "Example Response 200 OK"
    "id": "job_abc123def456",
    "status": "completed",
    "preset": "balanced",
    "format": "wav",
    "sample_rate": 44100,
    "credits_charged": 1,
    "created_at": "2025-01-15T10:30:00Z",
    "completed_at": "2025-01-15T10:32:04Z",
    "output_url": "https://cdn.blacklab.studio/output/job_abc123def456.wav",
    "output_expires_at": "2025-01-16T10:32:04Z",
}
UPLOAD = {  # "POST /v1/assets/upload-url", "Example Response 200 OK"
    "upload_url": "https://storage.blacklab.studio/uploads/...",
    "asset_url": "https://storage.blacklab.studio/assets/asset_xyz789.wav",
    "expires_at": "2025-01-15T11:00:00Z",
}


@pytest.fixture(autouse=True)
def worker_alive(rack: Rack) -> None:
    now = clock.now()
    with rack.database.write() as connection:
        connection.execute(insert(workers).values(id="w", slots=2, speed=100.0, started_at=now, seen_at=now))


@pytest.fixture
def job(client: TestClient, upload) -> dict[str, Any]:
    """The document's example request, as far as this version takes it."""
    body = {"input_url": upload(), "preset": "balanced", "format": "wav", "sample_rate": 44100}
    response = client.post(JOBS, json=body)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


def end(rack: Rack, job_id: str, outcome: Outcome | SoundrackError) -> None:
    with rack.database.write() as connection:
        attempt = lifecycle.claim(connection, rack.queue, job_id, "w", 60)
        assert attempt is not None
        if isinstance(outcome, Outcome):
            assert lifecycle.complete(connection, attempt, outcome)
        else:
            assert lifecycle.fail(connection, attempt, outcome)


def outcome_of(job_id: str) -> Outcome:
    return Outcome(f"output/{job_id}/1/{job_id}.wav", 1000, {"rate_hz": 44100}, {}, 60.0, 0.5)


def types(body: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in body.items()}


def test_a_created_job_has_the_documented_fields_and_types_in_the_documented_order(job):
    assert types(job) == types(CREATED)
    assert list(job) == list(CREATED)
    assert re.fullmatch(r"job_[a-z0-9]{12}", job["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", job["created_at"])
    assert {name: job[name] for name in ("status", "preset", "format", "sample_rate", "credits_charged")} == {
        "status": "queued",
        "preset": "balanced",
        "format": "wav",
        "sample_rate": 44100,
        "credits_charged": 1,
    }


def test_a_queued_job_reads_as_it_was_created(client, job):
    assert client.get(f"{JOBS}/{job['id']}").json() == job


def test_a_completed_job_has_the_documented_fields_and_types_in_the_documented_order(client, rack, job):
    end(rack, job["id"], outcome_of(job["id"]))

    completed = client.get(f"{JOBS}/{job['id']}").json()

    assert types(completed) == types(COMPLETED)
    assert list(completed) == list(COMPLETED)
    expires, done = (datetime.fromisoformat(completed[name]) for name in ("output_expires_at", "completed_at"))
    assert expires - done == timedelta(hours=24)
    assert re.search(rf"/{job['id']}\.wav\?", completed["output_url"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnsupportedFormat("Not audio."), "unsupported_format"),
        (UnusableAudio("The file is silent."), "validation_error"),
        (TooLarge("Too long."), "file_too_large"),
        (Internal("Ours."), "internal_error"),
    ],
)
def test_a_failed_job_carries_its_error_and_the_credit_is_back(client, rack, account: Account, job, error, code):
    end(rack, job["id"], error)

    failed = client.get(f"{JOBS}/{job['id']}").json()

    assert failed["status"] == "failed"
    assert failed["error"] == {"code": code, "message": str(error)}
    assert failed["output_url"] is None
    assert failed.keys().isdisjoint({"completed_at", "output_expires_at", "estimated_seconds"})
    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100


def test_without_a_rate_the_source_s_is_told_once_it_is_known(client, rack, upload):
    job = client.post(JOBS, json={"input_url": upload()}).json()
    assert job["sample_rate"] is None

    end(rack, job["id"], outcome_of(job["id"]))

    assert client.get(f"{JOBS}/{job['id']}").json()["sample_rate"] == 44100


def test_defaults_are_balanced_and_wav(client, upload):
    job = client.post(JOBS, json={"input_url": upload()}).json()

    assert (job["preset"], job["format"]) == ("balanced", "wav")


def test_unknown_fields_are_ignored(client, upload):
    assert client.post(JOBS, json={"input_url": upload(), "genre": "pop"}).status_code == 201


def test_an_upload_url_answers_200_with_the_documented_fields(client):
    asked = {"filename": "my-track.wav", "content_type": "audio/wav", "size_bytes": 1000}

    response = client.post("/v1/assets/upload-url", json=asked)

    assert response.status_code == 200
    assert types(response.json()) == types(UPLOAD)
    assert list(response.json()) == list(UPLOAD)
    assert re.search(r"/assets/asset_[a-z0-9]{12}\.wav$", response.json()["asset_url"])


@pytest.mark.parametrize(
    ("content_type", "ending"),
    [("audio/wav", "wav"), ("audio/flac", "flac"), ("audio/mpeg", "mp3"), ("audio/aiff", "aiff")],
)
def test_every_documented_type_can_be_announced(client, content_type: str, ending: str):
    asked = {"filename": "a", "content_type": content_type, "size_bytes": 209_715_200}

    assert client.post("/v1/assets/upload-url", json=asked).json()["asset_url"].endswith(f".{ending}")


def test_the_estimate_grows_with_the_queue_and_falls_with_the_measured_speed(client, rack, upload):
    minute = 60 * 176_400

    def estimate(size: int) -> int:
        job = client.post(JOBS, json={"input_url": upload(WAV_HEAD + bytes(size))}).json()
        seconds: int = job["estimated_seconds"]
        end(rack, job["id"], UnusableAudio("over"))
        return seconds

    alone = estimate(2 * minute)
    waiting = [client.post(JOBS, json={"input_url": upload(b"fLaC" + bytes(5 * minute))}) for _ in range(2)]
    behind_two = estimate(2 * minute)
    assert all(response.status_code == 201 for response in waiting)
    with rack.database.write() as connection:
        connection.execute(workers.update().values(speed=1000.0))
    on_a_faster_machine = estimate(2 * minute)

    assert alone == 2
    assert behind_two > alone
    assert on_a_faster_machine < behind_two


def test_while_no_worker_is_alive_no_estimate_is_invented(client, rack, upload):
    with rack.database.write() as connection:
        connection.execute(workers.delete())

    job = client.post(JOBS, json={"input_url": upload()}).json()

    assert job["status"] == "queued"
    assert "estimated_seconds" not in job
