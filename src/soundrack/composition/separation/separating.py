"""A recording's stems as files: voice, drums, bass and all else, which add up to it to the last bit."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from soundrack.analysis.stems import STEMS
from soundrack.audio.dither import quantised
from soundrack.audio.encoding import Depth
from soundrack.audio.files import DEFAULT_LIMITS, Limits
from soundrack.audio.outputs import check_files, check_folder, taken_back_on_failure
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.recordings import Recording, peak_of, recording
from soundrack.composition.separation.splitting import MADE, hears_voices, split_blocks
from soundrack.errors import Invalid, ResourcesExhausted
from soundrack.progress import Progress, silent

_BLOCK = 1 << 18
_ROOM = 8.0
"""Steps of the last bit that dither and rounding of the stems may take."""
_ABSENT_DB = -30.0
"""Below the mix: what lies lower is what other stems leave in it."""
_TOLD_DB = -0.005
_BY_CLUES = (
    "The voice was told without its network, by pitch, place and steadiness: soundrack models install separator."
)


@dataclass(frozen=True)
class Outputs:
    """Where stems go. Nothing is left anywhere if the work fails.

    Parameters
    ----------
    folder : Path
        Made if it is missing; ``vocals.flac``, ``drums.flac``, ``bass.flac`` and ``other.flac`` go into it: 44.1 kHz,
        as many channels as the source has, two at most.
    depth : Depth
        16 or 24 bits.
    """

    folder: Path
    depth: Depth = Depth.S24

    @property
    def files(self) -> dict[str, Path]:
        """The stems' files, by name."""
        return {name: self.folder / f"{name}.flac" for name in STEMS}

    def check(self, source: Path) -> None:
        """Refuse what cannot be written, before any work.

        Raises
        ------
        Invalid
            With the name of the field.
        """
        if self.depth is Depth.F32:
            raise Invalid("FLAC has 16 or 24 bits.", field="depth")
        check_folder("folder", self.folder)
        if self.folder.is_dir():
            check_files(self.files.items(), [("source", source)])


