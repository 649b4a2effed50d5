"""What a browser is shown when something cannot be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from soundrack import errors
from soundrack.dashboard import pages
from soundrack.dashboard.forms import Form
from soundrack.dashboard.session import SignInNeeded

_STATUSES: dict[type[errors.SoundrackError], int] = {
    errors.Malformed: 400,
    errors.NotAuthenticated: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    errors.RateLimited: 429,
}
_TITLES = {
    400: "That did not arrive whole",
    403: "Not allowed",
    404: "Nothing here",
    405: "Nothing here",
    413: "Too large",
    429: "Too many tries",
    500: "Something broke",
}

_log = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Have every error of an application answered by a page, and `SignInNeeded` by the way to the door."""
    app.add_exception_handler(SignInNeeded, _to_the_door)
    app.add_exception_handler(errors.SoundrackError, _known)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(Exception, _unknown)


def status(error: errors.SoundrackError) -> int:
    """Return the status of a page that shows an error."""
    return next((_STATUSES[cls] for cls in type(error).__mro__ if cls in _STATUSES), 500)


def refusal(
    request: Request,
    template: str,
    error: errors.SoundrackError,
    form: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """Return a form once more, with what is wrong about it and what had been filled in; templates leave secrets out."""
    response = pages.page(request, template, status(error), error=error, form=Form(form or {}), **values)
    response.headers.update(_headers(error))
    return response


def _headers(error: errors.SoundrackError) -> dict[str, str]:
    return {"Retry-After": str(error.retry_after_s)} if isinstance(error, errors.RateLimited) else {}


async def _to_the_door(request: Request, _error: Exception) -> Response:
    """A page is come back to afterwards; a form is not sent again by itself."""
    if request.method != "GET":
        return pages.see("/sign-in")
    query = f"?{request.url.query}" if request.url.query else ""
    return pages.see(f"/sign-in?{urlencode({'next': request.url.path + query})}")


async def _known(request: Request, error: Exception) -> Response:
    if not isinstance(error, errors.SoundrackError) or status(error) >= 500:
        return await _unknown(request, error)
    return await _show(request, status(error), str(error), _headers(error))


async def _not_valid(request: Request, _error: Exception) -> Response:
    return await _show(request, 400, "The address of this page is not complete.")


async def _of_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for no other
    return await _show(request, error.status_code, "There is no such page.", dict(error.headers or {}))


async def _unknown(request: Request, error: Exception) -> Response:
    _log.error("page failed", path=request.url.path, exc_info=error)
    return await _show(request, 500, "An unexpected error happened. It has been logged.")


async def _show(request: Request, code: int, message: str, extra: dict[str, str] | None = None) -> Response:
    title = _TITLES.get(code, "That did not work")
    response = await run_in_threadpool(pages.page, request, "error.html", code, title=title, message=message)
    response.headers.update(extra or {})
    return response
