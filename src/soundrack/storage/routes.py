"""The local store's door: what S3 would answer for itself, behind links that were signed here."""

from __future__ import annotations

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from soundrack.errors import Conflict, Invalid, NotAllowed, NotFound, SoundrackError, TooLarge, UnsupportedFormat
from soundrack.storage import sending
from soundrack.storage.links import Links
from soundrack.storage.objects import ObjectStore

_STATUSES: dict[type[SoundrackError], int] = {
    Invalid: 400,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    UnsupportedFormat: 415,
}
_log = structlog.get_logger()


def door(store: ObjectStore, links: Links) -> FastAPI:
    """Return the application that serves the objects of a local store."""
    router = APIRouter()

    @router.put("/{key:path}")
    async def put(request: Request, key: str) -> Response:
        allowed = links.check_upload(key, request.query_params)
        if _type_of(request) != allowed.content_type:
            raise UnsupportedFormat(f"The link is for {allowed.content_type}: send it as the Content-Type.")
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > allowed.size_bytes:
            raise TooLarge(f"The upload is larger than the {allowed.size_bytes} bytes that were announced.")
        if await run_in_threadpool(store.info, key) is not None:
            raise Conflict("Something has been uploaded with this link already.")
        await store.put_stream(key, request.stream(), size_bytes=allowed.size_bytes)
        return Response(status_code=200)

    @router.api_route("/{key:path}", methods=["GET", "HEAD"])
    async def get(request: Request, key: str) -> Response:
        allowed = links.check_download(key, request.query_params)
        info = await run_in_threadpool(store.info, key)
        if info is None:
            raise NotFound("The object does not exist any more.")
        return sending.send(store, key, info, request, filename=allowed.filename)

    app = FastAPI(title="Soundrack storage", openapi_url=None)
    app.include_router(router)
    app.add_exception_handler(SoundrackError, _refuse)
    app.add_exception_handler(ClientDisconnect, _gone)
    return app


def _type_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _refuse(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SoundrackError)  # noqa: S101  registered for no other
    return JSONResponse(
        {"error": {"code": error.kind, "message": str(error)}}, _STATUSES[type(error)], {"Connection": "close"}
    )


async def _gone(_request: Request, _error: Exception) -> Response:
    _log.info("upload broken off by the client")
    return Response(status_code=400)
