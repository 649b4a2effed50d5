"""Servers with certificates, on loopback, made for the test."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from pathlib import Path

import aiohttp.connector
import pytest

from soundrack.errors import ForbiddenAddress, Unreachable
from tests.certificates import self_signed
from tests.outbound.listener import HERE, Listener, Names, answer, client, redirect

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"), "songs.example")


@pytest.fixture
def server_side(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def _trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context(cafile=certificate[0])
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", context)


def fetch(path: Path, server_side: ssl.SSLContext, play: bytes, host: str = "songs.example") -> list[bytes]:
    async def act() -> list[bytes]:
        async with Listener(play, tls=server_side) as server:
            names = Names(songs_example=[HERE], other_example=[HERE])
            await client(names).fetch(server.url("/a.wav", host=host), path / "input", most_bytes=1000)
            assert await server.left()
            return server.requests

    return asyncio.run(act())


@pytest.mark.usefixtures("_trusted")
def test_a_trusted_server_is_spoken_to_by_its_name(tmp_path: Path, server_side: ssl.SSLContext):
    requests = fetch(tmp_path, server_side, answer(b"RIFF"))

    assert b"Host: songs.example:" in requests[0]
    assert (tmp_path / "input").read_bytes() == b"RIFF"


def test_a_server_that_nobody_vouches_for_is_not_spoken_to(tmp_path: Path, server_side: ssl.SSLContext):
    with pytest.raises(Unreachable, match="certificate"):
        fetch(tmp_path, server_side, answer(b"RIFF"))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("_trusted")
def test_a_certificate_for_another_name_does_not_do(tmp_path: Path, server_side: ssl.SSLContext):
    with pytest.raises(Unreachable, match="certificate"):
        fetch(tmp_path, server_side, answer(b"RIFF"), host="other.example")


@pytest.mark.usefixtures("_trusted")
def test_a_redirect_into_the_clear_is_refused(tmp_path: Path, server_side: ssl.SSLContext):
    async def act() -> int:
        async with Listener(answer(b"RIFF")) as clear, Listener(redirect(clear.url()), tls=server_side) as server:
            with pytest.raises(ForbiddenAddress):
                await client(Names(songs_example=[HERE])).fetch(
                    server.url(host="songs.example"), tmp_path / "input", most_bytes=1000
                )
            return clear.connections

    assert asyncio.run(act()) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("host", "is_trusted"), [("songs.example", True), ("other.example", False)])
def test_webhooks_go_over_tls_to_the_name_that_the_certificate_is_for(
    certificate: tuple[Path, Path], server_side: ssl.SSLContext, host: str, is_trusted: bool
):
    async def act() -> int:
        async with Listener(answer(b"ok"), tls=server_side) as receiver:
            outbound = client(Names(songs_example=[HERE], other_example=[HERE]))
            async with outbound.lines(ssl.create_default_context(cafile=certificate[0])) as kept:
                said = await outbound.post(receiver.url(host=host), b"{}", {}, over=kept)
            assert await receiver.left()
            return said.status

    if is_trusted:
        assert asyncio.run(act()) == 200
    else:
        with pytest.raises(Unreachable, match="certificate"):
            asyncio.run(act())
