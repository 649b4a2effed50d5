"""Kits: every key, velocity, choke, chance."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from soundrack.composition.fields import Fields
from soundrack.composition.instruments.drums.keys import EVERY_KIT, EVERY_TABLE, HIGHEST, LOWEST, RELATIVES, stand_in
from soundrack.composition.instruments.drums.kit import Kit, kit_plan, read
from soundrack.composition.instruments.drums.kits import INSTRUMENTS
from soundrack.composition.instruments.tone import RATE_HZ, Tone
from soundrack.composition.score.drums.kit import KEYS
from soundrack.errors import Invalid, NotFound
from tests.composition.instruments.sound import chance, loudness, peak_db

_ALL = sorted(INSTRUMENTS)
_TABLES = ("latin_percussion", "shaker_kit")
_BEAT_S = 60.0 / 110.0


def groove(name: str, velocity: float = 0.7) -> tuple[list[Tone], float]:
    """Return two bars that such a kit plays, and how long they last."""
    if name in _TABLES:
        bar = [(0.5 * n, (70, 69, 70, 54)[n % 4]) for n in range(8)]
        bar += [(n, (63, 64, 62, 60)[n]) for n in range(4)] + [(0, 75), (1.5, 75), (3, 75)]
    elif name == "cinematic_kit":
        bar = [(0, 36), (2, 36), (2, 38), (1, 45), (1.5, 43), (3, 50), (3.5, 47)] + [(0.5 * n, 42) for n in range(8)]
    elif name in {"jazz_kit", "brush_kit"}:
        bar = [
            (0, 51),
            (1, 51),
            (1.67, 51),
            (2, 51),
            (3, 51),
            (3.67, 51),
            (1, 44),
            (3, 44),
            (0, 36),
            (1, 40),
            (2.67, 38),
        ]
    else:
        bar = [(0, 36), (2, 36), (2.5, 36), (1, 38), (3, 38)] + [(0.5 * n, 42 if n < 7 else 46) for n in range(8)]
    struck = [((4 * number + at) * _BEAT_S, key) for number in range(2) for at, key in bar]
    return [Tone(at, 0.1, key, velocity) for at, key in sorted(struck)], 8.0 * _BEAT_S


def _played(name: str, tones: list[Tone], seconds: float, seed: int = 1) -> np.ndarray:
    return INSTRUMENTS[name].make().play(tones, round(seconds * RATE_HZ), chance(seed))


@pytest.mark.parametrize("name", _ALL)
def test_a_groove_at_a_usual_velocity_has_minus_18_lufs_and_never_clips(name):
    tones, seconds = groove(name)
    assert loudness(_played(name, tones, seconds)) == pytest.approx(-18.0, abs=2.0)
    tones, seconds = groove(name, 1.0)
    assert peak_db(_played(name, tones, seconds)) < 0.0


@pytest.mark.parametrize("name", _ALL)
def test_every_key_of_the_map_is_heard(name):
    kit = Kit(kit_plan(name))
    struck: dict[str, int] = {}
    for key in range(LOWEST, HIGHEST + 1):
        piece = kit.piece(key)
        assert piece is not None, key
        struck[piece.name] = key
    assert set(struck) == {piece.name for piece in kit_plan(name).pieces}
    for key in struck.values():
        sound = kit.play([Tone(0.1, 0.1, key, 0.7)], RATE_HZ // 2, chance())
        assert not sound[: RATE_HZ // 10].any()
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() > 0.003, key


@pytest.mark.parametrize("name", _ALL)
def test_what_the_drummer_writes_has_a_piece_in_every_kit(name):
    keys = {key for piece in kit_plan(name).pieces for key in piece.keys}
    assert set(EVERY_TABLE if name in _TABLES else EVERY_KIT) <= keys
    assert all(Kit(kit_plan(name)).piece(key) is not None for key in KEYS.values())


def test_every_key_has_relatives_within_the_map_and_what_is_outside_has_none():
    assert set(RELATIVES) == set(range(LOWEST, HIGHEST + 1))
    for key, relatives in RELATIVES.items():
        assert key not in relatives
        assert all(LOWEST <= each <= HIGHEST for each in relatives)
        assert stand_in(key, EVERY_KIT) in EVERY_KIT
        assert stand_in(key, EVERY_TABLE) is None or stand_in(key, EVERY_TABLE) == 70
    assert stand_in(20, EVERY_KIT) is None
    assert stand_in(60, (60, 63)) == 60
    assert not _played("pop_kit", [Tone(0.0, 0.1, 20.0, 0.7)], 0.2).any()


@pytest.mark.parametrize("name", ["house_kit", "rock_kit", "jazz_kit", "latin_percussion"])
def test_harder_strokes_are_louder_and_brighter(name):
    for key in (36, 38, 42, 49, 63):
        sounds = [_played(name, [Tone(0.0, 0.1, key, velocity)], 1.5) for velocity in (0.08, 0.3, 0.55, 0.95)]
        levels = [float(np.sum(sound.astype(np.float64) ** 2)) for sound in sounds]
        assert levels == sorted(levels)
        soft, hard = sounds[0], sounds[-1]
        # Not only louder: the shapes differ.
        alike = float(np.sum(soft * hard)) / np.sqrt(levels[0] * levels[-1])
        assert alike < 0.995, key
    bright = [
        float(np.sum(np.diff(sound, axis=0).astype(np.float64) ** 2) / np.sum(sound.astype(np.float64) ** 2))
        for sound in (_played(name, [Tone(0.0, 0.1, 38, velocity)], 1.0) for velocity in (0.15, 0.95))
    ]
    assert bright[1] > bright[0]


@pytest.mark.parametrize("name", ["house_kit", "rock_kit"])
def test_an_open_hat_is_choked_by_a_closed_one(name):
    apart = _played(name, [Tone(0.0, 0.1, 46, 0.8)], 1.0)
    choked = _played(name, [Tone(0.0, 0.1, 46, 0.8), Tone(0.2, 0.1, 42, 0.0)], 1.0)
    before, after = slice(0, round(0.199 * RATE_HZ)), slice(round(0.215 * RATE_HZ), RATE_HZ)
    np.testing.assert_array_equal(apart[before], choked[before])
    assert np.abs(apart[after]).max() > 1e-4
    assert np.abs(choked[after]).max() == 0.0
    assert np.abs(np.diff(choked[round(0.19 * RATE_HZ) :], axis=0)).max() < 1.2 * np.abs(np.diff(apart, axis=0)).max()


def test_repeated_strokes_are_never_the_same_twice_in_a_row():
    sound = _played("pop_kit", [Tone(0.5 * n, 0.1, 38, 0.7) for n in range(8)], 4.0)
    strokes = [sound[n * RATE_HZ // 2 : n * RATE_HZ // 2 + 4000] for n in range(8)]
    for before, after in pairwise(strokes):
        assert not np.array_equal(before, after)


@pytest.mark.parametrize("name", ["trap_kit", "funk_kit"])
def test_the_same_chance_gives_the_same_bytes_also_after_another_song(name):
    tones, seconds = groove(name)
    kit = INSTRUMENTS[name].make()
    frames = round(seconds * RATE_HZ)
    first = kit.play(tones, frames, chance(1))
    kit.play([Tone(0.0, 0.1, 49, 0.33), *tones[::2]], frames, chance(2))
    assert kit.play(tones, frames, chance(1)).tobytes() == first.tobytes()
    assert _played(name, tones, seconds).tobytes() == first.tobytes()
    assert _played(name, tones, seconds, seed=2).tobytes() != first.tobytes()


def test_a_rolls_strokes_are_tuned():
    def centroid(articulation: str) -> float:
        sound = _played("trap_kit", [Tone(0.0, 0.1, 50, 0.7, articulation)], 0.5).mean(axis=1)
        power = np.abs(np.fft.rfft(sound)) ** 2
        return float(np.sum(power * np.arange(len(power))) / np.sum(power))

    assert centroid("higher") / centroid("") == pytest.approx(2.0 ** (2.0 / 12.0), rel=0.05)
    assert centroid("lower") / centroid("") == pytest.approx(2.0 ** (-2.0 / 12.0), rel=0.05)


def test_a_gate_cuts_the_room_and_a_kit_without_a_gate_rings_on():
    gated = _played("synthwave_kit", [Tone(0.0, 0.1, 38, 0.8)], 1.5)
    late = np.abs(gated[round(0.5 * RATE_HZ) :]).max()
    early = np.abs(gated[round(0.15 * RATE_HZ) : round(0.22 * RATE_HZ)]).max()
    assert early > 0.05 * np.abs(gated).max()
    assert late < 1e-4
    hall = _played("cinematic_kit", [Tone(0.0, 0.1, 38, 0.8)], 1.5)
    assert np.abs(hall[round(0.8 * RATE_HZ) :]).max() > 1e-4


def test_a_kit_file_that_is_wrong_is_told_by_the_field():
    piece = {"model": "kick", "keys": [36], "pitch_hz": 50}
    with pytest.raises(Invalid, match=r"pieces\.kick\.pitch_hz"):
        read("t", Fields("", {"level_db": 0.0, "pieces": {"kick": piece | {"pitch_hz": 1}}}))
    with pytest.raises(Invalid, match=r"pieces\.kick\.model"):
        read("t", Fields("", {"level_db": 0.0, "pieces": {"kick": piece | {"model": "gong"}}}))
    with pytest.raises(Invalid, match="as another piece has"):
        read("t", Fields("", {"level_db": 0.0, "pieces": {"a": piece, "b": piece}}))
    with pytest.raises(Invalid, match="wobble"):
        read("t", Fields("", {"level_db": 0.0, "pieces": {"a": piece | {"wobble": 1}}}))
    with pytest.raises(NotFound):
        kit_plan("theremin_kit")
