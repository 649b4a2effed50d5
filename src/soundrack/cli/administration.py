"""The commands by which the house is administered: accounts, plans, credits, jobs, webhooks, audit.

Only their words and options are here; what they do is in the file of the same name. What cannot be taken back asks
first, unless it is told ``--yes``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soundrack.cli.options import (
    Before,
    Data,
    DeliveryId,
    Email,
    JobId,
    Json,
    Limit,
    OnlyOf,
    Owner,
    ServiceName,
    WebhookId,
    Yes,
    ask,
    group,
    run,
)

accounts = group("Accounts and their plans.")
plans = group("Plans and their limits.")
credits = group("The credit ledger.")
jobs = group("Jobs of every account.")
webhooks = group("Webhooks and what was delivered to them.")


def register(app: typer.Typer) -> None:
    """Give an application these commands."""
    groups = {"accounts": accounts, "plans": plans, "credits": credits, "jobs": jobs, "webhooks": webhooks}
    for name, commands in groups.items():
        app.add_typer(commands, name=name)
    app.command("audit")(audit)


@accounts.command("list")
def accounts_list(json: Json = False, data: Data = None) -> None:
    """List all accounts."""
    run("accounts", action="list", as_json=json, data=data)


@accounts.command("show")
def accounts_show(email: Email, json: Json = False, data: Data = None) -> None:
    """Show an account, its plans and how many keys it has."""
    run("accounts", action="show", email=email, as_json=json, data=data)


@accounts.command("create")
def accounts_create(
    email: Email,
    name: Annotated[str, typer.Option(help="How its owner wants to be called.")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="It may look after others' accounts.")] = False,
    json: Json = False,
    data: Data = None,
) -> None:
    """Make an account. The first one owns the machine: the highest plans, and credits."""
    run("accounts", action="create", email=email, name=name, admin=admin, as_json=json, data=data)


@accounts.command("suspend")
def accounts_suspend(email: Email, yes: Yes = False, json: Json = False, data: Data = None) -> None:
    """Shut an account out at once: its keys, tokens and sessions open nothing until it is restored."""
    ask(f"Shut out {email}, with all keys, tokens and sessions?", yes)
    run("accounts", action="suspend", email=email, as_json=json, data=data)


@accounts.command("restore")
def accounts_restore(email: Email, json: Json = False, data: Data = None) -> None:
    """Let a suspended account in again: its keys and tokens work as before, people sign in anew."""
    run("accounts", action="restore", email=email, as_json=json, data=data)


@accounts.command("invite")
def accounts_invite(
    email: Annotated[
        str | None, typer.Argument(metavar="[EMAIL]", help="Only for this address.", show_default="for anybody")
    ] = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Make a link by which one account can be made, and mail it if it is for an address."""
    run("invite", email=email, as_json=json, data=data)


@accounts.command("plan")
def accounts_plan(
    email: Email,
    service: ServiceName,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="As `soundrack plans show` names it.")],
    json: Json = False,
    data: Data = None,
) -> None:
    """Give an account a plan at a service, from the next request on."""
    run("accounts", action="plan", email=email, service=service, plan=plan, as_json=json, data=data)


@plans.command("show")
def plans_show(
    service: Annotated[str | None, typer.Argument(metavar="[SERVICE]", help="Only of this one.")] = None,
    toml: Annotated[bool, typer.Option("--toml", help="As a file to edit and set as SOUNDRACK_PLANS.")] = False,
    json: Json = False,
    data: Data = None,
) -> None:
    """Show every plan with its limits, the lowest first."""
    run("plans", action="show", service=service, toml=toml, as_json=json, data=data)


@plans.command("check")
def plans_check(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The file.", show_default="the one that is set")
    ] = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Check a file of plans, and that it holds every plan that an account has. The exit code is 1 if it does not."""
    run("plans", action="check", file=file, as_json=json, data=data)


@credits.command("balance")
def credits_balance(account: Owner = None, json: Json = False, data: Data = None) -> None:
    """Show what an account has left."""
    run("credits", action="balance", email=account, as_json=json, data=data)


@credits.command("grant")
def credits_grant(
    email: Email,
    amount: Annotated[int, typer.Argument(min=1, help="How many.")],
    note: Annotated[str, typer.Option(help="Why, for whoever reads the ledger.")] = "granted by the operator",
    json: Json = False,
    data: Data = None,
) -> None:
    """Add credits to an account."""
    run("credits", action="grant", email=email, amount=amount, note=note, as_json=json, data=data)


@credits.command("entries")
def credits_entries(
    account: Owner = None, limit: Limit = 50, before: Before = None, json: Json = False, data: Data = None
) -> None:
    """Show an account's ledger, the newest entry first."""
    run("credits", action="entries", email=account, limit=limit, before=before, as_json=json, data=data)


@credits.command("check")
def credits_check(json: Json = False, data: Data = None) -> None:
    """Check that every balance is the sum of its entries. The exit code is 1 if one is not."""
    run("credits", action="check", as_json=json, data=data)


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
    run("jobs", action="list", email=account, status=status, limit=limit, as_json=json, data=data)


@jobs.command("show")
def jobs_show(job_id: JobId, json: Json = False, data: Data = None) -> None:
    """Show a job, its attempts and how it ended."""
    run("jobs", action="show", job_id=job_id, as_json=json, data=data)


@jobs.command("cancel")
def jobs_cancel(job_id: JobId, yes: Yes = False, json: Json = False, data: Data = None) -> None:
    """End a job that is queued or processing, and give its credits back."""
    ask(f"Cancel {job_id}?", yes)
    run("jobs", action="cancel", job_id=job_id, as_json=json, data=data)


@webhooks.command("list")
def webhooks_list(account: Owner = None, json: Json = False, data: Data = None) -> None:
    """List an account's webhooks."""
    run("webhooks", action="list", email=account, as_json=json, data=data)


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
    run(
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
    ask(f"Remove {webhook_id} with its deliveries?", yes)
    run("webhooks", action="remove", email=account, endpoint_id=webhook_id, as_json=json, data=data)


@webhooks.command("enable")
def webhooks_enable(webhook_id: WebhookId, account: Owner = None, json: Json = False, data: Data = None) -> None:
    """Switch a webhook on again that has failed for too long."""
    run("webhooks", action="enable", email=account, endpoint_id=webhook_id, as_json=json, data=data)


@webhooks.command("test")
def webhooks_test(
    webhook_id: WebhookId,
    event: Annotated[str | None, typer.Option(help="Which event.", show_default="the first that it wants")] = None,
    account: Owner = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Send a webhook a signed sample, once."""
    run("webhooks", action="test", email=account, endpoint_id=webhook_id, event=event, as_json=json, data=data)


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
    run(
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
    run("webhooks", action="show", email=account, delivery_id=delivery_id, as_json=json, data=data)


@webhooks.command("resend")
def webhooks_resend(delivery_id: DeliveryId, account: Owner = None, json: Json = False, data: Data = None) -> None:
    """Deliver again, under the same id, with a whole round of retries."""
    run("webhooks", action="resend", email=account, delivery_id=delivery_id, as_json=json, data=data)


def audit(
    account: OnlyOf = None, limit: Limit = 50, before: Before = None, json: Json = False, data: Data = None
) -> None:
    """Show the audit log, the newest entry first."""
    run("audit", email=account, limit=limit, before=before, as_json=json, data=data)
