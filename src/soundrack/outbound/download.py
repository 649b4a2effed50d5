"""The body of an answer, streamed to a file under a cap."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from aiohttp import ClientResponse, hdrs

from soundrack.errors import TooLarge, Unreachable

_CHUNK_BYTES = 256 * 1024


async def save(response: ClientResponse, destination: Path, *, most_bytes: int, field: str | None = None) -> int:
    """Write a body to a new file and return its size in bytes.

    As in the object store, the file appears when it is whole, by a renaming; whatever ends the stream before leaves
    nothing. It is not forced to the disk: a job's files do not outlive its attempt, and an attempt not the machine.

    Raises
    ------
    FileExistsError
        If there is such a file.
    TooLarge
        As soon as the announced length, or what has arrived, exceeds `most_bytes`.
    Unreachable
        If the body is compressed or otherwise coded: it was asked for as it is, and is not unpacked.
    """
    _refuse_codings(response, field)
    if (response.content_length or 0) > most_bytes:
        raise _too_large(most_bytes, field)
    size = 0
    with _appearing(destination) as file:
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            size += len(chunk)
            if size > most_bytes:
                raise _too_large(most_bytes, field)
            await asyncio.to_thread(file.write, chunk)
    return size


async def head(response: ClientResponse, most_bytes: int) -> AsyncIterator[bytes]:
    """Yield the first bytes of a body as they come, coded as they are, and no more than so many."""
    left = most_bytes
    while left > 0:
        chunk = await response.content.read(left)
        if not chunk:
            return
        left -= len(chunk)
        yield chunk


def _refuse_codings(response: ClientResponse, field: str | None) -> None:
    content = response.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower()
    transfer = response.headers.get(hdrs.TRANSFER_ENCODING, "chunked").strip().lower()
    if content not in {"", "identity"} or transfer not in {"", "identity", "chunked"}:
        raise Unreachable("The URL's server sends the file compressed, which was not asked for.", field=field)


def _too_large(most_bytes: int, field: str | None) -> TooLarge:
    return TooLarge(f"The file behind the URL is larger than {most_bytes} bytes.", field=field)


@contextmanager
def _appearing(destination: Path) -> Generator[BinaryIO]:
    """Open a file beside the destination that takes its name if the block ends well, and is gone if it does not."""
    if destination.exists():
        raise FileExistsError(destination)
    staged = destination.with_name(f".{destination.name}.{secrets.token_hex(4)}")
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        staged.rename(destination)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
