"""Every route of every service declares who may use it, and shortcuts lead where the routes do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import pytest
from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from soundrack import app
from soundrack.accounts.credentials import Principal
from soundrack.rack import Rack
from soundrack.services import blacklab
from soundrack.services.door import Door, Needs, Shortcut, needs

pytestmark = pytest.mark.one_database
Caller = Annotated[Principal, needs("mastering:read")]


def doors(rack: Rack) -> list[Door]:
    return [route.app for route in app.create(rack).routes if isinstance(route, Mount) and isinstance(route.app, Door)]


def scopes_of(dependant: Dependant) -> Iterator[str]:
    if isinstance(dependant.call, Needs):
        yield dependant.call.scope
    for other in dependant.dependencies:
        yield from scopes_of(other)


def test_every_route_of_every_service_declares_one_scope_or_is_public(rack: Rack):
    """`public` is a list of whole paths, so what is added is not public by chance."""
    seen = 0
    for door in doors(rack):
        for route in iter_route_contexts(door.app.routes):
            declared = list(scopes_of(route.dependant)) if hasattr(route.original_route, "dependant") else []
            if route.path in door.front.public:
                assert declared == [], f"{route.path} is public and asks for {declared}"
            else:
                assert len(declared) == 1, f"{route.path} of {door.front.service} declares {declared or 'no scope'}"
            seen += 1

    assert seen > 4


def test_every_public_path_is_a_route(rack: Rack):
    for door in doors(rack):
        assert door.front.public <= {route.path for route in iter_route_contexts(door.app.routes)}


def test_the_schema_says_which_scope_a_route_asks_for(rack: Rack):
    for door in doors(rack):
        for path, methods in door.app.openapi()["paths"].items():
            for operation in methods.values():
                assert bool(operation.get("security")) is (path not in door.front.public), path


def test_blacklab_s_scopes_are_the_decided_ones(rack: Rack):
    door = blacklab.create(rack)
    found = {
        (method, route.path): set(scopes_of(route.dependant))
        for route in iter_route_contexts(door.app.routes)
        if hasattr(route.original_route, "dependant")
        for method in route.methods or ()
    }

    assert found["POST", "/v1/mastering/jobs"] == {"mastering:write"}
    assert found["DELETE", "/v1/mastering/jobs/{id}"] == {"mastering:write"}
    assert found["GET", "/v1/mastering/jobs/{id}"] == {"mastering:read"}
    assert found["POST", "/v1/assets/upload-url"] == {"assets:write"}


async def with_number(id: int, principal: Caller) -> Response:
    return Response()


async def with_query(id: str, principal: Caller, page: str = "") -> Response:
    return Response()


async def with_request(id: str, principal: Caller, request: Request) -> Response:
    return Response()


async def for_anybody(id: str) -> Response:
    return Response()


@pytest.mark.parametrize("endpoint", [with_number, with_query, with_request, for_anybody])
def test_no_shortcut_leads_past_what_the_framework_would_have_done(endpoint):
    router = APIRouter()
    router.get("/things/{id}", response_model=None)(endpoint)

    with pytest.raises(ValueError, match="no shortcut"):
        Shortcut.of(router, endpoint)
