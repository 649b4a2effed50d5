"""What BlackLab tells of a job where the document's examples end: failures, defaults that come later, estimates."""

from __future__ import annotations

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
from soundrack.jobs.record import Output
from soundrack.rack import Rack
from tests.contracts.blacklab.conftest import WAV_HEAD

JOBS = "/v1/mastering/jobs"


@pytest.fixture(autouse=True)
def worker_alive(rack: Rack) -> None:
    now = clock.now()
    with rack.database.write() as connection:
        connection.execute(insert(workers).values(id="w", slots=2, speed=100.0, started_at=now, seen_at=now))


@pytest.fixture
def job(client: TestClient, upload) -> dict[str, Any]:
    """A job like that of the document's example."""
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
    master = Output(f"output/{job_id}/1/{job_id}.wav", 1000, "audio/wav")
    return Outcome({"master": master}, {"rate_hz": 44100}, {}, 60.0, 0.5)


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


def test_unknown_fields_are_ignored(client, upload):
    assert client.post(JOBS, json={"input_url": upload(), "genre": "pop"}).status_code == 201


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
