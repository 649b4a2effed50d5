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
_LOOSE = 1.3
"""How far the tempo may move from that of a level's slowest and fastest beats."""
_OFF_GRID = 0.2
"""What is left of the salience halfway between the beats of a level."""


@dataclass(frozen=True)
class Beats:
    """The beats of a song, `times_s` as the tracker places them, and the metrical levels that were judged."""

    scene: Scene
    salience: NDArray[np.float32]
    judged: list[Hypothesis]
    times_s: NDArray[np.float64]


def listen(bands: Bands) -> tuple[Scene, NDArray[np.float32]]:
    """Return what a song's rhythm is told by, and its salience, float32, shape (frames,)."""
    heard, found = activation(bands), onsets(bands)
    curve = salience(heard, found)
    return hypotheses.scene(found, curve, heard.beat, heard.downbeat), curve


def tracked(scene: Scene, curve: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the likeliest beats of some metrical level, ascending."""
    return trimmed(scene, pulse(curve, _SLOWEST_BPM, _FASTEST_BPM).beats_s)


def beats(bands: Bands) -> Beats | None:
    """Return a song's beats, None where there are too few to tell.

    Parameters
    ----------
    bands : Bands
        The song, of one frame at least.
    """
    scene, curve = listen(bands)
    judged = hypotheses.hypotheses(scene, tracked(scene, curve))
    if not judged:
        return None
    times_s = followed(scene, curve, judged[0].beats_s)
    return Beats(scene, curve, judged, times_s) if len(times_s) > 2 else None


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
    slow, fast = 60.0 / np.quantile(np.diff(level_s), (0.95, 0.05))
    found = pulse((curve * near).astype(np.float32), slow / _LOOSE, fast * _LOOSE)
    return trimmed(scene, found.beats_s)


def trimmed(scene: Scene, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out the beats before the first that is heard and behind the last."""
    heard = np.flatnonzero(sampled(scene.salience, times_s) > _AUDIBLE) if len(times_s) else np.zeros(0, np.int64)
    return times_s[heard[0] : heard[-1] + 1] if len(heard) else np.zeros(0)
