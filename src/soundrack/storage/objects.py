"""The object store: named bytes in a local folder, streamed in and out, never whole in memory."""

from __future__ import annotations

import io
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import obstore
from obstore.store import LocalStore
from typing_extensions import Buffer

from soundrack.errors import Invalid, NotFound, TooLarge

CHUNK_BYTES = 256 * 1024
_PART_BYTES = 5 * 1024 * 1024
_PART_CONCURRENCY = 2
_STAGED_LIFE_S = 24 * 3600.0
_ARRIVAL_BYTES = 2**20


class Arrival:
    """An object of which nobody knows yet how large it will be."""

    def __init__(self, writer: obstore.AsyncWritableFile, most_bytes: int) -> None:
        self._writer = writer
        self._most_bytes = most_bytes
        self.size_bytes = 0

    async def write(self, chunk: bytes) -> None:
        """Add to it.

        Raises
        ------
        TooLarge
            If it would be larger than it may be.
        """
        self.size_bytes += len(chunk)
        if self.size_bytes > self._most_bytes:
            raise TooLarge(f"The upload is larger than {self._most_bytes} bytes.")
        await self._writer.write(chunk)


@dataclass(frozen=True)
class ObjectInfo:
    """What is known of an object without reading it."""

    size_bytes: int
    etag: str


class ObjectStore:
    """Objects under a local folder.

    Parameters
    ----------
    root : Path
        The folder, which is made if it is missing.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._root = root
        self._store = LocalStore(root)

    def info(self, key: str) -> ObjectInfo | None:
        """Return what is known of an object, or None if there is none."""
        try:
            meta = obstore.head(self._store, key)
        except FileNotFoundError:
            return None
        return ObjectInfo(meta["size"], meta["e_tag"] or "")

    async def put_stream(self, key: str, chunks: AsyncIterator[bytes], *, size_bytes: int) -> None:
        """Store an object of a known size as it arrives.

        The object appears when it is whole: a stream that breaks off, or has another size, leaves nothing.

        Raises
        ------
        TooLarge
            As soon as more than `size_bytes` have arrived.
        Invalid
            If the stream ends with fewer.
        """

        async def counted() -> AsyncIterator[bytes]:
            size = 0
            async for chunk in chunks:
                size += len(chunk)
                if size > size_bytes:
                    raise TooLarge(f"The upload is larger than the {size_bytes} bytes that were announced.")
                yield chunk
            if size < size_bytes:
                raise Invalid(f"The upload ended after {size} of the {size_bytes} bytes that were announced.")

        await obstore.put_async(
            self._store, key, counted(), chunk_size=_PART_BYTES, max_concurrency=_PART_CONCURRENCY, use_multipart=True
        )

    @asynccontextmanager
    async def arrival(self, key: str, most_bytes: int) -> AsyncGenerator[Arrival]:
        """Store an object piece by piece, as large as it turns out to be, and at most `most_bytes`.

        It appears when the block is left; a block that is left by an error leaves nothing.
        """
        async with obstore.open_writer_async(self._store, key, buffer_size=_ARRIVAL_BYTES, max_concurrency=1) as writer:
            yield Arrival(writer, most_bytes)

    def open(self, key: str) -> BinaryIO:
        """Return an object as a file to read and seek in.

        Raises
        ------
        NotFound
            If there is no such object.
        """
        info = self.info(key)
        if info is None:
            raise NotFound("The object does not exist.")
        return io.BufferedReader(_Raw(self._store, key, info.size_bytes), CHUNK_BYTES)

    def put_file(self, key: str, path: Path) -> int:
        """Store a file as an object and return its size in bytes.

        Raises
        ------
        OSError
            If the path is a symbolic link: what a job leaves behind must not lead out of its folder.
        """
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123
            obstore.put(
                self._store, key, file, chunk_size=_PART_BYTES, max_concurrency=_PART_CONCURRENCY, use_multipart=True
            )
            return os.fstat(file.fileno()).st_size

    def fetch(self, key: str, path: Path) -> int:
        """Copy an object into a new file and return its size in bytes.

        Raises
        ------
        NotFound
            If there is no such object.
        """
        try:
            response = obstore.get(self._store, key)
        except FileNotFoundError:
            raise NotFound("The object does not exist.") from None
        with path.open("xb") as file:
            for chunk in response.stream(min_chunk_size=CHUNK_BYTES):
                file.write(chunk)
        return path.stat().st_size

    def head(self, key: str, length: int) -> bytes:
        """Return the first bytes of an object, `length` at most.

        Raises
        ------
        NotFound
            If there is no such object.
        """
        info = self.info(key)
        if info is None:
            raise NotFound("The object does not exist.")
        if info.size_bytes == 0:
            return b""
        return bytes(obstore.get_range(self._store, key, start=0, end=min(length, info.size_bytes)))

    async def stream(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes ``[start, end)`` of an object that exists."""
        if start >= end:
            return
        response = await obstore.get_async(self._store, key, options={"range": (start, end)})
        async for chunk in response.stream(min_chunk_size=CHUNK_BYTES):
            yield bytes(chunk)

    def delete(self, key: str) -> None:
        """Delete an object; that it is gone already is no error."""
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return

    def delete_folder(self, prefix: str) -> None:
        """Delete every object below a prefix, which ends where a part of their keys does; there may be none."""
        keys = [meta["path"] for some in obstore.list(self._store, prefix) for meta in some]
        for key in keys:
            self.delete(key)

    def sweep(self) -> int:
        """Delete what uploads cut off by a crash have left, a day old or older, and return how many."""
        oldest = time.time() - _STAGED_LIFE_S
        left = [path for path in self._root.rglob("*#*") if path.is_file() and path.stat().st_mtime < oldest]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)


class _Raw(io.RawIOBase):
    """An object whose bytes are read where they are asked for."""

    def __init__(self, store: LocalStore, key: str, size_bytes: int) -> None:
        super().__init__()
        self._store = store
        self._key = key
        self._size_bytes = size_bytes
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size_bytes}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        end = min(self._position + len(view), self._size_bytes)
        if end <= self._position:
            return 0
        found = obstore.get_range(self._store, self._key, start=self._position, end=end)
        view[: len(found)] = found
        self._position += len(found)
        return len(found)
