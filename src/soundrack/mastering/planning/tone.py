"""Tone: the song's long-term spectrum moved a little towards that of its genre's records, or far towards a reference.

What is compared are third-octave spectra of the loud parts. What is planned is a fraction of the difference, smoothed
and bounded, and bounded closer at both ends of the range, where there is little to hear and much to spoil.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.tone_curves import along
from soundrack.mastering.genres import STYLES, target_db
from soundrack.mastering.order import Order
from soundrack.mastering.plan import Phase, ToneStep
from soundrack.mastering.planning.profile import Profile
from soundrack.mastering.presets import CHARACTERS

_AMOUNT, _MOST_DB = 0.35, 2.5
"""At the usual intensity: how much of the difference to the target curve is made good, and how far at most."""
_MOST_BY_INTENSITY_DB = 4.0

_MOST_TO_REFERENCE_DB = 6.0
_EXTREMES_HZ = (40.0, 14_000.0)
_EMPTY_DB = 18.0
"""A band this far below where it should be holds nothing that a boost would bring out but noise."""

_JUDGED_HZ = (100.0, 8000.0)
"""The range over which two spectra are brought to the same level before their shapes are compared."""

_LINEAR_MOST_DB = 4.0
"""Beyond this a linear-phase filter can be heard to ring before a transient."""

_RUMBLE = ((5.0, -24.0), (12.0, -18.0))
"""Nothing is heard down there, and it costs headroom."""
_RUMBLE_END_HZ = 22.0

_OCTAVE = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
_THIRD = np.array([1.0, 2.0, 1.0]) / 4.0


def plan_tone(song: Profile, order: Order, reference: Profile | None) -> ToneStep | None:
    """Return the equalisation, None where none is wanted: at intensity 0 without a reference."""
    if reference is not None:
        return _towards_reference(song, reference, order.reference_amount)
    if order.intensity == 0.0:
        return None
    centres_hz, strength = song.balance.centres_hz, order.intensity / 50.0
    correction = correction_db(song.total_db, target_db(order.genre, centres_hz), centres_hz, strength)
    character = CHARACTERS[order.preset]
    gains = correction + strength * along(character.tilt_db, centres_hz)
    up, down = int(np.argmax(correction)), int(np.argmin(correction))
    return ToneStep(
        mid=_curve(centres_hz, gains),
        phase=_phase(gains),
        reason=(
            f"Tone: corrected towards {STYLES[order.genre].in_words} by {correction[down]:+.1f} dB at "
            f"{centres_hz[down]:.0f} Hz to {correction[up]:+.1f} dB at {centres_hz[up]:.0f} Hz; {character.in_words}."
        ),
    )


def correction_db(
    levels_db: NDArray[np.float64],
    wanted_db: NDArray[np.float64],
    centres_hz: NDArray[np.float64],
    strength: float = 1.0,
) -> NDArray[np.float64]:
    """Return how much each third octave should be moved towards a target curve.

    Parameters
    ----------
    levels_db, wanted_db, centres_hz : float64 arrays of the same shape
        The song's third-octave spectrum and the target, of which only the shape matters.
    strength : float
        1.0 for the usual, 0 to 2.

    Returns
    -------
    float64 array of that shape
        Gains within ±2.5 dB at the usual strength and ±4 dB at any; half of that, and no boost, below 40 Hz and above
        14 kHz; no boost where there is next to nothing to boost.
    """
    excess = _aligned(levels_db - wanted_db, centres_hz)
    most_db = min(_MOST_DB * strength, _MOST_BY_INTENSITY_DB)
    moved = np.clip(-_AMOUNT * strength * _smooth(np.clip(excess, -_EMPTY_DB, _EMPTY_DB), _OCTAVE), -most_db, most_db)
    moved = np.where(_extreme(centres_hz), np.clip(moved, -most_db / 2.0, 0.0), moved)
    return np.where(excess < -_EMPTY_DB, np.minimum(moved, 0.0), moved)


def _towards_reference(song: Profile, reference: Profile, amount: float) -> ToneStep | None:
    if amount == 0.0:
        return None
    centres_hz = song.balance.centres_hz
    mid = amount * match_db(song.balance.mid_db, reference.balance.mid_db, centres_hz, reference.balance.centres_hz)
    side = None
    if song.balance.side_db is not None and reference.balance.side_db is not None:
        side = amount * match_db(
            song.balance.side_db, reference.balance.side_db, centres_hz, reference.balance.centres_hz
        )
    up, down = int(np.argmax(mid)), int(np.argmin(mid))
    return ToneStep(
        mid=_curve(centres_hz, mid),
        side=None if side is None else _curve(centres_hz, side),
        phase=_phase(mid if side is None else np.concatenate((mid, side))),
        reason=(
            f"Tone: {100 * amount:.0f} % of the way to the reference's loud parts, by {mid[down]:+.1f} dB at "
            f"{centres_hz[down]:.0f} Hz to {mid[up]:+.1f} dB at {centres_hz[up]:.0f} Hz in the middle"
            f"{'' if side is None else ', the side on its own'}."
        ),
    )


def match_db(
    levels_db: NDArray[np.float64],
    reference_db: NDArray[np.float64],
    centres_hz: NDArray[np.float64],
    reference_hz: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the gains that give a spectrum the shape of another one.

    Parameters
    ----------
    levels_db, centres_hz : float64 arrays of the same shape
        The song's third-octave spectrum.
    reference_db, reference_hz : float64 arrays of the same shape
        The reference's, at its own rate: above its last band the song is left as its own last common band is.

    Returns
    -------
    float64 array of the song's shape
        Gains within ±6 dB, ±3 dB below 40 Hz and above 14 kHz; no boost where the song has next to nothing.
    """
    common = centres_hz <= reference_hz[-1] * 1.01
    lacking = _aligned(np.interp(np.log(centres_hz), np.log(reference_hz), reference_db) - levels_db, centres_hz)
    lacking = np.where(common, lacking, lacking[common][-1])
    moved = np.clip(_smooth(lacking, _THIRD), -_MOST_TO_REFERENCE_DB, _MOST_TO_REFERENCE_DB)
    half_db = _MOST_TO_REFERENCE_DB / 2.0
    moved = np.where(_extreme(centres_hz), np.clip(moved, -half_db, half_db), moved)
    return np.where(lacking > _EMPTY_DB, np.minimum(moved, 0.0), moved)


def _aligned(difference_db: NDArray[np.float64], centres_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    judged = (centres_hz >= _JUDGED_HZ[0]) & (centres_hz <= _JUDGED_HZ[1])
    return difference_db - np.median(difference_db[judged])


def _smooth(values_db: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    smooth: NDArray[np.float64] = np.convolve(np.pad(values_db, len(weights) // 2, mode="edge"), weights, "valid")
    return smooth


def _extreme(centres_hz: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((centres_hz < _EXTREMES_HZ[0]) | (centres_hz > _EXTREMES_HZ[1]))


def _phase(gains_db: NDArray[np.float64]) -> Phase:
    return Phase.MINIMUM if float(np.abs(gains_db).max()) > _LINEAR_MOST_DB else Phase.LINEAR


def _curve(centres_hz: NDArray[np.float64], gains_db: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    points = [(round(hz, 1), round(db, 2)) for hz, db in zip(centres_hz.tolist(), gains_db.tolist(), strict=True)]
    return (*_RUMBLE, (_RUMBLE_END_HZ, points[0][1]), *points)
