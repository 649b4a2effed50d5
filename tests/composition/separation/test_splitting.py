"""Stems of arrays: each has what it is named for, and together they are the mix."""

from __future__ import annotations

import numpy as np
import pytest

from soundrack.composition import separation
from soundrack.composition.separation import STEMS, split, splitting
from tests.analysis.stems import network
from tests.composition.separation.mixes import Sound, likeness, mixed, parts


@pytest.fixture(scope="module")
def known() -> dict[str, Sound]:
    return parts(6.0)


@pytest.fixture(scope="module")
def found(known: dict[str, Sound]) -> dict[str, Sound]:
    return split(mixed(known))


def test_the_stems_add_up_to_the_mix(known: dict[str, Sound], found: dict[str, Sound]) -> None:
    assert tuple(found) == STEMS
    assert np.abs(mixed(found) - mixed(known)).max() < 1e-6
    assert all(stem.dtype == np.float32 and stem.shape == known["other"].shape for stem in found.values())


@pytest.mark.parametrize(("name", "least"), [("drums", 0.8), ("bass", 0.85), ("other", 0.75)])
def test_a_stem_is_like_the_part_it_is_named_for_and_more_than_the_mix_is(
    name: str, least: float, known: dict[str, Sound], found: dict[str, Sound]
) -> None:
    assert likeness(found[name], known[name]) > max(least, likeness(mixed(known), known[name]) + 0.1)


def test_windows_leave_no_trace(
    known: dict[str, Sound], found: dict[str, Sound], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splitting, "_STEP", 100)
    again = split(mixed(known))
    for name in ("drums", "other"):
        apart = float(np.mean(np.square(again[name] - found[name])))
        assert apart < 0.01 * float(np.mean(np.square(found[name])))


def test_the_same_sound_gives_the_same_stems(known: dict[str, Sound]) -> None:
    short = mixed(known)[:60_000]
    assert all(
        np.array_equal(one, other) for one, other in zip(split(short).values(), split(short).values(), strict=True)
    )


@pytest.mark.parametrize("frames", [1, 441, 4097])
def test_a_sound_may_be_as_short_as_one_sample(frames: int, known: dict[str, Sound]) -> None:
    short = mixed(known)[-frames:]
    assert np.abs(mixed(split(short)) - short).max() < 1e-6


def test_silence_gives_silence() -> None:
    assert all(not stem.any() for stem in split(np.zeros((30_000, 2), dtype=np.float32)).values())


def test_where_the_network_is_installed_it_tells_the_voice(
    known: dict[str, Sound], monkeypatch: pytest.MonkeyPatch
) -> None:
    network.install(monkeypatch, network.upper)
    monkeypatch.setattr(splitting, "can_separate", lambda: True)
    assert separation.hears_voices()
    mix = mixed(known)[:88_200]
    told: list[float] = []
    stems = split(mix, told.append)
    above, whole = (np.abs(np.fft.rfft(each[:, 0]))[8000:] for each in (stems["vocals"], mix))
    assert np.square(above).sum() > 0.95 * np.square(whole).sum()
    assert np.abs(mixed(stems) - mix).max() < 1e-6
    assert told == sorted(told)
    assert told[-1] == 1.0
