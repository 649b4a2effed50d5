"""``soundrack accounts invite``."""

from __future__ import annotations

import json
from pathlib import Path

from soundrack import clock
from soundrack.accounts import invitations
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.cli import console
from soundrack.rack import open_rack


def run(email: str | None, as_json: bool, data: Path | None) -> None:
    """Make an invitation, mail it if it is for an address, and show its link."""
    with open_rack(console.settings(data=data)) as rack, rack.database.write() as connection:
        new = invitations.invite(connection, rack.settings, rack.secret, email, COMMAND_LINE)
        link = invitations.link(rack.settings, new.token)
    expires_at = clock.iso_seconds(new.expires_at)
    if as_json:
        print(json.dumps({"url": link, "email": new.email, "expires_at": expires_at}))
        return
    console.OUT.print(link, highlight=False, soft_wrap=True)
    console.ERR.print(f"This link is shown once. It makes one account, until {expires_at}.")
