"""BlackLab's documented paths."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool

from soundrack import __version__, ids
from soundrack.accounts import formats, people
from soundrack.accounts.credentials import Principal
from soundrack.billing import credits
from soundrack.billing.windows import Standing
from soundrack.errors import TooLarge
from soundrack.jobs import estimate, inputs, lifecycle, listing, record, submission, uploads
from soundrack.jobs.foreign import Foreign
from soundrack.jobs.record import Status
from soundrack.jobs.task import Kind
from soundrack.jobs.uploads import Accepted
from soundrack.outbound.webhooks import endpoints
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.blacklab import description, errors, oauth, views
from soundrack.services.blacklab.schemas import (
    CONTAINERS,
    MAX_UPLOAD_BYTES,
    Account,
    CreateJob,
    CreateUpload,
    Job,
    JobList,
    JobStatus,
    Upload,
)
from soundrack.services.door import Door, Front, Headers, Shortcut, needs
from soundrack.services.given import RackIn, plan_of
from soundrack.services.idempotent import HEADER, IdempotentRoute, OnceIn

JOB_CREDITS = 1


MayRead = Annotated[Principal, needs("mastering:read")]
MayWrite = Annotated[Principal, needs("mastering:write")]
MayReadAccount = Annotated[Principal, needs("account:read")]
MayUpload = Annotated[Principal, needs("assets:write")]
Most = Annotated[int, Query(ge=1, le=listing.LARGEST_PAGE, description="The most jobs to return.")]
After = Annotated[
    str | None, Query(description="The id of the last job of the page before; without it the newest come first.")
]
Only = Annotated[JobStatus | None, Query(description="Only jobs with this status.")]

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
    "/assets/upload-url",
    response_model=Upload,
    responses=errors.responses(400, 409, 413, 415, 422),
    openapi_extra=_KEY,
    tags=["Assets"],
    summary="Announce an upload",
    response_description="Where to send the file, and how a job names it.",
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
    responses=errors.responses(400, 402, 409, 413, 415, 422),
    openapi_extra=_KEY,
    tags=["Mastering"],
    summary="Submit a job",
    response_description="The job, which is queued and paid for.",
)
def create_job(request: Request, body: CreateJob, rack: RackIn, principal: MayWrite, once: OnceIn) -> Response:
    """Submit an audio file for mastering."""
    accepted = inputs_of(request, body, rack, principal)
    with rack.database.write() as connection:
        job = submission.submit(
            connection,
            rack.queue,
            submission.Order(
                service=Service.BLACKLAB,
                account_id=principal.account_id,
                kind=Kind.MASTER,
                parameters={"preset": body.preset, "format": body.format, "rate_hz": body.sample_rate},
                inputs=accepted,
                work_s=estimate.expected_work_s(connection, Kind.MASTER, accepted),
                credits=JOB_CREDITS,
                request_id=request.state.request_id,
                key_id=principal.key_id,
                webhook_url=body.webhook_url,
                jobs_at_once=plan_of(request).jobs_at_once,
            ),
            job_id=ids.short("job_"),
            lease_s=rack.settings.job_lease_s,
        )
        remaining_s = estimate.remaining_s(connection, job, rack.settings.job_lease_s)
        return once.answer(connection, JSONResponse(views.job_body(job, rack, remaining_s), 201))


def inputs_of(request: Request, body: CreateJob, rack: Rack, principal: Principal) -> dict[str, Accepted | Foreign]:
    """Return what a job is to work on, by name, once every URL of its order has been judged by what can be read."""
    if body.webhook_url is not None:
        endpoints.check_url(rack.outbound, body.webhook_url, field="webhook_url")
    accepted = {"song": _input(request, rack, principal, body.input_url, "input_url")}
    if body.reference_url is not None:
        accepted["reference"] = _input(request, rack, principal, body.reference_url, "reference_url")
    return accepted


def _input(request: Request, rack: Rack, principal: Principal, url: str, field: str) -> Accepted | Foreign:
    """Return the upload that a URL names, or what its worker has to fetch."""
    if not uploads.names_ours(rack.links, url):
        rack.outbound.check(url, field=field)
        return Foreign(url, _most_bytes(request), CONTAINERS, field)
    return uploads.accept(
        rack.database,
        rack.store,
        rack.links,
        account_id=principal.account_id,
        url=url,
        containers=CONTAINERS,
        field=field,
    )


def _most_bytes(request: Request) -> int:
    """The size that the document allows, or what is less of it by the account's plan."""
    return min(MAX_UPLOAD_BYTES, plan_of(request).file_bytes or MAX_UPLOAD_BYTES)


