"""The room around a kit: a few reflections and a short tail, or one that a gate cuts."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from soundrack.composition.instruments.drums.strokes import above, below, fall, frames_of, white

_HEARD_S = 0.4
_REFLECTIONS_S = (0.0031, 0.0047, 0.0071, 0.0093, 0.0127, 0.0161, 0.0199)


@dataclass(frozen=True)
class Room:
    """A room as two microphones hear it.

    Parameters
    ----------
    t60_s : float
        Its reverberation time.
    dark_hz : float
        Above which it swallows.
    gate_s : float
        After which a gate closes; 0 if there is none.
    """

    t60_s: float
    dark_hz: float
    gate_s: float = 0.0

    def response(self, name: str) -> NDArray[np.float64]:
        """Return its impulse response, shape (frames, 2), of energy 1 a channel; a name's is always the same."""
        rng = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))
        frames = frames_of(self.t60_s)
        made = np.zeros((frames, 2))
        for channel in range(2):
            tail = below(above(white(rng, frames), 90.0, 1), self.dark_hz, 1) * fall(frames, self.t60_s)
            first = frames_of(0.012)
            tail[:first] *= np.linspace(0.0, 1.0, first) ** 2
            tail /= np.sqrt(np.sum(tail**2))
            for number, delay_s in enumerate(_REFLECTIONS_S):
                at = frames_of(delay_s * (1.0 + 0.11 * channel + 0.05 * rng.standard_normal()))
                if at < frames:
                    tail[at] += 0.3 * (-1.0) ** number * 0.85**number
            made[:, channel] = tail / np.sqrt(np.sum(tail**2))
        return made

    @property
    def _size(self) -> int:
        return int(scipy.fft.next_fast_len(frames_of(_HEARD_S) + frames_of(self.t60_s) - 1, real=True))

    def spectrum(self, name: str) -> NDArray[np.complex64]:
        """Return the spectrum of its impulse response, as long as it and a stroke together, shape (bins, 2)."""
        return np.asarray(scipy.fft.rfft(self.response(name).astype(np.float32), self._size, axis=0))

    def around(self, sound: NDArray[np.float64], spectrum: NDArray[np.complex64]) -> NDArray[np.float64]:
        """Return what the room answers, shape (frames, 2), to a sound of shape (frames,)."""
        # What comes after the stroke itself moves the room little, and would cost the most.
        count = min(len(sound), frames_of(_HEARD_S))
        middle = (sound[:count] * np.linspace(1.0, 0.0, count) ** 0.5).astype(np.float32)
        heard = scipy.fft.rfft(middle, self._size)[:, None] * spectrum
        answer = scipy.fft.irfft(heard, self._size, axis=0)[: count + frames_of(self.t60_s) - 1].astype(np.float64)
        if self.gate_s > 0.0:
            open_for, closing = frames_of(self.gate_s), frames_of(0.03)
            gate = np.zeros(len(answer))
            gate[:open_for] = 1.0
            count = len(gate[open_for : open_for + closing])
            gate[open_for : open_for + closing] = 0.5 + 0.5 * np.cos(np.pi * np.arange(1, count + 1) / closing)
            answer *= gate[:, None]
        return np.asarray(answer)
