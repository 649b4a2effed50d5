"""``soundrack plans``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from soundrack.billing import subscriptions
from soundrack.billing.plans import Plans
from soundrack.cli import console, listing, whose
from soundrack.errors import NotConfigured
from soundrack.rack import open_rack
from soundrack.service import Service


def run(action: str, **options: Any) -> int:
    """Show the plans, or check a file of them."""
    return _ACTIONS[action](**options)


def _show(data: Path | None, as_json: bool, service: str | None, toml: bool) -> int:
    plans = Plans.load(console.settings(data=data))
    if toml:
        print(plans.to_toml(), end="")
        return 0
    wanted = [whose.service(service)] if service else list(Service)
    rows = [asdict(plan) for one in wanted for plan in plans.of_service(one)]
    if not as_json:
        rows = [{words: row[name] for name, words in _COLUMNS.items()} for row in rows]
    listing.show(rows, as_json=as_json, empty="There is no plan.")
    return 0


_COLUMNS = {
    "service": "service",
    "name": "plan",
    "requests_per_minute": "a_minute",
    "burst": "a_second",
    "requests_per_month": "a_month",
    "jobs_at_once": "jobs",
    "keys": "keys",
    "webhooks": "webhooks",
    "credits_per_month": "credits_a_month",
}
"""What fits on a screen; JSON and TOML have everything."""


def _check(data: Path | None, as_json: bool, file: Path | None) -> int:
    """A file that cannot be used is an error; a plan that somebody has and the file lacks is told, and exit code 1."""
    settings = console.settings(data=data)
    if file is None:
        plans = Plans.load(settings)
    else:
        try:
            plans = Plans.parse(file.read_text(encoding="utf-8"), str(file))
        except UnicodeDecodeError:
            raise NotConfigured(f"{file} is not UTF-8.", field="plans") from None
    with open_rack(settings) as rack, rack.database.read() as connection:
        missing, emails = subscriptions.stray(connection, plans), whose.emails(connection)
    rows = [
        {"email": emails[account_id], "service": service, "plan": plan, "treated_as": plans.default(service).name}
        for account_id, service, plan in missing
    ]
    listing.show(rows, as_json=as_json, empty="The plans can be used, and hold every plan that an account has.")
    return 1 if rows else 0


_ACTIONS: dict[str, Callable[..., int]] = {"show": _show, "check": _check}
