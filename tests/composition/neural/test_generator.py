"""The port, asked by way of generators that are no networks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from soundrack.composition.neural import Demand, Generator, ace_step, generated, musicgen
from soundrack.errors import Invalid, NotConfigured, UnusableAudio


@dataclass(frozen=True)
class _Tone:
    """Makes a tone, as long or as wrong as it is told."""

    seconds: float = 2.0
    channels: int = 1
    level: float = 0.5
    name: str = "Tone"
    rate_hz: int = 32_000
    longest_s: float = 30.0
    sings: bool = False

    def generate(self, demand: Demand) -> NDArray[np.float32]:
        at = np.arange(round(self.seconds * self.rate_hz)) / self.rate_hz
        tone = self.level * np.sin(2 * np.pi * (440.0 + demand.seed) * at)
        return np.repeat(tone[:, None], self.channels, axis=1).astype(np.float32)


_DEMAND = Demand("a tone", 1.5)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("seconds", [0.4, 1.5, 2.0])
def test_what_is_generated_is_stereo_at_our_rate_and_exactly_as_long_as_asked(seconds: float, channels: int) -> None:
    plugged: Generator = _Tone(seconds, channels)
    sound = generated(plugged, _DEMAND)
    assert sound.shape == (66_150, 2)
    assert sound.dtype == np.float32
    heard = round(min(seconds, 1.5) * 44_100)
    assert np.abs(sound[: heard - 1000]).max() == pytest.approx(0.5, abs=0.02)
    assert not sound[heard:].any()
    assert abs(float(sound[-1, 0])) < 1e-6
    crossings = np.count_nonzero(np.diff(np.signbit(sound[: heard - 1000, 0])))
    assert crossings / 2 / ((heard - 1000) / 44_100) == pytest.approx(440.0, rel=0.02)


def test_what_is_too_loud_is_brought_to_full_scale() -> None:
    assert np.abs(generated(_Tone(level=3.0), _DEMAND)).max() == pytest.approx(1.0)


@pytest.mark.parametrize("wrong", [np.zeros((0, 1)), np.zeros(100), np.zeros((100, 3)), np.full((100, 1), np.nan)])
def test_what_is_no_sound_is_refused(wrong: NDArray[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Tone, "generate", lambda *_: wrong)
    with pytest.raises(UnusableAudio, match="Tone"):
        generated(_Tone(), _DEMAND)


def test_a_generator_that_does_not_sing_takes_no_lyrics_and_none_makes_more_than_it_can() -> None:
    with pytest.raises(Invalid) as told:
        generated(_Tone(), replace(_DEMAND, lyrics="la"))
    assert told.value.field == "lyrics"
    with pytest.raises(Invalid, match="30 s") as told:
        generated(_Tone(), replace(_DEMAND, duration_s=31.0))
    assert told.value.field == "duration_s"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"prompt": " "}, "prompt"),
        ({"prompt": "x" * 2001}, "prompt"),
        ({"lyrics": "x" * 10_001}, "lyrics"),
        ({"duration_s": 0.01}, "duration_s"),
        ({"duration_s": float("nan")}, "duration_s"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_demand_that_cannot_be_met_names_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as told:
        replace(_DEMAND, **wrong)
    assert told.value.field == field


@pytest.mark.parametrize("module", [musicgen, ace_step])
def test_missing_weights_and_a_missing_extra_are_told_apart(
    module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotConfigured, match="no weights") as told:
        module.load(tmp_path)
    assert told.value.field == "weights"
    for name in ("config.json", "model_index.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(NotConfigured, match="soundrack\\[neural\\]") as told:
        module.load(tmp_path)
    assert told.value.field == "generator"
