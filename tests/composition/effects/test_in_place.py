"""Effects whose result is put where the sound was."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from soundrack.composition.effects import (
    compressor,
    crusher,
    equaliser,
    reverb,
    saturation,
    stereo,
    sweep,
    transients,
)
from soundrack.composition.effects.sound import Sound, curve, gained
from tests.composition.effects.signals import noise

_FRAMES = 6000
_CURVE = curve(_FRAMES, (0.0, 0.1), (0.2, 1.0))
_EFFECTS: dict[str, Callable[[Sound, Sound | None], Sound]] = {
    "gain": lambda sound, out: gained(sound, _CURVE, out),
    "equaliser": lambda sound, out: equaliser.process(sound, [equaliser.bell(900.0, 6.0)], out),
    "dip": lambda sound, out: equaliser.dipped(sound, 2000.0, 6.0, 1.0, _CURVE, out),
    "compressor": lambda sound, out: compressor.process(sound, compressor.Compression(-20.0, 4.0), out=out),
    "transients": lambda sound, out: transients.process(sound, 6.0, out=out),
    "stereo": lambda sound, out: stereo.process(sound, 0.4, 120.0, out),
    "sweep": lambda sound, out: sweep.process(sound, 2000.0 * _CURVE, out=out),
    "tape": lambda sound, out: saturation.process(sound, saturation.Saturation(saturation.Curve.TAPE, 12.0), out),
    "tube": lambda sound, out: saturation.process(sound, saturation.Saturation(saturation.Curve.TUBE, 12.0), out),
    "crusher": lambda sound, out: crusher.process(sound, 8.0, 11_025.0, 0.7, out),
}


@pytest.mark.parametrize("name", _EFFECTS)
def test_it_is_the_same_as_elsewhere(name: str) -> None:
    sound = np.ascontiguousarray(noise(0.2, 0.5)[:_FRAMES])
    before = sound.copy()
    elsewhere = _EFFECTS[name](sound, None)
    assert np.array_equal(sound, before)
    assert not np.allclose(elsewhere, before)
    assert _EFFECTS[name](sound, sound) is sound
    assert np.array_equal(sound, elsewhere)


def test_reverberation_is_added_to_what_is_there() -> None:
    sound, there = noise(0.2, 0.5)[:_FRAMES], noise(0.2, 0.5, seed=7)[:_FRAMES].copy()
    alone = reverb.process(sound, reverb.SPACES["room"])
    assert np.allclose(reverb.process(sound, reverb.SPACES["room"], there.copy()), there + alone, atol=1e-6)
