from __future__ import annotations

import numpy as np
import pytest

from soundrack.errors import Invalid
from soundrack.mastering.repair import lines
from soundrack.mastering.repair.generators import PROFILES, Generator
from soundrack.mastering.repair.spectra import spectra
from soundrack.mastering.repair.steps import Line, LinesStep
from tests.mastering.repair import faults
from tests.mastering.repair.conftest import RATE_HZ
from tests.mastering.repair.faults import Samples

PROFILE = PROFILES[Generator.OTHER]
STAMP_HZ = [2756.25, 5512.5, 8268.75, 11_025.0, 13_781.25]


def found(song: Samples, rate_hz: int = RATE_HZ) -> LinesStep | None:
    return lines.find(spectra(song, rate_hz), PROFILE)


def level_db(song: Samples, frequency_hz: float, width_hz: float) -> float:
    """Power within a few hertz of a frequency, in dB."""
    power = np.square(np.abs(np.fft.rfft(song[:, 0].astype(np.float64) * np.hanning(len(song)))))
    at, reach = frequency_hz * len(song) / RATE_HZ, width_hz * len(song) / RATE_HZ
    return float(10.0 * np.log10(power[round(at - reach) : round(at + reach) + 1].sum()))


@pytest.mark.parametrize("line_db", [-45.0, -35.0])
@pytest.mark.parametrize("number", range(5))
def test_each_line_is_found_in_its_place_and_lowered_to_its_surroundings(
    number: int, line_db: float, songs: list[Samples]
) -> None:
    song = songs[number]
    stamped = faults.with_lines(song, RATE_HZ, STAMP_HZ, line_db)
    step = found(stamped)
    assert step is not None
    for line in step.lines:
        assert min(abs(line.frequency_hz - each) for each in STAMP_HZ) < 0.5
    assert len(step.lines) == 5 or line_db == -45.0  # the lower two may lie below the music
    assert {round(line.frequency_hz / STAMP_HZ[0]) for line in step.lines} >= {3, 4, 5}
    treated = stamped.copy()
    lines.treat(treated, RATE_HZ, step)
    for line in step.lines:
        lowered = level_db(stamped, line.frequency_hz, 0.1) - level_db(treated, line.frequency_hz, 0.1)
        assert lowered > min(line.depth_db - 3.0, 20.0)
        assert lowered < line.depth_db + 1.0
    assert found(treated) is None
    removed = (stamped - treated).astype(np.float64)
    assert 10.0 * np.log10(np.square(treated - song).mean() / np.square(song).mean()) < -35.0
    assert np.square(removed).mean() < 1.5 * np.square(stamped - song).mean()


def test_the_depth_is_how_far_a_line_stands_above_noise() -> None:
    """A sine of power P in white noise of density D stands P / (1.5 D bin) above it, and 2.5 dB, in the mean of dB."""
    rng = np.random.default_rng(0)
    noise = (0.01 * rng.standard_normal((20 * RATE_HZ, 1))).astype(np.float32)
    looked = spectra(noise, RATE_HZ)
    density = 2.0 * 1e-4 / RATE_HZ
    for truth_db in (12.0, 20.0, 40.0):
        power = 10.0 ** (truth_db / 10.0) * 1.5 * density * looked.bin_hz
        step = found(faults.with_lines(noise, RATE_HZ, [9000.0], 10.0 * np.log10(power / 1e-4)))
        assert step is not None
        assert step.lines[0].depth_db == pytest.approx(truth_db + 2.5, abs=1.5)


def test_lines_of_one_rate_are_told_as_its_multiples(songs: list[Samples]) -> None:
    step = found(faults.with_lines(songs[1], RATE_HZ, STAMP_HZ, -35.0))
    assert step is not None
    assert "Multiples of 2756." in step.reason
    odd = found(faults.with_lines(songs[1], RATE_HZ, [6011.0, 7213.0, 9998.0], -35.0))
    assert odd is not None
    assert "Multiples" not in odd.reason


def organ(duration_s: float, gap_s: float) -> Samples:
    """A chord held all the time but for one gap, with steady partials, over soft noise."""
    time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    chord = sum(
        np.sin(2.0 * np.pi * pitch * partial * time_s) / partial
        for pitch in (261.6, 329.6, 392.0)
        for partial in (1, 2, 3, 4, 8)
    )
    gap = np.abs(time_s - 0.5 * duration_s) > 0.5 * gap_s
    noise = np.random.default_rng(0).standard_normal(len(time_s))
    return np.asarray(0.05 * chord * gap + 1e-4 * noise, dtype=np.float32)[:, None]


@pytest.mark.parametrize("gap_s", [2.0, 10.0])
def test_a_held_note_with_a_gap_is_no_line(gap_s: float) -> None:
    assert found(organ(30.0, gap_s)) is None


def test_a_loud_held_note_without_a_gap_is_music_too() -> None:
    step = found(organ(30.0, 0.0))
    assert step is None or all(line.frequency_hz > 2000.0 for line in step.lines)


def test_a_line_is_there_in_the_gaps_of_a_song_as_well() -> None:
    stamped = faults.with_lines(organ(30.0, 10.0), RATE_HZ, [4000.0], -45.0)
    step = found(stamped)
    assert step is not None
    assert [line.frequency_hz for line in step.lines] == [pytest.approx(4000.0, abs=0.2)]


def test_a_tone_that_sways_is_no_line() -> None:
    time_s = np.arange(30 * RATE_HZ) / RATE_HZ
    noise = 1e-3 * np.random.default_rng(0).standard_normal(len(time_s))
    tone = 1e-3 * 10.0 ** (np.sin(2.0 * np.pi * 0.15 * time_s) / 2.0) * np.sin(2.0 * np.pi * 7000.0 * time_s)
    assert found((tone + noise).astype(np.float32)[:, None]) is None


def test_what_is_too_short_to_know_has_no_lines() -> None:
    assert found(faults.with_lines(organ(2.0, 0.0), RATE_HZ, [4000.0], -45.0)) is None


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 44_100, 192_000])
def test_a_line_beyond_half_the_rate_is_refused_saying_where_it_may_lie_and_none_is_lowered(rate_hz: int) -> None:
    song = (0.1 * np.random.default_rng(0).standard_normal((2000, 2))).astype(np.float32)
    before, held = song.tobytes(), Line(frequency_hz=0.49 * rate_hz, depth_db=20.0)
    for frequency_hz in (0.499 * rate_hz, 0.5 * rate_hz):
        step = LinesStep(lines=(held, Line(frequency_hz=frequency_hz, depth_db=20.0)))
        with pytest.raises(Invalid, match=f"must lie below {0.499 * rate_hz:g} Hz") as refusal:
            lines.treat(song, rate_hz, step)
        assert refusal.value.field == "repair"
        assert song.tobytes() == before
    lines.treat(song, rate_hz, LinesStep(lines=(held,)))
    assert song.tobytes() != before
