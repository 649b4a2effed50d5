"""Collapse: the end of a song in which the treble is suddenly gone while the rest plays on."""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from soundrack.mastering.repair.spectra import as_mono
from soundrack.mastering.repair.steps import Note

_ENDING_S, _WINDOW_S = 15.0, 0.25
_TREBLE_HZ = 4000.0
_PLAYING_DB = -20.0
_LEAST_S = 1.0
_LEAST_FALL_DB = 18.0
"""Against the darkest twentieth of the song before: chords that ring out darken too, but not by as much while loud."""
_NOTHING = 1e-20


def find(samples: NDArray[np.float32], rate_hz: int) -> Note | None:
    """Return where the treble of the last 15 s is gone for good, while the level is within 20 dB of the song's.

    Looks at the last minute, of which there must be twice 15 s.
    """
    size = round(_WINDOW_S * rate_hz)
    count, ending = min(len(samples), round(4 * _ENDING_S * rate_hz)) // size, round(_ENDING_S / _WINDOW_S)
    if count < 2 * ending or rate_hz < 4 * _TREBLE_HZ:
        return None
    begin = len(samples) - count * size
    mono = as_mono(samples[begin:]).reshape(count, size)
    spectra = scipy.fft.rfft(mono * np.hanning(size).astype(np.float32), axis=1)
    powers = spectra.real**2 + spectra.imag**2
    total = powers.sum(axis=1) + _NOTHING
    treble_db = 10.0 * np.log10(powers[:, round(_TREBLE_HZ * _WINDOW_S) :].sum(axis=1) / total + _NOTHING)
    level_db = 10.0 * np.log10(total)
    song = level_db[:-ending] > level_db[:-ending].max() + _PLAYING_DB
    playing = np.flatnonzero(level_db > level_db[:-ending][song].mean() + _PLAYING_DB)
    playing = playing[playing >= count - ending]
    usual_db = float(np.percentile(treble_db[:-ending][song], 5.0))
    dark = treble_db[playing] < usual_db - _LEAST_FALL_DB
    last = len(dark) - int(np.argmin(dark[::-1])) if not dark.all() else 0
    gone = playing[last:]
    if len(gone) * _WINDOW_S < _LEAST_S:
        return None
    fall = usual_db - float(treble_db[gone].mean())
    at_s = (begin + int(gone[0]) * size) / rate_hz
    return Note(
        at_s=round(at_s, 2),
        reason=(
            f"From {at_s:.1f} s on, what lies above {_TREBLE_HZ / 1000.0:.0f} kHz is {fall:.0f} dB below the darkest "
            f"moments before, while the song plays on for {len(gone) * _WINDOW_S:.1f} s: the end has collapsed."
        ),
    )
