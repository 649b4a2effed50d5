"""Separation: ``python -m benchmarks.separation learn`` and ``python -m benchmarks.separation measure [tune|held]``.

``learn`` writes who has how much of a bin (``separation/shares.toml``) from songs of our own band, as they are, with
the stems' levels moved, and with the voice of another song. ``measure`` prints what comes out of the songs of a half
beside the mix itself taken for each stem and beside the plain way: medians for drums, low frequencies for the bass,
what is left for voice and other. SDR is the power of the true stem over that of all that differs from it (SI: whatever
its level); a stem that is not there counts by how far below the mix what comes out of it lies.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import bands
from benchmarks.halves import run
from soundrack.analysis.stems.masks import low, struck
from soundrack.analysis.stems.spectra import BINS, Overlap, frames_of, spectra
from soundrack.composition.separation import shares, splitting
from soundrack.composition.separation.hearing import CLUES, clues

_TABLE = Path(shares.__file__).with_name("shares.toml")
_FROM_S, _TO_S = 32.0, 62.0
_FIRST, _SECOND = (32, 40), (40, 22)
"""Units and rounds of each network."""
_BINS_OF_A_MIX = 40_000
_LOUDER = 0.35
"""How much oftener loud bins are learned from: by this power of their power."""
_BATCH, _RATE = 4096, 2e-3
_LEVELS_DB = 8.0
_RARE = 0.05
_SILENT = 1e-7

Stems = dict[str, NDArray[np.float32]]
Floats = NDArray[np.float32]


def learn() -> None:
    """Learn both networks and write them: the second from what the first makes of the same mixes."""
    first = learned(shares_of=None)
    second = learned(shares_of=first)
    _TABLE.write_text(table(first, second))
    print(f"written to {_TABLE.name}")


def learned(shares_of: shares.Network | None) -> shares.Network:
    """Return a network over clues, and over what another makes of each bin's surroundings, if that is given."""
    rng = np.random.Generator(np.random.PCG64(1))
    rows, answers, weights = [], [], []
    for stems in mixtures(rng):
        chosen, wanted, weight = examples(stems, rng, shares_of)
        rows.append(chosen)
        answers.append(wanted)
        weights.append(weight)
    units, rounds = _FIRST if shares_of is None else _SECOND
    rng = np.random.Generator(np.random.PCG64(2))
    return fitted(np.concatenate(rows), np.concatenate(answers), np.concatenate(weights), rng, units, rounds)


def mixtures(rng: np.random.Generator) -> Iterator[Stems]:
    """Yield songs of the tuning half: as they are, with other levels, with the voice of another."""
    songs = [song.stems(_FROM_S, _TO_S) for song in bands.songs("tune")]
    voices = [stems["vocals"] for stems in songs if power(stems["vocals"]) > _SILENT]
    for number, stems in enumerate(songs):
        yield stems
        yield moved(stems, rng)
        other = voices[int(rng.integers(len(voices)))]
        length = min(len(other), len(stems["other"]))
        yield moved({name: each[:length] for name, each in (stems | {"vocals": other}).items()}, rng)
        drums = songs[(number + 3) % len(songs)]["drums"]
        length = min(len(drums), len(stems["other"]))
        yield moved({name: each[:length] for name, each in (stems | {"drums": drums}).items()}, rng)


def moved(stems: Stems, rng: np.random.Generator) -> Stems:
    """Return stems at other levels."""
    return {
        name: each * np.float32(10.0 ** (rng.uniform(-_LEVELS_DB, _LEVELS_DB) / 20.0)) for name, each in stems.items()
    }


