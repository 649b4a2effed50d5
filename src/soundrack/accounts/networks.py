"""Allow-lists: the networks from which an account's credentials are accepted at a service.

Without an entry every address is let in. They concern the APIs only: nobody can lock themselves out of the dashboard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from soundrack import clock, ids
from soundrack.accounts import audit
from soundrack.accounts.audit import HOUSE, Entry, Origin
from soundrack.billing.plans import Plan
from soundrack.database import locks
from soundrack.database.tables import allowed_networks
from soundrack.errors import Conflict, Invalid, NotAllowed, NotFound
from soundrack.service import Service

MOST = 200
"""Most networks of one account at one service."""
NOTE_CHARACTERS = 200

_FORM = re.compile(r"[0-9A-Fa-f.:]+(/[0-9]{1,3})?")
_ID = re.compile(r"net_[a-z0-9]{12}")
_MAPPED = IPv6Network("::ffff:0:0/96")


@dataclass(frozen=True)
class AllowedNetwork:
    """One entry of an allow-list; `network` is in CIDR notation without host bits."""

    id: str
    network: str
    note: str
    created_at: datetime


class Added(NamedTuple):
    """A new entry, and whether the list as it is now lets in whoever added it."""

    entry: AllowedNetwork
    admits_adder: bool


def add(
    connection: Connection,
    account_id: str,
    service: Service,
    network: str,
    note: str = "",
    *,
    plan: Plan | None = None,
    origin: Origin = HOUSE,
) -> Added:
    """Let an address or a network in; with the first one, everybody else is kept out.

    Who adds a network need not call from it: a person at a dashboard sits elsewhere than the programs that hold the
    keys. So an entry that leaves out the address of `origin` is made, and the answer says so.

    Parameters
    ----------
    network : str
        An IPv4 or IPv6 address, or a network in CIDR notation (RFC 4632, RFC 4291). Host bits are cleared; an
        IPv4-mapped IPv6 address or network becomes IPv4.
    note : str
        What it is: at most 200 characters.
    plan : Plan, optional
        The account's plan at the service. Without one, nothing is refused.

    Raises
    ------
    Invalid
        If it is no address or network, or the note is too long.
    NotAllowed
        If the plan has no allow-list.
    Conflict
        If the network is listed already, or 200 are.
    NotFound
        If there is no such account.
    """
    parsed = parse(network)
    note = note.strip()
    if len(note) > NOTE_CHARACTERS or "\0" in note:
        raise Invalid(f"The note must have at most {NOTE_CHARACTERS} characters.", field="note")
    if plan is not None and not plan.allow_list:
        raise NotAllowed(f"The plan {plan.title} does not include an allow-list.")
    locks.account(connection, account_id)
    before = of(connection, account_id, service)
    if str(parsed) in {entry.network for entry in before}:
        raise Conflict(f"{parsed} is listed already.")
    if len(before) >= MOST:
        raise Conflict(f"The allow-list holds {MOST} networks, which is the most: remove one first.")
    entry = AllowedNetwork(ids.short("net_"), str(parsed), note, clock.now())
    connection.execute(
        insert(allowed_networks).values(
            id=entry.id,
            account_id=account_id,
            service=service,
            network=entry.network,
            note=note,
            created_at=entry.created_at,
        )
    )
    audit.record(connection, Entry.NETWORK_ALLOWED, origin, account_id, service=service, network=entry.network)
    listed = [*(one.network for one in before), entry.network]
    return Added(entry, not origin.address or admits(listed, origin.address))


def of(connection: Connection, account_id: str, service: Service) -> list[AllowedNetwork]:
    """Return an allow-list in the order in which it was made."""
    rows = connection.execute(
        select(
            allowed_networks.c.id, allowed_networks.c.network, allowed_networks.c.note, allowed_networks.c.created_at
        )
        .where(allowed_networks.c.account_id == account_id, allowed_networks.c.service == service)
        .order_by(allowed_networks.c.created_at, allowed_networks.c.id)
    )
    return [AllowedNetwork(*row) for row in rows]


def remove(connection: Connection, account_id: str, network_id: str, *, origin: Origin = HOUSE) -> int:
    """Take a network off its list and return how many are left on it; with the last, everybody is let in again.

    Raises
    ------
    NotFound
        If the account has no such entry.
    """
    if _ID.fullmatch(network_id) is None:
        raise NotFound("No such network.")
    removed = connection.execute(
        delete(allowed_networks)
        .where(allowed_networks.c.id == network_id, allowed_networks.c.account_id == account_id)
        .returning(allowed_networks.c.service, allowed_networks.c.network)
    ).first()
    if removed is None:
        raise NotFound("No such network.")
    audit.record(
        connection, Entry.NETWORK_REMOVED, origin, account_id, service=removed.service, network=removed.network
    )
    left: int = connection.execute(
        select(func.count())
        .select_from(allowed_networks)
        .where(allowed_networks.c.account_id == account_id, allowed_networks.c.service == removed.service)
    ).scalar_one()
    return left


def parse(text: str) -> IPv4Network | IPv6Network:
    """Return a network as it is stored.

    >>> parse("198.51.100.77/24"), parse("::ffff:198.51.100.77")
    (IPv4Network('198.51.100.0/24'), IPv4Network('198.51.100.77/32'))

    Raises
    ------
    Invalid
        If it is neither an address nor a network with a prefix length; zones and netmasks are not taken.
    """
    text = text.strip()
    try:
        if _FORM.fullmatch(text) is None:
            raise ValueError(text)
        network = ip_network(text, strict=False)
    except ValueError:
        raise Invalid(
            "That is no address or network: give one like 198.51.100.7, 198.51.100.0/24 or 2001:db8::/32.",
            field="network",
        ) from None
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        low = int(network.network_address) & 0xFFFFFFFF
        return IPv4Network((low, network.prefixlen - _MAPPED.prefixlen))
    return network


def admits(networks: Iterable[str], address: str) -> bool:
    """Return whether an allow-list lets an address in.

    Parameters
    ----------
    networks : iterable of str
        As they are stored. None at all let everybody in.
    address : str
        Of the client. An IPv4-mapped IPv6 address is the IPv4 address, and a zone is disregarded. What is no address
        is let in by no list.
    """
    listed = list(networks)
    if not listed:
        return True
    client = _client(address)
    return client is not None and any(
        span.version == client.version and span.first <= client.first <= span.last for span in map(_span, listed)
    )


class _Span(NamedTuple):
    version: int
    first: int
    last: int


@lru_cache(maxsize=4096)
def _span(network: str) -> _Span:
    """To parse a network takes as long as to compare an address with forty."""
    parsed = ip_network(network)
    return _Span(parsed.version, int(parsed.network_address), int(parsed.broadcast_address))


@lru_cache(maxsize=4096)
def _client(address: str) -> _Span | None:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return _Span(parsed.version, int(parsed), int(parsed))
