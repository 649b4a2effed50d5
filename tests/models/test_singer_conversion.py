"""The singing network's conversion: a graph's predictions become inputs."""

from __future__ import annotations

import numpy as np
import onnxruntime

from soundrack.models.conversion.graph import declared, node
from soundrack.models.conversion.singer import convert
from soundrack.models.conversion.wire import message


def original() -> bytes:
    """Return a graph with the names of hibari's that predicts lengths, pitch and energy from its sounds."""
    nodes = [
        node("Identity", ["ids"], ["/Cast_32_output_0"], {}),
        node("Cast", ["ids"], ["float_ids"], {"to": 1}),
        node("Add", ["float_ids", "speed"], ["f0"], {}),
        node("Mul", ["float_ids", "speed"], ["/Gather_37_output_0"], {}),
        node("Add", ["f0", "/Gather_37_output_0"], ["lh"], {}),
        node("Sub", ["f0", "/Gather_37_output_0"], ["theta"], {}),
        node("Cast", ["/Cast_32_output_0"], ["ln"], {"to": 1}),
        node("Identity", ["f0"], ["lr"], {}),
        node("Identity", ["/Gather_37_output_0"], ["phi"], {}),
    ]
    ids = message([(1, "ids"), (2, message([(1, message([(1, 7), (2, message([]))]))]))])
    inputs = [ids, declared("speed", (1,))]
    outputs = [declared(name, (1, "F")) for name in ("lh", "f0")]
    graph = [(1, each) for each in nodes] + [(2, "original")]
    graph += [(11, each) for each in inputs] + [(12, each) for each in outputs]
    return message([(1, 8), (7, message(graph)), (8, message([(1, ""), (2, 17)]))])


def test_lengths_pitch_and_energy_come_from_outside_and_what_the_network_would_say_is_told() -> None:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(convert({"hibari.onnx": original()}), options)
    given = {
        "sounds": np.array([[1, 2, 3, 4]], dtype=np.float32),
        "speed": np.full(1, 2.0, dtype=np.float32),
        "lengths": np.array([5, 6, 7, 8], dtype=np.float32),
        "pitch": np.array([[10, 20, 30, 40]], dtype=np.float32),
        "energy": np.array([[0.1, 0.2, 0.3, 0.4]], dtype=np.float32),
    }
    assert [each.name for each in session.get_inputs()] == list(given)
    assert {each.type for each in session.get_inputs()} == {"tensor(float)"}

    told = session.run(["told_pitch", "told_energy"], given)
    assert np.array_equal(told[0], [[3, 4, 5, 6]])
    assert np.array_equal(told[1], [[2, 4, 6, 8]])
    level, phase, noise = session.run(["harmonic_level", "harmonic_phase", "noise_level"], given)
    assert np.allclose(level, given["pitch"] + given["energy"])
    assert np.allclose(phase, given["pitch"] - given["energy"])
    assert np.array_equal(noise, given["lengths"])
