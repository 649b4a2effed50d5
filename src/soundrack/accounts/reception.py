"""What the ways in work with: signing in, signing up, resetting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TypeVar

from sqlalchemy import Connection

from soundrack.accounts.passwords import Passwords
from soundrack.billing.plans import Plans
from soundrack.billing.windows import Rate, Windows
from soundrack.database import Database
from soundrack.errors import RateLimited
from soundrack.secret import Secret
from soundrack.settings import Settings
from soundrack.vault import Vault

_T = TypeVar("_T")
_IPV6_SITE = 64


@dataclass(frozen=True)
class Limit:
    """How often something may be tried by whoever shares a mark: a network, a mail address, an account."""

    mark: str
    rate: Rate


@dataclass(frozen=True)
class Reception:
    """The parts that strangers' tries are taken up with. Methods and flows run in the event loop."""

    settings: Settings
    secret: Secret
    vault: Vault
    database: Database
    passwords: Passwords
    plans: Plans
    windows: Windows

    async def read(self, look: Callable[[Connection], _T]) -> _T:
        """Look into the database, in a thread."""

        def act() -> _T:
            with self.database.read() as connection:
                return look(connection)

        return await asyncio.to_thread(act)

    async def write(self, change: Callable[[Connection], _T]) -> _T:
        """Change the database in one transaction, in a thread."""

        def act() -> _T:
            with self.database.write() as connection:
                return change(connection)

        return await asyncio.to_thread(act)

    async def admit(self, what: str, *limits: Limit) -> None:
        """Count a try, or refuse it.

        Marks are counted under a keyed digest: whoever reads the counters learns nobody's address.

        Raises
        ------
        RateLimited
            If one of the limits is reached.
        """
        for limit in limits:
            digest = self.secret.digest("tries", f"{what}\n{limit.mark}")
            standing = await self.windows.hit(f"{what} {digest[:32]}", limit.rate)
            if not standing.allowed:
                raise RateLimited(
                    f"Too many tries. Wait {standing.retry_after_s} seconds and try again.",
                    retry_after_s=max(1, standing.retry_after_s),
                )


def network(address: str) -> str:
    """Return what counts as one caller: an IPv4 address, or the /64 that an IPv6 site has to itself.

    >>> network("2001:db8::1:2:3"), network("::ffff:192.0.2.1")
    ('2001:db8::/64', '192.0.2.1')
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(IPv6Network((parsed, _IPV6_SITE), strict=False))
    return str(parsed)
