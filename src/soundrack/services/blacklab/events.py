"""BlackLab's webhooks: its events, their bodies and their signature.

Document: "Webhooks". A body is ``{"event", "timestamp", "data"}``; `timestamp` is when it happened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from soundrack.clock import iso_seconds
from soundrack.errors import NotFound
from soundrack.jobs import record, synthetic
from soundrack.jobs.record import Job
from soundrack.outbound.webhooks import schemes
from soundrack.outbound.webhooks.events import Event
from soundrack.outbound.webhooks.voice import Happening
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.blacklab import views

NAMES = {
    Event.JOB_COMPLETED: "job.done",
    Event.JOB_FAILED: "job.failed",
    Event.CREDITS_LOW: "credits.low",
}
_SAMPLE_TOOK = timedelta(seconds=124)


class Voice:
    """How BlackLab tells what happened. Its signing secret is the account's."""

    names: Mapping[Event, str] = NAMES
    scheme = schemes.BLACKLAB
    paired = False

    def __init__(self, rack: Rack) -> None:
        self._rack = rack

    def body(self, connection: Connection, happening: Happening) -> bytes:
        """Return the event with the whole job, or with the balance and its threshold.

        Raises
        ------
        NotFound
            If there is no such job any more.
        """
        if happening.event is Event.CREDITS_LOW:
            data = {"balance": happening.data["balance"], "threshold": happening.data["threshold"]}
        elif happening.job_id is None:
            raise NotFound("The event names no job.")
        else:
            data = views.job_body(_job(connection, happening, happening.job_id), self._rack, None)
        return _bytes(happening.event, happening.at, data)

    def sample(self, event: Event, at: datetime) -> bytes:
        """Return an event of invented values: a job that nobody has."""
        return _bytes(event, at, _SAMPLES[event] | _moments(event, at))


def _job(connection: Connection, happening: Happening, job_id: str) -> Job:
    whose = {"account_id": happening.account_id, "service": Service.BLACKLAB}
    if happening.data.get(synthetic.MARK):
        return synthetic.get(connection, job_id, at=happening.at, **whose)
    return record.get(connection, job_id, **whose)


def _bytes(event: Event, at: datetime, data: Mapping[str, Any]) -> bytes:
    body = {"event": NAMES[event], "timestamp": iso_seconds(at), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _moments(event: Event, at: datetime) -> dict[str, str]:
    if event is Event.CREDITS_LOW:
        return {}
    moments = {"created_at": iso_seconds(at - _SAMPLE_TOOK)}
    return moments | {"completed_at": iso_seconds(at)} if event is Event.JOB_COMPLETED else moments


_SAMPLE_JOB: dict[str, Any] = {
    "id": "job_abc123def456",
    "preset": "balanced",
    "format": "wav",
    "sample_rate": 44100,
    "credits_charged": 1,
}
_SAMPLES: dict[Event, dict[str, Any]] = {
    Event.JOB_COMPLETED: _SAMPLE_JOB
    | {"status": "completed", "output_url": "https://cdn.blacklab.studio/output/job_abc123def456.wav"},
    Event.JOB_FAILED: _SAMPLE_JOB
    | {
        "status": "failed",
        "output_url": None,
        "error": {"code": "unsupported_format", "message": "This is a sample of a failed job."},
    },
    Event.CREDITS_LOW: {"balance": 3, "threshold": 5},
}
