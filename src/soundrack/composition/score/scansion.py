"""Scansion: when each syllable of a line is sung.

Stressed syllables seek strong places of the bar, or in syncopated styles the place just before one; unstressed ones are
shorter; words stay together; the line's last syllable is held, and then there is time to breathe (Halle and Lerdahl,
"A generative textsetting model", Current Musicology 55, 1993; Temperley, "Syncopation in rock", Popular Music 18/1,
1999).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.lyrics import LyricLine
from soundrack.composition.score.metrics import strength
from soundrack.composition.theory import Metre

MOST_SYLLABLES_S = 7.0
"""How many syllables a second can be sung and understood."""
BREATH_S = 0.25
"""What is left between two lines at least."""

_AT_EASE_S = 0.44
"""How long a syllable lasts, on average, where there is time."""
_WEIGHT = {0: 0.0, 1: 1.0, 2: 0.55}
_UNSTRESSED, _STRESSED, _WEAK = 0.8, 1.8, 0.8
_UNEVEN = 0.65
_APART = 0.8
_ENTRY, _EXIT = 0.6, 0.25
_OTHERWISE = 0.5
_FINEST = 0.125
_HOLD_QUARTERS = 3.0
_ANTICIPATED = 0.85
_EPSILON = 1e-6

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """The time of a line: quarter notes from the beginning of its section."""

    start: float
    length: float


@dataclass(frozen=True)
class Scanned:
    """When a line's syllables begin and how long they are, in quarter notes from the beginning of its window."""

    onsets: tuple[float, ...]
    lengths: tuple[float, ...]


@dataclass(frozen=True)
class Prosody:
    """What a style does with words.

    `quarter_s` is how long a quarter note is, in seconds; `grid` the shortest usual note, in quarters; `syncopation`
    how readily stresses come early, and `legato` which part of the time to the next syllable is sung, both 0 to 1.
    """

    metre: Metre
    quarter_s: float
    grid: float
    syncopation: float
    legato: float


def needed_quarters(syllables: int, prosody: Prosody) -> float:
    """Return how much time a line needs at least, breath included."""
    step = _shortest_step(_finest(prosody), prosody)
    return syllables * step + BREATH_S / prosody.quarter_s + step


def windows(lines: Sequence[LyricLine], length: float, usual: float, prosody: Prosody) -> list[Window]:
    """Share a section out among its lines.

    Parameters
    ----------
    lines : sequence of LyricLine
        In order.
    length : float
        Of the section, quarter notes.
    usual : float
        How long a line's window usually is, quarter notes.
    prosody : Prosody
        Of the song.

    Returns
    -------
    list of Window
        All of the same length, in whole or halved bars, evenly spread, if every line can be sung in that; otherwise
        as long as each needs. Fewer than lines where the section is too short for all at `MOST_SYLLABLES_S`.
    """
    if not lines:
        return []
    bar = prosody.metre.bar_quarters
    count = len(lines)
    needs = [needed_quarters(len(line.syllables), prosody) for line in lines]
    for bars in (4.0, 3.0, 2.0, 1.5, 1.0, 0.5):
        unit = bars * bar
        spread = math.floor(length / count / unit + _EPSILON) * unit
        if spread > 0.0 and unit >= max(needs) - _EPSILON and (unit <= usual + _EPSILON or _only(needs, unit, bar)):
            return [Window(place * spread, unit) for place in range(count)]
    kept: list[float] = []
    for need in needs:
        if sum(kept) + need > length + _EPSILON:
            break
        kept.append(need)
    slack = (length - sum(kept)) / max(len(kept), 1)
    found = []
    at = 0.0
    for need in kept:
        found.append(Window(at, need + slack))
        at += need + slack
    return found


def _only(needs: Sequence[float], unit: float, bar: float) -> bool:
    """Tell whether half of a window would be too short."""
    return max(needs) > unit - bar / 2.0


