from __future__ import annotations

import numpy as np
import pytest
from benchmarks.tonality.examples import Example, key_number, state_and_bass
from benchmarks.tonality.laying import as_found, for_chords, for_keys, on_grid

from soundrack.analysis.tonality.grid import Grid
from soundrack.analysis.tonality.network import STATES

TRUTH = {
    "beats_s": [0.5 * beat for beat in range(16)],
    "positions": [1, 2, 3, 4] * 4,
    "key": "A minor",
    "key_segments": [
        {"start_s": 0.0, "end_s": 4.0, "name": "A minor"},
        {"start_s": 4.0, "end_s": 8.0, "name": "C major"},
    ],
    "chords": [
        {"start_s": 0.0, "end_s": 3.0, "label": "A:min"},
        {"start_s": 3.0, "end_s": 4.0, "label": "B:hdim7/b3"},
        {"start_s": 4.0, "end_s": 7.0, "label": "C:maj7"},
        {"start_s": 7.0, "end_s": 8.0, "label": "N"},
    ],
}


def example() -> Example:
    beats_s = np.array(TRUTH["beats_s"], dtype=np.float64)
    return Example("song", np.ones((200, 84), np.float32), beats_s, np.array(TRUTH["positions"]), TRUTH)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("C:maj", (0, 0)),
        ("C:maj/3", (0, 4)),
        ("Eb:min7/b7", (3 * 9 + 4, 1)),
        ("F#:hdim7", (6 * 9 + 7, 6)),
        ("N", (STATES - 1, -1)),
    ],
)
def test_a_chord_s_name_gives_its_state_and_bass(label: str, expected: tuple[int, int]) -> None:
    assert state_and_bass(label) == expected


def test_keys_are_numbered_by_tonic_and_mode() -> None:
    assert [key_number(name) for name in ("C major", "C minor", "Eb major", "F# minor")] == [0, 1, 6, 13]


def test_a_span_is_shared_out_among_its_chords() -> None:
    laid = on_grid(example(), Grid(np.array([0.0, 2.0, 6.0, 8.0]), np.zeros(3, np.bool_)))
    a_minor, b_diminished, c_seventh = 9 * 9 + 1, 11 * 9 + 7, 3
    assert laid.shares[0, a_minor] == 1.0
    assert laid.shares[1, [a_minor, b_diminished, c_seventh]].tolist() == [0.25, 0.25, 0.5]
    assert laid.shares[2, [c_seventh, STATES - 1]].tolist() == [0.5, 0.5]
    assert laid.bass.tolist() == [9, 0, 0]
    assert laid.keys.tolist() == [19, 0, 0]


@pytest.mark.parametrize("seed", range(30))
def test_every_grid_that_is_drawn_covers_the_song(seed: int) -> None:
    for lay in (for_chords, for_keys):
        laid = lay(example(), np.random.default_rng(seed))
        assert len(laid.spectra) == len(laid) == len(laid.grid)
        assert (laid.grid.times_s[0], laid.grid.times_s[-1]) == (0.0, 8.0)
        np.testing.assert_allclose(laid.shares.sum(axis=1), 1.0, rtol=1e-5)


def test_a_part_is_what_lies_between() -> None:
    laid = as_found(example(), 0.95)
    part = laid.part(3, 7)
    assert part.grid.times_s.tolist() == laid.grid.times_s[3:8].tolist()
    np.testing.assert_array_equal(part.shares, laid.shares[3:7])
