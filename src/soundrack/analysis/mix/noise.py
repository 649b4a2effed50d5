"""Checks of what should not be there: a constant, hum, hiss, clicks."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.mix.check import Check, Question, Verdict, above
from soundrack.analysis.mix.evidence import Evidence

_SILENT = "Nothing is louder than -70 LUFS."

_DC = Question("dc_offset", "DC offset", "% of full scale", "less than 0.3 %", 0.3)
_DC_PERCENT = 0.3, 2.0

_HUM = Question("hum", "Mains hum", "dB", "more than 60 dB below the song", 0.6)
_MAINS_HZ = (50.0, 60.0)
_OFF_HZ = 0.25
"""How far a line may be from a multiple of the mains' frequency, which itself is kept within 0.1 Hz."""
_MULTIPLES = (1, 2, 3, 4, 5, 6, 8, 10)
_FEWEST = 2
_LEAST_WINDOWS = 6
_QUIETEST = 10.0
"""Percentile over the windows: music comes and goes, and hum stays."""
_STANDS_OUT_DB, _STEADY_DB = 12.0, 6.0
_BESIDE_HZ = (1.5, 6.0)
_HUM_DB = -60.0, -45.0

_HISS = Question("noise_floor", "Noise in the quiet passages", "dB", "more than 55 dB below the song", 0.5)
_HISS_HZ = 2000.0, 10_000.0
_FLAT = 0.5
"""Spectral flatness: 0.56 and more for noise that is averaged over few windows, below 0.2 for notes."""
_HISS_DB = -55.0, -42.0
_QUIET_LU = 25.0
"""A passage this far below the song is quiet enough for its noise to be told from music."""

_CLICKS = Question("clicks", "Clicks", "per minute", "none", 0.6)
_CLICKS_PER_MIN = 0.5, 6.0


def dc_offset(seen: Evidence) -> Check:
    """The channels' means."""
    worst = 100.0 * max(map(abs, seen.measurement.dc_offsets))
    advice = (
        f"The waveform is off its zero line by {worst:.2f} % of full scale, which costs headroom and clicks at edits. "
        "High-pass at 10 to 20 Hz, or remove the offset in the editor, before any other processing."
    )
    return _DC.answered(worst, above(worst, *_DC_PERCENT), advice, digits=3)


def hum(seen: Evidence) -> Check:
    """Lines at multiples of 50 or 60 Hz that are there all the time, relative to the song's loudness."""
    powers = seen.low.mid + seen.low.side
    if seen.silent or len(powers) < _LEAST_WINDOWS:
        return _HUM.unknown(_SILENT if seen.silent else "It is too short to tell a hum from a note.")
    there = np.percentile(powers, _QUIETEST, axis=0)
    usual = np.median(powers, axis=0)
    found = {mains_hz: _lines(there, usual, mains_hz, seen.low.bin_hz) for mains_hz in _MAINS_HZ}
    mains_hz = max(_MAINS_HZ, key=lambda hz: sum(found[hz].values()) if len(found[hz]) >= _FEWEST else 0.0)
    lines = found[mains_hz]
    if len(lines) < _FEWEST or not any(multiple <= 3 for multiple in lines):
        return _HUM.answered(None, Verdict.OK)
    level = 10.0 * math.log10(sum(lines.values())) - seen.measurement.integrated_lufs
    names = ", ".join(f"{multiple * mains_hz:.0f}" for multiple in sorted(lines))
    advice = (
        f"Mains hum at {names} Hz stands {-level:.0f} dB below the song all the way through. Look for a ground loop or "
        f"a bad cable; to repair it, notch {mains_hz:.0f} Hz and its multiples, narrow, by 20 dB, or use a hum remover."
    )
    return _HUM.answered(level, above(level, *_HUM_DB), advice)


def _lines(there: NDArray[np.float64], usual: NDArray[np.float64], mains_hz: float, bin_hz: float) -> dict[int, float]:
    """Return the power of the lines at multiples of a frequency that stand out, and always do, by multiple."""
    lines = {}
    near, far = (round(hz / bin_hz) for hz in _BESIDE_HZ)
    for multiple in _MULTIPLES:
        exact = multiple * mains_hz / bin_hz
        at = round(exact)
        if at + far >= len(there):
            continue
        around = there[at - near : at + near + 1]
        top = at - near + int(np.argmax(around))
        beside = np.concatenate((there[at - far : at - near], there[at + near + 1 : at + far + 1]))
        floor = float(np.median(beside)) + 1e-20
        left, middle, right = np.log(np.maximum(there[top - 1 : top + 2], 1e-30))
        bent = left - 2.0 * middle + right
        place = top + (0.5 * (left - right) / bent if bent < 0.0 else 0.0)
        on_it = abs(place - exact) * bin_hz <= _OFF_HZ * max(1.0, multiple / 4.0)
        steady = 10.0 * math.log10(float(usual[top]) / float(there[top])) <= _STEADY_DB if there[top] > 0.0 else False
        if on_it and steady and there[top] > floor * 10.0 ** (_STANDS_OUT_DB / 10.0):
            lines[multiple] = float(there[top - 1 : top + 2].sum())
    return lines


def noise_floor(seen: Evidence) -> Check:
    """What is left from 2 to 10 kHz in the quietest passages, where it is noise, relative to the song's loudness."""
    spectra = seen.spectra
    if seen.silent or not spectra.is_quiet.any() or _HISS_HZ[0] > 0.4 * seen.rate_hz:
        return _HISS.unknown(_SILENT if seen.silent else "There is no passage to tell it by.")
    quiet_db = 10.0 * math.log10(max(float(spectra.bands[spectra.is_quiet].sum(axis=1).max()), 1e-20))
    loud_db = 10.0 * math.log10(max(float(spectra.bands[spectra.is_loud].sum(axis=1).mean()), 1e-20))
    if quiet_db > loud_db - _QUIET_LU:
        return _HISS.unknown("No passage is quiet enough to hear its noise.")
    first, last = (int(min(hz, 0.45 * seen.rate_hz) / spectra.bin_hz) for hz in _HISS_HZ)
    powers = np.maximum(spectra.quiet[first:last], 1e-20)
    level = 10.0 * math.log10(float(powers.sum())) - seen.measurement.integrated_lufs
    # Hiss may rise or fall over the range: its flatness is that against its own slope.
    octaves = np.log(np.arange(first, last))
    flattened = np.log(powers) - np.polyval(np.polyfit(octaves, np.log(powers), 1), octaves)
    flatness = math.exp(float(flattened.mean())) / float(np.exp(flattened).mean())
    advice = (
        f"In the quietest passages there is noise {-level:.0f} dB below the song between 2 and 10 kHz. Gate or fade "
        "the tracks that rest, look for a gain that is turned up too late, or use a denoiser that takes 6 to 10 dB."
    )
    return _HISS.answered(level, above(level, *_HISS_DB) if flatness >= _FLAT else Verdict.OK, advice)


def clicks(seen: Evidence) -> Check:
    """Lone sharp bends per minute."""
    count = len(seen.clicks_s)
    per_min = 60.0 * count / seen.duration_s
    first = f"{int(seen.clicks_s[0] // 60)}:{seen.clicks_s[0] % 60.0:06.3f}" if count else ""
    advice = (
        f"{count} {'click' if count == 1 else 'clicks'}, the first at {first}. Look there for an edit without a "
        "crossfade, a dropped buffer or mouth noise, and draw or declick it."
    )
    verdict = above(per_min, *_CLICKS_PER_MIN) if count != 1 else Verdict.NOTICE
    return _CLICKS.answered(per_min, verdict, advice)
