"""The page on which a person decides about an application, and the list of those that may act for them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from soundrack.accounts import sign_in
from soundrack.accounts.oauth import consent, metadata, scopes
from soundrack.accounts.oauth.server import Answer, Question, Server
from soundrack.accounts.people import Account
from soundrack.dashboard import headers, session
from soundrack.dashboard.desk import RackIn
from soundrack.dashboard.forms import Posted
from soundrack.dashboard.pages import page, see
from soundrack.dashboard.session import Here, SignedIn
from soundrack.errors import Invalid
from soundrack.rack import Rack

router = APIRouter()

_APPLICATIONS = "/account/applications"


@router.get(metadata.AUTHORIZE)
def ask(request: Request, rack: RackIn, account: SignedIn) -> Response:
    """Ask whether an application may act for whoever is signed in (RFC 6749, 4.1.1)."""
    query: bytes = request.scope["query_string"]
    with rack.database.read() as connection:
        found = Server(connection, rack.secret, rack.settings.public_url, session.origin(request, account.id)).review(
            query, account.id
        )
        if isinstance(found, Answer):
            return _send_back(found)
        before = next((g for g in consent.standing(connection, account.id) if g.client_id == found.client.id), None)
    return _show(request, account, found, query, before)


@router.post(metadata.AUTHORIZE)
def decide(request: Request, rack: RackIn, here: Here, account: SignedIn, form: Posted) -> Response:
    """Take the decision, or sign out so that somebody else can take it.

    Raises
    ------
    Invalid
        If the page was shown to another account than the one that is signed in now.
    """
    query: bytes = request.scope["query_string"]
    origin = session.origin(request, account.id)
    if form["decision"] == "switch" and here.session is not None:
        with rack.database.write() as connection:
            sign_in.sign_out(connection, here.session, origin)
        again = f"{metadata.AUTHORIZE}?{query.decode('ascii', 'ignore')}"
        response = see(f"/sign-in?{urlencode({'next': again})}")
        session.farewell(request, response)
        return response
    if form["account"] != account.id:
        raise Invalid("Another account has signed in meanwhile. Go back and load the page again.", field="account")
    if form["decision"] not in {"allow", "deny"}:
        raise Invalid("Choose whether to allow it.", field="decision")
    with rack.database.write() as connection:
        server = Server(connection, rack.secret, rack.settings.public_url, origin)
        return _send_back(server.decide(query, account.id, allowed=form["decision"] == "allow"))


@router.get(_APPLICATIONS)
def applications(request: Request, rack: RackIn, account: SignedIn, notice: str = "") -> Response:
    """List what may act for the account."""
    with rack.database.read() as connection:
        granted = consent.standing(connection, account.id)
    rows: list[dict[str, Any]] = [
        {"id": found.client_id, "name": found.name, "since": found.since, "words": _words(found)} for found in granted
    ]
    return page(request, "applications.html", applications=rows, notice=notice)


@router.post(f"{_APPLICATIONS}/withdraw")
def withdraw(request: Request, rack: RackIn, account: SignedIn, form: Posted) -> Response:
    """End what was granted to an application."""
    with rack.database.write() as connection:
        consent.withdraw(connection, session.origin(request, account.id), account.id, form["client"])
    return see(f"{_APPLICATIONS}?notice=withdrawn")


def _show(
    request: Request, account: Account, question: Question, query: bytes, before: consent.Granted | None
) -> Response:
    rack: Rack = request.app.state.rack
    place = urlsplit(question.redirect_uri)
    response = page(
        request,
        "consent.html",
        name=question.client.name,
        words=question.words,
        account=account,
        action=f"{metadata.AUTHORIZE}?{query.decode('ascii')}",
        return_to=place.netloc,
        on_this_machine=place.scheme == "http",
        before=before,
        site=urlsplit(rack.settings.public_url).netloc,
    )
    response.headers["Content-Security-Policy"] = headers.policy(_form_targets(place.scheme))
    return response


def _form_targets(scheme: str) -> str:
    """Where the decision may lead. Browsers judge every redirect that follows, also those of the application's own."""
    return "'self' https:" if scheme == "https" else "'self' https: http:"


def _send_back(answer: Answer) -> Response:
    """See other, so that the form is not sent on (RFC 9700, 4.12); what is in the URL is nobody else's business."""
    assert answer.location is not None  # noqa: S101  every answer by way of a browser is a redirect
    return RedirectResponse(answer.location, 303, answer.headers | {"Referrer-Policy": "no-referrer"})


def _words(found: consent.Granted) -> list[str]:
    return scopes.words(found.service, found.scope)
