"""New passwords: for those who forgot theirs, by a link in a mail, and for those who know it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from soundrack.accounts import audit, letters, mailbox, passwords, people, reception, sessions, sign_in, tickets
from soundrack.accounts.audit import Entry, Origin
from soundrack.accounts.people import Account
from soundrack.accounts.reception import Limit, Reception
from soundrack.accounts.sessions import Browser
from soundrack.accounts.tickets import Purpose
from soundrack.billing.windows import Rate
from soundrack.database import locks
from soundrack.errors import Invalid
from soundrack.outbound.mail import outbox

_BY_CALLER = Rate(5)


async def ask(desk: Reception, email: str, browser: Browser, origin: Origin) -> None:
    """Send a link to whoever owns an address, if there is an account of it; the caller is not told.

    No more than five mails an hour go to one address. A suspended account is sent none.

    Raises
    ------
    Invalid
        If it is no mail address at all.
    RateLimited
        If there were too many tries.
    """
    address = mailbox.normalise(email)
    await desk.admit("reset", Limit(reception.network(browser.address), _BY_CALLER))

    def write(connection: Connection) -> None:
        account = people.find(connection, address)
        audit.record(connection, Entry.PASSWORD_RESET_ASKED, origin, account.id if account else None)
        if account is not None and account.suspended_at is None:
            token = tickets.issue(connection, desk.secret, account.id, Purpose.PASSWORD)
            letters.ask(connection, letters.reset(desk.settings, account, token))

    await desk.write(write)


async def choose(desk: Reception, token: str, password: str, browser: Browser, origin: Origin) -> None:
    """Give the holder of a ticket a new password; the ticket is used up, every session ends and the owner is told.

    Who has read the mail owns the address, so it is confirmed as well. The second step stays on.

    Raises
    ------
    NotFound
        If the ticket is not good.
    Invalid
        If the password cannot be taken; the ticket stays good.
    RateLimited
        If there were too many tries.
    """
    await desk.admit("reset by ticket", Limit(reception.network(browser.address), _BY_CALLER))
    account = await desk.read(lambda connection: _holder(connection, desk, token))
    passwords.check(password, email=account.email)
    digest = await desk.passwords.digest(password)
    by_account = Origin(account.id, origin.address, origin.request_id)

    def write(connection: Connection) -> None:
        locks.account(connection, account.id)
        tickets.redeem(connection, desk.secret, token, Purpose.PASSWORD)
        _replace(connection, desk, account, digest, by_account)
        people.verify_email(connection, account.id, by_account)

    await desk.write(write)


async def change(
    desk: Reception, account: Account, current: str, password: str, browser: Browser, origin: Origin
) -> str:
    """Give an account that is signed in another password; every session ends, and one begins, whose token returns.

    Raises
    ------
    Invalid
        If the present password is not right, or the new one cannot be taken.
    RateLimited
        If there were too many tries.
    """
    held_against = await sign_in.confirm_password(desk, account, current)
    passwords.check(password, email=account.email)
    digest = await desk.passwords.digest(password)

    def write(connection: Connection) -> str:
        locks.account(connection, account.id)
        if people.password_digest(connection, account.id) != held_against:
            raise Invalid("The password is not right: it has just been changed.", field="current_password")
        _replace(connection, desk, account, digest, origin)
        life = timedelta(days=desk.settings.sign_in_days)
        return sessions.begin(connection, desk.secret, account.id, browser, life)

    return await desk.write(write)


def _holder(connection: Connection, desk: Reception, token: str) -> Account:
    return people.get(connection, tickets.holder(connection, desk.secret, token, Purpose.PASSWORD))


def _replace(connection: Connection, desk: Reception, account: Account, digest: str, origin: Origin) -> None:
    people.set_password(connection, account.id, digest)
    tickets.cancel(connection, account.id, Purpose.PASSWORD)
    sessions.end_all(connection, account.id)
    audit.record(connection, Entry.PASSWORD_CHANGED, origin, account.id)
    outbox.put(connection, letters.password_changed(desk.settings, account))
