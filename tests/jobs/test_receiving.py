"""Files that come with the request that submits their job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import select

from soundrack.accounts.people import Account
from soundrack.audio.containers import Container
from soundrack.database.tables import assets
from soundrack.errors import Invalid, TooLarge, TooLong, UnsupportedFormat
from soundrack.jobs.receiving import Received, Reception, Terms
from soundrack.jobs.record import Job
from soundrack.rack import Rack
from tests.live import noise, wav

SONG = wav(noise(2.0))
TERMS = Terms((Container.WAV,), len(SONG), 2.0)


async def cut(content: bytes, size: int = 1000, *, error: Exception | None = None) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]
    if error is not None:
        raise error


def take(reception: Reception, chunks: AsyncIterator[bytes], terms: Terms = TERMS) -> Received:
    return asyncio.run(reception.take(chunks, field="file", filename="a.wav", terms=terms))


def files(rack: Rack) -> list[bytes]:
    return [path.read_bytes() for path in rack.settings.objects.rglob("*") if path.is_file()]


def rows(rack: Rack) -> int:
    with rack.database.read() as connection:
        return len(connection.execute(select(assets.c.id)).all())


@pytest.fixture
def reception(rack: Rack, account: Account) -> Reception:
    return Reception(rack.database, rack.store, account.id)


@pytest.mark.parametrize("size", [1, 1000, 10**6])
def test_a_file_is_stored_as_it_came_however_it_is_cut(reception: Reception, rack: Rack, size: int):
    content = SONG if size > 1 else wav(noise(0.01))
    received = take(reception, cut(content, size))

    assert files(rack) == [content]
    assert (received.upload.content_type, received.upload.size_bytes) == ("audio/wav", len(content))


@pytest.mark.parametrize(
    ("content", "terms", "error"),
    [
        (b"", TERMS, Invalid),
        (b"no song", TERMS, UnsupportedFormat),
        (SONG, Terms((Container.FLAC, Container.MP3), 10**9, 600), UnsupportedFormat),
        (SONG + b"\0", TERMS, TooLarge),
        (SONG, Terms((Container.WAV,), len(SONG), 1.5), TooLong),
    ],
)
def test_what_is_refused_can_be_taken_back_without_a_trace(
    reception: Reception, rack: Rack, content: bytes, terms: Terms, error: type[Exception]
):
    with pytest.raises(error) as refused:
        take(reception, cut(content), terms)

    assert refused.type is error
    assert getattr(refused.value, "field", None) == "file"
    asyncio.run(reception.take_back())
    assert (files(rack), rows(rack)) == ([], 0)


@pytest.mark.one_database
def test_what_breaks_off_leaves_no_file_and_then_no_row(reception: Reception, rack: Rack):
    with pytest.raises(ConnectionError):
        take(reception, cut(SONG[:200_000], error=ConnectionError()))

    assert files(rack) == []
    asyncio.run(reception.take_back())
    assert rows(rack) == 0


def test_taking_back_leaves_what_belongs_to_a_job_and_to_others(
    reception: Reception, rack: Rack, submit: Callable[[], Job]
):
    submit()
    before = files(rack)
    take(reception, cut(SONG))

    asyncio.run(reception.take_back())

    assert files(rack) == before
    assert rows(rack) == 1
