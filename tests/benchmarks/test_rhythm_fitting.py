"""What the rhythm's models are fitted by finds what is there to be found."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.rhythm.fitting import Choice, choice, fit, layered_choice


def drawn(count: int, *, product: bool) -> list[Choice]:
    """Choices between four things, of which the one is right whose features have the greatest sum, or product."""
    rng = np.random.default_rng(4)
    choices = []
    for _ in range(count):
        rows = rng.normal(size=(4, 2)) * np.array([1.0, 3.0])
        scores = rows.prod(axis=1) if product else rows @ np.array([1.0, 1.0 / 3.0])
        choices.append(Choice(rows, np.arange(4) == scores.argmax()))
    return choices


def test_a_logistic_regression_finds_the_odds():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(20_000, 2))
    labels = rng.random(20_000) < 1.0 / (1.0 + np.exp(-(rows @ np.array([1.0, -2.0]) + 0.5)))

    weights, offset = fit(rows, labels, 0.1)

    assert weights == pytest.approx([1.0, -2.0], abs=0.1)
    assert offset == pytest.approx(0.5, abs=0.1)


def test_a_row_that_counts_twice_is_as_good_as_two():
    rng = np.random.default_rng(2)
    rows, labels = rng.normal(size=(60, 2)), rng.random(60) < 0.4
    rows = np.vstack((rows, rows[:20] * 0.0, rows[:20] * 0.0))
    labels = np.append(labels, np.tile(labels[:20], 2))
    counts = np.ones(80)
    counts[60:] = 2.0
    even = np.isin(np.arange(100), np.arange(80))

    twice, once = fit(rows, labels, 0.0), fit(rows[even], labels[even], 0.0, counts)

    # the spread by which both are evened is not the same, the best weights without a penalty are
    assert twice[0] == pytest.approx(once[0], abs=0.01)
    assert twice[1] == pytest.approx(once[1], abs=0.01)


def test_a_choice_by_a_sum_is_learned():
    learned, unseen = drawn(300, product=False)[:200], drawn(300, product=False)[200:]

    weights, _ = choice(learned, 0.01)

    assert np.mean([one.right[(one.rows @ weights).argmax()] for one in unseen]) > 0.95


def test_a_choice_by_a_product_is_learned_by_hidden_units_alone():
    learned, unseen = drawn(600, product=True)[:400], drawn(600, product=True)[400:]

    weights, _ = choice(learned, 0.01)
    layers = layered_choice(learned, 8, 0.01, 0.01)

    assert np.mean([one.right[(one.rows @ weights).argmax()] for one in unseen]) < 0.5
    assert np.mean([one.right[layers.scores(one.rows).argmax()] for one in unseen]) > 0.85
