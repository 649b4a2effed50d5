"""Uploads: announced with a name, type and size, sent straight to the store by a signed link, then named by a job."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from sqlalchemy import Connection, insert, select, update

from soundrack import clock, ids
from soundrack.audio.containers import HEAD_BYTES, Container, sniff
from soundrack.database import Database
from soundrack.database.tables import assets
from soundrack.errors import Invalid, UnsupportedFormat
from soundrack.jobs import inputs
from soundrack.storage.links import Links
from soundrack.storage.objects import ObjectStore

FOLDER = "assets"
EXTENSIONS = {
    "audio/wav": ".wav",
    "audio/flac": ".flac",
    "audio/mpeg": ".mp3",
    "audio/aiff": ".aiff",
    "audio/ogg": ".ogg",
    "audio/mp4": ".m4a",
}
CONTENT_TYPES = {
    Container.WAV: "audio/wav",
    Container.AIFF: "audio/aiff",
    Container.FLAC: "audio/flac",
    Container.MP3: "audio/mpeg",
    Container.OGG: "audio/ogg",
    Container.M4A: "audio/mp4",
}
_ANNOUNCED = ("audio/wav", "audio/flac", "audio/mpeg", "audio/aiff")
"""What may be announced; the others come with the request that submits their job alone."""


@dataclass(frozen=True)
class Announced:
    """Where to send an upload, and how to name it afterwards."""

    upload_url: str
    asset_url: str
    expires_at: datetime


@dataclass(frozen=True)
class Accepted:
    """An upload that a job can work on, and what the caller calls it, for errors."""

    asset_id: str
    content_type: str
    size_bytes: int
    field: str


def announce(
    connection: Connection,
    links: Links,
    *,
    account_id: str,
    filename: str,
    content_type: str,
    size_bytes: int,
    life: timedelta,
) -> Announced:
    """Store what is to come and return the link for it.

    Raises
    ------
    UnsupportedFormat
        If the type is none of WAV, FLAC, MP3 and AIFF.
    """
    if content_type not in _ANNOUNCED:
        raise UnsupportedFormat(f"content_type must be one of {', '.join(_ANNOUNCED)}.", field="content_type")
    asset_id = ids.short("asset_")
    key = f"{FOLDER}/{asset_id}{EXTENSIONS[content_type]}"
    connection.execute(
        insert(assets).values(
            id=asset_id,
            account_id=account_id,
            object_key=key,
            filename=filename,
            content_type=content_type,
            size_bytes=size_bytes,
            created_at=clock.now(),
        )
    )
    upload_url, expires_at = links.upload(key, size_bytes, content_type, life)
    return Announced(upload_url, f"{links.base_url}/{key}", expires_at)


def names_ours(links: Links, url: str) -> bool:
    """Say whether a URL leads to our own store, so that it can name nothing but an upload."""
    return url.startswith(f"{links.base_url}/")


def accept(
    database: Database,
    store: ObjectStore,
    links: Links,
    *,
    account_id: str,
    url: str,
    containers: Collection[Container],
    field: str,
) -> Accepted:
    """Return the upload that a URL names, if a job can begin on it.

    Only its first bytes are looked at here; it is decoded behind the walls of the job.

    Raises
    ------
    Invalid
        If the URL names no upload of this account, or one that has not arrived or has been deleted.
    UnsupportedFormat
        If what has arrived is none of the containers; it is deleted.
    """
    prefix = f"{links.base_url}/{FOLDER}/"
    if not url.startswith(prefix):
        raise Invalid("Give the asset_url of an upload: nothing else of this server is an input.", field=field)
    with database.read() as connection:
        asset = connection.execute(
            select(assets.c.id, assets.c.object_key, assets.c.content_type, assets.c.size_bytes).where(
                assets.c.id == PurePosixPath(url.removeprefix(prefix)).stem,
                assets.c.account_id == account_id,
                assets.c.deleted_at.is_(None),
            )
        ).first()
    if asset is None or url != f"{links.base_url}/{asset.object_key}":
        raise Invalid(_GONE, field=field)
    if store.info(asset.object_key) is None:
        raise Invalid("Nothing has been uploaded to this asset's upload_url yet.", field=field)
    if sniff(store.head(asset.object_key, HEAD_BYTES)) not in containers:
        with database.write() as connection:
            connection.execute(update(assets).where(assets.c.id == asset.id).values(deleted_at=clock.now()))
        inputs.purge(database, store)
        raise UnsupportedFormat(
            f"The file is not audio in one of these formats: {', '.join(c.upper() for c in containers)}.", field=field
        )
    return Accepted(asset.id, asset.content_type, asset.size_bytes, field)


def require(connection: Connection, accepted: Iterable[Accepted]) -> None:
    """Check, in the transaction that accepts a job, that none of its uploads has been deleted meanwhile.

    Raises
    ------
    Invalid
        If one has.
    """
    wanted = list(accepted)
    there = inputs.hold(connection, {upload.asset_id for upload in wanted}) if wanted else set()
    for upload in wanted:
        if upload.asset_id not in there:
            raise Invalid(_GONE, field=upload.field)


_GONE = "There is no such upload, or it was deleted when its job ended."
