"""What was found in a song, as one report in the shape of `schema.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from soundrack.analysis.create import CreateReport
from soundrack.analysis.genre import GenreReport
from soundrack.analysis.loudness import Loudness
from soundrack.analysis.mix import MixReport
from soundrack.analysis.mood import Mood
from soundrack.analysis.release import ReleaseKit
from soundrack.analysis.rhythm import Rhythm
from soundrack.analysis.stems import StemsReport
from soundrack.analysis.structure import Structure
from soundrack.analysis.tags import Tags
from soundrack.analysis.tonality import Tonality
from soundrack.audio.containers import AudioInfo

VERSION = 1
"""Of the report's shape: raised when a field is removed or changes its meaning, not when one is added."""
_SCHEMA = Path(__file__).with_name("schema.json")


@dataclass(frozen=True)
class Report:
    """Everything that was found in a song; each part says so where it has no answer."""

    duration_s: float
    info: AudioInfo
    rhythm: Rhythm
    tonality: Tonality
    structure: Structure
    genre: GenreReport
    mood: Mood
    loudness: Loudness
    mix: MixReport
    create: CreateReport
    stems: StemsReport
    release: ReleaseKit
    tags: Tags

    def as_dict(self, *, report_id: str, filename: str) -> dict[str, Any]:
        """Return the report for JSON, in the shape of `schema`.

        Parameters
        ----------
        report_id : str
            What it is called: a job's id, or the file's name where there is no job.
        filename : str
            The song's, as its sender called it.
        """
        return {
            "version": VERSION,
            "id": report_id,
            "file_meta": {
                "filename": filename,
                "duration_sec": round(self.duration_s, 3),
                "container": self.info.container.value,
                "encoding": self.info.encoding,
                "rate_hz": self.info.rate_hz,
                "channels": self.info.channels,
            },
            "tempo": self.rhythm.as_dict(),
            "key": self.tonality.as_dict(),
            "genre": self.genre.as_dict(),
            "mood": self.mood.as_dict(),
            "loudness": self.loudness.as_dict(),
            "structure": self.structure.as_dict(),
            "mix_report": self.mix.as_dict(),
            "create_report": self.create.as_dict(),
            "stems_report": self.stems.as_dict(),
            "release_kit": self.release.as_dict(),
        }


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every report conforms to."""
    told: dict[str, Any] = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return told
