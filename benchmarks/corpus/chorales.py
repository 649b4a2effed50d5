"""Bach's chorales and Monteverdi's madrigals, sung by sampled choirs, organs, strings and winds, as a human heard them.

Scores and analyses come with music21 (peers/music21.py reads them there); of the longer ones their beginning is taken.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import peers
from benchmarks.corpus import Truth, folder

_ENVIRONMENT = "music21"
_SCRIPT = Path(peers.__file__).parent / "music21.py"
_LONGEST_S, _TAIL_S, _LEAD_IN_S = 85.0, 2.5, 0.2
_ENSEMBLES = {
    "organ": (19,),
    "choir": (52,),
    "strings": (48,),
    "winds": (73, 68, 71, 71, 70, 70),
    "brass": (56, 56, 60, 57, 58, 58),
}
_FONTS = {"tune": ("fluid", "fluid", "musescore"), "held": ("fluid", "fluid", "timgm")}


def analyses() -> list[dict[str, Any]]:
    """Return the analyses as peers/music21.py prints them, read once and kept.

    Raises
    ------
    subprocess.CalledProcessError
        If music21 cannot be had or fails.
    """
    if not peers.installed(_ENVIRONMENT):
        peers.install(_ENVIRONMENT)
    digest = hashlib.sha256(_SCRIPT.read_bytes() + peers.requirements(_ENVIRONMENT).read_bytes()).hexdigest()[:12]
    path = folder() / "analyses" / f"{digest}.jsonl"
    if not path.exists():
        command = [str(peers.python(_ENVIRONMENT)), "-I", str(_SCRIPT)]
        ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ran.stdout)
    return [json.loads(line) for line in path.read_text().splitlines()]


def halves(names: list[str]) -> dict[str, str]:
    """Share names out by their hashes, as many of either kind to one half as to the other."""
    shared = {}
    for kind in ("riemenschneider", "madrigal"):
        own = [name for name in names if name.startswith(kind)]
        for place, name in enumerate(sorted(own, key=lambda name: hashlib.sha256(name.encode()).hexdigest())):
            shared[name] = ("tune", "held")[place % 2]
    return shared


def perform(analysis: dict[str, Any], half: str) -> tuple[list[dict[str, Any]], Truth]:
    """Return what is played of a piece, and its truth, as `performance.perform` does."""
    rng = np.random.default_rng(seed(analysis))
    # madrigals are written in long values
    tempo = float(rng.uniform(66.0, 88.0) if len(analysis["parts"]) == 4 else rng.uniform(120.0, 150.0))
    quarter_s = 60.0 / tempo
    first_q = min(note[0] for part in analysis["parts"] for note in part)
    last_q = min(first_q + _LONGEST_S / quarter_s, max(note[1] for part in analysis["parts"] for note in part))
    ensemble = str(rng.choice(list(_ENSEMBLES)))
    programs = _ENSEMBLES[ensemble]

    def time(place_q: float) -> float:
        return float(round(_LEAD_IN_S + (min(max(place_q, first_q), last_q) - first_q) * quarter_s, 4))

    parts = []
    for number, part in enumerate(analysis["parts"]):
        events = [
            (time(start), max(time(end), time(start) + 0.1), int(pitch), int(rng.integers(70, 100)))
            for start, end, pitch in part
            if first_q <= start < last_q - 0.25
        ]
        program = programs[min(number, len(programs) - 1)]
        parts.append({"role": "comp", "program": program, "pan": 0.3 + 0.1 * number, "events": sorted(events)})
    duration_s = round(time(last_q) + _TAIL_S, 4)
    chords = [
        (time(start), time(end), label) for start, end, label in analysis["chords"] if start < last_q and end > first_q
    ]
    keys = [(time(start), time(end), name) for start, end, name in analysis["keys"] if start < last_q and end > first_q]
    lengths: dict[str, float] = {}
    for start, end, name in keys:
        lengths[name] = lengths.get(name, 0.0) + end - start
    return [part for part in parts if part["events"]], {
        "name": analysis["name"].replace(".", "-"),
        "set": "chorales",
        "half": half,
        "seed": seed(analysis)[0],
        "style": ensemble,
        "soundfont": str(rng.choice(_FONTS[half])),
        "duration_s": duration_s,
        "tuning_cents": 0.0,
        "key": max(lengths, key=lambda name: lengths[name]),
        "key_segments": [{"start_s": start, "end_s": end, "name": name} for start, end, name in keys],
        "chords": [
            {"start_s": 0.0, "end_s": chords[0][0], "label": "N"},
            *({"start_s": start, "end_s": end, "label": label} for start, end, label in chords),
            {"start_s": chords[-1][1], "end_s": duration_s, "label": "N"},
        ],
        "drums": False,
        "fit": analysis["fit"],
    }


def seed(analysis: dict[str, Any]) -> list[int]:
    """Return what a piece's performance and mix are drawn by."""
    return [int(hashlib.sha256(analysis["name"].encode()).hexdigest()[:8], 16)]
