"""Where clients of OAuth find out what the authorization server can do (RFC 8414)."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from soundrack.accounts.oauth import metadata
from soundrack.rack import Rack


def install(app: FastAPI, rack: Rack) -> None:
    """Serve the metadata at the server's root, and where an issuer with a path of its own has it."""

    def show() -> JSONResponse:
        # public by nature, so that applications in browsers may read it too
        return JSONResponse(
            metadata.document(rack.settings.public_url),
            headers={"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"},
        )

    for path in metadata.paths(rack.settings.public_url):
        app.add_api_route(path, show, methods=["GET"], include_in_schema=False)
