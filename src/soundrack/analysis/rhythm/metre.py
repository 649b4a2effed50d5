"""The metre: how many beats a bar has, and of what value they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.rhythm import bars
from soundrack.analysis.rhythm.linear import linear, logistic
from soundrack.analysis.rhythm.onsets import Onsets
from soundrack.analysis.rhythm.subdivision import compound_log_odds

_METRES = {"2/4": 2, "3/4": 3, "4/4": 4, "5/4": 5, "6/8": 2, "9/8": 3}
"""By name: beats in a bar. In the last two a beat is a dotted quarter."""

FEATURES = ("score", "likeness", "likeness_of_two", "compound", *_METRES)
"""What a metre's log odds are made of: the score of its bars; how like beats are that lie one bar, or two, apart; the
log odds that beats have three parts, where it needs them; and how common it is."""

CERTAINTY = ("margin", "score", "likeness", "spread", "beats")
"""What tells whether a metre is right: how far its log odds are above the next one's, its score, how like its bars are,
how unlike beats are to each other, and how many there are, as a logarithm."""

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


@dataclass(frozen=True)
class Candidate:
    """A metre that may be: its name, its beats' positions, and what it is judged by, float64, as in `FEATURES`."""

    name: str
    positions: NDArray[np.int64]
    features: NDArray[np.float64]


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
    rows = bars.evidence(onsets, downbeat, beats_s)
    there = candidates(rows, compound_log_odds(onsets, beats_s))
    log_odds = linear("metre", FEATURES)(np.array([each.features for each in there]))
    best = there[int(log_odds.argmax())]
    confidence = float(logistic(linear("metre_certainty", CERTAINTY)(certainty(rows, there, log_odds)[None]))[0])
    return Metre(best.name, best.positions, confidence) if confidence >= _SURE_ENOUGH else None


def candidates(rows: NDArray[np.float64], compound: float) -> list[Candidate]:
    """Return the metres that may be.

    Parameters
    ----------
    rows : float64 array, shape (n, features)
        As from :func:`bars.evidence`.
    compound : float
        Log odds that beats have three parts.
    """
    odds = bars.log_odds_of(rows)
    paths = {length: bars.path(odds, length) for length in set(_METRES.values())}
    alike = {beats: bars.likeness(rows, beats) for length in paths for beats in (length, 2 * length)}
    found = []
    for number, (name, length) in enumerate(_METRES.items()):
        common = np.zeros(len(_METRES))
        common[number] = 1.0
        judged_by = [paths[length].score, alike[length], alike[2 * length], compound * name.endswith("/8")]
        found.append(Candidate(name, paths[length].positions, np.array([*judged_by, *common])))
    return found


def certainty(rows: NDArray[np.float64], there: list[Candidate], log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what tells whether the likeliest metre is right: float64, shape (len(CERTAINTY),)."""
    first, second = np.sort(log_odds)[-1:-3:-1]
    score, likeness, *_ = there[int(log_odds.argmax())].features
    return np.array([first - second, score, likeness, bars.log_odds_of(rows).std(), np.log(len(rows))])
