"""Which instruments play: ``python -m benchmarks.instruments learn`` and ``... measure [tune|held]``.

``learn`` fits what the tags' likelihoods mean, from the songs that are there to learn from (``python -m
benchmarks.corpus --learning 300``), whose instruments are known: it writes ``tags/instruments.toml`` and prints the
weights by which ``stems/estimate.py`` tells whether there are drums. ``measure`` prints how often instruments and drums
are told, and are there, in the rendered songs of a half; and how the scores of mood go with style, tempo and mode.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from benchmarks import corpus
from benchmarks.corpus import learning
from benchmarks.corpus.composing import compose
from benchmarks.corpus.plan import Plan, plans
from benchmarks.form import logistic
from benchmarks.halves import run
from soundrack.analysis import tags as tagging
from soundrack.analysis.engine import analyze
from soundrack.analysis.features.bands import bands
from soundrack.analysis.features.sound import hear
from soundrack.analysis.stems.estimate import accompaniment, drummed
from soundrack.analysis.tags.instruments import confidence, likelihoods, log_odds

_TABLE = Path(tagging.__file__).with_name("instruments.toml")
_SHRINKAGE = 0.5
_FEWEST = 10
_UNTRIED = {"bias": 0.0, "slope": 1.0}
"""Of an instrument that too few songs have: the network's own likelihood."""

_PROGRAMS: Mapping[str, tuple[int, ...]] = {
    "guitar": tuple(range(24, 32)),
    "piano": tuple(range(4)),
    "synthesizer": (38, 39, 62, 63, *range(80, 96)),
    "strings": tuple(range(40, 52)),
    "flute": tuple(range(72, 76)),
    "harp": (46,),
    "harpsichord": (6,),
    "sitar": (104,),
}
"""General MIDI's programs, from 0."""

_ENERGY = (
    ("ambient",),
    ("piano", "ballad", "classical", "slow soul", "slow swing"),
    (
        *("orchestral", "waltz", "ballroom waltz", "folk", "bossa", "blues", "soul", "jazz", "gospel", "country"),
        *("march", "reggae", "dub", "hip hop", "trap", "slow rock"),
    ),
    ("jig", "polka", "ska", "pop", "funk", "synth pop", "disco", "chiptune", "dubstep", "reggaeton", "fast swing"),
    ("house", "afro house", "trance", "drum and bass", "rock", "metal", "punk"),
)
_DANCED = (
    ("ambient", "piano", "ballad", "classical", "orchestral"),
    (
        *("waltz", "ballroom waltz", "folk", "march", "blues", "jazz", "slow swing", "country", "gospel", "rock"),
        *("metal", "punk", "slow soul", "slow rock"),
    ),
    (
        *("soul", "bossa", "reggae", "dub", "pop", "jig", "polka", "ska", "hip hop", "trap", "dubstep", "chiptune"),
        *("drum and bass", "fast swing"),
    ),
    ("funk", "synth pop", "disco", "house", "afro house", "trance", "reggaeton"),
)
"""Styles in the order in which most would put them, from the least: no listener was asked."""


@dataclass(frozen=True)
class Case:
    """A song: what plays in it, the likelihoods of the tags, how certain its drums are by themselves."""

    plays: dict[str, bool]
    likelihoods: dict[str, float]
    certainty: float


def learn() -> None:
    """Learn what likelihoods mean."""
    cases = list(_cases(learning.plans(corpus.LEARNED_FROM), corpus.learning_songs()))
    lines = [
        "# How sure an instrument is: a logistic curve over the log odds of its tag's likelihood. Learned by",
        "# `python -m benchmarks.instruments learn`; what too few songs have keeps the likelihood itself.",
        "",
    ]
    for name in cases[0].likelihoods:
        there = np.array([float(case.plays[name]) for case in cases])
        odds = np.array([[log_odds(case.likelihoods[name])] for case in cases])
        fitted = dict(_UNTRIED)
        if there.sum() >= _FEWEST:
            slope, bias = logistic(odds, there, _SHRINKAGE)
            fitted = {"bias": round(bias, 2), "slope": round(float(slope[0]), 2)}
        lines.append(f"{name} = {{ bias = {fitted['bias']}, slope = {fitted['slope']} }}")
    _TABLE.write_text("\n".join([*lines, ""]))
    rows = np.array([[case.certainty, log_odds(case.likelihoods["drums"])] for case in cases])
    weights, bias = logistic(rows, np.array([float(case.plays["drums"]) for case in cases]), _SHRINKAGE)
    print(f"{len(cases)} songs; drums: {bias:.2f}, {weights[0]:.2f}, {weights[1]:.2f}")


def measure(half: str) -> None:
    """Print how right instruments, drums and the orders of moods are."""
    cases = list(_cases(plans(), corpus.songs("rendered", half)))
    print(f"{half}, {len(cases)} rendered songs")
    for name in cases[0].likelihoods:
        sure = np.array([confidence(name, case.likelihoods[name]) for case in cases])
        there = np.array([case.plays[name] for case in cases])
        told = sure >= 0.5
        right = f"{there[told].mean():.2f} right, told with {sure[told].mean():.2f}" if told.any() else ""
        print(f"    {name:12} in {there.sum():3}, told of {told.sum():3}; {right}")
    probable = np.array([drummed(case.certainty, case.likelihoods["drums"]) for case in cases])
    there = np.array([case.plays["drums"] for case in cases])
    zones = {"there": probable >= 0.5, "open": (probable < 0.5) & (probable > 0.1), "not there": probable <= 0.1}
    for name, told in zones.items():
        print(f"    drums stem told to be {name}: {told.sum()}, of which {there[told].sum()} have drums")
    _moods(half)


def _moods(half: str) -> None:
    """Print the rank correlation (Spearman's) of each score with what it should go with."""
    pairs: dict[str, list[tuple[float, float]]] = {"energy": [], "danceability": [], "valence": []}
    for song in corpus.songs("rendered", half):
        mood, truth = analyze(song.audio).mood, song.truth
        if mood.energy is None or mood.danceability is None or mood.valence is None:
            continue
        for name, order, score in (("energy", _ENERGY, mood.energy), ("danceability", _DANCED, mood.danceability)):
            place = next((number for number, styles in enumerate(order) if truth["style"] in styles), None)
            if place is not None:
                pairs[name].append((place, score))
        quick = 2.0 * float(np.clip((truth["bpm"] - 60.0) / 100.0, 0.0, 1.0)) - 1.0
        pairs["valence"].append(((1.0 if "major" in truth["key"] else -1.0) + quick, mood.valence))
    for name, both in pairs.items():
        print(f"    {name} against its order: {spearmanr(np.array(both))[0]:.2f} ({len(both)} songs)")


def _cases(planned: list[Plan], songs: list[corpus.Song]) -> Iterator[Case]:
    by_name = {plan.name: plan for plan in planned}
    for song in songs:
        parts = compose(by_name[song.name]).parts
        programs = {part.program for part in parts if part.role != "drums"}
        plays = {name: bool(programs & set(its)) for name, its in _PROGRAMS.items()}
        plays["drums"] = any(part.role == "drums" for part in parts)
        sound = hear(song.audio)
        found = accompaniment(bands(sound.mono))
        assert found is not None
        yield Case(plays, likelihoods(tagging.tags(sound)), found["drums"].certainty)


if __name__ == "__main__":
    sys.exit(run("benchmarks.instruments", __doc__, learn, measure))
