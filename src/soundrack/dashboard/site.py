"""The pages as an application of their own, mounted at the root."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from soundrack.accounts.reception import Reception
from soundrack.dashboard import account, consent, docs, doors, errors, hub, second_step
from soundrack.dashboard.docs.routes import Descriptions
from soundrack.dashboard.headers import Headers
from soundrack.rack import Rack

ClientOf = Callable[[Scope], object]
"""From a request to the address that it came from, or None."""

_STATIC = Path(__file__).parent / "static"


def create(rack: Rack, client_of: ClientOf, descriptions: Descriptions) -> FastAPI:
    """Return the pages.

    Parameters
    ----------
    client_of : callable
        Says where a request comes from; with a reverse proxy in front only it knows.
    descriptions : mapping
        Gives each service's OpenAPI description, for its reference.
    """
    app = FastAPI(title="Soundrack", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.rack = rack
    app.state.client_of = client_of
    app.state.desk = Reception(
        rack.settings, rack.secret, rack.vault, rack.database, rack.passwords, rack.plans, rack.windows
    )
    for room in (doors, second_step, account, consent, hub):
        app.include_router(room.router)
    app.include_router(docs.create(descriptions))
    app.mount("/static", _Static(directory=_STATIC))
    errors.install(app)
    app.add_middleware(Headers, is_https=rack.settings.public_url.startswith("https://"))
    return app


class _Static(StaticFiles):
    """Files that come along; the version in their URL makes them new."""

    def file_response(self, *arguments: object, **options: object) -> Response:
        response = super().file_response(*arguments, **options)  # type: ignore[arg-type]  # passed on as they come
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response
