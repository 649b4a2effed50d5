from __future__ import annotations

import numpy as np
import pytest

from soundrack.composition.instruments.tone import RATE_HZ, Tone
from soundrack.composition.voice import VowelChoir
from soundrack.errors import Invalid

CHORD = tuple(Tone(0.5, 1.5, pitch, 0.7) for pitch in (57, 60, 64))


def played(vowel: str = "ɑ", seed: int = 1, length_s: float = 3.0) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64(seed))
    return VowelChoir(vowel).play(CHORD, round(length_s * RATE_HZ), rng)


def test_a_chord_is_held_fades_in_and_out_and_is_silent_around() -> None:
    sound = played()
    power = np.square(sound.astype(np.float64)).mean(axis=1)

    assert sound.shape == (3 * RATE_HZ, 2)
    assert np.abs(sound).max() < 1.0
    assert not sound[: round(0.5 * RATE_HZ)].any()
    assert not sound[round(2.5 * RATE_HZ) :].any()
    middle = power[RATE_HZ : 2 * RATE_HZ].mean()
    assert 10.0 * np.log10(middle) > -26.0
    assert power[round(0.5 * RATE_HZ) :][: RATE_HZ // 50].mean() < 0.1 * middle


def test_ah_is_brighter_than_ooh() -> None:
    def treble(vowel: str) -> float:
        power = np.abs(np.fft.rfft(played(vowel)[RATE_HZ:, 0][:16384])) ** 2
        hertz = np.arange(power.size) * RATE_HZ / 16384
        return float(power[hertz > 700].sum() / power.sum())

    assert treble("ɑ") > 2.0 * treble("u")


def test_the_same_chance_gives_the_same_choir_and_tones_after_the_end_are_not_heard() -> None:
    assert played().tobytes() == played().tobytes()
    assert played(seed=2).tobytes() != played().tobytes()
    assert not played(length_s=0.4).any()


def test_a_consonant_cannot_be_held() -> None:
    with pytest.raises(Invalid):
        VowelChoir("s")
