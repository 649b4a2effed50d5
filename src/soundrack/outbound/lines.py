"""Connections to receivers of webhooks, kept for the next delivery to the same one.

A connection for each delivery costs several times as much, and a TLS handshake at both ends. Keeping one is safe
because it never serves another scheme, host or port than that for which the guard let its socket be made; because it
is not kept for long, so that a name that moves, or a rule that an operator adds, is heeded soon; and because only an
answer that was read to its end leaves a connection that is used again. The reasons stand in
``docs/decisions/0007-outbound.md``.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Self

from aiohttp import hdrs
from aiohttp.connector import AddrInfoType

from soundrack import __version__
from soundrack.errors import ForbiddenAddress, Unreachable
from soundrack.outbound import download, target
from soundrack.outbound.exchange import Exchange
from soundrack.outbound.guard import Guard
from soundrack.outbound.rules import NOT_PUBLIC
from soundrack.outbound.target import Target
from soundrack.outbound.wire import ANSWER_BYTES, Reply, Stale, Wire

IDLE_S = 1.5
"""Shorter than the 2 to 5 s after which common servers close an idle connection: we seldom meet a closed one."""
LIFE_S = 30.0
"""After this the next delivery resolves the name and asks the guard anew."""

_TIDY_EVERY_S = 0.5
_ONE_OF_SEVERAL_S = 2.0
_URLS_REMEMBERED = 4096
_CANNOT_CONNECT = "The URL's server cannot be connected to."
_NO_TLS = "The URL's server does not speak TLS, or has no certificate that is trusted here."
_NO_NAME = "The URL's host name cannot be resolved."


@dataclass(frozen=True, slots=True)
class _Address:
    """A target as posts to it begin."""

    where: Target
    origin: str
    head: bytes
    """The request line, and the headers that are the same each time."""


class Lines:
    """The kept connections of one event loop: an asynchronous context manager that closes them at its end.

    Parameters
    ----------
    tls : ssl.SSLContext, optional
        What certificates are trusted; the machine's if not given.
    """

    def __init__(self, exchange: Exchange, tls: ssl.SSLContext | None = None) -> None:
        self._exchange = exchange
        self._rules = exchange.rules
        self._tls = tls or ssl.create_default_context()
        self._idle: dict[str, deque[Wire]] = {}
        self._tidied_at = time.monotonic()
        self._address = lru_cache(_URLS_REMEMBERED)(_address)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._close_idle(before=float("inf"))
        await asyncio.sleep(0)  # in which transports let go of their sockets

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, reply: Reply, *, within_s: float) -> None:
        """Post once, and fill the reply with the answer as it comes.

        A connection that its receiver closed while it lay idle says so only when it is used. Then, and only if not a
        byte of an answer has come, the request is sent once more over a new one.

        Raises
        ------
        Invalid, ForbiddenAddress
            If the URL cannot be read, or may not be reached.
        Unreachable
            If there is no answer.
        TimeoutError, aiohttp.ClientError
            As `Exchange.send`, which is used where an egress proxy is.
        """
        address, deadline = self._address(url), time.monotonic() + within_s
        if self._rules.proxy is not None:
            async with asyncio.timeout(within_s):
                await self._by_proxy(address.where, headers, body, reply)
            return
        request = _request(address.head, headers, body)
        kept = self._take(address.origin)
        if kept is not None:
            try:
                await self._over(kept, address.origin, request, reply, within_s)
            except Stale:
                pass
            else:
                return
        self._rules.admit(address.where)
        async with asyncio.timeout(min(self._rules.connect_s, deadline - time.monotonic())):
            wire = await self._connected(address.where)
        await self._over(wire, address.origin, request, reply, deadline - time.monotonic())

    async def _over(self, wire: Wire, origin: str, request: bytes, reply: Reply, within_s: float) -> None:
        await wire.post(request, reply, min(within_s, self._rules.first_byte_s))
        if wire.is_reusable and wire.made_at + LIFE_S > wire.idle_since:
            idle = self._idle.get(origin)
            if idle is None:
                idle = self._idle[origin] = deque()
            idle.append(wire)
            self._tidy(wire.idle_since)
        else:
            wire.close()

    def _take(self, origin: str) -> Wire | None:
        """Return the connection that was used last, if one lies idle."""
        idle = self._idle.get(origin)
        wire = idle.pop() if idle else None
        if wire is None or not wire.is_reusable or wire.idle_since + IDLE_S < time.monotonic():
            if wire is not None:
                wire.close()
            return None
        return wire

    async def _connected(self, where: Target) -> Wire:
        """Connect through a guard of this connection's own, to the first address of the name that answers."""
        guard = self._exchange.guard(where)
        try:
            addresses = await _addresses(guard, where)
        except OSError:
            if guard.refused:
                raise ForbiddenAddress(NOT_PUBLIC) from None
            raise Unreachable(_NO_NAME) from None
        for place, info in enumerate(addresses):
            is_last = place == len(addresses) - 1
            try:
                async with asyncio.timeout(None if is_last else _ONE_OF_SEVERAL_S):
                    return await self._connect(guard, info, where)
            except ssl.SSLError:
                raise Unreachable(_NO_TLS) from None
            except (OSError, TimeoutError) as error:
                if guard.refused:
                    raise ForbiddenAddress(NOT_PUBLIC) from None
                if is_last and isinstance(error, TimeoutError):
                    raise
        raise Unreachable(_CANNOT_CONNECT)

    async def _connect(self, guard: Guard, info: AddrInfoType, where: Target) -> Wire:
        loop = asyncio.get_running_loop()
        connection = guard.socket(info)
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(connection, info[4])
            _, wire = await loop.create_connection(
                Wire,
                sock=connection,
                ssl=self._tls if where.scheme == "https" else None,
                server_hostname=where.host if where.scheme == "https" else None,
            )
        except BaseException:
            connection.close()
            raise
        return wire

    async def _by_proxy(self, where: Target, headers: Mapping[str, str], body: bytes, reply: Reply) -> None:
        self._rules.admit(where)
        async with self._exchange.send(where, "POST", headers, body) as response:
            reply.status = response.status
            async for chunk in download.head(response, ANSWER_BYTES):
                reply.body += chunk

    def _tidy(self, now: float) -> None:
        if now - self._tidied_at >= _TIDY_EVERY_S:
            self._tidied_at = now
            self._close_idle(before=now - IDLE_S)

    def _close_idle(self, *, before: float) -> None:
        for origin, idle in list(self._idle.items()):
            while idle and idle[0].idle_since < before:
                idle.popleft().close()
            if not idle:
                del self._idle[origin]


