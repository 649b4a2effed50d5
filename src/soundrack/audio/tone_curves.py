"""The tone of finished records, by genre: what masters are corrected towards, and what mixes are held against.

The curves are ours: the long-term spectrum of a finished popular record falls by about 2 dB per octave above the bass
and faster above 4 kHz, and the genres differ from that by the weight of the sub-bass, of the voice and of the air.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Points = tuple[tuple[float, float], ...]

COMMON: Points = (
    (25.0, -12.0),
    (40.0, -4.0),
    (60.0, 0.0),
    (125.0, 0.0),
    (4000.0, -10.0),
    (16_000.0, -18.0),
    (20_000.0, -24.0),
)
"""Third-octave levels that are full from 60 to 125 Hz, fall by 2 dB per octave to 4 kHz and by twice that to 16 kHz."""

COLOURS = MappingProxyType[str, Points](
    {
        "other": ((1000.0, 0.0),),
        "pop": ((40.0, 0.5), (100.0, 0.5), (400.0, -0.3), (1000.0, 0.0), (4000.0, 0.5), (12_000.0, 1.0)),
        "kpop": (
            (40.0, 1.0),
            (80.0, 1.0),
            (300.0, -1.0),
            (1000.0, 0.0),
            (4000.0, 1.2),
            (10_000.0, 2.0),
            (16_000.0, 2.0),
        ),
        "edm": ((30.0, 3.0), (50.0, 4.0), (100.0, 2.5), (300.0, -0.5), (1000.0, -0.5), (6000.0, 0.5), (12_000.0, 1.5)),
        "ballad": (
            (30.0, -4.0),
            (60.0, -2.0),
            (120.0, -0.5),
            (400.0, 0.5),
            (1500.0, 0.5),
            (5000.0, -0.3),
            (12_000.0, -1.0),
        ),
        "hiphop": (
            (30.0, 4.0),
            (50.0, 5.0),
            (100.0, 2.0),
            (250.0, -0.5),
            (1000.0, -0.5),
            (4000.0, 0.3),
            (12_000.0, 0.0),
        ),
    }
)
"""By genre: what its records have more or less than the common curve."""


def target_db(genre: str, centres_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the third-octave spectrum of a genre's records, of which only the shape matters.

    Parameters
    ----------
    genre : str
        A key of `COLOURS`.
    centres_hz : float64 array
        Mid-band frequencies.

    Returns
    -------
    float64 array of the same shape
        Levels in dB.
    """
    return along(COMMON, centres_hz) + along(COLOURS[genre], centres_hz)


def along(points: Points, frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a curve's values at some frequencies: straight lines over their logarithm, level beyond both ends."""
    hz, db = np.array(points).T
    values: NDArray[np.float64] = np.interp(np.log(frequencies_hz), np.log(hz), db)
    return values
