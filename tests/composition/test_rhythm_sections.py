"""Whether the styles can be told apart by what their rhythm sections play."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from benchmarks.grooves import features, syncopation

from soundrack.composition.styles.files import NAMES

SEEDS = 3
LEAST_TOLD = 16


def test_at_least_sixteen_styles_are_told_apart_by_drums_bass_and_comping_alone() -> None:
    table = np.array([[astuple(features(name, seed)) for seed in range(SEEDS)] for name in NAMES])
    scaled = table / np.maximum(table.reshape(-1, table.shape[2]).std(axis=0), 1e-9)
    told = 0
    for style in range(len(NAMES)):
        right = 0
        for seed in range(SEEDS):
            others = [each for each in range(SEEDS) if each != seed]
            centres = scaled[:, others].mean(axis=1)
            distances = np.linalg.norm(centres - scaled[style, seed], axis=1)
            right += int(distances.argmin()) == style
        told += right >= SEEDS - 1
    assert told >= LEAST_TOLD


def bar(steps: str) -> list[bool]:
    return [step == "x" for step in steps.replace(" ", "")]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("x... x... x... x...", 0),
        ("x... .... .... ....", 0),
        (".... x... .... x...", 3),
        ("..x. ..x. ..x. ..x.", 7),
        ("x..x ..x. ..x. x...", 4),
    ],
)
def test_syncopation_counts_notes_before_stronger_rests(steps: str, expected: int) -> None:
    assert syncopation(bar(steps)) == expected
