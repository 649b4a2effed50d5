"""Locks that last until the transaction ends, for rules that no constraint can hold."""

from __future__ import annotations

from sqlalchemy import Connection, update

from soundrack.database.tables import accounts
from soundrack.errors import NotFound


def account(connection: Connection, account_id: str) -> None:
    """Hold an account's row, so that whoever else asks for it waits until this transaction has ended.

    An update that changes nothing is a lock that SQLite and PostgreSQL both know. Take it before looking: under
    PostgreSQL's READ COMMITTED what is read afterwards is what the last holder left behind.

    Raises
    ------
    NotFound
        If there is no such account.
    """
    held = connection.execute(
        update(accounts).where(accounts.c.id == account_id).values(credit_balance=accounts.c.credit_balance)
    )
    if held.rowcount == 0:
        raise NotFound("No such account.")
