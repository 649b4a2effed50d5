"""Stems as files."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from soundrack.analysis.features.sound import Sound
from soundrack.analysis.stems.separation import STEMS, Evidence, separate


def write_stems(sound: Sound, folder: Path) -> tuple[dict[str, Path], dict[str, Evidence]]:
    """Separate a song and write its stems: WAV with 32-bit floats, so that they sum up to the mix.

    Each file appears whole or not at all.

    Parameters
    ----------
    sound : Sound
        The song.
    folder : Path
        A folder that is there; ``vocals.wav``, ``drums.wav``, ``bass.wav`` and ``other.wav`` are written into it.

    Returns
    -------
    (dict, dict)
        The files, and what was found out about each stem, by name.

    Raises
    ------
    NotConfigured
        If the network ``separator`` is not installed.
    OSError
        If a file cannot be written.
    """
    files = {name: folder / f"{name}.wav" for name in STEMS}
    parts = {name: folder / f".{name}.wav.part" for name in STEMS}
    channels = sound.samples.shape[1] if sound.samples.shape[1] <= 2 else 1
    try:
        with ExitStack() as stack:
            opened = [
                stack.enter_context(
                    soundfile.SoundFile(parts[name], "w", sound.rate_hz, channels, subtype="FLOAT", format="WAV")
                )
                for name in STEMS
            ]

            def write(stems: NDArray[np.float32]) -> None:
                for file, stem in zip(opened, stems, strict=True):
                    file.write(stem)

            evidence = separate(sound, write)
        for name in STEMS:
            parts[name].replace(files[name])
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return files, evidence
