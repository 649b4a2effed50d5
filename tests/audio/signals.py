"""Signals of the loudness standards, made from their descriptions (EBU Tech 3341 and 3342, 2023; ITU-R BS.2217)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, freqz, upfirdn

from soundrack.audio.channels import channel_weights
from soundrack.audio.dither import quantised
from soundrack.audio.loudness import (
    hop_power,
    integrated_lufs,
    k_weighting,
    loudness_range_lu,
    momentary_lufs,
    short_term_lufs,
)
from soundrack.audio.true_peak import true_peak_db

Samples = NDArray[np.float32]
Part = tuple[float, float | None]
"""Seconds and peak level in dBFS, None for silence."""


@dataclass(frozen=True)
class Case:
    """A signal and what a meter must read: the reading's name to its value, with how far below and above it may be."""

    name: str
    rate_hz: int
    samples: Samples
    expected: dict[str, tuple[float, float, float]]

    def readings(self) -> dict[str, float]:
        """Return what our meters say, under the names of what is expected."""
        power = hop_power(self.samples, self.rate_hz)
        momentary, short_term = momentary_lufs(power), short_term_lufs(power)
        meters = {
            "integrated": lambda: integrated_lufs(power),
            "range": lambda: loudness_range_lu(power),
            "momentary": lambda: float(momentary.max(initial=-math.inf)),
            "short_term": lambda: float(short_term.max(initial=-math.inf)),
            # after 1 s and 3 s, where the standard wants a constant reading
            "lowest_momentary": lambda: float(momentary[60:].min(initial=math.inf)),
            "lowest_short_term": lambda: float(short_term.min(initial=math.inf)),
            "true_peak": lambda: true_peak_db(self.samples),
        }
        return {name: meters[name]() for name in self.expected}

    def passes(self, name: str, reading: float) -> bool:
        """Tell whether a reading is within the tolerance of what is expected."""
        value, below, above = self.expected[name]
        return reading == value or value - below - 1e-6 <= reading <= value + above + 1e-6


def tone(
    parts: Sequence[Part], rate_hz: int = 48_000, *, frequency_hz: float = 1000.0, gains: Sequence[float] = (1.0, 1.0)
) -> Samples:
    """Return a sine whose level changes and whose phase does not, one column for each of `gains`."""
    lengths = [round(seconds * rate_hz) for seconds, _ in parts]
    levels = [0.0 if level is None else 10.0 ** (level / 20.0) for _, level in parts]
    sine = np.sin(2.0 * np.pi * frequency_hz * np.arange(sum(lengths)) / rate_hz) * np.repeat(levels, lengths)
    return np.asarray(sine[:, None] * np.asarray(gains), dtype=np.float32)


def _faded(samples: NDArray[np.float64], frames: int) -> NDArray[np.float64]:
    ramp = np.arange(frames) / frames
    samples[:frames] *= ramp
    samples[-frames:] *= ramp[::-1]
    return samples


