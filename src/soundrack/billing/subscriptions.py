"""Which plan an account has at each service."""

from __future__ import annotations

from sqlalchemy import Connection, select

from soundrack import clock
from soundrack.billing.plans import Plan, Plans
from soundrack.database import upsert
from soundrack.database.tables import subscriptions
from soundrack.errors import Invalid
from soundrack.service import Service


def subscribe(connection: Connection, account_id: str, service: Service, plan_name: str) -> None:
    """Give an account a plan, in place of the one that it has; `since` is when it last changed.

    Parameters
    ----------
    plan_name : str
        The name of a plan that `Plans.of` knows.
    """
    put = upsert.into(connection, subscriptions).values(
        account_id=account_id, service=service, plan=plan_name, since=clock.now()
    )
    connection.execute(
        put.on_conflict_do_update(
            index_elements=[subscriptions.c.account_id, subscriptions.c.service],
            set_={"plan": put.excluded.plan, "since": put.excluded.since},
            where=subscriptions.c.plan != put.excluded.plan,
        )
    )


def subscribe_highest(connection: Connection, plans: Plans, account_id: str) -> None:
    """Give an account the highest plan of every service: the first account of an installation owns the machine."""
    for service in Service:
        subscribe(connection, account_id, service, plans.highest(service).name)


def plan_of(connection: Connection, plans: Plans, account_id: str, service: Service) -> Plan:
    """Return the plan of an account at a service, as `named` reads what is stored."""
    stored = connection.execute(
        select(subscriptions.c.plan).where(subscriptions.c.account_id == account_id, subscriptions.c.service == service)
    ).scalar_one_or_none()
    return named(plans, service, stored)


def named(plans: Plans, service: Service, stored: str | None) -> Plan:
    """Return the plan that a stored name means.

    The lowest one for an account that was given none, and for a name that the operator's file no longer has: taking a
    plan out of the file must never give anybody more than they had, and never refuse what everybody has.
    """
    try:
        return plans.of(service, stored) if stored is not None else plans.default(service)
    except Invalid:
        return plans.default(service)


def stray(connection: Connection, plans: Plans) -> list[tuple[str, Service, str]]:
    """Return each subscription (account, service, plan) whose plan the file no longer has."""
    rows = connection.execute(
        select(subscriptions.c.account_id, subscriptions.c.service, subscriptions.c.plan)
        .distinct()
        .order_by(subscriptions.c.account_id, subscriptions.c.service)
    )
    known = {(service, plan.name) for service in Service for plan in plans.of_service(service)}
    return [(row.account_id, Service(row.service), row.plan) for row in rows if (row.service, row.plan) not in known]
