"""The genres: what a song's tone is corrected towards, and how dense its records are.

The curves are ours: the long-term spectrum of a finished popular record falls by about 2 dB per octave above the bass
and faster above 4 kHz, and the genres differ from that by the weight of the sub-bass, of the voice and of the air.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Points = tuple[tuple[float, float], ...]


class Genre(StrEnum):
    """What kind of music it is."""

    KPOP = "kpop"
    EDM = "edm"
    BALLAD = "ballad"
    HIPHOP = "hiphop"
    POP = "pop"
    OTHER = "other"


@dataclass(frozen=True)
class Style:
    """What a genre means.

    `colour_db` maps frequencies to what its records have more or less than the common curve; `density` multiplies the
    compressor's work and `clip_db` bounds the soft clipper's; below `mono_below_hz` the bass belongs in the middle
    (None where it may be wide); `in_words` goes in the plan.
    """

    colour_db: Points
    density: float
    clip_db: float
    mono_below_hz: float | None
    in_words: str


STYLES: dict[Genre, Style] = {
    Genre.OTHER: Style(((1000.0, 0.0),), 1.0, 4.0, None, "finished records of any kind"),
    Genre.POP: Style(
        ((40.0, 0.5), (100.0, 0.5), (400.0, -0.3), (1000.0, 0.0), (4000.0, 0.5), (12_000.0, 1.0)),
        1.1,
        4.0,
        90.0,
        "pop records: a present voice and open highs",
    ),
    Genre.KPOP: Style(
        ((40.0, 1.0), (80.0, 1.0), (300.0, -1.0), (1000.0, 0.0), (4000.0, 1.2), (10_000.0, 2.0), (16_000.0, 2.0)),
        1.25,
        4.0,
        100.0,
        "K-pop records: tight bass, lean low mids, bright and polished above 3 kHz",
    ),
    Genre.EDM: Style(
        ((30.0, 3.0), (50.0, 4.0), (100.0, 2.5), (300.0, -0.5), (1000.0, -0.5), (6000.0, 0.5), (12_000.0, 1.5)),
        1.2,
        5.0,
        120.0,
        "electronic dance records: heavy below 100 Hz, open highs",
    ),
    Genre.BALLAD: Style(
        ((30.0, -4.0), (60.0, -2.0), (120.0, -0.5), (400.0, 0.5), (1500.0, 0.5), (5000.0, -0.3), (12_000.0, -1.0)),
        0.8,
        2.0,
        None,
        "ballads: light sub-bass, a full voice, soft highs",
    ),
    Genre.HIPHOP: Style(
        ((30.0, 4.0), (50.0, 5.0), (100.0, 2.0), (250.0, -0.5), (1000.0, -0.5), (4000.0, 0.3), (12_000.0, 0.0)),
        1.2,
        5.0,
        120.0,
        "hip-hop records: heavy sub-bass below 80 Hz, a dry voice in front",
    ),
}

_COMMON: Points = (
    (25.0, -12.0),
    (40.0, -4.0),
    (60.0, 0.0),
    (125.0, 0.0),
    (4000.0, -10.0),
    (16_000.0, -18.0),
    (20_000.0, -24.0),
)
"""Third-octave levels that are full from 60 to 125 Hz, fall by 2 dB per octave to 4 kHz and by twice that to 16 kHz."""


def target_db(genre: Genre, centres_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the third-octave spectrum of a genre's records, of which only the shape matters.

    Parameters
    ----------
    genre : Genre
        Whose records.
    centres_hz : float64 array
        Mid-band frequencies.

    Returns
    -------
    float64 array of the same shape
        Levels in dB.
    """
    return along(_COMMON, centres_hz) + along(STYLES[genre].colour_db, centres_hz)


def along(points: Points, frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a curve's values at some frequencies: straight lines over their logarithm, level beyond both ends."""
    hz, db = np.array(points).T
    values: NDArray[np.float64] = np.interp(np.log(frequencies_hz), np.log(hz), db)
    return values
