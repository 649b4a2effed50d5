"""BeatNet's network for beats and downbeats: from its PyTorch weights to ONNX.

M. Heydari, F. Cwitkowitz and Z. Duan, BeatNet: CRNN and particle filtering for online joint beat, downbeat and meter
tracking, ISMIR 2021. The weights are under CC-BY-4.0; they are changed in form alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from soundrack.models.conversion import torch_archive
from soundrack.models.conversion.graph import Graph

_FEATURES, _UNITS, _LAYERS = 272, 150, 2


def convert(members: Mapping[str, bytes]) -> bytes:
    """Return the network as ONNX: a convolution over each frame's spectrum, two LSTM layers over time, a softmax.

    The state of the LSTM layers can be given and is given back, so that a long song can be read in parts.
    """
    (archive,) = members.values()
    weights = torch_archive.read(archive)
    graph = Graph("beats")
    x = graph.input("features", ("frames", _FEATURES))
    zeros = np.zeros((_LAYERS, 1, _UNITS), dtype=np.float32)
    hidden = graph.input("hidden", zeros.shape, zeros)
    cell = graph.input("cell", zeros.shape, zeros)
    one = graph.constant([1])
    x = graph.apply("Unsqueeze", x, one)
    x = graph.apply("Conv", x, *(graph.constant(weights[f"conv1.{part}"]) for part in ("weight", "bias")))
    x = graph.apply("MaxPool", graph.apply("Relu", x), kernel_shape=[2], strides=[2])
    x = graph.apply("Flatten", x, axis=1)
    x = graph.apply("Unsqueeze", _dense(graph, x, weights, "linear0"), one)
    ends = []
    for layer in range(_LAYERS):
        at = graph.constant([layer])
        begin = [graph.apply("Gather", state, at, axis=0) for state in (hidden, cell)]
        x, *end = _lstm(graph, x, weights, layer, begin)
        ends.append(end)
    x = _dense(graph, graph.apply("Squeeze", x, one), weights, "linear")
    graph.output("probabilities", ("frames", 3), graph.apply("Softmax", x, axis=1))
    for name, states in zip(("hidden_after", "cell_after"), zip(*ends, strict=True), strict=True):
        graph.output(name, zeros.shape, graph.apply("Concat", *states, axis=0))
    return graph.to_bytes()


def _dense(graph: Graph, x: str, weights: torch_archive.Weights, name: str) -> str:
    factors, offsets = (graph.constant(weights[f"{name}.{part}"]) for part in ("weight", "bias"))
    return graph.apply("Gemm", x, factors, offsets, transB=1)


def _lstm(graph: Graph, x: str, weights: torch_archive.Weights, layer: int, state: list[str]) -> list[str]:
    def gates(name: str) -> NDArray[np.float32]:
        """Put PyTorch's input, forget, cell, output into ONNX's input, output, forget, cell."""
        i, f, g, o = np.split(weights[f"lstm.{name}_l{layer}"], 4)
        return np.concatenate([i, o, f, g])

    y, hidden, cell = graph.apply_many(
        "LSTM",
        3,
        x,
        graph.constant(gates("weight_ih")[None]),
        graph.constant(gates("weight_hh")[None]),
        graph.constant(np.concatenate([gates("bias_ih"), gates("bias_hh")])[None]),
        "",
        *state,
        hidden_size=_UNITS,
    )
    return [graph.apply("Squeeze", y, graph.constant([1])), hidden, cell]