def peak_sine(period: int, amplitude: float, phase_deg: float, rate_hz: int) -> Samples:
    """Tech 3341 cases 15 to 19: a sine of a whole number of samples a period, with fades of 10 ms."""
    n = np.arange(rate_hz)
    sine = amplitude * np.sin(2.0 * np.pi * n / period + math.radians(phase_deg))
    return np.repeat(_faded(sine, rate_hz // 100)[:, None], 2, axis=1).astype(np.float32)


def peak_burst(offset: int, rate_hz: int) -> Samples:
    """Tech 3341 cases 20 to 23: one loud period in a softer tone, made at four times the rate, taken with an offset."""
    frames, soft, loud = 4 * rate_hz, 24, 16
    before = frames // 2 // soft * soft
    after = frames - before - loud
    wave = np.concatenate(
        (
            0.5 * np.sin(2.0 * np.pi * np.arange(before) / soft),
            np.sin(2.0 * np.pi * np.arange(loud) / loud),
            0.5 * np.sin(2.0 * np.pi * np.arange(after) / soft),
        )
    )
    smooth = upfirdn(firwin(255, 0.25, window=("kaiser", 8.0)), _faded(wave, frames // 100))[127 : 127 + frames]
    return np.repeat(smooth[offset::4, None], 2, axis=1).astype(np.float32)


def k_gain_db(frequency_hz: float, rate_hz: int) -> float:
    """Return what K-weighting does to a frequency."""
    response = 1.0
    for b0, b1, b2, a1, a2 in k_weighting(rate_hz):
        _, h = freqz([b0, b1, b2], [1.0, a1, a2], worN=[frequency_hz], fs=rate_hz)
        response *= abs(h[0])
    return 20.0 * math.log10(response)


def _loudness(value: float) -> tuple[float, float, float]:
    return value, 0.1, 0.1


def _peak(value: float) -> tuple[float, float, float]:
    return value, 0.4, 0.2


def cases(rate_hz: int, channels: int = 2) -> Iterator[Case]:
    """Yield every case for file meters that can be synthesised, in stereo, or in mono at the same loudness."""
    mono = channels == 1

    def case(name: str, samples: Samples, **expected: tuple[float, float, float]) -> Case:
        return Case(name, rate_hz, np.ascontiguousarray(samples[:, :1]) if mono else samples, expected)

    def sine(*parts: Part, frequency_hz: float = 1000.0) -> Samples:
        """Return a tone whose level is that of each of two channels; one channel alone takes 3 dB more."""
        return tone(parts, rate_hz, frequency_hz=frequency_hz, gains=[math.sqrt(2.0)] if mono else [1.0, 1.0])

    at_23 = _loudness(-23.0)
    yield case("3341-1", sine((20, -23)), integrated=at_23, momentary=at_23, short_term=at_23)
    at_33 = _loudness(-33.0)
    yield case("3341-2", sine((20, -33)), integrated=at_33, momentary=at_33, short_term=at_33)
    yield case("3341-3", sine((10, -36), (60, -23), (10, -36)), integrated=at_23)
    yield case("3341-4", sine((10, -72), (10, -36), (60, -23), (10, -36), (10, -72)), integrated=at_23)
    yield case("3341-5", sine((20, -26), (20.1, -20), (20, -26)), integrated=at_23)
    yield case("3341-9", sine(*[(1.34, -20), (1.66, -30)] * 5), lowest_short_term=at_23, short_term=at_23)
    yield case("3341-12", sine(*[(0.18, -20), (0.22, -30)] * 25), lowest_momentary=at_23, momentary=at_23)
    for i in range(20):
        yield case(f"3341-10-{i + 1}", sine((i * 0.15, None), (3, -23), (1, None)), short_term=at_23)
        yield case(f"3341-13-{i + 1}", sine((i * 0.02, None), (0.4, -23), (1, None)), momentary=at_23)
    for number, period, amplitude, phase_deg, level in (
        (15, 4, 0.5, 0.0, -6.0),
        (16, 4, 0.5, 45.0, -6.0),
        (17, 6, 0.5, 60.0, -6.0),
        (18, 8, 0.5, 67.5, -6.0),
        (19, 4, 1.41, 45.0, 3.0),
    ):
        yield case(f"3341-{number}", peak_sine(period, amplitude, phase_deg, rate_hz), true_peak=_peak(level))
    for offset in range(4):
        yield case(f"3341-{20 + offset}", peak_burst(offset, rate_hz), true_peak=_peak(0.0))
    for number, levels, spread in (
        (1, (-20, -30), 10.0),
        (2, (-20, -15), 5.0),
        (3, (-40, -20), 20.0),
        (4, (-50, -35, -20, -35, -50), 15.0),
    ):
        yield case(f"3342-{number}", sine(*((20, level) for level in levels)), range=(spread, 1.0, 1.0))
    for target in (-23.0, -24.0):
        for frequency_hz in (25.0, 100.0, 500.0, 1000.0, 2000.0, 10_000.0):
            level = target + 0.691 - k_gain_db(frequency_hz, rate_hz)
            samples = sine((20, level), frequency_hz=frequency_hz)
            yield case(f"2217-{target:.0f}-{frequency_hz:.0f}Hz", samples, integrated=_loudness(target))
    pause, burst = (0.5, None), (0.5, -69.48)
    faint = sine((0.3, None), *[pause, burst] * 3, pause, (0.2, None))
    yield case("2217-AbsGate", _as_16_bits(faint), integrated=_loudness(-69.5))
    loud = sine(pause, (0.9, -19.9), (1.3, -7.1), (0.8, -19.9), pause)
    yield case("2217-RelGate", _as_16_bits(loud), integrated=_loudness(-10.0))
    full = tone([(20, 0)], rate_hz, frequency_hz=997.0, gains=[1.0])
    yield Case("1770-997Hz", rate_hz, full, {"integrated": (-3.01, 0.02, 0.02)})
    yield case("silence", np.zeros((5 * rate_hz, 2), dtype=np.float32), integrated=(-math.inf, 0.0, 0.0))


def surround_cases(rate_hz: int) -> Iterator[Case]:
    """Yield the cases of more than two channels: each channel's weight, their sum, the LFE that does not count."""

    def at(target: float, name: str, weights: Sequence[float], lfe: float = 0.0) -> Case:
        """Return a tone in the channels that have a weight, so loud that together they read the target."""
        gains = [1.0 if weight > 0.0 else lfe for weight in weights]
        level = target + 10.0 * math.log10(2.0 / sum(weights)) + 0.691 - k_gain_db(1000.0, rate_hz)
        return Case(name, rate_hz, tone([(5, level)], rate_hz, gains=gains), {"integrated": _loudness(target)})

    gains = [10.0 ** (level / 20.0) for level in (-28, -28, -24, -30, -30)]
    five = tone([(20, 0)], rate_hz, gains=gains)
    yield Case("3341-6", rate_hz, five, {"integrated": _loudness(-23.0)})
    weights = channel_weights(6)
    names = ("Left", "Right", "Centre", "LFE", "Ls", "Rs")
    for target in (-23.0, -24.0):
        for channel, name in enumerate(names):
            alone = np.where(np.arange(6) == channel, weights, 0.0)
            if name != "LFE":
                yield at(target, f"2217-{target:.0f}-{name}", alone.tolist())
        # a loud LFE beside front channels that alone make the target
        front = np.where(np.arange(6) < 2, weights, 0.0)
        beside = at(target, f"2217-{target:.0f}-LFE", front.tolist())
        beside.samples[:, 3] = 5.0 * beside.samples[:, 0]
        yield beside
        yield at(target, f"2217-{target:.0f}-Summing", weights.tolist(), lfe=3.0)
        for channels in (8, 10, 12, 24):
            yield at(target, f"1770-{target:.0f}-{channels}ch", channel_weights(channels).tolist(), lfe=3.0)


def _as_16_bits(samples: Samples) -> Samples:
    return np.asarray(quantised(samples, 16) / 32_768.0, dtype=np.float32)
