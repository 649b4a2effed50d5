"""Dynamics: glue in bands, as much as the preset, the genre and the song itself ask for.

A compressor that listens to a whole mix lets the kick drum duck the voice; so each band has a detector of its own, with
a threshold relative to that band's own level: what sticks out is held, whatever the song's spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soundrack.mastering.genres import STYLES
from soundrack.mastering.order import Order, Tier
from soundrack.mastering.plan import Band, DynamicsStep
from soundrack.mastering.planning.profile import Profile
from soundrack.mastering.presets import CHARACTERS

_DENSE_DB, _OPEN_DB = 7.0, 11.0
"""Peak-to-loudness ratios: a song below the first has been compressed already and is left alone, one above the second
is worked on in full."""
_MOST_RATIO = 3.0
_REFERENCE_SPAN_DB = 6.0


@dataclass(frozen=True)
class _Split:
    """Crossovers and the pace of each band: the lower, the slower, since a gain that moves within a period distorts."""

    crossovers_hz: tuple[float, ...]
    attack_ms: tuple[float, ...]
    release_ms: tuple[float, ...]


_SPLITS = {
    # Below: kick and bass. Above: consonants, cymbals, edge. Voices and most instruments keep to one band between.
    Tier.STANDARD: _Split((160.0, 3000.0), (30.0, 20.0, 10.0), (180.0, 150.0, 90.0)),
    # Kick from bass, body from voice, consonants from air.
    Tier.PREMIUM: _Split(
        (90.0, 280.0, 2200.0, 7000.0), (40.0, 30.0, 20.0, 12.0, 8.0), (220.0, 180.0, 150.0, 100.0, 80.0)
    ),
}


def plan_dynamics(song: Profile, order: Order, reference: Profile | None) -> DynamicsStep | None:
    """Return the compression, None where the song wants none."""
    plr_db = song.measurement.plr_db
    room = float(np.clip((plr_db - _DENSE_DB) / (_OPEN_DB - _DENSE_DB), 0.0, 1.0))
    strength = order.intensity / 50.0 * STYLES[order.genre].density * room
    because = f"peaks {plr_db:.1f} dB above loudness"
    if reference is not None:
        denser_db = plr_db - reference.measurement.plr_db
        strength *= float(np.clip(1.0 + denser_db / _REFERENCE_SPAN_DB, 0.0, 2.0))
        because += f", the reference's {reference.measurement.plr_db:.1f} dB"
    character = CHARACTERS[order.preset]
    ratio = min(1.0 + strength * (character.ratio - 1.0), _MOST_RATIO)
    if ratio < 1.02:
        return None
    split = _SPLITS[order.tier]
    crossovers_hz = tuple(hz for hz in split.crossovers_hz if hz < song.balance.centres_hz[-1])
    bands = tuple(
        Band(threshold_db=character.threshold_db, ratio=round(ratio, 2), attack_ms=attack_ms, release_ms=release_ms)
        for attack_ms, release_ms in zip(split.attack_ms, split.release_ms, strict=True)
    )[: len(crossovers_hz) + 1]
    return DynamicsStep(
        crossovers_hz=crossovers_hz,
        bands=bands,
        reason=f"Glue: {ratio:.2f} to 1 in {len(bands)} bands ({because}).",
    )
