"""Request bodies are read here, so that none is larger than its service allows."""

from __future__ import annotations

from fastapi import Request
from starlette.types import Message

from soundrack.errors import TooLarge

JSON_BYTES = 1024 * 1024
"""Most bytes of a JSON body: a thousand times what any documented request needs."""


async def bounded(request: Request, most_bytes: int = JSON_BYTES) -> Request:
    """Return the request with its whole body read.

    Raises
    ------
    TooLarge
        As soon as more than `most_bytes` have arrived.
    """
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise TooLarge(f"The request body is larger than {most_bytes} bytes.")
        chunks.append(chunk)
    body: Message = {"type": "http.request", "body": b"".join(chunks), "more_body": False}

    async def replay() -> Message:
        return body

    return Request(request.scope, replay)
