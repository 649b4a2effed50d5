"""What an operator lets callers' URLs reach."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Self, TypeVar

from yarl import URL

from soundrack.errors import ForbiddenAddress, Invalid, NotConfigured
from soundrack.outbound import networks
from soundrack.outbound.networks import Address, Network
from soundrack.outbound.target import Target
from soundrack.settings import Settings

_BAD_PORTS = frozenset(
    (1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679, 6697, 10080)
)
"""Ports above 1023 of other protocols, which browsers refuse too (Fetch Standard, "bad port")."""

NOT_PUBLIC = "The URL leads to an address that may not be reached from here."
"""All that a caller is told: what a name resolves to inside is not theirs to know."""

T = TypeVar("T")

_PORT = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
_ENTRY = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<other>[^:\s]+))(?::(?P<port>[0-9]{1,5}))?")
_LOCALHOST = (ip_address("127.0.0.1"), ip_address("::1"))


@dataclass(frozen=True)
class Allowance:
    """A host or network, and one of its ports if not all, that may be reached although it is not public."""

    where: str | Network
    port: int | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``minio.lan``, ``127.0.0.1:5678``, ``10.1.0.0/16``, ``fd00::/8`` or ``[::1]:9000``."""
        found = _ENTRY.fullmatch(text)
        if found is None:
            return cls(ip_network(text))
        port = int(found["port"]) if found["port"] else None
        try:
            return cls(ip_network(found["v6"] or found["other"]), port)
        except ValueError:
            if found["v6"] or "/" in found["other"] or found["other"].rpartition(".")[2].isdigit():
                raise
            return cls(found["other"].lower(), port)

    def covers(self, address: Address, port: int) -> bool:
        """Say whether this is a network that the address is in."""
        return (
            not isinstance(self.where, str)
            and self.where.version == address.version
            and address in self.where
            and self.port in {None, port}
        )

    def names(self, host: str, port: int) -> bool:
        """Say whether this is that very host."""
        return self.where == host and self.port in {None, port}


@dataclass(frozen=True)
class Rules:
    """One operator's rules. The defaults are for a server on the internet: public addresses only."""

    allowed: tuple[Allowance, ...] = ()
    forbidden: tuple[Network, ...] = ()
    """Networks that may not be reached although they are public: the operator's own, a NAT64 prefix. It wins."""
    ports: tuple[range, ...] = (range(80, 81), range(443, 444), range(1024, 65536))
    https_only: bool = False
    proxy: URL | None = field(default=None, repr=False)
    """Forward proxy for every request. It judges what names resolve to; we still judge the rest."""
    connect_s: float = 5.0
    first_byte_s: float = 20.0
    """Longest wait for the whole head of an answer, and for each next piece of its body."""
    fetch_s: float = 300.0
    webhook_s: float = 10.0

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Read the rules from the settings.

        Raises
        ------
        NotConfigured
            If a setting cannot be read; the message names it.
        """
        return cls(
            allowed=_entries("outbound_allow", settings.outbound_allow, Allowance.read),
            forbidden=_entries("outbound_forbid", settings.outbound_forbid, ip_network),
            ports=_entries("outbound_ports", settings.outbound_ports, _ports),
            https_only=settings.outbound_https_only,
            proxy=_proxy(settings.egress_proxy.get_secret_value()),
            connect_s=settings.outbound_connect_s,
            first_byte_s=settings.outbound_first_byte_s,
            fetch_s=settings.outbound_fetch_s,
            webhook_s=settings.outbound_webhook_s,
        )

    def admit(self, target: Target, at: str | None = None) -> None:
        """Refuse a target for what its URL says: scheme, port, and its host if that is an address or ``localhost``.

        `at` is the request field that the error names.

        Raises
        ------
        Invalid
            If it is not ``https`` where nothing else is allowed.
        ForbiddenAddress
            If its port or address may not be reached.
        """
        if self.https_only and target.scheme != "https":
            raise Invalid("Only https URLs are accepted here.", field=at)
        if not self._opens(target):
            raise ForbiddenAddress("The URL's port may not be reached from here.", field=at)
        addresses = (target.address,) if target.address else _LOCALHOST if _is_localhost(target.host) else ()
        if addresses and all(self.reason_against(one, target) for one in addresses):
            raise ForbiddenAddress(NOT_PUBLIC, field=at)

    def reason_against(self, address: Address, target: Target) -> str | None:
        """Return why a target may not be reached at an address, or None if it may.

        Each IPv4 address that an IPv6 address carries is judged as well, so that an allowed NAT64 prefix does not
        lead back to a private network.
        """
        every = (address, *networks.embedded(address))
        if any(one.version == network.version and one in network for one in every for network in self.forbidden):
            return "forbidden by the operator"
        if self.allows_name(target):
            return None
        for one in every:
            reason = networks.reason_against(one)
            if reason and not any(entry.covers(one, target.port) for entry in self.allowed):
                return reason
        return None

    def allows_name(self, target: Target) -> bool:
        """Say whether the operator has allowed this very host, wherever it is."""
        return any(entry.names(target.host, target.port) for entry in self.allowed)

    def allows_address(self, address: Address, port: int) -> bool:
        """Say whether the operator has allowed a network that an address is in."""
        return any(entry.covers(address, port) for entry in self.allowed)

    def _opens(self, target: Target) -> bool:
        by_name = any(entry.port == target.port and entry.names(target.host, target.port) for entry in self.allowed)
        by_network = target.address is not None and any(
            entry.port == target.port and entry.covers(target.address, target.port) for entry in self.allowed
        )
        if by_name or by_network:
            return True
        return target.port not in _BAD_PORTS and any(target.port in ports for ports in self.ports)


def _is_localhost(host: str) -> bool:
    """RFC 6761 section 6.3: these names are loopback, whatever a resolver says."""
    return host == "localhost" or host.endswith(".localhost")


def _entries(name: str, text: str, read: Callable[[str], T]) -> tuple[T, ...]:
    try:
        return tuple(read(entry.strip()) for entry in text.split(",") if entry.strip())
    except ValueError as error:
        raise NotConfigured(f"SOUNDRACK_{name.upper()} cannot be read: {error}.") from None


def _ports(text: str) -> range:
    found = _PORT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is neither a port nor a range of ports")
    return range(int(found[1]), int(found[2] or found[1]) + 1)


def _proxy(text: str) -> URL | None:
    if not text:
        return None
    url = URL(text)
    if url.scheme not in {"http", "https"} or not url.host:
        raise NotConfigured("SOUNDRACK_EGRESS_PROXY cannot be read: it is an http or https URL.")
    return url
