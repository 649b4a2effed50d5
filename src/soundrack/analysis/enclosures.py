"""What can come with a report: pictures, chords and melody as MIDI, the stems."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from soundrack.analysis.stems import STEMS
from soundrack.audio.outputs import check_apart, check_files, check_folder
from soundrack.errors import Invalid

_ENDINGS = {"waveform": ".png", "spectrogram": ".png", "plot": ".png", "midi": ".mid"}


@dataclass(frozen=True)
class Enclosures:
    """What is wanted beside a report.

    `waveform` and `spectrogram` are the release kit's pictures and `plot` one page of all that was found, PNG files;
    `midi` is chords and melody as a Standard MIDI File; `stems` a folder for a WAV file of each stem, made if it is not
    there.
    """

    waveform: Path | None = None
    spectrogram: Path | None = None
    plot: Path | None = None
    midi: Path | None = None
    stems: Path | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files that are wanted."""
        return tuple(path for _, path in [*self._single, *self._stems])

    @property
    def pictures(self) -> dict[str, str]:
        """The names of the release kit's pictures, by what they show."""
        return {name: path.name for name, path in self._single if name in ("waveform", "spectrogram")}

    @property
    def _single(self) -> list[tuple[str, Path]]:
        return [(name, path) for name in _ENDINGS if (path := getattr(self, name)) is not None]

    @property
    def _stems(self) -> list[tuple[str, Path]]:
        return [] if self.stems is None else [("stems", self.stems / f"{name}.wav") for name in STEMS]

    def check(self, source: Path) -> None:
        """Refuse, before any work, what could not be written.

        Raises
        ------
        Invalid
            If an ending is not that of its format, a place cannot be written to, or a file would replace the source or
            another one; with the name of the field.
        """
        for name, path in self._single:
            if path.suffix.lower() != _ENDINGS[name]:
                raise Invalid(f"The {name} is written as {_ENDINGS[name]}: give it that ending.", field=name)
        sources = [("source", source)]
        check_files(self._single, sources)
        if self.stems is not None:
            check_folder("stems", self.stems)
            check_apart([*self._single, *self._stems], sources)


NOTHING = Enclosures()
