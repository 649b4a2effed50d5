"""How the rhythm's weights are learned, model by model, each on what those before it give.

All are linear in named features. Weights are learned on features of equal spread, with a penalty on their squares, and
written for the features as they are.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.rhythm import examples
from benchmarks.rhythm.examples import Example
from benchmarks.rhythm.scoring import f_measure, same
from soundrack.analysis.features.bands import FPS
from soundrack.analysis.rhythm import (
    bars,
    beats,
    certainty,
    feel,
    hypotheses,
    linear,
    metre,
    salience,
    subdivision,
    timing,
)
from soundrack.analysis.rhythm.activation import Activation, activation
from soundrack.analysis.rhythm.hypotheses import Hypothesis, Scene
from soundrack.analysis.rhythm.onsets import Onsets, onsets
from soundrack.analysis.rhythm.pulse import pulse

_FILE = Path(linear.__file__).with_name("weights.toml")
_HEAD = """# What the rhythm's models weigh their features with: `python -m benchmarks.rhythm learn` wrote this.
#
# Learned on the halves `tune` of the rendered songs in common metres and of the labelled clips, and on sounds without
# a beat; docs/rhythm.md tells what the models are, the modules that ask for a table what its features are.
"""
_LATENCY_S = 0.02
_NEAR_S = 0.1
_RIGHT = 0.85
_CLIP_WEIGHT = 2.0
_LEVEL_PENALTY = 1.0
_CLIP_FRAMES_COUNT = 5
_FOLDS = 4
_LEAST_BEATS = 8

Matrix = NDArray[np.float64]


@dataclass
class Heard:
    """An example, as its rhythm is heard."""

    name: str
    example: Example
    activation: Activation
    onsets: Onsets

    def curve(self) -> NDArray[np.float32]:
        """Return its salience."""
        return salience.salience(self.activation, self.onsets)

    def scene(self) -> Scene:
        """Return what its hypotheses are judged by."""
        return hypotheses.scene(self.onsets, self.curve(), self.activation.beat, self.activation.downbeat)


def learn() -> None:
    """Learn all, and write it."""
    songs = [heard(example) for example in examples.rendered("tune") if example.truth and example.truth["common"]]
    clips = [heard(example) for example in examples.clips("tune")]
    silent = [heard(example) for example in examples.beatless("tune")]
    print(f"{len(songs)} songs, {len(clips)} clips, {len(silent)} sounds without a beat")
    text = _learned(songs, clips, silent)
    _FILE.write_text(text)
    linear._tables.cache_clear()


def _learned(songs: list[Heard], clips: list[Heard], silent: list[Heard]) -> str:
    """Learn model by model, each on what those before it give, and return them as they are written."""
    tables: dict[str, str] = {}

    def text() -> str:
        return _HEAD + "\n" + "\n\n".join(tables.values()) + "\n"

    def keep(name: str, features: Sequence[str], fitted: tuple[Matrix, float]) -> None:
        weights, offset = fitted
        lines = [f"{feature} = {weight:.5g}" for feature, weight in zip(map(_key, features), weights, strict=True)]
        tables[name] = "\n".join([f"[{name}]", f"offset = {offset:.5g}", "", f"[{name}.weights]", *lines])
        print("learned", name, flush=True)

    with patch.object(linear, "_tables", lambda: tomllib.loads(text())):
        keep("salience", salience.FEATURES, _salience(songs, clips))
        leveled = [level for each in songs if (level := _true_level(each)) is not None]
        keep("bars", bars.FEATURES, _bars(leveled))
        groups = [group for each in [*songs, *clips] if (group := _group(each)) is not None]
        keep("levels", hypotheses.FEATURES, _choice([group[:3] for group in groups], _LEVEL_PENALTY))
        keep("compound", subdivision.FEATURES, _compound(leveled))
        keep("metre", metre.PRIORS, _metre(leveled))
        keep("half_time", feel.FEATURES, _half_time(leveled))
        rows, right, there = _judged_all(songs, clips, silent, groups)
        keep("certainty", certainty.FEATURES, fit(rows, right, 1.0))
        columns = [certainty.FEATURES.index(name) for name in certainty.PRESENCE]
        keep("presence", certainty.PRESENCE, fit(rows[:, columns], there, 1.0))
        keep("metre_certainty", metre.CERTAINTY, _metre_certainty(leveled))
    return text()


def heard(example: Example) -> Heard:
    """Hear an example."""
    kept = Example(example.name, example.kind, example.half, example.bpm, example.truth, examples.NO_BANDS)
    return Heard(example.name, kept, activation(example.bands), onsets(example.bands))


def _key(feature: str) -> str:
    return feature if feature.replace("_", "").isalnum() else f'"{feature}"'


def _salience(songs: list[Heard], clips: list[Heard]) -> tuple[Matrix, float]:
    """Beats against all other moments but those next to beats."""
    rows, labels = [], []
    for each in [*songs, *clips]:
        features = salience.features(each.activation, each.onsets)
        frames = np.rint((_true_beats(each) - _LATENCY_S) * FPS).astype(np.int64)
        frames = frames[(frames >= 0) & (frames < len(features))]
        label = np.zeros(len(features), bool)
        label[frames] = True
        kept = np.ones(len(features), bool)
        kept[np.clip(np.concatenate((frames - 1, frames + 1)), 0, len(features) - 1)] = False
        kept[frames] = True
        kept[frames[-1] + FPS // 2 :] = False
        times = 1 if each.example.truth is not None else _CLIP_FRAMES_COUNT
        rows += [features[kept]] * times
        labels += [label[kept]] * times
    return fit(np.vstack(rows).astype(np.float64), np.concatenate(labels), 10.0)


def _true_beats(each: Heard) -> Matrix:
    """Return a song's beats, or those of a clip that follow from its tempo and the network."""
    if each.example.truth is not None:
        return np.asarray(each.example.truth["beats_s"])
    assert each.example.bpm is not None
    found = pulse(each.activation.beat, each.example.bpm / 1.06, each.example.bpm * 1.06)
    return found.beats_s + _LATENCY_S


