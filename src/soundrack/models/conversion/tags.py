"""musicnn's two networks for tags: from their TensorFlow checkpoints to ONNX.

J. Pons and X. Serra, musicnn: pre-trained convolutional neural networks for music audio tagging, ISMIR late-breaking,
2019; J. Pons et al., End-to-end learning for music audio tagging at scale, ISMIR 2018. The weights are under ISC.

Only the largest value over all frequencies of each first convolution is used further. Therefore what the original does
to every value before (a rectifier, a batch normalisation) is done after, to one value of 30 to 96; where that factor is
negative it is the smallest that counts, and such filters are turned over.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from soundrack.models.conversion import checkpoint
from soundrack.models.conversion.graph import Graph

_FRAMES, _BANDS = 187, 96
_EPSILON = 1e-3
"""Of batch normalisation in TensorFlow."""
_TIMBRAL, _TEMPORAL, _MIDDLE = (0, 1), (2, 3, 4), (5, 6, 7)
"""Convolutions by number: over seven frames and many bands; over many frames and one band; over all features."""


def convert(members: Mapping[str, bytes]) -> bytes:
    """Return the network as ONNX, from the two files of its checkpoint."""
    (index,) = (data for name, data in members.items() if name.endswith(".index"))
    (data,) = (data for name, data in members.items() if not name.endswith(".index"))
    return _Tags(checkpoint.read(index, data)).to_bytes()


class _Tags:
    def __init__(self, weights: checkpoint.Weights) -> None:
        self._weights = weights
        self._graph = Graph("tags")

    def to_bytes(self) -> bytes:
        graph = self._graph
        patches = graph.input("patches", ("patches", _FRAMES, _BANDS))
        x = self._normalised(graph.apply("Unsqueeze", patches, graph.constant([1])), 0, 4)
        front = [self._first(x, number) for number in (*_TIMBRAL, *_TEMPORAL)]
        features = [graph.apply("Concat", *front, axis=1)]
        for number in _MIDDLE:
            features.append(self._middle(features[-1], number, residual=number != _MIDDLE[0]))
        embedding = self._pooled(graph.apply("Concat", *features, axis=1))
        logits = self._dense(self._scaled(embedding, 10), "dense_1")
        graph.output("tags", ("patches", self._weights["dense_1/bias"].size), graph.apply("Sigmoid", logits))
        graph.output("embedding", ("patches", self._weights["dense/bias"].size), embedding)
        return graph.to_bytes()

    def _first(self, x: str, number: int) -> str:
        """Convolve patches (patches, 1, frames, bands) and keep each filter's extreme: (patches, filters, frames)."""
        graph, (kernel, bias) = self._graph, self._convolution(number)
        high, wide = kernel.shape[2:]
        sign = np.where(self._factors(number + 1)[0] < 0, np.float32(-1), np.float32(1))
        x = graph.apply(
            "Conv",
            x,
            graph.constant(kernel * sign[:, None, None, None]),
            graph.constant(bias * sign),
            pads=[(high - 1) // 2, 0, high // 2, 0],
        )
        x = graph.apply("MaxPool", x, kernel_shape=[1, _BANDS - wide + 1])
        x = graph.apply("Squeeze", x, graph.constant([3]))
        x = graph.apply("Relu", graph.apply("Mul", x, graph.constant(sign[None, :, None])))
        return self._normalised(x, number + 1, 3)

    def _middle(self, x: str, number: int, *, residual: bool) -> str:
        """Convolve features (patches, features, frames) over seven frames."""
        graph, (kernel, bias) = self._graph, self._convolution(number)
        along = np.ascontiguousarray(kernel[:, 0].transpose(0, 2, 1))  # filters, features, frames
        y = graph.apply("Conv", x, graph.constant(along), graph.constant(bias), pads=[3, 3])
        y = self._normalised(graph.apply("Relu", y), number + 1, 3)
        return graph.apply("Add", y, x) if residual else y

    def _pooled(self, x: str) -> str:
        """Reduce features (patches, features, frames) to the last layer but one.

        Its batch normalisation is left half done: what remains has mean 0 and variance 1 over the songs that the
        network was trained with, which is what songs are to be compared by.
        """
        graph = self._graph
        largest = graph.apply("ReduceMax", x, axes=[2])
        mean = graph.apply("ReduceMean", x, axes=[2])
        x = graph.apply("Flatten", graph.apply("Concat", largest, mean, axis=2), axis=1)
        x = graph.apply("Relu", self._dense(self._normalised(x, 9, 2), "dense"))
        centre, deviation = self._moments(10)
        return graph.apply("Div", graph.apply("Sub", x, graph.constant(centre)), graph.constant(deviation))

    def _scaled(self, x: str, number: int) -> str:
        """Do the other half of a batch normalisation."""
        gamma, beta = (self._graph.constant(self._part(number, part)) for part in ("gamma", "beta"))
        return self._graph.apply("Add", self._graph.apply("Mul", x, gamma), beta)

    def _dense(self, x: str, name: str) -> str:
        factors, offsets = (self._graph.constant(self._weights[f"{name}/{part}"]) for part in ("kernel", "bias"))
        return self._graph.apply("Gemm", x, factors, offsets)

    def _normalised(self, x: str, number: int, axes: int) -> str:
        """Apply a batch normalisation along axis 1 of a tensor with so many axes."""
        shape = (1, -1, *(1,) * (axes - 2))
        factors, offsets = (self._graph.constant(part.reshape(shape)) for part in self._factors(number))
        return self._graph.apply("Add", self._graph.apply("Mul", x, factors), offsets)

    def _factors(self, number: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        mean, deviation = self._moments(number)
        factors = self._part(number, "gamma") / deviation
        return factors, self._part(number, "beta") - mean * factors

    def _moments(self, number: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return a batch normalisation's mean and standard deviation."""
        variance = self._part(number, "moving_variance") + np.float32(_EPSILON)
        return self._part(number, "moving_mean"), np.sqrt(variance)

    def _part(self, number: int, part: str) -> NDArray[np.float32]:
        return self._weights[f"{_numbered('batch_normalization', number)}/{part}"]

    def _convolution(self, number: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return a convolution's kernel (out, in, high, wide) and bias."""
        name = _numbered("conv2d", number)
        kernel = np.ascontiguousarray(self._weights[f"{name}/kernel"].transpose(3, 2, 0, 1))
        return kernel, self._weights[f"{name}/bias"]


def _numbered(name: str, number: int) -> str:
    return name if number == 0 else f"{name}_{number}"
