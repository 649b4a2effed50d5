"""Request bodies that are too large to wait for: read piece by piece, and answered before they are whole.

Who is refused in the middle of an upload is often still sending. If the connection were closed at once, the answer
would be lost with it (RFC 9112, 9.6): so it is sent, what else comes is thrown away for a while, then it is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from soundrack.errors import Malformed, TooLarge

LINGERING_S = 30.0
"""How long what comes after a refusal is thrown away."""
_LINGERING_SILENCE_S = 5.0


class TooSlow(Malformed):
    """A body that stops coming."""


class Body:
    """A request's body as it arrives.

    Parameters
    ----------
    most_bytes : int
        What it may have at most.
    whole_s : float
        Seconds that it may take.
    silence_s : float
        Seconds in which at least something of it must come.
    """

    def __init__(self, request: Request, *, most_bytes: int, whole_s: float, silence_s: float) -> None:
        self._request = request
        self._most_bytes = most_bytes
        self._whole_s = whole_s
        self._silence_s = silence_s
        self.has_ended = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield it.

        Raises
        ------
        TooLarge
            At once, if it says that it is larger than it may be; else as soon as it is.
        TooSlow
            If it takes too long.
        ClientDisconnect
            If whoever sends it has gone.
        """
        declared = self._request.headers.get("content-length", "")
        if declared.isascii() and declared.isdecimal() and int(declared[:19]) > self._most_bytes:
            raise self._too_large()
        clock, size = asyncio.get_running_loop().time, 0
        end = clock() + self._whole_s
        while not self.has_ended:
            message = await self._message(min(self._silence_s, end - clock()))
            if message["type"] == "http.disconnect":
                self.has_ended = True
                raise ClientDisconnect
            chunk: bytes = message.get("body", b"")
            self.has_ended = not message.get("more_body", False)
            size += len(chunk)
            if size > self._most_bytes:
                raise self._too_large()
            if chunk:
                yield chunk

    async def _message(self, within_s: float) -> Message:
        try:
            async with asyncio.timeout(within_s):
                return await self._request.receive()
        except TimeoutError:
            raise TooSlow("The body takes too long to arrive.") from None

    def _too_large(self) -> TooLarge:
        return TooLarge(f"The body is larger than {self._most_bytes} bytes.")

    def answered_by(self, response: Response) -> Response:
        """Return a response as it is to be sent now: if the body has not ended, its sender may still be sending."""
        return response if self.has_ended else _Lingering(response)


class _Lingering(Response):
    """A response after which the connection is closed, but not before its sender has had time to read it."""

    def __init__(self, response: Response) -> None:
        self.status_code = response.status_code
        self.background = None
        self.body = response.body
        self.raw_headers = [*response.raw_headers, (b"connection", b"close")]

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        try:
            async with asyncio.timeout(LINGERING_S):
                await self._throw_away(receive)
        except TimeoutError:
            pass  # it has had its time
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    @staticmethod
    async def _throw_away(receive: Receive) -> None:
        more = True
        while more:
            async with asyncio.timeout(_LINGERING_SILENCE_S):
                message = await receive()
            more = message["type"] == "http.request" and message.get("more_body", False)
