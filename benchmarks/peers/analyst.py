"""What the analysing peers have in common: they read files that they are told of and print what they found.

Paths are the arguments, or, without any, the lines of the input. The line printed for each is JSON: by method, what it
found and ``cpu_s``, the seconds of the CPU that it took, without decoding, which is a method of its own. The first file
is analysed twice, so that what is compiled or loaded on the first call is not counted. Peers find this file by its
folder, since they run isolated.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import soundfile
import soxr

Found = dict[str, Any]
"""What a method tells of ``bpm``, ``beats_s``, ``downbeats_s``, ``metre``, ``key``, ``chords`` as ``[start_s, end_s,
label]``, and ``boundaries_s``."""


def heard(path: str, rate_hz: int) -> Any:
    """Return a file as one channel at a rate, float32."""
    samples, its_rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    return np.ascontiguousarray(mono if its_rate_hz == rate_hz else soxr.resample(mono, its_rate_hz, rate_hz))


def serve(methods: dict[str, Callable[[Any], Found]], rate_hz: int) -> None:
    """Answer for every file."""
    warm = False
    for path in sys.argv[1:] or (line.rstrip("\n") for line in sys.stdin):
        if not warm:
            sound = heard(path, rate_hz)
            for method in methods.values():
                method(sound)
            warm = True
        started_s = time.process_time()
        sound = heard(path, rate_hz)
        told: dict[str, Found] = {"decoding": {"cpu_s": time.process_time() - started_s}}
        for name, method in methods.items():
            started_s = time.process_time()
            found = method(sound)
            told[name] = found | {"cpu_s": time.process_time() - started_s}
        print(json.dumps(told), flush=True)
