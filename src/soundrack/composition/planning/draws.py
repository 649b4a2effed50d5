"""What a plan leaves to chance, drawn so that variations differ."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from soundrack.composition.chance import chance

T = TypeVar("T")


@dataclass(frozen=True)
class Draws:
    """The chance of a seed and a variation, 0 for the first."""

    seed: int
    variation: int

    @property
    def plan_seed(self) -> int:
        """The seed of the plan: that of the first variation is the asked one, those of others follow from it."""
        if self.variation == 0:
            return self.seed
        digest = hashlib.blake2b(f"{self.seed} {self.variation}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") >> 1

    def rng(self, *names: str | int) -> np.random.Generator:
        """Return the generator of a purpose, another one for each variation."""
        return chance(self.plan_seed, "plan", *names)

    def each(self, name: str, choices: Sequence[T], weights: Sequence[float]) -> T:
        """Draw one of some by weight, such that variations take different ones while there are any left.

        The order of all is drawn by the seed alone, without replacement (Efraimidis and Spirakis, "Weighted random
        sampling with a reservoir", Information Processing Letters 97, 2006); a variation takes the one in its place.
        """
        rng = chance(self.seed, "plan", name)
        keys = [math.log(1.0 - rng.random()) / weight if weight > 0.0 else -math.inf for weight in weights]
        possible = sum(weight > 0.0 for weight in weights) or len(choices)
        order = sorted(range(len(choices)), key=lambda place: (-keys[place], place))
        return choices[order[self.variation % possible]]

    def among(self, name: str, weights: Mapping[T, float]) -> T:
        """Draw one of some by weight, for each variation independently of the others."""
        choices = list(weights)
        shares = np.array([weights[each] for each in choices], dtype=np.float64)
        return choices[int(self.rng(name).choice(len(choices), p=shares / shares.sum()))]
