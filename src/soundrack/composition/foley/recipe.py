"""A recipe: a model of one kind of sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.foley.take import Take


class Kind(StrEnum):
    """How a sound fills time."""

    HIT = "hit"
    """It happens and is over; it is repeated if there is time."""
    GESTURE = "gesture"
    """It lasts as long as is wanted, within limits, and has a beginning and an end."""
    BED = "bed"
    """It goes on as long as is wanted."""


@dataclass(frozen=True)
class Recipe:
    """A recipe.

    Parameters
    ----------
    make : callable
        From a take to a sound, (frames,) or (frames, 2), at any level.
    kind : Kind
        How it fills time.
    lasts_s : float
        Of hits, until it is over; of gestures, how long it may be stretched. Of beds 0.
    every_s : float
        Of hits and gestures, from one to the next where there are several.
    is_counted : bool
        Whether one event contains as many blows as the character counts.
    is_moving : bool
        Whether it passes by itself, whatever the character says.
    """

    make: Callable[[Take], NDArray[np.float64]]
    kind: Kind
    lasts_s: float = 0.0
    every_s: float = 0.0
    is_counted: bool = False
    is_moving: bool = False


def hit(
    make: Callable[[Take], NDArray[np.float64]], lasts_s: float, every_s: float, *, is_counted: bool = False
) -> Recipe:
    """Return a recipe of a hit."""
    return Recipe(make, Kind.HIT, lasts_s, every_s, is_counted)


def gesture(
    make: Callable[[Take], NDArray[np.float64]], lasts_s: float = 12.0, every_s: float = 0.0, *, is_moving: bool = False
) -> Recipe:
    """Return a recipe of a gesture; without a time from one to the next they follow each other."""
    return Recipe(make, Kind.GESTURE, lasts_s, every_s or lasts_s, is_moving=is_moving)


def bed(make: Callable[[Take], NDArray[np.float64]]) -> Recipe:
    """Return a recipe of a bed."""
    return Recipe(make, Kind.BED)
