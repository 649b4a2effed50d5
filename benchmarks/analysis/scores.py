"""How right an answer is: by mir_eval in its own environment, and for tempo and metre by what is here."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from benchmarks import peers

Scores = dict[str, float]

_TOLERANCE = 0.04
_OCTAVES = (1.0, 2.0, 3.0, 1.0 / 2.0, 1.0 / 3.0)


class Judge:
    """mir_eval, running until it is ended."""

    def __init__(self) -> None:
        script = Path(peers.__file__).parent / "mir_eval.py"
        command = [str(peers.python("mir_eval")), "-I", str(script)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def scores(self, true: dict[str, Any], found: dict[str, Any]) -> Scores:
        """Return every score that an answer has: mir_eval's (as peers/mir_eval.py says) and `rhythm_scores`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"true": true, "found": found}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("mir_eval ended: see above")
        told: Scores = json.loads(line) | rhythm_scores(true, found)
        if "key_weighted" in told:
            told["key_correct"] = float(told["key_weighted"] == 1.0)
        return told

    def end(self) -> None:
        """End it."""
        self._process.communicate()


def rhythm_scores(true: dict[str, Any], found: dict[str, Any]) -> Scores:
    """Return ``acc1`` and ``acc2``, whether the tempo is right to 4 % and whether it is but for a factor of two or
    three (Gouyon et al., IEEE TASLP 14(5), 2006), and ``metre``, whether the metre is. No tempo is a wrong one."""
    told = {}
    if "bpm" in true and "bpm" in found:
        told["acc1"] = float(_near(found["bpm"], true["bpm"]))
        told["acc2"] = float(any(_near(found["bpm"], factor * true["bpm"]) for factor in _OCTAVES))
    if "metre" in true and "metre" in found:
        told["metre"] = float(found["metre"] == true["metre"])
    return told


def _near(bpm: float | None, true: float) -> bool:
    return bpm is not None and abs(bpm / true - 1.0) <= _TOLERANCE
