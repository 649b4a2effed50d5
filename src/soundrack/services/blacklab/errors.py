"""BlackLab's error catalogue: our errors in its words.

Document: "Error Catalog". One row for each error that a caller can meet; a test holds the table against the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from soundrack import errors
from soundrack.accounts.formats import Format
from soundrack.rack import Rack
from soundrack.services.blacklab.schemas import ErrorBody
from soundrack.services.methods import served


class Row(NamedTuple):
    """What a caller is told."""

    status: int
    code: str


CATALOGUE: dict[type[errors.SoundrackError], Row] = {
    errors.Malformed: Row(400, "validation_error"),
    errors.NotAuthenticated: Row(401, "authentication_required"),
    errors.NotEnoughCredits: Row(402, "insufficient_credits"),
    errors.NotAllowed: Row(403, "forbidden"),
    errors.NotFound: Row(404, "not_found"),
    errors.Conflict: Row(409, "conflict"),
    errors.AlreadyRunning: Row(409, "idempotency_conflict"),
    errors.TooLarge: Row(413, "file_too_large"),
    errors.TooLong: Row(413, "file_too_large"),
    errors.UnsupportedFormat: Row(415, "unsupported_format"),
    errors.Invalid: Row(422, "validation_error"),
    errors.ForbiddenAddress: Row(422, "validation_error"),
    errors.KeyReused: Row(422, "validation_error"),
    errors.RateLimited: Row(429, "rate_limited"),
    errors.TooManyJobs: Row(429, "rate_limited"),
    errors.Internal: Row(500, "internal_error"),
}

JOB_CODES = {
    errors.UnsupportedFormat.kind: "unsupported_format",
    errors.UnusableAudio.kind: "validation_error",
    errors.TooLarge.kind: "file_too_large",
    errors.TooLong.kind: "file_too_large",
    errors.Unreachable.kind: "input_unreachable",
    errors.ForbiddenAddress.kind: "input_unreachable",
}
"""Codes of failed jobs whose input is at fault; every other end is `internal_error`."""

MEANINGS = {
    "authentication_required": "There is no API key or access token, or it is not valid: unknown, revoked, expired, "
    "another service's, or used from where the account may not be used.",
    "forbidden": "The credentials are valid, but may not do this: the access token lacks the scope, or the plan has "
    "no API.",
    "not_found": "There is no such thing, or it is somebody else's. A path or method that is not served is not found "
    "either; the header `Allow` then names the methods that the path has.",
    "validation_error": "The request is not valid; `param` names the field, parameter or header. With status 400 the "
    "body could not be read at all.",
    "insufficient_credits": "The balance does not cover the operation. Nothing was charged, and no job was made.",
    "rate_limited": "Too many requests, or more jobs at once than the plan allows. Wait for the seconds that "
    "`Retry-After` gives, and send the same request again.",
    "idempotency_conflict": "A request with this idempotency key is being carried out. Send it again in a moment: it "
    "is then answered as the first one was.",
    "conflict": "The thing's present state does not allow it: a job that has ended cannot be cancelled.",
    "file_too_large": "The file is larger than 200 MB, or than the plan allows; or a request's body is too large.",
    "unsupported_format": "The file is not WAV, FLAC, AIFF or MP3.",
    "input_unreachable": "Only on failed jobs: the URL of the input or reference did not give a file.",
    "internal_error": "An error of ours. It has been logged with the request's id, and nothing was charged.",
}
"""What each code means, for whoever meets one."""

_log = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Have every error of an application answered in the document's form."""
    app.add_exception_handler(errors.SoundrackError, _known)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(Exception, _unknown)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route's description says of errors with these statuses."""
    codes = {status: sorted({row.code for row in CATALOGUE.values() if row.status == status}) for status in statuses}
    return {status: {"model": ErrorBody, "description": " or ".join(codes[status])} for status in statuses}


def body_of(rack: Rack, code: str, message: str, param: str | None) -> dict[str, object]:
    """Return the documented error body."""
    doc_url = f"{rack.settings.public_url}/docs/blacklab#err-{code.replace('_', '-')}"
    return {"error": {"code": code, "message": message, "param": param, "doc_url": doc_url}}


def answer(request: Request, error: errors.SoundrackError) -> JSONResponse:
    """Return the documented response to an error; what has no row in the catalogue is our fault and is logged."""
    if type(error) not in CATALOGUE:
        _log.error("request failed", path=request.url.path, exc_info=error)
        error = errors.Internal("An unexpected error happened. It has been logged.")
    status, code = CATALOGUE[type(error)]
    return JSONResponse(
        body_of(request.app.state.rack, code, str(error), error.field), status, dict(_headers_of(error))
    )


def answer_unless(elsewhere: Format, words: str) -> Callable[[Request, errors.SoundrackError], JSONResponse]:
    """Return what `answer` is where keys of one form are refused for they belong elsewhere: `words` then say so."""

    def told_apart(request: Request, error: errors.SoundrackError) -> JSONResponse:
        if isinstance(error, errors.NotAuthenticated) and error.why is errors.Why.MALFORMED:
            token = request.headers.get("authorization", "").rpartition(" ")[2]
            if elsewhere.plausible(token):
                error = errors.NotAuthenticated(words, why=error.why)
        return answer(request, error)

    return told_apart


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
    """The first fault alone: the document's body names one field."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for no other
    fault = error.errors()[0]
    if fault["type"] == "json_invalid":
        return answer(request, errors.Malformed("The request body is not valid JSON."))
    names = [str(part) for part in fault["loc"][1:]]
    message = f"{'.'.join(names)}: {fault['msg']}." if names else f"{fault['msg']}."
    return answer(request, errors.Invalid(message, field=".".join(names) or None))


async def _of_framework(request: Request, error: Exception) -> JSONResponse:
    """The framework itself refuses a body that it cannot parse, and a path or method that is not served.

    The document knows no 405, so a method that a path does not have is not found; what it has stands in ``Allow``,
    as it may in any response (RFC 9110, 10.2.1).
    """
    assert isinstance(error, HTTPException)  # noqa: S101  registered for no other
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return answer(request, errors.Malformed("The request body cannot be read."))
    methods = served(request)
    instead = f" Its methods are: {methods}." if methods else ""
    response = answer(request, errors.NotFound(f"There is no {request.method} {request.url.path} here.{instead}"))
    if methods:
        response.headers["Allow"] = methods
    return response


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    _log.error("request failed", path=request.url.path, exc_info=error)
    return answer(request, errors.Internal("An unexpected error happened. It has been logged."))
