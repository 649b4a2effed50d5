"""What every model of a piece is: numbers, and a stroke made from them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import ClassVar, Self

import numpy as np

from soundrack.composition.fields import Fields
from soundrack.composition.instruments.drums.strokes import Sound


@dataclass(frozen=True)
class Model(ABC):
    """A piece of a kit. Its fields are numbers that a kit's file gives; `RANGES` has their bounds."""

    RANGES: ClassVar[dict[str, tuple[float, float]]] = {}

    @classmethod
    def read(cls, table: Fields) -> Self:
        """Read the numbers; those that are not given have their defaults.

        Raises
        ------
        Invalid
            If one is out of bounds.
        """
        values = {}
        for field in fields(cls):
            low, high = cls.RANGES[field.name]
            default = field.default
            values[field.name] = table.number(field.name, low, high, default if isinstance(default, float) else None)
        return cls(**values)

    @abstractmethod
    def stroke(self, velocity: float, rng: np.random.Generator) -> Sound:
        """Return a stroke.

        Parameters
        ----------
        velocity : float
            0 to 1. It changes what is excited; the kit sees to the level.
        rng : numpy.random.Generator
            For what no two strokes have in common.

        Returns
        -------
        float64 array, shape (frames,) or (frames, 2)
            At any level, ending in silence.
        """
