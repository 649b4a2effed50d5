"""Uploads that come with the request that submits their job.

Each is written down before its first byte is stored, so that whatever dies in the middle, whoever expires uploads that
no job used finds it. What is refused, or was sent with a request that is refused, is taken back at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, exists, insert, select, update

from soundrack import clock, ids
from soundrack.audio import playing_time
from soundrack.audio.containers import HEAD_BYTES, Container, sniff
from soundrack.database import Database
from soundrack.database.tables import assets, job_inputs
from soundrack.errors import Invalid, TooLarge, TooLong, UnsupportedFormat
from soundrack.jobs.uploads import CONTENT_TYPES, EXTENSIONS, FOLDER, Accepted
from soundrack.storage.objects import ObjectStore

PADDING_S = 0.1
"""What an encoder may have added, and does not tell of: held against no file, by whoever decodes it neither."""
_LONGEST_FILENAME = 255


@dataclass(frozen=True)
class Terms:
    """What a file may be."""

    containers: Collection[Container]
    most_bytes: int
    most_s: float


@dataclass(frozen=True)
class Received:
    """A file that has arrived."""

    upload: Accepted
    filename: str
    """As its sender called it; empty if they did not."""


class Reception:
    """Takes in the files of one request."""

    def __init__(self, database: Database, store: ObjectStore, account_id: str) -> None:
        self._database = database
        self._store = store
        self._account_id = account_id
        self._asset_ids: list[str] = []

    async def take(self, chunks: AsyncIterator[bytes], *, field: str, filename: str, terms: Terms) -> Received:
        """Store a file as it arrives; its first bytes and its own word on its length are looked at, and no more.

        Raises
        ------
        Invalid
            If it is empty.
        UnsupportedFormat
            As soon as its first bytes are those of another container than are taken, whatever it is called.
        TooLarge
            At the byte that is too much.
        TooLong
            If it says that it plays longer than it may.
        """
        head = await _beginning(chunks)
        if not head:
            raise Invalid(f"{field} is empty.", field=field)
        container = sniff(head)
        if container is None or container not in terms.containers:
            raise _unsupported(terms, field)
        asset_id, key = await asyncio.to_thread(self._announce, container, filename)
        try:
            async with self._store.arrival(key, terms.most_bytes) as arrival:
                await arrival.write(head)
                async for chunk in chunks:
                    await arrival.write(chunk)
        except TooLarge:
            raise TooLarge(f"{field} is larger than {terms.most_bytes} bytes.", field=field) from None
        container = await asyncio.to_thread(self._look, key, arrival.size_bytes, field, terms)
        return Received(Accepted(asset_id, CONTENT_TYPES[container], arrival.size_bytes, field), filename)

    async def take_back(self) -> None:
        """Delete whatever has arrived and belongs to no job."""
        if self._asset_ids:
            await asyncio.to_thread(self._take_back)

    def _announce(self, container: Container, filename: str) -> tuple[str, str]:
        asset_id, content_type = ids.short("asset_"), CONTENT_TYPES[container]
        key = f"{FOLDER}/{asset_id}{EXTENSIONS[content_type]}"
        with self._database.write() as connection:
            connection.execute(
                insert(assets).values(
                    id=asset_id,
                    account_id=self._account_id,
                    object_key=key,
                    filename=filename[:_LONGEST_FILENAME],
                    content_type=content_type,
                    size_bytes=0,
                    created_at=clock.now(),
                )
            )
        self._asset_ids.append(asset_id)
        return asset_id, key

    def _look(self, key: str, size_bytes: int, field: str, terms: Terms) -> Container:
        with self._store.open(key) as file:
            try:
                told = playing_time.told(file, size_bytes, beyond_s=terms.most_s + PADDING_S)
            except UnsupportedFormat:
                raise _unsupported(terms, field) from None
        if told.container not in terms.containers:
            raise _unsupported(terms, field)
        if told.seconds is not None and told.seconds > terms.most_s + PADDING_S:
            raise TooLong(f"{field} plays longer than {terms.most_s:g} s.", field=field)
        return told.container

    def _take_back(self) -> None:
        ours = (assets.c.id.in_(self._asset_ids), ~exists(select(job_inputs.c.job_id).where(_IS_INPUT)))
        with self._database.write() as connection:
            # marked first: should this end in the middle, whoever purges goes on with it
            connection.execute(update(assets).where(*ours).values(deleted_at=clock.now()))
            keys = connection.execute(select(assets.c.object_key).where(*ours)).scalars().all()
        for key in keys:
            if key is not None:
                self._store.delete(key)
        with self._database.write() as connection:
            connection.execute(delete(assets).where(*ours))


_IS_INPUT = job_inputs.c.asset_id == assets.c.id


def enter(connection: Connection, upload: Accepted) -> None:
    """Write down what has arrived, in the transaction that accepts the job on it."""
    connection.execute(
        update(assets)
        .where(assets.c.id == upload.asset_id)
        .values(content_type=upload.content_type, size_bytes=upload.size_bytes)
    )


async def _beginning(chunks: AsyncIterator[bytes]) -> bytes:
    """Return as much of a file as tells what it is; the rest is still to come."""
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    return head


def _unsupported(terms: Terms, field: str) -> UnsupportedFormat:
    known = ", ".join(container.upper() for container in terms.containers)
    return UnsupportedFormat(f"{field} is not audio in one of these formats: {known}.", field=field)
