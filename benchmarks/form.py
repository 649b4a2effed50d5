"""A song's form: ``python -m benchmarks.form learn`` and ``python -m benchmarks.form measure [tune|held]``.

``learn`` writes what speaks for a boundary (``structure/boundaries.toml``) from the songs that are there to learn from
(``python -m benchmarks.corpus --learning 300``), each on the bars that it really has and on those that are found.
``measure`` prints, of the rendered songs of a half: boundaries within 0.5 and 3 s (F, without both ends), moments that
belong together (pairwise F, Levy and Sandler 2008), the share of the time that has a name, the share that has the right
one, and how often names are right at each confidence.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks import corpus
from benchmarks.halves import run
from soundrack.analysis import structure
from soundrack.analysis.engine import analyze
from soundrack.analysis.features.bands import bands
from soundrack.analysis.features.chroma import chroma
from soundrack.analysis.features.constant_q import constant_q
from soundrack.analysis.features.sound import hear
from soundrack.analysis.loudness import loudness
from soundrack.analysis.rhythm import rhythm
from soundrack.analysis.structure import Section, evidence
from soundrack.analysis.structure.laying import Heard, laid_out

_TABLE = Path(structure.__file__).with_name("boundaries.toml")
_NEAR_BARS = 0.55
_SHRINKAGE = 20.0
_STEP_S = 0.3
"""Between the moments that are compared with each other."""

Curves = dict[str, NDArray[np.float64]]


def learn() -> None:
    """Learn the weights of all that speaks for a boundary, and write them."""
    rows: list[NDArray[np.float64]] = []
    answers: list[NDArray[np.float64]] = []
    names: tuple[str, ...] = ()
    for song in corpus.learning_songs():
        for curves, begins in _examples(song):
            names = tuple(curves)
            columns = [each for name in names for each in (curves[name], evidence.above_neighbours(curves[name]))]
            rows.append(np.stack(columns, axis=1)[1:])
            answers.append(begins[1:])
    weights, bias = logistic(np.concatenate(rows), np.concatenate(answers), _SHRINKAGE)
    _TABLE.write_text(table(names, weights, bias))
    print(f"{len(answers)} songs' bars, {sum(map(len, answers))} bars; written to {_TABLE.name}")


def table(names: tuple[str, ...], weights: NDArray[np.float64], bias: float) -> str:
    """Return the weights as they are kept."""
    lines = [
        "# What speaks for a section's begin: log odds for each unit of a curve (`evidence.py`) and of what it stands",
        "# above its neighbours. Learned by `python -m benchmarks.form learn`.",
        "",
        f"bias = {bias:.3f}",
        "",
        "[weights]",
    ]
    pairs = zip(names, weights.reshape(-1, 2).tolist(), strict=True)
    return "\n".join(
        [*lines, *(f"{name} = {{ own = {own:.3f}, above = {above:.3f} }}" for name, (own, above) in pairs), ""]
    )


def logistic(
    rows: NDArray[np.float64], answers: NDArray[np.float64], shrinkage: float
) -> tuple[NDArray[np.float64], float]:
    """Return weights and bias of a logistic regression of the least loss, with a penalty on standardised weights."""
    centre, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    standard = (rows - centre) / spread

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = standard @ at[:-1] + at[-1]
        lost = np.logaddexp(0.0, -logits) * answers + np.logaddexp(0.0, logits) * (1.0 - answers)
        error = 1.0 / (1.0 + np.exp(-logits)) - answers
        slope = np.append(standard.T @ error + 2.0 * shrinkage * at[:-1], error.sum())
        return float(lost.sum() + shrinkage * np.square(at[:-1]).sum()), slope

    best = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B").x
    weights = best[:-1] / spread
    return weights, float(best[-1] - weights @ centre)


def _examples(song: corpus.Song) -> Iterator[tuple[Curves, NDArray[np.float64]]]:
    """Yield a song's curves and 1 at each bar with which a section begins, on its true bars and on those found."""
    sound, truth = hear(song.audio), song.truth
    seen = bands(sound.mono)
    heard = Heard.of(seen, chroma(constant_q(sound.mono)), loudness(sound).power, sound.duration_s)
    pulse = rhythm(seen)
    true = np.array(truth["beats_s"]), np.array(truth["downbeats_s"])
    for beats_s, downbeats_s in (true, (pulse.beats_s, pulse.downbeats_s)):
        laid = laid_out(heard, beats_s, downbeats_s)
        if laid is not None:
            yield laid.curves, _begins(laid.on.bounds_s, truth)


