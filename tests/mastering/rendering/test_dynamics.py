from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from immich_memories_music import tracks_dir
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from soundrack.audio.crossover import CONTROL_FRAMES, band_power, crossovers
from soundrack.audio.files import read
from soundrack.errors import Invalid
from soundrack.mastering.plan import Band, DynamicsStep
from soundrack.mastering.rendering.dynamics import compress, reductions_db
from tests.jit import both_ways

RATE_HZ = 48_000
PACES = ((30.0, 180.0), (20.0, 150.0), (10.0, 90.0), (10.0, 90.0), (10.0, 90.0))
SPLITS = {3: (160.0, 3000.0), 4: (160.0, 3000.0, 8000.0), 5: (80.0, 300.0, 2000.0, 8000.0)}


def step(bands: int = 3, wet: float = 1.0, **settings: float) -> DynamicsStep:
    values = {"threshold_db": -2.0, "ratio": 3.0} | settings
    return DynamicsStep(
        crossovers_hz=SPLITS[bands],
        bands=tuple(Band(**values, attack_ms=attack, release_ms=release) for attack, release in PACES[:bands]),
        wet=wet,
    )


def noise(seconds: float = 4.0, seed: int = 4) -> NDArray[np.float32]:
    """Noise with a level that wanders over 30 dB."""
    frames = round(seconds * RATE_HZ)
    rng = np.random.default_rng(seed)
    level_db = np.interp(np.arange(frames), np.linspace(0, frames, 12), rng.uniform(-40.0, -10.0, 12))
    return (10.0 ** (level_db[:, None] / 20.0) * rng.standard_normal((frames, 2))).astype(np.float32)


def sine(frequency_hz: float, seconds: float = 3.0, rate_hz: int = RATE_HZ) -> NDArray[np.float32]:
    wave = 0.5 * np.sin(2.0 * np.pi * frequency_hz * np.arange(round(seconds * rate_hz)) / rate_hz)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def distortion_db(heard: NDArray[np.float32], frequency_hz: float, rate_hz: int = RATE_HZ) -> tuple[float, float]:
    """Return a steady sine's gain, and all that is not the sine relative to it (THD+N)."""
    part = heard[rate_hz : 2 * rate_hz, 0].astype(np.float64)
    angle = 2.0 * np.pi * frequency_hz * np.arange(len(part)) / rate_hz
    basis = np.stack((np.sin(angle), np.cos(angle)), axis=1)
    found, *_ = np.linalg.lstsq(basis, part, rcond=None)
    rest = part - basis @ found
    level = math.hypot(*found)
    return 20.0 * math.log10(level / 0.5), 20.0 * math.log10(rest.std() * math.sqrt(2.0) / level)


@given(
    bands=st.sampled_from([3, 4, 5]),
    threshold_db=st.floats(-24.0, 24.0),
    ratio=st.floats(1.0, 20.0),
    knee_db=st.floats(0.1, 24.0),
    most_db=st.floats(0.0, 24.0),
    attack_ms=st.floats(0.1, 500.0),
    release_ms=st.floats(0.1, 2000.0),
    seed=st.integers(0, 99),
)
@settings(max_examples=100, deadline=None)
def test_no_band_is_ever_boosted_or_held_by_more_than_its_bound(bands: int, seed: int, **values: float) -> None:
    rng = np.random.default_rng(seed)
    power = (10.0 ** rng.uniform(-9.0, 0.0, (rng.integers(1, 400), bands))).astype(np.float32)
    held_db = reductions_db(power, RATE_HZ, [Band(**values)] * bands)
    assert held_db.shape == power.T.shape
    assert (held_db >= 0.0).all()
    assert (held_db <= np.float32(values["most_db"])).all()


def test_the_static_curve_is_the_soft_knee_of_the_paper() -> None:
    """A step that lasts long enough: below the knee nothing, within it the parabola, above it the straight line."""
    band = Band(threshold_db=-6.0, ratio=4.0, attack_ms=5.0, release_ms=20.0, knee_db=8.0, most_db=24.0)
    for above_db, expected in ((-5.0, 0.0), (0.0, 0.75 * 4.0**2 / 16.0), (2.0, 0.75 * 6.0**2 / 16.0), (6.0, 4.5)):
        # nine parts at the level the threshold is relative to, and a short one away from it
        level_db, probed_db = -20.0, -20.0 - 6.0 + above_db
        power = np.full((20_000, 1), 10.0 ** (level_db / 10.0), np.float32)
        power[10_000:10_200] = 10.0 ** (probed_db / 10.0)
        level_db = 10.0 * math.log10(power[power >= 0.1 * power.mean()].mean())
        held_db = reductions_db(power, RATE_HZ, [band])[0, 10_150]
        over_db = probed_db - (level_db - 6.0)
        assert over_db == pytest.approx(above_db, abs=0.05)
        assert held_db == pytest.approx(expected, abs=0.06)


