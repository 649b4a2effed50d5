"""Server-sent events (HTML Living Standard, 9.2): a response that goes on for as long as there is something to tell.

An open stream that waits costs what its connection costs, and one object: no task, timer or buffer of its own. A task
exists only while something is being written to it, so that a client that reads slowly holds up nobody else.
"""

from __future__ import annotations

import asyncio
from contextvars import Context

import structlog
from fastapi import Response
from starlette.types import Receive, Scope, Send

SILENT = b": nothing new\n\n"
"""A comment: it means nothing, and shows both ends and all between that the connection lives."""
_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would keep back what is to arrive at once
}
_log = structlog.get_logger()


def event(name: str, data: bytes, event_id: int | None = None) -> bytes:
    r"""Return an event as it goes over the wire.

    >>> event("done", b'{"ok": true}', 7)
    b'id: 7\nevent: done\ndata: {"ok": true}\n\n'
    >>> event("note", b"two\nlines")
    b'event: note\ndata: two\ndata: lines\n\n'
    """
    lines = [b"data: " + line for line in data.splitlines() or [b""]]
    head = [] if event_id is None else [b"id: %d" % event_id]
    return b"\n".join([*head, b"event: " + name.encode(), *lines, b"", b""])


def retry(after_ms: int) -> bytes:
    """Return the line that says after how long a client shall connect again if it was cut off.

    It goes in front of an event: alone, some clients take it for one.
    """
    return b"retry: %d\n" % after_ms


def last_event_id(scope: Scope) -> str | None:
    """Return the id of the event that a client has had last, as it says; None if it says nothing."""
    said = [value for name, value in scope["headers"] if name == b"last-event-id"]
    return said[-1].decode("latin-1") if said else None


class EventStream(Response):
    """A stream of events. `stir` it when there may be something to write; it ends with `is_over`, or its client."""

    def __init__(self) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers(_HEADERS)
        self.is_over = False
        self._send: Send | None = None
        self._writing: asyncio.Task[None] | None = None
        self._stirred = False

    async def begin(self, scope: Scope) -> bool:
        """Get ready, before the response begins; False if there is nothing to tell, which is answered with 204."""
        raise NotImplementedError

    async def write(self) -> bytes:
        """Return what is to be written now, if anything. Set `is_over` when nothing follows it."""
        raise NotImplementedError

    def end(self) -> None:
        """Let go of everything: the client is gone, or has been told all."""
        raise NotImplementedError

    def stir(self) -> None:
        """Have what there is written, as soon as what is being written has been."""
        self._stirred = True
        if self._send is not None and self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write(self._send), context=Context())

    @property
    def is_writing(self) -> bool:
        """Whether a client has not yet taken all that was written to it."""
        return self._writing is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if not await self.begin(scope):
                kept = [header for header in self.raw_headers if header[0] != b"content-type"]
                await send({"type": "http.response.start", "status": 204, "headers": kept})
                await send({"type": "http.response.body", "body": b""})
                return
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            self._send = send
            self.stir()
            # what the client still sends is read and thrown away; this returns when it has gone, or all was sent
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._send = None
            self.end()
            if self._writing is not None:
                self._writing.cancel()

    async def _write(self, send: Send) -> None:
        try:
            while self._stirred:
                self._stirred = False
                written = await self.write()
                if written or self.is_over:
                    await send({"type": "http.response.body", "body": written, "more_body": not self.is_over})
                if self.is_over:
                    self._send = None
                    return
        except Exception as error:  # noqa: BLE001  nobody waits for this task
            _log.error("stream broken off", exc_info=error)
            self._send = None
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._writing = None
