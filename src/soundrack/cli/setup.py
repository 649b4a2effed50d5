"""``soundrack setup``."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
from pathlib import Path

from soundrack.accounts import mailbox, passwords, people, registration
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.accounts.people import Account
from soundrack.cli import console
from soundrack.errors import Conflict, Invalid
from soundrack.rack import Rack, open_rack


def run(email: str | None, name: str, password_stdin: bool, as_json: bool, data: Path | None) -> None:
    """Make the first account."""
    with open_rack(console.settings(data=data)) as rack:
        account = set_up(rack, email, name, password_stdin)
        sign_in = f"{rack.settings.public_url}/sign-in"
    if as_json:
        print(json.dumps({"id": account.id, "email": account.email, "name": account.name, "sign_in_url": sign_in}))
        return
    console.OUT.print(f"{account.email} is the administrator now. Sign in at {sign_in}", highlight=False)


def set_up(rack: Rack, email: str | None, name: str, password_stdin: bool) -> Account:
    """Ask for what is not given, and make the first account.

    Raises
    ------
    Conflict
        If somebody can sign in already. Who has forgotten a password resets it in the browser: without a mail server
        the link is in the mail folder of this machine.
    Invalid
        If the address, name or password cannot be taken, or there is nobody to ask.
    """
    with rack.database.read() as connection:
        if registration.is_set_up(connection):
            raise Conflict(
                "Somebody can sign in already. Invite people with `soundrack accounts invite`; "
                f"a forgotten password is reset at {rack.settings.public_url}/reset."
            )
    address = mailbox.normalise(email if email is not None else _ask("Mail address: ", "--email"))
    people.display_name(name)
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _ask_password(address)
    passwords.check(password, email=address)
    digest = asyncio.run(rack.passwords.digest(password))
    with rack.database.write() as connection:
        return registration.take(connection, rack.plans, address, name, digest, COMMAND_LINE)


def _ask(prompt: str, option: str) -> str:
    _require_terminal(option)
    return input(prompt)


def _ask_password(email: str) -> str:
    """Twice, since nobody sees it; what cannot be taken is said before it is asked for again."""
    _require_terminal("--password-stdin")
    while True:
        password = getpass.getpass("Password: ")
        try:
            passwords.check(password, email=email)
        except Invalid as error:
            console.ERR.print(str(error), style="red", highlight=False)
            continue
        if getpass.getpass("Once more: ") == password:
            return password
        console.ERR.print("The two are not the same.", style="red")


def _require_terminal(option: str) -> None:
    if not sys.stdin.isatty():
        raise Invalid(f"There is no terminal to ask on: use {option}.")
