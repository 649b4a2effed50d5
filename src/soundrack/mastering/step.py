"""What all steps of a plan have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Hz = Annotated[float, Field(ge=5.0, le=96_000.0)]
Db = Annotated[float, Field(ge=-24.0, le=24.0)]
Ms = Annotated[float, Field(gt=0.0, le=5000.0)]


class Settings(BaseModel):
    """Values that are checked where they come in and never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Step(Settings):
    """A part of a plan. `reason` says in words why it is there."""

    reason: str = ""