@dataclass(frozen=True)
class Separation:
    """A recording that was separated.

    Parameters
    ----------
    stems : mapping of str to Path
        The files, by name.
    duration_s : float
        Of each.
    gain_db : float
        By how much the source was turned down, so that no stem clips; 0 in almost all. The stems add up to the source
        under this gain, at 44.1 kHz and in their bits.
    levels_db : mapping of str to float
        The power of each stem beside the source's; -inf where there is nothing in it.
    voice_by : str
        ``network`` or ``clues``: what told the voice.
    notes : tuple of str
        What a listener may want to know.
    """

    stems: Mapping[str, Path]
    duration_s: float
    gain_db: float
    levels_db: Mapping[str, float]
    voice_by: str
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return what is told of it, for JSON."""
        return {
            "duration_s": round(self.duration_s, 3),
            "gain_db": round(self.gain_db, 3),
            "voice_by": self.voice_by,
            "stems": [
                {"kind": name, "level_db": None if math.isinf(level) else round(level, 2)}
                for name, level in self.levels_db.items()
            ],
            "notes": list(self.notes),
        }


def separate(
    source: Path, outputs: Outputs, progress: Progress = silent, *, limits: Limits = DEFAULT_LIMITS
) -> Separation:
    """Take a recording apart.

    The same source gives the same bytes, on one machine with the same networks. If the work fails, no file is left.

    Parameters
    ----------
    source : Path
        A WAV, FLAC, AIFF, MP3, Ogg or M4A file. More than two channels are brought to two, and another rate to 44.1 kHz
        first: that is what the stems add up to.
    outputs : Outputs
        Where the stems go.
    progress : Progress
        Told of each stage (``decode``, ``separate``, ``deliver``, ``done``). What it raises ends the work.
    limits : Limits
        What the source may be at most.

    Raises
    ------
    Invalid
        If a stem cannot be written where it is wanted, with the name of the field.
    UnsupportedFormat, TooLong, TooLarge, UnusableAudio
        If the source cannot be used; a silent one is unusable.
    ResourcesExhausted
        If a file cannot be written to the end.
    """
    outputs.check(source)
    files = outputs.files
    with taken_back_on_failure(files.values(), outputs.folder), ExitStack() as stack:
        progress("decode", 0.0)
        heard = recording(source, limits)
        outputs.folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".stems-", dir=outputs.folder)), "made")
        peak, powers = _made(heard, scratch, progress)
        progress("deliver", 0.8)
        bits = int(outputs.depth)
        gain = min(1.0, (1.0 - _ROOM * 2.0 ** (1 - bits)) / peak, 1.0 / peak_of(heard.sound))
        _write(heard, scratch, files, gain, bits)
        progress("done", 1.0)
    whole = float(np.vdot(heard.sound, heard.sound))
    levels_db = {
        name: 10.0 * math.log10(power / whole) if power > 0.0 else -math.inf
        for name, power in zip(STEMS, powers.tolist(), strict=True)
    }
    by_network = hears_voices()
    gain_db = 20.0 * math.log10(gain)
    notes = _notes(levels_db, gain_db, by_network)
    return Separation(files, heard.duration_s, gain_db, levels_db, "network" if by_network else "clues", notes)


def _notes(levels_db: Mapping[str, float], gain_db: float, by_network: bool) -> tuple[str, ...]:
    notes = [] if by_network else [_BY_CLUES]
    absent = [name for name, level in levels_db.items() if level < _ABSENT_DB]
    if absent:
        notes.append(f"More than {-_ABSENT_DB:g} dB below the mix, and probably not in it: {', '.join(absent)}.")
    if gain_db < _TOLD_DB:
        notes.append(f"All stems are {-gain_db:.2f} dB lower than in the source, so that none of them clips.")
    return tuple(notes)


def _made(heard: Recording, scratch: Path, progress: Progress) -> tuple[float, NDArray[np.float64]]:
    """Keep all stems but the last on disk; return the highest peak and each stem's power.

    Raises
    ------
    ResourcesExhausted
        If the disk is full.
    """
    peak, powers, at = 0.5, np.zeros(len(STEMS)), 0
    for block in split_blocks(heard.sound):
        powers += np.square(block, dtype=np.float64).sum(axis=(1, 2))
        peak = max(peak, peak_of(block))
        _keep(scratch, block[:MADE])
        at += block.shape[1]
        progress("separate", 0.1 + 0.7 * at / len(heard.sound))
    return peak, powers


def _keep(scratch: Path, block: NDArray[np.float32]) -> None:
    """Append stems to those that are kept.

    Raises
    ------
    ResourcesExhausted
        If the disk is full.
    """
    try:
        with scratch.open("ab") as file:
            block.transpose(1, 0, 2).tofile(file)
    except OSError as error:
        raise ResourcesExhausted("The stems could not be kept: the disk is full or protected.") from error


def _write(heard: Recording, scratch: Path, files: Mapping[str, Path], gain: float, bits: int) -> None:
    """Write the stems as integers whose sum is the source's.

    Raises
    ------
    ResourcesExhausted
        If a file cannot be written to the end.
    """
    try:
        with ExitStack() as stack:
            opened = [
                stack.enter_context(
                    soundfile.SoundFile(path, "w", RATE_HZ, heard.channels, f"PCM_{bits}", format="FLAC")
                )
                for path in files.values()
            ]
            for integers in _integers(heard, scratch, gain, bits):
                for file, stem in zip(opened, integers, strict=True):
                    file.write(stem[:, : heard.channels] << (32 - bits))  # libsndfile takes the upper bits
    except (soundfile.SoundFileError, OSError) as error:
        raise ResourcesExhausted("The file could not be written to the end.") from error


def _integers(heard: Recording, scratch: Path, gain: float, bits: int) -> Iterator[list[NDArray[np.int32]]]:
    """Yield blocks of the four stems as integers; the last is what the others leave of the source's own."""
    exact = gain == 1.0 and _on_grid(heard.sound, bits)
    with scratch.open("rb") as file:
        for first in range(0, len(heard.sound), _BLOCK):
            mix = heard.sound[first : first + _BLOCK] * np.float32(gain)
            made = np.fromfile(file, np.float32, MADE * mix.size).reshape(-1, MADE, 2) * np.float32(gain)
            stems = [
                quantised(np.ascontiguousarray(made[:, place]), bits, first, seed=1 + place) for place in range(MADE)
            ]
            whole = (
                np.rint(mix * np.float32(2 ** (bits - 1))).astype(np.int32) if exact else quantised(mix, bits, first)
            )
            yield [*stems, whole - sum(stems)]


def _on_grid(sound: NDArray[np.float32], bits: int) -> bool:
    """Tell whether a sound has no more than so many bits, and needs no dither."""
    scale = np.float32(2 ** (bits - 1))
    starts = range(0, len(sound), _BLOCK)
    return all(bool((np.rint(part * scale) == part * scale).all()) for part in (sound[s : s + _BLOCK] for s in starts))
