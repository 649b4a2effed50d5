"""Which instruments play, as the tags have it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from soundrack.analysis.tags.tagging import Tags

_FILE = Path(__file__).with_name("instruments.toml")
_NAMES: Mapping[str, tuple[str, ...]] = {
    "guitar": ("guitar",),
    "piano": ("piano",),
    "drums": ("drums", "beat", "beats"),
    "synthesizer": ("synth",),
    "strings": ("strings", "violin", "cello"),
    "flute": ("flute",),
    "harp": ("harp",),
    "harpsichord": ("harpsichord",),
    "sitar": ("sitar",),
}
"""What is told, by the tags of MagnaTagATune that speak for it."""
_LEAST = 0.3
_FAINTEST = 1e-4


def instruments(tags: Tags) -> dict[str, float]:
    """Return how sure each instrument is that is heard, 0 to 1, the surest first.

    The networks' likelihoods are low even for what certainly plays. What they mean is a logistic curve for each
    instrument, learned on rendered songs whose instruments are known (``python -m benchmarks.instruments learn``).
    """
    if not tags:
        return {}
    sure = {name: confidence(name, likelihood) for name, likelihood in likelihoods(tags).items()}
    ordered = sorted(sure.items(), key=lambda each: -each[1])
    return {name: each for name, each in ordered if each >= _LEAST}


def likelihoods(tags: Tags) -> dict[str, float]:
    """Return the mean likelihood of each instrument's likeliest tag, of every instrument that is told."""
    return {name: max(tags.mtt[tag] for tag in its) for name, its in _NAMES.items()}


def confidence(instrument: str, likelihood: float) -> float:
    """Return how sure an instrument is, 0 to 1, by the likelihood of its tag."""
    bias, slope = _curves()[instrument]
    return 1.0 / (1.0 + math.exp(-(bias + slope * log_odds(likelihood))))


def log_odds(likelihood: float) -> float:
    """Return the natural logarithm of the odds, within 9.2 on either side."""
    within = min(max(likelihood, _FAINTEST), 1.0 - _FAINTEST)
    return math.log(within / (1.0 - within))


@cache
def _curves() -> dict[str, tuple[float, float]]:
    with _FILE.open("rb") as file:
        return {name: (each["bias"], each["slope"]) for name, each in tomllib.load(file).items()}
