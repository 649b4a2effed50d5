"""Offset: a constant, which costs headroom and clicks at both ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.survey import Survey
from soundrack.mastering.repair.steps import OffsetStep

_LEAST = 1e-4
"""-80 dB: what lies below costs no headroom worth taking the song apart for."""


def find(seen: Survey) -> OffsetStep | None:
    """Return how to take the constant out where any channel has one above -80 dB."""
    worst = float(np.abs(seen.means).max(initial=0.0))
    if worst < _LEAST:
        return None
    return OffsetStep(
        offsets=tuple(map(float, seen.means)),
        reason=f"A constant of {worst:.4f} of full scale ({20.0 * np.log10(worst):.1f} dB).",
    )


def treat(samples: NDArray[np.float32], step: OffsetStep) -> None:
    """Take the constants out, in place; there must be as many as channels."""
    offsets = np.array(step.offsets, dtype=np.float32)
    # Both channels at once: broadcasting over two columns costs ten times as much.
    signal, constant = (
        (samples.view(np.complex64), offsets.view(np.complex64)) if len(offsets) == 2 else (samples, offsets)
    )
    signal -= constant
