"""From a score to tones: who plays, sings and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.chance import chance
from soundrack.composition.instruments.tone import Tone
from soundrack.composition.performance.clock import Clock
from soundrack.composition.performance.dynamics import velocities
from soundrack.composition.performance.ornaments import apart, graced, ornamented, spread
from soundrack.composition.performance.timing import deviations
from soundrack.composition.plan import Role
from soundrack.composition.score.drums.kit import KEYS
from soundrack.composition.score.score import Note, Part, Score, Sung
from soundrack.composition.styles.accompaniment import PerformanceTable, accompaniment

_SHORTEST_S = 0.02
_STACCATO, _MUTE_S = 0.5, 0.06
_TOLD_APART_S = 0.012
"""The gap that a bassist leaves between notes."""
_LIMB = 0.4
"""Part of a drummer's looseness that each hand and foot has for itself."""
_VOICE_LOOSENESS_MS = 9.0
_STRUCK = (Role.DRUMS, Role.PERCUSSION)
_DRUMS = {key: drum.value for drum, key in KEYS.items()}


@dataclass(frozen=True)
class Played:
    """What one player plays: the part's name, role and instrument, and its tones in order of start."""

    name: str
    role: Role
    instrument: str
    tones: tuple[Tone, ...]


@dataclass(frozen=True, slots=True)
class Syllable:
    """A syllable as it is sung; the fields of `score.Sung`, with tones for its notes."""

    text: str
    sounds: tuple[str, ...]
    stress: int
    word: int
    line: int
    tones: tuple[Tone, ...]


@dataclass(frozen=True)
class Performance:
    """A song as it is played.

    Parameters
    ----------
    parts : tuple of Played
        In the score's order.
    song : tuple of Syllable
        In order, none before the one before it ends; empty if nobody sings.
    clock : Clock
        From quarter notes to seconds, for what follows bars and sections.
    duration_s : float
        Where the last bar ends; what rings on comes after it.
    """

    parts: tuple[Played, ...]
    song: tuple[Syllable, ...]
    clock: Clock
    duration_s: float


def perform(score: Score) -> Performance:
    """Play a score.

    Each player has a timing of his or her own: a place before or behind the beat that belongs to the style, and
    deviations that drift; machines have none. Accents follow metre, phrase and section. The same score gives the same
    performance.

    Parameters
    ----------
    score : Score
        The song.
    """
    table = accompaniment(score.plan.style).performance
    clock = Clock.of(score, table.swings)
    duration_s = float(clock.straight(score.length))
    return Performance(
        parts=tuple(
            Played(part.name, part.role, part.instrument, _played(score, part, table, clock, duration_s))
            for part in score.parts
        ),
        song=_sung(score, clock, duration_s),
        clock=clock,
        duration_s=duration_s,
    )


def _played(score: Score, part: Part, table: PerformanceTable, clock: Clock, duration_s: float) -> tuple[Tone, ...]:
    notes = sorted(part.notes, key=lambda note: (note.start, note.pitch))
    if not notes:
        return ()
    rng = chance(score.plan.seed, "performance", part.name)
    if part.role is Role.LEAD and table.graces > 0.0:
        notes = graced(notes, table.graces, rng)
    exact = part.role in table.machines or table.looseness_ms == 0.0
    starts = np.array([note.start for note in notes])
    ends = starts + np.array([note.length for note in notes])
    struck = velocities(score, part.role, notes, table.touch, rng)
    late = np.zeros(len(notes))
    if not exact:
        late = deviations(starts, score.length, table.looseness_ms, rng) + _behind(part, notes, table)
        if part.role in _STRUCK:
            late += 1e-3 * _LIMB * table.looseness_ms * np.clip(rng.standard_normal(len(notes)), -2.0, 2.0)
        late += spread(notes, part.instrument, rng, exact=exact)
    begins = np.maximum(clock.swung(starts) + late, 0.0)
    lasts = np.maximum(_lengths(part, notes, clock.swung(ends) - clock.swung(starts)), _SHORTEST_S)
    tones = [
        Tone(float(begin), float(last), float(note.pitch), float(velocity), _timed(note, clock))
        for begin, last, velocity, note in zip(begins, lasts, struck, notes, strict=True)
    ]
    return apart(ornamented(tones), duration_s)


def _timed(note: Note, clock: Clock) -> str:
    """Return a note's articulation; the rate of a wobble in Hz instead of turns a quarter note."""
    kind, _, rate = note.articulation.partition(" ")
    if kind != "wobble":
        return note.articulation
    quarter_s = float(np.diff(clock.straight((note.start, note.start + 1.0)))[0])
    return f"wobble {float(rate) / quarter_s:.3f}"


def _behind(part: Part, notes: Sequence[Note], table: PerformanceTable) -> NDArray[np.float64]:
    """Return by how much a role, or each drum of a kit, is behind the beat in this style."""
    usual = table.late_ms.get(part.role.value, 0.0)
    if part.role not in _STRUCK:
        return np.full(len(notes), 1e-3 * usual)
    return np.array([1e-3 * table.late_ms.get(_DRUMS.get(note.pitch, ""), usual) for note in notes])


def _lengths(part: Part, notes: Sequence[Note], lengths_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how long notes are held, by articulation and role."""
    held = lengths_s.copy()
    for place, note in enumerate(notes):
        if note.articulation == "staccato":
            held[place] *= _STACCATO
        elif note.articulation == "mute":
            held[place] = min(held[place], _MUTE_S)
        elif part.role is Role.BASS and note.articulation != "slide":
            held[place] -= min(_TOLD_APART_S, 0.2 * held[place])
    return held


def _sung(score: Score, clock: Clock, duration_s: float) -> tuple[Syllable, ...]:
    """Return the song in seconds: syllables one after another, the notes of a melisma without gaps."""
    notes = [note for each in score.song for note in each.notes]
    if not notes:
        return ()
    rng = chance(score.plan.seed, "performance", "voice")
    starts = np.array([note.start for note in notes])
    ends = starts + np.array([note.length for note in notes])
    late = deviations(starts, score.length, _VOICE_LOOSENESS_MS, rng)
    least = _SHORTEST_S * np.arange(len(notes))
    begins = np.maximum.accumulate(np.maximum(clock.swung(starts) + late, 0.0) - least) + least
    stops = np.minimum(clock.swung(ends) + late, duration_s)
    for place, (before, after) in enumerate(pairwise(range(len(notes)))):
        joined = starts[after] - ends[before] < 1e-3
        stops[place] = begins[after] if joined else min(stops[place], begins[after])
    velocity = velocities(score, Role.VOICE, notes, 0.0, rng)
    tones = [
        Tone(float(begin), max(float(stop - begin), _SHORTEST_S), float(note.pitch), float(loud), note.articulation)
        for begin, stop, loud, note in zip(begins, stops, velocity, notes, strict=True)
    ]
    return _syllables(score.song, tones)


def _syllables(song: Sequence[Sung], tones: Sequence[Tone]) -> tuple[Syllable, ...]:
    made, place = [], 0
    for each in song:
        mine = tuple(tones[place : place + len(each.notes)])
        place += len(each.notes)
        made.append(Syllable(each.text, each.sounds, each.stress, each.word, each.line, mine))
    return tuple(made)
