"""Delivery: write the master, then measure what was written.

What a customer hears is the decoded file. Dither, and far more a lossy encoder, move peaks. The file is therefore
decoded and measured at sixteen times its rate, and if its true peak lies above the ceiling the limiter is told where,
and by how much, and the file is written anew. Encoding costs more than everything else, so that what a lossy encoder
will add is tried out on a few seconds first. A file that cannot be brought below its ceiling is not delivered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.encoding import BLOCK_FRAMES, NO_TAGS, Format, write_blocks
from soundrack.audio.files import Limits, read, room_for
from soundrack.audio.gain import under_gain
from soundrack.audio.loudness import hop_power
from soundrack.audio.measurement import Measurement
from soundrack.audio.spectrum import MidSideLevels, mid_side_levels_db
from soundrack.audio.tags import Tags
from soundrack.errors import Internal
from soundrack.mastering.plan import MasteringPlan
from soundrack.mastering.proof.overshoot import Foreseen, dips, foreseen
from soundrack.mastering.rendering.level import Level, Leveller
from soundrack.mastering.rendering.limiter import gain_reduction, reduction_over_time_db
from soundrack.mastering.session import Session
from soundrack.mastering.song import Song, listened
from soundrack.progress import Progress

LOSSLESS = frozenset({Format.WAV, Format.FLAC})

_MOST_ROUNDS, _ANEW_AFTER = 5, 3
"""How often a file is written at most, and after which round the whole level is found anew: an encoder that has been
met twice in its places, and still exceeds the ceiling elsewhere, needs more room everywhere."""
_MARGIN_DB = 0.03
"""What the limiter stays below the ceiling: what its own interpolation can miss."""
_HAIR_DB = 0.01
"""What a file must stay below its ceiling: two right interpolators read a peak so differently."""
_USUAL_DB, _MOST_FORESEEN_DB = 0.2, 0.6
"""What a lossy encoder usually adds, and what is given up for it everywhere at most: what is more is met in its
place, by another round."""
_CLOSE_DB = 0.04
_LOST_LU, _MOST_LOST_LU = 0.004, 1.0
"""From where on it is worth making up loudness that an encoder takes, and how much is made up at most."""
_FURTHER_DB = {True: 0.01, False: 0.05}
_LAST_DB = 0.2
_CLOSE_LU = 0.021
_LOOKED_AT_S = 100.0
"""What is looked at of a long master for its spectrum: enough for its tilt, which is all that is judged, within 0.1 dB
per octave."""


@dataclass(frozen=True)
class Delivery:
    """A written master: how it was levelled, what the decoded file is, and in how many rounds.

    `master` is the decoded file with its meters, `balance` its third-octave levels. `margin_db` is how far below the
    ceiling the limiter stayed for what the format adds.
    """

    level: Level
    master: Song
    balance: MidSideLevels
    rounds: int
    margin_db: float


@dataclass(frozen=True)
class Shared:
    """What several deliveries of one song share.

    `power` is :func:`~soundrack.audio.loudness.hop_power` of the song; `room` (of
    :func:`~soundrack.audio.files.room_for`) takes each decoded file in turn, so that a delivery's samples are there
    until the next one.
    """

    power: NDArray[np.float64]
    room: NDArray[np.float32]

    @classmethod
    def of(cls, samples: NDArray[np.float32], rate_hz: int) -> Self:
        """Return it for a song that is to be delivered."""
        return cls(hop_power(samples, rate_hz), room_for(*samples.shape))


def deliver(
    samples: NDArray[np.float32],
    session: Session,
    destination: Path,
    progress: Progress,
    *,
    shared: Shared | None = None,
) -> Delivery:
    """Bring a song to its loudness, write it as ordered, and prove the file; see :func:`deliver_as`."""
    return deliver_as(
        samples,
        session.rate_hz,
        destination,
        session.plan,
        session.order.format,
        progress,
        tags=session.tags,
        shared=shared,
    )


def deliver_as(
    samples: NDArray[np.float32],
    rate_hz: int,
    destination: Path,
    plan: MasteringPlan,
    format: Format,
    progress: Progress,
    *,
    tags: Tags = NO_TAGS,
    shared: Shared | None = None,
) -> Delivery:
    """Bring a song to its loudness, write it, and prove the file.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        The song before levelling. Where the plan has a soft clipper its peaks are clipped in place, else it is not
        changed; nor is it with `shared`, once this returns.
    rate_hz : int
        Its sample rate, which is that of the file.
    destination : Path
        Where to write.
    plan : MasteringPlan
        Its saturation, limiter and loudness are done here.
    format : Format
        Of the file.
    progress : Progress
        Told of each step, from 0 to 1.
    tags : Tags
        What the file says of the song: in it before it is proven.
    shared : Shared, optional
        If the song is delivered more than once.

    Raises
    ------
    Internal
        If the decoded file's true peak cannot be brought below the ceiling.
    """
    loudness, lossless = plan.loudness, format in LOSSLESS
    progress("level", 0.0)
    power, room = (None, None) if shared is None else (shared.power, shared.room)
    leveller = Leveller(samples, rate_hz, plan.limiter, plan.saturation, power=power, keep=shared is not None)
    margin_db = _MARGIN_DB + (0.0 if lossless else _USUAL_DB)
    goal_lufs = loudness.target_lufs
    level = leveller.level(goal_lufs, loudness.ceiling_db - margin_db)
    if not lossless:
        coming = _foreseen(samples, rate_hz, leveller, level, format, destination.parent)
        wanted_db = _MARGIN_DB + min(coming.excess_db, _MOST_FORESEEN_DB)
        if abs(wanted_db - margin_db) > _CLOSE_DB or abs(coming.lost_lu) > _LOST_LU:
            margin_db = wanted_db
            goal_lufs += min(max(coming.lost_lu, -_MOST_LOST_LU), _MOST_LOST_LU)
            level = leveller.level(goal_lufs, loudness.ceiling_db - margin_db)
    excess_db = 0.0
    for round_ in range(1, _MOST_ROUNDS + 1):
        left = 0.1 ** (round_ - 1)  # a second round is rare: the first has nine tenths of the scale
        progress("write", 1.0 - 0.75 * left)
        blocks = _rendered(samples, level.curve)
        write_blocks(destination, blocks, rate_hz, samples.shape[1], format, tags=tags)
        progress("verify", 1.0 - 0.4 * left)
        decoded = _decoded(destination, len(samples), rate_hz, samples.shape[1], room)
        master = listened(decoded, rate_hz)
        excess_db = master.measurement.true_peak_db - (loudness.ceiling_db - _HAIR_DB)
        if excess_db <= 0.0:
            level = _judged(level, master.measurement, loudness.target_lufs)
            if shared is not None:
                leveller.put_back()
            return Delivery(level, master, _balance(decoded, rate_hz), round_, margin_db)
        progress("level", 1.0 - 0.1 * left)
        if round_ != _ANEW_AFTER:
            level = _dipped(level, decoded, rate_hz, plan, round_ * _FURTHER_DB[lossless])
        else:
            margin_db += excess_db + _LAST_DB
            level = leveller.level(goal_lufs, loudness.ceiling_db - margin_db)
    raise Internal(f"The master's true peak stayed {excess_db:.2f} dB above the ceiling; it was not delivered.")


def _balance(decoded: NDArray[np.float32], rate_hz: int) -> MidSideLevels:
    return mid_side_levels_db(decoded, rate_hz, most_s=_LOOKED_AT_S)


def _foreseen(
    samples: NDArray[np.float32], rate_hz: int, leveller: Leveller, level: Level, format: Format, folder: Path
) -> Foreseen:
    ceiling = 10.0 ** (leveller.highest_db(level) / 20.0)
    return foreseen(samples, level.curve, leveller.peaks, rate_hz, ceiling, format, folder)


def _dipped(level: Level, decoded: NDArray[np.float32], rate_hz: int, plan: MasteringPlan, further_db: float) -> Level:
    """Return a level with the gain a little lower where a decoded file exceeds the ceiling."""
    ceiling = 10.0 ** ((plan.loudness.ceiling_db - _HAIR_DB) / 20.0)
    curve = level.curve * dips(decoded, len(level.curve), rate_hz, ceiling, further_db, plan.limiter)
    limiting = curve / np.float32(10.0 ** (level.gain_db / 20.0))
    return replace(
        level,
        curve=curve,
        limiting=gain_reduction(limiting),
        reduction_db=reduction_over_time_db(limiting, rate_hz),
    )


def _judged(level: Level, measurement: Measurement, target_lufs: float) -> Level:
    """Return a level that counts as reached only if the file says so."""
    off_lu = measurement.integrated_lufs - target_lufs
    if not level.reached or abs(off_lu) <= _CLOSE_LU:
        return level
    return replace(
        level, reached=False, reason=f"the encoder moved the loudness by {off_lu:+.2f} LU more than was foreseen"
    )


def _rendered(samples: NDArray[np.float32], curve: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(samples), BLOCK_FRAMES):
        yield under_gain(samples[start : start + BLOCK_FRAMES], start, curve)


def _decoded(
    path: Path, frames: int, rate_hz: int, channels: int, room: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """Decode a written master, without limits: it is ours, and as long as its source."""
    samples = frames * channels
    generous = Limits(max_duration_s=2.0 * frames / rate_hz + 1.0, max_samples=2 * samples + rate_hz, min_rate_hz=1)
    return read(path, replace(generous, max_rate_hz=max(generous.max_rate_hz, rate_hz)), room=room).samples
