"""What sounds as long as a player bows, blows, sings or holds a key: a source whose spectrum follows the effort.

The source is read from cycles that differ in brightness. Where between them depends on the effort: the louder, the more
harmonics, which is how listeners tell a trumpet's dynamics and how a tone grows (Risset & Mathews, "Analysis of
Musical-Instrument Tones", 1969; Beauchamp, "Synthesis by Spectral Amplitude and Brightness Matching", 1982). What does
not move with the pitch - bodies, bells, mouths - follows as filters.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.butterworth import passed
from soundrack.composition.instruments.oscillators import MOST_HARMONICS, RATE_HZ, TABLE_BITS, TURN, level_of, tables

BLOCK, SHORT_BLOCK = 256, 128
"""Frames for which the wave stands still, of a held tone and while it begins or ends; pitch and level move along
straight lines."""
ON, OFF, PITCH, LEVEL, ATTACK_S, RELEASE_S, JOINED, DIP, GLIDE_S, LEFT, RIGHT, CUTOFF, FOLLOW, PHASE = range(14)
VIBRATO_HZ, VIBRATO_CENTS, VIBRATO_S, VIBRATO_DB, DRIFT_CENTS, SCOOP_CENTS, NOISE, CHIFF, ACCENT, SWELL = range(14, 24)
COLUMNS = 24
"""Columns of what a tone is to the kernel: frames; MIDI number; 0 to about 1; seconds; whether it continues the tone
before, how far it dips then, how long it glides; gains; the octave of the source's cutoff and how many octaves it falls
while the level does; turns; the vibrato, its delay, its swing in level; a wandering pitch, where it comes from; the
noise's part, the more at the beginning; and how much louder it begins and grows."""
DYNAMICS = 16
"""Cycles of a source, from the darkest on: each has half an octave more harmonics."""
LOWEST_CUTOFF = -1.0
"""Of the darkest, in octaves above the fundamental."""

_FRACTION_BITS = 32 - TABLE_BITS
_FRACTION_MASK = (1 << _FRACTION_BITS) - 1
_FRACTION = 1.0 / (1 << _FRACTION_BITS)
_FILTER_ORDER = 2.2
_RMS = 0.25
_QUIET = 3e-5
_SCOOP_S, _ACCENT_S, _SWELL_S = 0.05, 0.09, 0.5
_DIP_S = 0.03
_SETTLED_S = 0.1
_JOIN_TAU_S, _STOP_TAU_S, _STOP = 0.02, 0.012, 0.9
_ATTACK_TAUS = 2.3
_TURN_RADIANS = 2.0 * math.pi
_A4_OCTAVE = math.log2(440.0)
_CHIFF_S = 0.04
_ELSEWHERE = 7919


