"""Timing: how far from the clock a player is, and why it sounds like one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_DRIFT, _JITTER = 0.85, 0.5
"""Parts of a player's deviation: what is correlated over the whole song, and what each stroke adds."""
_GRID = 4
"""Steps in a quarter note at which the drift is known."""


def drift(steps: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return correlated noise with a spectrum of 1/f: mean 0, standard deviation 1.

    People's deviations from a metronome are correlated over minutes with a power spectrum near 1/f, and listeners
    prefer such deviations to uncorrelated ones (Hennig, Fleischmann, Fredebohm, Hagmayer, Nagler, Witt, Theis and
    Geisel, "The nature and perception of fluctuations in human musical rhythms", PLoS ONE 6(10), 2011).

    Parameters
    ----------
    steps : int
        How many; fewer than 2 give zeros.
    rng : numpy.random.Generator
        For the noise.

    Returns
    -------
    float64 array, shape (steps,)
    """
    if steps < 2:
        return np.zeros(steps)
    size = 1 << (steps - 1).bit_length()
    bins = size // 2 + 1
    spectrum = rng.standard_normal(bins) + 1j * rng.standard_normal(bins)
    spectrum[0] = 0.0
    spectrum[1:] /= np.sqrt(np.arange(1, bins))
    noise = np.fft.irfft(spectrum, size)[:steps]
    noise -= noise.mean()
    return np.asarray(noise / noise.std(), dtype=np.float64)


def deviations(
    quarters: NDArray[np.float64], length: float, looseness_ms: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return by how many seconds a player misses the clock at given times.

    Notes at one time have one deviation, so that chords stay together.

    Parameters
    ----------
    quarters : float64 array, shape (n,)
        Times, in quarter notes.
    length : float
        Of the song, in quarter notes.
    looseness_ms : float
        Standard deviation of all of it; 0 gives zeros.
    rng : numpy.random.Generator
        Of the player.

    Returns
    -------
    float64 array, shape (n,)
        Within three standard deviations.
    """
    if looseness_ms == 0.0:
        return np.zeros(quarters.shape)
    steps = round(length * _GRID) + 2
    noise = _DRIFT * drift(steps, rng) + _JITTER * rng.standard_normal(steps)
    place = np.clip(np.round(quarters * _GRID).astype(np.int64), 0, steps - 1)
    return np.asarray(1e-3 * looseness_ms * np.clip(noise[place], -3.0, 3.0), dtype=np.float64)
