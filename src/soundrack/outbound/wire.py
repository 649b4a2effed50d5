"""One connection over which webhooks are posted, one after another, and nothing else is spoken.

It knows no more of HTTP/1.1 (RFC 9112) than a post needs, whose status decides and of whose answer the first kilobyte
is kept. Reading the answer is left to llhttp, the parser of Node.js.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

import httptools

from soundrack.errors import Unreachable

ANSWER_BYTES = 1024

_MOST_HEADERS = 64
_MOST_HEAD_BYTES = 64 * 1024
_MOST_INTERIM = 8
_SILENCE = "The URL's server closed the connection without an answer."
_NOT_HTTP = "The answer of the URL's server is not HTTP."


class Stale(Exception):
    """A connection that had been used before was closed without one byte of an answer: try another."""


@dataclass
class Reply:
    """What has come of an answer so far: also what is left of it when time is up."""

    status: int = 0
    """0 until the whole head is there."""
    body: bytearray = field(default_factory=bytearray)


class Wire(asyncio.Protocol):
    """An open connection; `post` is not to be called again before it has returned."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._ended: asyncio.Future[None] | None = None
        self._reply = Reply()
        self._is_whole = self._stays_open = False
        self._posts = 0
        self._begin()
        self.made_at = time.monotonic()
        self.idle_since = self.made_at

    async def post(self, request: bytes, reply: Reply, within_s: float) -> None:
        """Send a request, head and body, and fill the reply until the answer ends or its first kilobyte is there.

        If this is broken off, or raises, the connection is closed.

        Raises
        ------
        Stale
            If the connection had been closed meanwhile.
        Unreachable
            If there is no answer, or none that is HTTP, or one of more than 64 headers or a head above 64 KiB.
        TimeoutError
            If time is up; the reply may have its status by then.
        """
        if self._transport is None or self._transport.is_closing():
            raise Stale
        self._reply, self._posts = reply, self._posts + 1
        self._is_whole = self._stays_open = False
        self._begin()
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        late = loop.call_later(within_s, self._end, TimeoutError())
        try:
            self._transport.write(request)
            await self._ended
        except BaseException:
            self.close()
            raise
        finally:
            late.cancel()
            self._ended = None
            self.idle_since = time.monotonic()

    @property
    def is_reusable(self) -> bool:
        """Whether the last answer has ended where it should, and both sides leave the connection open."""
        is_open = self._transport is not None and not self._transport.is_closing()
        return is_open and self._is_whole and self._stays_open

    def close(self) -> None:
        """Close the connection without a farewell."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        if self._reply.status:
            self._end()  # the status decides
        else:
            self._end(Stale() if self._posts > 1 and not self._head_bytes else Unreachable(_SILENCE))

    def data_received(self, data: bytes) -> None:
        if self._ended is None or self._ended.done():
            self.close()  # nobody has asked
            return
        self._head_bytes += 0 if self._reply.status else len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, _Hostile):
            self.close()
            self._end(None if self._reply.status else Unreachable(_NOT_HTTP))
            return
        if self._head_bytes > _MOST_HEAD_BYTES and not self._reply.status:
            self.close()
            self._end(Unreachable(_NOT_HTTP))
        elif self._is_whole or len(self._reply.body) >= ANSWER_BYTES:
            self._end()

    def on_message_begin(self) -> None:
        if self._is_whole:
            self._stays_open = False  # more than was asked for

    def on_header(self, _name: bytes, _value: bytes) -> None:
        self._headers += 1
        if self._headers > _MOST_HEADERS:
            raise _Hostile

    def on_headers_complete(self) -> None:
        if self._is_whole:
            return
        status = self._parser.get_status_code()
        if status >= 200:
            self._reply.status = status
            return
        self._interim += 1  # 100 Continue and its like: RFC 9110 section 15.2
        if self._interim > _MOST_INTERIM:
            raise _Hostile

    def on_body(self, body: bytes) -> None:
        if not self._is_whole:
            self._reply.body += body[: ANSWER_BYTES - len(self._reply.body)]

    def on_message_complete(self) -> None:
        if self._reply.status and not self._is_whole:
            self._is_whole, self._stays_open = True, self._parser.should_keep_alive()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers = self._interim = self._head_bytes = 0

    def _end(self, error: Exception | None = None) -> None:
        if self._ended is None or self._ended.done():
            return
        if error is None:
            self._ended.set_result(None)
        else:
            self._ended.set_exception(error)


class _Hostile(Exception):
    """More headers, or interim answers, than an honest server sends."""
