"""The subtractive synthesiser: two oscillators, a sub-oscillator and noise through a filter, driven, enveloped."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.instruments.envelopes import ATTACK, IDLE, RELEASE, moved
from soundrack.composition.instruments.filters import (
    FORMANT,
    HIGH_PASS,
    LADDER,
    LOW_PASS_12,
    LOW_PASS_24,
    NO_FILTER,
    STATES,
    formants,
    ladder,
    low_pass_24,
    slope_of,
    soft,
    state_variable,
)
from soundrack.composition.instruments.lfo import lfo_value
from soundrack.composition.instruments.oscillators import HIGHEST_HZ, RATE_HZ, TURN, add_wave, level_of, read_wave

BLOCK = 64
"""Most frames for which pitch and wave stand still; cutoff and level move along straight lines."""
MOST_OVERSAMPLING = 4
ON, OFF, PITCH, VELOCITY, LEGATO, LFO_HZ, ACCENT, MUTED = range(8)
"""Columns of what a tone is to the kernel: frames, MIDI number, 0 to 1, whether it continues the one before, Hz or 0
for the patch's, and two that are 0 or 1."""
PHASES = 24
"""Columns of the phases with which oscillators begin, in turns: of the first's voices, the second, the sub-oscillator,
the noise and the two low-frequency oscillators."""
SECOND, SUB, NOISE, LFO, SCAN = 16, 17, 18, 19, 20

_MIDDLE = 60.0
_USUAL_VELOCITY = 0.7
_VELOCITY_TAU_S = 0.002
_ACCENT_GAIN, _ACCENT_OCTAVES, _ACCENT_RESONANCE = 1.3, 1.0, 0.1
_MUTED_OCTAVES = -1.5
_HIGHEST_CUTOFF_HZ = 19_000.0
_ELSEWHERE = 7919
_BUFFER = BLOCK * MOST_OVERSAMPLING
_WAVE, _SUB, _SPARE, _ROWS = 2, 3, 4, 8
"""Rows of what is computed in, after the two channels."""

STATE = np.dtype([(name, np.float64) for name in (
    "level", "stage", "cutoff_level", "cutoff_stage", "pitch", "target", "bend", "hertz", "loud", "wanted", "velocity",
    "accent", "muted", "lfo_hz", "lfo_turns", "scan_turns", "since_s", "swing", "gain", "from_gain", "g", "from_g",
    "held", "off", "hiss",
)])  # fmt: skip
"""A voice while it plays."""


@kernel
def render(
    out: NDArray[np.float32],
    tones: NDArray[np.float64],
    phases: NDArray[np.float64],
    firsts: NDArray[np.int64],
    patch: Any,
    state: Any,
    first_waves: NDArray[np.float32],
    second_waves: NDArray[np.float32],
    unison: NDArray[np.float64],
    noise: NDArray[np.float32],
    taps: NDArray[np.float64],
) -> None:
    """Add the sound of voices to `out`.

    Parameters
    ----------
    out : float32 array, shape (frames, 2)
        At `RATE_HZ`.
    tones : float64 array, shape (tones, 8)
        Columns as named above, voice by voice in order of start; a voice plays one tone at a time.
    phases : float64 array, shape (tones, PHASES)
        In turns, 0 to 1. They count where a tone begins from silence.
    firsts : int64 array, shape (voices + 1,)
        The number of each voice's first tone, and that of all tones.
    patch : record array, shape (1,)
        `patches.RECORD`.
    state : record array, shape (1,)
        `STATE`, to compute in.
    first_waves, second_waves : float32 array, shape (frames, LEVELS, TABLE_SIZE + 1)
        Wavetables.
    unison : float64 array, shape (3, voices)
        Of the first oscillator.
    noise : float32 array, shape (2 ** n,)
        White.
    taps : float64 array
        Impulse response of the low-pass before every `patch.output_oversampling`-th sample is taken.
    """
    past = len(taps) - 1
    buffers = np.zeros((_ROWS, _BUFFER), dtype=np.float32)
    history = np.zeros((2, past + _BUFFER))
    states = np.zeros((2, STATES))
    running = np.zeros(PHASES, dtype=np.int64)
    p, s = patch[0], state[0]
    channels = 2 if p.output_stereo > 0.0 else 1
    for voice in range(len(firsts) - 1):
        first, last = firsts[voice], firsts[voice + 1]
        s.level, s.stage, s.cutoff_level, s.cutoff_stage, s.held = 0.0, IDLE, 0.0, IDLE, 0.0
        history[:] = 0.0
        blocked = np.zeros(2)
        frame = int(tones[first, ON])
        while frame < len(out):
            while first < last and int(tones[first, ON]) <= frame:
                _begin(s, p, states, running, tones[first], phases[first], len(noise))
                first += 1
            if s.held > 0.0 and frame >= s.off:
                _let_go(s)
            if s.stage == IDLE:
                if first == last:
                    break
                frame = int(tones[first, ON])
                continue
            count = min(int(p.output_step), len(out) - frame)
            if first < last:
                count = min(count, int(tones[first, ON]) - frame)
            if s.held > 0.0:
                count = min(count, int(s.off) - frame)
            many = count * int(p.output_oversampling)
            _advance(s, p, count / RATE_HZ)
            _clear(buffers, many)
            _oscillate(buffers, channels, many, s, p, running, first_waves, second_waves, unison)
            _hiss(buffers, channels, many, s, p, noise)
            _filter(buffers, channels, many, s, p, states)
            if past == 0 and p.output_drive_db <= 0.0:
                _give_plain(out[frame : frame + count], buffers, channels, s, p, blocked)
                frame += count
                continue
            for channel in range(channels):
                _drive(buffers[channel], many, s, p, history[channel, past:])
                _give(out[frame : frame + count], channel, channels, p, history[channel], taps, blocked)
                for n in range(past):
                    history[channel, n] = history[channel, n + many]
            frame += count


