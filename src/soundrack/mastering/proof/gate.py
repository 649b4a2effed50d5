"""The quality gate: what a master must be before it leaves, point by point.

Each point is a value with two bounds: beyond the first it is warned of, beyond the second it fails. The verdict on the
master is that of its worst point. Where the mix decides more than the master does, only what mastering made worse
fails; what the source brought is warned of.

Where the bounds come from:

- *loudness*: 0.02 LU is what is aimed at; 0.1 LU is what two correct meters may differ by (EBU Tech 3341, the tolerance
  of its test signals).
- *true_peak*: the ceiling asked for, to the last digit. Warned of is what lies above -1 dBTP, which AES TD1008
  recommends at the input of a lossy encoder, and a measurement at less than 16 times the rate, which can read low.
- *clipped_samples*: none.
- *offset*: 0.0001 (-80 dB) costs no headroom worth removing it for; a step of 0.001 (-60 dB) at the start is a click.
- *plr*: 8 and 6 dB, or what the ceiling leaves above the target less 0.5 and 1.5 dB where that is smaller, so that a
  loud target alone is not failed. Our own: PLR is never below PSR.
- *psr*: 8 dB is the least that Ian Shepherd, first author of "Measuring Micro-Dynamics - A First Step: Standardizing
  PSR, the Peak to Short-Term Loudness Ratio" (AES Convention 143, 2017), is quoted to advise
  (https://world.hey.com/larslentz/9-21-23-plr-psr-short-term-lufs-c7079460); 5 dB is our own.
- *loudness_range*: to lose 2 LU, or a quarter of what there was, is warned of, twice that fails: a correct meter may be
  off by 1 LU each time (EBU Tech 3342, the tolerance of its test signals).
- *limiter_busy*, *limiter_most*: what a plan's limiter may do at most unless it is edited, and two thirds of it.
- *limiter_time*: our own. What is limited by more than 3 dB for half of its length is not limited but flattened.
- *clipper*: our own. Beyond 6 dB a soft clipper is heard on more than drums.
- *mono*: unrelated channels lose 3 LU when folded down; what loses 6 LU has lost most of its power.
- *correlation*: usual stereo has 0.3 to 0.7 and does not stay negative (RTW, "Stereo Correlator",
  https://www.rtw.com/instrument_functions/en/Corr_EN.html); -0.2 is our own.
- *width*: our own. A side that rose or fell by 3 dB against the middle is another stereo image.
- *balance*: our own. 1.5 dB between left and right is seen on any meter, 3 dB is heard as off centre.
- *burst*: our own. What stands 8 LU above the whole decides how loud a levelling player plays the rest.
- *tilt*: our own. Finished music falls by some 3 dB per octave; 6 dB is dull, none is pink noise.
- *silent_start*, *silent_end*: distributors take at most 10 s of silence at either end (for instance
  https://support.omziki.com/knowledge/details/23/audio-files-requirements.html); 2 and 5 s are our own.
- *length*: to the frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

from soundrack.mastering.plan import LimiterStep
from soundrack.mastering.proof.evidence import Evidence

_STRICT_OVERSAMPLING = 16
_LIMITER = LimiterStep()
_USUAL_TILT_DB = -3.0
_FLOOR_DB = 40.0
"""A side this far below the middle, or above it, might as well be further."""


class Verdict(IntEnum):
    """How a point is judged; the greater, the worse."""

    PASS = 0
    WARN = 1
    FAIL = 2

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Point:
    """One point of the gate.

    `value` is what was measured, in `unit`. It is warned of beyond `warns_at` and fails beyond `fails_at`: below them
    where `fails_at` is the lesser, above them otherwise. All three are None where the point does not apply, which
    passes.
    """

    name: str
    verdict: Verdict
    value: float | None
    unit: str
    warns_at: float | None
    fails_at: float | None
    in_words: str

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for JSON, None for what is infinite."""
        told = asdict(self) | {"verdict": str(self.verdict)}
        return {key: None if isinstance(value, float) and math.isinf(value) else value for key, value in told.items()}


