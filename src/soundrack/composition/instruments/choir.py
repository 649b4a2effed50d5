"""Choirs: many glottises, and mouths that hold one vowel.

A source with the glottis's fall under formants in parallel (Klatt, "Software for a Cascade/Parallel Formant
Synthesizer", 1980). Formants after Peterson & Barney, 1952; women's lie about 17 % higher; singers' higher ones
cluster near 3 kHz (Sundberg, The Science of the Singing Voice, 1987). Below middle C men sing, above it women, and
both in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.instruments.players import Manner, Players
from soundrack.composition.instruments.tone import RATE_HZ, Tone

_PARTING = 59.0
"""Below this pitch men sing."""
_CHUNK, _PAST = 4096, 0.02
_AAH = (
    (730.0, 0.0, 110.0),
    (1090.0, -2.0, 120.0),
    (2600.0, -9.0, 220.0),
    (3100.0, -10.0, 260.0),
    (4200.0, -20.0, 400.0),
)
_OOH = (
    (330.0, 0.0, 90.0),
    (800.0, -9.0, 110.0),
    (2300.0, -26.0, 220.0),
    (3000.0, -28.0, 260.0),
    (4000.0, -40.0, 400.0),
)
"""Frequency in Hz, level in dB and width in Hz."""

_CHOIR = Manner(
    source="glottis", cutoff_hz=2600.0, cutoff_key=0.2, reach=1.6, follow=1.0, attack_s=0.2, release_s=0.8,
    vibrato_hz=5.4, vibrato_cents=20.0, vibrato_s=0.2, drift_cents=5.0, scoop_cents=-25.0, noise=0.1, chiff=0.2,
    swell=0.12, is_line=False, players=5, detune_cents=6.5, late_s=0.05, width=0.95, touch=1.3,
)  # fmt: skip


class Choir:
    """Men and women who sing on a vowel.

    Articulations are those of `Players`.

    Parameters
    ----------
    manner : Manner
        How they sing.
    vowel : sequence of (float, float, float)
        A man's formants: Hz, dB, width in Hz.
    level_db : float
        Of all.
    """

    def __init__(self, manner: Manner, vowel: Sequence[tuple[float, float, float]], level_db: float) -> None:
        self._singers = Players(manner)
        self._vowel = np.array(vowel)
        self._level = 10.0 ** (level_db / 20.0)

    def play(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the sound of some tones; see `tone.Instrument`."""
        men = [tone for tone in tones if tone.pitch < _PARTING]
        women = [tone for tone in tones if tone.pitch >= _PARTING]
        out = self._sung(men, frames, rng, 1.0)
        if women:
            out += self._sung(women, frames, rng, 1.17)
        return out

    def _sung(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator, shift: float) -> NDArray[np.float32]:
        out = self._singers.play(tones, frames, rng)
        if tones:
            hertz, decibels, widths = self._vowel.T
            # Neighbours of opposite sign do not cancel each other between their tops.
            signs = np.where(np.arange(len(hertz)) % 2, -1.0, 1.0)
            damping = widths / hertz
            gains = signs * self._level * damping * 10.0 ** (decibels / 20.0)
            _mouth(out, gains, np.stack([np.tan(np.pi * shift * hertz / RATE_HZ), damping]))
        return out


@kernel
def _mouth(out: NDArray[np.float32], gains: NDArray[np.float64], steps: NDArray[np.float64]) -> None:
    """Filter a sound in place by band-passes in parallel; some of it passes by.

    `steps` are the formants' ``tan(pi * f / rate)`` and inverse Qs, shape (2, formants), for trapezoidal integrators.
    """
    count = len(gains)
    first, second = np.zeros((2, count)), np.zeros((2, count))
    g, damping = steps[0], steps[1]
    factor = 1.0 / (1.0 + g * (g + damping))
    for frame in range(len(out)):
        for side in range(2):
            x = float(out[frame, side])
            total = _PAST * x
            for number in range(count):
                band = factor[number] * (first[side, number] + g[number] * (x - second[side, number]))
                low = second[side, number] + g[number] * band
                first[side, number] = 2.0 * band - first[side, number]
                second[side, number] = 2.0 * low - second[side, number]
                total += gains[number] * band
            # Numbers below the normal ones are slow.
            out[frame, side] = np.float32(total)
        if frame % _CHUNK == 0:
            for side in range(2):
                for number in range(count):
                    if abs(first[side, number]) + abs(second[side, number]) < 1e-20:
                        first[side, number] = second[side, number] = 0.0


def choir_aah() -> Choir:
    """Return a choir on /a/."""
    return Choir(_CHOIR, _AAH, 0.0)


def choir_ooh() -> Choir:
    """Return a choir on /u/."""
    return Choir(replace(_CHOIR, cutoff_hz=900.0, reach=3.0), _OOH, 0.0)
