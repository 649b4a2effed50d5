"""What an account is entitled to, as those who run the house change it: its plan at each service, its credits."""

from __future__ import annotations

from sqlalchemy import Connection

from soundrack.accounts import audit, people
from soundrack.accounts.audit import Entry, Origin
from soundrack.billing import credits, subscriptions
from soundrack.billing.plans import Plan, Plans
from soundrack.database import locks
from soundrack.service import Service


def change_plan(
    connection: Connection, plans: Plans, account_id: str, service: Service, plan_name: str, origin: Origin
) -> Plan:
    """Give an account a plan at a service and return it; what the plan limits counts from the next request on.

    Raises
    ------
    Invalid
        If the service has no such plan.
    NotFound
        If there is no such account.
    """
    plan = plans.of(service, plan_name)
    locks.account(connection, account_id)
    before = subscriptions.plan_of(connection, plans, account_id, service)
    subscriptions.subscribe(connection, account_id, service, plan.name)
    if plan.name != before.name:
        audit.record(
            connection, Entry.PLAN_CHANGED, origin, account_id, service=service, plan=plan.name, before=before.name
        )
    return plan


def grant_credits(connection: Connection, account_id: str, amount: int, note: str, origin: Origin) -> int:
    """Add credits to an account and return its new balance.

    Raises
    ------
    Invalid
        If the amount or the note cannot be accepted.
    NotFound
        If there is no such account.
    """
    people.get(connection, account_id)
    credits.grant(connection, account_id, amount, note)
    audit.record(connection, Entry.CREDITS_GRANTED, origin, account_id, amount=amount, note=note)
    return credits.balance(connection, account_id)
