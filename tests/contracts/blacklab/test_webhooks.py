"""BlackLab's webhooks: the document's events, bodies and signature, from a job's row to the receiver."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from soundrack.accounts.people import Account
from soundrack.database.tables import jobs
from soundrack.errors import NotFound
from soundrack.outbound.webhooks.events import Event
from soundrack.outbound.webhooks.voice import Happening
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import voices

AT = datetime(2025, 1, 15, 10, 32, 4, tzinfo=UTC)
DOCUMENTED = {"job.done", "job.failed", "credits.low"}


def told(rack: Rack, account: Account, event: Event, job_id: str | None = None, **data: Any) -> dict[str, Any]:
    happening = Happening("evt_1", event, account.id, Service.BLACKLAB, job_id, AT, data)
    with rack.database.read() as connection:
        body: dict[str, Any] = json.loads(voices.of(rack)[Service.BLACKLAB].body(connection, happening))
    return body


def job(rack: Rack, account: Account, **fields: Any) -> str:
    with rack.database.write() as connection:
        connection.execute(
            insert(jobs).values(
                {
                    "id": "job_abc123def456",
                    "account_id": account.id,
                    "service": Service.BLACKLAB,
                    "kind": "master",
                    "parameters": {"preset": "balanced", "format": "wav", "rate_hz": 44100},
                    "work_s": 60.0,
                    "credits_charged": 1,
                    "request_id": "req_1",
                    "created_at": AT - timedelta(seconds=124),
                    "ended_at": AT,
                }
                | fields
            )
        )
    return "job_abc123def456"


def test_job_done_has_the_whole_job_with_its_output_url(rack: Rack, account: Account):
    master = {"key": "output/job_abc123def456/1/job_abc123def456.wav", "size_bytes": 1, "content_type": "audio/wav"}
    job_id = job(rack, account, status="completed", outputs={"master": master})

    body = told(rack, account, Event.JOB_COMPLETED, job_id)

    assert (body["event"], body["timestamp"]) == ("job.done", "2025-01-15T10:32:04Z")
    assert set(body) == {"event", "timestamp", "data"}
    assert (
        body["data"].items()
        >= {
            "id": job_id,
            "status": "completed",
            "preset": "balanced",
            "format": "wav",
            "sample_rate": 44100,
            "credits_charged": 1,
            "created_at": "2025-01-15T10:30:00Z",
            "completed_at": "2025-01-15T10:32:04Z",
        }.items()
    )
    assert body["data"]["output_url"].startswith(rack.settings.public_url)


def test_job_failed_has_the_job_with_its_error(rack: Rack, account: Account):
    job_id = job(rack, account, status="failed", error_kind="unsupported_format", error_message="Not audio.")

    body = told(rack, account, Event.JOB_FAILED, job_id)

    assert (body["event"], body["data"]["status"]) == ("job.failed", "failed")
    assert body["data"]["error"] == {"code": "unsupported_format", "message": "Not audio."}


def test_credits_low_has_balance_and_threshold(rack: Rack, account: Account):
    body = told(rack, account, Event.CREDITS_LOW, balance=3, threshold=5)

    assert body == {
        "event": "credits.low", "timestamp": "2025-01-15T10:32:04Z", "data": {"balance": 3, "threshold": 5}
    }  # fmt: skip


def test_a_job_that_is_gone_is_not_told(rack: Rack, account: Account):
    with pytest.raises(NotFound):
        told(rack, account, Event.JOB_COMPLETED, "job_000000000000")


@pytest.mark.parametrize("event", list(Event))
def test_a_sample_has_the_form_of_the_real_thing(rack: Rack, event: Event):
    voice = voices.of(rack)[Service.BLACKLAB]

    body = json.loads(voice.sample(event, AT))

    assert body["event"] == voice.names[event]
    assert body["timestamp"] == "2025-01-15T10:32:04Z"
    assert body["data"] if event is Event.CREDITS_LOW else body["data"]["id"] == "job_abc123def456"


def test_the_events_are_those_of_the_document(rack: Rack):
    assert set(voices.of(rack)[Service.BLACKLAB].names.values()) == DOCUMENTED
