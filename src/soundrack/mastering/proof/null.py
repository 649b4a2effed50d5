"""The null track: the master less its source, which is what mastering changed.

A gain is no change that one wants to hear there, so the source is first brought to the gain at which least is left.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from soundrack.audio.encoding import BLOCK_FRAMES, Format, write
from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.audio.resampling import resampled
from soundrack.audio.true_peak import true_peak_db
from soundrack.mastering.proof.alignment import check_pair
from soundrack.mastering.proof.preview import HIGHEST_PEAK_DB, loudest_start

_MOST_LAG_S = 0.05
"""What is looked for: filters and encoders delay by less."""
_COMPARED_S = 10.0
_LEAST_CORRELATION = 0.1
"""Below this, where two sounds correlate best is chance."""


@dataclass(frozen=True)
class Null:
    """What was left of a master without its source.

    `lag_frames` is by how much the master is late, in its own frames; `source_gain_db` the gain of the source at which
    least was left, ``-inf`` where no gain helps. `loudness_lufs` is that of what was left, and `level_lu` that relative
    to the master's: both ``-inf`` where nothing was. `written_gain_db`, 0 or less, kept the file below -1 dBTP.
    """

    lag_frames: int
    source_gain_db: float
    loudness_lufs: float
    level_lu: float
    written_gain_db: float

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for JSON, None for what is infinite."""
        return {name: None if value == -math.inf else value for name, value in asdict(self).items()}


def write_null(
    source: NDArray[np.float32],
    source_rate_hz: int,
    master: NDArray[np.float32],
    master_rate_hz: int,
    path: Path,
    *,
    format: Format = Format.FLAC,
    offset_frames: int = 0,
) -> Null:
    """Write a master less its source, at the level it has in the master.

    Parameters
    ----------
    source, master : float32 arrays, shape (frames, channels), C-contiguous
        Full scale = 1.0, the same number of channels. One more array of the master's size is made, two where the rates
        differ.
    source_rate_hz, master_rate_hz : int
        Sample rates; the file has the master's length and rate.
    path : Path
        Where to write; a file there is replaced. If anything fails, none is left.
    format : Format
        Of the file, at the usual depth or bit rate (:func:`~soundrack.audio.encoding.write_blocks`).
    offset_frames : int
        The source's frame that is the master's first, as after cutting silence.

    Returns
    -------
    Null
        What was done and what was left. The lag, up to 50 ms either way, is where both correlate best around the
        loudest 10 s; the gain is that of least squares over the whole song.

    Raises
    ------
    ValueError
        If channels differ, or the offset lies outside the source.
    Invalid, UnsupportedFormat, ResourcesExhausted
        As :func:`~soundrack.audio.encoding.write`.
    """
    check_pair(source, master, offset_frames)
    theirs = resampled(source[offset_frames:], source_rate_hz, master_rate_hz)
    power = hop_power(master, master_rate_hz)
    lag = _lag(theirs, master, master_rate_hz, power)
    gain = _gain(theirs, master, lag)
    left = master.copy()
    for here, there in _blocks(theirs, left, lag):
        np.subtract(there, np.float32(gain) * here, out=there)
    loudness, whole = integrated_lufs(hop_power(left, master_rate_hz)), integrated_lufs(power)
    written_gain_db = min(HIGHEST_PEAK_DB - true_peak_db(left), 0.0)
    left *= np.float32(10.0 ** (written_gain_db / 20.0))
    write(path, left, master_rate_hz, format)
    return Null(
        lag_frames=lag,
        source_gain_db=20.0 * math.log10(gain) if gain > 0.0 else -math.inf,
        loudness_lufs=loudness,
        level_lu=loudness - whole if math.isfinite(loudness) else -math.inf,
        written_gain_db=written_gain_db,
    )


def _lag(theirs: NDArray[np.float32], master: NDArray[np.float32], rate_hz: int, power: NDArray[np.float64]) -> int:
    """Return how many frames the master is late, 0 where that cannot be told."""
    most = round(_MOST_LAG_S * rate_hz)
    start = loudest_start(power, round(_COMPARED_S * 100)) * round(rate_hz / 100)
    stop = min(start + round(_COMPARED_S * rate_hz), len(master), len(theirs))
    size = scipy.fft.next_fast_len(max(stop - start, 0) + 2 * most + 1, real=True)
    both, energies = np.zeros(size // 2 + 1, dtype=np.complex128), np.zeros(2)
    for channel in range(master.shape[1]):
        parts = [sound[start:stop, channel].astype(np.float64) for sound in (theirs, master)]
        first, second = (scipy.fft.rfft(part, size) for part in parts)
        both += np.conj(first) * second
        energies += [np.square(part).sum() for part in parts]
    correlation = scipy.fft.irfft(both, size)
    near = np.concatenate((correlation[-most:], correlation[: most + 1]))
    best = int(np.argmax(near))
    return best - most if near[best] > _LEAST_CORRELATION * math.sqrt(energies.prod()) else 0


def _gain(theirs: NDArray[np.float32], master: NDArray[np.float32], lag: int) -> float:
    """Return the gain of least squares, 0.0 where it would be negative."""
    product = square = 0.0
    for here, there in _blocks(theirs, master, lag):
        exact = here.astype(np.float64)
        product += float(np.einsum("nc,nc->", exact, there))
        square += float(np.einsum("nc,nc->", exact, exact))
    return max(product / square, 0.0) if square > 0.0 else 0.0


def _blocks(
    theirs: NDArray[np.float32], master: NDArray[np.float32], lag: int
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Yield the source and the master block by block where both play, the source `lag` frames earlier."""
    stop = min(len(master), len(theirs) + lag)
    for start in range(max(lag, 0), stop, BLOCK_FRAMES):
        end = min(start + BLOCK_FRAMES, stop)
        yield theirs[start - lag : end - lag], master[start:end]
