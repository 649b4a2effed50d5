"""Forms of forbidden address: each is refused as a URL, as the answer of a name server, and at the socket itself."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from pathlib import Path

import pytest

from soundrack.errors import ForbiddenAddress, Invalid, SoundrackError
from soundrack.outbound import Outbound, Rules, guard, target
from soundrack.outbound.guard import Guard
from tests.outbound.listener import Names, refusal

ADDRESSES = {
    "0.0.0.0": "this host, which Linux takes for loopback",  # noqa: S104
    "0.1.2.3": "this network",
    "10.0.0.1": "private use",
    "10.255.255.255": "private use, its end",
    "100.64.0.1": "carrier-grade NAT",
    "100.100.100.200": "metadata of Alibaba Cloud",
    "100.127.255.255": "carrier-grade NAT, its end",
    "127.0.0.1": "loopback",
    "127.0.0.53": "the machine's resolver",
    "127.255.255.254": "loopback, its end",
    "168.63.129.16": "services of the host in Azure, at a public address",
    "169.254.0.1": "link-local",
    "169.254.169.254": "metadata of AWS, Google Cloud, Azure, OpenStack and others",
    "169.254.169.253": "resolver of AWS",
    "169.254.170.2": "credentials of containers at AWS",
    "172.16.0.1": "private use",
    "172.17.0.1": "Docker's bridge",
    "172.31.255.255": "private use, its end",
    "192.0.0.1": "protocol assignments",
    "192.0.0.170": "discovery of NAT64",
    "192.0.0.192": "metadata of Oracle Cloud",
    "192.0.2.1": "documentation",
    "192.31.196.1": "AS112",
    "192.52.193.1": "multicast tunnelling",
    "192.88.99.1": "relay of 6to4",
    "192.168.0.1": "private use",
    "192.168.255.255": "private use, its end",
    "192.175.48.1": "AS112",
    "198.18.0.1": "benchmarking",
    "198.19.255.255": "benchmarking, its end",
    "198.51.100.7": "documentation",
    "203.0.113.7": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast: discovery of devices",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "unspecified, which Linux takes for loopback",
    "::1": "loopback",
    "::127.0.0.1": "IPv4-compatible loopback",
    "::8.8.8.8": "IPv4-compatible",
    "::ffff:127.0.0.1": "IPv4-mapped loopback",
    "::ffff:169.254.169.254": "IPv4-mapped metadata",
    "::ffff:7f00:1": "IPv4-mapped loopback in hexadecimal",
    "::ffff:8.8.8.8": "IPv4-mapped: no honest URL has it",
    "::ffff:0:127.0.0.1": "IPv4-translated loopback",
    "64:ff9b::127.0.0.1": "NAT64 of loopback",
    "64:ff9b::a9fe:a9fe": "NAT64 of metadata",
    "64:ff9b::8.8.8.8": "NAT64, until an operator allows it",
    "64:ff9b:1::10.0.0.1": "local NAT64 of private use",
    "100::1": "discarded",
    "100:0:0:1::1": "dummy prefix",
    "2001::1": "Teredo",
    "2001:0:7f00:1::1": "Teredo with a server on loopback",
    "2001:0:808:808::80ff:fffe": "Teredo with a client on loopback",
    "2001:2::1": "benchmarking",
    "2001:10::1": "ORCHID",
    "2001:20::1": "ORCHIDv2",
    "2001:30::1": "identities of drones",
    "2001:1::1": "protocol assignments",
    "2001:db8::1": "documentation",
    "2002:7f00:1::": "6to4 of loopback",
    "2002:a9fe:a9fe::1": "6to4 of metadata",
    "2002:808:808::1": "6to4",
    "2620:4f:8000::1": "AS112",
    "2606:4700::5efe:10.0.0.1": "ISATAP of private use under a public prefix",
    "2606:4700::200:5efe:127.0.0.1": "ISATAP of loopback under a public prefix",
    "3fff::1": "documentation",
    "4000::1": "not allotted",
    "5f00::1": "segment routing",
    "fc00::1": "unique local",
    "fd00:ec2::254": "metadata of AWS",
    "fd20:ce::254": "metadata of Google Cloud",
    "fe80::1": "link-local",
    "fe80::a9fe:a9fe": "metadata of OpenStack",
    "fe80::1%eth0": "link-local with a zone",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
}

SPELLINGS = {
    "127.1": "two parts",
    "127.0.1": "three parts",
    "2130706433": "one decimal number",
    "0x7f000001": "one hexadecimal number",
    "0x7f.0.0.1": "a hexadecimal part",
    "0x7f.1": "a hexadecimal part of two",
    "017700000001": "one octal number",
    "0177.0.0.1": "an octal part",
    "127.0.0.01": "a leading zero",
    "127.0.0.0x": "an empty hexadecimal part",
    "4294967297": "a number that overflows",
    "256.256.256.256": "parts that overflow",
    "127.0.0.1.": "a dot at the end",
    "localhost.": "a dot at the end",
    "localhost": "loopback by definition",
    "LOCALHOST": "in capitals",
    "a.localhost": "loopback by definition",
    "１２７.０.０.１": "full-width digits",
    "①②⑦.⓪.⓪.①": "digits in circles",
    "127。0。0。1": "ideographic full stops",
    "ｌｏｃａｌｈｏｓｔ": "full-width letters",
    "127.0.0.1%00.example.com": "a zero byte in the host",
    "%31%32%37.0.0.1": "percent-encoded",
    "[::1]": "loopback",
    "[0:0:0:0:0:0:0:1]": "loopback at length",
    "[0000::0001]": "loopback with zeros",
    "[::FFFF:127.0.0.1]": "IPv4-mapped in capitals",
    "[fe80::1%25eth0]": "a zone",
    "[fe80::1%eth0]": "a zone, not encoded",
    "[::1%25lo]": "loopback with a zone",
    "[v1.fe80::1]": "an address of a future version",
    "[127.0.0.1]": "IPv4 in brackets",
    "user@127.0.0.1": "a user",
    "user:secret@127.0.0.1": "a password",
    "example.com@127.0.0.1": "a user that looks like a host",
    "example.com\\@127.0.0.1": "a backslash, which some take for a slash",
    "127.0.0.1:22": "a port of another protocol",
    "127.0.0.1:6379:80": "two ports",
    "127.0.0.1\t": "a tab",
    "127.0.0.1\r\nHost: example.com": "a line break",
    "": "no host",
    "..": "empty labels",
}


class Asked(Names):
    """A name server that answers every name with one address."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def __call__(self, name: str, _port: int) -> list[str]:
        self.asked.append(name)
        return [self._address]


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    """Where sockets would be made, which must not happen."""
    made: list[tuple[int, int, int]] = []

    def make(*kind: int) -> socket.socket:
        made.append(kind)  # type: ignore[arg-type]
        raise AssertionError("a socket was made for a forbidden address")

    monkeypatch.setattr(guard, "new_socket", make)
    return made


