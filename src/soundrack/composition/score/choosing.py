"""How a player chooses what to play in a section from what the style has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np

from soundrack.composition.plan import Label, Plan


class Choice(Protocol):
    """What suits some metres, energies, labels and kinds of the style: a groove or a pattern."""

    @property
    def metre(self) -> str:
        """In which it is written."""
        ...

    @property
    def energy(self) -> tuple[float, float]:
        """Lowest and highest energy that it suits."""
        ...

    @property
    def labels(self) -> tuple[Label, ...]:
        """To which it is kept, if any."""
        ...

    @property
    def substyles(self) -> tuple[str, ...]:
        """To which it is kept, if any."""
        ...


class Instrumental(Choice, Protocol):
    """What is written for some instruments."""

    @property
    def plays(self) -> tuple[str, ...]:
        """Which; empty for all others."""
        ...


C = TypeVar("C", bound=Choice)
P = TypeVar("P", bound=Instrumental)


def suiting(choices: Sequence[C], plan: Plan, energy: float, label: Label) -> tuple[C, ...]:
    """Return what suits a section.

    What is kept to the song's substyle goes before what is for all; then what is written in the song's metre before
    what is derived from 4/4, and what is kept to the label before what is for all; among these, those whose energies
    hold the section's, or else the nearest. Nothing if nothing is possible.
    """
    own = [each for each in choices if plan.substyle in each.substyles]
    rest = [each for each in choices if not each.substyles]
    for asked in (own, rest):
        fitting = _in_metre(asked, plan.metre.name)
        kept = [each for each in fitting if label in each.labels] or [each for each in fitting if not each.labels]
        if kept:
            away = [max(each.energy[0] - energy, energy - each.energy[1], 0.0) for each in kept]
            return tuple(each for each, far in zip(kept, away, strict=True) if far <= min(away) + 1e-9)
    return ()


def written_for(choices: Sequence[P], plan: Plan, energy: float, label: Label, instrument: str) -> tuple[P, ...]:
    """Return what suits a section of what is written for an instrument, or else of what is written for all."""
    own = [each for each in choices if instrument in each.plays]
    rest = [each for each in choices if not each.plays]
    return suiting(own, plan, energy, label) or suiting(rest, plan, energy, label)


def _in_metre(choices: Sequence[C], metre: str) -> list[C]:
    return [each for each in choices if each.metre == metre] or [each for each in choices if each.metre == "4/4"]


def drawn(choices: Sequence[C], rng: np.random.Generator) -> C:
    """Return one of some, all being equally likely."""
    return choices[int(rng.integers(len(choices)))]
