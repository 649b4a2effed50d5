"""The create report: what a song gives to somebody who writes or sings to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from soundrack.analysis.tonality.melody import MelodyNote
from soundrack.analysis.tonality.pitch import MAJOR_TONICS
from soundrack.analysis.tonality.result import Chord, Key, Progression, Tonality
from soundrack.analysis.tonality.scales import Scale
from soundrack.analysis.tonality.wheel import camelot, compatible, key_name

_LEAST_NOTES = 12
_LEAST_SUNG_S = 4.0
_EDGES = (0.05, 0.95)
"""Of a melody's time, what lies beyond is left out of its range: single high notes, and what was misheard."""
_FURTHEST_DOWN, _FURTHEST_UP = -5, 6


@dataclass(frozen=True)
class Voice:
    """A kind of voice and the MIDI notes between which an untrained singer is at ease."""

    name: str
    low: int
    high: int


VOICES = (Voice("female", 57, 74), Voice("male", 48, 65))
"""A3 to D5 and C3 to F4: near an octave and a half in the middle of alto and mezzo-soprano, of baritone and tenor."""


@dataclass(frozen=True)
class Fit:
    """How a melody suits a voice: moved by `semitones`, octaves aside, it goes `beyond` its range by so many."""

    voice: Voice
    semitones: int
    beyond: int


@dataclass(frozen=True)
class CreateReport:
    """Chords, progression, scale and feel of a song, keys that go with it, and the key to sing it in."""

    chords: tuple[Chord, ...]
    progression: Progression | None
    scale: Scale | None
    key: Key | None
    suggested_vocal_key: str | None
    vocal_key_reason: str | None
    feel: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the part ``create_report`` of the result."""
        return {
            "chords": [chord.as_dict() for chord in self.chords],
            "progression": self.progression and self.progression.as_dict(),
            "scale": self.scale and {"name": self.scale.name, "notes": list(self.scale.notes)},
            "suggested_vocal_key": self.suggested_vocal_key,
            "vocal_key_reason": self.vocal_key_reason,
            "compatible_keys": [] if self.key is None else _compatible(self.key),
            "feel": self.feel,
        }


def create_report(tonality: Tonality, feel: str | None) -> CreateReport:
    """Put the report together.

    Parameters
    ----------
    tonality : Tonality
        The song's harmony.
    feel : str or None
        The rhythm's: ``straight``, ``half_time`` or ``double_time``.
    """
    suggested, reason = _vocal_key(tonality.key, tonality.melody)
    return CreateReport(tonality.chords, tonality.progression, tonality.scale, tonality.key, suggested, reason, feel)


def _compatible(key: Key) -> list[dict[str, str]]:
    return [
        {
            "name": key_name(other.tonic, other.mode),
            "camelot": camelot(other.tonic, other.mode),
            "relation": other.relation,
        }
        for other in compatible(key.tonic, key.mode)
    ]


def melody_range(melody: Sequence[MelodyNote]) -> tuple[int, int] | None:
    """Return the lowest and highest MIDI note of a melody, the rarest twentieth of its time at both ends aside.

    None where there is too little to tell: under 12 notes or 4 seconds.
    """
    if len(melody) < _LEAST_NOTES or sum(note.end_s - note.start_s for note in melody) < _LEAST_SUNG_S:
        return None
    ordered = sorted(melody, key=lambda note: note.note)
    shares = np.cumsum([note.end_s - note.start_s for note in ordered])
    low, high = np.searchsorted(shares, np.array(_EDGES) * shares[-1]).tolist()
    return ordered[low].note, ordered[min(high, len(ordered) - 1)].note


def fit(low: int, high: int, voice: Voice) -> Fit:
    """Return the least transposition that brings a melody closest to within a voice's range, in whichever octave."""
    candidates = [
        Fit(voice, semitones, max(voice.low - low - moved, 0) + max(high + moved - voice.high, 0))
        for semitones in range(_FURTHEST_DOWN, _FURTHEST_UP + 1)
        for moved in range(semitones - 48, semitones + 49, 12)
    ]
    return min(candidates, key=lambda each: (each.beyond, abs(each.semitones)))


def _vocal_key(key: Key | None, melody: Sequence[MelodyNote]) -> tuple[str | None, str | None]:
    """Return the key to sing in and why: of the two voices', the one nearer to the song's own."""
    span = melody_range(melody)
    if key is None or span is None:
        return None, None
    fits = [fit(*span, voice) for voice in VOICES]
    best = min(fits, key=lambda each: (each.beyond, abs(each.semitones)))
    told = f"The melody lies between {_note(span[0])} and {_note(span[1])}."
    return _moved(key, best.semitones), " ".join([told, *(_told(key, each) for each in fits)])


def _told(key: Key, each: Fit) -> str:
    voice = f"a {each.voice.name} voice ({_note(each.voice.low)} to {_note(each.voice.high)} with ease)"
    beyond = f", {each.beyond} semitones beyond that range" if each.beyond else ""
    if not each.semitones:
        return f"It suits {voice} in {key.name} as it is{beyond}."
    way = "up" if each.semitones > 0 else "down"
    by = f"{abs(each.semitones)} semitone{'s' if abs(each.semitones) > 1 else ''} {way}"
    return f"It suits {voice} best in {_moved(key, each.semitones)}, {by}{beyond}."


def _moved(key: Key, semitones: int) -> str:
    return key_name((key.tonic + semitones) % 12, key.mode)


def _note(number: int) -> str:
    return f"{MAJOR_TONICS[number % 12]}{number // 12 - 1}"
