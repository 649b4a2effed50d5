"""SoundFonts: sampled instruments in the place of modelled ones, where somebody has a file.

The synthesiser is `tinysoundfont` (MIT), an optional dependency: ``pip install --no-deps tinysoundfont``, because it
asks for a library of sound cards that is not needed here.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.composition.instruments.listed import Family, Listed
from soundrack.composition.instruments.tone import RATE_HZ, Instrument, Tone
from soundrack.errors import Invalid, NotFound

DEBIAN = (Path("/usr/share/sounds/sf2"), Path("/usr/share/sounds/sf3"))
"""Where Debian's packages (fluid-soundfont-gm, musescore-general-soundfont) put theirs."""

_LOUDNESS_LUFS = -18.0
_USUAL_VELOCITY = 0.7
_ACCENT, _STACCATO, _MUTED_S = 1.2, 0.55, 0.08
_PHRASE_S = 4.0
_BLOCK = 64
_REST_FRAMES = RATE_HZ // 4
_SYNTHETIC = frozenset({Family.LEADS, Family.PADS, Family.TEXTURES, Family.TRANSITIONS, Family.KITS})
_SYNTHETIC_BASSES = frozenset({"sub_bass", "synth_bass", "acid_bass", "reese_bass", "wobble_bass", "808_bass"})


class SoundFont:
    """Plays one program of a SoundFont.

    Articulations: ``staccato``, ``mute`` and ``ghost`` are shorter, ``accent`` is louder. Pitches are rounded to
    semitones, times to 1.5 ms. The same tones give the same sound; `rng` is not used.

    Parameters
    ----------
    path : Path
        An SF2 or SF3 file.
    bank, program : int
        0 to 16,383 and 0 to 127.

    Raises
    ------
    NotFound
        If there is no such file, no such program in it, or no `tinysoundfont`.
    Invalid
        If the file is no SoundFont.
    """

    def __init__(self, path: Path, bank: int, program: int) -> None:
        self._path, self._bank, self._program = path, bank, program
        self._gain = 1.0
        self._gain = 10.0 ** ((_LOUDNESS_LUFS - self._usual_lufs()) / 20.0)

    def play(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> NDArray[np.float32]:  # noqa: ARG002 -- the protocol's
        """Return the sound of some tones; see `tone.Instrument`."""
        out = np.zeros((frames, 2), dtype=np.float32)
        player = _synth(self._path)
        font = _loaded(self._path)
        if player.sfpreset_name(font, self._bank, self._program) is None:
            raise NotFound(f"{self._path.name} has no program {self._program} in bank {self._bank}.", field="program")
        player.program_select(0, font, self._bank, self._program)
        # A new song must not hear how the last one ended.
        player.sounds_off(0)
        player.generate(_REST_FRAMES)
        at = 0
        for frame, is_on, key, velocity in _events(tones, frames):
            _fill(player, out, at, frame)
            at = frame
            if is_on:
                player.noteon(0, key, velocity)
            else:
                player.noteoff(0, key)
        _fill(player, out, at, frames)
        out *= np.float32(self._gain)
        return out

    def _usual_lufs(self) -> float:
        tones = [Tone(0.5 * step, 0.45, 60.0 + pitch, _USUAL_VELOCITY) for step in range(8) for pitch in (0, 4, 7)]
        sound = self.play(tones, round(_PHRASE_S * RATE_HZ), np.random.Generator(np.random.PCG64(0)))
        lufs = integrated_lufs(hop_power(sound, RATE_HZ))
        return lufs if math.isfinite(lufs) else _LOUDNESS_LUFS


def find(folders: Iterable[Path]) -> Path | None:
    """Return the largest SoundFont in some folders (`DEBIAN`, for one), or None; of two of one size, the first by name.

    Folders that are not there are passed over.
    """
    files = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    fonts = [path for path in files if path.suffix.lower() in {".sf2", ".sf3"} and path.is_file()]
    return min(fonts, key=lambda path: (-path.stat().st_size, path.name), default=None)


def replaced(listed: Mapping[str, Listed], name: str, path: Path | None) -> Instrument:
    """Return an instrument: from a SoundFont, if one is given and the instrument is no synthesiser's.

    Parameters
    ----------
    listed : mapping of str to Listed
        The catalogue.
    name : str
        A name in it.
    path : Path or None
        The SoundFont.
    """
    entry = listed[name]
    if path is None or entry.family in _SYNTHETIC or name in _SYNTHETIC_BASSES:
        return entry.make()
    return SoundFont(path, 0, entry.program)


def _events(tones: Sequence[Tone], frames: int) -> list[tuple[int, bool, int, int]]:
    """Return what is struck and let go, and when, in order; what is let go comes first."""
    events = []
    for tone in tones:
        start = -(-round(max(tone.start_s, 0.0) * RATE_HZ) // _BLOCK) * _BLOCK
        if start >= frames:
            continue
        kind = tone.articulation
        length_s = tone.length_s * (_STACCATO if kind == "staccato" else 1.0)
        if kind in {"mute", "ghost"}:
            length_s = min(length_s, _MUTED_S)
        stop = start + max(round(length_s * RATE_HZ) // _BLOCK, 1) * _BLOCK
        loud = tone.velocity * (_ACCENT if kind == "accent" else 1.0)
        key = min(max(round(tone.pitch), 0), 127)
        events.append((start, True, key, min(max(round(127.0 * loud), 1), 127)))
        events.append((min(stop, frames), False, key, 0))
    return sorted(events)


def _fill(player: Any, out: NDArray[np.float32], start: int, stop: int) -> None:
    if stop > start:
        block = np.frombuffer(player.generate(stop - start), dtype=np.float32)
        out[start:stop] = block.reshape(-1, 2)


@cache
def _synth(path: Path) -> Any:
    """Return a synthesiser that has read a file, which takes seconds for a large one."""
    try:
        module = importlib.import_module("tinysoundfont")
    except ImportError:
        raise NotFound(
            "SoundFonts need tinysoundfont: pip install --no-deps tinysoundfont.", field="soundfont"
        ) from None
    if not path.is_file():
        raise NotFound(f"There is no SoundFont {path.name}.", field="soundfont")
    return module.Synth(gain=-12, samplerate=RATE_HZ)


@cache
def _loaded(path: Path) -> int:
    try:
        return int(_synth(path).sfload(str(path)))
    except Exception as error:  # it raises a bare Exception for what it cannot read
        raise Invalid(f"{path.name} is no SoundFont that can be read.", field="soundfont") from error
