"""How a message leaves: by a mail server, or into a folder where there is none."""

from __future__ import annotations

import os
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol

from soundrack.settings import Settings, SmtpSecurity

TIMEOUT_S = 30.0
_PERMANENT = range(500, 600)
_REPLY_CHARACTERS = 200


class NotSent(Exception):
    """A message that did not get through.

    Parameters
    ----------
    for_good : bool
        Whether trying again cannot help.
    """

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good


class Carrier(Protocol):
    """Takes messages."""

    def carry(self, message: EmailMessage) -> None:
        """Hand a message over, or raise `NotSent`, whose words hold no secret."""
        ...


class Smtp:
    """A mail server (RFC 5321), a connection for each message."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def carry(self, message: EmailMessage) -> None:
        """Hand a message over.

        The server's certificate is checked; with ``starttls`` nothing is sent to a server that does not offer it, and
        without encryption no password is sent but to this machine.
        """
        try:
            with self._connected() as server:
                server.send_message(message, parseaddr(str(message["From"]))[1], [str(message["To"])])
        except smtplib.SMTPRecipientsRefused as refused:
            code, reply = next(iter(refused.recipients.values()))
            raise NotSent(_reply("recipient refused", code, reply), for_good=code in _PERMANENT) from None
        except smtplib.SMTPAuthenticationError as refused:
            raise NotSent(f"the mail server did not take name and password ({refused.smtp_code})") from None
        except smtplib.SMTPResponseException as refused:
            # what a server says of its own state at the start is no verdict on the message
            by_content = isinstance(refused, smtplib.SMTPDataError | smtplib.SMTPSenderRefused)
            for_good = by_content and refused.smtp_code in _PERMANENT
            raise NotSent(_reply("refused", refused.smtp_code, refused.smtp_error), for_good=for_good) from None
        except ssl.SSLError as error:
            raise NotSent(f"no secure connection to the mail server: {error.reason or type(error).__name__}") from None
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"no connection to the mail server: {type(error).__name__}") from None

    def _connected(self) -> smtplib.SMTP:
        settings, context = self._settings, ssl.create_default_context()
        host, port, security = settings.smtp_host, settings.smtp_port, settings.smtp_security
        server: smtplib.SMTP
        if security is SmtpSecurity.TLS:
            server = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        try:
            if security is SmtpSecurity.STARTTLS:
                server.starttls(context=context)
            if settings.smtp_user:
                if security is SmtpSecurity.NONE and not _is_loopback(host):
                    raise NotSent("a password is not sent to a mail server without encryption")
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server


class Folder:
    """A folder that takes one file for each message, to be read by whoever runs the machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def carry(self, message: EmailMessage) -> None:
        """Write a message whole or not at all; written twice it is still one file."""
        mail_id = str(message["Message-ID"]).strip("<>").partition("@")[0]
        path, draft = self._folder / f"{mail_id}.eml", self._folder / f".{mail_id}.draft"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.unlink(missing_ok=True)
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123  mode
                file.write(bytes(message))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            raise NotSent(f"the mail folder cannot be written: {type(error).__name__}") from None


def _reply(what: str, code: int, reply: bytes | str) -> str:
    text = reply.decode("ascii", "replace") if isinstance(reply, bytes) else reply
    printable = "".join(character if character.isprintable() else " " for character in text)
    return f"{what}: {code} {printable[:_REPLY_CHARACTERS]}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
