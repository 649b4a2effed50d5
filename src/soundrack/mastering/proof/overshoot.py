"""What a lossy encoder adds to peaks and takes from loudness: foreseen on excerpts, and met where it was found.

An encoder's error lies some 45 dB below the song, and where it happens to add to a peak that the limiter has put
exactly on the ceiling, the decoded file exceeds it, by 0.1 to 1.5 dB. By how much depends on the song, so no fixed
margin is both safe and loud. It can be tried out on a few seconds: LAME makes of an excerpt very nearly what it makes
of the same place in the whole song. What the worst of all places will be is extrapolated from those.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.encoding import Format, write
from soundrack.audio.files import read
from soundrack.audio.gain import STEP_FRAMES, under_gain
from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.audio.true_peak import peak_curve
from soundrack.mastering.plan import LimiterStep
from soundrack.mastering.rendering.limiter import limiting_curve

_EXCERPT_S, _FADE_S, _EDGE_S = 1.2, 0.01, 0.1
_WINDOW_S = 0.25
_EXCERPTS = 12
_DENSE_SHARE = 0.5
_NEAR = 10.0 ** (-0.5 / 20.0)
"""A peak this near to the ceiling can be taken over it by the encoder."""
_TAIL = 0.5
"""How much of an exponential tail is believed: what is found in excerpts falls off faster in most music."""


@dataclass(frozen=True)
class Foreseen:
    """By how much a lossy file will probably exceed its ceiling, 0.0 or more, and how much loudness it will lose."""

    excess_db: float
    lost_lu: float


def foreseen(
    samples: NDArray[np.float32],
    curve: NDArray[np.float32],
    peaks: NDArray[np.float32],
    rate_hz: int,
    ceiling: float,
    format: Format,
    folder: Path,
) -> Foreseen:
    """Foresee what a lossy encoder will do to a song that keeps its ceiling itself.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        The song before its gain.
    curve : float32 array, shape (points_for(frames),)
        Its gain.
    peaks : float32 array, shape (points_for(frames) - 1,)
        Its true peaks before the gain (:func:`~soundrack.audio.true_peak.peak_curve`).
    rate_hz : int
        Sample rate.
    ceiling : float
        Magnitude, full scale = 1.0.
    format : Format
        A lossy one.
    folder : Path
        Where the excerpts' file may lie for a moment.

    Returns
    -------
    Foreseen
        From at most a dozen excerpts, together 14 s.
    """
    length = round(_EXCERPT_S * rate_hz) // STEP_FRAMES
    near = peaks * curve[1:] > ceiling * _NEAR
    places, whole = _places(near, length)
    excerpts = np.concatenate(
        [_excerpt(samples, curve, place * STEP_FRAMES, length * STEP_FRAMES, rate_hz) for place in places]
    )
    decoded = _decoded(excerpts, rate_hz, format, folder)
    loudness = [integrated_lufs(hop_power(sound, rate_hz)) for sound in (excerpts, decoded)]
    lost_lu = loudness[0] - loudness[1] if math.isfinite(min(loudness)) else 0.0
    if not near.any():
        return Foreseen(0.0, lost_lu)
    # What lies lower than this does not bear on the highest.
    found = peak_curve(decoded, ceiling * 10.0 ** (-0.2 / 20.0), oversampling=16)
    window, edge = round(_WINDOW_S * rate_hz) // STEP_FRAMES, round(_EDGE_S * rate_hz) // STEP_FRAMES
    highest = [
        found[start : start + window].max(initial=0.0)
        for number in range(len(places))
        for start in range(number * length + edge, (number + 1) * length - edge - window + 1, window)
    ]
    excess_db = np.sort(20.0 * np.log10(np.maximum(np.array(highest, dtype=np.float64) / ceiling, 0.9)))
    upper = excess_db[len(excess_db) // 2 :]
    unseen = math.log(max(whole * length / window / len(excess_db), 1.0))
    return Foreseen(max(float(upper[-1] + _TAIL * unseen * (upper.mean() - upper[0])), 0.0), lost_lu)


def dips(
    decoded: NDArray[np.float32], points: int, rate_hz: int, ceiling: float, further_db: float, step: LimiterStep
) -> NDArray[np.float32]:
    """Return a gain curve that takes down where a decoded file exceeds its ceiling, and is exactly 1.0 elsewhere.

    Where nothing changes an encoder does again what it did: the rest of the file stays below the ceiling.

    Parameters
    ----------
    decoded : float32 array, shape (frames, channels), C-contiguous
        The file's sound, frame by frame in the place of the song's.
    points : int
        Length of the curve.
    rate_hz : int
        Sample rate.
    ceiling : float
        Magnitude, full scale = 1.0.
    further_db : float
        How much more than the excess is taken.
    step : LimiterStep
        The times of the gain.
    """
    over = peak_curve(decoded, ceiling, oversampling=16)[: points - 1] / np.float32(ceiling)
    over = np.where(over > 1.0, over * np.float32(10.0 ** (further_db / 20.0)), np.float32(0.0))
    return limiting_curve(np.pad(over, (0, points - 1 - len(over))), 1.0, rate_hz, step)


def _places(near: NDArray[np.bool_], length: int) -> tuple[list[int], int]:
    """Return where excerpts begin, in steps, and how many excerpts' worth there is near the ceiling.

    Half of them where most peaks are near it, half evenly from all other places where any is; where none is, they are
    taken evenly from the whole song.
    """
    whole = -(-len(near) // length)
    padded = np.pad(near, (0, whole * length - len(near)))
    counts = padded.reshape(whole, length).sum(axis=1)
    if not counts.any():
        counts += 1
    order = np.argsort(-counts, kind="stable")[: int((counts > 0).sum())]
    if len(order) <= _EXCERPTS:
        chosen = order
    else:
        dense = int(_DENSE_SHARE * _EXCERPTS)
        rest = np.linspace(dense, len(order) - 1, _EXCERPTS - dense).astype(int)
        chosen = np.concatenate((order[:dense], order[rest]))
    return sorted(int(place) * length for place in chosen), len(order)


def _excerpt(
    samples: NDArray[np.float32], curve: NDArray[np.float32], start: int, frames: int, rate_hz: int
) -> NDArray[np.float32]:
    """Return a part of the song under its gain, faded at both ends, followed by silence where the song ends."""
    out = np.zeros((frames, samples.shape[1]), dtype=np.float32)
    part = under_gain(samples[start : start + frames], start, curve)
    out[: len(part)] = part
    fade = np.linspace(0.0, 1.0, round(_FADE_S * rate_hz), dtype=np.float32)[:, None]
    out[: len(fade)] *= fade
    out[len(out) - len(fade) :] *= fade[::-1]
    return out


def _decoded(samples: NDArray[np.float32], rate_hz: int, format: Format, within: Path) -> NDArray[np.float32]:
    with tempfile.TemporaryDirectory(prefix="excerpt-", dir=within) as folder:
        path = Path(folder, "excerpt")
        write(path, samples, rate_hz, format)
        return read(path).samples