async def fetched(url: str, path: Path, names: Names, rules: Rules | None = None) -> SoundrackError:
    outbound = Outbound(rules, names)
    try:
        await outbound.fetch(url, path / "input", most_bytes=1000)
    except SoundrackError as error:
        return refusal(error)
    finally:
        outbound.close()
    raise AssertionError("not refused")


def test_the_suite_has_at_least_sixty_forms():
    assert len(ADDRESSES) + len(SPELLINGS) >= 60
    assert len({ip_address(address) for address in ADDRESSES}) >= 60


@pytest.mark.parametrize("address", ADDRESSES, ids=ADDRESSES.get)
def test_a_literal_is_refused_at_once(address: str):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Invalid if "%" in address else ForbiddenAddress):
        Outbound().check(f"http://{host}/song.wav", field="input_url")


@pytest.mark.parametrize("address", ADDRESSES, ids=ADDRESSES.get)
def test_a_literal_is_refused_before_a_socket_is_made(address: str, tmp_path: Path, sockets):
    host = f"[{address}]" if ":" in address else address
    names = Names()

    error = asyncio.run(fetched(f"http://{host}/song.wav", tmp_path, names))

    assert isinstance(error, Invalid if "%" in address else ForbiddenAddress)
    assert (sockets, names.asked, list(tmp_path.iterdir())) == ([], [], [])


@pytest.mark.parametrize("address", ADDRESSES, ids=ADDRESSES.get)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_leads_there_is_refused_before_a_socket_is_made(scheme: str, address: str, tmp_path: Path, sockets):
    names = Asked(address)

    error = asyncio.run(fetched(f"{scheme}://rebound.example/song.wav", tmp_path, names))

    assert isinstance(error, ForbiddenAddress)
    assert (sockets, names.asked, list(tmp_path.iterdir())) == ([], ["rebound.example"], [])


