"""What people are written: every mail about their account."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from sqlalchemy import Connection

from soundrack import clock
from soundrack.accounts.people import Account
from soundrack.outbound.mail import outbox
from soundrack.outbound.mail.outbox import Mail
from soundrack.settings import Settings

_MOST_AN_HOUR = 5
_HOUR = timedelta(hours=1)


def ask(connection: Connection, mail: Mail) -> None:
    """Send a mail that a stranger can cause: no more than five an hour to one address, the rest is dropped."""
    if outbox.written_since(connection, mail.recipient, clock.now() - _HOUR) < _MOST_AN_HOUR:
        outbox.put(connection, mail)


def invitation(settings: Settings, email: str, token: str, days: int) -> Mail:
    """The way in for somebody whom an administrator has invited."""
    return _mail(
        email,
        "You are invited to Soundrack",
        f"Somebody who runs Soundrack at {settings.public_url} has invited you to an account there.\n\n"
        f"{_link(settings, '/invitation', token)}\n\n"
        f"The link works once, for {days} days. If you do not want an account, do nothing.",
    )


def sign_up(settings: Settings, email: str, token: str) -> Mail:
    """The way in for somebody who has asked for an account."""
    return _mail(
        email,
        "Your account at Soundrack",
        f"Somebody, presumably you, has asked for an account at {settings.public_url} with this mail address.\n"
        "Choose a password to make it:\n\n"
        f"{_link(settings, '/invitation', token)}\n\n"
        "The link works once, for one day. If it was not you, do nothing: no account is made.",
    )


def has_account(settings: Settings, account: Account) -> Mail:
    """To somebody with whose address an account was asked for again."""
    return _mail(
        account.email,
        "You have an account at Soundrack already",
        f"Somebody, presumably you, has asked for an account at {settings.public_url} with this mail address, "
        "but there is one already.\n\n"
        f"Sign in: {settings.public_url}/sign-in\n"
        f"If you have forgotten the password: {settings.public_url}/reset\n\n"
        "If it was not you, do nothing: nothing has changed.",
    )


def confirm_address(settings: Settings, account: Account, token: str) -> Mail:
    """To somebody whose address is not known to be theirs yet."""
    return _mail(
        account.email,
        "Confirm your mail address",
        f"An account at {settings.public_url} was made with this mail address. Confirm that it is yours:\n\n"
        f"{_link(settings, '/verify', token)}\n\n"
        "The link works once, for seven days. If you know nothing of it, do nothing.",
    )


def reset(settings: Settings, account: Account, token: str) -> Mail:
    """To somebody who has forgotten a password."""
    return _mail(
        account.email,
        "Choose a new password",
        f"Somebody, presumably you, wants to choose a new password for your account at {settings.public_url}:\n\n"
        f"{_link(settings, '/reset/choose', token)}\n\n"
        "The link works once, for one hour. If it was not you, do nothing: your password stays as it is.",
    )


def password_changed(settings: Settings, account: Account) -> Mail:
    """To somebody whose password is another now."""
    return _mail(
        account.email,
        "Your password has been changed",
        f"The password of your account at {settings.public_url} has just been changed, and every other browser has "
        "been signed out.\n\n"
        f"If it was not you, choose a new one at once: {settings.public_url}/reset",
    )


def second_step_on(settings: Settings, account: Account) -> Mail:
    """To somebody who needs a code as well from now on."""
    return _mail(
        account.email,
        "Signing in takes a code now",
        f"Signing in to your account at {settings.public_url} takes a code from your authenticator app from now on.\n\n"
        f"If it was not you, choose a new password at once: {settings.public_url}/reset",
    )


def second_step_off(settings: Settings, account: Account) -> Mail:
    """To somebody who does not need a code any more."""
    return _mail(
        account.email,
        "Signing in takes no code any more",
        f"Signing in to your account at {settings.public_url} takes the password alone from now on.\n\n"
        f"If it was not you, choose a new password at once: {settings.public_url}/reset",
    )


def second_step_failed(settings: Settings, account: Account) -> Mail:
    """To somebody whose password another person seems to have."""
    return _mail(
        account.email,
        "Somebody has your password",
        f"Somebody has entered the right password of your account at {settings.public_url} several times, and then "
        "wrong codes. They have not come in.\n\n"
        f"If it was not you, choose a new password: {settings.public_url}/reset",
    )


def _mail(recipient: str, subject: str, text: str) -> Mail:
    return Mail(recipient, subject, f"{text}\n")


def _link(settings: Settings, path: str, token: str) -> str:
    return f"{settings.public_url}{path}?{urlencode({'ticket': token})}"
