"""The judgement of addresses, over addresses that nobody thought of."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from soundrack.outbound.networks import BLOCKS, embedded, reason_against

V4 = [block.network for block in BLOCKS if block.network.version == 4]
V6 = [block.network for block in BLOCKS if block.network.version == 6]

forbidden_v4 = st.one_of([st.ip_addresses(network=network) for network in V4])
forbidden_v6 = st.one_of([st.ip_addresses(network=network) for network in V6])
any_v4 = st.ip_addresses(v=4)
global_v6 = st.ip_addresses(network="2000::/3")

EMBEDDINGS = {
    "compatible": lambda v4: v4,
    "mapped": lambda v4: 0xFFFF << 32 | v4,
    "translated": lambda v4: 0xFFFF << 48 | v4,
    "NAT64": lambda v4: 0x64FF9B << 96 | v4,
    "local NAT64": lambda v4: 0x64FF9B0001 << 80 | v4,
    "6to4": lambda v4: 0x2002 << 112 | v4 << 80 | 1,
    "Teredo's server": lambda v4: 0x20010000 << 96 | v4 << 64 | (0x08080808 ^ 0xFFFFFFFF),
    "Teredo's client": lambda v4: 0x20010000 << 96 | 0x08080808 << 64 | (v4 ^ 0xFFFFFFFF),
    "ISATAP": lambda v4: 0x26064700 << 96 | 0x5EFE << 32 | v4,
    "ISATAP, universal": lambda v4: 0x26064700 << 96 | 0x02005EFE << 32 | v4,
}


@given(st.one_of(forbidden_v4, forbidden_v6))
def test_every_address_of_a_forbidden_network_is_refused(address: IPv4Address | IPv6Address):
    assert reason_against(address)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: str(block.network))
def test_a_network_is_refused_from_its_first_address_to_its_last(block):
    assert reason_against(block.network[0])
    assert reason_against(block.network[-1])


@pytest.mark.parametrize("form", EMBEDDINGS)
@given(v4=forbidden_v4)
def test_a_forbidden_address_is_found_in_every_ipv6_that_carries_it(form: str, v4: IPv4Address):
    carrier = IPv6Address(EMBEDDINGS[form](int(v4)))

    assert v4 in embedded(carrier) or carrier in {IPv6Address("::"), IPv6Address("::1")}
    assert reason_against(carrier)


@given(st.ip_addresses(v=6).filter(lambda address: address not in IPv6Network("2000::/3")))
def test_what_is_not_allotted_for_global_unicast_is_refused(address: IPv6Address):
    assert reason_against(address)


@given(st.ip_addresses())
def test_what_the_standard_library_knows_not_to_be_global_is_refused(address: IPv4Address | IPv6Address):
    if not address.is_global or address.is_multicast:
        assert reason_against(address)


@given(any_v4)
@example(IPv4Address("9.255.255.255"))
@example(IPv4Address("11.0.0.0"))
@example(IPv4Address("100.63.255.255"))
@example(IPv4Address("100.128.0.0"))
@example(IPv4Address("172.15.255.255"))
@example(IPv4Address("172.32.0.0"))
@example(IPv4Address("168.63.129.17"))
@example(IPv4Address("223.255.255.255"))
def test_an_ordinary_ipv4_address_passes(address: IPv4Address):
    if not any(address in network for network in V4):
        assert reason_against(address) is None


@given(global_v6)
@example(IPv6Address("2001:200::1"))
@example(IPv6Address("2003::1"))
@example(IPv6Address("2606:4700:4700::1111"))
@example(IPv6Address("2606:4700::5efe:8.8.8.8"))
@example(IPv6Address("3ffe:ffff:ffff::1"))
def test_an_ordinary_ipv6_address_passes(address: IPv6Address):
    if not any(address in network for network in V6) and not any(map(reason_against, embedded(address))):
        assert reason_against(address) is None


@pytest.mark.parametrize("name", ["8.8.8.8", "1.1.1.1", "93.184.215.14", "151.101.1.140", "2a00:1450:4001:830::200e"])
def test_well_known_public_addresses_pass(name: str):
    assert reason_against(ip_address(name)) is None


@pytest.mark.parametrize("missed", ["224.0.0.1", "64:ff9b::7f00:1", "168.63.129.16", "192.88.99.1"])
def test_is_global_alone_would_not_do(missed: str):
    assert ip_address(missed).is_global
    assert reason_against(ip_address(missed))


def test_a_narrower_network_stands_before_the_wider_one_that_holds_it():
    for index, block in enumerate(BLOCKS):
        for later in BLOCKS[index + 1 :]:
            inside = later.network.version == block.network.version and later.network.subnet_of(block.network)  # type: ignore[arg-type]
            assert not inside, f"{later.network} is never reached behind {block.network}"


def test_every_entry_of_the_registries_is_forbidden():
    """IANA's IPv4 and IPv6 special-purpose address registries, all rows (RFC 6890, 8190, 9602, 9637, 9665, 9780)."""
    rows = """0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
        192.0.0.0/29 192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32 192.0.0.171/32 192.0.2.0/24 192.31.196.0/24
        192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
        240.0.0.0/4 255.255.255.255/32 ::1/128 ::/128 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64
        2001::/23 2001::/32 2001:1::1/128 2001:1::2/128 2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48
        2001:10::/28 2001:20::/28 2001:30::/28 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7
        fe80::/10"""
    for row in map(ip_network, rows.split()):
        assert any(
            row.version == block.network.version and row.subnet_of(block.network)  # type: ignore[arg-type]
            for block in BLOCKS
        ), row
