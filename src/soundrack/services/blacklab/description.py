"""BlackLab's OpenAPI description, in its document's words and with its document's examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Header

from soundrack.accounts.oauth import metadata, scopes
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import description
from soundrack.services.blacklab import examples
from soundrack.services.blacklab.errors import CATALOGUE, JOB_CODES, MEANINGS
from soundrack.services.blacklab.schemas import CreditsEvent, JobEvent
from soundrack.services.description import WWW_AUTHENTICATE, X_REQUEST_ID, Document, Examples, Words
from soundrack.services.idempotent import HEADER, REPLAYED

SUMMARY = "Mastering: submit an audio file, poll or be called, download the master."
TEXT = """\
A stand-in for BlackLab that runs on a machine of your own: a client written for BlackLab's document works with another
base URL and another key. Send a song, or name one by its URL; wait for the job by polling or by a webhook; download the
master by its link.

Requests take an API key or an OAuth access token as `Authorization: Bearer …`. Every response says how the key stands
with its rate (`X-RateLimit-*`) and has an `X-Request-Id`. A POST with an `Idempotency-Key` can be sent again safely for
24 hours. Every error has the same body; its `code` is for programs, and `doc_url` leads to what it means.
"""
_TAGS = [
    {"name": "Mastering", "description": "Jobs: submit one, look at it, list them, cancel one."},
    {"name": "Assets", "description": "Uploads, for songs that no URL leads to."},
    {"name": "Account", "description": "Whose credentials these are, and what they can spend."},
    {"name": "OAuth", "description": "Tokens for applications that act for other people (RFC 6749, RFC 7009)."},
]
_KEY, _OAUTH = "apiKey", "oauth2"
_RATE = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
_ALWAYS = (*_RATE, "X-Request-Id")
_NOT_KEPT = 429


def _whole(text: str, example: int, least: int = 0) -> Document:
    return {"description": text, "required": True, "schema": {"type": "integer", "minimum": least}, "example": example}


_HEADERS: dict[str, Document] = {
    "X-RateLimit-Limit": _whole("Requests that the plan allows in any minute.", 300),
    "X-RateLimit-Remaining": _whole("How many of them are left now.", 287),
    "X-RateLimit-Reset": _whole("When all of them are free again: seconds since 1970, in UTC.", 1700000060),
    "Retry-After": _whole("Seconds after which the request is let through.", 12, 1),
    "X-Request-Id": X_REQUEST_ID,
    REPLAYED[0]: {
        "description": "There, and true, where the answer is that of an earlier request with the same key.",
        "required": False,
        "schema": {"type": "string", "enum": [REPLAYED[1]]},
        "example": REPLAYED[1],
    },
    "WWW-Authenticate": WWW_AUTHENTICATE,
}


def install(app: FastAPI, rack: Rack, servers: Sequence[Document]) -> None:
    """Have an application described, and serve the description."""
    app.summary, app.description = SUMMARY, TEXT
    app.license_info = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    url = rack.settings.public_url
    docs_url = f"{url}/docs/{Service.BLACKLAB}"
    app.openapi_external_docs = {"description": "Guide and reference", "url": docs_url}
    app.webhooks = _webhooks

    def make() -> Document:
        document = description.describe(app, _words(url, docs_url, servers))
        for name, item in document["webhooks"].items():
            (media,) = item["post"]["requestBody"]["content"].values()
            media["examples"] = {name: {"value": examples.EVENTS[name]}}
        return document

    description.install(app, make)


def _words(url: str, docs_url: str, servers: Sequence[Document]) -> Words:
    def refusals(operation: Document, status: int) -> Examples:
        return examples.refusal(operation["operationId"], status, _scope(operation), docs_url) if status >= 400 else {}

    return Words(
        servers=servers,
        tags=_TAGS,
        security=_security(url),
        scoped=frozenset({_OAUTH}),
        headers=_HEADERS,
        headers_of=_headers_of,
        parameters={"id": {"description": "The job's id, as its submission gave it.", "example": "job_abc123def456"}},
        requests=examples.REQUESTS,
        answers=examples.ANSWERS,
        refusals=refusals,
        links={
            ("create_job", 201): {
                name: {"operationId": name, "parameters": {"id": "$response.body#/id"}, "description": text}
                for name, text in (("get_job", "Ask how the job is."), ("cancel_job", "Cancel the job."))
            }
        },
        extensions={"x-error-codes": _catalogue()},
    )


def _security(url: str) -> dict[str, Document]:
    about = metadata.document(url, Service.BLACKLAB)
    asked = {"scopes": dict(scopes.WORDS[Service.BLACKLAB])}
    token_url = about["token_endpoint"]
    return {
        _KEY: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "sk_live_…",
            "description": "An API key, which may do everything. It belongs on servers, never into a page or an app.",
        },
        _OAUTH: {
            "type": "oauth2",
            "description": "An access token, which may do what its scopes say. PKCE is S256.",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": about["authorization_endpoint"],
                    "tokenUrl": token_url,
                    "refreshUrl": token_url,
                    **asked,
                },
                "clientCredentials": {"tokenUrl": token_url, **asked},
            },
        },
    }


def _scope(operation: Document) -> str:
    return next((scope for one in operation["security"] for scope in one.get(_OAUTH, ())), "")


def _headers_of(operation: Document, status: int) -> Iterable[str]:
    """Document, "Rate Limits": "Rate limit headers are included in every response"."""
    yield from _ALWAYS
    once = any(one.get("name") == HEADER for one in operation.get("parameters", ()))
    if once and status < 500 and status not in {401, _NOT_KEPT}:
        yield REPLAYED[0]
    if status == 429:
        yield "Retry-After"
    if status == 401:
        yield "WWW-Authenticate"


def _catalogue() -> list[Document]:
    """Every code that a caller can meet, with the statuses that it comes with: none for those of failed jobs alone."""
    return [
        {
            "code": code,
            "statuses": sorted({row.status for row in CATALOGUE.values() if row.code == code}),
            "of_jobs": code in JOB_CODES.values() or code == "internal_error",
            "description": meaning,
        }
        for code, meaning in MEANINGS.items()
    ]


_webhooks = APIRouter()
Signature = Annotated[
    str,
    Header(
        alias="X-BlackLab-Signature",
        description="`sha256=` and the hexadecimal HMAC-SHA-256 of the raw body, keyed with the account's signing "
        "secret. Verify it before the body is parsed.",
        examples=["sha256=" + 64 * "0"],
        pattern="^sha256=[0-9a-f]{64}$",
    ),
]
EventName = Annotated[str, Header(alias="X-BlackLab-Event", description="The event's name, as in the body.")]
Delivery = Annotated[
    str,
    Header(alias="X-BlackLab-Delivery", description="The same over all retries: leave out what you have handled."),
]
_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {"description": "Any 2xx within 10 seconds: it is delivered. Anything else is tried again, five times."},
    410: {"description": "No more of these: the webhook is switched off."},
}


@_webhooks.post("job.done", summary="A job is done", responses=_ANSWERED, tags=["Mastering"])
def job_done(body: JobEvent, signature: Signature, event: EventName, delivery: Delivery) -> None:
    """A mastering job completed; its `output_url` is good for 24 hours."""


@_webhooks.post("job.failed", summary="A job has failed", responses=_ANSWERED, tags=["Mastering"])
def job_failed(body: JobEvent, signature: Signature, event: EventName, delivery: Delivery) -> None:
    """A mastering job failed, and `error` says why. What it cost has been refunded."""


@_webhooks.post("credits.low", summary="Credits run low", responses=_ANSWERED, tags=["Account"])
def credits_low(body: CreditsEvent, signature: Signature, event: EventName, delivery: Delivery) -> None:
    """The balance has fallen below the account's threshold."""
