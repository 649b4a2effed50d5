"""``soundrack jobs``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from soundrack.accounts import audit
from soundrack.accounts.audit import COMMAND_LINE, Entry
from soundrack.cli import console, listing, whose
from soundrack.errors import Invalid
from soundrack.jobs import inputs, lifecycle, overview
from soundrack.jobs.record import Status
from soundrack.rack import Rack, open_rack


def run(action: str, data: Path | None, as_json: bool, **options: Any) -> None:
    """Do one of the commands to or about jobs."""
    with open_rack(console.settings(data=data)) as rack:
        _ACTIONS[action](rack, as_json, **options)


def _list(rack: Rack, as_json: bool, email: str | None, status: str | None, limit: int) -> None:
    if status is not None and status not in set(Status):
        raise Invalid(f"There is no status {status!r}; there is: {', '.join(Status)}.", field="status")
    with rack.database.read() as connection:
        found = overview.listed(
            connection,
            account_id=whose.account(connection, email).id if email else None,
            status=Status(status) if status else None,
            limit=limit,
        )
        emails = whose.emails(connection)
    rows = [
        {
            "id": job.id,
            "email": emails[job.account_id],
            "service": job.service,
            "kind": job.kind,
            "status": job.status,
            "progress": round(job.progress, 2),
            "created_at": job.created_at,
            "ended_at": job.ended_at,
        }
        for job in found
    ]
    listing.show(rows, as_json=as_json, empty="There are no such jobs.")


def _show(rack: Rack, as_json: bool, job_id: str) -> None:
    with rack.database.read() as connection:
        row = _row(connection, job_id)
    listing.show_one(row, as_json=as_json)


def _cancel(rack: Rack, as_json: bool, job_id: str) -> None:
    with rack.database.write() as connection:
        job = overview.get(connection, job_id)
        lifecycle.cancel(connection, job)
        audit.record(connection, Entry.JOB_CANCELLED, COMMAND_LINE, job.account_id, job=job.id)
        row = _row(connection, job_id)
    inputs.purge(rack.database, rack.store)
    listing.show_one(row, as_json=as_json)


_ACTIONS: dict[str, Callable[..., None]] = {"list": _list, "show": _show, "cancel": _cancel}


def _row(connection: Connection, job_id: str) -> dict[str, Any]:
    """Everything but the addresses of its inputs and webhook, which may be signed."""
    job, wanted = overview.get(connection, job_id), inputs.of(connection, job_id)
    return {
        "id": job.id,
        "email": whose.emails(connection)[job.account_id],
        "service": job.service,
        "kind": job.kind,
        "status": job.status,
        "parameters": job.parameters,
        "credits_charged": job.credits_charged,
        "request_id": job.request_id,
        "attempt": job.attempt,
        "losses": job.losses,
        "worker_id": job.worker_id,
        "stage": job.stage,
        "progress": round(job.progress, 2),
        "created_at": job.created_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "inputs": {one.name: one.asset_id or "fetched from a URL" for one in wanted},
        "outputs": {name: output.size_bytes for name, output in job.outputs.items()},
        "error_kind": job.error_kind,
        "error_message": job.error_message,
    }
