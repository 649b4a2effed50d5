from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.mastering.repair.blocks import add_changes
from tests.jit import both_ways


@given(frames=st.integers(1, 5000), channels=st.integers(1, 2), seed=st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_adding_all_of_it_doubles_a_song(frames: int, channels: int, seed: int) -> None:
    song = np.random.default_rng(seed).standard_normal((frames, channels)).astype(np.float32)
    doubled = song.copy()
    add_changes(doubled, 128, lambda blocks: np.ones(len(blocks), dtype=np.bool_))
    np.testing.assert_allclose(doubled, 2.0 * song, atol=1e-5)


@given(frames=st.integers(1, 9000), channels=st.integers(1, 2))
@settings(max_examples=30, deadline=None)
def test_where_nothing_is_added_every_bit_is_kept(frames: int, channels: int) -> None:
    song = np.random.default_rng(0).standard_normal((frames, channels)).astype(np.float32)
    same = song.copy()
    add_changes(same, 128, lambda blocks: np.zeros(len(blocks), dtype=np.bool_))
    assert (same == song).all()


@pytest.mark.parametrize("only", [0, 7, 31, 32, 33])
def test_one_block_is_added_in_its_place_alone(only: int) -> None:
    song = np.random.default_rng(0).standard_normal((6000, 2)).astype(np.float32)
    changed, seen = song.copy(), 0

    def change(blocks):
        nonlocal seen
        numbers = np.arange(seen, seen + len(blocks))
        seen += len(blocks)
        return numbers == only

    add_changes(changed, 128, change)
    window = np.sin(np.pi * (np.arange(128) + 0.5) / 128) ** 2
    expected = song.astype(np.float64)
    first = (only - 1) * 64
    begin = max(first, 0)
    expected[begin : first + 128] += window[begin - first :, None] * song[begin : first + 128]
    np.testing.assert_allclose(changed, expected, atol=1e-5)


def test_identical_with_and_without_the_compiler() -> None:
    """Each kernel of repair run as plain Python gives what the compiled one gives, to single precision."""
    code = (
        "import numpy as np, json\n"
        "from soundrack.mastering.repair import air, bass, clicks, shimmer\n"
        "from soundrack.mastering.repair.steps import AirStep, BassStep, ShimmerStep\n"
        "rng = np.random.default_rng(0)\n"
        "told = {}\n"
        "for channels in (1, 2):\n"
        "    x = (0.1 * rng.standard_normal((6000, channels))).astype(np.float32)\n"
        "    x[3000, 0] += 30.0\n"
        "    told['hot', channels] = [shimmer.hot_percent(x, 32000, 2000.0, 15000.0)]\n"
        "    told['suspects', channels] = clicks._suspects(x, 32000)\n"
        "    x[:, 0] += 0.5 * np.sin(2.0 * np.arange(6000))\n"
        "    for name, treat in (\n"
        "        ('bass', lambda: bass.treat(x, 32000, BassStep(gain_db=1.0, keep='side'))),\n"
        "        ('shimmer', lambda: shimmer.treat(x, 32000, ShimmerStep(to_hz=15000.0))),\n"
        "        ('air', lambda: air.treat(x, 32000, AirStep(cutoff_hz=8e3, to_hz=15e3, slope_db_per_octave=-6))),\n"
        "    ):\n"
        "        treat()\n"
        "        told[name, channels] = x.astype(float).tolist()\n"
        "print(json.dumps({str(name): value for name, value in told.items()}))\n"
    )
    compiled, plain = both_ways(code)
    assert compiled.keys() == plain.keys()
    assert compiled["('suspects', 2)"]
    for name, value in compiled.items():
        np.testing.assert_allclose(value, plain[name], rtol=1e-4, atol=1e-5, err_msg=name)
