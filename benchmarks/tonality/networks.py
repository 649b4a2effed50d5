"""Both networks as they are fitted, in PyTorch, which is needed here alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found]  # in the environment of its own

from soundrack.analysis.tonality.evidence import CHANNELS, PLACES
from soundrack.analysis.tonality.key_evidence import FEATURES
from soundrack.analysis.tonality.labels import QUALITIES
from soundrack.analysis.tonality.network import REACH

_HIDDEN, _UNITS, _LAST = 96, 96, 32
_KEY_HIDDEN = 24
_KEYS = 24

Weights = dict[str, Any]


def chord_network(rng: np.random.Generator) -> Weights:
    """Return the chord network, drawn at random."""
    return _network(
        rng,
        a=(CHANNELS * PLACES, _HIDDEN),
        b=((2 * REACH + 1) * _HIDDEN, _UNITS),
        c=(_UNITS, _LAST),
        d=(_LAST, len(QUALITIES) + 1),
        n=(3 + 1 + _LAST, 1),
    )


def key_network(rng: np.random.Generator) -> Weights:
    """Return the key network, drawn at random."""
    return _network(rng, a=(FEATURES, _KEY_HIDDEN), b=(_KEY_HIDDEN, 2), n=(2, 1))


def _network(rng: np.random.Generator, **layers: tuple[int, int]) -> Weights:
    weights: Weights = {}
    for name, (inputs, outputs) in layers.items():
        bound = inputs**-0.5
        for part, shape in (("weight", (outputs, inputs)), ("bias", (outputs,))):
            drawn = rng.uniform(-bound, bound, shape)
            weights[f"{name}.{part}"] = torch.tensor(drawn, dtype=torch.float32, requires_grad=True)
    return weights


def _linear(weights: Weights, name: str, values: Any) -> Any:
    return torch.nn.functional.linear(values, weights[f"{name}.weight"], weights[f"{name}.bias"])


def chord_scores(weights: Weights, shown: Any, loud: Any, *, fitting: bool) -> tuple[Any, Any]:
    """Return scores of chords, shape (songs, spans, `STATES`), and of basses, (songs, spans, 12).

    They are those of `network.hear_chords`. `shown` has the shape (songs, spans + 2 `REACH`, `CHANNELS`, notes),
    `loud` (songs, spans, 3).
    """
    songs, spans = loud.shape[:2]
    views = torch.nn.functional.pad(shown, (12, 11)).unfold(-1, PLACES, 1)
    flat = views.permute(0, 1, 3, 2, 4).reshape(songs, spans + 2 * REACH, 12, CHANNELS * PLACES)
    hidden = torch.nn.functional.dropout(torch.relu(_linear(weights, "a", flat)), 0.1, fitting)
    kernel = weights["b.weight"].reshape(_UNITS, 2 * REACH + 1, _HIDDEN).permute(0, 2, 1)[..., None]
    around = torch.nn.functional.conv2d(hidden.permute(0, 3, 1, 2), kernel, weights["b.bias"]).permute(0, 2, 3, 1)
    hidden = torch.nn.functional.dropout(torch.relu(around), 0.1, fitting)
    hidden = torch.relu(_linear(weights, "c", hidden))
    scores = _linear(weights, "d", hidden)
    qualities = scores[..., : len(QUALITIES)].reshape(songs, spans, -1)
    quiet = torch.cat((loud, qualities.logsumexp(-1, keepdim=True), hidden.mean(2)), -1)
    return torch.cat((qualities, _linear(weights, "n", quiet)), -1), scores[..., len(QUALITIES)]


def key_scores(weights: Weights, features: Any, *, fitting: bool) -> Any:
    """Return scores of keys, shape (n, 25); as `key.key_probabilities`."""
    seen = torch.nn.functional.dropout(features, 0.1, fitting)
    hidden = torch.nn.functional.dropout(torch.relu(_linear(weights, "a", seen)), 0.3, fitting)
    scores = _linear(weights, "b", hidden).reshape(len(features), _KEYS)
    fit = torch.stack((scores.logsumexp(1), scores.max(1).values - scores.mean(1)), 1)
    return torch.cat((scores, _linear(weights, "n", fit)), 1)


def stepper(weights: Weights, steps: int, pace: float, decay: float) -> Callable[[Any], None]:
    """Return what takes a step down a loss's slope, for so many steps: first faster, then slower."""
    optimiser = torch.optim.AdamW(list(weights.values()), pace, weight_decay=decay)
    paces = torch.optim.lr_scheduler.OneCycleLR(optimiser, pace, total_steps=steps + 1, pct_start=0.25)

    def step(loss: Any) -> None:
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        paces.step()

    return step
