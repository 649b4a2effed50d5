"""The wall: no socket is made to an address that may not be reached.

It stands where aiohttp makes a socket, with the very address to which that socket is about to be connected. Whatever
led there (a literal, a redirect, a name that resolves otherwise each time) has no later moment to change it.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType

from soundrack.outbound.networks import Address
from soundrack.outbound.rules import Rules
from soundrack.outbound.target import Target

Lookup = Callable[[str, int], Sequence[str]]
"""From a name and a port to addresses, as text. Raises `OSError` where there are none."""

_MOST_ADDRESSES = 8
"""A name with more is tried at the first ones: a thousand addresses would be a scan, with us as the scanner."""

_NOWHERE = "192.0.2.1"  # TEST-NET-1: no machine's own
_log = structlog.get_logger()


class Guard(AbstractResolver):
    """What one request may be connected to.

    Parameters
    ----------
    rules : Rules
        The operator's rules.
    target : Target
        Where the request is to go; by way of a proxy, the proxy.
    lookup : Lookup
        Resolves names; called in `executor`, once, whatever aiohttp asks.
    exempt : bool
        The target is the operator's own choice (the proxy): every address of it will do.
    """

    def __init__(
        self, rules: Rules, target: Target, lookup: Lookup, executor: Executor, *, exempt: bool = False
    ) -> None:
        self._rules = rules
        self._target = target
        self._lookup = lookup
        self._executor = executor
        self._exempt = exempt
        self._resolved: list[str] | None = None
        self.refused = False
        """Whether an address was refused. aiohttp keeps one exception of many, so the client asks here."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Resolve the target's name, and refuse it whole if one of its addresses may not be reached.

        An honest name does not have a public and a private address; one that does is set to be tried until it hits.
        """
        if self._resolved is None:
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(self._executor, self._lookup, host, port)
            self._resolved = list(dict.fromkeys(found))
        if not self._resolved:
            raise OSError(errno.ENOENT, "no address")
        for address in self._resolved:
            self._judge(address, port)
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self._resolved[:_MOST_ADDRESSES]
        ]

    async def close(self) -> None:
        """Nothing is held."""

    def socket(self, info: AddrInfoType) -> socket.socket:
        """Make the socket that is about to be connected to an address, or refuse.

        Raises
        ------
        PermissionError
            If it may not be connected. It is an `OSError` because aiohttp swallows others.
        """
        family, kind, protocol, _, address = info
        self._judge(str(address[0]), int(address[1]))
        return new_socket(family, kind, protocol)

    def _judge(self, text: str, port: int) -> None:
        reason = self._reason_against(text, port)
        if reason is None:
            return
        self.refused = True
        _log.warning("outbound refused", origin=self._target.origin, reason=reason)
        raise PermissionError(errno.EACCES, "refused by the guard")

    def _reason_against(self, text: str, port: int) -> str | None:
        if port != self._target.port:
            return "not the port that was asked for"
        try:
            address = ip_address(text)
        except ValueError:
            return "not an address"
        if self._exempt:
            return None
        reason = self._rules.reason_against(address, self._target)
        if reason is not None:
            return reason
        allowed = self._rules.allows_name(self._target) or self._rules.allows_address(address, port)
        return "an address of this machine" if not allowed and is_own(address) else None


def system_lookup(name: str, port: int) -> list[str]:
    """Resolve a name as the machine does."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [str(address[0]) for _, _, _, _, address in found]


def new_socket(family: int, kind: int, protocol: int) -> socket.socket:
    """Make a socket: the one place of this package where that happens for a connection."""
    return socket.socket(family, kind, protocol)


def is_own(address: Address) -> bool:
    """Say whether an address, public or not, is one of this machine's.

    What is sent to it does not leave the machine and meets no firewall, so it reaches what listens here for others. An
    address is ours if a socket can be bound to it, which sends nothing.
    """
    return not _binds_anything() and _binds(address)


@cache
def _binds_anything() -> bool:
    """With `ip_nonlocal_bind` every address can be bound, and binding tells nothing."""
    return _binds(IPv4Address(_NOWHERE)) or any(
        path.exists() and path.read_text().strip() == "1"
        for path in (Path(f"/proc/sys/net/{version}/ip_nonlocal_bind") for version in ("ipv4", "ipv6"))
    )


def _binds(address: Address) -> bool:
    family = socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