@kernel
def _begin(
    s: Any,
    p: Any,
    states: NDArray[np.float64],
    running: NDArray[np.int64],
    tone: NDArray[np.float64],
    phases: NDArray[np.float64],
    noise_length: int,
) -> None:
    """Begin a tone: from silence, anew, or as the continuation of the one before."""
    s.target, s.off, s.velocity, s.accent, s.muted = tone[PITCH], tone[OFF], tone[VELOCITY], tone[ACCENT], tone[MUTED]
    s.wanted = (s.velocity / _USUAL_VELOCITY) ** p.amplitude_velocity * (1.0 + (_ACCENT_GAIN - 1.0) * s.accent)
    fresh = s.stage == IDLE
    if fresh:
        for number in range(PHASES):
            running[number] = int(phases[number] * TURN) & (TURN - 1)
        s.hiss = math.floor(phases[NOISE] * noise_length)
        s.loud, s.gain, s.g = s.wanted, 0.0, -1.0
        s.scan_turns = phases[SCAN]
        states[:] = 0.0
    if fresh or tone[LEGATO] == 0.0:
        s.stage, s.cutoff_stage, s.since_s, s.held = ATTACK, ATTACK, 0.0, 1.0
        s.bend = p.bend_semitones
        s.lfo_turns = phases[LFO]
        s.pitch = s.target
    s.lfo_hz = p.lfo_hz
    if tone[LFO_HZ] > 0.0:
        s.lfo_hz, s.lfo_turns = tone[LFO_HZ], 0.0
    s.held = 1.0


@kernel
def _let_go(s: Any) -> None:
    s.held = 0.0
    if s.stage != IDLE:
        s.stage = RELEASE
    if s.cutoff_stage != IDLE:
        s.cutoff_stage = RELEASE


@kernel
def near(value: float, target: float) -> float:
    """Return a value, or its target where they can no longer be told apart."""
    return target if abs(value - target) < 1e-6 else value


