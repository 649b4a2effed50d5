"""Fit the networks of `soundrack.analysis.tonality` to the material.

``python -m benchmarks.tonality.learn chords MATERIAL`` and then ``... keys MATERIAL`` write their tables into the
package. One song in ten is left out of fitting, to see on what was never fitted to how it goes. PyTorch is needed here
alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found]  # in the environment of its own
from numpy.typing import NDArray

import soundrack.analysis.tonality
from benchmarks.tonality.material import QUALITY_NAMES
from soundrack.analysis.tonality.chords import follow
from soundrack.analysis.tonality.evidence import CHANNELS, PLACES, evidence, level
from soundrack.analysis.tonality.grid import Grid
from soundrack.analysis.tonality.key_evidence import FEATURES, KeyEvidence
from soundrack.analysis.tonality.labels import QUALITIES
from soundrack.analysis.tonality.network import CONTEXT, STATES, hear_chords

_SIMPLER = {"dim7": "dim", "m7b5": "dim", "maj6": "maj", "add9": "maj", "min9": "min7", "maj9": "maj7", "9": "7"}
"""What chords beyond the vocabulary are called in it."""
_QUALITY_OF = np.array([QUALITIES.index(_SIMPLER.get(name, name)) for name in QUALITY_NAMES])
_NONE, _NO_KEY = STATES - 1, 24
_HIDDEN, _UNITS, _KEY_HIDDEN = 64, 32, 24
_CHORD_ROUNDS, _KEY_ROUNDS = 9, 25
_BATCH = 256

Weights = dict[str, Any]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Material:
    """Beats of many songs: spectra, truths and the song of each."""

    spectra: Floats
    truth: NDArray[np.int16]
    song: NDArray[np.int64]

    def only(self, wanted: NDArray[np.bool_]) -> Material:
        """Return some of the beats."""
        return Material(self.spectra[wanted], self.truth[wanted], self.song[wanted])

    def songs(self) -> list[Material]:
        """Return the songs one by one."""
        return [self.only(self.song == number) for number in np.unique(self.song)]


def disturbed(spectra: Floats, rng: np.random.Generator) -> Floats:
    """Return a song's spectra through an equaliser and over a noise floor, drawn at random."""
    notes = np.arange(spectra.shape[1])
    points = int(rng.integers(3, 8))
    tone_db = np.interp(notes, np.linspace(0, len(notes) - 1, points), rng.normal(0.0, 6.0, points))
    tilt_db = np.interp(notes, (0, 40, 83), rng.normal(0.0, 5.0, 3))
    floor = 10.0 ** ((rng.uniform(-60.0, -22.0) + tilt_db) / 20.0) * np.quantile(spectra.max(axis=1), 0.9)
    noise = 0.7 * floor * rng.rayleigh(1.0, spectra.shape)
    return np.asarray(np.hypot(spectra * 10.0 ** (tone_db / 20.0), noise), dtype=np.float32)


def _layer(rng: np.random.Generator, inputs: int, outputs: int) -> tuple[Any, Any]:
    bound = inputs**-0.5
    weight, bias = rng.uniform(-bound, bound, (outputs, inputs)), rng.uniform(-bound, bound, outputs)
    return tuple(torch.tensor(each, dtype=torch.float32, requires_grad=True) for each in (weight, bias))


def _network(rng: np.random.Generator, **layers: tuple[int, int]) -> Weights:
    weights: Weights = {}
    for name, (inputs, outputs) in layers.items():
        weights[f"{name}.weight"], weights[f"{name}.bias"] = _layer(rng, inputs, outputs)
    return weights


def _linear(weights: Weights, name: str, values: Any) -> Any:
    return torch.nn.functional.linear(values, weights[f"{name}.weight"], weights[f"{name}.bias"])


