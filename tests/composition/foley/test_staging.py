"""Sounds one after another."""

from __future__ import annotations

import numpy as np
import pytest

from soundrack.composition.foley.character import Character
from soundrack.composition.foley.choosing import Layer
from soundrack.composition.foley.staging import layered

FRAMES = 44_100


def level(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(sound**2)))


@pytest.mark.parametrize("loop", [False, True])
def test_what_comes_later_happens_once_and_not_before(loop: bool) -> None:
    alone = layered([Layer("click", Character(), 1)], FRAMES, 1, 0, loop=loop)
    assert not np.any(alone[: FRAMES // 2])
    assert level(alone[FRAMES // 2 : FRAMES // 2 + 4410]) > 0.01
    assert level(alone[-8820:]) < 0.01 * level(alone)


def test_a_bed_goes_on_until_another_one_comes() -> None:
    layers = [Layer("rain", Character(), 0), Layer("knock", Character(), 1)]
    assert level(layered(layers[:1], FRAMES, 1, 0, loop=False)[-4410:]) > 0.01
    assert level(layered(layers, FRAMES, 1, 0, loop=False)[-4410:]) > 0.01
    two = [Layer("rain", Character(), 0), Layer("hum", Character(), 1)]
    changed = layered(two, FRAMES, 1, 0, loop=False)
    other = layered([two[0], Layer("hum", Character(distance=1.0), 1)], FRAMES, 1, 0, loop=False)
    assert np.array_equal(changed[:21_000], other[:21_000])
    assert not np.array_equal(changed[23_000:], other[23_000:])
