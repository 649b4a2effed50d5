"""The second step: taken when signing in, switched on and off by those who are in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from soundrack.accounts import sign_in, totp
from soundrack.accounts.people import Account
from soundrack.dashboard import session
from soundrack.dashboard.desk import HOME, Desk, RackIn, inside
from soundrack.dashboard.errors import refusal
from soundrack.dashboard.forms import Posted
from soundrack.dashboard.pages import page, see
from soundrack.dashboard.session import Here, SignedIn
from soundrack.errors import Conflict, NotAuthenticated, SoundrackError
from soundrack.rack import Rack

router = APIRouter()


@router.get("/sign-in/code")
def ask_code(request: Request, here: Here, next: str = HOME) -> Response:
    """Show the form for the code."""
    if here.session is None or here.signed_in:
        return see("/sign-in")
    return page(request, "code.html", next=inside(next))


@router.post("/sign-in/code")
async def enter(request: Request, desk: Desk, here: Here, form: Posted) -> Response:
    """Take the second step."""
    if here.session is None or not here.session.half:
        return see("/sign-in")
    target = inside(form["next"])
    try:
        token = await sign_in.with_code(
            desk, here.session, form["code"], session.browser(request), session.origin(request)
        )
    except NotAuthenticated:
        return see("/sign-in?notice=too-late")
    except SoundrackError as error:
        return refusal(request, "code.html", error, form, next=target)
    response = see(target)
    session.welcome(request, response, token)
    return response


@router.post("/account/second-step/begin")
def begin(rack: RackIn, account: SignedIn, _form: Posted) -> Response:
    """Make a secret for the account's authenticator."""
    with rack.database.write() as connection:
        totp.propose(connection, rack.vault, account)
    return see("/account/second-step")


@router.get("/account/second-step")
def show(request: Request, rack: RackIn, account: SignedIn) -> Response:
    """Show the secret that is to be scanned, until it is confirmed."""
    try:
        return page(request, "second_step.html", **_proposal(rack, account))
    except Conflict:
        return see(HOME)


@router.post("/account/second-step")
def confirm(request: Request, rack: RackIn, account: SignedIn, form: Posted) -> Response:
    """Switch the second step on and show the recovery codes, this once."""
    try:
        with rack.database.write() as connection:
            origin = session.origin(request, account.id)
            codes = totp.confirm(connection, rack.settings, rack.vault, rack.secret, account, form["code"], origin)
    except Conflict:
        return see(HOME)
    except SoundrackError as error:
        return refusal(request, "second_step.html", error, form, **_proposal(rack, account))
    return page(request, "recovery_codes.html", codes=codes)


@router.get("/account/second-step/manage")
def manage(request: Request, account: SignedIn) -> Response:
    """Ask for the password before anything of the second step is changed."""
    return page(request, "second_step_manage.html") if account.has_totp else see(HOME)


@router.post("/account/second-step/manage")
async def change(request: Request, rack: RackIn, desk: Desk, account: SignedIn, form: Posted) -> Response:
    """Switch the second step off, or make new recovery codes."""
    try:
        await sign_in.confirm_password(desk, account, form["current_password"])
    except SoundrackError as error:
        return refusal(request, "second_step_manage.html", error, form)
    if form["do"] == "off":
        await run_in_threadpool(_switch_off, request, rack, account)
        return see("/account?notice=second-step-off")
    codes = await run_in_threadpool(_renew, request, rack, account)
    return page(request, "recovery_codes.html", codes=codes)


def _proposal(rack: Rack, account: Account) -> dict[str, Any]:
    with rack.database.read() as connection:
        secret = totp.pending(connection, rack.vault, account)
    return {"secret": secret, "picture": totp.picture(totp.uri(account, secret))}


def _switch_off(request: Request, rack: Rack, account: Account) -> None:
    with rack.database.write() as connection:
        totp.switch_off(connection, rack.settings, account, session.origin(request, account.id))


def _renew(request: Request, rack: Rack, account: Account) -> list[str]:
    with rack.database.write() as connection:
        return totp.renew_recovery_codes(connection, rack.secret, account.id, session.origin(request, account.id))