@dataclass
class Leveled:
    """A song's beats on its true level, as they are tracked."""

    heard: Heard
    scene: Scene
    beats_s: Matrix


def _true_level(each: Heard) -> Leveled | None:
    scene, curve, truth = each.scene(), each.curve(), each.example.truth
    assert truth is not None
    levels = hypotheses.levels(beats.tracked(scene, curve))
    scored = [(f_measure(truth["beats_s"], level + _LATENCY_S), number) for number, level in enumerate(levels)]
    best, number = max(scored, default=(0.0, 0))
    if best < _RIGHT:
        print(f"  {each.name}: no level is right, the best has F {best:.2f}")
        return None
    return Leveled(each, scene, beats.followed(scene, curve, levels[number]))


def _bars(leveled: list[Leveled]) -> tuple[Matrix, float]:
    rows, labels = [], []
    for song in leveled:
        rows.append(bars.evidence(song.scene.onsets, song.scene.downbeat, song.beats_s))
        labels.append(_is_downbeat(song))
    return fit(np.vstack(rows), np.concatenate(labels), 100.0)


def _is_downbeat(song: Leveled) -> NDArray[np.bool_]:
    truth = song.heard.example.truth
    assert truth is not None
    apart = np.abs(np.subtract.outer(song.beats_s + _LATENCY_S, truth["downbeats_s"]))
    return np.asarray(apart.min(axis=1) < _NEAR_S)


def _group(each: Heard) -> tuple[Matrix, NDArray[np.bool_], float, list[Matrix]] | None:
    """Return a song's levels: their features, which are right, how much the song counts, and their beats."""
    scene, curve = each.scene(), each.curve()
    levels = hypotheses.levels(beats.tracked(scene, curve))
    if not levels:
        return None
    rows = np.array([hypotheses.features(scene, level) for level in levels])
    truth = each.example.truth
    if truth is not None:
        scores = np.array([f_measure(truth["beats_s"], level + _LATENCY_S) for level in levels])
        return rows, scores >= _RIGHT, 1.0, levels
    right = np.array([same(hypotheses.middle_bpm(level), each.example.bpm) for level in levels])
    return rows, right, _CLIP_WEIGHT, levels


def _compound(leveled: list[Leveled]) -> tuple[Matrix, float]:
    rows = np.array([subdivision.features(song.scene.onsets, song.beats_s) for song in leveled])
    return fit(rows, np.array([_metre_name(song) == "6/8" for song in leveled]), 3.0)


def _metre_name(song: Leveled) -> str:
    truth = song.heard.example.truth
    assert truth is not None
    return str(truth["metre"])


def _metre(leveled: list[Leveled]) -> tuple[Matrix, float]:
    groups = []
    for song in leveled:
        odds = bars.downbeat_log_odds(song.scene.onsets, song.scene.downbeat, song.beats_s)
        names, _, rows = metre.choices(odds, _metre_name(song) == "6/8")
        right = np.array([name == _metre_name(song) for name in names])
        groups.append((rows, right, 1.0))
    return _choice(groups, 1.0)


def _half_time(leveled: list[Leveled]) -> tuple[Matrix, float]:
    rows, labels = [], []
    for song in leveled:
        truth = song.heard.example.truth
        assert truth is not None
        if truth["metre"] == "4/4" and truth["drums"]:
            odds = bars.downbeat_log_odds(song.scene.onsets, song.scene.downbeat, song.beats_s)
            rows.append(feel.features(song.scene.onsets, song.beats_s, bars.path(odds, 4).positions))
            labels.append(truth["feel"] == "half_time")
    return fit(np.array(rows), np.array(labels), 3.0)


