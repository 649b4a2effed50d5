"""Which songs there are: keys, metres, tempi and what is hard in each, drawn by seed and balanced."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from benchmarks.corpus.pitch import Key
from benchmarks.corpus.styles import STYLES, Style

_METRES = ("4/4",) * 6 + ("3/4",) * 2 + ("6/8",) * 2
"""What each of the 24 keys comes in."""
_RARE = ("2/4", "5/4", "7/8")
_TEMPO_KINDS = ("steady",) * 11 + ("drift",) * 4 + ("sudden", "gradual", "ritardando", "ritardando")


@dataclass(frozen=True)
class Plan:
    """What a song is to be.

    `tempo` is in beats per minute; `modulation` in semitones, for its last part, 0 for none; `soundfont` is a name in
    `soundfonts.FONTS`; `loose_ms` is how far notes lie off the beat as they are played, drawn where it is None.
    """

    name: str
    seed: int
    half: str
    style: Style
    metre: str
    key: Key
    tempo: float
    tempo_kind: str
    swing: float
    tuning_cents: float
    modulation: int
    drums: bool
    soundfont: str
    loose_ms: float | None = None


def plans() -> list[Plan]:
    """Return every song's plan, in an order in which the first are as varied as all."""
    wanted = [(metre, tonic, mode) for metre in _METRES for tonic in range(12) for mode in ("major", "minor")]
    wanted += [(metre, 2 * tonic, mode) for metre in _RARE for tonic in range(6) for mode in ("major", "minor")]
    halves = _halves(wanted)
    order = sorted(range(len(wanted)), key=lambda seed: _hash("order", seed))
    return [_plan(seed, *wanted[seed], halves[seed]) for seed in order]


def _halves(wanted: list[tuple[str, int, str]]) -> dict[int, str]:
    """Share the seeds out by their hashes: in each metre and key as many to one half as to the other."""
    groups: dict[tuple[str, int, str], list[int]] = {}
    for seed, group in enumerate(wanted):
        groups.setdefault(group, []).append(seed)
    halves = {}
    for number, seeds in enumerate(groups.values()):
        for place, seed in enumerate(sorted(seeds, key=lambda seed: _hash("half", seed))):
            # groups of one alternate
            halves[seed] = ("tune", "held")[(place + (number if len(seeds) % 2 else 0)) % 2]
    return halves


def _plan(seed: int, metre: str, tonic: int, mode: str, half: str) -> Plan:
    rng = np.random.default_rng([8, seed])
    fitting = [style for style in STYLES if metre in style.metres]
    weights = np.array([style.minor if mode == "minor" else 1.0 - style.minor for style in fitting]) + 0.05
    style = fitting[int(rng.choice(len(fitting), p=weights / weights.sum()))]
    swing = float(rng.choice(style.swings)) if metre in ("4/4", "3/4") else 1.0
    # the held half has an instrument set of its own, which nothing can have been learned on
    fonts = ("fluid", "fluid", "musescore") if half == "tune" else ("fluid", "fluid", "timgm")
    return Plan(
        name=f"song-{seed:03d}",
        seed=seed,
        half=half,
        style=style,
        metre=metre,
        key=Key(tonic, mode),
        tempo=round(float(rng.uniform(style.slowest, style.quickest)), 1 if rng.random() < 0.3 else 0),
        tempo_kind=str(rng.choice(_TEMPO_KINDS)),
        swing=swing,
        tuning_cents=round(float(rng.uniform(-40.0, 40.0)), 1) if rng.random() < 0.3 else 0.0,
        modulation=int(rng.choice([1, 2, 3, 5, -5, -3])) if rng.random() < 0.15 else 0,
        drums=bool(style.grooves) and rng.random() < 0.85,
        soundfont=str(rng.choice(fonts)),
    )


def _hash(purpose: str, seed: int) -> str:
    return hashlib.sha256(f"{purpose} {seed}".encode()).hexdigest()
