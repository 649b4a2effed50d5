"""A request for a master, read and judged while it arrives.

Whatever is wrong is told as soon as it is known, and nothing of a request that is refused, or breaks off, is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from soundrack.billing import credits
from soundrack.billing.plans import Plan
from soundrack.errors import ForbiddenAddress, Invalid, NotEnoughCredits, TooLarge, TooLong
from soundrack.jobs import submission
from soundrack.jobs.receiving import Received, Reception, Terms
from soundrack.outbound.webhooks import endpoints
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import multipart
from soundrack.services.arriving import Body
from soundrack.services.masterify.errors import Refused
from soundrack.services.masterify.messages import Message
from soundrack.services.masterify.schemas import (
    AI_SERVICES,
    CONTAINERS,
    CREDITS,
    GENRES,
    MAX_FILE_BYTES,
    MAX_FILE_S,
    PLATFORMS,
    TIERS,
)
from soundrack.services.multipart import Part

FILE, REFERENCE, PLATFORMS_FIELD, WEBHOOK = "file", "reference_file", "platforms", "webhook_url"
_FILES = (FILE, REFERENCE)
_CHOICES = {"genre": GENRES, "ai_service": AI_SERVICES, "tier": TIERS}
_FIELDS = {*_FILES, PLATFORMS_FIELD, WEBHOOK, *_CHOICES}
_MOST_BESIDES_BYTES = 2**20
"""What fields, boundaries and headers may take beside the files."""


@dataclass(frozen=True)
class Wanted:
    """What a request asks for."""

    file: Received
    reference: Received | None
    platforms: tuple[str, ...]
    """Each once, in the order in which they were named."""
    genre: str
    ai_service: str
    tier: str
    webhook_url: str | None
    most_s: float
    """How long a file may play."""


class Arrivals:
    """How many songs each account is sending just now, to this process."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def of(self, account_id: str) -> int:
        """Return how many."""
        return self._counts[account_id]

    @contextmanager
    def counted(self, account_id: str) -> Iterator[None]:
        """Count one more while the block lasts."""
        self._counts[account_id] += 1
        try:
            yield
        finally:
            self._counts[account_id] -= 1
            if not self._counts[account_id]:
                del self._counts[account_id]


def body_of(request: Request, rack: Rack, plan: Plan) -> Body:
    """Return the body of a request that may bring two files."""
    return Body(
        request,
        most_bytes=2 * terms_of(plan).most_bytes + _MOST_BESIDES_BYTES,
        whole_s=rack.settings.upload_s,
        silence_s=rack.settings.upload_silence_s,
    )


def terms_of(plan: Plan) -> Terms:
    """Return what a file may be: what the document allows, or what is less of it by the account's plan."""
    return Terms(
        CONTAINERS,
        min(MAX_FILE_BYTES, plan.file_bytes or MAX_FILE_BYTES),
        min(MAX_FILE_S, plan.file_seconds or MAX_FILE_S),
    )


@asynccontextmanager
async def wanted(
    request: Request, body: Body, rack: Rack, arrivals: Arrivals, account_id: str, plan: Plan
) -> AsyncGenerator[Wanted]:
    """Give what a request asks for, with its files in the store until the block is left by an error.

    Raises
    ------
    Refused, SoundrackError
        If anything of it cannot be accepted.
    ClientDisconnect
        If it breaks off.
    """
    await run_in_threadpool(_check_means, rack, account_id, plan, arrivals.of(account_id))
    reception = Reception(rack.database, rack.store, account_id)
    with arrivals.counted(account_id):
        try:
            yield await _read(request, body, rack, reception, terms_of(plan))
        except BaseException:
            await reception.take_back()
            raise


