"""Soundpiece's bodies, field by field as its document lists them.

What a field means is said here and nowhere else: the OpenAPI description and the reference in the docs are made of it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AnyUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    UrlConstraints,
    model_validator,
)
from pydantic_core import InitErrorDetails, ValidationError
from typing_extensions import TypeAliasType

from soundrack.audio.containers import Container

MAX_SOURCE_BYTES = 200 * 2**20
CONTAINERS = (Container.WAV, Container.FLAC, Container.MP3, Container.AIFF, Container.OGG, Container.M4A)
ID_PATTERN = "^op_[0-9a-z]{26}$"
MOST_URL_CHARACTERS = 2048

_URL: TypeAdapter[AnyUrl] = TypeAdapter(
    Annotated[AnyUrl, UrlConstraints(host_required=True, allowed_schemes=["http", "https"])]
)


def _formed(url: str) -> str:
    """Judge a URL and return it as it was given: what is echoed is what was sent."""
    _URL.validate_python(url)
    return url


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 2.0 is the integer 2 (JSON Schema 2020-12, 6.1.1)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Url = Annotated[
    str,
    Field(min_length=1, max_length=MOST_URL_CHARACTERS, json_schema_extra={"format": "uri"}),
    AfterValidator(_formed),
]
Link = Annotated[str, Field(json_schema_extra={"format": "uri"})]
Moment = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, description="UTC, to the second, with a `Z` at its end.")
]
Prompt = Annotated[str, Field(min_length=1, max_length=1024)]
Lyrics = Annotated[str, Field(min_length=1, max_length=3000)]
Variations = Annotated[int, Field(ge=1, le=3), BeforeValidator(_whole)]
OperationId = Annotated[
    str, Field(json_schema_extra={"pattern": ID_PATTERN}, description="The operation's id: `op_` and a ULID.")
]
Status = TypeAliasType(
    "Status",
    Annotated[
        Literal["processing", "ready", "failed"],
        Field(description="`processing` until there is a result or an error; the other two are ends."),
    ],
)
OperationErrorCode = TypeAliasType(
    "OperationErrorCode",
    Literal["content_rejected", "internal_error", "source_invalid", "source_unreachable", "timeout"],
)
StemKind = TypeAliasType("StemKind", Literal["vocals", "drums", "bass", "other"])

_PROMPT = "Tags with commas between them, a mood, a scene: what it shall sound like."
_LYRICS = (
    "One line for each line that is sung, and sections in brackets on lines of their own: `[Intro]`, `[Verse]`, "
    "`[Chorus]`, `[Bridge]`, `[Instrumental]`, `[Outro]`."
)
_SOURCE = "The recording to work on."


class AudioSource(BaseModel):
    """A recording that lies somewhere on the web. It is fetched once the operation has begun."""

    model_config = ConfigDict(strict=True)

    url: Url = Field(
        description="A public http or https URL of a WAV, FLAC, MP3, AIFF, OGG or M4A file of at most 200 MB."
    )


class Request(BaseModel):
    """What every request has. Other fields are ignored."""

    model_config = ConfigDict(strict=True)

    idempotency_key: UUID = Field(
        strict=False,
        description="A UUID of the client's: the same request with the same one is carried out once, and answered the "
        "same for as long as the operation is kept.",
    )
    callback_url: Url | None = Field(
        default=None,
        description="A public HTTPS URL to which the operation is posted when it has ended. It is not echoed.",
    )


def _one_of_two(schema: dict[str, Any]) -> None:
    """Say of the whole body what the validator below says of two fields."""
    schema["oneOf"] = [
        {
            "title": f"By {one}",
            "required": [one],
            "properties": {one: {"not": {"type": "null"}}, other: {"type": "null"}},
        }
        for one, other in (("prompt", "reference"), ("reference", "prompt"))
    ]


class NewInstrumental(Request):
    """Music from words, or in the manner of a recording: exactly one of `prompt` and `reference`."""

    model_config = ConfigDict(strict=True, json_schema_extra=_one_of_two)

    prompt: Prompt | None = Field(default=None, description=_PROMPT)
    reference: AudioSource | None = Field(
        default=None, description="A recording whose style, tempo, key and mood are followed; nothing of it is copied."
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        """Refuse neither and both, as the two requests that the document has would each do it."""
        if (self.prompt is None) is not (self.reference is None):
            return self
        fault = ("missing", "prompt") if self.prompt is None else ("extra_forbidden", "reference")
        told = InitErrorDetails(type=fault[0], loc=(fault[1],), input=None)
        raise ValidationError.from_exception_data(type(self).__name__, [told])


class NewSong(NewInstrumental):
    """A song from lyrics, and words or a recording to go by: exactly one of `prompt` and `reference`."""

    lyrics: Lyrics = Field(description=_LYRICS)


class NewSample(Request):
    """A musical sample from words."""

    prompt: Prompt = Field(description=_PROMPT)
    duration: float = Field(ge=1, le=60, allow_inf_nan=False, description="How long it shall play, in seconds.")
    loopable: bool = Field(
        default=False, description="Whether its end shall lead into its beginning; it is then a whole number of bars."
    )


class NewFx(Request):
    """A sound effect from words."""

    prompt: Prompt = Field(description="What is to be heard, and where.")
    duration: float = Field(ge=0.5, le=30, allow_inf_nan=False, description="How long it shall play, in seconds.")


class RemixInstrumental(Request):
    """An instrumental made of a recording."""

    source: AudioSource = Field(description=_SOURCE)
    n_variations: Variations = Field(default=1, description="How many remixes are made.")


class RemixSong(RemixInstrumental):
    """A recording made anew with other words in another style."""

    lyrics: Lyrics = Field(description=_LYRICS)
    prompt: Prompt = Field(description=_PROMPT)


class SeparateStems(Request):
    """A recording to be taken apart."""

    source: AudioSource = Field(description=_SOURCE)


class AutoCutDown(Request):
    """A recording to be made shorter."""

    source: AudioSource = Field(description=_SOURCE)
    target_duration: float = Field(
        ge=5,
        le=600,
        allow_inf_nan=False,
        description="How long it shall play, in seconds. The result may differ a little, to end where the music does.",
    )


class Output(BaseModel):
    """A file that was made: FLAC at 44.1 kHz."""

    url: Link = Field(description="Where it is: a link that needs no key and answers `Range`.")
    expires_at: Moment = Field(description="Until when the link is good. Whoever asks again gets a new one.")
    duration: float = Field(ge=0, description="How long it plays, in seconds.")


class StemOutput(Output):
    """One stem."""

    kind: StemKind = Field(description="What is on it. The four add up to the recording.")


class OperationError(BaseModel):
    """Why an operation failed. What it cost has come back."""

    code: OperationErrorCode = Field(description="A word for programs. Take one that is unknown for `internal_error`.")
    message: str = Field(description="A sentence for people.")


class Operation(BaseModel):
    """What every operation has: its state, and what was asked for."""

    id: OperationId
    status: Status
    created_at: Moment = Field(description="When it was submitted.")
    idempotency_key: Annotated[str, Field(json_schema_extra={"format": "uuid"})] = Field(
        description="As it was sent, in the usual form of a UUID."
    )


class _WithError(BaseModel):
    error: OperationError | None = Field(description="On one that failed: why. Null otherwise.")


class _WithOutputs(BaseModel):
    outputs: list[Output] | None = Field(description="On one that is ready: every variation. Null otherwise.")


class _WithOutput(BaseModel):
    output: Output | None = Field(description="On one that is ready: what was made. Null otherwise.")


class _WithSource(BaseModel):
    source: AudioSource = Field(description="As it was sent.")


class _ByWords(BaseModel):
    prompt: str | None = Field(description="As it was sent; null with a `reference`.")
    reference: AudioSource | None = Field(description="As it was sent; null with a `prompt`.")


class Instrumental(_WithError, _WithOutputs, _ByWords, Operation):
    """A `create.new_instrumental`."""


class _WithLyrics(BaseModel):
    lyrics: str = Field(description="As they were sent.")


class Song(_WithError, _WithOutputs, _ByWords, _WithLyrics, Operation):
    """A `create.new_song`."""


class Sample(_WithError, _WithOutput, Operation):
    """A `create.new_sample`."""

    prompt: str = Field(description="As it was sent.")
    duration: float = Field(description="What was asked for, in seconds.")
    loopable: bool = Field(description="As it was sent.")


class Fx(_WithError, _WithOutput, Operation):
    """A `create.new_fx`."""

    prompt: str = Field(description="As it was sent.")
    duration: float = Field(description="What was asked for, in seconds.")


class RemixedInstrumental(_WithError, _WithOutputs, _WithSource, Operation):
    """A `create.remix_instrumental`."""

    n_variations: int = Field(ge=1, le=3, description="As it was sent.")


class RemixedSong(_WithError, _WithOutputs, _WithSource, _WithLyrics, Operation):
    """A `create.remix_song`."""

    prompt: str = Field(description="As it was sent.")
    n_variations: int = Field(ge=1, le=3, description="As it was sent.")


class Stems(_WithError, _WithSource, Operation):
    """An `adapt.separate_stems`."""

    outputs: list[StemOutput] | None = Field(description="On one that is ready: the four stems. Null otherwise.")


class AutoCut(_WithError, _WithOutput, _WithSource, Operation):
    """An `adapt.auto_cut_down`."""

    target_duration: float = Field(description="What was asked for, in seconds.")


class ErrorBody(BaseModel):
    """Body of a refusal."""

    detail: str = Field(description="A sentence for people.")


class CreditsBody(BaseModel):
    """Body of a 402."""

    detail: Literal["Not enough credits"] = Field(description="A sentence for people.")
    balance: int = Field(ge=0, description="Credits that the account has.")
    required: int = Field(ge=1, description="Credits that the operation costs.")


class Fault(BaseModel):
    """What is wrong with one field."""

    loc: list[str | int] = Field(description="Where it is: `body` or `query`, then the way to the field.")
    msg: str = Field(description="A sentence for people.")
    type: str = Field(description="A word for programs, such as `missing`, `string_too_short` or `url_parsing`.")


class FaultsBody(BaseModel):
    """Body of a 422."""

    detail: list[Fault] = Field(min_length=1, description="Every fault that was found.")