def _judged_all(
    songs: list[Heard],
    clips: list[Heard],
    silent: list[Heard],
    groups: list[tuple[Matrix, NDArray[np.bool_], float, list[Matrix]]],
) -> tuple[Matrix, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return what tells how sure tempi are, which are right, and where there is a beat.

    Levels are judged by weights that were learned without the song in question.
    """
    rows, labels, there = [], [], []
    told = [each for each in [*songs, *clips] if _group(each) is not None]
    for fold in range(_FOLDS):
        others = [group[:3] for number, group in enumerate(groups) if number % _FOLDS != fold]
        weights, _ = _choice(others, _LEVEL_PENALTY)
        for number, each in enumerate(told):
            if number % _FOLDS == fold:
                judged = _judged(each, groups[number], weights)
                if judged is not None:
                    rows.append(judged[0])
                    labels.append(same(judged[1], each.example.bpm))
                    there.append(True)
    weights, _ = _choice([group[:3] for group in groups], _LEVEL_PENALTY)
    for each in silent:
        group = _group(each)
        judged = None if group is None else _judged(each, group, weights)
        if judged is not None:
            rows.append(judged[0])
            labels.append(False)
            there.append(False)
    print(f"  {sum(labels)} right of {len(labels)}")
    return np.array(rows), np.array(labels), np.array(there)


def _judged(
    each: Heard, group: tuple[Matrix, NDArray[np.bool_], float, list[Matrix]], weights: Matrix
) -> tuple[Matrix, float] | None:
    rows, _, _, levels = group
    scores = rows @ weights
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    judged = [
        Hypothesis(hypotheses.middle_bpm(level), level, float(share))
        for level, share in zip(levels, shares, strict=True)
    ]
    scene, curve = each.scene(), each.curve()
    times_s = beats.followed(scene, curve, levels[int(scores.argmax())])
    if len(times_s) < _LEAST_BEATS:
        return None
    bpm = timing.tempo_bpm(times_s)
    return certainty.features(scene, sorted(judged, key=lambda one: -one.probability), times_s), bpm


def _metre_certainty(leveled: list[Leveled]) -> tuple[Matrix, float]:
    """Right or wrong; beats in another order stand for what has no metre."""
    rows, labels = [], []
    model = linear.linear("metre", metre.PRIORS)
    for number, song in enumerate(leveled):
        odds = bars.downbeat_log_odds(song.scene.onsets, song.scene.downbeat, song.beats_s)
        names, paths, choice = metre.choices(odds, subdivision.compound_log_odds(song.scene.onsets, song.beats_s) > 0.0)
        log_odds = model(choice)
        rows.append(metre.certainty(odds, paths, log_odds))
        labels.append(names[int(log_odds.argmax())] == _metre_name(song))
        if number % 4 == 0:
            # the same beats in another order have no bars
            mixed = np.random.default_rng(number).permutation(odds)
            _, paths, choice = metre.choices(mixed, False)
            rows.append(metre.certainty(mixed, paths, model(choice)))
            labels.append(False)
    return fit(np.array(rows), np.array(labels), 1.0)


def fit(rows: Matrix, labels: NDArray[np.bool_], penalty: float) -> tuple[Matrix, float]:
    """Return the weights and the offset of a logistic regression."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    even = np.column_stack(((rows - mean) / spread, np.ones(len(rows))))
    signs = np.where(labels, 1.0, -1.0)

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        margin = signs * (even @ weights)
        wrong = 1.0 / (1.0 + np.exp(np.clip(margin, -50.0, 50.0)))
        held = np.append(weights[:-1], 0.0)
        return (
            float(np.logaddexp(0.0, -margin).sum() + 0.5 * penalty * held @ held),
            penalty * held - even.T @ (wrong * signs),
        )

    found = _least(loss, even.shape[1])
    weights = found[:-1] / spread
    return weights, float(found[-1] - weights @ mean)


def _choice(groups: list[tuple[Matrix, NDArray[np.bool_], float]], penalty: float) -> tuple[Matrix, float]:
    """Return the weights of a conditional logit model: in each group, one of those that are right is to be taken."""
    there = [group for group in groups if group[1].any()]
    rows = np.vstack([group[0] for group in there])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    even = [((features - mean) / spread, right, counts) for features, right, counts in there]

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, slope = 0.5 * penalty * float(weights @ weights), penalty * weights
        for features, right, counts in even:
            scores = features @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            share = max(float(shares[right].sum()), 1e-12)
            total -= counts * np.log(share)
            slope = slope + counts * (features.T @ (shares - shares * right / share))
        return total, slope

    return _least(loss, rows.shape[1]) / spread, 0.0


def _least(loss: Callable[[Matrix], tuple[float, Matrix]], size: int) -> Matrix:
    return np.asarray(minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B").x)
