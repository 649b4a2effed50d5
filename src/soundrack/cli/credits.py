"""``soundrack credits``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from soundrack.accounts import entitlements
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.billing import credits
from soundrack.cli import console, listing, whose
from soundrack.rack import Rack, open_rack


def run(action: str, data: Path | None, as_json: bool, **options: Any) -> int:
    """Do one of the commands about credits."""
    with open_rack(console.settings(data=data)) as rack:
        return _ACTIONS[action](rack, as_json, **options)


def _balance(rack: Rack, as_json: bool, email: str | None) -> int:
    with rack.database.read() as connection:
        account = whose.account(connection, email)
    listing.show_one({"email": account.email, "balance": account.credit_balance}, as_json=as_json)
    return 0


def _grant(rack: Rack, as_json: bool, email: str, amount: int, note: str) -> int:
    with rack.database.write() as connection:
        account = whose.account(connection, email)
        balance = entitlements.grant_credits(connection, account.id, amount, note, COMMAND_LINE)
    listing.show_one({"email": account.email, "granted": amount, "balance": balance}, as_json=as_json)
    return 0


def _entries(rack: Rack, as_json: bool, email: str | None, limit: int, before: int | None) -> int:
    with rack.database.read() as connection:
        account = whose.account(connection, email)
        found = credits.entries(connection, account.id, limit=limit, before=before)
    listing.show([asdict(entry) for entry in found], as_json=as_json, empty="There are no entries.")
    return 0


def _check(rack: Rack, as_json: bool) -> int:
    with rack.database.read() as connection:
        found, emails = credits.audit(connection), whose.emails(connection)
    rows = [{"email": emails[one.account_id], "balance": one.balance, "entered": one.entered} for one in found]
    listing.show(rows, as_json=as_json, empty="Every balance is the sum of its entries.")
    return 1 if rows else 0


_ACTIONS: dict[str, Callable[..., int]] = {"balance": _balance, "grant": _grant, "entries": _entries, "check": _check}
