"""The HTTP server: every service mounted under its name, and the doors that they share."""

from __future__ import annotations

import re
import secrets

import structlog
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soundrack import __version__
from soundrack.jobs import fleet
from soundrack.rack import STORAGE_MOUNT, Rack
from soundrack.services import blacklab
from soundrack.storage import routes as storage_routes

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


def create(rack: Rack) -> FastAPI:
    """Return the whole server on an open rack."""
    app = FastAPI(title="Soundrack", version=__version__, openapi_url=None, docs_url=None, redoc_url=None)

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

    app.mount("/blacklab", blacklab.create(rack))
    app.mount(STORAGE_MOUNT, storage_routes.door(rack.store, rack.links))
    app.add_middleware(RequestId)
    return app


class RequestId:
    """Gives every request an id, its own if it brought a sane one, and every response the header ``X-Request-Id``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        brought = dict(scope["headers"]).get(b"x-request-id", b"")
        request_id = brought if _REQUEST_ID.fullmatch(brought) else f"req_{secrets.token_hex(8)}".encode()
        scope.setdefault("state", {})["request_id"] = request_id.decode()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id)]
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request_id.decode()):
            await self._app(scope, receive, send_with_id)
