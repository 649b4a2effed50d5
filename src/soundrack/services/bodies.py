"""Request bodies are read here, so that none is larger than its service allows."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.types import Message

from soundrack.errors import Invalid, TooLarge
from soundrack.services.door import Needs

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
    """A route whose body is read only so far, and only for callers who may ask.

    The framework judges a body before it asks for what a route depends on. So a caller without the scope would be told
    what is wrong with the body; here they are told that they lack the scope.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle
        needed = list(needs_of(self.dependant))

        async def admit_bound_then_handle(request: Request) -> Response:
            for needs in needed:
                await needs(request)
            return await handle(await bounded(request))

        return admit_bound_then_handle


def needs_of(dependant: Dependant) -> Iterator[Needs]:
    """Yield each scope that a route declares, however deep among what it depends on."""
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, Needs):
            yield dependency.call
        yield from needs_of(dependency)
