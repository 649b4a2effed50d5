"""From where a request comes, as far as that can be believed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

from starlette.types import Scope

from soundrack.errors import NotConfigured
from soundrack.settings import Settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_LONGEST = 64
_PREFIX_OF_ONE_HOUSEHOLD = 64


class Proxies:
    """The reverse proxies whose word is taken for who called them."""

    def __init__(self, networks: Iterable[Network]) -> None:
        self._networks = tuple(networks)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Read `trusted_proxies`.

        Raises
        ------
        NotConfigured
            If a part of it is neither an address nor a network.
        """
        texts = [text.strip() for text in settings.trusted_proxies.split(",") if text.strip()]
        try:
            return cls([ip_network(text) for text in texts])
        except ValueError as error:
            raise NotConfigured(f"SOUNDRACK_TRUSTED_PROXIES: {error}.", field="trusted_proxies") from None

    def client(self, scope: Scope) -> Address | None:
        """Return the address that a request comes from; None if it came by no network.

        That is who is connected, unless that is a trusted proxy. A proxy adds the address that it was called from at
        the right of ``X-Forwarded-For``, so the list is read from the right, and the first address that is no trusted
        proxy's is the answer. What stands left of it is what a stranger wrote. Where the list ends or cannot be read,
        the last trusted proxy is the answer: then nobody knows better.
        """
        peer = scope.get("client")
        address = parse(peer[0]) if peer else None
        if address is None or not self._networks or not self._trusts(address):
            return address
        for text in _from_the_right(scope):
            before = parse_forwarded(text)
            if before is None:
                break
            address = before
            if not self._trusts(address):
                break
        return address

    def vouches(self, scope: Scope) -> bool:
        """Say whether who is connected is a trusted proxy, so that what it says of its caller is believed."""
        peer = scope.get("client")
        address = parse(peer[0]) if peer and self._networks else None
        return address is not None and self._trusts(address)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _from_the_right(scope: Scope) -> Iterable[str]:
    """Several headers are one list, in their order (RFC 9110, 5.3)."""
    for name, value in reversed(scope["headers"]):
        if name == b"x-forwarded-for":
            yield from reversed(value.decode("latin-1").split(","))


@lru_cache(maxsize=4096)
def parse(text: str) -> Address | None:
    """Return an address; IPv4 inside IPv6 (``::ffff:1.2.3.4``) as IPv4, and without a zone. None if it is none."""
    if len(text) > _LONGEST:
        return None
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def parse_forwarded(text: str) -> Address | None:
    """Return the address of one entry of ``X-Forwarded-For``: bare, or with a port, or in brackets."""
    text = text.strip(" \t")
    if text.startswith("["):
        inner, bracket, port = text[1:].partition("]")
        return parse(inner) if bracket and ":" in inner and _is_port(port.removeprefix(":"), port) else None
    host, colon, port = text.partition(":")
    if colon and "." in host and ":" not in port:  # one colon: IPv4 with a port
        return parse(host) if _is_port(port, colon) else None
    return parse(text)


def _is_port(digits: str, written: str) -> bool:
    """Nothing at all, or a colon and digits."""
    return not written or (written[0] == ":" and digits.isascii() and digits.isdecimal() and int(digits[:6]) < 65536)


def household(address: Address | None) -> str:
    """Return what strangers are counted by: the address; of IPv6 the /64, of which everybody has 2**64 addresses."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _PREFIX_OF_ONE_HOUSEHOLD), strict=False))
    return str(address or "nowhere")
