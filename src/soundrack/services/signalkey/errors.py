"""SignalKey's errors: ours as its document's statuses, each with a code of its own.

Document: "Errors", a table of statuses. It prints no bodies; the codes are decided here. One row for each error that a
caller can meet; a test holds the table against the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from soundrack import errors
from soundrack.services.description import refusals_of
from soundrack.services.methods import served
from soundrack.services.multipart import CONTENT_TYPE
from soundrack.services.signalkey.schemas import ErrorBody, LimitBody

STATUSES = {
    "invalid_request": 400,
    "invalid_api_key": 401,
    "forbidden": 403,
    "not_found": 404,
    "file_too_large": 413,
    "file_too_long": 413,
    "unsupported_format": 415,
    "unsupported_media_type": 415,
    "rate_limited": 429,
    "analysis_failed": 500,
    "internal_error": 500,
    "backend_not_configured": 503,
}

MEANINGS = {
    "invalid_request": "The request is not valid: there is no file, or it is empty, or a field of the form cannot be "
    "accepted; the message names it.",
    "invalid_api_key": "There is no API key, or it is not valid: unknown, revoked, expired, another service's, or used "
    "from where the account may not be used.",
    "forbidden": "The key's owner has no plan with the API (Studio and above have it), or the request came by plain "
    "HTTP where only HTTPS is taken.",
    "not_found": "There is no such job, or it is somebody else's, or its result has been deleted since. A path or "
    "method that is not served is not found either; the header `Allow` then names the methods that the path has.",
    "file_too_large": "The file is larger than 200 MB, or than the plan allows.",
    "file_too_long": "The file plays for more than 30 minutes, or for longer than the plan allows.",
    "unsupported_format": "The file is not MP3, WAV, FLAC, AIFF, OGG or M4A by its content, whatever its name says.",
    "unsupported_media_type": "The body is not `multipart/form-data`.",
    "rate_limited": "A window is used up; `scope` says which. Wait for the seconds that `Retry-After` gives.",
    "analysis_failed": "The analysis has failed; the message says why. Upload the song again if it is worth it.",
    "internal_error": "An error of ours. It has been logged with the request's id.",
    "backend_not_configured": "Whoever runs the server has switched the analysis off.",
}
"""What each code means, for whoever meets one."""


class _Row(NamedTuple):
    code: str
    message: str = ""
    """What is said in place of the error's own sentence."""


_CATALOGUE: dict[type[errors.SoundrackError], _Row] = {
    errors.Malformed: _Row("invalid_request"),
    errors.Invalid: _Row("invalid_request"),
    errors.ForbiddenAddress: _Row("invalid_request"),
    errors.NotAuthenticated: _Row("invalid_api_key"),
    errors.NotAllowed: _Row("forbidden"),
    errors.NotFound: _Row("not_found"),
    errors.TooLarge: _Row("file_too_large"),
    errors.TooLong: _Row("file_too_long"),
    errors.UnsupportedFormat: _Row("unsupported_format"),
    errors.RateLimited: _Row("rate_limited"),
    errors.TooManyJobs: _Row("rate_limited"),
    errors.NotConfigured: _Row("backend_not_configured", "The analysis is switched off on this server."),
    errors.Internal: _Row("internal_error", "An unexpected error happened. It has been logged."),
}
_SCOPES: dict[type[errors.SoundrackError], str] = {
    errors.RateLimited: "minute",
    errors.QuotaExceeded: "month",
    errors.TooManyJobs: "jobs",
}

FAILED = "analysis_failed"
_AGAIN = "Upload it again."
FAILURES = {
    errors.UnsupportedFormat.kind: "The file cannot be read as audio: it is damaged, or not what it begins as.",
    errors.UnusableAudio.kind: "There is nothing to analyse in the file: it is damaged, truncated or holds no sound.",
    errors.TooLarge.kind: "The file holds more sound than is analysed at once.",
    errors.TooLong.kind: "The file plays for longer than is allowed.",
    errors.ResourcesExhausted.kind: f"The analysis needed more memory or time than it may take. {_AGAIN}",
    errors.Cancelled.kind: "The analysis was cancelled by whoever runs the server.",
}
"""Why an analysis failed, by the kind of its error; what is not here is our fault."""
_OUR_FAULT = f"The analysis failed because of an error of ours. {_AGAIN}"

_log = structlog.get_logger()


def failure(kind: str | None) -> dict[str, str]:
    """Return code and message of a failed analysis.

    Parameters
    ----------
    kind : str, optional
        What its row says of the error. Nothing else of the error is told: its words may hold what is ours.
    """
    return {"code": FAILED, "message": FAILURES.get(kind or "", _OUR_FAULT)}


def install(app: FastAPI) -> None:
    """Have every error of an application answered in the decided form."""
    app.add_exception_handler(errors.SoundrackError, _known)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unknown)


def responses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return what a route's description says of errors with these codes."""
    return refusals_of(
        codes, STATUSES, lambda status: LimitBody if status == HTTPStatus.TOO_MANY_REQUESTS else ErrorBody
    )


def answer(request: Request, error: errors.SoundrackError) -> JSONResponse:
    """Return the response to an error; what has no row in the catalogue is our fault and is logged."""
    row = next((_CATALOGUE[one] for one in type(error).__mro__ if one in _CATALOGUE), None)
    if row is None:
        _log.error("request failed", path=request.url.path, exc_info=error)
        row = _CATALOGUE[errors.Internal]
    if isinstance(error, errors.Malformed) and error.field == CONTENT_TYPE:
        row = _Row("unsupported_media_type", "The body must be multipart/form-data with a boundary.")
    told: dict[str, Any] = {"code": row.code, "message": row.message or str(error)}
    if isinstance(error, errors.RateLimited | errors.TooManyJobs):
        told |= {"scope": _SCOPES[type(error)], "retry_after": error.retry_after_s}
    return JSONResponse({"error": told}, STATUSES[row.code], dict(_headers_of(error)))


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
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for no other
    fault = error.errors()[0]
    name = ".".join(str(part) for part in fault["loc"][1:])
    return answer(request, errors.Invalid(f"{name}: {fault['msg']}."))


async def _of_framework(request: Request, _error: Exception) -> JSONResponse:
    """A path or method that is not served is not found; what the path has stands in ``Allow`` (RFC 9110, 10.2.1)."""
    methods = served(request)
    instead = f" Its methods are: {methods}." if methods else ""
    response = answer(request, errors.NotFound(f"There is no {request.method} {request.url.path} here.{instead}"))
    if methods:
        response.headers["Allow"] = methods
    return response


async def _gone(_request: Request, _error: Exception) -> Response:
    _log.info("upload broken off by the client")
    return Response(status_code=400)


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    _log.error("request failed", path=request.url.path, exc_info=error)
    return answer(request, errors.Internal("An unexpected error happened. It has been logged."))
