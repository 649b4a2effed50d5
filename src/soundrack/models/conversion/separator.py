"""Spleeter's networks for two stems: from their TensorFlow checkpoint to ONNX.

R. Hennequin, A. Khlif, F. Voituret and M. Moussallam, Spleeter: a fast and efficient music source separation tool with
pre-trained models, JOSS 5 (50), 2020; each is a U-Net as in A. Jansson et al., Singing voice separation with deep
U-Net convolutional networks, ISMIR 2017. The weights are under MIT.
"""

from __future__ import annotations

from collections.abc import Mapping

from soundrack.models.conversion import checkpoint
from soundrack.models.conversion.graph import Graph

FRAMES, BINS = 512, 1024
"""Of a patch of a magnitude spectrogram."""

_DEPTH = 6
_EPSILON = 1e-3
"""Of batch normalisation in TensorFlow."""
_SLOPE = 0.2
"""Of the leaky rectifiers."""


def convert(members: Mapping[str, bytes]) -> bytes:
    """Return both networks as one ONNX file, from the two files of their checkpoint."""
    (index,) = (data for name, data in members.items() if name.endswith(".index"))
    (data,) = (data for name, data in members.items() if not name.endswith(".index"))
    weights = checkpoint.read(index, data)
    graph = Graph("separator")
    magnitude = graph.input("magnitude", ("patches", 2, FRAMES, BINS))
    for number, stem in enumerate(("vocals", "accompaniment")):
        mask = _UNet(graph, weights, number).mask(magnitude)
        graph.output(stem, ("patches", 2, FRAMES, BINS), graph.apply("Mul", mask, magnitude))
    return graph.to_bytes()


class _UNet:
    """One of the networks; its variables are numbered behind those of the one before."""

    def __init__(self, graph: Graph, weights: checkpoint.Weights, number: int) -> None:
        self._graph = graph
        self._weights = weights
        self._first_down = number * (_DEPTH + 1)
        self._first_up = number * _DEPTH
        self._first_normalisation = number * 2 * _DEPTH

    def mask(self, x: str) -> str:
        """Halve the patch six times, double it six times with what each half had beside it, and judge each bin."""
        graph = self._graph
        down: list[str] = []
        for level in range(_DEPTH):
            down.append(self._convolved(x, level, pads=[1, 1, 2, 2], strides=[2, 2]))
            x = graph.apply("LeakyRelu", self._normalised(down[-1], level), alpha=_SLOPE)
        x = down[-1]
        for level in range(_DEPTH):
            beside = graph.apply("Concat", down[_DEPTH - 1 - level], x, axis=1) if level else x
            x = self._normalised(graph.apply("Relu", self._doubled(beside, level)), _DEPTH + level)
        return graph.apply("Sigmoid", self._convolved(x, _DEPTH, pads=[3, 3, 3, 3], dilations=[2, 2]))

    def _convolved(self, x: str, level: int, **how: list[int]) -> str:
        kernel, bias = self._parts("conv2d", self._first_down + level)
        return self._graph.apply("Conv", x, kernel, bias, **how)

    def _doubled(self, x: str, level: int) -> str:
        kernel, bias = self._parts("conv2d_transpose", self._first_up + level)
        return self._graph.apply("ConvTranspose", x, kernel, bias, strides=[2, 2], pads=[1, 1, 2, 2])

    def _parts(self, kind: str, number: int) -> tuple[str, str]:
        """Return a kernel, with TensorFlow's (high, wide, in, out) turned to (out, in, high, wide), and its bias.

        Those of a transposed convolution are (high, wide, out, in) and (in, out, high, wide).
        """
        name = _numbered(kind, number)
        kernel = self._weights[f"{name}/kernel"].transpose(3, 2, 0, 1)
        return self._graph.constant(kernel), self._graph.constant(self._weights[f"{name}/bias"])

    def _normalised(self, x: str, number: int) -> str:
        name = _numbered("batch_normalization", self._first_normalisation + number)
        parts = ("gamma", "beta", "moving_mean", "moving_variance")
        constants = [self._graph.constant(self._weights[f"{name}/{part}"]) for part in parts]
        return self._graph.apply("BatchNormalization", x, *constants, epsilon=_EPSILON)


def _numbered(name: str, number: int) -> str:
    return name if number == 0 else f"{name}_{number}"
