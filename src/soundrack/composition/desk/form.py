"""Automation by section: when each begins and ends, and curves that follow them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from soundrack.composition.effects.sound import Curve, curve
from soundrack.composition.performance import Clock
from soundrack.composition.plan import Label, Section
from soundrack.composition.score.score import Score

FULL = (Label.CHORUS, Label.DROP)
_MOVE_S = 0.04
"""How long a change at a section's beginning takes."""


@dataclass(frozen=True)
class Stretch:
    """A section in seconds."""

    section: Section
    start_s: float
    end_s: float


def stretches(score: Score, clock: Clock) -> tuple[Stretch, ...]:
    """Return a score's sections in seconds."""
    starts = [each.start for each in score.sections] + [score.length]
    at = clock.straight(starts)
    return tuple(
        Stretch(each.section, float(begin), float(end))
        for each, begin, end in zip(score.sections, at, at[1:], strict=False)
    )


def held(frames: int, sections: Sequence[Stretch], value: Callable[[Section], float]) -> Curve:
    """Return a curve that has a value for each section and moves quickly between them."""
    times: list[float] = []
    values: list[float] = []
    for each in sections:
        times += [each.start_s + (_MOVE_S if times else 0.0), each.end_s]
        values += 2 * [value(each.section)]
    return curve(frames, times, values)


def opening_hz(frames: int, sections: Sequence[Stretch], closed_hz: float, open_hz: float) -> Curve | None:
    """Return a cutoff that rises through each build and is open elsewhere; None if there is no build.

    It rises evenly in octaves, slowly at first.
    """
    builds = [each for each in sections if each.section.label is Label.BUILD]
    if not builds:
        return None
    times, octaves = [0.0], [1.0]
    for each in builds:
        part = np.linspace(0.0, 1.0, 17)
        times += [each.start_s - _MOVE_S, *(each.start_s + part * (each.end_s - each.start_s)).tolist()]
        octaves += [1.0, *(part**1.6).tolist()]
    times.append(times[-1] + _MOVE_S)
    octaves.append(1.0)
    return np.asarray(closed_hz * (open_hz / closed_hz) ** curve(frames, times, octaves), dtype=np.float32)
