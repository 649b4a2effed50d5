"""The commands by which the house is administered: accounts, keys, plans, credits, jobs, webhooks, networks, audit.

Only their words and options are here; what they do is in the file of the same name. What cannot be taken back asks
first, unless it is told ``--yes``.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

Data = Annotated[Path | None, typer.Option(help="Folder of the database, objects and secret.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="Whose.")]
Owner = Annotated[
    str | None, typer.Option("--account", metavar="EMAIL", help="Whose.", show_default="the first account's")
]
OnlyOf = Annotated[
    str | None, typer.Option("--account", metavar="EMAIL", help="Only this account's.", show_default=False)
]
ServiceName = Annotated[str, typer.Argument(metavar="SERVICE", help="blacklab, masterify, signalkey, audiolib…")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")]
Before = Annotated[
    int | None, typer.Option(min=1, help="Only what is older than the entry of this id.", show_default=False)
]
KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="key_…")]
JobId = Annotated[str, typer.Argument(metavar="JOB_ID", help="job_…")]
WebhookId = Annotated[str, typer.Argument(metavar="WEBHOOK_ID", help="whe_…")]
DeliveryId = Annotated[str, typer.Argument(metavar="DELIVERY_ID", help="As the receiver sees it.")]


def _group(words: str) -> typer.Typer:
    return typer.Typer(help=words, no_args_is_help=True)


accounts = _group("Accounts and their plans.")
keys = _group("API keys and the secrets that sign webhooks.")
plans = _group("Plans and their limits.")
credits = _group("The credit ledger.")
jobs = _group("Jobs of every account.")
webhooks = _group("Webhooks and what was delivered to them.")
networks = _group("Networks from which alone an account's keys are accepted.")


def register(app: typer.Typer) -> None:
    """Give an application these commands."""
    for group, name in (
        (accounts, "accounts"), (keys, "keys"), (plans, "plans"), (credits, "credits"), (jobs, "jobs"),
        (webhooks, "webhooks"), (networks, "networks"),
    ):  # fmt: skip
        app.add_typer(group, name=name)
    app.command("audit")(audit)


@accounts.command("list")
def accounts_list(json: Json = False, data: Data = None) -> None:
    """List all accounts."""
    _run("accounts", action="list", as_json=json, data=data)


@accounts.command("show")
def accounts_show(email: Email, json: Json = False, data: Data = None) -> None:
    """Show an account, its plans and how many keys it has."""
    _run("accounts", action="show", email=email, as_json=json, data=data)


@accounts.command("create")
def accounts_create(
    email: Email,
    name: Annotated[str, typer.Option(help="How its owner wants to be called.")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="It may look after others' accounts.")] = False,
    json: Json = False,
    data: Data = None,
) -> None:
    """Make an account. The first one owns the machine: the highest plans, and credits."""
    _run("accounts", action="create", email=email, name=name, admin=admin, as_json=json, data=data)


@accounts.command("suspend")
def accounts_suspend(email: Email, yes: Yes = False, json: Json = False, data: Data = None) -> None:
    """Shut an account out at once: its keys, tokens and sessions open nothing until it is restored."""
    _ask(f"Shut out {email}, with all keys, tokens and sessions?", yes)
    _run("accounts", action="suspend", email=email, as_json=json, data=data)


@accounts.command("restore")
def accounts_restore(email: Email, json: Json = False, data: Data = None) -> None:
    """Let a suspended account in again: its keys and tokens work as before, people sign in anew."""
    _run("accounts", action="restore", email=email, as_json=json, data=data)


@accounts.command("invite")
def accounts_invite(
    email: Annotated[
        str | None, typer.Argument(metavar="[EMAIL]", help="Only for this address.", show_default="for anybody")
    ] = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Make a link by which one account can be made, and mail it if it is for an address."""
    _run("invite", email=email, as_json=json, data=data)


@accounts.command("plan")
def accounts_plan(
    email: Email,
    service: ServiceName,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="As `soundrack plans show` names it.")],
    json: Json = False,
    data: Data = None,
) -> None:
    """Give an account a plan at a service, from the next request on."""
    _run("accounts", action="plan", email=email, service=service, plan=plan, as_json=json, data=data)


