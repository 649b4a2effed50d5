"""How tests sign in, and what they see of it."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from soundrack.accounts import sessions, sign_in
from soundrack.accounts.reception import Reception
from soundrack.accounts.sessions import Browser, Session
from soundrack.accounts.sign_in import Entered
from soundrack.database.tables import audit_entries
from tests.accounts.conftest import HERE, ORIGIN, PASSWORD


def enter(
    desk: Reception, email: str, password: str = PASSWORD, browser: Browser = HERE, before: Session | None = None
) -> Entered:
    return asyncio.run(sign_in.with_password(desk, email, password, browser, ORIGIN, before=before))


def session_of(desk: Reception, token: str) -> Session | None:
    with desk.database.read() as connection:
        return sessions.find(connection, desk.secret, token)


def events(desk: Reception) -> list[str]:
    with desk.database.read() as connection:
        return list(connection.execute(select(audit_entries.c.event).order_by(audit_entries.c.id)).scalars())
