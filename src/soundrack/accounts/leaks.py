"""Keys that were found in public: told to their owner once for each place, and revoked if the operator wishes it."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, insert, or_, select, update

from soundrack import clock, ids
from soundrack.accounts import audit, formats, keys
from soundrack.accounts.audit import Entry, Origin
from soundrack.accounts.keys import Key, Reason, State
from soundrack.accounts.oauth import tokens
from soundrack.database import locks
from soundrack.database.tables import accounts, api_keys, leak_reports, oauth_clients
from soundrack.errors import NotFound
from soundrack.outbound.mail import outbox
from soundrack.outbound.mail.outbox import Mail
from soundrack.outbound.webhooks import secrets as signing_secrets
from soundrack.secret import Secret
from soundrack.service import Service
from soundrack.vault import Vault

MOST_PLACES = 100
"""Places that are kept of one key: whoever has not acted upon a hundred does not need another."""

_PLACES_IN_MAIL = 10
_URL_CHARACTERS = 2000
_SOURCE_CHARACTERS = 40


@dataclass(frozen=True)
class Match:
    """A text that somebody found and took for a key.

    Attributes
    ----------
    type : str
        What the finder calls its form.
    source : str
        In what it was found, in the finder's word: ``content``, ``commit``, ``issue_body``.
    """

    token: str = field(repr=False)
    type: str = ""
    url: str = ""
    source: str = ""


@dataclass(frozen=True)
class Report:
    """A place in which a key was found, until its owner dismisses it.

    Attributes
    ----------
    url : str
        An ``http`` or ``https`` URL, or empty if the finder named none.
    is_revoked : bool
        Whether the key has been revoked because of it.
    """

    id: str
    key_id: str
    service: Service
    label: str
    shown_prefix: str
    source: str
    url: str
    reported_at: datetime
    is_revoked: bool


def report(
    connection: Connection,
    secret: Secret,
    matches: Sequence[Match],
    *,
    origin: Origin,
    revoke: bool,
    public_url: str,
) -> list[bool]:
    """Take in what a scanner has found, and say of each match whether it is or was a key of this installation.

    For a key that still works, each new place is written down and audited, and its owner is sent one mail for all of
    them. The same matches once more change nothing. A key that was revoked or has expired is left alone.

    Parameters
    ----------
    revoke : bool
        Revoke what still works.
    public_url : str
        Where the owner finds the dashboard.
    """
    found = _known(connection, secret, {match.token for match in matches})
    live = [(found[match.token], match) for match in matches if match.token in found]
    # in the order of accounts, so that two reports at once never wait for each other in a ring
    live = sorted(live, key=lambda pair: (pair[0].account_id, pair[0].id))
    for key, pairs in groupby(live, key=lambda pair: pair[0]):
        locks.account(connection, key.account_id)
        if keys.get(connection, key.account_id, key.id).state is State.ACTIVE:
            _take_in(connection, key, [match for _, match in pairs], origin, revoke, public_url)
    return [match.token in found for match in matches]


def unseen(connection: Connection, account_id: str) -> list[Report]:
    """Return what an account's owner has to be told, the latest first.

    A report is over when it is dismissed, or when somebody revokes the key by hand.
    """
    rows = connection.execute(
        select(
            leak_reports.c.id,
            leak_reports.c.key_id,
            api_keys.c.service,
            api_keys.c.label,
            api_keys.c.shown_prefix,
            leak_reports.c.source,
            leak_reports.c.url,
            leak_reports.c.reported_at,
            api_keys.c.revoked_at.is_not(None).label("is_revoked"),
        )
        .join(api_keys, api_keys.c.id == leak_reports.c.key_id)
        .where(
            leak_reports.c.account_id == account_id,
            leak_reports.c.dismissed_at.is_(None),
            or_(api_keys.c.revoked_at.is_(None), api_keys.c.revoked_because == Reason.LEAKED),
        )
        .order_by(leak_reports.c.reported_at.desc(), leak_reports.c.id)
    )
    return [Report(**(row._asdict() | {"service": Service(row.service)})) for row in rows]


def dismiss(connection: Connection, account_id: str, report_id: str) -> None:
    """Have a report shown no more; it stays known, so that the same place is not reported again.

    Raises
    ------
    NotFound
        If the account has no such report.
    """
    mine = (leak_reports.c.id == report_id) & (leak_reports.c.account_id == account_id)
    if "\0" in report_id or connection.execute(select(leak_reports.c.id).where(mine)).first() is None:
        raise NotFound("No such report.")
    connection.execute(
        update(leak_reports).where(mine, leak_reports.c.dismissed_at.is_(None)).values(dismissed_at=clock.now())
    )


def states(connection: Connection, secret: Secret, texts: Collection[str]) -> dict[str, State]:
    """Return what has become of keys and other secrets; texts that are none of this installation are left out."""
    found = {token: key.state for token, key in _known(connection, secret, texts).items()}
    look_like_secrets = [text for text in texts if formats.SIGNING_SECRET.plausible(text)]
    signing = signing_secrets.among(connection, Vault(secret), look_like_secrets)
    for text in texts:
        if any(form.plausible(text) for form in formats.OAUTH):
            state = _state_of_oauth(connection, secret, text)
            found |= {} if state is None else {text: state}
    return found | dict.fromkeys(signing, State.ACTIVE)


def _state_of_oauth(connection: Connection, secret: Secret, text: str) -> State | None:
    token = tokens.find(connection, secret, text)
    if token is not None:
        return State.EXPIRED if token.is_expired() else State.ACTIVE if token.is_live() else State.REVOKED
    client = connection.execute(
        select(oauth_clients.c.revoked_at).where(oauth_clients.c.secret_digest == tokens.digest(secret, text))
    ).first()
    if client is None:
        return None
    return State.ACTIVE if client.revoked_at is None else State.REVOKED


def _known(connection: Connection, secret: Secret, texts: Collection[str]) -> dict[str, Key]:
    """Return those of some texts that are keys, in any state. One statement, whatever they are."""
    by_digest = {keys.digest(secret, text): text for text in texts if formats.identify(text) is not None}
    return {by_digest[digest]: key for digest, key in keys.by_digest(connection, list(by_digest)).items()}


def _take_in(
    connection: Connection, key: Key, matches: Sequence[Match], origin: Origin, revoke: bool, public_url: str
) -> None:
    """The account is locked: of two reports at once the second finds what the first has written."""
    known = set(connection.execute(select(leak_reports.c.url).where(leak_reports.c.key_id == key.id)).scalars())
    places: dict[str, str] = {}
    for match in matches:
        url = _clean_url(match.url)
        if url not in known and len(known) + len(places) < MOST_PLACES:
            places.setdefault(url, _clean(match.source)[:_SOURCE_CHARACTERS])
    if revoke:
        keys.revoke(connection, key.account_id, key.id, because=Reason.LEAKED, origin=origin)
    if not places:
        return
    now = clock.now()
    rows = [
        {
            "id": ids.short("leak_"),
            "account_id": key.account_id,
            "key_id": key.id,
            "source": source,
            "url": url,
            "reported_at": now,
        }
        for url, source in places.items()
    ]
    connection.execute(insert(leak_reports), rows)
    audit.record(connection, Entry.KEY_LEAKED, origin, key.account_id, key=key.id, places=len(places), revoked=revoke)
    email = connection.execute(select(accounts.c.email).where(accounts.c.id == key.account_id)).scalar_one()
    outbox.put(connection, _mail(email, key, list(places), revoke, public_url))


def _mail(email: str, key: Key, places: Sequence[str], revoked: bool, public_url: str) -> Mail:
    name = f"{key.label} ({key.shown_prefix}…)" if key.label else f"{key.shown_prefix}…"
    listed = [f"  {place or 'a place that was not named'}" for place in places[:_PLACES_IN_MAIL]]
    if len(places) > _PLACES_IN_MAIL:
        listed.append(f"  and {len(places) - _PLACES_IN_MAIL} more")
    if revoked:
        deed = "It has been revoked: nothing accepts it any more. Make a new one where it was in use"
    else:
        deed = "It still works. Revoke it now, and make a new one where it was in use"
    text = "\n".join(
        [
            f"Your API key {name} for {key.service} was found in public:",
            "",
            *listed,
            "",
            f"{deed}: {public_url}",
            "",
            "Whoever has seen the key could have used it as you until it is revoked. To delete it from the place where "
            "it was found is not enough. Keep keys in environment variables or a secret store, not in code.",
            "",
        ]
    )
    return Mail(email, f"Your {key.service} API key was found in public", text)


def _clean_url(url: str) -> str:
    """What is shown and linked to is a URL of the web or nothing."""
    url = _clean(url)[:_URL_CHARACTERS]
    return url if url.startswith(("https://", "http://")) else ""


def _clean(text: str) -> str:
    return "".join(character for character in text if unicodedata.category(character)[0] not in "CZ")
