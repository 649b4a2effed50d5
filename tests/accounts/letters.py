"""What was written to whom, as the outbox has it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select

from soundrack.database import Database
from soundrack.database.tables import mails


@dataclass(frozen=True)
class Letter:
    """One mail."""

    recipient: str
    subject: str
    text: str

    @property
    def ticket(self) -> str:
        """The token in its link."""
        return str(re.findall(r"\?ticket=([\w-]+)", self.text)[0])


def written(database: Database) -> list[Letter]:
    """Every mail, the oldest first."""
    with database.read() as connection:
        rows = connection.execute(
            select(mails.c.recipient, mails.c.subject, mails.c.text).order_by(mails.c.created_at, mails.c.id)
        )
        return [Letter(*row) for row in rows]
