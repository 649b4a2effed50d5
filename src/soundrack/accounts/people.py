"""Accounts: who owns keys, jobs and credits."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from soundrack import clock, ids
from soundrack.database.tables import accounts
from soundrack.errors import NotFound

FIRST_EMAIL = "owner@localhost"
"""Address of the account that a machine gets when it has none and nobody names one."""


@dataclass(frozen=True)
class Account:
    """One account."""

    id: str
    email: str
    credit_balance: int


def create(connection: Connection, email: str) -> Account:
    """Store a new account with no credits."""
    account = Account(ids.short("acc_"), email, 0)
    connection.execute(insert(accounts).values(id=account.id, email=email, credit_balance=0, created_at=clock.now()))
    return account


def find(connection: Connection, email: str) -> Account | None:
    """Return the account of an address, if there is one."""
    row = connection.execute(_COLUMNS.where(accounts.c.email == email)).first()
    return Account(*row) if row else None


def first(connection: Connection) -> Account | None:
    """Return the oldest account, if there is any."""
    row = connection.execute(_COLUMNS.order_by(accounts.c.created_at).limit(1)).first()
    return Account(*row) if row else None


def get(connection: Connection, account_id: str) -> Account:
    """Return an account.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    row = connection.execute(_COLUMNS.where(accounts.c.id == account_id)).first()
    if row is None:
        raise NotFound("No such account.")
    return Account(*row)


_COLUMNS = select(accounts.c.id, accounts.c.email, accounts.c.credit_balance)
