"""Lines: steady tones that a decoder's up-sampling leaves at multiples of its internal rates.

A line stands above the spectrum beside it, like a note; unlike a note it is there all the time and always as loud, in
the gaps as well. What is treated has to be both. The origin of such lines: Afchar, Meseguer-Brocal, Akesbi and
Hennequin, "A Fourier Explanation of AI-music Artifacts", arXiv 2506.19108, 2025.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from soundrack.audio.biquads import filter_in_place, peaking
from soundrack.errors import Invalid
from soundrack.mastering.repair.generators import Profile
from soundrack.mastering.repair.spectra import Spectra
from soundrack.mastering.repair.steps import Line, LinesStep

_FROM_HZ, _TO_HZ = 500.0, 20_000.0
_BESIDE_HZ = 120.0
"""On either side of a line: wide enough for a median that it does not move."""
_MEDIANS_EVERY = 8
_LEAST_LEVEL_DB = -110.0
_NOTE_BELOW_HZ, _NOTE_LEVEL_DB = 5000.0, -30.0
"""A tone in the range of notes that is louder than this, relative to the song, is part of the music."""
_LEAST_WINDOWS = 8
_PRESENT, _PRESENT_WITHIN_DB = 0.97, 6.0
_STEADY_DB = 3.0
_MOST_LINES = 24
_DEEPEST_DB = 60.0
_WIDTH_HZ = 12.0
"""Wide enough for the error of a frequency that was read through music, 0.3 Hz, to leave 20 dB of depth and more."""
_HIGHEST = 0.499
"""Of the sample rate: nearer to half of it a notch gets ever narrower, and remembers ever longer."""
_SECTIONS_AT_ONCE = 4
"""Narrow filters remember long, and the memories of those in one pass add up."""
_FEWEST_MULTIPLES, _LOWEST_COMMON_HZ, _COMMON_WITHIN_HZ = 3, 100.0, 1.5
_NOTHING = 1e-20


@dataclass(frozen=True)
class _Seen:
    """A line: where, how loud, how far above what is beside it, how much quieter in its quietest tenth."""

    frequency_hz: float
    level_db: float
    excess_db: float
    unsteady_db: float


def find(looked: Spectra, profile: Profile) -> LinesStep | None:
    """Return a notch for each line, as deep as it stands out; the 24 that stand out most, where there are more.

    Needs eight windows of sound, three seconds.
    """
    rows = np.flatnonzero(looked.sounding)
    if len(rows) == 0 or len(powers := looked.powers[rows[0] : rows[-1] + 1]) < _LEAST_WINDOWS:
        return None
    levels = 10.0 * np.log10(np.maximum(powers, np.float32(_NOTHING)))
    typical = levels.mean(axis=0, dtype=np.float64)
    excess = typical - _medians(typical, round(_BESIDE_HZ / looked.bin_hz))
    song_db = 10.0 * math.log10(max(float(powers.sum(axis=1).mean()), _NOTHING))
    seen = []
    for at in _summits(excess, looked, profile.line_db, typical):
        line = _line(at, powers, typical, excess, looked.bin_hz)
        musical = line.frequency_hz < _NOTE_BELOW_HZ and line.level_db > song_db + _NOTE_LEVEL_DB
        if line.unsteady_db <= _STEADY_DB and not musical and _always_there(at, powers):
            seen.append(line)
    if not seen:
        return None
    strongest = sorted(seen, key=lambda line: -line.excess_db)[:_MOST_LINES]
    strongest.sort(key=lambda line: line.frequency_hz)
    return LinesStep(
        lines=tuple(
            Line(frequency_hz=round(line.frequency_hz, 2), depth_db=round(min(line.excess_db, _DEEPEST_DB), 2))
            for line in strongest
        ),
        width_hz=_WIDTH_HZ,
        reason=_in_words(seen, song_db),
    )


def treat(samples: NDArray[np.float32], rate_hz: int, step: LinesStep) -> None:
    """Lower each line, in place; `Invalid` where the song's rate cannot hold one of them."""
    sections = []
    for line in step.lines:
        if line.frequency_hz >= _HIGHEST * rate_hz:
            raise Invalid(
                f"At {rate_hz} Hz no line can be lowered at {line.frequency_hz:g} Hz; it must lie below "
                f"{_HIGHEST * rate_hz:g} Hz.",
                field="repair",
            )
        # The width is that between the poles' half-power points: outside it the filter does nothing.
        q = line.frequency_hz / (step.width_hz * 10.0 ** (-line.depth_db / 40.0))
        sections.append(peaking(line.frequency_hz, rate_hz, -line.depth_db, q))
    for first in range(0, len(sections), _SECTIONS_AT_ONCE):
        filter_in_place(samples, np.array(sections[first : first + _SECTIONS_AT_ONCE]))


