"""The kernel that shapes pulses and noise with a phrase's spectra."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

_LOUDEST = 7.0
_NOTHING = -16.0


@kernel
def shape_in_place(
    spectrum: NDArray[np.complex64],
    chance: NDArray[np.complex64],
    levels: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
    free_phase: NDArray[np.float32],
    own: NDArray[np.float64],
    bins: NDArray[np.float64],
    steady: NDArray[np.bool_],
    noise_gain: NDArray[np.float64],
    free_gain: NDArray[np.float64],
    tilt: NDArray[np.float64],
) -> None:
    """Give the spectra of pulses the voice's shape and add its noise, in place.

    Parameters
    ----------
    spectrum : complex64 array, shape (n, bins)
        Of pulses.
    chance : complex64 array, shape (n, bins)
        White noise.
    levels : 4 float32 arrays, shape (frames, bins)
        The harmonics' level and phase, the noise's level, and that of what has phases of its own, as in
        `network.Spoken`.
    free_phase : float32 array, shape (frames, bins)
        These phases.
    own : float64 array, shape (n,)
        Which frame each moment has, with fractions.
    bins : float64 array, shape (bins,)
        Which bin each bin takes, with fractions.
    steady : bool array, shape (n,)
        Where the phases of their own are kept; elsewhere they are left to chance.
    noise_gain, free_gain : float64 arrays, shape (n,)
        Natural logarithms: of all that is no harmonic, and besides of what loses its phases.
    tilt : float64 array, shape (bins,)
        Natural logarithm of the harmonics' gain.
    """
    frames, count = free_phase.shape
    low = np.minimum(bins.astype(np.int64), count - 2)
    part = (bins - low).astype(np.float32)
    harmonic, turned, noisy, free = levels
    for i in range(own.size):
        at = int(own[i])
        after = min(at + 1, frames - 1)
        w = np.float32(own[i] - at)
        near = after if w >= 0.5 else at
        for k in range(count):
            total = np.complex64(0.0)
            if spectrum[i, k] != 0.0:
                level = np.exp(min(_between(harmonic, at, after, w, low[k], part[k]), _LOUDEST) + tilt[k])
                angle = np.pi * np.tanh(_between(turned, at, after, w, low[k], part[k]))
                total += spectrum[i, k] * np.complex64(complex(level * np.cos(angle), level * np.sin(angle)))
            noise = min(_between(noisy, at, after, w, low[k], part[k]), _LOUDEST) + noise_gain[i]
            loose = min(_between(free, at, after, w, low[k], part[k]), _LOUDEST) + noise_gain[i]
            if steady[i]:
                magnitude = np.exp(noise) if noise > _NOTHING else 0.0
                if loose > _NOTHING:
                    level = np.exp(loose)
                    angle = free_phase[near, k]
                    total += np.complex64(complex(level * np.cos(angle), level * np.sin(angle)))
            else:
                magnitude = np.sqrt(np.exp(2.0 * noise) + np.exp(2.0 * (loose + free_gain[i])))
            spectrum[i, k] = total + chance[i, k] * np.float32(magnitude)


@kernel
def _between(levels: NDArray[np.float32], at: int, after: int, w: np.float32, k: int, part: np.float32) -> np.float32:
    one = levels[at, k] + (levels[at, k + 1] - levels[at, k]) * part
    two = levels[after, k] + (levels[after, k + 1] - levels[after, k]) * part
    return np.float32(one + (two - one) * w)
