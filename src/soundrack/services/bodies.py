"""Request bodies are read here, so that none is larger than its service allows."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from soundrack.errors import Invalid, TooLarge

JSON_BYTES = 1024 * 1024
"""Most bytes of a JSON body: a thousand times what any documented request needs."""

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""A backslash that is not itself escaped, and the rest of the escape."""


async def bounded(request: Request, most_bytes: int = JSON_BYTES) -> Request:
    """Return the request with its whole body read.

    Raises
    ------
    TooLarge
        As soon as more than `most_bytes` have arrived.
    Invalid
        If a text in it holds U+0000, which JSON can carry and no database here can keep.
    """
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise TooLarge(f"The request body is larger than {most_bytes} bytes.")
        chunks.append(chunk)
    content = b"".join(chunks)
    if _NUL.search(content):
        raise Invalid("Text may not hold the character U+0000.")
    body: Message = {"type": "http.request", "body": content, "more_body": False}

    async def replay() -> Message:
        return body

    return Request(request.scope, replay)


class BoundedRoute(APIRoute):
    """A route whose body is read before anything else looks at it, and only so far."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def bound_then_handle(request: Request) -> Response:
            return await handle(await bounded(request))

        return bound_then_handle