async def _addresses(guard: Guard, where: Target) -> list[AddrInfoType]:
    """Return where to connect to, in the form in which the guard makes sockets."""
    if where.address is not None:
        hosts = [where.host]
    else:
        hosts = [found["host"] for found in await guard.resolve(where.host, where.port)]
    return [_info(host, where.port) for host in hosts]


def _info(host: str, port: int) -> AddrInfoType:
    if isinstance(ip_address(host), IPv6Address):
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port)


def _address(url: str) -> _Address:
    """Read a URL. Path and query go out byte for byte, because signatures may cover them."""
    where = target.read(url)
    lines = [
        f"POST {where.path} HTTP/1.1",
        f"{hdrs.HOST}: {where.authority}",
        f"{hdrs.USER_AGENT}: Soundrack/{__version__}",
        f"{hdrs.ACCEPT}: */*",
        f"{hdrs.ACCEPT_ENCODING}: identity",
    ]
    return _Address(where, where.origin, _head(lines))


def _request(head: bytes, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{hdrs.CONTENT_LENGTH}: {len(body)}", *[f"{name}: {value}" for name, value in headers.items()]]
    return b"".join((head, _head(lines), b"\r\n", body))


def _head(lines: Sequence[str]) -> bytes:
    text = "\r\n".join([*lines, ""])
    if text.count("\r") != len(lines) or text.count("\n") != len(lines):
        raise ValueError("a header is one line")
    return text.encode()
