"""How the rhythm's weights are learned, model by model, each on what those before it give.

All are linear in named features. Weights are learned on features of equal spread, with a penalty on their squares, and
written for the features as they are. Whatever tells how sure the tempo or the metre is, is learned from songs that the
models judge which were learned without them.
"""

from __future__ import annotations

import tomllib
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.rhythm import examples
from benchmarks.rhythm.fitting import Choice, Layers, Matrix, choice, fit, layered_choice
from benchmarks.rhythm.hearing import Heard, heard
from benchmarks.rhythm.reliability import reliability
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
from soundrack.analysis.rhythm.hypotheses import Hypothesis, Scene
from soundrack.analysis.rhythm.pulse import pulse

_FILE = Path(linear.__file__).with_name("weights.toml")
_HEAD = """# What the rhythm's models weigh their features with: `python -m benchmarks.rhythm learn` wrote this.
#
# Learned on songs that are for learning alone, on the halves `tune` of the rendered songs, of the labelled clips and of
# the charted recordings, and on sounds without a beat; docs/rhythm.md tells what the models are, the modules that ask
# for a table what its features are.
"""
_LATENCY_S = 0.02
_NEAR_S = 0.1
_RIGHT = 0.85
_CUT_COUNTS, _REAL_COUNTS, _SILENT_COUNTS = 0.5, 12.0, 5.0
"""What a cut, a recording or clip, and a sound without a beat count beside a rendered song."""
_LEVEL_PENALTIES = 5.0, 3.0
"""On the squared weights beside the hidden units, and on theirs."""
_FRAMES_COUNT = 10
"""What a frame of a recording or clip counts beside one of a rendered song."""
_FOLDS = 5
_LEAST_BEATS = 8

_Keep = Callable[[str, Sequence[str], tuple[Matrix, float]], None]


@dataclass(frozen=True)
class Material:
    """What is learned from: rendered songs, whole and cut; recordings and clips; plain beats; what has no beat."""

    songs: list[Heard]
    real: list[Heard]
    plain: list[Heard]
    silent: list[Heard]


def learn() -> None:
    """Learn all, and write it."""
    text = learned(material())
    _FILE.write_text(text)
    linear._tables.cache_clear()


def material() -> Material:
    """Hear all that is learned from."""
    songs = [
        heard(example, cut=cut)
        for source in (examples.rendered("tune"), examples.learning())
        for example in source
        for cut in (False, True)
    ]
    real = [heard(example) for source in (examples.clips, examples.charted) for example in source("tune")]
    plain = [heard(example) for example in examples.undoubted()]
    silent = [heard(example) for example in examples.beatless("tune")]
    print(f"{len(songs)} songs and cuts of them, {len(real)} recordings, {len(silent)} sounds without a beat")
    return Material(songs, real, plain, silent)


def learned(heard_of: Material) -> str:
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
        keep("salience", salience.FEATURES, _salience(heard_of))
        leveled = [level for each in heard_of.songs if (level := _true_level(each)) is not None]
        keep("bars", bars.FEATURES, _bars(leveled))
        judged = [*heard_of.songs, *heard_of.real, *heard_of.plain]
        groups = [group for each in judged if (group := _group(each)) is not None]
        levels = _levels(groups)
        units = linear.unit_names("levels", hypotheses.UNITS)
        keep("levels", hypotheses.FEATURES, levels.straight)
        for unit, fitted in zip(units, levels.hidden, strict=True):
            keep(unit, hypotheses.FEATURES, fitted)
        keep("levels_outer", units, levels.outer)
        keep("compound", subdivision.FEATURES, _compound(leveled))
        metres = [_metres(level) for level in leveled]
        keep("metre", metre.FEATURES, choice([each.choice for each in metres], 1.0))
        keep("half_time", feel.FEATURES, _half_time(leveled))
        _keep_certainty(keep, groups, heard_of.silent, levels)
        keep("metre_certainty", metre.CERTAINTY, _metre_certainty(metres))
    return text()


def _fold(each: Heard) -> int:
    """Return which fold a song belongs to, and its cut too."""
    return zlib.crc32(each.name.encode()) % _FOLDS


def _key(feature: str) -> str:
    return feature if feature.replace("_", "").isalnum() else f'"{feature}"'


