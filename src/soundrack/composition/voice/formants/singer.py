"""A soloist without weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.biquads import filter_in_place, high_shelf
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.voice.formants.kernel import synthesized
from soundrack.composition.voice.formants.tracks import TRACK_RATE_HZ, tracks
from soundrack.composition.voice.levelling import levelled
from soundrack.composition.voice.phrases import Phrase
from soundrack.composition.voice.pitch import Manner, hz, pitch_curve, times
from soundrack.composition.voice.polish import polished

_UPPER_HZ = (4050.0, 4950.0, 6100.0, 7400.0)
_AROUND_S = 0.2
_BRIGHT_HZ, _BRIGHT_DB = 3000.0, 9.0

Sound = NDArray[np.float32]


def solo(song: Sequence[Phrase], formants: float, manner: Manner, frames: int, rng: np.random.Generator) -> Sound:
    """Return phrases sung by one voice.

    Parameters
    ----------
    song : sequence of Phrase
        What is sung.
    formants : float
        The throat's factor; 1 for a woman's.
    manner : Manner
        Of singing.
    frames : int
        How long the sound is, at `RATE_HZ`.
    rng : numpy.random.Generator
        For pitch and noise.

    Returns
    -------
    float32 array, shape (frames,)
        Vowels at `levelling.VOWEL_DB`; no breaths.
    """
    sound = np.zeros(frames + RATE_HZ, dtype=np.float32)
    for phrase in song:
        pitch = pitch_curve(phrase, manner, rng)
        start = phrase.start_s - _AROUND_S
        dry = vowels_and_consonants(phrase, pitch, formants, start, rng)
        part = levelled(dry, start, RATE_HZ, phrase)
        begin = round(start * RATE_HZ)
        skipped = max(-begin, 0)
        room = sound[begin + skipped : max(begin + part.size, 0)]
        room += part[skipped : skipped + room.size]
    return polished(sound[:frames], None)


def vowels_and_consonants(
    phrase: Phrase, pitch: NDArray[np.float64], formants: float, start_s: float, rng: np.random.Generator
) -> Sound:
    """Return a phrase at `RATE_HZ` as the synthesizer makes it, from a time in the song to 0.2 s after its end."""
    length = phrase.end_s + _AROUND_S - start_s
    at = start_s + np.arange(max(2, int(length * TRACK_RATE_HZ))) / TRACK_RATE_HZ
    pitch_hz = hz(np.interp(at, times(phrase), pitch))
    made = tracks(phrase, at, pitch_hz, formants)
    noise = rng.standard_normal((2, max(1, int(length * RATE_HZ))))
    upper = formants * np.array(_UPPER_HZ)
    sound = synthesized(made, float(TRACK_RATE_HZ), upper, noise, float(RATE_HZ)).astype(np.float32)[:, None]
    filter_in_place(sound, np.array([high_shelf(_BRIGHT_HZ, RATE_HZ, _BRIGHT_DB)]))
    return sound[:, 0]
