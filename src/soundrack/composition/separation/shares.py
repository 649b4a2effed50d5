"""How much of each bin is the voice's, the drums', the bass's and all else's, by two small networks over its clues.

The first judges each bin by itself; the second sees too what the first made of the bins around it, of the whole frame,
and of the same frequency for a while: a bin among a voice's is rather the voice's. The mean of both is told: the second
hears more, the first errs less on what it was not learned from. ``shares.toml`` holds both, learned from our own band's
songs by ``python -m benchmarks.separation learn``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_FILE = Path(__file__).with_name("shares.toml")
_FRAMES_AT_ONCE = 32
_KNOWN = 3
"""Shares that are told of what lies around; the fourth follows from them."""
_NEAR, _WHILE = (9, 13), (31, 1)
"""Frames and bins that are near, and those of a while: 0.2 s and 140 Hz, 0.7 s."""
SURROUNDINGS = 3 * _KNOWN
"""How many clues more the second network has."""
_VALUES = ("hidden", "hidden_bias", "out", "out_bias")
_FLOOR = np.float32(1e-9)
_COLUMNS_AT_ONCE = 128


@dataclass(frozen=True)
class Network:
    """Two layers: `hidden`, float32, shape (units, clues), with `hidden_bias`, (units,), ramps (max(x, 0)); and `out`,
    (4, units), with `out_bias`, (4,), whose exponentials are shared out."""

    hidden: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    out: NDArray[np.float32]
    out_bias: NDArray[np.float32]

    def shares(self, clues: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the shares of voice, drums, bass and other.

        Parameters
        ----------
        clues : float32 array, shape (clues, n)
            As :func:`soundrack.composition.separation.hearing.clues` tells them.

        Returns
        -------
        float32 array, shape (4, n)
            0 to 1, together 1.
        """
        units = self.hidden @ clues
        units += self.hidden_bias[:, None]
        np.maximum(units, np.float32(0.0), out=units)
        found = self.out @ units
        found += self.out_bias[:, None]
        found -= found.max(axis=0)
        np.exp(found, out=found)
        found /= found.sum(axis=0)
        return found


def shares(clues: NDArray[np.float32], power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the shares of voice, drums, bass and other in each bin, float32, shape (4, frames, bins).

    Parameters
    ----------
    clues : float32 array, shape (clues, frames, bins)
        As :func:`soundrack.composition.separation.hearing.clues` tells them.
    power : float32 array, shape (frames, bins)
        Of the mix.
    """
    first, second = networks()
    found = _judged(first, clues)
    found += _judged(second, clues, surroundings(found, power))
    found *= np.float32(0.5)
    return found


def surroundings(found: NDArray[np.float32], power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean shares of voice, drums and bass in a bin's frame, near it, and at its frequency for a while.

    Parameters
    ----------
    found : float32 array, shape (4, frames, bins)
        Shares by the first network.
    power : float32 array, shape (frames, bins)
        Of the mix: what is loud counts more.

    Returns
    -------
    float32 array, shape (`SURROUNDINGS`, frames, bins)
    """
    weight = np.sqrt(power) + _FLOOR
    weighted = found[:_KNOWN] * weight
    told = np.empty((SURROUNDINGS, *power.shape), dtype=np.float32)
    told[:_KNOWN] = (weighted.sum(axis=2) / weight.sum(axis=1))[:, :, None]
    for place, size in enumerate((_NEAR, _WHILE), 1):
        whole = np.maximum(_averaged(weight, size), _FLOOR)
        for number, each in enumerate(weighted):
            told[place * _KNOWN + number] = _averaged(each, size) / whole
    return told


def _averaged(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return the mean of so many frames and bins around each place; beyond the edges is what is at them."""
    return _averaged_down(_averaged_down(values, size[0]).T, size[1]).T


def _averaged_down(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    if count == 1:
        return values
    made = np.empty(values.shape, dtype=np.float32)
    for first in range(0, values.shape[1], _COLUMNS_AT_ONCE):
        some = slice(first, first + _COLUMNS_AT_ONCE)
        around = ((count // 2 + 1, count - 1 - count // 2), (0, 0))
        sums = np.cumsum(np.pad(values[:, some], around, "edge"), axis=0, dtype=np.float64)
        made[:, some] = (sums[count:] - sums[:-count]) / count
    return made


def _judged(network: Network, *told: NDArray[np.float32]) -> NDArray[np.float32]:
    _, frames, bins = told[0].shape
    found = np.empty((4, frames, bins), dtype=np.float32)
    for first in range(0, frames, _FRAMES_AT_ONCE):
        some = slice(first, first + _FRAMES_AT_ONCE)
        part = np.concatenate([each[:, some] for each in told])
        found[:, some] = network.shares(part.reshape(len(part), -1)).reshape(4, -1, bins)
    return found


@cache
def networks() -> tuple[Network, Network]:
    """Return the networks that come with this code."""
    with _FILE.open("rb") as file:
        kept = tomllib.load(file)
    first, second = (
        Network(*(np.array(kept[which][name], dtype=np.float32) for name in _VALUES)) for which in ("first", "second")
    )
    return first, second
