"""New passwords."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from soundrack.accounts import audit, people, resets, sessions, sign_in, tickets
from soundrack.accounts.people import Account
from soundrack.accounts.reception import Reception
from soundrack.accounts.tickets import Purpose
from soundrack.database.tables import tickets as tickets_table
from soundrack.errors import Invalid, NotAuthenticated, NotFound, RateLimited
from tests.accounts.conftest import HERE, ORIGIN, PASSWORD, at_once
from tests.accounts.letters import written
from tests.accounts.test_passwords import watch_verify
from tests.standing_clock import StandingClock

NEW = "four purple otters"


def ask(desk: Reception, email: str) -> None:
    asyncio.run(resets.ask(desk, email, HERE, ORIGIN))


def choose(desk: Reception, ticket: str, password: str = NEW) -> Any:
    return resets.choose(desk, ticket, password, HERE, ORIGIN)


def ticket_for(desk: Reception, account: Account, purpose: Purpose = Purpose.PASSWORD) -> str:
    with desk.database.write() as connection:
        return tickets.issue(connection, desk.secret, account.id, purpose)


def begin(desk: Reception, account: Account) -> str:
    with desk.database.write() as connection:
        return sessions.begin(connection, desk.secret, account.id, HERE, timedelta(days=1))


def opens(desk: Reception, token: str) -> bool:
    with desk.database.read() as connection:
        return sessions.find(connection, desk.secret, token) is not None


def enter(desk: Reception, account: Account, password: str) -> sign_in.Entered:
    return asyncio.run(sign_in.with_password(desk, account.email, password, HERE, ORIGIN))


def test_a_forgotten_password_is_replaced_by_way_of_the_mail(desk: Reception, owner: Account):
    session = begin(desk, owner)
    ask(desk, "ANNA@example.com")
    (letter,) = written(desk.database)
    assert letter.recipient == owner.email

    asyncio.run(choose(desk, letter.ticket))

    assert not opens(desk, session)
    with pytest.raises(NotAuthenticated):
        enter(desk, owner, PASSWORD)
    assert enter(desk, owner, NEW).token
    assert written(desk.database)[-1].subject == "Your password has been changed"
    assert NEW not in " ".join(letter.text for letter in written(desk.database))


def test_who_asks_is_not_told_whether_there_is_an_account(desk: Reception, owner: Account):
    ask(desk, owner.email)
    ask(desk, "nobody@example.com")

    assert [letter.recipient for letter in written(desk.database)] == [owner.email]


def test_a_suspended_account_is_sent_nothing(desk: Reception, owner: Account):
    with desk.database.write() as connection:
        people.suspend(connection, owner.id, audit.COMMAND_LINE)

    ask(desk, owner.email)

    assert written(desk.database) == []


def test_an_account_without_a_password_gets_one_and_is_verified(desk: Reception, account: Account):
    ask(desk, account.email)
    asyncio.run(choose(desk, written(desk.database)[0].ticket))

    assert enter(desk, account, NEW).token
    with desk.database.read() as connection:
        assert people.get(connection, account.id).email_verified_at is not None


def test_of_many_who_use_a_ticket_at_once_one_chooses(desk: Reception, owner: Account):
    ticket, phrases = ticket_for(desk, owner), [f"four purple otters {number}" for number in range(4)]

    results = at_once(*(choose(desk, ticket, phrase) for phrase in phrases))

    assert results.count(None) == 1
    assert [type(result) for result in results].count(NotFound) == 3
    assert enter(desk, owner, phrases[results.index(None)]).token


def test_a_password_that_cannot_be_taken_leaves_the_ticket_good(desk: Reception, owner: Account):
    ticket = ticket_for(desk, owner)

    with pytest.raises(Invalid):
        asyncio.run(choose(desk, ticket, "short"))

    asyncio.run(choose(desk, ticket))


def test_a_ticket_is_good_for_an_hour(desk: Reception, owner: Account, standing_clock: StandingClock):
    ticket = ticket_for(desk, owner)
    standing_clock.go_on(hours=1)

    with pytest.raises(NotFound):
        asyncio.run(choose(desk, ticket))


def test_a_ticket_is_good_for_its_purpose_alone(desk: Reception, owner: Account):
    ticket = ticket_for(desk, owner, Purpose.EMAIL)

    with pytest.raises(NotFound):
        asyncio.run(choose(desk, ticket))


def test_one_ticket_used_makes_the_others_worthless(desk: Reception, owner: Account):
    first, second = ticket_for(desk, owner), ticket_for(desk, owner)
    asyncio.run(choose(desk, second))

    with pytest.raises(NotFound):
        asyncio.run(choose(desk, first, "five orange badgers"))


@pytest.mark.parametrize("ticket", ["", "x", "\ud800", "0" * 43])
def test_a_ticket_that_was_not_made_here_opens_nothing_and_costs_no_digest(
    desk: Reception, owner: Account, ticket: str, monkeypatch: pytest.MonkeyPatch
):
    ticket_for(desk, owner)
    verified = watch_verify(desk.passwords, monkeypatch)

    with pytest.raises(NotFound):
        asyncio.run(choose(desk, ticket))

    assert verified == []


def test_the_database_does_not_hold_a_tickets_token(desk: Reception, owner: Account):
    ticket = ticket_for(desk, owner)

    with desk.database.read() as connection:
        row = connection.execute(select(tickets_table)).one()
    assert ticket not in " ".join(map(str, row))


def test_tickets_that_are_too_old_are_cleared_away(desk: Reception, owner: Account, standing_clock: StandingClock):
    ticket_for(desk, owner)
    standing_clock.go_on(hours=1)
    kept = ticket_for(desk, owner)

    with desk.database.write() as connection:
        tickets.sweep(connection)
        assert len(connection.execute(select(tickets_table)).all()) == 1
        assert tickets.holder(connection, desk.secret, kept, Purpose.PASSWORD) == owner.id


def test_an_owner_is_not_flooded_with_links(desk: Reception, owner: Account, standing_clock: StandingClock):
    for _ in range(10):
        ask(desk, owner.email)
        standing_clock.go_on(seconds=20)

    assert len(written(desk.database)) == 5


def test_one_caller_asks_five_times_a_minute(desk: Reception, standing_clock: StandingClock):
    for number in range(5):
        ask(desk, f"nobody{number}@example.com")

    with pytest.raises(RateLimited):
        ask(desk, "nobody@example.com")


# Changed by those who know it


def change(desk: Reception, account: Account, current: str, password: str) -> str:
    return asyncio.run(resets.change(desk, account, current, password, HERE, ORIGIN))


def test_a_changed_password_ends_every_session_but_the_new_one(desk: Reception, owner: Account):
    here, elsewhere = begin(desk, owner), begin(desk, owner)

    token = change(desk, owner, PASSWORD, NEW)

    assert (opens(desk, here), opens(desk, elsewhere), opens(desk, token)) == (False, False, True)
    assert enter(desk, owner, NEW).token
    assert [letter.subject for letter in written(desk.database)] == ["Your password has been changed"]


@pytest.mark.parametrize(
    ("current", "password", "field"),
    [("wrong", NEW, "current_password"), ("", NEW, "current_password"), (PASSWORD, "short", "password")],
)
def test_what_cannot_be_taken_changes_nothing(desk: Reception, owner: Account, current: str, password: str, field: str):
    session = begin(desk, owner)

    with pytest.raises(Invalid) as refused:
        change(desk, owner, current, password)

    assert refused.value.field == field
    assert opens(desk, session)
    assert enter(desk, owner, PASSWORD).token


def test_whoever_finds_an_open_browser_does_not_guess_the_password(
    desk: Reception, owner: Account, standing_clock: StandingClock
):
    for _ in range(5):
        with pytest.raises(Invalid):
            change(desk, owner, "a guess at it", NEW)

    with pytest.raises(RateLimited):
        change(desk, owner, PASSWORD, NEW)


def test_of_two_changes_at_once_one_counts(desk: Reception, owner: Account):
    phrases = ["four purple otters", "five orange badgers"]

    results = at_once(*(resets.change(desk, owner, PASSWORD, phrase, HERE, ORIGIN) for phrase in phrases))

    (winner,) = [phrase for phrase, result in zip(phrases, results, strict=True) if isinstance(result, str)]
    assert enter(desk, owner, winner).token
    (token,) = [result for result in results if isinstance(result, str)]
    assert opens(desk, token)
