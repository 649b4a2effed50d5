"""Counters in Redis or Valkey, shared by all processes on all machines.

A hit is one script, which the server carries out alone. The rule is that of `log.py`, and the same tests hold both.
Moments are those of our clock, as everywhere: the windows, the headers and the logs then speak of one time. Machines
whose clocks are apart are as exact as their clocks.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from importlib import resources

from pydantic import SecretStr
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from soundrack import clock
from soundrack.billing.windows.fallback import OutOfReach
from soundrack.billing.windows.log import SECOND_US, Rate, Standing, microseconds
from soundrack.errors import NotConfigured

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PREFIX = "soundrack:window:"
_POOL_SIZE = 16


class RedisWindows:
    """Counters in one Redis.

    Parameters
    ----------
    url : SecretStr
        ``redis://``, ``rediss://`` or ``unix://``, with a password if there is one.
    patience_s : float
        How long a hit waits for a connection, and for an answer.

    Raises
    ------
    NotConfigured
        If it is not such an address. Whether a server answers is seen at the first hit.
    """

    def __init__(self, url: SecretStr, *, patience_s: float = 0.5) -> None:
        self._url = url
        self._patience_s = patience_s
        self._script = (resources.files("soundrack.billing.windows") / "redis.lua").read_text(encoding="utf-8")
        self._clients: dict[asyncio.AbstractEventLoop, tuple[Redis, AsyncScript]] = {}
        try:
            self._pool()
        except ValueError:
            raise NotConfigured(
                "SOUNDRACK_REDIS_URL must be redis://host:port/number, rediss://… or unix:///path.", field="redis_url"
            ) from None

    async def hit(self, subject: str, rate: Rate) -> Standing:
        """Count a request, as `Windows.hit`."""
        return await self._call(subject, rate, enter=True)

    async def look(self, subject: str, rate: Rate) -> Standing:
        """Look, as `Windows.look`."""
        return await self._call(subject, rate, enter=False)

    async def close(self) -> None:
        """Close this event loop's connections."""
        found = self._clients.pop(asyncio.get_running_loop(), None)
        if found is not None:
            await found[0].aclose()

    def release(self) -> None:
        """Nothing is held outside an event loop."""

    async def _call(self, subject: str, rate: Rate, *, enter: bool) -> Standing:
        now_us = microseconds(clock.now())
        arguments = [rate.per_minute, rate.burst or 0, now_us, int(enter)]
        try:
            # a server that was restarted has lost the script: it is then sent again
            remaining, reset_us, wait_us = await self._judge()(keys=[_PREFIX + subject], args=arguments)
        except (RedisError, OSError) as error:
            raise OutOfReach(f"Redis: {type(error).__name__}") from error
        return Standing(
            allowed=wait_us <= 0,
            limit=rate.per_minute,
            remaining=remaining,
            reset_at=_EPOCH + timedelta(microseconds=reset_us),
            retry_after_s=max(0, -(-wait_us // SECOND_US)),
        )

    def _judge(self) -> AsyncScript:
        loop = asyncio.get_running_loop()
        found = self._clients.get(loop)
        if found is None:
            self._clients = {known: client for known, client in self._clients.items() if not known.is_closed()}
            client = Redis.from_pool(self._pool())
            found = self._clients[loop] = client, client.register_script(self._script)
        return found[1]

    def _pool(self) -> BlockingConnectionPool:
        return BlockingConnectionPool.from_url(
            self._url.get_secret_value(),
            max_connections=_POOL_SIZE,
            timeout=self._patience_s,
            socket_timeout=self._patience_s,
            socket_connect_timeout=self._patience_s,
            retry=Retry(NoBackoff(), 0),  # whoever is told that a hit failed counts it elsewhere
        )
