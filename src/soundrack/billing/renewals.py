"""The credits that plans grant each month."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, literal, or_, select

from soundrack import clock
from soundrack.billing import credits
from soundrack.billing.plans import Plans
from soundrack.billing.quotas import month
from soundrack.billing.subscriptions import named
from soundrack.database.tables import accounts, credit_entries, subscriptions
from soundrack.service import Service

_AT_ONCE = 200


def renew(connection: Connection, plans: Plans) -> int:
    """Grant the month's credits of some subscriptions that have not had them, and return how many were granted.

    A subscription has its plan's credits once in each calendar month of UTC: in full, as soon as it is seen, whenever
    in the month it was taken up. Whoever changes the plan has had the month's, and next month has those of the new
    plan. A suspended account has none, and neither has one whose balance has no room for them.

    Several processes may renew at once. Call it, each time in a transaction of its own, until it returns 0.
    """
    this_month = month(clock.now())
    due = connection.execute(
        select(subscriptions.c.account_id, subscriptions.c.service, subscriptions.c.plan)
        .join(accounts, accounts.c.id == subscriptions.c.account_id)
        .where(
            _grants_credits(plans),
            ~_had(this_month),
            accounts.c.suspended_at.is_(None),
            accounts.c.credit_balance <= credits.LARGEST_BALANCE - _most(plans),
        )
        # in one order, so that processes that renew at once never wait for each other in a circle
        .order_by(subscriptions.c.account_id, subscriptions.c.service)
        .limit(_AT_ONCE)
    ).all()
    granted = 0
    for row in due:
        service = Service(row.service)
        plan = named(plans, service, row.plan)
        granted += credits.grant_once(
            connection,
            row.account_id,
            plan.credits_per_month,
            renewal=f"{this_month} {service}",
            note=f"{service} {plan.title}, {this_month}",
        )
    return granted


def _had(this_month: str) -> ColumnElement[bool]:
    return (
        select(credit_entries.c.id)
        .where(
            credit_entries.c.account_id == subscriptions.c.account_id,
            credit_entries.c.renewal == literal(f"{this_month} ") + subscriptions.c.service,
        )
        .exists()
    )


def _grants_credits(plans: Plans) -> ColumnElement[bool]:
    """Return the condition that the plan which `named` reads in a subscription has monthly credits."""
    stored = subscriptions.c.plan
    conditions: list[ColumnElement[bool]] = []
    for service in Service:
        names = [plan.name for plan in plans.of_service(service)]
        granting: ColumnElement[bool] = stored.in_(
            [plan.name for plan in plans.of_service(service) if plan.credits_per_month]
        )
        if plans.default(service).credits_per_month:
            granting = or_(granting, stored.not_in(names))
        conditions.append(and_(subscriptions.c.service == service, granting))
    return or_(*conditions)


def _most(plans: Plans) -> int:
    return max(plan.credits_per_month for service in Service for plan in plans.of_service(service))