def chord_scores(weights: Weights, shown: Any, loud: Any, fitting: bool) -> tuple[Any, Any]:
    """Return scores of chords, shape (n, `STATES`), and of basses, shape (n, 12); as `network.hear_chords`.

    `shown` has the shape (n, `CONTEXT`, `CHANNELS`, notes), `loud` (n, `CONTEXT`).
    """
    views = torch.nn.functional.pad(shown, (12, 11)).unfold(3, PLACES, 1)
    flat = views.permute(0, 3, 1, 2, 4).reshape(len(shown), 12, -1)
    hidden = torch.relu(_linear(weights, "a", flat))
    hidden = torch.nn.functional.dropout(hidden, 0.1, fitting)
    hidden = torch.relu(_linear(weights, "b", hidden))
    scores = _linear(weights, "c", hidden)
    qualities = scores[:, :, : len(QUALITIES)].reshape(len(shown), -1)
    quiet = torch.cat((loud, qualities.logsumexp(1, keepdim=True), hidden.mean(1)), 1)
    return torch.cat((qualities, _linear(weights, "n", quiet)), 1), scores[:, :, len(QUALITIES)]


def key_scores(weights: Weights, features: Any, fitting: bool) -> Any:
    """Return scores of keys, shape (n, 25); as `key.key_probabilities`."""
    seen = torch.nn.functional.dropout(features, 0.1, fitting)
    hidden = torch.nn.functional.dropout(torch.relu(_linear(weights, "a", seen)), 0.3, fitting)
    scores = _linear(weights, "b", hidden).reshape(len(features), _NO_KEY)
    fit = torch.stack((scores.logsumexp(1), scores.max(1).values - scores.mean(1)), 1)
    return torch.cat((scores, _linear(weights, "n", fit)), 1)


def _chord_inputs(songs: list[Material], rng: np.random.Generator | None) -> tuple[Floats, Floats]:
    """Return what is shown of each beat, and how loud it and those beside it are."""
    shown, loud = [], []
    for song in songs:
        spectra = song.spectra if rng is None else disturbed(song.spectra, rng)
        shown.append(evidence(spectra))
        edged = np.pad(level(spectra), 1, mode="edge")
        loud.append(np.stack((edged[:-2], edged[1:-1], edged[2:]), axis=1))
    return np.concatenate(shown), np.concatenate(loud)


