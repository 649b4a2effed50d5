"""What a sound's source is like, as a prompt describes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Room(StrEnum):
    """Where it is heard."""

    DRY = "dry"
    INDOOR = "indoor"
    HALL = "hall"
    CAVE = "cave"
    OUTDOOR = "outdoor"
    UNDERWATER = "underwater"
    TELEPHONE = "telephone"


class Movement(StrEnum):
    """How it moves."""

    STILL = "still"
    PASSING = "passing"
    APPROACHING = "approaching"
    LEAVING = "leaving"
    CIRCLING = "circling"


@dataclass(frozen=True)
class Character:
    """A source's parameters; 0.5 is what is usual for it.

    Parameters
    ----------
    size, intensity, speed, brightness : float
        0 to 1: small to big, soft to hard, slow to fast, dark to bright.
    distance : float
        0 (at the microphone) to 1 (some hundred metres away).
    room : Room
        Where it is heard.
    movement : Movement
        How it moves.
    count : int or None
        How often it happens; None: as the duration allows.
    """

    size: float = 0.5
    intensity: float = 0.5
    speed: float = 0.5
    brightness: float = 0.5
    distance: float = 0.0
    room: Room = Room.DRY
    movement: Movement = Movement.STILL
    count: int | None = None

    def between(self, name: str, low: float, high: float) -> float:
        """Return a value between two by one of the parameters from 0 to 1, in equal ratios where both are above 0."""
        part = float(getattr(self, name))
        if low > 0.0 and high > 0.0:
            return float(low * (high / low) ** part)
        return low + (high - low) * part
