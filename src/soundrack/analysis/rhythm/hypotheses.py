"""Which metrical level is the beat: the octave of the tempo, and on or off the beat.

A tracker finds some level of the metre, and often not the one that people tap: half or twice the tempo, a dotted value,
or the off-beats. From its beats all levels nearby follow. Each is described by named features and scored by a small
network, and the likeliest in a conditional logit model of the scores (McFadden, "Conditional logit analysis of
qualitative choice behavior", 1974) is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS
from soundrack.analysis.features.neighbourhood import greatest_nearby
from soundrack.analysis.rhythm import bars
from soundrack.analysis.rhythm.linear import network
from soundrack.analysis.rhythm.onsets import CHARACTER, RANGES_HZ, Onsets, averaged, change, sampled, widened
from soundrack.analysis.rhythm.salience import log_strength

SLOWEST_BPM, FASTEST_BPM = 38.0, 260.0
UNITS = 16
"""Hidden ones of the network that scores a level."""
_LEVELS = ((1, 3), (1, 2), (2, 3), (1, 1), (3, 2), (2, 1), (3, 1))
"""Tempi as parts of the tracked one."""
_OFF_BEATS = (1.0 / 3.0, 1.0 / 2.0, 2.0 / 3.0)
_LEAST_BEATS = 6
_PLACES = ("on", "half", "third", "two_thirds")
_TYPICAL_BPM = 110.0
_ONSET_STRENGTH = 4.0
"""The sum of all ranges above which a peak counts as an onset."""

FEATURES = (
    *("octave", "octave_squared", "fast", "slow"),
    *(f"salience_{place}" for place in ("on", "half", "thirds")),
    *(f"network_{place}" for place in ("on", "half", "thirds")),
    *(f"{name}_{place}" for name in RANGES_HZ for place in _PLACES),
    *(f"{name}_alternation" for name in RANGES_HZ),
    *("backbeat", "downbeat_on", "downbeat_half", "downbeat_alternation", "downbeat_third"),
    *("harmony_on", "harmony_half", "bass_on", "bass_half"),
    *("harmony_alternation", "bass_alternation", "harmony_per_beat", "onsets_per_beat"),
    *("bars_of_2", "bars_of_3", "bars_of_4", "bars_of_8", "bars", "bars_beside_2"),
    *(f"octave_{name}" for name in CHARACTER),
)
"""Of a level: its tempo in octaves from 110 bpm, its square, and what lies more than 0.6 octaves above or below; the
mean salience, network's activation and log onset strength by range on the beat and between; how unlike even and odd
beats are; low and high alternating the opposite way; how much harmony and bass change on the beat and between; how
well bars of some lengths explain the downbeats; and the octave times what the song sounds like, as people call calm
music slow and hard music fast at one pulse (Hockman and Fujinaga, "Fast vs slow: learning tempo octaves from user
data", ISMIR 2010)."""


@dataclass(frozen=True)
class Scene:
    """What hypotheses are judged by: a song's onsets and its curves, each frame the greatest within 40 ms."""

    onsets: Onsets
    salience: NDArray[np.float32]
    beat: NDArray[np.float32]
    downbeat: NDArray[np.float32]
    onsets_per_s: float


@dataclass(frozen=True)
class Hypothesis:
    """A metrical level as the beat: `beats_s` is float64, shape (n,), ascending; `probability` beside the others."""

    bpm: float
    beats_s: NDArray[np.float64]
    probability: float


def scene(
    onsets: Onsets, salience: NDArray[np.float32], beat: NDArray[np.float32], downbeat: NDArray[np.float32]
) -> Scene:
    """Gather what hypotheses are judged by: curves of shape (frames,), 0 to 1."""
    total = onsets.strength.sum(axis=1)
    peaks = (total == greatest_nearby(total, 7)) & (total > _ONSET_STRENGTH)
    return Scene(onsets, widened(salience), widened(beat), widened(downbeat), FPS * float(peaks.mean()))


def levels(beats_s: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the metrical levels near a tracked one, itself among them: the beats of each, ascending.

    Of less than two beats there are none. None is slower than `SLOWEST_BPM` or faster than `FASTEST_BPM`, and each has
    six beats at least.
    """
    if len(beats_s) < 2:
        return []
    found = []
    for times, parts in _LEVELS:
        fine = subdivided(beats_s, times)
        found += [fine[first::parts] for first in range(parts)]
    found += [_between(beats_s, part) for part in _OFF_BEATS]
    return [level for level in found if len(level) >= _LEAST_BEATS and SLOWEST_BPM <= middle_bpm(level) <= FASTEST_BPM]


def hypotheses(scene: Scene, there: list[NDArray[np.float64]]) -> list[Hypothesis]:
    """Judge some metrical levels.

    Parameters
    ----------
    scene : Scene
        The song.
    there : list of float64 array, shape (n,)
        The beats of each, ascending.

    Returns
    -------
    list of Hypothesis
        The likeliest first; their probabilities add up to 1. Empty where there are no levels.
    """
    if not there:
        return []
    scores = network("levels", FEATURES, UNITS)(np.array([features(scene, level) for level in there]))
    probabilities = np.exp(scores - scores.max())
    probabilities /= probabilities.sum()
    judged = [
        Hypothesis(middle_bpm(level), level, float(probability))
        for level, probability in zip(there, probabilities, strict=True)
    ]
    return sorted(judged, key=lambda each: -each.probability)


def features(scene: Scene, beats_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a level is judged by: float64, shape (len(FEATURES),)."""
    bpm = middle_bpm(beats_s)
    octave = float(np.log2(bpm / _TYPICAL_BPM))
    half, third, two_thirds = (_between(beats_s, part) for part in (0.5, 1.0 / 3.0, 2.0 / 3.0))
    thirds = np.concatenate((third, two_thirds))
    strengths = [log_strength(sampled(scene.onsets.nearby, places)) for places in (beats_s, half, third, two_thirds)]
    alternation = _alternation(strengths[0])
    downbeat = sampled(scene.downbeat, beats_s).astype(np.float64)
    harmony, bass = (averaged(running, subdivided(beats_s, 2)) for running in (scene.onsets.harmony, scene.onsets.bass))
    moving = [change(profiles) for profiles in (harmony, bass)]
    by_beat = [change((profiles[:-1:2] + profiles[1::2]) / 2.0) for profiles in (harmony, bass)]
    odds = bars.downbeat_log_odds(scene.onsets, scene.downbeat, beats_s)
    in_2, in_3, in_4, in_8 = (bars.folded_score(odds, length) for length in (2, 3, 4, 8))
    return np.array(
        [
            octave,
            octave**2,
            max(0.0, octave - 0.6),
            max(0.0, -0.6 - octave),
            *(sampled(curve, at).mean() for curve in (scene.salience, scene.beat) for at in (beats_s, half, thirds)),
            *(strength[:, number].mean() for number in range(len(RANGES_HZ)) for strength in strengths),
            *np.abs(alternation),
            max(0.0, -alternation[0] * alternation[-1]),
            downbeat.mean(),
            sampled(scene.downbeat, half).mean(),
            abs(_alternation(downbeat)),
            max(downbeat[first::3].mean() for first in range(3)) - downbeat.mean(),
            *(curve[first::2].mean() for curve in moving for first in (0, 1)),
            *(abs(_alternation(curve)) for curve in by_beat),
            by_beat[0].mean(),
            np.log2(scene.onsets_per_s * 60.0 / bpm + 0.1),
            in_2,
            in_3,
            in_4,
            in_8,
            max(in_3, in_4),
            max(in_3, in_4) - in_2,
            *(octave * scene.onsets.character),
        ],
        np.float64,
    )


def middle_bpm(beats_s: NDArray[np.float64]) -> float:
    """Return the tempo of the median beat."""
    return float(60.0 / np.median(np.diff(beats_s)))


def subdivided(beats_s: NDArray[np.float64], parts: int) -> NDArray[np.float64]:
    """Return beats with each divided evenly into `parts`."""
    places = np.arange((len(beats_s) - 1) * parts + 1) / parts
    return np.interp(places, np.arange(len(beats_s)), beats_s)


def _between(beats_s: NDArray[np.float64], part: float) -> NDArray[np.float64]:
    """Return the places that lie in each beat at a part of it."""
    return beats_s[:-1] + part * np.diff(beats_s)


def _alternation(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return by how much even beats are above odd ones, on average, along the first axis."""
    pairs = len(values) // 2 * 2
    return np.asarray(values[:pairs:2].mean(axis=0) - values[1:pairs:2].mean(axis=0), np.float64)
