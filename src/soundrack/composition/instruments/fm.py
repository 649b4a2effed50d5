"""Frequency modulation: four operators with envelopes of their own and feedback.

Chowning, "The Synthesis of Complex Audio Spectra by Means of Frequency Modulation", JAES 21 (7), 1973; as in the
synthesisers that made it common, the phase is what is modulated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.fields import Fields, packed
from soundrack.composition.instruments.oscillators import HIGHEST_HZ, RATE_HZ, TABLE_SIZE, cycle
from soundrack.composition.instruments.tone import Tone

OPERATORS = 4

_FOLDER = Path(__file__).parent / "patches"
_BLOCK = 32
_ON, _OFF, _PITCH, _VELOCITY = range(4)
_RATIO, _LEVEL, _PAN, _FEEDBACK, _ATTACK, _DECAY, _SUSTAIN, _RELEASE, _TOUCH, _KEY, _DETUNE = range(11)
_FALL_TAUS = math.log(1000.0)
_SILENT = 1e-4
_USUAL_VELOCITY = 0.7
_MIDDLE = 60.0


@dataclass(frozen=True)
class FmPatch:
    """A sound of four operators.

    Parameters
    ----------
    operators : float64 array, shape (OPERATORS, 11)
        Ratio to the tone's frequency, level where it is heard (0: it only modulates), place (-1 left to 1 right),
        feedback in radians, attack, decay and release in s (to -60 dB), sustain (0 to 1), how much velocity changes it
        (exponent), how much it loses an octave above the middle (dB), detuning in Hz.
    modulation : float64 array, shape (OPERATORS, OPERATORS)
        By how many radians the operator of a column moves that of a row; only operators of higher number.
    gain : float
        Of the sum.
    """

    operators: NDArray[np.float64]
    modulation: NDArray[np.float64]
    gain: float


class FmSynthesiser:
    """Plays a patch of four operators, each tone on its own. Articulations change nothing.

    Parameters
    ----------
    patch : FmPatch
        Its sound.
    """

    def __init__(self, patch: FmPatch) -> None:
        self._patch = patch

    def play(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> NDArray[np.float32]:  # noqa: ARG002 - nothing here is random
        """Return the sound of some tones; see `tone.Instrument`."""
        out = np.zeros((frames, 2), dtype=np.float32)
        heard = [tone for tone in tones if tone.start_s * RATE_HZ < frames]
        rows = np.array(
            [
                (round(max(each.start_s, 0.0) * RATE_HZ), round((each.start_s + each.length_s) * RATE_HZ), each.pitch,
                 each.velocity)
                for each in heard
            ],
            dtype=np.float64,
        ).reshape(-1, 4)  # fmt: skip
        operate(out, rows, self._patch.operators, self._patch.modulation, self._patch.gain, cycle("sine")[0, -1])
        return out


@cache
def fm_patch(name: str) -> FmPatch:
    """Return a patch by its name.

    Raises
    ------
    NotFound
        If there is none of that name.
    Invalid
        If a field of its file is missing, wrong or unknown.
    """
    return read(packed(_FOLDER, name, kind="patch"))


def read(fields: Fields) -> FmPatch:
    """Read a patch.

    Raises
    ------
    Invalid
        If a field is missing, wrong or unknown.
    """
    operators, modulation = np.zeros((OPERATORS, 11)), np.zeros((OPERATORS, OPERATORS))
    tables = fields.tables("operators")
    if len(tables) != OPERATORS:
        raise fields.wrong("operators", f"must be {OPERATORS}")
    for number, table in enumerate(tables):
        operators[number] = (
            table.number("ratio", 0.0, 64.0),
            table.number("level", 0.0, 1.0, 0.0),
            table.number("pan", -1.0, 1.0, 0.0),
            table.number("feedback", 0.0, 3.0, 0.0),
            table.number("attack_s", 0.0005, 10.0, 0.001),
            table.number("decay_s", 0.01, 30.0),
            table.number("sustain", 0.0, 1.0, 0.0),
            table.number("release_s", 0.01, 30.0),
            table.number("touch", 0.0, 4.0, 1.0),
            table.number("key_db", 0.0, 12.0, 0.0),
            table.number("detune_hz", -10.0, 10.0, 0.0),
        )
        for place, radians in enumerate(table.numbers("by", 0.0, 20.0, OPERATORS - 1 - number, default=())):
            modulation[number, number + 1 + place] = radians
        table.done()
    gain = 10.0 ** (fields.number("level_db", -60.0, 30.0) / 20.0)
    fields.done()
    return FmPatch(operators, modulation, gain)


@kernel
def operate(
    out: NDArray[np.float32],
    tones: NDArray[np.float64],
    operators: NDArray[np.float64],
    modulation: NDArray[np.float64],
    gain: float,
    sine: NDArray[np.float32],
) -> None:
    """Add tones to `out`.

    Parameters
    ----------
    out : float32 array, shape (frames, 2)
        At `RATE_HZ`.
    tones : float64 array, shape (tones, 4)
        First frame, frame at which it is let go, MIDI number, velocity.
    operators, modulation, gain
        As of `FmPatch`.
    sine : float32 array, shape (TABLE_SIZE + 1,)
        One turn.
    """
    phase, last = np.zeros(OPERATORS), np.zeros(OPERATORS)
    levels, now, then = np.zeros(OPERATORS), np.zeros(OPERATORS), np.zeros(OPERATORS)
    step, scale = np.zeros(OPERATORS), np.zeros(OPERATORS)
    radian = TABLE_SIZE / (2.0 * math.pi)
    for number in range(len(tones)):
        tone = tones[number]
        hertz = 440.0 * 2.0 ** ((tone[_PITCH] - 69.0) / 12.0)
        for k in range(OPERATORS):
            row = operators[k]
            own = hertz * row[_RATIO] + row[_DETUNE]
            step[k] = own * TABLE_SIZE / RATE_HZ
            key = 10.0 ** (-row[_KEY] * (tone[_PITCH] - _MIDDLE) / 12.0 / 20.0)
            scale[k] = (tone[_VELOCITY] / _USUAL_VELOCITY) ** row[_TOUCH] * key if own < HIGHEST_HZ else 0.0
        phase[:], last[:], levels[:], then[:] = 0.0, 0.0, 0.0, 0.0
        frame, heard = int(tone[_ON]), 1.0
        while frame < len(out) and (heard > _SILENT or frame < tone[_ON] + 4 * _BLOCK):
            count = min(_BLOCK, len(out) - frame)
            heard = _envelopes(levels, operators, frame - tone[_ON], tone[_OFF] - tone[_ON], count, now)
            for k in range(OPERATORS):
                now[k] = levels[k] * scale[k]
            for n in range(count):
                part, left, right = (n + 1.0) / count, 0.0, 0.0
                for back in range(OPERATORS):
                    k = OPERATORS - 1 - back
                    moved = phase[k] + radian * operators[k, _FEEDBACK] * last[k]
                    for j in range(k + 1, OPERATORS):
                        moved += radian * modulation[k, j] * last[j]
                    place = math.floor(moved)
                    index = int(place) & (TABLE_SIZE - 1)
                    value = sine[index] + (moved - place) * (sine[index + 1] - sine[index])
                    last[k] = value * (then[k] + part * (now[k] - then[k]))
                    phase[k] += step[k]
                    left += operators[k, _LEVEL] * (1.0 - operators[k, _PAN]) * last[k]
                    right += operators[k, _LEVEL] * (1.0 + operators[k, _PAN]) * last[k]
                out[frame + n, 0] += gain * left
                out[frame + n, 1] += gain * right
            for k in range(OPERATORS):
                then[k] = now[k]
                phase[k] -= TABLE_SIZE * math.floor(phase[k] / TABLE_SIZE)
            frame += count


@kernel
def _envelopes(
    levels: NDArray[np.float64],
    operators: NDArray[np.float64],
    since: float,
    held: float,
    count: int,
    spare: NDArray[np.float64],
) -> float:
    """Move the operators' envelopes by `count` frames and return how loud the loudest that is heard is."""
    heard = 0.0
    for k in range(OPERATORS):
        row = operators[k]
        if since >= held:
            levels[k] *= math.exp(-_FALL_TAUS * count / (row[_RELEASE] * RATE_HZ))
        elif since < row[_ATTACK] * RATE_HZ:
            levels[k] = min((since + count) / (row[_ATTACK] * RATE_HZ), 1.0)
        else:
            fall = math.exp(-_FALL_TAUS * count / (row[_DECAY] * RATE_HZ))
            levels[k] = row[_SUSTAIN] + (levels[k] - row[_SUSTAIN]) * fall
        heard = max(heard, levels[k] * row[_LEVEL])
        spare[k] = levels[k]
    return heard
