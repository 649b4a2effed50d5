"""The reception of a fresh installation, with passwords that cost little and counters in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from soundrack.accounts import people
from soundrack.accounts.audit import Origin
from soundrack.accounts.passwords import Cost, Passwords
from soundrack.accounts.people import Account
from soundrack.accounts.reception import Reception
from soundrack.accounts.sessions import Browser
from soundrack.billing.windows.memory import MemoryWindows
from soundrack.rack import Rack
from soundrack.settings import Settings, SignUp
from tests.standing_clock import StandingClock

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
PASSWORD = "three grey herons"
HERE = Browser("192.0.2.1", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
ORIGIN = Origin("visitor", "192.0.2.1", "req_1")

Reopened = Callable[[SignUp], Reception]


@pytest.fixture
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> StandingClock:
    return StandingClock(monkeypatch)


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(CHEAP)
    yield made
    made.close()


@pytest.fixture
def desk(rack: Rack, passwords: Passwords) -> Reception:
    return reception(rack, passwords, rack.settings)


@pytest.fixture
def open_to(rack: Rack, passwords: Passwords) -> Reopened:
    """Another desk of the same installation, at which others may sign up."""

    def reopen(mode: SignUp) -> Reception:
        return reception(rack, passwords, Settings(**rack.settings.model_dump() | {"sign_up": mode}))

    return reopen


@pytest.fixture
def owner(desk: Reception) -> Account:
    """An account that somebody can sign in to."""

    async def make() -> Account:
        digest = await desk.passwords.digest(PASSWORD)
        return await desk.write(
            lambda connection: people.create(
                connection, "anna@example.com", name="Anna", password_digest=digest, is_verified=True
            )
        )

    return asyncio.run(make())


def reception(rack: Rack, passwords: Passwords, settings: Settings) -> Reception:
    return Reception(settings, rack.secret, rack.vault, rack.database, passwords, rack.plans, MemoryWindows())


def at_once(*acts: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run several at the same time; what one raises is its result."""

    async def run() -> list[Any]:
        return await asyncio.gather(*acts, return_exceptions=True)

    return asyncio.run(run())
