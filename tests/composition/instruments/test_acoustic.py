"""Every acoustic and electric instrument: level, tuning, touch, and where its sound begins and ends."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from soundrack.composition.instruments.acoustic import INSTRUMENTS
from soundrack.composition.instruments.tone import RATE_HZ, Tone
from tests.composition.instruments.acoustic_music import ENSEMBLES, SOLOISTS, usual
from tests.composition.instruments.sound import cents_off, loudness, peak_db, played

_NAMES_TEXT = """
grand_piano felt_piano electric_piano organ clavinet acoustic_guitar nylon_guitar electric_guitar muted_guitar
distorted_guitar harp upright_bass electric_bass slap_bass violins cellos string_ensemble pizzicato solo_violin
solo_cello choir_aah choir_ooh trumpet trombone horns brass_section saxophone flute clarinet oboe ocarina vibraphone
marimba glockenspiel celesta music_box kalimba bells steel_drum
"""
_NAMES = _NAMES_TEXT.split()
_ARTICULATIONS = ("", "staccato", "legato", "slide", "accent", "mute", "ghost", "grace", "up")
every = pytest.mark.parametrize("name", _NAMES)


def _centroid_hz(sound: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(sound.mean(axis=1) * np.hanning(len(sound)))) ** 2
    return float(np.sum(np.fft.rfftfreq(len(sound), 1.0 / RATE_HZ) * power) / np.sum(power))


def test_every_acoustic_name_of_the_styles_is_listed():
    assert set(INSTRUMENTS) == set(_NAMES)


@every
def test_usual_music_at_mezzo_forte_has_18_lufs_and_does_not_clip(name: str):
    sound = played(INSTRUMENTS[name], usual(name, INSTRUMENTS[name]), 4.0)
    assert loudness(sound) == pytest.approx(-18.0, abs=1.5)
    assert peak_db(sound) < 0.5


@every
def test_tones_are_in_tune_over_the_range(name: str):
    listed = INSTRUMENTS[name]
    nominal = 12.0 if name == "bells" else 0.0  # tubular bells' pitch is that of no mode: the fourth is its octave
    together = name in ENSEMBLES
    seconds = 3.5 if together or name in SOLOISTS else 2.0
    for place in (0.0, 0.5, 1.0):
        pitch = float(round(listed.lowest + place * (listed.highest - listed.lowest)))
        sound = played(listed, [Tone(0.0, seconds, pitch, 0.7)], seconds)
        # Players of a section are apart by design: what is measured is where they are together.
        most = 8.0 if together else 3.0 if 0.0 < place < 1.0 else 5.0
        begin = 0 if name in {"pizzicato", "muted_guitar", "marimba"} else int(0.3 * RATE_HZ)
        assert abs(cents_off(sound[begin:], pitch + nominal)) < most, pitch


@every
def test_level_and_brightness_rise_with_velocity(name: str):
    listed = INSTRUMENTS[name]
    sounds = [played(listed, usual(name, listed, velocity), 1.5) for velocity in (0.25, 0.6, 0.95)]
    levels = [loudness(sound) for sound in sounds]
    least = 0.5 if name in {"organ", "distorted_guitar"} else 2.0
    assert all(louder - softer > least for softer, louder in pairwise(levels))
    if name not in {
        "organ",
        "distorted_guitar",
    }:  # the one's keys feel no velocity, the other's amplifier is at its end
        assert _centroid_hz(sounds[2]) > 1.003 * _centroid_hz(sounds[0])


@every
def test_extremes_give_finite_sound(name: str):
    tones = [
        Tone(0.05 * n, length, pitch, velocity, kind)
        for n, (length, pitch, velocity, kind) in enumerate(
            (length, pitch, velocity, _ARTICULATIONS[(round(pitch) + round(10 * velocity)) % len(_ARTICULATIONS)])
            for length in (0.0, 0.003, 0.2)
            for pitch in (0.0, 28.4, 60.0, 99.5, 127.0)
            for velocity in (0.0, 0.4, 1.0)
        )
    ]
    sound = played(INSTRUMENTS[name], tones, 3.0)
    assert sound.shape == (3 * RATE_HZ, 2)
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() < 12.0


@every
def test_nothing_sounds_before_its_start_and_nothing_without_tones(name: str):
    listed = INSTRUMENTS[name]
    pitch = (listed.lowest + listed.highest) / 2.0
    sound = played(listed, [Tone(0.5, 0.3, pitch, 0.8)], 1.0)
    assert not sound[: RATE_HZ // 2].any()
    assert np.abs(sound[RATE_HZ // 2 :]).max() > 0.01
    assert not played(listed, [], 0.2).any()
    assert not played(listed, [Tone(0.3, 0.3, pitch, 0.8)], 0.2).any()


@every
def test_the_same_chance_gives_the_same_bytes(name: str):
    listed = INSTRUMENTS[name]
    tones = usual(name, listed)[:8]
    first, again, other = (played(listed, tones, 1.5, seed) for seed in (5, 5, 6))
    assert first.tobytes() == again.tobytes()
    if name in ENSEMBLES:
        assert first.tobytes() != other.tobytes()


@every
def test_what_is_let_go_ends(name: str):
    listed = INSTRUMENTS[name]
    rings = name in {"harp", "marimba", "glockenspiel", "music_box", "kalimba", "bells", "steel_drum"}
    end_s = 21 if rings else 5
    sound = played(listed, [Tone(0.0, 0.2, float(listed.lowest + 5), 0.8)], end_s + 1.0)
    assert not sound[end_s * RATE_HZ :].any()
    step = np.abs(np.diff(sound[RATE_HZ:], axis=0)).max()
    assert step < 10.0 ** (-8.0 / 20.0)


def test_sections_are_wide_and_soloists_are_not():
    for name in ("string_ensemble", "violins", "choir_aah", "distorted_guitar", "solo_violin", "trumpet", "flute"):
        sound = played(INSTRUMENTS[name], usual(name, INSTRUMENTS[name]), 4.0)
        likeness = float(np.corrcoef(sound[:, 0], sound[:, 1])[0, 1])
        assert (likeness > 0.97) == (name in {"solo_violin", "trumpet", "flute"}), name