def _near(song: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each beat the numbers of those that are seen with it: at a song's edges, itself."""
    here = np.arange(len(song))
    seen = []
    for offset in range(-(CONTEXT // 2), CONTEXT // 2 + 1):
        there = np.clip(here + offset, 0, len(song) - 1)
        seen.append(np.where(song[there] == song, there, here))
    return np.stack(seen, axis=1)


def _chord_targets(truth: NDArray[np.int16]) -> tuple[Any, Any]:
    quality = _QUALITY_OF[np.maximum(truth[:, 1], 0)]
    states = np.where(truth[:, 0] >= 0, truth[:, 0] * len(QUALITIES) + quality, _NONE)
    return torch.tensor(states, dtype=torch.long), torch.tensor(truth[:, 2], dtype=torch.long)


def learn_chords(fitted: Material, left_out: Material) -> Weights:
    """Fit the chord network."""
    rng = np.random.default_rng(0)
    weights = _network(
        rng,
        a=(CONTEXT * CHANNELS * PLACES, _HIDDEN),
        b=(_HIDDEN, _UNITS),
        c=(_UNITS, len(QUALITIES) + 1),
        n=(CONTEXT + 1 + _UNITS, 1),
    )
    state, bass = _chord_targets(fitted.truth)
    near, songs = _near(fitted.song), fitted.songs()
    step = _stepper(weights, _CHORD_ROUNDS * (len(state) // _BATCH + 1), decay=1e-4)
    for number in range(_CHORD_ROUNDS):
        shown, loud = _chord_inputs(songs, rng)
        order = rng.permutation(len(state))
        for first in range(0, len(order), _BATCH):
            rows = order[first : first + _BATCH]
            scores, basses = chord_scores(weights, torch.tensor(shown[near[rows]]), torch.tensor(loud[rows]), True)
            loss = torch.nn.functional.cross_entropy(scores, state[rows], label_smoothing=0.02)
            step(loss + 0.5 * torch.nn.functional.cross_entropy(basses, bass[rows], ignore_index=-1))
        print(f"round {number + 1}: {_chords_right(weights, left_out):.3f} of the beats left out", flush=True)
    return weights


def _chords_right(weights: Weights, material: Material) -> float:
    shown, loud = _chord_inputs(material.songs(), None)
    near = _near(material.song)
    with torch.no_grad():
        found = [
            chord_scores(weights, torch.tensor(shown[near[rows]]), torch.tensor(loud[rows]), False)[0].argmax(1)
            for rows in np.array_split(np.arange(len(loud)), len(loud) // _BATCH + 1)
        ]
    return float((torch.cat(found) == _chord_targets(material.truth)[0]).float().mean())


def _key_inputs(songs: list[Material], rng: np.random.Generator, stretches: int) -> tuple[Floats, NDArray[np.int64]]:
    """Sum up whole songs and stretches of them that keep to one key, or to none."""
    features, keys = [], []
    for song in songs:
        spectra = disturbed(song.spectra, rng)
        strong = np.arange(len(spectra)) % 4 == rng.integers(4)
        laid = Grid(np.arange(len(spectra) + 1.0), strong & (rng.random() < 0.5), on_beats=True)
        heard = hear_chords(spectra)
        known = KeyEvidence(evidence(spectra), heard, follow(heard, laid).posteriors)
        key = np.where(song.truth[:, 3] < 0, _NO_KEY, 2 * song.truth[:, 3] + song.truth[:, 4])
        spans = [(0, len(key))]
        for _ in range(stretches):
            length = int(rng.integers(8, 49))
            first = int(rng.integers(0, max(len(key) - length, 1)))
            spans.append((first, min(first + length, len(key))))
        for first, last in spans:
            if (key[first:last] == key[first]).all():
                features.append(known.of(first, last, whole=last - first == len(key)))
                keys.append(int(key[first]))
    return np.stack(features), np.array(keys)


def learn_keys(fitted: Material, left_out: Material) -> Weights:
    """Fit the key network."""
    rng = np.random.default_rng(0)
    weights = _network(rng, a=(FEATURES, _KEY_HIDDEN), b=(_KEY_HIDDEN, 2), n=(2, 1))
    features, keys = _key_inputs(fitted.songs() * 2, rng, 4)
    others, their_keys = _key_inputs(left_out.songs(), rng, 4)
    inputs, targets = torch.tensor(features), torch.tensor(keys)
    size = _BATCH // 4
    step = _stepper(weights, _KEY_ROUNDS * (len(keys) // size + 1), decay=1e-2)
    for number in range(_KEY_ROUNDS):
        for rows in np.array_split(rng.permutation(len(keys)), len(keys) // size + 1):
            scores = key_scores(weights, inputs[rows], True)
            step(torch.nn.functional.cross_entropy(scores, targets[rows], label_smoothing=0.05))
        if number % 5 == 4:
            with torch.no_grad():
                found = key_scores(weights, torch.tensor(others), False).argmax(1).numpy()
            print(f"round {number + 1}: {(found == their_keys).mean():.3f} of what was left out", flush=True)
    return weights


def _stepper(weights: Weights, steps: int, decay: float) -> Callable[[Any], None]:
    """Return what takes a step down a loss's slope."""
    optimiser = torch.optim.AdamW(list(weights.values()), 4e-3, weight_decay=decay)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps + 1)

    def step(loss: Any) -> None:
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        pace.step()

    return step


def main(what: str, path: Path) -> None:
    """Fit ``chords`` or ``keys`` and write its table into the package."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    with np.load(path) as file:
        material = Material(file["spectra"], file["truth"], file["song"])
    left_out = material.song % 10 == 9
    learn = {"chords": learn_chords, "keys": learn_keys}[what]
    weights = learn(material.only(~left_out), material.only(left_out))
    table = {name: weight.detach().numpy().astype(np.float16) for name, weight in weights.items()}
    np.savez_compressed(Path(soundrack.analysis.tonality.__file__).with_name(f"{what}.npz"), **table)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
