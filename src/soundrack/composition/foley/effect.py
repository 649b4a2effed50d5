"""A sound effect from a prompt."""

from __future__ import annotations

import numpy as np

from soundrack.composition.chance import chance
from soundrack.composition.foley.catalogue import RECIPES
from soundrack.composition.foley.choosing import choose
from soundrack.composition.foley.finishing import finished
from soundrack.composition.foley.order import EffectOrder, Sound
from soundrack.composition.foley.performing import performed
from soundrack.composition.foley.recipe import Kind
from soundrack.composition.instruments.tone import RATE_HZ

_BEHIND_DB = -4.0
_BED_RMS, _HIT_PEAK = 0.1, 0.6


def effect(order: EffectOrder) -> Sound:
    """Make a sound effect.

    Parameters
    ----------
    order : EffectOrder
        The prompt, the length, the seed, and whether it is a loop.

    Returns
    -------
    Sound
        Exactly ``round(duration_s * 44100)`` frames, never silent; the same bytes for the same order. What goes on (a
        bed) is at -20 LUFS, or below where its true peak would exceed -1 dBTP; what happens is at -1 dBTP.
    """
    chosen = choose(order.prompt)
    frames = round(order.duration_s * RATE_HZ)
    mix = np.zeros((frames, 2))
    for number, layer in enumerate(chosen.layers):
        recipe = RECIPES[layer.recipe]
        rng = chance(order.seed, "foley", layer.recipe, number)
        sound = performed(recipe, layer.character, frames, rng, loop=order.loopable)
        mix += sound * _level(sound, recipe.kind, layer.character.distance, foremost=number == 0)
    kind = RECIPES[chosen.layers[0].recipe].kind
    return Sound(
        samples=finished(mix, kind, loop=order.loopable),
        recipes=tuple(layer.recipe for layer in chosen.layers),
        why=chosen.why,
        understood=chosen.understood,
        ignored=chosen.ignored,
    )


def _level(
    sound: np.ndarray[tuple[int, ...], np.dtype[np.float64]], kind: Kind, distance: float, *, foremost: bool
) -> float:
    """Return the gain of a layer: beds by their level, hits by their peak, less what is behind or far away."""
    if kind is Kind.BED:
        gain = _BED_RMS / max(float(np.sqrt(np.mean(sound * sound))), 1e-9)
    else:
        gain = _HIT_PEAK / max(float(np.max(np.abs(sound))), 1e-9)
    behind_db = 0.0 if foremost else _BEHIND_DB
    return float(gain * 10.0 ** ((behind_db - 9.0 * distance) / 20.0))
