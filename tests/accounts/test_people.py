"""Accounts."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from soundrack.accounts import audit, people, sessions
from soundrack.accounts.people import Account
from soundrack.accounts.reception import Reception
from soundrack.database.tables import accounts, audit_entries
from soundrack.errors import Conflict, Invalid, NotAllowed, NotFound
from soundrack.rack import Rack
from tests.accounts.conftest import HERE, ORIGIN, at_once


def test_an_address_has_one_account_however_it_is_written(rack: Rack):
    with rack.database.write() as connection:
        made = people.create(connection, " Anna@Example.com")
        with pytest.raises(Conflict):
            people.create(connection, "ANNA@example.COM")

        assert people.find(connection, "anna@EXAMPLE.com ") == made
        assert connection.execute(select(func.count()).select_from(accounts)).scalar_one() == 1


def test_of_two_accounts_that_are_made_for_one_address_at_once_one_is(desk: Reception):
    results = at_once(*(desk.write(lambda connection: people.create(connection, "anna@example.com")) for _ in range(8)))

    assert sum(isinstance(result, Account) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 7


@pytest.mark.parametrize("email", ["", "nobody", "nobody@example.com", "\0", "a@b@c"])
def test_an_address_without_an_account_finds_none(rack: Rack, email: str):
    with rack.database.read() as connection:
        assert people.find(connection, email) is None


def test_a_name_is_kept_tidy(rack: Rack, account: Account):
    with rack.database.write() as connection:
        people.rename(connection, account.id, "  Anna\t\n  A\u0308rger ")

        assert people.get(connection, account.id).name == "Anna Ärger"


@pytest.mark.parametrize("name", ["x" * 101, "a\x00b", "a\x1b[31mb", "\u202eanna", "a\u200bb"])
def test_a_name_that_cannot_be_shown_is_refused(rack: Rack, account: Account, name: str):
    with rack.database.write() as connection, pytest.raises(Invalid) as refused:
        people.rename(connection, account.id, name)

    assert refused.value.field == "name"


def test_an_address_is_verified_once(rack: Rack, account: Account):
    with rack.database.write() as connection:
        with pytest.raises(NotAllowed):
            people.require_verified(people.get(connection, account.id))
        people.verify_email(connection, account.id, ORIGIN)
        people.verify_email(connection, account.id, ORIGIN)

        people.require_verified(people.get(connection, account.id))
        assert entries(connection) == ["email.verified"]


def test_a_suspended_account_is_signed_out_at_once_and_may_come_back(rack: Rack, account: Account):
    with rack.database.write() as connection:
        token = sessions.begin(connection, rack.secret, account.id, HERE, timedelta(days=1))
        assert people.suspend(connection, account.id, audit.COMMAND_LINE)
        assert not people.suspend(connection, account.id, audit.COMMAND_LINE)

        assert sessions.find(connection, rack.secret, token) is None
        assert people.get(connection, account.id).suspended_at is not None
        assert people.restore(connection, account.id, audit.COMMAND_LINE)
        assert people.get(connection, account.id).suspended_at is None
        assert entries(connection) == ["account.suspended", "account.restored"]


def test_an_unknown_account_is_not_found(desk: Reception):
    with pytest.raises(NotFound):
        asyncio.run(desk.read(lambda connection: people.get(connection, "acc_nobody")))


def test_a_password_that_has_been_changed_is_not_put_back_by_a_late_renewal(rack: Rack, account: Account):
    with rack.database.write() as connection:
        people.set_password(connection, account.id, "old")
        people.set_password(connection, account.id, "new")
        people.refresh_password(connection, account.id, "old", "old at another cost")

        assert people.password_digest(connection, account.id) == "new"


def entries(connection: Any) -> list[str]:
    return list(connection.execute(select(audit_entries.c.event).order_by(audit_entries.c.id)).scalars())
