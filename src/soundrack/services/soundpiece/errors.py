"""Soundpiece's two layers of errors: refusals by HTTP, and operations that were accepted and failed.

Document: "Errors". A refusal is ``{"detail": text}``, one of a field's value a list of ``{"loc", "msg", "type"}`` in
pydantic's words. One row for each error that a caller can meet; a test holds the table against the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from soundrack import errors
from soundrack.services.methods import served
from soundrack.services.soundpiece.schemas import CreditsBody, ErrorBody, FaultsBody

NO_KEY = "Missing or invalid Authorization header"
NO_CREDITS = "Not enough credits"
NO_OPERATION = "Value error, there is no such operation"
_OURS = "An unexpected error happened. It has been logged."

STATUSES: dict[type[errors.SoundrackError], int] = {
    errors.Malformed: 400,
    errors.NotAuthenticated: 401,
    errors.NotEnoughCredits: 402,
    errors.NotAllowed: 403,
    errors.KeyReused: 409,
    errors.AlreadyRunning: 409,
    errors.TooLarge: 413,
    errors.NotFound: 422,
    errors.Invalid: 422,
    errors.ForbiddenAddress: 422,
    errors.RateLimited: 429,
    errors.TooManyJobs: 429,
    errors.Internal: 500,
}

MEANINGS = {
    400: "The body is not JSON.",
    401: "The key is missing, invalid or revoked, or the account may not be used from the address.",
    402: "The account has fewer credits than the operation costs. Top up, and send the same request with the same key.",
    403: "The account's plan has no API, or the request came by plain HTTP where only HTTPS is taken.",
    404: "There is no such path, or it has not the method; the header `Allow` then names those that it has.",
    409: "The idempotency key was used for another request of the same action.",
    413: "The body is larger than 1 MB.",
    422: "Some value cannot be accepted; each fault says which. An operation that is unknown, or somebody else's, is a "
    "fault of the parameter `id`.",
    429: "The account sends too many requests. Send this one again after the seconds in `Retry-After`.",
    500: "An error of ours. It has been logged; nothing was charged. Send the request again with the same key.",
}
"""What each status of a refusal means."""

FAILED = {
    "source_unreachable": "The recording could not be fetched: its URL leads nowhere, to where it may not lead, or to "
    "a server that does not answer as it should, or in time.",
    "source_invalid": "The recording cannot be worked on: it is no audio in a format that is read here, too large, too "
    "long, damaged or silent.",
    "content_rejected": "The prompt or the lyrics cannot be worked with.",
    "timeout": "The operation needed more time or memory than it may take.",
    "internal_error": "The operation failed because of an error of ours, or was cancelled by whoever runs the server.",
}
"""What each code of a failed operation means; its message says it too."""

_CODES = {
    errors.Unreachable.kind: "source_unreachable",
    errors.ForbiddenAddress.kind: "source_unreachable",
    errors.UnsupportedFormat.kind: "source_invalid",
    errors.UnusableAudio.kind: "source_invalid",
    errors.TooLarge.kind: "source_invalid",
    errors.TooLong.kind: "source_invalid",
    errors.Invalid.kind: "content_rejected",
    errors.ResourcesExhausted.kind: "timeout",
}
"""By the kind of a job's error; what is not here is our fault."""

_log = structlog.get_logger()


def failure(kind: str | None) -> dict[str, str]:
    """Return code and message of a failed operation.

    Parameters
    ----------
    kind : str, optional
        What its row says of the error. Nothing else of the error is told: its words may hold what is ours.
    """
    code = _CODES.get(kind or "", "internal_error")
    return {"code": code, "message": FAILED[code]}


def install(app: FastAPI) -> None:
    """Have every error of an application answered in the document's form."""
    app.add_exception_handler(errors.SoundrackError, _known)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unknown)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route's description says of refusals with these statuses."""
    bodies = {402: CreditsBody, 422: FaultsBody}
    return {status: {"model": bodies.get(status, ErrorBody), "description": MEANINGS[status]} for status in statuses}


def answer(request: Request, error: errors.SoundrackError) -> JSONResponse:
    """Return the documented response to an error; what has no row in the table is our fault and is logged."""
    kind = next((one for one in type(error).__mro__ if one in STATUSES), None)
    if kind is None or kind is errors.Internal:
        if kind is None:
            _log.error("request failed", path=request.url.path, exc_info=error)
        return JSONResponse({"detail": _OURS}, STATUSES[errors.Internal])
    return JSONResponse(_body(error), STATUSES[kind], dict(_headers_of(error)))


def _body(error: errors.SoundrackError) -> dict[str, Any]:
    detail: str | list[dict[str, Any]] = str(error)
    more: dict[str, Any] = {}
    match error:
        case errors.NotAuthenticated():
            detail = NO_KEY
        case errors.NotEnoughCredits():
            detail, more = NO_CREDITS, {"balance": error.balance, "required": error.required}
        case errors.RateLimited() | errors.TooManyJobs():
            detail = f"Rate limit exceeded; retry in {error.retry_after_s} seconds"
        case errors.NotFound():
            detail = [{"loc": ["query", "id"], "msg": NO_OPERATION, "type": "value_error"}]
        case errors.KeyReused():
            pass  # no fault of a field's, but of two requests
        case errors.Invalid() | errors.ForbiddenAddress():
            way = error.field.split(".") if error.field else []
            detail = [{"loc": ["body", *way], "msg": f"Value error, {error}", "type": "value_error"}]
    return {"detail": detail, **more}


def _faults(faults: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {"detail": [{name: fault[name] for name in ("loc", "msg", "type")} for fault in faults]}


def _headers_of(error: errors.SoundrackError) -> Iterator[tuple[str, str]]:
    match error:
        case errors.NotAuthenticated():
            yield "WWW-Authenticate", "Bearer"
        case errors.RateLimited() | errors.TooManyJobs():
            yield "Retry-After", str(error.retry_after_s)


async def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.SoundrackError)  # noqa: S101  registered for no other
    return answer(request, error)


async def _not_valid(request: Request, error: Exception) -> JSONResponse:
    """Every fault, in pydantic's words; the values themselves, which it would add, are not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for no other
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return answer(request, errors.Malformed("The request body is not valid JSON."))
    return JSONResponse(_faults(faults), STATUSES[errors.Invalid])


async def _of_framework(request: Request, error: Exception) -> JSONResponse:
    """The framework itself refuses a body that it cannot parse, and a path or method that is not served.

    The document knows no 405: a method that a path does not have is not found; what it has stands in ``Allow``, as it
    may in any response (RFC 9110, 10.2.1).
    """
    assert isinstance(error, HTTPException)  # noqa: S101  registered for no other
    if error.status_code == STATUSES[errors.Malformed]:
        return answer(request, errors.Malformed("The request body cannot be read."))
    methods = served(request)
    instead = f" Its methods are: {methods}." if methods else ""
    detail = f"There is no {request.method} {request.url.path} here.{instead}"
    return JSONResponse({"detail": detail}, 404, {"Allow": methods} if methods else None)


async def _gone(_request: Request, _error: Exception) -> Response:
    _log.info("request broken off by the client")
    return Response(status_code=400)


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    _log.error("request failed", path=request.url.path, exc_info=error)
    return answer(request, errors.Internal(_OURS))
