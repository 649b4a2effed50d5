"""Signing in: a password, then a code where the account asks for one.

A stranger learns nothing: a wrong password, an unknown address and an account without a password are answered alike,
after the same work. Tries are counted by caller, by caller and account, and by account, so that nobody guesses fast
and one caller alone cannot lock an owner out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Connection, func, select

from soundrack import clock
from soundrack.accounts import audit, letters, mailbox, people, reception, sessions, totp
from soundrack.accounts.audit import Entry, Origin
from soundrack.accounts.people import Account
from soundrack.accounts.reception import Limit, Reception
from soundrack.accounts.sessions import Browser, Session
from soundrack.billing.windows import Rate
from soundrack.database import locks
from soundrack.database.tables import audit_entries
from soundrack.errors import Invalid, NotAllowed, NotAuthenticated, RateLimited
from soundrack.outbound.mail import outbox

_BY_CALLER = Rate(10)
_BY_CALLER_AND_ACCOUNT = Rate(5)
_BY_ACCOUNT = Rate(20)
_CODES_BY_ACCOUNT = Rate(5)
_WRONG_CODES_AN_HOUR = 10
_WRONG_CODES_UNTIL_MAIL = 5
_HOUR = timedelta(hours=1)
_WRONG = "The mail address or the password is not right."
_TOO_LATE = "The time for the second step is over. Begin again."

_log = structlog.get_logger()


@dataclass(frozen=True)
class Entered:
    """What became of a right password: the token of a session, and whether a code is still owed."""

    token: str
    half: bool


class _Found(NamedTuple):
    account: Account | None
    digest: str | None


async def with_password(
    desk: Reception, email: str, password: str, browser: Browser, origin: Origin, *, before: Session | None = None
) -> Entered:
    """Take the first step.

    Parameters
    ----------
    before : Session, optional
        The session that the browser has now; it ends, so that nothing of it is taken over.

    Raises
    ------
    NotAuthenticated
        If the address and the password do not belong together; the message is always the same.
    NotAllowed
        If they do, but the account is suspended.
    RateLimited
        If there were too many tries.
    """
    await _throttle(desk, email, browser, origin)
    found = await desk.read(lambda connection: _find(connection, email))
    matches, renewed = await desk.passwords.verify(password, found.digest)
    if found.account is None or not matches:
        await desk.write(lambda connection: _remember_failure(connection, found.account, origin))
        raise NotAuthenticated(_WRONG)
    if found.account.suspended_at is not None:
        await desk.write(lambda connection: _remember_failure(connection, found.account, origin))
        raise NotAllowed("This account is suspended. Ask whoever runs this server.")
    account = found.account

    def enter(connection: Connection) -> Entered | None:
        locks.account(connection, account.id)
        now = people.get(connection, account.id)
        if people.password_digest(connection, account.id) != found.digest or now.suspended_at is not None:
            return None  # changed while we were at work
        if renewed is not None:
            people.refresh_password(connection, account.id, found.digest or "", renewed)
        if before is not None:
            sessions.end(connection, before.account_id, before.id)
        if not now.has_totp:
            audit.record(connection, Entry.SIGNED_IN, _by(origin, account.id), account.id)
        life = timedelta(days=desk.settings.sign_in_days)
        return Entered(
            sessions.begin(connection, desk.secret, account.id, browser, life, half=now.has_totp), now.has_totp
        )

    entered = await desk.write(enter)
    if entered is None:
        raise NotAuthenticated(_WRONG)
    return entered


async def with_code(desk: Reception, session: Session, code: str, browser: Browser, origin: Origin) -> str:
    """Take the second step of a half session, with a code or a recovery code, and return the token of a whole one.

    Raises
    ------
    NotAuthenticated
        If the half session has ended: the first step is to be taken again.
    Invalid
        If the code is wrong or was used before.
    RateLimited
        If there were too many tries: five a minute, and ten wrong ones an hour, after which recovery codes alone
        are taken.
    """
    await desk.admit("second step", Limit(session.account_id, _CODES_BY_ACCOUNT))
    by_account = _by(origin, session.account_id)

    def enter(connection: Connection) -> str | int | None:
        locks.account(connection, session.account_id)
        still = sessions.half_of(connection, session)
        if still is None:
            return None
        failures = _wrong_codes(connection, session.account_id)
        if totp.spend_recovery_code(connection, desk.secret, session.account_id, code):
            audit.record(connection, Entry.RECOVERY_CODE_USED, by_account, session.account_id)
        elif failures >= _WRONG_CODES_AN_HOUR or not totp.spend(connection, desk.vault, session.account_id, code):
            if failures < _WRONG_CODES_AN_HOUR:
                audit.record(connection, Entry.TOTP_FAILED, by_account, session.account_id)
            if failures == _WRONG_CODES_UNTIL_MAIL - 1:
                account = people.get(connection, session.account_id)
                outbox.put(connection, letters.second_step_failed(desk.settings, account))
            return failures
        sessions.end(connection, session.account_id, session.id)
        audit.record(connection, Entry.SIGNED_IN, by_account, session.account_id, second_step=True)
        life = timedelta(days=desk.settings.sign_in_days)
        return sessions.begin(connection, desk.secret, session.account_id, browser, life)

    outcome = await desk.write(enter)
    if outcome is None:
        raise NotAuthenticated(_TOO_LATE)
    if isinstance(outcome, str):
        return outcome
    if outcome >= _WRONG_CODES_AN_HOUR:
        raise RateLimited(
            "Too many wrong codes in an hour. Use a recovery code, or try again later.",
            retry_after_s=int(_HOUR.total_seconds()),
        )
    raise Invalid("This code is not right or was used before. Wait for the next one.", field="code")


async def confirm_password(desk: Reception, account: Account, password: str) -> str:
    """Make sure that whoever is signed in is the owner, and return the digest that the password was held against.

    Raises
    ------
    Invalid
        If the password is not right.
    RateLimited
        If there were too many tries.
    """
    await desk.admit("password again", Limit(account.id, _BY_CALLER_AND_ACCOUNT))
    digest = await desk.read(lambda connection: people.password_digest(connection, account.id))
    matches, _ = await desk.passwords.verify(password, digest)
    if not matches or digest is None:
        raise Invalid("The password is not right.", field="current_password")
    return digest


def sign_out(connection: Connection, session: Session, origin: Origin) -> None:
    """End the session of a browser."""
    end_session(connection, session.account_id, session.id, origin)


def end_session(connection: Connection, account_id: str, session_id: str, origin: Origin) -> None:
    """End one of an account's sessions, from whichever browser."""
    if sessions.end(connection, account_id, session_id):
        audit.record(connection, Entry.SIGNED_OUT, origin, account_id)


