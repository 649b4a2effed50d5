"""New accounts: the first of an installation, the invited, and those that anybody may make.

Nobody who has not read the mail to an address gets an account by asking for one: in `open` mode a stranger gives an
address and is sent a link there, which is an invitation that he has made himself. Password and name come after it. So
an account is never waiting, with a stranger's password, for the address's owner to confirm it.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlencode

from sqlalchemy import Connection, exists, select, update

from soundrack import clock, ids
from soundrack.accounts import audit, invitations, letters, mailbox, passwords, people, reception, tickets
from soundrack.accounts.audit import COMMAND_LINE, Entry, Origin
from soundrack.accounts.people import Account
from soundrack.accounts.reception import Limit, Reception
from soundrack.accounts.sessions import Browser
from soundrack.accounts.tickets import Purpose
from soundrack.billing import credits, subscriptions
from soundrack.billing.plans import Plans
from soundrack.billing.windows import Rate
from soundrack.database.tables import accounts
from soundrack.errors import Conflict, NotAllowed
from soundrack.secret import Secret
from soundrack.settings import Settings, SignUp

_CODE_CHARACTERS = 24
_BY_CALLER = Rate(5)


def first_account(
    connection: Connection,
    plans: Plans,
    email: str,
    origin: Origin,
    *,
    name: str = "",
    password_digest: str | None = None,
) -> Account:
    """Make the account of whoever owns the machine: an administrator with the highest plan everywhere and credits.

    Raises
    ------
    Invalid
        If the address or the name cannot be one.
    Conflict
        If there is an account of this address.
    """
    account = people.create(
        connection, email, name=name, password_digest=password_digest, is_admin=True, is_verified=True
    )
    subscriptions.subscribe_highest(connection, plans, account.id)
    credits.grant(connection, account.id, credits.FIRST_GRANT, "first account of this installation")
    audit.record(connection, Entry.ACCOUNT_CREATED, origin, account.id, first=True)
    return people.get(connection, account.id)


def account_for(connection: Connection, plans: Plans, email: str | None) -> Account:
    """Return the account of an address, or without one the oldest, for the command line; it is made if there is none.

    The first of an installation is made by `first_account`. Addresses that an operator names count as confirmed.

    Raises
    ------
    Invalid
        If the address cannot be one.
    """
    oldest = people.first(connection)
    found = people.find(connection, email) if email else oldest
    if found is not None:
        return found
    if oldest is None:
        return first_account(connection, plans, email or people.FIRST_EMAIL, COMMAND_LINE)
    account = people.create(connection, email or people.FIRST_EMAIL, is_verified=True)
    audit.record(connection, Entry.ACCOUNT_CREATED, COMMAND_LINE, account.id)
    return account


def is_set_up(connection: Connection) -> bool:
    """Return whether somebody can sign in at all."""
    found: bool = connection.execute(select(exists().where(accounts.c.password_digest.is_not(None)))).scalar_one()
    return found


def setup_code(secret: Secret) -> str:
    """Return what a browser has to show before it may make the first account: printed where the server runs.

    A caller's address proves nothing: behind a reverse proxy on the same machine everybody comes from loopback.
    """
    digest = hmac.digest(secret.key("setup code"), b"", hashlib.sha256)
    return "".join(ids.BASE62[byte % len(ids.BASE62)] for byte in digest[:_CODE_CHARACTERS])


def setup_link(settings: Settings, secret: Secret) -> str:
    """Return the page on which a browser may make the first account, with its code."""
    return f"{settings.public_url}/setup?{urlencode({'code': setup_code(secret)})}"


def require_setup_code(secret: Secret, code: str) -> None:
    """Refuse whoever has not seen the server's log.

    Raises
    ------
    NotAllowed
        If the code is not right.
    """
    if not hmac.compare_digest(code.strip().encode(errors="replace"), setup_code(secret).encode()):
        raise NotAllowed("Open the link that the server printed when it started, or run `soundrack setup`.")


async def set_up(
    desk: Reception, code: str, email: str, name: str, password: str, browser: Browser, origin: Origin
) -> Account:
    """Make the first account from a browser.

    Raises
    ------
    NotAllowed
        If the code is not right.
    Invalid
        If the address, name or password cannot be taken.
    Conflict
        If somebody can sign in already; of two at once, one is let through.
    RateLimited
        If there were too many tries.
    """
    await desk.admit("setup", Limit(reception.network(browser.address), _BY_CALLER))
    require_setup_code(desk.secret, code)
    address = mailbox.normalise(email)
    people.display_name(name)
    passwords.check(password, email=address)
    digest = await desk.passwords.digest(password)
    return await desk.write(lambda connection: take(connection, desk.plans, address, name, digest, origin))


def take(connection: Connection, plans: Plans, email: str, name: str, password_digest: str, origin: Origin) -> Account:
    """Give an installation to its owner.

    The account of this address, or the nameless one that was made for a key, becomes the owner's with all that it
    has; if there is neither, a new one does.

    Raises
    ------
    Conflict
        If somebody can sign in already.
    """
    if is_set_up(connection):
        raise Conflict("This installation has been set up: sign in, or reset the password by mail.")
    invitations.take_setup_seat(connection)
    present = people.find(connection, email) or people.find(connection, people.FIRST_EMAIL)
    if present is None:
        return first_account(connection, plans, email, origin, name=name, password_digest=password_digest)
    connection.execute(
        update(accounts)
        .where(accounts.c.id == present.id)
        .values(
            email=mailbox.normalise(email),
            name=people.display_name(name) or present.name,
            password_digest=password_digest,
            is_admin=True,
            email_verified_at=present.email_verified_at or clock.now(),
            suspended_at=None,
        )
    )
    subscriptions.subscribe_highest(connection, plans, present.id)
    audit.record(connection, Entry.PASSWORD_CHANGED, origin, present.id, setup=True)
    return people.get(connection, present.id)


async def ask(desk: Reception, email: str, browser: Browser) -> None:
    """Send a link by which an account can be made to an address; if it has one, its owner is told so instead.

    The caller is not told which. No more than five mails an hour go to one address.

    Raises
    ------
    NotAllowed
        If not everybody may sign up.
    Invalid
        If it is no mail address at all.
    RateLimited
        If there were too many tries.
    """
    if desk.settings.sign_up is not SignUp.OPEN:
        raise NotAllowed("Nobody can sign up here without an invitation.")
    address = mailbox.normalise(email)
    await desk.admit("sign up", Limit(reception.network(browser.address), _BY_CALLER))

    def write(connection: Connection) -> None:
        account = people.find(connection, address)
        if account is None:
            new = invitations.make(connection, desk.secret, address, invitations.OWN_LIFE)
            letters.ask(connection, letters.sign_up(desk.settings, address, new.token))
        else:
            letters.ask(connection, letters.has_account(desk.settings, account))

    await desk.write(write)


async def accept(
    desk: Reception, token: str, email: str, name: str, password: str, browser: Browser, origin: Origin
) -> None:
    """Use an invitation up and make the account.

    One that names an address makes that address's account, and `email` is not looked at. With one that is for
    anybody the address is not known to be the caller's, so he is not told whether there was an account of it
    already: its owner is, by mail. Else a link to confirm the address is sent to it.

    Raises
    ------
    NotFound
        If the invitation is not good; of two who use it at once, one does.
    Invalid
        If the address, name or password cannot be taken; the invitation stays good.
    Conflict
        If the invitation's own address has an account by now.
    RateLimited
        If there were too many tries.
    """
    await desk.admit("invitation", Limit(reception.network(browser.address), _BY_CALLER))
    held = await desk.read(lambda connection: invitations.find(connection, desk.settings, desk.secret, token))
    address = held.email or mailbox.normalise(email)
    people.display_name(name)
    passwords.check(password, email=address)
    digest = await desk.passwords.digest(password)

    def write(connection: Connection) -> None:
        invitations.use(connection, desk.secret, token)
        try:
            account = people.create(
                connection, address, name=name, password_digest=digest, is_verified=held.email is not None
            )
        except Conflict:
            if held.email is not None:
                raise
            owner = people.find(connection, address)
            if owner is not None:
                letters.ask(connection, letters.has_account(desk.settings, owner))
            return
        by_account = Origin(account.id, origin.address, origin.request_id)
        audit.record(connection, Entry.ACCOUNT_CREATED, by_account, account.id)
        if held.email is None:
            send_confirmation(connection, desk.settings, desk.secret, account)

    await desk.write(write)


def send_confirmation(connection: Connection, settings: Settings, secret: Secret, account: Account) -> None:
    """Send the link by which an account's address is confirmed, unless it is or five mails went there in an hour."""
    if account.email_verified_at is None:
        token = tickets.issue(connection, secret, account.id, Purpose.EMAIL)
        letters.ask(connection, letters.confirm_address(settings, account, token))


def confirm(connection: Connection, secret: Secret, token: str, origin: Origin) -> None:
    """Confirm the address that a ticket was sent to.

    Raises
    ------
    NotFound
        If the ticket is not good.
    """
    account_id = tickets.redeem(connection, secret, token, Purpose.EMAIL)
    people.verify_email(connection, account_id, Origin(account_id, origin.address, origin.request_id))
