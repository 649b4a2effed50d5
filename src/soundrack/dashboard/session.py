"""Who is looking at a page: the browser's cookies, and the account that they stand for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request, Response

from soundrack.accounts import people, sessions
from soundrack.accounts.audit import Origin
from soundrack.accounts.people import Account
from soundrack.accounts.sessions import Browser, Session
from soundrack.errors import NotAuthenticated
from soundrack.settings import Settings

if TYPE_CHECKING:
    from soundrack.rack import Rack

_SESSION = "soundrack"
_VISITOR = "soundrack-visitor"
_VISITOR_BYTES = 16
_DAY_S = 86_400


class SignInNeeded(NotAuthenticated):
    """A page that only somebody who is signed in may see; the dashboard sends the browser to the door first."""


@dataclass
class Visit:
    """One browser on one page.

    Attributes
    ----------
    session : Session or None
        Its session, which may be half: see `Session.half`.
    account : Account or None
        Whose session it is.
    binding : str
        The cookie that the page's forms are bound to: the session's token, or a visitor's number.
    """

    session: Session | None
    account: Account | None
    binding: str

    @property
    def signed_in(self) -> bool:
        """Whether somebody is signed in, wholly."""
        return self.session is not None and not self.session.half


def visit(request: Request) -> Visit:
    """Return who is looking, asking the database once a request. Reads the database: not for the event loop."""
    known: Visit | None = getattr(request.state, "visit", None)
    if known is None:
        known = request.state.visit = _look(request)
    return known


def signed_in(request: Request) -> Account:
    """Return the account that is signed in: the dependency of every page behind the door.

    The application it is used in answers `SignInNeeded` as `dashboard.errors.install` has it do.

    Raises
    ------
    SignInNeeded
        If nobody is, or a second step is still owed.
    """
    here = visit(request)
    if here.account is None or not here.signed_in:
        raise SignInNeeded("Sign in first.")
    return here.account


SignedIn = Annotated[Account, Depends(signed_in)]
Here = Annotated[Visit, Depends(visit)]


def browser(request: Request) -> Browser:
    """Return what asks."""
    return Browser(client_address(request), request.headers.get("user-agent", ""))


def origin(request: Request, actor: str = "") -> Origin:
    """Return who does something on a page, for the audit log."""
    return Origin(actor or "visitor", client_address(request), getattr(request.state, "request_id", ""))


def client_address(request: Request) -> str:
    """Return the address that a request came from, as far as the application's ``client_of`` believes it."""
    return str(request.app.state.client_of(request.scope) or "")


def welcome(request: Request, response: Response, token: str) -> None:
    """Give a browser the token of its new session."""
    settings = _rack(request).settings
    response.set_cookie(
        _name(_SESSION, settings),
        token,
        max_age=settings.sign_in_days * _DAY_S,
        path="/",
        secure=_is_https(settings),
        httponly=True,
        samesite="lax",
    )


def farewell(request: Request, response: Response) -> None:
    """Take a browser's session token away."""
    settings = _rack(request).settings
    response.delete_cookie(
        _name(_SESSION, settings), path="/", secure=_is_https(settings), httponly=True, samesite="lax"
    )


def remember_visitor(request: Request, response: Response) -> None:
    """Give a browser without a session the number that its forms are bound to, if it has none."""
    here, settings = visit(request), _rack(request).settings
    name = _name(_VISITOR, settings)
    if here.session is None and request.cookies.get(name) != here.binding:
        response.set_cookie(name, here.binding, path="/", secure=_is_https(settings), httponly=True, samesite="lax")


def _look(request: Request) -> Visit:
    rack = _rack(request)
    token = request.cookies.get(_name(_SESSION, rack.settings), "")
    if token:
        with rack.database.read() as connection:
            session = sessions.find(connection, rack.secret, token)
            account = people.get(connection, session.account_id) if session else None
        if session is not None:
            if sessions.due(session):
                with rack.database.write() as connection:
                    sessions.touch(connection, session)
            return Visit(session, account, token)
    known = request.cookies.get(_name(_VISITOR, rack.settings), "")
    return Visit(None, None, known or secrets.token_urlsafe(_VISITOR_BYTES))


def _name(name: str, settings: Settings) -> str:
    """With ``__Host-`` (RFC 6265bis, 4.1.3.2) no neighbour under the same domain can plant the cookie."""
    return f"__Host-{name}" if _is_https(settings) else name


def _is_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")


def _rack(request: Request) -> Rack:
    rack: Rack = request.app.state.rack
    return rack
