"""Which instruments play, as the tags have it."""

from __future__ import annotations

from collections.abc import Mapping

from soundrack.analysis.tags.tagging import Tags

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
_HALF = 0.25
"""Likelihood that counts as even odds."""
_LEAST = 0.12


def instruments(tags: Tags) -> dict[str, float]:
    """Return how sure each instrument is that is heard, 0 to 1, the surest first.

    The networks' likelihoods are low even for what certainly plays; l / (l + 0.25) spreads them. That was not measured
    against a truth, and tells the order more than the chance.
    """
    if not tags:
        return {}
    heard = {name: max(tags.mtt[tag] for tag in its) for name, its in _NAMES.items()}
    ordered = sorted(heard.items(), key=lambda each: -each[1])
    return {name: likelihood / (likelihood + _HALF) for name, likelihood in ordered if likelihood >= _LEAST}
