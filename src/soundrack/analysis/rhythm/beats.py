"""From a song to its beats: what it sounds like, the pulse in it, and the level of the pulse that is the beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS, Bands
from soundrack.analysis.rhythm import hypotheses
from soundrack.analysis.rhythm.activation import activation
from soundrack.analysis.rhythm.hypotheses import Hypothesis, Scene
from soundrack.analysis.rhythm.onsets import onsets, sampled
from soundrack.analysis.rhythm.pulse import pulse
from soundrack.analysis.rhythm.salience import salience

_SLOWEST_BPM, _FASTEST_BPM = 40.0, 250.0
_AUDIBLE = 0.08
"""The salience below which nothing is there, before the first beat and behind the last."""
_OCTAVE = 2.0
"""From a song's slowest tempo to its fastest: no level of the metre is followed into half or twice itself."""
_STEADINESS = 300.0
"""As of a pulse: what follows a level does not slip to its off-beats where a few bars have none but these."""
_SAME, _NEAR_S = 0.97, 0.05
"""The share of the beats that two trackings have in common, to so much, if they are the same."""
_ALIKE = 1.15
"""Lengths of beats whose ratio is less are of one tempo."""
_OFF_GRID = 0.2
"""What is left of the salience halfway between the beats of a level."""


@dataclass(frozen=True)
class Beats:
    """The beats of a song, `times_s` as the tracker places them, and the metrical levels that were judged.

    `free_s` are the beats of the pulse that was followed freely.
    """

    scene: Scene
    salience: NDArray[np.float32]
    judged: list[Hypothesis]
    times_s: NDArray[np.float64]
    free_s: NDArray[np.float64]


def listen(bands: Bands) -> tuple[Scene, NDArray[np.float32]]:
    """Return what a song's rhythm is told by, and its salience, float32, shape (frames,)."""
    heard, found = activation(bands), onsets(bands)
    curve = salience(heard, found)
    return hypotheses.scene(found, curve, heard.beat, heard.downbeat), curve


def free(curve: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the likeliest beats of any metrical level, ascending; the level may change."""
    return pulse(curve, _SLOWEST_BPM, _FASTEST_BPM).beats_s


def levels(scene: Scene, curve: NDArray[np.float32], free_s: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the metrical levels that may be the beat, from a free pulse.

    Each is given by its beats, ascending; there are none where there are too few.
    """
    return [level for track_s in _tracked(scene, curve, free_s) for level in hypotheses.levels(track_s)]


def _tracked(scene: Scene, curve: NDArray[np.float32], free_s: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Track the prevailing level of a free pulse, the same one throughout, and the one of twice its tempo.

    Every second beat of the latter is given where it is not much the same: it cannot have slipped to the off-beats.
    """
    if len(free_s) < 3:
        return []
    length_s = prevailing_s(free_s)
    once_s = trimmed(scene, _near(curve, length_s))
    twice_s = _near(curve, length_s / 2.0)
    if not len(once_s) or len(twice_s) < 4:
        return [once_s]
    shares = [_shared(once_s, twice_s[first::2]) for first in (0, 1)]
    if max(shares) > _SAME:
        return [once_s]
    return [once_s, trimmed(scene, twice_s[int(np.argmax(shares)) :: 2])]


def beats(bands: Bands) -> Beats | None:
    """Return a song's beats, None where there are too few to tell.

    Parameters
    ----------
    bands : Bands
        The song, of one frame at least.
    """
    scene, curve = listen(bands)
    free_s = free(curve)
    judged = hypotheses.hypotheses(scene, levels(scene, curve, free_s))
    if not judged:
        return None
    times_s = followed(scene, curve, judged[0].beats_s)
    return Beats(scene, curve, judged, times_s, free_s) if len(times_s) > 2 else None


def followed(scene: Scene, curve: NDArray[np.float32], level_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Track the beats of one metrical level: near its tempo and not halfway between its beats.

    Parameters
    ----------
    scene, curve : Scene and float32 array, shape (frames,)
        As from :func:`listen`.
    level_s : float64 array, shape (n,)
        The level's beats as they follow from another level's, ascending.

    Returns
    -------
    float64 array, shape (m,)
        Ascending.
    """
    places = np.interp(np.arange(len(curve)) / FPS, level_s, np.arange(len(level_s)), left=0.0, right=0.0)
    near = _OFF_GRID + (1.0 - _OFF_GRID) * (0.5 + 0.5 * np.cos(2.0 * np.pi * places))
    return trimmed(scene, _near((curve * near).astype(np.float32), prevailing_s(level_s)))


def prevailing_s(beats_s: NDArray[np.float64]) -> float:
    """Return the length of a beat that most of the time has, nearly: of two beats at least."""
    lengths = np.sort(np.diff(beats_s))
    spent = np.concatenate(([0.0], np.cumsum(lengths)))
    stop = np.searchsorted(lengths, lengths * _ALIKE, side="right")
    most = int((spent[stop] - spent[: len(lengths)]).argmax())
    return float(np.median(lengths[most : stop[most]]))


def _near(curve: NDArray[np.float32], length_s: float) -> NDArray[np.float64]:
    """Track the beats within half an octave around a tempo, that of beats of a length."""
    bpm = 60.0 / length_s
    return pulse(curve, bpm / _OCTAVE**0.5, bpm * _OCTAVE**0.5, _STEADINESS).beats_s


def _shared(one_s: NDArray[np.float64], other_s: NDArray[np.float64]) -> float:
    """Return the share of the beats of one that the other has too."""
    after = np.clip(np.searchsorted(other_s, one_s), 1, len(other_s) - 1)
    nearest = np.minimum(np.abs(one_s - other_s[after - 1]), np.abs(one_s - other_s[after]))
    return float((nearest < _NEAR_S).mean())


def trimmed(scene: Scene, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out the beats before the first that is heard and behind the last."""
    heard = np.flatnonzero(sampled(scene.salience, times_s) > _AUDIBLE) if len(times_s) else np.zeros(0, np.int64)
    return times_s[heard[0] : heard[-1] + 1] if len(heard) else np.zeros(0)
