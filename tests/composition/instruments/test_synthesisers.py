"""What every electronic instrument keeps to."""

from __future__ import annotations

import numpy as np
import pytest

from soundrack.composition.fields import Fields
from soundrack.composition.instruments.electronic import INSTRUMENTS
from soundrack.composition.instruments.listed import Family
from soundrack.composition.instruments.patch import patch, read
from soundrack.composition.instruments.tone import RATE_HZ, Tone
from soundrack.errors import Invalid, NotFound
from tests.composition.instruments.sound import MONO, cents_off, chance, loudness, peak_db, phrase, played

_ALL = sorted(INSTRUMENTS)
_PITCHED = [name for name in _ALL if INSTRUMENTS[name].family not in {Family.TEXTURES, Family.TRANSITIONS}]
_EXACT = [name for name in _PITCHED if name == "fm_bell" or not patch(name).is_free]
_POLYPHONIC = [name for name in _EXACT if name not in MONO]


@pytest.mark.parametrize("name", _ALL)
def test_a_phrase_at_a_usual_velocity_has_minus_18_lufs(name):
    listed = INSTRUMENTS[name]
    tones, seconds = phrase(name, listed)
    assert loudness(played(listed, tones, seconds)) == pytest.approx(-18.0, abs=2.0)


@pytest.mark.parametrize("name", _ALL)
def test_harder_is_louder_and_nothing_clips(name):
    listed = INSTRUMENTS[name]
    sounds = []
    for velocity in (0.05, 0.5, 1.0):
        tones, seconds = phrase(name, listed, velocity)
        sounds.append(played(listed, tones, seconds))
    levels = [np.sqrt(np.mean(sound.astype(np.float64) ** 2)) for sound in sounds]
    assert all(np.isfinite(levels))
    assert levels == sorted(levels)
    assert levels[0] > 0.0
    assert peak_db(sounds[-1]) < 0.0


@pytest.mark.parametrize("name", [name for name in _PITCHED if name != "sub_bass"])
def test_harder_is_brighter(name):
    listed = INSTRUMENTS[name]
    centroids = []
    for velocity in (0.2, 1.0):
        tones, seconds = phrase(name, listed, velocity)
        power = np.abs(np.fft.rfft(played(listed, tones, seconds).mean(axis=1))) ** 2
        centroids.append(np.sum(power * np.arange(len(power))) / np.sum(power))
    assert centroids[1] > 1.01 * centroids[0]


@pytest.mark.parametrize("name", _PITCHED)
def test_pitch_is_within_2_cents_over_the_range(name):
    listed = INSTRUMENTS[name]
    # Phases of a detuned unison are drawn: the middle of many beats is what is heard as its pitch.
    bound = 2.0 if name in _EXACT else 5.0
    for pitch in range(listed.lowest, listed.highest + 1, 12):
        sound = played(listed, [Tone(0.0, 4.0, pitch, 0.7)], 4.0)[RATE_HZ:]
        assert abs(cents_off(sound, pitch)) < bound, pitch


@pytest.mark.parametrize("name", _ALL)
def test_nothing_is_heard_before_its_start_and_a_tone_ends_without_a_step(name):
    listed = INSTRUMENTS[name]
    start = 0.31
    sound = played(listed, [Tone(start, 0.8, max(listed.lowest, 48), 0.7)], 9.0)
    assert not sound[: round(start * RATE_HZ)].any()
    heard = np.flatnonzero(np.abs(sound).max(axis=1) > 0.0)
    loudest = float(np.abs(sound).max())
    assert loudest > 0.0
    assert heard[-1] < 8.9 * RATE_HZ
    assert np.abs(sound[heard[-1]]).max() < 1e-3 * loudest
    assert abs(float(sound.mean())) < 1e-3 * loudest


@pytest.mark.parametrize("name", _ALL)
def test_the_same_chance_gives_the_same_bytes_and_what_is_outside_is_not_heard(name):
    listed = INSTRUMENTS[name]
    tones = phrase(name, listed)[0][:4]
    late = [Tone(2.0, 1.0, 60.0, 0.7), Tone(50.0, 1.0, 60.0, 0.7)]
    first = played(listed, tones, 1.2)
    assert first.dtype == np.float32
    assert first.shape == (round(1.2 * RATE_HZ), 2)
    instrument = listed.make()
    assert not instrument.play(late, RATE_HZ, chance()).any()
    assert instrument.play([], 100, chance()).shape == (100, 2)
    assert instrument.play(tones, len(first), chance()).tobytes() == first.tobytes()


@pytest.mark.parametrize("name", _ALL)
def test_extremes_are_played_without_trouble(name):
    tones = [
        Tone(0.0, 0.001, 0.0, 1.0),
        Tone(0.01, 0.3, 127.0, 1.0),
        Tone(0.02, 0.3, 60.0, 0.0),
        Tone(0.02, 0.3, 60.5, 1.0, "accent"),
        Tone(0.3, 0.3, 61.0, 0.01, "slide"),
        Tone(0.35, 5.0, 62.0, 1.0, "wobble 30"),
        Tone(0.4, 0.1, 62.0, 0.4, "unheard of"),
    ]
    sound = played(INSTRUMENTS[name], tones, 0.6)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() < 6.0


@pytest.mark.parametrize("name", _POLYPHONIC)
def test_two_tones_together_are_the_sum_of_both(name):
    listed = INSTRUMENTS[name]
    one, two = Tone(0.1, 0.5, 60.0, 0.7), Tone(0.25, 0.6, 67.0, 0.5)
    together = played(listed, [one, two], 1.5)
    apart = played(listed, [one], 1.5) + played(listed, [two], 1.5)
    np.testing.assert_allclose(together, apart, atol=2e-6)


