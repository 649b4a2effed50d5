"""How likely a beat or a downbeat begins at each moment, as the beat network hears it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import Bands, rise
from soundrack.models.sessions import session

_FRAMES_AT_ONCE = 3000


@dataclass(frozen=True)
class Activation:
    """The network's probabilities, `FPS` frames a second, 0 to 1.

    `beat` is float32, shape (frames,): any beat, a downbeat or not; `downbeat`, of the same shape, is at most `beat`.
    """

    beat: NDArray[np.float32]
    downbeat: NDArray[np.float32]


def activation(bands: Bands) -> Activation:
    """Return what the beat network makes of a song.

    The network is BeatNet's (Heydari, Cwitkowitz and Duan, ISMIR 2021); it reads a minute at a time and remembers.

    Parameters
    ----------
    bands : Bands
        The song.

    Returns
    -------
    Activation
        With a frame for each of the bands'.

    Raises
    ------
    NotConfigured
        If the network ``beats`` is not installed.
    """
    network = session("beats")
    found = np.empty((len(bands.magnitude), 3), np.float32)
    level = bands.level
    state: dict[str, NDArray[np.float32]] = {}
    for start in range(0, len(level), _FRAMES_AT_ONCE):
        stop = min(start + _FRAMES_AT_ONCE, len(level))
        before = max(start - 1, 0)
        features = np.hstack((level[start:stop], rise(level[before:stop])[start - before :]))
        found[start:stop], hidden, cell = network.run(None, {"features": features, **state})
        state = {"hidden": hidden, "cell": cell}
    return Activation(np.minimum(found[:, 0] + found[:, 1], 1.0), np.ascontiguousarray(found[:, 1]))
