"""Effects by what a meter says of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from soundrack.composition.effects import (
    compressor,
    crusher,
    delay,
    ducking,
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
from soundrack.composition.instruments.tone import RATE_HZ
from tests.composition.effects.signals import impulse, level_db, noise, partial_db, sine


def _decay_s(response: np.ndarray, low_hz: float, high_hz: float) -> float:
    """Return the decay time by the line through -5 to -25 dB of Schroeder's integral (ISO 3382-1, T20)."""
    band = sosfilt(butter(4, (low_hz, high_hz), "bandpass", fs=RATE_HZ, output="sos"), response[:, 0])
    falling = 10.0 * np.log10(np.cumsum(band[::-1] ** 2)[::-1] + 1e-30)
    falling -= falling[0]
    first, last = np.argmax(falling < -5.0), np.argmax(falling < -25.0)
    return 3.0 * (last - first) / RATE_HZ


@pytest.mark.parametrize("decay_s", [0.6, 1.5, 3.0])
def test_a_room_decays_as_long_as_it_says_and_sooner_at_high_frequencies(decay_s: float) -> None:
    response = reverb.process(impulse(decay_s + 1.0), reverb.Space(decay_s, 0.4, (20.0, 70.0), reflections=0.0))
    low, high = _decay_s(response, 400.0, 900.0), _decay_s(response, 8000.0, 11_000.0)
    assert low == pytest.approx(decay_s, rel=0.15)
    assert 0.35 * decay_s < high < 0.7 * decay_s


def test_reverberation_is_linear() -> None:
    one, other = noise(0.5, seed=1), noise(0.5, seed=2)
    hall = reverb.SPACES["hall"]
    together = reverb.process(one + other, hall)
    assert level_db(together - reverb.process(one, hall) - reverb.process(other, hall)) < level_db(together) - 100.0


def test_reverberation_begins_after_its_delay_and_is_different_on_both_sides() -> None:
    space = reverb.Space(1.5, 0.5, (20.0, 60.0), predelay_ms=50.0)
    response = reverb.process(impulse(1.0), space)
    assert np.abs(response[: round(0.049 * RATE_HZ)]).max() < 1e-9
    late = response[20_000:]
    assert abs(np.corrcoef(late[:, 0], late[:, 1])[0, 1]) < 0.3


def test_a_steady_sound_comes_back_from_every_space_about_as_loud() -> None:
    for space in reverb.SPACES.values():
        sound = noise(4.0)
        assert -14.0 < level_db(reverb.process(sound, space)[88_200:]) - level_db(sound) < 3.0


def test_echoes_come_in_time_and_from_side_to_side() -> None:
    made = delay.process(impulse(1.0), delay.Echo(0.25, 0.5))
    first, second = round(0.25 * RATE_HZ), round(0.5 * RATE_HZ)
    assert abs(int(np.argmax(np.abs(made[:, 0]))) - first) <= 2
    assert abs(int(np.argmax(np.abs(made[:, 1]))) - second) <= 4
    assert np.abs(made[first - 200 : first + 400, 1]).max() < 1e-6


def test_a_tape_that_wobbles_moves_the_pitch_and_one_that_does_not_leaves_it() -> None:
    steady = delay.process(sine(1000.0, 2.0, 0.05), delay.Echo(0.2, 0.0, False))
    moved = delay.process(sine(1000.0, 2.0, 0.05), delay.Echo(0.2, 0.0, False, wobble_ms=2.0, wobble_hz=2.0))
    assert partial_db(steady[44_100:], 1000.0) > partial_db(moved[44_100:], 1000.0) + 3.0


def test_a_phaser_has_notches_and_a_chorus_widens() -> None:
    sound = noise(1.0)
    still = phaser.process(sound, phaser.Phaser(4, 800.0, 800.0, 0.0, 0.0, 0.5, 0.0))
    spectrum = 20.0 * np.log10(np.abs(np.fft.rfft(still[:, 0])) / np.abs(np.fft.rfft(sound[:, 0])) + 1e-9)
    hz = np.fft.rfftfreq(len(sound), 1.0 / RATE_HZ)
    # Four first-order all-pass filters at 800 Hz turn by half a turn at 800 tan(pi / 8) Hz.
    notch = 800.0 * math.tan(math.pi / 8.0)
    assert np.median(spectrum[(hz > notch - 5) & (hz < notch + 5)]) < -25.0
    mono = np.repeat(noise(1.0)[:, :1], 2, axis=1)
    wide = modulation.process(mono, modulation.CHORUS)
    assert level_db(wide[:, :1] - wide[:, 1:]) > level_db(wide) - 10.0
    assert level_db(wide) == pytest.approx(level_db(mono), abs=1.5)