@pytest.mark.parametrize("address", ADDRESSES, ids=ADDRESSES.get)
def test_the_wall_stands_at_the_socket_itself(address: str, sockets):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with ThreadPoolExecutor() as threads:
        wall = Guard(Rules(), target.read("http://songs.example/"), Names(), threads)

        with pytest.raises(PermissionError):
            wall.socket((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 80)))

    assert wall.refused
    assert sockets == []


@pytest.mark.parametrize("spelling", SPELLINGS, ids=SPELLINGS.get)
def test_a_spelling_is_refused_without_asking_a_resolver(spelling: str, tmp_path: Path, sockets):
    names = Asked("127.0.0.1")
    with pytest.raises((Invalid, ForbiddenAddress)):
        Outbound().check(f"http://{spelling}/song.wav")

    asyncio.run(fetched(f"http://{spelling}/song.wav", tmp_path, names))

    assert (sockets, names.asked, list(tmp_path.iterdir())) == ([], [], [])


@pytest.mark.parametrize("spelling", ["0x7f.1", "2130706433", "017700000001", "127.1", "localhost", "anything"])
def test_whatever_a_resolver_makes_of_a_spelling_is_judged_by_its_address(spelling: str, sockets):
    async def resolved(wall: Guard) -> None:
        await wall.resolve(spelling, 80)

    with ThreadPoolExecutor() as threads:
        wall = Guard(Rules(), target.read("http://songs.example/"), Asked("127.0.0.1"), threads)
        with pytest.raises(PermissionError):
            asyncio.run(resolved(wall))

    assert sockets == []


@pytest.mark.parametrize("url", [
    "", "song.wav", "/etc/passwd", "//example.com/song.wav", "http:example.com", "http:/example.com", "http:///song.wav",
    "file:///etc/passwd", "ftp://example.com/", "gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1:11211/", "data:,x",
    "unix:///run/docker.sock", "httpſ://example.com/", " http://example.com/", "http://example.com/\n", "http://a b/",
    "http://example.com:port/", "http://example.com:-1/", "http://example.com:123456/", "http://example.com:８０/",
    "http://[::1/", "http://::1/", "http://example..com/", "http://-example.com/", "http://exam!ple.com/",
    f"http://{'a' * 64}.example/", f"http://{'a.' * 127}example/", f"http://example.com/{'a' * 8200}",
    "http://e\u200bxample.com/", "http://\ud800.example/",
])  # fmt: skip
def test_what_is_no_url_for_us_is_invalid(url: str):
    with pytest.raises(Invalid):
        Outbound().check(url)


@pytest.mark.parametrize("port", [0, 1, 21, 22, 25, 53, 110, 445, 1023, 2049, 6000, 6667, 10080, 65536, 99999])
def test_ports_of_other_protocols_are_refused(port: int):
    with pytest.raises(ForbiddenAddress):
        Outbound().check(f"http://songs.example:{port}/")


@pytest.mark.parametrize("url", [
    "http://songs.example", "https://songs.example/a.wav?X-Amz-Signature=a%2Fb+c&x=[1]", "HTTPS://Songs.Example:443/",
    "http://songs.example:8080/", "https://xn--mnchen-3ya.example/", "https://münchen.example/lied.wav",
    "http://8.8.8.8/", "http://[2606:4700:4700::1111]/", "http://songs.example/My Song.wav", "http://s/intranet",
    "https://under_score.example/", "http://songs.example:/", "http://songs.example?x", "http://127.0.0.1.example/",
])  # fmt: skip
def test_ordinary_urls_pass(url: str):
    Outbound().check(url)


def test_an_address_of_this_machine_is_refused_although_it_is_public(tmp_path: Path, sockets, monkeypatch):
    monkeypatch.setattr(guard, "is_own", lambda address: str(address) == "8.8.8.8")

    error = asyncio.run(fetched("http://8.8.8.8/", tmp_path, Names()))

    assert isinstance(error, ForbiddenAddress)
    assert sockets == []


def test_this_machine_knows_its_own_addresses():
    assert guard.is_own(ip_address("127.0.0.1"))
    assert not guard.is_own(ip_address("8.8.8.8"))
    assert not guard.is_own(ip_address("2606:4700:4700::1111"))
