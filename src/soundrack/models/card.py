"""What is known of each network: the card that lies beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

NETWORKS = Path(__file__).parent / "networks"
"""The cards of all networks, and the small networks themselves."""


@dataclass(frozen=True)
class Source:
    """A package on the Python Package Index out of which a network is made."""

    package: str
    version: str
    file: str
    """Name of the wheel."""
    sha256: str
    """Of the wheel."""
    members: tuple[str, ...]
    """The files in it that are read."""


@dataclass(frozen=True)
class Tensor:
    """What goes into a network or comes out of it: float32."""

    name: str
    shape: tuple[int | str, ...]
    """A name stands for an axis of any length."""
    about: str


@dataclass(frozen=True)
class Card:
    """A network: what it does, whose it is, and how near it comes to the original."""

    name: str
    title: str
    about: str
    shipped: bool
    """Whether it comes with the program; if not, it is installed on request."""
    size_bytes: int
    sha256: str
    """Of the ONNX file."""
    converter: str
    """The module of `soundrack.models.conversion` that makes it."""
    licence: str
    attribution: str
    source: Source
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    parity: str
    """How far its results are from those of the original framework, and how that was measured."""

    @property
    def filename(self) -> str:
        """Of the ONNX file."""
        return f"{self.name}.onnx"


def cards() -> Mapping[str, Card]:
    """Return the card of every network, by its name."""
    return _cards()


@cache
def _cards() -> dict[str, Card]:
    return {path.stem: _card(path.stem, tomllib.loads(path.read_text())) for path in sorted(NETWORKS.glob("*.toml"))}


def _card(name: str, told: dict[str, Any]) -> Card:
    source = told.pop("source")
    return Card(
        name=name,
        source=Source(**source | {"members": tuple(source["members"])}),
        inputs=tuple(_tensor(each) for each in told.pop("inputs")),
        outputs=tuple(_tensor(each) for each in told.pop("outputs")),
        **told,
    )


def _tensor(told: dict[str, Any]) -> Tensor:
    return Tensor(told["name"], tuple(told["shape"]), told["about"])
