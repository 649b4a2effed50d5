"""The sandbox's paths: those of production, some played."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool

from soundrack.accounts import formats
from soundrack.accounts.credentials import Principal
from soundrack.jobs import listing, synthetic
from soundrack.jobs.record import Status
from soundrack.jobs.submission import Order
from soundrack.jobs.task import Kind
from soundrack.jobs.tones import Tones
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.blacklab import errors, routes, views
from soundrack.services.blacklab.routes import FRONT, After, MayRead, MayWrite, Most, Only, inputs_of
from soundrack.services.blacklab.sandbox import magic
from soundrack.services.blacklab.schemas import CreateJob
from soundrack.services.door import Door, Shortcut
from soundrack.services.given import RackIn, plan_of
from soundrack.services.idempotent import IdempotentRoute, OnceIn

MOUNT = "blacklab-sandbox"


async def _tones(request: Request) -> Tones:
    tones: Tones = request.app.state.tones
    return tones


TonesIn = Annotated[Tones, Depends(_tones)]


def create_job(
    request: Request, body: CreateJob, rack: RackIn, principal: MayWrite, once: OnceIn, tones: TonesIn
) -> Response:
    """Submit a job that nobody works on."""
    inputs = inputs_of(request, body, rack, principal)
    asked = magic.of(body.input_url)
    if asked.refusal is not None:
        raise asked.refusal()
    order = Order(
        service=Service.BLACKLAB,
        account_id=principal.account_id,
        kind=Kind.MASTER,
        parameters={"preset": body.preset, "format": body.format, "rate_hz": body.sample_rate},
        inputs=inputs,
        work_s=0.0,
        credits=0,
        request_id=request.state.request_id,
        key_id=principal.key_id,
        webhook_url=body.webhook_url,
        jobs_at_once=plan_of(request).jobs_at_once,
    )
    output = synthetic.prepare(tones, order)
    with rack.database.write() as connection:
        job = synthetic.submit(connection, order, asked.script, output, id_prefix="job_")
        return once.answer(connection, JSONResponse(views.job_body(job, rack, job.remaining_s), 201))


async def list_jobs(
    rack: RackIn,
    principal: MayRead,
    limit: Most = listing.USUAL_PAGE,
    starting_after: After = None,
    status: Only = None,
) -> Response:
    """List the account's jobs of the last day here, the newest first."""

    def read() -> synthetic.Page:
        with rack.database.read() as connection:
            return synthetic.page(
                connection,
                account_id=principal.account_id,
                service=Service.BLACKLAB,
                status=Status(status) if status else None,
                starting_after=starting_after,
                limit=limit,
            )

    page = await run_in_threadpool(read)
    data = [views.job_body(job, rack, job.remaining_s) for job in page.jobs]
    return Response(to_json({"data": data, "has_more": page.has_more}), media_type="application/json")


async def get_job(id: str, rack: RackIn, principal: MayRead) -> Response:
    """Tell how a job is by now."""
    job = await synthetic.look_up(rack.lookups, id, account_id=principal.account_id, service=Service.BLACKLAB)
    return Response(to_json(views.job_body(job, rack, job.remaining_s)), media_type="application/json")


def cancel_job(id: str, rack: RackIn, principal: MayWrite) -> None:
    """Cancel a job that has not ended."""
    with rack.database.write() as connection:
        synthetic.cancel(connection, id, account_id=principal.account_id, service=Service.BLACKLAB)


PLAYED: dict[Callable[..., Any], Callable[..., Any]] = {
    routes.create_job: create_job,
    routes.list_jobs: list_jobs,
    routes.get_job: get_job,
    routes.cancel_job: cancel_job,
}
"""From production's functions to those that play them."""

SAME = frozenset({routes.create_upload_url, routes.get_account})
"""Functions that serve here too. Whoever adds a route to production says in one of the two what becomes of it here."""


class SandboxRoute(IdempotentRoute):
    """A route whose idempotency keys are the sandbox's own: a test's key must never answer for a real request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_apart(request: Request) -> Response:
            documented = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
            apart = {**request.scope, "path": f"/sandbox{documented}", "root_path": ""}
            return await handle(Request(apart, request.receive))

        return handle_apart


def mirror() -> APIRouter:
    """Return production's router with its functions exchanged for those that play them.

    Raises
    ------
    KeyError
        If nobody has said what becomes of one of its routes.
    """
    router = APIRouter(route_class=SandboxRoute)
    for route in routes.router.routes:
        assert isinstance(route, APIRoute)  # noqa: S101  there are no others
        router.add_api_route(
            route.path,
            route.endpoint if route.endpoint in SAME else PLAYED[route.endpoint],
            methods=sorted(route.methods or ()),
            name=route.name,
            response_model=route.response_model,
            status_code=route.status_code,
            responses=route.responses,
            response_description=route.response_description,
            openapi_extra=route.openapi_extra,
            tags=list(route.tags),
            summary=route.summary,
            description=route.description,
        )
    return router


def _counted(principal: Principal) -> str:
    """An application's tests do not use up its rate in production."""
    return f"sandbox {principal.subject}"


SANDBOX_FRONT = replace(
    FRONT,
    answer=errors.answer_unless(formats.BLACKLAB, "This is a live key: the sandbox takes test keys (sk_test_…)."),
    sandbox=True,
    credentials_hint="Pass a test key in the Authorization header: Bearer sk_test_….",
    counted=_counted,
)


def create(rack: Rack) -> Door:
    """Return the sandbox as an application of its own, behind its door."""
    router = mirror()
    app = routes.application(rack, router, MOUNT)
    app.state.tones = Tones(rack.store)
    return Door(app, rack, SANDBOX_FRONT, [Shortcut.of(router, get_job)])
