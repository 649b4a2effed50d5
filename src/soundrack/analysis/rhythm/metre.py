"""The metre: how many beats a bar has, and of what value they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.rhythm import bars
from soundrack.analysis.rhythm.linear import linear, logistic
from soundrack.analysis.rhythm.onsets import Onsets
from soundrack.analysis.rhythm.subdivision import compound_log_odds

_SIMPLE = {2: "2/4", 3: "3/4", 4: "4/4", 5: "5/4"}
_COMPOUND = {2: "6/8", 3: "9/8"}
"""By beats in a bar; a beat of three eighths is a dotted quarter."""

PRIORS = ("score", *(f"simple_{length}" for length in _SIMPLE), *(f"compound_{length}" for length in _COMPOUND))
"""What a metre's log odds are made of: the score of its bars, and how common it is."""

CERTAINTY = ("margin", "score", "spread", "beats")
"""What tells whether a metre is right: how far its log odds are above the next one's, its score, how unlike beats are
to each other, and how many there are, as a logarithm."""

_SURE_ENOUGH = 0.5
_LEAST_BEATS = 8


@dataclass(frozen=True)
class Metre:
    """A metre. `name` is as ``4/4``; `positions`, int64, shape (n,), those of the beats in their bars, 1 = downbeat.

    `confidence` is how sure the name is, 0 to 1.
    """

    name: str
    positions: NDArray[np.int64]
    confidence: float


def metre(onsets: Onsets, downbeat: NDArray[np.float32], beats_s: NDArray[np.float64]) -> Metre | None:
    """Return a song's metre.

    Parameters
    ----------
    onsets : Onsets
        The song's.
    downbeat : float32 array, shape (frames,)
        The network's probability of a downbeat, each frame the greatest within 40 ms.
    beats_s : float64 array, shape (n,)
        The beats.

    Returns
    -------
    Metre or None
        None where one beat is like another, or it is more likely wrong than right.
    """
    if len(beats_s) < _LEAST_BEATS:
        return None
    odds = bars.downbeat_log_odds(onsets, downbeat, beats_s)
    compound = compound_log_odds(onsets, beats_s) > 0.0
    names, paths, rows = choices(odds, compound)
    log_odds = linear("metre", PRIORS)(rows)
    best = int(log_odds.argmax())
    confidence = float(logistic(linear("metre_certainty", CERTAINTY)(certainty(odds, paths, log_odds)[None]))[0])
    return Metre(names[best], paths[best].positions, confidence) if confidence >= _SURE_ENOUGH else None


def choices(odds: NDArray[np.float64], compound: bool) -> tuple[list[str], list[bars.Path], NDArray[np.float64]]:
    """Return the metres that may be, the way of each through its bars, and what they are judged by, as in `PRIORS`."""
    lengths = _COMPOUND if compound else _SIMPLE
    kind = "compound" if compound else "simple"
    paths = [bars.path(odds, length) for length in lengths]
    rows = np.zeros((len(paths), len(PRIORS)))
    for row, length, way in zip(rows, lengths, paths, strict=True):
        row[0] = way.score
        row[PRIORS.index(f"{kind}_{length}")] = 1.0
    return list(lengths.values()), paths, rows


def certainty(odds: NDArray[np.float64], paths: list[bars.Path], log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what tells whether the likeliest metre is right: float64, shape (len(CERTAINTY),)."""
    first, second = np.sort(log_odds)[-1:-3:-1]
    score = paths[int(log_odds.argmax())].score
    return np.array([first - second, score, odds.std(), np.log(len(odds))])
