"""One request and the head of its answer, over a connection of its own."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import ClientResponse, hdrs

from soundrack import __version__
from soundrack.errors import ForbiddenAddress
from soundrack.outbound import target
from soundrack.outbound.guard import Guard, Lookup
from soundrack.outbound.rules import NOT_PUBLIC, Rules
from soundrack.outbound.target import Target

_MOST_HEADERS = 64
_MOST_HEADER_BYTES = 8192
_LOOKUPS_AT_ONCE = 64
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "The URL's host name cannot be resolved."),
    (aiohttp.ClientSSLError, "The URL's server does not speak TLS, or has no certificate that is trusted here."),
    (TimeoutError, "The URL's server did not answer in time."),
    (aiohttp.ClientProxyConnectionError, "The egress proxy cannot be connected to."),
    (aiohttp.ClientHttpProxyError, "The egress proxy does not let the request through."),
    (aiohttp.ClientConnectorError, "The URL's server cannot be connected to."),
    (aiohttp.ClientPayloadError, "The answer of the URL's server broke off, or is malformed."),
    (aiohttp.ClientResponseError, "The answer of the URL's server is not HTTP."),
)
_SILENCE = "The URL's server closed the connection without an answer."


class Exchange:
    """Sends requests to targets that have been admitted.

    A pool would hand one caller's connection to another, past the guard, so there is none; `Lines` keeps some for
    webhooks, under rules of its own. Nothing is taken from the environment (no proxy, no ``.netrc``), no cookie is
    kept, no redirect followed, no body unpacked.
    """

    def __init__(self, rules: Rules, lookup: Lookup) -> None:
        self.rules = rules
        self._lookup = lookup
        self._proxy = None if rules.proxy is None else target.read(str(rules.proxy.with_user(None)))
        # apart from the event loop's own threads, which slow name servers would fill
        self._executor = ThreadPoolExecutor(_LOOKUPS_AT_ONCE, "outbound-lookup")

    def close(self) -> None:
        """Give up the threads that resolve names."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def guard(self, where: Target) -> Guard:
        """Return the guard of one connection to a target."""
        through = self._proxy or where
        return Guard(self.rules, through, self._lookup, self._executor, exempt=self._proxy is not None)

    @asynccontextmanager
    async def send(
        self, where: Target, method: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncGenerator[ClientResponse]:
        """Send a request, and yield the answer when its head is whole; the connection ends with the block.

        Raises
        ------
        ForbiddenAddress
            If the guard has refused an address.
        aiohttp.ClientError, TimeoutError
            If there is no head in time, or one of more than 64 headers or with one of more than 8 KiB.
        """
        rules, guard = self.rules, self.guard(where)
        connector = aiohttp.TCPConnector(
            resolver=guard, socket_factory=guard.socket, use_dns_cache=False, force_close=True
        )
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=rules.connect_s, sock_read=rules.first_byte_s),
            max_line_size=_MOST_HEADER_BYTES,
            max_field_size=_MOST_HEADER_BYTES,
            max_headers=_MOST_HEADERS,
        ) as session:
            ours = {hdrs.USER_AGENT: f"Soundrack/{__version__}", **headers, hdrs.ACCEPT_ENCODING: "identity"}
            try:
                async with asyncio.timeout(rules.connect_s + rules.first_byte_s):
                    response = await session.request(
                        method,
                        where.url,
                        headers=ours,
                        data=None if body is None else io.BytesIO(body),
                        allow_redirects=False,
                        proxy=rules.proxy,
                    )
            except (aiohttp.ClientError, OSError):
                if guard.refused:
                    raise ForbiddenAddress(NOT_PUBLIC) from None
                raise
            try:
                yield response
            finally:
                response.close()


def in_words(error: Exception) -> str:
    """Return what a caller is told of a failure of the network."""
    return next((words for kind, words in _WORDS if isinstance(error, kind)), _SILENCE)
