"""Instruments from a SoundFont: a line of JSON is a song, and each of its parts becomes a file.

Argument: the SoundFont's path. A line holds ``rate_hz``, ``duration_s``, ``tuning_cents`` and ``parts``, each with
``role`` (``drums`` or another), ``program``, ``pan``, ``events`` of ``[start_s, end_s, note, velocity]`` and
``destination``, a path that a float32 array of shape (frames, 2) is saved at. For each line one is printed.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
from tinysoundfont import Synth  # type: ignore[import-not-found, unused-ignore]

_DRUM_BANK = 128


def render(synth: Any, font: int, part: dict[str, Any], rate_hz: int, frames: int, tuning_cents: float) -> Any:
    """Return what a part sounds like, float32, shape (frames, 2)."""
    drums = part["role"] == "drums"
    synth.sounds_off(0)
    synth.program_select(0, font, _DRUM_BANK if drums else 0, part["program"], drums)
    synth.control_change(0, 10, round(127 * part["pan"]))
    synth.set_tuning(0, 0.0 if drums else tuning_cents / 100.0)
    happenings = []
    for start_s, end_s, note, velocity in part["events"]:
        # at one place what ends goes before what starts
        happenings += [(round(start_s * rate_hz), 1, note, velocity), (round(end_s * rate_hz), 0, note, 0)]
    sound = np.zeros((frames, 2), dtype=np.float32)
    place = 0
    for at, starts, note, velocity in [*sorted(happenings), (frames, 0, -1, 0)]:
        until = min(at, frames)
        if until > place:
            buffer = bytearray((until - place) * 8)
            synth.generate_simple(until - place, buffer=memoryview(buffer))
            sound[place:until] = np.frombuffer(buffer, dtype=np.float32).reshape(-1, 2)
            place = until
        if note >= 0:
            if starts:
                synth.noteon(0, note, velocity)
            else:
                synth.noteoff(0, note)
    return sound


def main(path: str) -> None:
    synth, font, rate_hz = None, 0, 0
    for line in sys.stdin:
        song = json.loads(line)
        if synth is None or rate_hz != song["rate_hz"]:
            rate_hz = song["rate_hz"]
            synth = Synth(gain=-9, samplerate=rate_hz)
            font = synth.sfload(path)
        frames = round(song["duration_s"] * rate_hz)
        for part in song["parts"]:
            np.save(part["destination"], render(synth, font, part, rate_hz, frames, song["tuning_cents"]))
        print(len(song["parts"]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
