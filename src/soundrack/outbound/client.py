"""The client: fetch an input, post a webhook, or say beforehand that a URL will not do."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
import structlog
from aiohttp import ClientResponse, hdrs

from soundrack.errors import ForbiddenAddress, Invalid, SoundrackError, Unreachable
from soundrack.outbound import download, target
from soundrack.outbound.exchange import Exchange, in_words
from soundrack.outbound.filename import name_of
from soundrack.outbound.guard import Lookup, system_lookup
from soundrack.outbound.lines import Lines
from soundrack.outbound.rules import Rules
from soundrack.outbound.target import Target
from soundrack.outbound.wire import ANSWER_BYTES, Reply

MOST_REDIRECTS = 3

_REDIRECTS = {301, 302, 303, 307, 308}
_WATCH_EVERY_S = 1.0
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
_log = structlog.get_logger()


@dataclass(frozen=True)
class Fetched:
    """A file that has been fetched."""

    size_bytes: int
    content_type: str
    """As the server says, without parameters; ``application/octet-stream`` if it says nothing sensible."""
    final_url: str
    """After redirects. It may hold a signature: not for logs."""
    filename: str | None
    """What the server or the URL calls it, made harmless; for showing, never for opening."""


@dataclass(frozen=True)
class Answer:
    """What a receiver of webhooks said."""

    status: int
    body: bytes
    """At most the first 1,024 bytes, as they came."""
    elapsed_s: float

    @property
    def accepted(self) -> bool:
        """Any 2xx."""
        return 200 <= self.status < 300


class Outbound:
    """The one client for URLs that users give. It may be shared by threads and event loops.

    The exceptions of the network do not come out of it, and no message repeats a URL, an address or an answer.
    """

    def __init__(self, rules: Rules | None = None, lookup: Lookup = system_lookup) -> None:
        self._rules = rules or Rules()
        self._exchange = Exchange(self._rules, lookup)

    def close(self) -> None:
        """Give up the threads that resolve names."""
        self._exchange.close()

    def check(self, url: str, *, field: str | None = None) -> None:
        """Refuse a URL for what can be read off it, without resolving or connecting.

        What passes may still be refused when it is fetched.

        Raises
        ------
        Invalid
            If it is not a URL that is accepted here.
        ForbiddenAddress
            If its port or address may not be reached.
        """
        self._rules.admit(target.read(url, field), field)

    def trusts(self, url: str) -> bool:
        """Say whether the operator has allowed a URL's very host or address, so that less is asked of the URL.

        Raises
        ------
        Invalid
            If it is not a URL that is accepted here.
        """
        leads = target.read(url)
        return self._rules.allows_name(leads) or (
            leads.address is not None and self._rules.allows_address(leads.address, leads.port)
        )

    async def fetch(
        self,
        url: str,
        destination: Path,
        *,
        most_bytes: int,
        headers: Mapping[str, str] | None = None,
        field: str | None = None,
    ) -> Fetched:
        """Fetch a file into a new file, which appears when it is whole.

        At most 3 redirects are followed, each judged like the first URL; none leads from https to http, and `headers`
        do not go to another origin (scheme, host, port).

        Raises
        ------
        Invalid, ForbiddenAddress
            As by `check`, and for what names resolve to and redirects lead to.
        Unreachable
            If the server does not answer 200 in time with the file as it is.
        TooLarge
            As soon as more than `most_bytes` are announced or have arrived.
        FileExistsError
            If the destination is there.
        """
        where = target.read(url, field)
        with self._told("fetch", where, field) as said:
            async with asyncio.timeout(self._rules.fetch_s):
                async with self._redirected(where, headers or {}, field) as (last, response):
                    said["status"] = response.status
                    fetched = await _save(response, last, destination, most_bytes, field)
                    said["bytes"] = fetched.size_bytes
        return fetched

    def lines(self, tls: ssl.SSLContext | None = None) -> Lines:
        """Return connections to keep for many posts of one event loop, as an asynchronous context manager."""
        return Lines(self._exchange, tls)

    async def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        field: str | None = None,
        over: Lines | None = None,
    ) -> Answer:
        """Post a webhook once.

        A redirect is not followed but is the answer: the signature is meant for the receiver that was registered, a
        POST that turns into a GET delivers nothing, and whoever can move an endpoint can register it anew.

        The status decides. A receiver that breaks off or drips after it is answered all the same.

        Parameters
        ----------
        over : Lines, optional
            Connections that are kept. Then no line is logged: who posts in such numbers keeps a record of its own.

        Raises
        ------
        Invalid, ForbiddenAddress
            As by `check`, and for what the name resolves to.
        Unreachable
            If there is no status in time.
        """
        if over is not None:
            return await self._post_over(over, url, body, headers, field)
        where = target.read(url, field)
        self._rules.admit(where, field)
        started = time.monotonic()
        status, answered = 0, bytearray()
        with self._told("post", where, field) as said:
            try:
                async with (
                    asyncio.timeout(self._rules.webhook_s),
                    self._exchange.send(where, "POST", headers, body) as response,
                ):
                    said["status"] = status = response.status
                    async for chunk in download.head(response, ANSWER_BYTES):
                        answered += chunk
            except (TimeoutError, aiohttp.ClientError):
                if not status:
                    raise
        return Answer(status, bytes(answered), time.monotonic() - started)

    async def _post_over(
        self, lines: Lines, url: str, body: bytes, headers: Mapping[str, str], field: str | None
    ) -> Answer:
        started, reply = time.monotonic(), Reply()
        try:
            await lines.post(url, headers, body, reply, within_s=self._rules.webhook_s)
        except SoundrackError as error:
            error.field = error.field or field
            raise
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            if not reply.status:
                raise Unreachable(in_words(error), field=field) from None
        return Answer(reply.status, bytes(reply.body), time.monotonic() - started)

    def fetch_blocking(
        self,
        url: str,
        destination: Path,
        *,
        most_bytes: int,
        headers: Mapping[str, str] | None = None,
        field: str | None = None,
        watch: Callable[[], None] = lambda: None,
    ) -> Fetched:
        """`fetch` for a thread without an event loop. `watch` is called each second; what it raises ends the fetch."""
        fetching = self.fetch(url, destination, most_bytes=most_bytes, headers=headers, field=field)
        return asyncio.run(_watched(fetching, watch))

    @asynccontextmanager
    async def _redirected(
        self, where: Target, headers: Mapping[str, str], field: str | None
    ) -> AsyncGenerator[tuple[Target, ClientResponse]]:
        """Yield the first answer that is no redirect, and where it comes from."""
        for _ in range(MOST_REDIRECTS + 1):
            self._rules.admit(where, field)
            async with self._exchange.send(where, "GET", headers, None) as response:
                if response.status not in _REDIRECTS:
                    yield where, response
                    return
                ahead = follow(where, response.headers.get(hdrs.LOCATION), field)
            headers = headers if ahead.origin == where.origin else {}
            where = ahead
        raise Unreachable(f"The URL redirects more than {MOST_REDIRECTS} times.", field=field)

    @contextmanager
    def _told(self, what: str, where: Target, field: str | None) -> Generator[dict[str, object]]:
        """Turn what the network does into our errors, and log one line: the origin alone, as a path can be a secret."""
        said: dict[str, object] = {}
        started = time.monotonic()
        try:
            yield said
        except SoundrackError as error:
            error.field = error.field or field
            said["kind"] = error.kind
            raise
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            said["kind"] = Unreachable.kind
            raise Unreachable(in_words(error), field=field) from None
        finally:
            elapsed_s = round(time.monotonic() - started, 3)
            _log.info("outbound", what=what, origin=where.origin, elapsed_s=elapsed_s, **said)


def follow(where: Target, location: str | None, field: str | None = None) -> Target:
    """Return where a redirect leads, which is still to be admitted.

    Raises
    ------
    Unreachable
        If it leads to nothing that is a URL for us.
    ForbiddenAddress
        If it leads from https to http.
    """
    if not location:
        raise Unreachable("The URL redirects without saying where.", field=field)
    try:
        ahead = target.read(urljoin(str(where.url), location.strip(" ")), field)
    except (Invalid, ValueError):
        raise Unreachable("The URL redirects to something that is not a URL.", field=field) from None
    if where.scheme == "https" and ahead.scheme != "https":
        raise ForbiddenAddress("The URL redirects from https to http.", field=field)
    return ahead


async def _save(
    response: ClientResponse, where: Target, destination: Path, most_bytes: int, field: str | None
) -> Fetched:
    if response.status != 200:
        raise Unreachable(f"The URL's server answers with status {response.status}.", field=field)
    size_bytes = await download.save(response, destination, most_bytes=most_bytes, field=field)
    media_type = response.headers.get(hdrs.CONTENT_TYPE, "").partition(";")[0].strip().lower()
    return Fetched(
        size_bytes=size_bytes,
        content_type=media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream",
        final_url=str(where.url),
        filename=name_of(response.headers.get(hdrs.CONTENT_DISPOSITION), where.path),
    )


async def _watched(fetching: Coroutine[None, None, Fetched], watch: Callable[[], None]) -> Fetched:
    task = asyncio.ensure_future(fetching)
    try:
        while not (await asyncio.wait({task}, timeout=_WATCH_EVERY_S))[0]:
            watch()
    except BaseException:
        task.cancel()
        with suppress(asyncio.CancelledError, SoundrackError, OSError):
            await task
        raise
    return task.result()