@keys.command("create")
def keys_create(
    service: Annotated[str, typer.Argument(help="The service it opens: blacklab.")],
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    account: Owner = None,
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days until it stops working.", show_default="never")
    ] = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Make an API key. It is shown once. An account that does not exist yet is made."""
    _run(
        "keys",
        action="create",
        service=service,
        label=label,
        email=account,
        expires_days=expires_days,
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
    _run("keys", action="list", email=account, service=service, as_json=json, data=data)


@keys.command("revoke")
def keys_revoke(key_id: KeyId, account: Owner = None, yes: Yes = False, json: Json = False, data: Data = None) -> None:
    """Have a key open nothing any more, from the next request on."""
    _ask(f"Revoke {key_id} for ever?", yes)
    _run("keys", action="revoke", email=account, key_id=key_id, as_json=json, data=data)


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
    _ask("Replace the signing secret?", yes)
    _run(
        "keys",
        action="rotate-secret",
        email=account,
        service=service,
        key_id=key,
        overlap_h=overlap_h,
        as_json=json,
        data=data,
    )


@plans.command("show")
def plans_show(
    service: Annotated[str | None, typer.Argument(metavar="[SERVICE]", help="Only of this one.")] = None,
    toml: Annotated[bool, typer.Option("--toml", help="As a file to edit and set as SOUNDRACK_PLANS.")] = False,
    json: Json = False,
    data: Data = None,
) -> None:
    """Show every plan with its limits, the lowest first."""
    _run("plans", action="show", service=service, toml=toml, as_json=json, data=data)


@plans.command("check")
def plans_check(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The file.", show_default="the one that is set")
    ] = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Check a file of plans, and that it holds every plan that an account has. The exit code is 1 if it does not."""
    _run("plans", action="check", file=file, as_json=json, data=data)


@credits.command("balance")
def credits_balance(account: Owner = None, json: Json = False, data: Data = None) -> None:
    """Show what an account has left."""
    _run("credits", action="balance", email=account, as_json=json, data=data)


@credits.command("grant")
def credits_grant(
    email: Email,
    amount: Annotated[int, typer.Argument(min=1, help="How many.")],
    note: Annotated[str, typer.Option(help="Why, for whoever reads the ledger.")] = "granted by the operator",
    json: Json = False,
    data: Data = None,
) -> None:
    """Add credits to an account."""
    _run("credits", action="grant", email=email, amount=amount, note=note, as_json=json, data=data)


@credits.command("entries")
def credits_entries(
    account: Owner = None, limit: Limit = 50, before: Before = None, json: Json = False, data: Data = None
) -> None:
    """Show an account's ledger, the newest entry first."""
    _run("credits", action="entries", email=account, limit=limit, before=before, as_json=json, data=data)


@credits.command("check")
def credits_check(json: Json = False, data: Data = None) -> None:
    """Check that every balance is the sum of its entries. The exit code is 1 if one is not."""
    _run("credits", action="check", as_json=json, data=data)


@jobs.command("list")
def jobs_list(
    account: OnlyOf = None,
    status: Annotated[
        str | None,
        typer.Option(help="queued, processing, completed, failed or cancelled.", show_default=False),
    ] = None,
    limit: Limit = 50,
    json: Json = False,
    data: Data = None,
) -> None:
    """List jobs, the newest first."""
    _run("jobs", action="list", email=account, status=status, limit=limit, as_json=json, data=data)


@jobs.command("show")
def jobs_show(job_id: JobId, json: Json = False, data: Data = None) -> None:
    """Show a job, its attempts and how it ended."""
    _run("jobs", action="show", job_id=job_id, as_json=json, data=data)


@jobs.command("cancel")
def jobs_cancel(job_id: JobId, yes: Yes = False, json: Json = False, data: Data = None) -> None:
    """End a job that is queued or processing, and give its credits back."""
    _ask(f"Cancel {job_id}?", yes)
    _run("jobs", action="cancel", job_id=job_id, as_json=json, data=data)


@webhooks.command("list")
def webhooks_list(account: Owner = None, json: Json = False, data: Data = None) -> None:
    """List an account's webhooks."""
    _run("webhooks", action="list", email=account, as_json=json, data=data)


