"""Allow-lists."""

from __future__ import annotations

import contextlib
import threading
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from soundrack import clock
from soundrack.accounts import networks, people
from soundrack.accounts.audit import Entry, Origin
from soundrack.accounts.people import Account
from soundrack.billing.plans import Plan
from soundrack.database.tables import allowed_networks, audit_entries
from soundrack.errors import Conflict, Invalid, NotAllowed, NotFound
from soundrack.rack import Rack
from soundrack.service import Service

ADDRESSES = st.ip_addresses()
# few bits, so that addresses do lie in networks
NEAR_V4 = st.integers(0, 255).map(lambda number: IPv4Address(0xC6336400 + number))
NEAR_V6 = st.integers(0, 255).map(lambda number: IPv6Address((0x20010DB8 << 96) + number))
NEAR = NEAR_V4 | NEAR_V6
NETWORKS = st.builds(
    lambda address, bits: ip_network((address, min(bits, address.max_prefixlen)), strict=False),
    NEAR | ADDRESSES,
    st.integers(0, 32) | st.integers(24, 128),
)
ENTERPRISE = Plan(Service.SOUNDPIECE, "enterprise", "Enterprise", 60, allow_list=True)


@given(st.lists(NETWORKS, min_size=1, max_size=20), NEAR | ADDRESSES)
def test_admits_whom_the_standard_library_finds_in_a_network(listed, address):
    texts = [str(network) for network in listed]
    mapped = getattr(address, "ipv4_mapped", None) or address

    assert networks.admits(texts, str(address)) is any(mapped in network for network in listed)


@given(NETWORKS)
def test_a_network_is_stored_in_one_form_that_reads_as_itself(network):
    stored = networks.parse(str(network))

    assert networks.parse(str(stored)) == stored
    assert len(str(stored)) <= 50  # characters of the column


@given(NEAR_V4, st.integers(0, 32))
def test_an_ipv4_network_written_as_ipv6_is_that_ipv4_network(address: IPv4Address, bits: int):
    mapped = IPv6Network(((0xFFFF << 32) + int(address), 96 + bits), strict=False)

    assert networks.parse(str(mapped)) == ip_network((address, bits), strict=False)
    assert networks.admits([f"{address}/32"], f"::ffff:{address}")


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("198.51.100.77", "198.51.100.77/32"),
        (" 198.51.100.77/24 ", "198.51.100.0/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1/128"),
        ("2001:db8::1/32", "2001:db8::/32"),
        ("::ffff:198.51.100.77", "198.51.100.77/32"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::/0", "::/0"),
    ],
)
def test_a_network_is_brought_into_one_form(written: str, stored: str):
    assert str(networks.parse(written)) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "everybody",
        "198.51.100.256",
        "198.51.100",
        "0198.51.100.1",
        "1",
        "198.51.100.0/33",
        "198.51.100.0/-1",
        "198.51.100.0/255.255.255.0",
        "198.51.100.0/0.0.0.255",
        "198.51.100.0-198.51.100.9",
        "198.51.100.0/24/24",
        "fe80::1%eth0",
        "2001:db8::/129",
        "[2001:db8::1]",
        "١٩٨.51.100.1",
        "198.51.100.1\0",
        "198.51.100.1\n198.51.100.2",
        "1" * 1_000_000,
    ],
)
def test_what_is_no_network_is_refused_with_an_example(text: str):
    with pytest.raises(Invalid, match=r"198\.51\.100\.0/24"):
        networks.parse(text)


@given(st.text())
def test_no_text_makes_parsing_raise_anything_else(text: str):
    with contextlib.suppress(Invalid):
        networks.parse(text)


def test_without_a_list_everybody_is_let_in_and_with_one_nobody_without_an_address():
    assert networks.admits([], "198.51.100.1")
    assert networks.admits([], "not an address")
    assert not networks.admits(["0.0.0.0/0", "::/0"], "not an address")
    assert networks.admits(["fe80::/10"], "fe80::1%eth0")


def add(rack: Rack, account: Account, network: str, **rest) -> networks.Added:
    with rack.database.write() as connection:
        return networks.add(connection, account.id, Service.SOUNDPIECE, network, **rest)


