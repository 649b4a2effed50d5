"""A request for an analysis, read and judged while it arrives.

Whatever is wrong is told as soon as it is known, and nothing of a request that is refused, or breaks off, is kept.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from soundrack.audio.containers import Container
from soundrack.billing import quotas
from soundrack.billing.plans import Plan
from soundrack.billing.quotas import Quota
from soundrack.errors import Invalid, NotConfigured, TooLarge, TooLong, UnsupportedFormat
from soundrack.jobs import submission
from soundrack.jobs.receiving import Received, Reception, Terms
from soundrack.outbound.webhooks import endpoints
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import engines, multipart
from soundrack.services.arriving import Body
from soundrack.services.multipart import CONTENT_TYPE, Part
from soundrack.services.signalkey.schemas import CONTAINERS, MAX_FILE_BYTES, MAX_FILE_S

FILE, WEBHOOK = "file", "webhook_url"
_MOST_BESIDES_BYTES = 2**20
"""What fields, boundaries and headers may take beside the file."""


@dataclass(frozen=True)
class Wanted:
    """What a request asks for."""

    file: Received
    webhook_url: str | None
    most_s: float
    """How long the file may play."""


def body_of(request: Request, rack: Rack, plan: Plan) -> Body:
    """Return the body of a request that may bring a file."""
    return Body(
        request,
        most_bytes=terms_of(plan).most_bytes + _MOST_BESIDES_BYTES,
        whole_s=rack.settings.upload_s,
        silence_s=rack.settings.upload_silence_s,
    )


def terms_of(plan: Plan) -> Terms:
    """Return what a file may be: what is decided for all, or what is less of it by the account's plan."""
    return Terms(
        CONTAINERS if _reads_m4a() else tuple(one for one in CONTAINERS if one is not Container.M4A),
        min(MAX_FILE_BYTES, plan.file_bytes or MAX_FILE_BYTES),
        min(MAX_FILE_S, plan.file_seconds or MAX_FILE_S),
    )


@asynccontextmanager
async def wanted(
    request: Request, body: Body, rack: Rack, account_id: str, plan: Plan, quota: Quota
) -> AsyncGenerator[Wanted]:
    """Give what a request asks for, with its file in the store until the block is left by an error.

    Raises
    ------
    SoundrackError
        If anything of it cannot be accepted.
    ClientDisconnect
        If it breaks off.
    """
    await _check_means(rack, account_id, plan, quota)
    reception = Reception(rack.database, rack.store, account_id)
    try:
        yield await _read(request, body, rack, reception, terms_of(plan))
    except BaseException:
        await reception.take_back()
        raise


async def _check_means(rack: Rack, account_id: str, plan: Plan, quota: Quota) -> None:
    """Refuse before a song is sent what would be refused after it. Whoever accepts the job has the last word."""
    if Service.SIGNALKEY in engines.off(rack.settings):
        raise NotConfigured("The analysis is switched off.")
    quotas.check(plan, quota)
    if plan.jobs_at_once is not None:
        await run_in_threadpool(_check_room, rack, account_id, plan.jobs_at_once)


def _check_room(rack: Rack, account_id: str, at_once: int) -> None:
    with rack.database.read() as connection:
        submission.check_room(
            connection,
            account_id=account_id,
            service=Service.SIGNALKEY,
            at_once=at_once,
            lease_s=rack.settings.job_lease_s,
        )


async def _read(request: Request, body: Body, rack: Rack, reception: Reception, terms: Terms) -> Wanted:
    content_type = request.headers.get(CONTENT_TYPE)
    if content_type is None:
        raise _missing()
    file: Received | None = None
    webhook_url: str | None = None
    seen: set[str] = set()
    try:
        async for part in multipart.parts(body.chunks(), content_type):
            if part.name not in {FILE, WEBHOOK}:
                continue
            if part.name in seen:
                raise Invalid(f"{part.name} is given more than once.", field=part.name)
            seen.add(part.name)
            if part.name == FILE:
                file = await _file(part, reception, terms)
            else:
                webhook_url = await _webhook(part, rack)
    except TooLarge as error:
        if error.field is None:  # the whole body, as a file's own size is judged where it is stored
            raise _too_large(terms) from None
        raise
    if file is None:
        raise _missing()
    return Wanted(file, webhook_url, terms.most_s)


async def _file(part: Part, reception: Reception, terms: Terms) -> Received:
    try:
        return await reception.take(part.chunks(), field=FILE, filename=part.filename or "", terms=terms)
    except UnsupportedFormat as error:
        if _reads_m4a():
            raise
        raise UnsupportedFormat(
            f"{error} Reading M4A needs PyAV, which is not installed on this server: soundrack[m4a] brings it.",
            field=FILE,
        ) from None
    except TooLong:
        raise TooLong(f"{FILE} plays for more than {terms.most_s / 60:g} minutes.", field=FILE) from None
    except TooLarge as error:
        if error.field is None:
            raise
        raise _too_large(terms) from None


async def _webhook(part: Part, rack: Rack) -> str | None:
    """Return the URL once it has been judged. Forms leave blank what is not given."""
    value = (await part.text()).strip()
    if value:
        await run_in_threadpool(endpoints.check_url, rack.outbound, value, field=WEBHOOK)
    return value or None


@cache
def _reads_m4a() -> bool:
    return find_spec("av") is not None


def _missing() -> Invalid:
    return Invalid(f"Send the song as the field {FILE} of multipart/form-data.", field=FILE)


def _too_large(terms: Terms) -> TooLarge:
    return TooLarge(f"{FILE} is larger than {terms.most_bytes / 2**20:g} MB ({terms.most_bytes} bytes).", field=FILE)
