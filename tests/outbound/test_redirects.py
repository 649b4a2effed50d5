"""Plays of redirects and rebinding: the forbidden listener is never connected to.

It stands on another loopback address than the allowed one, so a connection would succeed, and be counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from soundrack.errors import ForbiddenAddress, Invalid, SoundrackError, Unreachable
from soundrack.outbound import client as client_module
from soundrack.outbound import guard, target
from soundrack.outbound.rules import Allowance
from tests.outbound.listener import ELSEWHERE, HERE, Listener, Names, answer, client, redirect, refusal

MOST = 1000


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sockets that were made for connections."""
    sockets: list[int] = []
    real = guard.new_socket

    def make(family: int, kind: int, protocol: int):
        sockets.append(family)
        return real(family, kind, protocol)

    monkeypatch.setattr(guard, "new_socket", make)
    return sockets


LOCATIONS: dict[str, Callable[[int], str]] = {
    "an address": lambda port: f"http://{ELSEWHERE}:{port}/",
    "an address without a scheme": lambda port: f"//{ELSEWHERE}:{port}/",
    "an IPv4-mapped address": lambda port: f"http://[::ffff:{ELSEWHERE}]:{port}/",
    "a decimal number": lambda port: f"http://2130706434:{port}/",
    "a short form": lambda port: f"http://127.2:{port}/",
    "a hexadecimal number": lambda port: f"http://0x7f000002:{port}/",
    "full-width digits": lambda port: f"http://１２７.0.0.2:{port}/",
    "IPv6 loopback": lambda port: f"http://[::1]:{port}/",
    "NAT64 of it": lambda port: f"http://[64:ff9b::{ELSEWHERE}]:{port}/",
    "metadata of a cloud": lambda _: "http://169.254.169.254/latest/meta-data/",
    "a name that leads there": lambda port: f"http://inside.example:{port}/",
    "a name that leads there as well": lambda port: f"http://both.example:{port}/",
    "localhost": lambda _: "http://localhost:22/",
    "a user that looks like the first host": lambda port: f"http://{HERE}:{port}@{ELSEWHERE}:{port}/",
    "a backslash": lambda port: f"http://{ELSEWHERE}:{port}\\@{HERE}/",
    "a port of another protocol": lambda _: f"http://{HERE}:22/",
    "a file": lambda _: "file:///etc/passwd",
    "gopher": lambda port: f"gopher://{ELSEWHERE}:{port}/_x",
    "nothing": lambda _: "",
    "a tab in the host": lambda port: f"http://127.0.\t0.2:{port}/",
    "bytes that are no text": lambda port: f"http://\udcff{ELSEWHERE}:{port}/",
}


@pytest.mark.parametrize("play", LOCATIONS)
@pytest.mark.parametrize("status", ["302 Found", "307 Temporary Redirect"])
def test_a_redirect_is_refused_that_leads_to(play: str, status: str, tmp_path: Path, made):
    async def act() -> tuple[SoundrackError, int, int]:
        async with Listener(host=ELSEWHERE) as inside:
            location = LOCATIONS[play](inside.port)
            told = f"HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
            names = Names(inside_example=[ELSEWHERE], both_example=[[HERE, ELSEWHERE]])
            async with Listener(told.encode("utf-8", "surrogateescape")) as outside:
                with pytest.raises(SoundrackError) as caught:
                    await client(names).fetch(outside.url(), tmp_path / "input", most_bytes=MOST, field="input_url")
                assert await outside.left()
            return caught.value, outside.connections, inside.connections

    error, outside, inside = asyncio.run(act())

    assert isinstance(refusal(error), ForbiddenAddress | Unreachable)
    assert error.field == "input_url"
    assert (outside, inside, len(made)) == (1, 0, 1)
    assert list(tmp_path.iterdir()) == []


