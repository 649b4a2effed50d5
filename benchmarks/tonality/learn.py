"""Fit the networks of `soundrack.analysis.tonality`.

``python -m benchmarks.tonality.learn chords MATERIAL`` and then ``... keys MATERIAL`` write their tables into the
package. MATERIAL is what `material` made; the songs of `benchmarks.corpus.learning` are learned from beside it. One in
ten of these is left out of fitting, to see on what was never fitted to how it goes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found]  # in the environment of its own
from numpy.typing import NDArray

import soundrack.analysis.tonality
from benchmarks.tonality import laying, networks
from benchmarks.tonality.examples import Example, examples
from benchmarks.tonality.laying import Floats, Laid
from benchmarks.tonality.networks import Weights
from soundrack.analysis.tonality.chords import follow
from soundrack.analysis.tonality.evidence import evidence, level
from soundrack.analysis.tonality.grid import CHORD_SPAN_S, KEY_SPAN_S, Grid
from soundrack.analysis.tonality.key_evidence import KeyEvidence
from soundrack.analysis.tonality.network import REACH, STATES, hear_chords

_CHORD_ROUNDS, _KEY_ROUNDS, _KEY_DRAWS, _KEY_NETWORKS = 20, 20, 2, 4
_COMPOSED_SHARE = 0.25
"""So many of the composed songs are shown in a round, others in each."""
_PIECE = 48
"""Spans that are shown together."""
_BATCH, _KEY_BATCH = 8, 64
_SMOOTHING = 0.02
_CUT_S = (20.0, 45.0)


def disturbed(spectra: Floats, rng: np.random.Generator) -> Floats:
    """Return a song's spectra through an equaliser and over a noise floor, drawn at random."""
    notes = np.arange(spectra.shape[1])
    points = int(rng.integers(3, 8))
    tone_db = np.interp(notes, np.linspace(0, len(notes) - 1, points), rng.normal(0.0, 6.0, points))
    tilt_db = np.interp(notes, (0, 40, 83), rng.normal(0.0, 5.0, 3))
    floor = 10.0 ** ((rng.uniform(-60.0, -22.0) + tilt_db) / 20.0) * np.quantile(spectra.max(axis=1), 0.9)
    noise = 0.7 * floor * rng.rayleigh(1.0, spectra.shape)
    return np.asarray(np.hypot(spectra * 10.0 ** (tone_db / 20.0), noise), dtype=np.float32)


def _pieces(songs: list[tuple[Laid, Floats]]) -> list[NDArray[Any]]:
    """Cut songs, each with its spectra as heard, into pieces of `_PIECE` spans.

    Returns what is shown of each, with `REACH` spans on either side, how loud they are, the shares of chords and the
    basses; nothing is shared out in what the last piece of a song has too many.
    """
    found: list[tuple[NDArray[Any], ...]] = []
    for laid, spectra in songs:
        shown = np.pad(evidence(spectra), ((REACH, REACH), (0, 0), (0, 0)), mode="edge")
        edged = np.pad(level(spectra), 1, mode="edge")
        loud = np.stack((edged[:-2], edged[1:-1], edged[2:]), axis=1)
        for first in range(0, len(laid), _PIECE):
            last = min(first + _PIECE, len(laid))
            more = ((0, _PIECE - (last - first)),)
            found.append(
                (
                    np.pad(shown[first : last + 2 * REACH], (*more, (0, 0), (0, 0))),
                    np.pad(loud[first:last], (*more, (0, 0))),
                    np.pad(laid.shares[first:last], (*more, (0, 0))),
                    np.pad(laid.bass[first:last], more, constant_values=-1),
                )
            )
    return [np.stack(part) for part in zip(*found, strict=True)]


def _a_round(songs: list[Example], composed: list[Laid], rng: np.random.Generator) -> list[NDArray[Any]]:
    shown = []
    for song in songs:
        laid = laying.for_chords(song, rng)
        shown.append((laid, disturbed(laid.spectra, rng) if rng.random() < 0.7 else laid.spectra))
    shown.extend((laid, disturbed(laid.spectra, rng)) for laid in composed if rng.random() < _COMPOSED_SHARE)
    return _pieces(shown)


def _chord_loss(scores: Any, basses: Any, shares: Any, bass: Any) -> Any:
    """Return the cross entropy of a chord, smoothed a little, and half that of a bass."""
    weight = shares.sum(-1)
    wanted = shares * (1.0 - _SMOOTHING) + _SMOOTHING / STATES * weight[..., None]
    chords = -(wanted * scores.log_softmax(-1)).sum() / weight.sum()
    lowest = torch.nn.functional.cross_entropy(basses.reshape(-1, 12), bass.reshape(-1).long(), ignore_index=-1)
    return chords + 0.5 * lowest


