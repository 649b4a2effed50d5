"""What hands add to a note: the spread of a strum, flams, grace notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.instruments.tone import Tone
from soundrack.composition.score.score import Note

_STRUMMED_MS = {
    "harp": 28.0,
    "acoustic_guitar": 11.0,
    "nylon_guitar": 11.0,
    "electric_guitar": 8.0,
    "muted_guitar": 6.0,
    "distorted_guitar": 5.0,
}
"""Between one string and the next."""
_FINGERS_MS = 3.0
"""Between the fingers of a hand that means to strike at once; its standard deviation."""
_FLAM_S, _FLAM = 0.028, 0.45
_GRACE_S, _GRACE = 0.07, 0.7
_GRACED, _LEAP, _PHRASE = 0.75, 3, 2.0
"""Quarter notes that a tone must last to be graced, semitones of a leap, and quarter notes without one after which a
phrase begins."""
_APART_S = 0.002


def spread(notes: Sequence[Note], instrument: str, rng: np.random.Generator, *, exact: bool) -> NDArray[np.float64]:
    """Return by how many seconds the tones of chords come after the first of them.

    Strings are strummed from the lowest up, or with the articulation ``up`` from the highest down; softer strokes are
    slower. The fingers of other players are nearly together; machines are so exactly.

    Parameters
    ----------
    notes : sequence of Note
        In order of start and pitch.
    instrument : str
        Who plays.
    rng : numpy.random.Generator
        Of the player.
    exact : bool
        Whether a machine plays.

    Returns
    -------
    float64 array, shape (len(notes),)
        At least 0.
    """
    late = np.zeros(len(notes))
    if exact:
        return late
    between_s = 1e-3 * _STRUMMED_MS.get(instrument, 0.0)
    first = 0
    for _, together in groupby(notes, key=lambda note: round(note.start, 4)):
        chord = list(together)
        count = len(chord)
        if count > 1:
            if between_s:
                order = np.arange(count) if chord[0].articulation != "up" else np.arange(count)[::-1]
                slow = 1.4 - 0.7 * chord[0].velocity
                late[first : first + count] = between_s * slow * order * float(rng.uniform(0.8, 1.2))
            else:
                fingers = np.abs(rng.normal(0.0, 1e-3 * _FINGERS_MS, count))
                late[first : first + count] = fingers - fingers.min()
        first += count
    return late


def graced(notes: Sequence[Note], often: float, rng: np.random.Generator) -> list[Note]:
    """Give some long tones that are reached by a leap, or after a rest, the articulation ``grace``.

    Parameters
    ----------
    notes : sequence of Note
        A line, in order of start.
    often : float
        How often, 0 to 1, such a tone has a grace note.
    rng : numpy.random.Generator
        Of the player.
    """
    drawn = rng.random(len(notes))
    made: list[Note] = []
    for place, note in enumerate(notes):
        before = notes[place - 1] if place else None
        steps = before is not None and note.start - before.start < _PHRASE and abs(note.pitch - before.pitch) < _LEAP
        wanted = note.length >= _GRACED and not note.articulation and not steps and drawn[place] < often
        made.append(replace(note, articulation="grace") if wanted else note)
    return made


def ornamented(tones: Sequence[Tone]) -> list[Tone]:
    """Add the strokes before flams, and the tones before notes with the articulation ``grace``."""
    made: list[Tone] = []
    for tone in tones:
        if tone.articulation == "flam" and tone.start_s > _FLAM_S:
            made.append(
                replace(
                    tone, start_s=tone.start_s - _FLAM_S, length_s=_FLAM_S - _APART_S, velocity=_FLAM * tone.velocity
                )
            )
        if tone.articulation == "grace" and tone.start_s > _GRACE_S:
            made.append(
                replace(
                    tone,
                    start_s=tone.start_s - _GRACE_S,
                    length_s=_GRACE_S - _APART_S,
                    pitch=tone.pitch - 1.0,
                    velocity=_GRACE * tone.velocity,
                )
            )
        made.append(tone)
    return made


def apart(tones: Sequence[Tone], end_s: float) -> tuple[Tone, ...]:
    """Return tones in order, each let go before the next of its pitch begins, and none after the end.

    Of two of one pitch that begin within two milliseconds the louder stays.
    """
    by_pitch: dict[float, list[Tone]] = {}
    for tone in sorted(tones, key=lambda each: (each.start_s, each.pitch, -each.velocity)):
        line = by_pitch.setdefault(tone.pitch, [])
        if line and tone.start_s - line[-1].start_s < _APART_S:
            if tone.velocity > line[-1].velocity:
                line[-1] = replace(line[-1], velocity=tone.velocity, articulation=tone.articulation)
            continue
        if line and line[-1].start_s + line[-1].length_s > tone.start_s:
            line[-1] = replace(line[-1], length_s=tone.start_s - line[-1].start_s)
        if end_s - tone.start_s > _APART_S:
            line.append(replace(tone, length_s=min(tone.length_s, end_s - tone.start_s)))
    kept = [tone for line in by_pitch.values() for tone in line]
    return tuple(sorted(kept, key=lambda tone: (tone.start_s, tone.pitch)))
