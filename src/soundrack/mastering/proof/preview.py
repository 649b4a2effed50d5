"""Previews: the loudest half minute of the source and of the master, equally loud, to be compared by ear.

Louder sounds better, so a comparison at different levels compares levels.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.encoding import Format, write
from soundrack.audio.loudness import HOPS_PER_S, hop_power, integrated_lufs
from soundrack.audio.true_peak import true_peak_db
from soundrack.mastering.proof.alignment import check_pair, common_step, excerpt

PREVIEW_S = 30.0
HIGHEST_PEAK_DB = -1.0

_FADE_S = 0.05
"""Enough for no click. Matchering fades over a second; here both begin and end in the loudest part, and a listener who
switches between them should meet its full level at once."""


@dataclass(frozen=True)
class Preview:
    """What was written: where in the master it begins, how long it is, and both gains, none of them above 0 dB.

    `loudness_lufs` is that of both files, None where either is silent or shorter than 400 ms: such are not matched.
    """

    start_s: float
    duration_s: float
    loudness_lufs: float | None
    source_gain_db: float
    master_gain_db: float

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for JSON."""
        return asdict(self)


def loudest_start(power: NDArray[np.float64], hops: int) -> int:
    """Return the first of the `hops` in a row with the most K-weighted power together, 0 if there are no more.

    Examples
    --------
    >>> loudest_start(np.array([1.0, 1.0, 5.0, 4.0, 1.0]), 2)
    2
    """
    if len(power) <= hops:
        return 0
    sums = np.concatenate(([0.0], np.cumsum(power)))
    return int(np.argmax(sums[hops:] - sums[:-hops]))


def write_previews(
    source: NDArray[np.float32],
    source_rate_hz: int,
    master: NDArray[np.float32],
    master_rate_hz: int,
    power: NDArray[np.float64],
    source_path: Path,
    master_path: Path,
    *,
    format: Format = Format.FLAC,
    duration_s: float = PREVIEW_S,
    offset_frames: int = 0,
) -> Preview:
    """Write the loudest part of a source and of its master, equally loud.

    Parameters
    ----------
    source, master : float32 arrays, shape (frames, channels), C-contiguous
        Full scale = 1.0, the same number of channels.
    source_rate_hz, master_rate_hz : int
        Sample rates; both files have the master's.
    power : float64 array, shape (hops,)
        The master's K-weighted power (:func:`~soundrack.audio.loudness.hop_power`), in which the loudest part is
        looked for.
    source_path, master_path : Path
        Where to write; files there are replaced. If anything fails, neither is left.
    format : Format
        Of both files, at the usual depth or bit rate (:func:`~soundrack.audio.encoding.write_blocks`).
    duration_s : float
        Length of the files; of a shorter master all is written.
    offset_frames : int
        The source's frame that is the master's first, as after cutting silence.

    Returns
    -------
    Preview
        What was done. Both have the loudness of the quieter one, or less where a true peak would still lie above
        -1 dBTP, so that neither is ever turned up.

    Raises
    ------
    ValueError
        If channels differ, or the offset lies outside the source.
    Invalid, UnsupportedFormat, ResourcesExhausted
        As :func:`~soundrack.audio.encoding.write`.
    """
    check_pair(source, master, offset_frames)
    start, frames = _window(len(master), master_rate_hz, power, duration_s, common_step(source_rate_hz, master_rate_hz))
    theirs = excerpt(source, source_rate_hz, master_rate_hz, start, frames, offset_frames=offset_frames)
    ours = master[start : start + frames].copy()
    for sound in (theirs, ours):
        _fade(sound, master_rate_hz)
    loudness, gains_db = _matched(theirs, ours, master_rate_hz)
    try:
        for path, sound, gain_db in ((source_path, theirs, gains_db[0]), (master_path, ours, gains_db[1])):
            write(path, sound * np.float32(10.0 ** (gain_db / 20.0)), master_rate_hz, format)
    except BaseException:
        source_path.unlink(missing_ok=True)
        master_path.unlink(missing_ok=True)
        raise
    return Preview(start / master_rate_hz, frames / master_rate_hz, loudness, *gains_db)


def _window(length: int, rate_hz: int, power: NDArray[np.float64], duration_s: float, step: int) -> tuple[int, int]:
    """Return first frame and length of the loudest part, beginning where a frame of the source does."""
    frames = min(round(duration_s * rate_hz), length)
    hop = round(rate_hz / HOPS_PER_S)
    start = min(loudest_start(power, round(duration_s * HOPS_PER_S)) * hop, length - frames)
    return start // step * step, frames


def _fade(samples: NDArray[np.float32], rate_hz: int) -> None:
    """Fade in and out in place by half a period of a raised cosine, over half of what is shorter than two fades."""
    frames = min(round(_FADE_S * rate_hz), len(samples) // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * np.arange(frames) / max(frames, 1))).astype(np.float32)[:, None]
    samples[:frames] *= ramp
    samples[len(samples) - frames :] *= ramp[::-1]


def _matched(
    theirs: NDArray[np.float32], ours: NDArray[np.float32], rate_hz: int
) -> tuple[float | None, tuple[float, float]]:
    """Return the common loudness and both gains, 0 dB at most."""
    levels = [integrated_lufs(hop_power(sound, rate_hz)) for sound in (theirs, ours)]
    least = min(levels)
    gains_db = [least - level if math.isfinite(least) else 0.0 for level in levels]
    peaks_db = [true_peak_db(sound) + gain_db for sound, gain_db in zip((theirs, ours), gains_db, strict=True)]
    room_db = min(HIGHEST_PEAK_DB - max(peaks_db), 0.0)
    common = least + room_db if math.isfinite(least) else None
    return common, (gains_db[0] + room_db, gains_db[1] + room_db)
