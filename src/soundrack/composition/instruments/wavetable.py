"""Wavetables: rows of cycles between which an oscillator moves.

Every frame's harmonics keep their phases from frame to frame, so that what lies between two frames is as loud as they
are. All are made here from formulas.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.instruments.oscillators import MOST_HARMONICS, cycle, tables
from soundrack.errors import NotFound

FRAMES = 8
_RMS = 0.5
_CLASSICAL = ("sine", "triangle", "saw", "square")
_SEED = 1965


@cache
def waves(name: str) -> NDArray[np.float32]:
    """Return a wavetable by its name.

    Parameters
    ----------
    name : str
        ``sine``, ``triangle``, ``saw``, ``square`` (one frame each), ``glass`` (few partials far apart, rising),
        ``pulses`` (a square that becomes a narrow pulse), ``sync`` (a saw that is restarted ever more often),
        ``vowels`` (formants that move) or ``hollow`` (odd harmonics that give way to even ones).

    Returns
    -------
    float32 array, shape (frames, LEVELS, TABLE_SIZE + 1)

    Raises
    ------
    NotFound
        If there is none of that name.
    """
    if name in _CLASSICAL:
        return cycle(name)
    if name not in _SPECTRA:
        raise NotFound(f"There is no wavetable {name!r}.", field="wave")
    frames = [_SPECTRA[name](part) for part in np.linspace(0.0, 1.0, FRAMES)]
    return np.stack([tables(sines, cosines) for sines, cosines in map(_levelled, frames)])


def _levelled(spectrum: NDArray[np.complex128]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    scaled = spectrum * (_RMS / np.sqrt(np.sum(np.abs(spectrum) ** 2) / 2.0))
    return scaled.imag.astype(np.float64), scaled.real.astype(np.float64)


def _number() -> NDArray[np.float64]:
    return np.arange(1, MOST_HARMONICS + 1, dtype=np.float64)


def _scattered(amplitudes: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Give harmonics phases that are the same for every frame."""
    turns = np.random.Generator(np.random.PCG64(_SEED)).random(MOST_HARMONICS)
    return np.asarray(amplitudes * np.exp(2j * np.pi * turns), dtype=np.complex128)


def _bump(centre: float, octaves: float) -> NDArray[np.float64]:
    return np.asarray(np.exp(-0.5 * (np.log2(_number() / centre) / octaves) ** 2), dtype=np.float64)


def _glass(part: float) -> NDArray[np.complex128]:
    number = _number()
    amplitudes = np.zeros(MOST_HARMONICS)
    for harmonic in (1, 2, 3, 5, 8, 11, 13, 17, 21, 29):
        amplitudes[harmonic - 1] = (0.15 + _bump(2.0 ** (1.0 + 3.2 * part), 0.9)[harmonic - 1]) / harmonic**0.7
    amplitudes[0] = 0.4
    return _scattered(np.asarray(amplitudes * np.exp(-number / 40.0)))


def _pulses(part: float) -> NDArray[np.complex128]:
    number = _number()
    width = 0.5 * (1.0 - part) + 0.06 * part
    return np.asarray(np.sin(np.pi * number * width) / number + 0j, dtype=np.complex128)


def _sync(part: float) -> NDArray[np.complex128]:
    size = 4 * MOST_HARMONICS
    place = (np.arange(size) + 0.5) / size * (1.0 + 2.5 * part)
    saw = 2.0 * (place % 1.0) - 1.0
    spectrum = np.fft.rfft(saw - saw.mean())[1 : MOST_HARMONICS + 1]
    return np.asarray(np.conj(spectrum) * np.exp(-((_number() / MOST_HARMONICS) ** 2)), dtype=np.complex128)


def _vowels(part: float) -> NDArray[np.complex128]:
    number = _number()
    first, second = 3.4 - 1.8 * part, 5.0 + 6.0 * part
    shape = _bump(first, 0.25) + 0.7 * _bump(second, 0.2) + 0.35 * _bump(13.0, 0.2) + 0.06
    return _scattered(np.asarray(shape / number**0.5 * (number < 200)))


def _hollow(part: float) -> NDArray[np.complex128]:
    number = _number()
    odd = number % 2
    shape = (odd * (1.0 - part) + (1.0 - odd) * part + (number == 1)) / number**1.3
    return _scattered(np.asarray(shape))


_SPECTRA = {"glass": _glass, "pulses": _pulses, "sync": _sync, "vowels": _vowels, "hollow": _hollow}
