"""From the house's records to Masterify's bodies."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from soundrack import clock
from soundrack.clock import iso_seconds
from soundrack.jobs.record import Job, Status
from soundrack.rack import Rack
from soundrack.services.languages import Language
from soundrack.services.masterify.intake import minutes
from soundrack.services.masterify.messages import Failure, of_failure

STATUSES = {
    Status.QUEUED: "queued",
    Status.PROCESSING: "processing",
    Status.COMPLETED: "done",
    Status.FAILED: "failed",
    Status.CANCELLED: "failed",
}
_NO_FILENAME = re.compile(r'[<>:"|?*\\/]')
"""What some file systems do not have in names."""
_UNTITLED = "song"
_LONGEST_TITLE = 100


def job_body(job: Job, rack: Rack, language: Language) -> dict[str, Any]:
    """Return a job with all fields, in the decided order."""
    is_done = job.status is Status.COMPLETED
    return {
        "job_id": job.id,
        "status": STATUSES[job.status],
        "progress": 100 if is_done else min(99, int(100 * job.progress)),
        "platforms": job.parameters["platforms"],
        "genre": job.parameters["genre"],
        "ai_service": job.parameters["ai_service"],
        "tier": "premium" if job.parameters["premium"] else "standard",
        "credits_used": job.credits_charged,
        "created_at": iso_seconds(job.created_at),
        "completed_at": iso_seconds(job.ended_at) if is_done and job.ended_at is not None else None,
        "results": results(job, rack),
        "error_message": error_message(job, language),
    }


def results(job: Job, rack: Rack) -> list[dict[str, Any]]:
    """Return the masters of a job, in the order of its platforms; none until it is done."""
    if job.result is None or job.ended_at is None:
        return []
    now = clock.now()
    gone_at = job.ended_at + timedelta(days=rack.settings.output_retention_days)
    expires_at = min(now + timedelta(seconds=rack.settings.output_link_s), gone_at)
    return [
        {
            "platform": name,
            "lufs": round(measured["integrated_lufs"], 2),
            "true_peak_db": round(measured["true_peak_db"], 2),
            "format": "wav",
            "download_url": _link(job, rack, name, expires_at) if now < gone_at else None,
        }
        for name, measured in ((name, job.result["platforms"][name]) for name in job.parameters["platforms"])
    ]


def error_message(job: Job, language: Language) -> str | None:
    """Return why a job failed, None if it has not."""
    if job.status is Status.CANCELLED:
        return Failure.CANCELLED.said(language)
    if job.error_kind is None:
        return None
    return of_failure(job.error_kind).said(language, limit=minutes(job.parameters["most_s"]))


def title_of(filename: str) -> str:
    """Return what a song is called, from the name of its file.

    >>> title_of("My Track.final.mp3"), title_of('a "b"?.wav'), title_of("")
    ('My Track.final', 'a _b__', 'song')
    """
    stem = filename.rpartition(".")[0] or filename
    return _NO_FILENAME.sub("_", stem)[:_LONGEST_TITLE].strip(" .") or _UNTITLED


def filename(job: Job, platform: str) -> str:
    """Return what a master is called where it arrives."""
    return f"{job.parameters['title']} - {platform}.wav"


def _link(job: Job, rack: Rack, platform: str, expires_at: datetime) -> str:
    return rack.links.download(job.outputs[platform].key, expires_at, filename=filename(job, platform))
