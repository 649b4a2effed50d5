"""Posting over connections that are kept: fewer connections, the same wall, and nobody is kept waiting."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import pytest

from soundrack.errors import ForbiddenAddress, Invalid, SoundrackError, Unreachable
from soundrack.outbound import Answer, lines
from tests.outbound.listener import ELSEWHERE, HERE, Listener, Names, Play, answer, client, refusal
from tests.outbound.test_fetch import HEAD, drip, flood, never

KEPT = answer(b"ok", Connection="keep-alive")


class Talker(Listener):
    """Answers as many requests on a connection as come, the same each time."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]))
                self.requests.append(head)
                play = self._plays[min(len(self.requests), len(self._plays)) - 1]
                assert isinstance(play, bytes)
                writer.write(play)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.close()


def post(play: bytes | Play, body: bytes = b"{}", **given: Any) -> Answer:
    """Post once over kept connections; whatever comes of it, none is left open in the end."""

    async def act() -> Answer:
        async with Listener(play) as receiver:
            outbound = client(**given)
            try:
                async with outbound.lines() as kept:
                    return await outbound.post(receiver.url("/hook?token=secret"), body, {"X-A": "b"}, over=kept)
            finally:
                assert await receiver.left()

    try:
        return asyncio.run(act())
    except SoundrackError as error:
        refusal(error)
        raise


async def posts(receiver: Listener, count: int, outbound: Any = None, url: str | None = None) -> list[Answer]:
    outbound = outbound or client()
    async with outbound.lines() as kept:
        return [await outbound.post(url or receiver.url(), b"{}", {}, over=kept) for _ in range(count)]


def test_many_posts_to_one_receiver_take_one_connection():
    async def act() -> int:
        async with Talker(KEPT) as receiver:
            said = await posts(receiver, 20)
            assert [one.body for one in said] == [b"ok"] * 20
            assert await receiver.left()
            return receiver.connections

    assert asyncio.run(act()) == 1


