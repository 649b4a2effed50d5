"""The outbox: a mail is written in the transaction that causes it and sent afterwards, with retries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from soundrack import clock, ids
from soundrack.database.tables import mails


@dataclass(frozen=True)
class Mail:
    """One message in plain text."""

    recipient: str
    subject: str
    text: str


def put(connection: Connection, mail: Mail) -> None:
    """Have a mail sent once the connection's transaction commits."""
    now = clock.now()
    connection.execute(
        insert(mails).values(
            id=ids.short("mail_", 20),
            recipient=mail.recipient,
            subject=mail.subject,
            text=mail.text,
            attempts=0,
            created_at=now,
            due_at=now,
            error="",
        )
    )


def written_since(connection: Connection, recipient: str, moment: datetime) -> int:
    """Return how many mails to an address were written since a moment."""
    found: int = connection.execute(
        select(func.count()).where(mails.c.recipient == recipient, mails.c.created_at > moment)
    ).scalar_one()
    return found
