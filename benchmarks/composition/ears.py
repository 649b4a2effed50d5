"""What is heard in a song, by essentia in its own environment and by our analysis: both know nothing of its plan."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.analysis import ours, peers
from benchmarks.folder import kept
from soundrack import analysis
from soundrack.analysis.features.sound import hear
from soundrack.analysis.genre import genres, group
from soundrack.analysis.genre.telling import confidences
from soundrack.analysis.tags import tags
from soundrack.audio.measurement import measure

_SILENT = 10.0 ** (-60.0 / 20.0)
_HOPS_A_SECOND = 100
_TOP, _LISTED = 5, 0.1
"""How many genres a report lists at most, and from which confidence on (`analysis/genre/telling.py`)."""


@dataclass(frozen=True)
class Heard:
    """What is heard in a file.

    `essentia` is its answer by method, `ours` that of `benchmarks.analysis.ours`. `labels` are the five likeliest
    genres, the likeliest first, `listed` those of them that a report lists; `tags` the ten strongest tags of each
    network.
    """

    essentia: dict[str, dict[str, Any]]
    ours: dict[str, Any]
    labels: tuple[str, ...]
    listed: tuple[str, ...]
    tags: tuple[str, ...]
    embedding: NDArray[np.float32]
    integrated_lufs: float
    true_peak_db: float
    silence_s: float
    duration_s: float

    @property
    def group(self) -> str | None:
        """The group of its likeliest genre, None if nothing was heard."""
        return group(self.labels[0]) if self.labels else None

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of the genres that a report lists, each once."""
        return tuple(dict.fromkeys(group(label) for label in self.listed))


def hear_all(paths: list[Path]) -> list[Heard]:
    """Return what is heard in some files; asked again only where file or judges have changed.

    Raises
    ------
    RuntimeError
        If essentia cannot be had.
    """
    if peers.ready(("essentia",)) != ("essentia",):
        raise RuntimeError("essentia cannot be installed here, and there is no other independent judge")
    told = peers.answers("essentia", paths)
    return [_heard(path, essentia) for path, essentia in zip(paths, told, strict=True)]


def _heard(path: Path, essentia: dict[str, dict[str, Any]]) -> Heard:
    place = kept("composition", f"{_judges()}", f"{hashlib.sha256(path.read_bytes()).hexdigest()[:24]}.json")
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(_asked(path)))
    known = json.loads(place.read_text())
    return Heard(
        essentia=essentia,
        ours=known["ours"],
        labels=tuple(known["labels"]),
        listed=tuple(known["listed"]),
        tags=tuple(known["tags"]),
        embedding=np.array(known["embedding"], dtype=np.float32),
        **known["numbers"],
    )


def _asked(path: Path) -> dict[str, Any]:
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    measured = measure(samples, rate_hz, oversampling=8)
    heard = tags(hear(path))
    sure = confidences({label: each.evidence(heard) for label, each in genres().items()})
    likeliest = sorted(sure.items(), key=lambda each: -each[1])[:_TOP]
    strongest = [
        sorted(((value, name) for name, value in each.items()), reverse=True)[:10] for each in (heard.msd, heard.mtt)
    ]
    return {
        "ours": ours.answer(path),
        "labels": [label for label, _ in likeliest],
        "listed": [label for label, confidence in likeliest if confidence >= _LISTED],
        "tags": [f"{name} {value:.2f}" for each in strongest for value, name in each],
        "embedding": [float(each) for each in heard.embedding],
        "numbers": {
            "integrated_lufs": measured.integrated_lufs,
            "true_peak_db": measured.true_peak_db,
            "silence_s": longest_silence_s(samples, rate_hz),
            "duration_s": len(samples) / rate_hz,
        },
    }


def longest_silence_s(samples: NDArray[np.float32], rate_hz: int) -> float:
    """Return the longest stretch within a song, in seconds, that stays 60 dB below full scale."""
    hop = rate_hz // _HOPS_A_SECOND
    hops = len(samples) // hop
    loud = np.flatnonzero(np.abs(samples[: hops * hop]).reshape(hops, -1).max(axis=1) > _SILENT)
    return float(np.diff(loud).max(initial=1) - 1) / _HOPS_A_SECOND


def _judges() -> str:
    """Return a mark of everything that judges here besides essentia: the code and data of the analysis."""
    parts = sorted(Path(analysis.__file__).parent.rglob("*.*"))
    mine = [Path(__file__), *(part for part in parts if part.suffix in {".py", ".toml", ".npz"})]
    return hashlib.sha256(b"".join(part.read_bytes() for part in mine)).hexdigest()[:12]
