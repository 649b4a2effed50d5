"""What the composition engine is asked for by jobs, and what it gives back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from soundrack.errors import TooLarge
from soundrack.jobs import kinds
from soundrack.jobs.kinds import Product, Work
from soundrack.jobs.task import Kind
from soundrack.progress import silent
from tests.mastering.meters import music, wav

MEMORY_BYTES = 1024 * 2**20


def made(kind: Kind, tmp_path: Path, inputs: dict[str, Path] | None = None, **parameters: Any) -> Product:
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    return kinds.RUNS[kind](Work("job", inputs or {}, outputs, parameters, MEMORY_BYTES), silent)


def sound(tmp_path: Path, product: Product, name: str) -> NDArray[np.float64]:
    """Return a delivered FLAC file's sound, which must be 44.1 kHz."""
    file = product.outputs[name]
    assert file.content_type == "audio/flac"
    samples: NDArray[np.float64]
    samples, rate_hz = soundfile.read(tmp_path / "outputs" / file.filename, always_2d=True)
    assert rate_hz == 44_100
    return samples


def test_two_variations_of_a_song_are_two_songs_of_one_wish_with_midi_and_plan(tmp_path: Path):
    progress: list[float] = []
    (tmp_path / "outputs").mkdir()
    asked = {"prompt": "lofi, 90 bpm", "lyrics": None, "duration_s": 4.0, "seed": 7, "variations": 2}
    work = Work("job", {}, tmp_path / "outputs", asked, MEMORY_BYTES)

    product = kinds.RUNS[Kind.COMPOSE](work, lambda _, fraction: progress.append(fraction))

    names = [f"{name}-{number}" for number in (1, 2) for name in ("song", "midi", "plan")]
    assert list(product.outputs) == names
    first, second = (sound(tmp_path, product, f"song-{number}") for number in (1, 2))
    assert first.shape != second.shape or not np.array_equal(first, second)
    assert [told["bpm"] for told in product.result["variations"]] == [90.0, 90.0]
    plan = json.loads((tmp_path / "outputs" / product.outputs["plan-2"].filename).read_text(encoding="utf-8"))
    assert plan["title"] == product.result["variations"][1]["title"]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert product.work_s == pytest.approx((len(first) + len(second)) / 44_100)


def test_a_sample_has_the_length_that_was_asked_for(tmp_path: Path):
    product = made(Kind.SAMPLE, tmp_path, prompt="rhodes chords", duration_s=2.0, loopable=False, seed=3)

    assert len(sound(tmp_path, product, "sample")) == 88_200
    assert product.result == {"duration_s": 2.0}


def test_an_effect_has_the_length_that_was_asked_for(tmp_path: Path):
    product = made(Kind.EFFECT, tmp_path, prompt="someone typing on a keyboard", duration_s=1.5, seed=3)

    assert len(sound(tmp_path, product, "effect")) == 66_150
    assert product.report["made_of"][0] == "typing"


def test_stems_add_up_to_their_source(tmp_path: Path):
    song = music(4.0)

    product = made(Kind.SEPARATE, tmp_path, {"source": wav(tmp_path / "song", song)})

    stems = [sound(tmp_path, product, name) for name in ("vocals", "drums", "bass", "other")]
    gain = 10.0 ** (product.report["gain_db"] / 20.0)
    assert np.max(np.abs(sum(stems) - gain * soundfile.read(tmp_path / "song")[0])) < 1e-3
    assert product.result["duration_s"] == pytest.approx(4.0)


def test_a_cut_is_about_as_long_as_wanted(tmp_path: Path):
    product = made(Kind.CUT, tmp_path, {"source": wav(tmp_path / "song", music(14.0))}, target_s=6.0)

    assert product.result["duration_s"] == pytest.approx(len(sound(tmp_path, product, "cut")) / 44_100, abs=1e-3)
    assert product.result["duration_s"] == pytest.approx(6.0, abs=1.5)
    assert product.work_s == pytest.approx(14.0)


def test_a_remix_comes_in_as_many_variations_as_wanted(tmp_path: Path):
    product = made(
        Kind.REMIX,
        tmp_path,
        {"source": wav(tmp_path / "song", music(8.0))},
        prompt="house",
        lyrics=None,
        instrumental=True,
        seed=5,
        variations=1,
    )

    assert list(product.outputs) == ["remix-1", "midi-1", "plan-1"]
    assert len(sound(tmp_path, product, "remix-1")) > 4 * 44_100
    assert len(product.result["variations"]) == 1


@pytest.mark.parametrize("kind", [Kind.SEPARATE, Kind.CUT, Kind.REMIX])
def test_a_source_that_does_not_fit_into_the_memory_is_refused(kind: Kind, tmp_path: Path):
    small = Work("job", {"source": wav(tmp_path / "song", music(8.0))}, tmp_path, ASKED[kind], 386 * 2**20)

    with pytest.raises(TooLarge):
        kinds.RUNS[kind](small, silent)


ASKED: dict[Kind, dict[str, Any]] = {
    Kind.SEPARATE: {},
    Kind.CUT: {"target_s": 5.0},
    Kind.REMIX: {"prompt": "house", "lyrics": None, "instrumental": True, "seed": 5, "variations": 1},
}
