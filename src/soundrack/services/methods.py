"""The methods that a path is served with."""

from __future__ import annotations

from fastapi import Request
from starlette.routing import Match

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def served(request: Request) -> str:
    """Return the methods that the request's path is served with, if it is served at all, as ``Allow`` lists them."""
    routes = request.app.router.routes
    return ", ".join(
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    )
