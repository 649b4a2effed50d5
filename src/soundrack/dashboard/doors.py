"""The ways in: setting up, signing in and out, signing up, invitations, forgotten passwords, confirmed addresses."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from soundrack.accounts import invitations, registration, resets, sign_in, tickets
from soundrack.accounts.tickets import Purpose
from soundrack.dashboard import session
from soundrack.dashboard.desk import HOME, Desk, RackIn, inside
from soundrack.dashboard.errors import refusal
from soundrack.dashboard.forms import Posted
from soundrack.dashboard.pages import page, see
from soundrack.dashboard.session import Here
from soundrack.errors import Conflict, NotFound, SoundrackError

router = APIRouter()


@router.get("/")
def home(here: Here) -> Response:
    """Send whoever comes to where they belong."""
    return see(HOME if here.signed_in else "/sign-in")


@router.get("/setup")
def ask_setup(request: Request, rack: RackIn, code: str = "") -> Response:
    """Show the form by which an installation gets its owner."""
    with rack.database.read() as connection:
        if registration.is_set_up(connection):
            return see("/sign-in")
    return page(request, "setup.html", code=code)


@router.post("/setup")
async def set_up(request: Request, desk: Desk, form: Posted) -> Response:
    """Make the first account and sign it in."""
    browser, origin = session.browser(request), session.origin(request)
    try:
        await registration.set_up(
            desk, form["code"], form["email"], form["name"], form["new_password"], browser, origin
        )
        entered = await sign_in.with_password(desk, form["email"], form["new_password"], browser, origin)
    except SoundrackError as error:
        return refusal(request, "setup.html", error, form, code=form["code"])
    response = see("/account?notice=welcome")
    session.welcome(request, response, entered.token)
    return response


@router.get("/sign-in")
def ask_sign_in(request: Request, rack: RackIn, here: Here, next: str = HOME, notice: str = "") -> Response:
    """Show the form by which people come in."""
    if here.signed_in:
        return see(inside(next))
    with rack.database.read() as connection:
        if not registration.is_set_up(connection):
            return see("/setup")
    return page(request, "sign_in.html", next=inside(next), notice=notice, sign_up=rack.settings.sign_up)


@router.post("/sign-in")
async def enter(request: Request, desk: Desk, here: Here, form: Posted) -> Response:
    """Take the first step."""
    target = inside(form["next"])
    try:
        entered = await sign_in.with_password(
            desk,
            form["email"],
            form["password"],
            session.browser(request),
            session.origin(request),
            before=here.session,
        )
    except SoundrackError as error:
        return refusal(request, "sign_in.html", error, form, next=target, notice="", sign_up=desk.settings.sign_up)
    response = see(f"/sign-in/code?{urlencode({'next': target})}" if entered.half else target)
    session.welcome(request, response, entered.token)
    return response


@router.post("/sign-out")
def leave(request: Request, rack: RackIn, here: Here, form: Posted) -> Response:
    """End this browser's session, or all of the account's."""
    if here.session is not None:
        origin = session.origin(request, here.session.account_id)
        with rack.database.write() as connection:
            if form.checked("everywhere") and not here.session.half:
                sign_in.sign_out_everywhere(connection, here.session.account_id, origin)
            else:
                sign_in.sign_out(connection, here.session, origin)
    response = see("/sign-in?notice=signed-out")
    session.farewell(request, response)
    return response


@router.get("/sign-up")
def ask_sign_up(request: Request, rack: RackIn) -> Response:
    """Show how to get an account here."""
    return page(request, "sign_up.html", sign_up=rack.settings.sign_up, sent_to=None)


@router.post("/sign-up")
async def sign_up(request: Request, desk: Desk, form: Posted) -> Response:
    """Have a link sent to an address; the page is the same whether there is an account or not."""
    mode = desk.settings.sign_up
    try:
        await registration.ask(desk, form["email"], session.browser(request))
    except SoundrackError as error:
        return refusal(request, "sign_up.html", error, form, sign_up=mode, sent_to=None)
    return page(request, "sign_up.html", sign_up=mode, sent_to=form["email"].strip())


@router.get("/invitation")
def ask_invited(request: Request, rack: RackIn, ticket: str = "") -> Response:
    """Show what an invitation is good for."""
    with rack.database.read() as connection:
        held = invitations.find(connection, rack.settings, rack.secret, ticket)
    return page(request, "invitation.html", ticket=ticket, invitation=held)


@router.post("/invitation")
async def accept(request: Request, desk: Desk, form: Posted) -> Response:
    """Use an invitation up."""
    ticket = form["ticket"]
    try:
        await registration.accept(
            desk,
            ticket,
            form["email"],
            form["name"],
            form["new_password"],
            session.browser(request),
            session.origin(request),
        )
    except (NotFound, Conflict):
        raise
    except SoundrackError as error:
        held = await desk.read(lambda connection: invitations.find(connection, desk.settings, desk.secret, ticket))
        return refusal(request, "invitation.html", error, form, ticket=ticket, invitation=held)
    return see("/sign-in?notice=account-made")


@router.get("/reset")
def ask_reset(request: Request) -> Response:
    """Show the form for those who have forgotten their password."""
    return page(request, "reset.html", sent_to=None)


@router.post("/reset")
async def reset(request: Request, desk: Desk, form: Posted) -> Response:
    """Have a link sent to an address; the page is the same whether there is an account or not."""
    try:
        await resets.ask(desk, form["email"], session.browser(request), session.origin(request))
    except SoundrackError as error:
        return refusal(request, "reset.html", error, form, sent_to=None)
    return page(request, "reset.html", sent_to=form["email"].strip())


@router.get("/reset/choose")
def ask_choose(request: Request, rack: RackIn, ticket: str = "") -> Response:
    """Show the form for a new password to whoever holds a ticket."""
    with rack.database.read() as connection:
        tickets.holder(connection, rack.secret, ticket, Purpose.PASSWORD)
    return page(request, "choose.html", ticket=ticket)


@router.post("/reset/choose")
async def choose(request: Request, desk: Desk, form: Posted) -> Response:
    """Replace the password."""
    try:
        await resets.choose(
            desk, form["ticket"], form["new_password"], session.browser(request), session.origin(request)
        )
    except NotFound:
        raise
    except SoundrackError as error:
        return refusal(request, "choose.html", error, form, ticket=form["ticket"])
    response = see("/sign-in?notice=password-changed")
    session.farewell(request, response)
    return response


@router.get("/verify")
def ask_verify(request: Request, rack: RackIn, ticket: str = "") -> Response:
    """Ask once more: programs that read mail follow links, but press no buttons."""
    with rack.database.read() as connection:
        tickets.holder(connection, rack.secret, ticket, Purpose.EMAIL)
    return page(request, "verify.html", ticket=ticket)


@router.post("/verify")
async def verify(request: Request, rack: RackIn, form: Posted) -> Response:
    """Confirm an address."""

    def act() -> None:
        with rack.database.write() as connection:
            registration.confirm(connection, rack.secret, form["ticket"], session.origin(request))

    await run_in_threadpool(act)
    return see("/account?notice=address-confirmed")
