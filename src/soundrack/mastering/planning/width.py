"""Width: how much side a song has beside its middle, moved where it harms, or towards a reference."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.mastering.genres import STYLES
from soundrack.mastering.order import Order
from soundrack.mastering.plan import WidthStep
from soundrack.mastering.planning.profile import Profile

_MONO_DB = -50.0
"""A side this far below the middle is no stereo to work on: noise, or one microphone."""
_NARROW_DB, _WIDE_DB = -14.0, -3.0
_MOST_DB = 1.5
_BASS_CUT_DB = -12.0
_MOST_TO_REFERENCE_DB = 4.0
_JUDGED_HZ = (200.0, 8000.0)


def plan_width(song: Profile, order: Order, reference: Profile | None) -> WidthStep | None:
    """Return what is done to the side, None where that is nothing."""
    width_db = side_to_mid_db(song)
    if width_db is None or width_db < _MONO_DB:
        return None
    if reference is not None:
        return _towards_reference(width_db, reference, order.reference_amount)
    strength = min(order.intensity / 50.0, 1.5)
    if strength == 0.0:
        return None
    move_db, reasons = 0.0, []
    if width_db < _NARROW_DB:
        move_db = strength * min((_NARROW_DB - width_db) / 4.0, _MOST_DB)
        reasons.append(f"narrow (the side lies {-width_db:.0f} dB below the middle), widened by {move_db:.1f} dB")
    elif width_db > _WIDE_DB:
        move_db = -strength * min((width_db - _WIDE_DB) / 2.0, _MOST_DB)
        reasons.append(f"very wide (side against middle {width_db:+.0f} dB), narrowed by {-move_db:.1f} dB for mono")
    mono_below_hz = STYLES[order.genre].mono_below_hz
    if mono_below_hz is not None:
        reasons.append(f"bass below {mono_below_hz:.0f} Hz towards the middle, where this genre has it")
    if not reasons:
        return None
    return WidthStep(side=_side(move_db, mono_below_hz), reason=f"Width: {'; '.join(reasons)}.")


def side_to_mid_db(song: Profile) -> float | None:
    """Return the level of the side above that of the middle, 200 Hz to 8 kHz, of the loud parts; None for mono."""
    if song.balance.side_db is None:
        return None
    judged = (song.balance.centres_hz >= _JUDGED_HZ[0]) & (song.balance.centres_hz <= _JUDGED_HZ[1])
    return _sum_db(song.balance.side_db[judged]) - _sum_db(song.balance.mid_db[judged])


def _towards_reference(width_db: float, reference: Profile, amount: float) -> WidthStep | None:
    wanted_db = side_to_mid_db(reference)
    if wanted_db is None or wanted_db < _MONO_DB:
        return None
    move_db = float(np.clip(amount * (wanted_db - width_db), -_MOST_TO_REFERENCE_DB, _MOST_TO_REFERENCE_DB))
    if abs(move_db) < 0.05:
        return None
    return WidthStep(
        side=((1000.0, round(move_db, 2)),),
        reason=(
            f"Width: the side lies {width_db:+.1f} dB against the middle, the reference's {wanted_db:+.1f} dB; "
            f"moved by {move_db:+.1f} dB."
        ),
    )


def _side(move_db: float, mono_below_hz: float | None) -> tuple[tuple[float, float], ...]:
    move_db = round(move_db, 2)
    if mono_below_hz is None:
        return ((1000.0, move_db),)
    return ((mono_below_hz / 2.0, move_db + _BASS_CUT_DB), (1.5 * mono_below_hz, move_db))


def _sum_db(levels_db: NDArray[np.float64]) -> float:
    return float(10.0 * np.log10((10.0 ** (levels_db / 10.0)).sum()))
