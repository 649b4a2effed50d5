"""Walking basses: a tone on each beat, from chord to chord (Coker, Jazz Keyboard, 1984, on approach notes)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.score.chart import Chart
from soundrack.composition.score.score import Sounding

_FAR = 1e3
_LEAPS = np.array([3.0, 0.0, 0.0, 0.2, 0.5, 0.7, 2.0, 0.9, 2.5, 3.0, 3.5, 4.0, 2.5])
"""What a step of so many semitones costs: seconds are best, repeated tones and wide leaps are not wanted."""


def walk(chart: Chart, start: float, end: float, lowest: int, highest: int, rng: np.random.Generator) -> list[int]:
    """Return a line of pitches, one a beat, as the cheapest way through all that are possible (Viterbi).

    Each chord begins with its bass, its other strong beats have chord tones, and the beat before the next chord is a
    half or whole step from its bass, or a fifth. Between them the line goes by step, mostly in one direction.

    Parameters
    ----------
    chart : Chart
        The song.
    start, end : float
        From which beat to which.
    lowest, highest : int
        Its range, at least an octave.
    rng : numpy.random.Generator
        For what makes one line differ from another over the same chords.

    Returns
    -------
    list of int
        MIDI numbers; -1 on beats without a chord.
    """
    count = round((end - start) / chart.beat)
    pitches = np.arange(lowest, highest + 1)
    chords = [chart.sounding(start + chart.beat * number) for number in range(count)]
    local = np.stack([_local(chart, number, chords, pitches, start) for number in range(count)]) if count else None
    if local is None:
        return []
    local += rng.uniform(0.0, 0.7, local.shape)
    leaps = _LEAPS[np.minimum(np.abs(pitches[:, None] - pitches[None, :]), len(_LEAPS) - 1)]
    cost, back = local[0], []
    for number in range(1, count):
        ways = cost[:, None] + leaps
        back.append(ways.argmin(axis=0))
        cost = ways.min(axis=0) + local[number]
    path = [int(cost.argmin())]
    for each in reversed(back):
        path.append(int(each[path[-1]]))
    line = [int(pitches[place]) for place in reversed(path)]
    return [pitch if chord is not None else -1 for pitch, chord in zip(line, chords, strict=True)]


def _local(
    chart: Chart, number: int, chords: list[Sounding | None], pitches: NDArray[np.int_], start: float
) -> NDArray[np.float64]:
    """Return what each pitch costs on a beat."""
    sounding, at = chords[number], start + chart.beat * number
    if sounding is None:
        return np.zeros(len(pitches))
    classes = pitches % 12
    if number == 0 or sounding != chords[number - 1]:
        off = np.where(classes == sounding.chord.bass, 0.0, _FAR)
        return np.asarray(off + 0.05 * np.abs(pitches - pitches.mean()), dtype=np.float64)
    cost = np.where(np.isin(classes, chart.scale(at)), 0.6, 1.8)
    cost = np.where(np.isin(classes, sounding.chord.tones), 0.0, cost)
    coming = chart.coming(at)
    ends = coming is not None and coming.start - at <= chart.beat + 1e-6
    if ends and coming is not None:
        away = (classes - coming.chord.bass) % 12
        cost = np.where(np.isin(away, (1, 11)), -0.6, cost + 0.8)
        cost = np.where(np.isin(away, (2, 10, 7)), 0.0, cost)
        cost = np.where(away == 0, 2.5, cost)
    return cost
