from __future__ import annotations

import numpy as np
import pytest

from soundrack.audio.survey import block_peaks
from soundrack.mastering.repair import find, silence, treat
from soundrack.mastering.repair.generators import Generator
from soundrack.mastering.repair.steps import SilenceStep
from tests.mastering.repair import faults
from tests.mastering.repair.conftest import RATE_HZ
from tests.mastering.repair.faults import Samples


def found(song: Samples) -> SilenceStep | None:
    return silence.find(block_peaks(song), len(song), RATE_HZ)


@pytest.mark.parametrize("before_s", [0.0, 0.2, 0.5, 3.0])
@pytest.mark.parametrize("after_s", [0.0, 0.5, 3.0])
def test_silence_is_cut_to_a_short_lead_in_and_the_song_is_kept(
    before_s: float, after_s: float, songs: list[Samples]
) -> None:
    song = songs[2][: 10 * RATE_HZ]
    step = found(faults.with_silence(song, RATE_HZ, before_s, after_s))
    assert (step is None) == (before_s < 0.3 and after_s < 1.0)
    if step is None:
        return
    padded = faults.with_silence(song, RATE_HZ, before_s, after_s)
    kept = treat(padded, RATE_HZ, (step,))
    lead_s, tail_s = min(before_s, 0.1) if before_s > 0.3 else before_s, 0.5 if after_s > 1.0 else after_s
    assert len(kept) / RATE_HZ == pytest.approx(10.0 + lead_s + tail_s, abs=0.2)
    # What is heard of the song is there to the bit.
    at = round(before_s * RATE_HZ) - round(step.start_s * RATE_HZ)
    assert (kept[at + RATE_HZ // 2 : at + 9 * RATE_HZ] == song[RATE_HZ // 2 : 9 * RATE_HZ]).all()
    if before_s > 0.3:
        assert np.abs(kept[0]).max() == 0.0
        assert f"{before_s:.2f} s before" in step.reason or f"{before_s + 0.01:.2f} s before" in step.reason


def test_a_reverb_is_kept_to_its_end() -> None:
    time_s = np.arange(8 * RATE_HZ) / RATE_HZ
    noise = np.random.default_rng(0).standard_normal(len(time_s))
    tail = (0.2 * noise * 10.0 ** (-time_s)).astype(np.float32)[:, None]  # -20 dB a second
    step = found(np.concatenate((tail, np.zeros((4 * RATE_HZ, 1), dtype=np.float32))))
    assert step is not None
    assert step.end_s - step.fade_out_s > 3.5  # more than 70 dB below its beginning


@pytest.mark.parametrize("shifted", ["all of it", "the song alone"])
def test_silence_is_seen_beside_a_constant(shifted: str, songs: list[Samples]) -> None:
    song = songs[0]
    if shifted == "all of it":
        padded = faults.with_silence(song, RATE_HZ, 2.0, 3.0) + np.float32(0.01)
    else:
        padded = faults.with_silence(song + np.float32(0.01), RATE_HZ, 2.0, 3.0)
    kinds = {step.kind: step for step in find(padded, RATE_HZ, Generator.OTHER).steps}
    assert kinds.keys() == {"offset", "silence"}
    step = kinds["silence"]
    assert isinstance(step, SilenceStep)
    assert step.start_s == pytest.approx(1.9, abs=0.05)
    assert step.fade_out_s > 0.0


def test_a_song_that_fades_in_keeps_its_beginning() -> None:
    time_s = np.arange(10 * RATE_HZ) / RATE_HZ
    faded = (0.5 * np.sin(2.0 * np.pi * 220.0 * time_s) * np.minimum(time_s / 5.0, 1.0)).astype(np.float32)
    assert found(faded[:, None]) is None