def listed(rack: Rack, account: Account, service: Service = Service.SOUNDPIECE) -> list[str]:
    with rack.database.read() as connection:
        return [entry.network for entry in networks.of(connection, account.id, service)]


def test_networks_are_listed_per_service_and_removed_one_by_one(rack: Rack, account: Account):
    first = add(rack, account, "198.51.100.7", note=" office ", plan=ENTERPRISE).entry
    add(rack, account, "2001:db8::/32")

    assert first.note == "office"
    assert sorted(listed(rack, account)) == ["198.51.100.7/32", "2001:db8::/32"]
    assert listed(rack, account, Service.BLACKLAB) == []

    with rack.database.write() as connection:
        assert networks.remove(connection, account.id, first.id) == 1
    assert listed(rack, account) == ["2001:db8::/32"]


def test_an_entry_that_leaves_out_whoever_adds_it_is_made_and_the_answer_says_so(rack: Rack, account: Account):
    me = Origin(account.id, "203.0.113.9")

    assert not add(rack, account, "198.51.100.0/24", origin=me).admits_adder
    assert add(rack, account, "203.0.113.0/24", origin=me).admits_adder
    assert len(listed(rack, account)) == 2


def test_the_same_network_is_not_listed_twice_however_it_is_written(rack: Rack, account: Account):
    add(rack, account, "198.51.100.0/24")

    with pytest.raises(Conflict, match="listed already"):
        add(rack, account, "::ffff:198.51.100.9/120")


def test_a_plan_without_an_allow_list_is_told_so(rack: Rack, account: Account):
    with pytest.raises(NotAllowed, match="Builder"):
        add(rack, account, "198.51.100.7", plan=Plan(Service.SOUNDPIECE, "builder", "Builder", 60))


def test_a_note_that_is_too_long_is_refused(rack: Rack, account: Account):
    with pytest.raises(Invalid, match="200"):
        add(rack, account, "198.51.100.7", note="x" * 201)


def test_at_most_200_networks_are_listed_even_if_two_are_added_at_once(rack: Rack, account: Account):
    rows = [
        {
            "id": f"net_{number:012}",
            "account_id": account.id,
            "service": Service.SOUNDPIECE,
            "network": f"198.51.{number}.0/24",
            "note": "",
            "created_at": clock.now(),
        }
        for number in range(networks.MOST - 1)
    ]
    with rack.database.write() as connection:
        connection.execute(insert(allowed_networks), rows)
    refused: list[Conflict] = []

    def adding(network: str) -> None:
        try:
            add(rack, account, network)
        except Conflict as error:
            refused.append(error)

    threads = [threading.Thread(target=adding, args=(f"203.0.113.{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 3
    assert len(listed(rack, account)) == networks.MOST


def test_other_peoples_entries_and_unknown_ones_cannot_be_removed(rack: Rack, account: Account):
    entry = add(rack, account, "198.51.100.7").entry
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        for owner, network_id in ((other.id, entry.id), (account.id, "net_000000000000"), (account.id, "\0")):
            with pytest.raises(NotFound):
                networks.remove(connection, owner, network_id)


def test_what_is_added_and_removed_is_audited_with_its_origin(rack: Rack, account: Account):
    origin = Origin("someone", "203.0.113.9", "req_1")
    entry = add(rack, account, "198.51.100.7", origin=origin).entry
    with rack.database.write() as connection:
        networks.remove(connection, account.id, entry.id, origin=origin)
        entries = connection.execute(
            select(audit_entries).where(audit_entries.c.event.like("network.%")).order_by(audit_entries.c.id)
        ).all()

    assert [row.event for row in entries] == [Entry.NETWORK_ALLOWED, Entry.NETWORK_REMOVED]
    assert {(row.actor, row.address, row.request_id) for row in entries} == {("someone", "203.0.113.9", "req_1")}
    assert all(row.details["network"] == "198.51.100.7/32" for row in entries)


def test_ipv6_and_ipv4_never_stand_for_each_other():
    assert not networks.admits(["0.0.0.0/0"], "2001:db8::1")
    assert not networks.admits(["::/0"], "198.51.100.1")
    assert int(ip_address("::c633:6401")) == int(ip_address("198.51.100.1"))
    assert not networks.admits(["198.51.100.1/32"], "::c633:6401")
