"""Which addresses are public, and which are somebody's own.

The blocks are every entry of IANA's two special-purpose registries (RFC 6890, updated by RFC 8190), whether or not the
registry calls it reachable, with multicast, what is not allotted, and what clouds keep for themselves. The standard
library's `is_global` is asked as well but never alone: it calls multicast, NAT64, relays of 6to4 and the services of a
cloud's host global, and what it knows depends on the version of Python.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import NamedTuple

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Block(NamedTuple):
    """A network that callers' URLs do not reach, and why."""

    network: Network
    reason: str


BLOCKS = tuple(
    Block(ip_network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this host (RFC 791)"),
        ("10.0.0.0/8", "private use (RFC 1918)"),
        ("100.64.0.0/10", "carrier-grade NAT (RFC 6598)"),
        ("127.0.0.0/8", "loopback (RFC 1122)"),
        ("168.63.129.16/32", "services of the host (Azure)"),
        ("169.254.0.0/16", "link-local, metadata of clouds (RFC 3927)"),
        ("172.16.0.0/12", "private use (RFC 1918)"),
        ("192.0.0.0/24", "IETF protocol assignments (RFC 6890)"),
        ("192.0.2.0/24", "documentation (RFC 5737)"),
        ("192.31.196.0/24", "AS112 anycast (RFC 7535)"),
        ("192.52.193.0/24", "multicast tunnelling anycast (RFC 7450)"),
        ("192.88.99.0/24", "relays of 6to4 (RFC 7526)"),
        ("192.168.0.0/16", "private use (RFC 1918)"),
        ("192.175.48.0/24", "AS112 anycast (RFC 7534)"),
        ("198.18.0.0/15", "benchmarking (RFC 2544)"),
        ("198.51.100.0/24", "documentation (RFC 5737)"),
        ("203.0.113.0/24", "documentation (RFC 5737)"),
        ("224.0.0.0/4", "multicast (RFC 5771)"),
        ("255.255.255.255/32", "broadcast (RFC 8190)"),
        ("240.0.0.0/4", "reserved (RFC 1112)"),
        ("::/128", "unspecified (RFC 4291)"),
        ("::1/128", "loopback (RFC 4291)"),
        ("::/96", "IPv4-compatible (RFC 4291)"),
        ("::ffff:0:0/96", "IPv4-mapped (RFC 4291)"),
        ("::ffff:0:0:0/96", "IPv4-translated (RFC 2765)"),
        ("64:ff9b::/96", "NAT64 (RFC 6052)"),
        ("64:ff9b:1::/48", "local NAT64 (RFC 8215)"),
        ("100::/64", "discarded (RFC 6666)"),
        ("100:0:0:1::/64", "dummy prefix (RFC 9780)"),
        ("2001::/32", "Teredo (RFC 4380)"),
        ("2001:2::/48", "benchmarking (RFC 5180)"),
        ("2001:10::/28", "ORCHID (RFC 4843)"),
        ("2001:20::/28", "ORCHIDv2 (RFC 7343)"),
        ("2001:30::/28", "identities of drones (RFC 9374)"),
        ("2001::/23", "IETF protocol assignments (RFC 2928)"),
        ("2001:db8::/32", "documentation (RFC 3849)"),
        ("2002::/16", "6to4 (RFC 3056)"),
        ("2620:4f:8000::/48", "AS112 anycast (RFC 7534)"),
        ("3fff::/20", "documentation (RFC 9637)"),
        ("5f00::/16", "segment routing (RFC 9602)"),
        ("fc00::/7", "unique local (RFC 4193)"),
        ("fe80::/10", "link-local (RFC 4291)"),
        ("fec0::/10", "site-local (RFC 3879)"),
        ("ff00::/8", "multicast (RFC 4291)"),
    )
)
"""Forbidden networks, a narrower one before the wider that contains it, so that the first match names it best."""

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_LOW_32_BITS = (IPv6Network("::/96"), IPv6Network("::ffff:0:0/96"), IPv6Network("::ffff:0:0:0/96"), *_NAT64)
_ISATAP = {0x00005EFE, 0x02005EFE}
_NO_IPV4 = {IPv6Address("::"), IPv6Address("::1")}


def reason_against(address: Address) -> str | None:
    """Return why an address is not public, or None if it is.

    An IPv6 address is public if it is allotted for global unicast (``2000::/3``, RFC 4291 section 2.4), lies in no
    forbidden block, and no IPv4 address that it carries lies in one.

    >>> reason_against(IPv4Address("169.254.169.254"))
    'link-local, metadata of clouds (RFC 3927)'
    >>> reason_against(IPv4Address("8.8.8.8")) is None
    True
    """
    for one in (address, *embedded(address)):
        reason = _reason_against_itself(one)
        if reason is not None:
            return reason
    return None


def embedded(address: Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses to which a packet for an IPv6 address may be handed on.

    Read are IPv4-compatible and -mapped (RFC 4291), IPv4-translated (RFC 2765), NAT64 with a prefix of 96 bits
    (RFC 6052), 6to4 (RFC 3056), Teredo's server and client (RFC 4380) and ISATAP under any prefix (RFC 5214).
    """
    if isinstance(address, IPv4Address) or address in _NO_IPV4:
        return ()
    bits = int(address)
    low = IPv4Address(bits & 0xFFFFFFFF)
    if any(address in network for network in _LOW_32_BITS):
        return (low,)
    if address.teredo is not None:
        return address.teredo
    found = [address.sixtofour] if address.sixtofour is not None else []
    if bits >> 32 & 0xFFFFFFFF in _ISATAP:
        found.append(low)
    return tuple(found)


def _reason_against_itself(address: Address) -> str | None:
    for block in BLOCKS:
        if address.version == block.network.version and address in block.network:
            return block.reason
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return "not allotted (RFC 4291)"
    if not address.is_global:
        return "not globally reachable (RFC 6890)"
    return None
