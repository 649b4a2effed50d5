"""Signing in with a password: who comes in, and who only tries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from soundrack import clock
from soundrack.accounts import audit, people, sessions
from soundrack.accounts.passwords import Cost, Passwords
from soundrack.accounts.people import Account
from soundrack.accounts.reception import Reception, network
from soundrack.accounts.sessions import Browser
from soundrack.database.tables import sign_ins
from soundrack.errors import NotAllowed, NotAuthenticated, RateLimited, SoundrackError
from soundrack.rack import Rack
from tests.accounts.conftest import HERE, reception
from tests.accounts.entering import enter, events, session_of
from tests.accounts.test_passwords import watch_verify
from tests.standing_clock import StandingClock

# Who comes in


def test_the_right_password_opens_a_session(desk: Reception, owner: Account):
    entered = enter(desk, " ANNA@example.com")

    assert not entered.half
    session = session_of(desk, entered.token)
    assert session is not None
    assert (session.account_id, session.half, session.address) == (owner.id, False, HERE.address)
    assert events(desk) == ["sign_in.succeeded"]


def test_strangers_are_answered_alike_after_the_same_work(
    rack: Rack, desk: Reception, owner: Account, account: Account, monkeypatch: pytest.MonkeyPatch
):
    """A wrong password, an address without an account, an account without a password, and no address at all."""
    verified, answers = watch_verify(desk.passwords, monkeypatch), []

    for number, email in enumerate((owner.email, "nobody@example.com", account.email, "no address")):
        with pytest.raises(NotAuthenticated) as refused:
            enter(desk, email, "not the password", Browser(f"192.0.2.{number}"))
        answers.append((type(refused.value), str(refused.value), refused.value.field))

    assert len(set(answers)) == 1
    assert len(verified) == 4
    assert len({digest.rpartition("$")[0].rpartition("$")[0] for digest in verified}) == 1  # all of the same cost
    assert events(desk) == ["sign_in.failed"] * 4


def test_a_suspended_account_is_told_so_only_with_the_right_password(desk: Reception, owner: Account):
    with desk.database.write() as connection:
        people.suspend(connection, owner.id, audit.COMMAND_LINE)

    with pytest.raises(NotAuthenticated):
        enter(desk, owner.email, "not the password")
    with pytest.raises(NotAllowed):
        enter(desk, owner.email)
    with desk.database.read() as connection:
        assert sessions.of(connection, owner.id) == []
    assert events(desk) == ["account.suspended", "sign_in.failed", "sign_in.failed"]


def test_the_session_before_is_not_taken_over(desk: Reception, owner: Account):
    planted = enter(desk, owner.email)
    before = session_of(desk, planted.token)

    entered = enter(desk, owner.email, before=before)

    assert entered.token != planted.token
    assert session_of(desk, planted.token) is None
    assert session_of(desk, entered.token) is not None


def test_a_digest_of_another_cost_is_replaced_when_its_owner_signs_in(rack: Rack, desk: Reception, owner: Account):
    dearer = Passwords(Cost(memory_kib=128, passes=1, lanes=1))
    enter(reception(rack, dearer, rack.settings), owner.email)
    dearer.close()

    with rack.database.read() as connection:
        digest = people.password_digest(connection, owner.id)
    assert digest is not None
    assert "$m=128," in digest


def test_who_signs_in_with_a_password_that_changes_meanwhile_stays_outside(
    desk: Reception, owner: Account, monkeypatch: pytest.MonkeyPatch
):
    verify = desk.passwords.verify

    async def verify_slowly(password: str, digest: str | None) -> tuple[bool, str | None]:
        outcome = await verify(password, digest)
        await desk.write(lambda connection: people.set_password(connection, owner.id, "another"))
        return outcome

    monkeypatch.setattr(desk.passwords, "verify", verify_slowly)

    with pytest.raises(NotAuthenticated):
        enter(desk, owner.email)
    with desk.database.read() as connection:
        assert connection.execute(select(sign_ins)).all() == []


def test_a_session_lasts_as_long_as_the_setting_says(
    rack: Rack, desk: Reception, owner: Account, standing_clock: StandingClock
):
    session = session_of(desk, enter(desk, owner.email).token)

    assert session is not None
    assert session.expires_at == clock.now() + timedelta(days=rack.settings.sign_in_days)


# Tries


def tries(desk: Reception, emails: list[str], callers: list[str]) -> list[type[SoundrackError]]:
    results = []
    for email, caller in zip(emails, callers, strict=True):
        with pytest.raises(SoundrackError) as refused:
            enter(desk, email, "not the password", Browser(caller))
        results.append(type(refused.value))
    return results


def test_one_caller_guesses_at_one_account_five_times_a_minute(
    desk: Reception, owner: Account, standing_clock: StandingClock
):
    assert tries(desk, [owner.email] * 7, ["192.0.2.7"] * 7) == [NotAuthenticated] * 5 + [RateLimited] * 2
    with pytest.raises(RateLimited) as refused:
        enter(desk, owner.email, browser=Browser("192.0.2.7"))
    assert refused.value.retry_after_s == 60
    standing_clock.go_on(minutes=1)

    assert enter(desk, owner.email, browser=Browser("192.0.2.7")).token


def test_one_caller_guesses_at_many_accounts_ten_times_a_minute(desk: Reception, standing_clock: StandingClock):
    emails = [f"anna{number}@example.com" for number in range(12)]

    assert tries(desk, emails, ["192.0.2.7"] * 12) == [NotAuthenticated] * 10 + [RateLimited] * 2


def test_many_callers_guess_at_one_account_twenty_times_a_minute(
    desk: Reception, owner: Account, standing_clock: StandingClock
):
    callers = [f"192.0.2.{number}" for number in range(22)]

    assert tries(desk, [owner.email] * 22, callers) == [NotAuthenticated] * 20 + [RateLimited] * 2


def test_an_unknown_address_is_throttled_like_a_known_one(
    desk: Reception, owner: Account, standing_clock: StandingClock
):
    known = tries(desk, [owner.email] * 7, ["192.0.2.7"] * 7)
    unknown = tries(desk, ["nobody@example.com"] * 7, ["192.0.2.8"] * 7)

    assert known == unknown


def test_one_caller_does_not_lock_an_owner_out(desk: Reception, owner: Account, standing_clock: StandingClock):
    tries(desk, [owner.email] * 30, ["192.0.2.7"] * 30)

    assert enter(desk, owner.email, browser=Browser("192.0.2.8")).token


def test_an_ipv6_site_is_one_caller(desk: Reception, owner: Account, standing_clock: StandingClock):
    callers = [f"2001:db8:1:2::{number:x}" for number in range(7)]

    assert tries(desk, [owner.email] * 7, callers) == [NotAuthenticated] * 5 + [RateLimited] * 2


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_caller_is_an_address_or_a_site(address: str, caller: str):
    assert network(address) == caller


def test_a_flood_of_tries_is_not_a_flood_of_rows(desk: Reception, owner: Account, standing_clock: StandingClock):
    tries(desk, [owner.email] * 30, ["192.0.2.7"] * 30)

    assert events(desk) == ["sign_in.failed"] * 5 + ["sign_in.throttled"]