@dataclass(frozen=True)
class Gate:
    """All points, and the verdict on the master."""

    verdict: Verdict
    points: tuple[Point, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for JSON."""
        return {"verdict": str(self.verdict), "points": [point.as_dict() for point in self.points]}


def judged(evidence: Evidence) -> Gate:
    """Judge a master on every point."""
    points = tuple(point(evidence) for point in _POINTS)
    return Gate(max(point.verdict for point in points), points)


def _point(
    name: str,
    value: float,
    unit: str,
    bounds: tuple[float, float],
    fact: str,
    consequence: str,
    *,
    source: float | None = None,
    margin: float = 0.0,
) -> Point:
    """Hold a value against its bounds; with a `source`, fail only what is worse than that by more than `margin`."""
    sign = -1.0 if bounds[1] < bounds[0] else 1.0
    warns, fails = (sign * value > sign * bound for bound in bounds)
    verdict = Verdict.FAIL if fails else Verdict.WARN if warns else Verdict.PASS
    words = f"{fact}." if verdict is Verdict.PASS else f"{fact}: {consequence}."
    if verdict is Verdict.FAIL and source is not None and sign * value <= sign * source + margin:
        verdict, words = Verdict.WARN, f"{words} The source was so already."
    return Point(name, verdict, value, unit, *bounds, words)


def _not_judged(name: str, unit: str, why: str) -> Point:
    return Point(name, Verdict.PASS, None, unit, None, None, f"{why}.")


def _loudness(evidence: Evidence) -> Point:
    measured, target = evidence.after.integrated_lufs, evidence.target_lufs
    fact = f"The master has {measured:.2f} LUFS, {target:g} were asked for"
    miss_lu = abs(measured - target)
    consequence = "no further off than two meters may differ" if miss_lu <= 0.1 else "it is off its target"
    return _point("loudness", miss_lu, "LU", (0.02, 0.1), fact, consequence)


def _true_peak(evidence: Evidence) -> Point:
    measured, ceiling = evidence.after.true_peak_db, evidence.ceiling_db
    fact = f"The decoded master peaks at {measured:.2f} dBTP, the ceiling is {ceiling:g}"
    point = _point("true_peak", measured, "dBTP", (min(-1.0, ceiling), ceiling), fact, "a lossy encoder may overshoot")
    times = evidence.after.oversampling
    if times >= _STRICT_OVERSAMPLING or point.verdict is Verdict.FAIL:
        return point
    words = f"{point.in_words} It was read at {times} times the rate only, which can be too low."
    return Point("true_peak", Verdict.WARN, measured, "dBTP", point.warns_at, point.fails_at, words)


def _clipped_samples(evidence: Evidence) -> Point:
    count = evidence.after.clipped_samples
    return _point("clipped_samples", count, "", (0.0, 0.0), f"{count} samples at full scale", "it is clipped")


def _offset(evidence: Evidence) -> Point:
    offset = max(map(abs, evidence.after.dc_offsets))
    fact = f"The mean of its samples is at most {offset:.6f} of full scale"
    return _point("offset", offset, "of full scale", (1e-4, 1e-3), fact, "the constant costs headroom and clicks")


def _plr(evidence: Evidence) -> Point:
    room_db = evidence.ceiling_db - evidence.target_lufs
    bounds = min(8.0, room_db - 0.5), min(6.0, room_db - 1.5)
    value, source = evidence.after.plr_db, evidence.before.plr_db
    fact = f"Its peaks stand {value:.1f} dB above its loudness"
    return _point("plr", value, "dB", bounds, fact, "it is dense for its target", source=source, margin=0.5)


def _psr(evidence: Evidence) -> Point:
    value, source = evidence.after.psr_db, evidence.before.psr_db
    if not math.isfinite(evidence.after.max_short_term_lufs):
        return _not_judged("psr", "dB", "Too short or too quiet for a short-term loudness")
    fact = f"Its peaks stand {value:.1f} dB above its loudest 3 s"
    return _point("psr", value, "dB", (8.0, 5.0), fact, "little punch is left there", source=source, margin=0.5)


def _loudness_range(evidence: Evidence) -> Point:
    before, after = evidence.before.loudness_range_lu, evidence.after.loudness_range_lu
    bound = max(2.0, before / 4.0)
    fact = f"Its loudness range is {after:.1f} LU, the source's is {before:.1f}"
    return _point("loudness_range", before - after, "LU", (bound, 2.0 * bound), fact, "loud and soft have grown alike")


def _limiter_busy(evidence: Evidence) -> Point:
    value, most = evidence.reduction.busy_db, _LIMITER.most_busy_db
    fact = f"The limiter takes at most {value:.1f} dB for 95 % of the time"
    return _point("limiter_busy", value, "dB", (most * 2.0 / 3.0, most), fact, "it works hard, and may be heard to")


def _limiter_most(evidence: Evidence) -> Point:
    value, most = evidence.reduction.most_db, _LIMITER.most_depth_db
    fact = f"The limiter takes {value:.1f} dB off the highest peak"
    return _point("limiter_most", value, "dB", (most * 2.0 / 3.0, most), fact, "an attack there may be dulled")


def _limiter_time(evidence: Evidence) -> Point:
    value = 100.0 * evidence.reduction.over_3_db
    fact = f"The limiter takes more than 3 dB for {value:.0f} % of the time"
    return _point("limiter_time", value, "%", (20.0, 50.0), fact, "it flattens rather than limits")


def _clipper(evidence: Evidence) -> Point:
    value = evidence.reduction.clipped_db
    fact = f"The clipper takes {value:.1f} dB off the highest peak"
    return _point("clipper", value, "dB", (4.0, 6.0), fact, "it may be heard as distortion")


def _mono(evidence: Evidence) -> Point:
    value, source = evidence.after.mono_loss_lu, evidence.before.mono_loss_lu
    if value is None:
        return _not_judged("mono", "LU", "There is one channel, or silence")
    lost = f"{value:.1f} LU" if math.isfinite(value) else "all of its loudness"
    fact = f"Folded down to mono it loses {lost}"
    return _point("mono", value, "LU", (3.0, 6.0), fact, "parts of it vanish there", source=source, margin=0.5)


def _correlation(evidence: Evidence) -> Point:
    value, source = evidence.after.correlation, evidence.before.correlation
    if value is None:
        return _not_judged("correlation", "", "There is one channel, or one is silent")
    fact = f"The correlation of its channels is {value:.2f}"
    return _point(
        "correlation", value, "", (0.0, -0.2), fact, "they work against each other", source=source, margin=0.1
    )


def _width(evidence: Evidence) -> Point:
    before, after = (_side_over_mid(each.mid_db, each.side_db) for each in (evidence.before, evidence.after))
    if before is None or after is None:
        return _not_judged("width", "dB", "There is one channel")
    fact = f"Against the middle, the side moved by {after - before:+.1f} dB"
    return _point("width", abs(after - before), "dB", (3.0, 6.0), fact, "it is another stereo image")


def _side_over_mid(mid_db: float | None, side_db: float | None) -> float | None:
    if mid_db is None or side_db is None:
        return None
    if side_db == -math.inf:
        return -_FLOOR_DB
    return min(max(side_db - mid_db, -_FLOOR_DB), _FLOOR_DB)


def _balance(evidence: Evidence) -> Point:
    value, source = evidence.shape_after.balance_db, evidence.shape_before.balance_db
    if value is None:
        return _not_judged("balance", "dB", "There is one channel")
    fact = f"Left and right differ by {abs(value):.1f} dB" if math.isfinite(value) else "One channel is silent"
    was = None if source is None else abs(source)
    return _point("balance", abs(value), "dB", (1.5, 3.0), fact, "it leans to one side", source=was, margin=0.5)


def _burst(evidence: Evidence) -> Point:
    value, source = (each.max_short_term_lufs - each.integrated_lufs for each in (evidence.after, evidence.before))
    if not math.isfinite(evidence.after.max_short_term_lufs):
        return _not_judged("burst", "LU", "Too short or too quiet for a short-term loudness")
    fact = f"Its loudest 3 s lie {value:.1f} LU above the whole"
    return _point("burst", value, "LU", (8.0, 12.0), fact, "the rest will sound soft", source=source, margin=0.5)


def _tilt(evidence: Evidence) -> Point:
    tilt, was = evidence.shape_after.tilt_db, evidence.shape_before.tilt_db
    value, source = abs(tilt - _USUAL_TILT_DB), abs(was - _USUAL_TILT_DB)
    fact = f"Its spectrum tilts by {tilt:+.1f} dB per octave, {_USUAL_TILT_DB:g} is usual"
    how = "very bright" if tilt > _USUAL_TILT_DB else "very dull"
    return _point("tilt", value, "dB/octave", (3.0, 5.0), fact, f"it is {how}", source=source, margin=0.5)


def _silent_start(evidence: Evidence) -> Point:
    value = evidence.ends.start_s
    fact = f"It begins with {value:.2f} s of silence"
    return _point("silent_start", value, "s", (2.0, 10.0), fact, "a listener waits, a distributor may refuse it")


def _silent_end(evidence: Evidence) -> Point:
    value = evidence.ends.end_s
    fact = f"It ends with {value:.2f} s of silence"
    return _point("silent_end", value, "s", (5.0, 10.0), fact, "a listener waits, a distributor may refuse it")


def _length(evidence: Evidence) -> Point:
    value = abs(evidence.frames - evidence.frames_due)
    fact = f"It has {evidence.frames} frames of {evidence.frames_due}"
    return _point("length", value, "frames", (0.0, 0.0), fact, "something was lost or added")


_POINTS: tuple[Callable[[Evidence], Point], ...] = (
    _loudness,
    _true_peak,
    _clipped_samples,
    _offset,
    _plr,
    _psr,
    _loudness_range,
    _limiter_busy,
    _limiter_most,
    _limiter_time,
    _clipper,
    _mono,
    _correlation,
    _width,
    _balance,
    _burst,
    _tilt,
    _silent_start,
    _silent_end,
    _length,
)