@kernel
def _advance(s: Any, p: Any, seconds: float) -> None:
    """Move everything but the sound itself to the end of the block."""
    s.level, s.stage = moved(
        s.level, int(s.stage), seconds, p.amplitude_attack_s, p.amplitude_decay_s, p.amplitude_sustain,
        p.amplitude_release_s,
    )  # fmt: skip
    s.cutoff_level, s.cutoff_stage = moved(
        s.cutoff_level, int(s.cutoff_stage), seconds, p.envelope_attack_s, p.envelope_decay_s * (1.0 - 0.4 * s.accent),
        p.envelope_sustain, p.envelope_release_s,
    )  # fmt: skip
    s.since_s += seconds
    s.lfo_turns += s.lfo_hz * seconds
    s.scan_turns += p.scan_hz * seconds
    s.swing = lfo_value(int(p.lfo_shape), s.lfo_turns)
    if p.lfo_delay_s > 0.0:
        s.swing *= min(s.since_s / p.lfo_delay_s, 1.0)
    if s.pitch != s.target:
        s.pitch = near(s.pitch + (s.target - s.pitch) * (1.0 - math.exp(-seconds / p.glide_tau_s)), s.target)
    if s.bend != 0.0:
        s.bend = near(s.bend * math.exp(-seconds / p.bend_tau_s), 0.0)
    if s.loud != s.wanted:
        s.loud = near(s.loud + (s.wanted - s.loud) * (1.0 - math.exp(-seconds / _VELOCITY_TAU_S)), s.wanted)
    s.hertz = 440.0 * 2.0 ** ((s.pitch - 69.0 + s.bend + p.lfo_cents * s.swing / 100.0) / 12.0)
    s.from_gain = s.gain
    s.gain = s.level * s.loud
    if p.lfo_amplitude_db > 0.0:
        s.gain *= 10.0 ** (p.lfo_amplitude_db * (s.swing - 1.0) / 40.0)
    octaves = (
        p.filter_key * (s.pitch - _MIDDLE) / 12.0
        + p.filter_envelope * s.cutoff_level * (1.0 - p.filter_touch + p.filter_touch * s.velocity / _USUAL_VELOCITY)
        + p.filter_velocity * (s.velocity - _USUAL_VELOCITY)
        + p.lfo_octaves * s.swing
        + _ACCENT_OCTAVES * s.accent * s.cutoff_level
        + _MUTED_OCTAVES * s.muted
    )
    g = slope_of(min(p.filter_cutoff_hz * 2.0**octaves, _HIGHEST_CUTOFF_HZ), RATE_HZ * p.output_oversampling)
    s.from_g = g if s.g < 0.0 else s.g
    s.g = g


@kernel
def _oscillate(
    buffers: NDArray[np.float32],
    channels: int,
    many: int,
    s: Any,
    p: Any,
    running: NDArray[np.int64],
    first_waves: NDArray[np.float32],
    second_waves: NDArray[np.float32],
    unison: NDArray[np.float64],
) -> None:
    """Add the oscillators to the channels' buffers."""
    turn_hz = TURN / (RATE_HZ * p.output_oversampling)
    if p.first_level > 0.0:
        scan = p.first_scan * math.sin(2.0 * math.pi * s.scan_turns)
        place = p.first_position + p.first_envelope * s.cutoff_level + p.first_lfo * s.swing + scan
        place = min(max(place, 0.0), 1.0) * (len(first_waves) - 1)
        before = int(place)
        base = s.hertz * 2.0 ** ((p.first_semitones + p.first_cents / 100.0) / 12.0)
        which = level_of(base * unison[0, unison.shape[1] - 1])
        wave, other = buffers[_WAVE], buffers[_SPARE]
        for number in range(unison.shape[1]):
            step = int(min(base * unison[0, number], HIGHEST_HZ) * turn_hz)
            start = running[number]
            if place == before and channels == 2:
                left = np.float32(p.first_level * unison[1, number])
                right = np.float32(p.first_level * unison[2, number])
                table = first_waves[before, which]
                running[number] = add_wave(buffers[0], buffers[1], many, table, start, step, left, right)
                continue
            running[number] = read_wave(wave, many, first_waves[before, which], start, step)
            if place > before:
                read_wave(other, many, first_waves[before + 1, which], start, step)
                part = np.float32(place - before)
                for n in range(many):
                    wave[n] += part * (other[n] - wave[n])
            for channel in range(channels):
                gain = np.float32(p.first_level * unison[1 + channel, number])
                for n in range(many):
                    buffers[channel, n] += gain * wave[n]
    if p.second_level > 0.0:
        base = min(s.hertz * 2.0 ** ((p.second_semitones + p.second_cents / 100.0) / 12.0), HIGHEST_HZ)
        wave = buffers[_WAVE]
        running[SECOND] = read_wave(wave, many, second_waves[0, level_of(base)], running[SECOND], int(base * turn_hz))
        for channel in range(channels):
            gain = np.float32(p.second_level)
            for n in range(many):
                buffers[channel, n] += gain * wave[n]
    if p.sub_level > 0.0:
        step = int(0.5**p.sub_octaves * s.hertz * turn_hz)
        for n in range(many):
            turns = ((running[SUB] + n * step) & (TURN - 1)) / TURN
            buffers[_SUB, n] = p.sub_level * math.sin(2.0 * math.pi * turns)
        running[SUB] = (running[SUB] + many * step) & (TURN - 1)


@kernel
def _clear(buffers: NDArray[np.float32], many: int) -> None:
    for n in range(many):
        buffers[0, n], buffers[1, n], buffers[_SUB, n] = 0.0, 0.0, 0.0


