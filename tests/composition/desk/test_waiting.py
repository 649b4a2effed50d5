"""What need not be treated, and what need not be in memory."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.desk.send import Send
from soundrack.composition.desk.spans import spans
from soundrack.composition.desk.strip import Strip
from soundrack.composition.desk.table import mix_table
from soundrack.composition.effects.sound import curve
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.plan import Role
from soundrack.errors import ResourcesExhausted
from tests.composition.effects.signals import level_db, noise


@given(st.lists(st.floats(0.0, 9.0), max_size=4))
def test_all_that_sounds_is_in_a_span_and_silence_is_in_none(starts_s: list[float]) -> None:
    sound = np.zeros((10 * RATE_HZ, 2), dtype=np.float32)
    for start_s in starts_s:
        sound[round(start_s * RATE_HZ) :][:100] = 1e-6
    found = spans(sound)
    for first, last in found:
        assert first % 8 == 0
        assert sound[first:last].any()
        sound[first:last] = 0.0
    assert not sound.any()
    assert all(after[0] - before[1] >= RATE_HZ / 2 for before, after in pairwise(found))


@pytest.mark.parametrize("role", [Role.DRUMS, Role.LEAD])
def test_a_part_that_begins_late_is_treated_as_one_that_begins_at_once(role: Role) -> None:
    late, early = np.zeros((4 * RATE_HZ, 2), dtype=np.float32), np.zeros((RATE_HZ, 2), dtype=np.float32)
    late[3 * RATE_HZ // 128 * 128 :][: RATE_HZ // 4] = early[: RATE_HZ // 4] = noise(0.25)
    table = mix_table("lofi")
    Strip(role, 0.0, 0.0, table, opening_hz=curve(len(late), (0.0, 4.0), (900.0, 900.0))).process(late)
    Strip(role, 0.0, 0.0, table, opening_hz=curve(len(early), (0.0, 1.0), (900.0, 900.0))).process(early)
    rest = late[3 * RATE_HZ // 128 * 128 :][: RATE_HZ // 2] - early[: RATE_HZ // 2]
    assert level_db(rest) < level_db(early) - 100.0
    assert not late[: 2 * RATE_HZ].any()


def test_what_is_sent_to_disk_is_there_after_a_rest(tmp_path: Path) -> None:
    held, laid = Send(1000, None), Send(1000, tmp_path / "send.f32")
    for send in (held, laid):
        for _ in range(3):
            send.samples[100:300] += np.float32(0.5)
            send.rest()
    assert np.array_equal(held.samples, laid.samples)
    assert laid.samples.sum() == pytest.approx(300.0)


def test_a_send_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResourcesExhausted):
        Send(10, tmp_path / "missing" / "send.f32")
