"""Sounds that go round."""

from __future__ import annotations

import numpy as np
import pytest

from soundrack.composition.chance import chance
from soundrack.composition.instruments.tone import RATE_HZ, Tone
from soundrack.composition.plan import Role
from soundrack.composition.samples.circle import SEAM_FRAMES, closed, played

FRAMES = RATE_HZ // 2


def level(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


def test_what_rings_on_after_the_end_is_heard_in_the_beginning() -> None:
    late = played("glockenspiel", Role.LEAD, [Tone(0.45, 0.05, 84.0, 0.8)], FRAMES, chance(1, "circle"))
    assert level(late[:2000]) > 0.1 * level(late)


def test_who_is_early_on_the_first_beat_begins_at_the_end() -> None:
    tones = [Tone(-0.02, 0.05, 84.0, 0.8)]
    early = played("glockenspiel", Role.LEAD, tones, FRAMES, chance(1, "circle"))
    attack = int(np.argmax(np.abs(early).max(axis=1) > 0.2 * np.abs(early).max()))
    before = int(np.abs(early[-882:]).max() > 0.2 * np.abs(early).max())
    assert before == 1
    assert attack < 882


@pytest.mark.parametrize("tones", [[Tone(0.0, 0.5, 60.0, 0.7)], [Tone(0.3, 0.2, 60.0, 0.7), Tone(0.0, 0.2, 60.0, 0.7)]])
def test_a_pad_is_held_on_over_the_seam(tones: list[Tone]) -> None:
    twice = np.tile(played("warm_pad", Role.PAD, tones, FRAMES, chance(1, "circle")), (2, 1))
    seam = twice[FRAMES - 2205 : FRAMES + 2205]
    assert level(seam) > 0.5 * level(twice)


def test_a_lead_begins_its_pitch_again_at_the_seam_of_a_loop() -> None:
    tones = [Tone(0.0, 0.5, 60.0, 0.7)]
    lead = played("warm_pad", Role.LEAD, tones, FRAMES, chance(1, "circle"))
    pad = played("warm_pad", Role.PAD, tones, FRAMES, chance(1, "circle"))
    assert lead.tobytes() != pad.tobytes()


def test_closing_takes_the_last_pass_and_begins_it_with_what_follows_its_end() -> None:
    wave = np.sin(2.0 * np.pi * 5.0 * np.arange(3 * 20_000 + SEAM_FRAMES) / 20_000.0)
    passes = np.column_stack([wave, wave]).astype(np.float32)
    passes[40_000 : 40_000 + SEAM_FRAMES] = 0.5
    out = closed(passes, 20_000)
    assert out.shape == (20_000, 2)
    assert abs(float(out[0, 0] - out[-1, 0])) < 0.01
    assert out[SEAM_FRAMES:].tobytes() == passes[40_000 + SEAM_FRAMES : 60_000].tobytes()