@webhooks.command("add")
def webhooks_add(
    service: ServiceName,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to post.")],
    event: Annotated[
        list[str] | None,
        typer.Option(help="An event that is wanted; may be given several times.", show_default="all"),
    ] = None,
    label: Annotated[str, typer.Option(help="What it is.")] = "",
    account: Owner = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Have an account told at a URL what happens at a service. A new signing secret is shown once."""
    _run(
        "webhooks",
        action="add",
        email=account,
        service=service,
        url=url,
        events=event or [],
        label=label,
        as_json=json,
        data=data,
    )


@webhooks.command("remove")
def webhooks_remove(
    webhook_id: WebhookId, account: Owner = None, yes: Yes = False, json: Json = False, data: Data = None
) -> None:
    """Remove a webhook, with all its deliveries."""
    _ask(f"Remove {webhook_id} with its deliveries?", yes)
    _run("webhooks", action="remove", email=account, endpoint_id=webhook_id, as_json=json, data=data)


@webhooks.command("enable")
def webhooks_enable(webhook_id: WebhookId, account: Owner = None, json: Json = False, data: Data = None) -> None:
    """Switch a webhook on again that has failed for too long."""
    _run("webhooks", action="enable", email=account, endpoint_id=webhook_id, as_json=json, data=data)


@webhooks.command("test")
def webhooks_test(
    webhook_id: WebhookId,
    event: Annotated[str | None, typer.Option(help="Which event.", show_default="the first that it wants")] = None,
    account: Owner = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Send a webhook a signed sample, once."""
    _run("webhooks", action="test", email=account, endpoint_id=webhook_id, event=event, as_json=json, data=data)


@webhooks.command("deliveries")
def webhooks_deliveries(
    webhook: Annotated[
        str | None, typer.Option(metavar="WEBHOOK_ID", help="Only to this one.", show_default=False)
    ] = None,
    job: Annotated[str | None, typer.Option(metavar="JOB_ID", help="Only of this job.", show_default=False)] = None,
    limit: Limit = 50,
    account: Owner = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """List what was or is to be delivered, the newest first."""
    _run(
        "webhooks",
        action="deliveries",
        email=account,
        endpoint_id=webhook,
        job_id=job,
        limit=limit,
        as_json=json,
        data=data,
    )


@webhooks.command("show")
def webhooks_show(delivery_id: DeliveryId, account: Owner = None, json: Json = False, data: Data = None) -> None:
    """Show a delivery with every attempt and what the receiver answered."""
    _run("webhooks", action="show", email=account, delivery_id=delivery_id, as_json=json, data=data)


@webhooks.command("resend")
def webhooks_resend(delivery_id: DeliveryId, account: Owner = None, json: Json = False, data: Data = None) -> None:
    """Deliver again, under the same id, with a whole round of retries."""
    _run("webhooks", action="resend", email=account, delivery_id=delivery_id, as_json=json, data=data)


@networks.command("list")
def networks_list(account: Owner = None, json: Json = False, data: Data = None) -> None:
    """List the networks from which an account's keys are accepted."""
    _run("networks", action="list", email=account, as_json=json, data=data)


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
    _run("networks", action="add", email=account, service=service, network=network, note=note, as_json=json, data=data)


@networks.command("remove")
def networks_remove(
    network_id: Annotated[str, typer.Argument(metavar="NETWORK_ID", help="net_…")],
    account: Owner = None,
    yes: Yes = False,
    json: Json = False,
    data: Data = None,
) -> None:
    """Take a network off the list; with the last one gone, keys are accepted from everywhere."""
    _ask(f"Take {network_id} off the list?", yes)
    _run("networks", action="remove", email=account, network_id=network_id, as_json=json, data=data)


def audit(
    account: OnlyOf = None, limit: Limit = 50, before: Before = None, json: Json = False, data: Data = None
) -> None:
    """Show the audit log, the newest entry first."""
    _run("audit", email=account, limit=limit, before=before, as_json=json, data=data)


def _ask(question: str, yes: bool) -> None:
    if not yes:
        typer.confirm(question, abort=True, err=True)


def _run(module: str, **options: Any) -> None:
    raise typer.Exit(import_module(f"soundrack.cli.{module}").run(**options) or 0)
