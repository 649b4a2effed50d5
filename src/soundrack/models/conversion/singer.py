"""hibari's network for speech: the graph that its package carries, opened so that it sings.

Of the graph's own predictions, the length of each sound, the pitch and the energy become inputs; pitch and energy as
the network would have them stay outputs. No weight and no operator is changed. M. Williams, hibari (2026), distilled
from Kokoro-82M.
"""

from __future__ import annotations

from collections.abc import Mapping

from soundrack.models.conversion.graph import declared, node
from soundrack.models.conversion.wire import Value, fields, message

_MODEL_GRAPH = 7
_NODE, _INPUT, _OUTPUT, _INFO = 1, 11, 12, 13
_NODE_INPUT, _NODE_OUTPUT = 1, 2
_INT64 = 7
_OPENED = {"/Cast_32_output_0": "lengths", "f0": "pitch", "/Gather_37_output_0": "energy"}
"""Values of the original graph, and what they are called as inputs."""
_TOLD = {"f0": "told_pitch", "/Gather_37_output_0": "told_energy"}
"""The same as the network predicts them."""
_SPECTRA = {
    "lh": "harmonic_level",
    "theta": "harmonic_phase",
    "ln": "noise_level",
    "lr": "free_level",
    "phi": "free_phase",
}
_BINS = 601


def convert(members: Mapping[str, bytes]) -> bytes:
    """Return the opened network as ONNX, all of its inputs and outputs float32."""
    (file,) = members.values()
    model = fields(file)
    graph = fields(_bytes(model[_MODEL_GRAPH][0]))
    predicted = {name.encode(): told.encode() for name, told in (_TOLD | {"/Cast_32_output_0": "unused"}).items()}
    given = {name.encode(): name.encode() + b"_given" for name in _OPENED}
    opened = [_renamed(_bytes(each), predicted, given) for each in graph[_NODE]]
    casts = [node("Cast", ["sounds"], ["ids"], {"to": _INT64})]
    casts += [node("Cast", ["lengths"], ["/Cast_32_output_0_given"], {"to": _INT64})]
    casts += [node("Identity", [_OPENED[name]], [f"{name}_given"], {}) for name in _TOLD]
    named = [node("Identity", [name], [plain], {}) for name, plain in _SPECTRA.items()]
    graph[_NODE] = [*casts, *opened, *named]
    graph[_INPUT] = [
        declared("sounds", (1, "sounds")),
        declared("speed", (1,)),
        declared("lengths", ("sounds",)),
        declared("pitch", (1, "frames")),
        declared("energy", (1, "frames")),
    ]
    spectra = [declared(name, (1, _BINS, "frames")) for name in _SPECTRA.values()]
    graph[_OUTPUT] = [*spectra, *(declared(told, (1, "frames")) for told in _TOLD.values())]
    # what is told of values that now come from outside need not be told again
    graph.pop(_INFO, None)
    model[_MODEL_GRAPH] = [message(_flat(graph))]
    return message(_flat(model))


def _renamed(data: bytes, outputs: Mapping[bytes, bytes], inputs: Mapping[bytes, bytes]) -> bytes:
    parts = fields(data)
    for number, names in ((_NODE_OUTPUT, outputs), (_NODE_INPUT, inputs)):
        if number in parts:
            parts[number] = [names.get(_bytes(each), each) for each in parts[number]]
    return message(_flat(parts))


def _flat(parts: Mapping[int, list[int | bytes]]) -> list[tuple[int, Value]]:
    return [(number, value) for number, values in parts.items() for value in values]


def _bytes(value: int | bytes) -> bytes:
    assert isinstance(value, bytes)  # noqa: S101  # a message or a name
    return value
