"""A choir: one reading of each phrase, sung by many throats that are neither quite together nor quite in tune.

What makes a choir of copies: S. Ternström, "Physical and acoustic factors that interact with the singer to produce
the choral sound", Journal of Voice 5 (1991): scatter of pitch of 10 to 15 cents, of time of tens of milliseconds, and
throats of different length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.voice import formants
from soundrack.composition.voice.network import spoken
from soundrack.composition.voice.phrases import Phrase
from soundrack.composition.voice.pitch import Manner, pitch_curve
from soundrack.composition.voice.polish import add_breaths, polished
from soundrack.composition.voice.soloist import (
    LATE_S,
    Voice,
    add,
    at_full_rate,
    source_frames,
    sung,
)
from soundrack.composition.voice.source import SOURCE_RATE_HZ, Throat

_MANNER = Manner(vibrato_cents=20.0, drift_cents=7.0, scoop_cents=60.0)
_TUNING_CENTS, _SCATTER_S = 6.0, 0.016
_LOW_FROM = 57.0
"""MIDI: where a phrase's middle is above, the men sing an octave lower."""
_LEVEL = 0.485

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Singer:
    """A factor of the throat, and a place: -1 left, 1 right."""

    formants: float
    place: float

    @property
    def is_low(self) -> bool:
        return self.formants < 0.92


_SINGERS = tuple(
    _Singer(length, place)
    for length, place in zip((1.0, 0.8, 1.07, 0.88, 0.96, 0.84), (-0.25, 0.3, 0.9, -0.9, -0.6, 0.6), strict=True)
)


def choir(song: Sequence[Phrase], voice: Voice, frames: int, rng: np.random.Generator) -> Sound:
    """Return phrases sung by three women and three men, who sing an octave below what is high.

    Parameters
    ----------
    song : sequence of Phrase
        What is sung.
    voice : Voice
        By what.
    frames : int
        How long the sound is, at 44.1 kHz.
    rng : numpy.random.Generator
        For all that singers differ in.

    Returns
    -------
    float32 array, shape (frames, 2)
    """
    if voice is Voice.FORMANTS:
        parts = [(_apart(song, singer, rng), singer) for singer in _SINGERS]
        sounds = ((formants.solo(part, singer.formants, _MANNER, frames, rng), singer) for part, singer in parts)
        whole = np.zeros((frames, 2), dtype=np.float32)
        for sound, singer in sounds:
            whole += _LEVEL * sound[:, None] * _gains(singer.place)
        channels = [np.ascontiguousarray(whole[:, side]) for side in range(2)]
        return _breathing(channels, song, rng)
    both = [np.zeros(source_frames(frames), dtype=np.float32) for _ in range(2)]
    for phrase in song:
        heard = spoken(phrase, pitch_curve(phrase, _MANNER, rng), 1.0)
        for singer in _SINGERS:
            pitch = pitch_curve(phrase, _MANNER, rng) + 0.01 * _TUNING_CENTS * rng.standard_normal()
            late = float(np.clip(_SCATTER_S * rng.standard_normal(), -2 * _SCATTER_S, 2 * _SCATTER_S))
            pitch -= 12.0 * (singer.is_low and _is_high(phrase))
            throat = Throat(formants=singer.formants, breath_db=-2.0)
            part = sung(phrase, heard, pitch, throat, rng)
            for side, gain in zip(both, _gains(singer.place), strict=True):
                add(side, np.float32(_LEVEL) * gain * part, float(heard.song[0]) + LATE_S + late, SOURCE_RATE_HZ)
    channels = [polished(at_full_rate(side, frames), rng) for side in both]
    return _breathing(channels, song, rng)


def _breathing(channels: Sequence[Sound], song: Sequence[Phrase], rng: np.random.Generator) -> Sound:
    for channel in channels:
        add_breaths(channel, song, 0.95, rng)
    return np.stack(channels, axis=1)


def _is_high(phrase: Phrase) -> bool:
    return float(np.median([tone.pitch for tone in phrase.tones])) >= _LOW_FROM


def _gains(place: float) -> NDArray[np.float32]:
    """Return the gains of left and right, their powers adding up to 1."""
    angle = 0.25 * np.pi * (1.0 + 0.85 * place)
    return np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)


def _apart(song: Sequence[Phrase], singer: _Singer, rng: np.random.Generator) -> list[Phrase]:
    """Return what one of the singers sings, detuned and a little early or late."""
    made = []
    for phrase in song:
        late = float(np.clip(_SCATTER_S * rng.standard_normal(), -2 * _SCATTER_S, 2 * _SCATTER_S))
        late = max(late, -phrase.start_s)
        by = 0.01 * _TUNING_CENTS * float(rng.standard_normal()) - 12.0 * (singer.is_low and _is_high(phrase))
        made.append(moved(phrase, late, by))
    return made


def moved(phrase: Phrase, late_s: float, semitones: float) -> Phrase:
    """Return a phrase later and higher."""
    syllables = tuple(
        replace(
            syllable,
            tones=tuple(
                replace(tone, start_s=tone.start_s + late_s, pitch=tone.pitch + semitones) for tone in syllable.tones
            ),
        )
        for syllable in phrase.syllables
    )
    segments = tuple(
        replace(segment, start_s=segment.start_s + late_s, end_s=segment.end_s + late_s) for segment in phrase.segments
    )
    return Phrase(syllables, segments, phrase.room_s)
