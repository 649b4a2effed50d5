"""Masterify's documented paths."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool

from soundrack import __version__, clock, ids
from soundrack.accounts.credentials import Principal
from soundrack.billing import credits
from soundrack.billing.plans import Plan
from soundrack.errors import SoundrackError
from soundrack.jobs import estimate, receiving, record, submission
from soundrack.jobs.record import Job as JobRecord
from soundrack.jobs.record import Status
from soundrack.jobs.task import Kind
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import languages
from soundrack.services.door import Door, Front, Shortcut, needs
from soundrack.services.given import RackIn, plan_of
from soundrack.services.languages import Language
from soundrack.services.masterify import description, errors, intake, views
from soundrack.services.masterify.errors import Refused
from soundrack.services.masterify.intake import Arrivals, Wanted
from soundrack.services.masterify.messages import Message
from soundrack.services.masterify.schemas import CREDITS, PLATFORMS, Created, CreateMaster, Job
from soundrack.storage import sending
from soundrack.storage import zip as archive
from soundrack.storage.zip import Member

_FORM = "multipart/form-data"


def _language(request: Request) -> Language:
    return languages.wanted(request, Language.KOREAN)


LanguageIn = Annotated[Language, Depends(_language)]
MayRead = Annotated[Principal, needs("jobs:read")]
MayWrite = Annotated[Principal, needs("jobs:write")]
One = Annotated[
    str | None,
    Query(
        description="One platform of the job, whose master is the answer. Without it that of the only one, or a ZIP.",
        json_schema_extra={"enum": list(PLATFORMS)},
    ),
]

_LANGUAGE: dict[str, Any] = {
    "parameters": [
        {
            "name": languages.HEADER,
            "in": "header",
            "required": False,
            "description": "Messages are Korean, or English where this prefers it.",
            "schema": {"type": "string"},
            "example": "en",
        }
    ]
}

router = APIRouter(prefix="/api/v1")


@router.post(
    "/master",
    status_code=201,
    response_model=Created,
    responses=errors.responses(
        "FILE_TOO_LARGE",
        "UNSUPPORTED_FORMAT",
        "FILE_TOO_LONG",
        "INVALID_PLATFORM",
        "INVALID_REQUEST",
        "INSUFFICIENT_CREDITS",
        "CONCURRENT_LIMIT",
        "RATE_LIMIT",
    ),
    openapi_extra=_LANGUAGE
    | {"requestBody": {"required": True, "content": {_FORM: {"schema": CreateMaster.model_json_schema()}}}},
    tags=["Mastering"],
    summary="Create a mastering job",
    response_description="The job, which is queued and paid for.",
)
async def create_job(request: Request, rack: RackIn, principal: MayWrite) -> Response:
    """Upload an audio file and create a mastering job."""
    plan = plan_of(request)
    arrivals: Arrivals = request.app.state.arrivals
    body = intake.body_of(request, rack, plan)
    try:
        async with intake.wanted(request, body, rack, arrivals, principal.account_id, plan) as wanted:
            job, left = await run_in_threadpool(_submit, request, rack, principal, plan, wanted)
    except SoundrackError as error:
        return body.answered_by(errors.answer(request, error))
    created = Created(
        job_id=job.id,
        status="queued",
        platforms=job.parameters["platforms"],
        credits_used=job.credits_charged,
        credits_remaining=left,
    )
    return JSONResponse(created.model_dump(), 201)


def _submit(request: Request, rack: Rack, principal: Principal, plan: Plan, wanted: Wanted) -> tuple[JobRecord, int]:
    """Accept the job, and return it and what the account has left."""
    accepted = {"song": wanted.file.upload}
    if wanted.reference is not None:
        accepted["reference"] = wanted.reference.upload
    with rack.database.write() as connection:
        for upload in accepted.values():
            receiving.enter(connection, upload)
        job = submission.submit(
            connection,
            rack.queue,
            submission.Order(
                service=Service.MASTERIFY,
                account_id=principal.account_id,
                kind=Kind.RELEASE,
                parameters={
                    "platforms": list(wanted.platforms),
                    "genre": wanted.genre,
                    "ai_service": wanted.ai_service,
                    "premium": wanted.tier == "premium",
                    "most_s": wanted.most_s + receiving.PADDING_S,
                    "title": views.title_of(wanted.file.filename),
                },
                inputs=accepted,
                work_s=estimate.expected_work_s(connection, Kind.RELEASE, accepted),
                credits=CREDITS[wanted.tier],
                request_id=request.state.request_id,
                key_id=principal.key_id,
                webhook_url=wanted.webhook_url,
                jobs_at_once=plan.jobs_at_once,
            ),
            job_id=ids.uuid4(),
            lease_s=rack.settings.job_lease_s,
        )
        return job, credits.balance(connection, principal.account_id)


@router.get(
    "/jobs/{job_id}",
    response_model=Job,
    responses=errors.responses("JOB_NOT_FOUND"),
    openapi_extra=_LANGUAGE,
    tags=["Mastering"],
    summary="Look at a job",
    response_description="The job.",
)
async def get_job(job_id: str, rack: RackIn, principal: MayRead, language: LanguageIn) -> Response:
    """Tell how a mastering job is, and where its masters are."""
    job = await record.look_up(rack.lookups, job_id, account_id=principal.account_id, service=Service.MASTERIFY)
    return Response(
        to_json(views.job_body(job, rack, language)), headers={"Vary": languages.HEADER}, media_type="application/json"
    )


@router.get(
    "/jobs/{job_id}/download",
    response_class=Response,
    responses={
        **errors.responses("INVALID_PLATFORM", "JOB_NOT_FOUND", "RESULT_EXPIRED", "JOB_NOT_READY", "JOB_FAILED"),
        **description.DOWNLOADS,
    },
    openapi_extra=_LANGUAGE,
    tags=["Mastering"],
    summary="Download the result",
    response_description="The master; of several, a ZIP archive.",
)
async def download(request: Request, job_id: str, rack: RackIn, principal: MayRead, platform: One = None) -> Response:
    """Download the masters of a job that is done: the file of one platform, or a ZIP of all.

    A file answers `Range`. The archive is not compressed, and has its length told.
    """
    job = await record.look_up(rack.lookups, job_id, account_id=principal.account_id, service=Service.MASTERIFY)
    names = _asked_for(job, platform)
    if job.status is not Status.COMPLETED:
        raise Refused(Message.JOB_NOT_READY if job.ended_at is None else Message.JOB_FAILED)
    outputs = [job.outputs[name] for name in names]
    found = await run_in_threadpool(lambda: [rack.store.info(one.key) for one in outputs])
    if None in found:
        raise Refused(Message.RESULT_EXPIRED)
    if len(names) == 1 and found[0] is not None:
        return sending.send(rack.store, outputs[0].key, found[0], request, filename=views.filename(job, names[0]))
    members = [
        Member(views.filename(job, name), one.key, one.size_bytes) for name, one in zip(names, outputs, strict=True)
    ]
    return StreamingResponse(
        archive.stream(rack.store, members, job.ended_at or clock.now()),
        headers={
            "Content-Length": str(archive.length(members)),
            "Content-Disposition": sending.attachment(f"{job.parameters['title']}.zip"),
            "Cache-Control": "private, no-transform",
            "X-Content-Type-Options": "nosniff",
        },
        media_type=archive.CONTENT_TYPE,
    )


def _asked_for(job: JobRecord, platform: str | None) -> list[str]:
    """Return the platforms whose masters are asked for, in the job's order."""
    names: list[str] = job.parameters["platforms"]
    if platform is None:
        return names
    if platform not in PLATFORMS:
        raise intake.unknown_platform(platform)
    if platform not in names:
        raise Refused(Message.PLATFORM_NOT_IN_JOB, value=platform, choices=", ".join(names))
    return [platform]


FRONT = Front(
    service=Service.MASTERIFY,
    answer=errors.answer,
    credentials_hint="Pass your API key in the Authorization header: Bearer aim_live_….",
)


def create(rack: Rack) -> Door:
    """Return Masterify as an application of its own, behind its door."""
    app = FastAPI(
        title="Masterify",
        version=__version__,
        responses=errors.responses("INVALID_API_KEY", "FORBIDDEN", "RATE_LIMIT", "INTERNAL_ERROR"),
        generate_unique_id_function=lambda route: route.name,
        openapi_url=None,
    )
    app.state.rack = rack
    app.state.arrivals = Arrivals()
    app.include_router(router)
    errors.install(app)
    description.install(app, rack)
    return Door(app, rack, FRONT, [Shortcut.of(router, get_job)])
