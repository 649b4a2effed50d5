"""The plan of a master: every step with its settings and its reason, to be read, edited and rendered.

A plan is JSON. What it does not have is not done; what is edited is done as edited.

>>> plan = MasteringPlan(loudness=LoudnessStep(target_lufs=-14.0, ceiling_db=-1.0, reason="asked for"))
>>> MasteringPlan.model_validate_json(plan.model_dump_json()) == plan
True
"""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from soundrack.errors import Invalid
from soundrack.mastering.repair.steps import RepairStep
from soundrack.mastering.step import Db, Hz, Ms, Settings, Step


def _ascending(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    if any(late <= early for (early, _), (late, _) in pairwise(points)):
        raise ValueError("frequencies must ascend")
    return points


Curve = Annotated[tuple[tuple[Hz, Db], ...], Field(min_length=1, max_length=200), AfterValidator(_ascending)]
"""Gains at ascending frequencies: straight lines in dB over the logarithm of frequency, level beyond both ends."""


class Phase(StrEnum):
    """What a filter does in time: linear phase moves nothing but rings on both sides, minimum phase only afterwards."""

    LINEAR = "linear"
    MINIMUM = "minimum"


class ToneStep(Step):
    """Equalisation: `mid` for the middle, which is all of a mono song, and `side`, as `mid` if not given."""

    mid: Curve
    side: Curve | None = None
    phase: Phase = Phase.LINEAR


class WidthStep(Step):
    """Stereo width: the gain of the side, the difference of both channels, on top of its tone."""

    side: Curve


class Band(Settings):
    """A band of the compressor.

    `threshold_db` is relative to the band's own level in this song where it plays; `most_db` bounds the reduction.
    """

    threshold_db: Db
    ratio: Annotated[float, Field(ge=1.0, le=20.0)]
    attack_ms: Ms
    release_ms: Ms
    knee_db: Annotated[float, Field(gt=0.0, le=24.0)] = 6.0
    most_db: Annotated[float, Field(ge=0.0, le=24.0)] = 4.0


class DynamicsStep(Step):
    """Multiband compression, one band more than `crossovers_hz`; `wet` is its share in the parallel mix."""

    crossovers_hz: Annotated[
        tuple[Annotated[float, Field(ge=60.0, le=18_000.0)], ...], Field(min_length=2, max_length=4)
    ]
    bands: tuple[Band, ...]
    wet: Annotated[float, Field(ge=0.0, le=1.0)] = 0.8

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(self.bands) != len(self.crossovers_hz) + 1:
            raise ValueError("there must be one band more than crossovers_hz")
        if any(high < 1.5 * low for low, high in pairwise(self.crossovers_hz)):
            raise ValueError("crossovers_hz must ascend, each at least half as high again as the one below")
        return self


class SaturationStep(Step):
    """A soft clipper before the limiter.

    It takes peaks down by at most `most_db` and leaves the limiter what lies up to `left_db` above the ceiling;
    `knee_db` below its limit it begins.
    """

    most_db: Annotated[float, Field(ge=0.0, le=12.0)]
    left_db: Annotated[float, Field(ge=0.0, le=12.0)]
    knee_db: Annotated[float, Field(gt=0.0, le=12.0)] = 3.0
    oversampling: Literal[1, 2, 4, 8] = 4


class LimiterStep(Step):
    """The limiter. `most_busy_db` and `most_depth_db` bound its reduction in the busiest twentieth and on any peak."""

    look_ahead_ms: Annotated[float, Field(ge=0.5, le=20.0)] = 2.0
    hold_ms: Annotated[float, Field(ge=0.0, le=100.0)] = 10.0
    quick_release_ms: Ms = 50.0
    sustained_fall_ms: Ms = 250.0
    sustained_rise_ms: Ms = 500.0
    oversampling: Literal[4, 8, 16] = 8
    most_busy_db: Annotated[float, Field(gt=0.0, le=24.0)] = 6.0
    most_depth_db: Annotated[float, Field(gt=0.0, le=40.0)] = 15.0


class LoudnessStep(Step):
    """Integrated loudness and highest true peak of the decoded master."""

    target_lufs: Annotated[float, Field(ge=-30.0, le=-5.0)]
    ceiling_db: Annotated[float, Field(ge=-12.0, le=0.0)]


class MasteringPlan(Settings):
    """What is done to a song, in this order."""

    version: Literal[1] = 1
    repair: tuple[RepairStep, ...] = ()
    tone: ToneStep | None = None
    width: WidthStep | None = None
    dynamics: DynamicsStep | None = None
    saturation: SaturationStep | None = None
    limiter: LimiterStep = LimiterStep()
    loudness: LoudnessStep

    @property
    def finish(self) -> tuple[Step | None, ...]:
        """What depends on loudness and ceiling, without reasons: plans that differ in nothing else make one file."""
        steps = (self.saturation, self.limiter, self.loudness)
        return tuple(None if step is None else step.model_copy(update={"reason": ""}) for step in steps)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why each step is there, in their order."""
        steps = (*self.repair, self.tone, self.width, self.dynamics, self.saturation, self.limiter, self.loudness)
        return tuple(step.reason for step in steps if step is not None and step.reason)

    @classmethod
    def parse(cls, text: str | bytes) -> MasteringPlan:
        """Read a plan from JSON.

        Raises
        ------
        Invalid
            If it is not a plan, naming the first field that is wrong.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(map(str, first["loc"])) or "plan"
            raise Invalid(f"This plan cannot be used: {field}: {first['msg']}.", field=field) from error
