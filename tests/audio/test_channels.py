"""Channel masks: read from files, kept in files, and what they mean for loudness."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from soundrack.audio.channels import USUAL_MASKS, channel_weights, mask_of
from soundrack.audio.encoding import Depth, Format, write
from soundrack.audio.files import Sound, read
from soundrack.audio.measurement import measure
from soundrack.audio.tags.flac import insert_flac_tags
from soundrack.audio.tags.metadata import Tags

RATE_HZ = 48_000
SURROUND = 1.41
NO_LFE_FIRST = 0x60F  # L R C LFE, sides
LFE_LAST = 0x103 | 0x8  # L R LFE, back centre


def tones(levels: list[float]) -> NDArray[np.float32]:
    """Return another tone in each channel, at a level each."""
    time_s = np.arange(RATE_HZ) / RATE_HZ
    pitches = [500.0 + 100.0 * place for place in range(len(levels))]
    columns = [level * np.sin(2.0 * np.pi * pitch * time_s) for level, pitch in zip(levels, pitches, strict=True)]
    return np.stack(columns, axis=1).astype(np.float32)


def order_of(sound: Sound) -> list[int]:
    """Return which tone each channel holds."""
    middle = np.abs(np.fft.rfft(sound.samples[4000:44_000], axis=0)).argmax(axis=0) * RATE_HZ / 40_000
    return [round((pitch - 500.0) / 100.0) for pitch in middle]


@pytest.mark.parametrize(
    ("mask", "weights"),
    [
        (0x3F, [1, 1, 1, 0, SURROUND, SURROUND]),
        (0x60F, [1, 1, 1, 0, SURROUND, SURROUND]),
        (0x63F, [1, 1, 1, 0, 1, 1, SURROUND, SURROUND]),
        (0x107, [1, 1, 1, 1]),
        (0x10B, [1, 1, 0, 1]),
        (0x603, [1, 1, SURROUND, SURROUND]),
        (0x2D63F, [1, 1, 1, 0, 1, 1, SURROUND, SURROUND, 1, 1, 1, 1]),
    ],
)
def test_a_mask_says_which_channel_is_the_lfe_and_which_a_surround(mask: int, weights: list[float]) -> None:
    assert channel_weights(len(weights), mask).tolist() == weights


def test_channels_without_a_loudspeaker_count_once_and_loudspeakers_without_a_channel_not() -> None:
    assert channel_weights(4, 0x3).tolist() == [1, 1, 1, 1]
    assert channel_weights(2, 0x3F).tolist() == [1, 1]


def test_names_make_a_mask_only_in_its_own_order() -> None:
    assert mask_of(["FL", "FR", "LFE", "BC"]) == 0x10B
    assert mask_of(["FR", "FL"]) == mask_of(["FL", "LFE2"]) == mask_of([]) == 0


@pytest.mark.parametrize("mask", [0x10B, 0x107, 0x603])
@pytest.mark.parametrize("depth", Depth)
def test_a_wav_keeps_its_mask(mask: int, depth: Depth, tmp_path: Path) -> None:
    write(tmp_path / "four.wav", tones([0.1] * 4), RATE_HZ, Format.WAV, depth=depth, channel_mask=mask)
    assert read(tmp_path / "four.wav").info.channel_mask == mask


@pytest.mark.parametrize("channels", [3, 4, 5, 6, 7, 8])
def test_a_wav_without_one_gets_the_usual_mask(channels: int, tmp_path: Path) -> None:
    write(tmp_path / "many.wav", tones([0.1] * channels), RATE_HZ, Format.WAV)
    assert read(tmp_path / "many.wav").info.channel_mask == USUAL_MASKS[channels]


def test_the_mask_of_a_wav_that_libsndfile_decodes_is_read(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "law.wav", tones([0.1] * 4), RATE_HZ, format="WAVEX", subtype="ULAW")
    content = (tmp_path / "law.wav").read_bytes()
    place = content.index(b"fmt ") + 8 + 20
    (tmp_path / "law.wav").write_bytes(content[:place] + struct.pack("<I", 0x10B) + content[place + 4 :])
    assert read(tmp_path / "law.wav").info.channel_mask == 0x10B


def test_the_lfe_of_a_mask_does_not_count_in_the_loudness() -> None:
    loud_lfe, without = tones([0.1, 0.1, 0.5, 0.1]), tones([0.1, 0.1, 0.0, 0.1])
    readings = [measure(samples, RATE_HZ, channel_mask=0x10B).integrated_lufs for samples in (loud_lfe, without)]
    assert readings[0] == pytest.approx(readings[1], abs=1e-9)
    assert measure(loud_lfe, RATE_HZ).integrated_lufs > readings[0] + 5.0


def test_the_mask_of_a_flac_is_read(tmp_path: Path) -> None:
    path = tmp_path / "four.flac"
    write(path, tones([0.1] * 4), RATE_HZ, Format.FLAC)
    assert read(path).info.channel_mask == 0
    insert_flac_tags(path, Tags(title="WAVEFORMATEXTENSIBLE.CHANNEL.MASK"))
    name = b"WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x10B"
    spoken = b"TITLE=WAVEFORMATEXTENSIBLE.CHANNEL.MASK"
    assert len(name) == len(spoken)
    path.write_bytes(path.read_bytes().replace(spoken, name))
    assert read(path).info.channel_mask == 0x10B


@pytest.mark.parametrize(
    ("channels", "order"),
    [
        (2, [0, 1]),
        (3, [0, 2, 1]),
        (5, [0, 2, 1, 3, 4]),
        (6, [0, 2, 1, 5, 3, 4]),
        (7, [0, 2, 1, 6, 5, 3, 4]),
        (8, [0, 2, 1, 7, 5, 6, 3, 4]),
    ],
)
def test_the_channels_of_vorbis_come_in_the_order_of_all_others(
    channels: int, order: list[int], tmp_path: Path
) -> None:
    """Vorbis lays them left, centre, right, surrounds, LFE (Vorbis I, 4.3.9)."""
    soundfile.write(tmp_path / "many", tones([0.05] * channels), RATE_HZ, format="OGG", subtype="VORBIS")
    sound = read(tmp_path / "many")
    measured, lfe = order_of(sound), channels - 1 if channels > 5 else None
    assert [tone for tone in measured if order[measured.index(tone)] != lfe] == [tone for tone in order if tone != lfe]
