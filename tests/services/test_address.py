"""From where a request comes, whoever says what."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.errors import NotConfigured
from soundrack.services import address
from soundrack.services.address import Proxies
from soundrack.settings import Settings

OURS = Proxies([ip_network("10.0.0.0/8"), ip_network("fd00::/8")])
ADDRESSES = st.ip_addresses()
STRANGERS = ADDRESSES.filter(lambda one: not any(one in network for network in OURS._networks))
WRITTEN = st.sampled_from(["{}", " {} ", "\t{}"])


def scope(peer: str | None, *forwarded: bytes) -> dict[str, Any]:
    return {
        "client": None if peer is None else (peer, 4711),
        "headers": [(b"host", b"x"), *((b"x-forwarded-for", value) for value in forwarded)],
    }


def client(peer: str | None, *forwarded: bytes, proxies: Proxies = OURS) -> str:
    return str(proxies.client(scope(peer, *forwarded)))


@given(peer=STRANGERS, said=st.lists(st.binary(max_size=60), max_size=4))
def test_a_stranger_is_never_believed(peer, said: list[bytes]):
    assert client(str(peer), *said) == str(address.parse(str(peer)))


@given(peer=ADDRESSES, said=st.lists(st.binary(max_size=60), max_size=4))
def test_without_trusted_proxies_nobody_is_believed(peer, said: list[bytes]):
    assert client(str(peer), *said, proxies=Proxies([])) == str(address.parse(str(peer)))


@given(
    real=STRANGERS,
    before=st.lists(st.one_of(st.binary(max_size=40), ADDRESSES.map(lambda one: str(one).encode())), max_size=4),
    chain=st.lists(st.sampled_from(["10.1.2.3", "fd00::7", "10.255.255.255"]), max_size=3),
    written=WRITTEN,
)
def test_what_a_stranger_writes_to_the_left_changes_nothing(real, before, chain, written):
    """The first proxy adds the stranger's address, each later one the proxy before it."""
    added = ", ".join([written.format(real), *chain]).encode()

    expected = str(address.parse(str(real)))
    assert client("10.0.0.1", b",".join([*before, added])) == expected
    assert client("10.0.0.1", *before, added) == expected
    assert client("10.0.0.1", *before, *(part.encode() for part in [str(real), *chain])) == expected


@given(said=st.lists(st.binary(max_size=200), max_size=5))
def test_nothing_that_is_said_breaks_it(said: list[bytes]):
    found = OURS.client(scope("10.0.0.1", *said))

    assert isinstance(found, IPv4Address | IPv6Address)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:443", "192.0.2.7"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("[::ffff:192.0.2.7]:1", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_every_spelling_of_an_entry_is_read(entry: str, expected: str):
    assert client("10.0.0.1", entry.encode()) == expected


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "unknown",
        "_hidden",
        "192.0.2.7:",
        "192.0.2.7:x",
        "192.0.2.7:99999",
        "192.0.2.7:-1",
        "192.0.2.07",
        "0x7f.1",
        "1.2.3",
        "[2001:db8::1",
        "2001:db8::1]:1",
        "[2001:db8::1]443",
        "[192.0.2.7]",
        "[2001:db8::1]:443:1",
        "192.0.2.7 192.0.2.8",
        '"192.0.2.7"',
        "localhost",
        "1" * 5000,
    ],
)
def test_a_garbled_entry_ends_the_list_at_the_proxy_that_wrote_it(entry: str):
    assert client("10.0.0.1", f"198.51.100.1, {entry}".encode()) == "10.0.0.1"
    assert client("10.0.0.1", f"198.51.100.1, {entry}, 10.0.0.2".encode()) == "10.0.0.2"


def test_proxies_all_the_way_are_the_first_of_them():
    assert client("10.0.0.1", b"10.0.0.3, 10.0.0.2") == "10.0.0.3"
    assert client("10.0.0.1") == "10.0.0.1"


@pytest.mark.parametrize("peer", [None, "", "testclient", "/run/socket"])
def test_what_has_no_address_has_none(peer: str | None):
    assert OURS.client(scope(peer, b"192.0.2.7")) is None


def test_an_ipv4_peer_of_a_dual_stack_listener_is_ipv4():
    assert client("::ffff:10.0.0.1", b"192.0.2.7") == "192.0.2.7"


def test_settings_name_addresses_and_networks(settings: Settings):
    proxies = Proxies.of(settings.model_copy(update={"trusted_proxies": "127.0.0.1, fd00::/8,"}))

    assert client("127.0.0.1", b"192.0.2.7", proxies=proxies) == "192.0.2.7"
    assert client("127.0.0.2", b"192.0.2.7", proxies=proxies) == "127.0.0.2"


@pytest.mark.parametrize("text", ["proxy.example", "10.0.0.1/8", "10.0.0.0/33", "127.0.0.1:80"])
def test_settings_that_name_neither_are_refused(settings: Settings, text: str):
    with pytest.raises(NotConfigured) as raised:
        Proxies.of(settings.model_copy(update={"trusted_proxies": text}))

    assert raised.value.field == "trusted_proxies"


@given(one=st.ip_addresses(v=6), other=st.integers(0, 2**64 - 1))
def test_ipv6_strangers_are_counted_by_the_64_bits_that_one_household_has(one: IPv6Address, other: int):
    neighbour = IPv6Address((int(one) >> 64 << 64) + other)

    assert address.household(one) == address.household(neighbour)
    assert len(address.household(one)) <= 60


def test_ipv4_strangers_are_counted_one_by_one():
    assert address.household(ip_address("192.0.2.7")) == "192.0.2.7"
    assert address.household(None) == "nowhere"
