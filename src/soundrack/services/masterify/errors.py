"""Masterify's errors: ours in its codes, and in the language that the caller reads.

Document: "Error Responses". One row for each code that a caller can meet; a test holds the table against the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from soundrack import errors
from soundrack.services import languages
from soundrack.services.arriving import TooSlow
from soundrack.services.description import refusals_of
from soundrack.services.languages import Language
from soundrack.services.masterify.messages import Message
from soundrack.services.masterify.schemas import ErrorBody
from soundrack.services.methods import served

STATUSES = {
    "FILE_TOO_LARGE": 400,
    "UNSUPPORTED_FORMAT": 400,
    "FILE_TOO_LONG": 400,
    "INVALID_PLATFORM": 400,
    "INVALID_REQUEST": 400,
    "INVALID_API_KEY": 401,
    "INSUFFICIENT_CREDITS": 402,
    "FORBIDDEN": 403,
    "JOB_NOT_FOUND": 404,
    "RESULT_EXPIRED": 404,
    "NOT_FOUND": 404,
    "JOB_NOT_READY": 409,
    "JOB_FAILED": 409,
    "CONCURRENT_LIMIT": 429,
    "RATE_LIMIT": 429,
    "INTERNAL_ERROR": 500,
}

MEANINGS = {
    "FILE_TOO_LARGE": "A file is larger than 50 MB, or than the plan allows.",
    "UNSUPPORTED_FORMAT": "A file is not MP3, WAV or FLAC by its content, whatever its name says.",
    "FILE_TOO_LONG": "A file plays for more than 10 minutes.",
    "INVALID_PLATFORM": "`platforms` names one that is unknown, or `?platform=` one that is not the job's.",
    "INVALID_REQUEST": "The request is not valid in another way; the message names the field.",
    "INVALID_API_KEY": "There is no API key, or it is not valid: unknown, revoked, expired, another service's, or used "
    "from where the account may not be used.",
    "INSUFFICIENT_CREDITS": "The balance does not cover the job. Nothing was charged, and no job was made.",
    "FORBIDDEN": "The request came by plain HTTP where only HTTPS is taken, or the plan has no API.",
    "JOB_NOT_FOUND": "There is no such job, or it is somebody else's.",
    "RESULT_EXPIRED": "The job was done, and its files have been deleted since.",
    "NOT_FOUND": "A path or method that is not served; the header `Allow` names the methods that the path has.",
    "JOB_NOT_READY": "The job is not done yet. Ask again when its status is `done`.",
    "JOB_FAILED": "The job has failed or was cancelled: there will be nothing to download.",
    "CONCURRENT_LIMIT": "As many jobs as the plan allows are queued or under way. Wait for the seconds that "
    "`Retry-After` gives, and send the same request again.",
    "RATE_LIMIT": "Too many requests in this minute. Wait for the seconds that `Retry-After` gives.",
    "INTERNAL_ERROR": "An error of ours. It has been logged with the request's id, and nothing was charged.",
}
"""What each code means, for whoever meets one."""

_log = structlog.get_logger()


class Refused(errors.SoundrackError):
    """What Masterify itself refuses, in words of its own.

    Parameters
    ----------
    message : Message
        What is said.
    values : str
        What is put into the sentence.
    """

    kind = "refused"

    def __init__(self, message: Message, **values: Any) -> None:
        super().__init__(message.said(Language.ENGLISH, **values))
        self.message = message
        self.values = values


def install(app: FastAPI) -> None:
    """Have every error of an application answered in the document's form."""
    app.add_exception_handler(errors.SoundrackError, _known)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unknown)


def responses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return what a route's description says of errors with these codes."""
    return refusals_of(codes, STATUSES, lambda _status: ErrorBody)


def answer(request: Request, error: errors.SoundrackError) -> JSONResponse:
    """Return the documented response to an error; what has no words here is our fault and is logged."""
    message, values = _words(error)
    if message is Message.INTERNAL_ERROR and not isinstance(error, errors.Internal):
        _log.error("request failed", path=request.url.path, exc_info=error)
    return _said(request, message, values, dict(_headers_of(error)))


def _words(error: errors.SoundrackError) -> tuple[Message, dict[str, Any]]:
    """Return what to say. A limit that a plan sets lower is told by whoever knows it, as `Refused`."""
    values = {"field": error.field, "seconds": getattr(error, "retry_after_s", None)}
    match error:
        case Refused():
            return error.message, error.values
        case errors.NotAuthenticated():
            return _KEYS[error.why], values
        case errors.Malformed(field=str()):
            return Message.NOT_A_FORM, values
    known = (_MESSAGES[one] for one in type(error).__mro__ if one in _MESSAGES)
    return next(known, Message.INTERNAL_ERROR), values


_MESSAGES: dict[type, Message] = {
    TooSlow: Message.TOO_SLOW,
    errors.Malformed: Message.UNREADABLE_FORM,
    errors.NotEnoughCredits: Message.INSUFFICIENT_CREDITS,
    errors.NotAllowed: Message.FORBIDDEN,
    errors.NotFound: Message.JOB_NOT_FOUND,
    errors.UnsupportedFormat: Message.UNSUPPORTED_FORMAT,
    errors.ForbiddenAddress: Message.UNUSABLE_URL,
    errors.Invalid: Message.UNACCEPTABLE_VALUE,
    errors.TooManyJobs: Message.CONCURRENT_LIMIT,
    errors.RateLimited: Message.RATE_LIMIT,
}
_KEYS = {
    errors.Why.MISSING: Message.NO_API_KEY,
    errors.Why.MALFORMED: Message.MALFORMED_API_KEY,
    errors.Why.UNKNOWN: Message.INVALID_API_KEY,
}


def _said(
    request: Request, message: Message, values: dict[str, Any] | None = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    language = languages.wanted(request, Language.KOREAN)
    body = {"error": {"code": message.code, "message": message.said(language, **(values or {}))}}
    spoken = {"Content-Language": language.value, "Vary": languages.HEADER}
    return JSONResponse(body, STATUSES[message.code], {**(headers or {}), **spoken})


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
    names = [str(part) for part in error.errors()[0]["loc"][1:]]
    return _said(request, Message.UNACCEPTABLE_VALUE, {"field": ".".join(names)})


async def _of_framework(request: Request, _error: Exception) -> JSONResponse:
    """A path or method that is not served is not found; what the path has stands in ``Allow`` (RFC 9110, 10.2.1)."""
    methods = served(request)
    return _said(request, Message.NOT_FOUND, headers={"Allow": methods} if methods else None)


async def _gone(_request: Request, _error: Exception) -> Response:
    _log.info("upload broken off by the client")
    return Response(status_code=400)


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    _log.error("request failed", path=request.url.path, exc_info=error)
    return _said(request, Message.INTERNAL_ERROR)
