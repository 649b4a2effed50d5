"""BlackLab's bodies, field by field as its document lists them.

What a field means is said here and nowhere else: the OpenAPI description and the reference in the docs are made of it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema, field_validator
from typing_extensions import TypeAliasType

from soundrack.audio.containers import Container
from soundrack.outbound import target

MAX_UPLOAD_BYTES = 209_715_200
CONTAINERS = (Container.WAV, Container.FLAC, Container.AIFF, Container.MP3)

Preset = TypeAliasType(
    "Preset",
    Annotated[
        Literal["balanced", "warm", "bright", "loud"],
        Field(description="The character of the master. `loud` aims at -9 LUFS, the others at -14."),
    ],
)
Format = TypeAliasType(
    "Format",
    Annotated[
        Literal["wav", "flac", "mp3"],
        Field(description="How the master is written: WAV and FLAC with 24 bits, MP3 with 320 kbit/s."),
    ],
)
SampleRate = TypeAliasType(
    "SampleRate", Annotated[Literal[44100, 48000, 96000], Field(description="Samples per second.")]
)
JobStatus = TypeAliasType(
    "JobStatus",
    Annotated[
        Literal["queued", "processing", "completed", "failed", "cancelled"],
        Field(description="Where a job is in its life. The last three are ends."),
    ],
)
ErrorCode = TypeAliasType(
    "ErrorCode",
    Literal[
        "authentication_required",
        "conflict",
        "file_too_large",
        "forbidden",
        "idempotency_conflict",
        "insufficient_credits",
        "internal_error",
        "not_found",
        "rate_limited",
        "unsupported_format",
        "validation_error",
    ],
)
JobErrorCode = TypeAliasType(
    "JobErrorCode",
    Literal["file_too_large", "input_unreachable", "internal_error", "unsupported_format", "validation_error"],
)
Url = Annotated[str, Field(min_length=1, max_length=target.MOST_CHARACTERS, json_schema_extra={"format": "uri"})]
Link = Annotated[str, Field(json_schema_extra={"format": "uri"})]
Moment = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, description="UTC, to the second, with a `Z` at its end.")
]
JobId = Annotated[str, Field(description="`job_` and 12 of `a-z`, `0-9`.")]

_UPLOADED = ("audio/wav", "audio/flac", "audio/mpeg", "audio/aiff")


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 44100.0 is the integer 44100 (JSON Schema 2020-12, 6.1.1)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _mp3_is_not_fast(schema: dict[str, Any]) -> None:
    """Say of the whole body what the validator below says of one field."""
    fast_mp3 = {"format": {"const": "mp3"}, "sample_rate": {"const": 96000}}
    schema["not"] = {"required": list(fast_mp3), "properties": fast_mp3}


def _absent_is_not_null(schema: dict[str, Any]) -> None:
    """A field that does not apply is left out: it has no default, and is never null."""
    for described in schema["properties"].values():
        if described.get("default", ...) is None and "anyOf" in described:
            del described["default"]
            (only,) = (choice for choice in described.pop("anyOf") if choice != {"type": "null"})
            described.update({**only, **described})


class CreateJob(BaseModel):
    """What to master, and how. Other fields are ignored."""

    model_config = ConfigDict(strict=True, json_schema_extra=_mp3_is_not_fast)

    input_url: Url = Field(
        description="Where the song is: the `asset_url` of an upload, or any public URL of a WAV, FLAC, AIFF or MP3 "
        "file of at most 200 MB."
    )
    preset: Preset = Field(default="balanced", description="The character of the master.")
    format: Format = Field(default="wav", description="How the master is written.")
    sample_rate: Annotated[SampleRate | None, BeforeValidator(_whole)] = Field(
        default=None, description="Samples per second of the master; the song's own without it. MP3 has no 96000."
    )
    webhook_url: Url | None = Field(
        default=None, description="Where this job's events are posted, besides the webhooks of the account."
    )
    reference_url: Url | None = Field(
        default=None,
        description="A record to sound like, named as `input_url` is: the master follows its tone, width and loudness.",
    )

    @field_validator("sample_rate")
    @classmethod
    def _mp3_can_carry_it(cls, rate: int | None, info: ValidationInfo) -> int | None:
        if rate == 96000 and info.data.get("format") == "mp3":
            raise ValueError("MP3 carries at most 48000 Hz")
        return rate


class CreateUpload(BaseModel):
    """What is going to be uploaded."""

    model_config = ConfigDict(strict=True)

    filename: Annotated[str, Field(min_length=1, max_length=255)] = Field(
        description="The file's name, with its extension."
    )
    content_type: Annotated[str, WithJsonSchema({"type": "string", "enum": list(_UPLOADED)})] = Field(
        description="Its MIME type; anything else is `unsupported_format`."
    )
    size_bytes: Annotated[
        int, Field(ge=1, json_schema_extra={"maximum": MAX_UPLOAD_BYTES}), BeforeValidator(_whole)
    ] = Field(description="Its size, to the byte. More than 200 MB is `file_too_large`.")


class Upload(BaseModel):
    """Where to send a file, and how a job names it."""

    upload_url: Link = Field(
        description="PUT the file here, with the announced `Content-Type` and size. It takes one file, once announced."
    )
    asset_url: Link = Field(description="Give this to a job as its `input_url`.")
    expires_at: Moment = Field(description="Until when `upload_url` takes the file.")


class JobError(BaseModel):
    """Why a job failed."""

    code: JobErrorCode = Field(description="A word for programs.")
    message: str = Field(description="A sentence for people.")


class Job(BaseModel):
    """A mastering job. What does not apply to its status is absent; `output_url` is always there."""

    model_config = ConfigDict(json_schema_extra=_absent_is_not_null)

    id: JobId
    status: JobStatus
    preset: Preset
    format: Format
    sample_rate: int | None = Field(description="The rate asked for; if none was, null until the song's is known.")
    estimated_seconds: int | None = Field(
        default=None,
        ge=1,
        description="While it is queued or processing: when it is likely to be done, by the queue and the measured "
        "speed of this machine. Absent while no worker is alive.",
    )
    credits_charged: int = Field(ge=0, description="What it cost. A job that fails or is cancelled is refunded.")
    created_at: Moment = Field(description="When it was submitted.")
    completed_at: Moment | None = Field(default=None, description="When it was done.")
    output_url: Annotated[str | None, Field(json_schema_extra={"format": "uri"})] = Field(
        description="Where the master is once the job is completed: a link that needs no key and answers `Range`."
    )
    output_expires_at: Moment | None = Field(default=None, description="Until when `output_url` is good.")
    error: JobError | None = Field(default=None, description="On a job that failed: why.")


class JobList(BaseModel):
    """Some of the account's jobs, the newest first."""

    data: list[Job] = Field(description="The jobs, at most `limit`.")
    has_more: bool = Field(description="Whether there are older ones: ask with `starting_after` the last one's id.")


