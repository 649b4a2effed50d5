"""``python -m benchmarks.receivers KIND...``: servers on loopback that take webhooks as they are told, and note when.

It prints the port of each as a line of JSON, serves until its input ends, and then prints what arrived:
``[[delivery id, Unix time], ...]`` for those that answer at once.

fast    answers at once
slow    answers after 5 to 9 seconds
silent  takes the request and never answers
reset   resets the connection
refuse  does not listen
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
import sys
import time
from typing import cast

import uvloop

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_ID = b"x-blacklab-delivery: "


class Receiver(asyncio.Protocol):
    """One connection; requests come one after another, as the courier sends them."""

    def __init__(self, kind: str, arrived: list[tuple[str, float]]) -> None:
        self._kind = kind
        self._arrived = arrived
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self._kind == "reset":
            at_once = struct.pack("ii", 1, 0)
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        length = int(_value(lower, b"content-length: "))
        if len(body) < length:
            return
        self._received = body[length:]
        if self._kind == "fast":
            self._arrived.append((_value(lower, _ID).decode(), time.time()))
            self._transport.write(_ANSWER)
        elif self._kind == "slow":
            asyncio.get_running_loop().call_later(random.uniform(5, 9), self._answer)  # noqa: S311

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(_ANSWER)


def _value(head: bytes, name: bytes) -> bytes:
    start = head.index(name) + len(name)
    return head[start:].partition(b"\r\n")[0]


async def serve(kinds: list[str]) -> None:
    loop = asyncio.get_running_loop()
    arrived: list[tuple[str, float]] = []
    for kind in kinds:
        listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
        print(json.dumps({"kind": kind, "port": listening.getsockname()[1]}), flush=True)
        if kind == "refuse":
            listening.close()
        else:
            await loop.create_server(lambda kind=kind: Receiver(kind, arrived), sock=listening)  # type: ignore[misc]
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps(arrived), flush=True)


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1:]))