@pytest.mark.parametrize("name", sorted(MONO))
def test_a_tone_that_begins_before_the_last_is_let_go_glides_out_of_it_without_a_new_attack(name):
    listed = INSTRUMENTS[name]
    low, high = float(listed.lowest + 12), float(listed.lowest + 19)
    slurred = played(listed, [Tone(0.0, 0.52, low, 0.7), Tone(0.5, 1.0, high, 0.7)], 2.0)
    slid = played(listed, [Tone(0.0, 0.4, low, 0.7), Tone(0.5, 1.0, high, 0.7, "slide")], 2.0)
    struck = played(listed, [Tone(0.0, 0.3, low, 0.7), Tone(0.5, 1.0, high, 0.7)], 2.0)
    np.testing.assert_allclose(slurred, slid, atol=1e-6)
    assert np.abs(struck[round(0.46 * RATE_HZ) : round(0.499 * RATE_HZ)]).max() < 0.5 * np.abs(
        slid[round(0.46 * RATE_HZ) : round(0.499 * RATE_HZ)]
    ).max()  # fmt: skip
    assert abs(cents_off(slid[RATE_HZ:], high)) < 25.0


def test_a_mono_instrument_plays_one_of_two_tones_that_begin_together():
    listed = INSTRUMENTS["square_lead"]
    both = played(listed, [Tone(0.0, 1.0, 60.0, 0.7), Tone(0.0, 1.0, 67.0, 0.7)], 1.0)
    one = played(listed, [Tone(0.0, 1.0, 67.0, 0.7)], 1.0)
    assert both.tobytes() == one.tobytes()


def test_a_wobble_turns_as_often_as_its_tone_says():
    listed = INSTRUMENTS["wobble_bass"]
    sound = played(listed, [Tone(0.0, 4.0, 33.0, 0.7, "wobble 3.0")], 4.0).mean(axis=1)
    bright = np.diff(sound) ** 2
    curve = bright[: len(bright) // 441 * 441].reshape(-1, 441).mean(axis=1)
    spectrum = np.abs(np.fft.rfft((curve - curve.mean()) * np.hanning(len(curve))))
    assert np.argmax(spectrum[:60]) * 100.0 / len(curve) == pytest.approx(3.0, abs=0.3)


def test_an_accent_on_the_acid_bass_is_louder_and_opens_the_filter():
    listed = INSTRUMENTS["acid_bass"]
    plain, accented = (
        played(listed, [Tone(0.0, 0.4, 45.0, 0.6, articulation)], 0.6) for articulation in ("", "accent")
    )
    assert np.mean(accented**2) > 1.1 * np.mean(plain**2)
    assert np.mean(np.diff(accented, axis=0) ** 2) > 1.3 * np.mean(np.diff(plain, axis=0) ** 2)


def test_a_patch_with_an_unknown_field_is_refused_by_its_name():
    with pytest.raises(Invalid, match=r"filter\.cutof_hz"):
        read("test", Fields("", {"filter": {"cutof_hz": 100}}))
    with pytest.raises(Invalid, match="must be 1, 2 or 4"):
        read("test", Fields("", {"output": {"oversampling": 3}}))
    with pytest.raises(NotFound):
        patch("theremin")


def _power_and_brightness(name: str, start_s: float) -> tuple[float, float]:
    """Return the power of half a second of a movement of four, and how bright it is."""
    sound = played(INSTRUMENTS[name], [Tone(0.0, 4.0, 60.0, 0.7)], 4.0).mean(axis=1)
    part = sound[round(start_s * RATE_HZ) : round((start_s + 0.5) * RATE_HZ)].astype(np.float64)
    power = float(np.mean(part**2))
    return power, float(np.mean(np.diff(part) ** 2)) / power


def test_a_riser_grows_louder_and_brighter_and_a_downlifter_softer_and_darker():
    early, late = _power_and_brightness("riser", 0.5), _power_and_brightness("riser", 3.0)
    assert late[0] > 4.0 * early[0]
    assert late[1] > 2.0 * early[1]
    early, late = _power_and_brightness("downlifter", 0.5), _power_and_brightness("downlifter", 3.0)
    assert late[0] < 0.25 * early[0]
    assert late[1] < 0.5 * early[1]


def test_a_reversed_cymbal_grows_an_impact_dies_and_a_sweep_is_loudest_near_its_end():
    assert _power_and_brightness("reverse_cymbal", 3.4)[0] > 4.0 * _power_and_brightness("reverse_cymbal", 1.5)[0]
    assert _power_and_brightness("impact", 3.0)[0] < 0.25 * _power_and_brightness("impact", 0.0)[0]
    sweep = [_power_and_brightness("sweep", start)[0] for start in (0.5, 1.5, 3.1)]
    assert sweep == sorted(sweep)


def test_a_slide_from_a_slightly_different_velocity_makes_no_step():
    listed = INSTRUMENTS["sub_bass"]
    first, second = Tone(0.0, 0.5, 40.0, 0.3), Tone(0.5, 0.5, 40.0, 1.0, "slide")
    sound = played(listed, [first, second], 1.2).mean(axis=1)
    steps = np.abs(np.diff(sound, 2))
    at = RATE_HZ // 2
    assert steps[at - 200 : at + 200].max() < 4.0 * steps[at + 4000 : at + 12_000].max()
