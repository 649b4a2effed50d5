"""A song's notes, chords and words in musical time. Every time and length is in quarter notes from the beginning."""

from __future__ import annotations

from dataclasses import dataclass

from soundrack.composition.plan import Plan, Role, Section
from soundrack.composition.theory import Chord


@dataclass(frozen=True, slots=True)
class Note:
    """A note.

    Parameters
    ----------
    start, length : float
        Quarter notes; the length is above 0.
    pitch : int
        MIDI number, 0 to 127; of drums and percussion, the key of General MIDI's drum map (36 bass drum, 38 snare).
    velocity : float
        0 to 1.
    articulation : str
        What the instrument knows: empty, ``staccato``, ``slide``, ``mute``, ``ghost``, ``accent`` …
    """

    start: float
    length: float
    pitch: int
    velocity: float
    articulation: str = ""


@dataclass(frozen=True)
class Part:
    """What one player plays, in order of start; `name` is unique in the score."""

    name: str
    role: Role
    instrument: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Sounding:
    """A chord and when it sounds."""

    start: float
    length: float
    chord: Chord
    roman: str


@dataclass(frozen=True, slots=True)
class Sung:
    """A syllable on its notes.

    Parameters
    ----------
    text : str
        As the lyrics have it.
    sounds : tuple of str
        Its phonemes, from `lyrics`.
    stress : int
        0 none, 1 primary, 2 secondary.
    word, line : int
        Which word of the song and which line it belongs to, from 0; syllables of one word have the same number.
    notes : tuple of Note
        One, or several of a melisma, each beginning where the one before ends.
    """

    text: str
    sounds: tuple[str, ...]
    stress: int
    word: int
    line: int
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Placed:
    """A section and where it begins; `start_bar` counts from 1."""

    section: Section
    start: float
    start_bar: int


@dataclass(frozen=True)
class Score:
    """A song.

    Parameters
    ----------
    plan : Plan
        What it was written from.
    sections : tuple of Placed
        In order, without gaps.
    harmony : tuple of Sounding
        In order; where none sounds there is a gap.
    parts : tuple of Part
        Of all players but the voice.
    song : tuple of Sung
        What is sung, in order; empty if nobody sings.
    tempi : tuple of (float, float)
        From which quarter note on which tempo holds, in the plan's beats a minute; the first is at 0.
    length : float
        Where the last bar ends.
    """

    plan: Plan
    sections: tuple[Placed, ...]
    harmony: tuple[Sounding, ...]
    parts: tuple[Part, ...]
    song: tuple[Sung, ...]
    tempi: tuple[tuple[float, float], ...]
    length: float
