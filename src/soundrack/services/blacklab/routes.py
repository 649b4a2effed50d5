"""BlackLab's documented paths."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from soundrack import __version__
from soundrack.accounts import keys
from soundrack.accounts.keys import Principal
from soundrack.errors import Invalid, NotAuthenticated, TooLarge
from soundrack.jobs import estimate, record, submission, uploads
from soundrack.jobs.task import Kind
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.blacklab import errors, views
from soundrack.services.blacklab.schemas import CONTAINERS, MAX_UPLOAD_BYTES, CreateJob, CreateUpload, Job, Upload
from soundrack.services.bodies import bounded

JOB_CREDITS = 1


class _Authenticated(APIRoute):
    """A route that knows its caller before it reads the body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def authenticate_then_handle(request: Request) -> Response:
            request.state.principal = await run_in_threadpool(_authenticate, request)
            return await handle(await bounded(request))

        return authenticate_then_handle


def _authenticate(request: Request) -> Principal:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated("Pass your API key in the Authorization header: Bearer sk_live_….")
    rack: Rack = request.app.state.rack
    with rack.database.read() as connection:
        return keys.authenticate(connection, rack.secret, Service.BLACKLAB, token.strip())


def _rack(request: Request) -> Rack:
    rack: Rack = request.app.state.rack
    return rack


def _principal(request: Request) -> Principal:
    principal: Principal = request.state.principal
    return principal


RackIn = Annotated[Rack, Depends(_rack)]
PrincipalIn = Annotated[Principal, Depends(_principal)]

router = APIRouter(
    prefix="/v1",
    route_class=_Authenticated,
    dependencies=[Depends(HTTPBearer(auto_error=False, scheme_name="API key"))],
)


@router.post("/assets/upload-url")
def create_upload_url(body: CreateUpload, rack: RackIn, principal: PrincipalIn) -> Upload:
    """Generate a pre-signed URL to PUT a file to, and the URL by which a job then names it."""
    if body.size_bytes > MAX_UPLOAD_BYTES:
        raise TooLarge(f"The file exceeds the limit of 200 MB ({MAX_UPLOAD_BYTES} bytes).", field="size_bytes")
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
    return views.upload(announced)


@router.post("/mastering/jobs", status_code=201, response_model_exclude_unset=True)
def create_job(request: Request, body: CreateJob, rack: RackIn, principal: PrincipalIn) -> Job:
    """Submit an audio file for mastering."""
    for field in ("webhook_url", "reference_url"):
        if getattr(body, field) is not None:
            raise Invalid(f"This version does not take {field} yet.", field=field)
    upload = uploads.accept(
        rack.database,
        rack.store,
        rack.links,
        account_id=principal.account_id,
        url=body.input_url,
        containers=CONTAINERS,
        field="input_url",
    )
    with rack.database.write() as connection:
        uploads.require(connection, upload.asset_id, field="input_url")
        job = submission.submit(
            connection,
            rack.queue,
            submission.Order(
                service=Service.BLACKLAB,
                account_id=principal.account_id,
                kind=Kind.MASTER,
                parameters={"preset": body.preset, "format": body.format, "rate_hz": body.sample_rate},
                input_asset_id=upload.asset_id,
                work_s=estimate.audio_seconds(upload.content_type, upload.size_bytes),
                credits=JOB_CREDITS,
                request_id=request.state.request_id,
            ),
            id_prefix="job_",
        )
        remaining_s = estimate.remaining_s(connection, job, rack.settings.job_lease_s)
    return views.job(job, rack, remaining_s)


@router.get("/mastering/jobs/{id}", response_model_exclude_unset=True)
def get_job(id: str, rack: RackIn, principal: PrincipalIn) -> Job:
    """Retrieve the current status and details of a mastering job."""
    with rack.database.read() as connection:
        job = record.get(connection, id, account_id=principal.account_id, service=Service.BLACKLAB)
        remaining_s = None if job.ended_at else estimate.remaining_s(connection, job, rack.settings.job_lease_s)
    return views.job(job, rack, remaining_s)


def create(rack: Rack) -> FastAPI:
    """Return BlackLab as an application of its own."""
    app = FastAPI(
        title="BlackLab",
        version=__version__,
        description="AI mastering: submit an audio file, poll or be called, download the master.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.rack = rack
    app.include_router(router)
    errors.install(app)
    return app
