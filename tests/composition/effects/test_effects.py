"""What every effect promises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundrack.composition.effects import (
    compressor,
    crusher,
    delay,
    equaliser,
    gate,
    modulation,
    phaser,
    reverb,
    saturation,
    stereo,
    sweep,
    transients,
    tremolo,
)
from soundrack.composition.effects.sound import curve
from tests.composition.effects.signals import noise

Sound = NDArray[np.float32]

EFFECTS: dict[str, Callable[[Sound], Sound]] = {
    "reverb": lambda sound: reverb.process(sound, reverb.SPACES["plate"]),
    "spring": lambda sound: reverb.process(sound, reverb.SPACES["spring"]),
    "delay": lambda sound: delay.process(sound, delay.Echo(0.1, 0.5, wobble_ms=1.0)),
    "chorus": lambda sound: modulation.process(sound, modulation.CHORUS),
    "flanger": lambda sound: modulation.process(sound, modulation.FLANGER),
    "phaser": lambda sound: phaser.process(sound, phaser.Phaser()),
    "tremolo": lambda sound: tremolo.process(sound, 5.0, 0.7),
    "auto-pan": lambda sound: tremolo.panned(sound, 2.0, 0.7),
    "saturation": lambda sound: saturation.process(sound, saturation.Saturation(saturation.Curve.TUBE, 12.0)),
    "crusher": lambda sound: crusher.process(sound, 8.0, 9000.0),
    "compressor": lambda sound: compressor.process(sound, compressor.Compression(-20.0, 4.0)),
    "gate": lambda sound: gate.process(sound, gate.Gate()),
    "sweep": lambda sound: sweep.process(sound, curve(len(sound), (0.0, 0.2), (200.0, 9000.0))),
    "equaliser": lambda sound: equaliser.process(sound, [equaliser.low_cut(100.0), *equaliser.tilt(2.0)]),
    "stereo": lambda sound: stereo.process(sound, 1.3, 120.0),
    "transients": lambda sound: transients.process(sound, 6.0, -6.0),
}


@pytest.mark.parametrize("name", EFFECTS)
@pytest.mark.parametrize("frames", [0, 1, 7, 8, 65, 5000])
def test_an_effect_gives_a_finite_sound_as_long_as_what_it_is_given_and_leaves_that_alone(
    name: str, frames: int
) -> None:
    given_sound = noise(0.2)[:frames]
    before = given_sound.copy()
    made = EFFECTS[name](given_sound)
    assert made.shape == (frames, 2)
    assert made.dtype == np.float32
    assert np.isfinite(made).all()
    assert np.array_equal(given_sound, before)


@pytest.mark.parametrize("name", EFFECTS)
def test_silence_stays_silence(name: str) -> None:
    assert np.abs(EFFECTS[name](np.zeros((9000, 2), dtype=np.float32))).max() < 1e-12


@pytest.mark.parametrize("name", EFFECTS)
def test_the_same_sound_gives_the_same_bytes(name: str) -> None:
    assert EFFECTS[name](noise(0.1)).tobytes() == EFFECTS[name](noise(0.1)).tobytes()


@settings(max_examples=25, deadline=None)
@given(
    decay_s=st.floats(0.05, 30.0),
    brightness=st.floats(0.05, 1.0),
    short=st.floats(2.0, 80.0),
    long=st.floats(2.0, 200.0),
    movement=st.floats(0.0, 1.0),
    diffusion=st.floats(0.0, 0.8),
)
def test_a_space_of_any_size_and_decay_is_stable(
    decay_s: float, brightness: float, short: float, long: float, movement: float, diffusion: float
) -> None:
    space = reverb.Space(decay_s, brightness, (short, long), movement_ms=movement, diffusion=diffusion)
    heard = reverb.process(np.concatenate((noise(0.2), np.zeros((30_000, 2), np.float32))), space)
    assert np.abs(heard).max() < 20.0
    assert np.abs(heard[-5000:]).max() <= np.abs(heard).max()


@settings(max_examples=25, deadline=None)
@given(time_s=st.floats(0.0, 5.0), feedback=st.floats(0.0, 3.0), crosses=st.booleans(), wobble=st.floats(0.0, 5.0))
def test_echoes_stay_bounded_whatever_comes_back(time_s: float, feedback: float, crosses: bool, wobble: float) -> None:
    made = delay.process(noise(0.3), delay.Echo(time_s, feedback, crosses, wobble_ms=wobble))
    assert np.abs(made).max() < 5.0


@settings(max_examples=25, deadline=None)
@given(
    voices=st.integers(0, 9),
    delay_ms=st.floats(0.0, 90.0),
    depth_ms=st.floats(0.0, 90.0),
    rate_hz=st.floats(0.0, 20.0),
    feedback=st.floats(-2.0, 2.0),
)
def test_moving_copies_stay_bounded_at_any_setting(
    voices: int, delay_ms: float, depth_ms: float, rate_hz: float, feedback: float
) -> None:
    made = modulation.process(noise(0.3), modulation.Modulation(voices, delay_ms, depth_ms, rate_hz, feedback))
    assert np.isfinite(made).all()
    assert np.abs(made).max() < 200.0


@settings(max_examples=25, deadline=None)
@given(stages=st.integers(0, 20), low=st.floats(0.0, 3e4), high=st.floats(0.0, 3e4), feedback=st.floats(0.0, 2.0))
def test_a_phaser_stays_bounded_at_any_setting(stages: int, low: float, high: float, feedback: float) -> None:
    made = phaser.process(noise(0.3), phaser.Phaser(stages, low, high, 3.0, feedback))
    assert np.abs(made).max() < 50.0


@settings(max_examples=25, deadline=None)
@given(points=st.lists(st.floats(0.0, 1e5), min_size=2, max_size=9), resonance=st.floats(0.0, 1.0))
def test_a_filter_stays_bounded_however_its_frequency_jumps(points: list[float], resonance: float) -> None:
    sound = noise(0.2)
    hz = curve(len(sound), np.linspace(0.0, 0.2, len(points)), points)
    for kind in sweep.Pass:
        assert np.abs(sweep.process(sound, hz, kind, resonance)).max() < 100.0
