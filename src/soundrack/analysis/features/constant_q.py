"""The constant-Q spectrum: how loud each pitch is, in steps of a third of a semitone, 25 times a second."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.sound import RATE_HZ
from soundrack.analysis.features.tuning import A4_HZ, Tuning, tuning
from soundrack.audio.kernels import kernel

FPS = 25
LOWEST_NOTE = 24
"""MIDI number of the first bin: C1."""
BINS_PER_SEMITONE = 3
BINS_PER_OCTAVE = 12 * BINS_PER_SEMITONE
OCTAVES = 7
BINS = OCTAVES * BINS_PER_OCTAVE

HOP = RATE_HZ // FPS
_QUALITY = 2.0 / (2.0 ** (1.0 / 12.0) - 1.0)
"""Of each bin, frequency times window length: with it a Hann window's first zero lies on the neighbouring semitone."""
_BLOCK_FRAMES = 3072
_MARGIN_FRAMES = 64
"""2.56 s, more than half the longest window and all decimators' delay. Both are multiples of 64 frames, 441 * 128
samples, so that every octave's decimation falls on the same samples whatever the block."""
_FRAMES_AT_ONCE = 512
_HALF_TAPS = 26


@dataclass(frozen=True)
class ConstantQ:
    """A song's constant-Q magnitudes.

    `magnitude` is float32, shape (frames, `BINS`), `FPS` frames a second, frame i centred at i / `FPS` seconds: the
    amplitude that a sine at a bin's frequency would have there. Bin 3k is MIDI note 24 + k in the song's own tuning,
    which lies `tuning_cents` (-50 to 50) above equal temperament at 440 Hz; `agreement`, 0 to 1, is how well the song's
    peaks lie on it.
    """

    magnitude: NDArray[np.float32]
    tuning_cents: float
    agreement: float

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return int(self.magnitude.shape[0])