def scanned(line: LyricLine, window: Window, entry: float, like: Scanned | None, prosody: Prosody) -> Scanned:
    """Place the syllables of a line.

    Parameters
    ----------
    line : LyricLine
        With at least one syllable.
    window : Window
        Its time.
    entry : float
        When it should begin, quarter notes from the window's beginning.
    like : Scanned or None
        A line whose rhythm it should have as far as its syllables allow.
    prosody : Prosody
        Of the song.

    Returns
    -------
    Scanned
        Onsets ascend and are at least 1/7 s apart; the last syllable ends a breath before the window does.
    """
    stresses = [_WEIGHT[syllable.stress] for syllable in line.syllables]
    count = len(stresses)
    room = window.length - BREATH_S / prosody.quarter_s
    grid = _grid(count, room, prosody)
    gap = max(math.ceil(1.0 / (MOST_SYLLABLES_S * prosody.quarter_s * grid) - _EPSILON), 1)
    places = max(math.floor(room / grid - _EPSILON), (count - 1) * gap + 1)
    even = min(max(room * 0.92 / count, grid * gap), max(_AT_EASE_S / prosody.quarter_s, grid * gap))
    entry = min(entry, max(room - even * count, 0.0))
    at: Curve = np.arange(places, dtype=np.float64) * grid
    costs = _first(at, entry, stresses[0]) + _place(at, window.start, stresses[0], like, prosody)
    within = _inside_words(line)
    origins = []
    distance = at[None, :] - at[:, None]
    for number in range(1, count):
        wanted = even * (1.2 if stresses[number - 1] > 0.5 else 0.85)
        step = np.where(
            distance > grid * gap - _EPSILON, _UNEVEN * np.abs(np.log2(np.maximum(distance, grid) / wanted)), np.inf
        )
        if within[number]:
            step = step + _APART * np.maximum(distance - 1.0, 0.0)
        through = costs[:, None] + step
        origins.append(np.argmin(through, axis=0))
        costs = np.min(through, axis=0) + _place(at, window.start, stresses[number], like, prosody)
    goal = min(entry + even * (count - 1), at[-1])
    course = [int(np.argmin(costs + _EXIT * np.abs(at - goal)))]
    for origin in reversed(origins):
        course.append(int(origin[course[-1]]))
    onsets = [float(at[place]) for place in reversed(course)]
    last = max(min(room - onsets[-1], _HOLD_QUARTERS), min(grid, window.length - onsets[-1]))
    gaps = [second - first for first, second in pairwise(onsets)]
    return Scanned(tuple(onsets), (*(each * prosody.legato for each in gaps), last))


def _grid(count: int, room: float, prosody: Prosody) -> float:
    """Return the coarsest grid in which the syllables find room: not every place is taken where it can be helped."""
    for grid in _grids(prosody):
        if count * _shortest_step(grid, prosody) <= 0.8 * room:
            return grid
    return _finest(prosody)


def _grids(prosody: Prosody) -> list[float]:
    """Return the grids on which a style may sing, the usual one first."""
    return [prosody.grid / 2.0**halvings for halvings in range(5) if prosody.grid / 2.0**halvings >= _FINEST]


def _finest(prosody: Prosody) -> float:
    """Return the grid on which syllables may follow each other most quickly."""
    return min(_grids(prosody), key=lambda grid: _shortest_step(grid, prosody))


def _shortest_step(grid: float, prosody: Prosody) -> float:
    """Return the least distance of syllables on a grid."""
    return grid * float(max(math.ceil(1.0 / (MOST_SYLLABLES_S * prosody.quarter_s * grid) - _EPSILON), 1))


def _first(at: Curve, entry: float, stress: float) -> Curve:
    return np.asarray(_ENTRY * (1.0 + 0.3 * stress) * np.abs(at - entry))


def _place(
    at: Curve,
    start: float,
    stress: float,
    like: Scanned | None,
    prosody: Prosody,
) -> Curve:
    """Return what each place costs a syllable of a stress."""
    strong = np.array([_strength(start + each, prosody) for each in at])
    costs = _STRESSED * stress * (1.0 - strong) + _UNSTRESSED * (1.0 - stress) * strong
    if like is not None:
        known = np.array(like.onsets)
        costs = costs + _OTHERWISE * (np.min(np.abs(at[:, None] - known[None, :]), axis=1) > _EPSILON)
    return np.asarray(costs + _WEAK * (strong < 0.2) * stress)


def _strength(at: float, prosody: Prosody) -> float:
    """Return how strong a place is; that before a beat is nearly as strong as the beat where stresses come early."""
    own = strength(at, prosody.metre)
    if own > 0.5 or prosody.metre.is_compound:
        return own
    coming = strength(at + 0.5, prosody.metre) if own > 0.2 else strength(at + 0.25, prosody.metre)
    return max(own, _ANTICIPATED * prosody.syncopation * coming)


def _inside_words(line: LyricLine) -> list[bool]:
    """Tell of each syllable whether the one before belongs to the same word."""
    return [place > 0 for word in line.words for place in range(len(word.syllables))]
