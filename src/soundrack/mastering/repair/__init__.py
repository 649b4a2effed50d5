"""Repair: faults found on the evidence, and treated.

>>> import numpy as np
>>> shifted = np.full((8000, 1), 0.25, dtype=np.float32)
>>> found = find(shifted, 8000, None)
>>> found.steps[0].reason
'A constant of 0.2500 of full scale (-12.0 dB).'
>>> float(np.abs(treat(shifted, 8000, found.steps)).max())
0.0
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.survey import Survey, block_peaks, survey
from soundrack.errors import Invalid
from soundrack.mastering.repair import air, bass, clicks, collapse, lines, mud, offset, shimmer, silence
from soundrack.mastering.repair.generators import PROFILES, Generator
from soundrack.mastering.repair.spectra import spectra
from soundrack.mastering.repair.steps import (
    AirStep,
    BassStep,
    ClicksStep,
    LinesStep,
    MudStep,
    Note,
    OffsetStep,
    RepairStep,
    ShimmerStep,
    SilenceStep,
)

__all__ = ["Findings", "Note", "RepairStep", "find", "treat"]


@dataclass(frozen=True)
class Findings:
    """What was found: steps in their order of treatment, and notes on what cannot be treated."""

    steps: tuple[RepairStep, ...] = ()
    notes: tuple[Note, ...] = ()


def find(
    samples: NDArray[np.float32], rate_hz: int, generator: Generator | None, *, seen: Survey | None = None
) -> Findings:
    """Look for the faults of generated audio.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        The song, full scale = 1.0, finite, at least one frame. It is not changed.
    rate_hz : int
        Sample rate.
    generator : Generator, optional
        What made the song: a fault that it is known for needs a little less evidence. Without it only a constant is
        looked for.
    seen : Survey, optional
        Of these samples, where it has been taken already.

    Returns
    -------
    Findings
        For a song without faults, nothing: :func:`treat` then leaves it as it is, bit for bit.

    Raises
    ------
    ValueError
        If `samples` has another shape.
    """
    if samples.ndim != 2 or samples.shape[1] not in (1, 2) or len(samples) == 0:
        raise ValueError(f"expected (frames, 1 or 2 channels), got shape {samples.shape}")
    seen = survey(samples) if seen is None else seen
    constant = offset.find(seen)
    if generator is None:
        return Findings((constant,) if constant else ())
    peaks = seen.peaks
    if constant:
        samples = samples.copy()
        offset.treat(samples, constant)
        # Silence is what has only the constant, or, where the song alone was shifted, nothing at all.
        peaks = np.minimum(peaks, block_peaks(samples))
    profile, looked = PROFILES[generator], spectra(samples, rate_hz)
    found = (
        constant,
        clicks.find(samples, rate_hz),
        lines.find(looked, profile),
        bass.find(looked),
        mud.find(looked),
        shimmer.find(samples, rate_hz, profile),
        air.find(looked, profile),
        silence.find(peaks, len(samples), rate_hz),
    )
    note = collapse.find(samples, rate_hz)
    return Findings(tuple(step for step in found if step), (note,) if note else ())


def treat(samples: NDArray[np.float32], rate_hz: int, steps: Sequence[RepairStep]) -> NDArray[np.float32]:
    """Treat what was found, or what a person has written, in the order given.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        The song, replaced.
    rate_hz : int
        Sample rate.
    steps : sequence of RepairStep
        Of this song: frames and seconds are those of `samples`, those of a step after a cut those that are left.

    Returns
    -------
    float32 array
        `samples` itself, or where silence is cut a contiguous part of it.

    Raises
    ------
    Invalid
        If a step asks for what this song does not have.
    """
    for step in steps:
        samples = _treat(samples, rate_hz, step)
    return samples


def _treat(samples: NDArray[np.float32], rate_hz: int, step: RepairStep) -> NDArray[np.float32]:
    match step:
        case OffsetStep():
            if len(step.offsets) != samples.shape[1]:
                raise Invalid(f"There must be {samples.shape[1]} offsets, one a channel.", field="repair")
            offset.treat(samples, step)
        case ClicksStep():
            clicks.treat(samples, step)
        case LinesStep():
            lines.treat(samples, rate_hz, step)
        case BassStep():
            bass.treat(samples, rate_hz, step)
        case MudStep():
            mud.treat(samples, rate_hz, step)
        case ShimmerStep():
            shimmer.treat(samples, rate_hz, step)
        case AirStep():
            air.treat(samples, rate_hz, step)
        case SilenceStep():
            return silence.treat(samples, rate_hz, step)
    return samples