def _check_means(rack: Rack, account_id: str, plan: Plan, coming: int) -> None:
    """Refuse before a song is sent what would be refused after it. Whoever accepts the job has the last word."""
    with rack.database.read() as connection:
        if plan.jobs_at_once is not None:
            submission.check_room(
                connection,
                account_id=account_id,
                service=Service.MASTERIFY,
                at_once=plan.jobs_at_once,
                lease_s=rack.settings.job_lease_s,
                coming=coming,
            )
        if credits.balance(connection, account_id) < min(CREDITS.values()):
            raise NotEnoughCredits("Your account does not have enough credits for this operation.")


async def _read(request: Request, body: Body, rack: Rack, reception: Reception, terms: Terms) -> Wanted:
    files: dict[str, Received] = {}
    texts: dict[str, str] = {}
    try:
        async for part in multipart.parts(body.chunks(), request.headers.get("content-type", "")):
            if part.name not in _FIELDS:
                continue
            if part.name in files or part.name in texts:
                raise Refused(Message.REPEATED_FIELD, field=part.name)
            if part.name in _FILES:
                files[part.name] = await _file(part, reception, terms)
            else:
                texts[part.name] = await _text(part, rack)
    except TooLarge as error:  # the whole body, as a file's own size is judged where it is stored
        raise _too_large(terms, FILE) from error
    for name in (FILE, PLATFORMS_FIELD):
        if name not in files and name not in texts:
            raise Refused(Message.MISSING_FIELD, field=name)
    return Wanted(
        file=files[FILE],
        reference=files.get(REFERENCE),
        platforms=_platforms(texts[PLATFORMS_FIELD]),
        genre=texts.get("genre") or "other",
        ai_service=texts.get("ai_service") or "other",
        tier=texts.get("tier") or "standard",
        webhook_url=texts.get(WEBHOOK) or None,
        most_s=terms.most_s,
    )


async def _file(part: Part, reception: Reception, terms: Terms) -> Received:
    try:
        return await reception.take(part.chunks(), field=part.name, filename=part.filename or "", terms=terms)
    except TooLong:
        raise Refused(Message.FILE_TOO_LONG, field=part.name, limit=minutes(terms.most_s)) from None
    except TooLarge as error:
        if error.field is None:
            raise
        raise _too_large(terms, part.name) from None
    except Invalid:
        raise Refused(Message.EMPTY_FILE, field=part.name) from None


async def _text(part: Part, rack: Rack) -> str:
    """Return a field's value once it has been judged. Forms leave blank what is not given: then it is empty."""
    try:
        value = (await part.text()).strip()
    except Invalid:
        raise Refused(Message.UNREADABLE_TEXT, field=part.name) from None
    if part.name == PLATFORMS_FIELD:
        _platforms(value)
    elif value and part.name == WEBHOOK:
        try:
            await run_in_threadpool(endpoints.check_url, rack.outbound, value, field=WEBHOOK)
        except (Invalid, ForbiddenAddress):
            raise Refused(Message.UNUSABLE_URL, field=WEBHOOK) from None
    elif value and value not in _CHOICES[part.name]:
        raise Refused(Message.UNKNOWN_CHOICE, field=part.name, choices=", ".join(_CHOICES[part.name]))
    return value


def _platforms(value: str) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(filter(None, (name.strip() for name in value.split(",")))))
    if not named:
        raise Refused(Message.NO_PLATFORM, field=PLATFORMS_FIELD, choices=", ".join(PLATFORMS))
    for name in named:
        if name not in PLATFORMS:
            raise unknown_platform(name)
    return named


_LONGEST_ECHO = 40


def unknown_platform(name: str) -> Refused:
    """Return how a platform is refused that nobody knows."""
    return Refused(Message.INVALID_PLATFORM, value=name[:_LONGEST_ECHO], choices=", ".join(PLATFORMS))


def minutes(seconds: float) -> str:
    """Return a length in minutes as it is told: without a fraction where there is none."""
    return f"{round(seconds / 60, 1):g}"


def _too_large(terms: Terms, field: str) -> Refused:
    return Refused(Message.FILE_TOO_LARGE, field=field, limit=f"{round(terms.most_bytes / 2**20, 1):g}")
