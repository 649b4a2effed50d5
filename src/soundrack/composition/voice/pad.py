"""Held vowels: a choir that plays chords as a keyboard does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.instruments.tone import RATE_HZ, Tone
from soundrack.composition.lyrics.sounds import NUCLEI
from soundrack.composition.performance import Syllable
from soundrack.composition.voice.formants.singer import vowels_and_consonants
from soundrack.composition.voice.levelling import levelled
from soundrack.composition.voice.phrases import phrases
from soundrack.composition.voice.pitch import Manner, pitch_curve
from soundrack.errors import Invalid

_MANNER = Manner(vibrato_cents=18.0, vibrato_after_s=0.5, drift_cents=8.0, scoop_cents=0.0)
_THROATS = ((1.04, -0.75), (0.94, 0.75), (0.84, 0.05))
"""Factors of the throats that sing each tone, and their places: -1 left, 1 right."""
_SCATTER_S, _TUNING_CENTS = 0.02, 7.0
_ATTACK_S, _RELEASE_S = 0.14, 0.35
_LEVEL = 0.5

Sound = NDArray[np.float32]


@dataclass(frozen=True)
class VowelChoir:
    """An instrument: three throats without weights for each tone, on one vowel.

    Parameters
    ----------
    vowel : str
        A nucleus of `lyrics.sounds`: ``ɑ`` for "ah", ``u`` for "ooh".

    Raises
    ------
    Invalid
        If it is none.
    """

    vowel: str = "ɑ"

    def __post_init__(self) -> None:
        if self.vowel not in NUCLEI:
            raise Invalid(f"“{self.vowel}” is no vowel.", field="vowel")

    def play(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> Sound:
        """Return the sound of some tones; see `instruments.tone.Instrument`."""
        whole = np.zeros((frames, 2), dtype=np.float32)
        for tone in tones:
            for throat, place in _THROATS:
                late = _SCATTER_S * rng.random()
                cents = _TUNING_CENTS * float(np.clip(rng.standard_normal(), -2.0, 2.0))
                held = Tone(tone.start_s + late, tone.length_s + _RELEASE_S, tone.pitch + 0.01 * cents, tone.velocity)
                if held.start_s * RATE_HZ >= frames:
                    continue
                angle = 0.25 * np.pi * (1.0 + place)
                sound = np.float32(_LEVEL) * self._held(held, throat, rng)
                begin = round(held.start_s * RATE_HZ)
                room = whole[begin : begin + sound.size]
                gains = np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
                room += sound[: room.shape[0], None] * gains
        return whole

    def _held(self, tone: Tone, throat: float, rng: np.random.Generator) -> Sound:
        (phrase,) = phrases([Syllable("", (self.vowel,), 1, 0, 0, (tone,))])
        start = phrase.start_s
        sound = vowels_and_consonants(phrase, pitch_curve(phrase, _MANNER, rng), throat, start, rng)
        sound = levelled(sound, start, RATE_HZ, phrase)[: round(tone.length_s * RATE_HZ)]
        at = np.arange(sound.size) / RATE_HZ
        attack = np.sin(0.5 * np.pi * np.clip(at / _ATTACK_S, 0.0, 1.0)) ** 2
        release = np.sin(0.5 * np.pi * np.clip((tone.length_s - at) / _RELEASE_S, 0.0, 1.0)) ** 2
        return np.asarray(sound * attack * release, dtype=np.float32)