def test_attack_and_release_take_the_time_they_were_given() -> None:
    """After one attack time the detector has gone 63 % of the way, in power, and as much back after one release."""
    band = Band(threshold_db=-20.0, ratio=20.0, attack_ms=40.0, release_ms=200.0, knee_db=0.1, most_db=24.0)
    power = np.full((9000, 1), 1e-3, np.float32)
    power[3000:6000] = 1e-2
    held_db = reductions_db(power, RATE_HZ, [band])[0] / 0.95
    detected = 10.0 ** ((held_db - held_db[2900]) / 10.0)
    blocks = RATE_HZ / CONTROL_FRAMES / 1000.0
    risen, fallen = detected[3000 + round(40.0 * blocks)], detected[6000 + round(200.0 * blocks)]
    assert (risen - 1.0) / 9.0 == pytest.approx(1.0 - math.exp(-1.0), abs=0.03)
    assert (fallen - 1.0) / 9.0 == pytest.approx(math.exp(-1.0), abs=0.03)


@pytest.mark.parametrize("bands", [3, 4, 5])
def test_loud_and_soft_parts_come_closer(bands: int) -> None:
    samples = (0.1 * np.random.default_rng(4).standard_normal((10 * RATE_HZ, 2))).astype(np.float32)
    samples[5 * RATE_HZ :] *= 2.0
    done = compress(samples, RATE_HZ, step(bands))
    ratio = samples[6 * RATE_HZ :].std() / samples[: 4 * RATE_HZ].std()
    assert 1.2 < ratio < 1.9
    assert len(done.bands) == bands
    for band in done.bands:
        assert 0.0 < band.mean_db < band.busy_db <= band.most_db <= 4.0 + 1e-3


