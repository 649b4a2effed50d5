"""Posting webhooks to receivers that are honest, slow or hostile."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from soundrack.errors import ForbiddenAddress, SoundrackError, Unreachable
from soundrack.outbound import Answer
from tests.outbound.listener import ELSEWHERE, Listener, Names, Play, answer, client, refusal
from tests.outbound.test_fetch import HEAD, drip, flood, never


def post(play: bytes | Play, body: bytes = b"{}", **given: Any) -> Answer:
    async def act() -> Answer:
        async with Listener(play) as receiver:
            try:
                return await client(**given).post(
                    receiver.url("/hook/secret?token=secret"), body, {"Content-Type": "application/json"}
                )
            finally:
                assert await receiver.left()

    started = time.monotonic()
    try:
        return asyncio.run(act())
    except SoundrackError as error:
        refusal(error)
        raise
    finally:
        assert time.monotonic() - started < 14


@pytest.mark.parametrize(("status", "accepted"), [(200, True), (204, True), (299, True), (302, False), (409, False),
                                                  (410, False), (500, False)])  # fmt: skip
def test_the_status_is_the_answer(status: int, accepted: bool):
    said = post(answer(b"said", f"{status} Said") if status != 204 else b"HTTP/1.1 204 No Content\r\n\r\n")

    assert (said.status, said.accepted) == (status, accepted)
    assert said.body == (b"" if status == 204 else b"said")
    assert 0 < said.elapsed_s < 5


def test_body_headers_and_query_arrive_as_they_are():
    received: list[bytes] = []
    body = b'{"id": "job_1"}'

    async def play(request: bytes, writer: asyncio.StreamWriter) -> None:
        received.append(request)
        writer.write(answer())

    post(play, body)

    lines = received[0].split(b"\r\n")
    assert lines[0] == b"POST /hook/secret?token=secret HTTP/1.1"
    assert b"Content-Type: application/json" in lines
    assert f"Content-Length: {len(body)}".encode() in lines


@pytest.mark.parametrize("size", [0, 2_000_000])
def test_bodies_of_any_size_can_be_sent(size: int):
    assert post(answer(b"ok"), bytes(size)).status == 200


@pytest.mark.parametrize("body", [bytes(1024), bytes(1025), bytes(1_000_000)])
def test_the_first_kilobyte_is_kept(body: bytes):
    assert post(answer(body)).body == body[:1024]


def test_an_endless_answer_is_cut_at_its_first_kilobyte():
    assert len(post(flood(HEAD + b"\r\n", b"x" * 100)).body) == 1024


def test_a_compressed_answer_is_kept_as_it_is():
    assert post(answer(b"\x1f\x8b bomb", Content_Encoding="gzip")).body == b"\x1f\x8b bomb"


@pytest.mark.parametrize(
    "play",
    [
        drip(HEAD + b"\r\n", b"x"),
        HEAD + b"Content-Length: 100\r\n\r\nxx",
    ],
    ids=["drips", "breaks off"],
)
def test_a_receiver_that_misbehaves_after_its_status_has_accepted_all_the_same(play: bytes | Play):
    said = post(play, webhook_s=1.5)

    assert said.accepted
    assert said.elapsed_s < 4


@pytest.mark.parametrize(
    "play",
    [never, b"", drip(HEAD, b"X: y\r\n"), flood(HEAD, b"X: y\r\n"), b"nonsense\r\n\r\n"],
    ids=["silent", "closed", "drips its head", "endless head", "nonsense"],
)
def test_a_receiver_without_a_status_is_unreachable(play: bytes | Play):
    with pytest.raises(Unreachable):
        post(play, webhook_s=0.8)


def test_a_receiver_at_a_forbidden_address_is_not_connected_to():
    async def act() -> int:
        async with Listener(host=ELSEWHERE) as inside:
            names = Names(inside_example=[ELSEWHERE])
            for host in (ELSEWHERE, "inside.example"):
                with pytest.raises(ForbiddenAddress) as caught:
                    await client(names).post(inside.url(host=host), b"{}", {}, field="webhook_url")
                assert refusal(caught.value).field == "webhook_url"
            return inside.connections

    assert asyncio.run(act()) == 0


def test_a_slow_receiver_does_not_delay_another():
    async def act() -> tuple[float, list[Answer | BaseException]]:
        async with Listener(never) as slow, Listener(answer()) as fast:
            outbound = client(webhook_s=1.5, first_byte_s=5.0)
            waiting = [asyncio.create_task(outbound.post(slow.url(), b"{}", {})) for _ in range(50)]
            await asyncio.sleep(0.05)
            said = await outbound.post(fast.url(), b"{}", {})
            return said.elapsed_s, await asyncio.gather(*waiting, return_exceptions=True)

    elapsed_s, others = asyncio.run(act())

    assert elapsed_s < 1.4
    assert all(isinstance(other, Unreachable) for other in others)
