"""SignalKey's documented paths."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool

from soundrack import __version__, ids
from soundrack.accounts import keys
from soundrack.accounts.credentials import Principal
from soundrack.billing import quotas
from soundrack.billing.quotas import Quota
from soundrack.billing.windows import Standing
from soundrack.errors import NotFound, SoundrackError
from soundrack.jobs import estimate, receiving, record, steps, submission
from soundrack.jobs.record import Job as JobRecord
from soundrack.jobs.record import Status
from soundrack.jobs.task import Kind
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import engines
from soundrack.services.door import Door, Front, Headers, Month, Shortcut, by_account, needs
from soundrack.services.given import RackIn, plan_of
from soundrack.services.signalkey import description, errors, intake, stream, views
from soundrack.services.signalkey.intake import Wanted
from soundrack.services.signalkey.schemas import Analyze, Me, Running, Submitted
from soundrack.settings import StemsMode

_FORM = "multipart/form-data"
_JSON = "application/json"
_SOONEST_S, _LATEST_S = 2, 10
"""Whoever polls one job as often as they are told keeps to the 30 requests a minute of the lowest plan."""

MayRead = Annotated[Principal, needs("analysis:read")]
MayWrite = Annotated[Principal, needs("analysis:write")]
MayReadKey = Annotated[Principal, needs("key:read")]

router = APIRouter(prefix="/api/v1")


@router.post(
    "/analyze",
    status_code=202,
    response_model=Submitted,
    responses=errors.responses(
        "invalid_request",
        "file_too_large",
        "file_too_long",
        "unsupported_format",
        "unsupported_media_type",
        "backend_not_configured",
    ),
    openapi_extra={"requestBody": {"required": True, "content": {_FORM: {"schema": Analyze.model_json_schema()}}}},
    tags=["Analysis"],
    summary="Submit a song",
    response_description="The analysis, which is queued.",
)
async def analyze(request: Request, rack: RackIn, principal: MayWrite) -> Response:
    """Submit a song for full analysis."""
    plan = plan_of(request)
    quota: Quota = request.state.quota
    body = intake.body_of(request, rack, plan)
    try:
        async with intake.wanted(request, body, rack, principal.account_id, plan, quota) as wanted:
            job, request.state.quota = await run_in_threadpool(_submit, request, rack, principal, wanted)
    except SoundrackError as error:
        return body.answered_by(errors.answer(request, error))
    return JSONResponse(views.submitted(job), 202)


def _submit(request: Request, rack: Rack, principal: Principal, wanted: Wanted) -> tuple[JobRecord, Quota]:
    """Accept the job and count it in the month, both or neither."""
    plan, song = plan_of(request), {"song": wanted.file.upload}
    with rack.database.write() as connection:
        receiving.enter(connection, wanted.file.upload)
        job = submission.submit(
            connection,
            rack.queue,
            submission.Order(
                service=Service.SIGNALKEY,
                account_id=principal.account_id,
                kind=Kind.ANALYZE,
                parameters={
                    "filename": wanted.file.filename or views.UNTITLED,
                    "most_s": wanted.most_s + receiving.PADDING_S,
                    "stems": rack.settings.signalkey_stems is StemsMode.AUTO,
                },
                inputs=song,
                work_s=estimate.expected_work_s(connection, Kind.ANALYZE, song),
                credits=0,
                request_id=request.state.request_id,
                key_id=principal.key_id,
                webhook_url=wanted.webhook_url,
                jobs_at_once=plan.jobs_at_once,
                followed=True,
            ),
            job_id=ids.short(""),
            lease_s=rack.settings.job_lease_s,
        )
        return job, quotas.spend(connection, by_account(principal), plan)


@router.get(
    "/jobs/{job_id}",
    responses={
        **errors.responses("not_found", "analysis_failed", "internal_error"),
        200: description.RESULT,
        202: {"model": Running, "description": "It has not ended. Ask again after the seconds in `Retry-After`."},
    },
    tags=["Analysis"],
    summary="Poll a job",
    response_description="The result.",
)
async def get_job(job_id: str, rack: RackIn, principal: MayRead) -> Response:
    """Tell how an analysis is: 202 while it runs, then its result, or why it failed."""
    job = await _job(job_id, rack, principal)
    if job.ended_at is None:
        step, remaining_s = await steps.last(rack.lookups, job.id), await rack.estimates.remaining_s(job)
        pause_s = min(max(remaining_s or _LATEST_S, _SOONEST_S), _LATEST_S)
        content, headers = to_json(views.running(job, step.stage, step.progress)), {"Retry-After": str(pause_s)}
        return Response(content, 202, headers, _JSON)
    if job.status is Status.COMPLETED:
        return Response(await run_in_threadpool(views.result, job, rack), media_type=_JSON)
    return Response(views.failure(job), 500, media_type=_JSON)


@router.get(
    "/jobs/{job_id}/stream",
    response_class=Response,
    responses={**errors.responses("not_found"), **description.STREAM},
    tags=["Analysis"],
    summary="Stream a job",
    response_description="Its progress and its result, as server-sent events.",
)
async def stream_job(job_id: str, rack: RackIn, principal: MayRead) -> Response:
    """Follow an analysis: each stage as it begins, then the result, or why it failed."""
    return await stream.open(rack, await _job(job_id, rack, principal), principal)


async def _job(job_id: str, rack: Rack, principal: Principal) -> JobRecord:
    job = await record.look_up(rack.lookups, job_id, account_id=principal.account_id, service=Service.SIGNALKEY)
    views.check_kept(job, rack)
    return job


@router.get(
    "/me",
    response_model=Me,
    tags=["Key"],
    summary="Look at the key",
    response_description="The key, and what is left of both windows.",
)
def get_me(request: Request, rack: RackIn, principal: MayReadKey) -> Response:
    """Tell whose key was sent, and how it stands."""
    if principal.key_id is None:
        raise NotFound("These credentials are no API key.")
    with rack.database.read() as connection:
        key = keys.get(connection, principal.account_id, principal.key_id)
    standing: Standing = request.state.standing
    return JSONResponse(views.me(key, plan_of(request), standing, request.state.quota))


def _rate_headers(standing: Standing, quota: Quota) -> Headers:
    """Document, "Rate limits": "Every authenticated response carries the live state in headers"."""
    yield b"x-ratelimit-limit-minute", b"%d" % standing.limit
    yield b"x-ratelimit-remaining-minute", b"%d" % standing.remaining
    yield b"x-ratelimit-reset-minute", b"%d" % standing.reset_s
    if quota.limit is not None and quota.remaining is not None:
        yield b"x-ratelimit-limit-month", b"%d" % quota.limit
        yield b"x-ratelimit-remaining-month", b"%d" % quota.remaining
        yield b"x-ratelimit-reset-month", b"%d" % quota.reset_at.timestamp()


FRONT = Front(
    service=Service.SIGNALKEY,
    answer=errors.answer,
    credentials_hint="Pass your API key in the Authorization header: Bearer sk_live_….",
    counted=by_account,
    month=Month(by_account, _rate_headers),
)


def create(rack: Rack) -> Door:
    """Return SignalKey as an application of its own, behind its door.

    Raises
    ------
    NotConfigured
        If the setting `engines_off` names what cannot be switched off.
    """
    engines.off(rack.settings)
    app = FastAPI(
        title="SignalKey",
        version=__version__,
        responses=errors.responses("invalid_api_key", "forbidden", "rate_limited", "internal_error"),
        generate_unique_id_function=lambda route: route.name,
        openapi_url=None,
    )
    app.state.rack = rack
    app.include_router(router)
    errors.install(app)
    description.install(app, rack)
    return Door(app, rack, FRONT, [Shortcut.of(router, get_job), Shortcut.of(router, stream_job)])
