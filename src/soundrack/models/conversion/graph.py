"""Writes a network as ONNX, operator by operator.

https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and docs/Operators.md there. The same calls give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soundrack.models.conversion.wire import Value, message

Attribute = int | float | str | Sequence[int]
Size = int | str
"""Of an axis: a number, or a name where it may be any."""

_IR_VERSION = 8
_OPERATORS = 17
_FLOAT, _INT64 = 1, 7
_KIND = {float: (2, 1), int: (3, 2), str: (4, 3)}
"""Field of an attribute's value, and its type."""
_INTS = (8, 7)


class Graph:
    """A network in the making. Values are known by their names.

    Parameters
    ----------
    name : str
        Of the network.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []
        self._count = 0

    def input(self, name: str, shape: Sequence[Size], default: NDArray[np.float32] | None = None) -> str:
        """Take a float32 tensor from outside; one with a default may be left out."""
        self._inputs.append(declared(name, shape))
        if default is not None:
            self._constants.append(_tensor(name, default))
        return name

    def output(self, name: str, shape: Sequence[Size], value: str) -> None:
        """Give a value away under a name."""
        self._nodes.append(node("Identity", [value], [name], {}))
        self._outputs.append(declared(name, shape))

    def constant(self, value: NDArray[np.float32] | NDArray[np.int64] | Sequence[int]) -> str:
        """Keep a tensor in the file; whole numbers become int64."""
        name = self._new("constant")
        array = np.asarray(value)
        self._constants.append(_tensor(name, array if array.dtype == np.float32 else array.astype(np.int64)))
        return name

    def apply(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """Apply an operator that has one result; an input that is left out is an empty name."""
        return self.apply_many(operator, 1, *inputs, **attributes)[0]

    def apply_many(self, operator: str, results: int, *inputs: str, **attributes: Attribute) -> list[str]:
        """Apply an operator that has several results."""
        names = [self._new(operator.lower()) for _ in range(results)]
        self._nodes.append(node(operator, inputs, names, attributes))
        return names

    def to_bytes(self) -> bytes:
        """Return the file."""
        graph = message(
            [(1, node) for node in self._nodes]
            + [(2, self._name)]
            + [(5, constant) for constant in self._constants]
            + [(11, each) for each in self._inputs]
            + [(12, each) for each in self._outputs]
        )
        operators = message([(1, ""), (2, _OPERATORS)])
        return message([(1, _IR_VERSION), (2, "soundrack"), (7, graph), (8, operators)])

    def _new(self, kind: str) -> str:
        self._count += 1
        return f"{kind}_{self._count}"


def node(operator: str, inputs: Sequence[str], outputs: Sequence[str], attributes: dict[str, Attribute]) -> bytes:
    """Return an operator's message."""
    parts: list[tuple[int, Value]] = [(1, name) for name in inputs]
    parts += [(2, name) for name in outputs]
    parts += [(4, operator)]
    parts += [(5, _attribute(name, value)) for name, value in attributes.items()]
    return message(parts)


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float | int | str):
        field, kind = _KIND[type(value)]
        return message([(1, name), (field, value), (20, kind)])
    field, kind = _INTS
    return message([(1, name), *((field, each) for each in value), (20, kind)])


def _tensor(name: str, value: NDArray[np.float32] | NDArray[np.int64]) -> bytes:
    kind, stored = (_FLOAT, "<f4") if value.dtype == np.float32 else (_INT64, "<i8")
    sizes: list[tuple[int, Value]] = [(1, size) for size in value.shape]
    return message([*sizes, (2, kind), (8, name), (9, value.astype(stored).tobytes())])


def declared(name: str, shape: Sequence[Size]) -> bytes:
    """Return the message of a float32 tensor that is an input or an output."""
    axes = message([(1, message([(1 if isinstance(size, int) else 2, size)])) for size in shape])
    tensor = message([(1, _FLOAT), (2, axes)])
    return message([(1, name), (2, message([(1, tensor)]))])
