"""Samples: loops and single sounds, written and played as songs are."""

from soundrack.composition.samples.order import SampleOrder
from soundrack.composition.samples.sample import sample

__all__ = ["SampleOrder", "sample"]
