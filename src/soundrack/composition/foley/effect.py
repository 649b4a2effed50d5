"""A sound effect from a prompt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.foley.catalogue import RECIPES
from soundrack.composition.foley.choosing import Layer, choose
from soundrack.composition.foley.finishing import finished
from soundrack.composition.foley.order import EffectOrder, Sound
from soundrack.composition.foley.recipe import Kind
from soundrack.composition.foley.seam import seam_percentile
from soundrack.composition.foley.staging import layered
from soundrack.composition.instruments.tone import RATE_HZ

_TAKES = 4
_AIM = 90.0
"""Percentile of a loop's flux that its seam must not exceed for a take to be kept at once."""


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
    kind = RECIPES[chosen.layers[0].recipe].kind
    samples, percentile = (
        _best(order, chosen.layers, kind) if order.loopable else (_take(order, chosen.layers, kind), None)
    )
    return Sound(
        samples=samples,
        recipes=tuple(layer.recipe for layer in chosen.layers),
        why=chosen.why,
        understood=chosen.understood,
        ignored=chosen.ignored,
        seam_percentile=percentile,
    )


def _best(order: EffectOrder, layers: Sequence[Layer], kind: Kind) -> tuple[NDArray[np.float32], float]:
    """Return the first take of a loop whose seam is one moment among others, else that whose seam is heard least; and
    where its flux lies."""
    takes: list[tuple[float, NDArray[np.float32]]] = []
    for number in range(_TAKES):
        made = _take(order, layers, kind, number)
        takes.append((seam_percentile(made), made))
        if takes[-1][0] <= _AIM:
            break
    percentile, made = min(takes, key=lambda take: take[0])
    return made, percentile


def _take(order: EffectOrder, layers: Sequence[Layer], kind: Kind, number: int = 0) -> NDArray[np.float32]:
    frames = round(order.duration_s * RATE_HZ)
    mix = layered(layers, frames, order.seed, number, loop=order.loopable)
    return finished(mix, kind, loop=order.loopable)
