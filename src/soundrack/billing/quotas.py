"""The month's requests: counted in the transaction that does what they ask for, so that what fails is not counted.

A month is a calendar month in UTC. The count is exact under parallel transactions, since it is one guarded statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select

from soundrack import clock
from soundrack.billing.plans import Plan
from soundrack.database import upsert
from soundrack.database.tables import monthly_usage
from soundrack.errors import QuotaExceeded

_SECOND = timedelta(seconds=1)

USED = select(monthly_usage.c.used).where(
    monthly_usage.c.subject == bindparam("subject"), monthly_usage.c.month == bindparam("month")
)
"""What a subject has used in a month, for `Lookups`; no row: nothing."""


@dataclass(frozen=True)
class Quota:
    """How a subject stands in its month.

    Parameters
    ----------
    limit, remaining : int or None
        None: no limit.
    used : int
        Requests counted in this month.
    reset_at : datetime
        The first moment of the next month.
    """

    limit: int | None
    used: int
    remaining: int | None
    reset_at: datetime


def spend(connection: Connection, subject: str, plan: Plan, amount: int = 1) -> Quota:
    """Count requests of a subject, and return how it then stands; they count once the transaction commits.

    Parameters
    ----------
    subject : str
        Whose month it is: a key, or an account at a service; at most 80 characters.
    amount : int
        At least 1.

    Raises
    ------
    QuotaExceeded
        If fewer than `amount` are left; nothing is counted, and it tells how long the month lasts.
    """
    if amount < 1:
        raise ValueError("at least one request is counted")
    now, limit = clock.now(), plan.requests_per_month
    if limit is not None and amount > limit:
        raise _exceeded(plan, now)
    put = upsert.into(connection, monthly_usage).values(subject=subject, month=month(now), used=amount)
    used = monthly_usage.c.used + put.excluded.used
    counted = connection.execute(
        put.on_conflict_do_update(
            index_elements=[monthly_usage.c.subject, monthly_usage.c.month],
            set_={"used": used},
            where=used <= limit if limit is not None else None,
        ).returning(monthly_usage.c.used)
    ).scalar_one_or_none()
    if counted is None:
        raise _exceeded(plan, now)
    return quota(plan, counted, now)


def check(plan: Plan, standing: Quota) -> None:
    """Refuse what is to be counted and would not be let through, before anything is done for it.

    Raises
    ------
    QuotaExceeded
        If nothing is left.
    """
    if standing.remaining == 0:
        raise _exceeded(plan, clock.now())


def standing(connection: Connection, subject: str, plan: Plan) -> Quota:
    """Return how a subject stands."""
    now = clock.now()
    used = connection.execute(USED, {"subject": subject, "month": month(now)}).scalar_one_or_none()
    return quota(plan, used or 0, now)


def quota(plan: Plan, used: int, now: datetime) -> Quota:
    """Return how whoever has used so much stands."""
    limit = plan.requests_per_month
    return Quota(limit, used, None if limit is None else max(0, limit - used), next_month(now))


def forget(connection: Connection) -> None:
    """Delete the months before the last one."""
    last = month(month_start(clock.now()) - _SECOND)
    connection.execute(delete(monthly_usage).where(monthly_usage.c.month < last))


def month(moment: datetime) -> str:
    """Return the month of a moment, in UTC: ``2026-11``."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def month_start(moment: datetime) -> datetime:
    """Return the first moment of a moment's month."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(moment: datetime) -> datetime:
    """Return the first moment of the month after a moment's."""
    start = month_start(moment)
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def _exceeded(plan: Plan, now: datetime) -> QuotaExceeded:
    reset_at = next_month(now)
    return QuotaExceeded(
        f"The {plan.requests_per_month} requests a month of the plan {plan.title} are used up; "
        f"the next month begins at {clock.iso_seconds(reset_at)}.",
        retry_after_s=-(-(reset_at - now) // _SECOND),
    )
