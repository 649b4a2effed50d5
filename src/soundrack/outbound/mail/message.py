"""A mail as it goes out (RFC 5322)."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from sqlalchemy import Row

from soundrack.errors import Invalid

# A link must not be broken in two, as quoted-printable does with lines that are longer.
_POLICY = SMTP.clone(max_line_length=998)


def build(row: Row[*tuple[object, ...]], sender: str) -> EmailMessage:
    """Return the message of a row of the outbox.

    Its ``Message-ID`` is the row's, the same at each attempt, so that a receiver can know a second copy.

    Raises
    ------
    Invalid
        If an address cannot be one, or the subject has more than one line.
    """
    mail = row._asdict()
    name, address = parseaddr(sender)
    message = EmailMessage(policy=_POLICY)
    try:
        origin = Address(name, addr_spec=address)
        message["From"] = origin
        message["To"] = Address(addr_spec=mail["recipient"])
        message["Subject"] = mail["subject"]
    except (ValueError, IndexError):  # what the standard library raises for addresses it cannot read
        raise Invalid("The mail has an address or a subject that cannot be one.") from None
    message["Date"] = format_datetime(mail["created_at"])
    message["Message-ID"] = f"<{mail['id']}@{origin.domain or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes, please
    message.set_content(mail["text"])
    return message
