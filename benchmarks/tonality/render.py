"""Songs to sound: a small software synthesiser with free soundfonts, in an environment of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tinysoundfont  # type: ignore[import-not-found]  # in the environment of its own
from numpy.typing import NDArray

from benchmarks.tonality.compose import DRUMS, Note, Song

RATE_HZ = 22_050
_TAIL_S = 0.5


class Renderer:
    """A soundfont, loaded once."""

    def __init__(self, soundfont: Path) -> None:
        self._synth = tinysoundfont.Synth(samplerate=RATE_HZ)
        self._font = self._synth.sfload(str(soundfont), gain=-12.0)

    def render(self, song: Song) -> NDArray[np.float32]:
        """Play a song; return mono samples at `RATE_HZ`."""
        self._synth.sounds_off()
        for channel, program in song.programs.items():
            self._synth.program_select(channel, self._font, 0, program)
            self._synth.control_change(channel, 7, song.volumes[channel])
        self._synth.program_select(DRUMS, self._font, 128, 0, True)
        self._synth.control_change(DRUMS, 7, song.volumes[DRUMS])
        events = sorted((time, order, note) for note in song.notes for time, order, note in self._events(note))
        pieces, now = [], 0
        for time_s, on, note in [(time_s, order, note) for time_s, order, note in events]:
            at = round(time_s * RATE_HZ)
            if at > now:
                pieces.append(self._generate(at - now))
                now = at
            if on:
                self._synth.noteon(note.channel, note.number, note.velocity)
            else:
                self._synth.noteoff(note.channel, note.number)
        end = round((song.beats_s[-1] + _TAIL_S) * RATE_HZ)
        if end > now:
            pieces.append(self._generate(end - now))
        return np.concatenate(pieces)

    @staticmethod
    def _events(note: Note) -> list[tuple[float, int, Note]]:
        return [(note.start_s, 1, note), (note.end_s, 0, note)]

    def _generate(self, frames: int) -> NDArray[np.float32]:
        stereo = np.frombuffer(self._synth.generate(frames), dtype=np.float32).reshape(-1, 2)
        return np.asarray(stereo.mean(axis=1), dtype=np.float32)