def test_body_headers_and_query_arrive_as_they_are():
    async def act() -> bytes:
        async with Talker(KEPT) as receiver:
            outbound = client()
            async with outbound.lines() as kept:
                url = receiver.url("/hook/%7Esecret?token=a%2Fb&c=d e")
                await outbound.post(url, b"12345", {"Content-Type": "application/json"}, over=kept)
            return receiver.requests[0]

    head = asyncio.run(act())
    assert head.startswith(b"POST /hook/%7Esecret?token=a%2Fb&c=d%20e HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nContent-Type: application/json\r\n" in head
    assert b"\r\nContent-Length: 5\r\n" in head


@pytest.mark.parametrize("status", [200, 204, 302, 410, 500])
def test_the_status_is_the_answer(status: int):
    said = post(answer(b"said", f"{status} Said") if status != 204 else b"HTTP/1.1 204 No Content\r\n\r\n")

    assert said.status == status


@pytest.mark.parametrize("size", [0, 3_000_000])
def test_bodies_of_any_size_can_be_sent(size: int):
    async def act() -> list[Answer]:
        async with Talker(KEPT) as receiver:
            outbound = client()
            async with outbound.lines() as kept:
                return [await outbound.post(receiver.url(), bytes(size), {}, over=kept) for _ in range(2)]

    assert [one.status for one in asyncio.run(act())] == [200, 200]


@pytest.mark.parametrize("body", [bytes(1024), bytes(1025), bytes(1_000_000)])
def test_the_first_kilobyte_is_kept(body: bytes):
    assert post(answer(body)).body == body[:1024]


def test_an_endless_answer_is_cut_at_its_first_kilobyte():
    assert len(post(flood(HEAD + b"\r\n", b"x" * 100)).body) == 1024


def test_interim_answers_are_not_the_answer():
    assert (
        post(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + answer(b"ok")).status == 200
    )


@pytest.mark.parametrize(
    "play",
    [drip(HEAD + b"\r\n", b"x"), HEAD + b"Content-Length: 100\r\n\r\nxx", HEAD + b"Content-Length: 100\r\n\r\n"],
    ids=["drips", "breaks off", "ends before its body"],
)
def test_a_receiver_that_misbehaves_after_its_status_has_accepted_all_the_same(play: bytes | Play):
    assert post(play, webhook_s=1.0).accepted


@pytest.mark.parametrize(
    "play",
    [
        never,
        b"",
        drip(HEAD, b"X: y\r\n"),
        flood(HEAD, b"X: y\r\n"),
        flood(HEAD, b"x"),
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
    ],
    ids=["silent", "closed", "drips its head", "endless headers", "endless header", "nonsense", "upgrade", "interim"],
)
def test_a_receiver_without_a_status_is_unreachable(play: bytes | Play):
    with pytest.raises(Unreachable):
        post(play, webhook_s=0.8)


def test_a_receiver_that_refuses_the_connection_is_unreachable():
    async def act() -> None:
        async with Listener() as receiver:
            url = receiver.url()
        with pytest.raises(Unreachable, match="connected"):
            await posts(receiver, 1, url=url)

    asyncio.run(act())


def test_a_name_that_does_not_resolve_is_unreachable():
    async def act() -> None:
        with pytest.raises(Unreachable, match="resolved"):
            await posts(Listener(), 1, client(Names()), "http://nowhere.example/")

    asyncio.run(act())


def test_a_connection_closed_while_idle_is_replaced_without_a_failure():
    async def act() -> int:
        async with Talker(KEPT) as receiver:
            outbound = client()
            async with outbound.lines() as kept:
                await outbound.post(receiver.url(), b"{}", {}, over=kept)
                for task in list(receiver._tasks):
                    task.cancel()
                assert (await outbound.post(receiver.url(), b"{}", {}, over=kept)).accepted
            return receiver.connections

    assert asyncio.run(act()) == 2


def test_a_connection_closed_in_answer_to_a_second_post_is_replaced_once():
    async def act() -> tuple[int, int]:
        async with Talker(KEPT, b"") as receiver:

            async def hang_up() -> None:
                while len(receiver.requests) < 2:
                    await asyncio.sleep(0.001)
                for task in list(receiver._tasks):
                    task.cancel()

            outbound = client(webhook_s=1.0)
            async with outbound.lines() as kept:
                await outbound.post(receiver.url(), b"{}", {}, over=kept)
                hanging_up = asyncio.create_task(hang_up())
                with pytest.raises(Unreachable):
                    await outbound.post(receiver.url(), b"{}", {}, over=kept)
                await hanging_up
            return receiver.connections, len(receiver.requests)

    assert asyncio.run(act()) == (2, 3)


def test_an_answer_that_nobody_asked_for_does_not_answer_the_next_post():
    async def act() -> tuple[list[bytes], int]:
        async with Talker(KEPT + answer(b"forged"), KEPT) as receiver:
            return [one.body for one in await posts(receiver, 2)], receiver.connections

    bodies, connections = asyncio.run(act())
    assert bodies == [b"ok", b"ok"]
    assert connections == 2


def test_an_answer_that_comes_between_two_posts_does_not_answer_the_second():
    async def play(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(KEPT)
        await asyncio.sleep(0.05)
        writer.write(answer(b"forged"))
        await asyncio.sleep(5)

    async def act() -> tuple[bytes, int]:
        async with Listener(play, KEPT) as receiver:
            outbound = client()
            async with outbound.lines() as kept:
                await outbound.post(receiver.url(), b"{}", {}, over=kept)
                await asyncio.sleep(0.15)
                said = await outbound.post(receiver.url(), b"{}", {}, over=kept)
            return said.body, receiver.connections

    assert asyncio.run(act()) == (b"ok", 2)


def test_a_connection_serves_no_other_port():
    async def act() -> tuple[int, int]:
        async with Talker(KEPT) as one, Talker(KEPT) as other:
            outbound = client()
            async with outbound.lines() as kept:
                for receiver in (one, other, one, other):
                    await outbound.post(receiver.url(), b"{}", {}, over=kept)
            assert [len(one.requests), len(other.requests)] == [2, 2]
            return one.connections, other.connections

    assert asyncio.run(act()) == (1, 1)


def test_two_names_of_one_address_do_not_share_a_connection():
    async def act() -> int:
        async with Talker(KEPT) as receiver:
            outbound = client(Names(a_example=[HERE], b_example=[HERE]))
            async with outbound.lines() as kept:
                for name in ("a.example", "b.example", "a.example"):
                    await outbound.post(receiver.url(host=name), b"{}", {}, over=kept)
            return receiver.connections

    assert asyncio.run(act()) == 2


def test_a_name_that_moves_inside_is_refused_once_the_kept_connection_is_too_old(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lines, "LIFE_S", 0.0)

    async def act() -> tuple[int, int]:
        async with Talker(KEPT) as outside, Talker(KEPT, host=ELSEWHERE, port=outside.port) as inside:
            outbound = client(Names(moving_example=[HERE, ELSEWHERE]))
            url = outside.url(host="moving.example")
            async with outbound.lines() as kept:
                await outbound.post(url, b"{}", {}, over=kept)
                with pytest.raises(ForbiddenAddress) as caught:
                    await outbound.post(url, b"{}", {}, over=kept)
                refusal(caught.value)
            return outside.connections, inside.connections

    assert asyncio.run(act()) == (1, 0)


def test_an_idle_connection_is_closed_after_a_moment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lines, "IDLE_S", 0.0)

    async def act() -> int:
        async with Talker(KEPT) as receiver:
            await posts(receiver, 3)
            assert await receiver.left()
            return receiver.connections

    assert asyncio.run(act()) == 3


@pytest.mark.parametrize("host", [ELSEWHERE, "inside.example", "two.example"])
def test_a_receiver_at_a_forbidden_address_is_not_connected_to(host: str):
    async def act() -> int:
        async with Listener(host=ELSEWHERE) as inside:
            names = Names(inside_example=[ELSEWHERE], two_example=[[HERE, ELSEWHERE]])
            outbound = client(names)
            async with outbound.lines() as kept:
                with pytest.raises(ForbiddenAddress) as caught:
                    await outbound.post(inside.url(host=host), b"{}", {}, field="webhook_url", over=kept)
            assert refusal(caught.value).field == "webhook_url"
            return inside.connections

    assert asyncio.run(act()) == 0


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "http://[::ffff:127.0.0.2]/", "http://10.0.0.1/", "http://0x7f000001/"]
)
def test_forbidden_literals_are_refused(url: str):
    async def act() -> None:
        with pytest.raises((ForbiddenAddress, Invalid)):
            await posts(Listener(), 1, url=url)

    asyncio.run(act())


