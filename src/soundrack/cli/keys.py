"""``soundrack keys create``."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import Connection

from soundrack.accounts import keys, people
from soundrack.accounts.keys import NewKey
from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.cli import console
from soundrack.errors import Invalid
from soundrack.rack import Rack, open_rack
from soundrack.service import Service


def run(service_name: str, label: str, email: str | None, as_json: bool, data: Path | None) -> None:
    """Make a key and show it."""
    with open_rack(console.settings(data=data)) as rack:
        key = create(rack, service_name, label, email)
    if as_json:
        print(json.dumps({"id": key.id, "service": key.service, "label": key.label, "key": key.token}))
        return
    console.OUT.print(f"[bold]{key.token}[/bold]", highlight=False)
    console.ERR.print("This key is shown once: keep it where secrets are kept.")


def create(rack: Rack, service_name: str, label: str, email: str | None = None) -> NewKey:
    """Make a key for an account, which is made too if it does not exist.

    Raises
    ------
    Invalid
        If there is no such service.
    """
    try:
        service = Service(service_name)
    except ValueError:
        known = ", ".join(Service)
        raise Invalid(f"There is no service {service_name!r}; there is: {known}.", field="service") from None
    with rack.database.write() as connection:
        account = _account(connection, email)
        return keys.create(connection, rack.secret, account.id, service, label)


def _account(connection: Connection, email: str | None) -> Account:
    first = people.first(connection)
    found = people.find(connection, email) if email else first
    if found is not None:
        return found
    account = people.create(connection, email or people.FIRST_EMAIL)
    if first is None:
        credits.grant(connection, account.id, credits.FIRST_GRANT, "first account of this installation")
    return account
