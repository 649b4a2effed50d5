"""Sound taken apart into voice, drums, bass and all else, window by window, so that long songs need no more memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.stems import STEMS, can_separate
from soundrack.analysis.stems.masks import voiced
from soundrack.analysis.stems.spectra import BINS, Overlap, frames_of, spectra
from soundrack.composition.effects.sound import Sound
from soundrack.composition.separation.hearing import CONTEXT, clues
from soundrack.composition.separation.shares import shares

MADE = 3
"""Stems that are made of spectra; the last is what they leave of the mix."""
_STEP = 384
"""Frames of a window, 8.9 s, beside its context."""
_FLOOR = np.float32(1e-6)

Told = Callable[[float], None]


def split(sound: Sound, told: Told | None = None) -> dict[str, Sound]:
    """Take a sound apart.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        A mix at 44.1 kHz, full scale 1.0, of any length.
    told : callable, optional
        Told what part of the work is done, 0 to 1.

    Returns
    -------
    dict of str to float32 array, shape (frames, 2)
        ``vocals``, ``drums``, ``bass`` and ``other``; they add up to the mix but for the rounding of single precision,
        2e-7 of full scale.
    """
    stems = {name: np.empty_like(sound, order="C") for name in STEMS}
    at = 0
    for block in split_blocks(sound):
        for name, part in zip(STEMS, block, strict=True):
            stems[name][at : at + len(part)] = part
        at += block.shape[1]
        if told is not None:
            told(at / len(sound))
    return stems


def split_blocks(sound: Sound) -> Iterator[NDArray[np.float32]]:
    """Yield the stems of a sound block by block, float32, shape (4, n, 2), in the order of `STEMS`; see `split`."""
    overlap = Overlap(2 * MADE, len(sound))
    at = 0
    for window in _windows(sound):
        masks = _masks(window)[:, :, window.kept]
        parts = (masks * window.mix[None, :, window.kept]).reshape(2 * MADE, -1, BINS)
        made = overlap.add(parts).reshape(MADE, 2, -1).transpose(0, 2, 1)
        mix = sound[at : at + made.shape[1]]
        at += made.shape[1]
        yield np.concatenate([made, (mix - made.sum(axis=0))[None]])


def voice_power(sound: Sound) -> NDArray[np.float64]:
    """Return the power of the voice in a sound and of the whole, every 23 ms.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        As for `split`.

    Returns
    -------
    float64 array, shape (n, 2)
        Voice and whole; moment k lies 1024 (k - 1) frames from the begin.
    """
    found = []
    for window in _windows(sound):
        kept = window.mix[:, window.kept]
        power = np.square(np.abs(kept))
        voice = _masks(window)[0][:, window.kept]
        found.append(np.stack([(voice * power).sum(axis=(0, 2)), power.sum(axis=(0, 2))], axis=1, dtype=np.float64))
    return np.concatenate(found)


def hears_voices() -> bool:
    """Tell whether a network that was trained on voices is installed; else the voice is told by clues alone."""
    return can_separate()


@dataclass(frozen=True)
class _Window:
    """Frames of a song with their context: `mix`, complex64, shape (2, frames, 2049); `voice`, the voice's share as a
    network hears it, float32 of the same shape, or None; `kept`, those that are no context."""

    mix: NDArray[np.complex64]
    voice: NDArray[np.float32] | None
    kept: slice


def _windows(sound: Sound) -> Iterator[_Window]:
    return _voiced_windows(sound) if hears_voices() else _plain_windows(sound)


def _plain_windows(sound: Sound) -> Iterator[_Window]:
    count = frames_of(len(sound))
    for start in range(0, count, _STEP):
        first, last = max(0, start - CONTEXT), min(count, start + _STEP + CONTEXT)
        stop = min(count, start + _STEP)
        yield _Window(spectra(sound, first, last), None, slice(start - first, stop - first))


def _voiced_windows(sound: Sound) -> Iterator[_Window]:
    mix = np.empty((2, 0, BINS), dtype=np.complex64)
    voice = np.empty((2, 0, BINS), dtype=np.float32)
    done = 0
    for part in voiced(sound):
        mix = np.concatenate([mix, part.mix], axis=1)
        voice = np.concatenate([voice, part.voice], axis=1)
        held = mix.shape[1]
        if not part.last and held < done + _STEP + CONTEXT:
            continue
        ready = held if part.last else held - CONTEXT
        yield _Window(mix, voice, slice(done, ready))
        first = max(0, ready - CONTEXT)
        mix, voice, done = mix[:, first:], voice[:, first:], ready - first


def _masks(window: _Window) -> NDArray[np.float32]:
    """Return the shares of voice, drums and bass in each bin: float32, shape (3, 1 or 2, frames, 2049)."""
    found = shares(clues(window.mix), np.square(np.abs(window.mix)).sum(axis=0))
    if window.voice is None:
        return found[:MADE, None]
    rest = (np.float32(1.0) - window.voice) / (found[1:].sum(axis=0) + _FLOOR)
    return np.concatenate([window.voice[None], found[1:MADE, None] * rest])