def test_tremolo_and_auto_pan_swing_as_far_as_they_say() -> None:
    steady = np.ones((RATE_HZ, 2), dtype=np.float32)
    swung = tremolo.process(steady, 4.0, 0.75)
    assert swung.min() == pytest.approx(0.25, abs=0.01)
    panned = tremolo.panned(steady, 1.0, 1.0)
    assert np.sum(panned**2, axis=1) == pytest.approx(np.full(RATE_HZ, 2.0), abs=1e-3)
    assert panned[:, 0].min() < 0.01


def test_saturation_keeps_what_is_small_and_folds_hardly_anything_back() -> None:
    soft = sine(1000.0, 0.5, 0.001)
    for kind in saturation.Curve:
        made = saturation.process(soft, saturation.Saturation(kind, 12.0))
        assert partial_db(made[4410:-4410], 1000.0) == pytest.approx(partial_db(soft[4410:-4410], 1000.0), abs=0.1)
    loud = sine(9000.0, 0.5, 0.5)
    bent = saturation.process(loud, saturation.Saturation(saturation.Curve.TAPE, 12.0))[4410:-4410]
    # The fifth overtone, at 45 kHz, would fold back to 900 Hz.
    assert partial_db(bent, 44_100.0 - 5 * 9000.0 + 2 * 900.0) < partial_db(bent, 9000.0) - 70.0


def test_a_tube_makes_even_overtones_and_a_tape_odd_ones() -> None:
    loud = sine(1000.0, 0.5, 0.7)
    tube = saturation.process(loud, saturation.Saturation(saturation.Curve.TUBE, 6.0))[4410:-4410]
    tape = saturation.process(loud, saturation.Saturation(saturation.Curve.TAPE, 6.0))[4410:-4410]
    assert partial_db(tube, 2000.0) > -50.0
    assert partial_db(tape, 2000.0) < -80.0 < -40.0 < partial_db(tape, 3000.0)


def test_a_crusher_leaves_as_many_values_as_its_bits() -> None:
    made = crusher.process(noise(0.5), 4.0, 44_100.0)
    assert np.allclose(made / 0.125, np.round(made / 0.125))
    held = crusher.process(noise(0.5), 16.0, 4410.0)
    assert np.mean(np.diff(held[:, 0]) == 0.0) == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize(("over_db", "ratio"), [(10.0, 2.0), (20.0, 4.0), (12.0, math.inf)])
def test_a_compressor_lets_out_of_what_is_over_its_threshold_one_part_in_its_ratio(
    over_db: float, ratio: float
) -> None:
    loud = np.full((RATE_HZ, 2), 10.0 ** ((over_db - 30.0) / 20.0), dtype=np.float32)
    made = compressor.process(loud, compressor.Compression(-30.0, ratio, 5.0, 100.0, 6.0))
    assert 20.0 * np.log10(made[-1, 0]) == pytest.approx(-30.0 + over_db / ratio, abs=0.05)


def test_a_compressor_reaches_two_thirds_of_its_way_after_its_attack() -> None:
    loud = np.concatenate((np.full((4410, 2), 1e-3), np.full((RATE_HZ, 2), 0.5))).astype(np.float32)
    gains = 20.0 * np.log10(compressor.gain_curve(loud, compressor.Compression(-20.0, 4.0, 20.0, 200.0, 0.0)))
    at = 4410 // 8 + round(0.02 * RATE_HZ / 8)
    assert gains[at] / gains[-1] == pytest.approx(1.0 - math.exp(-1.0), abs=0.03)


def test_a_side_chain_ducks_one_sound_by_another() -> None:
    sound, key = sine(200.0, 1.0, 0.1), np.zeros((RATE_HZ, 2), np.float32)
    key[20_000:25_000] = 0.8
    made = compressor.process(sound, compressor.Compression(-30.0, 8.0, 2.0, 50.0), key)
    assert np.array_equal(made[:19_000], sound[:19_000])
    assert level_db(made[22_000:24_000]) < level_db(sound[22_000:24_000]) - 15.0


