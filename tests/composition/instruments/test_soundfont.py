"""SoundFonts: where they are found, what they replace, and what is said when there is none."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from soundrack.composition.instruments.catalogue import catalogue
from soundrack.composition.instruments.levels import Levelled
from soundrack.composition.instruments.soundfont import SoundFont, find, replaced
from soundrack.errors import Invalid, NotFound

_HAS_PLAYER = importlib.util.find_spec("tinysoundfont") is not None


def test_the_largest_soundfont_is_found_wherever_it_lies(tmp_path: Path):
    small, large, other = (
        tmp_path / "sf2" / "small.sf2",
        tmp_path / "sf3" / "LARGE.SF3",
        tmp_path / "sf3" / "readme.txt",
    )
    for path, size in ((small, 10), (large, 100), (other, 1000)):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"0" * size)
    assert find([tmp_path / "sf2", tmp_path / "sf3", tmp_path / "nowhere"]) == large
    assert find([tmp_path / "nowhere"]) is None
    assert find([]) is None


def test_without_a_path_and_for_synthesisers_the_models_play(tmp_path: Path):
    font = tmp_path / "font.sf2"
    font.write_bytes(b"RIFF")
    assert isinstance(replaced(catalogue(), "grand_piano", None), Levelled)
    for name in ("super_saw", "808_bass", "rain", "rock_kit", "warm_pad"):
        assert not isinstance(replaced(catalogue(), name, font), SoundFont)


@pytest.mark.skipif(_HAS_PLAYER, reason="tinysoundfont is installed")
def test_without_the_optional_dependency_it_is_said_what_to_install(tmp_path: Path):
    with pytest.raises(NotFound, match="pip install --no-deps tinysoundfont"):
        replaced(catalogue(), "grand_piano", tmp_path / "font.sf2")


@pytest.mark.skipif(not _HAS_PLAYER, reason="tinysoundfont is not installed")
def test_a_file_that_is_none_or_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(NotFound, match="gone"):
        replaced(catalogue(), "grand_piano", tmp_path / "gone.sf2")
    broken = tmp_path / "broken.sf2"
    broken.write_bytes(b"RIFF0000sfbk")
    with pytest.raises(Invalid, match="broken"):
        replaced(catalogue(), "grand_piano", broken)
