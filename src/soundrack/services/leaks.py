"""The door at which scanners for secrets report keys that they have found: ``POST /leaks/alerts``.

It belongs to no service: one alert can hold keys of all of them. What is behind it is in `accounts.alerts` and
`accounts.leaks`.
"""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from soundrack import errors
from soundrack.accounts import alerts, leaks
from soundrack.accounts.audit import Origin
from soundrack.billing.windows import Rate
from soundrack.rack import Rack
from soundrack.services import address, bodies
from soundrack.services.address import Proxies

MOUNT = "/leaks"

_RATE = Rate(300)
_STATUSES: dict[type[errors.SoundrackError], int] = {
    errors.Malformed: 400,
    errors.NotAuthenticated: 401,
    errors.NotFound: 404,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    errors.RateLimited: 429,
    errors.Internal: 500,
    errors.NotConfigured: 503,
}
_log = structlog.get_logger()


def door(rack: Rack) -> FastAPI:
    """Return the application that takes alerts."""
    proxies = Proxies.of(rack.settings)
    app = FastAPI(title="Soundrack leaks", openapi_url=None, docs_url=None, redoc_url=None)

    @app.post("/alerts")
    async def alert(request: Request) -> JSONResponse:
        if rack.settings.leak_alert_keys is None:
            raise errors.NotFound("Alerts of leaked keys are not taken here.")
        where = proxies.client(request.scope)
        standing = await rack.windows.hit(f"leaks {address.household(where)}", _RATE)
        if not standing.allowed:
            raise errors.RateLimited("Too many alerts.", retry_after_s=standing.retry_after_s)
        identifier, signature = (
            request.headers.get(name, "") for name in (alerts.IDENTIFIER_HEADER, alerts.SIGNATURE_HEADER)
        )
        body = await (await bodies.bounded(request, alerts.BODY_BYTES)).body()
        origin = Origin("leak alert", str(where or ""), request.state.request_id)
        return JSONResponse(await run_in_threadpool(_take_in, rack, identifier, signature, body, origin))

    app.add_exception_handler(errors.SoundrackError, _refuse)
    app.add_exception_handler(HTTPException, _not_here)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unknown)
    return app


def _take_in(rack: Rack, identifier: str, signature: str, body: bytes, origin: Origin) -> list[dict[str, str]]:
    settings = rack.settings
    assert settings.leak_alert_keys is not None  # noqa: S101  asked before
    alerts.verify(settings.leak_alert_keys, identifier, signature, body)
    matches = alerts.parse(body)
    with rack.database.write() as connection:
        are_keys = leaks.report(
            connection,
            rack.secret,
            matches,
            origin=origin,
            revoke=settings.leak_revokes,
            public_url=settings.public_url,
        )
    return alerts.verdicts(matches, are_keys)


async def _refuse(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.SoundrackError)  # noqa: S101  registered for no other
    if isinstance(error, errors.NotConfigured):  # its words are for the operator
        _log.error("alerts of leaked keys cannot be taken", reason=str(error))
        error = errors.NotConfigured("Alerts cannot be taken at the moment.")
    headers = {"Connection": "close"}
    if isinstance(error, errors.RateLimited):
        headers["Retry-After"] = str(error.retry_after_s)
    return JSONResponse({"error": {"code": error.kind, "message": str(error)}}, _STATUSES[type(error)], headers)


async def _not_here(request: Request, _error: Exception) -> JSONResponse:
    return await _refuse(request, errors.NotFound(f"There is no {request.method} {request.url.path} here."))


async def _gone(_request: Request, _error: Exception) -> Response:
    _log.info("alert broken off by the client")
    return Response(status_code=400)


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    _log.error("request failed", path=request.url.path, exc_info=error)
    return await _refuse(request, errors.Internal("An unexpected error happened. It has been logged."))
