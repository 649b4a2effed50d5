"""The second step: time-based one-time passwords (RFC 6238) and the recovery codes for when the phone is gone.

The secret is sealed where it is stored. A code is 6 digits of SHA-1 over steps of 30 s, the form that every
authenticator knows; the step before and the one after are taken too, for clocks that are off (section 5.2), and each
step opens once.
"""

from __future__ import annotations

import hmac
import secrets

import pyotp
import segno
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from soundrack import clock
from soundrack.accounts import audit, letters
from soundrack.accounts.audit import Entry, Origin
from soundrack.accounts.people import Account
from soundrack.database.tables import accounts, recovery_codes
from soundrack.errors import Conflict, Invalid
from soundrack.outbound.mail import outbox
from soundrack.secret import Secret
from soundrack.settings import Settings
from soundrack.vault import Vault

STEP_S = 30
RECOVERY_CODES = 10
_TOLERANCE_STEPS = 1
_ISSUER = "Soundrack"
_RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is read for something else
_RECOVERY_CHARACTERS = 10


def propose(connection: Connection, vault: Vault, account: Account) -> str:
    """Return the secret that an account is to put into an authenticator: the same one until it is confirmed.

    Raises
    ------
    Conflict
        If the second step is on already.
    """
    fresh = pyotp.random_base32()
    connection.execute(
        update(accounts)
        .where(accounts.c.id == account.id, accounts.c.totp_sealed.is_(None))
        .values(totp_sealed=vault.seal(fresh, _purpose(account.id)), totp_step=None)
    )
    return pending(connection, vault, account)


def pending(connection: Connection, vault: Vault, account: Account) -> str:
    """Return the secret that waits to be confirmed.

    Raises
    ------
    Conflict
        If there is none, or it is confirmed.
    """
    row = connection.execute(
        select(accounts.c.totp_sealed).where(accounts.c.id == account.id, accounts.c.totp_confirmed_at.is_(None))
    ).scalar_one_or_none()
    if row is None:
        raise Conflict("The second step is on already, or has not been begun.")
    return vault.open(row, _purpose(account.id))


def uri(account: Account, totp_secret: str) -> str:
    """Return the address that an authenticator reads a secret from (the ``otpauth`` form of Google Authenticator)."""
    return pyotp.TOTP(totp_secret).provisioning_uri(name=account.email, issuer_name=_ISSUER)


def picture(text: str) -> str:
    """Return a text as a QR code, an SVG element without styles that goes into a page as it is."""
    return segno.make(text, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )


def confirm(
    connection: Connection,
    settings: Settings,
    vault: Vault,
    secret: Secret,
    account: Account,
    code: str,
    origin: Origin,
) -> list[str]:
    """Switch the second step on, given a first right code, and return the recovery codes, which are not kept.

    The owner is told by mail.

    Raises
    ------
    Conflict
        As `pending`.
    Invalid
        If the code is not right.
    """
    step = _step_of(pending(connection, vault, account), code)
    if step is None:
        raise Invalid("This code is not right. Enter the one that the app shows now.", field="code")
    switched = connection.execute(
        update(accounts)
        .where(accounts.c.id == account.id, accounts.c.totp_confirmed_at.is_(None), accounts.c.totp_sealed.is_not(None))
        .values(totp_confirmed_at=clock.now(), totp_step=step)
    )
    if switched.rowcount == 0:
        raise Conflict("The second step is on already.")
    audit.record(connection, Entry.TOTP_ENABLED, origin, account.id)
    outbox.put(connection, letters.second_step_on(settings, account))
    return _new_recovery_codes(connection, secret, account.id)


def spend(connection: Connection, vault: Vault, account_id: str, code: str) -> bool:
    """Return whether a code is right and was not used before; it is from now on. Of two at once, one is."""
    sealed = connection.execute(
        select(accounts.c.totp_sealed).where(accounts.c.id == account_id, accounts.c.totp_confirmed_at.is_not(None))
    ).scalar_one_or_none()
    step = _step_of(vault.open(sealed, _purpose(account_id)), code) if sealed else None
    if step is None:
        return False
    spent = connection.execute(
        update(accounts)
        .where(
            accounts.c.id == account_id,
            accounts.c.totp_sealed == sealed,
            or_(accounts.c.totp_step.is_(None), accounts.c.totp_step < step),
        )
        .values(totp_step=step)
    )
    return spent.rowcount == 1


def spend_recovery_code(connection: Connection, secret: Secret, account_id: str, code: str) -> bool:
    """Return whether a recovery code is one of an account's that was not used before; it is from now on."""
    spent = connection.execute(
        update(recovery_codes)
        .where(
            recovery_codes.c.digest == _digest(secret, account_id, code),
            recovery_codes.c.account_id == account_id,
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    return spent.rowcount == 1


def renew_recovery_codes(connection: Connection, secret: Secret, account_id: str, origin: Origin) -> list[str]:
    """Return ten new recovery codes of some 49 bits; those from before open nothing any more."""
    audit.record(connection, Entry.RECOVERY_CODES_RENEWED, origin, account_id)
    return _new_recovery_codes(connection, secret, account_id)


def _new_recovery_codes(connection: Connection, secret: Secret, account_id: str) -> list[str]:
    connection.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    connection.execute(
        insert(recovery_codes),
        [{"digest": _digest(secret, account_id, code), "account_id": account_id} for code in codes],
    )
    return codes


def recovery_codes_left(connection: Connection, account_id: str) -> int:
    """Return how many recovery codes have not been used."""
    found: int = connection.execute(
        select(func.count()).where(recovery_codes.c.account_id == account_id, recovery_codes.c.used_at.is_(None))
    ).scalar_one()
    return found


def switch_off(connection: Connection, settings: Settings, account: Account, origin: Origin) -> bool:
    """Forget the secret and the recovery codes, tell the owner, and return whether the second step was on."""
    was_on = connection.execute(
        update(accounts)
        .where(accounts.c.id == account.id, accounts.c.totp_confirmed_at.is_not(None))
        .values(totp_sealed=None, totp_step=None, totp_confirmed_at=None)
    ).rowcount
    if was_on:
        connection.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account.id))
        audit.record(connection, Entry.TOTP_DISABLED, origin, account.id)
        outbox.put(connection, letters.second_step_off(settings, account))
    return was_on == 1


def _step_of(totp_secret: str, code: str) -> int | None:
    """The step whose code this is: the present one before its neighbours."""
    now, digits = int(clock.now().timestamp()) // STEP_S, "".join(code.split())
    generator, found = pyotp.HOTP(totp_secret), None
    for step in sorted(range(now - _TOLERANCE_STEPS, now + _TOLERANCE_STEPS + 1), key=lambda step: abs(step - now)):
        if hmac.compare_digest(generator.at(step).encode(), digits.encode(errors="replace")) and found is None:
            found = step
    return found


def _recovery_code() -> str:
    letters = "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(_RECOVERY_CHARACTERS))
    return f"{letters[:5]}-{letters[5:]}"


def _digest(secret: Secret, account_id: str, code: str) -> str:
    plain = "".join(filter(str.isalnum, code.lower()))
    return secret.digest("recovery codes", f"{account_id}\n{plain}")


def _purpose(account_id: str) -> str:
    return f"totp {account_id}"
