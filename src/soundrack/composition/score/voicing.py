"""Voice leading: which octave each tone of each chord lies in, so that voices move little and basses are clear."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.styles.harmony import Spread
from soundrack.composition.theory import CHORDS, Chord

_LOW_LIMITS = {1: 52, 2: 52, 3: 48, 4: 47, 5: 43, 6: 45, 7: 38, 8: 43, 9: 41, 10: 41, 11: 41}
"""Below which note an interval of so many semitones above it is muddy (low interval limits, as in Pease and Pullig,
Modern Jazz Voicings, 2001)."""
_MUDDY = 8.0
_CENTRE = 0.12
"""What each semitone counts by which a voicing lies off the middle of its range, beside a semitone's movement."""
_TOP = 0.35
_LEAP = 4
"""Above which the upper voice's step is a leap."""
_EXTRA = 0.6


def voicings(
    chords: Sequence[Chord], spread: Spread, lowest: int, highest: int, voices: int = 4
) -> tuple[tuple[int, ...], ...]:
    """Lay out chords so that all of them together move least.

    The layouts of a chord are its inversions in every octave of the range; the course through them is the one with
    the least movement of all voices, with the fewest leaps of the upper voice and nearest to the middle of the range
    (the shortest path, as in Tymoczko, A Geometry of Music, 2011, ch. 4, but over a whole song).

    Parameters
    ----------
    chords : sequence of Chord
        In the order in which they sound. Their basses are the bassist's and are not looked at.
    spread : Spread
        How tones lie. `POWER` and `SHELL` have at most three voices.
    lowest, highest : int
        Range, MIDI; at least an octave.
    voices : int
        How many, 2 to 6. A chord with fewer tones has some twice; of one with five the root is left out
        first, then fifths.

    Returns
    -------
    tuple of tuple of int
        Of each chord its notes, MIDI, ascending and different from each other. Where a layout does not go into the
        range, a closer one is taken, at the end one of fewer voices.

    Raises
    ------
    ValueError
        If the range is less than an octave or the number of voices is not 2 to 6.
    """
    if highest - lowest < 12:
        raise ValueError("voicings need a range of an octave")
    if not 2 <= voices <= 6:
        raise ValueError("a chord has 2 to 6 voices")
    if not chords:
        return ()
    layouts = [_layouts(chord.root, chord.quality, spread, lowest, highest, voices) for chord in chords]
    middle = (lowest + highest) / 2.0
    totals = _alone(layouts[0], middle)
    before: list[NDArray[np.intp]] = []
    for first, second in pairwise(layouts):
        costs = totals[:, None] + _movements(first, second)
        before.append(np.argmin(costs, axis=0))
        totals = np.min(costs, axis=0) + _alone(second, middle)
    place = int(np.argmin(totals))
    course = [place]
    for origins in reversed(before):
        place = int(origins[place])
        course.append(place)
    return tuple(layout[place] for layout, place in zip(layouts, reversed(course), strict=True))


def muddy(notes: Sequence[int]) -> int:
    """Count the neighbouring notes of an ascending voicing that lie too low for their interval."""
    return sum(low < _LOW_LIMITS.get(high - low, 0) for low, high in pairwise(notes))


Layouts = tuple[tuple[int, ...], ...]


@lru_cache(maxsize=4096)
def _layouts(root: int, quality: str, spread: Spread, lowest: int, highest: int, voices: int) -> Layouts:
    """Return the ways in which a chord may lie, the clear ones only if there are any."""
    tones, count = _tones(root, quality, spread, voices)
    for fewer in range(count, 0, -1):
        for way in dict.fromkeys((spread, Spread.DROP_2, Spread.CLOSE)):
            found = {
                layout
                for start in range(len(tones))
                for octave in range(lowest // 12 - 1, highest // 12 + 1)
                if (layout := _laid(tones, start, octave, way, fewer)) and lowest <= layout[0] and layout[-1] <= highest
            }
            if found:
                clear = [layout for layout in found if not muddy(layout)]
                return tuple(sorted(clear or found))
    raise AssertionError("an octave holds any tone")


def _tones(root: int, quality: str, spread: Spread, voices: int) -> tuple[tuple[int, ...], int]:
    """Return the pitch classes that a voicing has, in close position from the root up, and how many voices it has."""
    intervals = CHORDS[quality]
    if spread is Spread.POWER:
        fifth = next((each for each in intervals if each in (6, 7, 8)), 7)
        return (root % 12, (root + fifth) % 12), min(voices, 3)
    chosen = list(intervals)
    if spread is Spread.SHELL:
        chosen = [chosen[0], *chosen[1:2], *(chosen[3:4] or chosen[2:3])]
        voices = min(voices, 3)
    elif (spread is Spread.ROOTLESS and len(chosen) > 3) or (len(chosen) > 4 and voices < len(chosen)):
        # whose bass has the root: what colours the chord is needed more
        chosen = chosen[1:]
    for spare in (7, 0):
        if len(chosen) > voices and spare in chosen:
            chosen.remove(spare)
    closely = sorted(each % 12 for each in chosen[:voices])
    return tuple((root + each) % 12 for each in closely), voices


def _laid(tones: Sequence[int], start: int, octave: int, spread: Spread, voices: int) -> tuple[int, ...]:
    """Return tones stacked from one of them on in an octave, spread out; empty if two fall on each other."""
    turned = [tones[(start + place) % len(tones)] for place in range(voices)]
    if start and spread in {Spread.POWER, Spread.SHELL}:
        return ()
    notes = [12 * (octave + 1) + turned[0]]
    for tone in turned[1:]:
        notes.append(notes[-1] + ((tone - notes[-1] - 1) % 12) + 1)
    if spread is Spread.DROP_2 and len(notes) > 2:
        notes[-2] -= 12
    elif spread is Spread.OPEN and len(notes) > 2:
        notes = [note + 12 * (place % 2) for place, note in enumerate(notes)]
    ascending = tuple(sorted(notes))
    return ascending if len(set(ascending)) == len(ascending) else ()


def _alone(layouts: Layouts, middle: float) -> NDArray[np.float64]:
    return np.array(
        [_CENTRE * abs(sum(layout) / len(layout) - middle) * len(layout) + _MUDDY * muddy(layout) for layout in layouts]
    )


@lru_cache(maxsize=4096)
def _movements(first: Layouts, second: Layouts) -> NDArray[np.float64]:
    """Return what each way from one chord's layouts to another's costs: semitones by voice, and the upper voice's."""
    count = max(len(layout) for layout in (*first, *second))
    origins, goals = _filled(first, count), _filled(second, count)
    moves = np.abs(origins[:, None, :] - goals[None, :, :]).sum(axis=2)
    top = np.abs(origins[:, None, -1] - goals[None, :, -1])
    costs = np.asarray(moves + _TOP * top + _EXTRA * np.maximum(top - _LEAP, 0.0), dtype=np.float64)
    costs.setflags(write=False)
    return costs


def _filled(layouts: Layouts, count: int) -> NDArray[np.float64]:
    """Return layouts as rows of `count` notes, the uppermost repeated where there are fewer."""
    return np.array([[*layout, *[layout[-1]] * (count - len(layout))] for layout in layouts], dtype=np.float64)
