"""The finish: the mastering engine's plan and its steps, each as a filter or a gain that stems can go through as well.

Of the engine's steps the soft clipper is left out, since what it takes away cannot be told apart by stems; at -14 LUFS
the limiter has little to do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.biquads import filter_in_place
from soundrack.audio.crossover import band_power, crossovers, mix_bands_in_place
from soundrack.audio.gain import under_gain
from soundrack.audio.measurement import measure
from soundrack.composition.effects import equaliser
from soundrack.composition.effects.equaliser import Section
from soundrack.composition.effects.sound import Curve, Sound
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.mastering import Order
from soundrack.mastering.genres import Genre
from soundrack.mastering.plan import DynamicsStep, MasteringPlan
from soundrack.mastering.planning import draw_up
from soundrack.mastering.planning.profile import profile
from soundrack.mastering.rendering.dynamics import reductions_db
from soundrack.mastering.rendering.level import Leveller
from soundrack.mastering.rendering.tone import shape_tone

CEILING_DB = -1.0
_MARGIN_DB = 0.1
"""How far below the ceiling the limiter stays, for dither and for what eightfold oversampling misses."""
_MOST_BUSY_DB, _MOST_DEPTH_DB = 14.0, 24.0
"""How far the limiter may go where the engine's usual bounds keep a short or sparse song from its loudness."""


@dataclass(frozen=True)
class _Bands:
    filters: NDArray[np.float32]
    gains: NDArray[np.float32]


@dataclass(frozen=True)
class Finish:
    """How a mix, and each of its stems, becomes a record.

    Parameters
    ----------
    tilt : tuple of sections
        The style's tilt.
    plan : MasteringPlan
        Tone and width.
    bands : gains of the multiband compressor, or None
        Worked out on the whole mix.
    curve : curve
        Level and limiter.
    reason : str or None
        Why it could not become as loud as wanted.
    """

    tilt: tuple[Section, ...]
    plan: MasteringPlan
    bands: _Bands | None
    curve: Curve
    reason: str | None

    def process(self, stem: Sound) -> Sound:
        """Return a stem as it is delivered; it is changed on the way."""
        _tilt(stem, self.tilt)
        shape_tone(stem, RATE_HZ, self.plan.tone, self.plan.width)
        _hold(stem, self.bands)
        return under_gain(stem, 0, self.curve, stem)


def finish(mix: Sound, genre: Genre, tilt_db: float, target_lufs: float) -> tuple[Finish, Sound]:
    """Finish a mix.

    Parameters
    ----------
    mix : float32 array, shape (frames, 2)
        At least 400 ms, not silent; changed on the way.
    genre : Genre
        Whose records its tone comes near to.
    tilt_db : float
        The style's own tilt.
    target_lufs : float
        Integrated loudness.

    Returns
    -------
    Finish, float32 array
        How it was done, and the record: at most `CEILING_DB` dBTP.
    """
    tilt = tuple(equaliser.tilt(tilt_db)) if tilt_db else ()
    _tilt(mix, tilt)
    order = Order(genre=genre, target_lufs=target_lufs, ceiling_db=CEILING_DB)
    plan = draw_up(profile(mix, RATE_HZ, measure(mix, RATE_HZ)), order)
    shape_tone(mix, RATE_HZ, plan.tone, plan.width)
    bands = _bands(mix, plan.dynamics)
    _hold(mix, bands)
    level = Leveller(mix, RATE_HZ, plan.limiter).level(target_lufs, CEILING_DB - _MARGIN_DB)
    if not level.reached:
        further = plan.limiter.model_copy(update={"most_busy_db": _MOST_BUSY_DB, "most_depth_db": _MOST_DEPTH_DB})
        level = Leveller(mix, RATE_HZ, further).level(target_lufs, CEILING_DB - _MARGIN_DB)
    return Finish(tilt, plan, bands, level.curve, level.reason), under_gain(mix, 0, level.curve, mix)


def _tilt(sound: Sound, tilt: tuple[Section, ...]) -> None:
    if tilt:
        filter_in_place(sound, np.array(tilt))


def _bands(mix: Sound, step: DynamicsStep | None) -> _Bands | None:
    """Return the gains of the engine's compressor for this mix, at the ends of its control blocks."""
    if step is None:
        return None
    filters = crossovers(RATE_HZ, step.crossovers_hz)
    held_db = reductions_db(band_power(mix, filters), RATE_HZ, step.bands)
    gains = 1.0 - np.float32(step.wet) * (1.0 - 10.0 ** (held_db / np.float32(-20.0)))
    return _Bands(filters, np.ascontiguousarray(np.concatenate((gains[:, :1], gains), axis=1).T, dtype=np.float32))


def _hold(sound: Sound, bands: _Bands | None) -> None:
    if bands is not None:
        mix_bands_in_place(sound, bands.filters, bands.gains)
