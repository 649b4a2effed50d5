"""Where BlackLab's applications fetch tokens and give them back. Errors here are those of RFC 6749."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from soundrack.accounts.audit import Origin
from soundrack.accounts.oauth import clients, requests
from soundrack.accounts.oauth.requests import Request as TokenRequest
from soundrack.accounts.oauth.server import Answer, Server
from soundrack.errors import TooLarge
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import bodies

PUBLIC = frozenset({"/v1/oauth/token", "/v1/oauth/revoke"})
"""Paths that need no API key or access token: clients prove who they are by their own secret."""

_Act = Callable[[Server, Callable[[], TokenRequest]], Answer]

_ERROR = {
    "description": "RFC 6749, 5.2",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["error", "error_description"],
                "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
            }
        }
    },
}
_TOKENS = {
    "description": "RFC 6749, 5.1",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["access_token", "token_type", "expires_in", "scope"],
                "properties": {
                    "access_token": {"type": "string"},
                    "token_type": {"type": "string", "enum": ["Bearer"]},
                    "expires_in": {"type": "integer", "description": "Seconds."},
                    "refresh_token": {"type": "string"},
                    "scope": {"type": "string", "description": "Space separated."},
                },
            }
        }
    },
}


_TEXT = {"type": "string", "pattern": "^[ -~]*$"}
"""Visible ASCII and the space (RFC 6749, appendix A)."""
_FIELDS = {
    "grant_type": "What is exchanged.",
    "client_id": "The application's id, unless it comes by HTTP Basic.",
    "client_secret": "Its secret, if it has one, unless it comes by HTTP Basic.",
    "code": "With `authorization_code`: the code from the redirect.",
    "redirect_uri": "With `authorization_code`: the redirect URI that the code was sent to.",
    "code_verifier": "With `authorization_code`: the verifier of the PKCE challenge.",
    "refresh_token": "With `refresh_token`: the newest one.",
    "scope": "With `client_credentials`: what the token shall do; with `refresh_token`: less than before, if wanted.",
    "token": "An access token or a refresh token.",
    "token_type_hint": "`access_token` or `refresh_token`; a wrong one does no harm.",
}


def _takes(required: list[str], *optional: str) -> dict[str, Any]:
    properties: dict[str, dict[str, Any]] = {name: dict(_TEXT) for name in optional}
    properties |= {name: _TEXT | {"minLength": 1} for name in required}
    for name, described in properties.items():
        described["description"] = _FIELDS[name]
    if "grant_type" in properties:
        properties["grant_type"] = {
            "type": "string",
            "enum": list(clients.GRANT_TYPES),
            "description": _FIELDS["grant_type"],
        }
    schema = {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": _TEXT,  # each of them once (RFC 6749, 3.2)
    }
    return {"requestBody": {"required": True, "content": {requests.FORM: {"schema": schema}}}, "security": []}


router = APIRouter(prefix="/v1/oauth")


@router.post(
    "/token",
    operation_id="create_token",
    summary="Get tokens",
    tags=["OAuth"],
    responses={200: _TOKENS, 400: _ERROR, 401: _ERROR},
    openapi_extra=_takes(
        ["grant_type"],
        *("client_id", "client_secret", "code", "redirect_uri", "code_verifier", "refresh_token", "scope"),
    ),
)
async def token(request: Request) -> JSONResponse:
    """Exchange a code, a refresh token or the client's own credentials for an access token."""
    return await _served(request, Server.token)


@router.post(
    "/revoke",
    operation_id="revoke_token",
    summary="Give a token back",
    tags=["OAuth"],
    responses={200: {"description": "RFC 7009, 2.2"}, 400: _ERROR, 401: _ERROR},
    openapi_extra=_takes(["token"], "token_type_hint", "client_id", "client_secret"),
)
async def revoke(request: Request) -> JSONResponse:
    """Give a token back. With a refresh token everything ends that follows from the same consent."""
    return await _served(request, Server.revoke)


async def _served(request: Request, act: _Act) -> JSONResponse:
    try:
        body = await (await bodies.bounded(request, requests.MOST_BYTES)).body()
    except TooLarge:
        body = None
    rack: Rack = request.app.state.rack
    read = partial(
        requests.token_request,
        rack.settings.public_url + request.url.path,
        request.headers.get("content-type", ""),
        request.scope["query_string"],
        body,
        request.headers.getlist("authorization"),
    )
    origin = Origin("oauth client", getattr(request.state, "address", ""), getattr(request.state, "request_id", ""))
    answer = await run_in_threadpool(_act, rack, origin, act, read)
    headers = answer.headers | ({"Connection": "close"} if body is None else {})
    return JSONResponse(answer.body, answer.status, headers)


def _act(rack: Rack, origin: Origin, act: _Act, read: Callable[[], TokenRequest]) -> Answer:
    with rack.database.write() as connection:
        return act(Server(connection, rack.secret, rack.settings.public_url, origin, Service.BLACKLAB), read)
