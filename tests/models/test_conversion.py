"""Converted networks compute what their originals define."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from soundrack import models
from soundrack.models.conversion import beats, tags
from soundrack.models.conversion.graph import Graph
from tests.models.checkpoints import pytorch, tensorflow

Floats = NDArray[np.floating]


def session(network: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def test_a_graph_is_a_network_that_onnxruntime_takes():
    graph = Graph("line")
    x = graph.input("x", ("rows", 3))
    offset = graph.input("offset", (2,), np.array([10, 20], dtype=np.float32))
    factors = np.array([[1, 2], [3, 4], [5, 6]], dtype=np.float32)
    graph.output("y", ("rows", 2), graph.apply("Gemm", x, graph.constant(factors), offset, alpha=0.5))
    run = session(graph.to_bytes()).run
    given = np.ones((1, 3), dtype=np.float32)

    assert np.array_equal(run(["y"], {"x": given})[0], [[14.5, 26.0]])
    assert np.array_equal(run(["y"], {"x": given, "offset": np.zeros(2, np.float32)})[0], [[4.5, 6.0]])


def test_the_beat_network_is_the_one_of_its_weights(random: np.random.Generator):
    shapes = {"conv1.weight": (2, 1, 10), "conv1.bias": (2,), "linear0.weight": (150, 262), "linear0.bias": (150,)}
    shapes |= {"linear.weight": (3, 150), "linear.bias": (3,)}
    for layer in (0, 1):
        shapes |= {f"lstm.weight_ih_l{layer}": (600, 150), f"lstm.weight_hh_l{layer}": (600, 150)}
        shapes |= {f"lstm.bias_ih_l{layer}": (600,), f"lstm.bias_hh_l{layer}": (600,)}
    weights = {name: (0.2 * random.standard_normal(shape)).astype(np.float32) for name, shape in shapes.items()}
    features = random.random((20, 272), dtype=np.float32)

    found = session(beats.convert({"model.pt": pytorch(weights)})).run(["probabilities"], {"features": features})[0]

    assert found == pytest.approx(beat_network(features, weights), abs=1e-5)


def beat_network(x: Floats, w: dict[str, Floats]) -> Floats:
    """What BeatNet's class defines, frame by frame."""
    windows = np.lib.stride_tricks.sliding_window_view(x, 10, axis=1)
    h = np.maximum(0, np.einsum("tnk,ck->tcn", windows, w["conv1.weight"][:, 0]) + w["conv1.bias"][:, None])
    h = h[:, :, :262].reshape(len(x), 2, 131, 2).max(axis=3).reshape(len(x), 262)
    h = h @ w["linear0.weight"].T + w["linear0.bias"]
    for layer in (0, 1):
        hidden = cell = np.zeros(150)
        out = []
        for row in h:
            gates = w[f"lstm.weight_ih_l{layer}"] @ row + w[f"lstm.weight_hh_l{layer}"] @ hidden
            i, f, g, o = np.split(gates + w[f"lstm.bias_ih_l{layer}"] + w[f"lstm.bias_hh_l{layer}"], 4)
            cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
            hidden = sigmoid(o) * np.tanh(cell)
            out.append(hidden)
        h = np.array(out)
    logits = np.exp(h @ w["linear.weight"].T + w["linear.bias"])
    found: Floats = logits / logits.sum(axis=1, keepdims=True)
    return found


def sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)))


def test_beats_of_a_song_in_parts_are_those_of_the_whole(random: np.random.Generator):
    network = models.session("beats")
    features = random.random((300, 272), dtype=np.float32)
    whole = network.run(["probabilities"], {"features": features})[0]
    first, hidden, cell = network.run(None, {"features": features[:120]})
    second = network.run(["probabilities"], {"features": features[120:], "hidden": hidden, "cell": cell})[0]

    assert np.concatenate([first, second]) == pytest.approx(whole, abs=1e-6)
    assert whole.sum(axis=1) == pytest.approx(np.ones(300), abs=1e-5)


