"""New accounts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from soundrack.accounts import invitations, people, registration, sign_in, tickets
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.accounts.people import Account
from soundrack.accounts.reception import Reception
from soundrack.accounts.tickets import Purpose
from soundrack.billing import credits, subscriptions
from soundrack.database.tables import accounts, audit_entries
from soundrack.database.tables import invitations as invitations_table
from soundrack.errors import Conflict, Invalid, NotAllowed, NotAuthenticated, NotFound, RateLimited, SoundrackError
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.settings import SignUp
from tests.accounts.conftest import HERE, ORIGIN, PASSWORD, Reopened, at_once
from tests.accounts.letters import written
from tests.standing_clock import StandingClock

EMAIL = "anna@example.com"


def set_up(desk: Reception, email: str = EMAIL, code: str | None = None, password: str = PASSWORD) -> Any:
    return registration.set_up(
        desk, code or registration.setup_code(desk.secret), email, "Anna", password, HERE, ORIGIN
    )


def accept(desk: Reception, token: str, email: str = "", password: str = PASSWORD) -> Any:
    return registration.accept(desk, token, email, "Ben", password, HERE, ORIGIN)


def invite(desk: Reception, email: str | None = None) -> str:
    with desk.database.write() as connection:
        return invitations.invite(connection, desk.settings, desk.secret, email, COMMAND_LINE).token


def count(desk: Reception, table: Any = accounts) -> int:
    with desk.database.read() as connection:
        found: int = connection.execute(select(func.count()).select_from(table)).scalar_one()
        return found


def sign_in_as(desk: Reception, email: str, password: str = PASSWORD) -> sign_in.Entered:
    return asyncio.run(sign_in.with_password(desk, email, password, HERE, ORIGIN))


# The first account


def test_the_first_account_owns_the_machine(desk: Reception):
    account = asyncio.run(set_up(desk))

    assert account.is_admin
    assert account.email_verified_at is not None
    assert account.credit_balance == credits.FIRST_GRANT
    with desk.database.read() as connection:
        for service in Service:
            plan = subscriptions.plan_of(connection, desk.plans, account.id, service)
            assert plan == desk.plans.highest(service)
        assert registration.is_set_up(connection)
    assert sign_in_as(desk, EMAIL).token


@pytest.mark.parametrize("code", ["guess", "\ud800", "é", registration.__name__])
def test_nobody_sets_up_without_the_code_of_the_servers_log(desk: Reception, code: str):
    with pytest.raises(NotAllowed):
        asyncio.run(set_up(desk, code=code))

    assert count(desk) == 0


def test_the_setup_code_is_long_and_the_installations_own(desk: Reception, tmp_path):
    assert len(registration.setup_code(desk.secret)) == 24
    assert registration.setup_code(desk.secret) == registration.setup_code(desk.secret)
    assert registration.setup_code(desk.secret) in registration.setup_link(desk.settings, desk.secret)


def test_an_installation_is_set_up_once(desk: Reception):
    asyncio.run(set_up(desk))

    with pytest.raises(Conflict):
        asyncio.run(set_up(desk, "mallory@example.com"))

    assert count(desk) == 1


def test_of_many_who_set_up_at_once_one_is_let_through(desk: Reception):
    results = at_once(*(set_up(desk, f"anna{number}@example.com") for number in range(5)))

    assert [type(result) for result in results].count(Account) == 1
    assert [type(result) for result in results].count(Conflict) == 4
    assert count(desk) == 1


def test_the_account_that_was_made_for_a_key_becomes_the_owners_with_what_it_has(desk: Reception):
    with desk.database.write() as connection:
        nameless = registration.account_for(connection, desk.plans, None)
    assert nameless.email == people.FIRST_EMAIL

    account = asyncio.run(set_up(desk))

    assert account.id == nameless.id
    assert (account.email, account.name, account.has_password) == (EMAIL, "Anna", True)
    assert account.credit_balance == credits.FIRST_GRANT
    assert count(desk) == 1


def test_an_account_of_the_same_address_becomes_the_owners(desk: Reception):
    with desk.database.write() as connection:
        registration.account_for(connection, desk.plans, "bot@example.com")
        mine = registration.account_for(connection, desk.plans, EMAIL)

    account = asyncio.run(set_up(desk))

    assert account.id == mine.id
    assert account.is_admin


def test_the_command_line_makes_the_first_account_with_its_grant_and_others_without(desk: Reception):
    with desk.database.write() as connection:
        first = registration.account_for(connection, desk.plans, "first@example.com")
        second = registration.account_for(connection, desk.plans, "second@example.com")

        assert registration.account_for(connection, desk.plans, None) == first
        assert registration.account_for(connection, desk.plans, "SECOND@example.com") == second
    assert (first.is_admin, first.credit_balance) == (True, credits.FIRST_GRANT)
    assert (second.is_admin, second.credit_balance) == (False, 0)
    assert second.email_verified_at is not None


@pytest.mark.parametrize(
    ("email", "password"), [("nobody", PASSWORD), (EMAIL, "short"), (EMAIL, "anna@example.com"), ("", "")]
)
def test_what_cannot_be_taken_sets_nothing_up(desk: Reception, email: str, password: str):
    with pytest.raises(Invalid):
        asyncio.run(set_up(desk, email, password=password))

    assert count(desk) == 0


# Invitations


def test_an_invitation_for_an_address_makes_its_account_confirmed(open_to: Reopened):
    desk = open_to(SignUp.INVITE)
    invite(desk, "Ben@example.com")
    (letter,) = written(desk.database)
    assert letter.recipient == "ben@example.com"

    asyncio.run(accept(desk, letter.ticket, "somebody.else@example.com"))

    with desk.database.read() as connection:
        ben = people.find(connection, "ben@example.com")
        assert people.find(connection, "somebody.else@example.com") is None
    assert ben is not None
    assert ben.email_verified_at is not None
    assert not ben.is_admin
    assert sign_in_as(desk, "ben@example.com").token


def test_an_invitation_for_anybody_leaves_the_address_to_be_confirmed(open_to: Reopened):
    desk = open_to(SignUp.INVITE)

    asyncio.run(accept(desk, invite(desk), "ben@example.com"))

    with desk.database.read() as connection:
        ben = people.find(connection, "ben@example.com")
    assert ben is not None
    assert ben.email_verified_at is None
    (letter,) = written(desk.database)
    with desk.database.write() as connection:
        registration.confirm(connection, desk.secret, letter.ticket, ORIGIN)
        assert people.get(connection, ben.id).email_verified_at is not None
        with pytest.raises(NotFound):
            registration.confirm(connection, desk.secret, letter.ticket, ORIGIN)


def test_of_many_who_use_an_invitation_at_once_one_gets_an_account(open_to: Reopened):
    desk = open_to(SignUp.INVITE)
    token = invite(desk)

    results = at_once(*(accept(desk, token, f"ben{number}@example.com") for number in range(5)))

    assert results.count(None) == 1
    assert [type(result) for result in results].count(NotFound) == 4
    assert count(desk) == 1


def test_an_invitation_ends(open_to: Reopened, standing_clock: StandingClock):
    desk = open_to(SignUp.INVITE)
    token = invite(desk)
    standing_clock.go_on(days=7)

    with pytest.raises(NotFound):
        asyncio.run(accept(desk, token, EMAIL))

    assert count(desk) == 0
    with desk.database.write() as connection:
        invitations.sweep(connection)
    assert count(desk, invitations_table) == 0


@pytest.mark.parametrize("token", ["", "x", "\ud800", "0" * 43])
def test_an_invitation_that_was_not_made_here_opens_nothing(open_to: Reopened, token: str):
    desk = open_to(SignUp.INVITE)

    with pytest.raises(NotFound):
        asyncio.run(accept(desk, token, EMAIL))


def test_the_database_does_not_hold_an_invitations_token(open_to: Reopened):
    desk = open_to(SignUp.INVITE)
    token = invite(desk)

    with desk.database.read() as connection:
        row = connection.execute(select(invitations_table)).one()
    assert token not in " ".join(map(str, row))


def test_a_password_that_cannot_be_taken_does_not_use_the_invitation_up(open_to: Reopened):
    desk = open_to(SignUp.INVITE)
    token = invite(desk)

    with pytest.raises(Invalid):
        asyncio.run(accept(desk, token, EMAIL, "short"))
    asyncio.run(accept(desk, token, EMAIL))

    assert count(desk) == 1


def test_who_is_invited_as_anybody_does_not_learn_whether_an_address_has_an_account(open_to: Reopened, owner: Account):
    desk = open_to(SignUp.INVITE)
    known, unknown = invite(desk), invite(desk)

    answers = [
        asyncio.run(accept(desk, known, owner.email, "another fine phrase")),
        asyncio.run(accept(desk, unknown, "new@example.com", "another fine phrase")),
    ]

    assert answers == [None, None]
    for token in (known, unknown):
        with pytest.raises(NotFound):
            asyncio.run(accept(desk, token, "third@example.com"))
    assert {letter.recipient: letter.subject for letter in written(desk.database)} == {
        owner.email: "You have an account at Soundrack already",
        "new@example.com": "Confirm your mail address",
    }
    with pytest.raises(NotAuthenticated):
        sign_in_as(desk, owner.email, "another fine phrase")
    assert sign_in_as(desk, owner.email).token


def test_nobody_is_invited_twice_or_while_sign_up_is_closed(open_to: Reopened, owner: Account):
    with pytest.raises(Conflict):
        invite(open_to(SignUp.INVITE), owner.email)
    with pytest.raises(NotAllowed):
        invite(open_to(SignUp.CLOSED), "ben@example.com")


def test_invitations_are_good_for_nothing_once_sign_up_is_closed(open_to: Reopened):
    token = invite(open_to(SignUp.INVITE))

    with pytest.raises(NotFound):
        asyncio.run(accept(open_to(SignUp.CLOSED), token, EMAIL))


# Open sign-up


def test_whoever_asks_gets_an_account_by_way_of_the_address(open_to: Reopened):
    desk = open_to(SignUp.OPEN)

    asyncio.run(registration.ask(desk, " Ben@Example.com", HERE))

    assert count(desk) == 0
    (letter,) = written(desk.database)
    assert letter.recipient == "ben@example.com"
    asyncio.run(accept(desk, letter.ticket))
    with desk.database.read() as connection:
        ben = people.find(connection, "ben@example.com")
    assert ben is not None
    assert ben.email_verified_at is not None


def test_asking_with_an_address_that_has_an_account_tells_its_owner_alone(open_to: Reopened, owner: Account):
    desk = open_to(SignUp.OPEN)

    answers = [asyncio.run(registration.ask(desk, email, HERE)) for email in (owner.email, "new@example.com")]

    assert answers == [None, None]
    told, asked = written(desk.database)
    assert (told.recipient, told.subject) == (owner.email, "You have an account at Soundrack already")
    assert "ticket" not in told.text
    assert asked.recipient == "new@example.com"
    assert count(desk) == 1


@pytest.mark.parametrize("mode", [SignUp.CLOSED, SignUp.INVITE])
def test_nobody_signs_up_where_it_is_not_open(open_to: Reopened, mode: SignUp):
    desk = open_to(mode)

    with pytest.raises(NotAllowed):
        asyncio.run(registration.ask(desk, EMAIL, HERE))

    assert written(desk.database) == []


def test_of_two_links_to_one_address_the_first_makes_the_account(open_to: Reopened):
    desk = open_to(SignUp.OPEN)
    asyncio.run(registration.ask(desk, EMAIL, HERE))
    asyncio.run(registration.ask(desk, EMAIL, HERE))
    first, second = written(desk.database)

    results = at_once(accept(desk, first.ticket), accept(desk, second.ticket))

    assert results.count(None) == 1
    assert [type(result) for result in results].count(Conflict) == 1
    assert count(desk) == 1


def test_nobody_is_flooded_with_mail_by_strangers(open_to: Reopened, standing_clock: StandingClock):
    desk = open_to(SignUp.OPEN)

    for _ in range(12):
        asyncio.run(registration.ask(desk, EMAIL, HERE))
        standing_clock.go_on(seconds=15)
    assert len(written(desk.database)) == 5
    standing_clock.go_on(hours=1)
    asyncio.run(registration.ask(desk, EMAIL, HERE))

    assert len(written(desk.database)) == 6


def test_one_caller_does_not_sign_many_addresses_up(open_to: Reopened, standing_clock: StandingClock):
    desk = open_to(SignUp.OPEN)

    results: list[Any] = []
    for number in range(7):
        try:
            results.append(asyncio.run(registration.ask(desk, f"ben{number}@example.com", HERE)))
        except SoundrackError as error:
            results.append(type(error))

    assert results == [None] * 5 + [RateLimited] * 2


def test_the_link_is_sent_again_only_to_an_address_that_is_not_confirmed(
    rack: Rack, desk: Reception, owner: Account, account: Account
):
    with rack.database.write() as connection:
        registration.send_confirmation(connection, desk.settings, desk.secret, owner)
        registration.send_confirmation(connection, desk.settings, desk.secret, account)

    (letter,) = written(rack.database)
    assert letter.recipient == account.email
    with rack.database.read() as connection:
        assert tickets.holder(connection, desk.secret, letter.ticket, Purpose.EMAIL) == account.id


def test_new_accounts_are_audited_with_where_they_came_from(open_to: Reopened):
    desk = open_to(SignUp.INVITE)
    asyncio.run(accept(desk, invite(desk), "ben@example.com"))

    with desk.database.read() as connection:
        rows = connection.execute(select(audit_entries).order_by(audit_entries.c.id)).all()
    assert [(row.event, row.address) for row in rows] == [("account.invited", ""), ("account.created", HERE.address)]
    assert rows[1].actor == rows[1].account_id
