"""The genres: what a song's tone is corrected towards (:mod:`soundrack.audio.tone_curves`), and how dense its records
are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from soundrack.audio import tone_curves
from soundrack.audio.tone_curves import COLOURS, Points


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
    Genre.OTHER: Style(COLOURS["other"], 1.0, 4.0, None, "finished records of any kind"),
    Genre.POP: Style(COLOURS["pop"], 1.1, 4.0, 90.0, "pop records: a present voice and open highs"),
    Genre.KPOP: Style(
        COLOURS["kpop"],
        1.25,
        4.0,
        100.0,
        "K-pop records: tight bass, lean low mids, bright and polished above 3 kHz",
    ),
    Genre.EDM: Style(COLOURS["edm"], 1.2, 5.0, 120.0, "electronic dance records: heavy below 100 Hz, open highs"),
    Genre.BALLAD: Style(COLOURS["ballad"], 0.8, 2.0, None, "ballads: light sub-bass, a full voice, soft highs"),
    Genre.HIPHOP: Style(
        COLOURS["hiphop"], 1.2, 5.0, 120.0, "hip-hop records: heavy sub-bass below 80 Hz, a dry voice in front"
    ),
}


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
    return tone_curves.target_db(genre.value, centres_hz)
