"""Separates a song into voice, drums, bass and all else, part by part, so that long songs need no more memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from soundrack import models
from soundrack.analysis.features.sound import Sound
from soundrack.analysis.stems.masks import CONTEXT, low, struck, voiced
from soundrack.analysis.stems.spectra import BINS, HOP, RATE_HZ, Overlap

STEMS = ("vocals", "drums", "bass", "other")
Write = Callable[[NDArray[np.float32]], None]

_MADE = 3
"""Stems that are made of spectra; the last is what they leave of the mix."""
_HEARD = 0.03
"""Part of the mix's power in a second, 15 dB below it, from which a stem counts as heard."""
_AUDIBLE_DB = -55.0
"""Level relative to the loudest second below which nothing counts as heard."""


@dataclass(frozen=True)
class Evidence:
    """What the masks tell of a stem.

    `certainty` is the part of the stem's power that is its own if the mask is taken for a Wiener filter: where a bin is
    the stem's by a share m, m (1 - m) of the bin's power is error; 0 if there is no power. `power` is its part of the
    mix's power, 0 to 1. `present` is the part of the song's seconds in which it is heard, 0 to 1.
    """

    certainty: float
    power: float
    present: float


def can_separate() -> bool:
    """Tell whether the network is installed that separation needs."""
    return models.installed("separator")


def separate(sound: Sound, write: Write | None = None) -> dict[str, Evidence]:
    """Separate a song.

    The voice is told by a network; drums by what is struck and not sustained in the rest; the bass by what is sustained
    below 150 to 300 Hz; other is what these three leave of the mix, so that the four sum up to it.

    Parameters
    ----------
    sound : Sound
        The song. Of more than two channels, the mean of all is separated.
    write : callable, optional
        Takes the stems part by part: float32, shape (4, frames, channels), in the order of `STEMS`, at the song's rate.

    Returns
    -------
    dict
        What was found out about each stem, by its name.

    Raises
    ------
    NotConfigured
        If the network ``separator`` is not installed.
    """
    mix = sound.samples if sound.samples.shape[1] <= 2 else sound.samples.mean(axis=1, dtype=np.float32, keepdims=True)
    powers: list[NDArray[np.float64]] = []
    at = 0
    for made in _at_rate(_made(_stereo(mix, sound.rate_hz), powers), sound.rate_hz, mix.shape):
        part = mix[at : at + made.shape[1]]
        at += part.shape[0]
        if write is not None:
            write(np.concatenate([made, (part - made.sum(axis=0))[None]]))
    return _evidence(np.concatenate(powers, axis=2))


def _stereo(mix: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """Return the song as the network wants it: two channels at 44.1 kHz."""
    if rate_hz != RATE_HZ:
        mix = soxr.resample(mix, rate_hz, RATE_HZ, quality="HQ")
    return np.broadcast_to(mix, (mix.shape[0], 2))


def _made(stereo: NDArray[np.float32], powers: list[NDArray[np.float64]]) -> Iterator[NDArray[np.float32]]:
    """Yield voice, drums and bass, float32, shape (3, frames, 2), and note the powers of all four stems."""
    overlap = Overlap(2 * _MADE, stereo.shape[0])
    mix = np.empty((2, 0, BINS), dtype=np.complex64)
    voice = np.empty((2, 0, BINS), dtype=np.float32)
    done = 0
    for part in voiced(stereo):
        mix = np.concatenate([mix, part.mix], axis=1)
        voice = np.concatenate([voice, part.voice], axis=1)
        ready = mix.shape[1] - (0 if part.last else CONTEXT)
        if ready > done:
            masks = _masks(mix, voice)[:, :, done:ready]
            powers.append(_powers(mix[:, done:ready], masks))
            spectra = (masks * mix[None, :, done:ready]).reshape(2 * _MADE, ready - done, BINS)
            yield overlap.add(spectra).reshape(_MADE, 2, -1).transpose(0, 2, 1)
            done = ready
        kept = max(0, done - CONTEXT)
        mix, voice, done = mix[:, kept:], voice[:, kept:], done - kept


def _masks(mix: NDArray[np.complex64], voice: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the share of voice, drums and bass in each bin: float32, shape (3, 2, frames, 2049)."""
    rest = np.float32(1) - voice
    drums = struck((rest * np.abs(mix)).mean(axis=0, dtype=np.float32))
    return np.stack([voice, rest * drums, rest * ((np.float32(1) - drums) * low())])


def _powers(mix: NDArray[np.complex64], masks: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the power of each stem in each frame, and that part of it which is certain: float64, shape (2, 4, n)."""
    power = np.square(mix.real) + np.square(mix.imag)
    shares = [*masks, np.float32(1) - masks.sum(axis=0)]
    sums = [[np.einsum("cfb,cfb->f", each, power) for each in (share, np.square(share))] for share in shares]
    return np.asarray(sums, dtype=np.float64).transpose(1, 0, 2)


def _at_rate(
    made: Iterator[NDArray[np.float32]], rate_hz: int, shape: tuple[int, ...]
) -> Iterator[NDArray[np.float32]]:
    """Yield what was made with a song's rate, channels and length: float32, shape (3, frames, channels)."""
    left, channels = shape
    for block in made if rate_hz == RATE_HZ else _resampled(made, rate_hz):
        part = block[:, :left]
        left -= part.shape[1]
        yield part if channels == 2 else part.mean(axis=2, dtype=np.float32, keepdims=True)
    if left:
        yield np.zeros((_MADE, left, channels), dtype=np.float32)


def _resampled(made: Iterator[NDArray[np.float32]], rate_hz: int) -> Iterator[NDArray[np.float32]]:
    stream = soxr.ResampleStream(RATE_HZ, rate_hz, 2 * _MADE, quality="HQ")
    for block in made:
        yield _apart(stream.resample_chunk(block.transpose(1, 0, 2).reshape(-1, 2 * _MADE)))
    yield _apart(stream.resample_chunk(np.empty((0, 2 * _MADE), dtype=np.float32), last=True))


def _apart(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    return columns.reshape(-1, _MADE, 2).transpose(1, 0, 2)


def _evidence(powers: NDArray[np.float64]) -> dict[str, Evidence]:
    whole = powers[0].sum()
    seconds = _by_second(powers[0])
    mix = seconds.sum(axis=0)
    audible = mix > mix.max() * 10 ** (_AUDIBLE_DB / 10)
    found = {}
    for name, power, certain, each in zip(STEMS, powers[0], powers[1], seconds, strict=True):
        own = power.sum()
        found[name] = Evidence(
            certainty=float(certain.sum() / own) if own > 0 else 0.0,
            power=float(own / whole) if whole > 0 else 0.0,
            present=float(np.mean(each[audible] > _HEARD * mix[audible])) if audible.any() else 0.0,
        )
    return found


def _by_second(powers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum frames up to seconds: shape (4, seconds)."""
    begins = np.arange(0, powers.shape[1], RATE_HZ / HOP).astype(np.intp)
    return np.add.reduceat(powers, begins, axis=1)