@pytest.mark.parametrize("bands", [3, 5])
def test_every_band_keeps_its_share_of_the_songs_power(bands: int) -> None:
    """Bursts of treble over a steady bass: only the treble is held, and yet it is not softer beside the bass."""
    frames = np.arange(8 * RATE_HZ)
    treble = np.random.default_rng(1).standard_normal(len(frames)) * np.where(frames % RATE_HZ < RATE_HZ // 6, 0.4, 0.1)
    bass = 0.2 * np.sin(2.0 * np.pi * 60.0 * frames / RATE_HZ)
    samples = np.repeat((bass + treble)[:, None], 2, axis=1).astype(np.float32)
    asked = step(bands, threshold_db=1.0, ratio=6.0)
    filters = crossovers(RATE_HZ, asked.crossovers_hz)
    before = band_power(samples, filters).sum(axis=0, dtype=np.float64)
    done = compress(samples, RATE_HZ, asked)
    after = band_power(samples, filters).sum(axis=0, dtype=np.float64)
    assert done.bands[-1].busy_db - done.bands[0].busy_db > 0.5
    assert done.bands[-1].made_up_db > 0.3 > done.bands[0].made_up_db
    np.testing.assert_allclose(10.0 * np.log10(after / after.sum() * before.sum() / before), 0.0, atol=0.25)


def test_what_is_reported_is_what_was_done() -> None:
    """A tone alone in its band: its gain is the band's, after the parallel mix."""
    for wet, most_db in ((1.0, 3.0), (0.5, 3.0), (1.0, 12.0)):
        samples = sine(997.0)
        done = compress(samples, RATE_HZ, step(wet=wet, threshold_db=-9.0, ratio=2.0, most_db=most_db))
        gain_db, _ = distortion_db(samples, 997.0)
        assert -gain_db == pytest.approx(done.bands[1].busy_db, abs=0.02)
        held_db = min(4.5, most_db)
        expected = -20.0 * math.log10(1.0 - wet * (1.0 - 10.0 ** (-held_db / 20.0)))
        assert done.bands[1].busy_db == pytest.approx(expected, abs=0.05)
        assert (done.bands[1].over_3_db > 0.9) == (expected > 3.01)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
@pytest.mark.parametrize(
    ("frequency_hz", "at_most_db"), [(30.0, -80.0), (50.0, -90.0), (100.0, -100.0), (997.0, -80.0)]
)
def test_a_tone_held_by_3_db_stays_clean(frequency_hz: float, at_most_db: float, rate_hz: int) -> None:
    samples = sine(frequency_hz, rate_hz=rate_hz)
    compress(samples, rate_hz, step(threshold_db=-10.0, ratio=1.43, most_db=24.0))
    gain_db, thd_db = distortion_db(samples, frequency_hz, rate_hz)
    assert gain_db == pytest.approx(-3.0, abs=0.1)
    assert thd_db < at_most_db


@given(bands=st.sampled_from([3, 5]), seed=st.integers(0, 9), scale_db=st.floats(-30.0, 0.0))
@settings(max_examples=10, deadline=None)
def test_what_is_done_does_not_depend_on_how_loud_the_song_is(bands: int, seed: int, scale_db: float) -> None:
    loud, scale = noise(1.0, seed), np.float32(10.0 ** (scale_db / 20.0))
    soft = loud * scale
    compress(loud, RATE_HZ, step(bands))
    compress(soft, RATE_HZ, step(bands))
    np.testing.assert_allclose(soft, loud * scale, atol=1e-4 * float(scale))


def test_mono_and_stereo_with_equal_channels_become_the_same() -> None:
    one = noise()[:, :1].copy()
    both = np.repeat(one, 2, axis=1)
    done_one, done_both = compress(one, RATE_HZ, step()), compress(both, RATE_HZ, step())
    np.testing.assert_array_equal(both[:, 0], both[:, 1])
    np.testing.assert_allclose(both[:, :1], one, atol=2e-6)
    for mine, theirs in zip(done_one.bands, done_both.bands, strict=True):
        assert mine.mean_db == pytest.approx(theirs.mean_db, abs=1e-3)


def test_opposite_channels_stay_opposite_and_the_image_stands_still() -> None:
    samples = noise()
    samples[:, 1] = -samples[:, 0]
    compress(samples, RATE_HZ, step(5))
    np.testing.assert_array_equal(samples[:, 1], -samples[:, 0])
    lopsided = noise()
    lopsided[:, 1] = 0.25 * lopsided[:, 0]
    compress(lopsided, RATE_HZ, step())
    np.testing.assert_allclose(lopsided[:, 1], 0.25 * lopsided[:, 0], atol=1e-6)


@pytest.mark.parametrize("frames", [1, 63, 64, 65, 5000])
@pytest.mark.parametrize("channels", [1, 2])
def test_silence_stays_silence(frames: int, channels: int) -> None:
    samples = np.zeros((frames, channels), dtype=np.float32)
    done = compress(samples, RATE_HZ, step())
    assert not samples.any()
    assert all(band.most_db == 0.0 for band in done.bands)


def test_a_dry_mix_is_the_plain_split_and_the_report_says_so() -> None:
    dry, bounded = noise(), noise()
    done = compress(dry, RATE_HZ, step(wet=0.0))
    compress(bounded, RATE_HZ, step(most_db=0.0))
    assert all(band.most_db == 0.0 for band in done.bands)
    np.testing.assert_array_equal(dry, bounded)
    np.testing.assert_allclose(
        np.abs(np.fft.rfft(dry, axis=0)), np.abs(np.fft.rfft(noise(), axis=0)), rtol=0.02, atol=2.0
    )


def test_real_music_is_held_a_little_and_never_by_more_than_asked() -> None:
    tracks = sorted(tracks_dir().rglob("*.opus"))
    for song in map(read, tracks[:: len(tracks) // 4][:4]):
        samples = song.samples.copy()
        done = compress(samples, song.rate_hz, step(ratio=1.5, threshold_db=1.0, wet=0.8))
        assert np.isfinite(samples).all()
        for band in done.bands:
            assert 0.0 <= band.mean_db < 1.0
            assert band.most_db <= 4.0
            assert 0.0 <= band.over_3_db < 0.2


def test_the_reduction_is_that_of_a_split_in_double_precision() -> None:
    """Within 0.05 dB at every moment of real music, though the bands are measured in single precision."""
    tracks = sorted(tracks_dir().rglob("*.opus"))
    for song in map(read, tracks[:: len(tracks) // 3][:3]):
        asked, whole = step(5, threshold_db=-2.0, ratio=4.0), len(song.samples) // CONTROL_FRAMES * CONTROL_FRAMES
        samples = np.ascontiguousarray(song.samples[:whole])
        above, exact = samples.astype(np.float64), []
        for cutoff_hz in asked.crossovers_hz:
            low, high = (butter(2, cutoff_hz, kind, fs=song.rate_hz, output="sos") for kind in ("low", "high"))
            exact.append(sosfilt(np.vstack((low, low)), above, axis=0))
            above = sosfilt(np.vstack((high, high)), above, axis=0)
        power = np.stack(
            [np.square(band).reshape(-1, CONTROL_FRAMES * band.shape[1]).mean(axis=1) for band in (*exact, above)],
            axis=1,
        )
        expected = reductions_db(power.astype(np.float32), song.rate_hz, asked.bands)
        told = reductions_db(
            band_power(samples, crossovers(song.rate_hz, asked.crossovers_hz)), song.rate_hz, asked.bands
        )
        assert expected.max() > 2.0
        np.testing.assert_allclose(told, expected, atol=0.05)


def test_a_crossover_beyond_half_the_rate_is_refused() -> None:
    with pytest.raises(Invalid, match="3000 Hz"):
        compress(np.zeros((100, 2), dtype=np.float32), 6000, step())


def test_the_detector_is_the_same_with_and_without_the_compiler() -> None:
    code = (
        "import json\n"
        "import numpy as np\n"
        "from soundrack.mastering.rendering.dynamics import _followed, _windowed\n"
        "rng = np.random.default_rng(0)\n"
        "power = rng.uniform(0.0, 1.0, (3, 300)).astype(np.float32)\n"
        "followed = _followed(power, np.array([[0.1, 0.9], [0.5, 0.5], [0.0, 0.99]]))\n"
        "windowed = [_windowed(power[0], np.full(taps, 0.1, np.float32)) for taps in (1, 7, 301, 901)]\n"
        "told = [*followed.astype(float).tolist(), *(row.astype(float).tolist() for row in windowed)]\n"
        "print(json.dumps(told))\n"
    )
    compiled, plain = both_ways(code)
    np.testing.assert_allclose(compiled, plain, rtol=1e-6)
