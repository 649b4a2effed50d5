"""Silence before and after the song."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.survey import BLOCK_FRAMES
from soundrack.errors import Invalid
from soundrack.mastering.repair.steps import SilenceStep

_LEAD_DB, _TAIL_DB = -70.0, -84.0
"""Relative to the song's peak. A beginning is heard at -70 dB; a reverb's end is kept for 14 dB more."""
_MOST_LEAD_S, _MOST_TAIL_S = 0.3, 1.0
_KEPT_LEAD_S, _KEPT_TAIL_S = 0.1, 0.5


def find(peaks: NDArray[np.float32], frames: int, rate_hz: int) -> SilenceStep | None:
    """Return what to keep, where more than 0.3 s before or more than 1 s after the song is silent.

    Parameters
    ----------
    peaks : float32 array
        The largest magnitude of each block (:class:`~soundrack.audio.survey.Survey`).
    frames, rate_hz : int
        The song's length and sample rate.
    """
    peak = float(peaks.max(initial=0.0))
    heard = np.flatnonzero(peaks > peak * 10.0 ** (_LEAD_DB / 20.0))
    tail = np.flatnonzero(peaks > peak * 10.0 ** (_TAIL_DB / 20.0))
    if len(heard) == 0:
        return None
    lead_s = float(heard[0]) * BLOCK_FRAMES / rate_hz
    length_s = frames / rate_hz
    tail_s = length_s - min(float(tail[-1] + 1) * BLOCK_FRAMES, frames) / rate_hz
    cut_lead, cut_tail = lead_s > _MOST_LEAD_S, tail_s > _MOST_TAIL_S
    if not (cut_lead or cut_tail):
        return None
    told = [f"{lead_s:.2f} s before the song are below {_LEAD_DB:.0f} dB of its peak."] * cut_lead
    told += [f"{tail_s:.2f} s after it are below {_TAIL_DB:.0f} dB."] * cut_tail
    return SilenceStep(
        start_s=lead_s - _KEPT_LEAD_S if cut_lead else 0.0,
        end_s=length_s - tail_s + _KEPT_TAIL_S if cut_tail else length_s,
        fade_in_s=_KEPT_LEAD_S if cut_lead else 0.0,
        fade_out_s=_KEPT_TAIL_S if cut_tail else 0.0,
        reason=" ".join(told),
    )


def treat(samples: NDArray[np.float32], rate_hz: int, step: SilenceStep) -> NDArray[np.float32]:
    """Return the part that is kept, a view, faded in place.

    Raises
    ------
    Invalid
        If the song ends before the part begins.
    """
    start = round(step.start_s * rate_hz)
    kept = samples[start : round(step.end_s * rate_hz)]
    fades = round(step.fade_in_s * rate_hz), round(step.fade_out_s * rate_hz)
    if len(kept) <= sum(fades):
        raise Invalid("The song is shorter than the silence to be cut from it.", field="repair")
    for part, fade in ((kept, fades[0]), (kept[::-1], fades[1])):
        part[:fade] *= (0.5 - 0.5 * np.cos(np.pi * np.arange(fade) / max(fade, 1))).astype(np.float32)[:, None]
    return kept