def _salience(heard_of: Material) -> tuple[Matrix, float]:
    """Beats against all other moments but those next to beats."""
    rows, labels, counts = [], [], []
    for each in [*heard_of.songs, *heard_of.real]:
        if not each.whole:
            continue
        activation, onsets = each.listen()
        features = salience.features(activation, onsets)
        frames = np.rint((_true_beats(each, activation.beat) - _LATENCY_S) * FPS).astype(np.int64)
        frames = frames[(frames >= 0) & (frames < len(features))]
        label = np.zeros(len(features), bool)
        label[frames] = True
        kept = np.ones(len(features), bool)
        kept[np.clip(np.concatenate((frames - 1, frames + 1)), 0, len(features) - 1)] = False
        kept[frames] = True
        kept[frames[-1] + FPS // 2 :] = False
        rows.append(features[kept])
        labels.append(label[kept])
        counts.append(np.full(kept.sum(), 1.0 if each.example.truth is not None else _FRAMES_COUNT))
    return fit(np.vstack(rows).astype(np.float64), np.concatenate(labels), 10.0, np.concatenate(counts))


def _true_beats(each: Heard, beat: NDArray[np.float32]) -> Matrix:
    """Return a song's beats, or those of a recording that follow from its tempo and the network."""
    if each.example.truth is not None:
        return np.asarray(each.example.truth["beats_s"])
    assert each.example.bpm is not None
    return pulse(beat, each.example.bpm / 1.06, each.example.bpm * 1.06).beats_s + _LATENCY_S


@dataclass(frozen=True)
class Leveled:
    """A song's beats on its true level, as they are tracked."""

    heard: Heard
    scene: Scene
    beats_s: Matrix

    @property
    def metre(self) -> str:
        """Its true metre."""
        assert self.heard.example.truth is not None
        return str(self.heard.example.truth["metre"])


def _true_level(each: Heard) -> Leveled | None:
    (scene, curve), truth = each.scene(), each.example.truth
    assert truth is not None
    levels = beats.levels(scene, curve, beats.free(curve))
    scored = [(f_measure(truth["beats_s"], level + _LATENCY_S), number) for number, level in enumerate(levels)]
    best, number = max(scored, default=(0.0, 0))
    if best < _RIGHT:
        if each.whole:
            print(f"  {each.name}: no level is right, the best has F {best:.2f}")
        return None
    return Leveled(each, scene, beats.followed(scene, curve, levels[number]))


def _bars(leveled: list[Leveled]) -> tuple[Matrix, float]:
    rows, labels = [], []
    for song in leveled:
        if song.heard.whole:
            rows.append(bars.evidence(song.scene.onsets, song.scene.downbeat, song.beats_s))
            labels.append(_is_downbeat(song))
    return fit(np.vstack(rows), np.concatenate(labels), 100.0)


def _is_downbeat(song: Leveled) -> NDArray[np.bool_]:
    truth = song.heard.example.truth
    assert truth is not None
    apart = np.abs(np.subtract.outer(song.beats_s + _LATENCY_S, truth["downbeats_s"]))
    return np.asarray(apart.min(axis=1) < _NEAR_S)


@dataclass(frozen=True)
class Group:
    """A song's levels: the choice between them, and their beats."""

    heard: Heard
    choice: Choice
    levels: list[Matrix]


def _group(each: Heard) -> Group | None:
    scene, curve = each.scene()
    levels = beats.levels(scene, curve, beats.free(curve))
    if not levels:
        return None
    rows = np.array([hypotheses.features(scene, level) for level in levels])
    truth = each.example.truth
    if truth is not None:
        scores = np.array([f_measure(truth["beats_s"], level + _LATENCY_S) for level in levels])
        return Group(each, Choice(rows, scores >= _RIGHT, 1.0 if each.whole else _CUT_COUNTS), levels)
    right = np.array([same(hypotheses.middle_bpm(level), each.example.bpm) for level in levels])
    return Group(each, Choice(rows, right, _REAL_COUNTS), levels)


def _compound(leveled: list[Leveled]) -> tuple[Matrix, float]:
    rows = np.array([subdivision.features(song.scene.onsets, song.beats_s) for song in leveled])
    return fit(rows, np.array([song.metre == "6/8" for song in leveled]), 3.0)


@dataclass(frozen=True)
class Metres:
    """What a song's metre is told by, the metres that may be, and the choice between them."""

    heard: Heard
    evidence: Matrix
    candidates: list[metre.Candidate]
    choice: Choice


def _metres(song: Leveled) -> Metres:
    evidence = bars.evidence(song.scene.onsets, song.scene.downbeat, song.beats_s)
    there = metre.candidates(evidence, subdivision.compound_log_odds(song.scene.onsets, song.beats_s))
    right = np.array([each.name == song.metre for each in there])
    rows = np.array([each.features for each in there])
    return Metres(song.heard, evidence, there, Choice(rows, right, 1.0 if song.heard.whole else _CUT_COUNTS))


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


def _levels(groups: list[Group]) -> Layers:
    return layered_choice([group.choice for group in groups], hypotheses.UNITS, *_LEVEL_PENALTIES)


def _keep_certainty(keep: _Keep, groups: list[Group], silent: list[Heard], levels: Layers) -> None:
    """Learn how sure the tempo is, and whether there is a beat."""
    judged: list[Judged] = []
    for fold in range(_FOLDS):
        others = _levels([group for group in groups if _fold(group.heard) != fold])
        judged += [one for group in groups if _fold(group.heard) == fold and (one := _judged(group, others, fold))]
    for number, each in enumerate(silent):
        if (group := _group(each)) is not None and (one := _judged(group, levels, number % _FOLDS)):
            judged.append(one)
    there = np.array([one.there for one in judged])
    rows = np.array([one.row for one in judged])
    right = np.array([one.right for one in judged])
    folds = np.array([one.fold for one in judged])
    counts = np.where(there, 1.0, _SILENT_COUNTS)
    reliability("tempo", rows, right, folds, 1.0)
    keep("certainty", certainty.FEATURES, fit(rows, right, 1.0))
    columns = [certainty.FEATURES.index(name) for name in certainty.PRESENCE]
    keep("presence", certainty.PRESENCE, fit(rows[:, columns], there, 1.0, counts))


@dataclass(frozen=True)
class Judged:
    """A song whose level was chosen: what tells how sure that is, whether it is right, and whether there is a beat."""

    row: Matrix
    right: bool
    there: bool
    fold: int


def _judged(group: Group, levels: Layers, fold: int) -> Judged | None:
    """Judge a song, unless it has too few beats for any to be told."""
    scores = levels.scores(group.choice.rows)
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    judged = [
        Hypothesis(hypotheses.middle_bpm(level), level, float(share))
        for level, share in zip(group.levels, shares, strict=True)
    ]
    scene, curve = group.heard.scene()
    times_s = beats.followed(scene, curve, group.levels[int(scores.argmax())])
    if len(times_s) < _LEAST_BEATS:
        return None
    bpm = group.heard.example.bpm
    row = certainty.features(scene, sorted(judged, key=lambda one: -one.probability), times_s, beats.free(curve))
    return Judged(row, same(timing.tempo_bpm(times_s), bpm), bpm is not None, fold)


def _metre_certainty(metres: list[Metres]) -> tuple[Matrix, float]:
    """Right or wrong; beats in another order stand for what has no metre."""
    rows, labels, folds = [], [], []
    for fold in range(_FOLDS):
        weights, _ = choice([each.choice for each in metres if _fold(each.heard) != fold], 1.0)
        for number, each in enumerate(metres):
            if _fold(each.heard) != fold:
                continue
            log_odds = each.choice.rows @ weights
            rows.append(metre.certainty(each.evidence, each.candidates, log_odds))
            labels.append(bool(each.choice.right[int(log_odds.argmax())]))
            folds.append(fold)
            if number % 4 == 0:
                # the same beats in another order have no bars
                mixed = np.random.default_rng(number).permutation(each.evidence)
                there = metre.candidates(mixed, 0.0)
                log_odds = np.array([one.features for one in there]) @ weights
                rows.append(metre.certainty(mixed, there, log_odds))
                labels.append(False)
                folds.append(-1)
    described, right, of = np.array(rows), np.array(labels), np.array(folds)
    reliability("metre", described[of >= 0], right[of >= 0], of[of >= 0], 1.0)
    return fit(described, right, 1.0)
