"""``soundrack accounts``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from soundrack.accounts import audit, entitlements, keys, people, registration
from soundrack.accounts.audit import COMMAND_LINE, Entry
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.cli import console, listing, whose
from soundrack.rack import Rack, open_rack
from soundrack.service import Service


def run(action: str, data: Path | None, as_json: bool, **options: Any) -> None:
    """Do one of the commands to or about accounts."""
    with open_rack(console.settings(data=data)) as rack:
        _ACTIONS[action](rack, as_json, **options)


def _list(rack: Rack, as_json: bool) -> None:
    with rack.database.read() as connection:
        found = people.listed(connection)
    listing.show([_row(account) for account in found], as_json=as_json, empty="There is no account yet.")


def _show(rack: Rack, as_json: bool, email: str) -> None:
    with rack.database.read() as connection:
        account = whose.account(connection, email)
        plans = {
            str(service): subscriptions.plan_of(connection, rack.plans, account.id, service).name for service in Service
        }
        active = sum(key.state is keys.State.ACTIVE for key in keys.of(connection, account.id))
    more = {"has_password": account.has_password, "has_totp": account.has_totp, "plans": plans, "active_keys": active}
    listing.show_one(_row(account) | more, as_json=as_json)


def _create(rack: Rack, as_json: bool, email: str, name: str, admin: bool) -> None:
    with rack.database.write() as connection:
        if people.first(connection) is None:
            account = registration.first_account(connection, rack.plans, email, COMMAND_LINE, name=name)
        else:
            account = people.create(connection, email, name=name, is_admin=admin, is_verified=True)
            audit.record(connection, Entry.ACCOUNT_CREATED, COMMAND_LINE, account.id)
    listing.show_one(_row(account), as_json=as_json)
    if not as_json:
        console.ERR.print("It has no password: its owner chooses one by “Forgotten?” on the sign-in page.")


def _suspend(rack: Rack, as_json: bool, email: str) -> None:
    with rack.database.write() as connection:
        account = whose.account(connection, email)
        people.suspend(connection, account.id, COMMAND_LINE)
        account = people.get(connection, account.id)
    listing.show_one(_row(account), as_json=as_json)


def _restore(rack: Rack, as_json: bool, email: str) -> None:
    with rack.database.write() as connection:
        account = whose.account(connection, email)
        people.restore(connection, account.id, COMMAND_LINE)
        account = people.get(connection, account.id)
    listing.show_one(_row(account), as_json=as_json)


def _plan(rack: Rack, as_json: bool, email: str, service: str, plan: str) -> None:
    with rack.database.write() as connection:
        account = whose.account(connection, email)
        given = entitlements.change_plan(connection, rack.plans, account.id, whose.service(service), plan, COMMAND_LINE)
    listing.show_one({"email": account.email, "service": given.service, "plan": given.name}, as_json=as_json)


_ACTIONS: dict[str, Callable[..., None]] = {
    "list": _list,
    "show": _show,
    "create": _create,
    "suspend": _suspend,
    "restore": _restore,
    "plan": _plan,
}


def _row(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "admin": account.is_admin,
        "credits": account.credit_balance,
        "created_at": account.created_at,
        "email_verified_at": account.email_verified_at,
        "suspended_at": account.suspended_at,
    }
