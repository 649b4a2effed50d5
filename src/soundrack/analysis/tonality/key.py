"""The key of a song and of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.tonality.decoding import decode
from soundrack.analysis.tonality.key_evidence import KeyEvidence
from soundrack.analysis.tonality.profiles import profile_fit

KEYS = 24
"""Numbered by tonic and mode: twice the tonic, plus one for minor."""
_WINDOW, _HOP = 12, 4
"""Spans of the grid."""
_CHANGE = 0.01
"""How probable another key is from one hop to the next."""
_SHORTEST = 8
"""Spans: what is shorter is a tonicisation, no modulation."""
_TEMPERATURE = 1.0
_PROFILE_WEIGHT = 5.0
"""Nats that a key gains over another whose profile correlates by 1 less."""


@dataclass(frozen=True)
class KeyStretch:
    """A key from one place of the grid to another: `key` as numbered, and its mean posterior."""

    first: int
    last: int
    key: int
    confidence: float


@dataclass(frozen=True)
class Keys:
    """What keys a song has.

    `probabilities` is float32, shape (`KEYS` + 1,), of the song as a whole; the last is that there is no key.
    `stretches` cover the song.
    """

    probabilities: NDArray[np.float32]
    stretches: tuple[KeyStretch, ...]


def keys(evidence: KeyEvidence) -> Keys:
    """Tell the key of a song and where it changes.

    Each stretch of 12 beats, every 4, says by a small network how probable each key is; a hidden Markov model goes
    through them, in which a key rarely changes. The whole is the key that holds longest; where only one is found, it is
    told once more from the whole song.
    """
    count = len(evidence)
    whole = _weighed(key_probabilities(evidence.of(0, count, whole=True)[None])[0], evidence.strengths)
    starts = np.arange(0, max(count - _WINDOW, 0) + 1, _HOP)
    windows = np.stack([evidence.of(start, min(start + _WINDOW, count), whole=False) for start in starts.tolist()])
    local = np.log(key_probabilities(windows)[:, :KEYS] + 1e-6) * (_HOP / _WINDOW)
    path, posteriors = decode(local, np.full(len(local), 1.0 - _CHANGE, dtype=np.float32), _moves())
    # A window speaks for its middle.
    centres = starts + min(_WINDOW, count) // 2
    changes = np.flatnonzero(np.diff(path)) + 1
    bounds = [0, *(centres[changes] - _HOP // 2).tolist(), count]
    places = [0, *changes.tolist(), len(path)]
    found = [
        KeyStretch(
            bounds[i],
            bounds[i + 1],
            int(path[places[i]]),
            float(posteriors[places[i] : places[i + 1], path[places[i]]].mean()),
        )
        for i in range(len(bounds) - 1)
    ]
    stretches = _joined([each for each in found if each.last - each.first >= _SHORTEST], count)
    if len({each.key for each in stretches}) <= 1:
        best = int(whole[:KEYS].argmax())
        return Keys(whole, (KeyStretch(0, count, best, float(whole[best])),))
    return Keys(_by_length(whole, stretches), stretches)


def _weighed(probabilities: NDArray[np.float32], strengths: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weigh the network's probabilities of a whole song with how well the tone profiles fit; that of none is kept."""
    odds = probabilities[:KEYS] * np.exp(_PROFILE_WEIGHT * profile_fit(strengths))
    told = odds * (1.0 - probabilities[KEYS]) / odds.sum()
    return np.append(told, probabilities[KEYS]).astype(np.float32)


def _joined(stretches: list[KeyStretch], count: int) -> tuple[KeyStretch, ...]:
    """Close the gaps that were left, and join neighbours in the same key."""
    joined: list[KeyStretch] = []
    for each in stretches:
        if joined and joined[-1].key == each.key:
            before = joined.pop()
            shares = (before.last - before.first, each.last - each.first)
            confidence = (before.confidence * shares[0] + each.confidence * shares[1]) / sum(shares)
            joined.append(KeyStretch(before.first, each.last, each.key, confidence))
        else:
            joined.append(KeyStretch(joined[-1].last if joined else 0, each.last, each.key, each.confidence))
    if joined:
        last = joined.pop()
        joined.append(KeyStretch(last.first, count, last.key, last.confidence))
    return tuple(joined)


def _by_length(whole: NDArray[np.float32], stretches: tuple[KeyStretch, ...]) -> NDArray[np.float32]:
    """Return probabilities of keys by how long each holds, as sure as its stretches are; that of none is kept."""
    shares = np.zeros(KEYS + 1, dtype=np.float32)
    for each in stretches:
        shares[each.key] += (each.last - each.first) * each.confidence
    shares *= (1.0 - whole[KEYS]) / shares.sum()
    longest = int(shares.argmax())
    sure = max(each.confidence for each in stretches if each.key == longest) * (1.0 - whole[KEYS])
    others = shares.sum() - shares[longest]
    shares *= (1.0 - whole[KEYS] - sure) / max(others, 1e-6)
    shares[longest], shares[KEYS] = sure, whole[KEYS]
    return shares


def key_probabilities(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how probable each key is, and that there is none: the mean of what some small networks say.

    They differ in how they were drawn before they were fitted; where they disagree none is sure.

    Parameters
    ----------
    features : float32 array, shape (n, 12, `FEATURES`)
        As from :meth:`KeyEvidence.of`.

    Returns
    -------
    float32 array, shape (n, `KEYS` + 1)
        Rows add up to 1.
    """
    weights = _weights()
    hidden = np.maximum(_layer(features[None], "a", weights), 0.0)
    scores = _layer(hidden, "b", weights).reshape(len(hidden), len(features), KEYS)
    fit = np.stack((np.logaddexp.reduce(scores, axis=2), scores.max(axis=2) - scores.mean(axis=2)), axis=2)
    none = _layer(fit[:, :, None], "n", weights)[:, :, 0]
    scores = np.concatenate((scores, none), axis=2) / _TEMPERATURE
    odds = np.exp(scores - scores.max(axis=2, keepdims=True))
    return np.asarray((odds / odds.sum(axis=2, keepdims=True)).mean(axis=0), dtype=np.float32)


def _layer(values: NDArray[np.float32], name: str, weights: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return a layer of each network: from shape (networks, n, rows, inputs) to (networks, n, rows, units)."""
    weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    return np.asarray(values @ weight.transpose(0, 2, 1)[:, None] + bias[:, None, None], dtype=np.float32)


@cache
def _weights() -> dict[str, NDArray[np.float32]]:
    with np.load(Path(__file__).with_name("keys.npz")) as file:
        return {name: file[name].astype(np.float32) for name in file.files}


@cache
def _moves() -> NDArray[np.float32]:
    """Any other key follows alike, but the relative, the same notes about another centre, half as often."""
    weights = np.ones((KEYS, KEYS))
    for key in range(KEYS):
        tonic, minor = divmod(key, 2)
        weights[key, (tonic + 3) % 12 * 2 if minor else (tonic + 9) % 12 * 2 + 1] = 0.5
    np.fill_diagonal(weights, 0.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)
