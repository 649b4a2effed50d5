"""The postman: takes what is in the outbox, one mail at a time, until it is sent or has failed for good.

A mail is claimed before it is sent, so that of several postmen one sends it. Who dies between the sending and the
writing down of it leaves a claim that runs out, and the mail goes out once more, with the same ``Message-ID``: at
least once, and never not at all.
"""

from __future__ import annotations

import random
import secrets
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Row, and_, delete, or_, select, update

from soundrack import clock
from soundrack.database import Database
from soundrack.database.tables import mails
from soundrack.errors import Invalid
from soundrack.outbound.mail import message
from soundrack.outbound.mail.carriers import Carrier, Folder, NotSent, Smtp
from soundrack.settings import Settings

PAUSES_S = (60, 600, 3600, 3 * 3600)
"""Between the five attempts."""
LEASE = timedelta(minutes=10)
"""For one mail: longer than a session with a mail server takes in which each step takes as long as it may."""
RETENTION = timedelta(days=30)
_SWEEP_EVERY = timedelta(minutes=10)
_AT_ONCE = 50
_JITTER = 0.1
_MOST_ERROR_CHARACTERS = 300

_log = structlog.get_logger()


class Postman:
    """Sends the mail of one installation; several may work at once."""

    def __init__(self, settings: Settings, database: Database, carrier: Carrier | None = None) -> None:
        self._settings = settings
        self._database = database
        self._name = f"postman {secrets.token_hex(8)}"
        self._sweep_at = clock.now()
        self._to_folder = carrier is None and not settings.smtp_host
        self._carrier = carrier or (Smtp(settings) if settings.smtp_host else Folder(settings.mail))

    def round(self) -> int:
        """Send what is due, up to 50 mails, and return how many went out. It blocks: for a thread.

        No failure to send is raised: it is written to the mail and logged, and the mail is due again after a pause.
        What was sent long ago is cleared away.
        """
        sent = 0
        for mail_id in self._due():
            row = self._claim(mail_id)
            if row is not None and self._send(row):
                sent += 1
        if self._sweep_at <= clock.now():
            self._sweep()
            self._sweep_at = clock.now() + _SWEEP_EVERY
        return sent

    def _due(self) -> list[str]:
        with self._database.read() as connection:
            return list(
                connection.execute(
                    select(mails.c.id).where(_free(clock.now())).order_by(mails.c.due_at, mails.c.id).limit(_AT_ONCE)
                ).scalars()
            )

    def _claim(self, mail_id: str) -> Row[*tuple[object, ...]] | None:
        now = clock.now()
        with self._database.write() as connection:
            claimed = connection.execute(
                update(mails)
                .where(mails.c.id == mail_id, _free(now))
                .values(claimed_by=self._name, claimed_until=now + LEASE, attempts=mails.c.attempts + 1)
            )
            if claimed.rowcount == 0:
                return None
            return connection.execute(select(mails).where(mails.c.id == mail_id)).one()

    def _send(self, row: Row[*tuple[object, ...]]) -> bool:
        mail = row._asdict()
        log = _log.bind(mail=mail["id"], attempt=mail["attempts"])
        try:
            self._carrier.carry(message.build(row, self._settings.mail_from))
        except NotSent as failure:
            self._fail(mail["id"], mail["attempts"], str(failure), for_good=failure.for_good, log=log)
            return False
        except Invalid as failure:
            self._fail(mail["id"], mail["attempts"], str(failure), for_good=True, log=log)
            return False
        # the text may hold a link that opens an account: it is kept no longer than it has to be
        self._conclude(mail["id"], mail["attempts"], sent_at=clock.now(), due_at=None, text="", error="")
        if self._to_folder:
            log.warning("mail written to the mail folder, as no mail server is set", folder=str(self._settings.mail))
        else:
            log.info("mail sent")
        return True

    def _fail(
        self, mail_id: str, attempt: int, error: str, *, for_good: bool, log: structlog.typing.FilteringBoundLogger
    ) -> None:
        error = error[:_MOST_ERROR_CHARACTERS]
        if for_good or attempt > len(PAUSES_S):
            self._conclude(mail_id, attempt, due_at=None, text="", error=error)
            log.error("mail given up", error=error)
            return
        pause_s = PAUSES_S[attempt - 1] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  no secret
        self._conclude(mail_id, attempt, due_at=clock.now() + timedelta(seconds=pause_s), error=error)
        log.warning("mail not sent", error=error, again_in_s=round(pause_s))

    def _conclude(self, mail_id: str, attempt: int, **values: object) -> None:
        """Only of our own claim: whoever has been so slow that it ran out has no say any more."""
        with self._database.write() as connection:
            connection.execute(
                update(mails)
                .where(mails.c.id == mail_id, mails.c.claimed_by == self._name, mails.c.attempts == attempt)
                .values(claimed_by=None, claimed_until=None, **values)
            )

    def _sweep(self) -> None:
        """Also what has taken down every postman that tried it."""
        now = clock.now()
        with self._database.write() as connection:
            connection.execute(
                update(mails)
                .where(mails.c.due_at.is_not(None), mails.c.attempts > len(PAUSES_S), mails.c.claimed_until <= now)
                .values(due_at=None, claimed_by=None, claimed_until=None, text="", error="broken off each time")
            )
            connection.execute(delete(mails).where(mails.c.due_at.is_(None), mails.c.created_at < now - RETENTION))


def _free(now: datetime) -> ColumnElement[bool]:
    return and_(
        mails.c.sent_at.is_(None),
        mails.c.due_at <= now,
        mails.c.attempts <= len(PAUSES_S),
        or_(mails.c.claimed_until.is_(None), mails.c.claimed_until <= now),
    )