def test_the_second_address_of_a_name_is_tried_when_the_first_refuses():
    async def act() -> int:
        async with Talker(KEPT) as receiver:
            outbound = client(Names(two_example=[["::1", HERE]]), allowed=client_allowances())
            (said,) = await posts(receiver, 1, outbound, receiver.url(host="two.example"))
            return said.status

    assert asyncio.run(act()) == 200


def client_allowances() -> tuple[Any, ...]:
    from soundrack.outbound.rules import Allowance  # noqa: PLC0415

    return Allowance.read(HERE), Allowance.read("[::1]")


def test_a_header_of_two_lines_is_refused():
    async def act() -> None:
        async with Listener() as receiver:
            outbound = client()
            async with outbound.lines() as kept:
                with pytest.raises(ValueError, match="one line"):
                    await outbound.post(receiver.url(), b"", {"X-A": "b\r\nX-C: d"}, over=kept)

    asyncio.run(act())


def test_a_certificate_that_is_not_trusted_is_refused():
    async def act() -> None:
        outbound = client(Names(songs_example=[HERE]))
        async with Talker(KEPT) as plain, outbound.lines(ssl.create_default_context()) as kept:
            with pytest.raises(Unreachable):
                await outbound.post(f"https://songs.example:{plain.port}/", b"", {}, over=kept)

    asyncio.run(act())
