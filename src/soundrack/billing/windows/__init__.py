"""How often a subject may be let through: an exact sliding minute, and at most so many in one second.

A subject is whoever shares a limit: a key, an account at a service, an address that tries to sign in. Every process of
an installation counts in one place: a SQLite file or PostgreSQL, as with the database, or Redis where there is one.
"""

from __future__ import annotations

from typing import Protocol

from soundrack.billing.windows.log import Rate, Standing
from soundrack.database import Database
from soundrack.database.lookups import Lookups
from soundrack.settings import Settings

__all__ = ["Rate", "Standing", "Windows", "build"]


class Windows(Protocol):
    """The counters of an installation. Opened on first use, and again after `close`."""

    async def hit(self, subject: str, rate: Rate) -> Standing:
        """Let a request through and count it, or refuse it and count nothing; both limits are judged at once."""
        ...

    async def look(self, subject: str, rate: Rate) -> Standing:
        """Return how a subject stands, without counting anything."""
        ...

    async def close(self) -> None:
        """Give back what belongs to the running event loop."""
        ...

    def release(self) -> None:
        """Give back what belongs to no event loop."""
        ...


def build(settings: Settings, database: Database, lookups: Lookups) -> Windows:
    """Return the counters that the settings ask for; while they are out of reach, each process counts by itself.

    Raises
    ------
    NotConfigured
        If `redis_url` is not the address of a Redis.
    """
    from soundrack.billing.windows.fallback import Fallback  # noqa: PLC0415  they stand on this module

    if settings.redis_url.get_secret_value():
        from soundrack.billing.windows.redis import RedisWindows  # noqa: PLC0415  slow to import, and seldom wanted

        return Fallback(RedisWindows(settings.redis_url))
    if database.url.startswith("sqlite"):
        from soundrack.billing.windows.sqlite import SqliteWindows  # noqa: PLC0415

        return Fallback(SqliteWindows(settings.data / "limits.db"))
    from soundrack.billing.windows.postgresql import PostgresqlWindows  # noqa: PLC0415

    return Fallback(PostgresqlWindows(database, lookups))
