"""SignalKey's OpenAPI description, in its document's words and with its document's examples."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Body, FastAPI, Header

from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import description
from soundrack.services.description import RETRY_AFTER, WWW_AUTHENTICATE, X_REQUEST_ID, Document, Examples, Words
from soundrack.services.signalkey import examples, result
from soundrack.services.signalkey.errors import MEANINGS, STATUSES
from soundrack.services.signalkey.schemas import AnalysisFailed

SUMMARY = "Analysis of a song: tempo, key, genre, mood, loudness, form, mix, and what one needs to release it."
TEXT = """\
A stand-in for SignalKey that runs on a machine of your own: a client written for SignalKey's document works with
another base URL and another key. Upload a song; follow its analysis as a stream, poll it, or have its result posted to
a webhook.

Requests take an API key as `Authorization: Bearer …`. Every response to a key that is known tells in six headers what
is left of the minute and of the month, and every response has an `X-Request-Id`. Every error has the same body: its
`code` is for programs, its `message` for people.
"""
_TAGS = [
    {"name": "Analysis", "description": "Submit a song, and wait for what is found in it."},
    {"name": "Key", "description": "The key that is sent, and how it stands."},
]
_KEY = "apiKey"
_RESULT = {"$ref": f"#/components/schemas/{result.NAME}"}
RESULT: dict[str, Any] = {"content": {"application/json": {"schema": dict(_RESULT)}}}
"""What a poll answers of a job that is done."""
_EVENT = {
    "title": "Event",
    "description": "One event of the stream.",
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "To send as `Last-Event-ID` on another attempt."},
        "event": {
            "type": "string",
            "enum": ["progress", "result", "done", "error"],
            "description": "`progress` comes as often as there is some; then `result` and `done`, or `error`.",
        },
        "data": {
            "type": "string",
            "description": "JSON: of `progress` its `progress` and `stage`, of `result` the bare result, of `done` "
            '`{"ok": true}`, of `error` the body that a poll answers.',
        },
    },
    "required": ["event", "data"],
}
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": _EVENT}}},
    204: {"description": "`Last-Event-ID` is that of the last event: there is no more to come."},
}
"""What a stream answers besides errors."""


def _window(name: str, what: str, example: int) -> Document:
    return {
        "description": f"{name}: {what}",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
        "example": example,
    }


_HEADERS: dict[str, Document] = {
    "X-RateLimit-Limit-Minute": _window("The sliding minute", "requests that it has.", 30),
    "X-RateLimit-Remaining-Minute": _window("The sliding minute", "requests that are left.", 27),
    "X-RateLimit-Reset-Minute": _window(
        "The sliding minute", "Unix seconds at which all of them are free again.", 1_714_325_060
    ),
    "X-RateLimit-Limit-Month": _window("The month of UTC", "analyses that it has.", 1000),
    "X-RateLimit-Remaining-Month": _window("The month of UTC", "analyses that are left.", 942),
    "X-RateLimit-Reset-Month": _window("The month of UTC", "Unix seconds at which the next one begins.", 1_717_200_000),
    "Retry-After": RETRY_AFTER,
    "X-Request-Id": X_REQUEST_ID,
    "WWW-Authenticate": WWW_AUTHENTICATE,
}
_WINDOWS = [name for name in _HEADERS if name.startswith("X-RateLimit-")]
_LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The id of the last event that arrived, on another attempt: the stream goes on behind it.",
    "schema": {"type": "string"},
    "example": "4",
}


def install(app: FastAPI, rack: Rack) -> None:
    """Have the application described, and serve the description."""
    app.summary, app.description = SUMMARY, TEXT
    app.license_info = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    url = rack.settings.public_url
    app.openapi_external_docs = {"description": "Guide and reference", "url": f"{url}/docs/{Service.SIGNALKEY}"}
    app.webhooks = _webhooks

    def make() -> Document:
        document = description.describe(app, _words(f"{url}/{Service.SIGNALKEY}"))
        document["components"]["schemas"] |= result.schemas()
        for name, item in document["webhooks"].items():
            (media,) = item["post"]["requestBody"]["content"].values()
            media["examples"] = {name: {"value": examples.EVENTS[name]}}
            if name == "analysis.completed":
                media["schema"] = dict(_RESULT)
        stream = document["paths"]["/api/v1/jobs/{job_id}/stream"]["get"]
        stream["parameters"].append(_LAST_EVENT_ID)
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
                "bearerFormat": "sk_live_…",
                "description": "An API key, which may do everything. It belongs on servers, never into a page.",
            }
        },
        scoped=frozenset(),
        headers=_HEADERS,
        headers_of=_headers_of,
        parameters={
            "job_id": {"description": "The job's id, as its submission gave it.", "example": examples.JOB_ID},
        },
        requests=examples.REQUESTS,
        answers=examples.ANSWERS,
        refusals=_refusals,
        links={
            ("analyze", 202): {
                name: {"operationId": name, "parameters": {"job_id": "$response.body#/job_id"}, "description": text}
                for name, text in (("get_job", "Ask how it is."), ("stream_job", "Follow it."))
            }
        },
        extensions={
            "x-error-codes": [
                {"code": code, "statuses": [STATUSES[code]], "of_jobs": code == "analysis_failed", "description": said}
                for code, said in MEANINGS.items()
            ]
        },
    )


def _refusals(operation: Document, status: int) -> Examples:
    """The route names the codes that it answers with, as the description of the status."""
    named = operation["responses"][str(status)]["description"]
    return examples.refusals([code for code in examples.codes_with(status) if f"`{code}`" in named])


def _headers_of(operation: Document, status: int) -> Iterable[str]:
    yield "X-Request-Id"
    if status != 401:
        yield from _WINDOWS
    if status == 429 or (operation["operationId"] == "get_job" and status == 202):
        yield "Retry-After"
    if status == 401:
        yield "WWW-Authenticate"


_webhooks = APIRouter()
Signature = Annotated[
    str,
    Header(
        alias="X-SignalKey-Signature",
        description="`t=<unix>,v1=<hex>`: the moment of the attempt, and the HMAC-SHA-256 of `{t}.{raw body}`, keyed "
        "with the signing secret of the key that submitted the song. Verify it before the body is parsed, and refuse "
        "what is older than 300 s.",
        examples=["t=1714325000,v1=" + 64 * "0"],
        pattern="^t=[0-9]+,v1=[0-9a-f]{64}$",
    ),
]
EventName = Annotated[str, Header(alias="X-SignalKey-Event", description="What happened.")]
Delivery = Annotated[
    str,
    Header(alias="X-SignalKey-Delivery", description="The same over all retries: leave out what you have handled."),
]
_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {"description": "Any 2xx within 10 seconds: it is delivered. Anything else is tried again, five times."},
    410: {"description": "No more of these: the webhook is switched off."},
}


@_webhooks.post("analysis.completed", summary="An analysis is done", responses=_ANSWERED, tags=["Analysis"])
def analysis_completed(
    body: Annotated[dict[str, Any], Body()], signature: Signature, event: EventName, delivery: Delivery
) -> None:
    """The bare result, as a poll answers it; its links are good for 24 hours."""


@_webhooks.post("analysis.failed", summary="An analysis has failed", responses=_ANSWERED, tags=["Analysis"])
def analysis_failed(body: AnalysisFailed, signature: Signature, event: EventName, delivery: Delivery) -> None:
    """An analysis failed, and `error` says why, as a poll answers it."""
