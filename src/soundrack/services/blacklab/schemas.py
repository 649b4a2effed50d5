"""BlackLab's bodies, field by field as its document lists them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from soundrack.audio.containers import Container

MAX_UPLOAD_BYTES = 209_715_200
CONTAINERS = (Container.WAV, Container.FLAC, Container.AIFF, Container.MP3)

Preset = Literal["balanced", "warm", "bright", "loud"]
Format = Literal["wav", "flac", "mp3"]
SampleRate = Literal[44100, 48000, 96000]
Url = Annotated[str, Field(min_length=1, max_length=2048)]


class CreateJob(BaseModel):
    """Body of ``POST /v1/mastering/jobs``. Fields that the document does not know are ignored."""

    model_config = ConfigDict(strict=True)

    input_url: Url
    preset: Preset = "balanced"
    format: Format = "wav"
    sample_rate: SampleRate | None = None
    webhook_url: Url | None = None
    reference_url: Url | None = None

    @field_validator("sample_rate")
    @classmethod
    def _mp3_can_carry_it(cls, rate: SampleRate | None, info: ValidationInfo) -> SampleRate | None:
        if rate == 96000 and info.data.get("format") == "mp3":
            raise ValueError("MP3 carries at most 48000 Hz")
        return rate


class CreateUpload(BaseModel):
    """Body of ``POST /v1/assets/upload-url``."""

    model_config = ConfigDict(strict=True)

    filename: Annotated[str, Field(min_length=1, max_length=255)]
    content_type: str
    size_bytes: Annotated[int, Field(ge=1)]


class Upload(BaseModel):
    """Answer of ``POST /v1/assets/upload-url``."""

    upload_url: str
    asset_url: str
    expires_at: str


class JobError(BaseModel):
    """Why a job failed."""

    code: str
    message: str


class Job(BaseModel):
    """A mastering job. What does not apply to its status is absent; `output_url` is always there."""

    id: str
    status: Literal["queued", "processing", "completed", "failed", "cancelled"]
    preset: Preset
    format: Format
    sample_rate: int | None = Field(description="The rate asked for; the source's, once it is known, if none was.")
    estimated_seconds: int | None = None
    credits_charged: int
    created_at: str
    completed_at: str | None = None
    output_url: str | None = None
    output_expires_at: str | None = None
    error: JobError | None = None


class ErrorDetail(BaseModel):
    """Document, "Error format"."""

    code: str
    message: str
    param: str | None = Field(description="The field or header that caused it, where there is one.")
    doc_url: str


class ErrorBody(BaseModel):
    """Body of every answer that is an error."""

    error: ErrorDetail
