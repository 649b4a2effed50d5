"""``soundrack audit``."""

from __future__ import annotations

from pathlib import Path

from soundrack.accounts import audit
from soundrack.cli import console, listing, whose
from soundrack.rack import open_rack


def run(data: Path | None, as_json: bool, email: str | None, limit: int, before: int | None) -> None:
    """Show the audit log, the newest first."""
    with open_rack(console.settings(data=data)) as rack, rack.database.read() as connection:
        account_id = whose.account(connection, email).id if email else None
        found = audit.entries(connection, account_id, before=before, limit=limit)
        emails = whose.emails(connection)
    rows = [
        {
            "id": entry.id,
            "at": entry.at,
            "event": entry.event,
            "account": emails.get(entry.account_id or "", entry.account_id),
            "actor": emails.get(entry.actor, entry.actor),
            "address": entry.address,
            "request_id": entry.request_id,
            "details": entry.details,
        }
        for entry in found
    ]
    listing.show(rows, as_json=as_json, empty="Nothing has been recorded.")
