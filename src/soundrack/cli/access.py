"""The commands about who and what is let in: keys, networks, OAuth applications, leaked keys.

Only their words and options are here; what they do is in the file of the same name. What cannot be taken back asks
first, unless it is told ``--yes``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soundrack.cli.options import Data, Json, KeyId, Owner, ServiceName, Yes, ask, group, run

keys = group("API keys and the secrets that sign webhooks.")
networks = group("Networks from which alone an account's keys are accepted.")
apps = group("OAuth applications.")
leaks = group("Keys that lie where they should not.")


def register(app: typer.Typer) -> None:
    """Give an application these commands."""
    for commands, name in ((keys, "keys"), (networks, "networks"), (apps, "apps"), (leaks, "leaks")):
        app.add_typer(commands, name=name)


@keys.command("create")
def keys_create(
    service: Annotated[str, typer.Argument(help="The service it opens: blacklab.")],
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    account: Owner = None,
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days until it stops working.", show_default="never")
    ] = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="A test key: it opens BlackLab's sandbox alone.")] = False,
    json: Json = False,
    data: Data = None,
) -> None:
    """Make an API key. It is shown once. An account that does not exist yet is made."""
    run(
        "keys",
        action="create",
        service=service,
        label=label,
        email=account,
        expires_days=expires_days,
        sandbox=sandbox,
        as_json=json,
        data=data,
    )


@keys.command("list")
def keys_list(
    account: Owner = None,
    service: Annotated[str | None, typer.Option(help="Only of this service.", show_default=False)] = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """List an account's keys, those that are revoked or expired too."""
    run("keys", action="list", email=account, service=service, as_json=json, data=data)


@keys.command("revoke")
def keys_revoke(key_id: KeyId, account: Owner = None, yes: Yes = False, json: Json = False, data: Data = None) -> None:
    """Have a key open nothing any more, from the next request on."""
    ask(f"Revoke {key_id} for ever?", yes)
    run("keys", action="revoke", email=account, key_id=key_id, as_json=json, data=data)


@keys.command("rotate-secret")
def keys_rotate_secret(
    service: ServiceName,
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY_ID", help="Where each key has a secret of its own.", show_default=False),
    ] = None,
    overlap_h: Annotated[int, typer.Option(min=0, max=720, help="Hours for which the old one signs too.")] = 24,
    account: Owner = None,
    yes: Yes = False,
    json: Json = False,
    data: Data = None,
) -> None:
    """Replace the secret that signs an account's webhooks. The new one is shown once."""
    ask("Replace the signing secret?", yes)
    run(
        "keys",
        action="rotate-secret",
        email=account,
        service=service,
        key_id=key,
        overlap_h=overlap_h,
        as_json=json,
        data=data,
    )


@networks.command("list")
def networks_list(account: Owner = None, json: Json = False, data: Data = None) -> None:
    """List the networks from which an account's keys are accepted."""
    run("networks", action="list", email=account, as_json=json, data=data)


@networks.command("add")
def networks_add(
    service: ServiceName,
    network: Annotated[str, typer.Argument(metavar="NETWORK", help="198.51.100.7, 198.51.100.0/24, 2001:db8::/32.")],
    note: Annotated[str, typer.Option(help="What it is.")] = "",
    account: Owner = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Accept an account's keys from a network; with the first one, from nowhere else any more."""
    run("networks", action="add", email=account, service=service, network=network, note=note, as_json=json, data=data)


@networks.command("remove")
def networks_remove(
    network_id: Annotated[str, typer.Argument(metavar="NETWORK_ID", help="net_…")],
    account: Owner = None,
    yes: Yes = False,
    json: Json = False,
    data: Data = None,
) -> None:
    """Take a network off the list; with the last one gone, keys are accepted from everywhere."""
    ask(f"Take {network_id} off the list?", yes)
    run("networks", action="remove", email=account, network_id=network_id, as_json=json, data=data)


@apps.command("register")
def apps_register(
    name: Annotated[str, typer.Argument(help="Its name, as people see it when they are asked.")],
    scope: Annotated[str, typer.Option(help="The most that it may ask for, space separated.")],
    redirect_uri: Annotated[
        list[str] | None,
        typer.Option(help="Where people may be sent back to; may be given 10 times.", show_default=False),
    ] = None,
    grant: Annotated[
        list[str] | None,
        typer.Option(
            help="authorization_code, refresh_token or client_credentials; may be given several times.",
            show_default="authorization_code and refresh_token",
        ),
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="It cannot keep a secret; it must use PKCE.")] = False,
    service: Annotated[str, typer.Option(help="The service that it uses.")] = "blacklab",
    account: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Whose it is.", show_default="the first account's")
    ] = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Register an application. Its secret is shown once."""
    run(
        "apps",
        action="register",
        name=name,
        service=service,
        redirect_uris=redirect_uri or [],
        scope=scope,
        grant_types=grant or [],
        public=public,
        email=account,
        as_json=json,
        data=data,
    )


@apps.command("list")
def apps_list(
    account: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Only this account's.", show_default=False)
    ] = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """List applications, the revoked ones too."""
    run("apps", action="list", email=account, as_json=json, data=data)


ClientId = Annotated[str, typer.Argument(metavar="CLIENT_ID", help="app_…")]


@apps.command("rotate")
def apps_rotate(client_id: ClientId, json: Json = False, data: Data = None) -> None:
    """Give an application a new secret; the old one is refused at once. What people granted stays."""
    run("apps", action="rotate", client_id=client_id, as_json=json, data=data)


@apps.command("revoke")
def apps_revoke(client_id: ClientId, json: Json = False, data: Data = None) -> None:
    """End an application with all that people granted it."""
    run("apps", action="revoke", client_id=client_id, as_json=json, data=data)


@leaks.command("scan")
def leaks_scan(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders; - is standard input.")],
    check: Annotated[bool, typer.Option("--check", help="Say of each key whether it is active here.")] = False,
    max_mb: Annotated[
        int | None, typer.Option(min=1, help="Search so much of a file at most, unpacked.", show_default="1000")
    ] = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Search files for keys of the five services, offline. The exit code is 1 if there are any that may be in use."""
    run("leaks", command="scan", paths=paths, check=check, most_mb=max_mb, as_json=json, data=data)


@leaks.command("patterns")
def leaks_patterns() -> None:
    """Print the regular expressions of all keys as JSON, for other scanners."""
    run("leaks", command="patterns")
