"""When what comes: sounds that a prompt names one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.chance import chance
from soundrack.composition.foley.catalogue import RECIPES
from soundrack.composition.foley.choosing import Layer
from soundrack.composition.foley.performing import performed
from soundrack.composition.foley.recipe import Kind
from soundrack.composition.instruments.tone import RATE_HZ

_BEHIND_DB = -4.0
_FAR_DB = -9.0
_BED_RMS, _HIT_PEAK = 0.1, 0.6
_INTO_S, _OUT_S = 0.05, 0.3
"""How a bed comes in and goes away between other sounds."""


def layered(layers: Sequence[Layer], frames: int, seed: int, take: int, *, loop: bool) -> NDArray[np.float64]:
    """Return layers together, or one after another where they have stages.

    Parameters
    ----------
    layers : sequence of Layer
        The foremost first.
    frames : int
        How long it all is; each stage has an equal part of that. A hit rings on into the next stages, and in a loop
        into the beginning; a bed goes on until another one comes.
    seed, take : int
        Decide all that is random.
    loop : bool
        Whether the end leads to the beginning.

    Returns
    -------
    float64 array, shape (frames, 2)
    """
    stages = 1 + max(layer.stage for layer in layers)
    beds = sorted({layer.stage for layer in layers if RECIPES[layer.recipe].kind is Kind.BED})
    mix = np.zeros((frames, 2))
    for place, layer in enumerate(layers):
        names = (layer.recipe, place) if take == 0 else (layer.recipe, place, "take", take)
        rng = chance(seed, "foley", *names)
        span = frames * layer.stage // stages, frames * (layer.stage + 1) // stages
        if RECIPES[layer.recipe].kind is Kind.BED:
            span = span[0], frames * next((stage for stage in beds if stage > layer.stage), stages) // stages
        sound = _staged(layer, frames, span, rng, loop=loop)
        mix += sound * _level(sound, RECIPES[layer.recipe].kind, layer.character.distance, foremost=place == 0)
    return mix


def _staged(
    layer: Layer, frames: int, span: tuple[int, int], rng: np.random.Generator, *, loop: bool
) -> NDArray[np.float64]:
    """Return a layer where it comes, shape (frames, 2)."""
    recipe, character = RECIPES[layer.recipe], layer.character
    start, stop = span
    if (start, stop) == (0, frames):
        return performed(recipe, character, frames, rng, loop=loop)
    out = np.zeros((frames, 2))
    if recipe.kind is Kind.HIT:
        if character.count is None and not recipe.is_counted:
            character = replace(character, count=1)
        made = performed(recipe, character, frames if loop else frames - start, rng, loop=False)
        out[: len(made)] = made
        return np.roll(out, start, axis=0)
    made = performed(recipe, character, stop - start, rng, loop=False)
    out[start:stop] = made * _fade(stop - start)[:, None]
    return out


def _fade(frames: int) -> NDArray[np.float64]:
    """Return factors that come in and go away."""
    into, away = (min(round(each * RATE_HZ), frames // 3) for each in (_INTO_S, _OUT_S))
    gains = np.ones(frames)
    gains[:into] = 0.5 - 0.5 * np.cos(np.pi * np.arange(into) / max(into, 1))
    gains[frames - away :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(away) / max(away, 1))
    return gains


def _level(sound: NDArray[np.float64], kind: Kind, distance: float, *, foremost: bool) -> float:
    """Return the gain of a layer: beds by their level, hits by their peak, less what is behind or far away."""
    heard = sound[np.any(sound, axis=1)]
    if not len(heard):
        return 0.0
    if kind is Kind.BED:
        gain = _BED_RMS / max(float(np.sqrt(np.mean(heard * heard))), 1e-9)
    else:
        gain = _HIT_PEAK / max(float(np.max(np.abs(heard))), 1e-9)
    behind_db = 0.0 if foremost else _BEHIND_DB
    return float(gain * 10.0 ** ((behind_db + _FAR_DB * distance) / 20.0))
