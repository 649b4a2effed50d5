"""The end of the way: no offset, no clicks, the level that suits the kind, exactly as many frames as wanted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.audio.true_peak import true_peak_db
from soundrack.composition.foley.recipe import Kind
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.errors import UnusableAudio

PEAK_DB = -1.0
BED_LUFS = -20.0
_LOWEST_HZ = 18.0
_MARGIN_DB = 0.02
_FADE_IN_S, _FADE_OUT_S = 0.004, 0.06


def finished(sound: NDArray[np.float64], kind: Kind, *, loop: bool) -> NDArray[np.float32]:
    """Return a sound as it is given out.

    Parameters
    ----------
    sound : float64 array, shape (frames, 2)
        At any level, finite.
    kind : Kind
        Beds are brought to -20 LUFS, hits and gestures to a true peak of -1 dBTP, which beds do not exceed either.
    loop : bool
        Whether it is repeated: then its ends stay as they are.

    Raises
    ------
    UnusableAudio
        If there is nothing to hear.
    """
    out = without_offset(sound)
    if not loop:
        out = out * _ends(len(out), kind)[:, None]
        out -= _trend(out)
    if not np.any(out):
        raise UnusableAudio("There is nothing to hear.", field="prompt")
    made = np.ascontiguousarray(out * (0.5 / max(float(np.max(np.abs(out))), 1e-9)), dtype=np.float32)
    up_db = PEAK_DB - _MARGIN_DB - true_peak_db(made, oversampling=16)
    if kind is Kind.BED:
        loud = integrated_lufs(hop_power(made, RATE_HZ))
        if np.isfinite(loud):
            up_db = min(up_db, BED_LUFS - loud)
    return made * np.float32(10.0 ** (up_db / 20.0))


def without_offset(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """Remove what lies below hearing, as if the sound came round for ever: its seam stays as it is."""
    spectrum = np.fft.rfft(sound, axis=0)
    hz = np.fft.rfftfreq(len(sound), 1.0 / RATE_HZ)
    spectrum *= ((hz / _LOWEST_HZ) ** 4 / (1.0 + (hz / _LOWEST_HZ) ** 4))[:, None]
    return np.asarray(np.fft.irfft(spectrum, len(sound), axis=0), dtype=np.float64)


def _ends(frames: int, kind: Kind) -> NDArray[np.float64]:
    """Return the fades: short at the beginning (longer for beds), longer at the end."""
    into = round((_FADE_IN_S if kind is not Kind.BED else 5.0 * _FADE_IN_S) * RATE_HZ)
    if kind is Kind.HIT:
        into = 16
    out = min(round(_FADE_OUT_S * RATE_HZ), frames // 4)
    gains = np.ones(frames)
    gains[:into] = 0.5 - 0.5 * np.cos(np.pi * np.arange(into) / into)
    gains[-out:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(1, out + 1) / out)
    return gains


def _trend(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rest of an offset that fades left, in the shape of a window, so that the ends stay silent."""
    window = np.hanning(len(sound))[:, None]
    return np.asarray(sound.mean(axis=0, keepdims=True) * window / window.mean(), dtype=np.float64)