def sign_out_everywhere(connection: Connection, account_id: str, origin: Origin) -> int:
    """End every session of an account, and return how many there were."""
    ended = sessions.end_all(connection, account_id)
    audit.record(connection, Entry.SIGNED_OUT, origin, account_id, sessions=ended)
    return ended


async def _throttle(desk: Reception, email: str, browser: Browser, origin: Origin) -> None:
    caller, address = reception.network(browser.address), _address(email)
    try:
        await desk.admit(
            "sign in",
            Limit(caller, _BY_CALLER),
            Limit(f"{caller} {address}", _BY_CALLER_AND_ACCOUNT),
            Limit(address, _BY_ACCOUNT),
        )
    except RateLimited:
        await _remember_throttled(desk, caller, address, origin)
        raise


async def _remember_throttled(desk: Reception, caller: str, address: str, origin: Origin) -> None:
    """Once a minute for each caller: a flood of tries must not become a flood of rows."""
    try:
        await desk.admit("throttled", Limit(caller, Rate(1)))
    except RateLimited:
        return
    _log.warning("sign-in throttled", address=origin.address)

    def remember(connection: Connection) -> None:
        account = people.find(connection, address)
        audit.record(connection, Entry.SIGN_IN_THROTTLED, origin, account.id if account else None)

    await desk.write(remember)


def _find(connection: Connection, email: str) -> _Found:
    account = people.find(connection, email)
    return _Found(account, people.password_digest(connection, account.id) if account else None)


def _remember_failure(connection: Connection, account: Account | None, origin: Origin) -> None:
    audit.record(connection, Entry.SIGN_IN_FAILED, origin, account.id if account else None)


def _wrong_codes(connection: Connection, account_id: str) -> int:
    found: int = connection.execute(
        select(func.count()).where(
            audit_entries.c.account_id == account_id,
            audit_entries.c.event == Entry.TOTP_FAILED,
            audit_entries.c.at > clock.now() - _HOUR,
        )
    ).scalar_one()
    return found


def _address(email: str) -> str:
    try:
        return mailbox.normalise(email)
    except Invalid:
        return "none"


def _by(origin: Origin, account_id: str) -> Origin:
    return Origin(account_id, origin.address, origin.request_id)
