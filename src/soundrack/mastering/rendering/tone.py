"""Tone and width: both are gains over frequency, of the middle and of the side, and one filter does for both.

Of linear phase it moves nothing in time, and rings a little on both sides of a transient; of minimum phase it rings
only afterwards.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.convolution import convolve_in_place
from soundrack.audio.fir import linear_phase_filter, minimum_phase
from soundrack.mastering.plan import Curve, Phase, ToneStep, WidthStep

_FILTER_S = 0.093
"""Length of the filter: tells bands apart down to about 25 Hz."""
_LEVEL: Curve = ((1000.0, 0.0),)


def shape_tone(samples: NDArray[np.float32], rate_hz: int, tone: ToneStep | None, width: WidthStep | None) -> None:
    """Give a song its tone and width, in place.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        The song, replaced; not touched if there is nothing to do. Of a mono song there is only the middle.
    rate_hz : int
        Sample rate. What the curves say beyond half of it has no effect.
    tone : ToneStep, optional
        Equalisation of middle and side.
    width : WidthStep, optional
        The gain of the side on top of that. Its filter has the phase of the tone's, which is linear if there is none.

    Raises
    ------
    ValueError
        If `samples` has another shape.
    """
    stereo = samples.shape[1] == 2
    if tone is None and (width is None or not stereo):
        return
    mid_curve = tone.mid if tone is not None else _LEVEL
    phase = tone.phase if tone is not None else Phase.LINEAR
    mid = _filter(rate_hz, phase, mid_curve)
    side = None
    if stereo and (width is not None or (tone is not None and tone.side is not None)):
        side_curve = mid_curve if tone is None or tone.side is None else tone.side
        side = _filter(rate_hz, phase, side_curve, *(() if width is None else (width.side,)))
    convolve_in_place(samples, mid, zero=0 if phase is Phase.MINIMUM else None, side=side)


def _filter(rate_hz: int, phase: Phase, *curves: Curve) -> NDArray[np.float32]:
    """Return the filter with the sum of some curves, each level beyond its ends."""
    points_hz = np.unique([hz for curve in curves for hz, _ in curve])
    gains_db = np.zeros(len(points_hz))
    for curve in curves:
        hz, db = np.array(curve).T
        gains_db += np.interp(np.log(points_hz), np.log(hz), db)
    taps = linear_phase_filter(gains_db, points_hz, rate_hz, round(_FILTER_S * rate_hz) | 1)
    return taps if phase is Phase.LINEAR else minimum_phase(taps)
