"""What an operator may say, and what it does."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from pathlib import Path

import pytest

from soundrack.errors import ForbiddenAddress, Invalid, NotConfigured, SoundrackError
from soundrack.outbound import Outbound, Rules, target
from soundrack.settings import Settings
from tests.outbound.listener import HERE, Listener, Names, answer, client


def configured(tmp_path: Path, **given: object) -> Rules:
    return Rules.of(Settings(data=tmp_path, **given))  # type: ignore[arg-type]


def test_the_settings_begin_with_the_rules_of_a_public_server(tmp_path: Path):
    assert configured(tmp_path) == Rules()


@pytest.mark.parametrize(
    ("allow", "passes", "refused"),
    [
        ("127.0.0.0/8", ["http://127.0.0.1/", "http://127.9.9.9:8080/", "http://localhost/"], ["http://10.0.0.1/"]),
        ("127.0.0.1:5678", ["http://127.0.0.1:5678/", "http://localhost:5678/"], ["http://127.0.0.1:5432/"]),
        ("::1, 10.1.0.0/16", ["http://[::1]:9000/", "http://10.1.2.3/"], ["http://10.2.0.1/", "http://127.0.0.1/"]),
        ("[::1]:9000", ["http://[::1]:9000/"], ["http://[::1]/"]),
        ("fd00::/8", ["http://[fd12::1]/"], ["http://[fc00::1]/"]),
        ("127.0.0.1:22", ["http://127.0.0.1:22/"], ["http://127.0.0.1/", "http://127.0.0.1:25/"]),
        ("127.0.0.0/8", [], ["http://[::ffff:127.0.0.1]/", "http://[::127.0.0.1]/", "http://127.0.0.1:22/"]),
        ("64:ff9b::/96", ["http://[64:ff9b::8.8.8.8]/"], ["http://[64:ff9b::127.0.0.1]/", "http://[64:ff9b::a00:1]/"]),
        ("64:ff9b::/96, 10.0.0.0/8", ["http://[64:ff9b::a00:1]/"], ["http://[64:ff9b::127.0.0.1]/"]),
        ("", ["http://8.8.8.8/"], ["http://127.0.0.1/", "http://localhost/"]),
    ],
)
def test_what_is_allowed_is_reached_and_nothing_beside_it(tmp_path: Path, allow, passes, refused):
    outbound = Outbound(configured(tmp_path, outbound_allow=allow))
    for url in passes:
        outbound.check(url)
    for url in refused:
        with pytest.raises(ForbiddenAddress):
            outbound.check(url)


def test_an_allowed_name_is_reached_wherever_it_is_and_no_other_name_there(tmp_path: Path):
    rules = configured(tmp_path, outbound_allow="MinIO.lan:9000")
    inside = ip_address("10.0.0.5")

    assert rules.reason_against(inside, target.read("http://minio.lan:9000/")) is None
    assert rules.reason_against(inside, target.read("http://minio.lan:9001/"))
    assert rules.reason_against(inside, target.read("http://other.lan:9000/"))


def test_what_is_forbidden_wins(tmp_path: Path):
    rules = configured(tmp_path, outbound_forbid="8.8.8.0/24, 2606:4700::/32", outbound_allow="dns.example, 8.8.8.8")

    for url in ("http://8.8.8.8/", "http://[2606:4700::1]/"):
        with pytest.raises(ForbiddenAddress):
            rules.admit(target.read(url))
    assert rules.reason_against(ip_address("8.8.8.8"), target.read("http://dns.example/"))
    assert rules.reason_against(ip_address("8.8.4.4"), target.read("http://dns.example/")) is None


def test_ports_are_the_operators(tmp_path: Path):
    outbound = Outbound(configured(tmp_path, outbound_ports="443, 8000-8001"))
    for port in (443, 8000, 8001):
        outbound.check(f"https://songs.example:{port}/")
    for port in (80, 8002):
        with pytest.raises(ForbiddenAddress):
            outbound.check(f"https://songs.example:{port}/")


def test_plain_http_can_be_refused(tmp_path: Path):
    with pytest.raises(Invalid) as caught:
        Outbound(configured(tmp_path, outbound_https_only=True)).check("http://songs.example/", field="webhook_url")

    assert caught.value.field == "webhook_url"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("outbound_allow", "127.0.0.1/7"),
        ("outbound_allow", "300.0.0.1"),
        ("outbound_allow", "[::1"),
        ("outbound_allow", "[name]:80"),
        ("outbound_allow", "a b"),
        ("outbound_forbid", "songs.example"),
        ("outbound_ports", "http"),
        ("outbound_ports", "80-"),
        ("egress_proxy", "proxy:3128"),
        ("egress_proxy", "socks5://127.0.0.1:1080"),
        ("egress_proxy", "http://"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(tmp_path: Path, name: str, value: str):
    with pytest.raises(NotConfigured, match=f"SOUNDRACK_{name.upper()}"):
        configured(tmp_path, **{name: value})


def test_the_proxys_password_is_not_shown_but_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings = Settings(data=tmp_path, egress_proxy="http://user:hunter2@proxy.lan:3128")

    assert "hunter2" not in repr(settings)
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


def through_a_proxy(url: str, *plays: bytes, names: Names | None = None, path: Path) -> tuple[object, list[bytes]]:
    """Fetch by way of a proxy on loopback, which no rule allows."""

    async def act() -> tuple[object, list[bytes]]:
        async with Listener(*plays) as proxy:
            rules = Rules.of(Settings(data=path, egress_proxy=f"http://user:secret@{HERE}:{proxy.port}"))
            try:
                outcome: object = await Outbound(rules, names or Names()).fetch(url, path / "input", most_bytes=1000)
            except SoundrackError as error:
                outcome = error
            assert await proxy.left()
            return outcome, proxy.requests

    return asyncio.run(act())


def test_a_proxy_is_given_the_name_and_nobody_else_is_asked(tmp_path: Path):
    names = Names()
    _, requests = through_a_proxy("http://songs.example/a.wav?x=1", answer(b"RIFF"), names=names, path=tmp_path)

    assert (tmp_path / "input").read_bytes() == b"RIFF"
    assert requests[0].startswith(b"GET http://songs.example/a.wav?x=1 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic" in requests[0]
    assert names.asked == []


def test_a_proxy_that_denies_ends_it(tmp_path: Path):
    outcome, requests = through_a_proxy("https://songs.example/a.wav", answer(b"", "403 Forbidden"), path=tmp_path)

    assert isinstance(outcome, SoundrackError)
    assert "egress proxy" in str(outcome)
    assert requests[0].startswith(b"CONNECT songs.example:443 HTTP/1.1\r\n")


@pytest.mark.parametrize("host", ["169.254.169.254", "[::1]", "localhost", "10.0.0.1"])
def test_a_forbidden_literal_does_not_reach_the_proxy(host: str, tmp_path: Path):
    outcome, requests = through_a_proxy(f"http://{host}/", answer(b"RIFF"), path=tmp_path)

    assert isinstance(outcome, ForbiddenAddress)
    assert requests == []


def test_a_redirect_to_a_forbidden_literal_does_not_reach_the_proxy(tmp_path: Path):
    play = answer(status="302 Found", Location="http://169.254.169.254/latest/meta-data/")
    outcome, requests = through_a_proxy("http://songs.example/", play, answer(b"RIFF"), path=tmp_path)

    assert isinstance(outcome, ForbiddenAddress)
    assert len(requests) == 1


def test_the_proxys_own_address_is_not_thereby_allowed(tmp_path: Path):
    async def act() -> int:
        async with Listener(answer(b"RIFF")) as proxy:
            rules = Rules.of(Settings(data=tmp_path, egress_proxy=f"http://{HERE}:{proxy.port}"))
            with pytest.raises(ForbiddenAddress):
                await Outbound(rules, Names()).fetch(proxy.url("/admin"), tmp_path / "input", most_bytes=1000)
            return proxy.connections

    assert asyncio.run(act()) == 0


def test_a_rule_for_one_test_holds_for_no_other():
    with pytest.raises(ForbiddenAddress):
        client(allowed=()).check(f"http://{HERE}/")
