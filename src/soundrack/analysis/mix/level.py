"""Checks of level: clipping, true peak, headroom, loudness."""

from __future__ import annotations

import math

from soundrack.analysis.mix.check import Check, Question, above, below
from soundrack.analysis.mix.evidence import Evidence
from soundrack.audio.containers import Container

_CLIPPING = Question("clipping", "Clipping", "flat tops per minute", "fewer than 2 flat tops a minute", 1.0)
_CLIPPED_PER_MIN = 2.0, 30.0
_CLIPPED_AT_LEAST = 3
"""A flat top or two in a file are not heard."""

_TRUE_PEAK = Question("true_peak", "True peak", "dBTP", "at most -1 dBTP", 0.6)
_TRUE_PEAK_DB = -0.95, 0.2
"""EBU R 128 allows -1 dBTP; what is over 0 is cut off by a converter, and coding adds more."""
_CODED_PEAK_DB = 0.0, 1.5
"""Of a lossy file: its coder has raised the peaks already."""
_LOSSY = (Container.MP3, Container.OGG, Container.M4A)

_HEADROOM = Question("headroom", "Recording level", "dBFS", "a sample peak above -18 dBFS", 0.3)
_PEAK_DB = -18.0, -36.0

_LOUDNESS = Question("loudness", "Loudness for streaming", "LUFS", "-16 to -9 LUFS; services play at about -14", 0.45)
_LOUD_LUFS = -9.0, -6.0
_QUIET_LUFS = -16.5, -24.0
_STREAMING_LUFS = -14.0


def clipping(seen: Evidence) -> Check:
    """Flat tops at the song's highest level, per minute."""
    found = seen.flat_tops
    per_min = 60.0 * found.count / seen.duration_s if found.count >= _CLIPPED_AT_LEAST else 0.0
    first_s = float(found.at_frames.min() / seen.rate_hz) if len(found.at_frames) else 0.0
    longest_ms = 1000.0 * found.longest_frames / seen.rate_hz
    advice = (
        f"The waveform is cut off {found.count} times, first at {_clock(first_s)}, for up to {longest_ms:.2f} ms. "
        "Go back to the mix and lower the channel, bus or limiter input that runs over, by 3 dB to begin with; "
        "what is already cut off needs a declipper before anything else."
    )
    return _CLIPPING.answered(per_min, above(per_min, *_CLIPPED_PER_MIN), advice)


def true_peak(seen: Evidence) -> Check:
    """The highest value between the samples."""
    peak = seen.measurement.true_peak_db
    if peak == -math.inf:
        return _TRUE_PEAK.unknown("There is no sound.")
    coded = seen.info.container in _LOSSY
    advice = (
        f"Peaks between the samples reach {peak:+.1f} dBTP. Lower the output by {peak + 1.0:.1f} dB, or set a "
        "true-peak limiter to -1 dBTP, so that converters and lossy coding have room."
    )
    return _TRUE_PEAK.answered(peak, above(peak, *(_CODED_PEAK_DB if coded else _TRUE_PEAK_DB)), advice, digits=2)


def headroom(seen: Evidence) -> Check:
    """Whether the level makes use of the file."""
    peak = seen.measurement.sample_peak_db
    if peak == -math.inf:
        return _HEADROOM.unknown("There is no sound.")
    advice = (
        f"The highest sample lies at {peak:.1f} dBFS. Raise the export by {-6.0 - peak:.0f} dB, so that noise and "
        "rounding stay as far below the music as they can."
    )
    return _HEADROOM.answered(peak, below(peak, *_PEAK_DB), advice)


def loudness(seen: Evidence) -> Check:
    """Integrated loudness beside what streaming services play."""
    level = seen.measurement.integrated_lufs
    if seen.silent:
        return _LOUDNESS.unknown("Nothing is louder than -70 LUFS.")
    difference = level - _STREAMING_LUFS
    if difference > 0.0:
        advice = (
            f"At {level:.1f} LUFS a streaming service turns this down by {difference:.1f} dB, and only what the "
            "limiter took away stays. Ease the limiter until the song reads -10 LUFS or less and compare at equal "
            "loudness."
        )
        return _LOUDNESS.answered(level, above(level, *_LOUD_LUFS), advice)
    room = -1.0 - seen.measurement.true_peak_db
    how = (
        f"raise it by {-difference:.1f} dB; the peaks have room for that"
        if room >= -difference
        else f"there is room for {max(room, 0.0):.1f} dB below -1 dBTP, the rest needs a limiter or a master"
    )
    advice = f"The song is {-difference:.1f} dB quieter than services play. To bring it to -14 LUFS, {how}."
    return _LOUDNESS.answered(level, below(level, *_QUIET_LUFS), advice)


def _clock(time_s: float) -> str:
    return f"{int(time_s // 60)}:{time_s % 60.0:05.2f}"
