"""Bodies: what a soundboard, a box or a bar's tube does to what is on it, and how it sounds when it is knocked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.instruments.modal import Modes, scattered

_RIPPLES_AN_OCTAVE = 9.0
_LOWEST_HZ = 16.0
_RIPPLES = 100


@dataclass(frozen=True)
class Body:
    """A body's response.

    Parameters
    ----------
    low_hz : float
        Below it little is radiated: 12 dB an octave.
    high_hz : float
        Above it less and less is: 6 dB an octave.
    peaks : tuple of (float, float, float)
        Frequency in Hz, gain in dB and Q of its main resonances.
    ripple_db : float
        Standard deviation of what many small resonances do besides.
    spread : float
        How much of this differs between left and right, 0 to 1.
    knock_s : float
        How long the resonances need to decay by 60 dB when it is knocked.
    key : int
        Names the body: another one has other small resonances.
    """

    low_hz: float
    high_hz: float
    peaks: tuple[tuple[float, float, float], ...] = ()
    ripple_db: float = 0.0
    spread: float = 0.5
    knock_s: float = 0.15
    key: int = 1

    def response(self, hertz: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what amplitudes of some frequencies are multiplied by, left and right."""
        gain = hertz**2 / (hertz**2 + self.low_hz**2) / np.sqrt(1.0 + (hertz / self.high_hz) ** 2)
        decibels = np.zeros(len(hertz))
        for peak_hz, peak_db, q in self.peaks:
            decibels += peak_db / (1.0 + (2.0 * q * np.log2(np.maximum(hertz, 1.0) / peak_hz)) ** 2)
        at = np.log2(np.maximum(hertz, _LOWEST_HZ) / _LOWEST_HZ) * _RIPPLES_AN_OCTAVE
        both, left, right = (self._ripple(at, side) for side in range(3))
        own = self.spread
        return (
            gain * 10.0 ** ((decibels + (1.0 - own) * both + own * left) / 20.0),
            gain * 10.0 ** ((decibels + (1.0 - own) * both + own * right) / 20.0),
        )

    def _ripple(self, at: NDArray[np.float64], side: int) -> NDArray[np.float64]:
        drawn = self.ripple_db * scattered(31 * self.key + side, _RIPPLES)
        return np.interp(at, np.arange(_RIPPLES), drawn)

    def carried(self, modes: Modes) -> Modes:
        """Return modes as this body radiates them."""
        left, right = self.response(modes.hertz)
        return Modes(modes.hertz, modes.decays, left * modes.left, right * modes.right)

    def knocked(self, count: int, low_hz: float, high_hz: float, amplitude: float, variant: int = 0) -> Modes:
        """Return its own ringing after a knock.

        Parameters
        ----------
        count : int
            How many modes, evenly spaced on a logarithmic scale but for some scatter.
        low_hz, high_hz : float
            Between which they lie.
        amplitude : float
            Of all together.
        variant : int
            Another stroke at another place.
        """
        drawn = scattered(977 * self.key + variant, 2 * count)
        hertz = np.geomspace(low_hz, high_hz, count) * 2.0 ** (0.15 * drawn[:count])
        decays = 6.91 / self.knock_s * np.sqrt(hertz / low_hz)
        sides = np.where(np.arange(count) % 2, 0.6, -0.6) * self.spread
        return Modes.of(hertz, decays, amplitude / np.sqrt(count) * drawn[count:], sides)