def examples(stems: Stems, rng: np.random.Generator, shares_of: shares.Network | None) -> tuple[Floats, Floats, Floats]:
    """Return some bins' clues, shape (n, clues), true shares and what each stem's error counts, both (n, 4)."""
    count = frames_of(len(stems["other"]))
    parts = np.stack([spectra(each, 0, count) for each in stems.values()])
    mix = parts.sum(axis=0)
    strength = (np.square(np.abs(mix)).sum(axis=0) + 1e-9).reshape(-1)
    truth = (parts * np.conj(mix)[None]).real.sum(axis=1).reshape(4, -1) / strength
    chance = strength**_LOUDER
    chosen = rng.choice(len(chance), _BINS_OF_A_MIX, p=chance / chance.sum())
    told = clues(mix)
    if shares_of is not None:
        found = shares_of.shares(told.reshape(len(told), -1)).reshape(4, count, BINS)
        told = np.concatenate([told, shares.surroundings(found, strength.reshape(count, BINS))])
    told = told.reshape(len(told), -1)[:, chosen].T
    own = np.array([power(each) for each in stems.values()])
    counts = 1.0 / np.sqrt(own / own.sum() + _RARE)
    weight = (strength[chosen] ** (0.5 * (1.0 - _LOUDER)))[:, None] * counts
    weight /= weight.mean()
    return told, np.clip(truth[:, chosen].T, 0.0, 1.0).astype(np.float32), weight.astype(np.float32)


