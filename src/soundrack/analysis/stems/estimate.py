"""What can be told of the stems from the mix alone, where the separator is not installed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS, Bands
from soundrack.analysis.stems.masks import low_share, struck
from soundrack.analysis.stems.separation import STEMS, Evidence
from soundrack.analysis.tags.instruments import likelihoods, log_odds
from soundrack.analysis.tags.tagging import Tags
from soundrack.analysis.tags.voice import voice, voiced_patches

_EXCERPTS, _EXCERPT_S = 8, 6
_HEARD = 0.03
"""Part of the mix's power in a second from which a stem counts as heard."""
_DRUMMED = (-8.64, 32.14, 1.87)
"""Of a logistic regression for whether there are drums: bias, weight of the certainty, of the tag's log odds.

Learned by ``python -m benchmarks.instruments learn``."""
_NONE, _EVEN = 0.1, 0.5
"""How probable drums are at most where there are none, and at least where there are; between, the mix does not tell."""


def estimate(tags: Tags, bands: Bands) -> dict[str, Evidence | None]:
    """Estimate what a separation would find.

    Drums are what is struck and not sustained, the bass what is sustained below 150 to 300 Hz, as in a separation; but
    in eight excerpts of six seconds only, in the bands of the beat tracker, and with the voice still in them. How much
    of the mix the voice is cannot be told, only where it is likely.

    Returns
    -------
    dict
        By name; None where nothing can be told.
    """
    found = accompaniment(bands)
    if not tags or found is None:
        return dict.fromkeys(STEMS)
    drums = _drums(found["drums"], likelihoods(tags)["drums"])
    return {"vocals": _voice(tags), "drums": drums, "bass": found["bass"], "other": found["other"]}


def accompaniment(bands: Bands) -> dict[str, Evidence] | None:
    """Return what is struck (``drums``), low (``bass``) and neither (``other``); None of less than a second."""
    magnitude, seconds = _excerpts(bands)
    if seconds == 0:
        return None
    drums = np.concatenate([struck(part) for part in np.split(magnitude, len(magnitude) // (_EXCERPT_S * FPS) or 1)])
    power = np.square(magnitude) * np.gradient(bands.centres_hz).astype(np.float32)
    bass = (1.0 - drums) * low_share(bands.centres_hz)
    shares = {"drums": drums, "bass": bass, "other": 1.0 - drums - bass}
    return {name: _evidence(share, power, seconds) for name, share in shares.items()}


def drummed(certainty: float, likelihood: float) -> float:
    """Return how probable it is that there are drums, 0 to 1.

    Parameters
    ----------
    certainty : float
        How much of what is struck is struck alone, 0 to 1.
    likelihood : float
        Of the likeliest tag for drums.
    """
    bias, of_certainty, of_tag = _DRUMMED
    return 1.0 / (1.0 + math.exp(-(bias + of_certainty * certainty + of_tag * log_odds(likelihood))))


def _drums(found: Evidence, likelihood: float) -> Evidence | None:
    """Return the evidence of drums: strings that are plucked and pianos are struck too, and no drums."""
    probable = drummed(found.certainty, likelihood)
    if probable >= _EVEN:
        return found
    return replace(found, present=0.0) if probable <= _NONE else None


def _excerpts(bands: Bands) -> tuple[NDArray[np.float32], int]:
    """Return excerpts that are spread over a song, one after the other, and how many seconds that makes."""
    length = _EXCERPT_S * FPS
    frames = len(bands.magnitude)
    count = min(_EXCERPTS, frames // length)
    if count == 0:
        whole = frames - frames % FPS
        return np.ascontiguousarray(bands.magnitude[:whole]), whole // FPS
    begins = ((np.arange(count) + 0.5) * (frames - length) / count).astype(int)
    return np.concatenate([bands.magnitude[at : at + length] for at in begins]), count * _EXCERPT_S


def _voice(tags: Tags) -> Evidence | None:
    told = voice(tags)
    if told.present is None:
        return None
    return Evidence(told.confidence if told.present else 0.0, 0.0, voiced_patches(tags) if told.present else 0.0)


def _evidence(share: NDArray[np.float32], power: NDArray[np.float32], seconds: int) -> Evidence:
    own, whole = float((share * power).sum()), float(power.sum())
    each = (share * power).reshape(seconds, -1).sum(axis=1)
    mix = power.reshape(seconds, -1).sum(axis=1)
    return Evidence(
        certainty=float((share * share * power).sum()) / own if own > 0 else 0.0,
        power=own / whole if whole > 0 else 0.0,
        present=float(np.mean(each > _HEARD * mix)),
    )
