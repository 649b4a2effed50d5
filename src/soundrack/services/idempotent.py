"""Requests that may be sent twice: the header ``Idempotency-Key`` on a POST.

A route of the class `IdempotentRoute` takes the header. It takes `OnceIn` too and gives its answer with
``once.answer(connection, response)`` inside the transaction that does the work, so that work and answer are committed
together. Responses below 500 are kept and repeated; 429 is not, as it asks for another try.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from soundrack.accounts.credentials import Principal
from soundrack.billing import idempotency
from soundrack.billing.idempotency import Claim
from soundrack.errors import AlreadyRunning, Invalid
from soundrack.rack import Rack
from soundrack.services.bodies import BoundedRoute, bounded, needs_of

HEADER = idempotency.FIELD
REPLAYED = ("X-Idempotent-Replayed", "true")

_LEASE = timedelta(seconds=60)
"""Many times what any POST takes: the file itself is never part of one."""
_TOO_MANY = 429
_FAILED = 500
_OF_THE_SENDING = {"content-length", "date", "set-cookie"}

Handle = Callable[[Request], Coroutine[Any, Any, Response]]


class Once:
    """The right to carry a request out, which without a key everybody has."""

    def __init__(self, claim: Claim | None) -> None:
        self._claim = claim
        self.kept: Response | None = None
        """The response that a transaction of the route has kept, unless it was rolled back."""

    def answer(self, connection: Connection, response: Response) -> Response:
        """Keep a response in the transaction that does the work, and return it.

        Raises
        ------
        AlreadyRunning
            If another sending of the request has taken over; the transaction must not be committed.
        """
        if self._claim is not None:
            idempotency.settle(connection, self._claim, _kept(response))
            self.kept = response
        return response


async def _once(request: Request) -> Once:
    once: Once = request.state.once
    return once


OnceIn = Annotated[Once, Depends(_once)]


class IdempotentRoute(BoundedRoute):
    """A route whose POSTs take an idempotency key. It stands behind a `Door`."""

    def get_route_handler(self) -> Handle:
        handle = super().get_route_handler()
        if "POST" not in (self.methods or ()):
            return handle
        guards = list(needs_of(self.dependant))

        async def handle_once(request: Request) -> Response:
            for guard in guards:  # an answer is repeated to nobody who may not ask for it
                await guard(request)
            key = _key(request)
            if key is None:
                request.state.once = Once(None)
                return await handle(request)
            return await _carry_out(await bounded(request), key, handle)

        return handle_once


async def _carry_out(request: Request, key: str, handle: Handle) -> Response:
    rack: Rack = request.app.state.rack
    principal: Principal = request.state.principal
    asked = idempotency.request(
        principal.account_id,
        f"{principal.service} {request.method} {_path(request)}",
        key,
        request.scope["query_string"] + b"\0" + await request.body(),
    )
    claim = await run_in_threadpool(_claim, rack, asked)
    if isinstance(claim, idempotency.Response):
        return _again(claim)
    once = request.state.once = Once(claim)
    try:
        response = await _answered(request, handle)
    except Exception:
        await run_in_threadpool(_settle, rack, claim, None)
        raise
    if once.kept is not response:
        await run_in_threadpool(_settle, rack, claim, response)
    return response


async def _answered(request: Request, handle: Handle) -> Response:
    """Return the response, also of an error that the service has words for."""
    try:
        return await handle(request)
    except Exception as error:
        for kind in type(error).__mro__[:-3]:  # whatever is but an Exception is unexpected, and stays one
            answer = request.app.exception_handlers.get(kind)
            if answer is not None:
                response: Response = await answer(request, error)
                return response
        raise


def _claim(rack: Rack, asked: idempotency.Request) -> Claim | idempotency.Response:
    life = timedelta(hours=rack.settings.idempotency_h)
    with rack.database.write() as connection:
        return idempotency.claim(connection, asked, secrets.token_hex(16), lease=_LEASE, life=life)


def _settle(rack: Rack, claim: Claim, response: Response | None) -> None:
    """Keep a response that came about in no transaction, such as a refusal, or let the request be tried again."""
    with rack.database.write() as connection:
        if response is None or response.status_code >= _FAILED or response.status_code == _TOO_MANY:
            idempotency.release(connection, claim)
        else:
            with suppress(AlreadyRunning):  # taken over: the other one's response is kept
                idempotency.settle(connection, claim, _kept(response))


def _path(request: Request) -> str:
    """Return the path as the service documents it, however the server is reached."""
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))


def _key(request: Request) -> str | None:
    given = request.headers.getlist(HEADER)
    if len(given) > 1:
        raise Invalid(f"Send one {HEADER} header, not several.", field=HEADER)
    return given[0].strip() if given else None


def _kept(response: Response) -> idempotency.Response:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in response.raw_headers
        if name.decode("latin-1").lower() not in _OF_THE_SENDING
    )
    return idempotency.Response(response.status_code, headers, bytes(response.body))


def _again(kept: idempotency.Response) -> Response:
    response = Response(kept.body, kept.status)
    for name, value in (*kept.headers, REPLAYED):
        response.headers.append(name, value)
    return response
