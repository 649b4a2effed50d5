from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from soundrack.analysis.tonality.decoding import decode


@pytest.mark.parametrize("seed", range(5))
def test_path_and_posteriors_are_those_of_trying_every_course(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps, states = 5, 3
    scores = rng.normal(0.0, 1.5, (steps, states)).astype(np.float32)
    stay = rng.uniform(0.2, 0.9, steps).astype(np.float32)
    moves = rng.random((states, states)).astype(np.float32)
    np.fill_diagonal(moves, 0.0)
    moves /= moves.sum(axis=1, keepdims=True)
    odds = {}
    for course in product(range(states), repeat=steps):
        total = float(np.exp(scores[0, course[0]]))
        for step in range(1, steps):
            before, here = course[step - 1], course[step]
            total *= stay[step] if before == here else (1.0 - stay[step]) * moves[before, here]
            total *= float(np.exp(scores[step, here]))
        odds[course] = total
    expected = np.zeros((steps, states))
    for course, total in odds.items():
        for step, state in enumerate(course):
            expected[step, state] += total / sum(odds.values())
    path, posteriors = decode(scores, stay, moves)
    assert tuple(path.tolist()) == max(odds, key=lambda course: odds[course])
    np.testing.assert_allclose(posteriors, expected, atol=1e-5)


def test_nothing_decodes_to_nothing() -> None:
    path, posteriors = decode(np.zeros((0, 2), np.float32), np.zeros(0, np.float32), np.eye(2, dtype=np.float32)[::-1])
    assert path.shape == (0,)
    assert posteriors.shape == (0, 2)