def run_with_inside(act: Callable[[Listener], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        async with Listener(host=ELSEWHERE) as inside:
            await act(inside)
            assert inside.connections == 0

    asyncio.run(whole())


def test_a_name_is_refused_that_has_turned_since_it_was_checked(tmp_path: Path, made):
    async def act(inside: Listener) -> None:
        names = Names(turning_example=[ELSEWHERE])
        outbound = client(names)
        outbound.check(f"http://turning.example:{inside.port}/")
        with pytest.raises(ForbiddenAddress):
            await outbound.fetch(f"http://turning.example:{inside.port}/", tmp_path / "input", most_bytes=MOST)
        assert names.asked == ["turning.example"]

    run_with_inside(act)
    assert made == []


def test_a_name_is_resolved_once_for_a_request(tmp_path: Path, made):
    async def act(inside: Listener) -> None:
        names = Names(turning_example=[HERE, ELSEWHERE])
        async with Listener(answer(b"RIFF"), port=inside.port) as outside:
            url = outside.url(host="turning.example")
            fetched = await client(names).fetch(url, tmp_path / "input", most_bytes=MOST)
        assert (fetched.size_bytes, names.asked, outside.connections) == (4, ["turning.example"], 1)

    run_with_inside(act)
    assert len(made) == 1


def test_a_name_that_turns_is_not_asked_again_when_the_first_connection_breaks(tmp_path: Path, made):
    async def act(inside: Listener) -> None:
        names = Names(turning_example=[HERE, ELSEWHERE])
        async with Listener(b"", port=inside.port) as outside:  # closes without a word, so the request is sent again
            with pytest.raises(Unreachable):
                await client(names).fetch(outside.url(host="turning.example"), tmp_path / "input", most_bytes=MOST)
        assert names.asked == ["turning.example"]
        assert outside.connections == 2

    run_with_inside(act)


def test_a_name_that_turns_between_two_redirects_is_refused(tmp_path: Path, made):
    async def act(inside: Listener) -> None:
        names = Names(turning_example=[HERE, ELSEWHERE])
        async with Listener(redirect("/again"), port=inside.port) as outside:
            with pytest.raises(ForbiddenAddress):
                await client(names).fetch(outside.url(host="turning.example"), tmp_path / "input", most_bytes=MOST)
        assert outside.connections == 1

    run_with_inside(act)
    assert len(made) == 1


def test_a_name_with_one_forbidden_address_is_refused_whole(tmp_path: Path, made):
    async def act(inside: Listener) -> None:
        names = Names(both_example=[[HERE, ELSEWHERE]])
        async with Listener(port=inside.port) as outside:
            with pytest.raises(ForbiddenAddress):
                await client(names).fetch(outside.url(host="both.example"), tmp_path / "input", most_bytes=MOST)
        assert outside.connections == 0

    run_with_inside(act)
    assert made == []


@pytest.mark.parametrize("found", [["somewhere"], ["127.0.0.1; rm"], [""], []])
def test_a_resolver_that_answers_nonsense_leads_nowhere(found: list[str], tmp_path: Path, made):
    with pytest.raises((ForbiddenAddress, Unreachable)):
        asyncio.run(
            client(Names(odd_example=[found])).fetch("http://odd.example/", tmp_path / "input", most_bytes=MOST)
        )

    assert made == []


def test_a_chain_of_three_redirects_is_followed_and_a_fourth_is_not(tmp_path: Path):
    async def act(length: int) -> int:
        plays = [redirect(f"/{step}") for step in range(length)]
        async with Listener(*plays, answer(b"RIFF")) as outside:
            with suppress(Unreachable):
                await client().fetch(outside.url(), tmp_path / f"input{length}", most_bytes=MOST)
            return outside.connections

    assert asyncio.run(act(3)) == 4
    assert asyncio.run(act(4)) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["input3"]


def test_the_last_of_a_chain_is_judged_like_the_first(tmp_path: Path):
    async def act(inside: Listener) -> None:
        async with Listener(redirect("/1"), redirect("/2"), redirect(inside.url())) as outside:
            with pytest.raises(ForbiddenAddress):
                await client().fetch(outside.url(), tmp_path / "input", most_bytes=MOST)
            assert outside.connections == 3

    run_with_inside(act)


def test_a_circle_ends(tmp_path: Path):
    async def act() -> int:
        async with Listener(redirect("/")) as outside:
            with pytest.raises(Unreachable):
                await client().fetch(outside.url(), tmp_path / "input", most_bytes=MOST)
            return outside.connections

    assert asyncio.run(act()) == 1 + client_module.MOST_REDIRECTS


def test_headers_go_to_their_own_origin_alone(tmp_path: Path):
    async def act() -> tuple[bytes, bytes, bytes]:
        async with Listener(answer(b"RIFF")) as other, Listener(redirect("/2"), redirect(other.url())) as first:
            headers = {"Authorization": "Bearer secret", "X-Signature": "secret"}
            await client().fetch(first.url("/1?token=secret"), tmp_path / "input", most_bytes=MOST, headers=headers)
            return *first.requests, *other.requests  # type: ignore[return-value]

    first, same_origin, other_origin = asyncio.run(act())

    assert b"Bearer secret" in first
    assert b"X-Signature" in same_origin
    assert b"secret" not in other_origin
    assert b"Referer" not in other_origin


def test_a_redirect_does_not_lead_from_https_to_http():
    with pytest.raises(ForbiddenAddress):
        client_module.follow(target.read("https://songs.example/1"), "http://songs.example/2")
    assert client_module.follow(target.read("http://songs.example/"), "https://other.example/a?b=c").port == 443
    assert client_module.follow(target.read("https://songs.example/1"), "/2").host == "songs.example"


def test_https_only_holds_for_redirects_too():
    outbound = client(https_only=True, allowed=(Allowance.read(HERE),))
    with pytest.raises(Invalid):
        outbound.check(f"http://{HERE}/")
    outbound.check(f"https://{HERE}/")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_webhook_does_not_follow_a_redirect(status: str):
    async def act() -> tuple[int, int]:
        async with Listener(host=ELSEWHERE) as inside, Listener(redirect(inside.url(), status)) as receiver:
            said = await client().post(receiver.url(), b"{}", {"webhook-signature": "v1,secret"})
            assert not said.accepted
            return said.status, inside.connections

    assert asyncio.run(act()) == (int(status[:3]), 0)


def test_the_environment_has_no_say_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async def act() -> int:
        async with Listener(answer(b"stolen"), host=ELSEWHERE) as proxy, Listener(answer(b"RIFF")) as outside:
            for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url())
            (tmp_path / ".netrc").write_text(f"machine {HERE} login a password secret\n")
            monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
            await client().fetch(outside.url(), tmp_path / "input", most_bytes=MOST)
            assert b"Authorization" not in outside.requests[0]
            return proxy.connections

    assert asyncio.run(act()) == 0
    assert (tmp_path / "input").read_bytes() == b"RIFF"
