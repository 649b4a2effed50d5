"""What routes are given beside the form and the visit."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from soundrack.accounts.reception import Reception
from soundrack.rack import Rack

HOME = "/account"


def _rack(request: Request) -> Rack:
    rack: Rack = request.app.state.rack
    return rack


def _desk(request: Request) -> Reception:
    desk: Reception = request.app.state.desk
    return desk


RackIn = Annotated[Rack, Depends(_rack)]
Desk = Annotated[Reception, Depends(_desk)]


def inside(path: str) -> str:
    """Return where to go after signing in: a path of this site, or the account's page for anything else.

    >>> inside("/oauth/authorize?client_id=app_1"), inside("//evil.example"), inside("/\\\\evil.example")
    ('/oauth/authorize?client_id=app_1', '/account', '/account')
    """
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    try:
        parts = urlsplit(path)
    except ValueError:
        return HOME
    return path if plain and path.isascii() and not parts.scheme and not parts.netloc else HOME
