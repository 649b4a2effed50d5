"""``soundrack keys``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from soundrack import clock
from soundrack.accounts import keys, registration
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.accounts.keys import Key, NewKey, Reason
from soundrack.cli import console, listing, whose
from soundrack.outbound.webhooks.secrets import Signing
from soundrack.rack import Rack, open_rack


def run(action: str, data: Path | None, as_json: bool, **options: Any) -> None:
    """Do one of the commands to or about keys."""
    with open_rack(console.settings(data=data)) as rack:
        _ACTIONS[action](rack, as_json, **options)


def create(
    rack: Rack,
    service_name: str,
    label: str,
    email: str | None = None,
    *,
    expires_days: int | None = None,
    sandbox: bool = False,
) -> NewKey:
    """Make a key for an account, which is made too if it does not exist.

    The plan's number of keys does not bind whoever runs the house.

    Raises
    ------
    Invalid
        If there is no such service, or it has no sandbox.
    """
    service = whose.service(service_name)
    expires_at = clock.now() + timedelta(days=expires_days) if expires_days is not None else None
    with rack.database.write() as connection:
        account = registration.account_for(connection, rack.plans, email)
        return keys.create(
            connection,
            rack.secret,
            account.id,
            service,
            label,
            expires_at=expires_at,
            origin=COMMAND_LINE,
            sandbox=sandbox,
        )


def _create(
    rack: Rack,
    as_json: bool,
    service: str,
    label: str,
    email: str | None,
    expires_days: int | None,
    sandbox: bool,
) -> None:
    key = create(rack, service, label, email, expires_days=expires_days, sandbox=sandbox)
    if as_json:
        shown = {"id": key.id, "service": key.service, "label": key.label, "key": key.token}
        more = {"expires_at": key.expires_at} if key.expires_at else {}
        listing.show_one(shown | more | _secret(key.signing), as_json=True)
        return
    console.OUT.print(f"[bold]{key.token}[/bold]", highlight=False)
    if key.signing is not None:
        console.OUT.print(f"[bold]{key.signing.secret}[/bold]", highlight=False)
        console.ERR.print("The second signs its webhooks.")
    console.ERR.print("This key is shown once: keep it where secrets are kept.")


def _list(rack: Rack, as_json: bool, email: str | None, service: str | None) -> None:
    with rack.database.read() as connection:
        account = whose.account(connection, email)
        found = keys.of(connection, account.id, whose.service(service) if service else None)
    listing.show([_row(key) for key in found], as_json=as_json, empty="The account has no keys.")


def _revoke(rack: Rack, as_json: bool, email: str | None, key_id: str) -> None:
    with rack.database.write() as connection:
        account = whose.account(connection, email)
        keys.revoke(connection, account.id, key_id, because=Reason.OPERATOR, origin=COMMAND_LINE)
        key = keys.get(connection, account.id, key_id)
    listing.show_one(_row(key), as_json=as_json)


def _rotate_secret(
    rack: Rack, as_json: bool, email: str | None, service: str, key_id: str | None, overlap_h: int
) -> None:
    named = whose.service(service)
    with rack.database.write() as connection:
        account = whose.account(connection, email)
        signing = keys.rotate_signing_secret(
            connection,
            rack.vault,
            account.id,
            named,
            key_id,
            overlap=timedelta(hours=overlap_h),
            origin=COMMAND_LINE,
        )
    listing.show_one({"service": named, "key": key_id} | _secret(signing), as_json=as_json)
    if not as_json:
        console.ERR.print("This secret is shown once: keep it where secrets are kept.")


_ACTIONS: dict[str, Callable[..., None]] = {
    "create": _create,
    "list": _list,
    "revoke": _revoke,
    "rotate-secret": _rotate_secret,
}


def _secret(signing: Signing | None) -> dict[str, str]:
    return {} if signing is None else {"signing_secret": signing.secret}


def _row(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "service": key.service,
        "key": f"{key.shown_prefix}…",
        "label": key.label,
        "state": key.state,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "revoked_because": key.revoked_because,
    }
