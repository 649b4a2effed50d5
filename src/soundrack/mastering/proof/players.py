"""What the players will do to a master: how far each platform turns it, and where it then is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from soundrack.mastering.platforms import Platform, Playback

_SAME_DB = 0.05
"""A gain that rounds to 0.0 dB is told as none."""
_ASSUMED = " (our assumption: nothing is published)"


@dataclass(frozen=True)
class Played:
    """A master as one platform plays it.

    `gain_db` is what its player applies, `loudness_lufs` and `true_peak_db` (dBTP) what the listener then gets.
    `short_of_headroom` says that it would turn the song up further, were there room for its peaks.
    """

    platform: Platform
    name: str
    gain_db: float
    loudness_lufs: float
    true_peak_db: float
    short_of_headroom: bool
    in_words: str

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for JSON, None for what is infinite."""
        told = asdict(self) | {"platform": self.platform.value}
        return {key: None if value == -math.inf else value for key, value in told.items()}


def played(integrated_lufs: float, true_peak_db: float, table: Mapping[Platform, Playback]) -> tuple[Played, ...]:
    """Return what each platform's player will do to a master.

    Parameters
    ----------
    integrated_lufs : float
        The master's integrated loudness; ``-inf``, silence, is played as it is.
    true_peak_db : float
        Its true peak in dBTP.
    table : mapping of platforms
        How each plays (:func:`~soundrack.mastering.platforms.playback`).

    Examples
    --------
    Spotify's own example: -20 LUFS with peaks at -5 dBTP is lifted to -16 LUFS only.

    >>> from soundrack.mastering.platforms import playback
    >>> spotify = played(-20.0, -5.0, playback())[0]
    >>> spotify.gain_db, spotify.loudness_lufs, spotify.short_of_headroom
    (4.0, -16.0, True)
    """
    return tuple(_played(platform, row, integrated_lufs, true_peak_db) for platform, row in table.items())


def _played(platform: Platform, row: Playback, integrated_lufs: float, true_peak_db: float) -> Played:
    wanted_db = row.level_lufs - integrated_lufs if math.isfinite(integrated_lufs) else 0.0
    room_db = max(row.headroom_db - true_peak_db, 0.0)
    gain_db = min(wanted_db, room_db if row.turns_up else 0.0)
    short = row.turns_up and wanted_db - gain_db >= _SAME_DB
    loudness_lufs = integrated_lufs + gain_db
    return Played(
        platform=platform,
        name=row.name,
        gain_db=gain_db,
        loudness_lufs=loudness_lufs,
        true_peak_db=true_peak_db + gain_db,
        short_of_headroom=short,
        in_words=f"{row.name} {_doing(row, gain_db, wanted_db, loudness_lufs)}{_ASSUMED if row.assumed else ''}.",
    )


def _doing(row: Playback, gain_db: float, wanted_db: float, loudness_lufs: float) -> str:
    if gain_db <= -_SAME_DB:
        return f"turns it down by {-gain_db:.1f} dB, to {loudness_lufs:.1f} LUFS"
    if gain_db >= _SAME_DB:
        lacking = wanted_db - gain_db >= _SAME_DB
        why = f"; its peaks leave no room for the {wanted_db:.1f} dB it lacks" if lacking else ""
        return f"turns it up by {gain_db:.1f} dB, to {loudness_lufs:.1f} LUFS{why}"
    if not math.isfinite(loudness_lufs):
        return "plays it as it is: it is silent"
    why = ""
    if wanted_db >= _SAME_DB:
        why = ": its peaks leave no room to turn it up" if row.turns_up else ": it does not turn quieter songs up"
    return f"plays it as it is, at {loudness_lufs:.1f} LUFS{why}"
