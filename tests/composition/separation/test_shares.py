"""Shares: what belongs to whom is all there is, and a bin is judged among its neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from soundrack.composition.separation.hearing import CLUES
from soundrack.composition.separation.shares import SURROUNDINGS, Network, networks, shares, surroundings


def test_shares_are_parts_of_a_whole() -> None:
    rng = np.random.default_rng(1)
    clues = rng.standard_normal((len(CLUES), 40, 64)).astype(np.float32)
    found = shares(clues, rng.random((40, 64)).astype(np.float32))
    assert found.shape == (4, 40, 64)
    assert found.min() >= 0.0
    assert found.sum(axis=0) == pytest.approx(1.0, abs=1e-5)


def test_the_networks_fit_their_clues() -> None:
    first, second = networks()
    assert first.hidden.shape[1] == len(CLUES)
    assert second.hidden.shape[1] == len(CLUES) + SURROUNDINGS
    assert first.out.shape[0] == second.out.shape[0] == 4


def test_a_network_ramps_and_shares_out() -> None:
    network = Network(
        hidden=np.array([[1.0], [-1.0]], dtype=np.float32),
        hidden_bias=np.zeros(2, dtype=np.float32),
        out=np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]], dtype=np.float32),
        out_bias=np.zeros(4, dtype=np.float32),
    )
    found = network.shares(np.array([[2.0, -2.0]], dtype=np.float32))
    most = np.exp(2.0) / (np.exp(2.0) + 3.0)
    assert found[0].tolist() == pytest.approx([most, (1.0 - most) / 3.0])
    assert found[1].tolist() == pytest.approx([(1.0 - most) / 3.0, most])


def test_surroundings_are_means_in_which_what_is_loud_counts_more() -> None:
    found = np.zeros((4, 60, 40), dtype=np.float32)
    found[0, 30, :20] = 1.0
    power = np.ones((60, 40), dtype=np.float32)
    frame, near, lasting = surroundings(found, power)[::3]
    assert frame[30] == pytest.approx(0.5)
    assert frame[29] == pytest.approx(0.0)
    assert near[30, 10] == pytest.approx(1.0 / 9.0, rel=1e-4)
    assert lasting[20, 5] == pytest.approx(1.0 / 31.0, rel=1e-4)
    assert near[20, 10] == pytest.approx(0.0, abs=1e-6)
    power[30, :20] = 9.0
    assert surroundings(found, power)[0][30] == pytest.approx(0.75, rel=1e-4)
