"""Pages: a template filled in for one browser."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from soundrack import __version__
from soundrack.dashboard import agents, forms, session
from soundrack.rack import Rack


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page. Reads the database once a request: not for the event loop.

    Besides `values` a template has ``account`` (who is signed in, or None), ``form_token``, ``path`` and ``error``.
    """
    rack: Rack = request.app.state.rack
    here = session.visit(request)
    response = HTMLResponse(
        _templates()
        .get_template(template)
        .render(
            {
                "account": here.account if here.signed_in else None,
                "form_token": forms.token(rack, here.binding),
                "path": request.url.path,
                "error": None,
                "form": forms.Form(),
                "version": __version__,
            }
            | values
        ),
        status,
    )
    session.remember_visitor(request, response)
    return response


def see(path: str) -> RedirectResponse:
    """Send the browser on to another page, as after every form that did something (RFC 9110, 15.4.4)."""
    return RedirectResponse(path, 303)


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("soundrack.dashboard"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = _moment
    environment.filters["day"] = _day
    environment.filters["browser"] = agents.name
    environment.filters["groups"] = _groups
    return environment


def _moment(moment: datetime) -> str:
    return f"{_day(moment)}, {moment:%H:%M} UTC"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _groups(text: str) -> str:
    """In fours, to be read aloud or typed."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
