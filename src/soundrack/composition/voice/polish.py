"""What a voice has besides words: air above the network's 12 kHz, softened sibilants, breaths."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.butterworth import band_pass, high_pass, low_pass, passed, passed_both_ways
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.voice.levelling import VOWEL_DB
from soundrack.composition.voice.phrases import Phrase
from soundrack.composition.voice.smoothing import averaged

_TOP_HZ = (8800.0, 11_000.0)
_AIR_FROM_HZ = 11_200.0
_AIR_SLOPE_HZ = 15_500.0
_AIR_DB = -5.0
_HISS_HZ = 5200.0
_HISS_DB, _HISS_RATIO = -4.0, 3.0
"""Level of what is above `_HISS_HZ`, beside that of vowels, from which on it is compressed, and how much."""
_SHORTEST = 100
"""Frames; less is no sound."""
_BLOCK, _MARGIN = RATE_HZ, RATE_HZ // 20
"""What is treated at once, and what the filters hear on both sides of it."""
_CIRCLE, _AIR_SEED = 1 << 17, 1877
"""How long the noise of the air is before it begins again: three seconds, longer than anyone remembers a noise."""
_BREATH_DB = -21.0
_BREATH_S, _LEAST_ROOM_S, _BEFORE_S = (0.22, 0.42), 0.34, 0.05
_BREATH_BANDS = (
    (620.0, 0.45, 0.5),
    (1450.0, 0.28, 1.0),
    (2500.0, 0.22, 0.75),
    (3900.0, 0.24, 0.5),
    (6500.0, 0.5, 0.35),
)
"""Centre in Hz, width as a part of it, and gain: noise shaped by a throat that is open (C. H. Shadle, "The aerodynamics
of speech", in The Handbook of Phonetic Sciences, 1997)."""

Sound = NDArray[np.float32]


def polished(sound: Sound, rng: np.random.Generator | None) -> Sound:
    """Return a voice with softened sibilants and, given chance for it, with air; in blocks, for the memory's sake.

    Parameters
    ----------
    sound : float32 array, shape (frames,)
        At `RATE_HZ`.
    rng : numpy.random.Generator or None
        For air above a voice that has none; None for a voice that has.
    """
    made = np.zeros_like(sound)
    turn = None if rng is None else int(rng.integers(_CIRCLE))
    for begin in range(0, sound.size, _BLOCK):
        end = min(begin + _BLOCK, sound.size)
        first, last = max(begin - _MARGIN, 0), min(end + _MARGIN, sound.size)
        part = sound[first:last]
        if np.any(part):
            part = softened(part if turn is None else with_air(part, turn + first))
            made[begin:end] = part[begin - first : end - first]
    return made


def with_air(sound: Sound, turn: int) -> Sound:
    """Return a voice with noise above 11 kHz that goes on from what is below, as in fricatives and breath.

    Parameters
    ----------
    sound : float32 array, shape (frames,)
        At `RATE_HZ`, with nothing above 12 kHz.
    turn : int
        Where in the noise it begins.
    """
    if sound.size < _SHORTEST:
        return sound
    low, high = _TOP_HZ
    top = passed(sound, band_pass(4, low, high))
    envelope = np.sqrt(np.maximum(averaged(np.square(top), round(0.008 * RATE_HZ)), 0.0))
    noise = np.take(_air(), np.arange(turn, turn + sound.size), mode="wrap")
    # white noise has its power spread over all of the band: as much for each Hz as there is at the top
    factor = 10.0 ** (_AIR_DB / 20.0) * np.sqrt(0.5 * RATE_HZ / (high - low))
    return np.asarray(sound + factor * envelope * noise, dtype=np.float32)


@cache
def _air() -> NDArray[np.float64]:
    """Return a circle of noise above what the network sings, of white noise's density, shape (_CIRCLE,)."""
    white = np.random.Generator(np.random.PCG64(_AIR_SEED)).standard_normal(_CIRCLE)
    sections = np.concatenate((high_pass(6, _AIR_FROM_HZ), low_pass(1, _AIR_SLOPE_HZ)))
    return passed(np.concatenate((white, white)), sections)[_CIRCLE:]


def softened(sound: Sound) -> Sound:
    """Return a voice whose sibilants are no louder beside its vowels than a mix bears: a de-esser in one band."""
    if sound.size < _SHORTEST:
        return sound
    hiss = passed_both_ways(sound, high_pass(2, _HISS_HZ))
    power = averaged(np.square(hiss), round(0.012 * RATE_HZ))
    threshold = 10.0 ** ((VOWEL_DB + _HISS_DB) / 10.0)
    loud = np.flatnonzero(power > threshold)
    if not loud.size:
        return sound
    made = sound.copy()
    gain = (power[loud] / threshold) ** (0.5 / _HISS_RATIO - 0.5)
    made[loud] += (hiss[loud] * (gain - 1.0)).astype(np.float32)
    return made


def add_breaths(sound: Sound, song: Sequence[Phrase], formants: float, rng: np.random.Generator) -> None:
    """Breathe in before each phrase that there is room for, into a sound at `RATE_HZ`, in place.

    Parameters
    ----------
    sound : float32 array, shape (frames,)
        The voice.
    song : sequence of Phrase
        What is sung.
    formants : float
        Of the throat, as in `source.Throat`.
    rng : numpy.random.Generator
        For the noise, and how long and loud each is.
    """
    for phrase in song:
        loudness, part = rng.uniform(-3.0, 2.0), rng.random()
        if phrase.room_s < _LEAST_ROOM_S:
            continue
        length = min(_BREATH_S[0] + part * (_BREATH_S[1] - _BREATH_S[0]), 0.8 * (phrase.room_s - _BEFORE_S))
        breath = _breath(round(length * RATE_HZ), formants, rng)
        begin = round((phrase.start_s - _BEFORE_S - length) * RATE_HZ)
        begin = max(begin, 0)
        room = sound[begin : begin + breath.size]
        room += (10.0 ** ((VOWEL_DB + _BREATH_DB + loudness) / 20.0) * breath[: room.size]).astype(np.float32)


def _breath(count: int, formants: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a breath drawn in, with a power of 1 where it is loudest."""
    noise = rng.standard_normal(count)
    made = np.zeros(count)
    for centre, width, gain in _BREATH_BANDS:
        middle = centre * formants
        band = (middle * (1.0 - 0.5 * width), middle * (1.0 + 0.5 * width))
        part = passed(noise, band_pass(1, *band))
        made += gain * part / np.sqrt(np.mean(part**2) + 1e-12)
    made /= np.sqrt(sum(gain**2 for _, _, gain in _BREATH_BANDS))
    place = np.arange(count) / max(count, 1)
    flow = np.clip(place / 0.65, 0.0, 1.0) ** 1.3 * np.clip((1.0 - place) / 0.2, 0.0, 1.0)
    flutter = 1.0 + 0.15 * np.interp(place * 9.0, np.arange(11), rng.standard_normal(11))
    return np.asarray(made * flow * flutter, dtype=np.float64)
