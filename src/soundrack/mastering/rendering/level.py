"""Loudness onto the target, under the ceiling.

More gain gives more loudness, but less of it the more the limiter takes back, so the gain is searched, without
rendering: the power of each 10 ms times the mean of the squared gain in it says what loudness a curve gives, within
some hundredths of what limiting costs. The search runs on coarse curves first, then on fine ones, and what it finds is
measured on the sound, unless limiting costs next to nothing. It ends a hair too loud and is closed by turning down,
which moves loudness by exactly as much and peaks only away from the ceiling.

Where a soft clipper comes first, what it must do depends on the gain, and the gain on what it does. The gain is guessed
on the sample peaks of blocks, each taken down as the clipper would, and their power by a third as many dB, about what
music loses; the song is clipped for that gain, once; then the gain is searched on what has become of the song. If
it ends more than 1 dB above the guess the song is clipped again, as far as the step's bound leaves room.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.gain import STEP_FRAMES
from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.audio.survey import block_peaks
from soundrack.audio.true_peak import peak_curve
from soundrack.mastering.plan import LimiterStep, SaturationStep
from soundrack.mastering.rendering.limiter import GainReduction, masked_frames, reduction_over_time_db
from soundrack.mastering.rendering.saturation import Clipping, merged, put_back, soft_clip
from soundrack.mastering.rendering.search import Try, guessed, searched, tried

_TOLERANCE_LU = 0.02
_SHORT_LU, _OVER_LU = 0.005, 0.04
"""What a measured try may be below the target, and above it, to be turned down."""
_CERTAIN_LU = 0.1
"""What limiting may cost in loudness for the prediction to be taken: it is off by some hundredths of that."""
_RESERVE_DB = 0.7
"""By how much more than the guessed gain the peaks are measured for: what sample peaks can miss."""
_FURTHER_DB = 1.5
_GUESS_OFF_DB = 1.0
_LEAST_ROOM_DB = 0.5
_COARSE = 8
_MOST_MEASURED = 5


@dataclass(frozen=True)
class Level:
    """How a song is brought to level.

    `curve` holds its gain, limiting included, for :func:`~soundrack.audio.gain.under_gain`; `loudness_lufs` is what the
    song has through it. `reached` says whether that is the target; if not, `reason` says what bound was in the way.
    `clipping` is None where there is no soft clipper. `reduction_db` holds the deepest gain reduction of each 100 ms.
    """

    curve: NDArray[np.float32]
    gain_db: float
    limiting: GainReduction
    clipping: Clipping | None
    loudness_lufs: float
    reached: bool
    reason: str | None
    reduction_db: NDArray[np.float64]

    @property
    def clipped_db(self) -> float:
        """How far the clipper took the highest peak down, 0.0 for not at all."""
        return 0.0 if self.clipping is None else self.clipping.most_db

    def as_dict(self) -> dict[str, Any]:
        """Return the statistics for JSON."""
        clipping = self.clipping
        return {
            "gain_db": self.gain_db,
            **asdict(self.limiting),
            "clipping": None
            if clipping is None
            else {"limit_db": clipping.limit_db, "most_db": clipping.most_db, "share": clipping.share},
        }


class Leveller:
    """Finds the level of one song. What is costly, the peaks above all, is kept between calls.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        The song, not silent. With `saturation` its peaks are clipped in place, by the first call of :meth:`level`.
    rate_hz : int
        Sample rate.
    limiter : LimiterStep
        Times and bounds of the limiter.
    saturation : SaturationStep, optional
        The soft clipper before it.
    power : float64 array, shape (hops,), optional
        :func:`~soundrack.audio.loudness.hop_power` of the song, where it is known.
    keep : bool
        Whether to keep what is clipped, for :meth:`put_back`.
    """

    def __init__(
        self,
        samples: NDArray[np.float32],
        rate_hz: int,
        limiter: LimiterStep,
        saturation: SaturationStep | None = None,
        *,
        power: NDArray[np.float64] | None = None,
        keep: bool = False,
    ) -> None:
        self._samples, self._rate_hz, self._limiter, self._saturation = samples, rate_hz, limiter, saturation
        self._power = hop_power(samples, rate_hz) if power is None else power
        self._keep = keep
        self._blocks = block_peaks(samples)
        self._clipping: Clipping | None = None
        self._floor = math.inf
        self._peaks = self._pooled = np.zeros(0, dtype=np.float32)

    @property
    def peaks(self) -> NDArray[np.float32]:
        """The song's true peaks as the limiter sees them, shape (steps,), exact where they matter to the last level."""
        return self._peaks

    def highest_db(self, level: Level) -> float:
        """Return the highest true peak under a level of this song, or a little more, dBTP."""
        ends = np.maximum(level.curve[:-1], level.curve[1:])
        peak = max(float((self._peaks * ends).max(initial=0.0)), float(self._blocks.max() * level.curve.min()))
        return 20.0 * math.log10(peak) if peak > 0.0 else -math.inf

    def level(self, target_lufs: float, ceiling_db: float) -> Level:
        """Return the gain that brings the song to the target, or as near as it comes without damage.

        Parameters
        ----------
        target_lufs : float
            Integrated loudness.
        ceiling_db : float
            Highest true peak, dBTP.
        """
        guess_db = self._guessed_db(target_lufs, ceiling_db)
        if self._saturation is not None and self._clipping is None:
            done = self._clip(self._saturation, ceiling_db - guess_db)
            found = self._found(target_lufs, ceiling_db, guess_db)
            room_db = self._saturation.most_db - done.most_db
            if found.gain_db - guess_db <= _GUESS_OFF_DB or room_db < _LEAST_ROOM_DB:
                return found
            guess_db = found.gain_db
            self._clip(self._saturation.model_copy(update={"most_db": room_db}), ceiling_db - guess_db)
        return self._found(target_lufs, ceiling_db, guess_db)

    def put_back(self) -> None:
        """Make the song what it was before its peaks were clipped. Its levels are of no more use then."""
        if self._clipping is not None:
            put_back(self._samples, self._clipping)

    def _guessed_db(self, target_lufs: float, ceiling_db: float) -> float:
        """Return about the gain that will be found, from the sample peaks of blocks."""
        coming = self._saturation if self._clipping is None else None
        return guessed(self._blocks, self._power, self._rate_hz, target_lufs, ceiling_db, self._limiter, coming).gain_db

    def _clip(self, step: SaturationStep, ceiling_below_gain_db: float) -> Clipping:
        limit = 10.0 ** ((ceiling_below_gain_db + step.left_db) / 20.0)
        done = soft_clip(self._samples, self._rate_hz, step, limit, peaks=self._blocks, keep=self._keep)
        self._clipping = done if self._clipping is None else merged(self._clipping, done)
        if done.share > 0.0:
            self._power, self._blocks = hop_power(self._samples, self._rate_hz), block_peaks(self._samples)
            self._floor = math.inf
        return done

    def _found(self, target_lufs: float, ceiling_db: float, guess_db: float) -> Level:
        def coarse(gain_db: float) -> Try:
            self._peaks_for(gain_db, ceiling_db)
            return tried(
                self._pooled, self._power, _COARSE * STEP_FRAMES, self._rate_hz, gain_db, ceiling_db, self._limiter
            )

        def fine(gain_db: float) -> Try:
            peaks = self._peaks_for(gain_db, ceiling_db)
            return tried(peaks, self._power, STEP_FRAMES, self._rate_hz, gain_db, ceiling_db, self._limiter)

        self._peaks_for(guess_db + _RESERVE_DB, ceiling_db)
        rough, slope = searched(coarse, guess_db, target_lufs, self._limiter, tolerance_db=0.004)
        start_db, goal_lufs = rough.gain_db, target_lufs
        tries: list[Try] = []
        for _ in range(_MOST_MEASURED):
            candidate, slope = searched(fine, start_db, goal_lufs, self._limiter, tolerance_db=0.015, slope=slope)
            found = self._measured(candidate)
            over_lu = found.loudness_lufs - target_lufs
            tries.append(found)
            bounded = over_lu < 0.0 and found.limiting.beyond_db(self._limiter) > -0.05
            if bounded or -_SHORT_LU <= over_lu <= _OVER_LU:
                return self._closed(found, target_lufs)
            goal_lufs -= over_lu - _SHORT_LU / 2.0
            start_db = found.gain_db - over_lu / slope
        return self._closed(min(tries, key=lambda each: abs(each.loudness_lufs - target_lufs)), target_lufs)

    def _peaks_for(self, gain_db: float, ceiling_db: float) -> NDArray[np.float32]:
        """Return the song's peaks, exact above what a gain leaves below the ceiling."""
        floor = 10.0 ** ((ceiling_db - gain_db) / 20.0)
        if floor < self._floor:
            again = math.isfinite(self._floor)
            floor *= 10.0 ** (-_FURTHER_DB / 20.0) if again else 1.0
            self._floor = floor
            apart = masked_frames(self._rate_hz, self._limiter)
            self._peaks = peak_curve(
                self._samples, floor, oversampling=self._limiter.oversampling, masked_frames=apart, peaks=self._blocks
            )
            self._pooled = _pooled(self._peaks)
        return self._peaks

    def _measured(self, found: Try) -> Try:
        """Replace the prediction by a measurement, unless limiting takes so little that the two are the same."""
        if found.lost_lu <= _CERTAIN_LU:
            return found
        curve = found.curve * np.float32(10.0 ** (found.gain_db / 20.0))
        return replace(found, loudness_lufs=integrated_lufs(hop_power(self._samples, self._rate_hz, curve)))

    def _closed(self, found: Try, target_lufs: float) -> Level:
        """Close what is left downwards; what is left upwards stays, and counts."""
        trim_db = min(target_lufs - found.loudness_lufs, 0.0)
        gain_db, loudness_lufs = found.gain_db + trim_db, found.loudness_lufs + trim_db
        reached = target_lufs - loudness_lufs <= _TOLERANCE_LU
        return Level(
            curve=found.curve * np.float32(10.0 ** (gain_db / 20.0)),
            gain_db=gain_db,
            limiting=found.limiting,
            clipping=self._clipping,
            loudness_lufs=loudness_lufs,
            reached=reached,
            reason=None if reached else _bound_in_words(found.limiting, self._limiter),
            reduction_db=reduction_over_time_db(found.curve, self._rate_hz),
        )


def _bound_in_words(reduction: GainReduction, limiter: LimiterStep) -> str:
    if reduction.busy_db - limiter.most_busy_db > reduction.most_db - limiter.most_depth_db:
        bound = f"{limiter.most_busy_db:g} dB in the busiest twentieth of the song"
    else:
        bound = f"{limiter.most_depth_db:g} dB on its highest peak"
    if reduction.beyond_db(limiter) < -0.1:
        return "more gain into the limiter makes the song no louder"
    return f"more loudness needs more limiting than {bound}"


def _pooled(peaks: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = np.pad(peaks, (0, -len(peaks) % _COARSE))
    pooled: NDArray[np.float32] = padded.reshape(-1, _COARSE).max(axis=1)
    return pooled
