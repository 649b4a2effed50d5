"""What a page's form sends back, and the proof that it was our page in that very browser that sent it.

Cross-site requests are refused twice (OWASP, Cross-Site Request Forgery Prevention): by what the browser says of where
the request came from (``Sec-Fetch-Site``, ``Origin``), and by a token in each form that is bound to the session's or
visitor's cookie.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from soundrack.dashboard import session
from soundrack.errors import Malformed, NotAllowed, TooLarge
from soundrack.rack import Rack

TOKEN_FIELD = "form_token"  # noqa: S105  the name of a field
MOST_BYTES = 16 * 1024
_MOST_FIELDS = 100
_TYPE = "application/x-www-form-urlencoded"


class Form(dict[str, str]):
    """The fields of a form that was posted. What is missing is empty, what is there twice counts once, the last."""

    def __missing__(self, name: str) -> str:
        return ""

    def checked(self, name: str) -> bool:
        """Return whether a box was ticked."""
        return bool(self[name])


def token(rack: Rack, binding: str) -> str:
    """Return the token for forms of one session or visitor."""
    return rack.secret.digest("forms", binding)


async def posted(request: Request) -> Form:
    """Return the form that a request carries: the dependency of every page that changes something.

    Raises
    ------
    NotAllowed
        If it does not come from a page of ours in this browser.
    Malformed
        If it is not a form in UTF-8.
    TooLarge
        If it has more than 16 KiB.
    """
    rack: Rack = request.app.state.rack
    _require_same_site(request.headers, rack.settings.public_url)
    form = _parse(request, await _body(request))
    here = await run_in_threadpool(session.visit, request)
    if not hmac.compare_digest(form.pop(TOKEN_FIELD, "").encode(), token(rack, here.binding).encode()):
        raise NotAllowed("This form is out of date. Go back, load the page again and send it once more.")
    return form


Posted = Annotated[Form, Depends(posted)]


def _require_same_site(headers: Mapping[str, str], public_url: str) -> None:
    """Browsers send at least one of the two headers with a form; what sends neither is held by the token alone."""
    site = headers.get("sec-fetch-site", "same-origin")
    sender = headers.get("origin")
    ours = {urlsplit(public_url).netloc, headers.get("host", "")}
    if site != "same-origin" or (sender is not None and urlsplit(sender).netloc not in ours - {""}):
        raise NotAllowed("This form was sent from another site.")


async def _body(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BYTES:
            raise TooLarge(f"The form is larger than {MOST_BYTES} bytes.")
        chunks.append(chunk)
    return b"".join(chunks)


def _parse(request: Request, body: bytes) -> Form:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        raise Malformed(f"Send the form as {_TYPE}.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Malformed("The form cannot be read.") from None
    if "\0" in "".join(value for _, value in pairs):  # which PostgreSQL does not store
        raise Malformed("The form holds a character that is none.")
    return Form(pairs)