def learn_chords(songs: list[Example], left_out: list[Example], composed: list[Laid]) -> Weights:
    """Fit the chord network."""
    rng = np.random.default_rng(0)
    weights = networks.chord_network(rng)
    pieces = _a_round(songs, composed, rng)
    step = networks.stepper(weights, _CHORD_ROUNDS * (len(pieces[0]) * 6 // 5 // _BATCH + 2), pace=3e-3, decay=3e-3)
    for number in range(_CHORD_ROUNDS):
        order = rng.permutation(len(pieces[0]))
        for first in range(0, len(order), _BATCH):
            shown, loud, shares, bass = (torch.tensor(part[order[first : first + _BATCH]]) for part in pieces)
            scores, basses = networks.chord_scores(weights, shown, loud, fitting=True)
            step(_chord_loss(scores, basses, shares, bass))
        print(f"round {number + 1}: {_chords_right(weights, left_out):.3f} of what was left out", flush=True)
        pieces = _a_round(songs, composed, rng)
    return weights


def _chords_right(weights: Weights, songs: list[Example]) -> float:
    """Return the share of the spans whose likeliest chord is the one that takes most of them."""
    laid = [laying.as_found(song, CHORD_SPAN_S) for song in songs]
    shown, loud, shares, _ = _pieces([(each, each.spectra) for each in laid])
    with torch.no_grad():
        told = [
            networks.chord_scores(weights, torch.tensor(shown[part]), torch.tensor(loud[part]), fitting=False)[0]
            for part in np.array_split(np.arange(len(shown)), len(shown) // _BATCH + 1)
        ]
    right = torch.cat(told).argmax(-1).numpy() == shares.argmax(-1)
    return float(right[shares.sum(-1) > 0.0].mean())


def _known(laid: Laid, spectra: Floats) -> KeyEvidence:
    heard = hear_chords(spectra)
    return KeyEvidence(evidence(spectra), heard, follow(heard, laid.grid).posteriors)


def _key_inputs(songs: list[Laid], rng: np.random.Generator) -> tuple[list[Floats], list[int]]:
    """Sum up whole songs, half minutes heard as whole ones, and stretches that keep to one key or to none."""
    features, keys = [], []

    def take(known: KeyEvidence, laid: Laid, first: int, last: int, *, whole: bool) -> None:
        own = laid.keys[first:last]
        if (own == own[0]).all():
            features.append(known.of(first, last, whole=whole))
            keys.append(int(own[0]))

    for song in songs:
        spectra = disturbed(song.spectra, rng) if rng.random() < 0.7 else song.spectra
        known, spans = _known(song, spectra), len(song)
        take(known, song, 0, spans, whole=True)
        cut = int(rng.uniform(*_CUT_S) / float(np.median(np.diff(song.grid.times_s))))
        if cut < spans:
            first = int(rng.integers(0, spans - cut)) if rng.random() < 0.6 else 0
            part = song.part(first, first + cut)
            take(_known(part, spectra[first : first + cut]), part, 0, cut, whole=True)
        for _ in range(6):
            length = int(rng.integers(8, 49))
            first = int(rng.integers(0, max(spans - length, 1)))
            take(known, song, first, min(first + length, spans), whole=False)
    return features, keys


def _with_bars(song: Laid, rng: np.random.Generator) -> Laid:
    """Mark bars of four beats in a composed song, half of the time."""
    strong = (np.arange(len(song)) % 4 == rng.integers(4)) & (rng.random() < 0.5)
    laid = Grid(song.grid.times_s, strong)
    return Laid(laid, song.spectra, song.shares, song.bass, song.keys)


def learn_keys(songs: list[Example], left_out: list[Example], composed: list[Laid]) -> Weights:
    """Fit the key networks to the same songs, and stack them."""
    rng = np.random.default_rng(0)
    features: list[Floats] = []
    keys: list[int] = []
    for _ in range(_KEY_DRAWS):
        drawn = [laying.for_keys(song, rng) for song in songs]
        drawn += [_with_bars(song, rng) for song in composed[: len(composed) // 2]]
        found, told = _key_inputs(drawn, rng)
        features, keys = features + found, keys + told
    others, theirs = _key_inputs([laying.as_found(song, KEY_SPAN_S) for song in left_out], rng)
    inputs, targets = torch.tensor(np.stack(features)), torch.tensor(np.array(keys))
    members = []
    for number in range(_KEY_NETWORKS):
        members.append(_fitted_keys(inputs, targets, np.random.default_rng(number)))
        with torch.no_grad():
            told = networks.key_scores(members[-1], torch.tensor(np.stack(others)), fitting=False).argmax(1).tolist()
        right = np.mean([one == other for one, other in zip(told, theirs, strict=True)])
        print(f"network {number + 1}: {right:.3f} of what was left out", flush=True)
    return {name: torch.stack([member[name] for member in members]) for name in members[0]}


def _fitted_keys(inputs: Any, targets: Any, rng: np.random.Generator) -> Weights:
    weights = networks.key_network(rng)
    parts = len(targets) // _KEY_BATCH + 1
    step = networks.stepper(weights, _KEY_ROUNDS * parts, pace=4e-3, decay=1e-2)
    for _ in range(_KEY_ROUNDS):
        for rows in np.array_split(rng.permutation(len(targets)), parts):
            scores = networks.key_scores(weights, inputs[rows], fitting=True)
            step(torch.nn.functional.cross_entropy(scores, targets[rows], label_smoothing=0.05))
    return weights


def main(what: str, material: Path) -> None:
    """Fit ``chords`` or ``keys`` and write its table into the package."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    songs = list(examples())
    fitted = [song for number, song in enumerate(songs) if number % 10 != 9]
    learn = {"chords": learn_chords, "keys": learn_keys}[what]
    weights = learn(fitted, songs[9::10], laying.composed(material))
    table = {name: weight.detach().numpy().astype(np.float16) for name, weight in weights.items()}
    np.savez_compressed(Path(soundrack.analysis.tonality.__file__).with_name(f"{what}.npz"), **table)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
