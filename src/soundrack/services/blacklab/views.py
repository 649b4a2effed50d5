"""From the house's records to BlackLab's bodies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from soundrack.accounts import people
from soundrack.billing import credits
from soundrack.billing.plans import Plan
from soundrack.clock import iso_seconds
from soundrack.jobs import record, uploads
from soundrack.rack import Rack
from soundrack.services.blacklab.errors import JOB_CODES
from soundrack.services.blacklab.schemas import Account, Credits, Upload


def upload(announced: uploads.Announced) -> Upload:
    """Return the answer to an upload-url request."""
    return Upload(
        upload_url=announced.upload_url,
        asset_url=announced.asset_url,
        expires_at=iso_seconds(announced.expires_at),
    )


def account(holder: people.Account, plan: Plan, standing: credits.Standing) -> Account:
    """Return whose credentials were sent, and how they stand."""
    return Account(
        id=holder.id,
        email=holder.email,
        tier=plan.name,
        credits=Credits(balance=standing.balance, low_threshold=standing.low_threshold),
    )


def job_body(job: record.Job, rack: Rack, remaining_s: int | None) -> dict[str, Any]:
    """Return a job with the fields that belong to its status, and no others, in the document's order."""
    fields: dict[str, Any] = {
        "id": job.id,
        "status": job.status.value,
        "preset": job.parameters["preset"],
        "format": job.parameters["format"],
        "sample_rate": _sample_rate(job),
    }
    if remaining_s is not None and job.ended_at is None:
        fields["estimated_seconds"] = remaining_s
    fields["credits_charged"] = job.credits_charged
    fields["created_at"] = iso_seconds(job.created_at)
    fields["output_url"] = None
    master = job.outputs.get("master")
    if master is not None and job.ended_at is not None:
        expires_at = job.ended_at + timedelta(seconds=rack.settings.output_link_s)
        del fields["output_url"]  # it stands after `completed_at`
        fields["completed_at"] = iso_seconds(job.ended_at)
        fields["output_url"] = rack.links.download(master.key, expires_at)
        fields["output_expires_at"] = iso_seconds(expires_at)
    if job.error_kind is not None:
        code = JOB_CODES.get(job.error_kind, "internal_error")
        fields["error"] = {"code": code, "message": job.error_message or ""}
    return fields


def _sample_rate(job: record.Job) -> int | None:
    asked: int | None = job.parameters["rate_hz"]
    if asked is not None or job.result is None:
        return asked
    delivered: int = job.result["rate_hz"]
    return delivered
