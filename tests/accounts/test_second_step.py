"""The second step of signing in: codes of an authenticator, and of last resort."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
import structlog
from sqlalchemy import select, update
from structlog.testing import LogCapture

from soundrack import clock
from soundrack.accounts import people, resets, sessions, sign_in, totp
from soundrack.accounts.people import Account
from soundrack.accounts.reception import Reception
from soundrack.accounts.sessions import Session
from soundrack.database.tables import accounts, audit_entries, recovery_codes
from soundrack.errors import Conflict, Invalid, NotAuthenticated, RateLimited, SoundrackError
from soundrack.rack import Rack
from tests.accounts.conftest import HERE, ORIGIN, PASSWORD, at_once
from tests.accounts.entering import enter, events, session_of
from tests.accounts.letters import written
from tests.standing_clock import StandingClock


@pytest.fixture
def authenticator(standing_clock: StandingClock, desk: Reception, owner: Account) -> pyotp.HOTP:
    """The owner's, with the second step switched on."""
    with desk.database.write() as connection:
        secret = totp.propose(connection, desk.vault, owner)
        hotp = pyotp.HOTP(secret)
        totp.confirm(connection, desk.settings, desk.vault, desk.secret, owner, code(hotp), ORIGIN)
    return hotp


def code(hotp: pyotp.HOTP, steps: int = 0) -> str:
    return hotp.at(int(clock.now().timestamp()) // totp.STEP_S + steps)


def second(desk: Reception, half: Session, given: str) -> Any:
    return sign_in.with_code(desk, half, given, HERE, ORIGIN)


def half_session(desk: Reception, owner: Account) -> Session:
    session = session_of(desk, enter(desk, owner.email).token)
    assert session is not None
    return session


# Signing in


def test_with_the_second_step_on_the_password_alone_opens_nothing(
    desk: Reception, owner: Account, authenticator: pyotp.HOTP
):
    entered = enter(desk, owner.email)

    assert entered.half
    session = session_of(desk, entered.token)
    assert session is not None
    assert session.half
    with desk.database.read() as connection:
        assert sessions.of(connection, owner.id) == []
    assert "sign_in.succeeded" not in events(desk)


@pytest.mark.parametrize("spell", [str, lambda text: f" {text[:3]} {text[3:]} "])
def test_the_code_of_the_authenticator_completes_it(
    desk: Reception, owner: Account, authenticator: pyotp.HOTP, standing_clock: StandingClock, spell: Any
):
    standing_clock.go_on(seconds=30)
    half = half_session(desk, owner)

    token = asyncio.run(second(desk, half, spell(code(authenticator))))

    session = session_of(desk, token)
    assert session is not None
    assert not session.half
    with desk.database.read() as connection:
        assert sessions.half_of(connection, half) is None
    assert events(desk)[-1] == "sign_in.succeeded"


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(
    standing_clock: StandingClock, desk: Reception, owner: Account, authenticator: pyotp.HOTP, steps: int, opens: bool
):
    standing_clock.go_on(minutes=5)
    half = half_session(desk, owner)

    if opens:
        assert asyncio.run(second(desk, half, code(authenticator, steps)))
    else:
        with pytest.raises(Invalid):
            asyncio.run(second(desk, half, code(authenticator, steps)))


@pytest.mark.parametrize("given", ["", "000000", "12345", "１２３４５６", "\ud800", "x" * 5000, "12345 6 7"])
def test_anything_but_the_code_is_refused(
    standing_clock: StandingClock, desk: Reception, owner: Account, authenticator: pyotp.HOTP, given: str
):
    standing_clock.go_on(minutes=5)

    with pytest.raises(Invalid):
        asyncio.run(second(desk, half_session(desk, owner), given))

    assert events(desk)[-1] == "totp.failed"


def test_a_code_opens_once_even_for_two_at_the_same_time(
    standing_clock: StandingClock, desk: Reception, owner: Account, authenticator: pyotp.HOTP
):
    standing_clock.go_on(minutes=5)
    halves = [half_session(desk, owner) for _ in range(4)]
    given = code(authenticator)

    results = at_once(*(second(desk, half, given) for half in halves))

    assert [type(result) for result in results].count(str) == 1
    assert [type(result) for result in results].count(Invalid) == 3


def test_an_older_code_does_not_open_after_a_newer_one(
    standing_clock: StandingClock, desk: Reception, owner: Account, authenticator: pyotp.HOTP
):
    standing_clock.go_on(minutes=5)
    asyncio.run(second(desk, half_session(desk, owner), code(authenticator, 1)))

    with pytest.raises(Invalid):
        asyncio.run(second(desk, half_session(desk, owner), code(authenticator)))


def test_the_second_step_has_ten_minutes(
    standing_clock: StandingClock, desk: Reception, owner: Account, authenticator: pyotp.HOTP
):
    half = half_session(desk, owner)
    standing_clock.go_on(minutes=10)

    with pytest.raises(NotAuthenticated):
        asyncio.run(second(desk, half, code(authenticator)))


def test_codes_are_not_guessed(
    standing_clock: StandingClock, desk: Reception, owner: Account, authenticator: pyotp.HOTP
):
    """Ten wrong ones an hour at most, the owner is told after five, and a recovery code is taken all the same."""
    with desk.database.write() as connection:
        (recovery, *_) = totp.renew_recovery_codes(connection, desk.secret, owner.id, ORIGIN)
    results: list[Any] = []
    for _ in range(14):
        standing_clock.go_on(seconds=20)
        half = half_session(desk, owner)
        results += at_once(second(desk, half, "000000"))

    assert [type(result) for result in results] == [Invalid] * 10 + [RateLimited] * 4
    with pytest.raises(RateLimited):
        asyncio.run(second(desk, half_session(desk, owner), code(authenticator)))
    assert [letter.subject for letter in written(desk.database)].count("Somebody has your password") == 1
    assert asyncio.run(second(desk, half_session(desk, owner), recovery))
    standing_clock.go_on(hours=1)
    assert asyncio.run(second(desk, half_session(desk, owner), code(authenticator)))


def test_each_recovery_code_opens_once_even_for_two_at_the_same_time(
    standing_clock: StandingClock, desk: Reception, owner: Account, authenticator: pyotp.HOTP
):
    with desk.database.write() as connection:
        codes = totp.renew_recovery_codes(connection, desk.secret, owner.id, ORIGIN)
    assert len(set(codes)) == 10
    halves = [half_session(desk, owner) for _ in range(2)]

    results = at_once(*(second(desk, half, codes[0].upper().replace("-", " ")) for half in halves))

    assert sorted(type(result).__name__ for result in results) == ["Invalid", "str"]
    assert "totp.recovery_code_used" in events(desk)
    with desk.database.read() as connection:
        assert totp.recovery_codes_left(connection, owner.id) == 9
        kept = " ".join(connection.execute(select(recovery_codes.c.digest)).scalars())
    assert not any(code in kept for code in codes)


def test_the_second_step_cannot_be_taken_with_another_accounts_code(
    standing_clock: StandingClock, desk: Reception, owner: Account, account: Account, authenticator: pyotp.HOTP
):
    with desk.database.write() as connection:
        other = pyotp.HOTP(totp.propose(connection, desk.vault, account))
        others = totp.confirm(connection, desk.settings, desk.vault, desk.secret, account, code(other), ORIGIN)
    standing_clock.go_on(minutes=1)

    for given in (code(other), others[0]):
        with pytest.raises(Invalid):
            asyncio.run(second(desk, half_session(desk, owner), given))


# Switching it on and off


def test_the_secret_stays_the_same_until_it_is_confirmed_and_is_sealed(rack: Rack, desk: Reception, owner: Account):
    with rack.database.write() as connection:
        secret = totp.propose(connection, rack.vault, owner)

        assert totp.propose(connection, rack.vault, owner) == secret
        sealed = connection.execute(select(accounts.c.totp_sealed).where(accounts.c.id == owner.id)).scalar_one()
        assert secret not in sealed
        with pytest.raises(Invalid):
            totp.confirm(connection, rack.settings, rack.vault, rack.secret, owner, "000000", ORIGIN)
        assert not people.get(connection, owner.id).has_totp
    assert not enter(desk, owner.email).half


def test_it_is_switched_on_once(rack: Rack, owner: Account, authenticator: pyotp.HOTP, standing_clock: StandingClock):
    standing_clock.go_on(minutes=1)
    with rack.database.write() as connection:
        with pytest.raises(Conflict):
            totp.confirm(connection, rack.settings, rack.vault, rack.secret, owner, code(authenticator), ORIGIN)
        with pytest.raises(Conflict):
            totp.propose(connection, rack.vault, owner)


def test_switched_off_it_leaves_nothing_behind(rack: Rack, desk: Reception, owner: Account, authenticator: pyotp.HOTP):
    with rack.database.write() as connection:
        assert totp.switch_off(connection, rack.settings, owner, ORIGIN)
        assert not totp.switch_off(connection, rack.settings, owner, ORIGIN)

        row = connection.execute(select(accounts).where(accounts.c.id == owner.id)).one()
        assert (row.totp_sealed, row.totp_step, row.totp_confirmed_at) == (None, None, None)
        assert connection.execute(select(recovery_codes)).all() == []
    assert not enter(desk, owner.email).half
    assert sorted(letter.subject for letter in written(rack.database)) == [
        "Signing in takes a code now",
        "Signing in takes no code any more",
    ]


def test_a_sealed_secret_of_another_account_does_not_open(rack: Rack, owner: Account, account: Account):
    with rack.database.write() as connection:
        totp.propose(connection, rack.vault, owner)
        sealed = connection.execute(select(accounts.c.totp_sealed).where(accounts.c.id == owner.id)).scalar_one()
        connection.execute(update(accounts).where(accounts.c.id == account.id).values(totp_sealed=sealed))

        with pytest.raises(SoundrackError):
            totp.pending(connection, rack.vault, account)


def test_the_picture_is_an_svg_without_style_or_script(rack: Rack, owner: Account):
    with rack.database.write() as connection:
        secret = totp.propose(connection, rack.vault, owner)

    uri = totp.uri(owner, secret)
    picture = totp.picture(uri)

    assert uri == f"otpauth://totp/Soundrack:anna%40example.com?secret={secret}&issuer=Soundrack"
    assert picture.startswith("<svg")
    assert "style" not in picture
    assert "script" not in picture


# Logs


@pytest.fixture
def log() -> Iterator[list[Any]]:
    """What is logged."""
    capture = LogCapture()
    before = structlog.get_config()
    structlog.configure(processors=[capture], cache_logger_on_first_use=False)
    yield capture.entries
    structlog.configure(**before)


def test_no_log_line_and_no_audit_entry_holds_a_secret(
    desk: Reception, owner: Account, authenticator: pyotp.HOTP, standing_clock: StandingClock, log: list[Any]
):
    standing_clock.go_on(minutes=1)
    wrong = "a wrong secret phrase"
    tries_ = [enter_quietly(desk, owner.email, wrong) for _ in range(7)]
    assert RateLimited in tries_
    standing_clock.go_on(minutes=1)
    half = enter(desk, owner.email)
    session = session_of(desk, half.token)
    assert session is not None
    given = code(authenticator)
    token = asyncio.run(second(desk, session, given))
    asyncio.run(resets.ask(desk, owner.email, HERE, ORIGIN))
    ticket = written(desk.database)[-1].ticket

    with desk.database.read() as connection:
        kept = " ".join(str(row) for row in connection.execute(select(audit_entries)))
    said = f"{log} {kept}"
    assert log, "the throttle says something"
    assert [text for text in (wrong, PASSWORD, half.token, token, given, ticket) if text in said] == []


def enter_quietly(desk: Reception, email: str, password: str) -> type[SoundrackError] | None:
    try:
        enter(desk, email, password)
    except SoundrackError as error:
        return type(error)
    return None
