"""Fetching from servers that are honest, and from servers that are not: caps hold, and nothing is left behind."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from soundrack.errors import SoundrackError, TooLarge, Unreachable
from soundrack.outbound import Fetched
from tests.outbound.listener import HERE, Listener, Names, Play, answer, client, redirect, refusal

MOST = 100_000


def fetch(path: Path, play: bytes | Play, **given: Any) -> Fetched:
    """Fetch from a listener that plays, and hold that it is left and, after a failure, nothing else is."""

    async def act() -> Fetched:
        async with Listener(play) as server:
            try:
                return await client(**given).fetch(
                    server.url("/mixes/song.wav"), path / "input", most_bytes=MOST, field="input_url"
                )
            finally:
                assert await server.left()

    started = time.monotonic()
    try:
        return asyncio.run(act())
    except SoundrackError as error:
        told = refusal(error)
        assert (told.field, list(path.iterdir())) == ("input_url", [])
        raise
    finally:
        assert time.monotonic() - started < 14


def drip(first: bytes, then: bytes, every_s: float = 0.05) -> Play:
    """Say something, and then the same little thing for ever."""

    async def play(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(then)
            await writer.drain()
            await asyncio.sleep(every_s)

    return play


def flood(first: bytes, then: bytes) -> Play:
    return drip(first, then, 0)


HEAD = b"HTTP/1.1 200 OK\r\n"


def test_a_file_is_fetched_with_what_is_known_of_it(tmp_path: Path):
    body = bytes(range(256)) * 100
    headers = {"Content_Type": "Audio/WAV; x=1", "Content_Disposition": 'attachment; filename="../My Song.wav"'}

    fetched = fetch(tmp_path, answer(body, **headers))

    assert (tmp_path / "input").read_bytes() == body
    assert (tmp_path / "input").stat().st_mode & 0o777 == 0o600
    assert (fetched.size_bytes, fetched.content_type, fetched.filename) == (len(body), "audio/wav", "My Song.wav")


def test_path_and_query_arrive_byte_for_byte_and_the_fragment_does_not(tmp_path: Path):
    async def act() -> bytes:
        async with Listener(answer(b"RIFF")) as server:
            url = server.url("/a%2Fb/%7Ec/ü d.wav?X-Amz-Signature=a%2Fb+c%3D&x=[1]#part")
            fetched = await client().fetch(url, tmp_path / "input", most_bytes=MOST)
            assert fetched.final_url == server.url("/a%2Fb/%7Ec/%C3%BC%20d.wav?X-Amz-Signature=a%2Fb+c%3D&x=[1]")
            return server.requests[0]

    request = asyncio.run(act())

    assert request.startswith(b"GET /a%2Fb/%7Ec/%C3%BC%20d.wav?X-Amz-Signature=a%2Fb+c%3D&x=[1] HTTP/1.1\r\n")
    assert b"Accept-Encoding: identity\r\n" in request


def test_a_body_without_a_length_ends_where_the_connection_does(tmp_path: Path):
    assert fetch(tmp_path, HEAD + b"\r\nRIFF").size_bytes == 4


def test_a_body_in_chunks_is_put_together(tmp_path: Path):
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nRIFF\r\n4\r\nWAVE\r\n0\r\n\r\n"
    fetch(tmp_path, chunked)

    assert (tmp_path / "input").read_bytes() == b"RIFFWAVE"


def test_exactly_the_most_bytes_are_taken(tmp_path: Path):
    assert fetch(tmp_path, answer(bytes(MOST))).size_bytes == MOST


async def never(_request: bytes, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


TOO_LARGE: dict[str, bytes | Play] = {
    "a length that is announced": answer(bytes(MOST + 1)),
    "a length beyond all measure": HEAD + b"Content-Length: 999999999999999\r\n\r\nRIFF",
    "one byte more, without a length": HEAD + b"\r\n" + bytes(MOST + 1),
    "an endless body without a length": flood(HEAD + b"\r\n", bytes(8192)),
    "an endless body in chunks": flood(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + bytes(4096) + b"\r\n"
    ),
}


@pytest.mark.parametrize("play", TOO_LARGE)
def test_too_large_is(play: str, tmp_path: Path):
    with pytest.raises(TooLarge):
        fetch(tmp_path, TOO_LARGE[play])


UNREACHABLE: dict[str, bytes | Play] = {
    "no answer at all": never,
    "a closed door": b"",
    "an endless status line": flood(b"HTTP/1.1 200 ", b"A" * 4096),
    "an endless header": flood(HEAD + b"X: ", b"A" * 4096),
    "endless headers": flood(HEAD, b"X-Header: value\r\n"),
    "headers that drip": drip(HEAD, b"X: y\r\n"),
    "a head that drips by the byte": drip(b"HTTP/1.1 200 OK\r\nX: ", b"y"),
    "endless interim answers": flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body that stops": drip(HEAD + b"Content-Length: 100\r\n\r\nRIFF", b"", 0.1),
    "a length that is too long": HEAD + b"Content-Length: 100\r\n\r\nRIFF",
    "two lengths": HEAD + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nRIFF1",
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\nRIFF",
    "a length and chunks": HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\nRIFF",
    "chunks that are garbage": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nRIFF\r\n0\r\n\r\n",
    "chunks that break off": HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\nRIFF",
    "a chunk of a size beyond all measure": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\nRIFF",
    "a bomb in gzip": answer(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip"),
    "brotli": answer(b"RIFF", Content_Encoding="br"),
    "two codings": answer(b"RIFF", Content_Encoding="identity, gzip"),
    "gzip as a transfer coding": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n4\r\nRIFF\r\n0\r\n\r\n",
    "another protocol": b"220 mail.example ESMTP\r\n" * 3,
    "the answer of TLS": b"\x15\x03\x01\x00\x02\x02\x0a",
    "HTTP/0.9": b"RIFF",
    "not found": answer(b"<secret>", "404 Not Found"),
    "an error": answer(b"", "500 Internal Server Error"),
    "no content": HEAD.replace(b"200 OK", b"204 No Content") + b"\r\n",
    "a part": answer(b"RIFF", "206 Partial Content"),
    "an upgrade": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    "a redirect without a place": answer(b"", "302 Found"),
    "a question of authentication": answer(b"", "401 Unauthorized", WWW_Authenticate="Basic"),
    "a name with a line break": HEAD + b"Content-Disposition: attachment; filename=a\0b\r\n\r\nRIFF",
}


@pytest.mark.parametrize("play", UNREACHABLE)
def test_unreachable_is(play: str, tmp_path: Path):
    with pytest.raises(Unreachable) as caught:
        fetch(tmp_path, UNREACHABLE[play], connect_s=0.6, first_byte_s=0.4)

    assert "secret" not in str(caught.value)


def test_a_body_that_drips_is_cut_by_the_total_time(tmp_path: Path):
    started = time.monotonic()
    with pytest.raises(Unreachable):
        fetch(tmp_path, drip(HEAD + b"\r\n", b"R"), fetch_s=1.0)

    assert 0.9 < time.monotonic() - started < 3


def test_redirects_share_the_total_time(tmp_path: Path):
    async def slowly(_request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(redirect("/"))

    with pytest.raises(Unreachable):
        fetch(tmp_path, slowly, fetch_s=0.7, first_byte_s=0.6)


def test_a_name_server_that_is_silent_is_given_up(tmp_path: Path):
    released = threading.Event()

    class Slow(Names):
        def __call__(self, _name: str, _port: int) -> list[str]:
            released.wait(5)
            return [HERE]

    started = time.monotonic()
    with pytest.raises(Unreachable):
        asyncio.run(client(Slow(), connect_s=0.3).fetch("http://slow.example/", tmp_path / "input", most_bytes=MOST))
    elapsed_s = time.monotonic() - started
    released.set()

    assert elapsed_s < 2


def test_nothing_listens(tmp_path: Path):
    async def act() -> None:
        async with Listener() as server:
            url = server.url()
        await client().fetch(url, tmp_path / "input", most_bytes=MOST)

    with pytest.raises(Unreachable):
        asyncio.run(act())


def test_a_name_without_an_address(tmp_path: Path):
    with pytest.raises(Unreachable, match="resolved"):
        asyncio.run(client().fetch("http://nowhere.example/", tmp_path / "input", most_bytes=MOST))


def test_a_server_without_tls_is_not_spoken_to_in_the_clear(tmp_path: Path):
    async def act() -> None:
        async with Listener() as server:
            await client(connect_s=0.5, first_byte_s=0.5).fetch(
                server.url().replace("http:", "https:"), tmp_path / "input", most_bytes=MOST
            )

    with pytest.raises(Unreachable):
        asyncio.run(act())


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path):
    (tmp_path / "input").write_bytes(b"first")
    with pytest.raises(FileExistsError):
        fetch(tmp_path, answer(b"second"))

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"first"]


def test_a_fetch_that_is_cancelled_leaves_nothing(tmp_path: Path):
    async def act() -> None:
        async with Listener(drip(HEAD + b"\r\n", b"RIFF")) as server:
            task = asyncio.create_task(client().fetch(server.url(), tmp_path / "input", most_bytes=MOST))
            while not list(tmp_path.iterdir()):
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await server.left()

    asyncio.run(act())

    assert list(tmp_path.iterdir()) == []


def in_a_thread(act: Callable[[Listener], Awaitable[None] | None], play: bytes | Play) -> None:
    """Run a blocking act beside a listener that has a loop of its own."""

    async def whole() -> None:
        async with Listener(play) as server:
            await asyncio.to_thread(act, server)
            assert await server.left()

    asyncio.run(whole())


def test_a_thread_can_fetch(tmp_path: Path):
    def act(server: Listener) -> None:
        client().fetch_blocking(server.url(), tmp_path / "input", most_bytes=MOST)

    in_a_thread(act, answer(b"RIFF"))

    assert (tmp_path / "input").read_bytes() == b"RIFF"


def test_a_thread_that_fetches_looks_up_each_second_and_can_stop(tmp_path: Path):
    class Enough(Exception):
        pass

    def stop() -> None:
        raise Enough

    def act(server: Listener) -> None:
        with pytest.raises(Enough):
            client(fetch_s=30.0).fetch_blocking(server.url(), tmp_path / "input", most_bytes=MOST, watch=stop)

    started = time.monotonic()
    in_a_thread(act, drip(HEAD + b"\r\n", b"RIFF"))

    assert time.monotonic() - started < 4
    assert list(tmp_path.iterdir()) == []


def test_the_log_has_the_origin_and_no_path_query_or_address(tmp_path: Path, log: list[Any]):
    async def act() -> None:
        async with Listener(answer(b"RIFF")) as server:
            names = Names(songs_example=[HERE], inside_example=["10.1.2.3"])
            await client(names).fetch(
                server.url("/path-secret?query=secret", host="songs.example"), tmp_path / "input", most_bytes=MOST
            )
            with pytest.raises(SoundrackError):
                await client(names).fetch("http://inside.example/secret", tmp_path / "other", most_bytes=MOST)

    asyncio.run(act())

    assert [entry["event"] for entry in log] == ["outbound", "outbound refused", "outbound"]
    assert "secret" not in str(log)
    assert "10.1.2.3" not in str(log)
    assert (log[0]["status"], log[0]["bytes"], log[2]["kind"]) == (200, 4, "forbidden_address")


def test_no_descriptor_is_left_open_by_any_end(tmp_path: Path):
    plays = [answer(b"RIFF"), answer(bytes(MOST + 1)), b"", HEAD + b"Content-Length: 9\r\n\r\nRIFF", redirect("/")]

    async def act(turn: int) -> None:
        async with Listener(plays[turn % len(plays)]) as server:
            outbound = client(Names(inside_example=["10.0.0.1"]))
            for url in (server.url(), "http://inside.example/", "http://nowhere.example/"):
                with suppress(SoundrackError):
                    await outbound.fetch(url, tmp_path / f"{turn}", most_bytes=MOST)
            outbound.close()

    asyncio.run(act(0))
    before = psutil.Process().num_fds()
    for turn in range(1, 21):
        asyncio.run(act(turn))

    assert psutil.Process().num_fds() == before


@pytest.mark.parametrize("head", ["an endless header", "endless headers", "an endless status line"])
def test_an_endless_head_is_cut_by_its_size_long_before_its_time(head: str, tmp_path: Path, log: list[Any]):
    started = time.monotonic()
    with pytest.raises(Unreachable, match="not HTTP"):
        fetch(tmp_path, UNREACHABLE[head], first_byte_s=12.0)

    assert time.monotonic() - started < 6
    assert [entry["kind"] for entry in log] == ["unreachable"]
