"""A client that keeps connections busy: HTTP/1.1 over raw sockets, one request after another on each."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

_PATIENCE_S = 30.0


@dataclass
class Load:
    """What was sent for a while, and what came back."""

    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return len(self.latencies_s) / self.seconds

    def percentile_ms(self, percent: float) -> float:
        """Return the time within which so many per cent were answered."""
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000


def get(path: str, port: int, headers: dict[str, str] | None = None) -> bytes:
    """Return a GET as it goes over the wire."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{k}: {v}" for k, v in (headers or {}).items())]
    return "\r\n".join([*lines, "", ""]).encode()


def drive(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """Send requests in turn on so many connections for so long, and wait for the last answers."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_drive(port, requests, connections, seconds))


async def _drive(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    loop, load, source = asyncio.get_running_loop(), Load(), itertools.cycle(requests)
    started = time.perf_counter()
    lines = []
    for _ in range(connections):
        _, line = await loop.create_connection(lambda: _Line(source, load, started + seconds), "127.0.0.1", port)
        lines.append(line)
    async with asyncio.timeout(seconds + _PATIENCE_S):
        await asyncio.gather(*(line.done for line in lines))
    load.seconds = time.perf_counter() - started
    return load


class _Line(asyncio.Protocol):
    """One connection: a request goes out when the answer to the one before is complete."""

    def __init__(self, source: Iterator[bytes], load: Load, until: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._source, self._load, self._until = source, load, until
        self._received = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by class
        self._send()

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(next(self._source))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank:
            return
        at = head.lower().index(b"content-length: ") + 16
        if len(body) < int(head[at:].partition(b"\r\n")[0]):
            return
        now = time.perf_counter()
        self._load.latencies_s.append(now - self._sent_at)
        self._load.statuses[int(head[9:12])] += 1
        self._received = b""
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            if exc is None and not self._received:
                self.done.set_result(None)
            else:
                self.done.set_exception(exc or ConnectionError("the server hung up in the middle of an answer"))