def fitted(
    inputs: Floats, targets: Floats, weights: Floats, rng: np.random.Generator, units: int, rounds: int
) -> shares.Network:
    """Return the network of the least weighted square error, by Adam (Kingma and Ba, ICLR 2015)."""
    centre, spread = inputs.mean(axis=0), inputs.std(axis=0) + np.float32(1e-6)
    standard = (inputs - centre) / spread
    known = inputs.shape[1]
    values = [
        rng.standard_normal((units, known)) * np.sqrt(2.0 / known),
        np.zeros(units),
        rng.standard_normal((4, units)) * np.sqrt(1.0 / units),
        np.zeros(4),
    ]
    values = [each.astype(np.float32) for each in values]
    first, second = ([np.zeros_like(each) for each in values] for _ in range(2))
    step, steps = 0, rounds * (len(inputs) // _BATCH)
    for _ in range(rounds):
        order = rng.permutation(len(inputs))
        lost = 0.0
        for at in range(0, len(order) - _BATCH + 1, _BATCH):
            some = order[at : at + _BATCH]
            error, slopes = gradient(values, standard[some], targets[some], weights[some])
            lost += error
            step += 1
            rate = _RATE * 0.5 * (1.0 + np.cos(np.pi * step / steps))
            for place, slope in enumerate(slopes):
                first[place] = 0.9 * first[place] + 0.1 * slope
                second[place] = 0.999 * second[place] + 0.001 * slope**2
                moving = first[place] / (1.0 - 0.9**step) / (np.sqrt(second[place] / (1.0 - 0.999**step)) + 1e-8)
                values[place] = (values[place] - rate * moving).astype(np.float32)
    print(f"weighted square error {lost / (len(order) // _BATCH):.4f}")
    hidden = values[0] / spread
    return shares.Network(hidden, values[1] - hidden @ centre, values[2], values[3])


def gradient(values: list[Floats], rows: Floats, targets: Floats, weights: Floats) -> tuple[float, list[Floats]]:
    """Return the weighted square error of some bins, and its slope for each of the network's values."""
    hidden, hidden_bias, out, out_bias = values
    before = rows @ hidden.T + hidden_bias
    units = np.maximum(before, 0.0)
    logits = units @ out.T + out_bias
    found = np.exp(logits - logits.max(axis=1, keepdims=True))
    found /= found.sum(axis=1, keepdims=True)
    aside = found - targets
    slope = 2.0 * weights * aside
    at_logits = found * (slope - (slope * found).sum(axis=1, keepdims=True)) / len(rows)
    at_units = (at_logits @ out) * (before > 0.0)
    slopes = [at_units.T @ rows, at_units.sum(axis=0), at_logits.T @ units, at_logits.sum(axis=0)]
    return float((weights * aside**2).sum(axis=1).mean()), slopes


def table(first: shares.Network, second: shares.Network) -> str:
    """Return the networks as they are kept."""

    def row(values: NDArray[np.float32]) -> str:
        return "[" + ", ".join(f"{value:.4g}" if value else "0.0" for value in values.tolist()) + "]"

    def matrix(values: NDArray[np.float32]) -> str:
        return "[\n" + "".join(f"  {row(each)},\n" for each in values) + "]"

    lines = [
        "# Who has how much of a bin: two layers over its clues (`hearing.py`: " + ", ".join(CLUES) + "),",
        "# the second over what `shares.py` tells of its surroundings too.",
        "# Learned by `python -m benchmarks.separation learn`.",
    ]
    for name, network in (("first", first), ("second", second)):
        lines += [
            "",
            f"[{name}]",
            f"hidden_bias = {row(network.hidden_bias)}",
            f"out_bias = {row(network.out_bias)}",
            f"out = {matrix(network.out)}",
            f"hidden = {matrix(network.hidden)}",
        ]
    return "\n".join([*lines, ""])


def measure(half: str) -> None:
    """Print what comes out of the songs of a half."""
    totals: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    heard = "the network hears voices" if splitting.hears_voices() else "voices by clues"
    print(f"{half}, {_TO_S - _FROM_S:g} s of each song; SDR in dB; {heard}\n")
    print(f"{'':28}{'mix':>30}{'plain':>30}{'separated':>30}")
    spent_s = 0.0
    for song in bands.songs(half):
        stems = song.stems(_FROM_S, _TO_S)
        mix = np.ascontiguousarray(sum(stems.values()))
        began = time.process_time()
        found = splitting.split(mix)
        spent_s += time.process_time() - began
        ways = {"mix": dict.fromkeys(stems, mix), "plain": plain(mix), "separated": found}
        cells = []
        for way, made in ways.items():
            for name, stem in stems.items():
                value, there = score(stem, made[name], mix)
                totals[way][name if there else f"{name}, not there"].append(value)
                if there:
                    totals[f"{way}, SI"][name].append(scale_free(stem, made[name]))
                cells.append(f"{value:6.1f}{' ' if there else '*'}")
            cells.append("  ")
        print(f"{song.prompt:28}" + "".join(cells), flush=True)
    names = sorted(totals["separated"], key=lambda name: ("not" in name, name))
    print(f"\n{'means':14}" + "".join(f"{name:>22}" for name in names))
    for way, each in totals.items():
        means = (f"{np.mean(each[name]):17.2f} ({len(each[name]):2})" for name in names if name in each)
        print(f"{way:14}" + "".join(means))
    print(f"\n{60.0 * spent_s / (len(bands.songs(half)) * (_TO_S - _FROM_S)):.2f} s of CPU a minute")
    print("* no such stem in this song: how far below the mix what came out of it lies")


def score(stem: Floats, made: Floats, mix: Floats) -> tuple[float, bool]:
    """Return the SDR of a stem and that it is there, or how far below the mix it lies and that it is not."""
    if power(stem) < _SILENT:
        return float(10.0 * np.log10(power(mix) / max(power(made), 1e-12))), False
    return float(10.0 * np.log10(power(stem) / max(power(made - stem), 1e-12))), True


def scale_free(stem: Floats, made: Floats) -> float:
    """Return the SDR of what came out beside the stem at the level that fits best (Le Roux et al., ICASSP 2019)."""
    own, found = (each.astype(np.float64).reshape(-1) for each in (stem, made))
    target = (own @ found) / (own @ own) * own
    return float(10.0 * np.log10(max(float(target @ target), 1e-12) / max(float(np.sum((found - target) ** 2)), 1e-12)))


def plain(mix: Floats) -> Mapping[str, Floats]:
    """Return the stems of medians and a low pass alone; voice and other are the same."""
    count = frames_of(len(mix))
    seen = spectra(mix, 0, count)
    drums = struck(np.abs(seen).mean(axis=0))
    bass = (1.0 - drums) * low()
    overlap = Overlap(4, len(mix))
    made = overlap.add(np.concatenate([drums * seen, bass * seen]).reshape(4, count, BINS)).reshape(2, 2, -1)
    rest = mix - made.sum(axis=0).T
    return {"vocals": rest, "drums": made[0].T, "bass": made[1].T, "other": rest}


def power(sound: Floats) -> float:
    """Return the mean power of a sound."""
    return float(np.mean(np.square(sound, dtype=np.float64)))


if __name__ == "__main__":
    raise SystemExit(run("benchmarks.separation", __doc__, learn, measure))
