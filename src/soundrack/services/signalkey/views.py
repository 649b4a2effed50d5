"""From the house's records to SignalKey's bodies.

The result of an analysis and the words for its failure are made here alone, so that whoever polls, streams or is
posted to is told the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic_core import from_json, to_json

from soundrack import clock
from soundrack.accounts.keys import Key
from soundrack.billing.plans import Plan
from soundrack.billing.quotas import Quota
from soundrack.billing.windows import Standing
from soundrack.clock import iso_seconds
from soundrack.errors import Cancelled, Internal, NotFound
from soundrack.jobs.record import Job, Status
from soundrack.rack import Rack
from soundrack.services.signalkey import errors

PATH = "/api/v1/jobs/{id}"
UNTITLED = "song"
REPORT, MIDI = "report", "midi"
_MOST_BYTES = 16 * 2**20
"""Of a result: twenty times what half an hour of the busiest music has. What the engine writes is not trusted."""


def submitted(job: Job) -> dict[str, Any]:
    """Return the answer to a submission."""
    path = PATH.format(id=job.id)
    return {
        "job_id": job.id,
        "object": "analysis_job",
        "status": "queued",
        "stream_url": f"{path}/stream",
        "poll_url": path,
        "webhook_delivery": "none" if job.webhook_url is None else "scheduled",
    }


def running(job: Job, stage: str, progress: float) -> dict[str, Any]:
    """Return what a poll is told of a job that has not ended."""
    return {
        "job_id": job.id,
        "object": "analysis_job",
        "status": job.status.value,
        "progress": progress,
        "stage": stage,
    }


def result(job: Job, rack: Rack) -> bytes:
    """Return the bare result of a completed job, as JSON in one line: what the engine found, and links to its files.

    It reads the object store, so call it in a thread. Its links are good for `output_link_s`, or as long as there is
    what they lead to, if that is less.

    Raises
    ------
    NotFound
        If it has been deleted since.
    """
    gone_at = _gone_at(job, rack)
    if gone_at is None or job.status is not Status.COMPLETED:
        raise ValueError("only a completed job has a result")
    report = _report(job, rack)
    expires_at = min(clock.now() + timedelta(seconds=rack.settings.output_link_s), gone_at).replace(microsecond=0)
    _link(report, job, rack, expires_at)
    return to_json({"id": report["id"]} | report | {"links_expire_at": iso_seconds(expires_at)})


def failure(job: Job) -> bytes:
    """Return why a job failed or was cancelled, as JSON in one line: ``{"error":{"code","message"}}``."""
    return to_json({"error": failure_of(job)})


def failure_of(job: Job) -> dict[str, str]:
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
        raise NotFound(f"No such job: results are kept for {rack.settings.output_retention_days} days.")


def me(key: Key, plan: Plan, standing: Standing, quota: Quota) -> dict[str, Any]:
    """Return whose key was sent, and how it stands."""
    return {
        "object": "api_key",
        "id": key.id,
        "name": key.label,
        "prefix": key.shown_prefix,
        "created_at": iso_seconds(key.created_at),
        "last_used_at": None if key.last_used_at is None else iso_seconds(key.last_used_at),
        "plan": plan.name,
        "rate_limit": {
            "minute": {"limit": standing.limit, "remaining": standing.remaining, "reset": standing.reset_s},
            "month": {"limit": quota.limit, "remaining": quota.remaining, "reset": int(quota.reset_at.timestamp())},
        },
    }


def _gone_at(job: Job, rack: Rack) -> datetime | None:
    return None if job.ended_at is None else job.ended_at + timedelta(days=rack.settings.output_retention_days)


def _report(job: Job, rack: Rack) -> dict[str, Any]:
    check_kept(job, rack)
    output = job.outputs[REPORT]
    if output.size_bytes > _MOST_BYTES:
        raise Internal("The result of an analysis is larger than any can be.")
    with rack.store.open(output.key) as file:
        found: dict[str, Any] = from_json(file.read())
    return found


def _link(report: dict[str, Any], job: Job, rack: Rack, expires_at: datetime) -> None:
    """Put links into a report, each null where its file is not among the job's."""
    title = str(job.parameters["filename"]).rpartition(".")[0] or str(job.parameters["filename"])

    def link(name: str) -> str | None:
        output = job.outputs.get(name)
        if output is None:
            return None
        ending = output.filename.rpartition(".")[2]
        called = f"{title}.{ending}" if name == MIDI else f"{title} - {name}.{ending}"
        return rack.links.download(output.key, expires_at, filename=called)

    report["create_report"]["midi_url"] = link(MIDI)
    for stem in report["stems_report"]["stems"]:
        stem["url"] = link(stem["id"])
    kit = report["release_kit"]
    kit["pictures"] = {name: url for name in kit["pictures"] if (url := link(name)) is not None}
