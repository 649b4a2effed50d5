"""The account: name, password, second step, the browsers that are signed in, and keys that have leaked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from soundrack.accounts import leaks, people, registration, resets, sessions, sign_in, totp
from soundrack.accounts.people import Account
from soundrack.dashboard import session
from soundrack.dashboard.desk import Desk, RackIn
from soundrack.dashboard.errors import refusal
from soundrack.dashboard.forms import Posted
from soundrack.dashboard.pages import page, see
from soundrack.dashboard.session import Here, SignedIn
from soundrack.errors import SoundrackError

router = APIRouter(prefix="/account")


@router.get("")
def show(request: Request, account: SignedIn, notice: str = "") -> Response:
    """Show everything."""
    return _show(request, account, notice=notice)


@router.post("/name")
def rename(request: Request, rack: RackIn, account: SignedIn, form: Posted) -> Response:
    """Call the account something else."""
    try:
        with rack.database.write() as connection:
            people.rename(connection, account.id, form["name"])
    except SoundrackError as error:
        return _show(request, account, error, form)
    return see("/account?notice=name-changed")


@router.post("/password")
async def change_password(request: Request, desk: Desk, account: SignedIn, form: Posted) -> Response:
    """Replace the password; this browser stays signed in, with a new token."""
    try:
        token = await resets.change(
            desk,
            account,
            form["current_password"],
            form["new_password"],
            session.browser(request),
            session.origin(request, account.id),
        )
    except SoundrackError as error:
        return await run_in_threadpool(_show, request, account, error, form)
    response = see("/account?notice=password-changed")
    session.welcome(request, response, token)
    return response


@router.post("/confirmation")
def confirm_address(rack: RackIn, account: SignedIn, _form: Posted) -> Response:
    """Send the link once more by which the address is confirmed."""
    with rack.database.write() as connection:
        registration.send_confirmation(connection, rack.settings, rack.secret, account)
    return see("/account?notice=confirmation-sent")


@router.post("/sessions/end")
def end_session(request: Request, rack: RackIn, here: Here, account: SignedIn, form: Posted) -> Response:
    """End one of the account's sessions; this browser's own takes it to the door."""
    with rack.database.write() as connection:
        sign_in.end_session(connection, account.id, form["session"], session.origin(request, account.id))
    if here.session is not None and form["session"] == here.session.id:
        response = see("/sign-in?notice=signed-out")
        session.farewell(request, response)
        return response
    return see("/account?notice=session-ended")


@router.post("/leaks/dismiss")
def dismiss_leak(rack: RackIn, account: SignedIn, form: Posted) -> Response:
    """Have a leaked key shown no more."""
    with rack.database.write() as connection:
        leaks.dismiss(connection, account.id, form["report"])
    return see("/account")


def _show(
    request: Request,
    account: Account,
    error: SoundrackError | None = None,
    form: Mapping[str, str] | None = None,
    notice: str = "",
) -> Response:
    rack, here = request.app.state.rack, session.visit(request)
    with rack.database.read() as connection:
        values: dict[str, Any] = {
            "sessions": sessions.of(connection, account.id),
            "this_session": here.session.id if here.session else "",
            "leaks": leaks.unseen(connection, account.id),
            "recovery_codes_left": totp.recovery_codes_left(connection, account.id),
            "notice": notice,
        }
    if error is not None:
        return refusal(request, "account.html", error, form, **values)
    return page(request, "account.html", **values)
