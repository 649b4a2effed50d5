"""What distinguishes the models from one another: strings, hammers, reeds, amplifiers and motors."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from soundrack.composition.instruments.acoustic import INSTRUMENTS
from soundrack.composition.instruments.modal import Modes
from soundrack.composition.instruments.piano import inharmonicity
from soundrack.composition.instruments.players import lines
from soundrack.composition.instruments.tone import RATE_HZ, Tone
from tests.composition.instruments.sound import played


def _spectrum(
    sound: NDArray[np.float32], begin_s: float, end_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    part = sound[round(begin_s * RATE_HZ) : round(end_s * RATE_HZ)].mean(axis=1).astype(np.float64)
    power = np.abs(np.fft.rfft(part * np.blackman(len(part)), 1 << 19)) ** 2
    return np.arange(len(power), dtype=np.float64) * (RATE_HZ / (1 << 19)), np.asarray(power, dtype=np.float64)


def _peak_hz(sound: NDArray[np.float32], near_hz: float, begin_s: float = 0.1, end_s: float = 2.0) -> float:
    hertz, power = _spectrum(sound, begin_s, end_s)
    near = np.abs(hertz / near_hz - 1.0) < 0.015
    return float(hertz[near][np.argmax(power[near])])


def _level_db(sound: NDArray[np.float32], begin_s: float, end_s: float) -> float:
    part = sound[round(begin_s * RATE_HZ) : round(end_s * RATE_HZ)].astype(np.float64)
    return float(10.0 * np.log10(np.mean(part**2) + 1e-20))


def _band_db(sound: NDArray[np.float32], low_hz: float, high_hz: float, begin_s: float, end_s: float) -> float:
    hertz, power = _spectrum(sound, begin_s, end_s)
    band = (hertz >= low_hz) & (hertz < high_hz)
    return float(10.0 * np.log10(power[band].sum() / power.sum() + 1e-20))


def _play(name: str, *tones: Tone, seconds: float = 2.0) -> NDArray[np.float32]:
    return played(INSTRUMENTS[name], list(tones), seconds)


def test_a_mode_rings_at_its_frequency_and_decays_as_told():
    modes = Modes.of(np.array([441.0]), np.array([6.91]), np.array([0.5]))
    sound = modes.sound(2 * RATE_HZ)
    time_s = np.arange(len(sound)) / RATE_HZ
    wanted = 0.5 * np.exp(-6.91 * time_s) * np.sin(2.0 * np.pi * 441.0 * (time_s + 1.0 / RATE_HZ))
    assert np.abs(sound[100:, 0] - wanted[100:]).max() < 2e-3
    assert len(sound) < 1.7 * RATE_HZ


def test_a_pianos_partials_are_stretched_by_the_published_stiffness():
    for pitch in (33.0, 60.0, 72.0):
        sound = _play("grand_piano", Tone(0.0, 2.0, pitch, 0.9))
        first = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
        stiffness = inharmonicity(pitch)
        assert 5e-5 < stiffness < 2e-3
        for number in (4, 7):
            wanted = number * first * np.sqrt((1.0 + stiffness * number**2) / (1.0 + stiffness))
            assert _peak_hz(sound, wanted) == pytest.approx(wanted, rel=6e-4)


def test_a_pianos_bass_rings_longer_than_its_treble_and_only_the_treble_has_no_dampers():
    falls = []
    for pitch in (40.0, 64.0, 84.0):
        sound = _play("grand_piano", Tone(0.0, 3.0, pitch, 0.7), seconds=3.0)
        falls.append(_level_db(sound, 0.1, 0.4) - _level_db(sound, 2.0, 2.3))
    assert all(low < high for low, high in pairwise(falls))
    damped, free = (_play("grand_piano", Tone(0.0, 0.2, pitch, 0.7)) for pitch in (60.0, 92.0))
    assert _level_db(damped, 0.0, 0.2) - _level_db(damped, 0.8, 1.0) > 30.0
    assert _level_db(free, 0.0, 0.2) - _level_db(free, 0.6, 0.8) < 35.0


def test_a_pickup_makes_the_harmonics_of_a_tine_the_more_the_harder_it_is_struck():
    soft, hard = (_play("electric_piano", Tone(0.0, 1.0, 48.0, velocity)) for velocity in (0.2, 1.0))
    harmonics = [_band_db(sound, 200.0, 600.0, 0.05, 0.8) for sound in (soft, hard)]
    assert harmonics[1] > harmonics[0] + 6.0


def test_one_amplifier_drives_the_sum_of_the_strings():
    root, fifth = Tone(0.0, 1.5, 52.0, 0.8), Tone(0.0, 1.5, 59.0, 0.8)
    alone = _play("distorted_guitar", root) + _play("distorted_guitar", fifth)
    together = _play("distorted_guitar", root, fifth)
    octave_below = 440.0 * 2.0 ** ((40.0 - 69.0) / 12.0)
    below = [_band_db(sound, 0.94 * octave_below, 1.06 * octave_below, 0.2, 1.4) for sound in (alone, together)]
    assert below[1] > below[0] + 15.0


def test_muting_shortens_and_darkens():
    for name in ("acoustic_guitar", "electric_guitar", "electric_bass", "clavinet", "vibraphone"):
        pitch = INSTRUMENTS[name].lowest + 12.0
        free, muted = (_play(name, Tone(0.0, 1.0, pitch, 0.7, kind)) for kind in ("", "mute"))
        lost = [_level_db(sound, 0.0, 0.1) - _level_db(sound, 0.4, 0.6) for sound in (free, muted)]
        assert lost[1] > lost[0] + 6.0, name


def test_a_palm_muted_guitar_is_muted_without_being_told():
    sound = _play("muted_guitar", Tone(0.0, 1.0, 45.0, 0.7))
    assert _level_db(sound, 0.0, 0.1) - _level_db(sound, 0.5, 0.7) > 18.0


def test_brass_grows_brighter_while_it_begins_and_with_the_effort():
    sound = _play("trumpet", Tone(0.0, 1.0, 62.0, 0.9))
    assert _band_db(sound, 2500.0, 8000.0, 0.3, 0.9) > _band_db(sound, 2500.0, 8000.0, 0.0, 0.03) + 3.0
    soft = _play("trumpet", Tone(0.0, 1.0, 62.0, 0.3))
    assert _band_db(sound, 2500.0, 8000.0, 0.3, 0.9) > _band_db(soft, 2500.0, 8000.0, 0.3, 0.9) + 10.0


def test_a_clarinets_low_tones_lack_the_second_harmonic():
    first = 440.0 * 2.0 ** ((52.0 - 69.0) / 12.0)
    for name, is_hollow in (("clarinet", True), ("saxophone", False)):
        sound = _play(name, Tone(0.0, 1.5, 52.0, 0.7))
        second, third = (_band_db(sound, n * first * 0.95, n * first * 1.05, 0.3, 1.4) for n in (2, 3))
        assert (second < third - 10.0) == is_hollow


def test_a_slurred_line_does_not_stop_between_its_tones():
    for name in ("solo_violin", "flute", "trumpet", "clarinet"):
        pitch = float(INSTRUMENTS[name].lowest + 12)

        def dip(kind: str, name: str = name, pitch: float = pitch) -> float:
            line = [Tone(0.0, 0.6, pitch, 0.7), Tone(0.6, 0.6, pitch + 2.0, 0.7, kind)]
            sound = _play(name, *line)
            hops = [_level_db(sound, 0.4 + 0.01 * n, 0.42 + 0.01 * n) for n in range(40)]
            return max(hops) - min(hops)

        assert dip("legato") < 5.0, name
        assert dip("staccato") > dip("legato") + 4.0, name


def test_a_slide_passes_through_the_pitches_between():
    slid, plain = (
        _play("solo_cello", Tone(0.0, 0.6, 48.0, 0.7), Tone(0.6, 0.8, 55.0, 0.7, kind)) for kind in ("slide", "")
    )
    low, high = (440.0 * 2.0 ** ((pitch - 69.0) / 12.0) for pitch in (49.5, 53.5))
    assert _band_db(slid, low, high, 0.58, 0.72) > _band_db(plain, low, high, 0.58, 0.72) + 3.0


def test_lines_are_told_from_chords():
    line = [Tone(0.0, 0.5, 60.0, 0.7), Tone(0.5, 0.5, 62.0, 0.7), Tone(0.95, 0.5, 64.0, 0.7)]
    assert [len(each) for each in lines(line)] == [3]
    chord = [Tone(0.0, 0.5, 60.0, 0.7), Tone(0.01, 0.5, 64.0, 0.7), Tone(0.5, 0.5, 65.0, 0.7)]
    assert [[tone.pitch for tone in each] for each in lines(chord)] == [[60.0], [64.0, 65.0]]


def test_a_vibraphones_motor_turns_and_a_marimba_has_none():
    swings = []
    for name in ("vibraphone", "marimba"):
        sound = _play(name, Tone(0.0, 2.0, 65.0, 0.7))
        level = np.array([_level_db(sound, 0.02 * n, 0.02 * n + 0.02) for n in range(5, 60)])
        flat = level - np.polyval(np.polyfit(np.arange(len(level)), level, 2), np.arange(len(level)))
        spectrum = np.abs(np.fft.rfft(flat * np.hanning(len(flat)), 512))
        swings.append(float(spectrum[(np.fft.rfftfreq(512, 0.02) > 4.5) & (np.fft.rfftfreq(512, 0.02) < 6.0)].max()))
    assert swings[0] > 3.0 * swings[1]


def test_organ_percussion_sounds_only_where_no_key_is_held():
    third = 3.0 * 440.0 * 2.0 ** ((72.0 - 69.0) / 12.0)
    alone = _play("organ", Tone(0.5, 0.5, 72.0, 0.7))
    held = _play("organ", Tone(0.0, 1.0, 48.0, 0.7), Tone(0.5, 0.5, 72.0, 0.7))
    lower = _play("organ", Tone(0.0, 1.0, 48.0, 0.7))
    after = [_spectrum(sound, 0.5, 0.7) for sound in (alone, held - lower)]
    near = np.abs(after[0][0] / third - 1.0) < 0.01
    struck = [float(power[near].sum()) for _, power in after]
    assert struck[0] > 1.3 * struck[1]


def test_repeated_strokes_of_a_hand_differ_and_a_pianos_do_not():
    for name, differ in (("acoustic_guitar", True), ("grand_piano", False)):
        pitch = 60.0
        sound = _play(name, *(Tone(0.5 * n, 0.1, pitch, 0.7) for n in range(8)), seconds=4.0)
        first = sound[: RATE_HZ // 20]
        others = [sound[round(0.5 * n * RATE_HZ) :][: RATE_HZ // 20] for n in range(1, 8)]
        apart = max(float(np.abs(other - first).max()) for other in others)
        assert (apart > 0.02) == differ, name
