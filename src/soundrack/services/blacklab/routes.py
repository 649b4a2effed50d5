"""BlackLab's documented paths."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic_core import to_json

from soundrack import __version__
from soundrack.accounts.credentials import Principal
from soundrack.billing.plans import Plan
from soundrack.billing.windows import Standing
from soundrack.errors import Invalid, TooLarge
from soundrack.jobs import estimate, foreign, inputs, lifecycle, record, submission, uploads
from soundrack.jobs.foreign import Foreign
from soundrack.jobs.task import Kind
from soundrack.jobs.uploads import Accepted
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.blacklab import errors, oauth, views
from soundrack.services.blacklab.schemas import CONTAINERS, MAX_UPLOAD_BYTES, CreateJob, CreateUpload, Job, Upload
from soundrack.services.door import Door, Front, Headers, Shortcut, needs
from soundrack.services.idempotent import HEADER, IdempotentRoute, OnceIn

JOB_CREDITS = 1


async def _rack(request: Request) -> Rack:
    rack: Rack = request.app.state.rack
    return rack


RackIn = Annotated[Rack, Depends(_rack)]
MayRead = Annotated[Principal, needs("mastering:read")]
MayWrite = Annotated[Principal, needs("mastering:write")]
MayUpload = Annotated[Principal, needs("assets:write")]

_KEY: dict[str, Any] = {
    "parameters": [
        {
            "name": HEADER,
            "in": "header",
            "required": False,
            "description": "The same request with the same key is carried out once, and answered the same for 24 h.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        }
    ]
}

router = APIRouter(prefix="/v1", route_class=IdempotentRoute)


@router.post(
    "/assets/upload-url", response_model=Upload, responses=errors.responses(400, 409, 413, 415), openapi_extra=_KEY
)
def create_upload_url(
    request: Request, body: CreateUpload, rack: RackIn, principal: MayUpload, once: OnceIn
) -> Response:
    """Generate a pre-signed URL to PUT a file to, and the URL by which a job then names it."""
    most_bytes = _most_bytes(request)
    if body.size_bytes > most_bytes:
        raise TooLarge(
            f"The file exceeds the limit of {most_bytes // 2**20} MB ({most_bytes} bytes).", field="size_bytes"
        )
    with rack.database.write() as connection:
        announced = uploads.announce(
            connection,
            rack.links,
            account_id=principal.account_id,
            filename=body.filename,
            content_type=body.content_type,
            size_bytes=body.size_bytes,
            life=timedelta(seconds=rack.settings.upload_link_s),
        )
        return once.answer(connection, JSONResponse(views.upload(announced).model_dump()))


@router.post(
    "/mastering/jobs",
    status_code=201,
    response_model=Job,
    responses=errors.responses(400, 402, 409, 413, 415),
    openapi_extra=_KEY,
)
def create_job(request: Request, body: CreateJob, rack: RackIn, principal: MayWrite, once: OnceIn) -> Response:
    """Submit an audio file for mastering."""
    if body.reference_url is not None:
        raise Invalid("This version does not take reference_url yet.", field="reference_url")
    if body.webhook_url is not None:
        rack.outbound.check(body.webhook_url, field="webhook_url")
    upload = _upload(rack, principal, body.input_url)
    with rack.database.write() as connection:
        if upload is not None:
            uploads.require(connection, upload.asset_id, field="input_url")
        job = submission.submit(
            connection,
            rack.queue,
            submission.Order(
                service=Service.BLACKLAB,
                account_id=principal.account_id,
                kind=Kind.MASTER,
                parameters={"preset": body.preset, "format": body.format, "rate_hz": body.sample_rate},
                input=upload.asset_id if upload else Foreign(body.input_url, _most_bytes(request), CONTAINERS),
                work_s=(
                    estimate.audio_seconds(upload.content_type, upload.size_bytes)
                    if upload
                    else foreign.usual_work_s(connection, Kind.MASTER)
                ),
                credits=JOB_CREDITS,
                request_id=request.state.request_id,
                key_id=principal.key_id,
                webhook_url=body.webhook_url,
                jobs_at_once=_plan(request).jobs_at_once,
            ),
            id_prefix="job_",
        )
        remaining_s = estimate.remaining_s(connection, job, rack.settings.job_lease_s)
        return once.answer(connection, JSONResponse(views.job_body(job, rack, remaining_s), 201))


def _upload(rack: Rack, principal: Principal, url: str) -> Accepted | None:
    """Return the upload that a URL names; None if it leads elsewhere, and may."""
    if not uploads.names_ours(rack.links, url):
        rack.outbound.check(url, field="input_url")
        return None
    return uploads.accept(
        rack.database,
        rack.store,
        rack.links,
        account_id=principal.account_id,
        url=url,
        containers=CONTAINERS,
        field="input_url",
    )


def _plan(request: Request) -> Plan:
    plan: Plan = request.state.plan
    return plan


def _most_bytes(request: Request) -> int:
    """The size that the document allows, or what is less of it by the account's plan."""
    return min(MAX_UPLOAD_BYTES, _plan(request).file_bytes or MAX_UPLOAD_BYTES)


@router.get("/mastering/jobs/{id}", response_model=Job, responses=errors.responses(404))
async def get_job(id: str, rack: RackIn, principal: MayRead) -> Response:
    """Retrieve the current status and details of a mastering job."""
    job = await record.look_up(rack.lookups, id, account_id=principal.account_id, service=Service.BLACKLAB)
    remaining_s = None if job.ended_at else await rack.estimates.remaining_s(job)
    return Response(to_json(views.job_body(job, rack, remaining_s)), media_type="application/json")


@router.delete("/mastering/jobs/{id}", status_code=204, responses=errors.responses(404, 409))
def cancel_job(id: str, rack: RackIn, principal: MayWrite) -> None:
    """Cancel a queued or processing job; its credit comes back."""
    with rack.database.write() as connection:
        job = record.get(connection, id, account_id=principal.account_id, service=Service.BLACKLAB)
        lifecycle.cancel(connection, job)
    inputs.purge(rack.database, rack.store)


def _rate_headers(standing: Standing) -> Headers:
    """Document, "Rate Limits": "Rate limit headers are included in every response"."""
    yield b"x-ratelimit-limit", b"%d" % standing.limit
    yield b"x-ratelimit-remaining", b"%d" % standing.remaining
    yield b"x-ratelimit-reset", b"%d" % standing.reset_s


FRONT = Front(
    service=Service.BLACKLAB,
    answer=errors.answer,
    credentials_hint="Pass your API key in the Authorization header: Bearer sk_live_….",
    headers=_rate_headers,
    public=frozenset({"/openapi.json"}) | oauth.PUBLIC,
)


def create(rack: Rack) -> Door:
    """Return BlackLab as an application of its own, behind its door."""
    app = FastAPI(
        title="BlackLab",
        version=__version__,
        description="AI mastering: submit an audio file, poll or be called, download the master.",
        responses=errors.responses(401, 403, 422, 429, 500),
        docs_url=None,
        redoc_url=None,
    )
    app.state.rack = rack
    app.include_router(router)
    app.include_router(oauth.router)
    errors.install(app)
    return Door(app, rack, FRONT, [Shortcut.of(router, get_job)])
