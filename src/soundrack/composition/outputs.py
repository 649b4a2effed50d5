"""What is delivered of a song, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from soundrack.audio.encoding import Depth
from soundrack.audio.measurement import Measurement
from soundrack.audio.outputs import check_files, check_folder
from soundrack.composition.plan import Plan
from soundrack.composition.planning import as_dict
from soundrack.composition.score.score import Score
from soundrack.errors import Invalid


@dataclass(frozen=True)
class Outputs:
    """Where a song goes. Nothing is left anywhere if the work fails.

    Parameters
    ----------
    song : Path
        FLAC, 44.1 kHz, stereo.
    depth : Depth
        16 or 24 bits, of the song and its stems.
    stems : Path or None
        A folder, which is made if it is missing: a FLAC file a part, ``voice.flac`` and ``effects.flac``, as long as
        the song. Together they are the song.
    midi : Path or None
        A Standard MIDI File, played as in the song.
    plan : Path or None
        JSON that `planning.from_dict` reads.
    score : Path or None
        The song for people to read: form, chords, words and tune bar by bar.
    """

    song: Path
    depth: Depth = Depth.S24
    stems: Path | None = None
    midi: Path | None = None
    plan: Path | None = None
    score: Path | None = None

    def check(self, reference: Path | None = None) -> None:
        """Refuse what cannot be written, before any work.

        Raises
        ------
        Invalid
            With the name of the field.
        """
        if self.depth is Depth.F32:
            raise Invalid("FLAC has 16 or 24 bits.", field="depth")
        check_files(self.files, [] if reference is None else [("reference", reference)])
        if self.stems is not None:
            check_folder("stems", self.stems)

    @property
    def files(self) -> list[tuple[str, Path]]:
        """All files but the stems, by the names of their fields."""
        named = [("song", self.song), ("midi", self.midi), ("plan", self.plan), ("score", self.score)]
        return [(name, path) for name, path in named if path is not None]


@dataclass(frozen=True)
class Composition:
    """A song that was made.

    Parameters
    ----------
    plan : Plan
        What was decided.
    score : Score
        What was written.
    measurement : Measurement
        Of what was delivered, before it was rounded to its bits.
    duration_s : float
        Of the sound, with what rings on.
    stems : mapping of str to Path
        By name, where they were wanted.
    notes : tuple of str
        What a listener may want to know: what was not understood, how loud it could become.
    """

    plan: Plan
    score: Score
    measurement: Measurement
    duration_s: float
    stems: Mapping[str, Path] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return what is told of it, for JSON."""
        return {
            "title": self.plan.title,
            "duration_s": round(self.duration_s, 3),
            "integrated_lufs": self.measurement.integrated_lufs,
            "true_peak_db": self.measurement.true_peak_db,
            "loudness_range_lu": self.measurement.loudness_range_lu,
            "stems": list(self.stems),
            "notes": list(self.notes),
            "plan": as_dict(self.plan),
        }
