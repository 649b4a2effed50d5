"""Players of patches."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.instruments.patch import Patch
from soundrack.composition.instruments.subtractive import LFO, NOISE, PHASES, SCAN, STATE, render
from soundrack.composition.instruments.super_saw import unison
from soundrack.composition.instruments.tone import RATE_HZ, Tone
from soundrack.composition.instruments.wavetable import waves

_NOISE_BITS, _NOISE_SEED = 16, 1928
_LEGATO_S = 0.003
"""A tone that begins no later than this after the one before was let go continues it."""
_SLIDE_S = 1.0
"""A slide continues a tone that was let go no longer ago than this."""
_TOGETHER_S = 0.001
_TAPS_A_STEP = 24
_PASS_HZ = 19_000.0


class Synthesiser:
    """Plays a patch of the subtractive synthesiser.

    Articulations: ``slide`` (a mono patch glides into the tone without a new attack, as it does where tones overlap),
    ``accent`` (louder, brighter, quicker), ``mute`` (darker), ``wobble X`` (the low-frequency oscillator does X turns a
    second and begins anew). Others change nothing.

    Parameters
    ----------
    patch : Patch
        Its sound.
    """

    def __init__(self, patch: Patch) -> None:
        self._patch = patch
        self._unison = unison(patch.voices, patch.detune_cents, patch.spread, patch.blend)

    def play(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the sound of some tones; see `tone.Instrument`."""
        out = np.zeros((frames, 2), dtype=np.float32)
        rows, firsts = score(tones, frames, is_mono=self._patch.is_mono)
        if len(rows):
            render(
                out,
                rows,
                self._phases(len(rows), rng),
                firsts,
                self._patch.record.copy(),
                np.zeros(1, dtype=STATE),
                waves(self._patch.first_wave),
                waves(self._patch.second_wave),
                self._unison,
                _noise(),
                decimator(int(self._patch.record["output_oversampling"][0])),
            )
        return out

    def _phases(self, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return the phases with which each tone begins; those of a patch that is not free are always the same."""
        if self._patch.is_free:
            return rng.random((count, PHASES))
        phases = np.zeros((count, PHASES))
        # Voices of a unison that began together would begin with a peak: the golden section scatters them.
        phases[:, : self._patch.voices] = np.arange(self._patch.voices) * 0.381966 % 1.0
        phases[:, LFO] = phases[:, SCAN] = phases[:, NOISE] = 0.0
        return phases


def score(tones: Sequence[Tone], frames: int, *, is_mono: bool) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return tones as `subtractive.render` takes them, and each voice's first.

    Parameters
    ----------
    tones : sequence of Tone
        In order of start; those that begin at or after the end are left out.
    frames : int
        How long the sound is.
    is_mono : bool
        Whether they are one voice's; if not, each has its own.
    """
    heard = [tone for tone in tones if tone.start_s * RATE_HZ < frames]
    if is_mono:
        # Of tones that begin together the last, which is the highest, is played.
        heard = [tone for tone, after in zip_longest(heard, heard[1:]) if after is None or not _together(tone, after)]
    rows = np.zeros((len(heard), 8))
    for row, tone in zip(rows, heard, strict=True):
        kind, _, rate = tone.articulation.partition(" ")
        on = round(max(tone.start_s, 0.0) * RATE_HZ)
        row[:] = (
            on,
            max(round((tone.start_s + tone.length_s) * RATE_HZ), on + 1),
            tone.pitch,
            tone.velocity,
            0.0,
            float(rate) if kind == "wobble" and rate else 0.0,
            kind == "accent",
            kind in {"mute", "ghost"},
        )
    if not is_mono:
        return rows, np.arange(len(rows) + 1)
    for before, after, tone in zip(rows, rows[1:], heard[1:], strict=False):
        within = _SLIDE_S if tone.articulation == "slide" else _LEGATO_S
        if after[0] - before[1] <= within * RATE_HZ:
            before[1], after[4] = after[0], 1.0
    return rows, np.array([0, len(rows)] if len(rows) else [0])


def _together(tone: Tone, after: Tone) -> bool:
    return after.start_s - tone.start_s < _TOGETHER_S


@cache
def _noise() -> NDArray[np.float32]:
    rng = np.random.Generator(np.random.PCG64(_NOISE_SEED))
    return np.asarray(rng.uniform(-1.0, 1.0, 1 << _NOISE_BITS), dtype=np.float32)


@cache
def decimator(oversampling: int) -> NDArray[np.float64]:
    """Return the impulse response of the low-pass before every `oversampling`-th sample is taken."""
    if oversampling == 1:
        return np.ones(1)
    count = _TAPS_A_STEP * oversampling
    edge = 2.0 * (_PASS_HZ + 1500.0) / (RATE_HZ * oversampling)
    taps = edge * np.sinc(edge * (np.arange(count) - 0.5 * (count - 1))) * np.kaiser(count, 8.0)
    return np.asarray(taps / taps.sum(), dtype=np.float64)
