"""The steps of a repair, as they stand in a plan."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from soundrack.mastering.step import Db, Hz, Settings, Step

Seconds = Annotated[float, Field(ge=0.0, le=86_400.0)]


class OffsetStep(Step):
    """A constant is taken out of each channel; full scale = 1.0."""

    kind: Literal["offset"] = "offset"
    offsets: Annotated[tuple[float, ...], Field(min_length=1, max_length=2)]


class Click(Settings):
    """Damaged frames of one channel."""

    channel: Annotated[int, Field(ge=0, le=1)]
    first_frame: Annotated[int, Field(ge=0)]
    frames: Annotated[int, Field(ge=1, le=128)]


class ClicksStep(Step):
    """The damaged frames are replaced by what their surroundings predict."""

    kind: Literal["clicks"] = "clicks"
    clicks: Annotated[tuple[Click, ...], Field(min_length=1)]


class Line(Settings):
    """A steady tone, and how far it is lowered."""

    frequency_hz: Hz
    depth_db: Annotated[float, Field(gt=0.0, le=80.0)]


class LinesStep(Step):
    """Each line is lowered by a notch `width_hz` wide."""

    kind: Literal["lines"] = "lines"
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=64)]
    width_hz: Annotated[float, Field(ge=2.0, le=100.0)] = 12.0


class BassStep(Step):
    """Below a frequency both channels get the same: the middle, or the side where the channels are opposite there.

    `gain_db` makes up for what the middle has lost already.
    """

    kind: Literal["bass"] = "bass"
    below_hz: Annotated[float, Field(ge=40.0, le=400.0)] = 120.0
    keep: Literal["mid", "side"] = "mid"
    gain_db: Db = 0.0


class MudStep(Step):
    """A wide cut."""

    kind: Literal["mud"] = "mud"
    frequency_hz: Hz = 350.0
    cut_db: Annotated[float, Field(gt=0.0, le=12.0)]
    q: Annotated[float, Field(ge=0.2, le=10.0)] = 0.9


class ShimmerStep(Step):
    """Where a narrow sound between both frequencies stands out for a moment, it is lowered by `most_db` at most."""

    kind: Literal["shimmer"] = "shimmer"
    from_hz: Hz = 8000.0
    to_hz: Hz = 16_000.0
    most_db: Annotated[float, Field(gt=0.0, le=24.0)] = 6.0

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.to_hz <= self.from_hz:
            raise ValueError("to_hz must lie above from_hz")
        return self


class AirStep(Step):
    """What lies below the band limit is repeated above it, up to `to_hz`.

    It follows the song's own slope, moved by `amount_db`.
    """

    kind: Literal["air"] = "air"
    cutoff_hz: Annotated[float, Field(ge=4000.0, le=40_000.0)]
    to_hz: Hz
    slope_db_per_octave: Annotated[float, Field(ge=-60.0, le=0.0)]
    amount_db: Db = -3.0


class SilenceStep(Step):
    """Only what lies between both moments is kept, faded in and out within it."""

    kind: Literal["silence"] = "silence"
    start_s: Seconds
    end_s: Seconds
    fade_in_s: Annotated[float, Field(ge=0.0, le=10.0)] = 0.1
    fade_out_s: Annotated[float, Field(ge=0.0, le=10.0)] = 0.0

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.end_s - self.start_s < self.fade_in_s + self.fade_out_s:
            raise ValueError("end_s must lie after start_s by both fades at least")
        return self


RepairStep = Annotated[
    OffsetStep | ClicksStep | LinesStep | BassStep | MudStep | ShimmerStep | AirStep | SilenceStep,
    Field(discriminator="kind"),
]


class Note(Settings):
    """A fault that is reported and cannot be treated."""

    kind: Literal["collapse"] = "collapse"
    at_s: Seconds
    reason: str
