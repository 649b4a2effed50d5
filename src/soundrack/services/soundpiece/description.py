"""Soundpiece's OpenAPI description, in its document's words and with its document's examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Header
from pydantic import BaseModel, Field, create_model

from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import description
from soundrack.services.description import RETRY_AFTER, WWW_AUTHENTICATE, X_REQUEST_ID, Document, Examples, Words
from soundrack.services.soundpiece import examples
from soundrack.services.soundpiece.actions import ACTIONS, Action
from soundrack.services.soundpiece.errors import FAILED

SUMMARY = "Songs, instrumentals, samples and effects from words; remixes, stems and cut-downs of recordings."
TEXT = """\
A stand-in for Soundpiece that runs on a machine of your own: a client written for Soundpiece's document works with
another base URL and another key. Each action is a path: PUT submits an operation, GET on the same path polls it, and
with `wait=true` waits for its end. What is made is FLAC at 44.1 kHz, by a link that is new at every poll.

Requests take an API key as `Authorization: Bearer …`, and each submission a UUID of the client's by which it can be
sent again safely. Every response has an `X-Request-Id`. A refusal has a `detail`: a sentence or, of values that cannot
be accepted, a list of faults. An operation that was accepted and failed says why in its `error`, and its credits come
back.
"""
_TAGS = [
    {"name": "Create", "description": "Make something new."},
    {"name": "Adapt", "description": "Make something of a recording as it is."},
]
_KEY = "apiKey"
_HEADERS: dict[str, Document] = {
    "Retry-After": RETRY_AFTER,
    "X-Request-Id": X_REQUEST_ID,
    "WWW-Authenticate": WWW_AUTHENTICATE,
}


def install(app: FastAPI, rack: Rack) -> None:
    """Have the application described, and serve the description."""
    app.summary, app.description = SUMMARY, TEXT
    app.license_info = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    url = rack.settings.public_url
    app.openapi_external_docs = {"description": "Guide and reference", "url": f"{url}/docs/{Service.SOUNDPIECE}"}
    app.webhooks = _webhooks

    def make() -> Document:
        document = description.describe(app, _words(f"{url}/{Service.SOUNDPIECE}"))
        for name, item in document["webhooks"].items():
            (media,) = item["post"]["requestBody"]["content"].values()
            media["examples"] = {name: {"value": examples.EVENTS[name]}}
        for operation in description.operations(document):
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == "id":
                    parameter["example"] = examples.OPERATION_ID
        return document

    description.install(app, make)


def _words(url: str) -> Words:
    return Words(
        servers=[{"url": url}],
        tags=_TAGS,
        security={
            _KEY: {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "spk_…",
                "description": "An API key, which may do everything. It belongs on servers, never into a page.",
            }
        },
        scoped=frozenset(),
        headers=_HEADERS,
        headers_of=_headers_of,
        parameters={},
        requests=examples.REQUESTS,
        answers=examples.ANSWERS,
        refusals=_refusals,
        links={
            (f"submit_{action.name}", 200): {
                f"poll_{action.name}": {
                    "operationId": f"poll_{action.name}",
                    "parameters": {"id": f"$response.body#/{action.wrapper}/id"},
                    "description": "Ask how it is.",
                }
            }
            for action in ACTIONS
        },
        extensions={
            "x-error-codes": [{"code": code, "statuses": [], "description": said} for code, said in FAILED.items()]
        },
    )


def _refusals(operation: Document, status: int) -> Examples:
    return examples.refusals(operation["operationId"], status) if status >= 400 else {}


def _headers_of(_operation: Document, status: int) -> Iterable[str]:
    """Document, "Rate limits": there is `Retry-After` and nothing else."""
    yield "X-Request-Id"
    if status == 429:
        yield "Retry-After"
    if status == 401:
        yield "WWW-Authenticate"


MessageId = Annotated[
    str,
    Header(
        alias="webhook-id",
        description="The same over all retries: leave out what you have handled.",
        examples=["msg_5h1n9c3w7e2rk4f8t0ya"],
    ),
]
Timestamp = Annotated[
    str,
    Header(
        alias="webhook-timestamp",
        description="Unix seconds of the attempt. Refuse what is older than five minutes.",
        examples=["1779281421"],
        pattern="^[0-9]+$",
    ),
]
Signatures = Annotated[
    str,
    Header(
        alias="webhook-signature",
        description="Standard Webhooks: `v1,` and the HMAC-SHA-256, in base 64, of `{id}.{timestamp}.{raw body}` under "
        "the secret, which is what follows `whsec_`, read as base 64. One for each active key of the account, with "
        "spaces between them; that one of them is right is enough.",
        examples=["v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="],
    ),
]
_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {"description": "Any 2xx within 10 seconds: it is delivered. Anything else is tried again, five times."},
    410: {"description": "No more of these."},
}


def _told(event: type[BaseModel]) -> Callable[..., None]:
    def told(body: BaseModel, message_id: MessageId, timestamp: Timestamp, signatures: Signatures) -> None:
        """Never called: its parameters are what is described."""

    told.__annotations__ = {
        "body": event,
        "message_id": MessageId,
        "timestamp": Timestamp,
        "signatures": Signatures,
        "return": None,
    }
    return told


def _event(action: Action, status: str) -> type[BaseModel]:
    fields: dict[str, Any] = {
        "type": (Literal[f"{action.route}.{status}"], Field(description="What happened.")),
        "data": (action.answers, Field(description="The operation, without its wrapper.")),
    }
    name = f"{action.answers.__name__}{status.capitalize()}"
    return create_model(name, __doc__=f"What is posted when {action.title} is {status}.", **fields)


def _described_webhooks() -> APIRouter:
    router = APIRouter()
    ends = {"ready": ("is ready", "with new links to what was made"), "failed": ("has failed", "and `error` says why")}
    for action in ACTIONS:
        for status, (said, how) in ends.items():
            router.add_api_route(
                f"{action.route}.{status}",
                _told(_event(action, status)),
                methods=["POST"],
                name=f"{action.name}_{status}",
                responses=_ANSWERED,
                tags=[action.route.partition(".")[0].capitalize()],
                summary=f"{action.title.capitalize()} {said}",
                description=f"The operation as a poll answers it, {how}.",
            )
    return router


_webhooks = _described_webhooks()