@kernel
def _hiss(buffers: NDArray[np.float32], channels: int, many: int, s: Any, p: Any, noise: NDArray[np.float32]) -> None:
    """Add noise to the channels' buffers, to each its own."""
    if p.noise_level > 0.0:
        start = int(s.hiss)
        for channel in range(channels):
            for n in range(many):
                buffers[channel, n] += p.noise_level * noise[(start + n + channel * _ELSEWHERE) & (len(noise) - 1)]
        s.hiss = (start + many) & (len(noise) - 1)


@kernel
def _filter(
    buffers: NDArray[np.float32], channels: int, many: int, s: Any, p: Any, states: NDArray[np.float64]
) -> None:
    """Filter the channels' buffers in place, and add the sub-oscillator before or after."""
    left, right = buffers[0], buffers[1]
    kind, rate_hz = int(p.filter_kind), RATE_HZ * p.output_oversampling
    resonance = min(p.filter_resonance + _ACCENT_RESONANCE * s.accent, 0.99)
    if p.sub_direct == 0.0:
        _add(buffers, channels, many)
    if kind == LADDER:
        for channel in range(channels):
            ladder(buffers[channel], many, states[channel], s.from_g, s.g, 4.0 * resonance, p.filter_drive)
    elif kind == FORMANT:
        vowel = p.filter_vowel + p.filter_envelope * s.cutoff_level + p.lfo_octaves * s.swing
        formants(left, right, buffers[_SPARE:], many, states, vowel, p.filter_shift, rate_hz)
        state_variable(left, right, many, states[:, 8:], s.from_g, s.g, 1.414, LOW_PASS_12)
    elif kind == LOW_PASS_24:
        low_pass_24(left, right, many, states, s.from_g, s.g, resonance)
    elif kind != NO_FILTER:
        state_variable(left, right, many, states, s.from_g, s.g, 1.414 * (1.0 - resonance) + 0.02, kind)
    if p.filter_highpass > 0.0:
        low = slope_of(s.hertz * p.filter_highpass, rate_hz)
        state_variable(left, right, many, states[:, 12:], low, low, 1.414, HIGH_PASS)
    if p.sub_direct > 0.0:
        _add(buffers, channels, many)


@kernel
def _add(buffers: NDArray[np.float32], channels: int, many: int) -> None:
    for channel in range(channels):
        for n in range(many):
            buffers[channel, n] += buffers[_SUB, n]


@kernel
def _give_plain(
    out: NDArray[np.float32], buffers: NDArray[np.float32], channels: int, s: Any, p: Any, blocked: NDArray[np.float64]
) -> None:
    """Bring what is not driven to its level and add it to what is heard."""
    step, block = p.output_gain * (s.gain - s.from_gain) / len(out), p.output_block
    gain = p.output_gain * s.from_gain
    low, lower = blocked[0], blocked[1]
    left, right = buffers[0], buffers[channels - 1]
    for n in range(len(out)):
        here = gain + (n + 1) * step
        x, y = here * left[n], here * right[n]
        low += block * (x - low)
        lower += block * (y - lower)
        out[n, 0] += x - low
        out[n, 1] += y - lower
    blocked[0], blocked[1] = low, lower


@kernel
def _drive(buffer: NDArray[np.float32], many: int, s: Any, p: Any, line: NDArray[np.float64]) -> None:
    """Bring a channel to its level and push it into the limiting curve."""
    step, drive = (s.gain - s.from_gain) / many, 10.0 ** (p.output_drive_db / 20.0)
    rest = soft(p.output_bias)
    for n in range(many):
        value = (s.from_gain + (n + 1) * step) * buffer[n]
        line[n] = (soft(drive * value + p.output_bias) - rest) / math.sqrt(drive) if drive > 1.0 else value


@kernel
def _give(
    out: NDArray[np.float32],
    channel: int,
    channels: int,
    p: Any,
    line: NDArray[np.float64],
    taps: NDArray[np.float64],
    blocked: NDArray[np.float64],
) -> None:
    """Add a channel to what is heard, at the rate at which everything is played, without the offset of the drive."""
    oversampling = int(p.output_oversampling)
    for n in range(len(out)):
        total = 0.0
        if oversampling == 1:
            total = line[n]
        else:
            for tap in range(len(taps)):
                total += taps[tap] * line[n * oversampling + tap]
        blocked[channel] += p.output_block * (total - blocked[channel])
        total = p.output_gain * (total - blocked[channel])
        out[n, channel] += total
        if channels == 1:
            out[n, 1] += total
