"""The HTTP server: every service mounted under its name, and the doors that they share."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soundrack import __version__, dashboard, logs, watch
from soundrack.accounts import last_use
from soundrack.errors import Malformed
from soundrack.jobs import fleet
from soundrack.rack import STORAGE_MOUNT, Rack
from soundrack.service import Service
from soundrack.services import blacklab, leaks, masterify, oauth_metadata, signalkey, soundpiece
from soundrack.services.address import Proxies
from soundrack.services.blacklab import sandbox
from soundrack.services.hosts import Hosts
from soundrack.services.transport import ALWAYS, HttpsOnly, Transport
from soundrack.storage import routes as storage_routes

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_log = structlog.get_logger()


def create(rack: Rack) -> FastAPI:
    """Return the whole server on an open rack.

    Raises
    ------
    NotConfigured
        If a setting about hosts, proxies or HTTPS cannot be followed.
    """
    proxies = Proxies.of(rack.settings)
    transport = Transport(rack.settings, proxies)
    app = House(
        title="Soundrack",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lambda _app: _life(rack),
    )

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """Say that the process is alive."""
        return {"status": "ok", "version": __version__}

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        """Say whether jobs are accepted and run: the database answers and a worker is alive."""
        with rack.database.read() as connection:
            count = fleet.alive(connection, rack.settings.job_lease_s).workers
        body = {"status": "ready" if count else "no worker yet", "workers": count}
        return JSONResponse(body, 200 if count else 503)

    mastering, releasing, analysing = blacklab.create(rack), masterify.create(rack), signalkey.create(rack)
    composing = soundpiece.create(rack)
    app.mount("/blacklab", transport.guard(mastering))
    app.mount(f"/{sandbox.MOUNT}", transport.guard(sandbox.create(rack)))
    app.mount("/masterify", transport.guard(releasing))
    app.mount("/signalkey", transport.guard(analysing))
    app.mount("/soundpiece", transport.guard(composing))
    app.mount(leaks.MOUNT, transport.guard(leaks.door(rack)))
    app.mount(STORAGE_MOUNT, transport.guard(storage_routes.door(rack.store, rack.links)))
    if transport.requires_https:
        app.add_middleware(HttpsOnly, transport=transport, always=ALWAYS)
    mounts = {route.path: route.app for route in app.routes if isinstance(route, Mount)}
    app.add_middleware(Switchboard, mounts=mounts, hosts=Hosts.of(rack.settings, mounts, proxies))
    watch.install(app, rack)
    oauth_metadata.install(app, rack)
    # the last of all mounts, since it takes every path that is left
    described = {
        Service.BLACKLAB: mastering.app.openapi,
        Service.MASTERIFY: releasing.app.openapi,
        Service.SIGNALKEY: analysing.app.openapi,
        Service.SOUNDPIECE: composing.app.openapi,
    }
    app.mount("", dashboard.create(rack, proxies.client, described))
    app.add_middleware(RequestId)
    return app


@asynccontextmanager
async def _life(rack: Rack) -> AsyncGenerator[None]:
    """What runs beside the requests, and what is to be given back on their event loop."""
    writing = asyncio.create_task(_write_last_use(rack))
    try:
        yield
    finally:
        writing.cancel()
        await asyncio.wait([writing])
        await _write_what_was_noted(rack)
        await rack.following.close()
        await rack.lookups.close()
        await rack.windows.close()


async def _write_last_use(rack: Rack) -> None:
    while True:
        await asyncio.sleep(last_use.EVERY_S)
        await _write_what_was_noted(rack)


async def _write_what_was_noted(rack: Rack) -> None:
    try:
        await asyncio.to_thread(rack.last_use.write, rack.database)
    except Exception as error:  # noqa: BLE001  nothing depends on it, and it will be tried again
        _log.error("last use of keys not written", exc_info=error)


class House(FastAPI):
    """The application of all; its middleware stands in front of what the framework puts around every request.

    So a request to a service passes the framework once, in the service's own application, and not twice.
    """

    def build_middleware_stack(self) -> ASGIApp:
        ours, self.user_middleware = self.user_middleware, []
        app = super().build_middleware_stack()
        self.user_middleware = ours
        for make, arguments, options in reversed(ours):
            app = make(app, *arguments, **options)
        return app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
        else:
            await Starlette.__call__(self, scope, receive, send)


class Switchboard:
    """Puts requests through to what is mounted, by their host or the first part of their path, past the framework.

    By path it does what `Mount` does, whose routes stay: for whatever this does not know. By host nothing precedes the
    documented path. Either way `mount` in the scope says under which path the application is mounted.
    """

    def __init__(self, app: ASGIApp, mounts: Mapping[str, ASGIApp], hosts: Hosts) -> None:
        self._app = app
        self._mounts = dict(mounts)
        self._hosts = hosts or None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http":
            try:
                by_host = self._hosts.mount(scope) if self._hosts is not None else None
            except Malformed as error:
                body = {"error": {"code": error.kind, "message": str(error)}}
                await JSONResponse(body, 400, {"Connection": "close"})(scope, receive, send)
                return
            if by_host is not None:
                app = self._mounts[by_host]
                scope.update(mount=by_host, app_root_path="", path_params={})
            else:
                head, slash, _ = scope["path"][1:].partition("/")
                mounted = self._mounts.get(f"/{head}") if slash and not scope.get("root_path") else None
                if mounted is not None:
                    app = mounted
                    scope.update(mount=f"/{head}", root_path=f"/{head}", app_root_path="", path_params={})
        await app(scope, receive, send)


class RequestId:
    """Gives every request an id, its own if it brought a sane one, and every response the header ``X-Request-Id``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        brought = dict(scope["headers"]).get(b"x-request-id", b"")
        request_id = brought if _REQUEST_ID.fullmatch(brought) else b"req_%016x" % random.getrandbits(64)
        scope.setdefault("state", {})["request_id"] = request_id.decode()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id)]
            await send(message)

        with logs.about(request=request_id.decode()):
            await self._app(scope, receive, send_with_id)