def _medians(levels: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Return the running median over `reach` bins on either side, taken every few bins with straight lines between."""
    reach = max(reach, 2)
    padded = np.pad(levels, reach, mode="reflect" if len(levels) > reach else "edge")
    places = np.arange(0, len(levels), _MEDIANS_EVERY)
    medians = np.median(sliding_window_view(padded, 2 * reach + 1)[places], axis=1)
    return np.interp(np.arange(len(levels)), places, medians)


def _summits(
    excess: NDArray[np.float64], looked: Spectra, least_db: float, typical: NDArray[np.float64]
) -> NDArray[np.int_]:
    top_hz = min(_TO_HZ, 0.49 * looked.rate_hz)
    first, last = max(2, int(_FROM_HZ / looked.bin_hz)), min(int(top_hz / looked.bin_hz), len(excess) - 3)
    here = excess[first:last]
    summit = (here >= least_db) & (typical[first:last] > _LEAST_LEVEL_DB)
    summit &= (here >= excess[first - 1 : last - 1]) & (here > excess[first + 1 : last + 1])
    return np.flatnonzero(summit) + first


def _line(
    at: int, powers: NDArray[np.float32], typical: NDArray[np.float64], excess: NDArray[np.float64], bin_hz: float
) -> _Seen:
    before, here, after = typical[at - 1 : at + 2]
    # What a Hann window reads of a sine at a bin and at the louder of its neighbours tells how far between it lies.
    ratio = 10.0 ** ((max(before, after) - here) / 20.0)
    shift = float(np.clip((2.0 * ratio - 1.0) / (ratio + 1.0), 0.0, 0.5)) * (1.0 if after > before else -1.0)
    peak = here - 20.0 * math.log10(float(np.sinc(shift)) / (1.0 - shift**2))
    levels = _levels_db(at, powers)
    return _Seen(
        (at + shift) * bin_hz,
        float(peak),
        float(excess[at] + peak - here),
        float(np.median(levels) - np.percentile(levels, 10.0)),
    )


def _always_there(at: int, powers: NDArray[np.float32]) -> bool:
    levels = _levels_db(at, powers)
    return bool((levels >= np.median(levels) - _PRESENT_WITHIN_DB).mean() >= _PRESENT)


def _levels_db(at: int, powers: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the level at a bin and both beside it in each window."""
    levels: NDArray[np.float64] = 10.0 * np.log10(np.maximum(powers[:, at - 1 : at + 2].sum(axis=1), _NOTHING))
    return levels


def _in_words(seen: list[_Seen], song_db: float) -> str:
    first = max(seen, key=lambda line: line.excess_db)
    common = _common_hz([line.frequency_hz for line in seen])
    return (
        f"{len(seen)} steady {'line' if len(seen) == 1 else 'lines'}, the clearest at {first.frequency_hz:.1f} Hz: "
        f"{first.excess_db:.1f} dB above its surroundings, {first.level_db - song_db:.1f} dB of the song, "
        f"steady within {first.unsteady_db:.1f} dB." + (f" Multiples of {common:.1f} Hz." if common else "")
    )


def _common_hz(frequencies_hz: list[float]) -> float | None:
    """Return the highest frequency, 100 Hz or more, of which all are multiples."""
    if len(frequencies_hz) < _FEWEST_MULTIPLES:
        return None
    frequencies, lowest = np.array(frequencies_hz), min(frequencies_hz)
    for part in range(1, int(lowest / _LOWEST_COMMON_HZ) + 1):
        counts = np.round(frequencies * part / lowest)
        base = float((frequencies * counts).sum() / (counts**2).sum())
        if np.abs(frequencies - counts * base).max() < _COMMON_WITHIN_HZ:
            return base
    return None
