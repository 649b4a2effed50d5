"""One loudness for all vowels, and dynamics from how the notes are sung.

Vowels of equal effort differ by several dB (a singer and an engineer make up for it; G. E. Peterson and I. Lehiste,
"Vowel amplitude and phonemic stress in American English", JASA 31, 1959). So each phrase is measured, K-weighted, and
brought to what its notes ask for; consonants keep their level beside the vowels around them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.biquads import filter_in_place
from soundrack.audio.loudness import k_weighting
from soundrack.composition.lyrics.sounds import VOICED
from soundrack.composition.voice.phrases import Phrase, Segment
from soundrack.composition.voice.pitch import Curve
from soundrack.composition.voice.smoothing import averaged

VOWEL_DB = -21.5
"""K-weighted power of a vowel sung at a velocity of 0.7, one channel."""
_USUAL_VELOCITY, _DB_OF_VELOCITY = 0.7, 14.0
_UNSTRESSED_DB = -1.5
_RATE_HZ = 200
_WINDOW_S = 0.05
_EDGE_S = 0.03
_MOST_DB = 16.0
_SMOOTH_S = 0.05
_SWELL_DB, _FADE_DB, _FADE_S = 1.5, 4.0, 0.18
_FIRST_DB, _WORD_DB, _VOICELESS_DB = 4.0, 1.5, 1.0

Sound = NDArray[np.float32]


def levelled(sound: Sound, start_s: float, rate_hz: int, phrase: Phrase) -> Sound:
    """Return a phrase with its vowels at one loudness.

    Parameters
    ----------
    sound : float32 array, shape (frames,)
        The dry voice.
    start_s : float
        Where its first sample is in the song, as it is heard.
    rate_hz : int
        Its rate.
    phrase : Phrase
        What is sung in it.
    """
    if not sound.size:
        return sound
    measured = power_db(sound, rate_hz)
    at = start_s + np.arange(measured.size) / _RATE_HZ
    known, gains = [], []
    for segment in phrase.segments:
        if segment.is_nucleus:
            edge = min(_EDGE_S, 0.25 * (segment.end_s - segment.start_s))
            inside = np.flatnonzero((at >= segment.start_s + edge) & (at <= segment.end_s - edge))
            if not inside.size:
                inside = np.array([np.argmin(np.abs(at - 0.5 * (segment.start_s + segment.end_s)))])
            known.append(inside)
            gains.append(_wanted_db(at[inside], segment, phrase) - measured[inside])
    wanted = np.concatenate(gains)
    middle = float(np.median(wanted))
    wanted = np.clip(wanted, middle - _MOST_DB, middle + _MOST_DB)
    gain = np.interp(np.arange(at.size), np.concatenate(known), wanted)
    gain = averaged(gain, max(1, round(_SMOOTH_S * _RATE_HZ)))
    gain += averaged(_strengthened(at, phrase), 3)
    factor = np.interp(np.arange(sound.size) / rate_hz, np.arange(at.size) / _RATE_HZ, 10.0 ** (gain / 20.0))
    return np.asarray(sound * factor, dtype=np.float32)


def power_db(sound: Sound, rate_hz: int) -> Curve:
    """Return the K-weighted power of a sound in windows of 50 ms, 200 times a second, in dB."""
    weighted = sound[:, None].astype(np.float32, copy=True)
    filter_in_place(weighted, k_weighting(rate_hz))
    power = np.square(weighted[:, 0], dtype=np.float64)
    smooth = np.sqrt(np.maximum(averaged(power, round(_WINDOW_S * rate_hz), beyond="constant"), 0.0)) ** 2
    count = max(1, int(sound.size / rate_hz * _RATE_HZ))
    places = np.minimum((np.arange(count) * rate_hz / _RATE_HZ).astype(int), sound.size - 1)
    return np.asarray(10.0 * np.log10(smooth[places] + 1e-12), dtype=np.float64)


def _wanted_db(at: Curve, segment: Segment, phrase: Phrase) -> Curve:
    """Return what a vowel's notes ask for: their velocity, a swell in long ones, a fade at the phrase's end."""
    syllable = phrase.syllables[segment.syllable]
    tones = syllable.tones
    velocities = np.interp(at, [tone.start_s for tone in tones], [tone.velocity for tone in tones])
    wanted = VOWEL_DB + _DB_OF_VELOCITY * (velocities - _USUAL_VELOCITY)
    wanted += _UNSTRESSED_DB * (syllable.stress == 0)
    length = segment.end_s - segment.start_s
    if length > 0.7:
        wanted += _SWELL_DB * np.sin(np.pi * np.clip((at - segment.start_s) / length, 0.0, 1.0))
    if segment.syllable == len(phrase.syllables) - 1:
        fade = min(_FADE_S, 0.4 * length)
        wanted -= _FADE_DB * np.clip((at - segment.end_s + fade) / max(fade, 1e-3), 0.0, 1.0) ** 2
    return np.asarray(wanted, dtype=np.float64)


def _strengthened(at: Curve, phrase: Phrase) -> Curve:
    """Return by how much consonants are made stronger: the phrase's first, those that begin words, voiceless ones."""
    gain = np.zeros(at.size)
    first = phrase.syllables[0]
    for segment in phrase.segments:
        if segment.is_nucleus:
            continue
        strength = _VOICELESS_DB if segment.sound not in VOICED else 0.0
        if segment.syllable == 0 and segment.start_s < first.tones[0].start_s:
            strength += _FIRST_DB
        elif segment.begins_word:
            strength += _WORD_DB
        gain[(at >= segment.start_s) & (at < segment.end_s)] = strength
    return gain