def test_pumping_is_down_when_the_drum_is_struck_and_back_after_its_release() -> None:
    gains = 20.0 * np.log10(ducking.pumping(RATE_HZ, [0.0, 0.5], 9.0, 0.25, [1.0, 0.5]))
    assert gains[0] == pytest.approx(-9.0, abs=0.1)
    assert gains[round(0.5 * RATE_HZ / 8)] == pytest.approx(-4.5, abs=0.1)
    assert gains[round(0.3 * RATE_HZ / 8)] == 0.0


def test_presence_is_one_where_something_sounds_and_nothing_far_from_it() -> None:
    sound = np.zeros((3 * RATE_HZ, 2), np.float32)
    sound[RATE_HZ : 2 * RATE_HZ] = 0.1
    there = ducking.presence(sound)
    assert there[round(1.5 * RATE_HZ / 8)] == pytest.approx(1.0, abs=1e-3)
    assert there[round(0.5 * RATE_HZ / 8)] == there[round(2.8 * RATE_HZ / 8)] == 0.0


def test_a_gate_shuts_out_what_is_soft_and_lets_the_rest_through() -> None:
    sound = np.concatenate((sine(500.0, 0.5, 0.003), sine(500.0, 0.5, 0.3), sine(500.0, 0.5, 0.003)))
    made = gate.process(sound, gate.Gate())
    assert level_db(made[:20_000]) < -100.0
    assert level_db(made[30_000:40_000]) == pytest.approx(level_db(sound[30_000:40_000]), abs=0.1)
    assert level_db(made[-4410:]) < -90.0


def test_a_filter_passes_what_its_name_says() -> None:
    hz = curve(RATE_HZ, (0.0, 1.0), (1000.0, 1000.0))
    levels = {
        (kind, at): partial_db(sweep.process(sine(at, 1.0), hz, kind)[20_000:], at) + 6.02
        for kind in sweep.Pass
        for at in (100.0, 1000.0, 10_000.0)
    }
    assert levels[sweep.Pass.LOW, 1000.0] == pytest.approx(-3.0, abs=0.2)
    assert levels[sweep.Pass.LOW, 10_000.0] < -38.0
    assert levels[sweep.Pass.HIGH, 100.0] < -38.0
    assert levels[sweep.Pass.BAND, 1000.0] == pytest.approx(0.0, abs=0.1)


def test_tilt_raises_one_end_and_lowers_the_other() -> None:
    low, high = (
        partial_db(equaliser.process(sine(hz, 1.0), equaliser.tilt(3.0))[10_000:], hz) + 6.02 for hz in (40.0, 16_000.0)
    )
    assert low == pytest.approx(-3.0, abs=0.5)
    assert high == pytest.approx(3.0, abs=0.5)


def test_a_dip_is_as_deep_as_its_curve_says() -> None:
    sound, frames = sine(2600.0, 1.0), RATE_HZ
    for part in (0.0, 1.0):
        made = equaliser.dipped(sound, 2600.0, 6.0, 0.7, curve(frames, (0.0,), (part,)))
        assert partial_db(made[10_000:], 2600.0) - partial_db(sound[10_000:], 2600.0) == pytest.approx(
            -6.0 * part, abs=0.1
        )


def test_the_bass_is_brought_to_the_middle_and_width_zero_is_mono() -> None:
    low = sine(50.0, 1.0)
    low[:, 1] *= -1.0
    assert level_db(stereo.process(low, 1.0, 200.0)[10_000:]) < level_db(low) - 20.0
    narrow = stereo.process(noise(0.2), 0.0)
    assert np.allclose(narrow[:, 0], narrow[:, 1], atol=1e-7)


@pytest.mark.parametrize("pan", [-1.0, -0.3, 0.0, 0.7, 1.0])
def test_a_place_keeps_the_power(pan: float) -> None:
    mono = np.repeat(noise(0.2)[:, :1], 2, axis=1)
    assert level_db(stereo.placed(mono, pan)) == pytest.approx(level_db(mono), abs=0.01)


def test_a_transient_shaper_raises_attacks_and_leaves_what_is_steady() -> None:
    strokes = np.zeros((RATE_HZ, 2), np.float32)
    ring = np.exp(-np.arange(11_025) / 2000.0)[:, None]
    for start in range(0, RATE_HZ, 11_025):
        strokes[start : start + 11_025] = 0.5 * ring * sine(200.0, 0.25, 1.0)
    made = transients.process(strokes, 9.0)
    assert 3.0 < 20.0 * np.log10(np.abs(made).max() / np.abs(strokes).max()) < 9.5
    steady = sine(1000.0, 1.0)
    assert level_db(transients.process(steady, 9.0)[22_050:]) == pytest.approx(level_db(steady), abs=0.5)
