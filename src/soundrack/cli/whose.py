"""Whom and what a command names: accounts by their mail address, services by their name."""

from __future__ import annotations

from sqlalchemy import Connection

from soundrack.accounts import people
from soundrack.accounts.people import Account
from soundrack.errors import Invalid, NotFound
from soundrack.service import Service


def account(connection: Connection, email: str | None) -> Account:
    """Return the account of an address, or without one the oldest.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = people.find(connection, email) if email else people.first(connection)
    if found is None:
        raise NotFound(
            f"There is no account {email}." if email else "There is no account yet: `soundrack setup` makes the first."
        )
    return found


def emails(connection: Connection) -> dict[str, str]:
    """Return every account's address by its id."""
    return {one.id: one.email for one in people.listed(connection)}


def service(name: str) -> Service:
    """Return a service by its name.

    Raises
    ------
    Invalid
        If there is no such service.
    """
    try:
        return Service(name)
    except ValueError:
        raise Invalid(f"There is no service {name!r}; there is: {', '.join(Service)}.", field="service") from None
