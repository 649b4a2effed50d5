"""Motifs: a rhythm and a contour, from which tunes are made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.score.grid import Figure

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Motif:
    """A rhythm and the steps of the scale between its notes; `heights` are those of its contour, -0.5 to 0.5."""

    figure: Figure
    steps: tuple[float, ...]
    heights: tuple[float, ...]


def motif(shape: Figure, contours: dict[str, float], span: int, leaps: float, rng: np.random.Generator) -> Motif:
    """Draw the contour of a rhythm.

    Parameters
    ----------
    shape : Figure
        The rhythm.
    contours : dict of str to float
        Contours by weight, names in `styles.melody.CONTOURS`.
    span : int
        Semitones from lowest to highest, about.
    leaps : float
        0 smooth to 1 jagged.
    rng : numpy.random.Generator
        What is drawn from.
    """
    names = list(contours)
    weights = np.array([contours[each] for each in names])
    contour = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    count = len(shape.strokes)
    wide = span * 7.0 / 12.0 * float(rng.uniform(0.45, 0.8))
    at = np.linspace(0.0, 1.0, count) if count > 1 else np.array([0.5])
    shown = curve(contour, at) - 0.5
    heights = wide * shown + rng.normal(0.0, 0.35 + 0.7 * leaps, count)
    steps = np.round(np.diff(np.round(heights)))
    return Motif(shape, tuple(float(each) for each in steps), tuple(float(each) for each in shown))


def curve(contour: str, at: Curve) -> Curve:
    """Return a contour's height, 0 to 1, at places from 0, its beginning, to 1."""
    match contour:
        case "arch":
            return np.sin(np.pi * at)
        case "valley":
            return 1.0 - np.sin(np.pi * at)
        case "rise":
            return at
        case "fall":
            return 1.0 - at
        case "wave":
            return 0.5 + 0.5 * np.sin(2.0 * np.pi * at)
        case _:
            return np.full(len(at), 0.5)
