"""Sessions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from soundrack.accounts import audit, sessions, sign_in
from soundrack.accounts.people import Account
from soundrack.accounts.sessions import Browser, Session
from soundrack.database.tables import sign_ins
from soundrack.rack import Rack
from tests.accounts.conftest import HERE
from tests.standing_clock import StandingClock

LIFE = timedelta(days=14)


def begin(rack: Rack, account: Account, browser: Browser = HERE) -> str:
    with rack.database.write() as connection:
        return sessions.begin(connection, rack.secret, account.id, browser, LIFE)


def find(rack: Rack, token: str) -> Session | None:
    with rack.database.read() as connection:
        return sessions.find(connection, rack.secret, token)


def test_the_database_holds_a_digest_and_the_token_has_256_bits(rack: Rack, account: Account):
    token = begin(rack, account)

    with rack.database.read() as connection:
        row = connection.execute(select(sign_ins)).one()
    assert len(token) == 43
    assert token not in " ".join(map(str, row))
    assert begin(rack, account) != token


@pytest.mark.parametrize("token", ["", "x", "\ud800", "0" * 43, "a" * 10_000])
def test_a_token_that_was_not_made_here_opens_nothing(rack: Rack, account: Account, token: str):
    begin(rack, account)

    assert find(rack, token) is None


def test_the_digest_itself_opens_nothing(rack: Rack, account: Account):
    begin(rack, account)
    with rack.database.read() as connection:
        digest = connection.execute(select(sign_ins.c.digest)).scalar_one()

    assert find(rack, digest) is None


def test_a_session_that_is_not_used_ends_after_three_days(rack: Rack, account: Account, standing_clock: StandingClock):
    token = begin(rack, account)
    standing_clock.go_on(days=3, microseconds=-1)
    assert find(rack, token) is not None
    standing_clock.go_on(microseconds=1)

    assert find(rack, token) is None


def test_a_session_that_is_used_ends_when_its_time_is_over(rack: Rack, account: Account, standing_clock: StandingClock):
    token = begin(rack, account)
    for _ in range(14):
        session = find(rack, token)
        assert session is not None
        with rack.database.write() as connection:
            sessions.touch(connection, session)
        standing_clock.go_on(days=1)

    assert find(rack, token) is None


def test_its_use_is_written_down_once_in_five_minutes(rack: Rack, account: Account, standing_clock: StandingClock):
    session = find(rack, begin(rack, account))
    assert session is not None

    assert not sessions.due(session)
    standing_clock.go_on(minutes=5)
    assert sessions.due(session)


def test_an_account_ends_its_own_sessions_alone(rack: Rack, account: Account, owner: Account):
    mine, others = begin(rack, account), begin(rack, owner)
    session = find(rack, others)
    assert session is not None

    with rack.database.write() as connection:
        assert not sessions.end(connection, account.id, session.id)
        assert sign_in.sign_out_everywhere(connection, account.id, audit.HOUSE) == 1

    assert find(rack, mine) is None
    assert find(rack, others) is not None


def test_what_has_ended_is_cleared_away(rack: Rack, account: Account, owner: Account, standing_clock: StandingClock):
    begin(rack, account)
    begin(rack, owner)
    standing_clock.go_on(days=15)
    begin(rack, account)
    assert count(rack) == 2
    with rack.database.write() as connection:
        sessions.sweep(connection)

    assert count(rack) == 1


def test_what_a_browser_says_of_itself_is_cut_and_cleaned(rack: Rack, account: Account):
    session = find(rack, begin(rack, account, Browser("x" * 100, "Agent\x1b[31m\0\n" + "y" * 1000)))

    assert session is not None
    assert session.address == "x" * 45
    assert session.user_agent == ("Agent[31m" + "y" * 1000)[:300]


def test_sessions_are_listed_by_their_last_use(rack: Rack, account: Account, standing_clock: StandingClock):
    for number in range(3):
        begin(rack, account, Browser(f"192.0.2.{number}"))
        standing_clock.go_on(minutes=1)

    with rack.database.read() as connection:
        listed = sessions.of(connection, account.id)
    assert [session.address for session in listed] == ["192.0.2.2", "192.0.2.1", "192.0.2.0"]


def count(rack: Rack) -> int:
    with rack.database.read() as connection:
        return len(connection.execute(select(sign_ins)).all())
