"""SignalKey's bodies, but for the result itself, which `result` has.

What a field means is said here and nowhere else: the OpenAPI description and the reference in the docs are made of it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from typing_extensions import TypeAliasType

from soundrack.audio.containers import Container

MAX_FILE_BYTES = 200 * 2**20
MAX_FILE_S = 1800
CONTAINERS = (Container.MP3, Container.WAV, Container.FLAC, Container.AIFF, Container.OGG, Container.M4A)

ErrorCode = TypeAliasType(
    "ErrorCode",
    Literal[
        "analysis_failed",
        "backend_not_configured",
        "file_too_large",
        "file_too_long",
        "forbidden",
        "internal_error",
        "invalid_api_key",
        "invalid_request",
        "not_found",
        "rate_limited",
        "unsupported_format",
        "unsupported_media_type",
    ],
)
Moment = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, description="UTC, to the second, with a `Z` at its end.")
]
JobId = Annotated[str, Field(json_schema_extra={"pattern": "^[a-z0-9]{12}$"}, description="The job's id.")]
Stage = TypeAliasType(
    "Stage",
    Annotated[
        Literal[
            "upload",
            "decode",
            "features",
            "tempo",
            "key",
            "chords",
            "structure",
            "genre",
            "mood",
            "loudness",
            "mix",
            "stems",
            "release",
        ],
        Field(description="What is at work, in this order."),
    ],
)


def _described(schema: dict[str, Any], text: str) -> Any:
    return WithJsonSchema({**schema, "description": text})


class Analyze(BaseModel):
    """A song. Other fields are ignored; one of these that is given twice is refused."""

    model_config = ConfigDict(title="Analyze")

    file: Annotated[
        bytes,
        _described(
            {"type": "string", "format": "binary"},
            "The song: MP3, WAV, FLAC, AIFF, OGG or M4A (AAC, ALAC) by its content, at most 200 MB "
            "(209,715,200 bytes) and 30 minutes.",
        ),
    ]
    webhook_url: Annotated[
        str,
        _described(
            {"type": "string", "format": "uri", "maxLength": 2048},
            "Where the result is posted once there is one, or why there is none. Its query string is kept.",
        ),
    ] = ""


class Submitted(BaseModel):
    """An analysis that is accepted."""

    job_id: JobId
    object: Literal["analysis_job"] = Field(description="What this is.")
    status: Literal["queued"] = Field(description="It waits for its turn.")
    stream_url: str = Field(description="Path of its progress as a stream, below the same base URL.")
    poll_url: str = Field(description="Path to poll, below the same base URL.")
    webhook_delivery: Literal["scheduled", "none"] = Field(
        description="`scheduled` where a `webhook_url` was given, else `none`."
    )


class Running(BaseModel):
    """An analysis that has not ended."""

    job_id: JobId
    object: Literal["analysis_job"] = Field(description="What this is.")
    status: Literal["queued", "processing"] = Field(description="Whether it waits or is under way.")
    progress: float = Field(ge=0, le=1, description="How far it is. It never falls.")
    stage: Stage


class Window(BaseModel):
    """How one window stands, as the headers of the same response say it."""

    limit: int | None = Field(description="Requests that it has; null where the plan sets no limit.")
    remaining: int | None = Field(description="Requests that are left; null where the plan sets no limit.")
    reset: int = Field(description="Unix seconds at which all of them are free again.")


class RateLimit(BaseModel):
    """Both windows."""

    minute: Window = Field(description="The sliding minute, in which every request counts.")
    month: Window = Field(description="The calendar month of UTC, in which accepted analyses count.")


class Me(BaseModel):
    """The key that was sent, and how it stands."""

    object: Literal["api_key"] = Field(description="What this is.")
    id: str = Field(description="The key's id; it is no secret.")
    name: str = Field(description="What its owner called it.")
    prefix: str = Field(description="How it begins.")
    created_at: Moment = Field(description="When it was made.")
    last_used_at: Moment | None = Field(description="When it was last used, to about a minute; null before that.")
    plan: str = Field(description="The owner's plan.")
    rate_limit: RateLimit = Field(description="What is left of both windows, after this request.")


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: ErrorCode = Field(description="A word for programs.")
    message: str = Field(description="A sentence for people.")


class ErrorBody(BaseModel):
    """Body of every answer that is an error."""

    error: ErrorDetail


class LimitDetail(BaseModel):
    """Which limit was met."""

    code: Literal["rate_limited"] = Field(description="A word for programs.")
    message: str = Field(description="A sentence for people.")
    scope: Literal["minute", "month", "jobs"] = Field(
        description="`minute` or `month`: the window that is used up. `jobs`, where an operator's plan limits them: as "
        "many are queued or under way as may be."
    )
    retry_after: int = Field(ge=1, description="Seconds to wait, as in `Retry-After`.")


class LimitBody(BaseModel):
    """Body of a 429."""

    error: LimitDetail


class AnalysisFailed(BaseModel):
    """What is posted when an analysis has failed."""

    id: JobId
    error: ErrorDetail
