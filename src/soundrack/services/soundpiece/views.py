"""From the house's records to Soundpiece's operations.

What is told of an operation is made here alone, so that whoever submits, polls or is posted to is told the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from soundrack import clock
from soundrack.clock import iso_seconds
from soundrack.errors import Cancelled, NotFound
from soundrack.jobs.record import Job, Output, Status
from soundrack.rack import Rack
from soundrack.services.soundpiece import errors
from soundrack.services.soundpiece.actions import BY_ROUTE, STEMS, Action, Delivery

LINK_LIFE = timedelta(minutes=15)


def action_of(job: Job) -> Action:
    """Return the action that a job carries out."""
    return BY_ROUTE[job.parameters["action"]]


def state(job: Job) -> str:
    """Return a job's status in the document's words."""
    if job.ended_at is None:
        return "processing"
    return "ready" if job.status is Status.COMPLETED else "failed"


def operation(job: Job, rack: Rack) -> dict[str, Any]:
    """Return an operation without its wrapper, with new links to what was made.

    Raises
    ------
    NotFound
        If what was made has been deleted since.
    """
    check_kept(job, rack)
    action, asked, now = action_of(job), job.parameters["asked"], state(job)
    return {
        "id": job.id,
        "status": now,
        "created_at": iso_seconds(job.created_at),
        "idempotency_key": asked["idempotency_key"],
        **{name: asked[name] for name in action.echoed},
        action.field: _results(job, action, rack) if now == "ready" else None,
        "error": failure(job) if now == "failed" else None,
    }


def wrapped(job: Job, rack: Rack) -> dict[str, Any]:
    """Return an operation as it is answered, `operation` in its wrapper."""
    return {action_of(job).wrapper: operation(job, rack)}


def failure(job: Job) -> dict[str, str]:
    """Return code and message of a job that failed or was cancelled."""
    return errors.failure(Cancelled.kind if job.status is Status.CANCELLED else job.error_kind)


def check_kept(job: Job, rack: Rack) -> None:
    """Refuse a job that ended so long ago that nothing is told of it any more.

    Raises
    ------
    NotFound
        If results of its age are deleted; of those that failed no more is told than of those that did not.
    """
    gone_at = _gone_at(job, rack)
    if gone_at is not None and gone_at <= clock.now():
        raise NotFound(f"No such operation: results are kept for {rack.settings.output_retention_days} days.")


def _gone_at(job: Job, rack: Rack) -> datetime | None:
    return None if job.ended_at is None else job.ended_at + timedelta(days=rack.settings.output_retention_days)


def _results(job: Job, action: Action, rack: Rack) -> dict[str, Any] | list[dict[str, Any]]:
    result = job.result or {}
    expires_at = (clock.now() + LINK_LIFE).replace(microsecond=0)

    def told(output: Output, duration_s: float) -> dict[str, Any]:
        return {
            "url": rack.links.download(output.key, expires_at),
            "expires_at": iso_seconds(expires_at),
            "duration": round(duration_s, 3),
        }

    if action.delivery is Delivery.ONE:
        return told(job.outputs[action.output], result["duration_s"])
    if action.delivery is Delivery.STEMS:
        return [told(job.outputs[name], result["duration_s"]) | {"kind": name} for name in STEMS]
    return [told(output, duration_s) for output, duration_s in _variations(job, action, result)]


def _variations(job: Job, action: Action, result: dict[str, Any]) -> Iterator[tuple[Output, float]]:
    for number, variation in enumerate(result["variations"], start=1):
        yield job.outputs[f"{action.output}-{number}"], variation["duration_s"]
