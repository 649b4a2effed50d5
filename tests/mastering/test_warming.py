from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import numpy as np
import soundfile

import soundrack.audio
import soundrack.mastering
from soundrack.audio import biquads
from soundrack.audio.measurement import measure
from soundrack.audio.portrait import portrait
from soundrack.mastering import (
    Format,
    Generator,
    Genre,
    Order,
    Platform,
    Preset,
    Tier,
    master,
    release,
    warm,
)


def compiled() -> dict[str, int]:
    """Return how many versions of each kernel there are."""
    versions = {}
    for package in (soundrack.audio, soundrack.mastering):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            for name, value in vars(importlib.import_module(module.name)).items():
                if hasattr(value, "signatures"):
                    versions[f"{value.__module__}.{name}"] = len(value.signatures)
    return versions


def test_after_warming_nothing_is_left_to_compile(tmp_path: Path) -> None:
    assert warm() > 1.0
    warmed = compiled()
    assert len(warmed) > 5
    rng = np.random.default_rng(0)
    for number, (channels, rate_hz, order) in enumerate(
        (
            (1, 8000, Order(format=Format.MP3)),
            (2, 192_000, Order(Preset.WARM, rate_hz=44_100)),
            (2, 44_100, Order(Preset.LOUD, target_lufs=-5.0, format=Format.FLAC)),
            (2, 44_100, Order(genre=Genre.EDM, tier=Tier.PREMIUM, generator=Generator.SUNO, target_lufs=-8.0)),
            (1, 48_000, Order(target_lufs=-30.0)),
        )
    ):
        noise = (0.1 * rng.standard_normal((2 * rate_hz, channels)) + 0.01).astype(np.float32)
        soundfile.write(tmp_path / "source", noise, rate_hz, format="WAV")
        master(tmp_path / "source", tmp_path / f"master-{number}", order)
    spiky = (0.02 * rng.standard_normal((88_200, 2))).astype(np.float32)
    spiky[::500] = 0.5
    soundfile.write(tmp_path / "source", spiky, 44_100, format="WAV")
    done = release(tmp_path / "source", {platform: tmp_path / platform for platform in Platform}, Order())
    assert all(each.level.clipped_db > 0.0 for each in done.reports.values())  # and so put back
    surround = np.zeros((10_000, 6), dtype=np.float32)
    assert portrait(surround, 48_000).measurement == measure(surround, 48_000)
    biquads.filter_in_place(surround, biquads.peaking(1000.0, 48_000, 3.0, 1.0)[None])
    assert compiled() == warmed
