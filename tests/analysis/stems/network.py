"""A stand-in for the separator, which is not installed where tests run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from soundrack import models

Magnitudes = NDArray[np.float32]
Mask = Callable[[Magnitudes], Magnitudes]


class Network:
    """Hears as voice what a function of the magnitudes says, in shares of 0 to 1 of the magnitude."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask

    def run(self, wanted: Sequence[str], given: Mapping[str, Magnitudes]) -> list[Magnitudes]:
        assert tuple(wanted) == ("vocals", "accompaniment")
        magnitude = given["magnitude"]
        assert magnitude.shape == (1, 2, 512, 1024)
        assert magnitude.dtype == np.float32
        share = self._mask(magnitude)
        return [magnitude * share, magnitude * (1 - share)]


def install(monkeypatch: pytest.MonkeyPatch, mask: Mask) -> None:
    """Have the separator be this one."""
    monkeypatch.setattr(models, "session", lambda _name: Network(mask))


def nobody(magnitude: Magnitudes) -> Magnitudes:
    """There is no voice."""
    return np.zeros_like(magnitude)


def upper(magnitude: Magnitudes) -> Magnitudes:
    """Everything above 2.15 kHz is voice."""
    return np.broadcast_to(np.arange(1024) >= 200, magnitude.shape).astype(np.float32)