def _begins(bounds_s: NDArray[np.float64], truth: corpus.Truth) -> NDArray[np.float64]:
    """Return 1 at each bar that is nearest to the begin of a section, but of the first."""
    at, usual_s = bounds_s[:-1], float(np.median(np.diff(bounds_s)))
    begins = np.zeros(len(at))
    for section in truth["sections"][1:]:
        nearest = int(np.argmin(np.abs(at - section["start_s"])))
        if abs(at[nearest] - section["start_s"]) < _NEAR_BARS * usual_s:
            begins[nearest] = 1.0
    return begins


def measure(half: str) -> None:
    """Print how right the form of a half's songs is, those in common metres and all."""
    scores: dict[str, list[dict[str, float]]] = defaultdict(list)
    told: list[tuple[float, float, float]] = []
    for song in corpus.songs("rendered", half):
        sections = analyze(song.audio).structure.sections
        score = scored(song.truth, sections)
        scores["all"].append(score)
        if song.truth.get("common", True):
            scores["common metres"].append(score)
        told += named(song.truth, sections)
    for name, found in scores.items():
        means = {key: float(np.mean([each[key] for each in found])) for key in found[0]}
        print(f"{half}, {name} ({len(found)}): " + ", ".join(f"{key} {mean:.3f}" for key, mean in means.items()))
    for low in np.arange(0.0, 1.0, 0.1):
        here = [(sure, right, long_s) for sure, right, long_s in told if low <= sure < low + 0.1]
        if here:
            sure, right, long_s = np.array(here).T
            print(
                f"    told with {np.average(sure, weights=long_s):.2f}: right {np.average(right, weights=long_s):.2f} "
                f"of the time ({len(here)} sections)"
            )


def scored(truth: corpus.Truth, sections: tuple[Section, ...]) -> dict[str, float]:
    """Return how right sections are."""
    duration_s = truth["duration_s"]
    true, found = (
        [each for each in side if 0.0 < each < duration_s]
        for side in (
            [section["start_s"] for section in truth["sections"]],
            [section.start_s for section in sections[1:]],
        )
    )
    labels = _moments(truth["sections"], duration_s, "label"), _moments(_plain(sections), duration_s, "label")
    groups = _moments(truth["sections"], duration_s, "group"), _moments(_plain(sections), duration_s, "group")
    known = labels[0] != ""
    return {
        "within 0.5 s": f_measure(true, found, 0.5),
        "within 3 s": f_measure(true, found, 3.0),
        "together": _pairwise(groups[0][known], groups[1][known]),
        "named": float((labels[1][known] != "").mean()),
        "right": float((labels[0][known] == labels[1][known]).mean()),
    }


def named(truth: corpus.Truth, sections: tuple[Section, ...]) -> list[tuple[float, float, float]]:
    """Return of each section with a name its confidence, the share of it that is called so in truth, its length."""
    found = []
    for section in sections:
        if section.label is not None:
            shared = sum(
                max(0.0, min(section.end_s, each["end_s"]) - max(section.start_s, each["start_s"]))
                for each in truth["sections"]
                if each["label"] == section.label.value
            )
            long_s = section.end_s - section.start_s
            found.append((section.confidence, shared / long_s, long_s))
    return found


def f_measure(true: list[float], found: list[float], window_s: float) -> float:
    """Return the F measure of boundaries, each of which counts once, as mir_eval has it."""
    true, found = sorted(true), sorted(found)
    one = other = hits = 0
    while one < len(true) and other < len(found):
        if abs(true[one] - found[other]) <= window_s:
            one, other, hits = one + 1, other + 1, hits + 1
        elif true[one] < found[other]:
            one += 1
        else:
            other += 1
    return 2.0 * hits / (len(true) + len(found)) if hits else 0.0


def _plain(sections: tuple[Section, ...]) -> list[dict[str, Any]]:
    return [
        {
            "start_s": each.start_s,
            "end_s": each.end_s,
            "label": each.label.value if each.label else "",
            "group": each.group,
        }
        for each in sections
    ]


def _moments(sections: list[dict[str, Any]], duration_s: float, key: str) -> NDArray[np.str_]:
    at = np.arange(0.0, duration_s, _STEP_S)
    said = np.full(len(at), "", dtype="<U16")
    for section in sections:
        said[(at >= section["start_s"]) & (at < section["end_s"])] = section[key]
    return said


def _pairwise(true: NDArray[np.str_], found: NDArray[np.str_]) -> float:
    """Return the F measure of pairs of moments that are of one group (Levy and Sandler, IEEE TASLP 16(2), 2008)."""
    one, other = true[:, None] == true, found[:, None] == found
    return float(2.0 * (one & other).sum() / (one.sum() + other.sum()))


if __name__ == "__main__":
    sys.exit(run("benchmarks.form", __doc__, learn, measure))
