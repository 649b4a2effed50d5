"""``soundrack apps``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table
from sqlalchemy import Connection

from soundrack.accounts import people
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.accounts.oauth import clients
from soundrack.accounts.oauth.clients import Client
from soundrack.accounts.people import Account
from soundrack.cli import console
from soundrack.clock import iso_seconds
from soundrack.errors import Invalid, NotFound
from soundrack.rack import Rack, open_rack
from soundrack.service import Service


def run(action: str, data: Path | None, as_json: bool, **options: Any) -> None:
    """Register, list or revoke an application, or change its secret."""
    actions: dict[str, Callable[..., Any]] = {
        "register": _register,
        "list": _list,
        "rotate": _rotate,
        "revoke": _revoke,
    }
    with open_rack(console.settings(data=data)) as rack:
        actions[action](rack, as_json=as_json, **options)


def _register(
    rack: Rack,
    *,
    as_json: bool,
    name: str,
    service: str,
    redirect_uris: list[str],
    scope: str,
    grant_types: list[str],
    public: bool,
    email: str | None,
) -> None:
    if service not in set(Service):
        raise Invalid(f"There is no service {service!r}; there is: {', '.join(Service)}.", field="service")
    with rack.database.write() as connection:
        made = clients.register(
            connection,
            rack.secret,
            COMMAND_LINE,
            _account(connection, email).id,
            service=Service(service),
            name=name,
            scope=scope,
            redirect_uris=redirect_uris,
            grant_types=grant_types or (clients.CODE, clients.REFRESH),
            confidential=not public,
        )
    if as_json:
        print(json.dumps(_row(made.client) | {"client_secret": made.client_secret}, ensure_ascii=False))
        return
    console.OUT.print(f"client id      [bold]{made.client.id}[/bold]", highlight=False)
    if made.client_secret is None:
        console.ERR.print("This application is public: it has no secret and must use PKCE.")
    else:
        _show_secret(made.client_secret)


def _list(rack: Rack, *, as_json: bool, email: str | None) -> None:
    with rack.database.read() as connection:
        found = clients.owned(connection, rack.secret, _account(connection, email).id if email else None)
    if as_json:
        print(json.dumps([_row(client) for client in found], indent=2, ensure_ascii=False))
        return
    table = Table("id", "name", "service", "kind", "scope", "state", box=None, pad_edge=False)
    for client in found:
        kind = "public" if client.is_public else "confidential"
        state = "revoked" if client.revoked_at else "active"
        table.add_row(client.id, escape(client.name), client.service, kind, client.scope, state)
    console.OUT.print(table)


def _rotate(rack: Rack, *, as_json: bool, client_id: str) -> None:
    with rack.database.write() as connection:
        client_secret = clients.rotate_secret(connection, rack.secret, COMMAND_LINE, client_id)
    if as_json:
        print(json.dumps({"client_id": client_id, "client_secret": client_secret}))
    else:
        _show_secret(client_secret)


def _revoke(rack: Rack, *, as_json: bool, client_id: str) -> None:
    with rack.database.write() as connection:
        clients.revoke(connection, rack.secret, COMMAND_LINE, client_id)
    if as_json:
        print(json.dumps({"client_id": client_id, "revoked": True}))
    else:
        console.OUT.print("Revoked. All its tokens are refused from now on.")


def _account(connection: Connection, email: str | None) -> Account:
    found = people.find(connection, email) if email else people.first(connection)
    if found is None:
        raise NotFound(f"There is no account {email}." if email else "There is no account yet: soundrack setup.")
    return found


def _row(client: Client) -> dict[str, Any]:
    return {
        "client_id": client.id,
        "name": client.name,
        "service": client.service,
        "public": client.is_public,
        "redirect_uris": list(client.redirect_uris),
        "grant_types": list(client.grant_types),
        "scope": client.scope,
        "account_id": client.account_id,
        "created_at": iso_seconds(client.created_at),
        "revoked_at": iso_seconds(client.revoked_at) if client.revoked_at else None,
    }


def _show_secret(client_secret: str) -> None:
    console.OUT.print(f"client secret  [bold]{client_secret}[/bold]", highlight=False)
    console.ERR.print("This secret is shown once: keep it where secrets are kept.")
