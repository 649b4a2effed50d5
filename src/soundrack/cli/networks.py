"""``soundrack networks``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from soundrack.accounts import networks
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.billing import subscriptions
from soundrack.cli import console, listing, whose
from soundrack.rack import Rack, open_rack
from soundrack.service import Service


def run(action: str, data: Path | None, as_json: bool, email: str | None, **options: Any) -> None:
    """Do one of the commands to or about an account's allow-lists."""
    with open_rack(console.settings(data=data)) as rack:
        with rack.database.read() as connection:
            account_id = whose.account(connection, email).id
        _ACTIONS[action](rack, as_json, account_id, **options)


def _list(rack: Rack, as_json: bool, account_id: str) -> None:
    with rack.database.read() as connection:
        found = [
            {"service": service} | asdict(entry)
            for service in Service
            for entry in networks.of(connection, account_id, service)
        ]
    listing.show(found, as_json=as_json, empty="The account's keys are accepted from everywhere.")


def _add(rack: Rack, as_json: bool, account_id: str, service: str, network: str, note: str) -> None:
    named = whose.service(service)
    with rack.database.write() as connection:
        plan = subscriptions.plan_of(connection, rack.plans, account_id, named)
        entry, _ = networks.add(connection, account_id, named, network, note, plan=plan, origin=COMMAND_LINE)
    listing.show_one({"service": named} | asdict(entry), as_json=as_json)


def _remove(rack: Rack, as_json: bool, account_id: str, network_id: str) -> None:
    with rack.database.write() as connection:
        left = networks.remove(connection, account_id, network_id, origin=COMMAND_LINE)
    listing.show_one({"id": network_id, "removed": True, "left": left}, as_json=as_json)
    if left == 0 and not as_json:
        console.ERR.print("That was the last one: keys are accepted from everywhere again.")


_ACTIONS: dict[str, Callable[..., None]] = {"list": _list, "add": _add, "remove": _remove}
