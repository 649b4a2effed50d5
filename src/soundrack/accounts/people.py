"""Accounts: who owns keys, jobs and credits."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from soundrack import clock, ids
from soundrack.accounts import audit, mailbox
from soundrack.accounts.audit import Entry, Origin
from soundrack.database.tables import accounts, sign_ins
from soundrack.errors import Conflict, Invalid, NotAllowed, NotFound

FIRST_EMAIL = "owner@localhost"
"""Address of the account that a machine gets when it has none and nobody names one."""

_MOST_NAME_CHARACTERS = 100


@dataclass(frozen=True)
class Account:
    """One account.

    Attributes
    ----------
    email : str
        In the form of `mailbox.normalise`.
    name : str
        How its owner wants to be called; may be empty.
    is_admin : bool
        Whether it may invite people and look after others' accounts.
    has_password : bool
        Whether somebody can sign in to it: an account that was made for a key alone has none.
    has_totp : bool
        Whether signing in takes a second step.
    email_verified_at, suspended_at : datetime or None
        Since when, if it is.
    """

    id: str
    email: str
    credit_balance: int
    name: str
    is_admin: bool
    has_password: bool
    has_totp: bool
    email_verified_at: datetime | None
    suspended_at: datetime | None
    created_at: datetime

    @property
    def title(self) -> str:
        """What to call it on a page: its name or else its address."""
        return self.name or self.email


def create(
    connection: Connection,
    email: str,
    *,
    name: str = "",
    password_digest: str | None = None,
    is_admin: bool = False,
    is_verified: bool = False,
) -> Account:
    """Store a new account with no credits.

    Raises
    ------
    Invalid
        If the address or the name cannot be one.
    Conflict
        If there is an account of this address; of two that are made at once, one is.
    """
    now = clock.now()
    values = {
        "id": ids.short("acc_"),
        "email": mailbox.normalise(email),
        "name": display_name(name),
        "password_digest": password_digest,
        "is_admin": is_admin,
        "credit_balance": 0,
        "email_verified_at": now if is_verified else None,
        "created_at": now,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(accounts).values(values))
    except IntegrityError:
        raise Conflict("There is an account of this mail address already.", field="email") from None
    return get(connection, str(values["id"]))


def find(connection: Connection, email: str) -> Account | None:
    """Return the account of an address, if there is one."""
    try:
        address = mailbox.normalise(email)
    except Invalid:
        return None
    return _one(connection, _COLUMNS.where(accounts.c.email == address))


def first(connection: Connection) -> Account | None:
    """Return the oldest account, if there is any."""
    return _one(connection, _COLUMNS.order_by(accounts.c.created_at, accounts.c.id).limit(1))


def listed(connection: Connection) -> list[Account]:
    """Return all accounts, the oldest first."""
    rows = connection.execute(_COLUMNS.order_by(accounts.c.created_at, accounts.c.id))
    return [_account(row) for row in rows]


def get(connection: Connection, account_id: str) -> Account:
    """Return an account.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    account = _one(connection, _COLUMNS.where(accounts.c.id == account_id))
    if account is None:
        raise NotFound("No such account.")
    return account


def password_digest(connection: Connection, account_id: str) -> str | None:
    """Return the digest of an account's password, if it has one."""
    found: str | None = connection.execute(
        select(accounts.c.password_digest).where(accounts.c.id == account_id)
    ).scalar_one_or_none()
    return found


def rename(connection: Connection, account_id: str, name: str) -> None:
    """Call an account something else.

    Raises
    ------
    Invalid
        If the name is too long or is not of printable characters.
    """
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(name=display_name(name)))


def set_password(connection: Connection, account_id: str, digest: str) -> None:
    """Replace an account's password by another, of which this is the digest."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(password_digest=digest))


def refresh_password(connection: Connection, account_id: str, old_digest: str, digest: str) -> None:
    """Store another digest of the same password, unless the password has been changed in the meantime."""
    connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.password_digest == old_digest)
        .values(password_digest=digest)
    )


def verify_email(connection: Connection, account_id: str, origin: Origin) -> None:
    """Remember that whoever owns an account reads the mail to its address."""
    verified = connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.email_verified_at.is_(None))
        .values(email_verified_at=clock.now())
    )
    if verified.rowcount:
        audit.record(connection, Entry.EMAIL_VERIFIED, origin, account_id)


def require_verified(account: Account) -> None:
    """Refuse an account whose address nobody has confirmed; those are not given keys.

    Raises
    ------
    NotAllowed
        If it has not been confirmed.
    """
    if account.email_verified_at is None:
        raise NotAllowed("Confirm your mail address first, by the link that was sent to it.")


def suspend(connection: Connection, account_id: str, origin: Origin) -> bool:
    """Shut an account out: nobody signs in to it, and whoever is signed in is not any more.

    Returns
    -------
    bool
        Whether it was not suspended before.
    """
    suspended = connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.suspended_at.is_(None))
        .values(suspended_at=clock.now())
    )
    connection.execute(delete(sign_ins).where(sign_ins.c.account_id == account_id))
    if suspended.rowcount:
        audit.record(connection, Entry.ACCOUNT_SUSPENDED, origin, account_id)
    return suspended.rowcount == 1


def restore(connection: Connection, account_id: str, origin: Origin) -> bool:
    """Let a suspended account in again, and return whether it was suspended."""
    restored = connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.suspended_at.is_not(None))
        .values(suspended_at=None)
    )
    if restored.rowcount:
        audit.record(connection, Entry.ACCOUNT_RESTORED, origin, account_id)
    return restored.rowcount == 1


def display_name(text: str) -> str:
    """Return a name as it is stored: composed (NFC), every run of white space one space.

    Raises
    ------
    Invalid
        If it has more than 100 characters, or one that is not printed.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if len(name) > _MOST_NAME_CHARACTERS:
        raise Invalid(f"A name has at most {_MOST_NAME_CHARACTERS} characters.", field="name")
    if not name.isprintable():
        raise Invalid("A name consists of printable characters.", field="name")
    return name


def _one(connection: Connection, statement: Select[*tuple[object, ...]]) -> Account | None:
    row = connection.execute(statement).first()
    return _account(row) if row else None


def _account(row: Row[*tuple[object, ...]]) -> Account:
    fields = row._asdict()
    return Account(
        has_password=fields.pop("password_digest") is not None,
        has_totp=fields.pop("totp_confirmed_at") is not None,
        **fields,
    )


_COLUMNS = select(
    accounts.c.id,
    accounts.c.email,
    accounts.c.credit_balance,
    accounts.c.name,
    accounts.c.is_admin,
    accounts.c.password_digest,
    accounts.c.totp_confirmed_at,
    accounts.c.email_verified_at,
    accounts.c.suspended_at,
    accounts.c.created_at,
)
