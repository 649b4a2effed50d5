"""The credit ledger: append-only, one row a movement, and a balance that only ever moves with a row.

The database holds the laws itself: a balance below zero, a second charge or refund of the same job and a second grant
of the same month are refused by constraints.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from soundrack import clock
from soundrack.database import upsert
from soundrack.database.tables import accounts, credit_entries
from soundrack.errors import Invalid, NotEnoughCredits, NotFound
from soundrack.outbound.webhooks import events
from soundrack.outbound.webhooks.events import Event
from soundrack.service import Service

FIRST_GRANT = 10_000
"""Credits of a self-hosted first account."""

LARGEST_BALANCE = 2_000_000_000
"""What grants may fill an account up to; refunds have room above it."""

_LONGEST_NOTE = 200


@dataclass(frozen=True)
class Entry:
    """One movement of an account's credits.

    Parameters
    ----------
    kind : str
        ``grant``, ``charge`` or ``refund``.
    amount : int
        What was added; negative for a charge.
    """

    id: int
    kind: str
    amount: int
    job_id: str | None
    note: str
    created_at: datetime


@dataclass(frozen=True)
class Mismatch:
    """An account whose balance is not the sum of its rows."""

    account_id: str
    balance: int
    entered: int


@dataclass(frozen=True)
class Standing:
    """What an account has left, and below how much ``credits.low`` is told."""

    balance: int
    low_threshold: int


def grant(connection: Connection, account_id: str, amount: int, note: str) -> None:
    """Add credits to an account.

    Parameters
    ----------
    amount : int
        1 to `LARGEST_BALANCE`.
    note : str
        Why, for whoever reads the ledger; at most 200 characters.

    Raises
    ------
    Invalid
        If the amount or the note is out of bounds, or the balance would be; nothing is changed.
    NotFound
        If there is no such account.
    """
    if not 1 <= amount <= LARGEST_BALANCE:
        raise Invalid(f"A grant is 1 to {LARGEST_BALANCE} credits.", field="amount")
    if len(note) > _LONGEST_NOTE:
        raise Invalid(f"A note has at most {_LONGEST_NOTE} characters.", field="note")
    _fill(connection, account_id, amount)
    _enter(connection, account_id, "grant", amount, note=note)


def grant_once(connection: Connection, account_id: str, amount: int, renewal: str, note: str) -> bool:
    """Add credits to an account unless it has had those of the same name; return whether it had not.

    Raises
    ------
    Invalid, NotFound
        As `grant`.
    """
    entered = connection.execute(
        upsert.into(connection, credit_entries)
        .values(
            account_id=account_id,
            kind="grant",
            amount=amount,
            renewal=renewal,
            note=note,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=[credit_entries.c.account_id, credit_entries.c.renewal])
        .returning(credit_entries.c.id)
    ).one_or_none()
    if entered is None:
        return False
    _fill(connection, account_id, amount)
    return True


def charge(connection: Connection, account_id: str, amount: int, job_id: str, *, service: Service) -> None:
    """Take the price of a job, in the transaction that stores it.

    A charge that takes the balance from the account's threshold, or from above, to below it is told by an event
    ``credits.low`` of the service.

    Raises
    ------
    NotEnoughCredits
        If the balance does not cover it; nothing is changed.
    """
    if amount < 0:
        raise ValueError("a charge takes credits")
    charged = connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.credit_balance >= amount)
        .values(credit_balance=accounts.c.credit_balance - amount)
        .returning(accounts.c.credit_balance, accounts.c.low_credit_threshold)
    ).one_or_none()
    if charged is None:
        raise NotEnoughCredits(
            "Your account does not have enough credits for this operation.",
            balance=balance(connection, account_id),
            required=amount,
        )
    _enter(connection, account_id, "charge", -amount, job_id=job_id)
    left, threshold = charged
    if left < threshold <= left + amount:
        events.record(
            connection, Event.CREDITS_LOW, account_id, service, data={"balance": left, "threshold": threshold}
        )


def refund(connection: Connection, account_id: str, amount: int, job_id: str) -> None:
    """Give the price of a job back, in the transaction that ends it."""
    if amount < 0:
        raise ValueError("a refund gives credits")
    connection.execute(
        update(accounts).where(accounts.c.id == account_id).values(credit_balance=accounts.c.credit_balance + amount)
    )
    _enter(connection, account_id, "refund", amount, job_id=job_id)


def balance(connection: Connection, account_id: str) -> int:
    """Return what an account has left."""
    found: int = connection.execute(select(accounts.c.credit_balance).where(accounts.c.id == account_id)).scalar_one()
    return found


def standing(connection: Connection, account_id: str) -> Standing:
    """Return how an account stands.

    Raises
    ------
    NotFound
        If there is no such account.
    """
    row = connection.execute(
        select(accounts.c.credit_balance, accounts.c.low_credit_threshold).where(accounts.c.id == account_id)
    ).one_or_none()
    if row is None:
        raise NotFound("No such account.")
    return Standing(*row)


def entries(connection: Connection, account_id: str, limit: int = 50, before: int | None = None) -> list[Entry]:
    """Return rows of an account's ledger, the newest first.

    Parameters
    ----------
    before : int, optional
        The id of the last row of the page before this one.
    """
    rows = (
        select(*(credit_entries.c[name] for name in Entry.__annotations__))
        .where(credit_entries.c.account_id == account_id)
        .order_by(credit_entries.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        rows = rows.where(credit_entries.c.id < before)
    return [Entry(*row) for row in connection.execute(rows)]


def audit(connection: Connection) -> list[Mismatch]:
    """Return each account whose balance is not the sum of its rows: none, unless somebody has changed the tables."""
    entered = func.coalesce(func.sum(credit_entries.c.amount), 0)
    rows = connection.execute(
        select(accounts.c.id, accounts.c.credit_balance, entered)
        .outerjoin(credit_entries, credit_entries.c.account_id == accounts.c.id)
        .group_by(accounts.c.id, accounts.c.credit_balance)
        .having(accounts.c.credit_balance != entered)
        .order_by(accounts.c.id)
    )
    return [Mismatch(*row) for row in rows]


def _fill(connection: Connection, account_id: str, amount: int) -> None:
    filled = connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.credit_balance <= LARGEST_BALANCE - amount)
        .values(credit_balance=accounts.c.credit_balance + amount)
    )
    if filled.rowcount == 1:
        return
    if connection.execute(select(accounts.c.id).where(accounts.c.id == account_id)).one_or_none() is None:
        raise NotFound("No such account.")
    raise Invalid(f"An account holds at most {LARGEST_BALANCE} credits.", field="amount")


def _enter(connection: Connection, account_id: str, kind: str, amount: int, **details: Any) -> None:
    connection.execute(
        insert(credit_entries).values(
            account_id=account_id,
            kind=kind,
            amount=amount,
            created_at=clock.now(),
            **{"note": ""} | details,
        )
    )