@router.get(
    "/mastering/jobs",
    response_model=JobList,
    responses=errors.responses(422),
    tags=["Mastering"],
    summary="List jobs",
    response_description="A page of jobs.",
)
async def list_jobs(
    rack: RackIn,
    principal: MayRead,
    limit: Most = listing.USUAL_PAGE,
    starting_after: After = None,
    status: Only = None,
) -> Response:
    """List the account's mastering jobs, the newest first.

    A page begins after a job and not at a count: jobs that arrive meanwhile shift nothing.
    """

    def read() -> listing.Page:
        with rack.database.read() as connection:
            return listing.page(
                connection,
                account_id=principal.account_id,
                service=Service.BLACKLAB,
                status=Status(status) if status else None,
                starting_after=starting_after,
                limit=limit,
            )

    page = await run_in_threadpool(read)
    data = [
        views.job_body(job, rack, None if job.ended_at else await rack.estimates.remaining_s(job)) for job in page.jobs
    ]
    return Response(to_json({"data": data, "has_more": page.has_more}), media_type="application/json")


@router.get(
    "/mastering/jobs/{id}",
    response_model=Job,
    responses=errors.responses(404),
    tags=["Mastering"],
    summary="Look at a job",
    response_description="The job.",
)
async def get_job(id: str, rack: RackIn, principal: MayRead) -> Response:
    """Retrieve the current status and details of a mastering job."""
    job = await record.look_up(rack.lookups, id, account_id=principal.account_id, service=Service.BLACKLAB)
    remaining_s = None if job.ended_at else await rack.estimates.remaining_s(job)
    return Response(to_json(views.job_body(job, rack, remaining_s)), media_type="application/json")


@router.delete(
    "/mastering/jobs/{id}",
    status_code=204,
    responses=errors.responses(404, 409),
    tags=["Mastering"],
    summary="Cancel a job",
    response_description="It is cancelled, and its credit has come back.",
)
def cancel_job(id: str, rack: RackIn, principal: MayWrite) -> None:
    """Cancel a queued or processing job; its credit comes back."""
    with rack.database.write() as connection:
        job = record.get(connection, id, account_id=principal.account_id, service=Service.BLACKLAB)
        lifecycle.cancel(connection, job)
    inputs.purge(rack.database, rack.store)


@router.get(
    "/account",
    response_model=Account,
    tags=["Account"],
    summary="Read the account",
    response_description="The account.",
)
def get_account(request: Request, rack: RackIn, principal: MayReadAccount) -> Response:
    """Tell whose credentials these are, their plan and their credits."""
    with rack.database.read() as connection:
        account = people.get(connection, principal.account_id)
        standing = credits.standing(connection, principal.account_id)
    return JSONResponse(views.account(account, plan_of(request), standing).model_dump())


def _rate_headers(standing: Standing) -> Headers:
    """Document, "Rate Limits": "Rate limit headers are included in every response"."""
    yield b"x-ratelimit-limit", b"%d" % standing.limit
    yield b"x-ratelimit-remaining", b"%d" % standing.remaining
    yield b"x-ratelimit-reset", b"%d" % standing.reset_s


FRONT = Front(
    service=Service.BLACKLAB,
    answer=errors.answer_unless(formats.BLACKLAB_SANDBOX, "This is a test key: it opens the sandbox and nothing else."),
    credentials_hint="Pass your API key in the Authorization header: Bearer sk_live_….",
    headers=_rate_headers,
    public=frozenset({"/openapi.json"}) | oauth.PUBLIC,
)


def create(rack: Rack) -> Door:
    """Return BlackLab as an application of its own, behind its door."""
    return Door(application(rack, router, Service.BLACKLAB), rack, FRONT, [Shortcut.of(router, get_job)])


def application(rack: Rack, router: APIRouter, mount: str) -> FastAPI:
    """Return the documented paths of a router, with what stands around them wherever they are mounted."""
    app = FastAPI(
        title="BlackLab",
        version=__version__,
        responses=errors.responses(401, 403, 429, 500),
        generate_unique_id_function=lambda route: route.name,
        openapi_url=None,
    )
    app.state.rack = rack
    app.include_router(router)
    app.include_router(oauth.router)
    errors.install(app)
    description.install(app, rack, [{"url": f"{rack.settings.public_url}/{mount}"}])
    return app
