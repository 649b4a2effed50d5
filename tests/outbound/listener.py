"""Servers on loopback that behave as they are told, and count who comes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Self

from soundrack.errors import SoundrackError
from soundrack.outbound import Outbound, Rules
from soundrack.outbound.rules import Allowance

Play = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]

HERE = "127.0.0.1"
ELSEWHERE = "127.0.0.2"
"""Loopback too, so that a connection would be made and counted, but not allowed by `rules`."""


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """Return a whole answer."""
    told = {"Content-Length": str(len(body)), "Connection": "close"}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in told.items() if value)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    """Return an answer that leads elsewhere."""
    return answer(status=status, Location=location)


class Listener:
    """A server on a loopback address that plays its part to every connection."""

    def __init__(
        self, *plays: bytes | Play, host: str = HERE, port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self._plays = plays or (answer(b"RIFF"),)
        self._host = host
        self._port = port
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self.connections = 0
        self.open = 0
        self.requests: list[bytes] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, self._port, ssl=self._tls)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)

    @property
    def port(self) -> int:
        return self._port

    def url(self, path: str = "/", host: str | None = None) -> str:
        host = host or self._host
        return f"http{'s' if self._tls else ''}://{f'[{host}]' if ':' in host else host}:{self._port}{path}"

    async def left(self) -> bool:
        """Wait until every connection has been closed by the other side."""
        async with asyncio.timeout(5):
            while self.open:
                await asyncio.sleep(0.005)
        return True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        play = self._plays[min(self.connections, len(self._plays) - 1)]
        self.connections += 1
        self.open += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                request = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(request)
                acting = asyncio.ensure_future(self._act(play, request, writer))
                gone = asyncio.ensure_future(reader.read())
                try:
                    await asyncio.wait({acting, gone}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for one in (acting, gone):
                        one.cancel()
                    await asyncio.gather(acting, gone, return_exceptions=True)
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.close()

    @staticmethod
    async def _act(play: bytes | Play, request: bytes, writer: asyncio.StreamWriter) -> None:
        if isinstance(play, bytes):
            writer.write(play)
            await writer.drain()
        else:
            await play(request, writer)


class Names:
    """A stub of name resolution: each name with its answers, one after another, the last for good."""

    def __init__(self, **answers: Sequence[Sequence[str] | str]) -> None:
        self._answers = {name.replace("_", "."): list(given) for name, given in answers.items()}
        self.asked: list[str] = []

    def __call__(self, name: str, _port: int) -> Sequence[str]:
        self.asked.append(name)
        if name not in self._answers:
            raise OSError("no such name")
        given = self._answers[name]
        found = given[0] if len(given) == 1 else given.pop(0)
        return [found] if isinstance(found, str) else found


def rules(**given: object) -> Rules:
    """Return rules under which `HERE` is allowed and `ELSEWHERE` is not, and nothing takes for ever."""
    fast: dict[str, object] = {
        "allowed": (Allowance.read(HERE),),
        "connect_s": 5.0,
        "first_byte_s": 5.0,
        "fetch_s": 15.0,
        "webhook_s": 5.0,
    }
    return Rules(**fast | given)  # type: ignore[arg-type]


def refusal(outcome: object) -> SoundrackError:
    """Return the error that must have come out, which says nothing of addresses."""
    assert isinstance(outcome, SoundrackError), outcome
    for word in str(outcome).replace("/", " ").split():
        with suppress(ValueError):
            raise AssertionError(f"an address is told: {ip_address(word.strip('.,[]'))}")
    return outcome


def client(names: Names | None = None, **given: object) -> Outbound:
    """Return a client on `rules` that asks `names`."""
    return Outbound(rules(**given), names or Names())