def constant_q(mono: NDArray[np.float32], tuned: Tuning | None = None) -> ConstantQ:
    """Compute the constant-Q magnitudes of a sound.

    Each octave is correlated with the same 36 windowed complex exponentials at half the rate of the octave above
    (Brown, "Calculation of a constant Q spectral transform", 1991; Schörkhuber and Klapuri, "Constant-Q transform
    toolbox for music processing", SMC 2010). The sums are done in time, by one matrix product per octave: with windows
    of under 190 samples that is exact and no slower than sparse kernels over transforms. Windows last from 1.05 s at
    C1 to 8 ms at B7.

    Parameters
    ----------
    mono : float32 array, shape (n,)
        The sound at `RATE_HZ`.
    tuned : Tuning or None
        Its tuning; None has it estimated.

    Returns
    -------
    ConstantQ
        ``ceil(n / HOP)`` frames. Beyond its ends the sound is taken for silent.
    """
    found = tuning(mono) if tuned is None else tuned
    frames = -(-len(mono) // HOP)
    magnitude = np.empty((frames, BINS), dtype=np.float32)
    kernels = _kernels(found.cents)
    for first in range(0, frames, _BLOCK_FRAMES):
        last = min(first + _BLOCK_FRAMES, frames)
        _fill(_piece(mono, first - _MARGIN_FRAMES, last + _MARGIN_FRAMES), kernels, magnitude[first:last])
    return ConstantQ(magnitude, found.cents, found.agreement)


def _piece(mono: NDArray[np.float32], first: int, last: int) -> NDArray[np.float32]:
    """Return the samples from one frame's centre to another's, with silence beyond the sound's ends."""
    start, end = first * HOP, last * HOP
    inner = mono[max(start, 0) : max(end, 0)]
    before = max(-start, 0)
    padded = np.zeros(end - start, dtype=np.float32)
    padded[before : before + len(inner)] = inner
    return padded


def _fill(piece: NDArray[np.float32], kernels: NDArray[np.float32], magnitude: NDArray[np.float32]) -> None:
    """Fill the magnitudes of frames whose first is centred `_MARGIN_FRAMES` into the piece."""
    taps = _half_band()
    frames, length = len(magnitude), kernels.shape[0]
    centres = (np.arange(frames) + _MARGIN_FRAMES) * HOP
    low = piece[:, None]
    for octave in range(OCTAVES - 1, -1, -1):
        low = _halved(low, taps)
        factor = 2 ** (OCTAVES - octave)
        starts = (centres + factor // 2) // factor - length // 2
        windows = np.lib.stride_tricks.sliding_window_view(low[:, 0], length)
        columns = slice(octave * BINS_PER_OCTAVE, (octave + 1) * BINS_PER_OCTAVE)
        for first in range(0, frames, _FRAMES_AT_ONCE):
            rows = slice(first, min(first + _FRAMES_AT_ONCE, frames))
            sums = windows[starts[rows]] @ kernels
            np.hypot(sums[:, :BINS_PER_OCTAVE], sums[:, BINS_PER_OCTAVE:], out=magnitude[rows, columns])


@cache
def _half_band() -> NDArray[np.float32]:
    """Return the taps on one side of a half-band low-pass filter, those that are not zero.

    A Kaiser window of 80 dB: what could fold into an octave's windows, above 0.59 of the halved rate, is gone.
    """
    odd = np.arange(1, 2 * _HALF_TAPS, 2)
    window = np.i0(7.86 * np.sqrt(1.0 - (odd / (2 * _HALF_TAPS)) ** 2)) / np.i0(7.86)
    taps = np.sin(0.5 * np.pi * odd) / (np.pi * odd) * window
    return np.ascontiguousarray((taps * (0.25 / taps.sum()))[None, :], dtype=np.float32)


def _halved(samples: NDArray[np.float32], taps: NDArray[np.float32]) -> NDArray[np.float32]:
    halved = np.empty(((len(samples) + 1) // 2, 1), dtype=np.float32)
    _decimate(samples, taps, halved)
    return halved


@kernel
def _decimate(samples: NDArray[np.float32], taps: NDArray[np.float32], halved: NDArray[np.float32]) -> None:
    """Filter `samples`, shape (n, 1), and keep every second; output m is centred on input 2m."""
    length, reach = len(samples), taps.shape[1]
    side = 2 * reach
    for m in range(len(halved)):
        centre = 2 * m
        total = np.float32(0.5) * samples[centre, 0]
        if side <= centre < length - side:
            for k in range(reach):
                total += taps[0, k] * (samples[centre - 2 * k - 1, 0] + samples[centre + 2 * k + 1, 0])
        else:
            for k in range(reach):
                if centre - 2 * k - 1 >= 0:
                    total += taps[0, k] * samples[centre - 2 * k - 1, 0]
                if centre + 2 * k + 1 < length:
                    total += taps[0, k] * samples[centre + 2 * k + 1, 0]
        halved[m, 0] = total


def _kernels(cents: float) -> NDArray[np.float32]:
    """Return the windowed cosines and sines of the highest octave, shape (samples, 72), in the halved rate's samples.

    Column j and column 36 + j belong to bin j of an octave. They are scaled so that a sine's amplitude comes out.
    """
    highest_c_hz = A4_HZ * 2.0 ** ((LOWEST_NOTE + 12 * (OCTAVES - 1) - 69 + cents / 100.0) / 12.0)
    frequencies = highest_c_hz * 2.0 ** (np.arange(BINS_PER_OCTAVE) / BINS_PER_OCTAVE) / (RATE_HZ / 2)
    lengths = _QUALITY / frequencies
    reach = int(lengths[0] / 2.0) + 1
    time = np.arange(-reach, reach + 1)[:, None]
    window = np.where(np.abs(time) < lengths / 2.0, 0.5 + 0.5 * np.cos(2.0 * np.pi * time / lengths), 0.0)
    wave = window / (0.5 * window.sum(axis=0)) * np.exp(2j * np.pi * frequencies * time)
    return np.ascontiguousarray(np.concatenate((wave.real, wave.imag), axis=1), dtype=np.float32)
