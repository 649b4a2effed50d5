"""A client of a stream, and the application driven by hand as a server drives it.

So a stream can be looked at while it is open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from starlette.types import ASGIApp, Message

from soundrack import app
from soundrack.rack import Rack

WITHIN_S = 20.0
STAGES = (
    *("decode", "features", "tempo", "key", "chords", "structure", "genre", "mood", "loudness", "mix", "stems"),
    "release",
)
"""DECISIONS: all of them, after `upload`."""


class Event(NamedTuple):
    """One event as a client reads it (HTML Living Standard, 9.2.6)."""

    name: str
    data: str
    id: str


@dataclass
class Client:
    """One client of a stream, and the server's end of its connection."""

    server: ASGIApp
    path: str
    headers: dict[str, str]
    status: int = 0
    answered: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_complete: bool = False
    reads: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.reads.set()
        self._asked = False
        self.request = asyncio.create_task(self._run())

    async def _run(self) -> None:
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        scope = {
            "type": "http",
            "method": "GET",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "headers": [(b"host", b"127.0.0.1"), *headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8600),
            "http_version": "1.1",
        }
        await self.server(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.answered = {name.decode().lower(): value.decode() for name, value in message["headers"]}
            return
        self.body += message.get("body", b"")
        if not message.get("more_body", False):
            self.is_complete = True
            self.gone.set()

    @property
    def events(self) -> list[Event]:
        return parsed(self.body)

    async def until(self, condition: Callable[[Client], bool]) -> Client:
        while not condition(self):
            if self.request.done():
                self.request.result()
                assert condition(self), self.body
                break
            await asyncio.sleep(0.005)
        return self

    async def has(self, count: int) -> Client:
        return await self.until(lambda client: len(client.events) >= count)

    async def ends(self) -> Client:
        await self.until(lambda client: client.is_complete)
        await self.request
        return self

    async def leave(self) -> None:
        self.gone.set()
        await self.request


def parsed(body: bytes) -> list[Event]:
    found = []
    for block in body.decode().split("\n\n")[:-1]:
        fields = [line.partition(": ")[::2] for line in block.split("\n") if not line.startswith(":")]
        named = dict(fields)
        if "event" in named:
            found.append(Event(named["event"], "\n".join(v for k, v in fields if k == "data"), named.get("id", "")))
    return found


class Streams:
    """Opens streams on an application."""

    def __init__(self, rack: Rack, token: str) -> None:
        self._app = app.create(rack)
        self._token = token
        self._rack = rack

    def open(self, job_id: str, last_event_id: str | None = None, token: str | None = None) -> Client:
        headers = {"Authorization": f"Bearer {token or self._token}"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        return Client(self._app, f"/signalkey/api/v1/jobs/{job_id}/stream", headers)

    def run(self, scenario: Callable[[], Awaitable[None]]) -> None:
        async def within() -> None:
            try:
                async with asyncio.timeout(WITHIN_S):
                    await scenario()
            finally:
                await self._rack.following.close()
                await self._rack.lookups.close()
                await self._rack.windows.close()

        asyncio.run(within())

    def read(self, job_id: str, last_event_id: str | None = None, token: str | None = None) -> Client:
        """Return a client that has read a stream that ends by itself."""
        found: list[Client] = []

        async def scenario() -> None:
            found.append(await self.open(job_id, last_event_id, token).ends())

        self.run(scenario)
        return found[0]