def _partials(source: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the amplitudes and phases in turns of a source's harmonics at its brightest."""
    number = np.arange(1, MOST_HARMONICS + 1, dtype=np.float64)
    even, first = number % 2 == 0, number == 1
    scatter = np.random.Generator(np.random.PCG64(1969)).random(MOST_HARMONICS)
    # A cylinder closed at the reed: even harmonics come with the height.
    closed = np.where(even, 0.06 + 0.5 * np.minimum(number / 14.0, 1.0), 1.0)
    return {
        "bow": (1.0 / number, 0.0 * scatter),  # Helmholtz's motion
        "brass": (number**-0.35 * np.where(first, 0.8, 1.0), 0.08 * scatter),
        "closed reed": (number**-0.8 * closed, 0.1 * scatter),
        "open reed": (number**-0.55 * np.where(first, 0.8, 1.0), 0.15 * scatter),  # a cone
        "double reed": (number**-0.3 * np.where(first, 0.55, 1.0), 0.2 * scatter),
        "flute": (number**-1.1, 0.2 * scatter),
        "vessel": (np.where(first, 1.0, 0.09 / number), 0.2 * scatter),  # Helmholtz's resonator
        "glottis": (1.0 / number, 0.25 + 0.05 * scatter),  # after the lips' radiation
    }[source]


@cache
def dynamics(source: str) -> NDArray[np.float32]:
    """Return a source's cycles, each of one power.

    Parameters
    ----------
    source : str
        ``bow``, ``brass``, ``closed reed``, ``open reed``, ``double reed``, ``flute``, ``vessel`` or ``glottis``.

    Returns
    -------
    float32 array, shape (DYNAMICS, LEVELS, TABLE_SIZE + 1)
    """
    amplitudes, turns = _partials(source)
    number = np.arange(1, MOST_HARMONICS + 1, dtype=np.float64)
    made = []
    for step in range(DYNAMICS):
        cutoff = 2.0 ** (LOWEST_CUTOFF + 0.5 * step)
        kept = amplitudes / np.sqrt(1.0 + (number / cutoff) ** (2.0 * _FILTER_ORDER))
        kept *= _RMS / math.sqrt(float(np.sum(kept**2)) / 2.0)
        made.append(tables(kept * np.cos(2.0 * np.pi * turns), kept * np.sin(2.0 * np.pi * turns)))
    return np.stack(made)


@cache
def registration(drawbars: tuple[int, ...]) -> NDArray[np.float32]:
    """Return a tonewheel organ's cycle, an octave below its pitch, shape (1, LEVELS, TABLE_SIZE + 1).

    Parameters
    ----------
    drawbars : tuple of int
        Nine, 0 to 8, 3 dB a step: 16, 5 1/3, 8, 4, 2 2/3, 2, 1 3/5, 1 1/3 and 1 foot.
    """
    feet = np.array([1, 3, 2, 4, 6, 8, 10, 12, 16])
    amplitudes = np.zeros(MOST_HARMONICS)
    amplitudes[feet - 1] = [2.0 ** ((step - 8) / 2.0) if step else 0.0 for step in drawbars]
    amplitudes *= _RMS / math.sqrt(float(np.sum(amplitudes**2)) / 2.0)
    turns = 2.0 * np.pi * 0.381966 * np.arange(MOST_HARMONICS)
    return tables(amplitudes * np.cos(turns), amplitudes * np.sin(turns))[None]


@cache
def hiss() -> NDArray[np.float32]:
    """Return noise of breath and bows, shape (2 ** 16 + BLOCK,): it falls by 6 dB an octave above 3 kHz."""
    rng = np.random.Generator(np.random.PCG64(1822))
    made = passed(rng.standard_normal(1 << 16), np.array([[0.35, 0.0, 0.0, -0.65, 0.0]]))
    return np.concatenate((made, made[:BLOCK])).astype(np.float32)


@kernel
def _read(
    wave: NDArray[np.float32],
    count: int,
    dark: NDArray[np.float32],
    bright: NDArray[np.float32],
    blend: float,
    phase: int,
    increment: int,
    growth: int,
) -> int:
    """Write `count` samples between two cycles, at an increment that grows by `growth` twice a sample; return the phase
    after them."""
    part_of, other = np.float32(_FRACTION), np.float32(blend)
    # Indices of 32 bits, because with them the compiler reads several samples at once.
    for n in range(count):
        at = np.uint32(phase + n * increment + n * (n - 1) * growth)
        place = np.int32(at >> np.uint32(_FRACTION_BITS))
        part = np.float32(np.int32(at & np.uint32(_FRACTION_MASK))) * part_of
        one = dark[place] + part * (dark[place + 1] - dark[place])
        two = bright[place] + part * (bright[place + 1] - bright[place])
        wave[n] = one + other * (two - one)
    return (phase + count * increment + count * (count - 1) * growth) & (TURN - 1)


@kernel
def sustain(  # noqa: PLR0912, PLR0915 -- one loop, whose state the compiler keeps in registers
    out: NDArray[np.float32],
    tones: NDArray[np.float64],
    firsts: NDArray[np.int64],
    waves: NDArray[np.float32],
    noise: NDArray[np.float32],
) -> None:
    """Add voices to `out`.

    Parameters
    ----------
    out : float32 array, shape (frames, 2)
        At `RATE_HZ`.
    tones : float64 array, shape (tones, COLUMNS)
        Voice by voice in order of start; a voice plays one tone at a time.
    firsts : int64 array, shape (voices + 1,)
        The number of each voice's first tone, and that of all tones.
    waves : float32 array, shape (dynamics, LEVELS, TABLE_SIZE + 1)
        `dynamics` or `registration`.
    noise : float32 array
        `hiss`.
    """
    wave, frames = np.zeros(BLOCK, dtype=np.float32), len(out)
    block_s = SHORT_BLOCK / RATE_HZ
    brightest = len(waves) - 1
    scoop_fall, accent_fall = math.exp(-block_s / _SCOOP_S), math.exp(-block_s / _ACCENT_S)
    quick = 1.0 - math.exp(-block_s / _STOP_TAU_S)
    swell_fall, chiff_fall = math.exp(-block_s / _SWELL_S), math.exp(-block_s / _CHIFF_S)
    for voice in range(len(firsts) - 1):
        row, last = firsts[voice], firsts[voice + 1]
        phase, level, pitch, glide, full = 0, 0.0, 0.0, 1.0, 1.0
        rise, fall = 1.0, 0.0
        age_s, since_s, dip = 0.0, 0.0, 0.0
        scoop, accent, swell, chiff = 0.0, 0.0, 0.0, 0.0
        hiss_at = (voice * _ELSEWHERE) & 0xFFFF
        held, tone, before = False, tones[row], 0
        frame = int(tone[ON])
        while frame < frames:
            if row < last and int(tones[row, ON]) <= frame:
                tone = tones[row]
                row += 1
                if tone[JOINED] > 0.0 and level > 0.0:
                    dip, scoop = tone[DIP], 0.0
                    rise = 1.0 - math.exp(-block_s / _JOIN_TAU_S)
                    glide = 1.0 - math.exp(-3.0 * block_s / tone[GLIDE_S])
                else:
                    # What still sounds is stopped first, and its phase goes on: a jump would click.
                    dip = _STOP if level > 0.0 else 0.0
                    if level == 0.0:
                        phase = int(tone[PHASE] * TURN)
                    age_s, glide, pitch, before = 0.0, 1.0, tone[PITCH], 0
                    scoop = tone[SCOOP_CENTS]
                    rise = 1.0 - math.exp(-block_s * _ATTACK_TAUS / tone[ATTACK_S])
                fall = math.exp(-block_s * 6.91 / tone[RELEASE_S])
                accent, swell, chiff = tone[ACCENT], tone[SWELL], tone[CHIFF]
                since_s, held = 0.0, True
                full = max(tone[LEVEL], 1e-6)
            held = held and frame < tone[OFF]
            # A tone that has settled moves half as often.
            is_settled = held and since_s > _SETTLED_S and tone[OFF] - frame >= BLOCK
            count = min(BLOCK if is_settled else SHORT_BLOCK, frames - frame)
            times = 2 if is_settled else 1
            if row < last and tones[row, ON] < frame + count:
                count = max(int(tones[row, ON]) - frame, 1)
            if not held and level < _QUIET:
                if row == last:
                    break
                frame = max(int(tones[row, ON]), frame + 1)
                level = 0.0
                continue
            from_level = level
            if held:
                wanted = full * (1.0 + accent) * (1.0 + tone[SWELL] - swell)
                if since_s < _DIP_S:
                    wanted *= 1.0 - dip
                pace = quick if since_s < _DIP_S and dip > 0.0 else rise
                level += (wanted - level) * (pace if times == 1 else pace * (2.0 - pace))
            else:
                level *= fall
                if level < _QUIET:
                    level = 0.0
            pitch += (tone[PITCH] - pitch) * (glide if times == 1 else glide * (2.0 - glide))
            ramp = min(max((age_s - tone[VIBRATO_S]) / 0.4, 0.0), 1.0)
            swing = ramp * math.sin(_TURN_RADIANS * (tone[VIBRATO_HZ] * age_s + 7.0 * tone[PHASE]))
            wander = math.sin(_TURN_RADIANS * (0.61 * age_s + 3.0 * tone[PHASE]))
            wander += 0.6 * math.sin(_TURN_RADIANS * (1.73 * age_s + 11.0 * tone[PHASE]))
            cents = swing * tone[VIBRATO_CENTS] + wander * tone[DRIFT_CENTS] + scoop
            octave = _A4_OCTAVE + (pitch - 69.0) / 12.0 + cents / 1200.0
            hertz = 2.0**octave
            # The effort: how many octaves above the fundamental the source reaches.
            effort = tone[CUTOFF] + tone[FOLLOW] * (min(level / full, 1.6) - 1.0) + tone[VIBRATO_DB] * swing / 6.0
            place = min(max(2.0 * (effort - octave - LOWEST_CUTOFF), 0.0), float(brightest))
            dark = min(int(place), max(brightest - 1, 0))
            bright = min(dark + 1, brightest)
            table = level_of(hertz)
            increment = int(hertz / RATE_HZ * TURN)
            if before == 0:
                before = increment
            growth = (increment - before) // (2 * count)
            phase = _read(wave, count, waves[dark, table], waves[bright, table], place - dark, phase, before, growth)
            before = increment
            loud = 2.0 ** (tone[VIBRATO_DB] * swing / 6.0)
            now, step = from_level * loud, (level - from_level) * loud / count
            breath = tone[NOISE] + chiff
            if breath > 1e-3:
                # Breath and bow are heard most where the source's own swing is widest.
                steady, swung = np.float32(0.6 * breath), np.float32(1.2 * breath)
                for n in range(count):
                    wave[n] += (steady + swung * abs(wave[n])) * noise[hiss_at + n]
                hiss_at = (hiss_at + count) & 0xFFFF
            left, right = np.float32(tone[LEFT] * now), np.float32(tone[RIGHT] * now)
            left_step, right_step = np.float32(tone[LEFT] * step), np.float32(tone[RIGHT] * step)
            here = out[frame : frame + count]
            for n in range(count):
                place_in = np.float32(n + 1)
                here[n, 0] += (left + left_step * place_in) * wave[n]
                here[n, 1] += (right + right_step * place_in) * wave[n]
            for _ in range(times):
                scoop *= scoop_fall
                accent *= accent_fall
                swell *= swell_fall
                chiff *= chiff_fall
            frame += count
            age_s += count / RATE_HZ
            since_s += count / RATE_HZ
