"""Masterify's bodies, field by field as its document lists them.

What a field means is said here and nowhere else: the OpenAPI description and the reference in the docs are made of it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from typing_extensions import TypeAliasType

from soundrack.audio.containers import Container

MAX_FILE_BYTES = 50 * 2**20
MAX_FILE_S = 600
CONTAINERS = (Container.MP3, Container.WAV, Container.FLAC)

Platform = Literal["spotify", "apple_music", "youtube", "melon", "soundcloud"]
PLATFORMS: tuple[str, ...] = get_args(Platform)
GENRES = ("kpop", "edm", "ballad", "hiphop", "pop", "other")
AI_SERVICES = ("suno", "udio", "elevenlabs", "other")
TIERS = ("standard", "premium")
CREDITS = {"standard": 1, "premium": 2}
"""What a job costs, by its tier, however many platforms it is for."""

Genre = TypeAliasType(
    "Genre",
    Annotated[
        Literal["kpop", "edm", "ballad", "hiphop", "pop", "other"],
        Field(description="Towards whose records the tone goes, and how dense they are."),
    ],
)
AiService = TypeAliasType(
    "AiService",
    Annotated[
        Literal["suno", "udio", "elevenlabs", "other"],
        Field(description="What made the song: its known faults are looked for, and treated where they are found."),
    ],
)
Tier = TypeAliasType(
    "Tier",
    Annotated[
        Literal["standard", "premium"],
        Field(description="`premium` compares several renderings, and costs 2 credits instead of 1."),
    ],
)
JobStatus = TypeAliasType(
    "JobStatus",
    Annotated[
        Literal["queued", "processing", "done", "failed"],
        Field(description="Where a job is in its life. The last two are ends; one that was cancelled has failed."),
    ],
)
ErrorCode = TypeAliasType(
    "ErrorCode",
    Literal[
        "CONCURRENT_LIMIT",
        "FILE_TOO_LARGE",
        "FILE_TOO_LONG",
        "FORBIDDEN",
        "INSUFFICIENT_CREDITS",
        "INTERNAL_ERROR",
        "INVALID_API_KEY",
        "INVALID_PLATFORM",
        "INVALID_REQUEST",
        "JOB_FAILED",
        "JOB_NOT_FOUND",
        "JOB_NOT_READY",
        "NOT_FOUND",
        "RATE_LIMIT",
        "RESULT_EXPIRED",
        "UNSUPPORTED_FORMAT",
    ],
)
Moment = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, description="UTC, to the second, with a `Z` at its end.")
]
JobId = Annotated[str, Field(json_schema_extra={"format": "uuid"}, description="A random UUID.")]

_FILE = {"type": "string", "format": "binary"}
_ONE = f"({'|'.join(PLATFORMS)})"
_LIST = f"^[ ,]*{_ONE}( *,[ ,]*{_ONE})*[ ,]*$"
"""Names between commas; blanks and commas too many are looked over."""


def _described(schema: dict[str, Any], text: str, **more: Any) -> Any:
    return WithJsonSchema({**schema, "description": text, **more})


def _chosen(choices: tuple[str, ...], usual: str, text: str) -> Any:
    return _described({"type": "string", "enum": list(choices)}, text, default=usual)


class CreateMaster(BaseModel):
    """A song, and what is to become of it. Other fields are ignored; one of these that is given twice is refused."""

    model_config = ConfigDict(title="CreateMaster")

    file: Annotated[
        bytes,
        _described(
            _FILE, "The song: MP3, WAV or FLAC by its content, at most 50 MB (52,428,800 bytes) and 10 minutes."
        ),
    ]
    platforms: Annotated[
        str,
        _described(
            {"type": "string", "pattern": _LIST},
            "Where it will be played, between commas; one master is made for each that is named: "
            + ", ".join(f"`{name}`" for name in PLATFORMS)
            + ".",
        ),
    ]
    genre: Annotated[str, _chosen(GENRES, "other", "Towards whose records the tone goes.")] = "other"
    ai_service: Annotated[str, _chosen(AI_SERVICES, "other", "What made the song.")] = "other"
    tier: Annotated[
        str, _chosen(TIERS, "standard", "`premium` compares several renderings, and costs 2 credits instead of 1.")
    ] = "standard"
    webhook_url: Annotated[
        str,
        _described(
            {"type": "string", "format": "uri", "maxLength": 2048},
            "Where this job's end is posted, besides the webhooks of the account. Its query string is kept.",
        ),
    ] = ""
    reference_file: Annotated[
        bytes,
        _described(
            _FILE, "A record whose tone, width and loudness the master follows; under the same limits as `file`."
        ),
    ] = b""


class Created(BaseModel):
    """A job that is accepted and paid for."""

    job_id: JobId
    status: Literal["queued"] = Field(description="It waits for its turn.")
    platforms: list[Platform] = Field(description="Each platform once, in the order in which they were named.")
    credits_used: int = Field(ge=0, description="What it cost. A job that fails is refunded.")
    credits_remaining: int = Field(ge=0, description="What the account has left.")


class Result(BaseModel):
    """One master."""

    platform: Platform = Field(description="Where it is to be played.")
    lufs: float = Field(description="Its integrated loudness, in LUFS (EBU R 128).")
    true_peak_db: float = Field(description="Its highest true peak, in dBTP.")
    format: Literal["wav"] = Field(description="24 bits, at the sample rate of the song; 44.1 kHz if that is MP3.")
    download_url: Annotated[str | None, Field(json_schema_extra={"format": "uri"})] = Field(
        description="Where it is: a link that needs no key, answers `Range` and is good for 24 hours. Whoever asks for "
        "the job gets a new one, until the files are deleted; then it is null."
    )


class Job(BaseModel):
    """A mastering job. Every field is always there."""

    job_id: JobId
    status: JobStatus
    progress: int = Field(ge=0, le=100, description="How far the work is, in percent; 100 when it is done.")
    platforms: list[Platform] = Field(description="As they were asked for, each once.")
    genre: Genre
    ai_service: AiService
    tier: Tier
    credits_used: int = Field(ge=0, description="What it cost. A job that fails is refunded.")
    created_at: Moment = Field(description="When it was submitted.")
    completed_at: Moment | None = Field(description="When it was done; null until then.")
    results: list[Result] = Field(description="One for each platform, in their order; none until the job is done.")
    error_message: str | None = Field(
        description="On a job that failed: why, in Korean, or in English if `Accept-Language` prefers it."
    )


class JobCompleted(BaseModel):
    """What is posted when a job is done."""

    event: Literal["job.completed"] = Field(description="What happened.")
    job_id: JobId
    status: Literal["done"] = Field(description="The job's status.")
    results: list[Result] = Field(description="One for each platform, as the job has them.")


class JobFailed(BaseModel):
    """What is posted when a job has failed."""

    event: Literal["job.failed"] = Field(description="What happened.")
    job_id: JobId
    status: Literal["failed"] = Field(description="The job's status.")
    error_message: str = Field(description="Why, in English.")


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: ErrorCode = Field(description="A word for programs.")
    message: str = Field(description="A sentence for people, in Korean or English.")


class ErrorBody(BaseModel):
    """Body of every answer that is an error."""

    error: ErrorDetail
