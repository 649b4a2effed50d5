"""Whether somebody sings or speaks, and who, as the tags have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.tags.labels import MTT
from soundrack.analysis.tags.tagging import Tags

_ANYBODY = ("vocal", "vocals", "singing", "voice")
_KINDS = {
    "female": ("female", "woman", "female vocal", "female voice"),
    "male": ("male", "man", "male vocal", "male voice"),
    "choir": ("choir", "choral", "opera"),
}
_VOICES = [MTT.index(name) for name in (*_ANYBODY, *sum(_KINDS.values(), ()))]
_CLEARER = 1.5
"""How much likelier one kind must be than the next for it to be told."""

_NONE, _UNSURE, _SURE = 0.07, 0.25, 0.50
"""Likelihood up to which nobody is heard, from which somebody is, and from which that is as sure as it gets.

Between the first two, guitars and flutes lie beside voices, and nothing is told. Chosen on recordings of game music, of
a choir and of speech; of sung pop none was at hand."""
_ABSENT = 0.7
"""How sure it is that nobody sings where no tag says so: what the separator takes for growling has no tag."""
_PRESENT = (0.5, 0.85)


@dataclass(frozen=True)
class Voice:
    """Whether there is a voice.

    `present` is None where it cannot be told, and `kind` ("female", "male", "choir") where there is none or it is not
    clear whose it is. `confidence` is that of `present`.
    """

    present: bool | None
    kind: str | None
    confidence: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as it stands in the report."""
        return {"present": self.present, "kind": self.kind, "confidence": round(self.confidence, 2)}


def voice(tags: Tags) -> Voice:
    """Tell whether there is a voice in the half of the patches where one is likeliest."""
    if not tags:
        return Voice(None, None, 0.0)
    kinds = {kind: _likelihood(tags, names) for kind, names in _KINDS.items()}
    likelihood = max(_likelihood(tags, _ANYBODY), *kinds.values())
    if likelihood <= _NONE:
        return Voice(False, None, _ABSENT)
    if likelihood < _UNSURE:
        return Voice(None, None, 0.0)
    second, first = sorted(kinds, key=lambda kind: kinds[kind])[-2:]
    kind = first if kinds[first] >= _CLEARER * kinds[second] else None
    low, high = _PRESENT
    return Voice(True, kind, low + (high - low) * min(1.0, (likelihood - _UNSURE) / (_SURE - _UNSURE)))


def voiced_patches(tags: Tags) -> float:
    """Return the part of the patches in which a voice is likely, 0 to 1."""
    return float(np.mean(likelihoods(tags) >= _UNSURE))


def likelihoods(tags: Tags) -> NDArray[np.float32]:
    """Return how likely a voice is in each patch, float32, shape (patches,), 0 to 1."""
    each: NDArray[np.float32] = tags.mtt_patches[:, _VOICES].max(axis=1, initial=0.0)
    return each


def _likelihood(tags: Tags, names: tuple[str, ...]) -> float:
    """Return the mean of the higher half of the patches, each by the likeliest of some tags."""
    each = np.sort(tags.mtt_patches[:, [MTT.index(name) for name in names]].max(axis=1))
    return float(each[each.size // 2 :].mean())
