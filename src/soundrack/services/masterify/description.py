"""Masterify's OpenAPI description, in its document's words and with its document's examples."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Header

from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import description
from soundrack.services.description import RETRY_AFTER, WWW_AUTHENTICATE, X_REQUEST_ID, Document, Examples, Words
from soundrack.services.masterify import examples
from soundrack.services.masterify.errors import MEANINGS, STATUSES
from soundrack.services.masterify.schemas import JobCompleted, JobFailed

SUMMARY = "Mastering for streaming platforms: upload a song, get one master for each platform."
TEXT = """\
A stand-in for Masterify that runs on a machine of your own: a client written for Masterify's document works with
another base URL and another key. Upload a song with the platforms that it goes to; wait for the job by polling or by a
webhook; download its masters, one by one or as a ZIP.

Requests take an API key as `Authorization: Bearer …`, and every response has an `X-Request-Id`. Every error has the
same body: its `code` is for programs, its `message` for people, in Korean, or in English where `Accept-Language`
prefers it.
"""
_TAGS = [{"name": "Mastering", "description": "Jobs: create one, look at it, download what it made."}]
_KEY = "apiKey"
_BYTES = {"schema": {"type": "string", "format": "binary"}}
DOWNLOADS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"audio/wav": dict(_BYTES), "application/zip": dict(_BYTES)}},
    206: {"description": "The part of the file that `Range` asked for.", "content": {"audio/wav": dict(_BYTES)}},
    304: {"description": "It is what the `ETag` in `If-None-Match` says that the client has."},
    416: {"description": "The file has no such part."},
}
"""What a download answers besides errors."""

_HEADERS: dict[str, Document] = {
    "Content-Language": {
        "description": "The language of the message.",
        "required": True,
        "schema": {"type": "string", "enum": ["ko", "en"]},
        "example": "ko",
    },
    "Retry-After": RETRY_AFTER,
    "X-Request-Id": X_REQUEST_ID,
    "WWW-Authenticate": WWW_AUTHENTICATE,
}


def install(app: FastAPI, rack: Rack) -> None:
    """Have the application described, and serve the description."""
    app.summary, app.description = SUMMARY, TEXT
    app.license_info = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    url = rack.settings.public_url
    app.openapi_external_docs = {"description": "Guide and reference", "url": f"{url}/docs/{Service.MASTERIFY}"}
    app.webhooks = _webhooks

    def make() -> Document:
        document = description.describe(app, _words(f"{url}/{Service.MASTERIFY}"))
        for name, item in document["webhooks"].items():
            (media,) = item["post"]["requestBody"]["content"].values()
            media["examples"] = {name: {"value": examples.EVENTS[name]}}
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
                "bearerFormat": "aim_live_…",
                "description": "An API key, which may do everything. It belongs on servers, never into a page.",
            }
        },
        scoped=frozenset(),
        headers=_HEADERS,
        headers_of=_headers_of,
        parameters={
            "job_id": {
                "description": "The job's id, as its submission gave it.",
                "example": "550e8400-e29b-41d4-a716-446655440000",
            }
        },
        requests=examples.REQUESTS,
        answers=examples.ANSWERS,
        refusals=_refusals,
        links={
            ("create_job", 201): {
                name: {"operationId": name, "parameters": {"job_id": "$response.body#/job_id"}, "description": text}
                for name, text in (("get_job", "Ask how the job is."), ("download", "Download its masters."))
            }
        },
        extensions={
            "x-error-codes": [
                {"code": code, "statuses": [STATUSES[code]], "of_jobs": False, "description": meaning}
                for code, meaning in MEANINGS.items()
            ]
        },
    )


def _refusals(operation: Document, status: int) -> Examples:
    """The route names the codes that it answers with, as the description of the status."""
    named = operation["responses"][str(status)]["description"]
    return examples.refusals([code for code in examples.codes_with(status) if f"`{code}`" in named])


def _headers_of(operation: Document, status: int) -> Iterable[str]:
    yield "X-Request-Id"
    if _refusals(operation, status):
        yield "Content-Language"
    if status == 429:
        yield "Retry-After"
    if status == 401:
        yield "WWW-Authenticate"


_webhooks = APIRouter()
Signature = Annotated[
    str,
    Header(
        alias="X-Masterify-Signature",
        description="`sha256=` and the hexadecimal HMAC-SHA-256 of the raw body, keyed with the account's signing "
        "secret. Verify it before the body is parsed.",
        examples=["sha256=" + 64 * "0"],
        pattern="^sha256=[0-9a-f]{64}$",
    ),
]
EventName = Annotated[str, Header(alias="X-Masterify-Event", description="The event's name, as in the body.")]
Delivery = Annotated[
    str,
    Header(alias="X-Masterify-Delivery", description="The same over all retries: leave out what you have handled."),
]
_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {"description": "Any 2xx within 10 seconds: it is delivered. Anything else is tried again, five times."},
    410: {"description": "No more of these: the webhook is switched off."},
}


@_webhooks.post("job.completed", summary="A job is done", responses=_ANSWERED, tags=["Mastering"])
def job_completed(body: JobCompleted, signature: Signature, event: EventName, delivery: Delivery) -> None:
    """All masters of a job are made; each `download_url` is good for 24 hours."""


@_webhooks.post("job.failed", summary="A job has failed", responses=_ANSWERED, tags=["Mastering"])
def job_failed(body: JobFailed, signature: Signature, event: EventName, delivery: Delivery) -> None:
    """A job failed, and `error_message` says why. What it cost has been refunded."""