def test_the_tag_network_is_the_one_of_its_weights(random: np.random.Generator):
    weights = tag_weights(random)
    patch = random.random((1, 187, 96), dtype=np.float32)
    index, data = tensorflow(weights)

    found = session(tags.convert({"a/.index": index, "a/.data": data})).run(None, {"patches": patch})
    likelihoods, last = tag_network(patch[0], weights)

    assert found[0][0] == pytest.approx(likelihoods, abs=2e-4)
    assert found[1][0] == pytest.approx(last, abs=2e-3)


KERNELS: list[tuple[int, ...]] = [(7, 38, 1, 204), (7, 67, 1, 204), (128, 1, 1, 51), (64, 1, 1, 51), (32, 1, 1, 51)]
KERNELS += [(7, 561, 1, 64), (7, 64, 1, 64), (7, 64, 1, 64)]
CHANNELS = [1, 204, 204, 51, 51, 51, 64, 64, 64, 1506, 200]


def numbered(name: str, number: int) -> str:
    return name if number == 0 else f"{name}_{number}"


def tag_weights(random: np.random.Generator) -> dict[str, Floats]:
    """Weights at random, with batch normalisations of either sign."""
    weights = {}
    for number, shape in enumerate(KERNELS):
        spread = 1 / np.sqrt(np.prod(shape[:3]))
        weights[numbered("conv2d", number) + "/kernel"] = spread * random.standard_normal(shape)
        weights[numbered("conv2d", number) + "/bias"] = 0.1 * random.standard_normal(shape[3])
    for number, channels in enumerate(CHANNELS):
        name = numbered("batch_normalization", number)
        for part in ("gamma", "beta", "moving_mean"):
            weights[f"{name}/{part}"] = random.standard_normal(channels)
        weights[f"{name}/moving_variance"] = random.uniform(0.5, 2.0, channels)
    for name, shape in (("dense", (1506, 200)), ("dense_1", (200, 50))):
        weights[f"{name}/kernel"] = random.standard_normal(shape) / np.sqrt(shape[0])
        weights[f"{name}/bias"] = random.standard_normal(shape[1])
    return {name: np.asarray(array, dtype=np.float32) for name, array in weights.items()}


def tag_network(patch: Floats, w: dict[str, Floats]) -> tuple[Floats, Floats]:
    """What musicnn's graph defines: everything in its order, for one patch."""

    def moments(number: int) -> tuple[Floats, Floats]:
        name = numbered("batch_normalization", number)
        return w[f"{name}/moving_mean"], np.sqrt(w[f"{name}/moving_variance"] + 1e-3)

    def normalised(x: Floats, number: int) -> Floats:
        name, (mean, deviation) = numbered("batch_normalization", number), moments(number)
        return (x - mean) / deviation * w[f"{name}/gamma"] + w[f"{name}/beta"]

    def convolved(x: Floats, number: int) -> Floats:
        """Frames by bands to frames by positions by filters, the same number of frames."""
        kernel = w[numbered("conv2d", number) + "/kernel"][:, :, 0]
        high, wide, _ = kernel.shape
        padded = np.pad(x, (((high - 1) // 2, high // 2), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (high, wide))
        sums = np.tensordot(windows, kernel, axes=([2, 3], [0, 1]))
        return normalised(np.maximum(0, sums + w[numbered("conv2d", number) + "/bias"]), number + 1)

    x = normalised(patch[:, :, None], 0)[:, :, 0]
    front = np.concatenate([convolved(x, number).max(axis=1) for number in range(5)], axis=1)
    one = convolved(front, 5)[:, 0]
    two = convolved(one, 6)[:, 0] + one
    three = convolved(two, 7)[:, 0] + two
    features = np.concatenate([front, one, two, three], axis=1)
    pooled = np.stack([features.max(axis=0), features.mean(axis=0)], axis=1).ravel()
    last = np.maximum(0, normalised(pooled, 9) @ w["dense/kernel"] + w["dense/bias"])
    logits = normalised(last, 10) @ w["dense_1/kernel"] + w["dense_1/bias"]
    mean, deviation = moments(10)
    return sigmoid(logits), (last - mean) / deviation


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(8)
