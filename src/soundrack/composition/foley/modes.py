"""Bodies that ring: sums of damped sinusoids.

After van den Doel & Pai, "The Sounds of Physical Shapes", Presence 7, 1998; the damping that grows with the frequency
after Gaver, "Synthesizing Auditory Icons", INTERCHI 1993: materials are told apart by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.convolving import convolved
from soundrack.composition.foley.noise import Sound
from soundrack.composition.foley.take import Take
from soundrack.composition.instruments.tone import RATE_HZ

_BLOCK = 256


@dataclass(frozen=True)
class Material:
    """How a material rings.

    Parameters
    ----------
    ring_s : float
        How long a mode of 1 kHz rings until it is 60 dB lower.
    damping : float
        By which power of the frequency it rings shorter.
    ratios : tuple of float
        Frequencies of a usual body's modes over its lowest.
    """

    ring_s: float
    damping: float
    ratios: tuple[float, ...]


BAR = (1.0, 2.756, 5.404, 8.933, 13.344, 18.64)
"""A bar with free ends."""
PLATE = (1.0, 1.47, 2.09, 2.56, 3.16, 3.98, 4.7, 5.61, 6.83, 8.1, 9.7, 11.4)
GLASS = Material(0.9, 0.55, (1.0, 2.32, 4.25, 6.63, 9.38, 12.1))
"""A wine glass's modes: about (n squared) from the second on."""
METAL = Material(1.7, 0.35, PLATE)
WOOD = Material(0.11, 0.9, BAR)
STONE = Material(0.05, 0.7, (1.0, 1.6, 2.4, 3.3, 4.7, 6.1))
PLASTIC = Material(0.045, 0.8, (1.0, 1.8, 2.9, 4.1, 5.8))
RUBBER = Material(0.05, 1.4, (1.0, 1.5, 2.3))


def ringing(
    frequencies_hz: Sequence[float] | NDArray[np.float64],
    rings_s: Sequence[float] | NDArray[np.float64],
    gains: Sequence[float] | NDArray[np.float64],
    frames: int,
) -> Sound:
    """Return damped sinusoids that begin together at their zeros; those above 20 kHz are left out."""
    out = np.zeros(frames)
    for hertz, ring_s, gain in zip(frequencies_hz, rings_s, gains, strict=True):
        if hertz >= 20_000.0:
            continue
        count = min(frames, max(int(1.2 * ring_s * RATE_HZ), 8))
        pole = -6.9078 / (ring_s * RATE_HZ) + 2j * np.pi * hertz / RATE_HZ
        # Powers by blocks: a product each instead of an exponential.
        within = np.exp(pole * np.arange(_BLOCK))
        blocks = np.exp(pole * _BLOCK * np.arange(-(-count // _BLOCK)))
        out[:count] += gain * np.imag(blocks[:, None] * within).reshape(-1)[:count]
    return out


def struck(take: Take, material: Material, lowest_hz: float, hardness: float, ring: float = 1.0) -> Sound:
    """Return a body that is hit.

    Parameters
    ----------
    take : Take
        Length and chance: where it is hit is drawn.
    material : Material
        What it is made of.
    lowest_hz : float
        Its lowest mode.
    hardness : float
        0 (a soft mallet) to 1 (steel): how high the modes reach that are excited.
    ring : float
        What the material's ringing is multiplied by.
    """
    ratios = np.array(material.ratios) * take.rng.uniform(0.985, 1.015, len(material.ratios))
    hertz = lowest_hz * ratios
    rings = ring * material.ring_s * (1000.0 / hertz) ** material.damping * take.rng.uniform(0.8, 1.2, len(hertz))
    reach = 500.0 * 40.0 ** min(max(hardness, 0.0), 1.0)
    gains = take.rng.uniform(0.35, 1.0, len(hertz)) / (1.0 + (hertz / reach) ** 2)
    body = ringing(hertz, np.clip(rings, 0.004, 12.0), gains, take.frames)
    contact = contact_noise(take, hardness)
    out = 0.85 * body
    count = min(len(contact), len(out))
    out[:count] += 0.5 * contact[:count]
    return out


def contact_noise(take: Take, hardness: float) -> Sound:
    """Return the short noise of two surfaces that meet, shorter and brighter the harder they are."""
    seconds = 0.012 * 0.15**hardness
    count = max(int(6 * seconds * RATE_HZ), 24)
    noise = take.rng.standard_normal(count) * np.exp(-np.arange(count) / (seconds * RATE_HZ))
    smooth = np.hanning(max(3, int(40 * (1.0 - hardness)) + 3))
    before = (len(smooth) - 1) // 2
    return convolved(noise, smooth / smooth.sum())[before : before + count]


def resonated(sound: Sound, frequencies_hz: Sequence[float], rings_s: Sequence[float], gains: Sequence[float]) -> Sound:
    """Return a sound as it is heard through resonances."""
    longest = int(1.2 * max(rings_s) * RATE_HZ) + 1
    return convolved(sound, ringing(frequencies_hz, rings_s, gains, longest))[: len(sound)]