class Credits(BaseModel):
    """What the account can spend."""

    balance: int = Field(ge=0, description="Credits that are left.")
    low_threshold: int = Field(ge=0, description="Below this many, `credits.low` is told.")


class Account(BaseModel):
    """The account that the credentials belong to."""

    id: str = Field(description="The account's id.")
    email: str = Field(description="Its mail address.")
    tier: str = Field(description="Its plan, which sets its rate: `free`, `pro`, `enterprise`, or an operator's own.")
    credits: Credits


class JobEvent(BaseModel):
    """What is posted when a job has ended."""

    event: Literal["job.done", "job.failed"] = Field(description="What happened.")
    timestamp: Moment = Field(description="When it happened.")
    data: Job = Field(description="The whole job.")


class LowCredits(BaseModel):
    """Data of `credits.low`."""

    balance: int = Field(ge=0, description="Credits that are left.")
    threshold: int = Field(ge=0, description="The mark that the balance has fallen below.")


class CreditsEvent(BaseModel):
    """What is posted when the balance falls below the account's threshold, once for each time that it does."""

    event: Literal["credits.low"] = Field(description="What happened.")
    timestamp: Moment = Field(description="When it happened.")
    data: LowCredits


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: ErrorCode = Field(description="A word for programs: one of the error catalogue.")
    message: str = Field(description="A sentence for people.")
    param: str | None = Field(description="The field or header that caused it, where there is one.")
    doc_url: Link = Field(description="The page that explains the code.")


class ErrorBody(BaseModel):
    """Body of every answer that is an error."""

    error: ErrorDetail
