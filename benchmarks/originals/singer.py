"""hibari's own graph beside ours, which is fed with what the original predicts; both run in onnxruntime."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import onnxruntime

from soundrack.models import Card, shelf
from soundrack.models.conversion.wire import fields, message

_SPECTRA = ("lh", "theta", "ln", "lr", "phi")
_PREDICTED = ("/Cast_32_output_0", "f0", "/Gather_37_output_0")
_MODEL_GRAPH, _OUTPUT = 7, 12
_SENTENCE = (
    *(0, 55, 156, 76, 123, 56, 102, 112, 16, 54, 156, 25, 62, 16, 102, 68, 16, 48, 156, 76, 54, 102, 112, 16),
    *(61, 54, 156, 31, 54, 51, 16, 157, 31, 64, 83, 123, 16, 48, 156, 51, 54, 46, 68, 4, 0),
)
"""“Morning light is falling slowly over fields.” in Kokoro's numbers."""


def largest_difference(card: Card, package: Path) -> float:
    """Return how far the spectra of both graphs are apart, with onnxruntime's optimisations off."""
    with zipfile.ZipFile(package) as wheel:
        original = _session(_telling(wheel.read(card.source.members[0])))
    ids = np.array([_SENTENCE], dtype=np.int64)
    speed = np.ones(1, dtype=np.float32)
    *spectra, lengths, pitch, energy = original.run([*_SPECTRA, *_PREDICTED], {"ids": ids, "speed": speed})
    given = {
        "sounds": ids.astype(np.float32),
        "speed": speed,
        "lengths": lengths.reshape(-1).astype(np.float32),
        "pitch": pitch,
        "energy": energy,
    }
    ours = _session(shelf.read(card)).run([output.name for output in card.outputs[: len(_SPECTRA)]], given)
    return max(float(np.abs(one - other).max()) for one, other in zip(ours, spectra, strict=True))


def _telling(network: bytes) -> bytes:
    """Return a graph that gives its predictions away."""
    model = fields(network)
    (graph,) = model[_MODEL_GRAPH]
    assert isinstance(graph, bytes)
    told = [(_OUTPUT, message([(1, name)])) for name in _PREDICTED if name != "f0"]
    model[_MODEL_GRAPH] = [graph + message(told)]
    return message((number, value) for number, values in model.items() for value in values)


def _session(network: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
