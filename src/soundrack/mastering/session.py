"""What is known of a song while it is mastered."""

from __future__ import annotations

from dataclasses import dataclass

from soundrack.audio.loudness import HopPower
from soundrack.audio.measurement import Measurement
from soundrack.audio.tags import Tags
from soundrack.mastering.order import Order
from soundrack.mastering.plan import MasteringPlan
from soundrack.mastering.planning.profile import Profile
from soundrack.mastering.repair import Note
from soundrack.mastering.repair.steps import SilenceStep


@dataclass(frozen=True)
class Session:
    """A song on the desk: what was ordered and planned, what the source measured, and how long and fast it now is.

    `profile` is that of the song after its repair, at `rate_hz`, with the meters of the source as it came.
    `source_power` is the source's K-weighted power; `frames` how many frames the master will have.
    """

    order: Order
    plan: MasteringPlan
    profile: Profile
    source_power: HopPower
    source_rate_hz: int
    rate_hz: int
    frames: int
    tags: Tags
    notes: tuple[Note, ...]

    @property
    def before(self) -> Measurement:
        """What the source measured as it came."""
        return self.profile.measurement

    @property
    def starts_at_s(self) -> float:
        """The moment of the source with which the master begins: later than 0 where silence was cut."""
        return sum(step.start_s for step in self.plan.repair if isinstance(step, SilenceStep))
