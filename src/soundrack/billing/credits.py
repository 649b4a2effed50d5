"""The credit ledger: append-only, one row a movement, and a balance that only ever moves with a row.

The database holds the two laws itself: a balance below zero and a second charge or refund of the same job are
refused by constraints.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from soundrack import clock
from soundrack.database.tables import accounts, credit_entries
from soundrack.errors import NotEnoughCredits

FIRST_GRANT = 10_000
"""Credits of a self-hosted first account."""


def grant(connection: Connection, account_id: str, amount: int, note: str) -> None:
    """Add credits to an account."""
    if amount <= 0:
        raise ValueError("a grant is positive")
    _move(connection, account_id, amount)
    _enter(connection, account_id, "grant", amount, note=note)


def charge(connection: Connection, account_id: str, amount: int, job_id: str) -> None:
    """Take the price of a job, in the transaction that stores it.

    Raises
    ------
    NotEnoughCredits
        If the balance does not cover it; nothing is changed.
    """
    if not _move(connection, account_id, -amount):
        raise NotEnoughCredits("Your account does not have enough credits for this operation.")
    _enter(connection, account_id, "charge", -amount, job_id=job_id)


def refund(connection: Connection, account_id: str, amount: int, job_id: str) -> None:
    """Give the price of a job back, in the transaction that ends it."""
    _move(connection, account_id, amount)
    _enter(connection, account_id, "refund", amount, job_id=job_id)


def balance(connection: Connection, account_id: str) -> int:
    """Return what an account has left."""
    found: int = connection.execute(select(accounts.c.credit_balance).where(accounts.c.id == account_id)).scalar_one()
    return found


def _move(connection: Connection, account_id: str, amount: int) -> bool:
    moved = connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.credit_balance + amount >= 0)
        .values(credit_balance=accounts.c.credit_balance + amount)
    )
    return moved.rowcount == 1


def _enter(
    connection: Connection, account_id: str, kind: str, amount: int, *, job_id: str | None = None, note: str = ""
) -> None:
    connection.execute(
        insert(credit_entries).values(
            account_id=account_id, kind=kind, amount=amount, job_id=job_id, note=note, created_at=clock.now()
        )
    )
